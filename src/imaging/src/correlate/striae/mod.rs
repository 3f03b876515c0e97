//! Comparing two striated marks: their profiles over all shifts, either way
//! round.
//!
//! At every shift with enough in common both bands' correlations are turned into
//! standard deviations of chance (Fisher 1915, with the number of independent
//! points of Bartlett 1946) and added; the best shift is corrected for the number
//! of independent shifts tried. So the score means the same for a short mark and
//! a long one, for coarse striae and fine ones.

mod line;
mod published;
mod segments;

pub use published::{BestCorrelation, best_correlation, best_correlation_of_marks};

use super::chance::best_of;
use super::congruence::Found;
use crate::extract::striae::{STEP, Striae};
use crate::matcher::MATCHER;
use line::Line;
use segments::{SEGMENT, weaker};
use types::comparison::{Cell, Comparison};
use types::surface::Pose;
use types::units::{Angle, Metres};

/// Least overlap of two profiles, in steps: 350 µm (Netherlands Forensic
/// Institute).
const OVERLAP: usize = (MATCHER.striae.overlap_um / STEP.um()) as usize;
/// Independent points that a band is taken to have at least: the deviation of
/// three is not defined.
const LEAST: f64 = 4.0;
/// Independent points beyond three with which the square of a band's weight is a
/// half.
const FEW: f64 = 5.0;
/// A correlation is not held to be more certain than this, however well a scan
/// agrees with itself.
const CCF_MAX: f64 = 0.9999;

/// What of two lines meets when point 0 of `a` lies on point `shift` of `b`:
/// where it begins in each, and its length.
fn meeting(a: usize, b: usize, shift: isize) -> Option<(usize, usize, usize)> {
    let (from, at) = ((-shift).max(0) as usize, shift.max(0) as usize);
    let n = a.checked_sub(from)?.min(b.checked_sub(at)?);
    (n > 0).then_some((from, at, n))
}

/// One way of laying one profile on the other.
#[derive(Clone, Copy, Debug)]
struct Laid {
    z: f64,
    /// Point 0 of A lies on this point of B.
    shift: isize,
    /// A seen from its other end.
    reversed: bool,
    ccf: f64,
    points: i64,
}

/// Compares two profiles; none where they nowhere have enough in common.
pub fn compare(a: &Striae, b: &Striae) -> Option<Comparison> {
    let spread = [a.bands[0].spread(&b.bands[0]), a.bands[1].spread(&b.bands[1])];
    let there = lines(b);
    let (upright, turned) = (lines(a), lines(&a.reversed()));
    let (one, tried_one) = search(&upright, &there, spread, false);
    let (other, tried_other) = search(&turned, &there, spread, true);
    let tried = tried_one + tried_other;
    // Of equals, the one that is not turned.
    let laid = match (one, other) {
        (Some(one), Some(other)) if one.z >= other.z => one,
        (one, other) => other.or(one)?,
    };
    let here = if laid.reversed { &turned } else { &upright };
    let score = best_of(laid.z, (tried as f64 / spread[0]).max(1.0));
    let rows = f64::from(a.column.min(b.column));
    let length_mm = laid.points as f64 * STEP.um() * 1e-3;
    let (cells_of_b, found) = weaker(&here[0], &there[0], laid.shift);
    let b_from_a = pose(&laid, a.present.len(), b.present.len());
    Some(Comparison {
        score,
        ccf: laid.ccf,
        cells: found.len() as u32,
        congruent_cells: found.iter().filter(|f| f.congruent).count() as u32,
        overlap_mm2: length_mm * rows * STEP.um() * 1e-3,
        b_from_a,
        cell_table: found
            .iter()
            .map(|f| row(f, cells_of_b, &laid, a.present.len(), b.present.len()))
            .collect(),
        cell_um: SEGMENT as f64 * STEP.um(),
        cells_of_b,
        // The score accounts for the shifts that were tried.
        runner_up: None,
    })
}

fn lines(striae: &Striae) -> [Line; 2] {
    [0, 1].map(|band| Line::of(&striae.bands[band], &striae.present))
}

/// The best shift of `here` on `there`, and how many were tried.
fn search(
    here: &[Line; 2],
    there: &[Line; 2],
    spread: [f64; 2],
    reversed: bool,
) -> (Option<Laid>, usize) {
    let (na, nb) = (here[0].values.len() as isize, there[0].values.len() as isize);
    let least = OVERLAP as isize;
    let (mut best, mut tried) = (None::<Laid>, 0);
    for shift in least - na..=nb - least {
        let Some((from, at, n)) = meeting(na as usize, nb as usize, shift) else { continue };
        let short = here[0].common(from, &there[0], at, n);
        if short.n < OVERLAP as i64 {
            continue;
        }
        tried += 1;
        let long = here[1].common(from, &there[1], at, n);
        let ccf = short.pearson();
        let (in_short, weight_short) = deviations(ccf, short.n, spread[0]);
        let (in_long, weight_long) = deviations(long.pearson(), long.n, spread[1]);
        let z = (weight_short * in_short + weight_long * in_long) / weight_short.hypot(weight_long);
        if best.is_none_or(|b| z > b.z) {
            best = Some(Laid { z, shift, reversed, ccf, points: short.n });
        }
    }
    (best, tried)
}

/// A correlation in standard deviations of chance, and the weight with which it
/// counts: that of a band with few independent points is less, for it would add
/// chance alone.
fn deviations(ccf: f64, points: i64, spread: f64) -> (f64, f64) {
    let independent = (points as f64 / spread).max(LEAST) - 3.0;
    let weight = (independent / (independent + FEW)).sqrt();
    (ccf.clamp(-CCF_MAX, CCF_MAX).atanh() * independent.sqrt(), weight)
}

/// B from A, about the centres of the prepared grids. Along the striae nothing
/// fixes the place; their middles are laid on each other.
fn pose(laid: &Laid, na: usize, nb: usize) -> Pose {
    let centre = |n: usize| (n as f64 - 1.0) / 2.0;
    // Point i of A (seen from its other end if turned) lies on point i + shift.
    let dx = centre(na) + laid.shift as f64 - centre(nb);
    let rotation = if laid.reversed { Angle::from_deg(180.0) } else { Angle::default() };
    Pose { rotation, dx: STEP * dx, dy: Metres(0.0) }
}

/// A segment as a cell, in micrometres from the centres of the prepared grids.
fn row(found: &Found, of_b: bool, laid: &Laid, na: usize, nb: usize) -> Cell {
    let centre = |n: usize| (n as f64 - 1.0) / 2.0;
    let shift = laid.shift as f64;
    let (in_a, in_b) = if of_b {
        (found.centre.0 - shift + found.offset.0, found.centre.0)
    } else {
        (found.centre.0, found.centre.0 + shift + found.offset.0)
    };
    let sign = if laid.reversed { -1.0 } else { 1.0 };
    let um = |steps: f64| steps * STEP.um();
    Cell {
        x_um: sign * um(in_a - centre(na)),
        y_um: 0.0,
        found_x_um: um(in_b - centre(nb)),
        found_y_um: 0.0,
        rotation_deg: if laid.reversed { 180.0 } else { 0.0 },
        ccf: found.ccf,
        congruent: found.congruent,
    }
}
