//! The first page of a folder of reports.

use super::parts::{count, failures, number, or_none};
use crate::evidence::CasingId;
use crate::report::model::{BatchSummary, CasingEntry, GroupEntry, LinkEntry};
use crate::report::names::casing_stem;
use crate::report::text::Strings;
use maud::{Markup, html};
use std::collections::BTreeSet;

/// Body of the batch summary.
pub fn batch(r: &BatchSummary, t: &Strings) -> Markup {
    let reported: BTreeSet<&CasingId> =
        r.casings.iter().filter(|e| e.has_report).map(|e| &e.casing.id).collect();
    let name = |id: &CasingId| {
        html! {
            @if reported.contains(id) { a href={ (casing_stem(id)) ".html" } { (id) } } @else { (id) }
        }
    };
    html! {
        section aria-labelledby="totals" {
            h2 #totals { (t.totals) }
            dl.facts.totals {
                div { dt { (t.manifest_rows) } dd { (count(r.counts.rows)) } }
                div { dt { (t.imported) } dd { (count(r.counts.imported)) } }
                div { dt { (t.already_known) } dd { (count(r.counts.known)) } }
                div { dt { (t.failed) } dd { (count(r.counts.failed)) } }
                div { dt { (t.pairs_compared) } dd { (count(r.counts.pairs_compared)) } }
                div { dt { (t.pairs_known) } dd { (count(r.counts.pairs_known)) } }
            }
        }
        (failures(&r.failures, t))
        (groups(&r.groups, &name, t))
        (links(&r.links, &name, t))
        (casings(&r.casings, &name, t))
        @if let Some(page) = &r.validation { p { a href=(page) { (t.validation) } } }
    }
}

type Name<'a> = dyn Fn(&CasingId) -> Markup + 'a;

fn casings(entries: &[CasingEntry], name: &Name, t: &Strings) -> Markup {
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
                    th scope="row" { (name(&e.casing.id)) }
                    td { ((t.origin)(e.casing.origin)) }
                    td { (or_none(e.casing.scene.as_ref().map(|s| s.id.as_str()), "–")) }
                    td { (or_none(e.casing.firearm.as_ref().map(|f| f.as_str()), "–")) }
                    td { @match &e.first_candidate { Some(id) => (name(id)), None => "–" } }
                    td.n { @match e.first_score { Some(s) => (number(s, 3)), None => "–" } }
                    td { (or_none(e.group.as_deref(), "–")) }
                } } }
            } }
        }
    }
}

fn groups(groups: &[GroupEntry], name: &Name, t: &Strings) -> Markup {
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
                        th scope="col" { (t.prototype) }
                        th scope="col" { (t.firearms_title) }
                        th scope="col" { (t.scenes) }
                    } }
                    tbody { @for g in groups { tr {
                        th scope="row" { (g.id) }
                        td { (count(g.casings.len() as u64)) ": "
                            @for (i, id) in g.casings.iter().enumerate() {
                                @if i > 0 { ", " } (name(id))
                            }
                        }
                        td { @match &g.prototype { Some(id) => (name(id)), None => "–" } }
                        td { (listed(g.firearms.iter().map(|f| f.as_str()))) }
                        td { (listed(g.scenes.iter().map(|s| s.as_str()))) }
                    } } }
                } }
            }
        }
    }
}

fn listed<'a>(items: impl Iterator<Item = &'a str>) -> String {
    let text = items.collect::<Vec<_>>().join(", ");
    if text.is_empty() { "–".into() } else { text }
}

fn links(links: &[LinkEntry], name: &Name, t: &Strings) -> Markup {
    html! {
        section aria-labelledby="links" {
            h2 #links { (t.links) }
            @if links.is_empty() { p { (t.no_links) } } @else {
                p { (t.links_note) }
                div.scroll { table {
                    caption { (t.links) ": " (count(links.len() as u64)) }
                    thead { tr {
                        th scope="col" { (t.casing) " A" }
                        th scope="col" { (t.casing) " B" }
                        th scope="col" { (t.mark) }
                        th.n scope="col" { (t.score) }
                        th.n scope="col" { (t.congruent_cells) }
                        th scope="col" { (t.group) }
                    } }
                    tbody { @for l in links { tr {
                        td { (name(&l.a)) }
                        td { (name(&l.b)) }
                        td { ((t.mark_kind)(l.kind)) }
                        td.n { (number(l.score, 3)) }
                        td.n { (count(l.congruent_cells.into())) " " (t.of) " " (count(l.cells.into())) }
                        td { (or_none(l.group.as_deref(), "–")) }
                    } } }
                } }
            }
        }
    }
}
