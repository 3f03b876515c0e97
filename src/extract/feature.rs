//! Feature maps: the prepared mark at a coarse pitch, band-passed, with its
//! local contrast evened out, as small integers.
//!
//! Integers make a correlation exact: the same sum on every processor and in
//! every order, and twice the numbers in a vector register.

use crate::prepare::low_pass;
use crate::units::Metres;
use ndarray::Array2;

/// One standard deviation of the feature in integer steps.
pub const UNIT: f32 = 32.0;
/// Features are clipped at this many standard deviations.
const CLIP: f32 = 3.0;
/// Share of the global variance that is added to the local one, so that a
/// featureless region is not blown up into noise.
const FLOOR: f32 = 0.15;

/// A mark's features on a square grid, row-major, x fastest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeatureMap {
    /// Columns.
    pub nx: usize,
    /// Rows.
    pub ny: usize,
    /// Features in steps of 1/[`UNIT`] standard deviation, 0 where missing.
    pub values: Vec<i16>,
    /// 1 where the mark has data, 0 elsewhere.
    pub mask: Vec<i16>,
}

/// Block means of `k × k` pixels; missing where fewer than half are present.
/// The grid centre stays where it was: a remainder is cut evenly by padding.
pub fn reduce(values: &Array2<f32>, k: usize) -> Array2<f32> {
    let (ny, nx) = values.dim();
    let (my, mx) = (ny.div_ceil(k), nx.div_ceil(k));
    // Padding is split so that the centre moves by at most half a fine pixel;
    // `centre_shift` tells by how much.
    let (oy, ox) = ((my * k - ny) / 2, (mx * k - nx) / 2);
    let mut sum = Array2::<f32>::zeros((my, mx));
    let mut count = Array2::<f32>::zeros((my, mx));
    for ((y, x), &v) in values.indexed_iter() {
        if v.is_finite() {
            let at = ((y + oy) / k, (x + ox) / k);
            sum[at] += v;
            count[at] += 1.0;
        }
    }
    let enough = (k * k) as f32 / 2.0;
    ndarray::Zip::from(&mut sum).and(&count).for_each(|s, &c| {
        *s = if c >= enough { *s / c } else { f32::NAN };
    });
    sum
}

/// Keeps waves between `short` and `long`, evens out the local contrast and
/// scales to integers. `values` may be in any unit; `NaN` = missing.
pub fn features(values: &Array2<f32>, pitch: Metres, short: Metres, long: Metres) -> FeatureMap {
    let (ny, nx) = values.dim();
    let mut band = low_pass(values, pitch, short);
    band -= &low_pass(values, pitch, long);
    let energy = band.mapv(|v| v * v);
    let present: Vec<f32> = energy.iter().copied().filter(|v| v.is_finite()).collect();
    let global = present.iter().map(|&v| f64::from(v)).sum::<f64>() / present.len().max(1) as f64;
    let local = low_pass(&energy, pitch, long * 2.0);
    let mut out = FeatureMap { nx, ny, values: vec![0; nx * ny], mask: vec![0; nx * ny] };
    for (i, (&v, &e)) in band.iter().zip(&local).enumerate() {
        if v.is_finite() && global > 0.0 {
            let sd = (e + FLOOR * global as f32).sqrt();
            out.values[i] = ((v / sd).clamp(-CLIP, CLIP) * UNIT).round() as i16;
            out.mask[i] = 1;
        }
    }
    out
}
