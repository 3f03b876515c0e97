//! The search over all rotations about the anchors.
//!
//! Both marks are unrolled into rings about the centre of their outer circle;
//! their correlation over all angles is then one inverse Fourier transform of
//! a sum over rings. The centres are only known to a fraction of a millimetre,
//! so the probe is unrolled about many centres, once, and every view is tried.

use crate::extract::Template;
use crate::extract::polar::{ANGLES, HARMONICS, MASK_HARMONICS, RINGS, Unrolled, Unroller};
use realfft::{ComplexToReal, RealFftPlanner};
use rustfft::num_complex::Complex;
use std::f64::consts::TAU;
use std::sync::Arc;

/// Centres are tried within this distance of the anchor, in coarse pixels
/// (0.4 mm): centres of true mates differ by up to 0.34 mm.
const RADIUS: f64 = 8.0;
/// Distance between centres, in coarse pixels (40 µm): the shortest waves kept
/// are of 45 µm, and half a step is the most that a view is off.
const STEP: f64 = 0.8;
/// Angles at which the overlap, which is smooth, is evaluated.
const MASK_ANGLES: usize = 2 * (MASK_HARMONICS - 1);
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

/// The probe unrolled about one centre, in coarse pixels.
pub struct View {
    centre: (f64, f64),
    unrolled: Unrolled,
}

/// The probe's views on a square grid of centres about its anchor.
pub fn views(probe: &Template) -> Vec<View> {
    let n = (RADIUS / STEP).ceil() as i32;
    let steps = || (-n..=n).map(|i| f64::from(i) * STEP);
    let mut unroller = Unroller::new(&probe.fine, probe.kind);
    steps()
        .flat_map(|y| steps().map(move |x| (x, y)))
        .filter(|(x, y)| x.hypot(*y) <= RADIUS)
        .map(|(x, y)| {
            let centre = (probe.anchor.x + x, probe.anchor.y + y);
            View { centre, unrolled: unroller.about((2.0 * centre.0, 2.0 * centre.1)) }
        })
        .collect()
}

/// Plans and working memory of one thread.
pub struct Rotations {
    features: Inverse,
    overlap: Inverse,
    z: Vec<f32>,
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
        Self {
            features: Inverse::new(&mut planner, ANGLES, HARMONICS),
            overlap: Inverse::new(&mut planner, MASK_ANGLES, MASK_HARMONICS),
            z: vec![0.0; ANGLES],
            found: Vec::new(),
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
        self.features.correlate(&probe.features, &target.features);
        self.overlap.correlate(&probe.mask, &target.mask);
        // Less common area than this is a sliver, and no evidence.
        let floor = SLIVER * probe.area.min(target.area);
        let per = ANGLES / MASK_ANGLES;
        for (i, (z, &c)) in self.z.iter_mut().zip(&self.features.out).enumerate() {
            let n = self.overlap.out[(i + per / 2) / per % MASK_ANGLES];
            *z = if n > floor { c / n.sqrt() } else { f32::MIN };
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

/// The correlation over all angles of two unrolled marks: the sum over rings of
/// the products of their series, transformed back.
struct Inverse {
    plan: Arc<dyn ComplexToReal<f32>>,
    re: Vec<f32>,
    im: Vec<f32>,
    spectrum: Vec<Complex<f32>>,
    scratch: Vec<Complex<f32>>,
    /// Mean over the angles of the products, for every turn.
    out: Vec<f32>,
}

impl Inverse {
    fn new(planner: &mut RealFftPlanner<f32>, angles: usize, harmonics: usize) -> Self {
        let plan = planner.plan_fft_inverse(angles);
        Self {
            re: vec![0.0; harmonics],
            im: vec![0.0; harmonics],
            spectrum: plan.make_input_vec(),
            scratch: plan.make_scratch_vec(),
            out: plan.make_output_vec(),
            plan,
        }
    }

    fn correlate(&mut self, probe: &[f32], target: &[f32]) {
        let n = self.re.len();
        self.re.fill(0.0);
        self.im.fill(0.0);
        debug_assert_eq!(probe.len(), RINGS * 2 * n);
        for (p, t) in probe.chunks_exact(2 * n).zip(target.chunks_exact(2 * n)) {
            let ((pr, pi), (tr, ti)) = (p.split_at(n), t.split_at(n));
            // Conjugate of the probe's series times the target's.
            for (sum, ((pr, pi), (tr, ti))) in
                self.re.iter_mut().zip(pr.iter().zip(pi).zip(tr.iter().zip(ti)))
            {
                *sum += pr * tr + pi * ti;
            }
            for (sum, ((pr, pi), (tr, ti))) in
                self.im.iter_mut().zip(pr.iter().zip(pi).zip(tr.iter().zip(ti)))
            {
                *sum += pr * ti - pi * tr;
            }
        }
        self.spectrum.fill(Complex::default());
        for (c, (re, im)) in self.spectrum.iter_mut().zip(self.re.iter().zip(&self.im)) {
            *c = Complex::new(*re, *im);
        }
        if let [first, .., last] = &mut self.spectrum[..] {
            first.im = 0.0;
            last.im = 0.0;
        }
        // The lengths are the plan's own, so this cannot fail.
        let done =
            self.plan.process_with_scratch(&mut self.spectrum, &mut self.out, &mut self.scratch);
        debug_assert!(done.is_ok());
    }
}

/// Where a parabola through three equidistant values has its top, in steps
/// from the middle one.
fn vertex(l: f32, m: f32, r: f32) -> f32 {
    let bend = l - 2.0 * m + r;
    if bend < 0.0 { (0.5 * (l - r) / bend).clamp(-0.5, 0.5) } else { 0.0 }
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
