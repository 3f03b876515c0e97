//! The primer as a measure: is the stated pixel size one?
//!
//! Primers come in two sizes, 4.45 and 5.33 mm across (SAAMI Z299.3 and Z299.4).
//! The flat that a breech face presses is what its rounded edge leaves, and the
//! pocket that holds it, with its chamfer, a little wider. A photograph on which
//! they measure otherwise has another pixel size than it states.

use super::super::Verdict;
use super::super::quality::Remark;
use super::super::region::Region;
use std::f64::consts::{PI, TAU};
use types::message::say;
use types::numeric::median;

/// Widths of a primer's flat, in mm.
const FLAT_MM: (f64, f64) = (2.8, 4.7);
/// Widths of a primer's pocket, chamfer included, in mm.
const POCKET_MM: (f64, f64) = (4.4, 6.9);
/// Rays from the primer's middle.
const RAYS: usize = 180;
/// Share of the rays that must meet the case head.
const ENOUGH: f64 = 0.25;
/// The groove between flat and pocket begins this far out, in the flat's radii.
const GROOVE: f64 = 1.1;

/// Remarks that the flat `face` (its holes included), or the pocket around it,
/// has no primer's size. `lit` is what is bright and wider than a glint, on the
/// same grid.
pub(super) fn remark(face: &Region, lit: &Region) -> Option<Remark> {
    let flat = face.without_holes(f64::INFINITY);
    let (mut n, mut x, mut y) = (0.0, 0.0, 0.0);
    for ((row, column), _) in flat.mask.indexed_iter().filter(|(_, on)| **on) {
        (n, x, y) = (n + 1.0, x + column as f64, y + row as f64);
    }
    let middle = (x / n, y / n);
    let radius = (n / PI).sqrt();
    let mm = |radius: f64| 2.0 * radius * flat.step.0 * 1e-3;
    let outside = |(low, high): (f64, f64), width: f64| width < low || width > high;
    let said = |what, (low, high): (f64, f64), width: f64| {
        let text = say!(
            "{what} would be {width:.1} mm across, and is {low:.1} to {high:.1} mm: check the pixel size"
        );
        Remark(Verdict::Doubtful, text)
    };
    let width = mm(radius);
    if outside(FLAT_MM, width) {
        return Some(said(say!("the primer's flat"), FLAT_MM, width));
    }
    let width = mm(pocket(lit, middle, radius)?);
    outside(POCKET_MM, width).then(|| said(say!("the primer's pocket"), POCKET_MM, width))
}

/// The radius at which the case head begins, in pixels, where it is seen.
fn pocket(lit: &Region, middle: (f64, f64), flat: f64) -> Option<f64> {
    let met = |k: usize| {
        let (s, c) = (TAU * k as f64 / RAYS as f64).sin_cos();
        let mut radius = GROOVE * flat;
        loop {
            let at = (middle.0 + radius * c, middle.1 + radius * s);
            if at.0 < 0.0 || at.1 < 0.0 {
                return None;
            }
            if *lit.mask.get((at.1.round() as usize, at.0.round() as usize))? {
                return Some(radius);
            }
            radius += 1.0;
        }
    };
    let mut radii: Vec<f64> = (0..RAYS).filter_map(met).collect();
    let enough = radii.len() as f64 >= ENOUGH * RAYS as f64;
    median(&mut radii).filter(|_| enough)
}
