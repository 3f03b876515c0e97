//! How scores are distributed.

use serde::{Deserialize, Serialize};

/// Share of same-source pairs whose marks are so poor that any level up to the
/// same-source mean is as likely as another.
const POOR_MARKS: f64 = 0.1;

/// A power transform (Box & Cox 1964) that brings the different-source scores
/// close to a normal distribution, so that its tail can be extrapolated.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Power {
    pub exponent: f64,
    /// The least score of the population; lower ones are taken for it.
    pub least: f64,
    /// Added to every score, where the least is 0.
    pub offset: f64,
}

impl Power {
    /// No transform.
    pub const NONE: Self = Self { exponent: 1.0, least: f64::NEG_INFINITY, offset: 0.0 };

    pub fn apply(self, score: f64) -> f64 {
        let score = score.max(self.least) + self.offset;
        if self.exponent == 0.0 {
            score.ln()
        } else if self.exponent == 1.0 {
            score
        } else {
            score.powf(self.exponent)
        }
    }

    /// Log of the transform's derivative.
    pub fn log_slope(self, score: f64) -> f64 {
        if self.exponent == 1.0 {
            return 0.0;
        }
        let factor = if self.exponent == 0.0 { 0.0 } else { self.exponent.ln() };
        factor + (self.exponent - 1.0) * (score + self.offset).ln()
    }
}

/// A location and a scale.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Normal {
    pub mean: f64,
    pub sd: f64,
}

impl Normal {
    pub const STANDARD: Self = Self { mean: 0.0, sd: 1.0 };

    pub fn z(self, x: f64) -> f64 {
        (x - self.mean) / self.sd
    }

    pub fn log_density(self, x: f64) -> f64 {
        -0.5 * self.z(x).powi(2) - self.sd.ln() - 0.918_938_533_204_672_7
    }

    /// Log density of same-source statistics with this location and scale: a
    /// share of poor marks may have any level from the different-source mean up.
    pub fn log_density_or_poor(self, x: f64) -> f64 {
        let good = (1.0 - POOR_MARKS) * self.log_density(x).exp();
        let poor = if (0.0..self.mean).contains(&x) { POOR_MARKS / self.mean } else { 0.0 };
        (good + poor).max(1e-300).ln()
    }
}

/// The upper tail of different-source statistics: excesses over a high
/// threshold are exponential (Coles 2001, ch. 4, shape 0: the limit for normal
/// and gamma-like scores and for maxima of them). Its mean is estimated from
/// `count` excesses, so what is predicted is a Lomax distribution, the heavier
/// the fewer there were.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Tail {
    pub from: f64,
    /// Share of different-source pairs above `from`.
    pub share: f64,
    pub mean_excess: f64,
    pub count: f64,
}

impl Tail {
    /// The tail of a standard normal distribution above two sigmas.
    pub const NORMAL: Self = Self { from: 2.0, share: 0.022_75, mean_excess: 0.373, count: 1000.0 };

    /// Log density at `z` of a standard normal body with this tail.
    pub fn log_density_of(self, z: f64) -> f64 {
        let Self { from, share, mean_excess, count } = self;
        if z < from {
            // The body holds what the tail leaves.
            return Normal::STANDARD.log_density(z)
                + ((1.0 - share) / (1.0 - Self::NORMAL.share)).ln();
        }
        (share / mean_excess).ln() - (count + 1.0) * ((z - from) / (count * mean_excess)).ln_1p()
    }
}
