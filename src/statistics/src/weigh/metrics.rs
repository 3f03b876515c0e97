//! How good a set of likelihood ratios is: single figures.
//!
//! Log likelihood ratios are natural logarithms. Weights count a value more or
//! less than once (a bootstrap over firearms); `None` counts all alike.

use super::pav::best_log_lr;

/// Log-likelihood-ratio cost in bits (Brümmer & du Preez 2006): 0 is perfect, 1
/// is what saying nothing costs. `NaN` if a class is empty.
pub fn cllr(same: &[f64], different: &[f64]) -> f64 {
    weighted_cllr(same, None, different, None)
}

/// [`cllr`] with a weight for each value.
pub fn weighted_cllr(
    same: &[f64],
    same_weights: Option<&[f64]>,
    different: &[f64],
    different_weights: Option<&[f64]>,
) -> f64 {
    let cost = |values: &[f64], weights: Option<&[f64]>, sign: f64| {
        let weight = |n: usize| weights.map_or(1.0, |w| w[n]);
        let costs = values.iter().enumerate().map(|(n, l)| weight(n) * log2_1p_exp(sign * l));
        costs.sum::<f64>() / (0..values.len()).map(weight).sum::<f64>()
    };
    (cost(same, same_weights, -1.0) + cost(different, different_weights, 1.0)) / 2.0
}

/// log₂(1 + eˣ) without overflow.
fn log2_1p_exp(x: f64) -> f64 {
    (x.max(0.0) + (-x.abs()).exp().ln_1p()) / std::f64::consts::LN_2
}

/// The part of [`cllr`] that is the scores' and not the calibration's: its value
/// after the best monotone recalibration.
pub fn cllr_min(same: &[f64], different: &[f64]) -> f64 {
    let (same, different) = best_log_lr(same, different);
    cllr(&same, &different)
}

/// Share of same-source values below zero: evidence for different sources
/// (LR < 1) where the source is the same.
pub fn misleading_same_source(same: &[f64]) -> f64 {
    share(same, |l| l < 0.0)
}

/// Share of different-source values above zero (LR > 1).
pub fn misleading_different_source(different: &[f64]) -> f64 {
    share(different, |l| l > 0.0)
}

fn share(values: &[f64], misleads: impl Fn(f64) -> bool) -> f64 {
    values.iter().filter(|l| misleads(**l)).count() as f64 / values.len() as f64
}

/// Probability that a same-source value lies above a different-source one (ties
/// count half): the area under the ROC curve.
pub fn auc(same: &[f64], different: &[f64]) -> f64 {
    weighted_auc(same, None, different, None)
}

/// [`auc`] with a weight for each value.
pub fn weighted_auc(
    same: &[f64],
    same_weights: Option<&[f64]>,
    different: &[f64],
    different_weights: Option<&[f64]>,
) -> f64 {
    let weight = |weights: Option<&[f64]>, n: usize| weights.map_or(1.0, |w| w[n]);
    let mut order: Vec<usize> = (0..different.len()).collect();
    order.sort_by(|&x, &y| different[x].total_cmp(&different[y]));
    let sorted: Vec<f64> = order.iter().map(|&n| different[n]).collect();
    let mut below = vec![0.0];
    for &n in &order {
        below.push(below[below.len() - 1] + weight(different_weights, n));
    }
    let all = below[different.len()];
    let (mut wins, mut total) = (0.0, 0.0);
    for (n, &value) in same.iter().enumerate() {
        let lower = below[sorted.partition_point(|d| *d < value)];
        let up_to = below[sorted.partition_point(|d| *d <= value)];
        wins += weight(same_weights, n) * (lower + up_to) / 2.0;
        total += weight(same_weights, n);
    }
    wins / (total * all)
}

/// Rate at which as many same-source values lie below a bar as different-source
/// values reach it, 0–1: the mean of the two where they come nearest, tried at
/// every same-source value; `NaN` without values.
pub fn equal_error(same: &[f64], different: &[f64]) -> f64 {
    let sorted = |values: &[f64]| {
        let mut values = values.to_vec();
        values.sort_by(f64::total_cmp);
        values
    };
    let (same, different) = (sorted(same), sorted(different));
    let rates = same.iter().map(|bar| {
        let missed = same.partition_point(|s| s < bar);
        let reach = different.len() - different.partition_point(|d| d < bar);
        (missed as f64 / same.len() as f64, reach as f64 / different.len() as f64)
    });
    let nearest = rates.min_by(|a, b| (a.0 - a.1).abs().total_cmp(&(b.0 - b.1).abs()));
    nearest.map_or(f64::NAN, |(missed, reach)| f64::midpoint(missed, reach))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_errors_are_equal_where_the_classes_overlap_alike() {
        assert_eq!(equal_error(&[3.0, 4.0, 5.0], &[0.0, 1.0, 2.0]), 0.0);
        // At 2.5, one of four on either side is wrong.
        let (same, different) = ([1.0, 2.5, 4.0, 5.0], [0.0, 1.0, 2.0, 3.0]);
        assert_eq!(equal_error(&same, &different), 0.25);
        assert!(equal_error(&[], &[1.0]).is_nan());
    }

    #[test]
    fn saying_nothing_costs_one_bit() {
        assert!((cllr(&[0.0, 0.0], &[0.0]) - 1.0).abs() < 1e-12);
        assert!(cllr(&[700.0], &[-700.0]) < 1e-12);
        assert!(cllr(&[-2000.0], &[0.0]).is_finite());
    }

    #[test]
    fn a_hand_worked_cost() {
        // LR 3 and 1 of the same source, 1/3 and 1 of different ones:
        // ½ · (log₂(4/3) + 1)/2, twice.
        let three = 3.0_f64.ln();
        let by_hand = ((4.0_f64 / 3.0).log2() + 1.0) / 2.0;
        assert!((cllr(&[three, 0.0], &[-three, 0.0]) - by_hand).abs() < 1e-12);
        // Recalibrated: the two outer values become infinite, the middle stays.
        assert!((cllr_min(&[three, 0.0], &[-three, 0.0]) - 0.5).abs() < 1e-12);
    }

    #[test]
    fn order_alone_decides_the_minimum() {
        let (same, different) = ([0.1, 2.0, 5.0, 1.0], [-3.0, 0.2, 1.5]);
        let bent = |v: &[f64]| v.iter().map(|x| 7.0 * x + 100.0).collect::<Vec<_>>();
        let there = cllr_min(&same, &different);
        assert!((there - cllr_min(&bent(&same), &bent(&different))).abs() < 1e-12);
        assert!(there <= cllr(&same, &different));
    }

    #[test]
    fn weights_count_as_repeats_and_ties_half() {
        assert_eq!(auc(&[1.0, 2.0], &[1.0]), 0.75);
        let repeated = auc(&[1.0, 3.0, 3.0], &[2.0, 0.0, 0.0, 0.0, 3.0]);
        let weighted =
            weighted_auc(&[1.0, 3.0], Some(&[1.0, 2.0]), &[2.0, 0.0, 3.0], Some(&[1.0, 3.0, 1.0]));
        assert!((repeated - weighted).abs() < 1e-12);
        let repeated = cllr(&[1.0, 1.0, 2.0], &[0.5]);
        let weighted = weighted_cllr(&[1.0, 2.0], Some(&[2.0, 1.0]), &[0.5], None);
        assert!((repeated - weighted).abs() < 1e-12);
    }

    #[test]
    fn only_the_wrong_side_misleads() {
        assert_eq!(misleading_same_source(&[-0.1, 0.0, 1.0, 2.0]), 0.25);
        assert_eq!(misleading_different_source(&[-0.1, 0.0, 1.0, 2.0]), 0.5);
    }
}
