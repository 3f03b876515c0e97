//! `store`: look after an evidence store.

use super::{End, print_json};
use crate::error::Result;
use crate::store::{Severity, check};
use std::path::PathBuf;

/// `brasslink store …`.
#[derive(clap::Subcommand)]
pub enum Command {
    /// Check every digest, the chain of the ledger and the view; exit code 3
    /// if anything is damaged.
    Check {
        /// The evidence store.
        store: PathBuf,
        /// Print the findings as JSON.
        #[arg(long)]
        json: bool,
    },
}

/// Runs the subcommand.
pub fn run(command: &Command) -> Result<End> {
    let Command::Check { store, json } = command;
    let findings = check(store);
    if *json {
        print_json(&findings)?;
    } else {
        for f in &findings {
            println!("{:?} {}: {}\n  what to do: {}", f.severity, f.id, f.what, f.advice);
        }
        println!("{} findings", findings.len());
    }
    let damaged = findings.iter().any(|f| f.severity == Severity::Damage);
    Ok(if damaged { End::SomeFailed } else { End::AllDone })
}
