//! Scores of known or supposed pairs, by which a reader judges one score.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Steps of the score that are told apart while counting.
const FINEST: f64 = 1.0 / 16.0;
/// Bars that a reader can still tell apart.
const MOST_BARS: i64 = 48;

/// Where the pairs of a distribution come from, and how it is known which of
/// them one firearm fired.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PopulationSource {
    /// This store's pairs of casings whose firearms are recorded.
    KnownFirearms,
    /// This store's pairs, split by the program's own proposed groups: what
    /// stands apart from what, not what is true.
    ProposedGroups,
    /// A reference population with established truth.
    Named(String),
}

/// Two histograms over the score with common, equal steps.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Distribution {
    /// Where the pairs come from.
    pub population: PopulationSource,
    /// Score at the lower edge of the first step.
    pub low: f64,
    /// Width of a step.
    pub step: f64,
    /// Same-source pairs in each step.
    pub same: Vec<u64>,
    /// Different-source pairs in each step.
    pub different: Vec<u64>,
}

impl Distribution {
    /// Number of same-source pairs.
    pub fn same_pairs(&self) -> u64 {
        self.same.iter().sum()
    }

    /// Number of different-source pairs.
    pub fn different_pairs(&self) -> u64 {
        self.different.iter().sum()
    }

    /// The score below which all different-source pairs lie: where the last step
    /// ends that holds one.
    pub fn different_below(&self) -> Option<f64> {
        let last = self.different.iter().rposition(|n| *n > 0)?;
        Some(self.low + (last + 1) as f64 * self.step)
    }
}

/// Counts scores as they come; takes no more memory for more of them.
#[derive(Clone, Debug, Default)]
pub struct Tally(BTreeMap<i64, (u64, u64)>);

impl Tally {
    /// Counts one pair.
    pub fn add(&mut self, score: f64, same_source: bool) {
        if !score.is_finite() {
            return;
        }
        let (same, different) = self.0.entry((score / FINEST).floor() as i64).or_default();
        *if same_source { same } else { different } += 1;
    }

    /// Whether there are pairs of both sorts.
    pub fn has_both(&self) -> bool {
        self.0.values().any(|n| n.0 > 0) && self.0.values().any(|n| n.1 > 0)
    }

    /// The two histograms; none without a pair. Steps are the narrowest of
    /// 1, 2, 4 … times 1/16 that need no more than 48 bars.
    pub fn distribution(&self, population: PopulationSource) -> Option<Distribution> {
        let (first, last) = (*self.0.keys().next()?, *self.0.keys().next_back()?);
        let mut width = 1_i64;
        while last.div_euclid(width) - first.div_euclid(width) >= MOST_BARS {
            width *= 2;
        }
        let start = first.div_euclid(width);
        let bars = (last.div_euclid(width) - start + 1) as usize;
        let (mut same, mut different) = (vec![0; bars], vec![0; bars]);
        for (bin, count) in &self.0 {
            let at = (bin.div_euclid(width) - start) as usize;
            if let (Some(s), Some(d)) = (same.get_mut(at), different.get_mut(at)) {
                *s += count.0;
                *d += count.1;
            }
        }
        let step = width as f64 * FINEST;
        Some(Distribution { population, low: start as f64 * step, step, same, different })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn every_pair_is_in_the_bar_that_spans_its_score() {
        let mut tally = Tally::default();
        let scores = [(-1.3, false), (0.2, false), (0.2, false), (31.0, true), (28.9, true)];
        scores.iter().for_each(|&(s, same)| tally.add(s, same));
        let d = tally.distribution(PopulationSource::KnownFirearms).unwrap();
        assert_eq!((d.same_pairs(), d.different_pairs()), (2, 3));
        assert!(d.same.len() <= 48 && d.step >= 0.5, "{d:?}");
        for (score, same) in scores {
            let bar = ((score - d.low) / d.step).floor() as usize;
            assert!((if same { &d.same } else { &d.different })[bar] > 0, "{score} in {d:?}");
        }
        assert!(Tally::default().distribution(PopulationSource::KnownFirearms).is_none());
    }
}
