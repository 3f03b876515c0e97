//! Unrolled marks: rings about a centre as Fourier series, so that a
//! correlation over all rotations is one short inverse transform.
//!
//! The fine features are unrolled (waves of 45–250 µm). On some instruments and
//! firearms same-source marks agree there and hardly in longer waves, which
//! also offer fewer independent points, so that the true rotation drowned in
//! them.

use super::{FINE_PITCH, FeatureMap};
use realfft::{RealFftPlanner, RealToComplex};
use rustfft::num_complex::Complex;
use std::f64::consts::TAU;
use std::sync::Arc;
use types::evidence::MarkKind;
use types::units::Metres;

/// Rings of an unrolled mark.
pub const RINGS: usize = 24;
/// Angles of a ring; a step is 1.4°.
pub const ANGLES: usize = 256;
/// Harmonics kept of a ring: all below the highest that so many angles hold.
pub const HARMONICS: usize = ANGLES / 2;
/// Harmonics below this one are left out: what turns with the whole ring tells
/// little of the rotation.
const LOWEST: usize = 3;
/// Angles at which a ring's mask, which is smooth, is read.
const MASK_ANGLES: usize = 64;
/// Harmonics kept of it, the mean included.
pub const MASK_HARMONICS: usize = 17;

/// Radii of the rings, in fine pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Rings {
    first: f64,
    spacing: f64,
}

impl Rings {
    /// A firing-pin impression is some 0.3–1 mm in radius. Of wider marks the
    /// middle is left out: the pin's hole is there, and its short rings add
    /// nothing to the rotation.
    fn of(kind: MarkKind) -> Self {
        let (first_um, spacing_um) = match kind {
            MarkKind::FiringPin => (60.0, 40.0),
            MarkKind::BreechFace | MarkKind::Ejector | MarkKind::ApertureShear => (480.0, 60.0),
        };
        let pixels = |um: f64| Metres::from_um(um) / FINE_PITCH;
        Self { first: pixels(first_um), spacing: pixels(spacing_um) }
    }

    fn radius(self, ring: usize) -> f64 {
        self.first + ring as f64 * self.spacing
    }
}

/// The Fourier series of a mark's rings about one centre; means over the
/// angles, each ring weighted by √radius. Real and imaginary parts stand
/// apart, so that products of two series vectorise.
#[derive(Clone, Debug, PartialEq)]
pub struct Unrolled {
    /// Of the features: `RINGS × 2 × HARMONICS`, ring by ring, real parts first.
    pub features: Vec<f32>,
    /// Of the mask: `RINGS × 2 × MASK_HARMONICS`.
    pub mask: Vec<f32>,
    /// Area in the measure of the mask's correlation: Σ radius · mean mask.
    pub area: f32,
}

/// Unrolls one mark about many centres.
pub struct Unroller<'a> {
    map: &'a FeatureMap,
    /// Each ring's radius and its points from the centre, fine pixels.
    rings: Vec<(f64, Vec<(f32, f32)>)>,
    features: Transform,
    mask: Transform,
}

impl<'a> Unroller<'a> {
    /// For the fine features of a mark of `kind`.
    pub fn new(map: &'a FeatureMap, kind: MarkKind) -> Self {
        let point = |radius: f64, angle: usize| {
            let (s, c) = (angle as f64 * TAU / ANGLES as f64).sin_cos();
            ((radius * c) as f32, (radius * s) as f32)
        };
        let radii = (0..RINGS).map(|ring| Rings::of(kind).radius(ring));
        Self {
            map,
            rings: radii.map(|r| (r, (0..ANGLES).map(|a| point(r, a)).collect())).collect(),
            features: Transform::new(ANGLES),
            mask: Transform::new(MASK_ANGLES),
        }
    }

    /// Unrolls about `(x, y)`, fine pixels from the grid's centre.
    pub fn about(&mut self, (x, y): (f64, f64)) -> Unrolled {
        let mut out = Unrolled {
            features: Vec::with_capacity(RINGS * 2 * HARMONICS),
            mask: Vec::with_capacity(RINGS * 2 * MASK_HARMONICS),
            area: 0.0,
        };
        let (cx, cy) = self.map.centre();
        let (x, y) = ((x + cx) as f32, (y + cy) as f32);
        for (radius, points) in &self.rings {
            let weight = radius.sqrt() as f32;
            let scale = weight / super::UNIT;
            for (value, (dx, dy)) in self.features.signal.iter_mut().zip(points) {
                *value = scale * sample(&self.map.values, self.map, x + dx, y + dy);
            }
            let every = points.iter().step_by(ANGLES / MASK_ANGLES);
            let mut present = 0.0;
            for (value, (dx, dy)) in self.mask.signal.iter_mut().zip(every) {
                let mask = sample(&self.map.mask, self.map, x + dx, y + dy);
                present += mask;
                *value = weight * mask;
            }
            out.area += *radius as f32 * present / MASK_ANGLES as f32;
            self.features.append(LOWEST..HARMONICS, HARMONICS, &mut out.features);
            self.mask.append(0..MASK_HARMONICS, MASK_HARMONICS, &mut out.mask);
        }
        out
    }
}

/// The forward transform of a ring, and its working memory.
struct Transform {
    plan: Arc<dyn RealToComplex<f32>>,
    signal: Vec<f32>,
    spectrum: Vec<Complex<f32>>,
    scratch: Vec<Complex<f32>>,
}

impl Transform {
    fn new(angles: usize) -> Self {
        let plan = RealFftPlanner::<f32>::new().plan_fft_forward(angles);
        Self {
            signal: plan.make_input_vec(),
            spectrum: plan.make_output_vec(),
            scratch: plan.make_scratch_vec(),
            plan,
        }
    }

    /// Transforms the signal and appends the first `count` harmonics, zero but
    /// for those in `kept`: real parts, then imaginary ones.
    fn append(&mut self, kept: std::ops::Range<usize>, count: usize, out: &mut Vec<f32>) {
        let scale = 1.0 / self.signal.len() as f32;
        // The lengths are the plan's own, so this cannot fail.
        let done =
            self.plan.process_with_scratch(&mut self.signal, &mut self.spectrum, &mut self.scratch);
        debug_assert!(done.is_ok());
        let part = |of: fn(&Complex<f32>) -> f32| {
            let spectrum = self.spectrum.iter().take(count).enumerate();
            let kept = kept.clone();
            spectrum.map(move |(k, c)| if kept.contains(&k) { scale * of(c) } else { 0.0 })
        };
        out.extend(part(|c| c.re));
        out.extend(part(|c| c.im));
    }
}

/// A map's plane at a point, bilinear; zero outside.
fn sample(plane: &[i16], map: &FeatureMap, x: f32, y: f32) -> f32 {
    if x < 0.0 || y < 0.0 {
        return 0.0;
    }
    let (ix, iy) = (x as usize, y as usize);
    if ix + 1 >= map.nx || iy + 1 >= map.ny {
        return 0.0;
    }
    let (tx, ty) = (x - ix as f32, y - iy as f32);
    let i = iy * map.nx + ix;
    let at = |i: usize| f32::from(plane[i]);
    (at(i) * (1.0 - tx) + at(i + 1) * tx) * (1.0 - ty)
        + (at(i + map.nx) * (1.0 - tx) + at(i + map.nx + 1) * tx) * ty
}
