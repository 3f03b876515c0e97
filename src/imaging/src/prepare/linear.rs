//! Small systems of linear equations.

/// Most unknowns: the coefficients of a surface of second order.
pub(super) const TERMS: usize = 6;

/// Solves `a · c = b` of size `n` by Gaussian elimination with pivoting; `None`
/// where the equations do not determine the unknowns.
pub(super) fn solve(
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
