//! What examiners concluded, and what contradicts the scores.

use super::parts::{count, day, number};
use crate::model::Decisions;
use crate::text::Strings;
use maud::{Markup, html};
use statistics::link::Conflict;

/// Warnings and conclusions; nothing where there are none.
pub fn decisions(d: &Decisions, t: &Strings) -> Markup {
    html! {
        @if !d.conflicts.is_empty() { (conflicts(&d.conflicts, t)) }
        @if !d.concluded.is_empty() {
            section aria-labelledby="decisions" {
                h2 #decisions { (t.decisions.title) }
                @if d.contested() { p.notes role="note" { b { (t.decisions.contested) } } }
                div.scroll { table {
                    caption { (t.decisions.title) ": " (count(d.concluded.len() as u64)) }
                    thead { tr {
                        th scope="col" { (t.decisions.pair) }
                        th scope="col" { (t.decisions.conclusion) }
                        th scope="col" { (t.decisions.by) }
                        th scope="col" { (t.date_title) }
                        th.n scope="col" { (t.decisions.entry) }
                        th scope="col" { (t.decisions.status) }
                    } }
                    tbody { @for c in &d.concluded { tr {
                        th.name scope="row" { (c.a) ", " (c.b) }
                        td { ((t.decisions.kind)(c.conclusion)) @if let Some(of) = &c.withdraws { " (" (of) ")" } }
                        td.name { (c.by) }
                        td { (day(c.at.get(..10), t)) }
                        td.n { (count(c.entry)) }
                        td { ((t.decisions.became)(c.status)) }
                    } } }
                } }
            }
        }
    }
}

fn conflicts(conflicts: &[Conflict], t: &Strings) -> Markup {
    html! {
        section aria-labelledby="conflicts" {
            h2 #conflicts { (t.decisions.conflicts) }
            p.notes role="note" { b { (t.decisions.warning) } }
            div.scroll { table {
                caption { (t.decisions.conflicts) ": " (count(conflicts.len() as u64)) }
                thead { tr {
                    th scope="col" { (t.decisions.pair) }
                    th scope="col" { (t.decisions.bond) }
                    th.n scope="col" { (t.decisions.score) }
                    th.n scope="col" { (t.decisions.compared) }
                    th.n scope="col" { (t.decisions.mean) }
                } }
                tbody { @for c in conflicts { tr {
                    th.name scope="row" { (c.a) ", " (c.b) }
                    td.name { ((t.decisions.bound)(&c.bond, &c.a, &c.b)) }
                    td.n { @if let Some(score) = c.score { (number(score, 2)) } @else { "–" } }
                    td.n { (count(u64::from(c.compared))) }
                    td.n { (number(c.mean_log10_lr, 1)) }
                } } }
            } }
        }
    }
}
