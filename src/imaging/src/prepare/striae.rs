//! Striated marks: parallel striae, drawn by an edge that slid over the metal.
//!
//! What identifies the edge is the profile across the striae; along them a mark
//! repeats itself. A striated mark is therefore prepared so that its striae run
//! along y, and filtered across them only, along x. A mark's striae tell their
//! axis and not which end is which: turned by half a turn they look alike, and
//! comparing tries both.

use super::filter::low_pass_line;
use super::quality::Remark;
use super::recipe::Band;
use super::regression::GaussianRegression;
use super::resample::{Axis, Kernel, resample};
use super::{PreparedMark, Verdict, frame};
use ndarray::Array2;
use types::message::say;
use types::surface::Pose;
use types::units::{Angle, Metres};

/// Waves longer than this are form, whatever their direction; NFI's long
/// cut-off of striated marks.
const FORM: Metres = Metres::from_um(250.0);
/// The axis is searched on means of so many points along either axis first.
const COARSE: f64 = 4.0;
/// Step of the first search, in degrees.
const STEP_DEG: f64 = 1.0;
/// In a step of the second, the ends of the striae move apart by this much.
const FINE_STEP: Metres = Metres::from_um(1.0);
/// Fine steps on either side of the best by which its place is refined.
const ABOUT_TOP: usize = 8;
/// Share of the variance that lines along one axis must explain.
const LINED: f64 = 0.1;

/// Turns a mark so that its striae run along y, and keeps the waves of `band`
/// across them: the values of the turned grid, of the same pitch and unit, and
/// where that grid lies in the given one.
pub(super) fn aligned(
    values: &Array2<f32>,
    pitch: Metres,
    band: Band,
    remarks: &mut Vec<Remark>,
) -> (Array2<f32>, Pose) {
    let Upright { values, place, explained } = Upright::of(values, pitch);
    if explained < LINED {
        let text = say!(
            "no striae: lines along one direction explain {:.0} % of the heights (at least {:.0} % \
             wanted)",
            100.0 * explained.max(0.0),
            100.0 * LINED
        );
        remarks.push(Remark(Verdict::Doubtful, text));
    }
    (band_across(&values, pitch, band), place)
}

/// A striated mark that was turned since it was prepared, with its striae along
/// y again; any other mark as it is.
#[must_use]
pub fn upright(mark: PreparedMark) -> PreparedMark {
    if !mark.kind.is_striated() {
        return mark;
    }
    let Upright { values, place, .. } = Upright::of(&mark.values, mark.pitch);
    PreparedMark { values, scan_from_mark: mark.scan_from_mark.after(&place), ..mark }
}

/// A map turned so that its striae run along y.
struct Upright {
    values: Array2<f32>,
    /// Where its grid lies in the given one.
    place: Pose,
    /// See [`striae_axis`].
    explained: f64,
}

impl Upright {
    fn of(values: &Array2<f32>, pitch: Metres) -> Self {
        let (axis, explained) = striae_axis(values, pitch);
        let (values, (x, y)) = frame(&turned(values, axis));
        let turn = Pose { rotation: axis, ..Pose::default() };
        let place = turn.after(&Pose { dx: pitch * x, dy: pitch * y, ..Pose::default() });
        Self { values, place, explained }
    }
}

/// The direction across a mark's striae, from x towards y in (−90°, 90°], and
/// the share of the variance (0–1) that lines at right angles to it explain.
///
/// Heights free of form are sorted into lines one point wide; the axis is the
/// one whose lines' means differ most: the adjusted coefficient of
/// determination of a one-way analysis of variance, so that an axis with few
/// points a line gains nothing by it.
fn striae_axis(values: &Array2<f32>, pitch: Metres) -> (Angle, f64) {
    let [coarse, texture] = without_form(values, pitch);
    let points = Points::of(&coarse);
    let reach = (90.0 / STEP_DEG) as i32;
    let (near, _) = best_axis(&points, 0.0, STEP_DEG, reach, 1);
    let points = Points::of(&texture);
    let step = (FINE_STEP / (pitch * points.length_across(near))).to_degrees();
    let reach = (1.5 * STEP_DEG / step).ceil() as i32 + ABOUT_TOP as i32;
    let (axis, explained) = best_axis(&points, near, step, reach, ABOUT_TOP);
    let axis = (axis + 90.0).rem_euclid(180.0) - 90.0;
    (Angle::from_deg(axis), explained)
}

/// The waves that may tell striae, on a coarse grid and on the given one. The
/// form is a regression of degree 2 (ISO 16610-71), which follows a curved
/// surface up to its borders.
fn without_form(values: &Array2<f32>, pitch: Metres) -> [Array2<f32>; 2] {
    let (ny, nx) = values.dim();
    let (rows, columns) = (Axis::centred(ny, COARSE), Axis::centred(nx, COARSE));
    let coarse = resample(values, &rows, &columns, Kernel::Triangle);
    let cutoff = FORM / (pitch * COARSE);
    let filter = GaussianRegression { cutoff, order: 2, reach: 1.0 };
    let form = filter.smooth(&coarse.mapv(f64::from)).mapv(|v| v as f32);
    let back = |axis: &Axis, n: usize| Axis {
        count: n,
        first: -axis.first / axis.step,
        step: 1.0 / axis.step,
    };
    let fine = values - &resample(&form, &back(&rows, ny), &back(&columns, nx), Kernel::Triangle);
    [coarse - form, fine]
}

/// The direction that explains most among those `step` degrees apart, up to
/// `reach` steps from `centre`, and how much. Its fraction of a step is that of
/// the parabola through the `wide` neighbours on either side.
fn best_axis(points: &Points, centre: f64, step: f64, reach: i32, wide: usize) -> (f64, f64) {
    let tries: Vec<f64> =
        (-reach..=reach).map(|k| points.explained(centre + f64::from(k) * step)).collect();
    let best = (0..tries.len()).max_by(|&a, &b| tries[a].total_cmp(&tries[b])).unwrap_or_default();
    let at = centre + (best as f64 - f64::from(reach)) * step;
    let about = best.checked_sub(wide).and_then(|from| tries.get(from..=best + wide));
    (at + about.map_or(0.0, top) * step, tries[best])
}

/// Where the least-squares parabola through an odd number of values, one step
/// apart, has its top: in steps from the middle one.
fn top(values: &[f64]) -> f64 {
    let half = (values.len() / 2) as f64;
    let (mut slope, mut bend, mut xx, mut x4) = (0.0, 0.0, 0.0, 0.0);
    let mean_square = half * (half + 1.0) / 3.0;
    for (i, v) in values.iter().enumerate() {
        let x = i as f64 - half;
        slope += x * v;
        xx += x * x;
        bend += (x * x - mean_square) * v;
        x4 += (x * x - mean_square).powi(2);
    }
    let (slope, bend) = (slope / xx.max(1.0), bend / x4.max(f64::MIN_POSITIVE));
    if bend < 0.0 { (-slope / (2.0 * bend)).clamp(-half, half) } else { 0.0 }
}

/// The points of a map, in pixels from its centre.
struct Points {
    at: Vec<(f32, f32, f32)>,
    reach: f64,
    /// Sum of squares about the mean.
    total: f64,
}

impl Points {
    fn of(values: &Array2<f32>) -> Self {
        let (ny, nx) = values.dim();
        let centre = |n: usize| (n as f32 - 1.0) / 2.0;
        let place = |((y, x), &v): ((usize, usize), &f32)| {
            v.is_finite().then_some((x as f32 - centre(nx), y as f32 - centre(ny), v))
        };
        let mut at: Vec<_> = values.indexed_iter().filter_map(place).collect();
        let sum: f64 = at.iter().map(|p| f64::from(p.2)).sum();
        let mean = (sum / at.len().max(1) as f64) as f32;
        at.iter_mut().for_each(|p| p.2 -= mean);
        let total = at.iter().map(|p| f64::from(p.2).powi(2)).sum();
        Self { at, reach: (ny as f64).hypot(nx as f64) / 2.0 + 1.0, total }
    }

    /// How far the points reach at right angles to a direction, at least one.
    fn length_across(&self, deg: f64) -> f64 {
        let (s, c) = deg.to_radians().sin_cos();
        let along = self.at.iter().map(|&(x, y, _)| c * f64::from(y) - s * f64::from(x));
        let (low, high) = along.fold((f64::MAX, f64::MIN), |(l, h), v| (l.min(v), h.max(v)));
        (high - low).max(1.0)
    }

    /// Share of the variance that the means of lines at right angles to a
    /// direction explain, adjusted for their number.
    fn explained(&self, deg: f64) -> f64 {
        let (s, c) = deg.to_radians().sin_cos();
        let (s, c, reach) = (s as f32, c as f32, self.reach as f32);
        let mut lines = vec![(0_u32, 0.0_f64); 2 * self.reach as usize + 2];
        for &(x, y, v) in &self.at {
            let line = (c * x + s * y + reach).max(0.0) as usize;
            if let Some((count, sum)) = lines.get_mut(line) {
                *count += 1;
                *sum += f64::from(v);
            }
        }
        let filled = lines.iter().filter(|l| l.0 > 0);
        let (k, between) =
            filled.fold((0_usize, 0.0), |(k, s), (n, sum)| (k + 1, s + sum * sum / f64::from(*n)));
        let n = self.at.len();
        if n <= k || self.total <= 0.0 {
            return 0.0;
        }
        1.0 - (self.total - between) / self.total * (n as f64 - 1.0) / (n - k) as f64
    }
}

/// The map seen along `axis`: what lies in that direction from the centre lies
/// along x. Bilinear; missing where less than half the weight is present.
fn turned(values: &Array2<f32>, axis: Angle) -> Array2<f32> {
    let (ny, nx) = values.dim();
    let (s, c) = axis.rad().sin_cos();
    let side = |a: usize, b: usize| (a as f64 * c.abs() + b as f64 * s.abs()).ceil() as usize + 1;
    let (my, mx) = (side(ny, nx), side(nx, ny));
    let centre = |n: usize| (n as f64 - 1.0) / 2.0;
    Array2::from_shape_fn((my, mx), |(row, column)| {
        let (u, v) = (column as f64 - centre(mx), row as f64 - centre(my));
        let (x, y) = (c * u - s * v + centre(nx), s * u + c * v + centre(ny));
        let (fx, fy) = (x - x.floor(), y - y.floor());
        let (mut sum, mut weight) = (0.0, 0.0);
        for (dy, wy) in [(0, 1.0 - fy), (1, fy)] {
            for (dx, wx) in [(0, 1.0 - fx), (1, fx)] {
                let at = (y.floor() as i64 + dy, x.floor() as i64 + dx);
                let at = (usize::try_from(at.0), usize::try_from(at.1));
                let (Ok(y), Ok(x)) = at else { continue };
                if let Some(value) = values.get((y, x)).filter(|v| v.is_finite()) {
                    sum += wx * wy * f64::from(*value);
                    weight += wx * wy;
                }
            }
        }
        if weight > 0.499 { (sum / weight) as f32 } else { f32::NAN }
    })
}

/// The waves of `band` along x (ISO 16610-21, Gaussian): shape `(ny, nx)` and
/// unit as given, `NaN` = missing, and missing at the same points. A line is
/// mirrored at its first and last point.
pub fn band_across(values: &Array2<f32>, pitch: Metres, band: Band) -> Array2<f32> {
    let mut out = values.clone();
    for mut line in out.rows_mut() {
        let heights: Vec<f64> = line.iter().map(|&v| f64::from(v)).collect();
        let kept = band_of_line(&heights, pitch, band);
        line.iter_mut().zip(kept).for_each(|(v, kept)| *v = kept as f32);
    }
    out
}

/// The waves of `band` of one line.
fn band_of_line(line: &[f64], pitch: Metres, band: Band) -> Vec<f64> {
    let long = low_pass_line(line, pitch, Metres::from_um(band.long_um));
    let rest: Vec<f64> = line.iter().zip(long).map(|(v, long)| v - long).collect();
    low_pass_line(&rest, pitch, Metres::from_um(band.short_um))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Striae across `deg`, with `noise` of the same strength as they have, in a
    /// strip of 1 × 0.4 mm.
    fn striae(deg: f64, noise: f32) -> Array2<f32> {
        let (s, c) = deg.to_radians().sin_cos();
        Array2::from_shape_fn((128, 320), |(y, x)| {
            let u = c * (x as f64 - 159.5) + s * (y as f64 - 63.5);
            let wave = |k: f64| (u / (3.0 + k * 1.7) + k * k).sin() as f32;
            let h = (x as u64 * 7919 + y as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
            let grain = ((h ^ h >> 29).wrapping_mul(0xbf58_476d_1ce4_e5b9) >> 40) as f32;
            (0..8).map(|k| wave(f64::from(k))).sum::<f32>() + noise * 7.0 * (grain / 1.7e7 - 0.5)
        })
    }

    const PITCH: Metres = Metres::from_um(3.125);

    #[test]
    fn the_axis_of_striae_is_found_in_noise() {
        for deg in [-88.0, -31.5, 0.0, 2.0, 45.0, 90.0] {
            let (axis, explained) = striae_axis(&striae(deg, 1.0), PITCH);
            let off = (axis.deg() - deg + 90.0).rem_euclid(180.0) - 90.0;
            assert!(off.abs() < 0.2 && explained > 0.2, "{deg}: {} {explained}", axis.deg());
        }
        let (_, explained) = striae_axis(&striae(0.0, 1e6), PITCH);
        assert!(explained < LINED, "{explained}");
    }

    #[test]
    fn an_aligned_mark_tells_where_it_lay() {
        let mut remarks = Vec::new();
        let band = Band { short_um: 5.0, long_um: 1000.0 };
        let given = striae(25.0, 0.0);
        let (values, given_from_mark) = aligned(&given, PITCH, band, &mut remarks);
        assert!(remarks.is_empty(), "{remarks:?}");
        assert!((given_from_mark.rotation.deg() - 25.0).abs() < 0.1);
        // The values stand where the pose says, but for the long waves.
        let centre = |n: usize| (n as f64 - 1.0) / 2.0;
        let (ny, nx) = values.dim();
        let (mut n, mut ab, mut aa, mut bb) = (0, 0.0, 0.0, 0.0);
        for ((y, x), &v) in values.indexed_iter().filter(|(_, v)| v.is_finite()) {
            let at = given_from_mark
                .apply((x as f64 - centre(nx)) * PITCH.0, (y as f64 - centre(ny)) * PITCH.0);
            let at = (at.1 / PITCH.0 + 63.5, at.0 / PITCH.0 + 159.5);
            let there = given.get((at.0.round() as usize, at.1.round() as usize));
            let Some(&there) = there else { continue };
            n += 1;
            ab += f64::from(v * there);
            aa += f64::from(v * v);
            bb += f64::from(there * there);
        }
        assert!(n > 30_000 && ab / (aa * bb).sqrt() > 0.9, "{n} {}", ab / (aa * bb).sqrt());
    }
}
