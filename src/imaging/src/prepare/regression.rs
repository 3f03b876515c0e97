//! Areal Gaussian regression filters of degree 0, 1 and 2 in double precision
//! (ISO 16610-61/-71), the reference for [`low_pass`](super::low_pass).

use super::filter::ALPHA;
use ndarray::Array2;
use types::numeric::{TERMS, solve};

/// α of the second-degree filter, for which a wave of the cut-off length
/// passes with half its amplitude: √((−1 − W₋₁(−1/2e)) / π), ISO 16610-31.
const ALPHA_SECOND: f64 = 0.730_913_428_094_676;

/// A low-pass filter for grids of one sampling.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GaussianRegression {
    /// Cut-off wavelength in pixels.
    pub cutoff: f64,
    /// Degree of the polynomial fitted at every point, 0 to 2.
    pub order: u8,
    /// Where the weights are cut off, in cut-off wavelengths from the point.
    pub reach: f64,
}

impl GaussianRegression {
    /// Waves longer than the cut-off. `values` has shape `(ny, nx)`, `NaN` =
    /// missing; the result is `NaN` at the same points and where too few
    /// points are near to fit the polynomial.
    pub fn smooth(&self, values: &Array2<f64>) -> Array2<f64> {
        let powers = self.powers();
        let n = powers.len();
        let present = values.mapv(|v| f64::from(u8::from(v.is_finite())));
        let filled = values.mapv(|v| if v.is_finite() { v } else { 0.0 });
        // Sums of weight · dyⁱ · dxʲ, and the same times the value.
        let degree = 2 * usize::from(self.order);
        let mut moments = Vec::new();
        for i in 0..=degree {
            for j in 0..=degree - i {
                moments.push(((i, j), self.moment(&present, i, j)));
            }
        }
        let moment_of = |i: usize, j: usize| moments.iter().position(|(p, _)| *p == (i, j));
        let normal: Vec<_> = powers
            .iter()
            .flat_map(|a| powers.iter().map(move |b| (a.0 + b.0, a.1 + b.1)))
            .filter_map(|(i, j)| moment_of(i, j))
            .collect();
        let right: Vec<_> = powers.iter().map(|&(i, j)| self.moment(&filled, i, j)).collect();
        let mut out = Array2::from_elem(values.dim(), f64::NAN);
        for (at, o) in out.indexed_iter_mut().filter(|(at, _)| values[*at].is_finite()) {
            let mut a = [[0.0; TERMS]; TERMS];
            let mut b = [0.0; TERMS];
            for (k, &m) in normal.iter().enumerate() {
                a[k / n][k % n] = moments[m].1[at];
            }
            for (b, r) in b.iter_mut().zip(&right) {
                *b = r[at];
            }
            *o = solve(&mut a, &mut b, n).map_or(f64::NAN, |c| c[0]);
        }
        out
    }

    /// Exponents (of dy, of dx) of the polynomial's terms, the constant first.
    fn powers(&self) -> Vec<(usize, usize)> {
        let p = usize::from(self.order.min(2));
        (0..=p).flat_map(|i| (0..=p - i).map(move |j| (i, j))).collect()
    }

    fn moment(&self, a: &Array2<f64>, i: usize, j: usize) -> Array2<f64> {
        let alpha = if self.order >= 2 { ALPHA_SECOND } else { ALPHA };
        let n = (self.reach * self.cutoff).ceil().max(1.0) as i64;
        let kernel = |power: usize| -> Vec<f64> {
            let weight =
                |d: f64| (-std::f64::consts::PI * (d / (alpha * self.cutoff)).powi(2)).exp();
            // Distances in units of the reach keep the equations well scaled.
            let term = |d: i64| weight(d as f64) * (d as f64 / n as f64).powi(power as i32);
            (-n..=n).map(term).collect()
        };
        along_rows(&along_rows(a, &kernel(j)), &kernel(i))
    }
}

/// Correlates every row with `kernel` and turns the grid over, so that two
/// calls do both directions.
fn along_rows(a: &Array2<f64>, kernel: &[f64]) -> Array2<f64> {
    let (ny, nx) = a.dim();
    let reach = kernel.len() / 2;
    let mut out = Array2::zeros((nx, ny));
    for (mut to, x) in out.rows_mut().into_iter().zip(0..nx) {
        let first = reach.saturating_sub(x);
        let from = x.saturating_sub(reach);
        for (k, source) in kernel.iter().skip(first).zip(from..nx) {
            to.scaled_add(*k, &a.column(source));
        }
    }
    out
}
