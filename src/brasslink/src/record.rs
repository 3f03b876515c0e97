//! `record`: the records of casework as tables, into a store and out of it.

use super::json::Json;
use super::this_run::{StoreArgs, finish, this_run};
use super::{End, Say, output, print_json, tell, write_file};
use ::pipeline::Counted;
use casework::Register;
use pipeline::{Source, import_records};
use serde_json::{Map, Value, json};
use std::path::{Path, PathBuf};
use store::{Record, Store};
use types::cells::Table;
use types::error::{Error, Kind, Result};
use types::evidence::{KINDS, RecordKind, cell, chain_of_custody};
use types::message::say;

const EXAMPLE: &str = "\
Examples:
  brasslink record template event > event.csv
  brasslink record import agency.csv case.csv event.csv --store evidence --dry-run
  brasslink record import corrected.csv --kind firearm --store evidence \\
      --reason 'serial read again under oblique light'
  brasslink record list firearm --store evidence
  brasslink record show exhibit 2026-0017-E1 --store evidence
  brasslink record export --store evidence --out tables

A file is one kind of record: named by --kind, else by the file's name. A column
that a file does not have leaves what is stored as it is; an empty cell says
that it is unknown. Dates may be days, months (2026-03), years or ranges
(2026-03-01/2026-03-09). Records refer to each other by their identifiers, and
what they name must exist or come with the same import. Exhibits tie casings
that the store has to scenes and cases.

Kinds: agency, case, event, firearm, firearm_event, casing, exhibit, movement,
notification.";

/// `brasslink record`.
#[derive(clap::Subcommand)]
#[command(after_help = EXAMPLE)]
pub enum Command {
    /// Take tables of records in; every bad row is told with line and column.
    Import(ImportArgs),
    /// Write every kind of record as a table of its own.
    Export {
        /// The evidence store.
        #[arg(long, value_name = "DIR")]
        store: PathBuf,
        /// Folder for the tables.
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
        /// Write JSON instead of CSV.
        #[arg(long = "as-json", alias = "json")]
        json_tables: bool,
    },
    /// Print one record with all its versions; of an exhibit, its custody.
    Show {
        /// The kind.
        kind: String,
        /// The record's identifier.
        id: String,
        /// The evidence store.
        #[arg(long, value_name = "DIR")]
        store: PathBuf,
    },
    /// List the records of a kind.
    List {
        /// The kind.
        kind: String,
        /// The evidence store.
        #[arg(long, value_name = "DIR")]
        store: PathBuf,
        #[command(flatten)]
        json: Json,
    },
    /// Print the headings of a kind's table and an example row (CSV).
    Template {
        /// The kind.
        kind: String,
    },
}

/// What an import takes.
#[derive(clap::Args)]
pub struct ImportArgs {
    /// CSV or JSON files.
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// What the rows are (default: what the file is called).
    #[arg(long)]
    kind: Option<String>,
    /// Why rows that contradict records are right. It stays with the new
    /// versions for good; without one such rows fail.
    #[arg(long, value_name = "TEXT", value_parser = super::reason)]
    reason: Option<String>,
    /// Check everything, write nothing.
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    store: StoreArgs,
}

/// Runs the subcommand.
pub fn run(command: &Command, say: Say) -> Result<End> {
    match command {
        Command::Import(args) => return import(args, say),
        Command::Export { store, out, json_tables } => export(store, out, *json_tables, say)?,
        Command::Show { kind, id, store } => show(RecordKind::named(kind)?, id, store)?,
        Command::List { kind, store, json } => list(RecordKind::named(kind)?, store, json)?,
        Command::Template { kind } => {
            let columns = RecordKind::named(kind)?.columns;
            let mut table = Table::new(columns.iter().map(|c| c.name))?;
            table.row(columns.iter().map(|c| c.example))?;
            output::content(&String::from_utf8_lossy(&table.finish()?));
        }
    }
    Ok(End::AllDone)
}

fn import(args: &ImportArgs, say: Say) -> Result<End> {
    let run = this_run(&args.store);
    let kind = args.kind.as_deref();
    let sources = args.files.iter().map(|f| Source::new(f, kind)).collect::<Result<Vec<_>>>()?;
    let place = &args.store.store;
    let store = if args.dry_run { Store::open(place) } else { Store::open_or_create(place) }?;
    let reason = args.reason.as_deref();
    let outcome = import_records(&store, &sources, reason, args.dry_run, &run)?;
    let [new, changed, same, failed] =
        [Counted::New, Counted::Changed, Counted::Unchanged, Counted::Failed]
            .map(|what| outcome.get(what));
    tell(
        say,
        match args.dry_run {
            true => {
                say!("would be: {new} new, {changed} changed, {same} unchanged, {failed} faults")
            }
            false => say!("{new} new, {changed} changed, {same} unchanged, {failed} faults"),
        },
    );
    finish(&outcome, &args.store, &run, say)
}

fn export(store: &Path, out: &Path, json: bool, say: Say) -> Result<()> {
    let snapshot = Store::open(store)?.snapshot()?;
    std::fs::create_dir_all(out).map_err(|e| Error::io(say!("making the folder"), out, &e))?;
    for kind in &KINDS {
        let records = snapshot.records(kind.name)?;
        if records.is_empty() {
            continue;
        }
        let rows = rows(kind, &records)?;
        let (bytes, ending) = if json {
            let objects: Vec<_> = rows.into_iter().map(|row| object(kind, row)).collect();
            let text = serde_json::to_string_pretty(&objects).map_err(|e| {
                Error::new(Kind::Internal, say!("no JSON could be made: {e}")).because(&e)
            })?;
            ((text + "\n").into_bytes(), "json")
        } else {
            (csv(kind, &rows)?, "csv")
        };
        write_file(&out.join(format!("{}.{ending}", kind.name)), &bytes)?;
        tell(say, say!("{} of kind {}", records.len(), kind.name));
    }
    Ok(())
}

fn show(kind: &RecordKind, id: &str, store: &Path) -> Result<()> {
    let snapshot = Store::open(store)?.snapshot()?;
    let versions = snapshot.versions(kind.name, id)?;
    if versions.is_empty() {
        return Err(Error::new(Kind::NotFound, say!("the store has no {} {id}", kind.name))
            .advise(say!("see `brasslink record list {}`", kind.name)));
    }
    let versions = versions
        .iter()
        .map(|r| {
            let record = object(kind, kind.row(&r.body)?);
            let Record { version, author, reason, .. } = r;
            Ok(json!({"version": version, "author": author, "reason": reason, "record": record}))
        })
        .collect::<Result<Vec<_>>>()?;
    let mut shown = json!({ "kind": kind.name, "id": id, "versions": versions });
    if kind.name == "exhibit" {
        let mut movements = Register::read(&snapshot)?.movements;
        movements.retain(|m| m.exhibit.as_str() == id);
        let (chain, gaps) = chain_of_custody(movements);
        shown["custody"] = json!({ "movements": chain, "gaps": gaps });
    }
    print_json(&shown)
}

fn list(kind: &RecordKind, store: &Path, json: &Json) -> Result<()> {
    let records = Store::open(store)?.snapshot()?.records(kind.name)?;
    let rows = rows(kind, &records)?;
    if json.asked() {
        return json.put(&rows.into_iter().map(|row| object(kind, row)).collect::<Vec<_>>());
    }
    output::content(&String::from_utf8_lossy(&csv(kind, &rows)?));
    Ok(())
}

fn rows(kind: &RecordKind, records: &[Record]) -> Result<Vec<Vec<Value>>> {
    records.iter().map(|record| kind.row(&record.body)).collect()
}

/// A row as an object; what is unknown is null.
fn object(kind: &RecordKind, row: Vec<Value>) -> Value {
    let named = kind.columns.iter().map(|c| c.name.to_owned()).zip(row);
    Value::Object(named.collect::<Map<_, _>>())
}

/// Records as a table.
fn csv(kind: &RecordKind, rows: &[Vec<Value>]) -> Result<Vec<u8>> {
    let mut table = Table::new(kind.columns.iter().map(|c| c.name))?;
    rows.iter().try_for_each(|row| table.row(row.iter().map(cell)))?;
    table.finish()
}
