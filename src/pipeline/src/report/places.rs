//! Where things are drawn on a map.

use casework::Register;
use report::{PlaceOnMap, Precision};
use std::collections::BTreeMap;
use types::evidence::capital;
use types::evidence::{Coordinates, Place as Known, plain};

/// The municipalities of which a store has coordinates.
pub struct Places(BTreeMap<(String, String), Coordinates>);

impl Places {
    /// Those of the recorded events; of several in one municipality the first
    /// by name.
    pub fn of(register: &Register) -> Self {
        let scenes = register.events.values().map(|e| &e.place);
        let firearms = register.firearm_events.iter().map(|e| &e.place);
        let mut found = BTreeMap::new();
        for place in scenes.chain(firearms) {
            if let (Some(key), Some(at)) = (key(place), place.coordinates) {
                found.entry(key).or_insert(at);
            }
        }
        Self(found)
    }

    /// Where something is drawn: at its own coordinates, else where something
    /// else was recorded in the same municipality, else for the whole state.
    pub fn drawn(&self, known: &Known) -> Option<PlaceOnMap> {
        let at = |c: Coordinates, precision| PlaceOnMap {
            latitude: c.latitude(),
            longitude: c.longitude(),
            precision,
        };
        let own = known.coordinates.map(|c| at(c, Precision::Recorded));
        let near = || Some(at(*self.0.get(&key(known)?)?, Precision::Municipality));
        let state = || {
            let (latitude, longitude) = capital(known.state.as_deref()?)?;
            Some(PlaceOnMap { latitude, longitude, precision: Precision::State })
        };
        own.or_else(near).or_else(state)
    }
}

fn key(place: &Known) -> Option<(String, String)> {
    Some((place.state.clone()?, plain(place.municipality.as_deref()?)))
}
