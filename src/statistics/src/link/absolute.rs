//! Likelihood ratios on a scale that is known beforehand.
//!
//! Strangers: a normal body with an exponential upper tail; mates: lognormal,
//! and a share of marks so poor that they score like strangers. Both are set
//! wider than the reference measured, because another laboratory's ammunition,
//! firearms and instruments are not in it.

use super::distribution::Normal;
use super::reference::{Mates, Reference, TAIL_FROM};

/// Least mean excess of strangers' tail, in their standard deviations: heavier
/// than any reference set's, so that what no stranger reached is not certain.
const LEAST_EXCESS: f64 = 0.85;
/// Standard deviation between the means of strangers' scores in different
/// collections. Under the search in long waves (decision 13) they were 4.7
/// (Fadul), 3.9 (Weller), 4.3 (TopMatch); now Fadul's and Weller's are alike,
/// but other instruments have not been measured since, so it stays.
pub(super) const BETWEEN_COLLECTIONS: f64 = 0.35;
/// Least standard deviation of the logarithm of mates' scores, and the share
/// of their level that other ammunition and instruments may cost.
const MATES_SPREAD: f64 = 0.45;
const MATES_LOSS: f64 = 0.4;
/// Share of mates that score like strangers.
const POOR_MATES: f64 = 0.04;
/// A single pair says no less and no more than this.
pub(super) const LEAST_RATIO: f64 = -6.0;
pub(super) const MOST_RATIO: f64 = 12.0;
/// Scores between two tabulated ratios, and the highest score tabulated.
const STEP: f64 = 0.02;
const HIGHEST: f64 = 60.0;

/// The distribution assumed of the logarithm of mates' scores.
pub(super) fn mates(measured: &Mates) -> Normal {
    Normal {
        mean: measured.log_mean + (1.0 - MATES_LOSS).ln(),
        sd: measured.log_sd.max(MATES_SPREAD),
    }
}

/// How strangers and mates are distributed.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Absolute {
    pub strangers: Normal,
    /// Share and mean excess (in standard deviations) of strangers' tail.
    pub share: f64,
    pub excess: f64,
    mates: Normal,
    knots: Vec<f64>,
}

impl Absolute {
    /// The reference alone.
    pub fn of(reference: &Reference) -> Self {
        let strangers = &reference.strangers;
        let null = Normal { mean: strangers.mean, sd: strangers.sd };
        Self::new(reference, null, 1.0, strangers.tail_share, strangers.tail_excess)
    }

    /// With strangers of this location, scale and tail, the location being that
    /// of other collections to the extent of `foreign`, 0–1.
    pub fn new(
        reference: &Reference,
        strangers: Normal,
        foreign: f64,
        share: f64,
        excess: f64,
    ) -> Self {
        let sd = strangers.sd.hypot(foreign * BETWEEN_COLLECTIONS);
        let strangers = Normal { sd, ..strangers };
        let mates = mates(&reference.mates);
        let (share, excess) = (share.clamp(0.05, 0.2), excess.max(LEAST_EXCESS));
        let mut new = Self { strangers, share, excess, mates, knots: Vec::new() };
        let mut best = LEAST_RATIO;
        new.knots = (0..=(HIGHEST / STEP) as usize)
            .map(|k| {
                // It must never fall with the score.
                best = new.raw(k as f64 * STEP).clamp(best, MOST_RATIO);
                best
            })
            .collect();
        new
    }

    fn raw(&self, score: f64) -> f64 {
        let strangers = self.log_density(score);
        let log = score.max(1e-6).ln();
        let mates = self.mates.log_density(log) - log;
        ((1.0 - POOR_MATES) * (mates - strangers).min(700.0).exp() + POOR_MATES).ln()
    }

    fn log_density(&self, score: f64) -> f64 {
        let z = self.strangers.z(score);
        if z < TAIL_FROM {
            // The body holds what the tail leaves; a normal one leaves 0.0968.
            self.strangers.log_density(score) + ((1.0 - self.share) / (1.0 - 0.0968)).ln()
        } else {
            (self.share / (self.excess * self.strangers.sd)).ln() - (z - TAIL_FROM) / self.excess
        }
    }

    /// Natural-log likelihood ratio of a score.
    pub fn log_ratio(&self, score: f64) -> f64 {
        let at = (score / STEP).clamp(0.0, (self.knots.len() - 1) as f64);
        let k = at as usize;
        let next = self.knots.get(k + 1).copied().unwrap_or(MOST_RATIO);
        self.knots[k] + (at - k as f64) * (next - self.knots[k])
    }

    /// The least score with at least this log likelihood ratio.
    pub fn score_of(&self, ratio: f64) -> f64 {
        self.knots.partition_point(|r| *r < ratio) as f64 * STEP
    }

    /// Share of strangers that score so high.
    pub fn beyond(&self, score: f64) -> f64 {
        let z = self.strangers.z(score);
        if z < TAIL_FROM { 1.0 } else { self.share * (-(z - TAIL_FROM) / self.excess).exp() }
    }
}
