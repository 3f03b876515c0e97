//! Turns scores into weights and decides one component at a time.

use super::casework::Rules;
use super::cluster::{Agglomeration, Evidence, Found, Judgement, MOST_PAIRS, Merge};
use super::effects::Traits;
use super::model::Calibration;
use super::table::ScoreTable;
use super::union::find;
use std::collections::BTreeSet;
use types::error::Result;

/// A table under a calibration and constraints.
#[derive(Clone, Debug)]
pub(super) struct Engine {
    pub table: ScoreTable,
    pub rules: Rules,
    pub calibration: Calibration,
    own: Vec<Traits>,
}

impl Engine {
    pub fn new(table: ScoreTable, rules: Rules, calibration: Calibration) -> Self {
        let mut own = Vec::with_capacity(table.len() + table.headroom());
        own.extend((0..table.len() as u32).map(|c| calibration.own(&table, c)));
        Self { table, rules, calibration, own }
    }

    /// Adds a casing; its candidates' own statistics change with it.
    pub fn add<S: AsRef<str>>(&mut self, id: &str, scores: &[(S, f64)]) -> Result<u32> {
        let new = self.table.add(id, scores)?;
        self.own.push(self.calibration.own(&self.table, new));
        for &(c, _) in self.table.candidates(new) {
            self.own[c as usize] = self.calibration.own(&self.table, c);
        }
        Ok(new)
    }

    /// The pair's log likelihood ratio.
    pub fn log_ratio(&self, a: u32, b: u32, score: f64) -> f64 {
        self.calibration.log_ratio(score, &self.own[a as usize], &self.own[b as usize])
    }

    /// The scores between two sets of casings.
    pub fn evidence(&self, left: &[u32], right: &[u32]) -> Evidence {
        let pairs = left.iter().flat_map(|&a| right.iter().map(move |&b| (a, b)));
        let scored = pairs.filter_map(|(a, b)| Some((a, b, self.table.score(a, b)?)));
        let mut ratios: Vec<f64> =
            scored.map(|(a, b, score)| self.log_ratio(a, b, score)).collect();
        // Sorted, so that the sum does not depend on when a casing arrived.
        ratios.sort_unstable_by(f64::total_cmp);
        Evidence { sum: ratios.iter().sum(), compared: ratios.len() as u32 }
    }

    /// What the scores and the prior say of two sets of casings being one group.
    pub fn judge(&self, left: &[u32], right: &[u32]) -> Judgement {
        self.evidence(left, right).judge(left.len(), right.len(), &self.calibration)
    }

    /// The least log likelihood ratio of a pair that could carry a merge: a
    /// merge's mean evidence is no greater than its best pair's, so no merge
    /// crosses components of the graph of such pairs.
    fn needed(&self) -> f64 {
        let prior = (self.calibration.prior.greatest() + self.calibration.present).min(0.0);
        (self.calibration.least - prior) / MOST_PAIRS
    }

    /// The casings that could be in one group with any of `seeds`, one sorted
    /// component per distinct one.
    pub fn components_of(&self, seeds: impl IntoIterator<Item = u32>) -> Vec<Vec<u32>> {
        let needed = self.needed();
        let mut seen = BTreeSet::new();
        let mut components = Vec::new();
        for seed in seeds {
            if !seen.insert(seed) {
                continue;
            }
            let mut component = vec![seed];
            let mut at = 0;
            while let Some(&a) = component.get(at) {
                at += 1;
                let tied = self.rules.tied(a).iter().copied();
                let strong = self.table.candidates(a).iter();
                let strong =
                    strong.filter(|&&(b, s)| self.log_ratio(a, b, s) > needed).map(|&(b, _)| b);
                component.extend(tied.chain(strong).filter(|&b| seen.insert(b)));
            }
            component.sort_unstable();
            components.push(component);
        }
        components
    }

    /// The components of all casings, singles included.
    pub fn components(&self) -> Vec<Vec<u32>> {
        let n = self.table.len() as u32;
        let mut root: Vec<u32> = (0..n).collect();
        let needed = self.needed();
        let mut join = |a, b| {
            let (x, y) = (find(&mut root, a), find(&mut root, b));
            root[x.max(y) as usize] = x.min(y);
        };
        for tied in &self.rules.together {
            tied.iter().for_each(|&c| join(tied[0], c));
        }
        for (a, b, score) in self.table.each_pair() {
            if self.log_ratio(a, b, score) > needed {
                join(a, b);
            }
        }
        let mut components = vec![Vec::new(); root.len()];
        for c in 0..n {
            components[find(&mut root, c) as usize].push(c);
        }
        components.retain(|c| !c.is_empty());
        components
    }

    /// Groups of one component; tells `seen` every merge.
    pub fn divide(&self, component: &[u32], seen: impl FnMut(Merge)) -> Vec<Found> {
        if let &[single] = component {
            return vec![Found::single(single)];
        }
        // In the order of identifiers, so that ties and rounding do not depend
        // on when a casing arrived.
        let mut members = component.to_vec();
        members.sort_unstable_by(|&a, &b| self.table.id(a).cmp(self.table.id(b)));
        let mut place: Vec<(u32, u32)> = members.iter().copied().zip(0..).collect();
        place.sort_unstable();
        let place_of = |c: u32| place.binary_search_by_key(&c, |p| p.0).ok().map(|at| place[at].1);
        let mut pairs = Vec::new();
        for (k, &a) in (0u32..).zip(&members) {
            for &(b, score) in self.table.candidates(a) {
                if let Some(l) = place_of(b).filter(|&l| l > k) {
                    pairs.push((k, l, self.log_ratio(a, b, score)));
                }
            }
        }
        let tied = (0u32..)
            .zip(&members)
            .filter_map(|(k, &c)| Some((k, place_of(*self.rules.tied(c).first()?)?)));
        let tied: Vec<(u32, u32)> = tied.collect();
        Agglomeration::new(&members, &tied, &pairs, &self.rules, &self.calibration).run(seen)
    }

    /// The groups of components; tells `seen` every merge.
    pub fn groups(&self, components: &[Vec<u32>], mut seen: impl FnMut(Merge)) -> Vec<Found> {
        components.iter().flat_map(|c| self.divide(c, &mut seen)).collect()
    }
}
