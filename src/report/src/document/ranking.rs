//! The list of candidates.

use super::block::{Block, Style};
use super::comparison::anchor;
use super::pair::congruent;
use super::picture::{Picture, View};
use super::span::{Line, Opens, Span, count, line, number, or};
use super::table::{Column, Table};
use super::tables::interval;
use crate::model::{Candidate, Findings};
use crate::plates::Plates;
use crate::text::{Strings, rounded};
use std::rc::Rc;
use types::evidence::CasingRecord;

/// The ranked candidates.
pub fn ranking(section: usize, f: &Findings, p: Option<&Plates>, t: &Strings) -> Block {
    let any_weighed = f.candidates.iter().any(|c| c.weight.is_some());
    let mut note = t.score_note.to_owned();
    if !any_weighed {
        note += &format!(" {}: {}.", t.weight, t.not_calibrated);
    }
    let blocks = if f.candidates.is_empty() {
        vec![Block::plain(t.no_candidates)]
    } else {
        let table = candidates(section, f, p, any_weighed, t);
        vec![Block::Table(table), Block::text(Style::Note, note)]
    };
    let (id, of) = (format!("ranking{section}"), format!("brief{section}"));
    Block::part(id, of, t.ranked_candidates, blocks)
}

fn candidates(
    section: usize,
    f: &Findings,
    p: Option<&Plates>,
    any_weighed: bool,
    t: &Strings,
) -> Table {
    let mut columns = vec![
        Column::ranks(t.rank),
        Column::words(t.picture, 0.0),
        Column::words(t.candidate, 2.4).first(),
        Column::scores(t.score, 1.0),
        Column::numbers(t.congruent_cells, 1.2),
        Column::numbers(t.ccf, 1.2),
        Column::numbers(t.overlap, 1.0),
        Column::ids(t.group),
    ];
    columns.extend(any_weighed.then(|| Column::numbers(t.log10_lr, 1.6)));
    let best = f.candidates.iter().map(|c| c.comparison.score).fold(f64::MIN_POSITIVE, f64::max);
    let rows = (0..).zip(&f.candidates).map(|(index, c)| -> Vec<Line> {
        let m = &c.comparison;
        let mut row = vec![
            count(c.rank.into()).into(),
            p.and_then(|p| thumbnail(index, c, p, t)).unwrap_or_else(|| "–".into()),
            named(anchor(section, index), &c.side.casing, t),
            line([number(m.score, 2), Span::Bar(m.score / best)]),
            congruent(m, t),
            number(m.ccf, 3).into(),
            number(m.overlap_mm2, 2).into(),
            or(c.group.as_deref(), "–").into(),
        ];
        let weight = c.weight.as_ref().map(|w| interval(w.log10_lr, w.log10_lower, w.log10_upper));
        row.extend(any_weighed.then(|| weight.unwrap_or_else(|| "–".into())));
        row
    });
    let [listed, compared] =
        [f.candidates.len() as u64, f.gallery.compared].map(|n| rounded(n as f64, 0));
    let caption = (t.ranking_caption)(&listed, &compared);
    Table::new("ranking", caption, columns, rows.collect())
}

/// A candidate's picture, which opens the microscope on a page.
fn thumbnail(index: usize, c: &Candidate, p: &Plates, t: &Strings) -> Option<Line> {
    let (id, plate) = (&c.side.casing.id, p.candidate(index)?);
    let picture = Picture {
        ground: p.ground,
        view: View::Plain(plate.clone()),
        cells: None,
        alt: format!("{} {id}", t.picture_of),
        label: Line::default(),
    };
    let opens = Opens {
        pair: [p.questioned.id.clone(), plate.id.clone()],
        label: format!("{}: {id}", t.open_in_microscope),
    };
    Some(Span::Thumbnail { picture: Rc::new(picture), opens }.into())
}

/// A candidate's name; evidence or test fire, and from where.
fn named(anchor: String, casing: &CasingRecord, t: &Strings) -> Line {
    let mut parts = vec![(t.origin)(casing.origin).to_owned()];
    parts.extend(casing.scene.as_ref().map(|s| format!("{} {}", t.scene, s.id)));
    parts.extend(casing.firearm.as_ref().map(|f| format!("{} {f}", t.firearm)));
    let name = Span::Anchored { anchor, text: casing.id.to_string() };
    line([name, Span::Break, Span::Small(parts.join(" · ").into())])
}
