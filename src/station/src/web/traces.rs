//! Traces: what was asked for, what came back, and who bought.

use super::Inner;
use super::ask::{Ask, Reply, segment, told};
use super::frame::{csrf, notice, page, page_of};
use super::requests::column_name;
use crate::Role;
use crate::people::Outcome;
use casework::trace::personal::Person;
use casework::trace::{CAUTION, Indicator, TimeToCrime, Traces, indicators};
use maud::{Markup, html};
use pipeline::sealed_person;
use std::collections::BTreeMap;
use types::error::{Error, Kind, Result};
use types::evidence::{RecordKind, TraceId, TraceRequest};
use types::message::{Message, say};
use types::printable::{printable_lines, refuse_steering};

/// Whether somebody asks for traces rather than reading of them.
fn officer(ask: &Ask) -> Result<bool> {
    Ok(ask.who()?.roles.contains(&Role::TraceOfficer))
}

fn read(station: &Inner) -> Result<Traces> {
    Traces::read(&station.store.snapshot()?)
}

/// The list, with what the traces show together.
pub fn list(station: &Inner, ask: &Ask) -> Result<Reply> {
    let traces = read(station)?;
    let body = html! {
        @if officer(ask)? { p {
            a href="/traces/new" { (ask.t(say!("New request"))) } " · "
            a href="/traces/table" { (ask.t(say!("Requests from a table"))) }
        } }
        @if traces.requests.is_empty() { p.none { (ask.t(say!("There is no request yet."))) } }
        @else { div.scroll { table {
            thead { tr { @for title in [say!("Request"), say!("firearm"), say!("serial number"),
                say!("Recovered"), say!("state"), say!("Result"), say!("Time to crime")] {
                th scope="col" { (ask.t(title)) }
            } } }
            tbody { @for r in &traces.requests { tr {
                th scope="row" { a href={ "/traces/" (segment(r.id.as_str())) } { (r.id) } }
                td { (r.firearm) }
                td { (r.description.serial.as_ref().map_or("–".into(), ToString::to_string)) }
                td { (r.recovered.map_or("–".into(), |d| d.to_string())) }
                td { (r.place.state.as_deref().unwrap_or("–")) }
                td { (outcome(ask, &traces, r)) }
                td { (time(&traces, r).map_or("–".into(), |t| ask.t(t))) }
            } } }
        } } }
        (statistics(ask, &traces))
        (signs(ask, &traces))
    };
    Ok(page(ask, say!("Traces"), body))
}

fn outcome(ask: &Ask, traces: &Traces, request: &TraceRequest) -> String {
    match traces.results.get(&request.id) {
        None => ask.t(say!("no result yet")),
        Some(result) => result.outcome.to_string(),
    }
}

fn time(traces: &Traces, request: &TraceRequest) -> Option<TimeToCrime> {
    TimeToCrime::between(traces.results.get(&request.id)?.sale.date, request.recovered)
}

/// How many by state of recovery, by maker, by the dealer's state.
fn statistics(ask: &Ask, traces: &Traces) -> Markup {
    let mut counts: [BTreeMap<String, usize>; 3] = Default::default();
    for request in &traces.requests {
        let dealer = traces.results.get(&request.id).and_then(|r| r.dealer.place.state.clone());
        let of = [request.place.state.clone(), request.description.make.clone(), dealer];
        for (count, name) in counts.iter_mut().zip(of) {
            *count.entry(name.unwrap_or_else(|| "–".into())).or_default() += 1;
        }
    }
    let titles = [say!("State of recovery"), say!("Maker"), say!("State of the dealer")];
    html! {
        h2 { (ask.t(say!("How many"))) }
        div.sides { @for (title, count) in titles.into_iter().zip(&counts) {
            section.side {
                h3 { (ask.t(title)) }
                dl.facts { @for (name, n) in count { div { dt { (name) } dd { (n) } } } }
            }
        } }
    }
}

fn signs(ask: &Ask, traces: &Traces) -> Markup {
    let signs: Vec<Indicator> = indicators(traces);
    html! {
        h2 { (ask.t(say!("Indicators"))) }
        @if signs.is_empty() { p.none { (ask.t(say!("There is none."))) } }
        ul { @for Indicator { what, firearms, .. } in &signs { li {
            (ask.t(what)) ": "
            (firearms.iter().map(|f| f.as_str()).collect::<Vec<_>>().join(", "))
        } } }
        @if !signs.is_empty() { p.note { (ask.t(Message::phrase(CAUTION))) } }
    }
}

fn found(traces: &Traces, id: &str) -> Result<TraceRequest> {
    traces.requests.iter().find(|r| r.id.as_str() == id).cloned().ok_or_else(|| {
        Error::new(Kind::NotFound, say!("the store has no request {id}"))
            .advise(say!("see the list of traces"))
    })
}

/// One request.
pub fn one(station: &Inner, ask: &Ask) -> Result<Reply> {
    show(station, ask, 200, "", None)
}

fn show(
    station: &Inner,
    ask: &Ask,
    status: u16,
    said: &str,
    person: Option<&Person>,
) -> Result<Reply> {
    let traces = read(station)?;
    let request = found(&traces, ask.part("id"))?;
    let json = serde_json::to_string(&request)
        .map_err(|e| Error::new(Kind::Internal, say!("no JSON could be made: {e}")).because(&e))?;
    let kind = RecordKind::named(casework::trace::REQUEST)?;
    let cells: Vec<String> = kind.row(&json)?.iter().map(types::evidence::cell).collect();
    let chain = traces.results.get(&request.id).map(|r| r.chain()).unwrap_or_default();
    let sealed = sealed_person(&station.store.snapshot()?, &request.id)?;
    let body = html! {
        (notice(said))
        dl.facts { @for (column, cell) in kind.columns.iter().zip(&cells) {
            @if !cell.is_empty() { div { dt { (column_name(ask, column.name)) } dd { (printable_lines(cell)) } } }
        } }
        h2 { (ask.t(say!("Result"))) }
        p { (outcome(ask, &traces, &request))
            @if let Some(time) = time(&traces, &request) { " · " (ask.t(say!("time to crime: {time}"))) } }
        @if !chain.is_empty() { ol { @for step in &chain { li {
            (step.role.to_string()) ": " (printable_lines(step.name.as_deref().unwrap_or("–")))
            @if let Some(date) = step.date { ", " (date) }
        } } } }
        @if let Some(person) = person {
            h2 { (ask.t(say!("Persons"))) }
            dl.facts { @for (field, value) in person {
                div { dt { (field) } dd { (printable_lines(value)) } }
            } }
        } @else if let Some(sealed) = sealed { @if officer(ask)? {
            h2 { (ask.t(say!("Persons"))) }
            p { (ask.t(say!("Kept encrypted: {}", sealed.fields.join(", ")))) }
            (person_form(ask, &request.id))
        } }
    };
    Ok(page_of(ask, status, say!("Trace {}", request.id), body, false))
}

fn person_form(ask: &Ask, id: &TraceId) -> Markup {
    html! {
        form method="post" action={ "/traces/" (segment(id.as_str())) "/person" } {
            (csrf(ask))
            p.note { (ask.t(say!("Who reads persons, why and when is in the ledger before anything is shown. The identity that decrypts is used once and kept nowhere."))) }
            label for="why" { (ask.t(say!("Reason, such as the warrant"))) }
            input #why name="reason" required maxlength="1000" value=(ask.field("reason"));
            label for="identity" { (ask.t(say!("Identity (AGE-SECRET-KEY-…)"))) }
            input #identity name="identity" type="password" required maxlength="200" autocomplete="off";
            label for="own" { (ask.t(say!("Your password"))) }
            input #own name="password" type="password" required maxlength="200"
                autocomplete="current-password";
            button { (ask.t(say!("Show persons"))) }
        }
    }
}

/// The persons of a trace, after a reason and one's own password.
pub fn person(station: &Inner, ask: &Ask) -> Result<Reply> {
    let own = ask.who()?;
    let reason = ask.line("reason");
    if reason.is_empty() {
        return show(station, ask, 422, &ask.t(say!("Persons are shown for a reason only.")), None);
    }
    if let Err(e) = refuse_steering(say!("the reason"), &reason) {
        return show(station, ask, 422, &ask.t(told(&e)), None);
    }
    let password = ask.form.get("password").map_or("", String::as_str);
    if station.people.check_password(&own.login, password, &ask.peer, ask.now)?.is_err() {
        let what = "read persons of a trace";
        let (place, peer) = (&ask.address, &ask.peer);
        station.people.note(&own.name, what, place, peer, Outcome::Refused, ask.now)?;
        return show(station, ask, 401, &ask.t(say!("Your own password did not match.")), None);
    }
    let id = TraceId::new(ask.part("id"))?;
    let run = station.run(&own.name, format!("serve: trace show {id} --personal"));
    match pipeline::read_person(&station.store, &id, ask.field("identity"), &reason, &run) {
        Ok(person) => {
            (station.settings.written)(&own.name)?;
            show(station, ask, 200, "", Some(&person))
        }
        Err(e) if e.kind == Kind::BadInput => show(station, ask, 422, &ask.t(told(&e)), None),
        Err(e) => Err(e),
    }
}
