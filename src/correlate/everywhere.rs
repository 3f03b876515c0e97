//! The search over all rotations and all shifts, for marks without an outline.
//!
//! A fragment has no circle to be unrolled about. It is turned into many
//! directions, once, and each is correlated with the target over all shifts by
//! a two-dimensional FFT, normalised by the common area (after Padfield 2012;
//! features have mean 0 and variance 1 by construction, so the overlap is the
//! whole denominator). A hundred times dearer than [`super::rotations`].

use super::rotations::{Candidate, SLIVER, distinct};
use crate::extract::{FeatureMap, Template, UNIT, turned};
use realfft::{ComplexToReal, RealFftPlanner, RealToComplex};
use rustfft::{Fft, FftPlanner, num_complex::Complex};
use std::f64::consts::TAU;
use std::sync::Arc;

/// Rotations tried; a step is 1.4°.
const TURNS: usize = 256;
/// Best shifts kept of each rotation.
const PER_TURN: usize = 2;

/// A map's features and mask, transformed; `half × side` coefficients,
/// column by column.
struct Spectra {
    features: Vec<Complex<f32>>,
    mask: Vec<Complex<f32>>,
}

/// A probe turned into all directions and transformed, conjugated.
pub struct Turned {
    side: usize,
    /// Grid sides of the turned maps.
    size: (usize, usize),
    turns: Vec<Spectra>,
}

impl Turned {
    /// Turns and transforms `probe` for transforms of `side`.
    pub fn new(probe: &Template, side: usize) -> Self {
        let map = &probe.coarse;
        let size = ((map.nx as f64).hypot(map.ny as f64).ceil() as usize).min(side);
        let frame = FeatureMap::new(size, size, vec![0; size * size], vec![1; size * size]);
        let mut plane = Plane::new(side);
        let turns = (0..TURNS)
            .map(|k| {
                let t = turned(map, angle(k), (0.0, 0.0), &frame, 0);
                let mut s = plane.spectra(&t);
                for c in s.features.iter_mut().chain(&mut s.mask) {
                    *c = c.conj();
                }
                s
            })
            .collect();
        Self { side, size: (size, size), turns }
    }

    /// Side of the transforms.
    pub fn side(&self) -> usize {
        self.side
    }
}

fn angle(turn: usize) -> f64 {
    turn as f64 * TAU / TURNS as f64
}

/// The transform's side for two marks: long enough that every shift with a
/// sound overlap is free of wrap-round.
pub fn side_for(probe: &Template, target: &Template) -> usize {
    let (p, t) = (&probe.coarse, &target.coarse);
    let longest = p.nx.max(p.ny).max(t.nx).max(t.ny);
    let diameter = (p.nx as f64).hypot(p.ny as f64).ceil() as usize;
    let need = (longest * 8 / 5).max(diameter);
    [64, 96, 128, 160, 192, 256, 320, 384, 512, 640, 768, 1024]
        .into_iter()
        .find(|&s| s >= need)
        .unwrap_or_else(|| need.next_power_of_two())
}

/// The `keep` best distinct places of the probe on `target`, best first.
pub fn search(probe: &Turned, target: &Template, keep: usize) -> Vec<Candidate> {
    let side = probe.side;
    let mut plane = Plane::new(side);
    let spectra = plane.spectra(&target.coarse);
    let area = (side * side) as f32;
    let mut product = vec![Complex::default(); (side / 2 + 1) * side];
    let (mut correlation, mut overlap) = (vec![0.0; side * side], vec![0.0; side * side]);
    let mut found = Vec::new();
    for (k, turn) in probe.turns.iter().enumerate() {
        multiply(&mut product, &turn.mask, &spectra.mask);
        plane.image(&mut product, &mut overlap);
        multiply(&mut product, &turn.features, &spectra.features);
        plane.image(&mut product, &mut correlation);
        let points = turn.mask.first().map_or(0.0, |c| c.re).min(target.coarse.points as f32);
        let mut best = [(f32::MIN, 0); PER_TURN];
        for (i, (&c, &n)) in correlation.iter().zip(&overlap).enumerate() {
            let n = n / area;
            if n > SLIVER * points {
                let z = c / area / n.sqrt();
                if z > best[PER_TURN - 1].0 {
                    keep_apart(&mut best, (z, i), side);
                }
            }
        }
        found.extend(best.into_iter().filter(|b| b.0 > f32::MIN).map(|(z, i)| {
            let lag = |v: usize, n: usize| if v < n { v as f64 } else { v as f64 - side as f64 };
            let half = |n: usize| (n as f64 - 1.0) / 2.0;
            let (tx, ty) = (target.coarse.nx, target.coarse.ny);
            let shift = (
                lag(i % side, tx) + half(probe.size.0) - half(tx),
                lag(i / side, ty) + half(probe.size.1) - half(ty),
            );
            Candidate { z, rotation: angle(k), shift }
        }));
    }
    distinct(&mut found, keep)
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

fn multiply(out: &mut [Complex<f32>], a: &[Complex<f32>], b: &[Complex<f32>]) {
    for ((o, a), b) in out.iter_mut().zip(a).zip(b) {
        *o = a * b;
    }
}

/// A two-dimensional real transform of a square, and its memory.
struct Plane {
    side: usize,
    rows: Arc<dyn RealToComplex<f32>>,
    rows_back: Arc<dyn ComplexToReal<f32>>,
    columns: Arc<dyn Fft<f32>>,
    columns_back: Arc<dyn Fft<f32>>,
    line: Vec<f32>,
    half: Vec<Complex<f32>>,
    scratch: Vec<Complex<f32>>,
}

impl Plane {
    fn new(side: usize) -> Self {
        let (mut real, mut complex) = (RealFftPlanner::new(), FftPlanner::new());
        let (rows, rows_back) = (real.plan_fft_forward(side), real.plan_fft_inverse(side));
        let (columns, columns_back) =
            (complex.plan_fft_forward(side), complex.plan_fft_inverse(side));
        let scratch = rows
            .get_scratch_len()
            .max(rows_back.get_scratch_len())
            .max(columns.get_inplace_scratch_len())
            .max(columns_back.get_inplace_scratch_len());
        Self {
            side,
            rows,
            rows_back,
            columns,
            columns_back,
            line: vec![0.0; side],
            half: vec![Complex::default(); side / 2 + 1],
            scratch: vec![Complex::default(); scratch],
        }
    }

    fn spectra(&mut self, map: &FeatureMap) -> Spectra {
        let features = self.spectrum(map, &map.values, 1.0 / UNIT);
        Spectra { features, mask: self.spectrum(map, &map.mask, 1.0) }
    }

    /// Transforms one of a map's arrays; what lies beyond the side is cut.
    fn spectrum(&mut self, map: &FeatureMap, array: &[i16], scale: f32) -> Vec<Complex<f32>> {
        let side = self.side;
        let mut out = vec![Complex::default(); self.half.len() * side];
        for (y, row) in array.chunks_exact(map.nx.max(1)).take(side).enumerate() {
            self.line.fill(0.0);
            for (to, &v) in self.line.iter_mut().zip(row) {
                *to = f32::from(v) * scale;
            }
            // The lengths are the plan's own, so this cannot fail.
            let done =
                self.rows.process_with_scratch(&mut self.line, &mut self.half, &mut self.scratch);
            debug_assert!(done.is_ok());
            for (column, &v) in out.chunks_exact_mut(side).zip(&self.half) {
                column[y] = v;
            }
        }
        for column in out.chunks_exact_mut(side) {
            self.columns.process_with_scratch(column, &mut self.scratch);
        }
        out
    }

    /// Transforms back into `side × side` rows, unnormalised; destroys the
    /// spectrum.
    fn image(&mut self, spectrum: &mut [Complex<f32>], out: &mut [f32]) {
        let side = self.side;
        for column in spectrum.chunks_exact_mut(side) {
            self.columns_back.process_with_scratch(column, &mut self.scratch);
        }
        for (y, row) in out.chunks_exact_mut(side).enumerate() {
            for (v, column) in self.half.iter_mut().zip(spectrum.chunks_exact(side)) {
                *v = column[y];
            }
            if let [first, .., last] = self.half.as_mut_slice() {
                first.im = 0.0;
                last.im = 0.0;
            }
            let done = self.rows_back.process_with_scratch(&mut self.half, row, &mut self.scratch);
            debug_assert!(done.is_ok());
        }
    }
}
