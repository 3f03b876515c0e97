//! What other agencies concluded or say, apart from the findings.

use super::block::{Block, Style};
use super::span::{Line, Span};
use super::table::Column;
use crate::model::TheirWord;
use crate::text::Strings;

/// The table of what other agencies say; nothing where they say nothing.
pub fn theirs(words: &[TheirWord], t: &Strings) -> Option<Block> {
    if words.is_empty() {
        return None;
    }
    let columns = vec![
        Column::words(t.theirs.agency, 1.0).first(),
        Column::names(t.theirs.record, 2.0),
        Column::words(t.theirs.says, 1.2),
        Column::names(t.theirs.about, 2.0),
        Column::words(t.date_title, 1.4),
    ];
    let rows = words.iter().map(|w| -> Vec<Line> {
        vec![
            w.from.as_str().into(),
            w.record.as_str().into(),
            Span::from((t.theirs.saying)(w.says)).into(),
            w.about.join(", ").into(),
            w.at.as_deref().unwrap_or("–").into(),
        ]
    });
    let table = Block::counted(t.theirs.title, columns, rows.collect());
    let intro = Block::text(Style::Warning, t.theirs.intro);
    Some(Block::section("theirs", t.theirs.title, vec![intro, table]))
}
