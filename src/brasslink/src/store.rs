//! `store`: upkeep of an evidence store.

use super::place::StoreAt;
use super::progress::Shown;
use super::this_run::{StoreArgs, finish, this_run};
use super::{End, Say, amend, log, note, print_json, recipe, tell, verify, withhold};
use ::pipeline::Counted;
use pipeline::prepare_again;
use std::path::{Path, PathBuf};
use store::{Actor, Store, list_confined, migrate, serve};
use types::error::{Error, Result};
use types::message::{Message, say};
use types::system::folder_mode;

/// What keeps a store sound and its records right. These stood beside `store`
/// once, and are understood there still.
#[derive(clap::Subcommand)]
pub enum Upkeep {
    /// Print the ledger of a store: who changed what, when and why.
    Log(log::Args),
    /// Check every byte and every reference of a store.
    Verify(verify::VerifyArgs),
    /// Show, or apply, what puts a damaged store right.
    Repair(verify::RepairArgs),
    /// Correct a casing's record: a new version, with a reason.
    Amend(amend::Args),
    /// Put a casing under seal by order of a court.
    Seal(withhold::Args),
    /// Give a sealed casing back.
    Unseal(withhold::Args),
    /// Physically remove a casing by order of a court.
    Expunge(withhold::Args),
}

/// The names of [`Upkeep`].
pub const UPKEEP: [&str; 7] = ["log", "verify", "repair", "amend", "seal", "unseal", "expunge"];

/// Runs one of them.
pub fn keep_up(command: &Upkeep, say: Say) -> Result<End> {
    match command {
        Upkeep::Log(args) => log::run(args),
        Upkeep::Verify(args) => verify::verify(args, say),
        Upkeep::Repair(args) => verify::repair(args, say),
        Upkeep::Amend(args) => amend::run(args, say),
        Upkeep::Seal(args) => withhold::seal(args, say),
        Upkeep::Unseal(args) => withhold::unseal(args, say),
        Upkeep::Expunge(args) => withhold::expunge(args, say),
    }
}

/// `brasslink store …`.
#[derive(clap::Subcommand)]
pub enum Command {
    #[command(flatten)]
    Upkeep(Upkeep),
    /// Bring a store of an older format version to the newest.
    ///
    /// No evidence file is touched; the ledger goes on and says so.
    Migrate(Args),
    /// Make marks of an older recipe anew, from the scans in the store.
    ///
    /// Only marks of one recipe are compared. After a change of the recipe, by
    /// `--recipe` or with a newer program, run this once.
    Prepare(StoreArgs),
    /// Merge small segments into few.
    ///
    /// Happens by itself in the course of an import; this merges the rest.
    Compact(Args),
    /// Print what a store says, part by part, as counts and digests.
    ///
    /// Two stores with the same digests hold the same evidence and results,
    /// whatever their history.
    Content {
        #[command(flatten)]
        store: StoreAt,
    },
    /// Show who may enter a store's folder, or set it.
    ///
    /// Whoever cannot enter the folder reaches nothing in it, whatever the
    /// modes of its files. 0700: the owner alone; 0750: the group may read;
    /// 2770: the group may write.
    Mode {
        #[command(flatten)]
        store: StoreAt,
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
    #[command(flatten)]
    store: StoreAt,
    /// Who is at work, for the ledger (default: the login name).
    #[arg(long, value_name = "NAME", value_parser = super::name)]
    operator: Option<String>,
}

/// Runs the subcommand.
pub fn run(command: &Command, say: Say) -> Result<End> {
    match command {
        Command::Upkeep(command) => return keep_up(command, say),
        Command::Migrate(Args { store, operator }) => {
            let note = note(operator.as_deref());
            match migrate(store, &Actor::here(note.who.clone()), &note)? {
                Some(receipt) => tell(say, say!("migrated: ledger entry {}", receipt.seq)),
                None => tell(say, say!("the store has the newest format already")),
            }
        }
        Command::Prepare(args) => {
            let recipe = recipe::in_force();
            let run = this_run(args);
            let shown = Shown::new(say);
            let outcome = prepare_again(&Store::open(&args.store)?, &recipe, &run, &shown)?;
            tell(say, say!("{} marks prepared anew", outcome.get(Counted::Prepared)));
            return finish(&outcome, args, &run, say);
        }
        Command::Compact(Args { store, operator }) => {
            let note = note(operator.as_deref());
            let store = Store::open(store)?;
            let mut writer = store.writer(&Actor::here(note.who.clone()))?;
            match writer.compact(&note)? {
                Some(receipt) => tell(say, say!("merged: ledger entry {}", receipt.seq)),
                None => tell(say, say!("there is nothing to merge")),
            }
        }
        Command::Content { store } => print_json(&Store::open(store)?.snapshot()?.content()?)?,
        Command::Mode { store, mode } => mode_of(store, *mode, say)?,
        Command::Inspect { file } => {
            let program = std::env::current_exe()
                .map_err(|e| Error::io(say!("finding this program"), file, &e))?;
            print_json(&list_confined(&program, file)?)?;
        }
    }
    Ok(End::AllDone)
}

/// A folder's mode: read, write and enter, and whether its group is inherited.
fn octal(text: &str) -> std::result::Result<u32, Message> {
    let mode = u32::from_str_radix(text, 8).map_err(|_| say!("not an octal number"))?;
    if mode & !0o2777 != 0 || mode & 0o700 != 0o700 {
        return Err(say!("the owner must have all rights, as in 0700, 0750 or 2770"));
    }
    if mode & 0o007 != 0 {
        return Err(say!("evidence is not for everybody: the last digit must be 0"));
    }
    Ok(mode)
}

fn mode_of(store: &Path, mode: Option<u32>, say: Say) -> Result<()> {
    // Only of what is a store.
    Store::open(store)?;
    let io = |e: std::io::Error| Error::io(say!("setting the mode"), store, &e);
    let now = folder_mode(store, mode).map_err(io)?;
    tell(say, say!("{now:04o}  {}", store.display()));
    Ok(())
}

/// The life of the child that inspects files: paths in, answers out.
pub fn inspect_confined() -> Result<End> {
    serve(std::io::stdin().lock(), &mut std::io::stdout())?;
    Ok(End::AllDone)
}
