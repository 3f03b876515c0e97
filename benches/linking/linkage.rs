//! The linkages that linking is measured against: each is cut where the truth
//! says its F1 is greatest, which no unsupervised method can know.

use std::collections::HashMap;
use synthetic::scores::ScoreSet;

/// How two clusters' similarity follows from their casings'.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Linkage {
    Average,
    Complete,
    /// Bien & Tibshirani 2011: the casing least far from its farthest fellow.
    Minimax,
}

/// Pairwise counts of a partition against the truth.
#[derive(Clone, Copy, Debug, Default)]
pub struct Quality {
    pub linked: f64,
    pub right: f64,
    pub same: f64,
}

impl Quality {
    pub fn of(firearm: &[usize], groups: &[Vec<usize>]) -> Self {
        let mut quality = Self { same: pairs(firearm.iter()), ..Self::default() };
        for group in groups {
            quality.linked += 0.5 * (group.len() * (group.len() - 1)) as f64;
            quality.right += pairs(group.iter().map(|&c| &firearm[c]));
        }
        quality
    }

    pub fn precision(self) -> f64 {
        if self.linked == 0.0 { 1.0 } else { self.right / self.linked }
    }

    /// 1 where nothing is linked and nothing was to be.
    pub fn f1(self) -> f64 {
        if self.linked + self.same == 0.0 {
            1.0
        } else {
            2.0 * self.right / (self.linked + self.same)
        }
    }
}

/// Pairs of equal values.
fn pairs<'a>(of: impl Iterator<Item = &'a usize>) -> f64 {
    let mut counts = HashMap::<usize, usize>::new();
    of.for_each(|v| *counts.entry(*v).or_default() += 1);
    counts.values().map(|n| 0.5 * (n * (n - 1)) as f64).sum()
}

/// The greatest F1 of any cut of the linkage's tree. Pairs without a score
/// count as the population's median.
pub fn best_f1(set: &ScoreSet, linkage: Linkage) -> f64 {
    let n = set.firearm.len();
    let mut scores: Vec<f64> = set.rows.iter().map(|r| r.2).collect();
    scores.sort_by(f64::total_cmp);
    let usual = scores.get(scores.len() / 2).copied().unwrap_or(0.0);
    let mut similarity = vec![vec![usual; n]; n];
    let mut times = vec![vec![0.0; n]; n];
    for &(a, b, score) in &set.rows {
        let (a, b) = (a.min(b), a.max(b));
        let so_far = times[a][b];
        let sum = if so_far == 0.0 { score } else { so_far * similarity[a][b] + score };
        times[a][b] += 1.0;
        similarity[a][b] = sum / times[a][b];
        similarity[b][a] = similarity[a][b];
    }
    // The least similarity of each casing to each cluster.
    let mut least = similarity.clone();
    let mut groups: Vec<Vec<usize>> = (0..n).map(|c| vec![c]).collect();
    let mut quality = Quality::of(&set.firearm, &groups);
    let mut best = quality.f1();
    loop {
        let alive: Vec<usize> = (0..n).filter(|&g| !groups[g].is_empty()).collect();
        let mut top = (f64::NEG_INFINITY, 0, 0);
        for (k, &a) in alive.iter().enumerate() {
            for &b in &alive[k + 1..] {
                if similarity[a][b] > top.0 {
                    top = (similarity[a][b], a, b);
                }
            }
        }
        let (_, a, b) = top;
        if a == b {
            return best;
        }
        for &x in &groups[a] {
            let joined = groups[b].iter().filter(|&&y| set.firearm[x] == set.firearm[y]);
            quality.right += joined.count() as f64;
        }
        quality.linked += (groups[a].len() * groups[b].len()) as f64;
        best = best.max(quality.f1());
        let sizes = (groups[a].len() as f64, groups[b].len() as f64);
        let moved = std::mem::take(&mut groups[b]);
        groups[a].extend(moved);
        for row in &mut least {
            row[a] = row[a].min(row[b]);
        }
        for &c in alive.iter().filter(|&&c| c != a && c != b) {
            let (to_a, to_b) = (similarity[a][c], similarity[b][c]);
            let joined = match linkage {
                Linkage::Average => (sizes.0 * to_a + sizes.1 * to_b) / (sizes.0 + sizes.1),
                Linkage::Complete => to_a.min(to_b),
                Linkage::Minimax => {
                    let both = groups[a].iter().chain(&groups[c]);
                    let radius = |&x: &usize| least[x][a].min(least[x][c]);
                    both.map(radius).fold(f64::NEG_INFINITY, f64::max)
                }
            };
            similarity[a][c] = joined;
            similarity[c][a] = joined;
        }
    }
}
