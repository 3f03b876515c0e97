//! Lengths and angles as types: no bare float crosses a module boundary
//! without saying what it measures.
//!
//! Everything inside the crate is SI (metres, radians). Recipes, files and the
//! command line speak micrometres and degrees; the conversion happens here.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::f64::consts::PI;

/// A length in metres.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, PartialOrd, Serialize, Deserialize, JsonSchema,
)]
#[serde(transparent)]
pub struct Metres(pub f64);

impl Metres {
    /// A length given in micrometres.
    pub const fn from_um(micrometres: f64) -> Self {
        Self(micrometres * 1e-6)
    }

    /// This length in micrometres.
    pub const fn um(self) -> f64 {
        self.0 * 1e6
    }
}

impl std::ops::Mul<f64> for Metres {
    type Output = Self;
    fn mul(self, factor: f64) -> Self {
        Self(self.0 * factor)
    }
}

impl std::ops::Div<Metres> for Metres {
    type Output = f64;
    fn div(self, other: Self) -> f64 {
        self.0 / other.0
    }
}

impl std::fmt::Display for Metres {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let um = self.um();
        if um.abs() >= 1000.0 {
            write!(f, "{:.3} mm", um / 1000.0)
        } else {
            write!(f, "{um:.3} µm")
        }
    }
}

/// An angle in radians, always wrapped to (−π, π].
///
/// Image rows run downwards, so a positive angle turns x towards y: clockwise
/// as seen on a screen.
#[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd, Serialize, JsonSchema)]
#[serde(transparent)]
pub struct Angle(f64);

impl<'de> Deserialize<'de> for Angle {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        f64::deserialize(d).map(Self::from_rad)
    }
}

impl Angle {
    /// An angle given in radians, wrapped.
    pub fn from_rad(radians: f64) -> Self {
        let turns = (radians + PI) / (2.0 * PI);
        let mut r = radians - 2.0 * PI * turns.floor();
        if r <= -PI {
            r += 2.0 * PI;
        }
        Self(r)
    }

    /// An angle given in degrees, wrapped.
    pub fn from_deg(degrees: f64) -> Self {
        Self::from_rad(degrees.to_radians())
    }

    /// Radians in (−π, π].
    pub const fn rad(self) -> f64 {
        self.0
    }

    /// Degrees in (−180, 180].
    pub fn deg(self) -> f64 {
        self.0.to_degrees()
    }

    /// The shortest signed turn from `other` to `self`.
    pub fn minus(self, other: Self) -> Self {
        Self::from_rad(self.0 - other.0)
    }

    /// The sum, wrapped.
    pub fn plus(self, other: Self) -> Self {
        Self::from_rad(self.0 + other.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn angles_wrap_at_half_a_turn() {
        assert!((Angle::from_deg(190.0).deg() + 170.0).abs() < 1e-9);
        assert!((Angle::from_deg(-180.0).deg() - 180.0).abs() < 1e-9);
        assert!((Angle::from_deg(180.0).deg() - 180.0).abs() < 1e-9);
        let d = Angle::from_deg(179.0).minus(Angle::from_deg(-179.0));
        assert!((d.deg() + 2.0).abs() < 1e-9, "{}", d.deg());
    }
}
