//! The picture grid and resampling onto it.

use ndarray::{Array2, ArrayView2};
use types::mark::PreparedMark;
use types::surface::Pose;
use types::units::Metres;

/// Square picture pixels, centred on the grid centre of the mark it shows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Frame {
    /// Columns.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// Side of a pixel.
    pub pixel: Metres,
}

impl Frame {
    /// The whole of `mark`, no side longer than `max_side` pixels and no pixel
    /// finer than the mark's own.
    pub fn of(mark: &PreparedMark, max_side: usize) -> Self {
        Self::covering(mark.values.dim(), (mark.pitch, mark.pitch), max_side)
    }

    /// The whole of a grid of shape `(ny, nx)` and pitch `(along x, along y)`.
    pub(super) fn covering(
        (ny, nx): (usize, usize),
        pitch: (Metres, Metres),
        max_side: usize,
    ) -> Self {
        let (width, height) = (nx as f64 * pitch.0.0, ny as f64 * pitch.1.0);
        let finest = pitch.0.0.min(pitch.1.0);
        let pixel = finest.max(width.max(height) / max_side.max(1) as f64);
        let count = |length: f64| (length / pixel).round().clamp(1.0, max_side as f64) as usize;
        Self { width: count(width), height: count(height), pixel: Metres(pixel) }
    }

    /// Width in micrometres.
    pub fn width_um(&self) -> f64 {
        self.width as f64 * self.pixel.um()
    }

    /// Height in micrometres.
    pub fn height_um(&self) -> f64 {
        self.height as f64 * self.pixel.um()
    }
}

/// `values` (shape `(ny, nx)`, pitch `(along x, along y)`, `NaN` = missing) on
/// `frame`; `source_from_frame` carries a point of the frame into the source's
/// grid. Where the picture is coarser than the source, each picture pixel is
/// the mean of several places in it. Result: shape `(height, width)`.
pub fn sample(
    values: ArrayView2<f32>,
    pitch: (Metres, Metres),
    frame: &Frame,
    source_from_frame: &Pose,
) -> Array2<f32> {
    let (ny, nx) = values.dim();
    let (centre_col, centre_row) = ((nx as f64 - 1.0) / 2.0, (ny as f64 - 1.0) / 2.0);
    let fineness = (frame.pixel / Metres(pitch.0.0.min(pitch.1.0))).round().clamp(1.0, 6.0) as u32;
    let step = 1.0 / f64::from(fineness);
    let offsets: Vec<f64> = (0..fineness).map(|i| (f64::from(i) + 0.5) * step - 0.5).collect();
    let (half_w, half_h) = ((frame.width as f64 - 1.0) / 2.0, (frame.height as f64 - 1.0) / 2.0);
    Array2::from_shape_fn((frame.height, frame.width), |(row, col)| {
        let (mut sum, mut count) = (0.0_f32, 0_u32);
        for dy in &offsets {
            for dx in &offsets {
                let x = (col as f64 - half_w + dx) * frame.pixel.0;
                let y = (row as f64 - half_h + dy) * frame.pixel.0;
                let (x, y) = source_from_frame.apply(x, y);
                let place = (y / pitch.1.0 + centre_row, x / pitch.0.0 + centre_col);
                let value = bilinear(&values, place);
                if value.is_finite() {
                    sum += value;
                    count += 1;
                }
            }
        }
        if 2 * count >= fineness * fineness { sum / count as f32 } else { f32::NAN }
    })
}

/// The value at a fractional `(row, col)`: missing where the nearest point is
/// missing, else weighted over the neighbours that hold data.
fn bilinear(values: &ArrayView2<f32>, (row, col): (f64, f64)) -> f32 {
    let at = |r: f64, c: f64| {
        let inside = r >= 0.0 && c >= 0.0;
        if inside {
            values.get((r as usize, c as usize)).copied().unwrap_or(f32::NAN)
        } else {
            f32::NAN
        }
    };
    if !at(row.round(), col.round()).is_finite() {
        return f32::NAN;
    }
    let (r0, c0) = (row.floor(), col.floor());
    let (fr, fc) = ((row - r0) as f32, (col - c0) as f32);
    let corners = [
        (at(r0, c0), (1.0 - fr) * (1.0 - fc)),
        (at(r0, c0 + 1.0), (1.0 - fr) * fc),
        (at(r0 + 1.0, c0), fr * (1.0 - fc)),
        (at(r0 + 1.0, c0 + 1.0), fr * fc),
    ];
    let (sum, weight) = corners
        .iter()
        .filter(|(v, _)| v.is_finite())
        .fold((0.0, 0.0), |(s, w), (v, k)| (s + v * k, w + k));
    sum / weight
}

#[cfg(test)]
mod tests {
    use super::*;
    use types::units::Angle;

    #[test]
    fn a_mark_turned_by_a_known_pose_is_brought_back_over_the_original() {
        let pitch = (Metres::from_um(5.0), Metres::from_um(5.0));
        let height = |x: f64, y: f64| ((x * 3e4).sin() + (y * 2e4).cos()) as f32;
        let point = |i: usize| (i as f64 - 60.0) * 5e-6;
        let a = Array2::from_shape_fn((121, 121), |(r, c)| height(point(c), point(r)));
        let b_from_a = Pose {
            rotation: Angle::from_deg(37.0),
            dx: Metres::from_um(20.0),
            dy: Metres::from_um(-15.0),
        };
        let a_from_b = b_from_a.inverse();
        let b = Array2::from_shape_fn((121, 121), |(r, c)| {
            let (x, y) = a_from_b.apply(point(c), point(r));
            height(x, y)
        });
        let frame = Frame::covering((121, 121), pitch, 500);
        let aligned = sample(b.view(), pitch, &frame, &b_from_a);
        let (mut worst, mut seen) = (0.0_f32, 0);
        for ((r, c), value) in aligned.indexed_iter().filter(|(_, v)| v.is_finite()) {
            let (x, y) = b_from_a.apply(point(c), point(r));
            if x.abs().max(y.abs()) <= point(120) {
                worst = worst.max((value - a[(r, c)]).abs());
                seen += 1;
            }
        }
        assert!(seen > 9000, "{seen}");
        assert!(worst < 0.01, "{worst}");
    }

    #[test]
    fn missing_points_stay_missing_and_do_not_spread() {
        let mut a = Array2::from_elem((40, 40), 1.0_f32);
        a[(20, 20)] = f32::NAN;
        let pitch = (Metres::from_um(5.0), Metres::from_um(5.0));
        let frame = Frame::covering((40, 40), pitch, 40);
        let same = sample(a.view(), pitch, &frame, &Pose::default());
        assert_eq!(same.iter().filter(|v| v.is_nan()).count(), 1);
        assert!(same.iter().filter(|v| v.is_finite()).all(|v| (v - 1.0).abs() < 1e-6));
    }
}
