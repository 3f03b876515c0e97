//! What was compared and how: the items, the method, the filters.

use super::content::{Content, count, day, right};
use super::sheet::{Cell, Style};
use crate::model::{Findings, Header, Side, Weight};
use crate::text::{Strings, rounded};
use types::comparison::Comparison;
use types::evidence::CasingRecord;

/// Every casing of the report with its scan and its quality.
pub fn items(c: &mut Content, findings: &[Findings], first: &str) {
    let t = c.t;
    c.sheet.heading(1, t.items);
    let mut rows = Vec::new();
    for f in findings {
        rows.push(item(first, &f.questioned, t));
        for k in &f.candidates {
            rows.push(item(&k.place(), &k.side, t));
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
        t.named(mark),
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

/// The method, and whom the filters left out.
pub fn method(c: &mut Content, header: &Header, findings: &[Findings]) {
    let t = c.t;
    c.sheet.heading(1, t.method);
    match &header.laboratory.method {
        Some(own) => c.sheet.text(Style::Plain, own.clone()),
        None => t.standing_method.iter().for_each(|s| c.sheet.text(Style::Plain, *s)),
    }
    for f in findings {
        c.sheet.heading(2, format!("{}: {}", t.filters, t.named(&f.questioned.mark)));
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

/// Congruent cells of those tried.
pub fn congruent(m: &Comparison, t: &Strings) -> String {
    format!("{} {} {}", m.congruent_cells, t.of, m.cells)
}

/// A log10 likelihood ratio with its interval.
pub fn interval(at: f64, lower: f64, upper: f64) -> String {
    format!("{} [{}, {}]", rounded(at, 2), rounded(lower, 2), rounded(upper, 2))
}

/// The weight of evidence with its interval, or plainly that there is none.
pub fn weight(weight: Option<&Weight>, t: &Strings) -> String {
    weight.map_or_else(
        || t.not_calibrated.into(),
        |w| format!("log10 LR {}", interval(w.log10_lr, w.log10_lower, w.log10_upper)),
    )
}

impl Content {
    /// What a weight rests on and what it says: population, propositions, words,
    /// bounds, error rates and what is to be taken with care.
    pub fn weighed(&mut self, weight: Option<&Weight>, style: Style) {
        let (t, Some(w)) = (self.t, weight) else { return };
        let population = format!(
            "{}. {}: {} {}, {} {}.",
            t.weight,
            w.population,
            count(w.firearms),
            t.firearms,
            count(w.pairs),
            t.pairs
        );
        let lines: Vec<String> = std::iter::once(population).chain((t.weighed)(w)).collect();
        self.sheet.text(style, lines.join(" "));
    }
}
