//! The search over all rotations and all shifts, for marks without an outline.
//!
//! A fragment has no circle to be unrolled about. It is turned into many
//! directions, once, and each is correlated with the target over all shifts by
//! a two-dimensional FFT (after Padfield 2012). What two unrelated marks give
//! there has mean 0 and the variance Σ f²g² over the common area, which varies
//! slowly and is computed at half the resolution. A hundred times dearer than
//! [`super::rotations`].

use super::rotations::{Candidate, SLIVER, distinct};
use crate::extract::plane::{Plane, Spectrum, smooth_side};
use crate::extract::{FeatureMap, Template, Turnable, UNIT, turned};
use std::f64::consts::TAU;

/// Rotations tried; a step is 1.4°.
const TURNS: usize = 256;
/// Best shifts kept of each rotation.
const PER_TURN: usize = 2;
/// A mark with fewer coarse points than this (1.5 mm²) is a fragment.
const FRAGMENT: usize = 600;
/// Shifts at which this part of the smaller box, or less, is common may be
/// confused with those at the other end of the range: none of them has a sound
/// overlap.
const WRAPPED: f64 = 0.2;

/// The maps that are searched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// Whole marks: their coarse maps have points enough.
    Coarse,
    /// A fragment has too few independent points on a coarse map for its place
    /// to stand out. It is small, so that [`TURNS`] are enough for it here.
    Fine,
}

impl Level {
    /// The level at which two marks are searched.
    pub fn of(probe: &Template, target: &Template) -> Self {
        let points = probe.coarse.points.min(target.coarse.points);
        if points < FRAGMENT { Self::Fine } else { Self::Coarse }
    }

    fn map(self, template: &Template) -> &FeatureMap {
        match self {
            Self::Coarse => &template.coarse,
            Self::Fine => &template.fine,
        }
    }

    /// Coarse pixels to a pixel of this level.
    fn scale(self) -> f64 {
        match self {
            Self::Coarse => 1.0,
            Self::Fine => 0.5,
        }
    }
}

/// A probe turned into all directions and transformed, conjugated.
pub struct Turned {
    level: Level,
    side: usize,
    /// The content's centre, from the grid's centre.
    centre: (f64, f64),
    /// Side of the frame that holds the content in every direction; even.
    size: usize,
    turns: Vec<Spectra>,
}

/// A map's features, and their squares at half the resolution, transformed.
struct Spectra {
    features: Spectrum,
    squares: Spectrum,
    /// Sum of the squares.
    energy: f32,
}

impl Turned {
    /// Turns and transforms `probe`, to be searched on targets like `target`
    /// at this level.
    pub fn new(probe: &Template, target: &Template, level: Level) -> Self {
        let map = level.map(probe);
        let content = Box2::of(map);
        let size = content.diameter();
        let side = side_for(size, level.map(target));
        let centre = content.centre(map);
        let turnable = Turnable::of(map);
        let frame = FeatureMap::new(size, size, vec![0; size * size], vec![1; size * size]);
        let mut planes = Planes::new(side);
        let turns = (0..TURNS)
            .map(|k| {
                let moved = spin(centre, angle(k));
                let t = turned(&turnable, angle(k), (-moved.0, -moved.1), &frame, 0);
                let mut s = planes.spectra(&t, (0, 0));
                s.features.conjugate();
                s.squares.conjugate();
                s
            })
            .collect();
        Self { level, side, centre, size, turns }
    }

    /// Whether this was made for targets like `target`.
    pub fn fits(&self, target: &Template, level: Level) -> bool {
        self.level == level && self.side == side_for(self.size, level.map(target))
    }
}

fn angle(turn: usize) -> f64 {
    turn as f64 * TAU / TURNS as f64
}

fn spin((x, y): (f64, f64), angle: f64) -> (f64, f64) {
    let (s, c) = angle.sin_cos();
    (c * x - s * y, s * x + c * y)
}

/// The transform's side for a probe of `size` and a target: long enough that
/// every shift with a sound overlap is free of wrap-round.
fn side_for(size: usize, target: &FeatureMap) -> usize {
    let there = Box2::of(target).longest();
    let wrapped = (WRAPPED * there.min(size) as f64) as usize;
    smooth_side(there + size - wrapped)
}

/// The `keep` best distinct places of the probe on `target`, best first.
pub fn search(probe: &Turned, target: &Template, keep: usize) -> Vec<Candidate> {
    let side = probe.side;
    let map = probe.level.map(target);
    let content = Box2::of(map);
    let (ox, oy) = (content.x.0, content.y.0);
    let mut planes = Planes::new(side);
    let spectra = planes.spectra(map, (ox, oy));
    let mut found = Vec::new();
    for (k, turn) in probe.turns.iter().enumerate() {
        let floor = SLIVER * turn.energy.min(spectra.energy);
        found.extend(planes.peaks(turn, &spectra, floor).into_iter().map(|(z, at)| {
            let lag = |v: usize, from: usize, to: usize| {
                let n = to - from;
                if v < n { v as f64 } else { v as f64 - side as f64 }
            };
            let half = |n: usize| (n as f64 - 1.0) / 2.0;
            let moved = spin(probe.centre, angle(k));
            let x = lag(at % side, ox, content.x.1) + ox as f64 + half(probe.size) - half(map.nx);
            let y = lag(at / side, oy, content.y.1) + oy as f64 + half(probe.size) - half(map.ny);
            let scale = probe.level.scale();
            let shift = ((x - moved.0) * scale, (y - moved.1) * scale);
            Candidate { z, rotation: angle(k), shift }
        }));
    }
    distinct(&mut found, keep)
}

/// Where a map has content: columns and rows `start..end`, starts even.
struct Box2 {
    x: (usize, usize),
    y: (usize, usize),
}

impl Box2 {
    fn of(map: &FeatureMap) -> Self {
        let mut rows = map.spans.iter().enumerate().filter(|(_, (start, end))| start < end);
        let first = rows.next();
        let Some((top, _)) = first else { return Self { x: (0, 2), y: (0, 2) } };
        let bottom = rows.next_back().map_or(top, |(y, _)| y) + 1;
        let (left, right) = map
            .spans
            .iter()
            .filter(|(start, end)| start < end)
            .fold((usize::MAX, 0), |a, s| (a.0.min(s.0), a.1.max(s.1)));
        Self { x: (left & !1, right), y: (top & !1, bottom) }
    }

    fn longest(&self) -> usize {
        (self.x.1 - self.x.0).max(self.y.1 - self.y.0)
    }

    /// Side, even, of a square that holds the box turned in any direction.
    fn diameter(&self) -> usize {
        let (w, h) = ((self.x.1 - self.x.0) as f64, (self.y.1 - self.y.0) as f64);
        (w.hypot(h).ceil() as usize + 2).next_multiple_of(2)
    }

    /// From the grid's centre.
    fn centre(&self, map: &FeatureMap) -> (f64, f64) {
        let middle = |(a, b): (usize, usize)| (a + b - 1) as f64 / 2.0;
        let (cx, cy) = map.centre();
        (middle(self.x) - cx, middle(self.y) - cy)
    }
}

/// The transforms at full and at half resolution, and their images.
struct Planes {
    side: usize,
    full: Plane,
    half: Plane,
    correlation: Vec<f32>,
    variance: Vec<f32>,
}

impl Planes {
    fn new(side: usize) -> Self {
        let half = side / 2;
        Self {
            side,
            full: Plane::new(side),
            half: Plane::new(half),
            correlation: vec![0.0; side * side],
            variance: vec![0.0; half * half],
        }
    }

    /// Transforms a map from column and row `from` (even) on.
    fn spectra(&mut self, map: &FeatureMap, from: (usize, usize)) -> Spectra {
        let at = |x: usize, y: usize| {
            let (x, y) = (x + from.0, y + from.1);
            let inside = x < map.nx && y < map.ny;
            if inside { f32::from(map.values[y * map.nx + x]) / UNIT } else { 0.0 }
        };
        let mut energy = 0.0;
        let features = self.full.spectrum(at);
        let squares = self.half.spectrum(|x, y| {
            let two = |y| at(2 * x, y).powi(2) + at(2 * x + 1, y).powi(2);
            let four = two(2 * y) + two(2 * y + 1);
            energy += four;
            four
        });
        Spectra { features, squares, energy }
    }

    /// The highest peaks of one turn: evidence and index of the lag, where
    /// more than `floor` of the energy is common.
    fn peaks(&mut self, probe: &Spectra, target: &Spectra, floor: f32) -> Vec<(f32, usize)> {
        let half = self.side / 2;
        self.half.correlate(&probe.squares, &target.squares, 0..half, &mut self.variance);
        // Blocks of 2 × 2 points: each product stands for 4 of single points.
        let scale = 0.25 / (half * half) as f32;
        let norm = (self.side * self.side) as f32;
        for v in &mut self.variance {
            let variance = *v * scale;
            *v = if variance > floor { 1.0 / (variance.sqrt() * norm) } else { 0.0 };
        }
        let sound = |row: &[f32]| row.iter().any(|&w| w > 0.0);
        let rows = || self.variance.chunks_exact(half);
        let (Some(first), Some(last)) = (rows().position(sound), rows().rposition(sound)) else {
            return Vec::new();
        };
        self.full.correlate(
            &probe.features,
            &target.features,
            2 * first..2 * last + 2,
            &mut self.correlation,
        );
        let mut best = [(f32::MIN, 0); PER_TURN];
        for y in 2 * first..2 * last + 2 {
            let weights = &self.variance[y / 2 * half..][..half];
            let row = &self.correlation[y * self.side..][..self.side];
            for (x, (pair, &weight)) in row.chunks_exact(2).zip(weights).enumerate() {
                let z = pair[0].max(pair[1]) * weight;
                if z > best[PER_TURN - 1].0 && weight > 0.0 {
                    let at = y * self.side + 2 * x + usize::from(pair[1] > pair[0]);
                    keep_apart(&mut best, (z, at), self.side);
                }
            }
        }
        best.into_iter().filter(|b| b.0 > f32::MIN).collect()
    }
}

/// Takes `new` into the best list unless it belongs to a better peak's slope.
fn keep_apart(best: &mut [(f32, usize); PER_TURN], new: (f32, usize), side: usize) {
    let near = |a: usize, b: usize| {
        (a % side).abs_diff(b % side) <= 2 && (a / side).abs_diff(b / side) <= 2
    };
    match best.iter_mut().find(|b| b.0 > f32::MIN && near(b.1, new.1)) {
        Some(b) if b.0 >= new.0 => return,
        Some(b) => *b = new,
        None => best[PER_TURN - 1] = new,
    }
    best.sort_by(|a, b| b.0.total_cmp(&a.0));
}
