//! What stands in a report, once for every way of setting it.
//!
//! The findings are told as blocks: headings, paragraphs, facts, tables, pictures,
//! drawings. `html` and `pdf` set the same blocks and choose no words, so that a
//! page and its print say the same. What a page alone has (the comparison
//! microscope, links, tables folded away, the whole number behind a rounded one) is
//! in the blocks, where print leaves it out.

mod batch;
mod block;
mod case;
mod casing;
mod closing;
mod comparison;
mod decisions;
mod firearms;
mod group;
mod items;
mod letter;
mod letterhead;
mod pair;
mod picture;
mod ranking;
mod robustness;
mod scores;
mod span;
mod table;
mod tables;
mod theirs;
mod validation;

pub use block::{Block, Chart, Fact, Hand, Plot, Style, Value};
pub use casing::instrument_pairs;
pub use letter::letter;
pub use letterhead::Letterhead;
pub use picture::{CellMark, Cells, ColourKey, Microscoped, Picture, View};
pub use span::{Line, Span};
pub use table::{Column, Holds, Table};
pub use validation::validation;

use crate::model::Report;
use crate::text::Strings;
use types::error::Result;

/// All that a report says under its title.
///
/// # Errors
/// Where a picture cannot be made.
pub fn document(report: &Report, t: &Strings) -> Result<Vec<Block>> {
    let body = match report {
        Report::Casing(r) => casing::casing(r, t)?,
        Report::Pair(r) => casing::pair(r, t)?,
        Report::Case(r) => case::case(r, t),
        Report::Batch(r) => batch::batch(r, t),
    };
    let mut blocks = closing::opening(report.header(), t);
    blocks.extend(body);
    blocks.extend(closing::closing(report.header(), t));
    Ok(blocks)
}

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
