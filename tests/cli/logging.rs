//! `--log`: what a laboratory sends when something went wrong.

use serde_json::Value;
use std::path::Path;

/// The lines of a log.
fn lines(log: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(log).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn run(folder: &Path, log: &Path) -> i32 {
    let mut command = assert_cmd::Command::cargo_bin("brasslink").unwrap();
    let command = command.current_dir(folder).args(["run", "-q", "--operator", "tests"]);
    let command = command.args(["--manifest", "manifest.csv", "--store", "store"]);
    let command = command.args(["--reports", "reports", "--threads", "2", "--log"]).arg(log);
    command.output().unwrap().status.code().unwrap()
}

#[test]
fn a_log_tells_of_every_stage_and_file_how_long_it_took_and_what_failed() {
    let folder = tempfile::tempdir().unwrap();
    let samples = testkit::project().join("samples");
    let mut rows = String::from("file,casing_id\n");
    for scan in ["CHH-1187-1", "CHH-1187-2", "SON-2291-1"] {
        rows += &format!("{},{scan}\n", samples.join(format!("{scan}.x3p")).display());
    }
    std::fs::write(folder.path().join("torn.x3p"), b"PK\x03\x04 and no more").unwrap();
    rows += "torn.x3p,torn\n";
    std::fs::write(folder.path().join("manifest.csv"), rows).unwrap();
    let log = folder.path().join("run.log");
    assert_eq!(run(folder.path(), &log), 3);

    let first = lines(&log);
    let text = |line: &Value, at: &str| line.pointer(at).and_then(Value::as_str).map(str::to_owned);
    let closed = |name: &str| {
        let of = |line: &&Value| {
            text(line, "/fields/message").as_deref() == Some("close")
                && text(line, "/span/name").as_deref() == Some(name)
        };
        first.iter().filter(of).collect::<Vec<_>>()
    };
    for (span, times) in [
        ("import", 1),
        ("file", 4),
        ("read", 4),
        ("prepare", 3),
        ("extract", 3),
        ("compare", 1),
        ("link", 1),
        ("report", 1),
        ("casing_report", 3),
    ] {
        let found = closed(span);
        assert_eq!(found.len(), times, "{span} in {first:#?}");
        // How long it was at work, with its unit.
        let busy = text(found[0], "/fields/time.busy").unwrap();
        assert!(busy.ends_with('s') && busy.starts_with(|c: char| c.is_ascii_digit()), "{busy}");
    }
    assert!(!closed("commit").is_empty());
    let files = closed("file");
    let named = |line: &&Value| text(line, "/span/file").unwrap().ends_with("SON-2291-1.x3p");
    assert_eq!(files.iter().copied().filter(named).count(), 1);
    let warned = |line: &&Value| text(line, "/level").as_deref() == Some("WARN");
    let failed: Vec<_> = first.iter().filter(warned).collect();
    assert_eq!(failed.len(), 1, "{failed:#?}");
    assert!(text(failed[0], "/fields/file").unwrap().ends_with("torn.x3p"));
    assert!(!text(failed[0], "/fields/error").unwrap().is_empty());
    assert_eq!(text(first.last().unwrap(), "/fields/message").as_deref(), Some("ended"));

    // A second run goes on in the same file.
    run(folder.path(), &log);
    assert!(lines(&log).len() > first.len());
}

#[test]
fn a_command_that_could_not_be_done_leaves_its_causes_in_the_log() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("log.json");
    let mut command = assert_cmd::Command::cargo_bin("brasslink").unwrap();
    let command = command.current_dir(folder.path()).args(["store", "log", "--store", "none"]);
    assert_eq!(command.arg("--log").arg(&log).output().unwrap().status.code(), Some(1));
    let lines = lines(&log);
    let last = &lines.last().unwrap();
    assert_eq!(last["level"], "ERROR");
    assert_eq!(last["fields"]["message"], "ended");
    assert!(last["fields"]["causes"].as_str().unwrap().contains("No such file"), "{last}");

    // A log that cannot be written is no reason to go on without one.
    let mut command = assert_cmd::Command::cargo_bin("brasslink").unwrap();
    let command = command.current_dir(folder.path()).args(["recipe", "show", "--log", "no/where"]);
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("opening the log"));
}
