//! How good a set of likelihood ratios is: the usual curves. Log likelihood
//! ratios are natural logarithms on the way in and log10 on the way out.

use super::pav::best_log_lr;
use serde::{Deserialize, Serialize};
use std::f64::consts::LN_10;

/// A point of a step curve: at `x` it changes to `y`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct CurveStep {
    /// The abscissa at which the curve changes.
    pub x: f64,
    /// The value from there on.
    pub y: f64,
}

/// Empirical cross-entropy at one prior (Ramos & González-Rodríguez 2008), bits.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Ece {
    /// log10 of the prior odds.
    pub log10_odds: f64,
    /// Of the likelihood ratios as they are.
    pub given: f64,
    /// After the best monotone recalibration.
    pub best: f64,
    /// Of saying nothing.
    pub neutral: f64,
}

/// The curves of a validation.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Curves {
    /// Tippett plot: share of same-source pairs with a log10 LR of at least x.
    pub tippett_same_source: Vec<CurveStep>,
    /// The same of different-source pairs.
    pub tippett_different_source: Vec<CurveStep>,
    /// DET or ROC: x = share of different-source pairs at or above a threshold
    /// (false positives), y = share of same-source pairs below it (misses).
    pub det: Vec<CurveStep>,
    /// PAV: x = log10 LR given, y = log10 LR after the best recalibration; y is
    /// cut to one beyond the last finite value.
    pub pav: Vec<CurveStep>,
    /// Empirical cross-entropy.
    pub ece: Vec<Ece>,
}

/// Prior odds of the ECE, in tenths of log10.
const ECE_RANGE: std::ops::RangeInclusive<i32> = -30..=30;

impl Curves {
    /// The curves of log likelihood ratios of either class.
    pub fn of(same: &[f64], different: &[f64]) -> Self {
        if same.is_empty() || different.is_empty() {
            return Self::default();
        }
        let (best_same, best_different) = best_log_lr(same, different);
        Self {
            tippett_same_source: at_least(same),
            tippett_different_source: at_least(different),
            det: det(same, different),
            pav: pav(same, different, &best_same, &best_different),
            ece: ECE_RANGE
                .map(|tenths| {
                    let log10_odds = f64::from(tenths) / 10.0;
                    let odds = log10_odds * LN_10;
                    Ece {
                        log10_odds,
                        given: cross_entropy(same, different, odds),
                        best: cross_entropy(&best_same, &best_different, odds),
                        neutral: cross_entropy(&[0.0], &[0.0], odds),
                    }
                })
                .collect(),
        }
    }
}

fn sorted(values: &[f64]) -> Vec<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted
}

fn at_least(values: &[f64]) -> Vec<CurveStep> {
    let sorted = sorted(values);
    let n = sorted.len() as f64;
    let mut steps: Vec<CurveStep> = Vec::new();
    for (k, value) in sorted.iter().enumerate() {
        let x = value / LN_10;
        if steps.last().is_none_or(|s| s.x != x) {
            steps.push(CurveStep { x, y: (n - k as f64) / n });
        }
    }
    steps
}

fn det(same: &[f64], different: &[f64]) -> Vec<CurveStep> {
    let (same, different) = (sorted(same), sorted(different));
    let mut thresholds: Vec<f64> = same.iter().chain(&different).copied().collect();
    thresholds.sort_by(f64::total_cmp);
    thresholds.dedup();
    let below =
        |values: &[f64], t: f64| values.partition_point(|v| *v < t) as f64 / values.len() as f64;
    let point = |t: f64| CurveStep { x: 1.0 - below(&different, t), y: below(&same, t) };
    thresholds.into_iter().chain([f64::INFINITY]).map(point).collect()
}

fn pav(
    same: &[f64],
    different: &[f64],
    best_same: &[f64],
    best_different: &[f64],
) -> Vec<CurveStep> {
    let given = same.iter().chain(different);
    let best = best_same.iter().chain(best_different);
    let finite = best.clone().filter(|b| b.is_finite());
    let (low, high) = finite.fold((0.0_f64, 0.0_f64), |(l, h), b| (l.min(*b), h.max(*b)));
    let mut points: Vec<CurveStep> = given
        .zip(best)
        .map(|(x, y)| CurveStep { x: x / LN_10, y: y.clamp(low - LN_10, high + LN_10) / LN_10 })
        .collect();
    points.sort_by(|p, q| p.x.total_cmp(&q.x).then(p.y.total_cmp(&q.y)));
    points.dedup();
    points
}

/// Mean surprise of the posterior odds, in bits, where the log prior odds are
/// `odds`.
fn cross_entropy(same: &[f64], different: &[f64], odds: f64) -> f64 {
    let prior = 1.0 / (1.0 + (-odds).exp());
    let bits = |x: f64| (x.max(0.0) + (-x.abs()).exp().ln_1p()) / std::f64::consts::LN_2;
    let mean = |values: &[f64], sign: f64| {
        values.iter().map(|l| bits(sign * (l + odds))).sum::<f64>() / values.len() as f64
    };
    prior * mean(same, -1.0) + (1.0 - prior) * mean(different, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::weigh::metrics::{cllr, cllr_min};

    #[test]
    fn at_even_odds_the_cross_entropy_is_the_cost() {
        let (same, different) = ([2.0, -0.5, 1.0], [-1.0, 0.3, -3.0, -2.0]);
        let curves = Curves::of(&same, &different);
        let even = curves.ece.iter().find(|e| e.log10_odds == 0.0).copied();
        let even = even.unwrap_or_else(|| unreachable!());
        assert!((even.given - cllr(&same, &different)).abs() < 1e-12);
        assert!((even.best - cllr_min(&same, &different)).abs() < 1e-12);
        assert!((even.neutral - 1.0).abs() < 1e-12);
        assert!(curves.ece.iter().all(|e| e.best <= e.neutral + 1e-12));
    }

    #[test]
    fn hand_worked_steps() {
        let curves = Curves::of(&[LN_10, 2.0 * LN_10], &[0.0, LN_10, 0.0]);
        let at = |x, y| CurveStep { x, y };
        assert_eq!(curves.tippett_same_source, [at(1.0, 1.0), at(2.0, 0.5)]);
        assert_eq!(curves.tippett_different_source, [at(0.0, 1.0), at(1.0, 1.0 / 3.0)]);
        let third = 1.0 - 2.0 / 3.0;
        assert_eq!(curves.det, [at(1.0, 0.0), at(third, 0.0), at(0.0, 0.5), at(0.0, 1.0)]);
        assert!(curves.pav.windows(2).all(|w| w[0].y <= w[1].y));
    }
}
