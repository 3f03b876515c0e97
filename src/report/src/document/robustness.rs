//! How much a pair's score owes to the choice of preparation.

use super::block::{Block, Style};
use super::span::{Line, Span, number, said};
use super::table::{Column, Table};
use crate::model::{PairReport, VariantScore};
use crate::text::{Strings, rounded};

/// The score under other choices of preparation, and whether their range reaches
/// scores of different-source pairs; nothing where that was not looked at.
pub fn robustness(r: &PairReport, t: &Strings) -> Option<Block> {
    let found = r.robustness.as_ref()?;
    let [low, high] = [found.lowest, found.highest].map(|score| rounded(score, 2));
    let range = (t.robust_range)(&low, &high, &rounded(found.scored() as f64, 0));
    let mut blocks =
        vec![Block::text(Style::Intro, t.robust_intro), Block::text(Style::Note, range)];
    let below = r.distribution.as_ref().and_then(|d| Some((d, d.different_below()?)));
    if let Some((d, below)) = below {
        let [_, apart] = t.classes(&d.population);
        let reaches = found.lowest < below;
        let words = (t.robust_strangers)(reaches, &rounded(below, 2), apart);
        blocks.push(Block::text(if reaches { Style::Warning } else { Style::Note }, words));
    }
    blocks.push(table(&found.variants, r.comparison.score, t));
    Some(Block::section("robustness", t.robust_title, blocks))
}

fn table(variants: &[VariantScore], score: f64, t: &Strings) -> Block {
    let columns = vec![
        Column::words(t.robust_choice, 4.0).first(),
        Column::numbers(t.score, 1.0),
        Column::numbers(t.robust_change, 2.0),
    ];
    let rows = variants.iter().map(|v| -> Vec<Line> {
        let name = Line::from(said(&v.variant, t));
        let Some(other) = v.score else {
            let why = v.why_not.as_ref().map_or_else(|| Span::from("–"), |why| said(why, t));
            return vec![name, "–".into(), why.into()];
        };
        vec![name, number(other, 2).into(), number(other - score, 2).into()]
    });
    Block::Table(Table::new("", t.robust_caption, columns, rows.collect()))
}
