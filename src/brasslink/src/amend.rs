//! `amend`: corrections that overwrite nothing.

use super::place::StoreAt;
use super::{End, Say, heads, note, print_json, tell};
use serde_json::Value;
use store::{Actor, Batch, CASING, Record, Store};
use types::error::{Error, Kind, Result};
use types::evidence::{CasingId, CasingRecord, Difference, RecordKind};
use types::message::{Message, say};

const EXAMPLE: &str = "\
Examples:
  brasslink store amend --store evidence --casing CHH-1187-1 --set calibre='9 mm Luger' \\
      --reason 'misread headstamp' --operator 'A. Examiner'
  brasslink store amend --store evidence --casing CHH-1187-1 --set scene.agency=null --reason 'unknown'
  brasslink store amend --store evidence --casing CHH-1187-1 --history";

/// `brasslink store amend`.
#[derive(clap::Args)]
#[command(after_help = EXAMPLE)]
pub struct Args {
    #[command(flatten)]
    store: StoreAt,
    /// The casing whose record is corrected.
    #[arg(long, value_name = "ID", value_parser = |id: &str| CasingId::new(id))]
    casing: CasingId,
    /// A field and its new value (JSON, or plain text); dots lead inwards.
    #[arg(long, value_name = "FIELD=VALUE", required_unless_present = "history")]
    set: Vec<String>,
    /// Why. It stays with the new version for good.
    #[arg(long, value_name = "TEXT", value_parser = super::reason, required_unless_present = "history")]
    reason: Option<String>,
    /// Who is at work, for the record and the ledger (default: the login name).
    #[arg(long, value_name = "NAME", value_parser = super::name)]
    operator: Option<String>,
    /// Print every version of the record as JSON, and change nothing.
    #[arg(long, conflicts_with_all = ["set", "reason"])]
    history: bool,
}

/// Commits the new version, or prints all of them.
pub fn run(args: &Args, say: Say) -> Result<End> {
    let store = Store::open(&args.store)?;
    let id = args.casing.as_str();
    let note = note(args.operator.as_deref());
    // Taken before the version is read that the new one is made of.
    let writer = || store.writer(&Actor::here(note.who.clone()));
    let writer = if args.history { None } else { Some(writer()?) };
    let versions = store.snapshot()?.versions(CASING, id)?;
    let newest = versions.last().ok_or_else(|| {
        Error::new(Kind::NotFound, say!("the store has no casing {id}")).at(&args.store)
    })?;
    let Some(mut writer) = writer else {
        print_json(&versions.iter().map(shown).collect::<Result<Vec<_>>>()?)?;
        return Ok(End::AllDone);
    };
    let mut body = parsed(newest)?;
    for assignment in &args.set {
        set(&mut body, assignment)?;
    }
    let bad = |e: serde_json::Error| {
        Error::new(Kind::BadInput, say!("this would be no casing's record: {e}"))
            .because(&e)
            .advise(say!("see the fields with --history"))
    };
    let record: CasingRecord = serde_json::from_value(body).map_err(bad)?;
    if record.id != args.casing {
        return Err(Error::new(Kind::BadInput, say!("a casing keeps its identifier")));
    }
    let reason = args.reason.clone().unwrap_or_default();
    let mut batch = Batch::default();
    let body = serde_json::to_string(&record).map_err(bad)?;
    let changes = RecordKind::named(CASING)?.differences(&newest.body, &body)?;
    changes.iter().try_for_each(Difference::check)?;
    batch.add_record(CASING, id, body, note.who.clone(), reason.clone());
    let receipt = writer.amend(batch, &note, &reason)?;
    drop(writer);
    heads::keep(&args.store, &note.who)?;
    match receipt.added.is_empty() {
        true => tell(say, say!("the record says that already")),
        false => tell(say, say!("version {}: ledger entry {}", newest.version + 1, receipt.seq)),
    }
    Ok(End::AllDone)
}

fn parsed(record: &Record) -> Result<Value> {
    serde_json::from_str(&record.body).map_err(|e| {
        Error::new(Kind::Store, say!("the record of casing {}: {e}", record.id)).because(&e)
    })
}

fn shown(record: &Record) -> Result<Value> {
    Ok(serde_json::json!({
        "version": record.version,
        "author": record.author,
        "reason": record.reason,
        "record": parsed(record)?,
    }))
}

/// Does what `FIELD=VALUE` says to a record.
fn set(body: &mut Value, assignment: &str) -> Result<()> {
    let bad = |what: Message| {
        Error::new(Kind::BadInput, what).advise(say!("see the fields with --history"))
    };
    let (field, value) =
        assignment.split_once('=').ok_or_else(|| bad(say!("{assignment:?} is not FIELD=VALUE")))?;
    let value = serde_json::from_str(value).unwrap_or_else(|_| Value::String(value.to_owned()));
    let mut place = body;
    for part in field.split('.') {
        place = place
            .as_object_mut()
            .and_then(|object| object.get_mut(part))
            .ok_or_else(|| bad(say!("a casing's record has no field {field:?}")))?;
    }
    *place = value;
    Ok(())
}
