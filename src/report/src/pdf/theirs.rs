//! What other agencies concluded or say, on paper.

use super::content::Content;
use super::sheet::Style;
use crate::model::TheirWord;

/// The table of what other agencies say; nothing where they say nothing.
pub fn theirs(c: &mut Content, words: &[TheirWord]) {
    let t = c.t;
    if words.is_empty() {
        return;
    }
    c.sheet.heading(1, t.theirs.title);
    c.sheet.text(Style::Warning, t.theirs.intro);
    let rows = words.iter().map(|w| {
        vec![
            w.from.as_str().into(),
            w.record.as_str().into(),
            (t.theirs.saying)(w.says).into(),
            w.about.join(", ").into(),
            w.at.as_deref().unwrap_or("–").into(),
        ]
    });
    c.sheet.table(
        format!("{}: {}", t.theirs.title, words.len()),
        &[
            (t.theirs.agency, 1.0),
            (t.theirs.record, 2.0),
            (t.theirs.says, 1.2),
            (t.theirs.about, 2.0),
            (t.date_title, 1.4),
        ],
        rows.collect(),
    );
}
