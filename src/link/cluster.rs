//! Agglomeration of one component under constraints.

use super::casework::Rules;
use super::model::Calibration;
use std::cmp::Ordering;
use std::collections::{BTreeMap, BinaryHeap};

/// Correlation of the evidence of two pairs of casings of the same two groups:
/// they share casings, marks and wear, so `n` pairs count as
/// `n / (1 + (n − 1) ρ)` independent ones.
const EVIDENCE_CORRELATION: f64 = 0.5;

/// What the scores between two sets of casings say.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Evidence {
    /// Sum of the compared pairs' log likelihood ratios.
    pub sum: f64,
    /// Number of compared pairs.
    pub compared: u32,
}

impl Evidence {
    pub fn add(&mut self, other: Self) {
        self.sum += other.sum;
        self.compared += other.compared;
    }

    /// What it says of two sets of `a` and `b` casings being one group.
    pub fn judge(self, a: usize, b: usize, calibration: &Calibration) -> Judgement {
        let pairs = (a * b) as f64;
        let never_compared = (pairs - f64::from(self.compared)).max(0.0);
        let mean = (self.sum + calibration.absent * never_compared) / pairs;
        let independent = pairs / (1.0 + (pairs - 1.0) * EVIDENCE_CORRELATION);
        Judgement { mean, log_odds: mean * independent + calibration.prior.log_odds(a, b) }
    }
}

/// How likely it is that two sets of casings are one group.
#[derive(Clone, Copy, Debug)]
pub(super) struct Judgement {
    /// Mean log likelihood ratio over all pairs between the sets.
    pub mean: f64,
    /// Log posterior odds: the mean times the number of pairs that count as
    /// independent, plus the log prior odds.
    pub log_odds: f64,
}

/// The largest factor by which several pairs can outweigh one.
pub(super) const MOST_PAIRS: f64 = 1.0 / EVIDENCE_CORRELATION;

/// One merge, as it happened.
#[derive(Clone, Debug)]
pub(super) struct Merge {
    pub left: Vec<u32>,
    pub right: Vec<u32>,
    pub log_odds: f64,
}

/// A possible merge of clusters `a < b`; the greatest odds come first, then the
/// lowest numbers.
struct Candidate {
    log_odds: f64,
    a: u32,
    b: u32,
    versions: (u32, u32),
}

impl Ord for Candidate {
    fn cmp(&self, other: &Self) -> Ordering {
        self.log_odds.total_cmp(&other.log_odds).then_with(|| (other.a, other.b).cmp(&(self.a, self.b)))
    }
}
impl PartialOrd for Candidate {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl PartialEq for Candidate {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}
impl Eq for Candidate {}

/// Clusters of one component being merged.
pub(super) struct Agglomeration<'a> {
    clusters: Vec<Vec<u32>>,
    near: Vec<BTreeMap<u32, Evidence>>,
    version: Vec<u32>,
    heap: BinaryHeap<Candidate>,
    rules: &'a Rules,
    calibration: &'a Calibration,
}

impl<'a> Agglomeration<'a> {
    /// Starts from `atoms` (sets of casings that stay together) and the
    /// evidence between atoms, given once per compared pair of casings.
    pub fn new(atoms: Vec<Vec<u32>>, pairs: impl IntoIterator<Item = (u32, u32, f64)>, rules: &'a Rules, calibration: &'a Calibration) -> Self {
        let n = atoms.len();
        let mut near = vec![BTreeMap::<u32, Evidence>::new(); n];
        for (a, b, log_ratio) in pairs {
            let one = Evidence { sum: log_ratio, compared: 1 };
            near[a as usize].entry(b).or_default().add(one);
            near[b as usize].entry(a).or_default().add(one);
        }
        let mut new = Self { clusters: atoms, near, version: vec![0; n], heap: BinaryHeap::new(), rules, calibration };
        for a in 0..n as u32 {
            new.propose(a, |b| b > a);
        }
        new
    }

    /// Puts cluster `a`'s worthwhile merges on the heap.
    fn propose(&mut self, a: u32, wanted: impl Fn(u32) -> bool) {
        let here = &self.clusters[a as usize];
        for (&b, evidence) in &self.near[a as usize] {
            let there = &self.clusters[b as usize];
            let log_odds = evidence.judge(here.len(), there.len(), self.calibration).log_odds;
            if wanted(b) && log_odds >= self.calibration.least && self.rules.apart(here, there).is_none() {
                let (a, b) = (a.min(b), a.max(b));
                self.heap.push(Candidate { log_odds, a, b, versions: (self.version[a as usize], self.version[b as usize]) });
            }
        }
    }

    /// Merges, best first, until no merge has the odds; tells `seen` each one.
    pub fn run(mut self, mut seen: impl FnMut(Merge)) -> Vec<Vec<u32>> {
        while let Some(best) = self.heap.pop() {
            let (a, b) = (best.a as usize, best.b as usize);
            if (self.version[a], self.version[b]) != best.versions {
                continue;
            }
            self.near[a].remove(&best.b);
            let right = std::mem::take(&mut self.clusters[b]);
            seen(Merge { left: self.clusters[a].clone(), right: right.clone(), log_odds: best.log_odds });
            self.clusters[a].extend(right);
            self.version[a] += 1;
            self.version[b] += 1;
            for (c, evidence) in std::mem::take(&mut self.near[b]) {
                self.near[c as usize].remove(&best.b);
                if c != best.a {
                    self.near[a].entry(c).or_default().add(evidence);
                    self.near[c as usize].entry(best.a).or_default().add(evidence);
                }
            }
            self.propose(best.a, |_| true);
        }
        self.clusters.retain(|cluster| !cluster.is_empty());
        self.clusters
    }
}
