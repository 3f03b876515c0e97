//! The profile across the striae of a mark, in two bands.
//!
//! A striated mark is alike along its striae, so all that a comparison needs is
//! the mean across them. Measured on screwdriver marks, blades and bullet lands
//! (docs/NUMBERS.md), two bands that must agree at one shift tell tools apart
//! better than one: short waves (to 120 µm) carry many independent points, long
//! ones (120–1000 µm) survive wear and angle. Each is divided by the root of its
//! local power, so that one deep groove does not speak for the whole.

use crate::prepare::low_pass_line;
use ndarray::Array2;
use types::mark::column_means;
use types::units::Metres;

/// Distance of two points of a profile.
pub const STEP: Metres = Metres::from_um(3.125);
/// Cut-offs between the waves of the two bands, and beyond the longer.
const CUTOFFS: [Metres; 2] = [Metres::from_um(120.0), Metres::from_um(1000.0)];
/// Local power is taken over this wavelength.
const LOCAL: Metres = Metres::from_um(200.0);
/// Share of the whole band's variance added to the local power, so that a place
/// without striae is not blown up into noise.
const FLOOR: f64 = 0.2;
/// One standard deviation of a band.
const UNIT: f64 = 32.0;
/// Values are clipped here, at four standard deviations.
const MOST: f64 = 127.0;
/// Longest profile, in steps: 12.8 mm.
pub(super) const LONGEST: usize = 4096;
/// Autocorrelations are taken up to this lag, in steps: 600 µm.
const REACH: usize = 192;

/// One band of a profile.
#[derive(Clone, Debug, PartialEq)]
pub struct Waves {
    /// 1/32 standard deviation a point, −127 to 127; 0 where missing.
    pub values: Vec<i16>,
    /// Autocorrelation at lags from one step on.
    own: Vec<f64>,
}

/// A profile, from left to right of the prepared mark, [`STEP`] apart.
#[derive(Clone, Debug, PartialEq)]
pub struct Striae {
    /// Short waves, then long ones.
    pub bands: [Waves; 2],
    /// Whether a point is present.
    pub present: Vec<bool>,
    /// Usual number of points of a column, [`STEP`] apart: how long the striae
    /// are seen.
    pub column: u16,
}

impl Striae {
    /// The profile of a prepared mark whose striae run along y, shape
    /// `(ny, nx)`, [`STEP`] apart, `NaN` = missing.
    pub fn of(values: &Array2<f32>) -> Self {
        let (line, column) = column_means(values);
        Self::of_profile(&line, column)
    }

    /// The two bands of a profile, `NaN` = missing, [`STEP`] apart, of which
    /// each point is the mean of some `column` points.
    pub fn of_profile(line: &[f64], column: u16) -> Self {
        let longer: Vec<f64> = low_pass_line(line, STEP, CUTOFFS[0]);
        let form: Vec<f64> = low_pass_line(line, STEP, CUTOFFS[1]);
        let minus = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a - b).collect::<Vec<_>>();
        let bands = [minus(line, &longer), minus(&longer, &form)];
        let present: Vec<bool> = line.iter().map(|v| v.is_finite()).collect();
        Self::from_bands(bands.map(|band| quantised(&evened(&band))), present, column)
    }

    /// A profile of its stored parts.
    pub(super) fn from_bands(bands: [Vec<i16>; 2], present: Vec<bool>, column: u16) -> Self {
        let bands = bands.map(|values| Waves { own: autocorrelation(&values, &present), values });
        Self { bands, present, column }
    }

    /// The same profile seen from its other end: the mark turned by half a turn.
    #[must_use]
    pub fn reversed(&self) -> Self {
        let mut striae = self.clone();
        striae.bands.iter_mut().for_each(|band| band.values.reverse());
        striae.present.reverse();
        striae
    }
}

impl Waves {
    /// Points per independent point where two textures are laid on each other
    /// (Bartlett 1946): one and twice the sum over all lags of the product of
    /// their autocorrelations, weighted to zero at the longest lag.
    pub fn spread(&self, other: &Self) -> f64 {
        let products = self.own.iter().zip(&other.own).zip(1..).map(|((a, b), lag)| {
            let weight = 1.0 - f64::from(lag) / REACH as f64;
            weight * a * b
        });
        (1.0 + 2.0 * products.sum::<f64>()).max(1.0)
    }
}

/// A band in units of its local standard deviation.
fn evened(band: &[f64]) -> Vec<f64> {
    let power: Vec<f64> = band.iter().map(|v| v * v).collect();
    let local = low_pass_line(&power, STEP, LOCAL);
    let present = power.iter().filter(|v| v.is_finite());
    let (n, sum) = present.fold((0_usize, 0.0), |(n, s), v| (n + 1, s + v));
    let floor = FLOOR * sum / n.max(1) as f64 + f64::MIN_POSITIVE;
    band.iter().zip(local).map(|(v, local)| v / (local.max(0.0) + floor).sqrt()).collect()
}

fn quantised(band: &[f64]) -> Vec<i16> {
    // A missing point becomes 0.
    band.iter().map(|v| (v * UNIT).round().clamp(-MOST, MOST) as i16).collect()
}

fn autocorrelation(values: &[i16], present: &[bool]) -> Vec<f64> {
    let at = |lag: usize| {
        let pairs = values.iter().zip(&values[lag.min(values.len())..]);
        let common = present.iter().zip(&present[lag.min(present.len())..]);
        let n = common.filter(|(a, b)| **a && **b).count();
        let sum: i64 = pairs.map(|(&a, &b)| i64::from(a) * i64::from(b)).sum();
        if n == 0 { 0.0 } else { sum as f64 / n as f64 }
    };
    let power = at(0);
    (1..REACH).map(|lag| if power > 0.0 { at(lag) / power } else { 0.0 }).collect()
}
