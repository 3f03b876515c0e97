//! The profiles of two striated marks, laid on each other.

use super::{BLUE, FONT, INK, LINE, ORANGE, SOFT, fine, round_step};
use crate::cells::{Side, drawn};
use crate::text::rounded;
use maud::{Markup, html};
use std::fmt::Write as _;
use types::comparison::Comparison;
use types::mark::PreparedMark;

const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 250.0;
const LEFT: f64 = 46.0;
const RIGHT: f64 = 12.0;
const TOP: f64 = 30.0;
const FLOOR: f64 = 196.0;
/// Where the segments are drawn.
const SEGMENTS: f64 = 204.0;

/// A profile in A's frame: place in µm from A's centre, and height.
fn placed(mark: &PreparedMark, a_from_mark: impl Fn(f64) -> f64) -> Vec<(f64, f64)> {
    let (heights, _) = mark.profile();
    let centre = (heights.len() as f64 - 1.0) / 2.0;
    let place = |i: usize| a_from_mark((i as f64 - centre) * mark.pitch.um());
    heights.iter().enumerate().map(|(i, &h)| (place(i), h)).collect()
}

/// Both profiles over A's axis across the striae, in millimetres, and under them
/// the segments that were searched; none where a profile is empty.
pub fn profiles(
    a: &PreparedMark,
    b: &PreparedMark,
    c: &Comparison,
    labels: &[String; 2],
    alt: &str,
) -> Option<Markup> {
    let back = c.b_from_a.inverse();
    // Where they were cut they lie side by side.
    let cut_from = if c.cells_of_b { Side::B } else { Side::A };
    let lines = [
        (placed(a, |x| x), BLUE, "2.2"),
        (placed(b, |x| back.apply(x * 1e-6, 0.0).0 * 1e6), ORANGE, "1.3"),
    ];
    let present = || lines.iter().flat_map(|l| &l.0).filter(|p| p.1.is_finite());
    let range = |of: fn(&(f64, f64)) -> f64| {
        present().map(of).fold((f64::MAX, f64::MIN), |(l, h), v| (l.min(v), h.max(v)))
    };
    let ((left, right), (low, high)) = (range(|p| p.0), range(|p| p.1));
    if left >= right || low >= high {
        return None;
    }
    let x = |um: f64| fine(LEFT + (um - left) / (right - left) * (WIDTH - LEFT - RIGHT));
    let y = |v: f64| fine(FLOOR - (v - low) / (high - low) * (FLOOR - TOP));
    let ticks = |low: f64, high: f64, step: f64| {
        let first = (low / step).ceil() as i64;
        (first..first + 60).map(move |k| k as f64 * step).take_while(move |v| *v <= high)
    };
    let (across, up) = (round_step(right - left, 10.0), round_step(high - low, 5.0));
    let unit = if a.modality == types::evidence::Modality::Topography { "µm" } else { "1" };
    Some(html! {
        svg viewBox={ "0 0 " (WIDTH) " " (HEIGHT) } role="img"
            aria-label=(alt) font-family=(FONT) font-size="12" {
            @for v in ticks(low, high, up) {
                line x1=(LEFT) y1=(y(v)) x2=(WIDTH - RIGHT) y2=(y(v)) stroke=(LINE) {}
                text x=(LEFT - 6.0) y=(y(v) + 4.0) text-anchor="end" fill=(SOFT) {
                    (rounded(v, usize::from(up < 1.0)))
                }
            }
            text x="4" y=(TOP - 12.0) fill=(SOFT) { (unit) }
            @for (points, colour, width) in &lines {
                path d=(path(points, x, y)) fill="none" stroke=(colour) stroke-width=(width)
                    stroke-linejoin="round" {}
            }
            @for (i, cell) in c.cell_table.iter().enumerate() {
                @let (at, half) = (drawn(c, cell, cut_from).0, c.cell_um / 2.0);
                @let (from, wide) = (x(at - half), x(at + half) - x(at - half) - 2.0);
                @if cell.congruent {
                    rect x=(from) y=(SEGMENTS) width=(fine(wide)) height="13" fill=(BLUE) {}
                    text x=(x(at)) y=(SEGMENTS + 10.5) text-anchor="middle" font-size="10" fill="#fff" {
                        (i + 1)
                    }
                } @else {
                    rect x=(from) y=(SEGMENTS) width=(fine(wide)) height="13" fill="none"
                        stroke=(ORANGE) stroke-dasharray="4 2" {}
                }
            }
            @for v in ticks(left, right, across) {
                line x1=(x(v)) y1="220" x2=(x(v)) y2="225" stroke=(INK) {}
                text x=(x(v)) y="238" text-anchor="middle" fill=(SOFT) { (rounded(v / 1e3, 1)) }
            }
            line x1=(LEFT) y1="220" x2=(WIDTH - RIGHT) y2="220" stroke=(INK) {}
            text x=(WIDTH - RIGHT) y="249" text-anchor="end" fill=(SOFT) { "mm" }
            line x1=(LEFT) y1="10" x2=(LEFT + 22.0) y2="10" stroke=(BLUE) stroke-width="2.2" {}
            text x=(LEFT + 28.0) y="14" fill=(INK) { (labels[0]) }
            line x1=(LEFT + 340.0) y1="10" x2=(LEFT + 362.0) y2="10" stroke=(ORANGE) stroke-width="1.3" {}
            text x=(LEFT + 368.0) y="14" fill=(INK) { (labels[1]) }
        }
    })
}

/// A line through the points that are present, broken where one is missing.
fn path(points: &[(f64, f64)], x: impl Fn(f64) -> f64, y: impl Fn(f64) -> f64) -> String {
    let mut out = String::new();
    let mut pen = 'M';
    for &(at, height) in points {
        if height.is_finite() {
            // Writing into a string cannot fail.
            let _ = write!(out, "{pen}{} {}", x(at), y(height));
            pen = 'L';
        } else {
            pen = 'M';
        }
    }
    out
}
