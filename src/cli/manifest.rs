//! `manifest`: check one, start one.

use super::{End, print_json};
use crate::acquire::manifest::{manifest_template, read_manifest};
use crate::batch::look_alikes;
use crate::error::Result;
use crate::store::Store;
use std::path::PathBuf;

/// `brasslink manifest …`.
#[derive(clap::Subcommand)]
pub enum Command {
    /// Report every bad row with its line; exit code 3 if there is any.
    Check {
        /// The manifest (CSV or JSON).
        manifest: PathBuf,
        /// A store whose identifiers the manifest's are set against.
        #[arg(long, value_name = "DIR")]
        store: Option<PathBuf>,
        /// Print the problems as JSON.
        #[arg(long)]
        json: bool,
    },
    /// Print an empty manifest with an example row (CSV).
    Template,
}

/// Runs the subcommand.
pub fn run(command: &Command) -> Result<End> {
    let (path, store, json) = match command {
        Command::Template => {
            super::output::content(manifest_template());
            return Ok(End::AllDone);
        }
        Command::Check { manifest, store, json } => (manifest, store, *json),
    };
    let manifest = read_manifest(path)?;
    let snapshot = store.as_ref().map(|store| Store::open(store)?.snapshot()).transpose()?;
    let cautions = look_alikes(&manifest, snapshot.as_ref())?;
    if json {
        print_json(&serde_json::json!({
            "rows": manifest.rows.len(),
            "problems": manifest.problems,
            "warnings": manifest.warnings,
            "cautions": cautions,
        }))?;
    } else {
        for problem in &manifest.problems {
            super::output::line(format_args!("{problem}"));
        }
        for caution in &cautions {
            super::output::line(format_args!("CAUTION: {caution}"));
        }
        for warning in &manifest.warnings {
            super::output::line(format_args!("warning: {warning}"));
        }
        super::output::line(format_args!(
            "{} usable rows, {} problems",
            manifest.rows.len(),
            manifest.problems.len()
        ));
    }
    Ok(if manifest.problems.is_empty() { End::AllDone } else { End::SomeFailed })
}
