//! The commands that look after a store, as their users run them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "store/fixture.rs"]
mod fixture;

use assert_cmd::Command;
use serde_json::Value;
use std::path::{Path, PathBuf};

fn stored(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/store").join(name)
}

/// The frozen store of version 1, migrated, in a folder of its own.
struct Desk {
    folder: tempfile::TempDir,
}

impl Desk {
    fn new() -> Self {
        let desk = Self { folder: tempfile::tempdir().unwrap() };
        fixture::copy(&stored("version1"), &desk.store());
        desk.said(0, &["store", "migrate", "STORE"]);
        desk
    }

    fn store(&self) -> PathBuf {
        self.folder.path().join("store")
    }

    /// Runs a command whose exit code must be `code`; what it printed.
    fn said(&self, code: i32, args: &[&str]) -> String {
        let store = self.store();
        let place = |arg: &&str| if *arg == "STORE" { store.clone() } else { PathBuf::from(arg) };
        let mut command = Command::cargo_bin("brasslink").unwrap();
        let output = command.args(args.iter().map(place)).output().unwrap();
        let both = [output.stdout, output.stderr].concat();
        let text = String::from_utf8(both).unwrap();
        assert_eq!(output.status.code(), Some(code), "{args:?}: {text}");
        text
    }

    fn json(&self, code: i32, args: &[&str]) -> Value {
        serde_json::from_str(&self.said(code, args)).unwrap()
    }
}

#[test]
fn a_correction_is_told_by_history_and_log() {
    let desk = Desk::new();
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
fn the_ledger_is_exported_and_its_head_signed_and_checked() {
    let desk = Desk::new();
    let lines = desk.said(0, &["log", "STORE", "--jsonl"]);
    assert_eq!(lines, std::fs::read_to_string(desk.store().join("ledger.jsonl")).unwrap());
    let last: Value = serde_json::from_str(lines.lines().last().unwrap()).unwrap();
    let head = desk.said(0, &["log", "STORE", "--head"]);
    assert_eq!(head.trim(), format!("5 {}", last["sha256"].as_str().unwrap()));
    let (key, public, other) = (stored("key.pem"), stored("public.pem"), stored("other.pem"));
    let deposit = desk.said(0, &["log", "STORE", "--sign", key.to_str().unwrap()]);
    let path = desk.folder.path().join("deposit.json");
    std::fs::write(&path, deposit).unwrap();
    let check = ["log", "STORE", "--check", path.to_str().unwrap(), "--public-key"];
    let good = desk.said(0, &[&check[..], &[public.to_str().unwrap()]].concat());
    assert!(good.starts_with("good: entry 5"), "{good}");
    let bad = desk.said(1, &[&check[..], &[other.to_str().unwrap()]].concat());
    assert!(bad.contains("another key"), "{bad}");
}

#[test]
fn orders_of_a_court_are_carried_out_and_logged() {
    let desk = Desk::new();
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
    assert_eq!(desk.json(0, &["verify", "--json", "STORE"]), serde_json::json!([]));
}

#[test]
fn damage_is_found_planned_for_and_repaired() {
    let desk = Desk::new();
    let path = desk.store().join("manifest.json");
    let mut bytes = std::fs::read(&path).unwrap();
    bytes[200] ^= 4;
    std::fs::write(&path, &bytes).unwrap();
    let findings = desk.json(3, &["verify", "--json", "STORE"]);
    assert_eq!(findings[0]["file"], "manifest.json");
    assert!(findings[0]["advice"].as_str().unwrap().contains("brasslink repair"));
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
    let desk = Desk::new();
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
    let desk = Desk::new();
    let findings = desk.json(0, &["verify", "--deep", "--json", "STORE"]);
    let findings = findings.as_array().unwrap();
    assert_eq!(findings.len(), 4);
    assert!(findings.iter().all(|f| f["id"] == "deep-not-done"), "its recipe is not ours");
}
