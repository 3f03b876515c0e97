//! Unrolled marks: rings about a centre as Fourier series, so that a
//! correlation over all rotations is one short inverse transform.
//!
//! The fine features are unrolled (waves of 45–250 µm). On some instruments and
//! firearms same-source marks agree there and hardly in longer waves, which
//! also offer fewer independent points, so that the true rotation drowned in
//! them.

use super::fourier::{Fourier, LANES, Parts};
use super::turnable::{STEPS, Turnable};
use super::{Anchor, FINE_PITCH};
use std::f64::consts::TAU;
use types::evidence::MarkKind;
use types::units::Metres;

/// Rings of an unrolled mark.
pub const RINGS: usize = 24;
/// Angles of a ring; a step is 1.4°.
pub const ANGLES: usize = 256;
/// The harmonics kept of a ring: all below the highest that so many angles
/// hold, but for the lowest: what turns with the whole ring tells little of the
/// rotation.
pub const HARMONICS: std::ops::Range<usize> = 3..ANGLES / 2;
/// Harmonics kept of a ring's mask, the mean included; it is smooth.
pub const MASK_HARMONICS: usize = 16;
/// Harmonics side by side in memory.
pub const BLOCK: usize = 16;
/// Blocks of an unrolled mark: first those of the features.
pub const FEATURE_BLOCKS: usize = HARMONICS.end / BLOCK;
/// All blocks.
pub const BLOCKS: usize = FEATURE_BLOCKS + MASK_HARMONICS / BLOCK;
/// A harmonic of 1 standard deviation, and one of a mask, in integer steps.
const FEATURE_UNIT: f32 = 48.0;
/// See `FEATURE_UNIT`.
pub const MASK_UNIT: f32 = 14.5;

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
/// angles, each ring weighted by √radius.
#[derive(Clone, Debug, PartialEq)]
pub struct Unrolled {
    /// For each block of harmonics, and of it for each ring, the real parts,
    /// then the imaginary ones: `[BLOCKS][RINGS][2][BLOCK]`. Small integers,
    /// for a search reads hundreds of these.
    pub series: Vec<i8>,
    /// Area in the measure of the mask's correlation: Σ radius · mean mask.
    pub area: f32,
}

/// Unrolls one mark about many centres.
pub struct Unroller<'a> {
    map: &'a Turnable,
    /// Each ring's radius and its points from the centre, on the finer grid.
    rings: Vec<(f64, Vec<(i32, i32)>)>,
    fourier: Fourier,
    /// Features of eight rings, and their masks as imaginary parts.
    re: Parts,
    im: Parts,
}

impl<'a> Unroller<'a> {
    /// For the fine features of a mark of `kind`.
    pub fn new(map: &'a Turnable, kind: MarkKind) -> Self {
        let point = |radius: f64, angle: usize| {
            let (s, c) = (angle as f64 * TAU / ANGLES as f64).sin_cos();
            let fine = |v: f64| (radius * v * STEPS as f64).round() as i32;
            (fine(c), fine(s))
        };
        let radii = (0..RINGS).map(|ring| Rings::of(kind).radius(ring));
        let parts = || vec![[0.0; LANES]; ANGLES];
        Self {
            map,
            rings: radii.map(|r| (r, (0..ANGLES).map(|a| point(r, a)).collect())).collect(),
            fourier: Fourier::new(ANGLES),
            re: parts(),
            im: parts(),
        }
    }

    /// Unrolls about an anchor.
    pub fn about_anchor(&mut self, anchor: &Anchor) -> Unrolled {
        self.about((2.0 * anchor.x, 2.0 * anchor.y))
    }

    /// Unrolls about the point of the finer grid that is nearest to `(x, y)`,
    /// fine pixels from the grid's centre.
    pub fn about(&mut self, (x, y): (f64, f64)) -> Unrolled {
        let (wide, high) = self.map.size();
        let centre = |v: f64, side: usize| (v * STEPS as f64 + side as f64 / 2.0).round() as i32;
        let (x, y) = (centre(x, wide), centre(y, high));
        let mut out = Unrolled { series: vec![0; BLOCKS * RINGS * 2 * BLOCK], area: 0.0 };
        for (first, rings) in self.rings.chunks(LANES).enumerate() {
            for (lane, (radius, points)) in rings.iter().enumerate() {
                let weight = radius.sqrt() as f32;
                let scale = weight / super::UNIT;
                let mut present = 0;
                let to = self.re.iter_mut().zip(&mut self.im);
                for ((re, im), &(dx, dy)) in to.zip(points) {
                    let found = self.map.at(x.saturating_add(dx), y.saturating_add(dy));
                    re[lane] = scale * f32::from(found.unwrap_or_default());
                    im[lane] = if found.is_some() { weight } else { 0.0 };
                    present += i32::from(found.is_some());
                }
                out.area += *radius as f32 * present as f32 / ANGLES as f32;
            }
            // The sign of a forward transform: real and imaginary parts exchanged.
            self.fourier.inverse(&mut self.im, &mut self.re);
            self.keep(first * LANES, &mut out);
        }
        out
    }

    /// Takes apart the transforms of features and masks, which are real.
    fn keep(&self, first: usize, out: &mut Unrolled) {
        let harmonics = HARMONICS.map(|k| (k, k, false));
        let mask = (0..MASK_HARMONICS).map(|k| (FEATURE_BLOCKS * BLOCK + k, k, true));
        for (place, k, of_mask) in harmonics.chain(mask) {
            let unit = if of_mask { MASK_UNIT } else { FEATURE_UNIT } * 0.5 / ANGLES as f32;
            let other = (ANGLES - k) % ANGLES;
            let (a, b) = (&self.re[k], &self.im[k]);
            let (c, d) = (&self.re[other], &self.im[other]);
            let at = (place / BLOCK * RINGS + first) * 2 * BLOCK + place % BLOCK;
            for lane in 0..LANES {
                let (a, b, c, d) = (a[lane], b[lane], c[lane], d[lane]);
                let (re, im) = if of_mask { (b + d, c - a) } else { (a + c, b - d) };
                let at = at + lane * 2 * BLOCK;
                out.series[at] = whole(unit * re);
                out.series[at + BLOCK] = whole(unit * im);
            }
        }
    }
}

/// The nearest small integer.
fn whole(v: f32) -> i8 {
    // What is cast is positive.
    ((v.clamp(-127.0, 127.0) + 128.5) as i32 - 128) as i8
}

const _: () = assert!(RINGS.is_multiple_of(LANES) && HARMONICS.end.is_multiple_of(BLOCK));
