//! Requests of a form or a table: every row checked, doubles pointed out, and
//! those that are fit committed with their firearms.

use super::{Run, commit};
use casework::Register;
use casework::trace::doubles::{Double, Doubles};
use casework::trace::{REQUEST, RequestFault, Traces, check};
use imaging::acquire::manifest::{Table, TableRow, read_table};
use jiff::civil::Date;
use std::collections::BTreeMap;
use std::path::Path;
use store::{Batch, Snapshot, Store};
use types::error::{Error, Kind, Result};
use types::evidence::{Digest, RecordKind, RowRecord, TraceRequest};
use types::message::{Message, say};

/// What becomes of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RequestFate {
    /// It is fit, and taken in unless nothing is to be written.
    Taken,
    /// The store has it already, word for word.
    Known,
    /// It may be a double, and nobody said that this was looked into.
    Doubtful,
    /// Something is missing or wrong.
    Refused,
}

/// A row with all that is to be said of it.
#[derive(Clone, Debug)]
pub struct RequestRow {
    /// Its line in the table.
    pub line: u64,
    /// The request's identifier; empty where the row makes none.
    pub id: String,
    /// Cells that cannot be read: the column where it is one, what is wrong, what to do.
    pub unreadable: Vec<(Option<&'static str>, Message, Option<Message>)>,
    /// What the form asks for and the row lacks, or what may be wrong in it.
    pub faults: Vec<RequestFault>,
    /// Earlier requests, and rows above, that may be about the same firearm.
    pub doubles: Vec<Double>,
    /// What becomes of it.
    pub fate: RequestFate,
}

/// How rows are taken in.
pub struct RequestOrder<'a> {
    /// The day by which dates are still to come.
    pub today: Date,
    /// Whether likely doubles were looked into.
    pub looked_into: bool,
    /// Whether nothing is to be written.
    pub dry_run: bool,
    /// The words for the record: its priority and why.
    pub reason: &'a str,
}

/// The rows of a table of requests (`record template trace_request` prints its
/// headings); firearms that the register lacks are made of their description.
///
/// # Errors
/// Where the table as a whole or the store cannot be read or written.
pub fn import_requests(
    store: &Store,
    path: &Path,
    order: &RequestOrder,
    run: &Run,
) -> Result<Vec<RequestRow>> {
    let Table { rows, problems, .. } = read_table(path, RecordKind::named(REQUEST)?, &[])?;
    let mut judged = take_requests(store, rows, order, run)?;
    judged.extend(problems.into_iter().map(|p| RequestRow {
        line: p.line,
        id: String::new(),
        unreadable: vec![(p.column, p.what, p.advice)],
        faults: Vec::new(),
        doubles: Vec::new(),
        fate: RequestFate::Refused,
    }));
    judged.sort_by_key(|row| row.line);
    Ok(judged)
}

/// As [`import_requests`], of the cells of one form.
///
/// # Errors
/// As [`import_requests`].
pub fn enter_request(
    store: &Store,
    cells: BTreeMap<&'static str, String>,
    order: &RequestOrder,
    run: &Run,
) -> Result<RequestRow> {
    let judged = take_requests(store, vec![TableRow { line: 1, cells }], order, run)?;
    let none = || Error::new(Kind::Internal, say!("a form made no row"));
    judged.into_iter().next().ok_or_else(none)
}

fn take_requests(
    store: &Store,
    rows: Vec<TableRow>,
    order: &RequestOrder,
    run: &Run,
) -> Result<Vec<RequestRow>> {
    // What rows are checked against must not change before they are written.
    let writer = if order.dry_run { None } else { Some(run.writer(store)?) };
    let snapshot = store.snapshot()?;
    let mut known = Traces::read(&snapshot)?.requests;
    let register = Register::read(&snapshot)?;
    let mut batch = Batch::default();
    let mut judged = Vec::new();
    for TableRow { line, cells } in rows {
        let (mut row, made) = judge(&snapshot, line, cells, &known, order)?;
        if row.fate == RequestFate::Taken
            && let Some((record, request, gun)) = made
        {
            if !register.firearms.contains_key(&request.firearm) {
                match RecordKind::named("firearm")?.record(&gun, |_| None) {
                    Ok(firearm) => {
                        batch.add_record(
                            "firearm",
                            firearm.id,
                            firearm.body,
                            &run.who,
                            order.reason,
                        );
                    }
                    Err(faults) => {
                        row.fate = RequestFate::Refused;
                        row.unreadable = told(faults);
                    }
                }
            }
            if row.fate == RequestFate::Taken {
                batch.add_record(REQUEST, record.id, record.body, &run.who, order.reason);
                known.push(request);
            }
        }
        judged.push(row);
    }
    if let Some(mut writer) = writer {
        commit(&mut writer, batch, run)?;
    }
    Ok(judged)
}

type Made = (RowRecord, TraceRequest, BTreeMap<&'static str, String>);

fn told(
    faults: Vec<(Option<&'static str>, Error)>,
) -> Vec<(Option<&'static str>, Message, Option<Message>)> {
    faults.into_iter().map(|(column, e)| (column, e.what, e.advice)).collect()
}

fn judge(
    snapshot: &Snapshot,
    line: u64,
    mut cells: BTreeMap<&'static str, String>,
    known: &[TraceRequest],
    order: &RequestOrder,
) -> Result<(RequestRow, Option<Made>)> {
    name(&mut cells);
    let mut row = RequestRow {
        line,
        id: cells.get("trace_id").cloned().unwrap_or_default(),
        unreadable: Vec::new(),
        faults: Vec::new(),
        doubles: Vec::new(),
        fate: RequestFate::Refused,
    };
    let record = match RecordKind::named(REQUEST)?.record(&cells, |_| None) {
        Ok(record) => record,
        Err(faults) => {
            row.unreadable = told(faults);
            return Ok((row, None));
        }
    };
    let request: TraceRequest = serde_json::from_str(&record.body)
        .map_err(|e| Error::new(Kind::Internal, say!("no JSON could be made: {e}")).because(&e))?;
    row.faults = check(&request, order.today);
    row.doubles = Doubles::among(known).of(&request);
    let stored = snapshot.versions(REQUEST, &record.id)?;
    let above = known.iter().any(|r| r.id == request.id);
    row.fate = match stored.last() {
        Some(old) if old.body == record.body => RequestFate::Known,
        _ if above => {
            let what = say!("there is a request {} that says otherwise", record.id);
            let advice = say!("give another identifier, or correct the request by an amendment");
            row.unreadable.push((Some("trace_id"), what, Some(advice)));
            RequestFate::Refused
        }
        _ if row.faults.iter().any(|f| f.refused) => RequestFate::Refused,
        _ if row.doubles.iter().any(|d| d.likely) && !order.looked_into => RequestFate::Doubtful,
        _ => RequestFate::Taken,
    };
    Ok((row, Some((record, request, cells))))
}

/// Firearm and request are named after what the row says where it names neither,
/// so that the same row again is the same request.
fn name(cells: &mut BTreeMap<&'static str, String>) {
    cells.retain(|_, cell| !cell.is_empty());
    let told = |of: &[&str], cells: &BTreeMap<&'static str, String>| {
        let parts: Vec<&str> = of.iter().map(|c| cells.get(c).map_or("", String::as_str)).collect();
        Digest::of(parts.join("\n").as_bytes()).short()
    };
    if !cells.contains_key("firearm_id") {
        let gun =
            told(&["make", "type", "serial", "recovered", "municipality", "case_number"], cells);
        cells.insert("firearm_id", format!("F-{gun}"));
    }
    if !cells.contains_key("trace_id") {
        let request = told(&["firearm_id", "recovered"], cells);
        cells.insert("trace_id", format!("T-{request}"));
    }
}
