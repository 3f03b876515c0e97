//! The commands that look after a store, as their users run them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod expunged;
mod kills;
mod load;

use crate::fixture;
use assert_cmd::Command;
use serde_json::Value;
use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

fn stored(name: &str) -> PathBuf {
    testkit::project().join("tests/store").join(name)
}

/// The frozen store of version 1, migrated, in a folder of its own.
struct Workbench {
    folder: tempfile::TempDir,
}

impl Workbench {
    fn new() -> Self {
        let desk = Self { folder: tempfile::tempdir().unwrap() };
        fixture::copy(&stored("version1"), &desk.store());
        desk.said(0, &["store", "migrate", "STORE"]);
        desk
    }

    fn store(&self) -> PathBuf {
        self.folder.path().join("store")
    }

    /// A private key that only its owner can read.
    fn key(&self) -> PathBuf {
        let key = self.folder.path().join("key.pem");
        std::fs::copy(stored("key.pem"), &key).unwrap();
        std::fs::set_permissions(&key, Permissions::from_mode(0o600)).unwrap();
        key
    }

    /// Runs a command whose exit code must be `code`; what it printed.
    fn said(&self, code: i32, args: &[&str]) -> String {
        let (out, err) = self.run(code, args);
        out + &err
    }

    fn run(&self, code: i32, args: &[&str]) -> (String, String) {
        let store = self.store();
        let place = |arg: &&str| if *arg == "STORE" { store.clone() } else { PathBuf::from(arg) };
        let mut command = Command::cargo_bin("brasslink").unwrap();
        let output = command.args(args.iter().map(place)).output().unwrap();
        let [out, err] = [output.stdout, output.stderr].map(|b| String::from_utf8(b).unwrap());
        assert_eq!(output.status.code(), Some(code), "{args:?}: {out}{err}");
        (out, err)
    }

    fn json(&self, code: i32, args: &[&str]) -> Value {
        serde_json::from_str(&self.run(code, args).0).unwrap()
    }
}

#[test]
fn a_correction_is_told_by_history_and_log() {
    let desk = Workbench::new();
    let amend = ["amend", "STORE", "--casing", "casing-002", "--set", "calibre=.45 ACP"];
    let why = ["--reason", "misread headstamp", "--operator", "B. Reviewer"];
    let told = desk.said(0, &[&amend[..], &why].concat());
    assert!(told.contains("version 2"), "{told}");
    let versions = desk.json(0, &["amend", "STORE", "--casing", "casing-002", "--history"]);
    assert_eq!(versions[0]["record"]["calibre"], "9 mm Luger");
    assert_eq!(versions[1]["record"]["calibre"], ".45 ACP");
    assert_eq!(versions[1]["reason"], "misread headstamp");
    assert_eq!(versions[1]["author"], "B. Reviewer");
    let log = desk.said(0, &["log", "STORE", "--casing", "casing-002"]);
    assert!(log.contains("misread headstamp") && log.contains("casing/casing-002"), "{log}");
    let other = desk.said(0, &["log", "STORE", "--casing", "casing-003"]);
    assert!(!other.contains("misread headstamp") && other.contains("added"), "{other}");
    let wrong = ["amend", "STORE", "--casing", "casing-002", "--set", "colour=red"];
    let refused = desk.said(1, &[&wrong[..], &["--reason", "none"]].concat());
    assert!(refused.contains("no field \"colour\""), "{refused}");
    assert_eq!(desk.json(0, &["verify", "--json", "STORE"]), serde_json::json!([]));
}

#[test]
fn eight_decisions_at_the_same_moment_are_all_recorded() {
    let desk = Workbench::new();
    let program = assert_cmd::cargo::cargo_bin("brasslink");
    let begin = |n: usize| {
        let (a, b) = (format!("casing-{:03}", n % 3), format!("casing-{:03}", n % 3 + 1));
        let by = format!("Examiner {n}");
        std::process::Command::new(&program)
            .args(["lead", "inconclusive", &a, &b, "--operator", &by, "--reason", "worn"])
            .arg("--store")
            .arg(desk.store())
            .stderr(std::process::Stdio::piped())
            .spawn()
            .unwrap()
    };
    let all: Vec<_> = (0..8).map(begin).collect();
    for decided in all {
        let output = decided.wait_with_output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    let log = desk.said(0, &["log", "STORE"]);
    for n in 0..8 {
        assert!(log.contains(&format!("Examiner {n}")), "{log}");
    }
    assert_eq!(desk.json(0, &["verify", "--json", "STORE"]), serde_json::json!([]));
}

#[test]
fn the_ledger_is_exported_and_its_head_signed_and_checked() {
    let desk = Workbench::new();
    let lines = desk.said(0, &["log", "STORE", "--jsonl"]);
    assert_eq!(lines, std::fs::read_to_string(desk.store().join("ledger.jsonl")).unwrap());
    let last: Value = serde_json::from_str(lines.lines().last().unwrap()).unwrap();
    let head = desk.said(0, &["log", "STORE", "--head"]);
    assert_eq!(head.trim(), format!("5 {}", last["sha256"].as_str().unwrap()));
    let (public, other) = (stored("public.pem"), stored("other.pem"));
    let key = desk.key();
    let sign = ["log", "STORE", "--sign", key.to_str().unwrap()];
    // A key that others can read is no secret, and signs nothing.
    std::fs::set_permissions(&key, Permissions::from_mode(0o640)).unwrap();
    let open = desk.said(1, &sign);
    assert!(open.contains("(mode 0640)") && open.contains("chmod 600"), "{open}");
    std::fs::set_permissions(&key, Permissions::from_mode(0o600)).unwrap();
    let deposit = desk.said(0, &sign);
    let path = desk.folder.path().join("deposit.json");
    std::fs::write(&path, deposit).unwrap();
    let check = ["log", "STORE", "--check", path.to_str().unwrap(), "--public-key"];
    let good = desk.said(0, &[&check[..], &[public.to_str().unwrap()]].concat());
    assert!(good.starts_with("good: entry 5"), "{good}");
    let bad = desk.said(1, &[&check[..], &[other.to_str().unwrap()]].concat());
    assert!(bad.contains("another key"), "{bad}");
}

#[test]
fn a_head_is_kept_after_every_command_and_tells_of_a_store_set_back() {
    let desk = Workbench::new();
    let (key, public) = (desk.key(), stored("public.pem"));
    let (heads, backup) = (desk.folder.path().join("heads"), desk.folder.path().join("backup"));
    fixture::copy(&desk.store(), &backup);
    let amend = |store: &Path, code: i32| {
        let mut command = Command::cargo_bin("brasslink").unwrap();
        command.env("BRASSLINK_HEADS", &heads).env("BRASSLINK_HEAD_KEY", &key).arg("amend");
        command.arg(store).args(["--casing", "casing-002", "--set", "calibre=.45 ACP"]);
        let output = command.args(["--reason", "misread"]).output().unwrap();
        assert_eq!(output.status.code(), Some(code), "{}", String::from_utf8_lossy(&output.stderr));
    };
    amend(&desk.store(), 0);
    assert_eq!(std::fs::read_dir(&heads).unwrap().count(), 1);
    let (folder, key) = (heads.to_str().unwrap(), public.to_str().unwrap());
    let verify = |store: &str, code: i32| {
        desk.said(code, &["verify", store, "--heads", folder, "--public-key", key])
    };
    verify("STORE", 0);
    let told = verify(backup.to_str().unwrap(), 3);
    assert!(told.contains("was set back"), "{told}");
    // The next command on it says so too.
    amend(&backup, 1);
    // Without the key that is expected, nothing is said to be good.
    let deposit = std::fs::read_dir(&heads).unwrap().next().unwrap().unwrap().path();
    let told = desk.said(1, &["log", "STORE", "--check", deposit.to_str().unwrap()]);
    assert!(told.contains("--public-key") && !told.contains("good"), "{told}");
}

#[test]
fn the_ledger_names_fields_and_never_what_may_have_to_be_expunged() {
    let desk = Workbench::new();
    let secret = "witness Juana P.";
    let set = format!("notes={secret}");
    desk.said(
        0,
        &["amend", "STORE", "--casing", "casing-002", "--set", &set, "--reason", "statement"],
    );
    let ledger = std::fs::read_to_string(desk.store().join("ledger.jsonl")).unwrap();
    assert!(ledger.contains("--set notes=…") && !ledger.contains(secret), "{ledger}");
    assert!(ledger.contains("--casing casing-002"), "{ledger}");
    let inline = format!("--reason={secret}");
    let decide = ["lead", "inconclusive", "casing-002", "casing-003", "--store", "STORE"];
    desk.said(0, &[&decide[..], &[&inline, "--operator", "B. Reviewer"]].concat());
    let ledger = std::fs::read_to_string(desk.store().join("ledger.jsonl")).unwrap();
    assert!(ledger.contains("--reason …") && !ledger.contains(secret), "{ledger}");
}

#[test]
fn links_laid_beside_an_output_are_not_followed() {
    let desk = Workbench::new();
    let folder = desk.folder.path();
    let victim = folder.join("thesis.txt");
    std::fs::write(&victim, "years of work").unwrap();
    for name in [".out.json.partial", "out.json"] {
        std::os::unix::fs::symlink(&victim, folder.join(name)).unwrap();
    }
    let out = folder.join("out.json");
    desk.said(0, &["link", "--store", "STORE", "--json", out.to_str().unwrap()]);
    assert_eq!(std::fs::read_to_string(&victim).unwrap(), "years of work");
    assert!(std::fs::read_to_string(&out).unwrap().contains("finished"));
}

#[test]
fn orders_of_a_court_are_carried_out_and_logged() {
    let desk = Workbench::new();
    let order = |verb: &'static str, casing: &'static str| {
        vec![verb, "STORE", "--casing", casing, "--order", "Juzgado 3, 214/2026"]
    };
    let before = desk.json(0, &["store", "content", "STORE"]);
    desk.said(0, &order("seal", "casing-003"));
    let sealed = desk.json(0, &["store", "content", "STORE"]);
    assert_eq!(sealed["parts"]["scans"]["count"], 3);
    desk.said(0, &order("unseal", "casing-003"));
    let after = desk.json(0, &["store", "content", "STORE"]);
    assert_eq!(after["parts"]["scans"], before["parts"]["scans"]);
    desk.said(0, &order("expunge", "casing-000"));
    assert_eq!(desk.json(0, &["store", "content", "STORE"])["parts"]["scans"]["count"], 3);
    desk.said(1, &order("unseal", "casing-000"));
    let log = desk.said(0, &["log", "STORE", "--casing", "casing-000"]);
    assert!(log.contains("expunged casing/casing-000"), "{log}");
    assert!(log.contains("reason: Juzgado 3, 214/2026"), "{log}");
    desk.said(0, &["store", "compact", "STORE"]);
    desk.said(0, &order("expunge", "casing-002"));
    assert_eq!(desk.json(0, &["store", "content", "STORE"])["parts"]["marks"]["count"], 2);
    assert_eq!(desk.json(0, &["verify", "--json", "STORE"]), serde_json::json!([]));
}

#[test]
fn damage_is_found_planned_for_and_repaired() {
    let desk = Workbench::new();
    let path = desk.store().join("manifest.json");
    let mut bytes = std::fs::read(&path).unwrap();
    bytes[200] ^= 4;
    std::fs::write(&path, &bytes).unwrap();
    let findings = desk.json(3, &["verify", "--json", "STORE"]);
    assert_eq!(findings[0]["file"], "manifest.json");
    assert!(findings[0]["advice"].as_str().unwrap().contains("brasslink store repair"));
    let plan = desk.said(0, &["repair", "STORE"]);
    assert!(plan.contains("one flipped bit") && plan.contains("nothing was changed"), "{plan}");
    assert_eq!(std::fs::read(&path).unwrap(), bytes);
    desk.said(0, &["repair", "STORE", "--apply"]);
    assert_eq!(desk.json(0, &["verify", "--json", "STORE"]), serde_json::json!([]));
    let ledger = desk.store().join("ledger.jsonl");
    std::fs::write(&ledger, "").unwrap();
    let beyond = desk.said(3, &["repair", "STORE", "--apply"]);
    assert!(beyond.contains("restore ledger.jsonl from a backup"), "{beyond}");
}

#[test]
fn an_unknown_file_is_looked_at_or_refused() {
    let desk = Workbench::new();
    let sound = stored("version1/segments/00000001-tables.h5");
    let listing = desk.json(0, &["store", "inspect", sound.to_str().unwrap()]);
    assert!(listing["datasets"].as_array().unwrap().iter().any(|d| d["name"] == "casings"));
    let hostile = stored("hostile/external_storage.h5");
    let refused = desk.said(1, &["store", "inspect", hostile.to_str().unwrap()]);
    assert!(refused.contains("keeps its data outside"), "{refused}");
}

#[test]
fn marks_that_their_originals_do_not_give_are_found_by_a_deep_look() {
    // The frozen store's scans are no scans, so nothing can be made from them.
    let desk = Workbench::new();
    let findings = desk.json(0, &["verify", "--deep", "--json", "STORE"]);
    let findings = findings.as_array().unwrap();
    assert_eq!(findings.len(), 4);
    assert!(findings.iter().all(|f| f["id"] == "deep-not-done"), "its recipe is not ours");
}

/// Runs a command in a shell that sends its output somewhere; its exit code and
/// what it said on standard error.
fn redirected(desk: &Workbench, args: &str, how: &str) -> (Option<i32>, String) {
    let program = assert_cmd::cargo::cargo_bin("brasslink");
    let script = format!("\"$0\" {} {how}", args.replace("STORE", "\"$1\""));
    let output = std::process::Command::new("bash")
        .args(["-c", &script])
        .args([&program, &desk.store()])
        .output()
        .unwrap();
    (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
}

#[test]
fn output_that_is_lost_is_an_error_and_a_reader_that_left_is_none() {
    let desk = Workbench::new();
    let key = desk.key();
    let sign = format!("log STORE --sign '{}'", key.display());
    for args in [
        "--help",
        "--version",
        "log --help",
        "log STORE",
        "log STORE --jsonl",
        "log STORE --head",
        &sign,
        "store content STORE",
        "store mode STORE",
        "verify STORE",
        "repair STORE",
        "record list casing --store STORE",
        "record show casing casing-002 --store STORE",
        "record template event",
        "lead list --store STORE",
        "graph STORE --graphml",
        "graph STORE --json",
        "graph STORE --geojson",
        "bundle fields",
        "bundle suggest STORE",
        "manifest template",
        "report schema",
        "completions bash",
    ] {
        let (code, told) = redirected(&desk, args, ">/dev/full");
        assert_eq!(code, Some(1), "{args}: {told}");
        assert!(told.contains("could not be written: No space left"), "{args}: {told}");
        let (_, told) = redirected(&desk, args, "| head -c 1 >/dev/null; exit ${PIPESTATUS[0]}");
        assert!(told.is_empty(), "{args}: {told}");
        for closed in ["2>&-", "2>/dev/full", ">&-"] {
            let (code, told) = redirected(&desk, args, closed);
            assert_eq!(code, Some(0), "{args} {closed}: {told}");
        }
    }
    // An error whose telling fails is an error all the same.
    assert_eq!(redirected(&desk, "log nowhere", "2>/dev/full").0, Some(1));
    assert_eq!(redirected(&desk, "no-such-command", "2>/dev/full").0, Some(2));
}

#[test]
fn nothing_that_a_terminal_obeys_is_printed_and_none_goes_into_the_ledger() {
    let desk = Workbench::new();
    let hostile = "x\u{1b}[2J\u{202e}y\r\nfailed: z";
    for option in ["--reason", "--operator"] {
        let amend = ["amend", "STORE", "--casing", "casing-002", "--set", "calibre=.45 ACP"];
        let both = ["--reason", "misread", "--operator", "B. Reviewer"];
        let given: Vec<&str> = both
            .chunks(2)
            .flat_map(|pair| [pair[0], if pair[0] == option { hostile } else { pair[1] }])
            .collect();
        let told = desk.said(2, &[&amend[..], &given].concat());
        assert!(told.contains("holds characters that do not show"), "{told}");
        assert!(!told.contains(['\u{1b}', '\u{202e}', '\r']), "{told:?}");
    }
    // Names of files, and what manifests and records hold, in every listing.
    let manifest = desk.folder.path().join(format!("m{hostile}.csv").replace(['\r', '\n'], ""));
    std::fs::write(
        &manifest,
        format!("file,casing_id,mark_kind,origin\n\"{hostile}.x3p\",C-1,breech_face,evidence\n"),
    )
    .unwrap();
    let path = manifest.to_str().unwrap();
    let mut told = desk.said(3, &["manifest", "check", path]);
    told += &desk.said(3, &["import", "--manifest", path, "--store", "STORE"]);
    told += &desk.said(1, &["manifest", "check", &format!("{path}.not")]);
    let guns = desk.folder.path().join("firearm.csv");
    std::fs::write(&guns, format!("firearm_id,make\nF-1,\"{hostile}\"\n\"F\u{202e}2\",x\n"))
        .unwrap();
    let guns = guns.to_str().unwrap();
    let faulty = desk.said(3, &["record", "import", guns, "--store", "STORE"]);
    assert!(faulty.contains("F\\u{202e}2"), "{faulty}");
    told += &faulty;
    told += &desk.said(0, &["record", "show", "firearm", "F-1", "--store", "STORE"]);
    told += &desk.said(0, &["show", "F-1", "--as", "firearm", "--store", "STORE", "--json"]);
    told += &desk.said(0, &["log", "STORE"]);
    assert!(!told.contains(['\u{1b}', '\u{202e}', '\r']), "{told:?}");
    assert!(!told.lines().any(|line| line.starts_with("failed: z")), "{told}");
}

/// The texts of a GraphML that an XML parser reads to its end, without blanks at
/// entities, and the characters that XML 1.0 does not know.
fn parsed(xml: &str) -> (Vec<String>, Vec<char>) {
    let mut reader = quick_xml::Reader::from_str(xml);
    reader.config_mut().check_end_names = true;
    let (mut labels, mut text, mut open) = (Vec::new(), String::new(), 0_usize);
    loop {
        use quick_xml::events::Event;
        match reader.read_event().unwrap_or_else(|e| panic!("{e}: {xml}")) {
            Event::Start(_) => open += 1,
            Event::End(_) => {
                open -= 1;
                labels.push(std::mem::take(&mut text));
            }
            Event::Text(part) => text += part.xml10_content().trim(),
            Event::GeneralRef(name) => {
                text += quick_xml::escape::resolve_predefined_entity(&name).expect(xml);
            }
            Event::Eof => break,
            _ => {}
        }
    }
    assert_eq!(open, 0, "{xml}");
    // XML 1.0, 2.2: Char.
    let is_char = |c: char| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..);
    (labels, xml.chars().filter(|c| !is_char(*c)).collect())
}

#[test]
fn what_is_no_character_leaves_graphml_well_formed() {
    let desk = Workbench::new();
    let folder = desk.folder.path();
    let (no, steps) = (["\u{ffff}", "\u{fffe}", "\u{fdd0}", "\u{1ffff}"], "<&>\"'");
    // Names with such a character are refused, whatever else the row says.
    let rows: String = no
        .iter()
        .map(|c| format!("{}/none.x3p,C{c}1,x{c}{steps},S-1\n", folder.display()))
        .collect();
    let manifest = folder.join("manifest.csv");
    let rows = rows.replace('"', "");
    std::fs::write(&manifest, format!("file,casing_id,notes,scene_id\n{rows}")).unwrap();
    let import = ["import", "--store", "STORE", "--manifest", manifest.to_str().unwrap()];
    let told = desk.said(3, &import);
    for c in no {
        let code = u32::from(c.chars().next().unwrap());
        assert!(told.contains(&format!("what is no character, U+{code:04X}")), "{told}");
    }
    // Free texts may hold it, and a dealer's name is a node of the graph.
    let write = |name: &str, text: String| {
        let path = folder.join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let guns: String = (0..no.len()).map(|n| format!("F-{n},x{}y\n", no[n])).collect();
    let guns = write("firearm.csv", format!("firearm_id,make\n{guns}"));
    let requests: String = (0..no.len()).map(|n| format!("T-{n},F-{n}\n")).collect();
    let requests = write("trace_request.csv", format!("trace_id,firearm_id\n{requests}"));
    let dealer = |n: usize| format!("T-{n},dealer,\"Sport {} <&> 'n'\"\n", no[n]);
    let results: String = (0..no.len()).map(dealer).collect();
    let results = write("results.csv", format!("trace_id,outcome,dealer\n{results}"));
    desk.said(0, &["record", "import", &guns, &requests, "--store", "STORE"]);
    desk.said(0, &["trace", "import", &results, "--store", "STORE"]);
    let (xml, _) = desk.run(0, &["graph", "STORE", "--graphml"]);
    let (labels, odd) = parsed(&xml);
    assert_eq!(odd, ['x'; 0], "{xml}");
    for c in no {
        let written_out = c.chars().next().unwrap().escape_unicode();
        let dealer = format!("Sport {written_out}<&>'n'");
        assert!(labels.contains(&dealer), "{dealer}: {labels:?}");
    }
}

#[test]
fn a_table_runs_no_formula_and_comes_back_as_it_was() {
    let desk = Workbench::new();
    let folder = desk.folder.path();
    let guns = folder.join("firearm.csv");
    let makes = ["=cmd|' /C calc'!A0", "+1+2", "@SUM(A1)", "'=1", "-x", "＝1", "plain, \"quoted\""];
    let mut text = "firearm_id,make,model\n".to_owned();
    for (n, make) in makes.iter().enumerate() {
        text += &format!("\"=F{n}\",\"{}\",\n", make.replace('"', "\"\""));
    }
    std::fs::write(&guns, text).unwrap();
    desk.said(0, &["record", "import", guns.to_str().unwrap(), "--store", "STORE"]);
    let out = folder.join("out");
    desk.said(0, &["record", "export", "--store", "STORE", "--out", out.to_str().unwrap()]);
    let listed = desk.run(0, &["record", "list", "firearm", "--store", "STORE"]).0;
    let exported = std::fs::read_to_string(out.join("firearm.csv")).unwrap();
    let graph = folder.join("graph");
    desk.said(0, &["graph", "STORE", "--csv", graph.to_str().unwrap()]);
    let nodes = std::fs::read_to_string(graph.join("nodes.csv")).unwrap();
    for table in [&listed, &exported, &nodes] {
        for record in csv::Reader::from_reader(table.as_bytes()).records() {
            for cell in &record.unwrap() {
                let formula = cell.starts_with(['=', '+', '-', '@', '＝']);
                assert!(!formula || cell.parse::<f64>().is_ok(), "{cell}");
            }
        }
    }
    // Back in: nothing is new and nothing has changed.
    let back = out.join("firearm.csv");
    let told = desk.said(0, &["record", "import", back.to_str().unwrap(), "--store", "STORE"]);
    assert!(told.contains("0 new") && told.contains("0 changed"), "{told}");
}

#[test]
fn keys_are_for_other_tools_and_for_their_owner_alone() {
    let desk = Workbench::new();
    let keys = desk.folder.path().join("keys");
    desk.said(
        0,
        &["bundle", "keys", "new", "--agency", "FGE-CHH", "--out", keys.to_str().unwrap()],
    );
    let private = keys.join("FGE-CHH.key.pem");
    assert_eq!(std::fs::metadata(&private).unwrap().permissions().mode() & 0o777, 0o600);
    let openssl = std::process::Command::new("openssl")
        .args(["pkey", "-pubout", "-in"])
        .arg(&private)
        .output();
    match openssl {
        Err(_) => println!("skipped: there is no openssl"),
        Ok(made) => {
            let public = std::fs::read(keys.join("FGE-CHH.public.pem")).unwrap();
            assert_eq!(made.stdout, public, "{}", String::from_utf8_lossy(&made.stderr));
        }
    }
    std::fs::set_permissions(&private, Permissions::from_mode(0o604)).unwrap();
    let show = ["bundle", "keys", "show", private.to_str().unwrap(), "--agency", "FGE-CHH"];
    assert!(desk.said(1, &show).contains("(mode 0604)"));
}

#[test]
fn who_may_enter_a_store_is_a_setting() {
    let desk = Workbench::new();
    for (mode, code) in [("0777", 2), ("0075", 2), ("9", 2), ("0750", 0), ("2770", 0), ("0700", 0)]
    {
        desk.said(code, &["store", "mode", "STORE", mode]);
    }
    assert!(desk.said(0, &["store", "mode", "STORE"]).starts_with("0700  "));
    desk.said(0, &["verify", "STORE"]);
}
