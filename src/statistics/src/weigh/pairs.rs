//! Compared pairs whose truth is known.

use super::beta_binomial::Cells;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use types::error::{Error, Kind, Result};
use types::evidence::{Digest, MarkKind, Modality};
use types::message::{Message, say};

/// What the comparison of one mark of two casings gave.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Measured {
    /// The mark that was compared.
    pub mark: MarkKind,
    /// Continuous similarity, where there is one; finite.
    pub score: Option<f64>,
    /// Congruent cells of the cells tried, where counted.
    pub cells: Option<Cells>,
    /// Common area, mm², where known.
    pub overlap_mm2: Option<f64>,
    /// Area of the smaller mark, mm², where known.
    pub area_mm2: Option<f64>,
}

/// One number a mark's comparison gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Channel {
    /// The mark.
    pub mark: MarkKind,
    /// Which of its numbers.
    pub measure: Measure,
}

/// The numbers of a comparison that are weighed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// Congruent cells of the cells tried.
    Cells,
    /// The continuous score.
    Score,
}

/// A value of a channel.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Value {
    /// Of [`Measure::Cells`].
    Cells(Cells),
    /// Of [`Measure::Score`].
    Score(f64),
}

/// The channels for which a comparison of marks has a value, with the value.
pub fn values(marks: &[Measured]) -> BTreeMap<Channel, Value> {
    let mut out = BTreeMap::new();
    for m in marks {
        if let Some(cells) = m.cells.filter(|c| c.tried > 0) {
            out.insert(Channel { mark: m.mark, measure: Measure::Cells }, Value::Cells(cells));
        }
        if let Some(score) = m.score {
            out.insert(Channel { mark: m.mark, measure: Measure::Score }, Value::Score(score));
        }
    }
    out
}

/// Two casings whose marks were compared.
#[derive(Clone, Debug, PartialEq)]
pub struct Pair {
    /// One casing.
    pub a: String,
    /// The other; the same name where only firearms are known.
    pub b: String,
    /// The firearms that fired them, as numbers in [`PairSet::firearms`].
    pub firearms: (usize, usize),
    /// What it is counted under in rank curves (ammunition, …).
    pub class: Option<String>,
    /// One entry a mark.
    pub marks: Vec<Measured>,
}

impl Pair {
    /// Whether one firearm fired both.
    pub fn same_source(&self) -> bool {
        self.firearms.0 == self.firearms.1
    }
}

/// How the pairs of a set were made, as far as it says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origin {
    /// Hash of the recipe they were compared under.
    pub recipe: Option<Digest>,
    /// Heights or brightness.
    pub modality: Option<Modality>,
    /// Instruments that measured the casings.
    pub instruments: BTreeSet<String>,
    /// Calibres of the casings.
    pub calibres: BTreeSet<String>,
}

/// A labelled set of pairs.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PairSet {
    /// Names of the firearms, sorted.
    pub firearms: Vec<String>,
    /// The pairs, in the order of the source.
    pub pairs: Vec<Pair>,
    /// How they were made.
    pub origin: Origin,
    /// What was assumed in reading them, for a person.
    pub notes: Vec<Message>,
}

impl PairSet {
    /// Same-source and different-source pairs.
    pub fn counts(&self) -> (usize, usize) {
        let same = self.pairs.iter().filter(|p| p.same_source()).count();
        (same, self.pairs.len() - same)
    }

    /// The casings, sorted.
    pub fn casings(&self) -> BTreeSet<&str> {
        self.pairs.iter().flat_map(|p| [p.a.as_str(), p.b.as_str()]).collect()
    }

    /// The firearms that occur in pairs of `these`.
    pub fn firearms_of(these: &[Pair]) -> BTreeSet<usize> {
        these.iter().flat_map(|p| [p.firearms.0, p.firearms.1]).collect()
    }

    /// The marks that were compared.
    pub fn marks(&self) -> BTreeSet<MarkKind> {
        self.pairs.iter().flat_map(|p| p.marks.iter().map(|m| m.mark)).collect()
    }

    /// Fails unless both classes are there, from two firearms at least.
    pub fn need_both_classes(&self) -> Result<()> {
        let (same, different) = self.counts();
        if same > 0 && different > 0 {
            return Ok(());
        }
        let what = say!("{same} same-source and {different} different-source pairs");
        Err(Error::new(Kind::BadInput, say!("both classes are needed; there are {what}"))
            .advise(say!("label pairs with same_source 1 and 0, from at least two firearms")))
    }
}

/// The firearm of every casing where only pairs are labelled: casings joined by
/// same-source pairs come from one firearm. Returns the number of each casing's
/// firearm, in the order of first appearance, or the two casings of a pair that
/// is called different-source although same-source pairs join them.
pub fn firearms_from_labels<'a>(
    pairs: &[(&'a str, &'a str, bool)],
) -> std::result::Result<BTreeMap<&'a str, usize>, (&'a str, &'a str)> {
    let mut number: BTreeMap<&str, usize> = BTreeMap::new();
    let mut parent = Vec::new();
    for &(a, b, _) in pairs {
        for casing in [a, b] {
            number.entry(casing).or_insert_with(|| {
                parent.push(parent.len());
                parent.len() - 1
            });
        }
    }
    fn root(parent: &mut [usize], mut at: usize) -> usize {
        while parent[at] != at {
            parent[at] = parent[parent[at]];
            at = parent[at];
        }
        at
    }
    for &(a, b, _) in pairs.iter().filter(|p| p.2) {
        let (x, y) = (root(&mut parent, number[a]), root(&mut parent, number[b]));
        parent[x.max(y)] = x.min(y);
    }
    for firearm in number.values_mut() {
        *firearm = root(&mut parent, *firearm);
    }
    match pairs.iter().find(|(a, b, same)| !same && number[a] == number[b]) {
        Some(&(a, b, _)) => Err((a, b)),
        None => Ok(number),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn same_source_pairs_join_casings_to_firearms() {
        let pairs = [("a", "b", true), ("c", "b", true), ("d", "a", false), ("e", "d", false)];
        let firearms = firearms_from_labels(&pairs).unwrap_or_default();
        assert_eq!(firearms["a"], firearms["c"]);
        assert_ne!(firearms["a"], firearms["d"]);
        assert_ne!(firearms["d"], firearms["e"]);
        let contradiction = [("a", "b", true), ("b", "c", true), ("a", "c", false)];
        assert_eq!(firearms_from_labels(&contradiction), Err(("a", "c")));
    }
}
