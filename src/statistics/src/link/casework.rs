//! What examiners and the laboratory know: hard constraints on linking.

use super::table::ScoreTable;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// Decisions and facts that scores cannot overrule. Casings that are not in
/// the score table are ignored.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Casework {
    /// Pairs an examiner confirmed as fired by one firearm (unordered).
    pub confirmed: BTreeSet<(String, String)>,
    /// Pairs an examiner rejected (unordered).
    pub rejected: BTreeSet<(String, String)>,
    /// Test fires: casing → firearm.
    pub test_fires: BTreeMap<String, String>,
    /// When a casing was received, as text that sorts by time (ISO 8601).
    pub received: BTreeMap<String, String>,
}

impl Casework {
    /// The casings that a constraint names.
    pub(super) fn casings(&self) -> BTreeSet<&str> {
        let pairs =
            self.confirmed.iter().chain(&self.rejected).flat_map(|(a, b)| [a.as_str(), b.as_str()]);
        pairs.chain(self.test_fires.keys().map(String::as_str)).collect()
    }

    /// The casings whose constraints differ between two states of the casework.
    pub(super) fn differing<'a>(&'a self, other: &'a Self) -> BTreeSet<&'a str> {
        let pairs = self.confirmed.symmetric_difference(&other.confirmed);
        let pairs = pairs.chain(self.rejected.symmetric_difference(&other.rejected));
        let fires = |one: &'a Self, two: &'a Self| {
            one.test_fires
                .iter()
                .filter(|(c, f)| two.test_fires.get(*c) != Some(f))
                .map(|(c, _)| c.as_str())
        };
        pairs
            .flat_map(|(a, b)| [a.as_str(), b.as_str()])
            .chain(fires(self, other))
            .chain(fires(other, self))
            .collect()
    }
}

/// Facts that cannot all be true. The rejection, or the firearms' difference,
/// was kept; `set_aside` was not enforced.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Contradiction {
    /// The confirmed pair (or two test fires of one firearm) set aside.
    pub set_aside: (String, String),
    /// The casings that must not be in one group but would have been.
    pub apart: (String, String),
    /// The chain of confirmations and test fires that ties them together.
    pub chain: Vec<String>,
    /// What keeps them apart.
    pub because: Apart,
}

/// Why two casings must not be in one group.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Apart {
    /// An examiner rejected the pair.
    Rejected,
    /// They are test fires of these two firearms.
    Firearms(String, String),
}

/// The constraints resolved to casing numbers.
#[derive(Clone, Debug, Default)]
pub(super) struct Rules {
    /// Casings to be kept together, each set sorted; singles are not listed.
    pub together: Vec<Vec<u32>>,
    /// The set in `together` that a casing is in.
    set_of: BTreeMap<u32, usize>,
    /// Rejected partners of a casing.
    pub rejected: BTreeMap<u32, BTreeSet<u32>>,
    /// The firearm of a test fire.
    pub firearm: BTreeMap<u32, String>,
    /// Confirmed pairs that are enforced, low number first.
    pub confirmed: BTreeSet<(u32, u32)>,
    pub contradictions: Vec<Contradiction>,
}

impl Rules {
    /// Resolves the constraints. Ties to a firearm come first, then
    /// confirmations by falling score; one that would join casings that must
    /// stay apart is set aside and named, never silently obeyed.
    pub fn new(casework: &Casework, table: &ScoreTable) -> Self {
        // Worked out in the order of identifiers, then put in the table's
        // numbers, so that nothing depends on when a casing arrived.
        let names: Vec<&str> =
            casework.casings().into_iter().filter(|id| table.find(id).is_some()).collect();
        let numbers: Vec<u32> = names.iter().filter_map(|id| table.find(id)).collect();
        let rank = |id: &str| names.binary_search(&id).ok().map(|at| at as u32);
        let ranked = |pairs: &BTreeSet<(String, String)>| -> BTreeSet<(u32, u32)> {
            let both = pairs.iter().filter_map(|(a, b)| Some((rank(a)?, rank(b)?)));
            both.filter(|(a, b)| a != b).map(|(a, b)| (a.min(b), a.max(b))).collect()
        };
        let mut rules = Self::default();
        for (a, b) in ranked(&casework.rejected) {
            rules.rejected.entry(a).or_default().insert(b);
            rules.rejected.entry(b).or_default().insert(a);
        }
        let mut fires = BTreeMap::<&str, Vec<u32>>::new();
        for (casing, firearm) in &casework.test_fires {
            if let Some(casing) = rank(casing) {
                rules.firearm.insert(casing, firearm.clone());
                fires.entry(firearm).or_default().push(casing);
            }
        }
        let known = fires.values().flat_map(|shots| shots.windows(2).map(|w| (w[0], w[1])));
        let mut ties: Vec<(u32, u32)> = known.collect();
        let shots = ties.len();
        ties.extend(ranked(&casework.confirmed));
        let score = |&(a, b): &(u32, u32)| {
            table.score(numbers[a as usize], numbers[b as usize]).unwrap_or(f64::NEG_INFINITY)
        };
        ties[shots..].sort_by(|x, y| score(y).total_cmp(&score(x)).then(x.cmp(y)));
        let mut sets = Sets::default();
        for (k, &(a, b)) in ties.iter().enumerate() {
            if let Some((x, y, because)) = rules.apart(&sets.members(a), &sets.members(b)) {
                let name = |n: u32| names[n as usize].to_owned();
                let chain = sets.path(x, a).into_iter().chain(sets.path(b, y));
                rules.contradictions.push(Contradiction {
                    set_aside: (name(a), name(b)),
                    apart: (name(x.min(y)), name(x.max(y))),
                    chain: chain.map(name).collect(),
                    because,
                });
                continue;
            }
            sets.join(a, b);
            if k >= shots {
                rules.confirmed.insert((a, b));
            }
        }
        rules.together = sets.into_groups();
        rules.renumbered(&numbers)
    }

    /// The same rules with each casing `c` called `numbers[c]`.
    fn renumbered(self, numbers: &[u32]) -> Self {
        let to = |c: u32| numbers[c as usize];
        let together: Vec<Vec<u32>> = self
            .together
            .into_iter()
            .map(|set| {
                let mut set: Vec<u32> = set.into_iter().map(to).collect();
                set.sort_unstable();
                set
            })
            .collect();
        let set_of = |(k, set): (usize, &Vec<u32>)| set.iter().map(|&c| (c, k)).collect::<Vec<_>>();
        Self {
            set_of: together.iter().enumerate().flat_map(set_of).collect(),
            together,
            rejected: self
                .rejected
                .into_iter()
                .map(|(c, others)| (to(c), others.into_iter().map(to).collect()))
                .collect(),
            firearm: self.firearm.into_iter().map(|(c, firearm)| (to(c), firearm)).collect(),
            confirmed: self
                .confirmed
                .into_iter()
                .map(|(a, b)| (to(a).min(to(b)), to(a).max(to(b))))
                .collect(),
            contradictions: self.contradictions,
        }
    }

    /// The casings that must stay with `casing`, itself included; none where
    /// nothing is tied to it.
    pub fn tied(&self, casing: u32) -> &[u32] {
        self.set_of.get(&casing).map_or(&[], |&k| &self.together[k])
    }

    /// The first pair, one of each side, that must not be in one group.
    pub fn apart(&self, left: &[u32], right: &[u32]) -> Option<(u32, u32, Apart)> {
        for &x in left {
            if let Some(rejected) = self.rejected.get(&x)
                && let Some(&y) = right.iter().find(|y| rejected.contains(y))
            {
                return Some((x, y, Apart::Rejected));
            }
        }
        let owner =
            |side: &[u32]| side.iter().find_map(|x| Some((*x, self.firearm.get(x)?.clone())));
        match (owner(left), owner(right)) {
            (Some((x, f)), Some((y, g))) if f != g => Some((x, y, Apart::Firearms(f, g))),
            _ => None,
        }
    }
}

/// Casings tied together so far, with the ties for retracing a chain.
#[derive(Default)]
struct Sets {
    ties: BTreeMap<u32, BTreeSet<u32>>,
}

impl Sets {
    fn join(&mut self, a: u32, b: u32) {
        self.ties.entry(a).or_default().insert(b);
        self.ties.entry(b).or_default().insert(a);
    }

    /// Everything tied to `a`, sorted.
    fn members(&self, a: u32) -> Vec<u32> {
        self.paths(a).into_keys().collect()
    }

    /// Breadth-first search from `a`: each reached casing's predecessor.
    fn paths(&self, a: u32) -> BTreeMap<u32, u32> {
        let mut from = BTreeMap::from([(a, a)]);
        let mut queue = VecDeque::from([a]);
        while let Some(x) = queue.pop_front() {
            for &y in self.ties.get(&x).into_iter().flatten() {
                from.entry(y).or_insert_with(|| {
                    queue.push_back(y);
                    x
                });
            }
        }
        from
    }

    fn path(&self, from: u32, to: u32) -> Vec<u32> {
        let back = self.paths(to);
        let mut path = vec![from];
        let mut at = from;
        while let Some(&next) = back.get(&at).filter(|&&next| next != at) {
            path.push(next);
            at = next;
        }
        path
    }

    fn into_groups(self) -> Vec<Vec<u32>> {
        let mut seen = BTreeSet::new();
        let mut groups = Vec::new();
        for &a in self.ties.keys() {
            if !seen.contains(&a) {
                let members = self.members(a);
                seen.extend(members.iter().copied());
                groups.push(members);
            }
        }
        groups
    }
}
