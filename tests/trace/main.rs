//! Traces as a user meets them: doubles, personal data, the scenario.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod bytes;
mod cli;
mod doubles;
mod scenario;

use assert_cmd::Command;
use serde_json::Value;
use std::path::{Path, PathBuf};

/// A folder to work in, and the command.
struct Desk(tempfile::TempDir);

impl Desk {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path(name), text).unwrap();
    }

    /// Runs a command in the folder; its exit code must be `code`. What it said
    /// on standard output, then on standard error.
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

    fn read(&self, name: &str) -> Value {
        serde_json::from_slice(&std::fs::read(self.path(name)).unwrap()).unwrap()
    }
}

fn bundled(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("samples/scenario").join(name)
}
