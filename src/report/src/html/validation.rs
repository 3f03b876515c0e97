//! The page of a validation.

use super::shell;
use crate::Language;
use crate::model::Header;
use crate::validation::{Grid, Page};
use maud::{Markup, html};

/// The whole page.
pub fn validation(header: &Header, p: &Page, language: Language) -> String {
    let body = html! {
        p { (p.tested) }
        @if !p.notes.is_empty() {
            div.notes role="note" { @for note in &p.notes { p { (note) } } }
        }
        h2 { (p.propositions.0) }
        p { (p.propositions.1) }
        h2 { (p.figures_title) }
        dl.facts.broad { @for (label, value) in &p.figures { div { dt { (label) } dd { (value) } } } }
        p.note { (p.intervals_note) }
        h2 { (p.curves_title) }
        div.plots { @for c in &p.curves { figure.chart { (c.svg) figcaption { (c.title) } } } }
        h2 { (p.ranks_title) }
        (table(&p.ranks, p.ranks_title))
        h2 { (p.firearms_title) }
        @match &p.firearms {
            Ok(grid) => (table(grid, p.firearms_title)),
            Err(none) => p { (none) },
        }
        p.aid role="note" { (p.scope) }
    };
    shell(header, &p.title, &body, language.strings()).into_string()
}

fn table(grid: &Grid, caption: &str) -> Markup {
    html! {
        div.scroll { table {
            caption { (caption) }
            thead { tr { @for (i, heading) in grid.headings.iter().enumerate() {
                th.n[i > 0] scope="col" { (heading) }
            } } }
            tbody { @for row in &grid.rows { tr { @for (i, value) in row.iter().enumerate() {
                @if i == 0 { th scope="row" { (value) } } @else { td.n { (value) } }
            } } } }
        } }
    }
}
