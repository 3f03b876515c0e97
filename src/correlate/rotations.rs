//! The search over all rotations at once.

use crate::extract::polar::{ANGLES, BINS, MASK_BINS, RINGS, Unrolled, unroll};
use crate::extract::{RING_SPACING, Template};
use realfft::{ComplexToReal, RealFftPlanner};
use rustfft::num_complex::Complex;
use std::sync::Arc;

/// A mark unrolled about many centres, ready to be compared with a gallery.
pub struct ShiftedProbe {
    /// Shift of the centre in coarse pixels and the unrolled mark about it.
    pub views: Vec<((f64, f64), Unrolled)>,
}

impl ShiftedProbe {
    /// Centres on a square grid of `step` within `radius`, coarse pixels.
    pub fn new(t: &Template, radius: f64, step: f64) -> Self {
        let n = (radius / step).ceil() as i32;
        let mut views = Vec::new();
        for j in -n..=n {
            for i in -n..=n {
                let (x, y) = (f64::from(i) * step, f64::from(j) * step);
                if x.hypot(y) <= radius + 1e-9 {
                    let mut u = unroll(&t.smooth, (t.anchor.x + x, t.anchor.y + y), RING_SPACING);
                    for c in u.features.iter_mut().chain(&mut u.mask) {
                        *c = c.conj();
                    }
                    views.push(((x, y), u));
                }
            }
        }
        Self { views }
    }
}

/// One place in the search space.
#[derive(Clone, Copy, Debug)]
pub struct Candidate {
    /// Evidence in standard deviations of chance.
    pub z: f32,
    /// Turn from the probe to the gallery mark, radians in [0, 2π).
    pub rotation: f64,
    /// Shift of the probe's anchor, coarse pixels.
    pub centre: (f64, f64),
}

/// Working memory of one thread.
pub struct Rotations {
    inverse: Arc<dyn ComplexToReal<f32>>,
    inverse_mask: Arc<dyn ComplexToReal<f32>>,
    product: Vec<Complex<f32>>,
    mask: Vec<Complex<f32>>,
    corr: Vec<f32>,
    common: Vec<f32>,
    scratch: Vec<Complex<f32>>,
    pub all: Vec<Candidate>,
}

/// Angles at which the smooth overlap is evaluated.
const MASK_ANGLES: usize = 2 * (MASK_BINS - 1);

impl Rotations {
    pub fn new() -> Self {
        let mut p = RealFftPlanner::<f32>::new();
        let inverse = p.plan_fft_inverse(ANGLES);
        let inverse_mask = p.plan_fft_inverse(MASK_ANGLES);
        let scratch =
            vec![Complex::default(); inverse.get_scratch_len().max(inverse_mask.get_scratch_len())];
        Self {
            product: vec![Complex::default(); BINS],
            mask: vec![Complex::default(); MASK_BINS],
            corr: vec![0.0; ANGLES],
            common: vec![0.0; MASK_ANGLES],
            scratch,
            inverse,
            inverse_mask,
            all: Vec::new(),
        }
    }

    /// The `keep` best distinct places.
    pub fn search(
        &mut self,
        probe: &ShiftedProbe,
        target: &Unrolled,
        keep: usize,
        min_common: f32,
    ) -> Vec<Candidate> {
        self.all.clear();
        for (centre, view) in &probe.views {
            self.product.fill(Complex::default());
            self.mask.fill(Complex::default());
            for ring in 0..RINGS {
                let (p, t) = (
                    &view.features[ring * BINS..][..BINS],
                    &target.features[ring * BINS..][..BINS],
                );
                for ((o, a), b) in self.product.iter_mut().zip(p).zip(t) {
                    *o += a * b;
                }
                let (p, t) = (
                    &view.mask[ring * MASK_BINS..][..MASK_BINS],
                    &target.mask[ring * MASK_BINS..][..MASK_BINS],
                );
                for ((o, a), b) in self.mask.iter_mut().zip(p).zip(t) {
                    *o += a * b;
                }
            }
            for (v, last) in [(&mut self.product, BINS - 1), (&mut self.mask, MASK_BINS - 1)] {
                v[0].im = 0.0;
                v[last].im = 0.0;
            }
            let _ = self.inverse.process_with_scratch(
                &mut self.product,
                &mut self.corr,
                &mut self.scratch,
            );
            let _ = self.inverse_mask.process_with_scratch(
                &mut self.mask,
                &mut self.common,
                &mut self.scratch,
            );
            let per = ANGLES / MASK_ANGLES;
            // best two peaks
            let mut best = Candidate { z: f32::MIN, rotation: 0.0, centre: *centre };
            let mut second = best;
            let z = |i: usize| {
                let i = i % ANGLES;
                let n = self.common[(i + per / 2) / per % MASK_ANGLES] / ANGLES as f32;
                if n < min_common { f32::MIN } else { self.corr[i] / ANGLES as f32 / n.sqrt() }
            };
            for i in 0..ANGLES {
                let v = z(i);
                if v > second.z && v >= z(i + ANGLES - 1) && v > z(i + 1) {
                    let (l, r) = (z(i + ANGLES - 1), z(i + 1));
                    let d = if l > f32::MIN && r > f32::MIN {
                        0.5 * (l - r) / (l - 2.0 * v + r)
                    } else {
                        0.0
                    };
                    let c = Candidate {
                        z: v,
                        rotation: (i as f64 + f64::from(d)) * std::f64::consts::TAU / ANGLES as f64,
                        centre: *centre,
                    };
                    if v > best.z {
                        second = best;
                        best = c;
                    } else {
                        second = c;
                    }
                }
            }
            self.all.extend([best, second].iter().filter(|c| c.z > f32::MIN));
        }
        self.all.sort_by(|a, b| b.z.total_cmp(&a.z));
        let mut out: Vec<Candidate> = Vec::with_capacity(keep);
        for c in &self.all {
            if out.len() == keep {
                break;
            }
            let near = out.iter().any(|o| {
                let d = (c.rotation - o.rotation).abs();
                let d = d.min(std::f64::consts::TAU - d);
                d < 0.06 && (c.centre.0 - o.centre.0).hypot(c.centre.1 - o.centre.1) < 2.0
            });
            if !near {
                out.push(*c);
            }
        }
        out
    }
}
