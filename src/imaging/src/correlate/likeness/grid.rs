//! A scan on its own grid, sampled at any place.

use crate::prepare::low_pass;
use ndarray::Array2;
use types::surface::{Mask, Surface};
use types::units::Metres;

/// Share of a window that may have been filled in.
const FILLED: f64 = 0.05;

/// A scan on its own grid; micrometres throughout.
pub struct Grid {
    pub values: Array2<f32>,
    pub px: (f64, f64),
    /// Points that were measured and are to be looked at.
    pub measured: Mask,
}

impl Grid {
    pub fn of(surface: &Surface, mark: Option<&Mask>) -> Self {
        let (px, py) = surface.pitch();
        let values = match surface {
            Surface::Height(map) => {
                let (sum, n) = (map.z.iter().filter(|z| z.is_finite()))
                    .fold((0.0, 0_usize), |(sum, n), z| (sum + z, n + 1));
                let mean = sum / n.max(1) as f64;
                map.z.mapv(|z| ((z - mean) * 1e6) as f32)
            }
            Surface::Intensity(map) => map.v.clone(),
        };
        let mut measured = values.mapv(f32::is_finite);
        if let Some(mark) = mark {
            measured.zip_mut_with(mark, |here, &on| *here &= on);
        }
        Self { values: filled(values), px: (px.um(), py.um()), measured }
    }

    /// Waves between two lengths in micrometres.
    pub fn band(&self, (short, long): (f64, f64)) -> Self {
        let mean = Metres::from_um((self.px.0 * self.px.1).sqrt());
        let mut values = low_pass(&self.values, mean, Metres::from_um(short));
        values -= &low_pass(&self.values, mean, Metres::from_um(long));
        Self { values, px: self.px, measured: self.measured.clone() }
    }

    /// A pixel's place from the grid's centre.
    pub fn place(&self, (row, col): (usize, usize)) -> (f64, f64) {
        let (ny, nx) = self.values.dim();
        let from_centre = |i: usize, n: usize| i as f64 - (n as f64 - 1.0) / 2.0;
        (from_centre(col, nx) * self.px.0, from_centre(row, ny) * self.px.1)
    }

    /// A place in pixels (column, row).
    fn pixel(&self, (x, y): (f64, f64)) -> (f64, f64) {
        let (ny, nx) = self.values.dim();
        (x / self.px.0 + (nx as f64 - 1.0) / 2.0, y / self.px.1 + (ny as f64 - 1.0) / 2.0)
    }

    /// The value at a place by a kernel of `2·REACH` taps an axis; `NaN` where
    /// one of them is missing.
    pub fn sample<const REACH: usize>(&self, at: (f64, f64), kernel: impl Fn(f64) -> f64) -> f64 {
        let (x, y) = self.pixel(at);
        let (ny, nx) = self.values.dim();
        let reach = REACH as f64;
        let (left, top) = (x.floor() - reach + 1.0, y.floor() - reach + 1.0);
        let inside = left >= 0.0
            && top >= 0.0
            && left + 2.0 * reach <= nx as f64
            && top + 2.0 * reach <= ny as f64;
        if !inside {
            return f64::NAN;
        }
        let (col, row) = (left as usize, top as usize);
        let (mut sum, mut weight) = (0.0, 0.0);
        for i in 0..2 * REACH {
            let wy = kernel(y - (row + i) as f64);
            for j in 0..2 * REACH {
                let w = wy * kernel(x - (col + j) as f64);
                sum += w * f64::from(self.values[[row + i, col + j]]);
                weight += w;
            }
        }
        sum / weight
    }
}

/// Small gaps filled from their neighbours, three points deep.
fn filled(mut values: Array2<f32>) -> Array2<f32> {
    let (ny, nx) = values.dim();
    for _ in 0..3 {
        let before = values.clone();
        for ((row, col), v) in values.indexed_iter_mut().filter(|(_, v)| v.is_nan()) {
            let rows = row.saturating_sub(1)..(row + 2).min(ny);
            let around =
                rows.flat_map(|r| (col.saturating_sub(1)..(col + 2).min(nx)).map(move |c| (r, c)));
            let known = around.map(|at| before[at]).filter(|v| v.is_finite());
            let (sum, n) = known.fold((0.0, 0_u8), |(sum, n), v| (sum + v, n + 1));
            // Holes close from their edges; the grid's outside does not grow in.
            if n >= 4 {
                *v = sum / f32::from(n);
            }
        }
    }
    values
}

impl Grid {
    /// Whether a square from `corner` on was measured, but for a few points.
    pub fn holds(&self, corner: (f64, f64), width: f64) -> bool {
        let (ny, nx) = self.values.dim();
        let ((x0, y0), (x1, y1)) =
            (self.pixel(corner), self.pixel((corner.0 + width, corner.1 + width)));
        if x0 < 0.0 || y0 < 0.0 || x1 > nx as f64 || y1 > ny as f64 {
            return false;
        }
        let square = ndarray::s![y0 as usize..y1 as usize, x0 as usize..x1 as usize];
        let (values, measured) = (self.values.slice(square), self.measured.slice(square));
        let missing = measured.iter().filter(|on| !**on).count();
        values.iter().all(|v| v.is_finite()) && missing as f64 <= FILLED * measured.len() as f64
    }
}
