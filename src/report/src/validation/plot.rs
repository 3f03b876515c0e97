//! Plots as SVG, drawn to be read on screen and in print: two axes, a few
//! curves, a legend, no style sheet.

use crate::figure::{BLUE, FONT, INK, LINE, ORANGE, SOFT, fine, round_step};
use crate::text::rounded;
use maud::{Markup, PreEscaped, html};
use std::fmt::Write as _;

/// Size of a plot and of its margins, in SVG units.
const WIDTH: f64 = 460.0;
const HEIGHT: f64 = 312.0;
const LEFT: f64 = 52.0;
const RIGHT: f64 = 12.0;
const TOP: f64 = 30.0;
const BOTTOM: f64 = 42.0;
/// What a letter of the legend takes, on average.
const LETTER: f64 = 6.4;

/// How a curve is drawn.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Line {
    /// Point to point.
    Straight,
    /// Level from each point up to the next one's x (a share of at least x).
    StepBefore,
    /// Dots alone.
    Dots,
    /// Bars of `width` from zero, in thousandths of an x unit.
    Bars {
        /// Width of a bar.
        width: u32,
    },
}

/// What a curve stands for, told by colour and by dashes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum CurveKind {
    /// Same-source pairs, or the best that can be had.
    Same,
    /// Different-source pairs.
    Different,
    /// What was measured.
    Given,
    /// What to compare it with.
    Guide,
}

impl CurveKind {
    const fn colour(self) -> &'static str {
        match self {
            Self::Same => BLUE,
            Self::Different => ORANGE,
            Self::Given => INK,
            Self::Guide => SOFT,
        }
    }

    const fn dashes(self) -> Option<&'static str> {
        match self {
            Self::Same | Self::Given => None,
            Self::Different => Some("6 3"),
            Self::Guide => Some("2 3"),
        }
    }
}

/// A curve.
pub struct Series {
    /// Its name in the legend.
    pub name: String,
    /// What it stands for.
    pub kind: CurveKind,
    /// How it is drawn.
    pub line: Line,
    /// (x, y) in the axes' units.
    pub points: Vec<(f64, f64)>,
}

/// An axis: what it shows and from where to where.
pub struct Axis {
    /// Its label.
    pub label: &'static str,
    /// Range.
    pub range: (f64, f64),
}

impl Axis {
    /// Values at which it is marked: round ones, about five.
    fn ticks(&self) -> Vec<f64> {
        let step = round_step(self.range.1 - self.range.0, 6.0);
        let first = (self.range.0 / step).ceil() as i64;
        (first..=first + 12)
            .map(|n| n as f64 * step)
            .take_while(|v| *v <= self.range.1 + step * 1e-6)
            .collect()
    }

    fn share(&self, value: f64) -> f64 {
        let (low, high) = self.range;
        ((value - low) / (high - low).max(f64::MIN_POSITIVE)).clamp(0.0, 1.0)
    }
}

/// A plot of curves; `alt` is read to those who cannot see it.
pub fn plot(alt: &str, x: &Axis, y: &Axis, series: &[Series]) -> Markup {
    let px = |v: f64| fine(LEFT + x.share(v) * (WIDTH - LEFT - RIGHT));
    let py = |v: f64| fine(HEIGHT - BOTTOM - y.share(v) * (HEIGHT - TOP - BOTTOM));
    let floor = HEIGHT - BOTTOM;
    html! {
        svg viewBox=(format!("0 0 {WIDTH} {HEIGHT}")) role="img" aria-label=(alt)
            font-family=(FONT) font-size="12" fill=(SOFT) {
            @for v in x.ticks() {
                line x1=(px(v)) x2=(px(v)) y1=(TOP) y2=(floor) stroke=(LINE) {}
                text x=(px(v)) y=(floor + 15.0) text-anchor="middle" { (short(v)) }
            }
            @for v in y.ticks() {
                line x1=(LEFT) x2=(WIDTH - RIGHT) y1=(py(v)) y2=(py(v)) stroke=(LINE) {}
                text x=(LEFT - 6.0) y=(py(v) + 4.0) text-anchor="end" { (short(v)) }
            }
            text x=((LEFT + WIDTH - RIGHT) / 2.0) y=(HEIGHT - 8.0) text-anchor="middle" { (x.label) }
            text text-anchor="middle"
                transform=(format!("translate(13 {}) rotate(-90)", (TOP + floor) / 2.0)) { (y.label) }
            @for s in series { (curve(s, px, py)) }
            (legend(series))
        }
    }
}

/// The curves' names in one line above the plot.
fn legend(series: &[Series]) -> Markup {
    let mut left = LEFT;
    html! {
        @for s in series {
            @let x = fine(left);
            @match s.line {
                Line::Bars { .. } => rect x=(x) y="8" width="18" height="10" fill=(s.kind.colour()) fill-opacity="0.6" {},
                Line::Dots => circle cx=(x + 9.0) cy="13" r="3" fill=(s.kind.colour()) {},
                Line::Straight | Line::StepBefore => line x1=(x) x2=(x + 18.0) y1="13" y2="13"
                    stroke=(s.kind.colour()) stroke-width="2" stroke-dasharray=[s.kind.dashes()] {},
            }
            text x=(x + 23.0) y="17" fill=(INK) { (s.name) }
            @let () = left += 38.0 + LETTER * s.name.chars().count() as f64;
        }
    }
}

fn curve(s: &Series, px: impl Fn(f64) -> f64, py: impl Fn(f64) -> f64) -> Markup {
    let colour = s.kind.colour();
    match s.line {
        Line::Dots => html! {
            @for (x, y) in &s.points { circle cx=(px(*x)) cy=(py(*y)) r="2" fill=(colour) {} }
        },
        Line::Bars { width } => html! {
            @for (x, y) in s.points.iter().filter(|p| p.1 > 0.0) {
                @let right = px(x + f64::from(width) / 1000.0);
                rect x=(px(*x)) width=(fine(right - px(*x))) y=(py(*y)) height=(fine(py(0.0) - py(*y)))
                    fill=(colour) fill-opacity="0.6" stroke=(colour) stroke-width="0.6" {}
            }
        },
        Line::Straight | Line::StepBefore => {
            let mut path = String::new();
            for (n, (x, y)) in s.points.iter().enumerate() {
                let verb = if n == 0 { 'M' } else { 'L' };
                // Writing to a string cannot fail.
                if s.line == Line::StepBefore && n > 0 {
                    let _ = write!(path, "H{}V{}", px(*x), py(*y));
                } else {
                    let _ = write!(path, "{verb}{} {}", px(*x), py(*y));
                }
            }
            html! {
                path d=(PreEscaped(path)) fill="none" stroke=(colour) stroke-width="2"
                    stroke-dasharray=[s.kind.dashes()] {}
            }
        }
    }
}

/// A tick's number.
fn short(v: f64) -> String {
    let text = rounded(v, 3);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_within_the_axis() {
        let of = |range| Axis { label: "", range }.ticks();
        assert_eq!(of((0.0, 1.0)), [0.0, 0.2, 0.4, 0.6000000000000001, 0.8, 1.0]);
        assert_eq!(of((-3.0, 3.0)), [-3.0, -2.0, -1.0, 0.0, 1.0, 2.0, 3.0]);
        assert_eq!(short(-2.5), "−2.5");
        assert_eq!(short(0.6000000000000001), "0.6");
        assert_eq!(short(0.0), "0");
    }

    #[test]
    fn a_point_lies_where_the_axes_say() {
        let axis = || Axis { label: "x", range: (0.0, 2.0) };
        let series = Series {
            name: "one".into(),
            kind: CurveKind::Same,
            line: Line::Straight,
            points: vec![(0.0, 0.0), (2.0, 2.0)],
        };
        let svg = plot("t", &axis(), &axis(), &[series]).into_string();
        assert!(svg.contains("d=\"M52 270L448 30\""), "{svg}");
    }
}
