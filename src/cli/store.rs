//! `store`: upkeep of an evidence store.

use super::{End, Say, note, print_json, tell};
use crate::error::{Error, Result};
use crate::store::{Actor, Store, list_confined, migrate, serve};
use std::path::PathBuf;

/// `brasslink store …`.
#[derive(clap::Subcommand)]
pub enum Command {
    /// Bring a store of an older format version to the newest.
    ///
    /// No evidence file is touched; the ledger goes on and says so.
    Migrate(Args),
    /// Merge small segments into few.
    ///
    /// Happens by itself in the course of an import; this merges the rest.
    Compact(Args),
    /// Print what a store says, part by part, as counts and digests.
    ///
    /// Two stores with the same digests hold the same evidence and results,
    /// whatever their history.
    Content {
        /// The evidence store.
        store: PathBuf,
    },
    /// Look into an HDF5 file that no store vouches for.
    ///
    /// Done by a confined child process; the file is refused by name if there
    /// is anything in it that a segment of a store does not have.
    Inspect {
        /// The file.
        file: PathBuf,
    },
}

/// What a change of the store takes.
#[derive(clap::Args)]
pub struct Args {
    /// The evidence store.
    store: PathBuf,
    /// Who is at work, for the ledger (default: the login name).
    #[arg(long, value_name = "NAME", value_parser = super::name)]
    operator: Option<String>,
}

/// Runs the subcommand.
pub fn run(command: &Command, say: Say) -> Result<End> {
    match command {
        Command::Migrate(Args { store, operator }) => {
            let note = note(operator.as_deref());
            match migrate(store, &Actor::here(note.who.clone()), &note)? {
                Some(receipt) => tell(say, format_args!("migrated: ledger entry {}", receipt.seq)),
                None => tell(say, "the store has the newest format already"),
            }
        }
        Command::Compact(Args { store, operator }) => {
            let note = note(operator.as_deref());
            let store = Store::open(store)?;
            let mut writer = store.writer(&Actor::here(note.who.clone()))?;
            match writer.compact(&note)? {
                Some(receipt) => tell(say, format_args!("merged: ledger entry {}", receipt.seq)),
                None => tell(say, "there is nothing to merge"),
            }
        }
        Command::Content { store } => print_json(&Store::open(store)?.snapshot()?.content()?)?,
        Command::Inspect { file } => {
            let program =
                std::env::current_exe().map_err(|e| Error::io("finding this program", file, &e))?;
            print_json(&list_confined(&program, file)?)?;
        }
    }
    Ok(End::AllDone)
}

/// The life of the child that inspects files: paths in, answers out.
pub fn inspect_confined() -> Result<End> {
    serve(std::io::stdin().lock(), &mut std::io::stdout())?;
    Ok(End::AllDone)
}
