//! Plots as SVG, drawn to be read in print: two axes, a few curves, a legend.

use maud::{Markup, PreEscaped, html};
use std::fmt::Write as _;

/// Size of a plot and of its margins, in SVG units.
const WIDTH: f64 = 460.0;
const HEIGHT: f64 = 300.0;
const LEFT: f64 = 52.0;
const RIGHT: f64 = 12.0;
const TOP: f64 = 10.0;
const BOTTOM: f64 = 42.0;

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

/// A curve.
pub struct Series {
    /// Its name in the legend.
    pub name: String,
    /// A CSS class: `same`, `different`, `given`, `best`, `neutral` or `guide`.
    pub class: &'static str,
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
        let span = (self.range.1 - self.range.0).max(f64::MIN_POSITIVE);
        let decade = 10.0_f64.powf((span / 5.0).log10().floor());
        let step = [1.0, 2.0, 5.0, 10.0]
            .map(|m| m * decade)
            .into_iter()
            .find(|s| span / s <= 6.0)
            .unwrap_or(decade * 10.0);
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

/// A plot of curves; `title` is read to those who cannot see it.
pub fn plot(title: &str, x: &Axis, y: &Axis, series: &[Series]) -> Markup {
    let px = |v: f64| LEFT + x.share(v) * (WIDTH - LEFT - RIGHT);
    let py = |v: f64| HEIGHT - BOTTOM - y.share(v) * (HEIGHT - TOP - BOTTOM);
    html! {
        figure {
            svg viewBox=(format!("0 0 {WIDTH} {HEIGHT}")) role="img" aria-label=(title) {
                @for v in x.ticks() {
                    line.grid x1=(at(px(v))) x2=(at(px(v))) y1=(at(TOP)) y2=(at(HEIGHT - BOTTOM)) {}
                    text.x x=(at(px(v))) y=(at(HEIGHT - BOTTOM + 15.0)) { (short(v)) }
                }
                @for v in y.ticks() {
                    line.grid x1=(at(LEFT)) x2=(at(WIDTH - RIGHT)) y1=(at(py(v))) y2=(at(py(v))) {}
                    text.y x=(at(LEFT - 6.0)) y=(at(py(v) + 4.0)) { (short(v)) }
                }
                text.x x=(at((LEFT + WIDTH - RIGHT) / 2.0)) y=(at(HEIGHT - 8.0)) { (x.label) }
                text.x transform=(format!("translate(13 {}) rotate(-90)", at((HEIGHT - BOTTOM) / 2.0))) {
                    (y.label)
                }
                @for s in series { (curve(s, px, py)) }
            }
            figcaption {
                b { (title) }
                @for s in series.iter().filter(|s| !s.name.is_empty()) {
                    span class=(format!("key {}", s.class)) { (s.name) }
                }
            }
        }
    }
}

fn curve(s: &Series, px: impl Fn(f64) -> f64, py: impl Fn(f64) -> f64) -> Markup {
    let class = format!("curve {}", s.class);
    match s.line {
        Line::Dots => html! {
            @for (x, y) in &s.points { circle class=(class) cx=(at(px(*x))) cy=(at(py(*y))) r="2" {} }
        },
        Line::Bars { width } => html! {
            @for (x, y) in s.points.iter().filter(|p| p.1 > 0.0) {
                @let right = px(x + f64::from(width) / 1000.0);
                rect class=(class) x=(at(px(*x))) width=(at(right - px(*x))) y=(at(py(*y)))
                    height=(at(py(0.0) - py(*y))) {}
            }
        },
        Line::Straight | Line::StepBefore => {
            let mut path = String::new();
            for (n, (x, y)) in s.points.iter().enumerate() {
                let verb = if n == 0 { 'M' } else { 'L' };
                // Writing to a string cannot fail.
                if s.line == Line::StepBefore && n > 0 {
                    let _ = write!(path, "H{}V{}", at(px(*x)), at(py(*y)));
                } else {
                    let _ = write!(path, "{verb}{} {}", at(px(*x)), at(py(*y)));
                }
            }
            html! { path class=(class) d=(PreEscaped(path)) {} }
        }
    }
}

/// A coordinate to a tenth of a unit.
fn at(v: f64) -> String {
    format!("{v:.1}")
}

/// A tick's number.
fn short(v: f64) -> String {
    let text = format!("{v:.3}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0".into() } else { text.replace('-', "−") }
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
    }

    #[test]
    fn a_point_lies_where_the_axes_say() {
        let axis = || Axis { label: "x", range: (0.0, 2.0) };
        let series = Series {
            name: "one".into(),
            class: "same",
            line: Line::Straight,
            points: vec![(0.0, 0.0), (2.0, 2.0)],
        };
        let svg = plot("t", &axis(), &axis(), &[series]).into_string();
        assert!(svg.contains("d=\"M52.0 258.0L448.0 10.0\""), "{svg}");
    }
}
