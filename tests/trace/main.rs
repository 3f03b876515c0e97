//! Traces as a user meets them: doubles, personal data, the scenario.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod bytes;
mod cli;
#[path = "../common/desk.rs"]
mod desk;
mod doubles;
mod scenario;

use desk::Desk;
use std::path::{Path, PathBuf};

fn bundled(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("samples/scenario").join(name)
}
