//! A report that fails fails alone: whatever becomes of the typesetter, the
//! other formats and reports are made.

use super::{evidence, files};
use assert_cmd::Command;
use std::path::Path;
use testkit::pdf::can_be_set;

/// Runs `brasslink report` with this typesetter; the exit code and all it said.
fn report(dir: &Path, typesetter: Option<&Path>, args: &[&str]) -> (Option<i32>, String) {
    let mut brasslink = Command::cargo_bin("brasslink").unwrap();
    brasslink.current_dir(dir).args(["report", "--store", "store", "--reports", "reports"]);
    if let Some(program) = typesetter {
        brasslink.env("BRASSLINK_TYPESET", program);
    }
    let out = brasslink.args(["--all", "--format", "html,json,pdf"]).args(args).output().unwrap();
    let said = [out.stdout, out.stderr].concat();
    (out.status.code(), String::from_utf8(said).unwrap())
}

fn clear(dir: &Path) {
    std::fs::remove_dir_all(dir.join("reports")).unwrap();
}

#[test]
#[cfg(unix)]
fn a_typesetter_that_dies_takes_nothing_but_the_pdfs() {
    use std::os::unix::fs::PermissionsExt as _;
    let dir = evidence();
    let pages = files(dir.path(), "", "html").len();
    let program = dir.path().join("dies");
    std::fs::write(&program, "#!/bin/sh\nkill -SEGV $$\n").unwrap();
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
    clear(dir.path());
    let (code, said) = report(dir.path(), Some(&program), &[]);
    assert_eq!(code, Some(3), "{said}");
    assert!(said.contains("the typesetter ended") && said.contains("CHH-1187-1"), "{said}");
    assert!(files(dir.path(), "", "pdf").is_empty());
    assert_eq!(files(dir.path(), "", "html").len(), pages);
    assert_eq!(files(dir.path(), "", "json").len(), pages);
}

#[test]
fn a_typesetter_that_is_not_there_is_missed_before_anything_is_done() {
    let dir = evidence();
    clear(dir.path());
    let (code, said) = report(dir.path(), Some(Path::new("no/such/program")), &[]);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("no/such/program") && said.contains("BRASSLINK_TYPESET"), "{said}");
    assert!(!dir.path().join("reports").exists());
}

#[test]
fn a_layout_that_is_no_typst_fails_by_name_and_the_page_is_made() {
    if !can_be_set() {
        return;
    }
    let dir = evidence();
    clear(dir.path());
    std::fs::write(dir.path().join("lab.toml"), "template = \"own.typ\"").unwrap();
    std::fs::write(dir.path().join("own.typ"), "#no-such-function()").unwrap();
    let one = ["--casing", "CHH-1187-1", "--laboratory", "lab.toml"];
    let (code, said) = report(dir.path(), None, &one);
    assert_eq!(code, Some(3), "{said}");
    assert!(said.contains("the laboratory's PDF layout") && said.contains("no-such-function"));
    assert!(files(dir.path(), "", "pdf").is_empty());
    assert_eq!(files(dir.path(), "casing-CHH-1187-1", "html").len(), 1);
    // With the program's own layout the same child sets them.
    let (code, said) = report(dir.path(), None, &["--casing", "CHH-1187-1"]);
    assert_eq!((code, files(dir.path(), "", "pdf").len()), (Some(0), 1), "{said}");
}
