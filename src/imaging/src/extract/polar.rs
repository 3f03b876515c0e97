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
use std::ops::Range;
use types::evidence::MarkKind;
use types::units::Metres;

/// Rings of an unrolled mark.
pub const RINGS: usize = 24;
/// Rings of a mark unrolled to be compared with fragments, nearer to each
/// other: what a fragment shows lies on few of them.
pub const FRAGMENT_RINGS: usize = 40;
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
const MASK_UNIT: f32 = 14.5;
/// The same of the features' energy, whose mean over a ring may be above 1.
const ENERGY_UNIT: f32 = 7.25;

/// Radii of the rings, in fine pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rings {
    first: f64,
    spacing: f64,
    count: usize,
    /// Whether the energy of the features stands for their mask.
    by_energy: bool,
}

impl Rings {
    /// A firing-pin impression is some 0.3–1 mm in radius. Of wider marks the
    /// middle is left out: the pin's hole is there, and its short rings add
    /// nothing to the rotation.
    pub fn of(kind: MarkKind) -> Self {
        match kind {
            MarkKind::FiringPin => Self::new(60.0, 40.0, RINGS),
            MarkKind::BreechFace | MarkKind::Ejector | MarkKind::ApertureShear => {
                Self::new(480.0, 60.0, RINGS)
            }
        }
    }

    /// For a comparison with fragments, which may lie at the outermost edge. A
    /// fragment may show faint features only; what chance gives there goes with
    /// their energy, so that it is kept in place of the mask.
    pub fn for_fragments(kind: MarkKind) -> Self {
        let rings = match kind {
            MarkKind::FiringPin => Self::new(60.0, 25.0, FRAGMENT_RINGS),
            MarkKind::BreechFace | MarkKind::Ejector | MarkKind::ApertureShear => {
                Self::new(480.0, 40.0, FRAGMENT_RINGS)
            }
        };
        Self { by_energy: true, ..rings }
    }

    fn new(first_um: f64, spacing_um: f64, count: usize) -> Self {
        let pixels = |um: f64| Metres::from_um(um) / FINE_PITCH;
        let (first, spacing) = (pixels(first_um), pixels(spacing_um));
        Self { first, spacing, count, by_energy: false }
    }

    /// Radius of a ring, in fine pixels.
    pub fn radius(self, ring: usize) -> f64 {
        self.first + ring as f64 * self.spacing
    }

    /// All of them.
    pub fn all(self) -> Range<usize> {
        0..self.count
    }

    /// Radius of the outermost ring.
    pub fn outer(self) -> f64 {
        self.radius(self.count.saturating_sub(1))
    }

    /// Whether something at this radius lies on the rings.
    pub fn hold(self, radius: f64) -> bool {
        (self.first..=self.outer()).contains(&radius)
    }

    /// The rings between two radii, and one more on either side.
    pub fn between(self, inner: f64, outer: f64) -> Range<usize> {
        let ring = |radius: f64| ((radius - self.first) / self.spacing).max(0.0);
        let end = (ring(outer).ceil() as usize + 2).min(self.count);
        (ring(inner).floor() as usize).saturating_sub(1).min(end)..end
    }
}

/// The Fourier series of a mark's rings about one centre; means over the
/// angles, each ring weighted by √radius.
#[derive(Clone, Debug, PartialEq)]
pub struct Unrolled {
    /// The rings that are kept: those on which the mark lies.
    pub rings: Range<usize>,
    /// For each block of harmonics, and of it for each ring, the real parts,
    /// then the imaginary ones: `[BLOCKS][rings][2][BLOCK]`. Small integers,
    /// for a search reads hundreds of these.
    pub series: Vec<i8>,
    /// Area in the measure of the mask's correlation: Σ radius · mean mask (or
    /// energy).
    pub area: f32,
    /// A harmonic of the mask of 1, in integer steps.
    pub unit: f32,
}

/// Unrolls one mark about many centres.
pub struct Unroller<'a> {
    map: &'a Turnable,
    /// Each ring's radius and its points from the centre, on the finer grid.
    rings: Vec<(f64, Vec<(i32, i32)>)>,
    by_energy: bool,
    fourier: Fourier,
    /// Features of eight rings, and their masks as imaginary parts.
    re: Parts,
    im: Parts,
}

impl<'a> Unroller<'a> {
    /// For the fine features of a mark.
    pub fn new(map: &'a Turnable, rings: Rings) -> Self {
        let point = |radius: f64, angle: usize| {
            let (s, c) = (angle as f64 * TAU / ANGLES as f64).sin_cos();
            let fine = |v: f64| (radius * v * STEPS as f64).round() as i32;
            (fine(c), fine(s))
        };
        let radii = (0..rings.count).map(|ring| rings.radius(ring));
        let parts = || vec![[0.0; LANES]; ANGLES];
        Self {
            map,
            rings: radii.map(|r| (r, (0..ANGLES).map(|a| point(r, a)).collect())).collect(),
            by_energy: rings.by_energy,
            fourier: Fourier::new(ANGLES),
            re: parts(),
            im: parts(),
        }
    }

    /// Unrolls about an anchor.
    pub fn about_anchor(&mut self, anchor: &Anchor) -> Unrolled {
        self.about((2.0 * anchor.x, 2.0 * anchor.y), 0..self.rings.len())
    }

    /// Unrolls some rings about the point of the finer grid that is nearest to
    /// `(x, y)`, fine pixels from the grid's centre.
    pub fn about(&mut self, (x, y): (f64, f64), rings: Range<usize>) -> Unrolled {
        let (wide, high) = self.map.size();
        let centre = |v: f64, side: usize| (v * STEPS as f64 + side as f64 / 2.0).round() as i32;
        let (x, y) = (centre(x, wide), centre(y, high));
        let series = vec![0; BLOCKS * rings.len() * 2 * BLOCK];
        let unit = if self.by_energy { ENERGY_UNIT } else { MASK_UNIT };
        let mut out = Unrolled { rings: rings.clone(), series, area: 0.0, unit };
        for (first, rings) in self.rings[rings].chunks(LANES).enumerate() {
            for (lane, (radius, points)) in rings.iter().enumerate() {
                let weight = radius.sqrt() as f32;
                let scale = weight / super::UNIT;
                let mut sum = 0.0;
                let to = self.re.iter_mut().zip(&mut self.im);
                for ((re, im), &(dx, dy)) in to.zip(points) {
                    let found = self.map.at(x.saturating_add(dx), y.saturating_add(dy));
                    let value = f32::from(found.unwrap_or_default());
                    let present = if self.by_energy {
                        (value / super::UNIT) * (value / super::UNIT)
                    } else {
                        f32::from(u8::from(found.is_some()))
                    };
                    (re[lane], im[lane]) = (scale * value, weight * present);
                    sum += present;
                }
                out.area += *radius as f32 * sum / ANGLES as f32;
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
        let rings = out.rings.len();
        for (place, k, of_mask) in harmonics.chain(mask) {
            let unit = if of_mask { out.unit } else { FEATURE_UNIT } * 0.5 / ANGLES as f32;
            let other = (ANGLES - k) % ANGLES;
            let (a, b) = (&self.re[k], &self.im[k]);
            let (c, d) = (&self.re[other], &self.im[other]);
            let at = (place / BLOCK * rings + first) * 2 * BLOCK + place % BLOCK;
            for lane in 0..LANES.min(rings - first) {
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

const _: () = assert!(HARMONICS.end.is_multiple_of(BLOCK));
