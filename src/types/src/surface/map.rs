//! Height and intensity maps with their lateral sampling.

use crate::evidence::Digest;
use crate::units::Metres;
use ndarray::{Array2, ArrayView2, Axis};
use sha2::Digest as _;

/// Which pixels count; shape `(ny, nx)`, `true` = use.
pub type Mask = Array2<bool>;

/// A measured topography.
#[derive(Clone, Debug, PartialEq)]
pub struct HeightMap {
    /// Heights in metres, shape `(ny, nx)`, `NaN` = missing.
    pub z: Array2<f64>,
    /// Lateral sampling along x (columns).
    pub pitch_x: Metres,
    /// Lateral sampling along y (rows).
    pub pitch_y: Metres,
}

impl HeightMap {
    /// Where a point (row, column) lies, x and y in millimetres from the grid's
    /// centre.
    pub fn place_mm(&self, (row, column): (usize, usize)) -> (f64, f64) {
        let (ny, nx) = self.z.dim();
        let from_centre = |i: usize, n: usize| i as f64 - (n as f64 - 1.0) / 2.0;
        (
            from_centre(column, nx) * self.pitch_x.um() * 1e-3,
            from_centre(row, ny) * self.pitch_y.um() * 1e-3,
        )
    }
}

/// A microscope image as linear grey values.
#[derive(Clone, Debug, PartialEq)]
pub struct IntensityMap {
    /// Grey values, 0 = black to 1 = the sensor's full scale, shape `(ny, nx)`.
    pub v: Array2<f32>,
    /// Lateral sampling along x (columns).
    pub pitch_x: Metres,
    /// Lateral sampling along y (rows).
    pub pitch_y: Metres,
}

/// What one acquisition measured.
#[derive(Clone, Debug, PartialEq)]
pub enum Surface {
    /// A 3D topography.
    Height(HeightMap),
    /// A 2D microscope image.
    Intensity(IntensityMap),
}

impl Surface {
    /// A digest of what was measured, whatever file it is packed in: SHA-256 of
    /// the shape and the values as 32-bit numbers, row by row, in that of the
    /// eight ways a grid can be turned or mirrored which gives the least. The
    /// pixel size does not count, since files state it in different ways.
    pub fn digest(&self) -> Digest {
        match self {
            Self::Height(map) => least_digest(map.z.view(), |z| z as f32),
            Self::Intensity(map) => least_digest(map.v.view(), |v| v),
        }
    }

    /// Shape `(ny, nx)`.
    pub fn dim(&self) -> (usize, usize) {
        match self {
            Self::Height(h) => h.z.dim(),
            Self::Intensity(i) => i.v.dim(),
        }
    }

    /// Lateral sampling `(along x, along y)`.
    pub const fn pitch(&self) -> (Metres, Metres) {
        match self {
            Self::Height(h) => (h.pitch_x, h.pitch_y),
            Self::Intensity(i) => (i.pitch_x, i.pitch_y),
        }
    }
}

fn least_digest<T: Copy>(values: ArrayView2<'_, T>, number: impl Fn(T) -> f32) -> Digest {
    let mut least: Option<Digest> = None;
    for turned in [values.view(), values.reversed_axes()] {
        for (down, right) in [(1, 1), (-1, 1), (1, -1), (-1, -1)] {
            let mut way = turned.view();
            if down < 0 {
                way.invert_axis(Axis(0));
            }
            if right < 0 {
                way.invert_axis(Axis(1));
            }
            let (ny, nx) = way.dim();
            let mut hash = sha2::Sha256::new();
            [ny, nx].iter().for_each(|n| hash.update((*n as u64).to_le_bytes()));
            for row in way.rows() {
                let canonical = |v: f32| if v.is_nan() { f32::NAN } else { v + 0.0 };
                let bytes: Vec<u8> =
                    row.iter().flat_map(|v| canonical(number(*v)).to_le_bytes()).collect();
                hash.update(&bytes);
            }
            let digest = Digest(hash.finalize().into());
            least = Some(least.map_or(digest, |least| least.min(digest)));
        }
    }
    least.unwrap_or(Digest([0; 32]))
}
