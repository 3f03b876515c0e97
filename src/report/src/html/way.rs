//! Firearms, their traces and their way through the scenes.

use super::batch::Name;
use super::case::when;
use super::parts::{count, or_none, said};
use crate::model::{CaseReport, FirearmWay, Indicator, TraceEntry};
use crate::text::Strings;
use maud::{Markup, html};
use types::evidence::{Role, Step, TimeToCrime};

/// Each firearm with its record, its traces and the scenes of its groups.
pub fn firearms(r: &CaseReport, name: &Name, t: &Strings) -> Markup {
    html! {
        section aria-labelledby="firearms" {
            h2 #firearms { (t.way.title) }
            @if r.firearms.is_empty() { p { (t.way.none) } } @else { p { (t.way.intro) } }
            @for gun in &r.firearms {
                h3 { (t.way.firearm) " " (gun.id) }
                (facts(gun, name, t))
                @if gun.traces.is_empty() { p { (t.way.not_traced) } }
                @for trace in &gun.traces { (traced(trace, t)) }
                (scenes(r, gun, t))
            }
        }
    }
}

fn facts(gun: &FirearmWay, name: &Name, t: &Strings) -> Markup {
    let record = gun.record.as_ref().map(|f| &f.description);
    let serial = |s| t.way.serial_of(s);
    let listed = |ids: &[&str]| html! { (or_none((!ids.is_empty()).then(|| ids.join(", ")).as_deref(), "–")) };
    let fact = |label: &str, value: Option<&str>| {
        html! { @if let Some(value) = value { div { dt { (label) } dd { (value) } } } }
    };
    html! {
        dl.facts {
            (fact(t.way.sort, record.and_then(|f| f.sort).map(t.way.firearm_type)))
            (fact(t.way.model, gun.make_and_model().as_deref()))
            (fact(t.calibre, record.and_then(|f| f.calibre.as_deref())))
            (fact(t.way.serial, record.and_then(|f| f.serial.as_ref()).map(serial).as_deref()))
            (fact(t.way.importer, record.and_then(|f| f.importer.as_deref())))
            (fact(t.way.importer_serial, record.and_then(|f| f.importer_serial.as_ref()).map(serial).as_deref()))
            (fact(t.way.country, record.and_then(|f| f.country.as_ref()).map(|c| c.to_string()).as_deref()))
            div { dt { (t.groups) } dd { (listed(&gun.groups.iter().map(String::as_str).collect::<Vec<_>>())) } }
            div { dt { (t.way.test_fires) } dd {
                @if gun.test_fires.is_empty() { "–" }
                @for (i, id) in gun.test_fires.iter().enumerate() { @if i > 0 { ", " } (name(id)) }
            } }
            @if !gun.shipments.is_empty() {
                div { dt { (t.way.shipments) } dd {
                    (listed(&gun.shipments.iter().map(|s| s.as_str()).collect::<Vec<_>>()))
                } }
            }
        }
    }
}

fn traced(trace: &TraceEntry, t: &Strings) -> Markup {
    let sold_at = &trace.sold_at;
    let dealer = t.place(sold_at.municipality.as_deref(), sold_at.state.as_deref());
    html! {
        dl.facts.trace {
            div { dt { (t.way.trace) } dd { b { (trace.request) } } }
            div { dt { (t.way.outcome) } dd { (or_none(trace.outcome.map(t.way.outcome_of), t.way.no_result)) } }
            @if let Some(reason) = trace.reason {
                div { dt { (t.way.reason) } dd { ((t.way.no_trace)(reason)) } }
            }
            @if trace.sold.is_some() {
                div { dt { (t.way.sold) } dd { (when(trace.sold, t)) } }
            }
            @if let Some(dealer) = dealer {
                div { dt { (t.way.dealer_at) } dd {
                    (dealer)
                    @if let Some(at) = sold_at.coordinates {
                        span hidden { data value=(at.latitude()) {} data value=(at.longitude()) {} }
                    }
                } }
            }
            @if let Some(time) = trace.time_to_crime {
                div { dt { (t.way.time_to_crime) } dd { b { (days(time, t)) } } }
            }
        }
        @if !trace.disposition.is_empty() {
            p.note { (t.way.disposition) }
            ol.hands { @for step in &trace.disposition { li {
                small { ((t.way.role)(step.role)) } " "
                b { (hand(step, t)) }
                @if step.date.is_some() { " " small { (when(step.date, t)) } }
            } } }
        }
    }
}

/// Who a hand was; who bought it, no report says.
pub fn hand<'a>(step: &'a Step, t: &Strings) -> &'a str {
    match (step.role, &step.name) {
        (Role::Purchaser, _) => t.way.kept_apart,
        (_, Some(name)) => name,
        (_, None) => t.way.not_named,
    }
}

fn days(time: TimeToCrime, t: &Strings) -> Markup {
    html! {
        (said(&time.to_string(), t))
        @if let TimeToCrime::Days { least, most } = time {
            span hidden { data value=(least) {} data value=(most) {} }
        }
    }
}

fn scenes(r: &CaseReport, gun: &FirearmWay, t: &Strings) -> Markup {
    html! {
        @if gun.scenes.is_empty() { p { (t.way.no_scenes) } } @else {
            div.scroll { table {
                caption { (t.way.scenes) ": " (count(gun.scenes.len() as u64)) }
                thead { tr {
                    th.n scope="col" { (t.number) }
                    th scope="col" { (t.scene) }
                    th scope="col" { (t.date_title) }
                    th scope="col" { (t.place_title) }
                    th scope="col" { (t.way.before_or_after) }
                    th scope="col" { (t.way.side) }
                } }
                tbody { @for s in &gun.scenes {
                    tr {
                        td.n { @match r.number(&s.scene) { Some(n) => (n), None => "–" } }
                        th.name scope="row" { (s.scene) }
                        td { (when(s.date, t)) }
                        td { (or_none(t.place(s.municipality.as_deref(), s.state.as_deref()).as_deref(), "–")) }
                        td { ((t.way.before_sale)(s.before_sale)) }
                        td { ((t.way.across_border)(s.across_border)) }
                    }
                } }
            } }
            @if gun.scenes.iter().any(|s| s.before_sale == Some(true)) {
                p.remark { (t.way.doubtful) }
            }
        }
    }
}

/// The signs of trafficking, never without the caution.
pub fn indicators(signs: &[Indicator], t: &Strings) -> Markup {
    html! {
        @if !signs.is_empty() {
            section aria-labelledby="indicators" {
                h2 #indicators { (t.way.indicators) }
                p.notes role="note" { (t.way.caution) }
                div.scroll { table {
                    caption { (t.way.indicators) ": " (count(signs.len() as u64)) }
                    thead { tr {
                        th scope="col" { (t.way.sign_title) }
                        th scope="col" { (t.firearms_title) }
                        th scope="col" { (t.way.common) }
                    } }
                    tbody { @for i in signs { tr {
                        th scope="row" { ((t.way.sign)(i.sign)) }
                        td { @for (n, f) in i.firearms.iter().enumerate() { @if n > 0 { ", " } (f) } }
                        td { (or_none(i.common.as_deref(), "–")) }
                    } } }
                } }
            }
        }
    }
}
