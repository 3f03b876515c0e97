//! What examiners concluded, and what contradicts the scores, on paper.

use super::content::{Content, count, day, right};
use super::sheet::Style;
use crate::model::Decisions;
use crate::text::rounded;

/// Warnings and conclusions; nothing where there are none.
pub fn decisions(c: &mut Content, d: &Decisions) {
    let t = c.t;
    let words = t.decisions;
    if !d.conflicts.is_empty() {
        c.sheet.heading(1, words.conflicts);
        c.sheet.text(Style::Warning, words.warning);
        let rows = d.conflicts.iter().map(|k| {
            vec![
                format!("{}, {}", k.a, k.b).into(),
                (words.bound)(&k.bond, &k.a, &k.b).into(),
                k.score.map_or_else(|| "–".into(), |s| rounded(s, 2)).into(),
                count(u64::from(k.compared)).into(),
                rounded(k.mean_log10_lr, 1).into(),
            ]
        });
        c.sheet.table(
            format!("{}: {}", words.conflicts, d.conflicts.len()),
            &[
                (words.pair, 1.6),
                (words.bond, 2.4),
                (&right(words.score), 0.8),
                (&right(words.compared), 0.8),
                (&right(words.mean), 1.0),
            ],
            rows.collect(),
        );
    }
    if !d.concluded.is_empty() {
        c.sheet.heading(1, words.title);
        if d.contested() {
            c.sheet.text(Style::Warning, words.contested);
        }
        let rows = d.concluded.iter().map(|k| {
            let of = k.withdraws.as_ref().map_or_else(String::new, |of| format!(" ({of})"));
            vec![
                format!("{}, {}", k.a, k.b).into(),
                format!("{}{of}", (words.kind)(k.conclusion)).into(),
                k.by.as_str().into(),
                day(k.at.get(..10), t).into(),
                count(k.entry).into(),
                (words.became)(k.status).into(),
            ]
        });
        c.sheet.table(
            format!("{}: {}", words.title, d.concluded.len()),
            &[
                (words.pair, 1.6),
                (words.conclusion, 1.0),
                (words.by, 1.2),
                (t.date_title, 1.4),
                (&right(words.entry), 0.7),
                (words.status, 1.2),
            ],
            rows.collect(),
        );
    }
}
