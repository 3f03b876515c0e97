//! `manifest`: check one, start one.

use super::{End, print_json};
use crate::acquire::manifest::{manifest_template, read_manifest};
use crate::error::Result;
use std::path::PathBuf;

/// `brasslink manifest …`.
#[derive(clap::Subcommand)]
pub enum Command {
    /// Report every bad row with its line; exit code 3 if there is any.
    Check {
        /// The manifest (CSV or JSON).
        manifest: PathBuf,
        /// Print the problems as JSON.
        #[arg(long)]
        json: bool,
    },
    /// Print an empty manifest with an example row (CSV).
    Template,
}

/// Runs the subcommand.
pub fn run(command: &Command) -> Result<End> {
    let (path, json) = match command {
        Command::Template => {
            print!("{}", manifest_template());
            return Ok(End::AllDone);
        }
        Command::Check { manifest, json } => (manifest, *json),
    };
    let manifest = read_manifest(path)?;
    if json {
        print_json(&serde_json::json!({
            "rows": manifest.rows.len(),
            "problems": manifest.problems,
            "warnings": manifest.warnings,
        }))?;
    } else {
        for problem in &manifest.problems {
            println!("{problem}");
        }
        for warning in &manifest.warnings {
            println!("warning: {warning}");
        }
        println!("{} usable rows, {} problems", manifest.rows.len(), manifest.problems.len());
    }
    Ok(if manifest.problems.is_empty() { End::AllDone } else { End::SomeFailed })
}
