//! The scan seen coarsely: medians of small blocks, on which marks are found.

use super::level::{Level, Point};
use super::region::Region;
use super::resample::{Axis, Kernel, resample};
use ndarray::Array2;
use types::numeric::median;
use types::surface::{HeightMap, Mask};

/// Side of a block in micrometres: fine enough for outlines, coarse enough
/// that single spikes and drop-outs vanish in the median.
const BLOCK_UM: f64 = 12.5;
/// Cut-off in µm of the waves that count as slope; standard deviation 20 µm.
const SLOPE_CUTOFF_UM: f64 = 107.0;

/// Block medians of a topography.
pub(super) struct Ground {
    /// Heights in µm, shape `(ny, nx)` in blocks, `NaN` where most is missing.
    pub(super) height: Array2<f64>,
    /// Side of a block in µm, along x and y.
    pub(super) step: (f64, f64),
    /// Scan pixels in a block along x and y.
    pub(super) block: (usize, usize),
    /// Block `(0, 0)`'s centre in mm from the scan's centre.
    origin: (f64, f64),
}

impl Ground {
    pub(super) fn of(map: &HeightMap) -> Self {
        let (ny, nx) = map.z.dim();
        let (px, py) = (map.pitch_x.um(), map.pitch_y.um());
        let side = |pitch: f64| ((BLOCK_UM / pitch).round() as usize).max(1);
        let block = (side(px), side(py));
        let shape = (ny.div_ceil(block.1), nx.div_ceil(block.0));
        let mut present = Vec::with_capacity(block.0 * block.1);
        let height = Array2::from_shape_fn(shape, |(by, bx)| {
            let (rows, columns) = (
                (by * block.1)..((by + 1) * block.1).min(ny),
                (bx * block.0)..((bx + 1) * block.0).min(nx),
            );
            let all = rows.len() * columns.len();
            let heights = map.z.slice(ndarray::s![rows, columns]);
            present.clear();
            present.extend(heights.iter().filter(|z| z.is_finite()).map(|z| z * 1e6));
            if 2 * present.len() < all {
                f64::NAN
            } else {
                median(&mut present).unwrap_or(f64::NAN)
            }
        });
        let origin = |n: usize, k: usize, pitch: f64| (k as f64 - n as f64) / 2.0 * pitch * 1e-3;
        Self {
            height,
            step: (block.0 as f64 * px, block.1 as f64 * py),
            block,
            origin: (origin(nx, block.0, px), origin(ny, block.1, py)),
        }
    }

    /// A block's centre in mm from the scan's centre.
    pub(super) fn place(&self, (row, col): (usize, usize)) -> (f64, f64) {
        let (x, y) = (col as f64 * self.step.0, row as f64 * self.step.1);
        (self.origin.0 + x * 1e-3, self.origin.1 + y * 1e-3)
    }

    /// The measured points of a region.
    pub(super) fn points(&self, region: &Region) -> Vec<Point> {
        let inside = self.height.indexed_iter().filter(|(at, z)| region.mask[*at] && z.is_finite());
        inside
            .map(|(at, &z)| {
                let (x, y) = self.place(at);
                [x, y, z]
            })
            .collect()
    }

    /// Heights above a form in µm, smoothed over some 50 µm.
    pub(super) fn above(&self, level: &Level) -> Array2<f32> {
        let (ny, nx) = self.height.dim();
        let heights = Array2::from_shape_fn((ny, nx), |at| {
            let (x, y) = self.place(at);
            (self.height[at] - level.at(x, y)) as f32
        });
        let same = |n: usize| Axis { count: n, first: 0.0, step: 1.0 };
        let cutoff = |step: f64| SLOPE_CUTOFF_UM / step;
        let kernel = Kernel::Gaussian(cutoff(self.step.1), cutoff(self.step.0));
        resample(&heights, &same(ny), &same(nx), kernel)
    }

    /// Slopes (rise over run) along x and y of smoothed heights; `NaN` beside
    /// missing points.
    pub(super) fn slopes(&self, smooth: &Array2<f32>) -> Array2<(f64, f64)> {
        let at = |y: usize, x: usize| smooth.get((y, x)).map_or(f64::NAN, |&z| f64::from(z));
        Array2::from_shape_fn(smooth.dim(), |(y, x)| {
            let (up, left) = (y.wrapping_sub(1), x.wrapping_sub(1));
            (
                (at(y, x + 1) - at(y, left)) / (2.0 * self.step.0),
                (at(y + 1, x) - at(up, x)) / (2.0 * self.step.1),
            )
        })
    }

    /// A region of blocks from a mask of the scan: at least half of a block.
    pub(super) fn region(&self, mask: &Mask) -> Region {
        let (kx, ky) = self.block;
        let mut count = Array2::<usize>::zeros(self.height.dim());
        for ((y, x), _) in mask.indexed_iter().filter(|(_, on)| **on) {
            if let Some(n) = count.get_mut((y / ky, x / kx)) {
                *n += 1;
            }
        }
        Region::new(count.mapv(|n| 2 * n >= kx * ky), self.step)
    }
}
