//! What examiners concluded, and what contradicts the scores.

use super::block::{Block, Style};
use super::span::{Line, Span, count, day, line, number};
use super::table::Column;
use crate::model::Decisions;
use crate::text::Strings;

/// Warnings and conclusions; nothing where there are none.
pub fn decisions(d: &Decisions, t: &Strings) -> Vec<Block> {
    [conflicts(d, t), concluded(d, t)].into_iter().flatten().collect()
}

fn warning(text: &str) -> Block {
    Block::text(Style::Warning, Span::Strong(text.into()))
}

fn pair(a: &impl ToString, b: &impl ToString) -> Line {
    format!("{}, {}", a.to_string(), b.to_string()).into()
}

fn conflicts(d: &Decisions, t: &Strings) -> Option<Block> {
    let words = t.decisions;
    if d.conflicts.is_empty() {
        return None;
    }
    let columns = vec![
        Column::names(words.pair, 1.6).first(),
        Column::names(words.bond, 2.4),
        Column::numbers(words.score, 0.8),
        Column::numbers(words.compared, 0.8),
        Column::numbers(words.mean, 1.0),
    ];
    let rows = d.conflicts.iter().map(|c| -> Vec<Line> {
        vec![
            pair(&c.a, &c.b),
            (words.bound)(&c.bond, &c.a, &c.b).into(),
            c.score.map_or_else(|| "–".into(), |s| number(s, 2).into()),
            count(u64::from(c.compared)).into(),
            number(c.mean_log10_lr, 1).into(),
        ]
    });
    let table = Block::counted(words.conflicts, columns, rows.collect());
    Some(Block::section("conflicts", words.conflicts, vec![warning(words.warning), table]))
}

fn concluded(d: &Decisions, t: &Strings) -> Option<Block> {
    let words = t.decisions;
    if d.concluded.is_empty() {
        return None;
    }
    let columns = vec![
        Column::names(words.pair, 1.6).first(),
        Column::words(words.conclusion, 1.0),
        Column::names(words.by, 1.2),
        Column::words(t.date_title, 1.4),
        Column::numbers(words.entry, 0.7),
        Column::words(words.status, 1.2),
    ];
    let rows = d.concluded.iter().map(|c| -> Vec<Line> {
        let of = c.withdraws.as_ref().map_or_else(String::new, |of| format!(" ({of})"));
        vec![
            pair(&c.a, &c.b),
            line([(words.kind)(c.conclusion).into(), of.into()]),
            c.by.as_str().into(),
            day(c.at.get(..10), t).into(),
            count(c.entry).into(),
            Span::from((words.became)(c.status)).into(),
        ]
    });
    let table = Block::counted(words.title, columns, rows.collect());
    let contested = d.contested().then(|| warning(words.contested));
    let blocks = contested.into_iter().chain([table]).collect();
    Some(Block::section("decisions", words.title, blocks))
}
