//! The sparse table of pair scores that linking starts from.

use std::collections::HashMap;
use types::error::{Error, Kind, Result};
use types::message::say;

/// Symmetric pair scores of casings, kept as one candidate list per casing.
///
/// A pair that is absent was never a candidate; it is not a score of zero.
/// Casings are numbered in the order of their identifiers, whatever the order
/// of the rows, so that everything computed from the table is canonical.
#[derive(Clone, Debug, Default)]
pub struct ScoreTable {
    ids: Vec<String>,
    index: HashMap<String, u32>,
    lists: Vec<Vec<(u32, f64)>>,
    pairs: u64,
}

impl ScoreTable {
    /// Builds the table from casings (which may have no score at all) and
    /// rows `(a, b, score)`; casings named only in rows are added. Repeated
    /// rows of one pair, in either direction, are averaged.
    ///
    /// Refuses a score that is not finite and a casing paired with itself.
    pub fn new<S: AsRef<str>>(
        casings: impl IntoIterator<Item = S>,
        rows: impl IntoIterator<Item = (S, S, f64)>,
    ) -> Result<Self> {
        let mut ids = Interner::default();
        for casing in casings {
            ids.intern(casing.as_ref())?;
        }
        let mut edges = Vec::new();
        for (a, b, score) in rows {
            check(a.as_ref(), b.as_ref(), score)?;
            edges.push((ids.intern(a.as_ref())?, ids.intern(b.as_ref())?, score));
        }
        let (ids, index, renumbered) = ids.sorted();
        let mut lists = vec![Vec::new(); ids.len()];
        for (a, b, score) in edges {
            let (a, b) = (renumbered[a as usize], renumbered[b as usize]);
            lists[a as usize].push((b, score));
            lists[b as usize].push((a, score));
        }
        lists.iter_mut().for_each(average_repeats);
        let pairs = lists.iter().map(|list| list.len() as u64).sum::<u64>() / 2;
        let mut table = Self { ids, index, lists, pairs };
        let more = table.headroom();
        table.ids.reserve(more);
        table.index.reserve(more);
        table.lists.reserve(more);
        Ok(table)
    }

    /// Adds one casing with its scores against casings of the table; rows
    /// naming a casing that is not in the table are refused.
    pub fn add<S: AsRef<str>>(&mut self, id: &str, scores: &[(S, f64)]) -> Result<u32> {
        if self.index.contains_key(id) {
            return Err(Error::new(Kind::BadInput, say!("casing {id:?} is already linked")));
        }
        let new = count(self.ids.len())?;
        let mut list = Vec::with_capacity(scores.len());
        for (other, score) in scores {
            check(id, other.as_ref(), *score)?;
            let other = self.find(other.as_ref()).ok_or_else(|| {
                Error::new(Kind::NotFound, say!("{:?} is not in the table", other.as_ref()))
            })?;
            list.push((other, *score));
        }
        average_repeats(&mut list);
        for &(other, score) in &list {
            self.lists[other as usize].push((new, score));
        }
        self.pairs += list.len() as u64;
        self.lists.push(list);
        self.ids.push(id.to_owned());
        self.index.insert(id.to_owned(), new);
        Ok(new)
    }

    /// The same pairs with other scores.
    pub(super) fn map(&self, score: impl Fn(f64) -> f64) -> Self {
        let mut new = self.clone();
        new.lists.iter_mut().flatten().for_each(|(_, s)| *s = score(*s));
        new
    }

    /// The same pairs with other scores, by the numbers of both casings.
    pub(super) fn map_pairs(&self, score: impl Fn(u32, u32) -> f64) -> Self {
        let mut new = self.clone();
        for (a, list) in (0..).zip(&mut new.lists) {
            list.iter_mut().for_each(|(b, s)| *s = score(a.min(*b), a.max(*b)));
        }
        new
    }

    /// Casings to leave room for, so that adding one to a large gallery does
    /// not begin by copying it.
    pub(super) fn headroom(&self) -> usize {
        self.len() / 8 + 64
    }

    /// Number of casings.
    pub fn len(&self) -> usize {
        self.ids.len()
    }

    /// Whether there is no casing.
    pub fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    /// Number of pairs that have a score.
    pub fn pairs(&self) -> u64 {
        self.pairs
    }

    /// The casing's number, if the table has it.
    pub fn find(&self, id: &str) -> Option<u32> {
        self.index.get(id).copied()
    }

    /// The identifier of casing `number`.
    pub(super) fn id(&self, number: u32) -> &str {
        &self.ids[number as usize]
    }

    /// The candidates of casing `number` with their scores, by number.
    pub(super) fn candidates(&self, number: u32) -> &[(u32, f64)] {
        &self.lists[number as usize]
    }

    /// Every compared pair once, low number first.
    pub(super) fn each_pair(&self) -> impl Iterator<Item = (u32, u32, f64)> + '_ {
        (0u32..).zip(&self.lists).flat_map(|(a, list)| {
            list.iter().filter(move |&&(b, _)| b > a).map(move |&(b, score)| (a, b, score))
        })
    }

    /// The score of a pair, if it was compared.
    pub(super) fn score(&self, a: u32, b: u32) -> Option<f64> {
        let list = self.candidates(a);
        list.binary_search_by_key(&b, |&(other, _)| other).ok().map(|at| list[at].1)
    }
}

fn check(a: &str, b: &str, score: f64) -> Result<()> {
    if !score.is_finite() {
        let what = say!("the score of {a:?} and {b:?} is {score}");
        return Err(
            Error::new(Kind::BadInput, what).advise(say!("leave out pairs without a score"))
        );
    }
    if a == b {
        return Err(Error::new(Kind::BadInput, say!("casing {a:?} is paired with itself")));
    }
    Ok(())
}

fn count(len: usize) -> Result<u32> {
    u32::try_from(len).map_err(|_| Error::new(Kind::TooLarge, say!("more than 2^32 casings")))
}

/// Sorts a candidate list and replaces repeats by their mean; sorting by value
/// first keeps the mean independent of the order of rows.
fn average_repeats(list: &mut Vec<(u32, f64)>) {
    list.sort_unstable_by(|x, y| x.0.cmp(&y.0).then(x.1.total_cmp(&y.1)));
    if list.windows(2).all(|w| w[0].0 != w[1].0) {
        list.shrink_to_fit();
        return;
    }
    *list = list
        .chunk_by(|x, y| x.0 == y.0)
        .map(|same| (same[0].0, same.iter().map(|x| x.1 / same.len() as f64).sum()))
        .collect();
}

#[derive(Default)]
struct Interner {
    ids: Vec<String>,
    index: HashMap<String, u32>,
}

impl Interner {
    fn intern(&mut self, id: &str) -> Result<u32> {
        if let Some(&known) = self.index.get(id) {
            return Ok(known);
        }
        let new = count(self.ids.len())?;
        self.ids.push(id.to_owned());
        self.index.insert(id.to_owned(), new);
        Ok(new)
    }

    /// The identifiers in order, their index, and the new number of each old one.
    fn sorted(mut self) -> (Vec<String>, HashMap<String, u32>, Vec<u32>) {
        let mut renumbered = vec![0; self.ids.len()];
        self.ids.sort_unstable();
        for (new, id) in (0u32..).zip(&self.ids) {
            if let Some(number) = self.index.get_mut(id) {
                renumbered[*number as usize] = new;
                *number = new;
            }
        }
        (self.ids, self.index, renumbered)
    }
}
