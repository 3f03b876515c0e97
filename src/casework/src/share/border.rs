//! How far a place is from the land borders of Mexico and the United States.
//!
//! The lines are the project's own, drawn coarsely from what maps show: along
//! surveyed parallels and meridians they are right, along rivers and lakes
//! they stray up to some 10 km, in the Alaska Panhandle up to some 30. That is
//! enough to suggest something to a person, and for nothing else.

use serde::Serialize;
use types::evidence::Coordinates;

/// Points of a line: degrees north, degrees east.
type Line = &'static [(f64, f64)];

/// A land border.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Border {
    /// Mexico and the United States.
    MexicoUnitedStates,
    /// Mexico and Guatemala.
    MexicoGuatemala,
    /// Mexico and Belize.
    MexicoBelize,
    /// Canada and the United States, that of Alaska included.
    CanadaUnitedStates,
}

impl Border {
    /// Every border.
    pub const ALL: [Self; 4] = [
        Self::MexicoUnitedStates,
        Self::MexicoGuatemala,
        Self::MexicoBelize,
        Self::CanadaUnitedStates,
    ];

    /// Its countries, for people.
    pub const fn name(self) -> &'static str {
        match self {
            Self::MexicoUnitedStates => "Mexico–United States",
            Self::MexicoGuatemala => "Mexico–Guatemala",
            Self::MexicoBelize => "Mexico–Belize",
            Self::CanadaUnitedStates => "Canada–United States",
        }
    }

    const fn lines(self) -> &'static [Line] {
        match self {
            Self::MexicoUnitedStates => &[MEXICO_UNITED_STATES],
            Self::MexicoGuatemala => &[MEXICO_GUATEMALA],
            Self::MexicoBelize => &[MEXICO_BELIZE],
            Self::CanadaUnitedStates => &[CANADA_UNITED_STATES, ALASKA],
        }
    }

    /// The great-circle distance of a place from the line, in kilometres.
    pub fn km_from(self, place: Coordinates) -> f64 {
        let steps = self.lines().iter().flat_map(|line| line.iter().zip(line.iter().skip(1)));
        steps.filter_map(|(&a, &b)| km_to_step(place, a, b)).fold(f64::INFINITY, f64::min)
    }
}

/// The nearest border and the distance from it in kilometres.
pub fn nearest(place: Coordinates) -> (Border, f64) {
    let of = |border: Border| (border, border.km_from(place));
    let first = of(Border::MexicoUnitedStates);
    Border::ALL
        .into_iter()
        .map(of)
        .fold(first, |best, next| if next.1 < best.1 { next } else { best })
}

/// The distance from one step of a line, which runs straight on a plate
/// carrée, as parallels and meridians do. The nearest point is found on a
/// plane about the place, the distance to it on the sphere.
fn km_to_step(place: Coordinates, a: (f64, f64), b: (f64, f64)) -> Option<f64> {
    let shrink = place.latitude().to_radians().cos();
    let flat = |(y, x): (f64, f64)| ((x - place.longitude()) * shrink, y - place.latitude());
    let ((ax, ay), (bx, by)) = (flat(a), flat(b));
    let (dx, dy) = (bx - ax, by - ay);
    let length = dx * dx + dy * dy;
    let along = if length > 0.0 { (-(ax * dx + ay * dy) / length).clamp(0.0, 1.0) } else { 0.0 };
    let at = |from: f64, to: f64| from + along * (to - from);
    Some(place.km_to(Coordinates::new(at(a.0, b.0), at(a.1, b.1)).ok()?))
}

/// From the Pacific to the Gulf: the line of 1853, then the Rio Grande.
const MEXICO_UNITED_STATES: Line = &[
    (32.534, -117.124),
    (32.719, -114.719),
    (32.494, -114.813),
    (31.332, -111.075),
    (31.332, -108.209),
    (31.784, -108.209),
    (31.784, -106.529),
    (31.750, -106.487),
    (31.431, -106.144),
    (31.276, -105.854),
    (31.085, -105.605),
    (30.680, -104.990),
    (30.134, -104.687),
    (29.561, -104.393),
    (29.259, -103.775),
    (29.164, -103.611),
    (28.972, -103.153),
    (29.187, -102.940),
    (29.449, -102.821),
    (29.780, -102.390),
    (29.808, -101.559),
    (29.450, -101.057),
    (29.327, -100.927),
    (28.705, -100.512),
    (28.200, -100.210),
    (27.500, -99.507),
    (27.040, -99.443),
    (26.558, -99.164),
    (26.404, -99.019),
    (26.366, -98.804),
    (26.096, -98.272),
    (26.062, -97.951),
    (25.898, -97.497),
    (25.956, -97.147),
];

/// From the Pacific up the Suchiate, across to the Usumacinta, to the Petén.
const MEXICO_GUATEMALA: Line = &[
    (14.533, -92.227),
    (14.680, -92.148),
    (14.963, -92.148),
    (15.132, -92.109),
    (15.270, -92.210),
    (16.072, -91.730),
    (16.072, -90.447),
    (16.475, -90.536),
    (16.819, -90.890),
    (16.899, -90.965),
    (17.253, -91.438),
    (17.253, -90.989),
    (17.816, -90.985),
    (17.816, -89.150),
];

/// From the Petén down the Hondo to the bay of Chetumal.
const MEXICO_BELIZE: Line = &[
    (17.816, -89.150),
    (17.960, -89.030),
    (17.900, -88.880),
    (18.200, -88.650),
    (18.490, -88.390),
    (18.485, -88.300),
];

/// From the Strait of Juan de Fuca to the Bay of Fundy.
const CANADA_UNITED_STATES: Line = &[
    (48.490, -124.730),
    (48.230, -123.540),
    (48.290, -123.250),
    (48.690, -123.270),
    (49.000, -123.322),
    (49.000, -95.153),
    (49.385, -95.153),
    (48.715, -94.590),
    (48.601, -93.404),
    (48.340, -92.460),
    (48.072, -91.565),
    (48.240, -90.880),
    (48.103, -90.750),
    (48.002, -89.569),
    (48.302, -88.369),
    (47.950, -86.900),
    (46.900, -84.860),
    (46.508, -84.349),
    (46.060, -83.950),
    (45.820, -83.590),
    (45.330, -82.520),
    (43.590, -82.120),
    (43.000, -82.421),
    (42.500, -82.650),
    (42.320, -83.065),
    (42.050, -83.140),
    (41.680, -82.680),
    (42.210, -81.250),
    (42.550, -79.760),
    (42.905, -78.906),
    (43.080, -79.075),
    (43.262, -79.064),
    (43.630, -78.700),
    (43.630, -76.800),
    (44.100, -76.440),
    (44.350, -75.980),
    (44.710, -75.500),
    (45.000, -74.730),
    (45.010, -71.500),
    (45.300, -71.000),
    (45.390, -70.820),
    (45.910, -70.250),
    (46.415, -70.055),
    (46.690, -69.997),
    (47.460, -69.225),
    (47.185, -68.900),
    (47.250, -68.590),
    (47.355, -68.325),
    (47.160, -67.935),
    (47.067, -67.790),
    (45.940, -67.780),
    (45.564, -67.428),
    (45.190, -67.280),
    (44.860, -66.980),
    (44.810, -66.900),
];

/// From the Arctic down the 141st meridian and behind the Panhandle.
const ALASKA: Line = &[
    (69.646, -141.000),
    (60.306, -141.000),
    (60.190, -139.980),
    (60.350, -139.070),
    (59.250, -137.600),
    (58.910, -137.525),
    (59.460, -136.470),
    (59.799, -135.476),
    (59.623, -135.137),
    (59.000, -134.400),
    (58.420, -133.380),
    (57.200, -132.250),
    (56.600, -131.850),
    (56.120, -130.100),
    (55.915, -130.013),
    (55.290, -130.020),
    (54.710, -130.630),
];

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn cities_are_as_far_from_the_border_as_maps_show() {
        // Distances read off maps, with the lines' own accuracy.
        let cities = [
            ("El Paso", 31.759, -106.487, Border::MexicoUnitedStates, 1.0),
            ("Tijuana", 32.515, -117.038, Border::MexicoUnitedStates, 3.0),
            ("San Diego", 32.716, -117.161, Border::MexicoUnitedStates, 20.0),
            ("Tucson", 32.223, -110.975, Border::MexicoUnitedStates, 99.0),
            ("Hermosillo", 29.073, -110.956, Border::MexicoUnitedStates, 251.0),
            ("Nuevo Laredo", 27.478, -99.516, Border::MexicoUnitedStates, 3.0),
            ("Monterrey", 25.687, -100.316, Border::MexicoUnitedStates, 151.0),
            ("Big Bend", 29.250, -103.250, Border::MexicoUnitedStates, 24.0),
            ("Tapachula", 14.906, -92.263, Border::MexicoGuatemala, 13.0),
            ("Tenosique", 17.475, -91.423, Border::MexicoGuatemala, 25.0),
            ("Chetumal", 18.500, -88.305, Border::MexicoBelize, 2.0),
            ("Detroit", 42.331, -83.046, Border::CanadaUnitedStates, 2.0),
            ("Bellingham", 48.750, -122.478, Border::CanadaUnitedStates, 28.0),
            ("Minot", 48.233, -101.292, Border::CanadaUnitedStates, 85.0),
            ("Tok", 63.337, -142.986, Border::CanadaUnitedStates, 100.0),
        ];
        for (city, latitude, longitude, border, km) in cities {
            let (found, distance) = nearest(Coordinates::new(latitude, longitude).unwrap());
            assert_eq!(found, border, "{city}");
            assert!((distance - km).abs() <= 10.0, "{city}: {distance} km");
        }
    }
}
