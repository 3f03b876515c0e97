//! The population's score model, fitted without truth.

use super::distribution::{Normal, Power, Tail};
use super::effects::{Layout, Traits};
use super::table::ScoreTable;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The prior of a merge.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) enum Prior {
    /// The same log odds whatever is merged, and however much is compared.
    Fixed(f64),
    /// As the population's own groups tell.
    Learnt(Sizes),
}

impl Prior {
    /// Log prior odds that parts of `a` and `b` casings are one group.
    pub fn log_odds(&self, a: usize, b: usize) -> f64 {
        match self {
            Self::Fixed(odds) => *odds,
            Self::Learnt(sizes) => sizes.log_odds(a, b),
        }
    }

    /// No merge has greater log prior odds.
    pub fn greatest(&self) -> f64 {
        match self {
            Self::Fixed(odds) => *odds,
            Self::Learnt(sizes) => sizes.greatest(),
        }
    }
}

/// How large groups are, as far as the population tells.
///
/// Small groups call for a prior on group sizes (Zanella et al. 2016, on
/// entity resolution): the odds that a group of the larger part's size grows
/// by the smaller part, shared among the casings still without a mate. As
/// mates are found, fewer are left to choose from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Sizes {
    /// Casings in groups of more than `k` members, at index `k`.
    reach: Vec<f64>,
    casings: f64,
}

impl Sizes {
    /// From the sizes of the groups found, each standing for `weight` such.
    pub fn of(sizes: impl Iterator<Item = usize> + Clone, weight: f64) -> Self {
        let mut reach = vec![0.0; sizes.clone().max().unwrap_or(0)];
        for size in sizes {
            reach[..size].iter_mut().for_each(|r| *r += weight * size as f64);
        }
        Self { casings: reach.first().copied().unwrap_or(0.0), reach }
    }

    fn reach(&self, more_than: usize) -> f64 {
        self.reach.get(more_than).copied().unwrap_or(0.0)
    }

    /// Log prior odds that parts of `a` and `b` casings are one group.
    pub fn log_odds(&self, a: usize, b: usize) -> f64 {
        let (at, to) = (a.max(b), a + b);
        let grows = self.reach(to - 1) + 1.0;
        let stays = self.reach(at - 1) - self.reach(to - 1) + 1.0;
        let open = self.casings - self.reach(1) + 1.0;
        (grows / stays).ln() - open.ln()
    }

    /// No merge has greater log prior odds.
    pub fn greatest(&self) -> f64 {
        (1..=self.reach.len() + 1)
            .map(|size| self.log_odds(size, 1))
            .fold(f64::NEG_INFINITY, f64::max)
    }
}

/// Everything that turns a pair's score into evidence, and evidence into groups.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Calibration {
    /// What turns scores into log likelihood ratios; none where the table holds
    /// these already.
    pub(super) model: Option<Model>,
    /// Log likelihood ratio of being on a candidate list at all.
    pub(super) present: f64,
    /// Log likelihood ratio of being on none.
    pub(super) absent: f64,
    pub(super) prior: Prior,
    /// A merge needs at least these log posterior odds.
    pub(super) least: f64,
}

impl Calibration {
    /// Log prior odds that parts of `a` and `b` casings, at least one pair of
    /// them candidates, are one group. Never above 0: neither group sizes nor
    /// candidate lists merge anything by themselves.
    pub(super) fn prior(&self, a: usize, b: usize) -> f64 {
        (self.prior.log_odds(a, b) + self.present).min(0.0)
    }

    /// The casing's traits, see [`Model::own`].
    pub(super) fn own(&self, table: &ScoreTable, casing: u32) -> Traits {
        self.model.as_ref().map_or_else(Traits::default, |model| model.own(table, casing))
    }

    /// Natural-log likelihood ratio, same against different source, of a
    /// compared pair of casings with these traits.
    pub(super) fn log_ratio(&self, score: f64, a: &Traits, b: &Traits) -> f64 {
        let Some(model) = &self.model else { return score };
        model.log_ratio(model.statistic(score, a, b))
    }
}

/// A population's scores, fitted without truth.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Model {
    pub power: Power,
    /// Transformed different-source scores of the population.
    pub layout: Layout,
    /// The traits of the casings that the layout was fitted to.
    pub known: BTreeMap<String, Traits>,
    /// Whether the population itself shows same-source pairs.
    pub visible: bool,
    /// The upper tail of different-source statistics.
    pub tail: Tail,
    /// Same-source statistics.
    pub same: Normal,
    /// The log likelihood ratio at multiples of `STEP`.
    pub knots: Vec<f64>,
}

/// Spacing and number of the tabulated log likelihood ratio.
const STEP: f64 = 0.05;

impl Model {
    /// Tabulates the log likelihood ratio. It must never fall with the score,
    /// so it is its own running maximum from its minimum on, and constant
    /// below that and beyond the table.
    pub fn tabulate(&mut self) {
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
        self.same.log_density_or_poor(z) - self.tail.log_density_of(z)
    }

    /// Natural-log likelihood ratio, same against different source, of a
    /// compared pair whose statistic is `z`.
    pub fn log_ratio(&self, z: f64) -> f64 {
        // A ratio of scores may overflow to infinity.
        let at = (z / STEP).clamp(0.0, self.knots.len() as f64);
        let k = at as usize;
        match (self.knots.get(k), self.knots.get(k + 1)) {
            (Some(low), Some(high)) => low + (at - k as f64) * (high - low),
            _ => self.knots.last().copied().unwrap_or(0.0),
        }
    }

    /// The casing's traits: as fitted, or read off its scores against casings
    /// whose traits were.
    pub fn own(&self, table: &ScoreTable, casing: u32) -> Traits {
        let fitted = |c: u32| self.known.get(table.id(c)).copied();
        if let Some(known) = fitted(casing) {
            return known;
        }
        let mut scores: Vec<(f64, &str, Traits)> = table
            .candidates(casing)
            .iter()
            .map(|&(other, score)| {
                let z = self.layout.null.z(self.power.apply(score));
                (z, table.id(other), fitted(other).unwrap_or_default())
            })
            .collect();
        // Sorted, so that the sums do not depend on the order of candidates.
        scores.sort_unstable_by(|x, y| x.0.total_cmp(&y.0).then(x.1.cmp(y.1)));
        let scores: Vec<(f64, Traits)> = scores.into_iter().map(|x| (x.0, x.2)).collect();
        self.layout.traits(&scores)
    }

    /// A pair's score in standard deviations of different-source pairs, less
    /// what the two casings' traits account for.
    pub fn statistic(&self, score: f64, a: &Traits, b: &Traits) -> f64 {
        self.layout.statistic(self.power.apply(score), a, b)
    }
}
