//! `people` and `serve`: the station as it is started.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

/// A folder to work in, and the program.
struct Workbench(tempfile::TempDir);

impl Workbench {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn program(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_brasslink-station"));
        command.current_dir(self.0.path()).args(args).env("USER", "desk");
        command
    }

    /// Runs a command, whose exit code must be `code`: what it printed, then what
    /// it said on standard error.
    fn said(&self, code: i32, args: &[&str]) -> (String, String) {
        let output = self.program(args).output().unwrap();
        let [out, err] = [output.stdout, output.stderr].map(|b| String::from_utf8(b).unwrap());
        assert_eq!(output.status.code(), Some(code), "{args:?}: {out}{err}");
        (out, err)
    }
}

fn laboratory() -> Workbench {
    let desk = Workbench::new();
    let table = "agency_id,name,country,state\nFGECHH1,Fiscalía de Chihuahua,MX,MX-CHH\n";
    std::fs::write(desk.0.path().join("agency.csv"), table).unwrap();
    desk.said(0, &["record", "import", "agency.csv", "--store", "store", "--operator", "tests"]);
    desk
}

fn add(desk: &Workbench, login: &str, name: &str, role: &str) -> String {
    let args = ["people", "add", login, "--name", name, "--role", role, "--people", "people.db"];
    desk.said(0, &args).0
}

fn serve(desk: &Workbench) -> (Child, String) {
    let args = ["serve", "--store", "store", "--people", "people.db", "--plain-http"];
    let mut command = desk.program(&[&args[..], &["--listen", "127.0.0.1:0"]].concat());
    let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
    let address = line.trim().strip_prefix("serving on http://").expect("it serves").to_owned();
    (child, address)
}

fn get(address: &str, path: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").unwrap();
    let mut told = String::new();
    stream.read_to_string(&mut told).unwrap();
    told
}

#[test]
fn accounts_are_made_listed_locked_out_and_copied() {
    let desk = Workbench::new();
    let told = add(&desk, "admin", "A. Keeper", "administrator");
    for part in ["password:", "second factor:", "otpauth://totp/brasslink:admin?secret="] {
        assert!(told.contains(part), "{told}");
    }
    add(&desk, "rortiz", "R. Ortiz", "examiner,verifier");
    let people = |args: &[&str], code| {
        desk.said(code, &[&["people"], args, &["--people", "people.db"]].concat())
    };
    let again = ["add", "rosa", "--name", "r ortiz", "--role", "examiner"];
    assert!(people(&again, 1).1.contains("there is an account rortiz"), "one person, one account");
    assert!(people(&["add", "x", "--name", "X", "--role", "king"], 1).1.contains("no role"));
    let both = ["add", "x", "--name", "X", "--role", "administrator,examiner"];
    assert!(people(&both, 1).1.contains("has no other"));
    people(&["disable", "rortiz"], 0);
    assert!(people(&["disable", "admin"], 1).1.contains("last administrator"));
    let (list, _) = people(&["list"], 0);
    assert!(list.contains("rortiz  R. Ortiz  examiner, verifier  out of use"), "{list}");
    people(&["enable", "rortiz"], 0);
    people(&["unlock", "rortiz"], 0);
    let reset = people(&["reset", "rortiz"], 0).0;
    assert!(reset.contains("second factor:") && !told.contains(&reset));
    people(&["backup", "copy.db"], 0);
    let listed = desk.said(0, &["people", "list", "--people", "copy.db", "--json"]).0;
    let listed: serde_json::Value = serde_json::from_str(&listed).unwrap();
    assert_eq!(listed[1]["roles"], serde_json::json!(["examiner", "verifier"]));
    assert_eq!(people(&["unlock", "nobody"], 1).1.lines().count(), 2);
}

#[cfg(unix)]
#[test]
fn the_station_starts_answers_and_ends_in_good_order() {
    let desk = laboratory();
    let args = ["serve", "--store", "store", "--people", "people.db", "--plain-http"];
    assert!(desk.said(1, &args).1.contains("brasslink people add"));
    add(&desk, "rortiz", "R. Ortiz", "examiner");
    assert!(desk.said(1, &args).1.contains("no administrator"));
    add(&desk, "admin", "A. Keeper", "administrator");
    let open = [&args[..], &["--listen", "0.0.0.0:0"]].concat();
    assert!(desk.said(1, &open).1.contains("this machine alone"));
    let (mut child, address) = serve(&desk);
    assert!(get(&address, "/health").ends_with("ok\n"));
    assert!(get(&address, "/").contains("authorised persons"));
    // An account can be made and unlocked while it serves.
    add(&desk, "bea", "Bea Mora", "verifier");
    let pid = rustix::process::Pid::from_child(&child);
    rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
    let mut rest = String::new();
    child.stdout.as_mut().unwrap().read_to_string(&mut rest).unwrap();
    assert_eq!((child.wait().unwrap().code(), rest.as_str()), (Some(0), "stopped\n"));
}

#[cfg(unix)]
#[test]
fn a_demonstration_opens_on_the_samples_with_people_who_can_log_in() {
    let desk = Workbench::new();
    std::fs::create_dir(desk.0.path().join("mine")).unwrap();
    let args = ["serve", "--demo", "mine"];
    assert!(desk.said(1, &args).1.contains("not made by a demonstration"));
    let mut child = desk
        .program(&["serve", "--demo", "trial", "--listen", "127.0.0.1:0"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    let mut until = |what: &str| lines.find(|line| line.contains(what)).expect(what);
    assert!(until("login:").contains("admin"));
    assert!(until("login:").contains("rortiz"));
    let password = until("password:");
    assert!(password.split_whitespace().nth(1).is_some_and(|word| word.len() >= 8));
    let address = until("serving on http://").split("http://").nth(1).unwrap().trim().to_owned();
    assert!(get(&address, "/health").ends_with("ok\n"));
    let pid = rustix::process::Pid::from_child(&child);
    rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(0));
    // It has the casings of the samples, and what was made is made anew.
    let log = ["store", "log", "--store", "trial/store", "--casing", "CHH-1187-1"];
    assert!(desk.said(0, &log).0.contains("4 casings"), "the ledger has the samples");
    desk.said(0, &["store", "verify", "--store", "trial/store"]);
    assert!(desk.0.path().join("trial/.brasslink-demo").is_file());
}
