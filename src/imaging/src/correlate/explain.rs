//! A look inside one comparison: what the search looked at and what the marks
//! are to it.
//!
//! Nothing here is done while a gallery is searched.

use super::refine::PoseCandidate;
use super::watch::{Step, Watch};
use super::{Comparison, Probe, Rotations, goes_first, in_order, pose};
use crate::extract::polar::{ANGLES, Rings};
use crate::extract::{FINE_PITCH, FeatureMap, Template, UNIT};
use ndarray::Array2;
use serde::Serialize;
use std::f64::consts::TAU;
use types::error::Result;
use types::surface::Pose;

/// A place that was looked at.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct PlaceLookedAt {
    /// The score where it was refined ([`Step::Refined`]), in standard deviations
    /// of chance; before, in a unit of the step's own.
    pub evidence: f64,
    /// B from A.
    pub b_from_a: Pose,
}

/// A step of the search.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SearchStep {
    /// Which.
    pub step: Step,
    /// The places, best first.
    pub places: Vec<PlaceLookedAt>,
}

/// A ring of an unrolled mark.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Ring {
    /// Its radius, micrometres.
    pub radius_um: f64,
    /// Correlation coefficient of both marks on it at the pose, −1 to 1; none
    /// where nothing is common.
    pub ccf: Option<f64>,
}

/// Both marks unrolled into rings about one centre, A turned as it lies on B:
/// where they agree, the same is below each other.
#[derive(Clone, Debug, PartialEq)]
pub struct Unrolling {
    /// The rings, innermost first.
    pub rings: Vec<Ring>,
    /// A's features, shape (rings, angles), angles from +x towards +y of B, in
    /// standard deviations; `NaN` where there is nothing.
    pub a: Array2<f32>,
    /// B's, alike.
    pub b: Array2<f32>,
}

/// What a comparison rests on.
#[derive(Clone, Debug, PartialEq)]
pub struct Explanation {
    /// The comparison, as [`super::compare`] gives it.
    pub comparison: Comparison,
    /// The steps of the search, in their order; none of striated marks, whose
    /// shifts are tried one by one.
    pub steps: Vec<SearchStep>,
    /// Both marks unrolled; none where they have nothing in common and of
    /// striated marks.
    pub unrolled: Option<Unrolling>,
    /// The features that were compared, of A and of B: shape (ny, nx), 25 µm a
    /// point, in standard deviations; `NaN` where there is nothing.
    pub features: [Array2<f32>; 2],
}

/// Compares two marks and keeps what the search looked at; `exhaustive` as in
/// [`Probe::exhaustive`].
///
/// # Errors
/// As [`super::compare`].
pub fn explain(a: &Template, b: &Template, exhaustive: bool) -> Result<Explanation> {
    a.comparable(b)?;
    let forward = goes_first(a, b);
    let (first, second) = if forward { (a, b) } else { (b, a) };
    let probe = if exhaustive { Probe::exhaustive(first) } else { Probe::new(first) };
    let mut kept = Kept { steps: Vec::new(), forward };
    let comparison = in_order(&probe, second, &mut Rotations::new(), &mut kept);
    let comparison = if forward { comparison } else { comparison.reversed() };
    let seen = comparison.overlap_mm2 > 0.0 && a.striae.is_none();
    let unrolled = seen.then(|| unrolled(a, b, &comparison.b_from_a));
    let features = [a, b].map(|template| features(&template.fine));
    Ok(Explanation { comparison, steps: kept.steps, unrolled, features })
}

/// Keeps every step.
struct Kept {
    steps: Vec<SearchStep>,
    /// Whether the probe is A.
    forward: bool,
}

impl Watch for Kept {
    fn looked_at(&mut self, step: Step, places: &mut dyn Iterator<Item = PoseCandidate>) {
        let place = |found: PoseCandidate| {
            let there = pose(&found);
            let b_from_a = if self.forward { there } else { there.inverse() };
            PlaceLookedAt { evidence: found.z, b_from_a }
        };
        let mut places: Vec<PlaceLookedAt> = places.map(place).collect();
        places.sort_by(|a, b| b.evidence.total_cmp(&a.evidence));
        if !places.is_empty() {
            self.steps.push(SearchStep { step, places });
        }
    }
}

fn features(map: &FeatureMap) -> Array2<f32> {
    Array2::from_shape_fn((map.ny, map.nx), |(y, x)| {
        let at = y * map.nx + x;
        if map.mask[at] == 0 { f32::NAN } else { f32::from(map.values[at]) / UNIT }
    })
}

/// Both marks about B's centre.
fn unrolled(a: &Template, b: &Template, b_from_a: &Pose) -> Unrolling {
    let rings = Rings::of(b.kind);
    // The anchor is in coarse pixels.
    let centre = (2.0 * b.anchor.x, 2.0 * b.anchor.y);
    let a_from_b = b_from_a.inverse();
    let (fa, fb) = (features(&a.fine), features(&b.fine));
    let shape = (rings.all().len(), ANGLES);
    let place = |ring: usize, angle: usize| {
        let (s, c) = (angle as f64 * TAU / ANGLES as f64).sin_cos();
        let radius = rings.radius(ring);
        (centre.0 + radius * c, centre.1 + radius * s)
    };
    let of_b = Array2::from_shape_fn(shape, |(ring, angle)| nearest(&fb, place(ring, angle)));
    let of_a = Array2::from_shape_fn(shape, |(ring, angle)| {
        let (x, y) = place(ring, angle);
        let (x, y) = a_from_b.apply(FINE_PITCH.0 * x, FINE_PITCH.0 * y);
        nearest(&fa, (x / FINE_PITCH.0, y / FINE_PITCH.0))
    });
    let rows = of_a.rows().into_iter().zip(of_b.rows());
    let rings = rows.enumerate().map(|(ring, (a, b))| Ring {
        radius_um: rings.radius(ring) * FINE_PITCH.um(),
        ccf: correlation(a.iter().copied().zip(b.iter().copied())),
    });
    Unrolling { rings: rings.collect(), a: of_a, b: of_b }
}

/// The value nearest to a point about the grid's centre, in pixels.
fn nearest(values: &Array2<f32>, (x, y): (f64, f64)) -> f32 {
    let (ny, nx) = values.dim();
    let (col, row) = (x + (nx as f64 - 1.0) / 2.0, y + (ny as f64 - 1.0) / 2.0);
    let at = |v: f64| if v > -0.5 { Some(v.round() as usize) } else { None };
    let found = at(row).zip(at(col)).and_then(|place| values.get(place));
    found.copied().unwrap_or(f32::NAN)
}

/// The correlation coefficient of the pairs that are both there.
fn correlation(pairs: impl Iterator<Item = (f32, f32)>) -> Option<f64> {
    let mut sums = [0.0f64; 6];
    for (a, b) in pairs.filter(|(a, b)| a.is_finite() && b.is_finite()) {
        let (a, b) = (f64::from(a), f64::from(b));
        for (sum, v) in sums.iter_mut().zip([1.0, a, b, a * a, b * b, a * b]) {
            *sum += v;
        }
    }
    let [n, a, b, aa, bb, ab] = sums;
    let spread = (n * aa - a * a) * (n * bb - b * b);
    (n > 2.0 && spread > 0.0).then(|| (n * ab - a * b) / spread.sqrt())
}
