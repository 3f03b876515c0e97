//! Areal Gaussian regression filters with missing data (ISO 16610-61/-71).
//!
//! The weighting function is `s(x) = exp(−π (x / (α λ))²)` with
//! `α = √(ln 2 / π)`, so that a wave of the cut-off length λ passes with half
//! its amplitude. A regression filter of order p fits, at every point, a
//! polynomial of degree p to the neighbourhood under that weight and takes its
//! value at the point. Missing points carry no weight, and there is no end
//! effect to cut away. Order 0 is normalised convolution.

use crate::units::Metres;
use ndarray::Array2;

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
    let smooth = |a: &Array2<f32>| along_columns(&along_rows(a, &k), &k);
    let weight = smooth(&values.mapv(|v| f32::from(u8::from(v.is_finite()))));
    let mut out = smooth(&values.mapv(|v| if v.is_finite() { v } else { 0.0 }));
    ndarray::Zip::from(&mut out).and(&weight).and(values).for_each(|o, &w, &v| {
        *o = if v.is_finite() { *o / w } else { f32::NAN };
    });
    out
}
