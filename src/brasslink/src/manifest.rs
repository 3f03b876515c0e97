//! `manifest`: check one, start one.

use super::End;
use super::instruments::InstrumentsArgs;
use super::json::Json;
use imaging::acquire::manifest::{COLUMNS_HELP, Problem, manifest_template, read_manifest_with};
use pipeline::look_alikes;
use std::path::PathBuf;
use store::Store;
use types::error::Result;
use types::message::{KeptMessage as _, Message, say};

/// `brasslink manifest …`.
#[derive(clap::Subcommand)]
pub enum Command {
    /// Report every bad row with its line; exit code 3 if there is any.
    Check {
        /// The manifest (CSV, JSON or an Excel workbook).
        manifest: PathBuf,
        /// A store whose identifiers the manifest's are set against.
        #[arg(long, value_name = "DIR")]
        store: Option<PathBuf>,
        #[command(flatten)]
        instruments: InstrumentsArgs,
        #[command(flatten)]
        json: Json,
    },
    /// Print an empty manifest with an example row (CSV).
    Template,
    /// Explain every column, in English and in Spanish.
    Columns,
}

/// Runs the subcommand.
pub fn run(command: &Command) -> Result<End> {
    let (path, store, instruments, json) = match command {
        Command::Template => {
            super::output::content(manifest_template());
            return Ok(End::AllDone);
        }
        Command::Columns => {
            columns();
            return Ok(End::AllDone);
        }
        Command::Check { manifest, store, instruments, json } => {
            (manifest, store, instruments, json)
        }
    };
    let manifest = read_manifest_with(path, instruments.folder())?;
    let snapshot = store.as_ref().map(|store| Store::open(store)?.snapshot()).transpose()?;
    let cautions = look_alikes(&manifest, snapshot.as_ref())?;
    if json.asked() {
        json.put(&serde_json::json!({
            "rows": manifest.rows.len(),
            "problems": manifest.problems,
            "warnings": manifest.warnings.texts(),
            "coded_warnings": manifest.warnings,
            "cautions": cautions.texts(),
            "coded_cautions": cautions,
        }))?;
    } else {
        for problem in grouped(&manifest.problems) {
            super::output::line(problem);
        }
        for caution in &cautions {
            super::output::line(say!("CAUTION: {caution}"));
        }
        for warning in &manifest.warnings {
            super::output::line(say!("warning: {warning}"));
        }
        super::output::line(say!(
            "{} usable rows, {} problems",
            manifest.rows.len(),
            manifest.problems.len()
        ));
    }
    Ok(if manifest.problems.is_empty() { End::AllDone } else { End::SomeFailed })
}

/// Every column with its meaning.
fn columns() {
    for column in &COLUMNS_HELP {
        super::output::line(Message::foreign(column.name));
        super::output::line(say!("    {}", column.english));
        super::output::line(say!("    {} ({})", column.explained, column.spanish.join(", ")));
    }
}

/// The problems, equal ones once with all their lines, in the order of the first.
fn grouped(problems: &[Problem]) -> Vec<Message> {
    let mut groups: Vec<(&Problem, Vec<u64>)> = Vec::new();
    let mut known = std::collections::BTreeMap::new();
    for p in problems {
        let at = *known.entry((p.column, &p.what, &p.advice)).or_insert(groups.len());
        match groups.get_mut(at) {
            Some((_, lines)) => lines.push(p.line),
            None => groups.push((p, vec![p.line])),
        }
    }
    let text = |(p, lines): (&Problem, Vec<u64>)| match lines.len() {
        1 => p.at(say!("line {}", p.line)),
        n => p.at(say!("lines {} ({n} rows)", super::failures::spans(&lines))),
    };
    groups.into_iter().map(text).collect()
}
