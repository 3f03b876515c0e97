//! Which casings of a gallery a probe is searched against. Older systems lost
//! true matches silently: here what is not known passes every filter, and
//! every exclusion says why.

use super::calibre_family;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use types::evidence::{CasingRecord, FiringPinShape, PartialDate};
use types::message::{Message, say};

/// Filters by class characteristics, time and place; off where not set.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SearchRules {
    /// Only casings of the probe's calibre family.
    pub calibre: bool,
    /// Only casings with the probe's shape of firing pin.
    pub firing_pin: bool,
    /// Only scenes that may have been in this time.
    pub dates: Option<PartialDate>,
    /// Only scenes in states whose ISO 3166-2 codes begin so: `MX`, `US-TX`.
    pub regions: BTreeSet<String>,
    /// Only scenes in the probe's own part of the map, or not in it.
    pub partition: Option<Partition>,
}

/// How the map is divided for searching.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Partition {
    /// The probe's state.
    State,
    /// The region that holds the probe's state: named sets of codes as in
    /// [`SearchRules::regions`]. A state in none of them passes.
    Region(BTreeMap<String, BTreeSet<String>>),
    /// The probe's country.
    Nation,
    /// Other countries than the probe's.
    CrossBorder,
}

/// Why a casing was not compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// Another calibre family.
    Calibre,
    /// Another shape of firing pin.
    FiringPin,
    /// Outside the time.
    Date,
    /// In another region than those asked for.
    Region,
    /// In another state than the probe.
    OtherState,
    /// In another region than the probe.
    OtherRegion,
    /// In another country than the probe.
    OtherNation,
    /// In the probe's own country.
    SameNation,
    /// It bears no mark like the probe's.
    NoMark,
    /// The quality gate found its mark, or the probe's, unusable.
    Unusable,
    /// Its sketch was not among those most like the probe's.
    Screened,
    /// Its turn has not come.
    Pending,
}

impl Reason {
    /// The reason in words.
    pub fn words(self) -> Message {
        match self {
            Self::Calibre => say!("another calibre family"),
            Self::FiringPin => say!("another shape of firing pin"),
            Self::Date => say!("outside the time searched"),
            Self::Region => say!("outside the regions searched"),
            Self::OtherState => say!("in another state"),
            Self::OtherRegion => say!("in another region"),
            Self::OtherNation => say!("in another country"),
            Self::SameNation => say!("in the same country"),
            Self::NoMark => say!("no mark of the same kind, measured in the same way"),
            Self::Unusable => say!("a mark not fit to be compared"),
            Self::Screened => say!("screened out: less alike than the shortlist"),
            Self::Pending => say!("not yet compared"),
        }
    }
}

/// What the rules look at. Casings that share it are treated alike.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Class {
    /// Calibre family.
    pub calibre: Option<String>,
    /// Shape of the firing pin.
    pub firing_pin: Option<FiringPinShape>,
    /// First and last day that the scene may have been.
    pub dates: Option<(String, String)>,
    /// ISO 3166-2 code of the scene's state.
    pub state: Option<String>,
}

impl Class {
    fn country(&self) -> Option<&str> {
        self.state.as_deref()?.split('-').next()
    }
}

impl SearchRules {
    /// Whether nothing is excluded.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// What these rules look at of a casing; what they do not is left out.
    pub fn class(&self, casing: &CasingRecord) -> Class {
        let scene = casing.scene.as_ref();
        let days = |d: PartialDate| (d.first().to_string(), d.last().to_string());
        let placed = !self.regions.is_empty() || self.partition.is_some();
        Class {
            calibre: casing
                .calibre
                .as_deref()
                .filter(|_| self.calibre)
                .and_then(|written| calibre_family(written).map(str::to_owned)),
            firing_pin: Some(casing.firing_pin_shape)
                .filter(|s| self.firing_pin && *s != FiringPinShape::Unknown),
            dates: scene.and_then(|s| s.date).filter(|_| self.dates.is_some()).map(days),
            state: scene.and_then(|s| s.state.clone()).filter(|_| placed),
        }
    }

    /// Why a probe of one class is not searched against casings of another;
    /// empty where it is.
    pub fn reasons(&self, probe: &Class, other: &Class) -> Vec<Reason> {
        let window = self.dates.map(|d| (d.first().to_string(), d.last().to_string()));
        // ISO 8601 days sort by time.
        let outside = window
            .zip(other.dates.as_ref())
            .is_some_and(|((first, last), (from, to))| *to < first || *from > last);
        let elsewhere = !self.regions.is_empty()
            && other.state.as_ref().is_some_and(|s| !in_any(s, &self.regions));
        let (parted, why) = match &self.partition {
            None => (false, Reason::OtherState),
            Some(Partition::State) => {
                (differ(probe.state.as_ref(), other.state.as_ref()), Reason::OtherState)
            }
            Some(Partition::Region(regions)) => {
                let of = |class: &Class| {
                    let state = class.state.as_deref()?;
                    regions.iter().find(|(_, codes)| in_any(state, codes)).map(|(name, _)| name)
                };
                (differ(of(probe), of(other)), Reason::OtherRegion)
            }
            Some(Partition::Nation) => {
                (differ(probe.country(), other.country()), Reason::OtherNation)
            }
            Some(Partition::CrossBorder) => {
                let home = probe.country();
                (home.is_some() && home == other.country(), Reason::SameNation)
            }
        };
        [
            (differ(probe.calibre.as_ref(), other.calibre.as_ref()), Reason::Calibre),
            (differ(probe.firing_pin, other.firing_pin), Reason::FiringPin),
            (outside, Reason::Date),
            (elsewhere, Reason::Region),
            (parted, why),
        ]
        .into_iter()
        .filter_map(|(excluded, reason)| excluded.then_some(reason))
        .collect()
    }
}

/// Whether both are known and not the same.
fn differ<T: PartialEq>(one: Option<T>, other: Option<T>) -> bool {
    one.zip(other).is_some_and(|(one, other)| one != other)
}

/// Whether a state's code is one of the regions', or in one's country.
fn in_any(state: &str, regions: &BTreeSet<String>) -> bool {
    let within = |region: &String| {
        let rest = state.strip_prefix(region.as_str());
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
    };
    regions.iter().any(within)
}
