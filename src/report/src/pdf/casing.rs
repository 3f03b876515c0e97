//! The pages of casing and pair reports: the document's blocks around the
//! pictures that paper has.

use super::comparison::comparisons;
use super::content::Content;
use super::picture::{over, plain};
use super::sheet::{Cell, Column, Picture, Style};
use crate::document::{
    self, congruent, decisions, failures, group, interval, items, method, quality_notes, theirs,
    weighed,
};
use crate::figure::distribution;
use crate::model::{Candidate, CasingReport, Findings, PairReport};
use crate::plates::{Plate, Plates, plates};
use crate::text::{Strings, rounded};
use types::error::Result;
use types::evidence::CasingRecord;

/// A casing report.
pub fn casing(c: &mut Content, r: &CasingReport) -> Result<()> {
    let t = c.t;
    let plates = plates(&r.findings)?;
    c.blocks(&decisions(&r.decisions, t));
    for (f, p) in r.findings.iter().zip(&plates) {
        brief(c, f, p.as_ref())?;
        ranking(c, f, p.as_ref())?;
        scores(c, f);
    }
    for (f, p) in r.findings.iter().zip(&plates) {
        comparisons(c, f, p.as_ref())?;
    }
    let id = r.findings.first().map_or("", |f| f.questioned.casing.id.as_str());
    let grouped = r.group.as_ref().map(|view| group(view, id, t));
    let told = grouped.into_iter().chain(theirs(&r.theirs, t));
    c.blocks(&told.collect::<Vec<_>>());
    let used = [items(&r.findings, t.questioned, t), method(&r.header, &r.findings, t)];
    c.blocks(&used);
    c.blocks(&[failures(&r.failures, t)]);
    Ok(())
}

/// A pair report: the one comparison as a list of one.
pub fn pair(c: &mut Content, r: &PairReport) -> Result<()> {
    let t = c.t;
    let findings = [r.findings()];
    let plates = plates(&findings)?;
    c.blocks(&decisions(&r.decisions, t));
    for (f, p) in findings.iter().zip(&plates) {
        comparisons(c, f, p.as_ref())?;
        scores(c, f);
    }
    c.blocks(&[items(&findings, "A", t), method(&r.header, &[], t)]);
    Ok(())
}

/// The scores of the list among those of other pairs.
fn scores(c: &mut Content, f: &Findings) {
    let (t, Some(d)) = (c.t, &f.distribution) else { return };
    c.sheet.heading(2, t.distribution_title);
    let marks: Vec<(f64, String)> =
        f.candidates.iter().take(5).map(|k| (k.comparison.score, k.place())).collect();
    let drawn = distribution(d, &marks, t.distribution_title, t);
    let caption = format!("{} {}", (t.population_of_scores)(&d.population), t.distribution_intro);
    c.drawing(&drawn, t.distribution_title, caption);
}

fn brief(c: &mut Content, f: &Findings, p: Option<&Plates>) -> Result<()> {
    let (t, q, first) = (c.t, &f.questioned, f.candidates.first());
    c.sheet.heading(1, t.named(&q.mark));
    let [compared, casings] = [f.gallery.compared, f.gallery.casings].map(|n| rounded(n as f64, 0));
    c.sheet.text(Style::Intro, (t.population)(&compared, &casings));
    if let (Some(p), Some(k)) = (p, first)
        && let Some(Some(b)) = p.candidates.first()
    {
        let shown =
            [(t.questioned, &q.casing, &p.questioned), (t.first_candidate, &k.side.casing, b)];
        let mut pictures = Vec::new();
        for (role, casing, plate) in shown {
            let label = format!("{role}: {}", casing.id);
            let (file, over) = (c.file("png", plain(plate)?), c.file("svg", over(p, None)));
            pictures.push(Picture { file, over: Some(over), alt: label.clone(), label });
        }
        c.figure(pictures, String::new(), 56);
    }
    c.blocks(&[document::brief(f, t)]);
    if let Some(w) = first.and_then(|k| k.weight.as_ref()) {
        c.sheet.text(Style::Plain, weighed(w, t).text());
    }
    c.blocks(&quality_notes(f, t).into_iter().collect::<Vec<_>>());
    Ok(())
}

fn ranking(c: &mut Content, f: &Findings, p: Option<&Plates>) -> Result<()> {
    let t = c.t;
    c.sheet.heading(2, t.ranked_candidates);
    if f.candidates.is_empty() {
        c.sheet.text(Style::Plain, t.no_candidates);
        return Ok(());
    }
    let weighed = f.candidates.iter().any(|k| k.weight.is_some());
    let uncalibrated =
        if weighed { String::new() } else { format!(" {}: {}.", t.weight, t.not_calibrated) };
    c.sheet.text(Style::Note, format!("{}{uncalibrated}", t.score_note));
    let mut rows = Vec::new();
    for (i, k) in f.candidates.iter().enumerate() {
        let plate = p.and_then(|p| p.candidates.get(i)?.as_ref());
        rows.push(row(c, k, plate, weighed)?);
    }
    let mut columns = vec![
        Column::new(t.rank, true, 0.0),
        Column::new(t.picture, false, 0.0),
        Column::new(t.candidate, false, 2.4),
        Column::new(t.score, true, 1.0),
        Column::new(t.congruent_cells, true, 1.2),
        Column::new(t.ccf, true, 1.2),
        Column::new(t.overlap, true, 1.0),
        Column::new(t.group, false, 0.0),
    ];
    columns.extend(weighed.then(|| Column::new(t.log10_lr, true, 1.6)));
    let [listed, compared] =
        [f.candidates.len() as u64, f.gallery.compared].map(|n| rounded(n as f64, 0));
    c.sheet.table((t.ranking_caption)(&listed, &compared), columns, rows);
    Ok(())
}

/// A candidate in the list.
fn row(c: &mut Content, k: &Candidate, plate: Option<&Plate>, weighed: bool) -> Result<Vec<Cell>> {
    let (t, m) = (c.t, &k.comparison);
    let thumb = match plate {
        None => "–".into(),
        Some(plate) => Cell::Picture {
            file: c.file("png", plain(plate)?),
            alt: format!("{} {}", t.picture_of, k.side.casing.id),
        },
    };
    let mut row: Vec<Cell> = vec![
        k.rank.to_string().into(),
        thumb,
        format!("{}\n{}", k.side.casing.id, provenance(&k.side.casing, t)).into(),
        rounded(m.score, 2).into(),
        congruent(m, t).text().into(),
        rounded(m.ccf, 3).into(),
        rounded(m.overlap_mm2, 2).into(),
        k.group.as_deref().unwrap_or("–").into(),
    ];
    row.extend(weighed.then(|| {
        k.weight.as_ref().map_or_else(
            || "–".into(),
            |w| interval(w.log10_lr, w.log10_lower, w.log10_upper).text().into(),
        )
    }));
    Ok(row)
}

/// Evidence or test fire, and from where.
fn provenance(casing: &CasingRecord, t: &Strings) -> String {
    let mut parts = vec![(t.origin)(casing.origin).to_owned()];
    parts.extend(casing.scene.as_ref().map(|s| format!("{} {}", t.scene, s.id)));
    parts.extend(casing.firearm.as_ref().map(|f| format!("{} {f}", t.firearm)));
    parts.join(" · ")
}
