//! `store`: upkeep of an evidence store.

use super::{End, Say, note, print_json, tell};
use std::path::{Path, PathBuf};
use store::{Actor, Store, list_confined, migrate, serve};
use types::error::{Error, Result};

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
    /// Show who may enter a store's folder, or set it.
    ///
    /// Whoever cannot enter the folder reaches nothing in it, whatever the
    /// modes of its files. 0700: the owner alone; 0750: the group may read;
    /// 2770: the group may write.
    Mode {
        /// The evidence store.
        store: PathBuf,
        /// The folder's new mode, in octal digits.
        #[arg(value_parser = octal)]
        mode: Option<u32>,
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
        Command::Mode { store, mode } => mode_of(store, *mode, say)?,
        Command::Inspect { file } => {
            let program =
                std::env::current_exe().map_err(|e| Error::io("finding this program", file, &e))?;
            print_json(&list_confined(&program, file)?)?;
        }
    }
    Ok(End::AllDone)
}

/// A folder's mode: read, write and enter, and whether its group is inherited.
fn octal(text: &str) -> std::result::Result<u32, String> {
    let mode = u32::from_str_radix(text, 8).map_err(|_| "not an octal number".to_owned())?;
    if mode & !0o2777 != 0 || mode & 0o700 != 0o700 {
        return Err("the owner must have all rights, as in 0700, 0750 or 2770".into());
    }
    if mode & 0o007 != 0 {
        return Err("evidence is not for everybody: the last digit must be 0".into());
    }
    Ok(mode)
}

#[cfg(unix)]
fn mode_of(store: &Path, mode: Option<u32>, say: Say) -> Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    // Only of what is a store.
    Store::open(store)?;
    let io = |e: std::io::Error| Error::io("setting the mode", store, &e);
    if let Some(mode) = mode {
        std::fs::set_permissions(store, std::fs::Permissions::from_mode(mode)).map_err(io)?;
    }
    let now = std::fs::metadata(store).map_err(io)?.permissions().mode() & 0o7777;
    tell(say, format_args!("{now:04o}  {}", store.display()));
    Ok(())
}

#[cfg(not(unix))]
fn mode_of(store: &Path, _: Option<u32>, _: Say) -> Result<()> {
    Err(Error::new(Kind::BadInput, "this system knows no modes of folders").at(store))
}

/// The life of the child that inspects files: paths in, answers out.
pub fn inspect_confined() -> Result<End> {
    serve(std::io::stdin().lock(), &mut std::io::stdout())?;
    Ok(End::AllDone)
}
