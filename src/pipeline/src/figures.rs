//! Accuracy figures of a labelled set of comparisons.

use serde::Serialize;

/// How well a score tells same-source pairs from different-source ones.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Separation {
    /// Probability that a same-source pair scores above a different-source one
    /// (ties count half).
    pub auc: f64,
    /// Lowest same-source value.
    pub lowest_same_source: f64,
    /// Highest different-source value.
    pub highest_different_source: f64,
    /// Same-source pairs not above the highest different-source one.
    pub same_source_not_above: u64,
    /// Different-source pairs not below the lowest same-source one.
    pub different_source_not_below: u64,
    /// Between-class over within-class variance: the squared distances of the
    /// two class means from the *mean of the two means*, over the sum of the
    /// class variances.
    pub variance_ratio: f64,
    /// The same with the distances from the mean over *all* pairs.
    pub variance_ratio_grand_mean: f64,
}

/// Everything that is printed of an evaluation.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Figures {
    /// Same-source pairs.
    pub same_source: u64,
    /// Different-source pairs.
    pub different_source: u64,
    /// Of the score.
    pub score: Separation,
    /// Of the correlation coefficient.
    pub ccf: Separation,
    /// Of the number of congruent cells.
    pub congruent_cells: Separation,
    /// Of the share of congruent cells.
    pub congruent_fraction: Separation,
    /// Of how distinct the pose is: the score over that of the runner-up. Pairs of
    /// which every place that was looked at is one pose have none, and are left out.
    pub distinctness: Separation,
    /// Of what the published rules count, where they were asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub published: Option<PublishedFigures>,
    /// Probes that have a mate.
    pub probes: u64,
    /// Probes whose best mate is among the first 1, 5 and 10 candidates.
    pub rank: [u64; 3],
}

/// How well published counts tell same-source pairs from different-source ones.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct PublishedFigures {
    /// Of congruent cells by the original rule (Song 2013).
    pub median_rule: Separation,
    /// Of congruent cells by the High-CMC rule (Tong, Song, Chu 2015).
    pub high_cmc: Separation,
}

/// Ranks that are counted.
pub const RANKS: [usize; 3] = [1, 5, 10];

/// Separates values of the two classes; zeros if one is empty.
pub fn separation(same: &[f64], different: &[f64]) -> Separation {
    if same.is_empty() || different.is_empty() {
        return Separation::default();
    }
    let mut sorted = different.to_vec();
    sorted.sort_by(f64::total_cmp);
    let below = |v: f64| sorted.partition_point(|d| *d < v) as f64;
    let up_to = |v: f64| sorted.partition_point(|d| *d <= v) as f64;
    let wins: f64 = same.iter().map(|&v| (below(v) + up_to(v)) / 2.0).sum();
    let lowest = same.iter().copied().fold(f64::INFINITY, f64::min);
    let highest = different.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let (n, m) = (same.len() as f64, different.len() as f64);
    let mean = |v: &[f64]| v.iter().sum::<f64>() / v.len() as f64;
    let variance = |v: &[f64]| {
        let centre = mean(v);
        v.iter().map(|x| (x - centre).powi(2)).sum::<f64>() / (v.len() as f64 - 1.0).max(1.0)
    };
    let (a, b) = (mean(same), mean(different));
    let within = variance(same) + variance(different);
    let between = |centre: f64| (a - centre).powi(2) + (b - centre).powi(2);
    let ratio = |v: f64| if within > 0.0 { v / within } else { f64::INFINITY };
    Separation {
        auc: wins / (n * m),
        lowest_same_source: lowest,
        highest_different_source: highest,
        same_source_not_above: same.iter().filter(|v| **v <= highest).count() as u64,
        different_source_not_below: different.iter().filter(|v| **v >= lowest).count() as u64,
        variance_ratio: ratio(between((a + b) / 2.0)),
        variance_ratio_grand_mean: ratio(between((a * n + b * m) / (n + m))),
    }
}

/// For each probe the place of its best mate among its candidates; `scores`
/// are (is mate, score) of one probe. Equal scores of others go first.
pub fn rank_of_best_mate(scores: &[(bool, f64)]) -> Option<usize> {
    let best = scores.iter().filter(|s| s.0).map(|s| s.1).max_by(f64::total_cmp)?;
    Some(1 + scores.iter().filter(|s| !s.0 && s.1 >= best).count())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_of_a_hand_worked_case() {
        let s = separation(&[3.0, 5.0], &[1.0, 3.0, 2.0, 0.0]);
        // 3 beats 1, 2, 0 and ties once: 3.5; 5 beats all: 4. Of 8: 0.9375.
        assert!((s.auc - 0.9375).abs() < 1e-12);
        assert_eq!((s.lowest_same_source, s.highest_different_source), (3.0, 3.0));
        assert_eq!((s.same_source_not_above, s.different_source_not_below), (1, 1));
        // Means 4 and 1.5; variances 2 and 5/3; (1.25² + 1.25²) / (11/3).
        assert!((s.variance_ratio - 3.125 / (11.0 / 3.0)).abs() < 1e-12);
    }

    #[test]
    fn a_tie_with_a_stranger_is_not_a_first_rank() {
        assert_eq!(rank_of_best_mate(&[(true, 2.0), (false, 2.0), (true, 1.0)]), Some(2));
        assert_eq!(rank_of_best_mate(&[(true, 2.0), (false, 1.0)]), Some(1));
        assert_eq!(rank_of_best_mate(&[(false, 1.0)]), None);
    }
}
