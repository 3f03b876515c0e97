//! What was compared and how: the items, the method, the filters.

use super::context::exclusions;
use super::parts::item_row;
use crate::model::{Findings, Header};
use crate::text::{Strings, rounded};
use maud::{Markup, html};

/// Every casing of the report with its scan and its quality.
pub fn items(findings: &[Findings], first: &str, t: &Strings) -> Markup {
    html! {
        section aria-labelledby="items" {
            h2 #items { (t.items) }
            div.scroll { table.items {
                caption { (t.items_caption) }
                thead { tr {
                    th scope="col" { (t.rank) }
                    th scope="col" { (t.casing) }
                    th scope="col" { (t.scan) }
                    th scope="col" { (t.condition) }
                } }
                tbody { @for f in findings {
                    (item_row(first, &f.questioned, t))
                    @for c in &f.candidates { (item_row(&c.place(), &c.side, t)) }
                } }
            } }
        }
    }
}

/// The method, and whom the filters left out.
pub fn method(header: &Header, findings: &[Findings], t: &Strings) -> Markup {
    html! {
        section aria-labelledby="method" {
            h2 #method { (t.method) }
            @match &header.laboratory.method {
                Some(text) => p { (text) },
                None => @for text in t.standing_method { p { (text) } },
            }
            @for f in findings {
                h3 { (t.filters) ": " (t.named(&f.questioned.mark)) }
                p {
                    ((t.population)(&rounded(f.gallery.compared as f64, 0), &rounded(f.gallery.casings as f64, 0)))
                }
                (exclusions(&f.gallery, t))
            }
        }
    }
}
