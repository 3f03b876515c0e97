//! Height and intensity maps with their lateral sampling.

use crate::units::Metres;
use ndarray::Array2;

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
