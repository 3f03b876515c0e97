//! The tip of a firing pin: what a model's pins have in common, what one has of
//! its own, and what a strike makes of it.
//!
//! Pins of a model are turned or milled to one drawing: shape, size, depth and
//! the rings that the lathe left are *class*. What files, polish and wear left on
//! one pin is its own. Amplitudes are those of a primer's metal in a band of
//! 16–250 µm: 1–2 µm rms.

use super::random::{Field, Purpose, Stream, mix};
use types::evidence::FiringPinShape;

/// A model of firing pin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PinClass {
    /// Seed of the drawing: size, aspect, depth, rings.
    pub seed: u64,
    /// Shape of the tip.
    pub shape: FiringPinShape,
}

/// The tip of one pin. Lengths in µm.
#[derive(Clone, Debug)]
pub(super) struct Tip {
    shape: FiringPinShape,
    /// Half its length and width.
    half: (f64, f64),
    /// How deep it is driven in.
    depth: f64,
    /// Share of the half over which the wall of a flat tip rises.
    wall: f64,
    /// The lathe's rings: amplitude, distance, phase.
    rings: (f64, f64, f64),
    /// Its own marks, fine and medium, unit rms.
    fine: Field,
    medium: Field,
}

/// One strike. Lengths in µm.
#[derive(Clone, Debug)]
pub(super) struct Strike {
    /// Where the pin came down, from the aperture's centre.
    place: (f64, f64),
    /// Depth of this strike over that of the drawing.
    depth: f64,
    /// Lean of the pin, rise over run.
    lean: (f64, f64),
    /// What this strike alone left, unit rms.
    residue: Field,
}

/// Tolerance of a pin's size.
const TOLERANCE: f64 = 0.015;
/// Rms of a pin's own marks in µm, fine and medium.
const OWN_UM: (f64, f64) = (1.0, 1.1);

impl Tip {
    pub(super) fn new(class: PinClass, gun: u64) -> Self {
        let mut drawing = Stream::new(class.seed, Purpose::Tip);
        let size = drawing.between(520.0, 700.0);
        let aspect = drawing.between(1.2, 1.5);
        let depth = drawing.between(220.0, 340.0);
        let wall = drawing.between(0.15, 0.3);
        let rings =
            (drawing.between(0.3, 0.9), drawing.between(45.0, 110.0), drawing.between(0.0, 6.0));
        let mut rng = Stream::new(mix(gun, class.seed), Purpose::Tip);
        let mut made = |nominal: f64| nominal * (1.0 + TOLERANCE * rng.between(-1.0, 1.0));
        let half = match class.shape {
            FiringPinShape::Rectangular | FiringPinShape::Elliptical => {
                (made(size / aspect.sqrt()), made(size * aspect.sqrt()))
            }
            _ => {
                let half = made(size);
                (half, half)
            }
        };
        Self {
            shape: class.shape,
            half,
            depth,
            wall,
            rings,
            fine: Field::texture(&mut rng, (14.0, 14.0), 45.0),
            medium: Field::texture(&mut rng, (34.0, 34.0), 110.0),
        }
    }

    /// How far from the middle a place of the pin's frame is, as a share of the
    /// tip's own outline.
    pub(super) fn share(&self, x: f64, y: f64) -> f64 {
        let (u, v) = (x / self.half.0, y / self.half.1);
        match self.shape {
            FiringPinShape::Rectangular => (u.powi(8) + v.powi(8)).powf(0.125),
            _ => u.hypot(v),
        }
    }

    /// Height in µm of the impression at a place of the pin's frame that lies
    /// within the outline; `fidelity` as in [`super::Conditions`].
    pub(super) fn height(&self, strike: &Strike, (x, y): (f64, f64), fidelity: f64) -> f64 {
        let q = self.share(x, y);
        let form = match self.shape {
            FiringPinShape::Hemispherical | FiringPinShape::Elliptical => 1.0 - q * q,
            _ => (1.0 - q).max(0.0) / self.wall,
        };
        // A flat tip has a rounded edge.
        let form = if form < 1.0 { form } else { 1.0 };
        let (amplitude, distance, phase) = self.rings;
        let ring = amplitude * (std::f64::consts::TAU * x.hypot(y) / distance + phase).sin();
        let own = OWN_UM.0 * self.fine.at(x, y) + OWN_UM.1 * self.medium.at(x, y);
        let shot = OWN_UM.0.hypot(OWN_UM.1) * strike.residue.at(x, y);
        ring - self.depth * strike.depth * form
            + strike.lean.0 * x
            + strike.lean.1 * y
            + fidelity.sqrt() * own
            + (1.0 - fidelity).sqrt() * shot
    }
}

impl Strike {
    pub(super) fn new(seed: u64) -> Self {
        let mut rng = Stream::new(seed, Purpose::Strike);
        Self {
            place: (12.0 * rng.normal(), 12.0 * rng.normal()),
            depth: rng.between(0.9, 1.1),
            lean: (0.02 * rng.normal(), 0.02 * rng.normal()),
            residue: Field::texture(&mut rng, (18.0, 18.0), 90.0),
        }
    }

    /// A place from the aperture's centre as seen from where the pin came down.
    pub(super) const fn from(&self, x: f64, y: f64) -> (f64, f64) {
        (x - self.place.0, y - self.place.1)
    }
}
