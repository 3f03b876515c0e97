//! The pages of casing and pair reports.

use super::content::{Content, count, day, right};
use super::picture::{coloured, difference, over, overlay, plain};
use super::sheet::{Cell, Picture, Style};
use crate::correlate::Comparison;
use crate::error::Result;
use crate::evidence::{CasingRecord, Modality};
use crate::report::cells::Side as Laid;
use crate::report::figure::distribution;
use crate::report::html::{drawing, stands};
use crate::report::model::{
    Candidate, CasingReport, Findings, Gallery, Header, PairReport, Side, Weight,
};
use crate::report::plates::{IN_DEPTH, Plate, Plates, plates};
use crate::report::text::{Strings, rounded};

/// A casing report.
pub fn findings(c: &mut Content, r: &CasingReport) -> Result<()> {
    let t = c.t;
    let plates = plates(&r.findings)?;
    for (f, p) in r.findings.iter().zip(&plates) {
        brief(c, f, p.as_ref())?;
        ranking(c, f, p.as_ref())?;
        if let Some(d) = &f.distribution {
            c.sheet.heading(2, t.distribution_title);
            let marks: Vec<(f64, String)> = f
                .candidates
                .iter()
                .take(5)
                .map(|k| (k.comparison.score, k.rank.to_string()))
                .collect();
            let drawn = distribution(d, &marks, t.distribution_title, t);
            let caption =
                format!("{} {}", (t.population_of_scores)(&d.population), t.distribution_intro);
            c.drawing(&drawn, t.distribution_title, caption);
        }
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
    items(c, &r.findings, t.questioned);
    method(c, &r.header, &r.findings);
    if !r.failures.is_empty() {
        c.failures(&r.failures);
    }
    Ok(())
}

/// A pair report: the one comparison as a list of one.
pub fn pair(c: &mut Content, r: &PairReport) -> Result<()> {
    let findings = [Findings {
        questioned: r.a.clone(),
        gallery: Gallery::default(),
        distribution: r.distribution.clone(),
        candidates: vec![Candidate {
            rank: 0,
            side: r.b.clone(),
            comparison: r.comparison.clone(),
            group: None,
            weight: r.weight.clone(),
        }],
    }];
    let plates = plates(&findings)?;
    for (f, p) in findings.iter().zip(&plates) {
        comparisons(c, f, p.as_ref())?;
    }
    items(c, &findings, "A");
    method(c, &r.header, &[]);
    Ok(())
}

fn brief(c: &mut Content, f: &Findings, p: Option<&Plates>) -> Result<()> {
    let (t, q, first) = (c.t, &f.questioned, f.candidates.first());
    c.sheet.heading(1, (t.mark_kind)(q.mark.kind));
    c.sheet
        .text(Style::Plain, (t.population)(&count(f.gallery.compared), &count(f.gallery.casings)));
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
    let remarks: Vec<String> = q
        .mark
        .quality
        .reasons
        .iter()
        .chain(&q.scan.warnings)
        .map(|words| t.said(words).text.into_owned())
        .collect();
    if q.mark.quality.verdict != crate::prepare::Verdict::Good && !remarks.is_empty() {
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
        rows.push(vec![
            k.rank.to_string().into(),
            thumb,
            format!("{}\n{}", k.side.casing.id, provenance(&k.side.casing, t)).into(),
            rounded(m.score, 2).into(),
            congruent(m, t).into(),
            rounded(m.ccf, 3).into(),
            rounded(m.overlap_mm2, 2).into(),
            k.group.as_deref().unwrap_or("–").into(),
            weight(k.weight.as_ref(), t).into(),
        ]);
    }
    c.sheet.table(
        (t.ranking_caption)(&count(f.candidates.len() as u64), &count(f.gallery.compared)),
        &[
            (&right(t.rank), 0.0),
            (t.picture, 0.0),
            (t.candidate, 2.4),
            (&right(t.score), 1.1),
            (&right(t.congruent_cells), 1.2),
            (&right(t.ccf), 1.2),
            (&right(t.overlap), 1.0),
            (t.group, 2.0),
            (t.weight, 1.2),
        ],
        rows,
    );
    c.sheet.text(Style::Note, t.score_note);
    Ok(())
}

fn comparisons(c: &mut Content, f: &Findings, p: Option<&Plates>) -> Result<()> {
    let t = c.t;
    if f.candidates.is_empty() {
        return Ok(());
    }
    c.sheet.heading(1, format!("{}: {}", t.comparisons, (t.mark_kind)(f.questioned.mark.kind)));
    c.sheet.text(Style::Plain, t.how_to_read_cells);
    for (i, k) in f.candidates.iter().enumerate() {
        let (a, b) = (&f.questioned.casing.id, &k.side.casing.id);
        let rank = if k.rank == 0 { String::new() } else { format!("{}. ", k.rank) };
        c.sheet.heading(2, format!("{rank}{a} – {b}"));
        let m = &k.comparison;
        let pose = &m.b_from_a;
        c.sheet.facts(vec![
            (t.score, rounded(m.score, 2)),
            (t.congruent_cells, congruent(m, t)),
            (t.ccf, rounded(m.ccf, 3)),
            (t.overlap, rounded(m.overlap_mm2, 2)),
            (
                t.pose,
                format!(
                    "{}°, {} µm, {} µm",
                    rounded(pose.rotation.deg(), 1),
                    rounded(pose.dx.um(), 0),
                    rounded(pose.dy.um(), 0)
                ),
            ),
            (t.weight, weight(k.weight.as_ref(), t)),
        ]);
        if let Some(d) = &f.distribution {
            c.sheet.text(Style::Note, format!("{}. {}", t.score_of_pair, stands(d, m.score, t)));
        }
        let Some((p, plate)) = p.and_then(|p| Some((p, p.candidates.get(i)?.as_ref()?))) else {
            c.sheet.text(Style::Note, t.no_picture);
            continue;
        };
        let heights = f.questioned.mark.modality == Modality::Topography;
        let words = (t.cells_alt)(m.congruent_cells, m.cells);
        let sides =
            [(&p.questioned, Laid::A, format!("A: {a}")), (plate, Laid::B, format!("B: {b}"))];
        let mut pictures = Vec::new();
        for (plate, side, label) in &sides {
            pictures.push(Picture {
                file: c.file("png", plain(plate)?),
                over: Some(c.file("svg", over(p, Some((m, *side))))),
                alt: format!("{label}. {words}"),
                label: label.clone(),
            });
        }
        let caption = if heights {
            (t.relief_caption)(&rounded(p.exaggeration, 1))
        } else {
            t.image_caption.into()
        };
        c.figure(pictures, caption, if i < IN_DEPTH { 100 } else { 62 });
        if i < IN_DEPTH {
            in_depth(c, p, plate, heights, &sides.map(|s| s.2))?;
        }
    }
    Ok(())
}

fn in_depth(
    c: &mut Content,
    p: &Plates,
    plate: &Plate,
    heights: bool,
    labels: &[String; 2],
) -> Result<()> {
    let t = c.t;
    let bar = c.file("svg", over(p, None));
    let mut pictures = Vec::new();
    let mut add = |c: &mut Content, png: Vec<u8>, alt: String, label: &str| {
        let (file, over) = (c.file("png", png), Some(bar.clone()));
        pictures.push(Picture { file, over, alt, label: label.to_owned() });
    };
    let [a, b] = labels;
    if heights {
        for (plate, label) in [(&p.questioned, a), (plate, b)] {
            add(c, coloured(plate)?, format!("{}. {label}", t.height_colours), label);
        }
    }
    let both = |what: &str| format!("{what}. {a}. {b}");
    add(c, overlay(&p.questioned, plate)?, both(t.overlay), t.overlay);
    if let Some(png) = difference(plate)? {
        add(c, png, both(t.difference), t.difference);
    }
    let scale = format!("±{} µm", rounded(f64::from(p.clip), 2));
    let caption = if heights {
        format!("{} {}: {scale}.", t.depth_caption, t.colour_scale)
    } else {
        t.overlay_caption.to_owned()
    };
    c.figure(pictures, caption, 100);
    Ok(())
}

fn items(c: &mut Content, findings: &[Findings], first: &str) {
    let t = c.t;
    c.sheet.heading(1, t.items);
    let mut rows = Vec::new();
    for f in findings {
        rows.push(item(first, &f.questioned, t));
        for k in &f.candidates {
            let role = if k.rank == 0 { "B".to_owned() } else { k.rank.to_string() };
            rows.push(item(&role, &k.side, t));
        }
    }
    let headings = [(t.rank, 0.0), (t.casing, 2.0), (t.scan, 2.6), (t.condition, 2.4)];
    c.sheet.table(t.items_caption.into(), &headings, rows);
}

fn item(role: &str, side: &Side, t: &Strings) -> Vec<Cell> {
    let (casing, scan, mark) = (&side.casing, &side.scan, &side.mark);
    let said = |words: &String| t.said(words).text.into_owned();
    let mut who = vec![casing.id.to_string(), provenance(casing, t)];
    if let Some(scene) = &casing.scene {
        who.extend(scene.date.map(|d| day(Some(&d.to_string()), t)));
        who.extend(scene.agency.clone());
        who.extend(scene.case.as_ref().map(|id| format!("{} {id}", t.case)));
    }
    who.extend(casing.calibre.as_ref().map(|k| format!("{} {k}", t.calibre)));
    who.push(format!("{} {}", t.firing_pin, (t.firing_pin_shape)(casing.firing_pin_shape)));
    who.extend((!casing.notes.is_empty()).then(|| casing.notes.clone()));
    let mut what = vec![
        scan.file.clone(),
        format!(
            "{} × {} px, {} × {} µm, {} B",
            count(scan.width_px as u64),
            count(scan.height_px as u64),
            rounded(scan.pitch_x_um, 3),
            rounded(scan.pitch_y_um, 3),
            count(scan.bytes)
        ),
    ];
    what.extend(scan.instrument.clone());
    what.extend(scan.acquired.as_ref().map(|a| format!("{} {a}", t.acquired)));
    what.push(format!("SHA-256 {}", scan.sha256));
    what.extend(scan.warnings.iter().map(said));
    let q = &mark.quality;
    let mut how = vec![
        format!("{}, {}", (t.mark_kind)(mark.kind), (t.modality)(mark.modality)),
        (t.verdict)(q.verdict).to_owned(),
        format!(
            "{} {} mm², {} {} %, {} {}, {} {} µm",
            t.area,
            rounded(q.area_mm2, 2),
            t.coverage,
            rounded(100.0 * q.coverage, 0),
            t.rms,
            rounded(q.rms, 3),
            t.prepared_pitch,
            rounded(mark.pitch_um, 2)
        ),
    ];
    how.extend(q.reasons.iter().map(said));
    vec![role.into(), who.join("\n").into(), what.join("\n").into(), how.join("\n").into()]
}

fn method(c: &mut Content, header: &Header, findings: &[Findings]) {
    let t = c.t;
    c.sheet.heading(1, t.method);
    match &header.laboratory.method {
        Some(own) => c.sheet.text(Style::Plain, own.clone()),
        None => t.standing_method.iter().for_each(|s| c.sheet.text(Style::Plain, *s)),
    }
    for f in findings {
        c.sheet.heading(2, format!("{}: {}", t.filters, (t.mark_kind)(f.questioned.mark.kind)));
        if f.gallery.filters.is_empty() {
            c.sheet.text(Style::Plain, t.no_filters);
            continue;
        }
        let rows = f
            .gallery
            .filters
            .iter()
            .map(|k| vec![(t.rule)(&k.rule).into(), count(k.excluded).into()]);
        let headings = [(t.filter_rule, 3.0), (&*right(t.excluded), 1.0)];
        c.sheet.table(t.excluded_title.into(), &headings, rows.collect());
    }
}

/// Evidence or test fire, and from where.
pub fn provenance(casing: &CasingRecord, t: &Strings) -> String {
    let mut parts = vec![(t.origin)(casing.origin).to_owned()];
    parts.extend(casing.scene.as_ref().map(|s| format!("{} {}", t.scene, s.id)));
    parts.extend(casing.firearm.as_ref().map(|f| format!("{} {f}", t.firearm)));
    parts.join(" · ")
}

fn congruent(m: &Comparison, t: &Strings) -> String {
    format!("{} {} {}", m.congruent_cells, t.of, m.cells)
}

/// The weight of evidence, or plainly that there is none.
fn weight(weight: Option<&Weight>, t: &Strings) -> String {
    weight.map_or_else(
        || t.not_calibrated.into(),
        |w| {
            format!(
                "log10 LR {} [{}, {}]; {}: {} {}, {} {}",
                rounded(w.log10_lr, 2),
                rounded(w.log10_lower, 2),
                rounded(w.log10_upper, 2),
                w.population,
                count(w.firearms),
                t.firearms,
                count(w.pairs),
                t.pairs
            )
        },
    )
}
