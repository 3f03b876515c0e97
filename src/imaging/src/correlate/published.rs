//! The published decision rules on this product's own registrations, beside
//! its own count, so that results can be compared with the literature.
//!
//! Cells of a regular grid over one mark are registered in the other at turns
//! about the pose found for the whole mark, and the rules of [`super::rules`]
//! are applied to them, in both directions.

use super::congruence::at_one_turn;
use super::refine::PoseCandidate;
use super::rules::{AtTurn, MedianRule, Registration, convergence, high_cmc};
use super::{Comparison, place_of};
use crate::extract::{FINE_PITCH, FeatureMap, Template, Turnable};
use serde::Serialize;
use types::units::{Angle, Metres};

/// Side of a cell in fine pixels (450 µm; Song 2013 takes an eighth of 3.8 mm).
const SIDE: usize = 18;
/// Share of a cell that must be measured.
const MEASURED: f64 = 0.5;
/// Turns of the sweep about the whole mark's pose, degrees.
const SWEEP_DEG: i32 = 30;
/// Step of the sweep, degrees.
const STEP_DEG: i32 = 3;
/// Thresholds as Tong (2015) and Song (2018) use them, in micrometres.
const POSITION_UM: f64 = 125.0;
const TURN_DEG: f64 = 6.0;
/// Published values (0.25–0.6) are of heights filtered at 16–500 µm; the
/// features here are finer and correlate less.
const SIMILARITY: f64 = 0.25;
/// Tong's count may fall short of the highest by this much within the range.
const TAU: usize = 1;

/// What the published rules say of one pair; of the two directions the one
/// with the lower count.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Published {
    /// Cells of the grid that were tried, in the direction of `median_rule`.
    pub cells: usize,
    /// Congruent cells by the original median rule (Song 2013).
    pub median_rule: usize,
    /// Congruent cells by the High-CMC rule (Tong, Song, Chu 2015).
    pub high_cmc: usize,
    /// Median distance of the cells' shifts from their median shift at the
    /// turn where they converge (Chen et al. 2017), micrometres; absent where
    /// no cell was registered.
    pub convergence_um: Option<f64>,
    /// That turn, from the whole mark's, degrees.
    pub convergence_deg: Option<f64>,
}

/// Applies the published rules to a pair that was compared.
pub fn published(a: &Template, b: &Template, comparison: &Comparison) -> Published {
    let b_from_a = place_of(&comparison.b_from_a);
    let a_from_b = place_of(&comparison.b_from_a.inverse());
    let (of_a, of_b) = (Turnable::of(&a.fine), Turnable::of(&b.fine));
    let directions = [one_way(&b.fine, &of_a, &b_from_a), one_way(&a.fine, &of_b, &a_from_b)];
    let [one, other] = directions;
    let weaker = if other.median_rule < one.median_rule { other } else { one };
    let wider = |d: &Published| d.convergence_um.unwrap_or(f64::INFINITY);
    let least = if wider(&other) > wider(&one) { other } else { one };
    Published {
        high_cmc: one.high_cmc.min(other.high_cmc),
        convergence_um: least.convergence_um,
        convergence_deg: least.convergence_deg,
        ..weaker
    }
}

/// Cells of `reference`, searched in `other`, which `place` lays on it.
fn one_way(reference: &FeatureMap, other: &Turnable, place: &PoseCandidate) -> Published {
    let centres = grid(reference);
    let pivot = centroid(&centres);
    let sweep: Vec<AtTurn> = (-SWEEP_DEG..=SWEEP_DEG)
        .step_by(STEP_DEG as usize)
        .map(|deg| {
            let held = about(place, pivot, f64::from(deg).to_radians());
            let (_, found) = at_one_turn(reference, other, &held, SIDE, &centres);
            let turn = Angle::from_rad(-held.rotation);
            let cells = found.iter().map(|c| {
                let at = (c.centre.0 + c.offset.0, c.centre.1 + c.offset.1);
                Registration {
                    centre: metres(c.centre),
                    found: metres(undo(&held, at)),
                    turn,
                    similarity: c.ccf,
                }
            });
            AtTurn { turn, cells: cells.collect() }
        })
        .collect();
    let rule = MedianRule {
        similarity: SIMILARITY,
        position: Metres::from_um(POSITION_UM),
        turn: Angle::from_deg(TURN_DEG),
        pivot: metres(pivot),
    };
    // The original rule takes each cell at the turn where it correlates best.
    let best: Vec<Registration> = (0..centres.len())
        .filter_map(|i| {
            let at_turns = sweep.iter().filter_map(|s| s.cells.get(i));
            at_turns.max_by(|p, q| p.similarity.total_cmp(&q.similarity)).copied()
        })
        .collect();
    let converged = convergence(&rule, &sweep);
    let whole = Angle::from_rad(-place.rotation);
    Published {
        cells: centres.len(),
        median_rule: rule.decide(&best).count(),
        high_cmc: high_cmc(&rule, &sweep, TAU, Angle::from_deg(2.0 * TURN_DEG)),
        convergence_um: converged.map(|(_, d)| Metres(d).um()),
        convergence_deg: converged.map(|(turn, _)| turn.minus(whole).deg()),
    }
}

/// Centres of the cells of a regular grid that are measured well enough, fine
/// pixels from the map's centre.
fn grid(map: &FeatureMap) -> Vec<(f64, f64)> {
    let (cx, cy) = map.centre();
    let measured = |x: usize, y: usize| {
        let row = |v: usize| &map.mask[v * map.nx + x..v * map.nx + x + SIDE];
        let points: i32 = (y..y + SIDE).flat_map(row).map(|&m| i32::from(m)).sum();
        f64::from(points) >= MEASURED * (SIDE * SIDE) as f64
    };
    let corners = |n: usize| (0..(n + 1).saturating_sub(SIDE)).step_by(SIDE);
    let half = SIDE as f64 / 2.0 - 0.5;
    corners(map.ny)
        .flat_map(|y| corners(map.nx).map(move |x| (x, y)))
        .filter(|&(x, y)| measured(x, y))
        .map(|(x, y)| (x as f64 + half - cx, y as f64 + half - cy))
        .collect()
}

fn centroid(points: &[(f64, f64)]) -> (f64, f64) {
    let n = points.len().max(1) as f64;
    points.iter().fold((0.0, 0.0), |a, p| (a.0 + p.0 / n, a.1 + p.1 / n))
}

/// A place turned further by `angle` about a point of the target.
fn about(place: &PoseCandidate, pivot: (f64, f64), angle: f64) -> PoseCandidate {
    let fixed = undo(place, pivot);
    let rotation = place.rotation + angle;
    let (s, c) = rotation.sin_cos();
    let turned = (c * fixed.0 - s * fixed.1, s * fixed.0 + c * fixed.1);
    PoseCandidate { rotation, shift: (pivot.0 - turned.0, pivot.1 - turned.1), ..*place }
}

/// Where a point of the target came from.
fn undo(place: &PoseCandidate, (x, y): (f64, f64)) -> (f64, f64) {
    let (s, c) = (-place.rotation).sin_cos();
    let (x, y) = (x - place.shift.0, y - place.shift.1);
    (c * x - s * y, s * x + c * y)
}

fn metres((x, y): (f64, f64)) -> (f64, f64) {
    ((FINE_PITCH * x).0, (FINE_PITCH * y).0)
}
