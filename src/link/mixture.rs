//! Two components in one column of scores: different source and same source.

use super::model::{Normal, Tail};

/// Least distance of the same-source mean from the different-source mean, in
/// different-source standard deviations; a nearer component is skewness.
const LEAST_SEPARATION: f64 = 3.0;
/// Excesses of a normal distribution's tail mixed into the null's: they steady
/// small samples.
const PSEUDO_EXCESSES: f64 = 3.0;
/// The heaviest null tail considered, in its standard deviations: twice a
/// standard exponential's. What lies farther out is another component.
const MOST_EXCESS: f64 = 0.8;
/// Least scale of the null as a share of the sample's range: tied scores have
/// no scale of their own.
const LEAST_SCALE: f64 = 0.005;
/// A same-source component that holds most pairs must stand clear of the null
/// by this distance in common standard deviations (Ashman, Bird & Zepf 1994
/// call two modes distinct above 2).
const CLEAR: f64 = 3.0;
/// In a small sample chance alone parts the scores: the components must stand
/// apart by this over the square root of the number of pairs.
const SMALL_SAMPLE: f64 = 25.0;
/// Sizes of the thinned sample that the mixture is fitted to.
const BODY: usize = 8_000;
const TOP: usize = 4_000;
/// Shares of the sample below the cuts from which the fit is started.
const STARTS: [f64; 6] = [0.3, 0.6, 0.8, 0.93, 0.98, 0.995];
const ROUNDS: usize = 200;

/// A different-source component with its own upper tail and, where the sample
/// supports one, a same-source component.
#[derive(Clone, Copy, Debug)]
pub(super) struct Mixture {
    pub null: Normal,
    pub tail: Tail,
    pub same: Option<Normal>,
    /// Share of same-source pairs.
    pub share: f64,
    /// Log likelihood less the penalty of the Bayesian information criterion.
    pub merit: f64,
}

/// A sorted sample thinned to weighted order statistics; the top stays whole.
pub(super) struct Sample(Vec<(f64, f64)>);

impl Sample {
    /// Thins values, which it sorts.
    pub fn thin(mut values: Vec<f64>) -> Self {
        values.sort_unstable_by(f64::total_cmp);
        let body = values.len().saturating_sub(TOP);
        let chunk = body.div_ceil(BODY).max(1);
        let middle = |c: &[f64]| (c[c.len() / 2], c.len() as f64);
        let (body, top) = values.split_at(body);
        Self(body.chunks(chunk).map(middle).chain(top.iter().map(|&v| (v, 1.0))).collect())
    }

    /// The sample under an increasing transform.
    pub fn map(&self, transform: impl Fn(f64) -> f64) -> Self {
        Self(self.0.iter().map(|&(v, w)| (transform(v), w)).collect())
    }

    pub fn least(&self) -> Option<f64> {
        self.0.first().map(|v| v.0)
    }

    /// Weighted sum of a function of the values.
    pub fn sum(&self, f: impl Fn(f64) -> f64) -> f64 {
        self.0.iter().map(|&(v, w)| w * f(v)).sum()
    }

    /// Fits the mixture by expectation–maximisation (Dempster, Laird & Rubin
    /// 1977); no same-source component where it does not earn its parameters
    /// (BIC, Schwarz 1978).
    pub fn fit(&self) -> Mixture {
        let weight = self.sum(|_| 1.0);
        let mut best = self.alone();
        for start in STARTS {
            if let Some(found) = self.maximise(start * weight, weight)
                && found.merit > best.merit
            {
                best = found;
            }
        }
        best
    }

    fn alone(&self) -> Mixture {
        let (null, tail) = self.null(|_| 1.0);
        let merit = self.sum(|v| null_log_density(null, tail, v));
        Mixture { null, tail, same: None, share: 0.0, merit }
    }

    /// The different-source component given each value's same-source share:
    /// centre and upper scale by quantiles, then the tail above two sigmas.
    fn null(&self, keep: impl Fn(usize) -> f64) -> (Normal, Tail) {
        let kept = || self.0.iter().enumerate().map(|(k, &(v, w))| (v, w * keep(k)));
        let weight: f64 = kept().map(|x| x.1).sum();
        let quantile = |q: f64| {
            let mut below = 0.0;
            let at = kept().find(|x| {
                below += x.1;
                below >= q * weight
            });
            at.map_or(0.0, |x| x.0)
        };
        let centre = quantile(0.5);
        let range = self.0.last().map_or(0.0, |x| x.0) - self.least().unwrap_or(0.0);
        let floor = (LEAST_SCALE * range).max(f64::MIN_POSITIVE);
        let null = Normal { mean: centre, sd: (quantile(0.841_345) - centre).max(floor) };
        let normal = Tail::NORMAL;
        let (mut count, mut excess) = (PSEUDO_EXCESSES, PSEUDO_EXCESSES * normal.mean_excess);
        for (v, w) in kept().filter(|x| null.z(x.0) > normal.from) {
            count += w;
            excess += w * (null.z(v) - normal.from);
        }
        let share = count / (weight + PSEUDO_EXCESSES / normal.share);
        (null, Tail { share, mean_excess: (excess / count).min(MOST_EXCESS), count, ..normal })
    }

    /// Fits from a first cut at cumulative weight `cut`; `None` where the upper
    /// component dwindles, or holds most pairs without standing clear.
    fn maximise(&self, cut: f64, weight: f64) -> Option<Mixture> {
        let mut below = 0.0;
        let mut share: Vec<f64> = self
            .0
            .iter()
            .map(|v| {
                below += v.1;
                f64::from(u8::from(below > cut))
            })
            .collect();
        let mut last = f64::NEG_INFINITY;
        let mut found = None;
        for _ in 0..ROUNDS {
            let (null, tail) = self.null(|k| 1.0 - share[k]);
            let (upper, mut same) = self.moments(&share);
            if upper < 1.0 || weight - upper < 2.0 {
                return None;
            }
            let nearest = null.mean + LEAST_SEPARATION * null.sd;
            let distinct = same.mean > nearest;
            same.mean = same.mean.max(nearest);
            same.sd = same.sd.max(null.sd);
            let (l0, l1) = ((1.0 - upper / weight).ln(), (upper / weight).ln());
            let mut likelihood = 0.0;
            for (share, &(v, w)) in share.iter_mut().zip(&self.0) {
                let (p0, p1) = (l0 + null_log_density(null, tail, v), l1 + same.log_density(v));
                let top = p0.max(p1);
                let sum = top + ((p0 - top).exp() + (p1 - top).exp()).ln();
                likelihood += w * sum;
                // Below the null's centre a pair is no evidence of same source.
                *share = if v < null.mean { 0.0 } else { (p1 - sum).exp() };
            }
            let merit = likelihood - 1.5 * weight.ln();
            let distance =
                (same.mean - null.mean) / (0.5 * (same.sd.powi(2) + null.sd.powi(2))).sqrt();
            let apart = if upper < 0.5 * weight { 0.0 } else { CLEAR };
            let apart = apart.max(SMALL_SAMPLE / weight.sqrt());
            found = (distinct && distance > apart).then_some(Mixture {
                null,
                tail,
                same: Some(same),
                share: upper / weight,
                merit,
            });
            if (likelihood - last).abs() < 1e-6 * (1.0 + likelihood.abs()) {
                break;
            }
            last = likelihood;
        }
        found
    }

    /// Weight and moments of the values under their shares.
    fn moments(&self, share: &[f64]) -> (f64, Normal) {
        let each = || self.0.iter().zip(share).map(|(&(v, w), s)| (v, w * s));
        let weight = each().map(|x| x.1).sum::<f64>();
        let mean = each().map(|(v, w)| v * w).sum::<f64>() / weight.max(1e-12);
        let variance = each().map(|(v, w)| w * (v - mean).powi(2)).sum::<f64>() / weight.max(1e-12);
        (weight, Normal { mean, sd: variance.sqrt() })
    }
}

/// Log density of different-source values: a normal body and its own tail.
fn null_log_density(null: Normal, tail: Tail, v: f64) -> f64 {
    tail.log_density_of(null.z(v)) - null.sd.ln()
}
