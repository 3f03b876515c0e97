//! Casework on the command line: records, review, rules, watch list, clock.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod demo;
mod records;
mod review;
mod searching;
mod standing;

use assert_cmd::Command;
use serde_json::Value;
use std::path::{Path, PathBuf};

/// A folder with a store in it, and the command.
struct Desk(tempfile::TempDir);

impl Desk {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path(name);
        std::fs::write(&path, text).unwrap();
        path
    }

    /// Runs a command in the folder; its exit code must be `code`.
    fn said(&self, code: i32, args: &[&str]) -> (String, String) {
        let mut command = Command::cargo_bin("brasslink").unwrap();
        let output = command.current_dir(self.0.path()).args(args).output().unwrap();
        let [out, err] = [output.stdout, output.stderr].map(|b| String::from_utf8(b).unwrap());
        assert_eq!(output.status.code(), Some(code), "{args:?}: {out}{err}");
        (out, err)
    }

    fn json(&self, args: &[&str]) -> Value {
        serde_json::from_str(&self.said(0, args).0).unwrap()
    }

    /// Imports tables; the counts.
    fn import(&self, code: i32, args: &[&str]) -> (Value, String) {
        let common = ["--store", "store", "--operator", "tests", "--json", "summary.json"];
        let (_, err) = self.said(code, &[&["record", "import"], args, &common].concat());
        (read(&self.path("summary.json"))["counts"].clone(), err)
    }
}

fn read(path: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}
