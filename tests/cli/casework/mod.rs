//! Casework on the command line: records, review, rules, watch list, clock.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod demo;
mod manifests;
mod records;
mod review;
mod searching;
mod standing;

use crate::desk::Workbench;
use serde_json::Value;

impl Workbench {
    /// Imports tables; the counts.
    fn import(&self, code: i32, args: &[&str]) -> (Value, String) {
        let common = ["--store", "store", "--operator", "tests", "--json", "summary.json"];
        let (_, err) = self.said(code, &[&["record", "import"], args, &common].concat());
        (self.read("summary.json")["counts"].clone(), err)
    }
}
