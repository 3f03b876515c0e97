//! Tables that several reports have: links, groups, casings, failures.

use super::block::Block;
use super::span::{Line, Span, count, line, listed, number, or, said, sure};
use super::table::Column;
use crate::model::{CasingEntry, Failure, GroupEntry, LinkEntry};
use crate::text::Strings;

/// A log10 likelihood ratio with its interval.
pub fn interval(at: f64, lower: f64, upper: f64) -> Line {
    let [at, lower, upper] = [at, lower, upper].map(|v| number(v, 2));
    line([at, " [".into(), lower, ", ".into(), upper, "]".into()])
}

/// Compared pairs.
pub fn links(links: &[LinkEntry], t: &Strings) -> Block {
    let weighed = links.iter().any(|l| l.weight.is_some());
    let mut columns = vec![
        Column::words(format!("{} A", t.casing), 2.0),
        Column::words(format!("{} B", t.casing), 2.0),
        Column::words(t.mark, 2.0),
        Column::numbers(t.score, 1.0),
        Column::numbers(t.congruent_cells, 1.2),
    ];
    columns.extend(weighed.then(|| Column::numbers(t.log10_lr, 1.6)));
    columns.push(Column::ids(t.group));
    let rows = links.iter().map(|l| {
        let mut row: Vec<Line> = vec![
            Span::Casing(l.a.clone()).into(),
            Span::Casing(l.b.clone()).into(),
            Span::from((t.mark_kind)(l.kind)).into(),
            number(l.score, 2).into(),
            of(l.congruent_cells.into(), l.cells.into(), t),
        ];
        let weight = l.weight.as_ref().map(|w| interval(w.log10_lr, w.log10_lower, w.log10_upper));
        row.extend(weighed.then(|| weight.unwrap_or_else(|| "–".into())));
        row.push(or(l.group.as_deref(), "–").into());
        row
    });
    Block::counted(t.links, columns, rows.collect())
}

/// So many of so many.
pub fn of(some: u64, all: u64, t: &Strings) -> Line {
    line([count(some), format!(" {} ", t.of).into(), count(all)])
}

/// Proposed groups; with their reports' addresses where they have some.
pub fn groups(groups: &[GroupEntry], reported: bool, t: &Strings) -> Block {
    if groups.is_empty() {
        return Block::section("groups", t.groups, vec![Block::plain(t.no_groups)]);
    }
    let columns = vec![
        Column::ids(t.group).first(),
        Column::words(t.casings, 3.0),
        Column::numbers(t.confidence, 1.2),
        Column::words(t.prototype, 1.6),
        Column::words(t.firearms_title, 1.6),
        Column::words(t.scenes, 1.6),
    ];
    let name = |text: &str| Span::Name(text.into());
    let rows = groups.iter().map(|g| -> Vec<Line> {
        let id = g.id.clone();
        let casings = listed(g.casings.iter().cloned().map(Span::Casing));
        vec![
            if reported { Span::Group(id) } else { id.into() }.into(),
            line([count(g.casings.len() as u64), ": ".into()]).and(casings),
            sure(g.confidence).into(),
            g.prototype.clone().map_or_else(|| "–".into(), |id| Span::Casing(id).into()),
            listed(g.firearms.iter().map(|f| name(f.as_str()))),
            listed(g.scenes.iter().map(|s| name(s.as_str()))),
        ]
    });
    let table = Block::counted(t.groups, columns, rows.collect());
    Block::section("groups", t.groups, vec![Block::plain(t.groups_note), table])
}

/// Casings as a list.
pub fn casings(entries: &[CasingEntry], t: &Strings) -> Block {
    let columns = vec![
        Column::words(t.casing, 2.0).first(),
        Column::words(t.origin_title, 1.3),
        Column::words(t.scene, 1.5),
        Column::words(t.firearm, 1.5),
        Column::words(t.first_candidate, 2.0),
        Column::numbers(t.score, 1.0),
        Column::ids(t.group),
    ];
    let rows = entries.iter().map(|e| -> Vec<Line> {
        let c = &e.casing;
        let mut name: Line = Span::Casing(c.id.clone()).into();
        if e.new {
            name = name.and(line([" ".into(), Span::New(t.is_new)]));
        }
        vec![
            name,
            Span::from((t.origin)(c.origin)).into(),
            or(c.scene.as_ref().map(|s| s.id.as_str()), "–").into(),
            or(c.firearm.as_ref().map(|f| f.as_str()), "–").into(),
            e.first_candidate.clone().map_or_else(|| "–".into(), |id| Span::Casing(id).into()),
            e.first_score.map_or_else(|| "–".into(), |s| number(s, 2).into()),
            or(e.group.as_deref(), "–").into(),
        ]
    });
    let table = Block::counted(t.casings, columns, rows.collect());
    Block::section("casings", t.casings, vec![table])
}

/// What could not be used, with the reason and the way out.
pub fn failures(failures: &[Failure], t: &Strings) -> Block {
    if failures.is_empty() {
        return Block::section("failures", t.failures, vec![Block::plain(t.no_failures)]);
    }
    let columns = vec![
        Column::words(t.file, 2.0).first(),
        Column::numbers(t.line, 0.0),
        Column::words(t.reason, 3.0),
        Column::words(t.advice, 3.0),
    ];
    let rows = failures.iter().map(|f| -> Vec<Line> {
        vec![
            said(&f.item, t).into(),
            f.line.map_or_else(|| "–".into(), |n| count(n).into()),
            line([
                Span::Strong((t.failure)(f.kind).into()),
                " ".into(),
                Span::Code(f.kind.code().into()),
                Span::Break,
                said(&f.what, t),
            ]),
            f.advice.as_ref().map_or_else(|| "–".into(), |a| said(a, t).into()),
        ]
    });
    let table = Block::counted(t.failures, columns, rows.collect());
    Block::section("failures", t.failures, vec![Block::plain(t.failures_intro), table])
}
