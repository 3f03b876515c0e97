//! How good likelihood ratios are, as blocks.

use super::block::{Block, Fact, Plot, Style};
use super::span::Line;
use super::table::{Column, Table};
use crate::model::ReportHeader;
use crate::text::Strings;
use crate::validation::{Grid, Page};

/// What a validation says.
pub fn validation(header: &ReportHeader, p: Page, t: &Strings) -> Vec<Block> {
    let heading = |text: &str| Block::Heading { level: 1, line: text.into() };
    let mut blocks = vec![Block::plain(p.tested)];
    blocks.extend(p.notes.iter().map(|note| Block::text(Style::Warning, note.as_str())));
    let facts = p.figures.into_iter().map(|(label, value)| Fact::new(label, value)).collect();
    let plots = p.curves.into_iter().map(|c| Plot { svg: c.svg, alt: c.alt, title: c.title });
    blocks.extend([
        heading(p.propositions.0),
        Block::plain(p.propositions.1),
        heading(p.figures_title),
        Block::Facts { class: "broad", facts },
        Block::text(Style::Note, p.intervals_note),
        heading(p.curves_title),
        Block::Plots(plots.collect()),
        heading(p.ranks_title),
        grid(&p.ranks, p.ranks_title),
        heading(p.firearms_title),
        match &p.firearms {
            Ok(firearms) => grid(firearms, p.firearms_title),
            Err(none) => Block::plain(*none),
        },
        Block::text(Style::Aid, p.scope),
        Block::text(Style::Note, format!("{}: {}", t.software, header.software)),
    ]);
    blocks
}

fn grid(grid: &Grid, caption: &str) -> Block {
    let columns = grid.headings.iter().enumerate().map(|(i, heading)| {
        let title = heading.as_str();
        if i == 0 { Column::words(title, 1.0).first() } else { Column::numbers(title, 1.0) }
    });
    let row = |row: &Vec<String>| row.iter().map(|v| Line::from(v.as_str())).collect();
    let rows = grid.rows.iter().map(row).collect();
    Block::Table(Table::new("", caption, columns.collect(), rows))
}
