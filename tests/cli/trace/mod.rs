//! Traces as a user meets them: doubles, personal data, the scenario.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod bytes;
mod cli;
mod doubles;
mod scenario;

use crate::desk::Workbench;
use std::path::PathBuf;

fn bundled(name: &str) -> PathBuf {
    testkit::project().join("samples/scenario").join(name)
}
