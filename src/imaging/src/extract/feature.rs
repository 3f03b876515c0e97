//! Feature maps: the prepared mark at a coarse pitch, band-passed, with its
//! local contrast evened out, as small integers.
//!
//! Integers make a correlation exact: the same sum on every processor and in
//! every order, and twice the numbers in a vector register.

use crate::prepare::low_pass;
use ndarray::Array2;
use types::units::Metres;

/// One standard deviation of a feature in integer steps.
pub const UNIT: f32 = 32.0;
/// Features are clipped at this many standard deviations, so that one spike
/// cannot carry a correlation.
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
    /// For each row the columns `start..end` outside which nothing is present.
    pub spans: Vec<(usize, usize)>,
    /// Points present.
    pub points: usize,
}

impl FeatureMap {
    /// A map from its values and mask, both `nx · ny` long.
    pub fn new(nx: usize, ny: usize, values: Vec<i16>, mask: Vec<i16>) -> Self {
        let spans: Vec<_> = mask
            .chunks_exact(nx.max(1))
            .map(|row| {
                let start = row.iter().position(|&m| m != 0).unwrap_or(0);
                let end = row.iter().rposition(|&m| m != 0).map_or(0, |last| last + 1);
                (start, end)
            })
            .collect();
        let points = mask.iter().filter(|&&m| m != 0).count();
        Self { nx, ny, values, mask, spans, points }
    }

    /// The grid's centre in pixels: `((nx − 1) / 2, (ny − 1) / 2)`.
    pub fn centre(&self) -> (f64, f64) {
        ((self.nx as f64 - 1.0) / 2.0, (self.ny as f64 - 1.0) / 2.0)
    }

    /// Left and right exchanged.
    pub(super) fn mirrored(&self) -> Self {
        let flipped = |from: &[i16]| {
            from.chunks_exact(self.nx.max(1)).flat_map(|row| row.iter().rev().copied()).collect()
        };
        Self::new(self.nx, self.ny, flipped(&self.values), flipped(&self.mask))
    }

    /// The feature at the pixel nearest to a point given in pixels; 0 outside.
    pub fn value_near(&self, x: f64, y: f64) -> i16 {
        let (x, y) = (x + 0.5, y + 0.5);
        if x < 0.0 || y < 0.0 || x >= self.nx as f64 || y >= self.ny as f64 {
            return 0;
        }
        self.values[y as usize * self.nx + x as usize]
    }
}

/// Block means of `k × k` pixels; missing where fewer than half are present.
/// `values` has shape `(ny, nx)` with both sides multiples of `k`, so the
/// grid's centre stays where it was; a remainder would be cut.
pub fn reduce(values: &Array2<f32>, k: usize) -> Array2<f32> {
    let enough = (k * k).div_ceil(2);
    let means = values.exact_chunks((k, k)).into_iter().map(|block| {
        let (sum, n) = block
            .iter()
            .filter(|v| v.is_finite())
            .fold((0.0, 0usize), |(sum, n), v| (sum + v, n + 1));
        if n >= enough { sum / n as f32 } else { f32::NAN }
    });
    let (ny, nx) = (values.nrows() / k, values.ncols() / k);
    Array2::from_shape_vec((ny, nx), means.collect())
        .unwrap_or_else(|_| Array2::from_elem((ny, nx), f32::NAN))
}

/// Keeps waves between `short` and `long`, evens out the local contrast and
/// scales to integers. `values` may be in any unit; `NaN` = missing.
pub fn features(values: &Array2<f32>, pitch: Metres, short: Metres, long: Metres) -> FeatureMap {
    let (ny, nx) = values.dim();
    let mut band = low_pass(values, pitch, short);
    band -= &low_pass(values, pitch, long);
    let energy = band.mapv(|v| v * v);
    let (sum, n) = energy
        .iter()
        .filter(|v| v.is_finite())
        .fold((0.0f64, 0usize), |(sum, n), &v| (sum + f64::from(v), n + 1));
    let global = (sum / n.max(1) as f64) as f32;
    let local = low_pass(&energy, pitch, long * 2.0);
    let (mut features, mut mask) = (vec![0; nx * ny], vec![0; nx * ny]);
    if global > 0.0 {
        for (i, (&v, &e)) in band.iter().zip(&local).enumerate() {
            if v.is_finite() {
                let sd = (e + FLOOR * global).sqrt();
                features[i] = ((v / sd).clamp(-CLIP, CLIP) * UNIT).round() as i16;
                mask[i] = 1;
            }
        }
    }
    FeatureMap::new(nx, ny, features, mask)
}
