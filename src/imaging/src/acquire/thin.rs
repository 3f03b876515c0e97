//! Scans finer than anything that is compared: means of blocks of points.
//!
//! What preparing takes grows with the points of a scan, so a scan has a bound.
//! One above it is read as means of k × k points as long as they lie no further
//! apart than [`COARSEST`]; beyond, no mark of a few millimetres needs so many.

use super::Scan;
use ndarray::{Array2, ArrayView2};
use types::error::{Error, Kind, Result};
use types::message::say;
use types::surface::{HeightMap, IntensityMap, Mask, Surface};
use types::units::Metres;

/// Most points of a scan that is handed on: 4096 × 4096. Preparing takes about
/// 70 bytes for each.
pub const MOST_POINTS: usize = 16 << 20;
/// Furthest that means of points may lie apart: half the shortest wavelength
/// that any recipe's usual band keeps (16 µm).
const COARSEST: Metres = Metres::from_um(8.0);

/// How many points along either side become one, in a scan of shape `(ny, nx)`.
pub fn block((ny, nx): (usize, usize)) -> usize {
    let fits = |k: &usize| ny.div_ceil(*k).saturating_mul(nx.div_ceil(*k)) <= MOST_POINTS;
    (1..=ny.max(nx)).find(fits).unwrap_or(1)
}

/// Refuses a scan of which even the coarsest means would be too many.
///
/// # Errors
/// [`Kind::TooLarge`].
pub(super) fn check((ny, nx): (usize, usize), (px, py): (Metres, Metres)) -> Result<usize> {
    let k = block((ny, nx));
    if k == 1 || px.0.max(py.0) * k as f64 <= COARSEST.0 {
        return Ok(k);
    }
    let (width, height) = (px.0 * nx as f64 * 1e3, py.0 * ny as f64 * 1e3);
    let what = say!(
        "the scan has {nx} × {ny} points over {width:.1} × {height:.1} mm, more than the \
         {MOST_POINTS} that are prepared"
    );
    Err(Error::new(Kind::TooLarge, what)
        .advise(say!("crop the scan to the mark, or check its pixel size")))
}

/// The scan with no more than [`MOST_POINTS`].
pub(super) fn thinned(scan: Scan) -> Result<Scan> {
    let (ny, nx) = scan.surface.dim();
    let (px, py) = scan.surface.pitch();
    let k = check((ny, nx), (px, py))?;
    if k == 1 {
        return Ok(scan);
    }
    let (pitch_x, pitch_y) = (Metres(px.0 * k as f64), Metres(py.0 * k as f64));
    let surface = match scan.surface {
        Surface::Height(map) => {
            Surface::Height(HeightMap { z: means(map.z.view(), k), pitch_x, pitch_y })
        }
        Surface::Intensity(map) => {
            Surface::Intensity(IntensityMap { v: means(map.v.view(), k), pitch_x, pitch_y })
        }
    };
    let mut warnings = scan.warnings;
    warnings.push(say!(
        "the scan has {nx} × {ny} points {px} apart; means of {k} × {k} of them are used"
    ));
    let file_mask = scan.file_mask.map(|mask| most(&mask, k));
    Ok(Scan { surface, file_mask, warnings, ..scan })
}

/// A point that is a mean: missing where less than half of its points are there.
trait Point: Copy {
    fn value(self) -> f64;
    fn of(mean: f64) -> Self;
}

impl Point for f64 {
    fn value(self) -> f64 {
        self
    }
    fn of(mean: f64) -> Self {
        mean
    }
}

impl Point for f32 {
    fn value(self) -> f64 {
        self.into()
    }
    fn of(mean: f64) -> Self {
        mean as Self
    }
}

/// Means of whole blocks of k × k points; what is left over at the right and
/// lower edge is shared out evenly between both edges.
fn means<T: Point>(from: ArrayView2<'_, T>, k: usize) -> Array2<T> {
    blocks(from.dim(), k, |rows, columns| {
        let block = from.slice(ndarray::s![rows, columns]);
        let there = block.iter().map(|v| v.value()).filter(|v| v.is_finite());
        let (sum, count) = there.fold((0.0, 0_usize), |(sum, n), v| (sum + v, n + 1));
        T::of(if 2 * count >= k * k { sum / count as f64 } else { f64::NAN })
    })
}

/// Blocks at least half of whose points are in the mask.
fn most(mask: &Mask, k: usize) -> Mask {
    blocks(mask.dim(), k, |rows, columns| {
        let block = mask.slice(ndarray::s![rows, columns]);
        2 * block.iter().filter(|on| **on).count() >= k * k
    })
}

fn blocks<T>(
    (ny, nx): (usize, usize),
    k: usize,
    each: impl Fn(std::ops::Range<usize>, std::ops::Range<usize>) -> T,
) -> Array2<T> {
    let block = |i: usize, n: usize| {
        let start = (n % k) / 2 + i * k;
        start..start + k
    };
    Array2::from_shape_fn((ny / k, nx / k), |(y, x)| each(block(y, ny), block(x, nx)))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]
    use super::*;
    use crate::acquire::Format;
    use types::evidence::Digest;

    fn scan(side: usize, pitch_um: f64) -> Scan {
        let pitch = Metres::from_um(pitch_um);
        let mut z = Array2::from_shape_fn((side, side), |(y, x)| (x / 2 + 3 * (y / 2)) as f64);
        z.slice_mut(ndarray::s![0..2, 0..2]).fill(f64::NAN);
        Scan {
            surface: Surface::Height(HeightMap { z, pitch_x: pitch, pitch_y: pitch }),
            file_mask: Some(Mask::from_shape_fn((side, side), |(y, _)| y < 100)),
            format: Format::X3p,
            sha256: Digest::of(b""),
            bytes: 0,
            instrument: None,
            acquired: None,
            warnings: Vec::new(),
        }
    }

    #[test]
    fn a_scan_that_is_finer_than_needed_is_read_as_means_and_says_so() {
        let thin = thinned(scan(4200, 1.0)).unwrap();
        let Surface::Height(map) = &thin.surface else { panic!("heights") };
        assert_eq!((map.z.dim(), map.pitch_x.um().round()), ((2100, 2100), 2.0));
        assert!(map.z[[0, 0]].is_nan() && (map.z[[7, 5]] - 26.0).abs() < 1e-9);
        assert_eq!(thin.file_mask.map(|m| m.iter().filter(|on| **on).count()), Some(50 * 2100));
        assert!(thin.warnings[0].contains("4200 × 4200"), "{:?}", thin.warnings);
    }

    #[test]
    fn a_scan_within_the_bound_is_as_it_was_and_one_too_wide_is_refused() {
        let as_is = thinned(scan(200, 1.0)).unwrap();
        assert!(as_is.surface.dim() == (200, 200) && as_is.warnings.is_empty());
        let refused = thinned(scan(4200, 6.25)).err().map(|e| e.kind);
        assert_eq!(refused, Some(Kind::TooLarge));
    }
}
