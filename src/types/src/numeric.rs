//! Small numerical tools that several crates share: middle values, quantiles and
//! systems of linear equations.

/// Most unknowns of [`solve`]: the coefficients of a surface of second order.
pub const TERMS: usize = 6;

/// The median, the upper one of an even number; reorders the values. None of
/// none.
pub fn median(values: &mut [f64]) -> Option<f64> {
    if values.is_empty() {
        return None;
    }
    let middle = values.len() / 2;
    Some(*values.select_nth_unstable_by(middle, f64::total_cmp).1)
}

/// The median, of an even number the mean of the two in the middle. None of none.
pub fn mean_median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let n = values.len();
    (n > 0).then(|| (values[(n - 1) / 2] + values[n / 2]) / 2.0)
}

/// The value below which a share `q` of the sorted `values` lies, interpolated
/// between neighbours (Hyndman & Fan 1996, type 7); `NaN` without values.
pub fn quantile(sorted: &[f64], q: f64) -> f64 {
    let Some(last) = sorted.len().checked_sub(1) else { return f64::NAN };
    let at = q.clamp(0.0, 1.0) * last as f64;
    let low = at.floor() as usize;
    let (x, y) = (sorted[low], sorted[(low + 1).min(last)]);
    if x == y { x } else { x + (y - x) * at.fract() }
}

/// The value whose rank is nearest to a share `q` of the values, which it
/// reorders; 0 of none.
pub fn nearest_rank(values: &mut [f64], q: f64) -> f64 {
    let Some(last) = values.len().checked_sub(1) else { return 0.0 };
    *values.select_nth_unstable_by((q * last as f64).round() as usize, f64::total_cmp).1
}

/// Solves `a · c = b` of size `n` by Gaussian elimination with pivoting; `None`
/// where the equations do not determine the unknowns.
pub fn solve(
    a: &mut [[f64; TERMS]; TERMS],
    b: &mut [f64; TERMS],
    n: usize,
) -> Option<[f64; TERMS]> {
    let scale = a.iter().take(n).flatten().fold(0.0_f64, |m, v| m.max(v.abs()));
    for k in 0..n {
        let pivot = (k..n).max_by(|&p, &q| a[p][k].abs().total_cmp(&a[q][k].abs()))?;
        if a[pivot][k].abs() <= 1e-13 * scale {
            return None;
        }
        a.swap(k, pivot);
        b.swap(k, pivot);
        for row in k + 1..n {
            let f = a[row][k] / a[k][k];
            let upper = a[k];
            for (a, u) in a[row].iter_mut().zip(&upper).take(n).skip(k) {
                *a -= f * u;
            }
            b[row] -= f * b[k];
        }
    }
    let mut c = [0.0; TERMS];
    for k in (0..n).rev() {
        let known: f64 = (k + 1..n).map(|j| a[k][j] * c[j]).sum();
        c[k] = (b[k] - known) / a[k][k];
    }
    Some(c)
}

/// Solves a positive definite system by Cholesky decomposition; only the lower
/// triangle of `a` is read.
pub fn solve_positive_definite(mut a: Vec<Vec<f64>>, mut b: Vec<f64>) -> Vec<f64> {
    let n = b.len();
    for j in 0..n {
        for k in 0..=j {
            let known: f64 = (0..k).map(|m| a[j][m] * a[k][m]).sum();
            let rest = a[j][k] - known;
            a[j][k] = if j == k { rest.max(f64::MIN_POSITIVE).sqrt() } else { rest / a[k][k] };
        }
        let known: f64 = (0..j).map(|m| a[j][m] * b[m]).sum();
        b[j] = (b[j] - known) / a[j][j];
    }
    for j in (0..n).rev() {
        let known: f64 = (j + 1..n).map(|m| a[m][j] * b[m]).sum();
        b[j] = (b[j] - known) / a[j][j];
    }
    b
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn middles_and_quantiles() {
        assert_eq!(median(&mut [3.0, 1.0, 2.0, 4.0]), Some(3.0));
        assert_eq!(mean_median(vec![3.0, 1.0, 2.0, 4.0]), Some(2.5));
        assert_eq!((median(&mut []), mean_median(vec![])), (None, None));
        assert_eq!(quantile(&[0.0, 10.0], 0.25), 2.5);
        assert_eq!(quantile(&[f64::INFINITY, f64::INFINITY], 0.5), f64::INFINITY);
        assert!(quantile(&[], 0.5).is_nan());
        assert_eq!(nearest_rank(&mut [9.0, 1.0, 5.0], 0.5), 5.0);
    }

    #[test]
    fn systems_are_solved_and_singular_ones_are_not() {
        let mut a = [[0.0; TERMS]; TERMS];
        (a[0][1], a[1][0], a[1][1]) = (2.0, 4.0, 1.0);
        let mut b = [6.0, 7.0, 0.0, 0.0, 0.0, 0.0];
        let c = solve(&mut a, &mut b, 2).unwrap();
        assert!((c[0] - 1.0).abs() < 1e-12 && (c[1] - 3.0).abs() < 1e-12);
        assert_eq!(solve(&mut [[0.0; TERMS]; TERMS], &mut [1.0; TERMS], 2), None);
        let x = solve_positive_definite(vec![vec![4.0, 0.0], vec![2.0, 3.0]], vec![2.0, -1.0]);
        assert!((x[0] - 1.0).abs() < 1e-12 && (x[1] + 1.0).abs() < 1e-12);
    }
}
