//! Which casings of a gallery a probe is searched against, and the ledger of
//! those left out. Older systems lost true matches silently: here what is not
//! known passes every filter, and every exclusion says why.

use crate::evidence::{CasingId, CasingRecord, FiringPinShape, PartialDate};
use serde::Serialize;
use std::collections::BTreeSet;

/// Filters by class characteristics, time and place; off where not set.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SearchRules {
    /// Only casings of the probe's calibre family.
    pub calibre: bool,
    /// Only casings with the probe's shape of firing pin.
    pub firing_pin: bool,
    /// Only scenes that may have been in this time.
    pub dates: Option<PartialDate>,
    /// Only scenes in states whose ISO 3166-2 codes begin so: `MX`, `US-TX`.
    pub regions: BTreeSet<String>,
    /// Only scenes in another country than the probe's.
    pub cross_border: bool,
}

/// Why a casing was not compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// Another calibre family.
    Calibre,
    /// Another shape of firing pin.
    FiringPin,
    /// Outside the time.
    Date,
    /// In another region.
    Region,
    /// In the probe's own country.
    SameCountry,
}

/// A line of the ledger.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Excluded {
    /// The casing that was not compared.
    pub casing: CasingId,
    /// Every rule that excludes it.
    pub reasons: Vec<Reason>,
}

/// A gallery under the rules: `compared` and `excluded` together are all of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Searched {
    /// What is compared with the probe.
    pub compared: Vec<CasingId>,
    /// What is not.
    pub excluded: Vec<Excluded>,
}

impl SearchRules {
    /// Divides a gallery for a probe, in the gallery's order.
    pub fn apply(&self, probe: &CasingRecord, gallery: &[CasingRecord]) -> Searched {
        let mut searched = Searched::default();
        for casing in gallery {
            let reasons = self.against(probe, casing);
            if reasons.is_empty() {
                searched.compared.push(casing.id.clone());
            } else {
                searched.excluded.push(Excluded { casing: casing.id.clone(), reasons });
            }
        }
        searched
    }

    fn against(&self, probe: &CasingRecord, casing: &CasingRecord) -> Vec<Reason> {
        let family = |c: &CasingRecord| calibre_family(c.calibre.as_deref()?);
        let shape =
            |c: &CasingRecord| Some(c.firing_pin_shape).filter(|&s| s != FiringPinShape::Unknown);
        let state = |c: &CasingRecord| c.scene.as_ref()?.state.clone();
        let country = |c: &CasingRecord| state(c)?.split('-').next().map(str::to_owned);
        let date = casing.scene.as_ref().and_then(|s| s.date);
        let outside = |window: PartialDate| date.is_some_and(|d| !d.overlaps(window));
        let elsewhere = !self.regions.is_empty()
            && state(casing).is_some_and(|s| !self.regions.iter().any(|r| within(&s, r)));
        let at_home = country(probe).is_some() && country(probe) == country(casing);
        [
            (self.calibre && differ(family(probe), family(casing)), Reason::Calibre),
            (self.firing_pin && differ(shape(probe), shape(casing)), Reason::FiringPin),
            (self.dates.is_some_and(outside), Reason::Date),
            (elsewhere, Reason::Region),
            (self.cross_border && at_home, Reason::SameCountry),
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

/// Whether a state's code is the region's, or in the region's country.
fn within(state: &str, region: &str) -> bool {
    state.strip_prefix(region).is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
}

/// Names of one cartridge; a firearm of one family may fire what is marked with
/// any of its names.
const FAMILIES: [(&str, &[&str]); 8] = [
    ("9x19", &["9x19", "9mm", "9mmluger", "9mmparabellum", "9mmpara", "9luger", "9x19mm"]),
    (".380 ACP", &["380", "380acp", "380auto", "9x17", "9x17mm", "9mmkurz", "9mmcorto"]),
    (".40 S&W", &["40", "40sw", "10x22", "10x22mm"]),
    (".45 ACP", &["45", "45acp", "45auto", "1143x23", "1143x23mm"]),
    (".38 Special", &["38special", "38spl", "38spec", "38especial"]),
    (".223 Remington", &["223", "223rem", "223remington", "556x45", "556x45mm", "556nato"]),
    ("7.62x39", &["762x39", "762x39mm"]),
    (".22 LR", &["22lr", "22longrifle", "22"]),
];

/// The calibre family of what a laboratory wrote; none where it is not one
/// that this table knows, which then passes every filter.
pub fn calibre_family(written: &str) -> Option<&'static str> {
    let plain: String =
        written.to_lowercase().replace('×', "x").chars().filter(|c| c.is_alphanumeric()).collect();
    FAMILIES.iter().find(|(_, names)| names.contains(&plain.as_str())).map(|(family, _)| *family)
}
