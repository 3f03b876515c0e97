//! The pages of casing and pair reports.

use super::comparison::comparisons;
use super::content::{Content, count, right};
use super::decisions::decisions;
use super::items::{congruent, interval, items, method, provenance, weight};
use super::picture::{over, plain};
use super::sheet::{Cell, Picture, Style};
use super::theirs::theirs;
use crate::figure::distribution;
use crate::html::drawing;
use crate::model::{CasingReport, Findings, PairReport};
use crate::plates::{Plates, plates};
use crate::text::rounded;
use types::error::Result;
use types::mark::Verdict;

/// A casing report.
pub fn findings(c: &mut Content, r: &CasingReport) -> Result<()> {
    let t = c.t;
    let plates = plates(&r.findings)?;
    decisions(c, &r.decisions);
    for (f, p) in r.findings.iter().zip(&plates) {
        brief(c, f, p.as_ref())?;
        ranking(c, f, p.as_ref())?;
        scores(c, f);
    }
    for (f, p) in r.findings.iter().zip(&plates) {
        comparisons(c, f, p.as_ref())?;
    }
    if let Some(view) = &r.group {
        c.sheet.heading(1, t.group_section);
        c.sheet.text(Style::Plain, t.groups_note);
        let id = r.findings.first().map(|f| f.questioned.casing.id.clone());
        let drawn = drawing(&view.casings, &view.links, &|k| Some(&k.id) == id.as_ref(), t);
        c.drawing(&drawn, t.group_graph_alt, t.group_intro.into());
        c.links(&view.links);
    }
    theirs(c, &r.theirs);
    items(c, &r.findings, t.questioned);
    method(c, &r.header, &r.findings);
    if !r.failures.is_empty() {
        c.failures(&r.failures);
    }
    Ok(())
}

/// A pair report: the one comparison as a list of one.
pub fn pair(c: &mut Content, r: &PairReport) -> Result<()> {
    let findings = [r.findings()];
    let plates = plates(&findings)?;
    decisions(c, &r.decisions);
    for (f, p) in findings.iter().zip(&plates) {
        comparisons(c, f, p.as_ref())?;
        scores(c, f);
    }
    items(c, &findings, "A");
    method(c, &r.header, &[]);
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
    c.sheet
        .text(Style::Intro, (t.population)(&count(f.gallery.compared), &count(f.gallery.casings)));
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
    let scene = q.casing.scene.as_ref().map_or(t.not_stated.into(), |s| s.id.to_string());
    let mut facts = vec![
        (t.questioned_casing, q.casing.id.to_string()),
        (t.scene, scene),
        (t.condition, (t.verdict)(q.mark.quality.verdict).to_owned()),
        (t.first_candidate, first.map_or(t.none.into(), |k| k.side.casing.id.to_string())),
    ];
    if let Some(k) = first {
        facts.push((t.score, rounded(k.comparison.score, 2)));
        facts.push((t.congruent_cells, congruent(&k.comparison, t)));
    }
    facts.push((t.weight, weight(first.and_then(|k| k.weight.as_ref()), t)));
    facts.push((
        t.compared_with,
        format!("{} {} {}", count(f.gallery.compared), t.of, count(f.gallery.casings)),
    ));
    c.sheet.facts(facts);
    c.weighed(first.and_then(|k| k.weight.as_ref()), Style::Plain);
    let remarks: Vec<String> = q
        .mark
        .quality
        .reasons
        .iter()
        .chain(&q.scan.warnings)
        .map(|words| t.said(words).text.into_owned())
        .collect();
    if !remarks.is_empty()
        && (q.mark.quality.verdict != Verdict::Good || !q.scan.warnings.is_empty())
    {
        let text = format!("{}. {} {}", t.quality_notes, t.quality_intro, remarks.join("; "));
        c.sheet.text(Style::Warning, text);
    }
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
        let thumb = match p.and_then(|p| p.candidates.get(i)?.as_ref()) {
            None => "–".into(),
            Some(plate) => Cell::Picture {
                file: c.file("png", plain(plate)?),
                alt: format!("{} {}", t.picture_of, k.side.casing.id),
            },
        };
        let m = &k.comparison;
        let mut row: Vec<Cell> = vec![
            k.rank.to_string().into(),
            thumb,
            format!("{}\n{}", k.side.casing.id, provenance(&k.side.casing, t)).into(),
            rounded(m.score, 2).into(),
            congruent(m, t).into(),
            rounded(m.ccf, 3).into(),
            rounded(m.overlap_mm2, 2).into(),
            k.group.as_deref().unwrap_or("–").into(),
        ];
        row.extend(weighed.then(|| {
            let w = k.weight.as_ref();
            w.map_or("–".into(), |w| interval(w.log10_lr, w.log10_lower, w.log10_upper).into())
        }));
        rows.push(row);
    }
    let titles = [t.rank, t.score, t.congruent_cells, t.ccf, t.overlap, t.log10_lr].map(right);
    let [rank, score, cells, ccf, overlap, weight_title] = titles;
    let mut columns: Vec<(&str, f64)> = vec![
        (&rank, 0.0),
        (t.picture, 0.0),
        (t.candidate, 2.4),
        (&score, 1.0),
        (&cells, 1.2),
        (&ccf, 1.2),
        (&overlap, 1.0),
        (t.group, 0.0),
    ];
    columns.extend(weighed.then_some((&*weight_title, 1.6)));
    c.sheet.table(
        (t.ranking_caption)(&count(f.candidates.len() as u64), &count(f.gallery.compared)),
        &columns,
        rows,
    );
    Ok(())
}
