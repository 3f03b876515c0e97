//! The search over all rotations and all shifts, for marks without an outline.
//!
//! Where neither mark has a circle to be unrolled about, one is turned into many
//! directions, once, and each is correlated with the other over all shifts by a
//! two-dimensional FFT (after Padfield 2012). What two unrelated marks give
//! there has mean 0 and the variance Σ f²g² over the common area, which varies
//! slowly and is computed at half the resolution. Some twenty times dearer than
//! [`super::rotations`]; where both marks are whole, as photographs are, their
//! sketches say which turns are worth it.

use super::rotations::{Candidate, distinct};
use crate::extract::fourier::{LANES, Lanes, Parts};
use crate::extract::kernel::dispatched;
use crate::extract::square::{Plan, Square, suited_side};
use crate::extract::{FeatureMap, Template, Turnable, UNIT, sketch, turned};
use crate::matcher::MATCHER;
use std::f64::consts::TAU;
use std::sync::OnceLock;

/// Rotations tried; a step is 1.4°.
const TURNS: usize = MATCHER.registration.turns;
/// Sketches can judge marks of which the smaller has this share of the larger
/// one's points; see decision 12.
const ALIKE: f64 = 0.65;
/// Pairs of turns over half a turn that are tried where sketches can judge.
const LIKELY: usize = MATCHER.registration.likely_turns;
/// Best shifts kept of each rotation.
const PER_TURN: usize = 2;
/// A mark with fewer coarse points than this (1.5 mm²) is a fragment.
const FRAGMENT: usize = 600;
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
        // What a pin has of its own is fine: long waves are its class.
        if points < FRAGMENT || probe.kind.is_shaped() { Self::Fine } else { Self::Coarse }
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

/// A probe turned into all directions and transformed, two turns in one
/// complex square; each when it is first searched.
pub struct Turned {
    level: Level,
    side: usize,
    /// Share of the smaller mark that must be common.
    least: f32,
    turnable: Turnable,
    frame: FeatureMap,
    /// The content's centre, from the grid's centre.
    centre: (f64, f64),
    /// Side of the frame that holds the content in every direction; even.
    size: usize,
    pairs: Vec<OnceLock<Pair>>,
}

/// Two turns of a map: real and imaginary part.
struct Pair {
    features: Square,
    /// Their squares at half the resolution.
    squares: Square,
    /// Sums of the squares.
    energy: [f32; 2],
}

impl Turned {
    /// Of `probe`, to be searched on targets like `target` at this level.
    pub fn new(probe: &Template, target: &Template, level: Level, least: f32) -> Self {
        let map = level.map(probe);
        let content = Box2::of(map);
        let size = content.diameter(map);
        Self {
            level,
            side: side_for(size, level.map(target), least),
            least,
            turnable: Turnable::of(map),
            frame: FeatureMap::new(size, size, vec![0; size * size], vec![1; size * size]),
            centre: content.centre(map),
            size,
            pairs: (0..TURNS / 2).map(|_| OnceLock::new()).collect(),
        }
    }

    /// Turns the probe by the two turns of a pair.
    fn pair(&self, pair: usize, planes: &mut Planes) -> Pair {
        let two = [2 * pair, 2 * pair + 1].map(|k| {
            let moved = spin(self.centre, angle(k));
            turned(&self.turnable, angle(k), (-moved.0, -moved.1), &self.frame, 0)
        });
        let (mut features, mut squares) = (Square::new(self.side), Square::new(self.side / 2));
        let energy = two.each_ref().map(energy);
        features.fill(|x, y| (value(&two[0], x, y), value(&two[1], x, y)));
        squares.fill(|x, y| (square(&two[0], x, y), square(&two[1], x, y)));
        // The transform of this sign is the conjugate of a real map's.
        planes.full.inverse(&mut features);
        planes.half.inverse(&mut squares);
        Pair { features, squares, energy }
    }

    /// Whether this was made for targets like `target`.
    pub fn fits(&self, target: &Template, level: Level, least: f32) -> bool {
        self.level == level
            && self.least == least
            && self.side == side_for(self.size, level.map(target), least)
    }
}

/// The feature at a pixel, in standard deviations; 0 outside.
fn value(map: &FeatureMap, x: usize, y: usize) -> f32 {
    let inside = x < map.nx && y < map.ny;
    if inside { f32::from(map.values[y * map.nx + x]) / UNIT } else { 0.0 }
}

/// The sum of the squares of 2 × 2 pixels.
fn square(map: &FeatureMap, x: usize, y: usize) -> f32 {
    let two = |y| value(map, 2 * x, y).powi(2) + value(map, 2 * x + 1, y).powi(2);
    two(2 * y) + two(2 * y + 1)
}

fn energy(map: &FeatureMap) -> f32 {
    crate::extract::kernel::dot(&map.values, &map.values) as f32 / (UNIT * UNIT)
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
fn side_for(size: usize, target: &FeatureMap, least: f32) -> usize {
    let there = Box2::of(target).longest();
    let wrapped = (f64::from(least) * there.min(size) as f64) as usize;
    suited_side(there + size - wrapped)
}

/// The pairs of turns that the sketches of two marks find likeliest; a sketch
/// does not tell a turn from the one half round. `None` where much of one mark
/// has no counterpart in the other and the sketches cannot judge.
pub fn likely(probe: &Template, target: &Template) -> Option<Vec<usize>> {
    let (a, b) = (probe.fine.points, target.fine.points);
    if (a.min(b) as f64) < ALIKE * a.max(b) as f64 {
        return None;
    }
    let alike = probe.sketch.over_turns(&target.sketch);
    let pair = |p: usize| alike[2 * p].max(alike[2 * p + 1]);
    let mut pairs: Vec<usize> = (0..alike.len() / 2).collect();
    pairs.sort_by(|&a, &b| pair(b).total_cmp(&pair(a)));
    Some(pairs.iter().take(LIKELY).flat_map(|&p| [p, p + TURNS / 4]).collect())
}

/// All pairs of turns.
pub fn all() -> Vec<usize> {
    (0..TURNS / 2).collect()
}

/// The `keep` best distinct places of the probe, turned by some pairs of turns,
/// on `target`, best first.
pub fn search(probe: &Turned, target: &Template, pairs: &[usize], keep: usize) -> Vec<Candidate> {
    let side = probe.side;
    let map = probe.level.map(target);
    let content = Box2::of(map);
    let (ox, oy) = (content.x.0, content.y.0);
    let mut planes = Planes::new(side);
    let (mut features, mut squares) = (Square::new(side), Square::new(side / 2));
    features.fill(|x, y| (0.0, value(map, x + ox, y + oy)));
    squares.fill(|x, y| (0.0, square(map, x + ox / 2, y + oy / 2)));
    let own = energy(map);
    for (plan, square) in [(&mut planes.full, &mut features), (&mut planes.half, &mut squares)] {
        plan.inverse(square);
        std::mem::swap(&mut square.re, &mut square.im);
    }
    let mut found = Vec::new();
    for &pair in pairs {
        let turned = probe.pairs[pair].get_or_init(|| probe.pair(pair, &mut planes));
        planes.correlate(turned, &features, &squares);
        for (part, energy) in turned.energy.iter().enumerate() {
            let rotation = angle(2 * pair + part);
            let peaks = planes.peaks(part, probe.least * energy.min(own));
            found.extend(peaks.into_iter().map(|(z, at)| {
                let lag = |v: usize, from: usize, to: usize| {
                    let n = to - from;
                    if v < n { v as f64 } else { v as f64 - side as f64 }
                };
                let half = |n: usize| (n as f64 - 1.0) / 2.0;
                let moved = spin(probe.centre, rotation);
                let x = lag(at.0, ox, content.x.1) + ox as f64 + half(probe.size) - half(map.nx);
                let y = lag(at.1, oy, content.y.1) + oy as f64 + half(probe.size) - half(map.ny);
                let scale = probe.level.scale();
                let shift = ((x - moved.0) * scale, (y - moved.1) * scale);
                Candidate { z, rotation, shift }
            }));
        }
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

    /// Side, even, of a square that holds the map's content turned about the
    /// box's centre in any direction.
    fn diameter(&self, map: &FeatureMap) -> usize {
        let (cx, cy) = map.centre();
        let (x, y) = self.centre(map);
        let ends = map.spans.iter().enumerate().filter(|(_, (start, end))| start < end);
        let far = ends.map(|(row, &(start, end))| {
            let (left, right) = (start as f64 - cx - x, (end - 1) as f64 - cx - x);
            left.abs().max(right.abs()).hypot(row as f64 - cy - y)
        });
        let far = far.fold(0.0, f64::max);
        ((2.0 * far).ceil() as usize + 3).next_multiple_of(2)
    }

    /// From the grid's centre.
    fn centre(&self, map: &FeatureMap) -> (f64, f64) {
        let middle = |(a, b): (usize, usize)| (a + b - 1) as f64 / 2.0;
        let (cx, cy) = map.centre();
        (middle(self.x) - cx, middle(self.y) - cy)
    }
}

/// The transforms at full and at half resolution, and what they give.
struct Planes {
    side: usize,
    full: Plan,
    half: Plan,
    correlation: Square,
    variance: Square,
    /// One over the deviation of chance, for each eight columns and every
    /// second row; 0 where too little is common.
    weights: Vec<Parts>,
}

impl Planes {
    fn new(side: usize) -> Self {
        let half = side / 2;
        Self {
            side,
            full: Plan::new(side),
            half: Plan::new(half),
            correlation: Square::new(side),
            variance: Square::new(half),
            weights: vec![vec![[0.0; LANES]; half]; side / LANES],
        }
    }

    /// Correlates two turns with a target over all shifts.
    fn correlate(&mut self, probe: &Pair, features: &Square, squares: &Square) {
        self.correlation.multiply(&probe.features, features);
        self.full.inverse(&mut self.correlation);
        self.variance.multiply(&probe.squares, squares);
        self.half.inverse(&mut self.variance);
    }

    /// The highest peaks of one of the two turns: evidence and lag, where more
    /// than `floor` of the energy is common.
    fn peaks(&mut self, part: usize, floor: f32) -> Vec<(f32, (usize, usize))> {
        let (correlation, variance) = match part {
            0 => (&self.correlation.re, &self.variance.re),
            _ => (&self.correlation.im, &self.variance.im),
        };
        let norms = (1.0 / (self.side * self.side) as f32, (self.side / 2).pow(2) as f32);
        let mut best = [(f32::MIN, (0, 0)); PER_TURN];
        for (block, (lags, weights)) in correlation.iter().zip(&mut self.weights).enumerate() {
            // Eight columns here are four there.
            let first = block % 2 * (LANES / 2);
            weigh(&variance[block / 2], first, norms, floor, weights);
            let mut y = 0;
            while let Some((row, z)) = above(lags, weights, y, best[PER_TURN - 1].0) {
                for (lane, &z) in z.iter().enumerate() {
                    if z > best[PER_TURN - 1].0 {
                        keep_apart(&mut best, (z, (block * LANES + lane, row)));
                    }
                }
                y = row + 1;
            }
        }
        best.into_iter().filter(|b| b.0 > f32::MIN).collect()
    }
}

dispatched! {
/// One over the deviation of chance of eight columns, from the four of half the
/// resolution that begin at lane `first`.
fn weigh(
    variance: &[Lanes],
    first: usize,
    norms: (f32, f32),
    floor: f32,
    out: &mut [Lanes],
) {
    let (norm, half_norm) = norms;
    for (from, out) in variance.iter().zip(out) {
        for l in 0..LANES {
            // Blocks of 2 × 2 points: each product stands for 4 of single points.
            let v = from[(first + l / 2) % LANES] * 0.25 / half_norm;
            out[l] = if v > floor { norm / v.sqrt() } else { 0.0 };
        }
    }
}
}

dispatched! {
/// The first row from `start` on with evidence above `least`, and its evidence.
fn above(
    lags: &[Lanes],
    weights: &[Lanes],
    start: usize,
    least: f32,
) -> Option<(usize, Lanes)> {
    for (y, lags) in lags.iter().enumerate().skip(start) {
        let weights = &weights[y / 2];
        let (mut z, mut high) = ([0.0; LANES], false);
        for l in 0..LANES {
            z[l] = if weights[l] > 0.0 { lags[l] * weights[l] } else { f32::MIN };
            high |= z[l] > least;
        }
        if high {
            return Some((y, z));
        }
    }
    None
}
}

/// Takes `new` into the best list unless it belongs to a better peak's slope.
fn keep_apart(best: &mut [(f32, (usize, usize)); PER_TURN], new: (f32, (usize, usize))) {
    let near =
        |a: (usize, usize), b: (usize, usize)| a.0.abs_diff(b.0) <= 2 && a.1.abs_diff(b.1) <= 2;
    match best.iter_mut().find(|b| b.0 > f32::MIN && near(b.1, new.1)) {
        Some(b) if b.0 >= new.0 => return,
        Some(b) => *b = new,
        None => best[PER_TURN - 1] = new,
    }
    best.sort_by(|a, b| b.0.total_cmp(&a.0));
}

const _: () = assert!(TURNS == 2 * sketch::ANGLES);
