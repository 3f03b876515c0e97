//! The ranked list, the pair or the batch as one flat table, for a spreadsheet.

mod case;

use super::model::{BatchSummary, Findings, Report, Side, Weight};
use super::seal;
use types::cells::Table;
use types::comparison::Comparison;
use types::error::{Error, Kind, Result};
use types::evidence::SameAcquisition;
use types::message::say;

const PAIR_COLUMNS: [&str; 29] = [
    "report_id",
    "mark_kind",
    "questioned",
    "questioned_sha256",
    "rank",
    "candidate",
    "candidate_sha256",
    "origin",
    "scene",
    "firearm",
    "calibre",
    "score",
    "ccf",
    "cells",
    "congruent_cells",
    "overlap_mm2",
    "rotation_deg",
    "dx_um",
    "dy_um",
    "group",
    "log10_lr",
    "log10_lr_lower",
    "log10_lr_upper",
    "log10_lr_bounds",
    "lr_population",
    "lr_marks",
    "gallery_casings",
    "gallery_compared",
    "same_acquisition",
];

const BATCH_COLUMNS: [&str; 12] = [
    "report_id",
    "outcome",
    "item",
    "line",
    "origin",
    "scene",
    "firearm",
    "first_candidate",
    "first_score",
    "group",
    "failure",
    "detail",
];

/// The report as CSV (RFC 4180, UTF-8, header row).
///
/// Texts that a spreadsheet would run as a formula are given a leading
/// apostrophe ([`types::cells`]).
pub fn to_csv(report: &Report) -> Result<String> {
    let mut rows: Vec<Vec<String>> = Vec::new();
    let columns: &[&str] = match report {
        Report::Casing(r) => {
            for f in &r.findings {
                candidates(&r.header.report_id, f, &mut rows);
            }
            rows.extend(r.header.same_acquisition.iter().map(|s| apart(&r.header.report_id, s)));
            &PAIR_COLUMNS
        }
        Report::Pair(r) => {
            let weight = r.weight.as_ref();
            let of_both = |s: &&SameAcquisition| {
                [&s.a, &s.b].iter().all(|id| **id == r.a.casing.id || **id == r.b.casing.id)
            };
            let same = r.header.same_acquisition.iter().find(of_both).map(|s| s.why.word());
            let facts = PairRow { rank: None, group: None, weight, gallery: None, same };
            rows.push(pair(&r.header.report_id, &r.a, &r.b, &r.comparison, &facts));
            &PAIR_COLUMNS
        }
        Report::Case(r) => {
            rows.extend(case::rows(r));
            &case::COLUMNS
        }
        Report::Batch(r) => {
            batch(r, &mut rows);
            &BATCH_COLUMNS
        }
    };
    // The seal stands in a heading of its own, over empty cells: a table without
    // rows has it too.
    let seal = seal::blank(&report.header().report_id);
    let mut out = Table::new(columns.iter().copied().chain([seal.as_str()]))?;
    for mut row in rows {
        row.push(String::new());
        out.row(row)?;
    }
    String::from_utf8(out.finish()?)
        .map_err(|e| Error::new(Kind::Internal, say!("writing the report as CSV: {e}")).because(&e))
}

struct PairRow<'a> {
    rank: Option<u32>,
    group: Option<&'a String>,
    weight: Option<&'a Weight>,
    gallery: Option<(u64, u64)>,
    same: Option<&'static str>,
}

fn candidates(report_id: &str, f: &Findings, rows: &mut Vec<Vec<String>>) {
    for c in &f.candidates {
        let facts = PairRow {
            rank: Some(c.rank),
            group: c.group.as_ref(),
            weight: c.weight.as_ref(),
            gallery: Some((f.gallery.casings, f.gallery.compared)),
            // What is held to be one acquisition is no candidate.
            same: None,
        };
        rows.push(pair(report_id, &f.questioned, &c.side, &c.comparison, &facts));
    }
}

fn pair(report_id: &str, a: &Side, b: &Side, m: &Comparison, facts: &PairRow) -> Vec<String> {
    vec![
        text(report_id),
        a.mark.kind.word().into(),
        text(a.casing.id.as_str()),
        a.scan.sha256.to_string(),
        shown(facts.rank),
        text(b.casing.id.as_str()),
        b.scan.sha256.to_string(),
        b.casing.origin.word().into(),
        b.casing.scene.as_ref().map_or_else(String::new, |s| text(s.id.as_str())),
        b.casing.firearm.as_ref().map_or_else(String::new, |f| text(f.as_str())),
        b.casing.calibre.as_deref().map_or_else(String::new, text),
        m.score.to_string(),
        m.ccf.to_string(),
        m.cells.to_string(),
        m.congruent_cells.to_string(),
        m.overlap_mm2.to_string(),
        m.b_from_a.rotation.deg().to_string(),
        m.b_from_a.dx.um().to_string(),
        m.b_from_a.dy.um().to_string(),
        facts.group.map_or_else(String::new, |g| text(g)),
        shown(facts.weight.map(|w| w.log10_lr)),
        shown(facts.weight.map(|w| w.log10_lower)),
        shown(facts.weight.map(|w| w.log10_upper)),
        shown(facts.weight.map(|w| format!("{} {}", w.bounds.log10_lower, w.bounds.log10_upper))),
        facts.weight.map_or_else(String::new, |w| text(&w.population)),
        shown(facts.weight.map(|w| w.marks.iter().map(|m| m.word()).collect::<Vec<_>>().join(" "))),
        shown(facts.gallery.map(|g| g.0)),
        shown(facts.gallery.map(|g| g.1)),
        shown(facts.same),
    ]
}

/// Two casings that are kept apart from ranks: a row without a rank or score.
fn apart(report_id: &str, found: &SameAcquisition) -> Vec<String> {
    let [x, y] = found.scans;
    let cell = |column: &&str| match *column {
        "report_id" => text(report_id),
        "questioned" => text(found.a.as_str()),
        "questioned_sha256" => x.to_string(),
        "candidate" => text(found.b.as_str()),
        "candidate_sha256" => y.to_string(),
        "same_acquisition" => found.why.word().into(),
        _ => String::new(),
    };
    PAIR_COLUMNS.iter().map(cell).collect()
}

fn batch(r: &BatchSummary, rows: &mut Vec<Vec<String>>) {
    let id = text(&r.header.report_id);
    for e in &r.casings {
        rows.push(vec![
            id.clone(),
            "done".into(),
            text(e.casing.id.as_str()),
            String::new(),
            e.casing.origin.word().into(),
            e.casing.scene.as_ref().map_or_else(String::new, |s| text(s.id.as_str())),
            e.casing.firearm.as_ref().map_or_else(String::new, |f| text(f.as_str())),
            e.first_candidate.as_ref().map_or_else(String::new, |c| text(c.as_str())),
            shown(e.first_score),
            e.group.as_deref().map_or_else(String::new, text),
            String::new(),
            String::new(),
        ]);
    }
    for s in &r.header.same_acquisition {
        let mut row = vec![id.clone(), "same_acquisition".into(), text(s.a.as_str())];
        row.resize(BATCH_COLUMNS.len() - 1, String::new());
        row.push(text(&format!("{}: {}", s.b, s.why.word())));
        rows.push(row);
    }
    for f in &r.failures {
        let mut row = vec![id.clone(), "failed".into(), f.item.to_string(), shown(f.line)];
        row.resize(BATCH_COLUMNS.len() - 2, String::new());
        row.extend([f.kind.code().into(), f.what.to_string()]);
        rows.push(row);
    }
}

fn shown(value: Option<impl ToString>) -> String {
    value.map_or_else(String::new, |v| v.to_string())
}

fn text(raw: &str) -> String {
    raw.to_owned()
}
