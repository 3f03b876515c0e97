//! The search over all rotations and all translations, for marks that lost
//! their outline: no anchor needed, by two-dimensional FFT.

use super::rotations::Candidate;
use super::slide::turned;
use crate::extract::FeatureMap;
use realfft::{ComplexToReal, RealFftPlanner, RealToComplex};
use rustfft::{Fft, FftPlanner, num_complex::Complex};
use std::sync::Arc;

/// Side of the transforms in pixels of 100 µm.
pub const SIDE: usize = 128;
/// Rotations tried; a step is 2.8°.
pub const TURNS: usize = 256;
const HALF: usize = SIDE / 2 + 1;

/// Plans and memory of a two-dimensional real transform.
pub struct Plane {
    forward: Arc<dyn RealToComplex<f32>>,
    inverse: Arc<dyn ComplexToReal<f32>>,
    columns: Arc<dyn Fft<f32>>,
    columns_back: Arc<dyn Fft<f32>>,
    scratch: Vec<Complex<f32>>,
    line: Vec<f32>,
    half: Vec<Complex<f32>>,
}

impl Plane {
    pub fn new() -> Self {
        let mut r = RealFftPlanner::<f32>::new();
        let mut c = FftPlanner::<f32>::new();
        let (forward, inverse) = (r.plan_fft_forward(SIDE), r.plan_fft_inverse(SIDE));
        let (columns, columns_back) = (c.plan_fft_forward(SIDE), c.plan_fft_inverse(SIDE));
        let n = [
            forward.get_scratch_len(),
            inverse.get_scratch_len(),
            columns.get_inplace_scratch_len(),
            columns_back.get_inplace_scratch_len(),
        ];
        let n = n.into_iter().max().unwrap_or(0);
        Self {
            forward,
            inverse,
            columns,
            columns_back,
            scratch: vec![Complex::default(); n],
            line: vec![0.0; SIDE],
            half: vec![Complex::default(); HALF],
        }
    }

    /// Spectrum of an image, transposed: `HALF` columns of `SIDE` values.
    pub fn spectrum(
        &mut self,
        at: impl Fn(usize, usize) -> f32,
        nx: usize,
        ny: usize,
    ) -> Vec<Complex<f32>> {
        let mut out = vec![Complex::default(); HALF * SIDE];
        for y in 0..ny.min(SIDE) {
            self.line.fill(0.0);
            for x in 0..nx.min(SIDE) {
                self.line[x] = at(x, y);
            }
            let _ = self.forward.process_with_scratch(
                &mut self.line,
                &mut self.half,
                &mut self.scratch,
            );
            for (k, v) in self.half.iter().enumerate() {
                out[k * SIDE + y] = *v;
            }
        }
        for col in out.chunks_exact_mut(SIDE) {
            self.columns.process_with_scratch(col, &mut self.scratch);
        }
        out
    }

    /// Inverse of a transposed spectrum into `SIDE × SIDE` rows.
    pub fn image(&mut self, spectrum: &mut [Complex<f32>], out: &mut [f32]) {
        for col in spectrum.chunks_exact_mut(SIDE) {
            self.columns_back.process_with_scratch(col, &mut self.scratch);
        }
        for (y, row) in out.chunks_exact_mut(SIDE).enumerate() {
            for (k, v) in self.half.iter_mut().enumerate() {
                *v = spectrum[k * SIDE + y];
            }
            self.half[0].im = 0.0;
            self.half[HALF - 1].im = 0.0;
            let _ = self.inverse.process_with_scratch(&mut self.half, row, &mut self.scratch);
        }
    }
}

/// Spectra of a map's features and mask.
pub struct Spectra {
    pub f: Vec<Complex<f32>>,
    pub m: Vec<Complex<f32>>,
}

pub fn spectra(p: &mut Plane, map: &FeatureMap) -> Spectra {
    let at = |v: &[i16], x: usize, y: usize| f32::from(v[y * map.nx + x]);
    Spectra {
        f: p.spectrum(|x, y| at(&map.values, x, y) / crate::extract::UNIT, map.nx, map.ny),
        m: p.spectrum(|x, y| at(&map.mask, x, y), map.nx, map.ny),
    }
}

/// A probe turned in all directions and transformed.
pub struct TurnedProbe {
    pub turns: Vec<Spectra>,
    pub n: usize,
}

impl TurnedProbe {
    pub fn new(p: &mut Plane, map: &FeatureMap) -> Self {
        let n = (map.nx as f64).hypot(map.ny as f64).ceil() as usize | 1;
        let n = n.min(SIDE);
        let turns = (0..TURNS)
            .map(|k| {
                let t =
                    turned(map, k as f64 * std::f64::consts::TAU / TURNS as f64, (0.0, 0.0), n, n);
                let mut s = spectra(p, &t);
                for c in s.f.iter_mut().chain(&mut s.m) {
                    *c = c.conj();
                }
                s
            })
            .collect();
        Self { turns, n }
    }
}

/// Best places over all turns: centre holds the shift of grid centres in pixels.
pub fn search(
    p: &mut Plane,
    probe: &TurnedProbe,
    target: &Spectra,
    tn: (usize, usize),
    floor: f32,
    keep: usize,
) -> Vec<Candidate> {
    let mut all: Vec<Candidate> = Vec::new();
    let mut spec = vec![Complex::default(); HALF * SIDE];
    let (mut c, mut n) = (vec![0.0; SIDE * SIDE], vec![0.0; SIDE * SIDE]);
    let area = (SIDE * SIDE) as f32;
    for (k, t) in probe.turns.iter().enumerate() {
        for ((o, a), b) in spec.iter_mut().zip(&t.f).zip(&target.f) {
            *o = a * b;
        }
        p.image(&mut spec, &mut c);
        for ((o, a), b) in spec.iter_mut().zip(&t.m).zip(&target.m) {
            *o = a * b;
        }
        p.image(&mut spec, &mut n);
        let mut top = [(f32::MIN, 0usize); 2];
        for (i, (&c, &n)) in c.iter().zip(&n).enumerate() {
            let n = n / area;
            if n >= floor {
                let z = c / area / n.sqrt();
                if z > top[0].0 {
                    top[0] = (z, i);
                }
            }
        }
        for (z, i) in top {
            if z > f32::MIN {
                let wrap =
                    |v: usize, lim: usize| if v >= lim { v as f64 - SIDE as f64 } else { v as f64 };
                // lag: target index = probe index + lag
                let (lx, ly) = (wrap(i % SIDE, tn.0), wrap(i / SIDE, tn.1));
                let half = |n: usize| (n as f64 - 1.0) / 2.0;
                all.push(Candidate {
                    z,
                    rotation: k as f64 * std::f64::consts::TAU / TURNS as f64,
                    centre: (lx + half(probe.n) - half(tn.0), ly + half(probe.n) - half(tn.1)),
                });
            }
        }
    }
    all.sort_by(|a, b| b.z.total_cmp(&a.z));
    all.truncate(keep);
    all
}
