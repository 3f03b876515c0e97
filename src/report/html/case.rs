//! The case or lead report: what ties casings, firearms and scenes.

use super::batch::{Name, casing_names, casings, groups};
use super::context::drawing;
use super::parts::{count, day, derived, or_none, populations, table_of_links};
use crate::evidence::CasingId;
use crate::report::figure::{Moment, Spot, map, timeline};
use crate::report::model::{CaseReport, Event, SceneEntry, Subject};
use crate::report::text::Strings;
use jiff::civil::Date;
use maud::{Markup, html};
use std::collections::{BTreeMap, BTreeSet};

/// Body of the case report.
pub fn case(r: &CaseReport, t: &Strings) -> Markup {
    let name = casing_names(&r.casings);
    html! {
        (brief(r, t))
        (links(r, &name, t))
        (scenes(r, &name, t))
        (events(&r.events, t))
        (groups(&r.groups, &name, t))
        (casings(&r.casings, &name, t))
    }
}

fn brief(r: &CaseReport, t: &Strings) -> Markup {
    let firearms: BTreeSet<&str> = r
        .groups
        .iter()
        .flat_map(|g| &g.firearms)
        .chain(r.casings.iter().filter_map(|e| e.casing.firearm.as_ref()))
        .map(|f| f.as_str())
        .collect();
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
                    @if firearms.is_empty() { span.none { (t.none) } }
                    @for (i, f) in firearms.iter().enumerate() { @if i > 0 { ", " } (f) }
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
            @if r.links.is_empty() { p { (t.no_links) } } @else {
                p { (t.links_note) }
                figure.chart {
                    (drawing(&records, &r.links, &|c| of_subject(r, c), t))
                    figcaption { (t.group_intro) }
                }
                (table_of_links(&r.links, name, t))
            }
        }
    }
}

fn of_subject(r: &CaseReport, c: &crate::evidence::CasingRecord) -> bool {
    match &r.subject {
        Subject::Case(id) => c.scene.as_ref().and_then(|s| s.case.as_ref()) == Some(id),
        Subject::Group(_) => false,
    }
}

fn scenes(r: &CaseReport, name: &Name, t: &Strings) -> Markup {
    html! {
        section aria-labelledby="scenes" {
            h2 #scenes { (t.scenes) }
            @if let Some(drawn) = scene_map(r, t) {
                figure.chart {
                    (drawn)
                    figcaption {
                        (t.map_intro)
                        @if r.scenes.iter().filter_map(|s| s.place).any(|p| p.of_state) {
                            " " (t.map_states)
                        }
                    }
                }
            }
            div.scroll { table {
                caption { (t.scenes) ": " (count(r.scenes.len() as u64)) }
                thead { tr {
                    th.n scope="col" { (t.number) }
                    th scope="col" { (t.scene) }
                    th scope="col" { (t.date_title) }
                    th scope="col" { (t.state_title) }
                    th scope="col" { (t.place_title) }
                    th scope="col" { (t.agency_title) }
                    th scope="col" { (t.case) }
                    th scope="col" { (t.casings) }
                } }
                tbody { @for (i, s) in r.scenes.iter().enumerate() { tr {
                    td.n { (i + 1) }
                    th scope="row" { (s.id) }
                    td { (day(s.date.as_deref(), t)) }
                    td { (or_none(s.state.as_deref(), "–")) }
                    td { (place(s, t)) }
                    td { (or_none(s.agency.as_deref(), "–")) }
                    td { (or_none(s.case.as_ref().map(|c| c.as_str()), "–")) }
                    td { @for (i, id) in s.casings.iter().enumerate() { @if i > 0 { ", " } (name(id)) } }
                } } }
            } }
        }
    }
}

fn place(s: &SceneEntry, t: &Strings) -> Markup {
    html! {
        @match s.place {
            None => "–",
            Some(p) => {
                (derived(p.latitude, p.latitude, 4)) "°, " (derived(p.longitude, p.longitude, 4)) "°"
                @if p.of_state { br; small { (t.capital_of_state) } }
            }
        }
    }
}

/// The map of a report's scenes; none where no scene has a place.
pub fn scene_map(r: &CaseReport, t: &Strings) -> Option<Markup> {
    let placed: Vec<(usize, &SceneEntry)> =
        r.scenes.iter().enumerate().filter(|(_, s)| s.place.is_some()).collect();
    let spots: Vec<Spot> = placed
        .iter()
        .filter_map(|(i, s)| {
            let p = s.place?;
            let (latitude, longitude) = (p.latitude, p.longitude);
            Some(Spot { latitude, longitude, number: i + 1, of_state: p.of_state })
        })
        .collect();
    let at: BTreeMap<&CasingId, usize> = placed
        .iter()
        .enumerate()
        .flat_map(|(spot, (_, s))| s.casings.iter().map(move |c| (c, spot)))
        .collect();
    let joined: BTreeSet<(usize, usize)> = r
        .links
        .iter()
        .filter_map(|l| {
            let (a, b) = (*at.get(&l.a)?, *at.get(&l.b)?);
            (a != b).then_some((a.min(b), a.max(b)))
        })
        .collect();
    map(&spots, &joined.into_iter().collect::<Vec<_>>(), t.map_alt)
}

/// The time line of a report's events; none without a readable date.
pub fn event_line(events: &[Event], t: &Strings) -> Option<Markup> {
    let moments: Vec<Moment> = events
        .iter()
        .filter_map(|e| {
            Some(Moment {
                from: e.date.parse::<Date>().ok()?,
                until: e.until.as_deref().and_then(|d| d.parse().ok()),
                label: named(e),
                firearm: e.firearm.is_some(),
            })
        })
        .collect();
    timeline(&moments, t.timeline_alt)
}

/// The scene or firearm that an event is about.
pub fn named(e: &Event) -> String {
    let scene = e.scene.as_ref().map(|s| s.as_str());
    scene.or(e.firearm.as_ref().map(|f| f.as_str())).unwrap_or_default().to_owned()
}

fn events(events: &[Event], t: &Strings) -> Markup {
    html! {
        @if !events.is_empty() {
            section aria-labelledby="timeline" {
                h2 #timeline { (t.timeline_title) }
                @if let Some(drawn) = event_line(events, t) { figure.chart { (drawn) } }
                div.scroll { table {
                    caption { (t.events_title) ": " (count(events.len() as u64)) }
                    thead { tr {
                        th scope="col" { (t.date_title) }
                        th scope="col" { (t.events_title) }
                        th scope="col" { (t.scene) " / " (t.firearm) }
                    } }
                    tbody { @for e in events { tr {
                        td { (day(Some(&e.date), t)) @if let Some(until) = &e.until { " – " (day(Some(until), t)) } }
                        td { ((t.event)(e.kind)) }
                        th scope="row" { (named(e)) }
                    } } }
                } }
            }
        }
    }
}
