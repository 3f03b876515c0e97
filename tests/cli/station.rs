//! `people` and `serve` hand over to the program beside.

use assert_cmd::Command;

fn with(station: &str, args: &[&str]) -> std::process::Output {
    let mut command = Command::cargo_bin("brasslink").unwrap();
    command.env("BRASSLINK_STATION", station).args(args).output().unwrap()
}

#[test]
fn a_missing_station_is_told_with_what_to_do() {
    let output = with("no-such-program", &["people", "list", "--people", "people.db"]);
    let told = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{told}");
    for part in ["BRASSLINK_STATION names no program", "no-such-program", "unset the variable"] {
        assert!(told.contains(part), "{told}");
    }
    // Help and what is wrong with a command line take no station.
    assert!(with("no-such-program", &["serve", "--help"]).status.success());
    assert_eq!(with("no-such-program", &["serve", "--no-such"]).status.code(), Some(2));
}

#[cfg(unix)]
#[test]
fn the_station_gets_every_word_and_answers_with_its_own_code() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let station = folder.path().join("station");
    std::fs::write(&station, "#!/bin/sh\nfor word; do echo \"<$word>\"; done\nexit 7\n").unwrap();
    std::fs::set_permissions(&station, std::fs::Permissions::from_mode(0o755)).unwrap();
    let args = ["people", "add", "a", "--name", "A. Two  Blanks", "--role", "auditor", "--people"];
    let output = with(station.to_str().unwrap(), &[&args[..], &["p.db"]].concat());
    let words = "<people>\n<add>\n<a>\n<--name>\n<A. Two  Blanks>\n<--role>\n<auditor>\n";
    assert_eq!(String::from_utf8(output.stdout).unwrap(), format!("{words}<--people>\n<p.db>\n"));
    assert_eq!(output.status.code(), Some(7));
}
