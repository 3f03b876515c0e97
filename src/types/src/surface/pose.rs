//! Rigid motion in the plane.

use crate::units::{Angle, Metres};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Maps points of one map (the source) into another (the target):
/// `target = R(rotation) · source + (dx, dy)`, both about their grid centres.
/// Name values of this type `target_from_source`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Pose {
    /// Turn from x towards y (clockwise on a screen).
    pub rotation: Angle,
    /// Shift along x after the turn.
    pub dx: Metres,
    /// Shift along y after the turn.
    pub dy: Metres,
}

impl Pose {
    /// Where the source point `(x, y)`, in metres, lies in the target.
    pub fn apply(&self, x: f64, y: f64) -> (f64, f64) {
        let (s, c) = self.rotation.rad().sin_cos();
        (c * x - s * y + self.dx.0, s * x + c * y + self.dy.0)
    }

    /// The motion back: source from target.
    #[must_use]
    pub fn inverse(&self) -> Self {
        let (s, c) = self.rotation.rad().sin_cos();
        let (x, y) = (self.dx.0, self.dy.0);
        Self {
            rotation: Angle::from_rad(-self.rotation.rad()),
            dx: Metres(-(c * x + s * y)),
            dy: Metres(-(-s * x + c * y)),
        }
    }

    /// `self ∘ first`: apply `first`, then `self`.
    #[must_use]
    pub fn after(&self, first: &Self) -> Self {
        let (dx, dy) = self.apply(first.dx.0, first.dy.0);
        Self { rotation: self.rotation.plus(first.rotation), dx: Metres(dx), dy: Metres(dy) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inverse_undoes_the_motion() {
        let p = Pose {
            rotation: Angle::from_deg(100.0),
            dx: Metres::from_um(30.0),
            dy: Metres::from_um(-70.0),
        };
        let (x, y) = p.apply(1e-4, 2e-4);
        let (x, y) = p.inverse().apply(x, y);
        assert!((x - 1e-4).abs() < 1e-12 && (y - 2e-4).abs() < 1e-12);
        let id = p.after(&p.inverse());
        assert!(id.dx.0.abs() < 1e-12 && id.rotation.rad().abs() < 1e-12);
    }
}
