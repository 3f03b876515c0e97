//! Firing: what one shot leaves on one primer.

use super::firearm::Firearm;
use super::random::{Field, Purpose, Stream, mix};
use super::tip::Strike;
use types::evidence::FiringPinShape;

/// How a primer's own surface was finished.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PrimerFinish {
    /// As drawn: fine lines across.
    #[default]
    Drawn,
    /// Brushed: long, deeper lines across.
    Brushed,
    /// Lacquered: grains twice as wide, and higher.
    Lacquered,
}

impl PrimerFinish {
    /// Smoothing of its texture along x and y in µm, and its rms as a multiple of
    /// a drawn primer's.
    const fn texture(self) -> ((f64, f64), f64) {
        match self {
            Self::Drawn => ((14.0, 28.0), 1.0),
            Self::Brushed => ((10.0, 160.0), 1.6),
            Self::Lacquered => ((30.0, 30.0), 2.0),
        }
    }
}

/// How well a shot transferred the breech face to the primer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Conditions {
    /// Share of the primer pressed fully against the breech face, about 0–1.
    pub contact: f64,
    /// Share of the impression's variance that is the gun's own surface where
    /// contact is full, 0–1; the rest is dirt, lacquer and slip of this shot.
    pub fidelity: f64,
    /// Standard deviation in µm of the Gaussian by which brass flattens detail.
    pub flattening_um: f64,
    /// Shots the gun had fired before shot 0.
    pub shots_before: u64,
    /// The primer.
    pub primer: PrimerFinish,
}

impl Default for Conditions {
    fn default() -> Self {
        Self {
            contact: 0.85,
            fidelity: 0.78,
            flattening_um: 5.0,
            shots_before: 0,
            primer: PrimerFinish::Drawn,
        }
    }
}

/// Radius of the primer's flat in µm (small pistol primer), of the groove
/// around it and depth of that groove.
const PRIMER_RADIUS: f64 = 1750.0;
const GROOVE_OUTER: f64 = 2250.0;
const GROOVE_DEPTH: f64 = 320.0;
/// Depth of the firing-pin impression below the primer in µm.
const PIN_DEPTH: f64 = 330.0;

/// A fired cartridge case: the head's surface as a continuous function of gun
/// coordinates.
#[derive(Clone, Debug)]
pub struct Casing {
    pub(super) seed: u64,
    gun: Firearm,
    /// Breech face after wear and flattening, µm.
    impression: Field,
    /// What this shot alone added, unit rms.
    residue: Field,
    /// Unevenness of contact pressure, unit rms.
    pressure: Field,
    /// The unfired primer's own surface, unit rms.
    blank: Field,
    /// Unevenness of flow-back and edges over some 300 µm, unit rms.
    flow: Field,
    /// Torn and burred metal at the edges, unit rms.
    ragged: Field,
    /// Where the primer sat relative to the bore axis, µm.
    seat: (f64, f64),
    tilt: (f64, f64),
    rim: f64,
    dome: f64,
    /// How a pin of a model came down.
    strike: Option<Strike>,
    conditions: Conditions,
}

/// Fires shot number `shot` of a gun.
pub fn fire(gun: &Firearm, shot: u64, conditions: Conditions) -> Casing {
    let seed = mix(gun.seed, shot);
    let shots = conditions.shots_before.saturating_add(shot);
    let mut impression = Field::sampled(512, |x, y| gun.breech_face(x, y, shots));
    impression.smooth(conditions.flattening_um, conditions.flattening_um);
    let texture =
        |purpose, sigma, coarse| Field::texture(&mut Stream::new(seed, purpose), sigma, coarse);
    let mut rng = Stream::new(seed, Purpose::Shot);
    Casing {
        seed,
        gun: gun.clone(),
        impression,
        residue: texture(Purpose::Residue, (18.0, 18.0), 90.0),
        pressure: texture(Purpose::Contact, (320.0, 320.0), f64::INFINITY),
        blank: texture(Purpose::Ammunition, conditions.primer.texture().0, 120.0),
        flow: texture(Purpose::Flow, (150.0, 150.0), f64::INFINITY),
        ragged: texture(Purpose::Ragged, (13.0, 13.0), 60.0),
        seat: (35.0 * rng.normal(), 35.0 * rng.normal()),
        tilt: (0.25 * rng.normal(), 0.25 * rng.normal()),
        rim: rng.between(28.0, 55.0),
        dome: rng.between(-6.0, 10.0),
        strike: gun.pin.tip.is_some().then(|| Strike::new(seed)),
        conditions,
    }
}

impl Casing {
    /// Height in µm of the casing's head at `(x, y)` µm in gun coordinates;
    /// 0 is the level of the breech face.
    pub(super) fn height(&self, x: f64, y: f64) -> f64 {
        let r = self.off_primer_centre(x, y);
        let flow = self.flow.at(x, y);
        let blank = self.conditions.primer.texture().1 * self.blank.at(x, y);
        let torn = self.ragged.at(x, y);
        let beyond = r - PRIMER_RADIUS - 6.0 * flow - 12.0 * torn;
        let mut z = self.dome * (1.0 - (r / PRIMER_RADIUS).powi(2));
        if beyond > 0.0 {
            if r > GROOVE_OUTER + 6.0 * flow + 6.0 * torn {
                return 1.5 * blank + 0.8 * torn - 25.0;
            }
            let shoulder = 1.0 - (-(beyond / 100.0).powi(2)).exp();
            z += shoulder * (10.0 * torn - GROOVE_DEPTH);
        }
        let d = self.outside_aperture(x, y);
        let inside = logistic(-d / 5.0);
        z += (1.0 - inside) * self.breech_mark(x, y, d, blank);
        if inside > 1e-6 {
            z += inside * (self.flow_back(d, flow) + 0.5 * blank + 0.8 * self.residue.at(x, y));
        }
        z + self.firing_pin(x, y, torn)
    }

    /// Whether `(x, y)` µm lies where the breech face pressed the primer: on
    /// the flat and clear of the aperture's disturbed edge.
    pub(super) fn on_breech_face(&self, x: f64, y: f64) -> bool {
        self.off_primer_centre(x, y) < PRIMER_RADIUS - 15.0 && self.outside_aperture(x, y) > 60.0
    }

    /// Whether `(x, y)` µm lies in the firing-pin impression.
    pub(super) fn in_firing_pin(&self, x: f64, y: f64) -> bool {
        self.pin_share(x, y) < 1.0
    }

    fn off_primer_centre(&self, x: f64, y: f64) -> f64 {
        (x - self.seat.0).hypot(y - self.seat.1)
    }

    /// Distance in µm outside (positive) or inside the edge that the aperture
    /// left, notches and drag included.
    fn outside_aperture(&self, x: f64, y: f64) -> f64 {
        let hole = &self.gun.aperture;
        let (dx, dy) = (x - hole.centre.0, y - hole.centre.1);
        let r = dx.hypot(dy).max(1.0);
        let (ex, ey) = (dx / r * hole.radius, dy / r * hole.radius);
        let notch =
            5.0 * hole.edge.at(ex, ey) + 9.0 * self.flow.at(ex, ey) + 3.0 * self.ragged.at(ex, ey);
        let along = (dx * hole.drag.0 + dy * hole.drag.1) / r;
        r - hole.radius - notch - hole.shear * (along - 0.85).max(0.0) * 5.0
    }

    /// The breech-face impression: gun surface where pressed, blank primer
    /// where not, and the furrow that the flow-back drew around the hole.
    fn breech_mark(&self, x: f64, y: f64, outside: f64, blank: f64) -> f64 {
        let pressure = self.conditions.contact - 0.5
            + 0.22 * self.pressure.at(x, y)
            + 0.25 * (self.tilt.0 * x + self.tilt.1 * y) / PRIMER_RADIUS;
        let contact = logistic(10.0 * pressure);
        let fidelity = self.conditions.fidelity;
        let own = fidelity.sqrt() * self.impression.at(x, y);
        let shot = 1.7 * (1.0 - fidelity).sqrt() * self.residue.at(x, y);
        let drawn = (0.35 + 0.25 * self.flow.at(x, y)).max(0.0);
        let furrow = -drawn * self.rim * (-outside.max(0.0) / 45.0).exp();
        contact * (own + shot) + (1.0 - contact) * (0.3 * own + 1.1 * blank) + furrow + 0.25 * blank
    }

    /// Primer metal that flowed back into the aperture: a burr at the rim and
    /// a smooth bulge inside it, higher on one side.
    fn flow_back(&self, outside: f64, flow: f64) -> f64 {
        let burr = 0.5 * (1.0 + 0.8 * flow).max(0.0) * (outside / 25.0).exp().min(1.2);
        let bulge = 0.7 + 0.15 * flow + 0.25 * (-((outside + 170.0) / 110.0).powi(2)).exp();
        self.rim * (bulge + burr)
    }

    /// A place in the firing pin's frame.
    fn on_pin(&self, x: f64, y: f64) -> (f64, f64) {
        let pin = &self.gun.pin;
        let (dx, dy) = (x - self.gun.aperture.centre.0, y - self.gun.aperture.centre.1);
        let (dx, dy) = self.strike.as_ref().map_or((dx, dy), |strike| strike.from(dx, dy));
        (pin.turn.0 * dx + pin.turn.1 * dy, pin.turn.0 * dy - pin.turn.1 * dx)
    }

    /// How far from the pin's middle a place is, as a share of its outline.
    fn pin_share(&self, x: f64, y: f64) -> f64 {
        let pin = &self.gun.pin;
        let (along, across) = self.on_pin(x, y);
        if let Some(tip) = &pin.tip {
            return tip.share(along, across);
        }
        let (u, v) = (along / pin.half.0, across / pin.half.1);
        match pin.shape {
            FiringPinShape::Rectangular => (u.powi(4) + v.powi(4)).sqrt().sqrt(),
            _ => u.hypot(v),
        }
    }

    /// The firing-pin impression in the primer.
    fn firing_pin(&self, x: f64, y: f64, torn: f64) -> f64 {
        let pin = &self.gun.pin;
        let q = self.pin_share(x, y);
        // The metal is drawn in well before the pin's edge.
        let drawn_in = -60.0 * (-((q - 1.0).max(0.0) / 0.3).powi(2)).exp();
        if q >= 1.0 {
            return drawn_in + 4.0 * torn * (drawn_in / -60.0).powi(2);
        }
        if let (Some(tip), Some(strike)) = (&pin.tip, &self.strike) {
            let edge = (q * q).powi(4);
            let fidelity = self.conditions.fidelity;
            let z = tip.height(strike, self.on_pin(x, y), fidelity);
            return drawn_in + z + 4.0 * torn * edge;
        }
        let depth = match pin.shape {
            FiringPinShape::Hemispherical | FiringPinShape::Elliptical => 1.0 - q * q,
            _ => ((1.0 - q) / 0.2).min(1.0),
        };
        let (dx, dy) = (x - self.gun.aperture.centre.0, y - self.gun.aperture.centre.1);
        drawn_in - PIN_DEPTH * depth + 1.5 * pin.texture.at(dx, dy) + 4.0 * torn * (1.0 - depth)
    }
}

fn logistic(t: f64) -> f64 {
    1.0 / (1.0 + (-t).exp())
}
