//! What was compared and how: the items, the method, the filters.

use super::block::Block;
use super::span::{Line, Span, count, day, derived, line, number, said};
use super::table::{Column, Table};
use crate::model::{Findings, Gallery, ReportHeader, Side};
use crate::text::{Strings, rounded};

/// Every casing of the report with its scan and its quality.
pub fn items(findings: &[Findings], first: &str, t: &Strings) -> Block {
    let columns = vec![
        Column::words(t.rank, 0.0).first(),
        Column::words(t.casing, 2.0),
        Column::words(t.scan, 2.6),
        Column::words(t.condition, 2.4),
    ];
    let mut rows = Vec::new();
    for f in findings {
        rows.push(item(first, &f.questioned, t));
        rows.extend(f.candidates.iter().map(|c| item(&c.place(), &c.side, t)));
    }
    let table = Block::Table(Table::new("items", t.items_caption, columns, rows));
    Block::section("items", t.items, vec![table])
}

/// One casing, its scan and its quality.
fn item(role: &str, side: &Side, t: &Strings) -> Vec<Line> {
    vec![role.into(), casing(side, t), scan(side, t), mark(side, t)]
}

/// Lines below each other.
fn stacked(lines: Vec<Line>) -> Line {
    let mut out = Line::default();
    for (i, line) in lines.into_iter().enumerate() {
        if i > 0 {
            out = out.and(Span::Break);
        }
        out = out.and(line);
    }
    out
}

fn casing(side: &Side, t: &Strings) -> Line {
    let casing = &side.casing;
    let named = |label: &str, value: &dyn std::fmt::Display| format!("{label} {value}").into();
    let mut lines: Vec<Line> = vec![
        Span::Strong(casing.id.to_string()).into(),
        Span::from((t.origin)(casing.origin)).into(),
    ];
    if let Some(scene) = &casing.scene {
        let mut at: Line = named(t.scene, &scene.id);
        if let Some(state) = &scene.state {
            at = at.and(format!(", {state}"));
        }
        if let Some(date) = scene.date {
            at = at.and(line([", ".into(), day(Some(&date.to_string()), t)]));
        }
        lines.push(at);
        lines.extend(scene.agency.as_deref().map(Line::from));
        lines.extend(scene.case.as_ref().map(|case| named(t.case, case)));
    }
    lines.extend(casing.firearm.as_ref().map(|firearm| named(t.firearm, firearm)));
    lines.extend(casing.calibre.as_ref().map(|calibre| named(t.calibre, calibre)));
    lines.push(named(t.firing_pin, &(t.firing_pin_shape)(casing.firing_pin_shape)));
    lines.extend((!casing.notes.is_empty()).then(|| casing.notes.as_str().into()));
    stacked(lines)
}

fn scan(side: &Side, t: &Strings) -> Line {
    let scan = &side.scan;
    let size = line([
        count(scan.width_px as u64),
        " × ".into(),
        count(scan.height_px as u64),
        " px, ".into(),
        number(scan.pitch_x_um, 3),
        " × ".into(),
        number(scan.pitch_y_um, 3),
        " µm, ".into(),
        count(scan.bytes),
        " B".into(),
    ]);
    let mut lines = vec![scan.file.as_str().into(), size];
    lines.extend(scan.instrument.as_deref().map(Line::from));
    lines.extend(scan.acquired.as_ref().map(|at| format!("{} {at}", t.acquired).into()));
    lines.push(line(["SHA-256 ".into(), Span::Code(scan.sha256.to_string())]));
    lines.extend(scan.warnings.iter().map(|words| Span::Remark(Box::new(said(words, t))).into()));
    stacked(lines)
}

fn mark(side: &Side, t: &Strings) -> Line {
    let mark = &side.mark;
    let q = &mark.quality;
    let figures = line([
        format!("{} ", t.area).into(),
        number(q.area_mm2, 2),
        format!(" mm², {} ", t.coverage).into(),
        derived(q.coverage, 100.0 * q.coverage, 0),
        format!(" %, {} ", t.rms).into(),
        number(q.rms, 3),
        format!(", {} ", t.prepared_pitch).into(),
        number(mark.pitch_um, 2),
        " µm".into(),
    ]);
    let mut lines =
        vec![t.named(mark).into(), Span::Verdict(q.verdict, (t.verdict)(q.verdict)).into()];
    lines.push(figures);
    lines.extend(q.reasons.iter().map(|words| Span::Remark(Box::new(said(words, t))).into()));
    stacked(lines)
}

/// The method, and whom the filters left out.
pub fn method(header: &ReportHeader, findings: &[Findings], t: &Strings) -> Block {
    let mut blocks: Vec<Block> = match &header.laboratory.method {
        Some(own) => vec![Block::plain(own.as_str())],
        None => t.standing_method.iter().map(|text| Block::plain(*text)).collect(),
    };
    for f in findings {
        let (compared, casings) = (f.gallery.compared as f64, f.gallery.casings as f64);
        blocks.push(Block::heading(format!("{}: {}", t.filters, t.named(&f.questioned.mark))));
        blocks.push(Block::plain((t.population)(&rounded(compared, 0), &rounded(casings, 0))));
        blocks.push(exclusions(&f.gallery, t));
    }
    Block::section("method", t.method, blocks)
}

/// What was not compared, and why.
fn exclusions(gallery: &Gallery, t: &Strings) -> Block {
    if gallery.filters.is_empty() {
        return Block::plain(t.no_filters);
    }
    let columns = vec![Column::words(t.filter_rule, 3.0), Column::numbers(t.excluded, 1.0)];
    let rows = gallery.filters.iter().map(|filter| -> Vec<Line> {
        vec![(t.rule)(&filter.rule).into(), count(filter.excluded).into()]
    });
    Block::Table(Table::new("", t.excluded_title, columns, rows.collect()))
}
