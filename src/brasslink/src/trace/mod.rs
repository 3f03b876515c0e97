//! `trace`: requests to a tracing centre, what comes back, who may read it.

mod history;
mod show;

pub use history::told;

use super::json::Json;
use super::keys::{read_private, write_private};
use super::this_run::{StoreArgs, finish, this_run};
use super::{End, Say, complain, tell, today, write_file, write_json};
use ::pipeline::Counted;
use casework::Register;
use casework::trace::doubles::{Double, Doubles};
use casework::trace::personal::PersonalKeys;
use casework::trace::{REQUEST, RequestFault, Traces, check, draft};
use pipeline::{import_results, request_trace};
use serde::Serialize;
use std::path::{Path, PathBuf};
use store::Store;
use types::cells::Table;
use types::error::{Error, Kind, Result};
use types::evidence::{AgencyId, FirearmId, NcicCode, RecordKind, TraceId, TraceRequest, cell};
use types::message::{Message, say};

const EXAMPLE: &str = "\
Examples:
  brasslink trace new F-2026-0031 --store evidence --ncic 5212
  brasslink trace check --store evidence
  brasslink trace export --store evidence --out requests.csv
  brasslink trace keys --out laboratory.keys --identity ../safe/identity.txt
  brasslink trace import results.csv --store evidence --keys laboratory.keys
  brasslink trace show --store evidence
  brasslink trace show T-5d41402abc4b2a76 --store evidence --personal \\
      --identity ../safe/identity.txt --reason 'warrant 117/2026'

A request is made of the records of a recovered firearm. Before it is stored, the
fields that a tracing centre asks for are checked one by one, and earlier
requests for what may be the same firearm are pointed out. Purchasers and other
persons are kept only encrypted, apart from everything else; a pseudonym says
which firearms had one purchaser.";

/// `brasslink trace`.
#[derive(clap::Subcommand)]
#[command(after_help = EXAMPLE)]
pub enum Command {
    /// Draw up a request for a recovered firearm, check it and store it.
    New(NewArgs),
    /// Tell what stored requests lack, and which may be about one firearm.
    Check {
        /// Only these requests.
        #[arg(value_name = "TRACE")]
        traces: Vec<TraceId>,
        /// The evidence store.
        #[arg(long, value_name = "DIR")]
        store: PathBuf,
        #[command(flatten)]
        json: Json,
    },
    /// Write complete requests as a table, to be entered or sent.
    Export {
        /// Only these requests.
        #[arg(value_name = "TRACE")]
        traces: Vec<TraceId>,
        /// The evidence store.
        #[arg(long, value_name = "DIR")]
        store: PathBuf,
        /// The table: CSV, or JSON where the name ends so.
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    /// Take a table of results in (CSV or JSON; `record template trace_result`
    /// prints the headings).
    Import {
        /// The table.
        file: PathBuf,
        #[command(flatten)]
        store: StoreArgs,
        /// The laboratory's key file; without it no personal data are taken in.
        #[arg(long, value_name = "FILE")]
        keys: Option<PathBuf>,
    },
    /// List the traces with their indicators, or show one.
    Show(show::Args),
    /// Make the laboratory's keys for personal data.
    Keys {
        /// New key file: to whom is encrypted. It stays with those who import.
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
        /// New identity: decrypts. Keep it away from the store, with a copy.
        #[arg(long, value_name = "FILE")]
        identity: PathBuf,
    },
}

/// `brasslink trace new`.
#[derive(clap::Args)]
pub struct NewArgs {
    /// The firearm.
    firearm: FirearmId,
    #[command(flatten)]
    store: StoreArgs,
    /// NCIC code of the offence.
    #[arg(long, value_name = "CODE")]
    ncic: Option<NcicCode>,
    /// ORI of who asks (default: who recovered it).
    #[arg(long, value_name = "ORI")]
    agency: Option<AgencyId>,
    /// Store it although something required is missing.
    #[arg(long)]
    incomplete: bool,
    /// Store it although it may be a double: it was looked into.
    #[arg(long)]
    no_double: bool,
}

/// A request with all that is to be said of it.
#[derive(Serialize)]
struct Checked<'a> {
    request: &'a TraceRequest,
    lacks: Vec<RequestFault>,
    doubles: Vec<Double>,
}

impl Checked<'_> {
    fn refused(&self) -> bool {
        self.lacks.iter().any(|fault| fault.refused)
    }

    fn tell(&self, say: Say) {
        let TraceRequest { id, firearm, .. } = self.request;
        tell(say, say!("{id}  firearm {firearm}"));
        for RequestFault { field, what, advice, refused } in &self.lacks {
            match refused {
                true => tell(say, say!("  required: {field}: {what} ({advice})")),
                false => tell(say, say!("  note: {field}: {what} ({advice})")),
            }
        }
        for double in &self.doubles {
            tell(say, say!("  {}", described(double)));
        }
    }
}

/// A double in one line: what it is, how like, and what speaks for and against.
fn described(double: &Double) -> Message {
    let Double { request, firearm, serial, slip, crossed, neighbours, factors, odds, likely } =
        double;
    let slip = serde_json::to_value(slip).map(|v| cell(&v)).unwrap_or_default().replace('_', " ");
    let mut how = vec![Message::foreign(slip)];
    how.extend(crossed.then(|| say!("maker's beside importer's number")));
    how.extend(neighbours.then(|| say!("neighbours in production")));
    let how = Message::joined(how, ", ");
    let side = |wanted: bool| {
        let named = factors.iter().filter(|f| f.times != 1.0 && (f.times > 1.0) == wanted);
        named.map(|f| f.what).collect::<Vec<_>>().join(", ")
    };
    let (speaks_for, against) = (side(true), side(false));
    let mut parts = vec![match likely {
        true => say!("likely double: {request}, firearm {firearm}, serial {serial} ({how})"),
        false => say!("look-alike: {request}, firearm {firearm}, serial {serial} ({how})"),
    }];
    parts.extend((!speaks_for.is_empty()).then(|| say!("for it: {speaks_for}")));
    parts.extend((!against.is_empty()).then(|| say!("against: {against}")));
    parts.push(say!("odds {odds:.1}"));
    Message::joined(parts, "; ")
}

/// Runs the subcommand.
pub fn run(command: &Command, say: Say) -> Result<End> {
    match command {
        Command::New(args) => new(args, say),
        Command::Check { traces, store, json } => check_stored(traces, store, json, say),
        Command::Export { traces, store, out } => export(traces, store, out, say),
        Command::Import { file, store, keys } => {
            let keys = keys.as_deref().map(read_keys).transpose()?;
            let run = this_run(store);
            let outcome = import_results(&Store::open(&store.store)?, file, keys.as_ref(), &run)?;
            tell(
                say,
                say!(
                    "{} new results, {} changed, {} unchanged, {} with personal data, {} failed",
                    outcome.get(Counted::New),
                    outcome.get(Counted::Changed),
                    outcome.get(Counted::Unchanged),
                    outcome.get(Counted::Persons),
                    outcome.get(Counted::Failed)
                ),
            );
            finish(&outcome, store, &run, say)
        }
        Command::Show(args) => show::run(args, say),
        Command::Keys { out, identity } => keys(out, identity, say),
    }
}

fn new(args: &NewArgs, say: Say) -> Result<End> {
    let store = Store::open(&args.store.store)?;
    let snapshot = store.snapshot()?;
    let register = Register::read(&snapshot)?;
    let known = Traces::read(&snapshot)?.requests;
    let request = draft(&register, &args.firearm, args.ncic.clone(), args.agency.clone())?;
    let doubles = Doubles::among(&known).of(&request);
    let checked = Checked { lacks: check(&request, today()), request: &request, doubles };
    checked.tell(say);
    Json::to(&args.store.json).put(&checked)?;
    if checked.refused() && !args.incomplete {
        return Err(Error::new(
            Kind::BadInput,
            say!("the request is incomplete and was not stored"),
        )
        .advise(say!("amend the records, or store it as it is with --incomplete")));
    }
    if checked.doubles.iter().any(|double| double.likely) && !args.no_double {
        return Err(Error::new(
            Kind::BadInput,
            say!("the firearm may have been traced before; nothing was stored"),
        )
        .advise(say!(
            "look into the requests above; if it is another firearm, repeat with --no-double"
        )));
    }
    request_trace(&store, &request, &this_run(&args.store))?;
    tell(say, say!("stored"));
    Ok(End::AllDone)
}

/// The requests of a store, or those named.
fn chosen(traces: &[TraceId], known: &[TraceRequest]) -> Result<Vec<TraceRequest>> {
    let named = |id: &TraceId| {
        known.iter().find(|r| r.id == *id).cloned().ok_or_else(|| {
            Error::new(Kind::NotFound, say!("the store has no request {id}"))
                .advise(say!("`brasslink trace show` lists them"))
        })
    };
    if traces.is_empty() { Ok(known.to_vec()) } else { traces.iter().map(named).collect() }
}

fn check_stored(traces: &[TraceId], store: &Path, json: &Json, say: Say) -> Result<End> {
    let known = Traces::read(&Store::open(store)?.snapshot()?)?.requests;
    let chosen = chosen(traces, &known)?;
    let doubles = Doubles::among(&known);
    let (day, find) = (today(), |request| doubles.of(request));
    let checked: Vec<Checked<'_>> = chosen
        .iter()
        .map(|request| Checked { request, lacks: check(request, day), doubles: find(request) })
        .collect();
    if json.asked() {
        json.put(&checked)?;
    } else {
        checked.iter().for_each(|c| c.tell(say));
        let doubtful =
            checked.iter().filter(|c| c.doubles.iter().any(|double| double.likely)).count();
        let incomplete = checked.iter().filter(|c| c.refused()).count();
        let all = checked.len();
        tell(say, say!("{all} requests, {incomplete} incomplete, {doubtful} with likely doubles"));
    }
    Ok(if checked.iter().any(Checked::refused) { End::SomeFailed } else { End::AllDone })
}

fn export(traces: &[TraceId], store: &Path, out: &Path, say: Say) -> Result<End> {
    let known = Traces::read(&Store::open(store)?.snapshot()?)?.requests;
    let kind = RecordKind::named(REQUEST)?;
    let headings: Vec<&str> = kind.columns.iter().map(|c| c.name).collect();
    let mut rows = Vec::new();
    let mut left_out = 0;
    for request in chosen(traces, &known)? {
        let lacks: Vec<_> = check(&request, today()).into_iter().filter(|l| l.refused).collect();
        if let Some(lack) = lacks.first() {
            left_out += 1;
            let what = say!("{} is not exported: {}: {}", request.id, lack.field, lack.what);
            complain(&Error::new(Kind::BadInput, what).advise(lack.advice.clone()));
            continue;
        }
        let body = serde_json::to_string(&request).map_err(|e| {
            Error::new(Kind::Internal, say!("no JSON could be made: {e}")).because(&e)
        })?;
        rows.push(kind.row(&body)?);
    }
    if out.extension().is_some_and(|e| e == "json") {
        let object = |row: &Vec<serde_json::Value>| {
            let named = headings.iter().map(|h| (*h).to_owned()).zip(row.iter().cloned());
            serde_json::Value::Object(named.collect())
        };
        write_json(out, &rows.iter().map(object).collect::<Vec<_>>())?;
    } else {
        let mut table = Table::new(&headings)?;
        rows.iter().try_for_each(|row| table.row(row.iter().map(cell)))?;
        write_file(out, &table.finish()?)?;
    }
    tell(say, say!("{} requests in {}, {left_out} incomplete", rows.len(), out.display()));
    Ok(if left_out > 0 { End::SomeFailed } else { End::AllDone })
}

fn read_keys(path: &Path) -> Result<PersonalKeys> {
    PersonalKeys::parse(&read_private(path)?).map_err(|e| e.at(path))
}

/// Writes new keys, over no older ones: what they closed would stay closed.
fn keys(out: &Path, identity: &Path, say: Say) -> Result<End> {
    for path in [out, identity] {
        if path.exists() {
            return Err(Error::new(Kind::BadInput, say!("there is such a file already"))
                .at(path)
                .advise(say!(
                    "name a new one: personal data taken in with older keys need the older identity"
                )));
        }
    }
    let (keys, secret) = PersonalKeys::generate()?;
    write_private(identity, &secret)?;
    write_private(out, &keys)?;
    tell(
        say,
        say!(
            "{} encrypts, {} decrypts: whoever has the second reads, whoever loses it reads nothing",
            out.display(),
            identity.display()
        ),
    );
    Ok(End::AllDone)
}
