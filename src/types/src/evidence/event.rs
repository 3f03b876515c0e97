//! What happened, where and when.

use super::words::word_enum;
use super::{AgencyId, CaseId, PartialDate, Scene, SceneId};
use crate::error::{Error, Kind, Result};
use crate::message::say;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

word_enum!(
    /// The sort of an event at which casings were found.
    EventKind {
        /// Shots were fired.
        Shooting = "shooting" | "shots_fired",
        /// Somebody was killed.
        Homicide = "homicide" | "murder" | "homicidio",
        /// Somebody was attacked.
        Assault = "assault" | "lesiones",
        /// Something was robbed.
        Robbery = "robbery" | "robo",
        /// Casings were found, no more is known.
        Found = "found" | "find",
        /// Anything else.
        Other = "other",
    }
);

/// A point on the WGS 84 ellipsoid.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "Degrees", into = "Degrees")]
#[schemars(with = "Degrees")]
pub struct Coordinates {
    latitude: f64,
    longitude: f64,
}

/// [`Coordinates`] as they are written, in degrees.
#[derive(Clone, Copy, Serialize, Deserialize, JsonSchema)]
struct Degrees {
    latitude: f64,
    longitude: f64,
}

/// Mean radius of the earth in kilometres (IUGG).
const EARTH_KM: f64 = 6371.0088;

impl Coordinates {
    /// A point by its latitude (−90 to 90, north positive) and longitude (−180
    /// to 180, east positive) in degrees.
    ///
    /// # Errors
    /// [`Kind::BadInput`] for a point that is not on the globe.
    pub fn new(latitude: f64, longitude: f64) -> Result<Self> {
        if latitude.abs() <= 90.0 && longitude.abs() <= 180.0 {
            return Ok(Self { latitude, longitude });
        }
        let what = say!("latitude {latitude}, longitude {longitude} is no point on the globe");
        Err(Error::new(Kind::BadInput, what)
            .advise(say!("decimal degrees, latitude first; west and south are negative")))
    }

    /// Degrees north of the equator.
    pub const fn latitude(self) -> f64 {
        self.latitude
    }

    /// Degrees east of Greenwich.
    pub const fn longitude(self) -> f64 {
        self.longitude
    }

    /// The distance on a sphere, in kilometres (haversine formula); within
    /// 0.6 % of that on the ellipsoid.
    pub fn km_to(self, other: Self) -> f64 {
        let (a, b) = (self.latitude.to_radians(), other.latitude.to_radians());
        let (dy, dx) = ((b - a) / 2.0, (other.longitude - self.longitude).to_radians() / 2.0);
        let h = dy.sin().powi(2) + a.cos() * b.cos() * dx.sin().powi(2);
        2.0 * EARTH_KM * h.sqrt().min(1.0).asin()
    }
}

impl TryFrom<Degrees> for Coordinates {
    type Error = Error;
    fn try_from(d: Degrees) -> Result<Self> {
        Self::new(d.latitude, d.longitude)
    }
}

impl From<Coordinates> for Degrees {
    fn from(c: Coordinates) -> Self {
        Self { latitude: c.latitude, longitude: c.longitude }
    }
}

/// Where something happened, as far as it is known.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Place {
    /// ISO 3166-2 code of the state (`MX-CHH`, `US-TX`).
    pub state: Option<String>,
    /// City, municipality or county, as written.
    pub municipality: Option<String>,
    /// The point.
    pub coordinates: Option<Coordinates>,
}

/// An event at which casings were found: a scene.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Event {
    /// The scene's identifier, as in manifests.
    pub id: SceneId,
    /// What sort of event.
    pub kind: Option<EventKind>,
    /// When it happened.
    pub date: Option<PartialDate>,
    /// Where it happened.
    #[serde(default)]
    pub place: Place,
    /// The agency that handles it.
    pub agency: Option<AgencyId>,
    /// The case it belongs to.
    pub case: Option<CaseId>,
}

impl Event {
    /// What the record of a casing says of its scene, as an event.
    pub fn of_scene(scene: &Scene) -> Self {
        Self {
            id: scene.id.clone(),
            kind: None,
            date: scene.date,
            place: Place { state: scene.state.clone(), ..Place::default() },
            agency: scene.agency.as_ref().and_then(|a| AgencyId::new(a.clone()).ok()),
            case: scene.case.clone(),
        }
    }

    /// The event as the record of a casing found there has it.
    pub fn scene(&self) -> Scene {
        Scene {
            id: self.id.clone(),
            date: self.date,
            state: self.place.state.clone(),
            agency: self.agency.as_ref().map(ToString::to_string),
            case: self.case.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn distances_are_those_of_the_globe() {
        let at = |latitude, longitude| Coordinates::new(latitude, longitude).unwrap();
        let (el_paso, juarez) = (at(31.7587, -106.4869), at(31.7333, -106.4833));
        assert!((el_paso.km_to(juarez) - 2.85).abs() < 0.05);
        let (tijuana, matamoros) = (at(32.5149, -117.0382), at(25.8690, -97.5027));
        assert!((tijuana.km_to(matamoros) - 2022.0).abs() < 10.0);
        assert!((at(0.0, 179.9).km_to(at(0.0, -179.9)) - 22.24).abs() < 0.01);
        assert!(Coordinates::new(-106.48, 31.73).is_err(), "longitude first");
        assert!(Coordinates::new(f64::NAN, 0.0).is_err());
    }
}
