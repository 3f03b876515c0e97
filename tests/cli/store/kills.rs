//! Changes that are killed, or refused by the disk, and asked for again. Many
//! more of them: scripts/prove-store changes.

use super::Workbench;
use crate::fixture;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Kills of each change, and sizes of files that the disk refuses.
const TIMES: u32 = 6;

fn command(store: &Path, change: &[&str], blocks: Option<u32>) -> Command {
    // Blocks of 512 bytes; a signal for each refusal would kill the program.
    let limit = blocks.map_or(String::new(), |n| format!("trap '' XFSZ; ulimit -f {n}; "));
    let mut command = Command::new("sh");
    command.args(["-c", &format!("{limit}exec \"$0\" \"$@\"")]);
    command.arg(assert_cmd::cargo::cargo_bin("brasslink"));
    let place = |arg: &&str| if *arg == "STORE" { store.to_owned() } else { Path::new(arg).into() };
    command.args(change.iter().map(place)).stdout(Stdio::null()).stderr(Stdio::null());
    command
}

/// The store is sound, says what it said before or what it should say after,
/// and the change can be made.
fn survives(change: &[&str], again: &[i32]) {
    let amended =
        ["amend", "STORE", "--casing", "casing-001", "--set", "notes=wet", "--reason", "x"];
    let before = Workbench::new();
    before.said(0, &amended);
    let copied = || {
        let desk = Workbench::new();
        std::fs::remove_dir_all(desk.store()).unwrap();
        fixture::copy(&before.store(), &desk.store());
        desk
    };
    let content = |desk: &Workbench| desk.json(0, &["store", "content", "STORE"]);
    let after = {
        let desk = copied();
        desk.said(0, change);
        content(&desk)
    };
    let sound = |desk: &Workbench, what: &str| {
        let findings = desk.json(0, &["verify", "--json", "STORE"]);
        let note = |f: &serde_json::Value| f["severity"] == "note";
        assert!(findings.as_array().unwrap().iter().all(note), "{what}: {findings}");
        let now = content(desk);
        assert!(now == after || now == content(&before), "{what}");
        let code = || command(&desk.store(), change, None).status().unwrap().code().unwrap();
        let quarantine = desk.store().join("quarantine");
        let mut first = code();
        if first == 3 {
            // What the interrupted change left may hold a copy of what was to
            // go; a person has looked at it.
            assert!(std::fs::read_dir(&quarantine).unwrap().next().is_some(), "{what}");
            std::fs::remove_dir_all(&quarantine).unwrap();
            std::fs::create_dir(&quarantine).unwrap();
            first = if change[0] == "expunge" { code() } else { 0 };
        }
        assert!(first == 0 || now == after && again.contains(&first), "{what}: {first}");
        desk.said(0, &["repair", "STORE", "--apply"]);
        assert_eq!(desk.json(0, &["verify", "--json", "STORE"]), serde_json::json!([]), "{what}");
        assert_eq!(content(desk), after, "{what}");
    };
    let began = Instant::now();
    command(&copied().store(), change, None).status().unwrap();
    let whole = began.elapsed();
    for n in 0..TIMES {
        let desk = copied();
        let mut child = command(&desk.store(), change, None).spawn().unwrap();
        std::thread::sleep(whole * n / TIMES + Duration::from_millis(1));
        let _ended = child.kill();
        child.wait().unwrap();
        sound(&desk, &format!("{change:?} killed at {n}/{TIMES}"));

        let desk = copied();
        let blocks = 1 + 20 * n;
        command(&desk.store(), change, Some(blocks)).status().unwrap();
        sound(&desk, &format!("{change:?} with {blocks} blocks a file"));
    }
}

#[test]
fn a_casing_is_put_under_seal_as_a_whole_or_not_at_all() {
    survives(&["seal", "STORE", "--casing", "casing-002", "--order", "order 1"], &[1]);
}

#[test]
fn a_casing_is_expunged_as_a_whole_or_not_at_all() {
    survives(&["expunge", "STORE", "--casing", "casing-002", "--order", "order 1"], &[0]);
}

#[test]
fn segments_are_merged_as_a_whole_or_not_at_all() {
    survives(&["store", "compact", "STORE"], &[0]);
}
