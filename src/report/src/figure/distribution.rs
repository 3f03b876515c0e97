//! The scores of same-source and different-source pairs, and where a score
//! under discussion stands among them.

use super::{BLUE, FONT, INK, ORANGE, SOFT, fine, round_step};
use crate::model::Distribution;
use crate::text::Strings;
use maud::{Markup, html};

const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 210.0;
const LEFT: f64 = 12.0;
const RIGHT: f64 = 12.0;
const TOP: f64 = 46.0;
const FLOOR: f64 = 168.0;

/// The score axis of one chart.
#[derive(Clone, Copy)]
pub struct Axis {
    low: f64,
    high: f64,
}

impl Axis {
    /// Spans the distribution and all of `scores`.
    pub fn over(d: &Distribution, scores: impl Iterator<Item = f64>) -> Self {
        let top = d.low + d.step * d.same.len() as f64;
        let (low, high) = scores
            .filter(|s| s.is_finite())
            .fold((d.low, top), |(low, high), s| (low.min(s), high.max(s)));
        let margin = (0.02 * (high - low)).max(f64::MIN_POSITIVE);
        Self { low: low - margin, high: high + margin }
    }

    fn x(self, score: f64) -> f64 {
        fine(LEFT + (score - self.low) / (self.high - self.low) * (WIDTH - LEFT - RIGHT))
    }
}

/// The whole chart: bars, axis, legend, and a marker with a label per score.
pub fn distribution(d: &Distribution, marks: &[(f64, String)], alt: &str, t: &Strings) -> Markup {
    let axis = Axis::over(d, marks.iter().map(|m| m.0));
    html! {
        svg viewBox={ "0 0 " (WIDTH) " " (HEIGHT) } role="img"
            aria-label=(alt) font-family=(FONT) font-size="12" {
            (bars(d, axis, t))
            @for (score, label) in crowded(axis, marks) { (marker(axis, score, &label)) }
        }
    }
}

/// Markers too near to each other to be read share the first one's place and
/// list their labels.
fn crowded(axis: Axis, marks: &[(f64, String)]) -> Vec<(f64, String)> {
    let mut sorted: Vec<&(f64, String)> = marks.iter().collect();
    sorted.sort_by(|a, b| b.0.total_cmp(&a.0));
    let mut out: Vec<(f64, String)> = Vec::new();
    for (score, label) in sorted {
        match out.last_mut() {
            Some((at, labels))
                if axis.x(*at) - axis.x(*score) < 14.0 + 6.6 * labels.len() as f64 =>
            {
                *labels += ", ";
                *labels += label;
            }
            _ => out.push((*score, label.clone())),
        }
    }
    out
}

/// Bars, axis and legend. Both sorts of pairs fill the same area, so that the
/// many different-source pairs do not hide the few others.
pub fn bars(d: &Distribution, axis: Axis, t: &Strings) -> Markup {
    let share = |n: u64, all: u64| n as f64 / all.max(1) as f64;
    let [together, apart] = t.classes(&d.population);
    let (same, different) = (d.same_pairs(), d.different_pairs());
    let shares = d.same.iter().map(|n| share(*n, same));
    let highest =
        shares.chain(d.different.iter().map(|n| share(*n, different))).fold(1e-9, f64::max);
    let bar = |i: usize, height: f64| {
        let (x0, x1) = (axis.x(d.low + d.step * i as f64), axis.x(d.low + d.step * (i + 1) as f64));
        let h = fine(height / highest * (FLOOR - TOP));
        (x0, fine(FLOOR - h), fine((x1 - x0 - 0.6).max(0.4)), h)
    };
    let step = round_step(axis.high - axis.low, 12.0);
    let ticks: Vec<f64> = (0..40)
        .map(|i| ((axis.low / step).ceil() + f64::from(i)) * step)
        .take_while(|v| *v <= axis.high)
        .collect();
    let places = usize::from(step < 1.0);
    html! {
        @for (i, n) in d.different.iter().enumerate().filter(|b| *b.1 > 0) {
            @let (x, y, w, h) = bar(i, share(*n, different));
            rect x=(x) y=(y) width=(w) height=(h) fill="#f6d9bd" stroke=(ORANGE) stroke-width="0.8" {}
        }
        @for (i, n) in d.same.iter().enumerate().filter(|b| *b.1 > 0) {
            @let (x, y, w, h) = bar(i, share(*n, same));
            rect x=(x) y=(y) width=(w) height=(h) fill=(BLUE) {}
        }
        line x1=(LEFT) y1=(FLOOR) x2=(WIDTH - RIGHT) y2=(FLOOR) stroke=(INK) {}
        @for v in ticks {
            line x1=(axis.x(v)) y1=(FLOOR) x2=(axis.x(v)) y2=(FLOOR + 5.0) stroke=(INK) {}
            text x=(axis.x(v)) y=(FLOOR + 18.0) text-anchor="middle" fill=(SOFT) {
                (format!("{v:.places$}"))
            }
        }
        text x=(WIDTH / 2.0) y=(HEIGHT - 8.0) text-anchor="middle" fill=(SOFT) { (t.score) }
        rect x=(LEFT) y="6" width="14" height="11" fill="#f6d9bd" stroke=(ORANGE) stroke-width="0.8" {}
        text x=(LEFT + 20.0) y="16" fill=(INK) { (apart) " (" (different) ")" }
        rect x=(LEFT + 260.0) y="6" width="14" height="11" fill=(BLUE) {}
        text x=(LEFT + 280.0) y="16" fill=(INK) { (together) " (" (same) ")" }
    }
}

/// A line at `score` with its label above the bars.
pub fn marker(axis: Axis, score: f64, label: &str) -> Markup {
    let x = axis.x(score);
    let wide = 8.0 + 6.6 * label.chars().count() as f64;
    let left = fine((x - wide / 2.0).clamp(0.0, WIDTH - wide));
    html! {
        line x1=(x) y1=(TOP - 6.0) x2=(x) y2=(FLOOR) stroke="#fff" stroke-width="4" {}
        line x1=(x) y1=(TOP - 6.0) x2=(x) y2=(FLOOR) stroke=(INK) stroke-width="2" {}
        rect x=(left) y=(TOP - 22.0) width=(fine(wide)) height="17" rx="2" fill=(INK) {}
        text x=(fine(left + wide / 2.0)) y=(TOP - 9.5) text-anchor="middle" fill="#fff" font-weight="700" {
            (label)
        }
    }
}
