//! The command line, used from a folder of its own.

use assert_cmd::Command;
use serde_json::Value;
use std::path::PathBuf;

/// A folder to work in, and the command.
pub struct Workbench(tempfile::TempDir);

impl Workbench {
    pub fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path(name);
        std::fs::write(&path, text).unwrap();
        path
    }

    /// Runs a command in the folder; its exit code must be `code`. What it said
    /// on standard output, then on standard error.
    pub fn said(&self, code: i32, args: &[&str]) -> (String, String) {
        let mut command = Command::cargo_bin("brasslink").unwrap();
        command.current_dir(self.0.path()).args(args);
        let output = command.env("USER", "desk").output().unwrap();
        let [out, err] = [output.stdout, output.stderr].map(|b| String::from_utf8(b).unwrap());
        assert_eq!(output.status.code(), Some(code), "{args:?}: {out}{err}");
        (out, err)
    }

    pub fn json(&self, args: &[&str]) -> Value {
        serde_json::from_str(&self.said(0, args).0).unwrap()
    }

    pub fn read(&self, name: &str) -> Value {
        serde_json::from_slice(&std::fs::read(self.path(name)).unwrap()).unwrap()
    }
}
