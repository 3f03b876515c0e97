//! `acquisition`: scans that look like one acquisition under two names.

use super::json::Json;
use super::progress::Shown;
use super::this_run::{StoreArgs, finish, this_run};
use super::{End, Say, tell};
use casework::{Suspicion, Suspicions};
use pipeline::{check_acquisitions, clear_acquisition};
use std::path::{Path, PathBuf};
use store::Store;
use types::error::{Error, Kind, Result};
use types::evidence::{CasingId, SameAcquisition, Sameness};
use types::message::{Message, say};

const EXAMPLE: &str = "\
Examples:
  brasslink acquisition list --store evidence
  brasslink acquisition clear C-17 C-42 --store evidence --operator 'R. Ortiz' \\
      --reason 'two scans of two days, both seen at the instrument'
  brasslink acquisition restore C-17 C-42 --store evidence --operator 'R. Ortiz' --reason 'mistaken'

One scan entered under two names is no match. Such a pair is found at import
(equal values) and when it is compared (finest detail that no second measurement
repeats), and is kept out of links, ranks, weights and populations until a
person has cleared it. Run `brasslink link` and `brasslink report` afterwards.";

/// `brasslink acquisition`.
#[derive(clap::Subcommand)]
#[command(after_help = EXAMPLE)]
pub enum Command {
    /// List the pairs, those not cleared first.
    List {
        /// The evidence store.
        #[arg(long, value_name = "DIR")]
        store: PathBuf,
        #[command(flatten)]
        json: Json,
    },
    /// Look at all pairs of a store that an older version of the program
    /// compared; new ones are looked at when they are compared.
    Check(StoreArgs),
    /// Clear a pair: two acquisitions after all.
    Clear(ClearArgs),
    /// Take a clearing back.
    Restore(ClearArgs),
}

/// What a person says of a pair.
#[derive(clap::Args)]
pub struct ClearArgs {
    /// One casing.
    a: CasingId,
    /// The other casing.
    b: CasingId,
    #[command(flatten)]
    store: StoreArgs,
    /// Why, for the record.
    #[arg(long, value_name = "TEXT")]
    reason: String,
}

/// Runs the subcommand.
pub fn run(command: &Command, say: Say) -> Result<End> {
    match command {
        Command::List { store, json } => list(store, json, say),
        Command::Check(args) => return check(args, say),
        Command::Clear(args) => change(args, true, say),
        Command::Restore(args) => change(args, false, say),
    }?;
    Ok(End::AllDone)
}

fn list(store: &Path, json: &Json, say: Say) -> Result<()> {
    let suspicions = Suspicions::read(&Store::open(store)?.snapshot()?)?;
    let mut all: Vec<&Suspicion> = suspicions.all().collect();
    all.sort_by_key(|s| s.cleared.is_some());
    if json.asked() {
        return json.put(&all);
    }
    for Suspicion { found, cleared } in &all {
        let state = cleared.as_ref().map_or_else(
            || say!("not cleared"),
            |c| say!("cleared by {} at {}: {}", c.by, c.at, c.reason),
        );
        tell(say, say!("{}  {state}", in_words(found)));
    }
    let open = all.iter().filter(|s| s.cleared.is_none()).count();
    tell(say, say!("{open} pairs not cleared, {} cleared", all.len() - open));
    Ok(())
}

fn check(args: &StoreArgs, say: Say) -> Result<End> {
    let run = this_run(args);
    let store = Store::open(&args.store)?;
    let outcome = check_acquisitions(&store, &run, &Shown::new(say))?;
    tell_findings(&outcome.same_acquisition, say);
    finish(&outcome, args, &run, say)
}

fn change(args: &ClearArgs, clear: bool, say: Say) -> Result<()> {
    // Such a decision bears a name that somebody gave, not that of a session.
    if args.store.operator.as_deref().is_none_or(|name| name.trim().is_empty()) {
        return Err(Error::new(Kind::BadInput, say!("no name was given for this decision"))
            .advise(say!("give --operator with the name of the person who decides")));
    }
    let run = this_run(&args.store);
    let store = Store::open(&args.store.store)?;
    clear_acquisition(&store, (&args.a, &args.b), clear, &args.reason, &run)?;
    tell(say, say!("recorded; `brasslink link --store` applies it"));
    Ok(())
}

/// A finding as the terminal tells it.
pub(super) fn in_words(found: &SameAcquisition) -> Message {
    let SameAcquisition { a, b, scans: [x, y], why } = found;
    let why = why_in_words(why);
    say!("the same acquisition? {a} and {b}: {why} (scans {} and {})", x.short(), y.short())
}

/// What speaks for one acquisition.
pub(super) fn why_in_words(why: &Sameness) -> Message {
    match why {
        Sameness::SameValues => say!("every value is the same"),
        Sameness::NearIdentical(l) => say!(
            "correlation {:.3} in waves of {:.0} to {:.0} µm",
            l.correlation,
            l.band_um.0,
            l.band_um.1
        ),
    }
}

/// Tells of new findings.
pub(super) fn tell_findings(found: &[SameAcquisition], say: Say) {
    for pair in found {
        tell(say, in_words(pair));
    }
    if !found.is_empty() {
        tell(
            say,
            say!(
                "kept out of links, ranks and weights until cleared (see `brasslink acquisition --help`)"
            ),
        );
    }
}
