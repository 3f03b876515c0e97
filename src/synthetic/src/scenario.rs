//! The story that the bundled samples tell: six guns, seven scenes.
//!
//! All names are invented. One pistol (`CHH-A-0117`) is fired in two Mexican
//! states and in the United States before it is recovered; `AZ-A-0911` and
//! `SON-A-0064` were made one after the other and share tool marks.

use super::firearm::BreechFinish;
use types::evidence::{FiringPinShape, Light};

pub(super) struct Gun {
    pub(super) id: &'static str,
    pub(super) finish: BreechFinish,
    /// Made in the production line whose tools left common marks.
    pub(super) in_line: bool,
    pub(super) calibre: &'static str,
    pub(super) pin: FiringPinShape,
}

const fn gun(
    id: &'static str,
    finish: BreechFinish,
    in_line: bool,
    calibre: &'static str,
    pin: FiringPinShape,
) -> Gun {
    Gun { id, finish, in_line, calibre, pin }
}

use BreechFinish::{ArcMilled, Granular, Milled};
use FiringPinShape::{Elliptical, Hemispherical, Rectangular};

pub(super) const GUNS: [Gun; 6] = [
    gun("CHH-A-0117", Granular, false, "9x19 mm", Hemispherical),
    gun("COA-A-0042", Granular, false, "9x19 mm", Hemispherical),
    gun("TX-A-3308", Granular, false, "9x19 mm", Rectangular),
    gun("AZ-A-0911", Milled, true, "9x19 mm", Hemispherical),
    gun("SON-A-0064", Milled, true, "9x19 mm", Hemispherical),
    gun("TAM-A-0205", ArcMilled, false, ".40 S&W", Elliptical),
];

pub(super) struct ScenePlace {
    pub(super) id: &'static str,
    pub(super) date: &'static str,
    /// ISO 3166-2.
    pub(super) state: &'static str,
    pub(super) agency: &'static str,
    pub(super) case: &'static str,
}

const fn place(
    id: &'static str,
    date: &'static str,
    state: &'static str,
    agency: &'static str,
    case: &'static str,
) -> ScenePlace {
    ScenePlace { id, date, state, agency, case }
}

pub(super) const PLACES: [ScenePlace; 7] = [
    place("JRZ-0311", "2024-03-11", "MX-CHH", "State laboratory, Chihuahua", "CHH/1187/2024"),
    place("TRC-0602", "2024-06-02", "MX-COA", "State laboratory, Coahuila", "COA/0553/2024"),
    place("ELP-0819", "2024-08-19", "US-TX", "County laboratory, El Paso", "EP-24-20931"),
    place("TUS-0930", "2024-09-30", "US-AZ", "City laboratory, Tucson", "TU-24-1176"),
    place("HMO-1014", "2024-10-14", "MX-SON", "State laboratory, Sonora", "SON/2291/2024"),
    place("REY-1103", "2024-11-03", "MX-TAM", "State laboratory, Tamaulipas", "TAM/0870/2024"),
    place("LRD-1121", "2024-11-21", "US-TX", "City laboratory, Laredo", "LA-24-3312"),
];

/// How a casing was acquired: `None` = topography, else a photograph.
pub(super) type View = Option<Light>;

pub(super) struct Exhibit {
    pub(super) casing: &'static str,
    /// Index into [`GUNS`].
    pub(super) gun: usize,
    pub(super) shot: u64,
    /// Index into [`PLACES`]; none for a test fire.
    pub(super) place: Option<usize>,
    pub(super) views: &'static [View],
}

const SCAN: View = None;
const RING: View = Some(Light::Ring);
const SIDE: View = Some(Light::Side);

const fn found(
    casing: &'static str,
    place: usize,
    gun: usize,
    shot: u64,
    views: &'static [View],
) -> Exhibit {
    Exhibit { casing, gun, shot, place: Some(place), views }
}

const fn test_fire(casing: &'static str, gun: usize, shot: u64, views: &'static [View]) -> Exhibit {
    Exhibit { casing, gun, shot, place: None, views }
}

pub(super) const EXHIBITS: [Exhibit; 17] = [
    found("CHH-1187-1", 0, 0, 40, &[SCAN]),
    found("CHH-1187-2", 0, 0, 41, &[SCAN]),
    found("COA-0553-1", 1, 0, 95, &[SCAN]),
    found("COA-0553-2", 1, 1, 12, &[SCAN]),
    found("EP-20931-1", 2, 0, 160, &[SCAN, RING]),
    found("TU-1176-1", 3, 3, 25, &[SCAN, RING]),
    found("SON-2291-1", 4, 4, 70, &[SCAN, SIDE]),
    found("TAM-0870-1", 5, 5, 18, &[SCAN]),
    found("LA-3312-1", 6, 2, 33, &[SCAN]),
    test_fire("TF-CHH-0117-1", 0, 300, &[SCAN, RING]),
    test_fire("TF-CHH-0117-2", 0, 301, &[SCAN]),
    test_fire("TF-COA-0042-1", 1, 80, &[SCAN]),
    test_fire("TF-TX-3308-1", 2, 120, &[SCAN]),
    test_fire("TF-TX-3308-2", 2, 121, &[SCAN]),
    test_fire("TF-AZ-0911-1", 3, 60, &[SCAN, RING]),
    test_fire("TF-SON-0064-1", 4, 150, &[SCAN, SIDE]),
    test_fire("TF-TAM-0205-1", 5, 44, &[SCAN, RING]),
];
