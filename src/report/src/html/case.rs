//! The case or lead report: what ties casings, firearms and scenes.

use super::batch::{Name, casing_names, casings, groups};
use super::context::drawing;
use super::decisions::decisions;
use super::parts::{count, day, number, or_none, populations, table_of_links};
use super::theirs::theirs;
use super::way::{firearms, indicators};
use crate::figure::{event_line, map_caption, marks, named, scene_map};
use crate::model::{CaseReport, Place};
use crate::text::Strings;
use maud::{Markup, html};
use types::evidence::PartialDate;

/// Body of the case report.
pub fn case(r: &CaseReport, t: &Strings) -> Markup {
    let name = casing_names(&r.casings);
    html! {
        (brief(r, t))
        (decisions(&r.decisions, t))
        (scenes(r, &name, t))
        (events(r, t))
        (firearms(r, &name, t))
        (indicators(&r.indicators, t))
        (groups(&r.groups, &name, &|id| html! { (id) }, t))
        (links(r, &name, t))
        (theirs(&r.theirs, t))
        (casings(&r.casings, &name, t))
    }
}

fn brief(r: &CaseReport, t: &Strings) -> Markup {
    html! {
        section.brief aria-labelledby="brief" {
            h2 #brief { (t.subject) }
            dl.facts {
                div { dt { (t.subject) } dd { b { (r.subject) } } }
                div { dt { (t.casings) } dd { (count(r.casings.len() as u64)) } }
                div { dt { (t.scenes) } dd { (count(r.scenes.len() as u64)) } }
                div { dt { (t.groups) } dd { (count(r.groups.len() as u64)) } }
                div { dt { (t.links) } dd { (count(r.links.len() as u64)) } }
                div { dt { (t.firearms_title) } dd {
                    @if r.firearms.is_empty() { span.none { (t.none) } }
                    @for (i, f) in r.firearms.iter().enumerate() { @if i > 0 { ", " } (f.id) }
                } }
                div { dt { (t.weight) } dd { (or_none(populations(&r.links).as_deref(), t.not_calibrated)) } }
            }
        }
    }
}

fn links(r: &CaseReport, name: &Name, t: &Strings) -> Markup {
    let records: Vec<_> = r.casings.iter().map(|e| e.casing.clone()).collect();
    html! {
        section aria-labelledby="links" {
            h2 #links { (t.links) }
            @if r.links.is_empty() { p { (t.no_links) " " (t.judged_in_summary) } } @else {
                p { (t.links_note) }
                figure.chart {
                    (drawing(&records, &r.links, &|c| r.is_own(c), t))
                    figcaption { (t.group_intro) }
                }
                (table_of_links(&r.links, name, t))
            }
        }
    }
}

fn scenes(r: &CaseReport, name: &Name, t: &Strings) -> Markup {
    html! {
        section aria-labelledby="scenes" {
            h2 #scenes { (t.scenes) }
            @if let Some(drawn) = scene_map(r, t) {
                figure.chart { (drawn) figcaption { (map_caption(r, t)) } }
            }
            div.scroll { table {
                caption { (t.scenes) ": " (count(r.scenes.len() as u64)) }
                thead { tr {
                    th.n scope="col" { (t.number) }
                    th scope="col" { (t.scene) }
                    th scope="col" { (t.date_title) }
                    th scope="col" { (t.place_title) }
                    th scope="col" { (t.case) }
                    th scope="col" { (t.casings) }
                } }
                tbody { @for (i, s) in r.scenes.iter().enumerate() { tr {
                    td.n { (i + 1) }
                    th scope="row" {
                        span.name { (s.id) }
                        @if let Some(kind) = s.kind { br; small { ((t.way.scene_kind)(kind)) } }
                    }
                    td { (when(s.date, t)) }
                    td { (place(s.municipality.as_deref(), s.state.as_deref(), s.place, t)) }
                    td {
                        span.name { (or_none(s.case.as_ref().map(|c| c.as_str()), "–")) }
                        @if let Some(agency) = &s.agency { br; small { (agency) } }
                    }
                    td { @for (i, id) in s.casings.iter().enumerate() { @if i > 0 { ", " } (name(id)) } }
                } } }
            } }
        }
    }
}

/// A date as far as it is known.
pub(super) fn when(date: Option<PartialDate>, t: &Strings) -> Markup {
    day(date.map(|d| d.to_string()).as_deref(), t)
}

/// Municipality and state, and the coordinates where they are recorded; those
/// that only stand in for them are no finding and stay behind the words.
fn place(
    municipality: Option<&str>,
    state: Option<&str>,
    at: Option<Place>,
    t: &Strings,
) -> Markup {
    html! {
        (or_none(t.place(municipality, state).as_deref(), "–"))
        @match at {
            None => {},
            Some(p) if p.is_recorded() => {
                br; small.name { (number(p.latitude, 4)) "°, " (number(p.longitude, 4)) "°" }
            },
            Some(p) => span hidden { data value=(p.latitude) {} data value=(p.longitude) {} },
        }
    }
}

fn events(r: &CaseReport, t: &Strings) -> Markup {
    html! {
        @if !r.events.is_empty() {
            section aria-labelledby="timeline" {
                h2 #timeline { (t.timeline_title) }
                @if let Some(drawn) = event_line(&r.events, t) {
                    figure.chart { (drawn) figcaption { (t.timeline_intro) } }
                }
                div.scroll { table {
                    caption { (t.events_title) ": " (count(r.events.len() as u64)) }
                    thead { tr {
                        th.n scope="col" { (t.number) }
                        th scope="col" { (t.date_title) }
                        th scope="col" { (t.scene) " / " (t.firearm) }
                        th scope="col" { (t.events_title) }
                        th scope="col" { (t.place_title) }
                    } }
                    tbody { @for (e, mark) in r.events.iter().zip(marks(r)) { tr {
                        td.n { (mark) }
                        td { (when(e.date, t)) }
                        th.name scope="row" { (named(e)) }
                        td { ((t.way.event)(e.kind)) }
                        td { (place(e.municipality.as_deref(), e.state.as_deref(), e.place, t)) }
                    } } }
                } }
            }
        }
    }
}
