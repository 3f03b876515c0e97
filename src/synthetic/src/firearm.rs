//! The parts of a gun that mark a cartridge case.

use super::random::{Field, Purpose, Stream, mix};
use super::tip::{PinClass, Tip};
use types::evidence::FiringPinShape;

/// How the breech face was finished.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BreechFinish {
    /// Blasted or filed and worn: isotropic grains and pits.
    Granular,
    /// Straight parallel tool marks with a weaker cross texture.
    Milled,
    /// Tool marks on arcs of a few millimetres' radius.
    ArcMilled,
}

/// What consecutively made guns have in common.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SubClass {
    /// Seed of the common tool marks.
    pub seed: u64,
    /// Share of the texture's variance that is common, 0–1.
    pub share: f64,
}

/// A gun as the marks on a casing know it, in *gun coordinates*: micrometres
/// from the bore axis, x right and y down as seen on the casing's head, heights
/// as the casing shows them (a pit of the breech face is a bump).
#[derive(Clone, Debug)]
pub struct Firearm {
    pub(super) seed: u64,
    finish: Finish,
    wear: Finish,
    pub(super) aperture: Aperture,
    pub(super) pin: FiringPin,
}

/// The firing-pin hole of the breech face.
#[derive(Clone, Debug)]
pub(super) struct Aperture {
    /// Centre in gun coordinates, µm.
    pub(super) centre: (f64, f64),
    /// Radius in µm.
    pub(super) radius: f64,
    /// Direction (unit vector) in which the dropping barrel drags the casing.
    pub(super) drag: (f64, f64),
    /// Length of the sheared patch along the drag, µm.
    pub(super) shear: f64,
    /// Notches of the hole's edge, unit rms, read around the edge.
    pub(super) edge: Field,
}

/// The tip of the firing pin.
#[derive(Clone, Debug)]
pub(super) struct FiringPin {
    pub(super) shape: FiringPinShape,
    /// Half the tip's length and width, µm.
    pub(super) half: (f64, f64),
    /// Turn of the tip: (cos, sin).
    pub(super) turn: (f64, f64),
    /// Machining marks of the tip, unit rms.
    pub(super) texture: Field,
    /// The tip of a pin that is to be compared, in place of all that.
    pub(super) tip: Option<Tip>,
}

impl Firearm {
    /// The gun of this seed, made by itself.
    pub fn new(seed: u64, finish: BreechFinish) -> Self {
        Self::consecutive(seed, finish, SubClass { seed: 0, share: 0.0 })
    }

    /// The gun of this seed from a production line whose tools left common
    /// marks (sub-class characteristics) on all guns of `line`.
    pub fn consecutive(seed: u64, finish: BreechFinish, line: SubClass) -> Self {
        // One machine setting makes a line, and wear keeps its direction.
        let setting = if line.share > 0.0 { line.seed } else { seed };
        let path = ToolPath::new(&mut Stream::new(setting, Purpose::ToolPath), finish);
        let mut rng = Stream::new(seed, Purpose::Pin);
        let angle = rng.between(0.0, std::f64::consts::TAU);
        let off_axis = rng.between(120.0, 280.0);
        let drag = rng.between(-0.3, 0.3);
        let aperture = Aperture {
            centre: (off_axis * angle.cos(), off_axis * angle.sin()),
            radius: rng.between(1020.0, 1170.0),
            drag: (drag.sin(), drag.cos()),
            shear: rng.between(80.0, 220.0),
            edge: Field::texture(&mut rng, (60.0, 60.0), f64::INFINITY),
        };
        let turn = rng.between(-0.2, 0.2);
        let size = rng.between(600.0, 680.0);
        let pin = FiringPin {
            shape: FiringPinShape::Hemispherical,
            half: (size, size),
            turn: (turn.cos(), turn.sin()),
            texture: Field::texture(&mut rng, (14.0, 14.0), 60.0),
            tip: None,
        };
        Self {
            seed,
            finish: Finish::new(seed, path, line, 0.0),
            wear: Finish::new(mix(seed, Purpose::Wear as u64), path, line, 0.0),
            aperture,
            pin,
        }
    }

    /// The same gun with a firing-pin tip of another shape.
    #[must_use]
    pub fn with_pin(mut self, shape: FiringPinShape) -> Self {
        let size = self.pin.half.0;
        self.pin.half = match shape {
            FiringPinShape::Rectangular => (0.75 * size, 1.15 * size),
            FiringPinShape::Elliptical => (0.8 * size, 1.1 * size),
            _ => (size, size),
        };
        self.pin.shape = shape;
        self
    }

    /// The same gun with a firing pin of a model, whose marks are its own.
    #[must_use]
    pub fn with_pin_of(mut self, class: PinClass) -> Self {
        self.pin.shape = class.shape;
        self.pin.tip = Some(Tip::new(class, self.seed));
        self
    }

    /// Shape of the firing-pin tip.
    pub const fn pin_shape(&self) -> FiringPinShape {
        self.pin.shape
    }

    /// Height in µm of the breech face at `(x, y)` µm when `shots` have worn
    /// it: the new finish fades into another one of the same kind over about
    /// 3000 shots.
    pub(super) fn breech_face(&self, x: f64, y: f64, shots: u64) -> f64 {
        let worn = 1.0 - (-(shots as f64) / 3000.0).exp();
        let mut z = (1.0 - worn).sqrt() * self.finish.at(x, y);
        if worn > 0.0 {
            z += worn.sqrt() * self.wear.at(x, y);
        }
        z
    }
}

/// The texture of a breech face with its sub-class share.
#[derive(Clone, Debug)]
pub(super) struct Finish {
    own: Marks,
    common: Option<(Marks, f64)>,
    rms: f64,
}

impl Finish {
    /// The texture without waves shorter than a Gaussian of `finest` µm.
    pub(super) fn new(seed: u64, path: ToolPath, line: SubClass, finest: f64) -> Self {
        let mut rng = Stream::new(seed, Purpose::Finish);
        let rms = rng.between(1.4, 2.0);
        let common = (line.share > 0.0).then(|| {
            let mut rng = Stream::new(line.seed, Purpose::SubClass);
            (Marks::new(&mut rng, path, finest), line.share.min(1.0))
        });
        Self { own: Marks::new(&mut rng, path, finest), common, rms }
    }

    /// Height in µm at `(x, y)` µm.
    pub(super) fn at(&self, x: f64, y: f64) -> f64 {
        let own = self.own.at(x, y);
        let z = match &self.common {
            None => own,
            Some((common, share)) => (1.0 - share).sqrt() * own + share.sqrt() * common.at(x, y),
        };
        self.rms * z
    }
}

/// One tool's marks, unit rms: fine and medium waves of the same geometry.
#[derive(Clone, Debug)]
struct Marks {
    path: ToolPath,
    fine: Field,
    medium: Field,
    cross: Option<Field>,
}

/// Which way the tool went: maps gun coordinates to (across, along) the marks.
#[derive(Clone, Copy, Debug)]
pub(super) enum ToolPath {
    None,
    Straight { cos: f64, sin: f64 },
    Arc { centre: (f64, f64), radius: f64 },
}

impl ToolPath {
    pub(super) fn new(rng: &mut Stream, finish: BreechFinish) -> Self {
        let turn = rng.between(0.0, std::f64::consts::PI);
        let radius = rng.between(2500.0, 6000.0);
        match finish {
            BreechFinish::Granular => Self::None,
            BreechFinish::Milled => Self::Straight { cos: turn.cos(), sin: turn.sin() },
            BreechFinish::ArcMilled => Self::Arc { centre: (-radius, 0.0), radius },
        }
    }

    fn across_along(self, x: f64, y: f64) -> (f64, f64) {
        match self {
            Self::None => (x, y),
            Self::Straight { cos, sin } => (cos * x + sin * y, cos * y - sin * x),
            Self::Arc { centre, radius } => {
                let (dx, dy) = (x - centre.0, y - centre.1);
                (dx.hypot(dy) - radius, radius * dy.atan2(dx))
            }
        }
    }
}

impl Marks {
    fn new(rng: &mut Stream, path: ToolPath, finest: f64) -> Self {
        let scale = rng.between(0.85, 1.3);
        let isotropic = matches!(path, ToolPath::None);
        let mut waves = |sigma: f64, coarse: f64, along: f64| {
            let along = if isotropic { sigma } else { along };
            Field::texture(
                rng,
                ((scale * sigma).max(finest), (scale * along).max(finest)),
                scale * coarse,
            )
        };
        Self {
            path,
            fine: waves(16.0, 48.0, 260.0),
            medium: waves(45.0, 120.0, 600.0),
            cross: (!isotropic)
                .then(|| Field::texture(rng, (finest.max(20.0), finest.max(20.0)), 80.0)),
        }
    }

    fn at(&self, x: f64, y: f64) -> f64 {
        let (across, along) = self.path.across_along(x, y);
        let waves = 0.8 * self.fine.at(across, along) + 0.6 * self.medium.at(across, along);
        // Tools and grains cut pits deeper than they raise ridges; on the
        // casing that is a skew towards bumps.
        let skewed = (waves + 0.15 * (waves * waves - 1.0)) / 1.02;
        match &self.cross {
            None => skewed,
            Some(cross) => 0.87 * skewed + 0.5 * cross.at(x, y),
        }
    }
}
