//! What two impressions owe to their class.
//!
//! Pins of a model leave impressions of one shape. Shapes of tools are
//! symmetric: a hemisphere, an ellipse, a rectangle, the rings of a lathe look in
//! a mirror as they do without one, and so does the shading of a lamp that goes
//! round. What one pin alone has does not. So a pair is compared once more with
//! one of the two in a mirror, over all turns and shifts: what agrees then is the
//! class, and does not count.

use super::congruence::{self, Found};
use super::register::{Probe, register};
use super::rotations::Rotations;
use super::{place_of, pose};
use crate::extract::Template;
use crate::matcher::MATCHER;

/// The score that the best of all places reaches by chance.
const CHANCE: f64 = MATCHER.class.chance;
/// A cell correlates at least this much beyond its like in the mirror.
const CORRELATES: f64 = MATCHER.congruence.correlates;

/// The cells of a registered pair.
pub struct Cells<'a> {
    /// Their side, fine pixels.
    pub side: usize,
    /// Those cut from A, the probe.
    pub of_a: &'a mut [Found],
    /// Those cut from B.
    pub of_b: &'a mut [Found],
}

/// What of a pair's score its class explains: what the pair has in the mirror
/// beyond chance. Cells that the mirror explains are no longer congruent.
pub fn explained(cells: Cells, probe: &Probe, b: &Template, rotations: &mut Rotations) -> f64 {
    let mirrored = probe.template.mirrored();
    let image = probe.like(&mirrored);
    let Some(found) = register(&image, b, rotations, &mut ()) else { return 0.0 };
    let side = cells.side;
    let places = |of: &[Found], flip: f64| -> Vec<(f64, f64)> {
        of.iter().map(|c| (flip * c.centre.0, c.centre.1)).collect()
    };
    let like =
        congruence::search(&b.fine, &image.fine, &found.place, side, &places(cells.of_b, 1.0));
    without(cells.of_b, &like);
    let back = place_of(&pose(&found.place).inverse());
    rotations.turnable.refill(&b.fine);
    let at = places(cells.of_a, -1.0);
    let like = congruence::search(&mirrored.fine, &rotations.turnable, &back, side, &at);
    without(cells.of_a, &like);
    (found.score - CHANCE).max(0.0)
}

/// Takes the congruence from cells that the mirror's cells explain.
fn without(cells: &mut [Found], in_mirror: &[Found]) {
    for (cell, image) in cells.iter_mut().zip(in_mirror).filter(|(_, image)| image.congruent) {
        cell.congruent &= cell.ccf - image.ccf >= CORRELATES;
    }
}
