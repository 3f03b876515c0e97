//! The plots of a validation.

use super::plot::{Axis, CurveKind, Line, Series, plot};
use super::words::Words;
use crate::text::grouped;
use maud::Markup;
use statistics::weigh::{CurveStep, Ece, RANKS, Validation};

/// A plot with its name.
pub struct Drawn {
    pub title: &'static str,
    /// The name, and what its axes show.
    pub alt: String,
    pub svg: Markup,
}

/// Every plot of `v`.
pub fn drawn(v: &Validation, w: &Words) -> Vec<Drawn> {
    let all = [tippett(v, w), histogram(v, w), det(v, w), pav(v, w), ece(v, w)];
    all.into_iter().chain(rank_curve(v, w)).collect()
}

fn draw(title: &'static str, x: &Axis, y: &Axis, series: &[Series]) -> Drawn {
    let alt = format!("{title}. x: {}; y: {}", x.label, y.label);
    Drawn { title, svg: plot(&alt, x, y, series), alt }
}

/// The range of log10 LR shown, a little wider than what there is.
fn log10_axis(v: &Validation) -> Axis {
    let all = || v.pairs.iter().map(|p| p.log10_lr);
    let low = all().fold(-1.0, f64::min).floor();
    let high = all().fold(1.0, f64::max).ceil();
    Axis { label: "log10 LR", range: (low, high) }
}

const fn share_axis(label: &'static str) -> Axis {
    Axis { label, range: (0.0, 1.0) }
}

fn series(name: &str, kind: CurveKind, line: Line, points: Vec<(f64, f64)>) -> Series {
    Series { name: name.into(), kind, line, points }
}

fn both(
    v: &Validation,
    w: &Words,
    line: Line,
    of: impl Fn(bool) -> Vec<(f64, f64)>,
) -> [Series; 2] {
    let name = |what: &str, n: u64| format!("{what} ({})", grouped(&n.to_string()));
    [
        series(&name(w.same, v.same_source_pairs), CurveKind::Same, line, of(true)),
        series(&name(w.different, v.different_source_pairs), CurveKind::Different, line, of(false)),
    ]
}

fn tippett(v: &Validation, w: &Words) -> Drawn {
    let x = log10_axis(v);
    let steps = |same: bool| {
        let of =
            if same { &v.curves.tippett_same_source } else { &v.curves.tippett_different_source };
        // The share holds up to and including each value, then falls.
        let mut points = vec![(x.range.0, 1.0)];
        for (n, s) in of.iter().enumerate() {
            points.push((s.x, of.get(n + 1).map_or(0.0, |next| next.y)));
        }
        points.push((x.range.1, 0.0));
        points
    };
    draw(w.tippett, &x, &share_axis(w.at_least), &both(v, w, Line::StepBefore, steps))
}

fn histogram(v: &Validation, w: &Words) -> Drawn {
    const BINS: usize = 24;
    let x = log10_axis(v);
    let width = (x.range.1 - x.range.0) / BINS as f64;
    let bars = |same: bool| {
        let mut counts = [0.0_f64; BINS];
        let of = v.pairs.iter().filter(|p| p.same_source == same);
        let n = of.clone().count().max(1) as f64;
        for pair in of {
            let at = ((pair.log10_lr - x.range.0) / width) as usize;
            if let Some(count) = counts.get_mut(at.min(BINS - 1)) {
                *count += 1.0 / n;
            }
        }
        let left = |k: usize| x.range.0 + width * k as f64;
        counts.iter().enumerate().map(|(k, c)| (left(k), *c)).collect()
    };
    let line = Line::Bars { width: (width * 1000.0) as u32 };
    draw(w.by_class, &x, &share_axis(w.share_of_pairs), &both(v, w, line, bars))
}

fn points(steps: &[CurveStep]) -> Vec<(f64, f64)> {
    steps.iter().map(|s| (s.x, s.y)).collect()
}

fn det(v: &Validation, w: &Words) -> Drawn {
    let curve = series(w.thresholds, CurveKind::Same, Line::Straight, points(&v.curves.det));
    let chance = series(w.chance, CurveKind::Guide, Line::Straight, vec![(0.0, 1.0), (1.0, 0.0)]);
    draw(w.det, &share_axis(w.accepted), &share_axis(w.missed), &[chance, curve])
}

fn pav(v: &Validation, w: &Words) -> Drawn {
    let x = log10_axis(v);
    let of = &v.curves.pav;
    let low = of.iter().map(|s| s.y).fold(x.range.0, f64::min);
    let high = of.iter().map(|s| s.y).fold(x.range.1, f64::max);
    let ideal = series(w.ideal, CurveKind::Guide, Line::Straight, vec![(low, low), (high, high)]);
    let dots = series(w.pairs, CurveKind::Given, Line::Dots, points(of));
    let y = Axis { label: w.recalibrated, range: (low, high) };
    draw(w.calibration, &Axis { label: x.label, range: (low, high) }, &y, &[ideal, dots])
}

fn ece(v: &Validation, w: &Words) -> Drawn {
    let of = |value: fn(&Ece) -> f64| {
        v.curves.ece.iter().map(|e| (e.log10_odds, value(e))).collect::<Vec<_>>()
    };
    let all = [
        series(w.as_given, CurveKind::Given, Line::Straight, of(|e| e.given)),
        series(w.at_best, CurveKind::Same, Line::Straight, of(|e| e.best)),
        series(w.no_evidence, CurveKind::Guide, Line::Straight, of(|e| e.neutral)),
    ];
    let x = Axis { label: w.prior_odds, range: (-3.0, 3.0) };
    draw(w.ece, &x, &share_axis("bits"), &all)
}

fn rank_curve(v: &Validation, w: &Words) -> Option<Drawn> {
    let whole = v.ranks.whole.as_ref()?;
    let of = RANKS.iter().zip(whole.share).map(|(k, s)| ((*k as f64).log10(), s)).collect();
    let x = Axis { label: w.looked_at, range: (0.0, 1.7) };
    let curve = series(w.found, CurveKind::Same, Line::Straight, of);
    Some(draw(w.rank_curve, &x, &share_axis(w.share_of_probes), &[curve]))
}
