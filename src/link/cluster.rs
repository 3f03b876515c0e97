//! Agglomeration of one component under constraints.

use super::casework::Rules;
use super::engine::find;
use super::model::Calibration;
use std::cmp::Ordering;
use std::collections::{BTreeMap, BinaryHeap};

/// Correlation of the evidence of two pairs of casings of the same two groups:
/// they share casings, marks and wear, so `n` pairs count as
/// `n / (1 + (n − 1) ρ)` independent ones.
const EVIDENCE_CORRELATION: f64 = 0.2;

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
        Judgement { mean, log_odds: mean * independent(pairs) + calibration.prior(a, b) }
    }

    /// What it says, being of all pairs within `size` casings, of their being
    /// one group: as if they had joined one after the other.
    pub fn of_group(self, size: usize, calibration: &Calibration) -> f64 {
        let pairs = (0.5 * (size * size.saturating_sub(1)) as f64).max(1.0);
        let never_compared = (pairs - f64::from(self.compared)).max(0.0);
        let mean = (self.sum + calibration.absent * never_compared) / pairs;
        let joined = |k: usize| mean * k as f64 + calibration.prior_on_average(k, 1);
        (1..size).map(joined).sum()
    }
}

fn independent(pairs: f64) -> f64 {
    pairs / (1.0 + (pairs - 1.0) * EVIDENCE_CORRELATION)
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

/// A possible merge of clusters `a < b`; the greatest mean evidence comes first,
/// then the lowest numbers.
struct Candidate {
    mean: f64,
    a: u32,
    b: u32,
    versions: (u32, u32),
}

impl Ord for Candidate {
    fn cmp(&self, other: &Self) -> Ordering {
        self.mean.total_cmp(&other.mean).then_with(|| (other.a, other.b).cmp(&(self.a, self.b)))
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

/// A node of the tree of merges: its casings, what became of them so far.
struct Node {
    children: Option<(u32, u32)>,
    casings: Vec<u32>,
    /// Log posterior odds of its casings being one group against all single.
    whole: f64,
    /// The same for their best division along the tree.
    best: f64,
    /// Log odds of one group against the best division; no less than the least
    /// odds for a merge where `kept`.
    odds: f64,
    kept: bool,
}

/// Clusters of one component being merged.
///
/// Scores merge clusters; ties (confirmations and test fires) unite clusters
/// into families without claiming that their scores agree. Merging clusters
/// unites their families, which is refused where casings of the two must stay
/// apart. First a whole tree is built by average linkage of the evidence, then
/// it is cut where the posterior odds say so (Heller & Ghahramani 2005): a
/// group of many alike casings is found although no two of them would be
/// linked alone.
pub(super) struct Agglomeration<'a> {
    nodes: Vec<Node>,
    /// The tree's node of each cluster; none once it is merged into another.
    node: Vec<Option<u32>>,
    near: Vec<BTreeMap<u32, Evidence>>,
    version: Vec<u32>,
    heap: BinaryHeap<Candidate>,
    tied: &'a [(u32, u32)],
    /// Union–find over clusters, and the casings of each root.
    root: Vec<u32>,
    families: Vec<Vec<u32>>,
    rules: &'a Rules,
    calibration: &'a Calibration,
}

impl<'a> Agglomeration<'a> {
    /// Starts from single casings, the places of those tied together, and the
    /// log likelihood ratios of compared pairs, by place.
    pub fn new(
        casings: &[u32],
        tied: &'a [(u32, u32)],
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
        let leaf = |&c: &u32| Node {
            children: None,
            casings: vec![c],
            whole: 0.0,
            best: 0.0,
            odds: f64::INFINITY,
            kept: true,
        };
        let mut new = Self {
            nodes: casings.iter().map(leaf).collect(),
            node: (0..n as u32).map(Some).collect(),
            near,
            version: vec![0; n],
            heap: BinaryHeap::new(),
            tied,
            root: (0..n as u32).collect(),
            families: casings.iter().map(|&c| vec![c]).collect(),
            rules,
            calibration,
        };
        for &(a, b) in tied {
            new.unite(a, b);
        }
        for a in 0..n as u32 {
            new.propose(a, |b| b > a);
        }
        new
    }

    /// Unites the families of two clusters; false where they must stay apart.
    fn unite(&mut self, a: u32, b: u32) -> bool {
        let (a, b) = (find(&mut self.root, a), find(&mut self.root, b));
        let (a, b) = (a.min(b) as usize, a.max(b) as usize);
        if a != b {
            if self.rules.apart(&self.families[a], &self.families[b]).is_some() {
                return false;
            }
            let casings = std::mem::take(&mut self.families[b]);
            self.root[b] = a as u32;
            self.families[a].extend(casings);
        }
        true
    }

    fn size(&self, cluster: u32) -> usize {
        self.node[cluster as usize].map_or(0, |k| self.nodes[k as usize].casings.len())
    }

    /// Puts cluster `a`'s conceivable merges on the heap.
    fn propose(&mut self, a: u32, wanted: impl Fn(u32) -> bool) {
        let needed = self.calibration.needed();
        let here = self.size(a);
        for (&b, evidence) in self.near[a as usize].iter().filter(|x| wanted(*x.0)) {
            let mean = evidence.judge(here, self.size(b), self.calibration).mean;
            if mean > needed {
                let (a, b) = (a.min(b), a.max(b));
                let versions = (self.version[a as usize], self.version[b as usize]);
                self.heap.push(Candidate { mean, a, b, versions });
            }
        }
    }

    /// Builds the tree, best merges first, cuts it and tells `seen` each merge
    /// within a group.
    pub fn run(mut self, mut seen: impl FnMut(Merge)) -> Vec<Found> {
        while let Some(Candidate { a, b, versions, .. }) = self.heap.pop() {
            let current = (self.version[a as usize], self.version[b as usize]) == versions;
            if current && self.unite(a, b) {
                self.merge(a, b);
                self.propose(a, |_| true);
            }
        }
        let mut parts = Vec::new();
        for top in self.node.iter().copied().flatten() {
            self.cut(top, &mut parts, &mut seen);
        }
        self.gather(parts)
    }

    fn merge(&mut self, a: u32, b: u32) {
        let (at, gone) = (a as usize, b as usize);
        let evidence = self.near[at].remove(&b).unwrap_or_default();
        let Some((left, right)) = self.node[at].zip(self.node[gone].take()) else { return };
        let (l, r) = (&self.nodes[left as usize], &self.nodes[right as usize]);
        let (x, y) = (l.casings.len(), r.casings.len());
        let whole = l.whole + r.whole + evidence.judge(x, y, self.calibration).log_odds;
        let odds = whole - (l.best + r.best);
        let kept = odds >= self.calibration.least;
        self.nodes.push(Node {
            children: Some((left, right)),
            casings: l.casings.iter().chain(&r.casings).copied().collect(),
            whole,
            best: if kept { whole } else { l.best + r.best },
            odds,
            kept,
        });
        self.node[at] = Some(self.nodes.len() as u32 - 1);
        self.version[at] += 1;
        self.version[gone] += 1;
        for (c, evidence) in std::mem::take(&mut self.near[gone]) {
            self.near[c as usize].remove(&b);
            if c != a {
                self.near[at].entry(c).or_default().add(evidence);
                self.near[c as usize].entry(a).or_default().add(evidence);
            }
        }
    }

    /// The groups under `top`, each with its odds.
    fn cut(&self, top: u32, parts: &mut Vec<(Vec<u32>, f64)>, seen: &mut impl FnMut(Merge)) {
        let mut waiting = vec![top];
        while let Some(k) = waiting.pop() {
            let node = &self.nodes[k as usize];
            match node.children {
                Some((left, right)) if !node.kept => waiting.extend([right, left]),
                _ => {
                    self.tell(k, seen);
                    parts.push((node.casings.clone(), node.odds));
                }
            }
        }
    }

    /// Tells the merges within a group, inner ones first. An inner merge that
    /// is weak alone stands as firmly as the one around it.
    fn tell(&self, top: u32, seen: &mut impl FnMut(Merge)) {
        let mut inner = vec![(top, f64::NEG_INFINITY)];
        let mut at = 0;
        while let Some(&(k, around)) = inner.get(at) {
            at += 1;
            let node = &self.nodes[k as usize];
            if let Some((left, right)) = node.children {
                let odds = node.odds.max(around);
                inner.extend([(left, odds), (right, odds)]);
            }
        }
        for (k, around) in inner.into_iter().rev() {
            let node = &self.nodes[k as usize];
            if let Some((left, right)) = node.children {
                let casings = |k: u32| self.nodes[k as usize].casings.clone();
                let log_odds = node.odds.max(around);
                seen(Merge { left: casings(left), right: casings(right), log_odds });
            }
        }
    }

    /// Unites what scores found by the ties.
    fn gather(mut self, parts: Vec<(Vec<u32>, f64)>) -> Vec<Found> {
        let n = self.root.len();
        // Leaves are nodes and clusters of the same number.
        let mut place: Vec<(u32, u32)> =
            self.nodes[..n].iter().map(|node| node.casings[0]).zip(0..).collect();
        place.sort_unstable();
        let place_of = |c: &u32| place.binary_search_by_key(c, |p| p.0).map_or(0, |at| place[at].1);
        self.root = (0..n as u32).collect();
        let mut join = |a: u32, b: u32| {
            let (a, b) = (find(&mut self.root, a), find(&mut self.root, b));
            self.root[a.max(b) as usize] = a.min(b);
        };
        self.tied.iter().for_each(|&(a, b)| join(a, b));
        for (casings, _) in &parts {
            casings.iter().for_each(|c| join(place_of(&casings[0]), place_of(c)));
        }
        let mut found = vec![Found::default(); n];
        for (casings, odds) in parts {
            let group = &mut found[find(&mut self.root, place_of(&casings[0])) as usize];
            group.weakest = if group.parts.is_empty() { odds } else { group.weakest.min(odds) };
            group.parts.push(casings);
        }
        found.retain(|f| !f.parts.is_empty());
        found
    }
}
