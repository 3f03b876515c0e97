//! Agglomeration of one component under constraints.

use super::casework::Rules;
use super::model::Calibration;
use super::union::find;
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
        Judgement { mean, log_odds: mean * independent + calibration.prior(a, b) }
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
        self.log_odds
            .total_cmp(&other.log_odds)
            .then_with(|| (other.a, other.b).cmp(&(self.a, self.b)))
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

/// A group as it was found.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Found {
    /// What scores brought together; confirmations and test fires tie several
    /// parts into one group.
    pub parts: Vec<Vec<u32>>,
    /// The least log posterior odds of its merges.
    pub weakest: f64,
}

impl Found {
    /// The group of a casing that nothing joins.
    pub fn single(casing: u32) -> Self {
        Self { parts: vec![vec![casing]], weakest: f64::INFINITY }
    }

    /// All casings of the group.
    pub fn members(&self) -> impl Iterator<Item = u32> + Clone + '_ {
        self.parts.iter().flatten().copied()
    }

    /// Number of casings.
    pub fn len(&self) -> usize {
        self.parts.iter().map(Vec::len).sum()
    }
}

/// Clusters of one component being merged.
///
/// Scores merge clusters; ties (confirmations and test fires) unite clusters
/// into families without claiming that their scores agree. Merging clusters
/// unites their families, which is refused where casings of the two must stay
/// apart. The families are the groups.
pub(super) struct Agglomeration<'a> {
    clusters: Vec<Vec<u32>>,
    near: Vec<BTreeMap<u32, Evidence>>,
    version: Vec<u32>,
    heap: BinaryHeap<Candidate>,
    /// Union–find over clusters, and the casings and weakest merge of each root.
    root: Vec<u32>,
    families: Vec<(Vec<u32>, f64)>,
    rules: &'a Rules,
    calibration: &'a Calibration,
}

impl<'a> Agglomeration<'a> {
    /// Starts from single casings, the places of those tied together, and the
    /// log likelihood ratios of compared pairs, by place.
    pub fn new(
        casings: &[u32],
        tied: &[(u32, u32)],
        pairs: &[(u32, u32, f64)],
        rules: &'a Rules,
        calibration: &'a Calibration,
    ) -> Self {
        let n = casings.len();
        let mut near = vec![BTreeMap::<u32, Evidence>::new(); n];
        for &(a, b, log_ratio) in pairs {
            let one = Evidence { sum: log_ratio, compared: 1 };
            near[a as usize].insert(b, one);
            near[b as usize].insert(a, one);
        }
        let mut new = Self {
            clusters: casings.iter().map(|&c| vec![c]).collect(),
            near,
            version: vec![0; n],
            heap: BinaryHeap::new(),
            root: (0..n as u32).collect(),
            families: casings.iter().map(|&c| (vec![c], f64::INFINITY)).collect(),
            rules,
            calibration,
        };
        for &(a, b) in tied {
            new.unite(a, b, f64::INFINITY);
        }
        for a in 0..n as u32 {
            new.propose(a, |b| b > a);
        }
        new
    }

    /// Unites the families of two clusters; false where they must stay apart.
    fn unite(&mut self, a: u32, b: u32, log_odds: f64) -> bool {
        let (a, b) = (find(&mut self.root, a), find(&mut self.root, b));
        let (a, b) = (a.min(b), a.max(b));
        if a != b {
            let [left, right] = [a, b].map(|x| &self.families[x as usize].0);
            if self.rules.apart(left, right).is_some() {
                return false;
            }
            let (casings, weakest) = std::mem::take(&mut self.families[b as usize]);
            self.root[b as usize] = a;
            let family = &mut self.families[a as usize];
            family.0.extend(casings);
            family.1 = family.1.min(weakest);
        }
        let family = &mut self.families[a as usize];
        family.1 = family.1.min(log_odds);
        true
    }

    /// Puts cluster `a`'s worthwhile merges on the heap.
    fn propose(&mut self, a: u32, wanted: impl Fn(u32) -> bool) {
        let here = self.clusters[a as usize].len();
        for (&b, evidence) in self.near[a as usize].iter().filter(|x| wanted(*x.0)) {
            let there = self.clusters[b as usize].len();
            let log_odds = evidence.judge(here, there, self.calibration).log_odds;
            if log_odds >= self.calibration.least {
                let (a, b) = (a.min(b), a.max(b));
                let versions = (self.version[a as usize], self.version[b as usize]);
                self.heap.push(Candidate { log_odds, a, b, versions });
            }
        }
    }

    /// Merges, best first, until no merge has the odds; tells `seen` each one.
    pub fn run(mut self, mut seen: impl FnMut(Merge)) -> Vec<Found> {
        while let Some(best) = self.heap.pop() {
            let (a, b) = (best.a as usize, best.b as usize);
            let current = (self.version[a], self.version[b]) == best.versions;
            if !current || !self.unite(best.a, best.b, best.log_odds) {
                continue;
            }
            let right = std::mem::take(&mut self.clusters[b]);
            seen(Merge {
                left: self.clusters[a].clone(),
                right: right.clone(),
                log_odds: best.log_odds,
            });
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
        let mut found = vec![Found::default(); self.clusters.len()];
        for k in 0..found.len() {
            if !self.clusters[k].is_empty() {
                let family = find(&mut self.root, k as u32) as usize;
                found[family].parts.push(std::mem::take(&mut self.clusters[k]));
                found[family].weakest = self.families[family].1;
            }
        }
        found.retain(|f| !f.parts.is_empty());
        found
    }
}
