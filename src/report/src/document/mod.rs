//! What stands in a report, once for every way of setting it.
//!
//! The findings are told as blocks: headings, paragraphs, facts, tables,
//! drawings, the hands that a firearm went through. `html` and `pdf` set the
//! same blocks, so that a page and its print say the same. What a page alone has
//! (the comparison microscope, links between reports, the whole number behind a
//! rounded one) is in the blocks where print leaves it out, or in `html`.

mod batch;
mod block;
mod case;
mod closing;
mod decisions;
mod group;
mod items;
mod pair;
mod span;
mod tables;
mod theirs;
mod validation;
mod way;

pub use batch::batch;
pub use block::{Block, Fact, Hand, Holds, Plot, Style, Table, Value};
pub use case::case;
pub use closing::{closing, opening};
pub use decisions::decisions;
pub use group::group;
pub use items::{items, method};
pub use pair::{brief, congruent, figures, quality_notes, stands, weighed};
pub use span::{Line, Span, count, day, number, or};
pub use tables::{failures, interval};
pub use theirs::theirs;
pub use validation::validation;

use crate::model::Report;
use crate::text::Strings;

/// The subject of a report, for its title where it has none of its own.
pub fn subject(report: &Report, t: &Strings) -> String {
    match report {
        Report::Casing(r) => {
            let id = r.findings.first().map_or("", |f| f.questioned.casing.id.as_str());
            format!("{}: {id}", t.casing_title)
        }
        Report::Pair(r) => format!("{}: {} – {}", t.pair_title, r.a.casing.id, r.b.casing.id),
        Report::Case(r) => (t.subject_title)(&r.subject),
        Report::Batch(_) => t.batch_title.to_owned(),
    }
}
