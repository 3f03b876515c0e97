//! The scores of a list among those of other pairs.

use super::block::{Block, Chart, Style};
use super::pair::stands;
use super::span::{Line, count, line, number};
use super::table::{Column, Table};
use crate::figure::{Axis, bars, distribution, marker};
use crate::model::{Candidate, Distribution, Findings, UNRANKED};
use crate::text::{Strings, rounded};

/// The scores of the list among those of same-source and different-source
/// pairs, a part of section `of`; nothing where there are none.
pub fn scores(section: usize, of: &str, f: &Findings, t: &Strings) -> Option<Block> {
    let d = f.distribution.as_ref()?;
    let marks: Vec<(f64, String)> =
        f.candidates.iter().take(5).map(|c| (c.comparison.score, c.place())).collect();
    let drawing = Block::Drawing {
        svg: distribution(d, &marks, t.distribution_title, t),
        alt: t.distribution_title,
        caption: format!("{} {}", (t.population_of_scores)(&d.population), t.distribution_intro),
    };
    let (id, blocks) = (format!("scores{section}"), vec![drawing, histogram(d, t)]);
    Some(Block::part(id, format!("{of}{section}"), t.distribution_title, blocks))
}

/// The bars of a section's chart, which a page shows again beside every pair.
pub fn shared_bars(section: usize, f: &Findings, t: &Strings) -> Option<Chart> {
    let d = f.distribution.as_ref()?;
    Some(Chart { id: bars_of(section), svg: bars(d, axis(f, d), t) })
}

fn bars_of(section: usize) -> String {
    format!("bars{section}")
}

fn axis(f: &Findings, d: &Distribution) -> Axis {
    Axis::over(d, f.candidates.iter().map(|c| c.comparison.score))
}

/// Where one pair's score stands. A pair that stands alone has the whole chart.
pub fn standing(section: usize, f: &Findings, c: &Candidate, t: &Strings) -> Option<Block> {
    let d = f.distribution.as_ref()?;
    let score = c.comparison.score;
    let said = format!("{}. {}", t.score_of_pair, stands(d, score, t));
    Some(if c.rank == UNRANKED {
        Block::text(Style::Note, said)
    } else {
        let svg = marker(axis(f, d), score, &rounded(score, 1));
        Block::Standing { marker: Chart { id: bars_of(section), svg }, said }
    })
}

/// The chart's numbers.
fn histogram(d: &Distribution, t: &Strings) -> Block {
    let [together, apart] = t.classes(&d.population);
    let columns = vec![
        Column::numbers(t.from_score, 1.0).first(),
        Column::numbers(together, 1.0),
        Column::numbers(apart, 1.0),
    ];
    let rows = d.same.iter().zip(&d.different).enumerate().map(|(i, (same, different))| {
        let from = rounded(d.low + d.step * i as f64, 2);
        vec![from.into(), count(*same).into(), count(*different).into()]
    });
    let caption = line([
        format!("{} ", (t.population_of_scores)(&d.population)).into(),
        number(d.low, 3),
        " + ".into(),
        number(d.step, 4),
        " × n".into(),
    ]);
    let table = Table::new("cells", caption, columns, rows.collect::<Vec<Vec<Line>>>());
    let blocks = vec![Block::Table(table)];
    Block::Folded { summary: t.histogram_table, blocks, on_paper: false }
}
