//! What other agencies concluded or say, apart from the findings.

use super::parts::count;
use crate::model::TheirWord;
use crate::text::Strings;
use maud::{Markup, html};

/// The table of what other agencies say; nothing where they say nothing.
pub fn theirs(words: &[TheirWord], t: &Strings) -> Markup {
    html! {
        @if !words.is_empty() {
            section aria-labelledby="theirs" {
                h2 #theirs { (t.theirs.title) }
                p.notes role="note" { (t.theirs.intro) }
                div.scroll { table {
                    caption { (t.theirs.title) ": " (count(words.len() as u64)) }
                    thead { tr {
                        th scope="col" { (t.theirs.agency) }
                        th scope="col" { (t.theirs.record) }
                        th scope="col" { (t.theirs.says) }
                        th scope="col" { (t.theirs.about) }
                        th scope="col" { (t.date_title) }
                    } }
                    tbody { @for w in words { tr {
                        th scope="row" { (w.from) }
                        td.name { (w.record) }
                        td { ((t.theirs.saying)(w.says)) }
                        td.name { (w.about.join(", ")) }
                        td { (w.at.as_deref().unwrap_or("–")) }
                    } } }
                } }
            }
        }
    }
}
