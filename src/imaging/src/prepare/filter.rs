//! Areal Gaussian regression filters with missing data (ISO 16610-61/-71).
//!
//! The weighting function is `s(x) = exp(−π (x / (α λ))²)` with
//! `α = √(ln 2 / π)`, so that a wave of the cut-off length λ passes with half
//! its amplitude. A regression filter of order p fits, at every point, a
//! polynomial of degree p to the neighbourhood under that weight and takes its
//! value at the point. Missing points carry no weight, and there is no end
//! effect to cut away. Order 0 is normalised convolution.

use ndarray::Array2;
use types::units::Metres;

/// α = √(ln 2 / π), ISO 16610-21.
pub(super) const ALPHA: f64 = 0.469_718_639_349_825_7;

/// Where the kernel is cut off, in units of αλ: the weight there is
/// exp(−π·1.5²) < 0.1 %.
const REACH: f64 = 1.5;

/// The one-dimensional Gaussian weights `s(i·pitch)`, i = −n..=n, for a cut-off
/// wavelength; at least the centre.
fn kernel(cutoff: Metres, pitch: Metres) -> Vec<f32> {
    let unit = ALPHA * (cutoff / pitch);
    let n = (unit * REACH).ceil() as i64;
    (-n..=n).map(|i| (-std::f64::consts::PI * (i as f64 / unit).powi(2)).exp() as f32).collect()
}

/// Convolves every row with `kernel` (odd length), zeros beyond the edges.
fn along_rows(input: &Array2<f32>, kernel: &[f32]) -> Array2<f32> {
    let (ny, nx) = input.dim();
    let reach = kernel.len() / 2;
    let mut out = Array2::zeros((ny, nx));
    for (mut to, from) in out.rows_mut().into_iter().zip(input.rows()) {
        let (Some(to), Some(from)) = (to.as_slice_mut(), from.as_slice()) else { continue };
        for (k, &w) in kernel.iter().enumerate() {
            // to[x] += w · from[x + k − reach], as far as both exist.
            let (skip_to, skip_from) = (reach.saturating_sub(k), k.saturating_sub(reach));
            if skip_to >= nx || skip_from >= nx {
                continue;
            }
            for (t, &f) in to[skip_to..].iter_mut().zip(&from[skip_from..]) {
                *t += w * f;
            }
        }
    }
    out
}

/// Convolves every column with `kernel` (odd length), zeros beyond the edges.
fn along_columns(input: &Array2<f32>, kernel: &[f32]) -> Array2<f32> {
    let (ny, nx) = input.dim();
    let reach = kernel.len() / 2;
    let mut out = Array2::zeros((ny, nx));
    for (y, mut to) in out.rows_mut().into_iter().enumerate() {
        let Some(to) = to.as_slice_mut() else { continue };
        for (k, &w) in kernel.iter().enumerate() {
            let Some(from) = (y + k).checked_sub(reach).filter(|&r| r < ny) else { continue };
            let from = input.row(from);
            let Some(from) = from.as_slice() else { continue };
            for (t, &f) in to.iter_mut().zip(from) {
                *t += w * f;
            }
        }
    }
    out
}

/// Waves longer than `cutoff`: the order-0 regression filter.
///
/// `values` has shape `(ny, nx)`, `NaN` = missing; the result is `NaN` at the
/// same points, in the same unit.
pub fn low_pass(values: &Array2<f32>, pitch: Metres, cutoff: Metres) -> Array2<f32> {
    let k = kernel(cutoff, pitch);
    let values = &values.as_standard_layout();
    let smooth = |a: &Array2<f32>| along_columns(&along_rows(a, &k), &k);
    let weight = smooth(&values.mapv(|v| f32::from(u8::from(v.is_finite()))));
    let mut out = smooth(&values.mapv(|v| if v.is_finite() { v } else { 0.0 }));
    ndarray::Zip::from(&mut out).and(&weight).and(values).for_each(|o, &w, &v| {
        *o = if v.is_finite() { *o / w } else { f32::NAN };
    });
    out
}

/// Waves of a line longer than `cutoff` (ISO 16610-21): `NaN` = missing, and
/// missing at the same points. The line is mirrored at its first and last point;
/// within it, missing points carry no weight.
pub fn low_pass_line(line: &[f64], pitch: Metres, cutoff: Metres) -> Vec<f64> {
    let kernel = kernel(cutoff, pitch);
    let reach = kernel.len() / 2;
    let mut out = vec![f64::NAN; line.len()];
    let first = line.iter().position(|v| v.is_finite());
    let last = line.iter().rposition(|v| v.is_finite());
    let (Some(first), Some(last)) = (first, last) else { return out };
    let inner = &line[first..=last];
    // Twice the line, there and back, repeats as the mirrored line does.
    let round = 2 * inner.len();
    let mirrored = |i: usize| if i < inner.len() { inner[i] } else { inner[round - 1 - i] };
    let start = round - reach % round;
    let extended: Vec<f64> =
        (0..inner.len() + 2 * reach).map(|i| mirrored((start + i) % round)).collect();
    for (i, _) in inner.iter().enumerate().filter(|(_, v)| v.is_finite()) {
        let (mut sum, mut weight) = (0.0, 0.0);
        for (&w, &v) in kernel.iter().zip(&extended[i..]) {
            let (w, present) = (f64::from(w), f64::from(u8::from(v.is_finite())));
            sum += w * if v.is_finite() { v } else { 0.0 };
            weight += w * present;
        }
        out[first + i] = sum / weight;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::super::GaussianRegression;
    use super::*;

    #[test]
    fn a_wave_of_the_cutoff_length_passes_by_half() {
        let pitch = Metres::from_um(5.0);
        let wave = |x: usize| (x as f32 * std::f32::consts::TAU / 20.0).cos();
        let values = Array2::from_shape_fn((120, 120), |(_, x)| wave(x));
        let smooth = low_pass(&values, pitch, Metres::from_um(100.0));
        assert!((smooth[[60, 60]] - 0.5).abs() < 0.01, "{}", smooth[[60, 60]]);
    }

    #[test]
    fn single_and_double_precision_agree_and_gaps_stay_gaps() {
        let values = Array2::from_shape_fn((60, 70), |(y, x)| {
            if (y / 9 + x / 7) % 5 == 0 { f32::NAN } else { (x * y % 37) as f32 * 0.1 }
        });
        let fast = low_pass(&values, Metres::from_um(5.0), Metres::from_um(80.0));
        let exact = GaussianRegression { cutoff: 16.0, order: 0, reach: ALPHA * REACH };
        for (a, b) in fast.iter().zip(&exact.smooth(&values.mapv(f64::from))) {
            assert!(a.is_nan() == b.is_nan() && (a.is_nan() || (f64::from(*a) - b).abs() < 1e-5));
        }
    }

    #[test]
    fn a_line_is_mirrored_at_its_ends_and_gaps_stay_gaps() {
        let pitch = Metres::from_um(5.0);
        let level = vec![3.0; 40];
        let smooth = low_pass_line(&level, pitch, Metres::from_um(400.0));
        assert!(smooth.iter().all(|v| (v - 3.0).abs() < 1e-9), "{smooth:?}");
        let mut line: Vec<f64> = (0..60).map(|x| (f64::from(x) / 9.0).cos()).collect();
        line[..3].fill(f64::NAN);
        line[20] = f64::NAN;
        let smooth = low_pass_line(&line, pitch, Metres::from_um(30.0));
        assert!(line.iter().zip(&smooth).all(|(a, b)| a.is_nan() == b.is_nan()));
        // Mirrored by hand at the first point.
        let weight =
            |d: f64| f64::from((-std::f64::consts::PI * (d / (ALPHA * 6.0)).powi(2)).exp() as f32);
        let taps: Vec<(f64, f64)> = (-5i32..=5)
            .map(|d| (weight(f64::from(d)), line[3 + if d < 0 { -1 - d } else { d } as usize]))
            .collect();
        let sum: f64 = taps.iter().map(|(w, v)| w * v).sum();
        let weights: f64 = taps.iter().map(|t| t.0).sum();
        assert!((smooth[3] - sum / weights).abs() < 1e-9);
    }

    #[test]
    fn a_regression_of_degree_p_leaves_a_polynomial_of_degree_p_alone() {
        for order in [1_u8, 2] {
            let values = Array2::from_shape_fn((40, 50), |(y, x)| {
                let (x, y) = (x as f64 / 10.0, y as f64 / 10.0);
                if (x - 2.0).hypot(y - 2.0) < 0.6 {
                    f64::NAN
                } else if order == 1 {
                    1.0 + 2.0 * x - y
                } else {
                    1.0 + 2.0 * x - y + 0.3 * x * x - 0.2 * x * y
                }
            });
            let filter = GaussianRegression { cutoff: 12.0, order, reach: 1.0 };
            for (a, b) in filter.smooth(&values).iter().zip(&values) {
                assert!(a.is_nan() == b.is_nan() && (a.is_nan() || (a - b).abs() < 1e-8));
            }
        }
    }
}
