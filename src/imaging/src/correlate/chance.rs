//! How rarely chance does as well, in standard deviations.

use std::f64::consts::{LN_2, PI, SQRT_2};

/// ln Φ(−z): the logarithm of the chance that a standard normal number is
/// greater than `z`.
fn ln_tail(z: f64) -> f64 {
    if z < 30.0 {
        return libm::erfc(z / SQRT_2).ln() - LN_2;
    }
    // Abramowitz & Stegun 26.2.12; the next term is below 10⁻⁸ here.
    let square = z * z;
    let series = 1.0 - 1.0 / square + 3.0 / (square * square) - 15.0 / (square * square * square);
    -square / 2.0 - z.ln() - (2.0 * PI).ln() / 2.0 + series.ln()
}

/// The `z` with ln Φ(−z) = `ln_p`, for `ln_p` below 0.
fn of_ln_tail(ln_p: f64) -> f64 {
    let (mut low, mut high) = (-9.0, 1e6);
    for _ in 0..200 {
        let middle = (low + high) / 2.0;
        if ln_tail(middle) > ln_p { low = middle } else { high = middle }
    }
    (low + high) / 2.0
}

/// The standard deviations that one try would have to reach to be as rare as
/// the best of `tries` independent ones that reached `z` (Šidák 1967).
pub fn best_of(z: f64, tries: f64) -> f64 {
    let ln_one = ln_tail(z);
    // The chance that any does: 1 − (1 − p)ⁿ, which for small p is np.
    let p = ln_one.exp();
    let ln_any =
        if p < 1e-12 { ln_one + tries.ln() } else { (-(tries * (-p).ln_1p()).exp_m1()).ln() };
    // What nearly every try reaches is told no further, near −8.
    of_ln_tail(ln_any.min(-f64::EPSILON))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tails_are_those_of_the_tables() {
        for (z, p) in [(0.0, 0.5), (1.959_963_985, 0.025), (5.0, 2.866_515_719e-7)] {
            assert!((ln_tail(z) - f64::ln(p)).abs() < 1e-8, "{z}");
            assert!((of_ln_tail(f64::ln(p)) - z).abs() < 1e-8, "{z}");
        }
        // Both forms meet.
        assert!((ln_tail(29.999_999) - ln_tail(30.000_001)).abs() < 1e-3);
        assert!((of_ln_tail(ln_tail(200.0)) - 200.0).abs() < 1e-6);
    }

    #[test]
    fn many_tries_make_a_value_less_rare_and_one_changes_nothing() {
        assert!((best_of(3.0, 1.0) - 3.0).abs() < 1e-9);
        // 1 − (1 − 0.00135)¹⁰⁰ = 0.1263, which 1.144 reaches.
        assert!((best_of(3.0, 100.0) - 1.144).abs() < 1e-3, "{}", best_of(3.0, 100.0));
        let rising: Vec<f64> = (0..400).map(|k| best_of(f64::from(k) / 10.0, 120.0)).collect();
        assert!(rising.windows(2).all(|w| w[1] > w[0] || w[0] < -8.0));
    }
}
