//! The first page of a folder of reports.

use super::decisions::decisions;
use super::parts::{count, day, failures, judged, named, number, or_none, sure, table_of_links};
use crate::model::{BatchSummary, CasingEntry, GroupEntry, NewCasing, Overdue, WatchedLink};
use crate::names::{casing_stem, lead_stem};
use crate::text::Strings;
use maud::{Markup, html};
use std::collections::BTreeSet;
use types::evidence::CasingId;

/// Sets a casing's name, as a link to its report where there is one.
pub fn casing_names(casings: &[CasingEntry]) -> impl Fn(&CasingId) -> Markup {
    let reported: BTreeSet<&CasingId> =
        casings.iter().filter(|e| e.has_report).map(|e| &e.casing.id).collect();
    move |id| {
        html! {
            @if reported.contains(id) { a href={ (casing_stem(id)) ".html" } { (id) } } @else { (id) }
        }
    }
}

/// Body of the batch summary.
pub fn batch(r: &BatchSummary, t: &Strings) -> Markup {
    let name = casing_names(&r.casings);
    html! {
        @if r.counts.of_a_run() || !r.news.is_empty() { (news(&r.news, &name, t)) }
        (watched(&r.watched, &name, t))
        (decisions(&r.objections, t))
        section aria-labelledby="totals" {
            h2 #totals { (t.totals) }
            @if r.counts.of_a_run() {
                dl.facts.totals {
                    div { dt { (t.manifest_rows) } dd { (count(r.counts.rows)) } }
                    div { dt { (t.imported) } dd { (count(r.counts.imported)) } }
                    div { dt { (t.already_known) } dd { (count(r.counts.known)) } }
                    div { dt { (t.failed) } dd { (count(r.counts.failed)) } }
                    div { dt { (t.pairs_compared) } dd { (count(r.counts.pairs_compared)) } }
                    div { dt { (t.pairs_known) } dd { (count(r.counts.pairs_known)) } }
                }
            } @else {
                p { (t.no_run) span hidden { data value="0" {} } }
            }
        }
        (overdue(&r.overdue, t))
        @if r.counts.of_a_run() { (failures(&r.failures, t)) }
        (groups(&r.groups, &name, &|id| html! { a href={ (lead_stem(id)) ".html" } { (id) } }, t))
        (links(r, &name, t))
        (casings(&r.casings, &name, t))
        @if let Some(page) = &r.validation { p { a href=(page) { (t.validation) } } }
    }
}

/// The casings that are new, each with its best candidates.
fn news(news: &[NewCasing], name: &Name, t: &Strings) -> Markup {
    html! {
        section aria-labelledby="news" {
            h2 #news { (t.news) }
            @if news.is_empty() { p { (t.no_news) } } @else {
                div.scroll { table {
                    caption { (t.news) ": " (count(news.len() as u64)) }
                    thead { tr {
                        th scope="col" { (t.casing) }
                        th.n scope="col" { (t.rank) }
                        th scope="col" { (t.candidate) }
                        th.n scope="col" { (t.score) }
                        th.n scope="col" { (t.congruent_cells) }
                        th.n scope="col" { (t.log10_lr) }
                        th scope="col" { (t.group) }
                    } }
                    tbody { @for new in news {
                        @if new.candidates.is_empty() { tr {
                            th scope="row" { (name(&new.casing)) }
                            td.n { "–" } td { (t.no_candidates) } td.n { "–" } td.n { "–" } td.n { "–" }
                            td.id { (or_none(new.group.as_deref(), "–")) }
                        } }
                        @for c in &new.candidates { tr {
                            th scope="row" { (name(&new.casing)) }
                            td.n { (count(c.rank.into())) }
                            td { (name(&c.casing)) }
                            td.n { (number(c.score, 2)) }
                            td.n { (count(c.congruent_cells.into())) }
                            td.n { @match &c.weight {
                                Some(w) => (number(w.log10_lr, 1)),
                                None => (t.not_calibrated),
                            } }
                            td.id { (or_none(new.group.as_deref(), "–")) }
                        } }
                    } }
                } }
            }
        }
    }
}

fn watched(links: &[WatchedLink], name: &Name, t: &Strings) -> Markup {
    html! {
        @if !links.is_empty() {
            section aria-labelledby="watched" {
                h2 #watched { (t.watched) }
                div.scroll { table {
                    caption { (t.watched) ": " (count(links.len() as u64)) }
                    thead { tr {
                        th scope="col" { (t.casings) }
                        th scope="col" { (t.watched_what) }
                        th scope="col" { (t.watched_why) }
                        th scope="col" { (t.watched_by) }
                        th scope="col" { (t.date_title) }
                    } }
                    tbody { @for l in links { tr {
                        th scope="row" { (name(&l.a)) " – " (name(&l.b)) }
                        td { (t.said(&l.what).text) }
                        td { (t.said(&l.why).text) }
                        td { (l.by) }
                        td { (day(l.at.get(..10), t)) }
                    } } }
                } }
            }
        }
    }
}

fn overdue(waiting: &[Overdue], t: &Strings) -> Markup {
    html! {
        @if !waiting.is_empty() {
            section aria-labelledby="overdue" {
                h2 #overdue { (t.overdue) }
                div.scroll { table {
                    caption { (t.overdue) ": " (count(waiting.len() as u64)) }
                    thead { tr {
                        th scope="col" { (t.casing) }
                        th scope="col" { (t.overdue_step) }
                        th scope="col" { (t.overdue_due) }
                    } }
                    tbody { @for o in waiting { tr {
                        th scope="row" { (o.item) } td { (t.said(&o.step).text) } td { (day(Some(&o.due), t)) }
                    } } }
                } }
            }
        }
    }
}

pub(super) type Name<'a> = dyn Fn(&CasingId) -> Markup + 'a;

pub(super) fn casings(entries: &[CasingEntry], name: &Name, t: &Strings) -> Markup {
    html! {
        section aria-labelledby="casings" {
            h2 #casings { (t.casings) }
            div.scroll { table {
                caption { (t.casings) ": " (count(entries.len() as u64)) }
                thead { tr {
                    th scope="col" { (t.casing) }
                    th scope="col" { (t.origin_title) }
                    th scope="col" { (t.scene) }
                    th scope="col" { (t.firearm) }
                    th scope="col" { (t.first_candidate) }
                    th.n scope="col" { (t.score) }
                    th scope="col" { (t.group) }
                } }
                tbody { @for e in entries { tr {
                    th scope="row" { (name(&e.casing.id)) @if e.new { " " span.new { (t.is_new) } } }
                    td { ((t.origin)(e.casing.origin)) }
                    td { (or_none(e.casing.scene.as_ref().map(|s| s.id.as_str()), "–")) }
                    td { (or_none(e.casing.firearm.as_ref().map(|f| f.as_str()), "–")) }
                    td { @match &e.first_candidate { Some(id) => (name(id)), None => "–" } }
                    td.n { @match e.first_score { Some(s) => (number(s, 2)), None => "–" } }
                    td.id { (or_none(e.group.as_deref(), "–")) }
                } } }
            } }
        }
    }
}

/// Proposed groups; `title` sets a group's name.
pub(super) fn groups(
    groups: &[GroupEntry],
    name: &Name,
    title: &dyn Fn(&str) -> Markup,
    t: &Strings,
) -> Markup {
    html! {
        section aria-labelledby="groups" {
            h2 #groups { (t.groups) }
            @if groups.is_empty() { p { (t.no_groups) } } @else {
                p { (t.groups_note) }
                div.scroll { table {
                    caption { (t.groups) ": " (count(groups.len() as u64)) }
                    thead { tr {
                        th scope="col" { (t.group) }
                        th scope="col" { (t.casings) }
                        th.n scope="col" { (t.confidence) }
                        th scope="col" { (t.prototype) }
                        th scope="col" { (t.firearms_title) }
                        th scope="col" { (t.scenes) }
                    } }
                    tbody { @for g in groups { tr {
                        th.id scope="row" { (title(&g.id)) }
                        td { (count(g.casings.len() as u64)) ": "
                            @for (i, id) in g.casings.iter().enumerate() {
                                @if i > 0 { ", " } (name(id))
                            }
                        }
                        td.n { (sure(g.confidence)) }
                        td { @match &g.prototype { Some(id) => (name(id)), None => "–" } }
                        td { (listed(g.firearms.iter().map(|f| f.as_str()))) }
                        td { (listed(g.scenes.iter().map(|s| s.as_str()))) }
                    } } }
                } }
            }
        }
    }
}

/// Names, none of them broken at the end of a line.
fn listed<'a>(items: impl ExactSizeIterator<Item = &'a str>) -> Markup {
    html! {
        @if items.len() == 0 { "–" }
        @for (i, item) in items.enumerate() { @if i > 0 { ", " } span.name { (item) } }
    }
}

fn links(r: &BatchSummary, name: &Name, t: &Strings) -> Markup {
    html! {
        section aria-labelledby="links" {
            h2 #links { (t.links) }
            @if r.links.is_empty() { p { (t.no_links) } } @else {
                p { (t.links_note) }
                (table_of_links(&r.links, name, t))
            }
            (judged(&r.judged, &|id| named(id, name), t))
        }
    }
}
