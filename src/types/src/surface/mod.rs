//! What a scan is made of: height maps, intensity maps, masks, poses.
//!
//! Arrays have shape `(ny, nx)`: row (y, downwards) first, column (x, to the
//! right) second. A missing point is `NaN`. Pixels may be rectangular on
//! acquisition and are square after preparation. Points are addressed in
//! metres from the *centre* of the pixel grid, x right, y down: pixel
//! `(row, col)` lies at `((col − (nx−1)/2)·pitch, (row − (ny−1)/2)·pitch)`.

mod map;
mod pose;

pub use map::{HeightMap, IntensityMap, Mask, Surface};
pub use pose::Pose;
