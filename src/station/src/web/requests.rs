//! Requests of traces: by form, with doubles told while one types, and by table.

use super::Inner;
use super::ask::{Ask, Reply, segment, told};
use super::frame::{csrf, notice, page_of};
use casework::trace::REQUEST;
use casework::trace::doubles::Double;
use jiff::tz::TimeZone;
use maud::{Markup, html};
use pipeline::{RequestFate, RequestOrder, RequestRow};
use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::Path;
use types::error::{Error, Kind, Result};
use types::evidence::RecordKind;
use types::files::draft_in;
use types::message::{Message, say};
use types::printable::{printable_lines, refuse_steering};

/// What a column of the form is called.
pub fn column_name(ask: &Ask, column: &str) -> String {
    let name = match column {
        "trace_id" => say!("Request"),
        "firearm_id" => say!("firearm"),
        "agency" => say!("Who asks (ORI)"),
        "type" => say!("type"),
        "make" => say!("Maker"),
        "model" => say!("model"),
        "calibre" => say!("calibre"),
        "serial" => say!("serial number"),
        "importer" => say!("importer"),
        "importer_serial" => say!("importer's serial number"),
        "country_of_origin" => say!("country of origin"),
        "ncic_code" => say!("offence (NCIC code)"),
        "recovered" => say!("date of recovery"),
        "state" => say!("state"),
        "municipality" => say!("municipality"),
        "latitude" => say!("latitude"),
        "longitude" => say!("longitude"),
        "case_number" => say!("case number"),
        other => Message::foreign(other.to_owned()),
    };
    ask.t(name)
}

/// The empty form.
pub fn new(_: &Inner, ask: &Ask) -> Result<Reply> {
    form(ask, 200, "", None)
}

fn form(ask: &Ask, status: u16, said: &str, judged: Option<&RequestRow>) -> Result<Reply> {
    let columns = RecordKind::named(REQUEST)?.columns;
    let body = html! {
        (notice(said))
        @if let Some(row) = judged { (remarks(ask, row)) }
        form #request method="post" action="/traces" data-doubles="/traces/doubles" {
            (csrf(ask))
            label for="priority" { (ask.t(say!("Priority"))) }
            select #priority name="priority" {
                option value="routine" { (ask.t(say!("routine"))) }
                option value="urgent" selected[ask.field("priority") == "urgent"] { (ask.t(say!("urgent"))) }
            }
            label for="why" { (ask.t(say!("Why it is urgent"))) }
            input #why name="justification" maxlength="1000" value=(ask.field("justification"));
            @for column in columns.iter().filter(|c| c.name != "trace_id") {
                @let id = format!("c-{}", column.name);
                label for=(id) { (column_name(ask, column.name)) }
                input id=(id) name=(column.name) maxlength="200" value=(ask.field(column.name))
                    placeholder=(column.example);
            }
            output #doubles {}
            @if judged.is_some_and(|r| r.fate == RequestFate::Doubtful) {
                label.choice {
                    input type="checkbox" name="looked_into" value="yes";
                    " " (ask.t(say!("I looked into the requests above: it is another firearm")))
                }
            }
            button { (ask.t(say!("Store the request"))) }
        }
    };
    Ok(page_of(ask, status, say!("New request"), body, false))
}

/// All that is to be said of a row.
fn remarks(ask: &Ask, row: &RequestRow) -> Markup {
    let advised = |what: &Message, advice: &Option<Message>| match advice {
        Some(advice) => ask.t(say!("{what}; {advice}")),
        None => ask.t(what),
    };
    html! {
        ul.remarks {
            @for (column, what, advice) in &row.unreadable { li {
                @if let Some(column) = column { strong { (column_name(ask, column)) } ": " }
                (advised(what, advice))
            } }
            @for fault in &row.faults { li {
                @if fault.refused { strong { (column_name(ask, fault.field)) } }
                @else { (column_name(ask, fault.field)) }
                ": " (ask.t(say!("{}; {}", fault.what, fault.advice)))
            } }
            @for double in &row.doubles { li { (ask.t(doubled(double))) } }
        }
    }
}

fn doubled(double: &Double) -> Message {
    let (request, firearm, serial) = (&double.request, &double.firearm, &double.serial);
    match double.likely {
        true => say!("likely double: {request}, firearm {firearm}, serial number {serial}"),
        false => say!("look-alike: {request}, firearm {firearm}, serial number {serial}"),
    }
}

fn order<'a>(ask: &Ask, reason: &'a str, dry_run: bool) -> RequestOrder<'a> {
    let today = ask.now.to_zoned(TimeZone::UTC).date();
    RequestOrder { today, looked_into: ask.field("looked_into") == "yes", dry_run, reason }
}

fn cells(ask: &Ask) -> Result<BTreeMap<&'static str, String>> {
    let columns = RecordKind::named(REQUEST)?.columns;
    let mut cells = BTreeMap::new();
    for column in columns.iter().filter(|c| c.name != "trace_id") {
        let cell = ask.line(column.name);
        refuse_steering(Message::foreign(column.name.to_owned()), &cell)?;
        cells.insert(column.name, cell);
    }
    Ok(cells)
}

/// A request handed in by the form.
pub fn enter(station: &Inner, ask: &Ask) -> Result<Reply> {
    let own = ask.who()?;
    let (urgent, why) = (ask.field("priority") == "urgent", ask.line("justification"));
    if urgent && why.is_empty() {
        return form(ask, 422, &ask.t(say!("Say why it is urgent.")), None);
    }
    let reason = if urgent { format!("urgent: {why}") } else { "routine".to_owned() };
    let cells = match refuse_steering(say!("the reason"), &reason).and_then(|()| cells(ask)) {
        Ok(cells) => cells,
        Err(e) => return form(ask, 422, &ask.t(told(&e)), None),
    };
    let run = station.run(&own.name, "serve: trace new".into());
    let row = pipeline::enter_request(&station.store, cells, &order(ask, &reason, false), &run)?;
    match row.fate {
        RequestFate::Taken | RequestFate::Known => {
            (station.settings.written)(&own.name)?;
            Ok(Reply::to(format!("/traces/{}", segment(&row.id))))
        }
        RequestFate::Doubtful => {
            let why = say!("The firearm may have been traced before; nothing is stored yet.");
            form(ask, 409, &ask.t(why), Some(&row))
        }
        RequestFate::Refused => {
            let why = say!("The tracing centre would send this request back; nothing is stored.");
            form(ask, 422, &ask.t(why), Some(&row))
        }
    }
}

/// What may be a double of what is being typed, as lines of text.
pub fn doubles(station: &Inner, ask: &Ask) -> Result<Reply> {
    let typed = |name: &str| ask.asked(name).to_owned();
    let names = ["serial", "importer_serial", "make", "model", "calibre", "type"];
    let cells = names.into_iter().map(|n| (n, typed(n))).collect();
    let run = station.run(&ask.who()?.name, "serve: trace check".into());
    let row = pipeline::enter_request(&station.store, cells, &order(ask, "", true), &run)?;
    let lines: Vec<String> = row.doubles.iter().map(|d| ask.t(doubled(d))).collect();
    Ok(Reply::data("text/plain; charset=utf-8", lines.join("\n").into_bytes()))
}

/// The page where a table is handed in.
pub fn table(_: &Inner, ask: &Ask) -> Result<Reply> {
    table_page(ask, 200, "", &[], false)
}

fn table_page(
    ask: &Ask,
    status: u16,
    said: &str,
    rows: &[RequestRow],
    stored: bool,
) -> Result<Reply> {
    let columns = RecordKind::named(REQUEST)?.columns;
    let headings: Vec<&str> = columns.iter().map(|c| c.name).collect();
    let fate = |row: &RequestRow| match (row.fate, stored) {
        (RequestFate::Taken, true) => say!("stored"),
        (RequestFate::Taken, false) => say!("fit"),
        (RequestFate::Known, _) => say!("known already"),
        (RequestFate::Doubtful, _) => say!("may be a double"),
        (RequestFate::Refused, _) => say!("refused"),
    };
    let doubtful = rows.iter().any(|r| r.fate == RequestFate::Doubtful);
    let body = html! {
        (notice(said))
        @if !rows.is_empty() { div.scroll { table {
            thead { tr { @for title in [say!("Line"), say!("Request"), say!("State"), say!("Remarks")] {
                th scope="col" { (ask.t(title)) }
            } } }
            tbody { @for row in rows { tr {
                td.n { (row.line) } td { (printable_lines(&row.id)) }
                td { (ask.t(fate(row))) } td { (remarks(ask, row)) }
            } } }
        } } }
        form method="post" action="/traces/table" {
            (csrf(ask))
            label for="csv" { (ask.t(say!("The table (CSV), with these headings"))) ": " code { (headings.join(",")) } }
            textarea #csv name="csv" rows="12" required maxlength="60000" { (ask.field("csv")) }
            label.choice {
                input type="checkbox" name="looked_into" value="yes";
                " " (ask.t(say!("What may be a double was looked into: they are other firearms")))
            }
            p.note { (ask.t(say!("Rows that are refused are left out; the others go on."))) }
            button name="act" value="try" { (ask.t(say!("Try it: nothing is stored"))) } " "
            button name="act" value="store" { (ask.t(say!("Store what is fit"))) }
        }
        @if doubtful { p.note { (ask.t(say!("Look into what may be a double before you store it."))) } }
    };
    Ok(page_of(ask, status, say!("Requests from a table"), body, false))
}

/// A table handed in: tried, or stored.
pub fn take_table(station: &Inner, ask: &Ask) -> Result<Reply> {
    let (own, dry_run) = (ask.who()?, ask.field("act") != "store");
    let folder = station.settings.people.parent().unwrap_or_else(|| Path::new("."));
    let keep = |e: &std::io::Error| Error::io(say!("keeping the table for a moment"), folder, e);
    let mut file = draft_in(folder).map_err(|e| keep(&e))?;
    file.write_all(ask.field("csv").as_bytes()).map_err(|e| keep(&e))?;
    let run = station.run(&own.name, "serve: trace requests of a table".into());
    let order = order(ask, "table", dry_run);
    let rows = match pipeline::import_requests(&station.store, file.path(), &order, &run) {
        Ok(rows) => rows,
        Err(e) if e.kind == Kind::BadInput => {
            return table_page(ask, 422, &ask.t(told(&e)), &[], false);
        }
        Err(e) => return Err(e),
    };
    if !dry_run {
        (station.settings.written)(&own.name)?;
    }
    let fit = rows.iter().filter(|r| r.fate == RequestFate::Taken).count();
    let said = match dry_run {
        true => say!("{fit} of {} rows are fit; nothing is stored.", rows.len()),
        false => say!("{fit} of {} rows are stored.", rows.len()),
    };
    table_page(ask, 200, &ask.t(said), &rows, !dry_run)
}
