//! What a comparison is to be read by: quality notes, the scores of other
//! pairs, what was left out, the casing's group.

use super::parts::{count, number, or_none, said, sure, table_of_links};
use crate::figure::{Axis, Edge, Node, Shape, bars, distribution, graph, marker};
use crate::model::{Distribution, Findings, Gallery, GroupView, LinkEntry};
use crate::text::{Strings, rounded};
use maud::{Markup, html};
use std::collections::BTreeMap;
use types::comparison::Comparison;
use types::evidence::{CasingRecord, Origin};
use types::mark::Verdict;

/// Casings that a link graph can show legibly.
const GRAPH_NODES: usize = 24;

/// What the quality gate remarks on the questioned mark, where it matters.
pub fn quality_notes(f: &Findings, t: &Strings) -> Markup {
    let (mark, scan) = (&f.questioned.mark, &f.questioned.scan);
    let serious = mark.quality.verdict != Verdict::Good || !scan.warnings.is_empty();
    html! {
        @if serious {
            div.notes role="note" {
                p { b { (t.quality_notes) } " " (t.quality_intro) }
                ul {
                    @for text in mark.quality.reasons.iter().chain(&scan.warnings) {
                        li { (said(text, t)) }
                    }
                }
            }
        }
    }
}

/// The scores of the list among those of same-source and different-source
/// pairs; the chart's bars are defined here once for the whole page.
pub fn scores(section: usize, f: &Findings, d: &Distribution, t: &Strings) -> Markup {
    let marks: Vec<(f64, String)> =
        f.candidates.iter().take(5).map(|c| (c.comparison.score, c.rank.to_string())).collect();
    html! {
        section aria-labelledby={ "brief" (section) " scores" (section) } {
            h3 id={ "scores" (section) } { (t.distribution_title) }
            figure.chart {
                (distribution(d, &marks, t.distribution_title, t))
                figcaption { ((t.population_of_scores)(&d.population)) " " (t.distribution_intro) }
            }
            (histogram(d, t))
        }
    }
}

/// The bars of a section's chart, for [`standing`] to show again.
pub fn score_symbol(section: usize, f: &Findings, t: &Strings) -> Markup {
    html! {
        @if let Some(d) = &f.distribution {
            g id={ "bars" (section) } { (bars(d, axis(f, d), t)) }
        }
    }
}

fn axis(f: &Findings, d: &Distribution) -> Axis {
    Axis::over(d, f.candidates.iter().map(|c| c.comparison.score))
}

/// Where one pair's score stands.
pub fn standing(section: usize, f: &Findings, m: &Comparison, t: &Strings) -> Markup {
    let Some(d) = &f.distribution else { return html! {} };
    html! {
        figure.chart.small {
            svg viewBox="0 0 720 210" role="img" font-size="12"
                aria-label={ (t.score_of_pair) ". " (stands(d, m.score, t)) } {
                use href={ "#bars" (section) } {}
                (marker(axis(f, d), m.score, &rounded(m.score, 1)))
            }
            figcaption { (t.score_of_pair) ". " (stands(d, m.score, t)) }
        }
    }
}

/// How many of the other pairs reach this score: counted in whole steps, from
/// the step that holds it.
pub fn stands(d: &Distribution, score: f64, t: &Strings) -> String {
    let from = (((score - d.low) / d.step).floor().max(0.0)) as usize;
    let above = |bars: &[u64]| bars.iter().skip(from).sum::<u64>();
    let share =
        |n: u64, all: u64| format!("{} {} {}", rounded(n as f64, 0), t.of, rounded(all as f64, 0));
    (t.stands)(
        &share(above(&d.same), d.same_pairs()),
        &share(above(&d.different), d.different_pairs()),
        t.classes(&d.population),
    )
}

/// The chart's numbers.
pub fn histogram(d: &Distribution, t: &Strings) -> Markup {
    let [together, apart] = t.classes(&d.population);
    html! {
        details {
            summary { (t.histogram_table) }
            div.scroll { table.cells {
                caption { ((t.population_of_scores)(&d.population)) " " (number(d.low, 3)) " + " (number(d.step, 4)) " × n" }
                thead { tr {
                    th.n scope="col" { (t.from_score) }
                    th.n scope="col" { (together) }
                    th.n scope="col" { (apart) }
                } }
                tbody { @for (i, (same, different)) in d.same.iter().zip(&d.different).enumerate() {
                    tr {
                        th.n scope="row" { (rounded(d.low + d.step * i as f64, 2)) }
                        td.n { (count(*same)) } td.n { (count(*different)) }
                    }
                } }
            } }
        }
    }
}

/// What was not compared, and why.
pub fn exclusions(gallery: &Gallery, t: &Strings) -> Markup {
    html! {
        @if gallery.filters.is_empty() {
            p { (t.no_filters) }
        } @else {
            table {
                caption { (t.excluded_title) }
                thead { tr { th scope="col" { (t.filter_rule) } th.n scope="col" { (t.excluded) } } }
                tbody { @for filter in &gallery.filters {
                    tr { td { ((t.rule)(&filter.rule)) } td.n { (count(filter.excluded)) } }
                } }
            }
        }
    }
}

/// The questioned casing's group, drawn and as a table.
pub fn group(view: &GroupView, subject: &str, t: &Strings) -> Markup {
    html! {
        section aria-labelledby="group" {
            h2 #group { (t.group_section) }
            p { (t.groups_note) }
            dl.facts {
                div { dt { (t.group) } dd { b { (view.group.id) } } }
                div { dt { (t.casings) } dd { (count(view.group.casings.len() as u64)) } }
                div { dt { (t.confidence) } dd { (sure(view.group.confidence)) } }
                div { dt { (t.prototype) } dd {
                    (or_none(view.group.prototype.as_ref().map(|p| p.as_str()), "–"))
                } }
            }
            figure.chart {
                (drawing(&view.casings, &view.links, &|c| c.id.as_str() == subject, t))
                figcaption { (t.group_intro) }
            }
            h3 { (t.compared_pairs) }
            (table_of_links(&view.links, &|id| html! { (id) }, t))
        }
    }
}

/// The link graph of some casings; the first few where they are many.
pub fn drawing(
    casings: &[CasingRecord],
    links: &[LinkEntry],
    subject: &dyn Fn(&CasingRecord) -> bool,
    t: &Strings,
) -> Markup {
    let mut order: Vec<&CasingRecord> = casings.iter().collect();
    order.sort_by_key(|c| !subject(c));
    order.truncate(GRAPH_NODES);
    let place: BTreeMap<&str, usize> =
        order.iter().enumerate().map(|(i, c)| (c.id.as_str(), i)).collect();
    let nodes: Vec<Node> = order
        .iter()
        .map(|c| Node {
            label: c.id.to_string(),
            below: match (&c.scene, &c.firearm) {
                (Some(scene), _) => scene.id.to_string(),
                (None, Some(firearm)) => firearm.to_string(),
                (None, None) => String::new(),
            },
            shape: if c.origin == Origin::TestFire { Shape::Square } else { Shape::Disc },
            subject: subject(c),
        })
        .collect();
    let strongest = links.iter().map(|l| l.score).fold(f64::MIN_POSITIVE, f64::max);
    let edges: Vec<Edge> = links
        .iter()
        .filter_map(|l| {
            let (a, b) = (*place.get(l.a.as_str())?, *place.get(l.b.as_str())?);
            Some(Edge { a, b, strength: l.score / strongest })
        })
        .collect();
    graph(&nodes, &edges, t.group_graph_alt)
}
