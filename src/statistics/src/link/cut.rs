//! The partition of a population that explains its scores best.
//!
//! An average-linkage tree of the standardised scores (Sokal & Michener 1958)
//! offers a partition for every height. Each is judged by the likelihood of all
//! scores when pairs within its groups are same-source and all others
//! different-source (classification likelihood: Scott & Symons 1971), less
//! what it takes to say which of all partitions with groups of these sizes it
//! is (minimum description length: Rissanen 1978). Unlike a mixture of the
//! scores alone, this asks that *all* pairs of a group agree, and charges every
//! group for the choice of its members, so that it works on few casings too.

use super::distribution::{Normal, Tail};
use kodama::{Method, linkage};

/// Least mean of same-source pairs, in standard deviations of different-source
/// ones; what stands nearer is resemblance.
pub(super) const LEAST_SEPARATION: f64 = 3.0;
/// In a small population chance alone parts the scores: same-source pairs must
/// stand this over the square root of the number of pairs above the others, and
/// the more the wider they spread.
const SMALL_POPULATION: f64 = 25.0;
/// Excesses of a normal's tail mixed into the different-source tail steady
/// small samples: this many.
const PSEUDO_EXCESSES: f64 = 3.0;
/// The heaviest different-source tail considered, in standard deviations:
/// twice a standard exponential's. What lies farther out is another component.
const MOST_EXCESS: f64 = 0.8;
/// Standardised scores are cut off here, on both sides.
const FARTHEST: f64 = 250.0;
/// Width of the bins in which within-group scores are kept, and their number.
const BIN: f64 = 0.25;
const BINS: usize = (2.0 * FARTHEST / BIN) as usize + 1;
/// Merges of a lower mean are not looked at.
const LOWEST_MERGE: f64 = 0.5;

/// A partition and the two components it implies.
#[derive(Clone, Debug)]
pub(super) struct Cut {
    /// The group of each place; groups are numbered in the order of their
    /// first places.
    pub group: Vec<u32>,
    /// Same-source scores, where there is a group of more than one.
    pub same: Option<Normal>,
    /// The upper tail of different-source scores.
    pub tail: Tail,
    /// Penalised log likelihood.
    pub merit: f64,
}

impl Cut {
    /// Sizes of the groups.
    pub fn sizes(&self) -> Vec<usize> {
        let mut sizes = vec![0; self.group.iter().max().map_or(0, |&g| g as usize + 1)];
        self.group.iter().for_each(|&g| sizes[g as usize] += 1);
        sizes
    }
}

/// The best partition of `n` places, given the standardised scores `x` of the
/// compared pairs.
pub(super) fn best_cut(n: usize, pairs: &[(u32, u32)], x: &[f64]) -> Cut {
    let x: Vec<f64> = x.iter().map(|x| x.clamp(-FARTHEST, FARTHEST)).collect();
    let steps = tree(n, pairs, &x);
    let mut walk = Walk::new(n, pairs, &x);
    let mut best = (walk.judge(), 0);
    for (k, &(a, b)) in steps.iter().enumerate() {
        walk.merge(a, b);
        if let Some(judged) = walk.judge().filter(|j| best.0.is_none_or(|b| j.merit > b.merit)) {
            best = (Some(judged), k + 1);
        }
    }
    let mut label: Vec<usize> = (0..n).collect();
    for (k, &(a, b)) in steps.iter().enumerate().take(best.1) {
        label.iter_mut().filter(|l| **l == a || **l == b).for_each(|l| *l = n + k);
    }
    let mut seen: Vec<usize> = Vec::new();
    let group = label.iter().map(|l| {
        let at = seen.iter().position(|s| s == l);
        at.unwrap_or_else(|| {
            seen.push(*l);
            seen.len() - 1
        }) as u32
    });
    let group = group.collect();
    let Judged { merit, same, tail } =
        best.0.unwrap_or(Judged { merit: f64::NEG_INFINITY, same: None, tail: Tail::NORMAL });
    Cut { group, same, tail, merit }
}

/// The penalised log likelihood of a given partition; −∞ where its groups do
/// not stand clear.
pub(super) fn merit<'a>(
    n: usize,
    pairs: &[(u32, u32)],
    x: &[f64],
    groups: impl Iterator<Item = &'a Vec<u32>>,
) -> f64 {
    let x: Vec<f64> = x.iter().map(|x| x.clamp(-FARTHEST, FARTHEST)).collect();
    let mut walk = Walk::new(n, pairs, &x);
    let mut next = n;
    for group in groups.filter(|g| g.len() > 1) {
        let mut at = group[0] as usize;
        for &c in &group[1..] {
            walk.merge(at, c as usize);
            at = next;
            next += 1;
        }
    }
    walk.judge().map_or(f64::NEG_INFINITY, |j| j.merit)
}

/// Merges from the top of the scores down, as pairs of cluster numbers: a
/// place's own, then `n` and up in the order of merging. A pair that was never
/// compared counts as an average different-source one.
fn tree(n: usize, pairs: &[(u32, u32)], x: &[f64]) -> Vec<(usize, usize)> {
    let mut distance = vec![FARTHEST; n * n.saturating_sub(1) / 2];
    for (&(a, b), x) in pairs.iter().zip(x) {
        let (a, b) = (a as usize, b as usize);
        distance[a * (2 * n - a - 1) / 2 + b - a - 1] = FARTHEST - x;
    }
    let tree = linkage(&mut distance, n, Method::Average);
    let high = tree.steps().iter().take_while(|s| FARTHEST - s.dissimilarity >= LOWEST_MERGE);
    high.map(|s| (s.cluster1, s.cluster2)).collect()
}

#[derive(Clone, Copy)]
struct Judged {
    merit: f64,
    same: Option<Normal>,
    tail: Tail,
}

/// Sums over the pairs within groups and between them, kept up as groups merge.
struct Walk<'a> {
    x: &'a [f64],
    /// Each place's pairs: the other place and the pair's number.
    near: Vec<Vec<(u32, u32)>>,
    members: Vec<Vec<u32>>,
    cluster: Vec<usize>,
    within: Vec<u32>,
    sum: f64,
    squares: f64,
    /// Pairs between groups: sum of squares and number below the tail; number
    /// and sum of excesses in it.
    body: (f64, f64),
    tail: (f64, f64),
    /// Number of groups of each size, and ln k!.
    sizes: Vec<usize>,
    log_factorial: Vec<f64>,
}

impl<'a> Walk<'a> {
    fn new(n: usize, pairs: &[(u32, u32)], x: &'a [f64]) -> Self {
        let mut near = vec![Vec::new(); n];
        for (k, &(a, b)) in (0u32..).zip(pairs) {
            near[a as usize].push((b, k));
            near[b as usize].push((a, k));
        }
        let mut log_factorial = vec![0.0f64];
        for k in 1..=n {
            log_factorial.push(log_factorial[k - 1] + (k as f64).ln());
        }
        let mut sizes = vec![0; n + 1];
        if let Some(one) = sizes.get_mut(1) {
            *one = n;
        }
        let mut new = Self {
            x,
            near,
            members: (0..n as u32).map(|c| vec![c]).collect(),
            cluster: (0..n).collect(),
            within: vec![0; BINS],
            sum: 0.0,
            squares: 0.0,
            body: (0.0, 0.0),
            tail: (0.0, 0.0),
            sizes,
            log_factorial,
        };
        x.iter().for_each(|&x| new.between(x, 1.0));
        new
    }

    fn between(&mut self, x: f64, sign: f64) {
        if x < Tail::NORMAL.from {
            self.body.0 += sign * x * x;
            self.body.1 += sign;
        } else {
            self.tail.0 += sign;
            self.tail.1 += sign * (x - Tail::NORMAL.from);
        }
    }

    fn merge(&mut self, a: usize, b: usize) {
        let mut left = std::mem::take(&mut self.members[a]);
        let mut right = std::mem::take(&mut self.members[b]);
        let new = self.members.len();
        let (few, other) = if left.len() <= right.len() { (&left, b) } else { (&right, a) };
        for &c in few {
            for k in 0..self.near[c as usize].len() {
                let (d, pair) = self.near[c as usize][k];
                if self.cluster[d as usize] == other {
                    let x = self.x[pair as usize];
                    self.between(x, -1.0);
                    self.within[((x + FARTHEST) / BIN) as usize] += 1;
                    self.sum += x;
                    self.squares += x * x;
                }
            }
        }
        self.sizes[left.len()] -= 1;
        self.sizes[right.len()] -= 1;
        left.append(&mut right);
        self.sizes[left.len()] += 1;
        left.iter().for_each(|&c| self.cluster[c as usize] = new);
        self.members.push(left);
    }

    /// The present partition; `None` where its groups do not stand clear.
    fn judge(&self) -> Option<Judged> {
        let all = self.x.len() as f64;
        let tail = self.tail();
        let (between, share) = (self.body.1 + self.tail.0, tail.share);
        let normal = Tail::NORMAL;
        let body = -0.5 * self.body.0
            + self.body.1 * Normal::STANDARD.log_density(0.0)
            + self.body.1 * ((1.0 - share) / (1.0 - normal.share)).ln();
        let beyond = self.tail.0 * (share / tail.mean_excess).ln() - self.tail.1 / tail.mean_excess;
        let mut merit = body + beyond + self.log_prior();
        let within = all - between;
        if within < 0.5 {
            return Some(Judged { merit, same: None, tail });
        }
        let mean = self.sum / within;
        let sd = (self.squares / within - mean * mean).max(0.0).sqrt().max(1.0);
        let same = Normal { mean, sd };
        if mean < LEAST_SEPARATION || mean - (sd - 1.0) < SMALL_POPULATION / all.sqrt() {
            return None;
        }
        let bins = self.within.iter().enumerate().filter(|(_, count)| **count > 0);
        merit += bins
            .map(|(k, &count)| {
                let x = (k as f64 + 0.5) * BIN - FARTHEST;
                f64::from(count) * same.log_density_or_poor(x)
            })
            .sum::<f64>();
        // Location and scale of same-source pairs are paid for (Schwarz 1978).
        merit -= 1.5 * all.ln();
        Some(Judged { merit, same: Some(same), tail })
    }

    fn tail(&self) -> Tail {
        let normal = Tail::NORMAL;
        let count = PSEUDO_EXCESSES + self.tail.0;
        let excess = PSEUDO_EXCESSES * normal.mean_excess + self.tail.1;
        let all = self.body.1 + self.tail.0;
        Tail {
            share: count / (all + PSEUDO_EXCESSES / normal.share),
            mean_excess: (excess / count).min(MOST_EXCESS),
            count,
            ..normal
        }
    }

    /// Less the log of the number of partitions into groups of these sizes, and
    /// of what it takes to name the sizes.
    fn log_prior(&self) -> f64 {
        let n = self.cluster.len();
        let kinds = self.sizes.iter().enumerate().filter(|(_, count)| **count > 0);
        let log = &self.log_factorial;
        kinds
            .map(|(size, &count)| count as f64 * log[size] + log[count] - (n.max(1) as f64).ln())
            .sum::<f64>()
            - log[n]
    }
}
