//! `serve --demo`: a store of the bundled samples and made-up people.

use super::people::told;
use brasslink::{Say, output, tell};
use brasslink_station::Role;
use brasslink_station::people::{Credentials, NewAccount, People, code_at};
use jiff::Timestamp;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;
use types::error::{Error, Kind, Result};
use types::message::{Message, say};

/// Says that a folder was made here and may be made anew.
const MARKER: &str = ".brasslink-demo";

/// The made-up people.
const PEOPLE: [(&str, &str, &[Role]); 5] = [
    ("admin", "A. Keeper", &[Role::Administrator]),
    ("rortiz", "R. Ortiz", &[Role::Examiner]),
    ("bmora", "B. Mora", &[Role::Examiner]),
    ("vpaz", "V. Paz", &[Role::Verifier]),
    ("sprado", "S. Prado", &[Role::Supervisor]),
];

/// Makes the folder anew and tells how its people log in; the store and the
/// people file.
///
/// # Errors
/// [`Kind::BadInput`] for a folder that is there and was not made so;
/// [`Kind::Io`].
pub fn made(dir: &Path, say: Say) -> Result<(PathBuf, PathBuf)> {
    let io = |e: std::io::Error| Error::io(say!("making the demonstration"), dir, &e);
    if dir.exists() {
        if !dir.join(MARKER).is_file() {
            let what = say!("the folder is there and was not made by a demonstration");
            return Err(Error::new(Kind::BadInput, what)
                .at(dir)
                .advise(say!("name a folder that is not there")));
        }
        std::fs::remove_dir_all(dir).map_err(io)?;
    }
    std::fs::create_dir_all(dir).map_err(io)?;
    std::fs::write(dir.join(MARKER), "").map_err(io)?;
    let [scans, store, reports, people] =
        ["scans", "store", "reports", "people.db"].map(|name| dir.join(name));
    tell(say, say!("making a store of the bundled samples in {}", dir.display()));
    own(&["-q", "synth"], &[("", &scans)])?;
    let manifest = scans.join("manifest.csv");
    let to = [("--manifest", &manifest), ("--store", &store), ("--reports", &reports)];
    own(&["-q", "run"], &to)?;
    let file = People::open_or_create(&people)?;
    let mut secrets = Vec::new();
    for (login, name, roles) in PEOPLE {
        let (login, name) = (login.to_owned(), name.to_owned());
        let roles = roles.iter().copied().collect();
        let new = NewAccount { login, name, agency: None, roles };
        let credentials = file.add(&new, "demonstration", Timestamp::now())?;
        told(&new.login, &credentials);
        secrets.push((new.login, credentials));
    }
    std::thread::spawn(move || tell_codes(&secrets));
    Ok((store, people))
}

/// Runs a command of this very program.
fn own(words: &[&str], files: &[(&str, &PathBuf)]) -> Result<()> {
    let program = std::env::current_exe()
        .map_err(|e| Error::io(say!("finding this program"), Path::new("."), &e))?;
    let mut command = Command::new(&program);
    command.args(words);
    for (option, file) in files {
        command.args((!option.is_empty()).then_some(option)).arg(file);
    }
    let ended = command.status().map_err(|e| Error::io(say!("starting"), &program, &e))?;
    if ended.success() {
        return Ok(());
    }
    Err(Error::new(Kind::Internal, say!("the demonstration could not be made ({ended})"))
        .advise(say!("what it said above tells why")))
}

/// Tells the codes of the second factor as they change: nobody sets up an
/// authenticator program for people who do not exist.
fn tell_codes(secrets: &[(String, Credentials)]) {
    /// How long a code is good, seconds.
    const STEP: u64 = 30;
    loop {
        let Ok(now) = u64::try_from(Timestamp::now().as_second()) else { return };
        let code = |(login, credentials): &(String, Credentials)| {
            let code = code_at(&credentials.secret, now).ok()?;
            Some(Message::foreign(format!("{login} {code}")))
        };
        output::line(say!(
            "second factors now: {}",
            Message::joined(secrets.iter().filter_map(code), ", ")
        ));
        std::thread::sleep(Duration::from_secs(STEP - now % STEP));
    }
}
