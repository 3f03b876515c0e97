//! The search over all rotations about the anchors.
//!
//! Both marks are unrolled into rings about the centre of their outer circle;
//! their correlation over all angles is then one inverse Fourier transform of
//! a sum over rings. The centres are only known to a fraction of a millimetre,
//! so the probe is unrolled about many centres, once, and every view is tried.

use crate::extract::Template;
use crate::extract::polar::{ANGLES, BINS, MASK_BINS, RINGS, Unrolled, unroll};
use realfft::{ComplexToReal, RealFftPlanner};
use rustfft::num_complex::Complex;
use std::f64::consts::TAU;
use std::sync::Arc;

/// Centres are tried within this distance of the anchor, in coarse pixels.
const RADIUS: f64 = 8.0;
/// Distance between centres, in coarse pixels.
const STEP: f64 = 1.25;
/// Angles at which the overlap, which is smooth, is evaluated.
const MASK_ANGLES: usize = 2 * (MASK_BINS - 1);
/// Share of the smaller mark that must be common.
pub const SLIVER: f32 = 0.2;
/// Two candidates nearer than this turn (radians) and this shift (coarse
/// pixels) are one.
const SAME: (f64, f64) = (0.06, 2.0);

/// A place in the search space, to be refined.
#[derive(Clone, Copy, Debug)]
pub struct Candidate {
    /// Evidence in (uncalibrated) standard deviations of chance.
    pub z: f32,
    /// Turn from the probe to the target, radians.
    pub rotation: f64,
    /// Shift after the turn, about the grid centres, coarse pixels.
    pub shift: (f64, f64),
}

/// The probe unrolled about one centre, conjugated.
pub struct View {
    centre: (f64, f64),
    unrolled: Unrolled,
}

/// The probe's views on a square grid of centres about its anchor.
pub fn views(probe: &Template) -> Vec<View> {
    let n = (RADIUS / STEP).ceil() as i32;
    let steps = || (-n..=n).map(|i| f64::from(i) * STEP);
    steps()
        .flat_map(|y| steps().map(move |x| (x, y)))
        .filter(|(x, y)| x.hypot(*y) <= RADIUS)
        .map(|(x, y)| {
            let centre = (probe.anchor.x + x, probe.anchor.y + y);
            let mut unrolled = unroll(&probe.smooth, centre);
            for c in unrolled.features.iter_mut().chain(&mut unrolled.mask) {
                *c = c.conj();
            }
            View { centre, unrolled }
        })
        .collect()
}

/// Plans and working memory of one thread.
pub struct Rotations {
    inverse: Arc<dyn ComplexToReal<f32>>,
    inverse_mask: Arc<dyn ComplexToReal<f32>>,
    sum: Vec<Complex<f32>>,
    sum_mask: Vec<Complex<f32>>,
    correlation: Vec<f32>,
    overlap: Vec<f32>,
    z: Vec<f32>,
    scratch: Vec<Complex<f32>>,
    found: Vec<Candidate>,
}

impl Default for Rotations {
    fn default() -> Self {
        Self::new()
    }
}

impl Rotations {
    /// Plans the transforms.
    pub fn new() -> Self {
        let mut planner = RealFftPlanner::<f32>::new();
        let inverse = planner.plan_fft_inverse(ANGLES);
        let inverse_mask = planner.plan_fft_inverse(MASK_ANGLES);
        let scratch = inverse.get_scratch_len().max(inverse_mask.get_scratch_len());
        Self {
            sum: vec![Complex::default(); BINS],
            sum_mask: vec![Complex::default(); MASK_BINS],
            correlation: vec![0.0; ANGLES],
            overlap: vec![0.0; MASK_ANGLES],
            z: vec![0.0; ANGLES],
            scratch: vec![Complex::default(); scratch],
            found: Vec::new(),
            inverse,
            inverse_mask,
        }
    }

    /// The `keep` best distinct places of the probe on `target`, best first.
    pub fn search(&mut self, views: &[View], target: &Template, keep: usize) -> Vec<Candidate> {
        self.found.clear();
        for view in views {
            self.correlate(&view.unrolled, &target.unrolled);
            for (z, rotation) in self.peaks() {
                let (s, c) = rotation.sin_cos();
                let (x, y) = view.centre;
                let shift = (target.anchor.x - (c * x - s * y), target.anchor.y - (s * x + c * y));
                self.found.push(Candidate { z, rotation, shift });
            }
        }
        distinct(&mut self.found, keep)
    }

    /// Fills `z` with the evidence for every angle.
    fn correlate(&mut self, probe: &Unrolled, target: &Unrolled) {
        self.sum.fill(Complex::default());
        self.sum_mask.fill(Complex::default());
        for ring in 0..RINGS {
            let at = ring * BINS..(ring + 1) * BINS;
            accumulate(&mut self.sum, &probe.features[at.clone()], &target.features[at]);
            let at = ring * MASK_BINS..(ring + 1) * MASK_BINS;
            accumulate(&mut self.sum_mask, &probe.mask[at.clone()], &target.mask[at]);
        }
        transform(&*self.inverse, &mut self.sum, &mut self.correlation, &mut self.scratch);
        transform(&*self.inverse_mask, &mut self.sum_mask, &mut self.overlap, &mut self.scratch);
        // Less common area than this is a sliver, and no evidence.
        let floor = SLIVER * probe.area.min(target.area);
        let per = ANGLES / MASK_ANGLES;
        for (i, (z, &c)) in self.z.iter_mut().zip(&self.correlation).enumerate() {
            let n = self.overlap[(i + per / 2) / per % MASK_ANGLES] / ANGLES as f32;
            *z = if n > floor { c / ANGLES as f32 / n.sqrt() } else { f32::MIN };
        }
    }

    /// The two highest peaks over the angles: evidence and angle.
    fn peaks(&self) -> impl Iterator<Item = (f32, f64)> + use<> {
        let mut best = [(f32::MIN, 0.0); 2];
        for (i, &v) in self.z.iter().enumerate() {
            let (l, r) = (self.z[(i + ANGLES - 1) % ANGLES], self.z[(i + 1) % ANGLES]);
            if v > best[1].0 && v >= l && v > r {
                let fine = if l.min(r) > f32::MIN { vertex(l, v, r) } else { 0.0 };
                best[1] = (v, (i as f64 + f64::from(fine)) * TAU / ANGLES as f64);
                best.sort_by(|a, b| b.0.total_cmp(&a.0));
            }
        }
        best.into_iter().filter(|b| b.0 > f32::MIN)
    }
}

/// Where a parabola through three equidistant values has its top, in steps
/// from the middle one.
fn vertex(l: f32, m: f32, r: f32) -> f32 {
    let bend = l - 2.0 * m + r;
    if bend < 0.0 { (0.5 * (l - r) / bend).clamp(-0.5, 0.5) } else { 0.0 }
}

fn accumulate(sum: &mut [Complex<f32>], a: &[Complex<f32>], b: &[Complex<f32>]) {
    for ((s, a), b) in sum.iter_mut().zip(a).zip(b) {
        s.re += a.re * b.re - a.im * b.im;
        s.im += a.re * b.im + a.im * b.re;
    }
}

/// Inverse transform of a half spectrum, unnormalised.
fn transform(
    plan: &dyn ComplexToReal<f32>,
    spectrum: &mut [Complex<f32>],
    out: &mut [f32],
    scratch: &mut [Complex<f32>],
) {
    if let [first, .., last] = spectrum {
        first.im = 0.0;
        last.im = 0.0;
    }
    // The lengths are the plan's own, so this cannot fail.
    let done = plan.process_with_scratch(spectrum, out, scratch);
    debug_assert!(done.is_ok());
}

/// The best `keep` candidates that are not the same place, best first.
pub fn distinct(found: &mut [Candidate], keep: usize) -> Vec<Candidate> {
    found.sort_by(|a, b| b.z.total_cmp(&a.z));
    let mut out: Vec<Candidate> = Vec::with_capacity(keep);
    for c in found.iter() {
        let same = |o: &Candidate| {
            let turn = (c.rotation - o.rotation).rem_euclid(TAU);
            let (x, y) = (c.shift.0 - o.shift.0, c.shift.1 - o.shift.1);
            turn.min(TAU - turn) < SAME.0 && x.hypot(y) < SAME.1
        };
        if out.len() < keep && !out.iter().any(same) {
            out.push(*c);
        }
    }
    out
}
