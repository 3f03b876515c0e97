//! The population's score model, fitted without truth.

use super::table::ScoreTable;
use serde::{Deserialize, Serialize};

/// How strongly a casing's own location and scale are pulled to the
/// population's, in scores.
const SHRINKAGE: f64 = 5.0;
/// Share of same-source pairs whose marks are so poor that any level up to the
/// same-source mean is as likely as another.
const POOR_MARKS: f64 = 0.1;
/// Scores this many null standard deviations above the null are left out of a
/// casing's own different-source statistics.
const OWN_CUT: f64 = 4.0;
/// Median absolute deviation to standard deviation, normal distribution.
const MAD_TO_SD: f64 = 1.4826;

/// A power transform (Box & Cox 1964) that brings the different-source scores
/// close to a normal distribution, so that its tail can be extrapolated.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Power(pub f64);

impl Power {
    pub fn apply(self, score: f64) -> f64 {
        if self.0 == 1.0 {
            score
        } else if self.0 == 0.0 {
            score.max(f64::MIN_POSITIVE).ln()
        } else {
            score.max(0.0).powf(self.0)
        }
    }

    /// Log of the transform's derivative.
    pub fn log_slope(self, score: f64) -> f64 {
        if self.0 == 1.0 {
            0.0
        } else if self.0 == 0.0 {
            -score.ln()
        } else {
            self.0.ln() + (self.0 - 1.0) * score.ln()
        }
    }
}

/// A location and a scale.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Normal {
    pub mean: f64,
    pub sd: f64,
}

impl Normal {
    pub fn z(self, x: f64) -> f64 {
        (x - self.mean) / self.sd
    }

    pub fn log_density(self, x: f64) -> f64 {
        -0.5 * self.z(x).powi(2) - self.sd.ln() - 0.918_938_533_204_672_7
    }
}

/// Everything that turns a pair's score into evidence.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Calibration {
    pub(super) power: Power,
    /// Transformed different-source scores of the population.
    pub(super) null: Normal,
    /// Pair statistics (both casings' z-scores averaged) of different-source pairs.
    pub(super) pair_null: Normal,
    /// Degrees of freedom of the different-source tail.
    pub(super) dof: f64,
    /// Same-source pairs, in standard deviations of `pair_null`.
    pub(super) same: Normal,
    /// Log likelihood ratio of being on a candidate list at all.
    pub(super) present: f64,
    /// Log likelihood ratio of being on none.
    pub(super) absent: f64,
    /// Log prior odds of a merge.
    pub(super) prior: f64,
    /// The log likelihood ratio at multiples of `STEP`.
    pub(super) knots: Vec<f64>,
}

/// Spacing and number of the tabulated log likelihood ratio.
const STEP: f64 = 0.05;

impl Calibration {
    /// One line for a report.
    pub fn summary(&self) -> String {
        format!(
            "power {} null {:.3} {:.3} pair {:.2} {:.2} same {:.2} {:.2} prior {:.2} present {:.2} absent {:.2}",
            self.power.0,
            self.null.mean,
            self.null.sd,
            self.pair_null.mean,
            self.pair_null.sd,
            self.same.mean,
            self.same.sd,
            self.prior,
            self.present,
            self.absent
        )
    }

    /// Tabulates the log likelihood ratio. It must never fall with the score,
    /// so it is its own running maximum from its minimum on, and constant
    /// below that and beyond the table.
    pub(super) fn tabulate(&mut self) {
        let top = ((self.same.mean + 4.0 * self.same.sd).min(1000.0) / STEP) as usize;
        let raw: Vec<f64> = (0..=top).map(|k| self.raw_log_ratio(k as f64 * STEP)).collect();
        let low = raw.iter().copied().fold(f64::INFINITY, f64::min);
        let bottom = raw.iter().position(|&x| x == low).unwrap_or(0);
        let mut best = low;
        self.knots = raw
            .iter()
            .enumerate()
            .map(|(k, &x)| {
                best = if k > bottom { best.max(x) } else { low };
                best
            })
            .collect();
    }

    fn raw_log_ratio(&self, z: f64) -> f64 {
        let null = student_log_density(z, self.dof);
        let good = (1.0 - POOR_MARKS) * self.same.log_density(z).exp();
        let poor = if z < self.same.mean { POOR_MARKS / self.same.mean } else { 0.0 };
        (good + poor).max(1e-300).ln() - null
    }

    /// Natural-log likelihood ratio, same against different source, of a
    /// compared pair whose statistic is `z`.
    pub(super) fn log_ratio(&self, z: f64) -> f64 {
        let at = (z / STEP).max(0.0);
        let k = at as usize;
        let last = self.knots.len() - 1;
        self.present
            + if k >= last {
                self.knots[last]
            } else {
                self.knots[k] + (at - k as f64) * (self.knots[k + 1] - self.knots[k])
            }
    }

    /// The casing's own different-source location and scale, shrunk towards the
    /// population's: scores that stand out as same-source are left out.
    pub(super) fn own(&self, table: &ScoreTable, casing: u32) -> Normal {
        let usual =
            table.candidates(casing).iter().map(|&(_, s)| s).filter(|&s| !self.stands_out(s));
        let mut y: Vec<f64> = usual.map(|s| self.power.apply(s)).collect();
        let n = y.len() as f64;
        if y.is_empty() {
            return self.null;
        }
        let median = quantile(&mut y, 0.5);
        y.iter_mut().for_each(|v| *v = (*v - median).abs());
        let sd = MAD_TO_SD * quantile(&mut y, 0.5);
        let pull = SHRINKAGE / (n + SHRINKAGE);
        Normal {
            mean: median + pull * (self.null.mean - median),
            sd: ((1.0 - pull) * sd * sd + pull * self.null.sd * self.null.sd).sqrt(),
        }
    }

    /// Whether a score lies above any that different-source pairs usually reach.
    pub(super) fn stands_out(&self, score: f64) -> bool {
        self.power.apply(score) >= self.null.mean + OWN_CUT * self.null.sd
    }

    /// The symmetric normalised score of a pair (s-norm: the mean of the two
    /// z-norms), in standard deviations of different-source pairs.
    pub(super) fn statistic(&self, score: f64, a: Normal, b: Normal) -> f64 {
        let y = self.power.apply(score);
        self.pair_null.z(0.5 * (a.z(y) + b.z(y)))
    }
}

/// Student's t: the predictive distribution of a normal variable whose scale
/// was estimated; the fewer casings, the heavier the tail.
fn student_log_density(z: f64, dof: f64) -> f64 {
    log_gamma((dof + 1.0) / 2.0)
        - log_gamma(dof / 2.0)
        - 0.5 * (dof * std::f64::consts::PI).ln()
        - (dof + 1.0) / 2.0 * (z * z / dof).ln_1p()
}

/// Stirling's series after shifting the argument above 8.
fn log_gamma(mut x: f64) -> f64 {
    let mut shift = 0.0;
    while x < 8.0 {
        shift += x.ln();
        x += 1.0;
    }
    let i = 1.0 / (x * x);
    (x - 0.5) * x.ln() - x
        + 0.918_938_533_204_672_7
        + (1.0 / 12.0 - i * (1.0 / 360.0 - i / 1260.0)) / x
        - shift
}

/// The `q`-quantile (nearest rank) of unordered values; 0 where there are none.
pub(super) fn quantile(values: &mut [f64], q: f64) -> f64 {
    let Some(last) = values.len().checked_sub(1) else { return 0.0 };
    *values.select_nth_unstable_by((q * last as f64).round() as usize, f64::total_cmp).1
}
