//! `seal`, `unseal` and `expunge`.

use super::place::StoreAt;
use super::{End, Say, heads, note, tell};
use imaging::acquire::surface_digest;
use store::{Actor, Remains, Store, Withholding};
use types::error::Result;
use types::evidence::CasingId;
use types::message::say;

const EXAMPLE: &str = "\
Sealing takes everything of a casing out of the store's segments and keeps it
in sealed/, where no reader looks; unseal gives it back. Expunging removes it
for good: record, files, marks, templates, comparisons, links, decisions and
whatever else is about it. Either leaves a tombstone and an entry in the ledger, and the same scans are not taken in
again, not even packed anew. Expunging ends with 3 and names the files while any
may still hold a copy: read by somebody, linked to, or in quarantine/; give the
same order again until it ends with 0. What other records say of the casing in
their own words stays, and the ledger's old lines name it; amend the records.
Copies outside of the store and the blocks of the disk are not this
program's to erase.

Example:
  brasslink store expunge --store evidence --casing CHH-1187-1 --order 'Juzgado 3, 214/2026'";

/// What the three take.
#[derive(clap::Args)]
#[command(after_help = EXAMPLE)]
pub struct Args {
    #[command(flatten)]
    store: StoreAt,
    /// The casing.
    #[arg(long, value_name = "ID", value_parser = |id: &str| CasingId::new(id))]
    casing: CasingId,
    /// The order that is followed: court and number.
    #[arg(long, value_name = "TEXT")]
    order: String,
    /// Who is at work, for the ledger (default: the login name).
    #[arg(long, value_name = "NAME", value_parser = super::name)]
    operator: Option<String>,
}

/// `brasslink store seal`.
pub fn seal(args: &Args, say: Say) -> Result<End> {
    withhold(args, Withholding::Sealed, say)
}

/// `brasslink store expunge`.
pub fn expunge(args: &Args, say: Say) -> Result<End> {
    withhold(args, Withholding::Expunged, say)
}

fn withhold(args: &Args, by: Withholding, say: Say) -> Result<End> {
    let note = note(args.operator.as_deref());
    let store = Store::open(&args.store)?;
    let mut writer = store.writer(&Actor::here(note.who.clone()))?;
    let taken = writer.withhold(&args.casing, by, &args.order, &surface_digest, &note)?;
    tell(say, say!("taken out: ledger entry {}", taken.receipt.seq));
    drop(writer);
    heads::keep(&args.store, &note.who)?;
    if taken.remains.is_empty() {
        return Ok(End::AllDone);
    }
    for Remains { file, why } in &taken.remains {
        super::output::aside(say!("not gone: {}: {why}", file.display()));
    }
    if by == Withholding::Sealed {
        // What is sealed is kept; others only must not be shown it.
        super::output::aside(say!("the old files above are still there"));
    } else {
        super::output::aside(say!(
            "give the same order again when that is done; it ends with 0 when all is gone"
        ));
    }
    Ok(End::SomeFailed)
}

/// `brasslink store unseal`.
pub fn unseal(args: &Args, say: Say) -> Result<End> {
    let note = note(args.operator.as_deref());
    let store = Store::open(&args.store)?;
    let mut writer = store.writer(&Actor::here(note.who.clone()))?;
    let receipt = writer.unseal(&args.casing, &args.order, &note)?;
    drop(writer);
    heads::keep(&args.store, &note.who)?;
    tell(say, say!("given back: ledger entry {}", receipt.seq));
    Ok(End::AllDone)
}
