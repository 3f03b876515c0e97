//! Traces into a store: requests, results, and persons apart from them.

use super::{Failed, Outcome, Run, commit, json};
use crate::Counted;
use casework::trace::personal::{PERSONAL_COLUMNS, Person, PersonalKeys, Sealed};
use casework::trace::{ACCESS, PERSONAL, REQUEST, RESULT, Traces};
use casework::understood;
use imaging::acquire::manifest::{Problem, Table, TableRow, read_table};
use std::collections::BTreeMap;
use std::path::Path;
use store::{Batch, Snapshot, Store};
use types::error::{Error, Kind, Result};
use types::evidence::{RecordKind, RowRecord, TraceId, TraceRequest};
use types::message::{Message, say};

/// Commits a request. A second version of one that is stored is a correction.
///
/// # Errors
/// Where the store cannot be written.
pub fn request_trace(store: &Store, request: &TraceRequest, run: &Run) -> Result<()> {
    let mut batch = Batch::default();
    batch.add_record(REQUEST, request.id.as_str(), json(request)?, &run.who, "trace new");
    commit(&mut run.writer(store)?, batch, run)
}

/// A table may name the firearm instead of the request.
const FIREARM: &str = "firearm_id";

/// What an import of results knows while it goes through its rows.
struct Import<'a> {
    kind: &'static RecordKind,
    file: String,
    /// Stored requests and their firearms.
    requests: Vec<TraceRequest>,
    results: BTreeMap<String, String>,
    sealed: BTreeMap<String, Sealed>,
    keys: Option<&'a PersonalKeys>,
    batch: Batch,
    who: &'a str,
    outcome: Outcome,
}

/// Imports a table of results. Persons are encrypted with `keys`, and a
/// pseudonym stands for the purchaser; without keys they are not taken in,
/// which is listed as a failure of the row, whose other cells are. Rows that
/// cannot be used or answer no request of the store are listed, the others go
/// on. Importing a table again changes nothing.
///
/// # Errors
/// Where the file or the store cannot be read or written.
pub fn import_results(
    store: &Store,
    path: &Path,
    keys: Option<&PersonalKeys>,
    run: &Run,
) -> Result<Outcome> {
    let kind = RecordKind::named(RESULT)?;
    let mut writer = run.writer(store)?;
    let snapshot = store.snapshot()?;
    let bodies = |kind: &str| -> Result<BTreeMap<String, String>> {
        Ok(snapshot.records(kind)?.into_iter().map(|r| (r.id, r.body)).collect())
    };
    let sealed = snapshot.records(PERSONAL)?;
    let mut import = Import {
        kind,
        file: path.file_name().unwrap_or_default().to_string_lossy().into_owned(),
        requests: Traces::read(&snapshot)?.requests,
        results: bodies(RESULT)?,
        sealed: sealed.iter().map(|r| Ok((r.id.clone(), understood(r)?))).collect::<Result<_>>()?,
        keys,
        batch: Batch::default(),
        who: &run.who,
        outcome: Outcome::default(),
    };
    let beside: Vec<&str> = [FIREARM].into_iter().chain(PERSONAL_COLUMNS).collect();
    let Table { rows, problems, warnings } = read_table(path, kind, &beside)?;
    import.outcome.warnings = warnings;
    import.outcome.count(Counted::Rows, (rows.len() + problems.len()) as u64);
    problems.into_iter().for_each(|problem| import.fail(problem));
    for row in rows {
        import.row(row)?;
    }
    let Import { batch, mut outcome, .. } = import;
    outcome.count(Counted::Failed, outcome.failures.len() as u64);
    commit(&mut writer, batch, run)?;
    Ok(outcome)
}

impl Import<'_> {
    fn row(&mut self, TableRow { line, mut cells }: TableRow) -> Result<()> {
        let person: Person = PERSONAL_COLUMNS
            .iter()
            .filter_map(|column| Some(((*column).to_owned(), cells.remove(column)?)))
            .filter(|(_, cell)| !cell.is_empty())
            .collect();
        if let Some(pseudonym) = self.keys.and_then(|keys| keys.pseudonym(&person)) {
            cells.insert("purchaser", pseudonym.to_string());
        }
        if let Some(trace) = self.only_request(&mut cells) {
            cells.insert("trace_id", trace);
        }
        let made = self.kind.record(&cells, |id| self.results.get(id).cloned());
        let RowRecord { id, body, .. } = match made {
            Ok(made) => made,
            Err(faults) => {
                for (column, error) in faults {
                    let (what, advice) = (error.what, error.advice);
                    self.fail(Problem { line, column, what, advice });
                }
                return Ok(());
            }
        };
        if !self.requests.iter().any(|request| request.id.as_str() == id) {
            let what = say!("the store has no request {id}");
            let advice =
                say!("give the request's identifier, as `brasslink trace show` lists them");
            let (column, advice) = (Some("trace_id"), Some(advice.to_owned()));
            self.fail(Problem { line, column, what, advice });
            return Ok(());
        }
        let count = match self.results.insert(id.clone(), body.clone()) {
            None => Counted::New,
            Some(old) if old == body => Counted::Unchanged,
            Some(_) => Counted::Changed,
        };
        self.outcome.count(count, 1);
        self.batch.add_record(RESULT, id.as_str(), body, self.who, "trace import");
        if person.is_empty() { Ok(()) } else { self.person(line, id, &person) }
    }

    /// The request that a row without its identifier answers: the only one
    /// about the firearm that it names.
    fn only_request(&self, cells: &mut BTreeMap<&'static str, String>) -> Option<String> {
        let firearm = cells.remove(FIREARM)?;
        let named = cells.get("trace_id").is_some_and(|id| !id.is_empty());
        let mut about = self.requests.iter().filter(|r| r.firearm.as_str() == firearm);
        match (about.next(), about.next()) {
            (Some(request), None) if !named => Some(request.id.to_string()),
            _ => None,
        }
    }

    /// Keeps a person apart, if there are keys to do so.
    fn person(&mut self, line: u64, id: String, person: &Person) -> Result<()> {
        let Some(keys) = self.keys else {
            let columns: Vec<&str> = person.keys().map(String::as_str).collect();
            let what = say!("personal data ({}) were not taken in", columns.join(", "));
            let advice = say!(
                "they are kept only encrypted: make keys with `brasslink trace keys`, \
                          then import the table again with --keys"
            );
            self.fail(Problem { line, column: None, what, advice: Some(advice) });
            return Ok(());
        };
        let known = self.sealed.get(&id).map(|sealed| keys.same(sealed, person)).transpose()?;
        if known != Some(true) {
            let sealed = keys.seal(person)?;
            self.batch.add_record(PERSONAL, id.as_str(), json(&sealed)?, self.who, "");
            self.sealed.insert(id, sealed);
            self.outcome.count(Counted::Persons, 1);
        }
        Ok(())
    }

    fn fail(&mut self, problem: Problem) {
        self.outcome.failures.push(Failed {
            file: match problem.column {
                Some(column) => say!("{}, column {column}", self.file),
                None => Message::foreign(self.file.to_string()),
            },
            line: Some(problem.line),
            kind: Kind::BadInput,
            reason: problem.what,
            advice: problem.advice,
        });
    }
}

/// The encrypted persons of a trace, if there are any.
///
/// # Errors
/// [`Kind::Store`] if their record cannot be understood.
pub fn sealed_person(snapshot: &Snapshot, trace: &TraceId) -> Result<Option<Sealed>> {
    snapshot.versions(PERSONAL, trace.as_str())?.last().map(understood).transpose()
}

/// Decrypts the persons of a trace. That somebody did, why and when is in the
/// ledger before anything is given out.
///
/// # Errors
/// [`Kind::NotFound`] if there are none; [`Kind::BadInput`] for the wrong
/// identity; where the ledger cannot be written.
pub fn read_person(
    store: &Store,
    trace: &TraceId,
    identity: &str,
    reason: &str,
    run: &Run,
) -> Result<Person> {
    let mut writer = run.writer(store)?;
    let snapshot = store.snapshot()?;
    let sealed = sealed_person(&snapshot, trace)?.ok_or_else(|| {
        Error::new(Kind::NotFound, say!("the store keeps no personal data of trace {trace}"))
            .advise(say!("`brasslink trace import` with --keys takes them in"))
    })?;
    let person = sealed.open(identity)?;
    let access = serde_json::json!({ "trace": trace, "by": run.who, "at": run.started });
    let id = format!("{trace}/{}", snapshot.seq() + 1);
    let mut batch = Batch::default();
    batch.add_record(ACCESS, id, access.to_string(), &run.who, reason);
    let receipt = writer.amend(batch, &run.note(), reason)?;
    if receipt.added.is_empty() {
        return Err(Error::new(Kind::Store, say!("the access could not be entered in the ledger"))
            .advise(say!("ask again")));
    }
    Ok(person)
}
