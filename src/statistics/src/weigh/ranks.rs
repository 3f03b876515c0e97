//! Where true mates stand among the candidates of a probe.

use super::pairs::PairSet;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Ranks that are counted.
pub const RANKS: [usize; 5] = [1, 5, 10, 20, 50];
/// Sizes of smaller galleries for which the shares are expected.
const SIZES: [usize; 10] = [2, 5, 10, 20, 50, 100, 200, 500, 1000, 10_000];

/// Shares of probes whose best mate is among the first candidates.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RankCurve {
    /// Probes that have a mate.
    pub probes: u64,
    /// Candidates that are not mates, on average or as asked for.
    pub strangers: f64,
    /// For each of the first 1, 5, 10, 20 and 50 candidates the share of probes
    /// whose best mate is among them.
    pub share: [f64; RANKS.len()],
}

/// Rank curves of a set.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Ranks {
    /// With the whole gallery.
    pub whole: Option<RankCurve>,
    /// Expected with galleries of fewer strangers, drawn at random from those
    /// each probe was compared with.
    pub by_gallery_size: Vec<RankCurve>,
    /// By class (ammunition or any other column), where the pairs have one.
    pub by_class: BTreeMap<String, RankCurve>,
}

/// A probe's best mate: how many strangers it was compared with, and how many of
/// those score at least as high.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Standing {
    strangers: usize,
    ahead: usize,
}

/// Whether it is a mate, its value, and the pair's class.
type Candidate<'a> = (bool, f64, Option<&'a str>);

/// Rank curves of the pairs by `value`, one for each pair.
pub fn ranks(set: &PairSet, value: &[f64]) -> Ranks {
    let mut by_probe: BTreeMap<&str, Vec<Candidate>> = BTreeMap::new();
    for (pair, &value) in set.pairs.iter().zip(value) {
        let entry = (pair.same_source(), value, pair.class.as_deref());
        by_probe.entry(&pair.a).or_default().push(entry);
        if pair.b != pair.a {
            by_probe.entry(&pair.b).or_default().push(entry);
        }
    }
    let mut standings = Vec::new();
    let mut by_class: BTreeMap<&str, Vec<Standing>> = BTreeMap::new();
    for candidates in by_probe.values() {
        let mates = candidates.iter().filter(|c| c.0);
        let Some(best) = mates.max_by(|x, y| x.1.total_cmp(&y.1)) else { continue };
        let strangers = candidates.iter().filter(|c| !c.0);
        let ahead = strangers.clone().filter(|c| c.1 >= best.1).count();
        let standing = Standing { strangers: strangers.count(), ahead };
        standings.push(standing);
        if let Some(class) = best.2 {
            by_class.entry(class).or_default().push(standing);
        }
    }
    let curves = SIZES.iter().filter_map(|&size| {
        let large: Vec<Standing> =
            standings.iter().copied().filter(|s| s.strangers >= size).collect();
        // Only where every probe could have such a gallery are sizes comparable.
        (large.len() == standings.len()).then(|| curve(&large, Some(size))).flatten()
    });
    Ranks {
        whole: curve(&standings, None),
        by_gallery_size: curves.collect(),
        by_class: by_class
            .into_iter()
            .filter_map(|(class, s)| Some((class.to_owned(), curve(&s, None)?)))
            .collect(),
    }
}

fn curve(standings: &[Standing], size: Option<usize>) -> Option<RankCurve> {
    if standings.is_empty() {
        return None;
    }
    let n = standings.len() as f64;
    let strangers = standings.iter().map(|s| size.unwrap_or(s.strangers) as f64).sum::<f64>() / n;
    let share = RANKS.map(|k| {
        standings.iter().map(|s| within(*s, size.unwrap_or(s.strangers), k)).sum::<f64>() / n
    });
    Some(RankCurve { probes: standings.len() as u64, strangers, share })
}

/// Probability that fewer than `k` of `size` strangers, drawn without
/// replacement, are ahead of the mate (hypergeometric).
fn within(standing: Standing, size: usize, k: usize) -> f64 {
    let Standing { strangers, ahead } = standing;
    if ahead < k {
        return 1.0;
    }
    let behind = strangers - ahead;
    let all = log_choose(strangers, size);
    (size.saturating_sub(behind)..k.min(size + 1))
        .map(|j| (log_choose(ahead, j) + log_choose(behind, size - j) - all).exp())
        .sum::<f64>()
        .min(1.0)
}

/// Natural log of the binomial coefficient; `k ≤ n`.
fn log_choose(n: usize, k: usize) -> f64 {
    let k = k.min(n - k);
    (0..k).map(|i| ((n - i) as f64 / (i + 1) as f64).ln()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_smaller_gallery_is_drawn_at_random() {
        // One of four strangers is ahead; of two drawn it is with them half the time.
        let s = Standing { strangers: 4, ahead: 1 };
        assert!((within(s, 2, 1) - 0.5).abs() < 1e-12);
        assert_eq!(within(s, 4, 1), 0.0);
        assert_eq!(within(s, 4, 2), 1.0);
        // Three of four ahead, three drawn: at least two are; two with chance 3/4.
        let s = Standing { strangers: 4, ahead: 3 };
        assert!((within(s, 3, 3) - 0.75).abs() < 1e-12, "{}", within(s, 3, 3));
        assert_eq!(within(s, 3, 2), 0.0);
        let s = Standing { strangers: 1000, ahead: 60 };
        assert!((within(s, 1000, 61) - 1.0).abs() < 1e-12);
        assert!((0.0..=1.0).contains(&within(s, 500, 20)));
    }

    #[test]
    fn a_tie_with_a_stranger_is_not_a_first_rank() {
        let text = [("a", "b", true, 2.0), ("a", "c", false, 2.0), ("b", "c", false, 1.0)];
        let pair = |&(a, b, same, _): &(&str, &str, bool, f64)| super::super::pairs::Pair {
            a: a.into(),
            b: b.into(),
            firearms: (0, usize::from(!same)),
            class: None,
            marks: Vec::new(),
        };
        let set = PairSet { pairs: text.iter().map(pair).collect(), ..PairSet::default() };
        let found = ranks(&set, &text.map(|t| t.3)).whole;
        // c has no mate; of a and b, only b's mate stands first.
        let found = found.map(|c| (c.probes, c.share[0], c.share[1]));
        assert_eq!(found, Some((2, 0.5, 1.0)));
    }
}
