//! Congruent cells out of the cells tried: beta-binomial distributions.

use argmin::core::{CostFunction, Executor};
use argmin::solver::neldermead::NelderMead;
use serde::{Deserialize, Serialize};

/// A count of congruent cells and of the cells tried; `congruent ≤ tried`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Cells {
    /// Cells that agree with the consensus pose.
    pub congruent: u32,
    /// Cells tried.
    pub tried: u32,
}

/// A beta-binomial distribution: cells are congruent with a probability that
/// itself varies from pair to pair as Beta(`alpha`, `beta`). The binomial is its
/// limit for large parameters.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct BetaBinomial {
    /// First parameter of the beta distribution.
    pub alpha: f64,
    /// Second parameter of the beta distribution.
    pub beta: f64,
}

/// Prior of the concentration α + β: log-normal about this value …
const USUAL_CONCENTRATION: f64 = 20.0;
/// … with this standard deviation of the logarithm: a factor of 7 either way.
const CONCENTRATION_SPREAD: f64 = 2.0;
/// Iterations that two parameters never need.
const MAX_ITERATIONS: u64 = 400;

impl BetaBinomial {
    /// The most probable distribution of weighted counts under a weak prior:
    /// Jeffreys' on the mean, log-normal on the concentration. Without it a
    /// sample in which no cell (or every cell) is congruent, as separated sets
    /// have, would give probabilities of zero.
    pub fn fit(counts: impl Iterator<Item = (Cells, f64)>) -> Self {
        let posterior = Posterior::of(counts);
        let start = posterior.moments();
        let simplex = vec![
            vec![start.0, start.1],
            vec![start.0 + 0.5, start.1],
            vec![start.0, start.1 + 0.5],
        ];
        let found = NelderMead::new(simplex).with_sd_tolerance(1e-10).and_then(|solver| {
            Executor::new(posterior, solver).configure(|s| s.max_iters(MAX_ITERATIONS)).run()
        });
        // The objective is finite everywhere, so the search does not fail.
        let best = found.ok().and_then(|f| f.state.best_param);
        let (logit_mean, log_concentration) = best.as_deref().and_then(pair).unwrap_or(start);
        Self::of(logit_mean, log_concentration)
    }

    fn of(logit_mean: f64, log_concentration: f64) -> Self {
        let concentration = log_concentration.exp();
        Self {
            alpha: concentration / (1.0 + (-logit_mean).exp()),
            beta: concentration / (1.0 + logit_mean.exp()),
        }
    }

    /// Natural log of the probabilities of 0, 1 … `tried` congruent cells.
    pub fn log_pmf(&self, tried: u32) -> Vec<f64> {
        let (a, b, n) = (self.alpha, self.beta, f64::from(tried));
        // P(0) = Π (β+i)/(α+β+i); P(k+1)/P(k) follows from the factorials.
        let mut log: f64 =
            (0..tried).map(|i| ((b + f64::from(i)) / (a + b + f64::from(i))).ln()).sum();
        let mut out = vec![log];
        for k in (0..tried).map(f64::from) {
            log += ((n - k) / (k + 1.0) * (a + k) / (b + n - k - 1.0)).ln();
            out.push(log);
        }
        out
    }
}

fn pair(values: &[f64]) -> Option<(f64, f64)> {
    Some((*values.first()?, *values.get(1)?))
}

/// The negative log posterior of (logit of the mean, log of the concentration).
/// The likelihood needs of the counts only how much weight lies above each
/// number of congruent, other and tried cells.
struct Posterior {
    congruent_above: Vec<f64>,
    other_above: Vec<f64>,
    tried_above: Vec<f64>,
}

impl Posterior {
    fn of(counts: impl Iterator<Item = (Cells, f64)>) -> Self {
        let mut above = [Vec::new(), Vec::new(), Vec::new()];
        for (cells, weight) in counts {
            let other = cells.tried.saturating_sub(cells.congruent);
            for (list, n) in above.iter_mut().zip([cells.congruent, other, cells.tried]) {
                let n = n as usize;
                if list.len() < n {
                    list.resize(n, 0.0);
                }
                list.iter_mut().take(n).for_each(|w| *w += weight);
            }
        }
        let [congruent_above, other_above, tried_above] = above;
        Self { congruent_above, other_above, tried_above }
    }

    /// A start: the share of congruent cells, and a usual concentration.
    fn moments(&self) -> (f64, f64) {
        let congruent: f64 = self.congruent_above.iter().sum::<f64>() + 0.5;
        let other: f64 = self.other_above.iter().sum::<f64>() + 0.5;
        ((congruent / other).ln(), USUAL_CONCENTRATION.ln())
    }
}

impl CostFunction for Posterior {
    type Param = Vec<f64>;
    type Output = f64;

    fn cost(&self, at: &Vec<f64>) -> Result<f64, argmin::core::Error> {
        let (logit_mean, log_concentration) = pair(at).unwrap_or_default();
        // Probabilities and concentrations beyond these differ in nothing.
        let d =
            BetaBinomial::of(logit_mean.clamp(-30.0, 30.0), log_concentration.clamp(-20.0, 20.0));
        let log_rises = |above: &[f64], from: f64| -> f64 {
            (0u32..).zip(above).map(|(i, w)| w * (from + f64::from(i)).ln()).sum()
        };
        let likelihood = log_rises(&self.congruent_above, d.alpha)
            + log_rises(&self.other_above, d.beta)
            - log_rises(&self.tried_above, d.alpha + d.beta);
        let mean = d.alpha / (d.alpha + d.beta);
        let spread = (log_concentration - USUAL_CONCENTRATION.ln()) / CONCENTRATION_SPREAD;
        let prior = 0.5 * (mean * (1.0 - mean)).ln() - 0.5 * spread * spread;
        Ok(-likelihood - prior)
    }
}

/// Cells of same-source against different-source pairs.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct CellsModel {
    /// Pairs fired by one firearm.
    pub same_source: BetaBinomial,
    /// Pairs fired by two.
    pub different_source: BetaBinomial,
}

impl CellsModel {
    /// Natural-log likelihood ratios of 0, 1 … `tried` congruent cells. More
    /// congruent cells never mean less: where the ratio falls on the way (the
    /// tails of two beta distributions may cross twice) the lower value holds.
    pub fn log_lr(&self, tried: u32) -> Vec<f64> {
        let same = self.same_source.log_pmf(tried);
        let different = self.different_source.log_pmf(tried);
        let mut out: Vec<f64> = same.iter().zip(different).map(|(s, d)| s - d).collect();
        let mut least = f64::INFINITY;
        for value in out.iter_mut().rev() {
            least = least.min(*value);
            *value = least;
        }
        out
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn cells(congruent: u32, tried: u32) -> (Cells, f64) {
        (Cells { congruent, tried }, 1.0)
    }

    #[test]
    fn probabilities_of_a_uniform_prior_are_equal() {
        // Beta(1, 1) makes every count equally probable.
        for log in (BetaBinomial { alpha: 1.0, beta: 1.0 }).log_pmf(9) {
            assert!((log - 0.1_f64.ln()).abs() < 1e-12);
        }
        // By hand: Beta(2, 3), one of two: 2 · B(3, 4) / B(2, 3) = 2 · (1/60) / (1/12).
        let two = BetaBinomial { alpha: 2.0, beta: 3.0 }.log_pmf(2);
        assert!((two[1].exp() - 0.4).abs() < 1e-12);
        assert!((two.iter().map(|l| l.exp()).sum::<f64>() - 1.0).abs() < 1e-12);
    }

    #[test]
    fn a_fit_finds_what_was_drawn() {
        // Every count of a Beta(6, 2) with its own probability as weight.
        let truth = BetaBinomial { alpha: 6.0, beta: 2.0 };
        let pmf = truth.log_pmf(30);
        let counts =
            (0..=30).zip(pmf).map(|(k, log)| (Cells { congruent: k, tried: 30 }, 1e5 * log.exp()));
        let found = BetaBinomial::fit(counts);
        assert!((found.alpha - 6.0).abs() < 0.01 && (found.beta - 2.0).abs() < 0.01, "{found:?}");
    }

    #[test]
    fn a_sample_without_a_congruent_cell_stays_finite() {
        let none = BetaBinomial::fit((0..50).map(|_| cells(0, 30)));
        let all = BetaBinomial::fit((0..5).map(|_| cells(30, 30)));
        let model = CellsModel { same_source: all, different_source: none };
        let log_lr = model.log_lr(30);
        assert!(log_lr.iter().all(|l| l.is_finite()));
        assert!(log_lr[0] < -2.0 && log_lr[30] > 10.0, "{log_lr:?}");
    }

    #[test]
    fn more_congruent_cells_never_mean_less() {
        let model = CellsModel {
            same_source: BetaBinomial { alpha: 0.3, beta: 0.5 },
            different_source: BetaBinomial { alpha: 20.0, beta: 1000.0 },
        };
        let raw: Vec<f64> = model
            .same_source
            .log_pmf(40)
            .iter()
            .zip(model.different_source.log_pmf(40))
            .map(|(s, d)| s - d)
            .collect();
        assert!(!raw.is_sorted(), "the case shows nothing");
        assert!(model.log_lr(40).is_sorted());
    }
}
