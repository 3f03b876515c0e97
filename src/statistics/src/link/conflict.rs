//! Where what binds the linking contradicts the scores.

use super::group::Standing;
use super::linker::Linker;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::f64::consts::LN_10;
use std::fmt;
use types::message::{Message, ToMessage, say};

/// What binds two casings whatever the scores say.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Bond {
    /// An examiner confirmed the pair.
    Confirmed,
    /// An examiner rejected the pair.
    Rejected,
    /// Both are recorded as test fires of this firearm.
    OneFirearm(String),
    /// They are recorded as test fires of these two firearms.
    TwoFirearms(String, String),
}

impl Bond {
    /// Whether it keeps the two together, not apart.
    pub const fn ties(&self) -> bool {
        matches!(self, Self::Confirmed | Self::OneFirearm(_))
    }
}

/// A decision or a record that the scores contradict. It binds all the same;
/// a person must know.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Conflict {
    /// One casing.
    pub a: String,
    /// The other; sorts after `a`.
    pub b: String,
    /// What binds them.
    pub bond: Bond,
    /// The pair's own score, where it was compared.
    pub score: Option<f64>,
    /// Compared pairs between the groups that scores alone make of the two, or
    /// between the parts of the one.
    pub compared: u32,
    /// Mean log10 likelihood ratio over those pairs.
    pub mean_log10_lr: f64,
}

impl ToMessage for Conflict {
    fn to_message(&self) -> Message {
        let Self { a, b, .. } = self;
        let bond = match &self.bond {
            Bond::Confirmed => say!("{a} and {b} are confirmed as fired by one firearm"),
            Bond::Rejected => say!("{a} and {b} are eliminated"),
            Bond::OneFirearm(gun) => {
                say!("{a} and {b} are recorded (casing/{a}, casing/{b}) as test fires of {gun}")
            }
            Bond::TwoFirearms(x, y) => say!(
                "{a} and {b} are recorded (casing/{a}, casing/{b}) as test fires of two \
                 firearms, {x} and {y}"
            ),
        };
        let score = match self.score {
            Some(score) => say!("score {score:.2}"),
            None => say!("not compared with each other"),
        };
        let (mean, n) = (self.mean_log10_lr, self.compared);
        match self.bond.ties() {
            true => say!(
                "{bond}, but the scores speak for two firearms: {score}, mean log10 LR {mean:.1} \
                 over {n} compared pairs"
            ),
            false => say!(
                "{bond}, but the scores speak for one firearm: {score}, mean log10 LR {mean:.1} \
                 over {n} compared pairs"
            ),
        }
    }
}

impl fmt::Display for Conflict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.to_message().fmt(f)
    }
}

impl Linker {
    /// The same casings grouped by their scores alone, under the same
    /// calibration.
    pub fn by_scores_alone(&self) -> Self {
        let mut free = self.clone();
        free.review(|casework| {
            casework.confirmed.clear();
            casework.rejected.clear();
            casework.test_fires.clear();
        });
        free
    }

    /// A compared pair's score and its own log10 likelihood ratio.
    pub fn pair(&self, a: &str, b: &str) -> Option<(f64, f64)> {
        let (a, b) = (self.engine.table.find(a)?, self.engine.table.find(b)?);
        let judged = self.engine.table.score(a, b)?;
        Some((self.score(a, b)?, self.engine.log_ratio(a, b, judged) / LN_10))
    }

    /// Every decision and every test fire that contradicts the scores, sorted
    /// by its casings. Of the test fires of one firearm, or of two, the pair
    /// with the highest score stands for all.
    pub fn conflicts(&self) -> Vec<Conflict> {
        let free = self.by_scores_alone();
        let mut bonds: Vec<(&str, &str, Bond)> = Vec::new();
        let casework = self.casework();
        bonds.extend(casework.confirmed.iter().map(|(a, b)| (&**a, &**b, Bond::Confirmed)));
        bonds.extend(casework.rejected.iter().map(|(a, b)| (&**a, &**b, Bond::Rejected)));
        bonds.extend(free.test_fires(&casework.test_fires));
        let mut conflicts: Vec<Conflict> =
            bonds.into_iter().filter_map(|(a, b, bond)| free.conflict(a, b, bond)).collect();
        conflicts.sort_by(|x, y| (&x.a, &x.b, &x.bond).cmp(&(&y.a, &y.b, &y.bond)));
        conflicts
    }

    /// Whether a bond of two casings contradicts the scores, by which alone
    /// this linker groups.
    pub fn conflict(&self, a: &str, b: &str, bond: Bond) -> Option<Conflict> {
        let found = self.explain(a, b)?;
        if found.standing == Standing::Unknown {
            // Without a scale the scores say nothing that could be contradicted.
            return None;
        }
        let against = if bond.ties() {
            !found.together && found.compared > 0 && found.mean_log10_lr < 0.0
        } else {
            found.together
        };
        against.then(|| Conflict {
            a: a.min(b).to_owned(),
            b: a.max(b).to_owned(),
            bond,
            score: found.score,
            compared: found.compared,
            mean_log10_lr: found.mean_log10_lr,
        })
    }

    /// Test fires of one firearm that are in two groups here, and of two
    /// firearms that are in one: one pair for every two such sets.
    fn test_fires<'a>(&self, fired: &'a BTreeMap<String, String>) -> Vec<(&'a str, &'a str, Bond)> {
        let mut sets: BTreeMap<(&str, u32), Vec<&str>> = BTreeMap::new();
        for (casing, firearm) in fired {
            if let Some(number) = self.engine.table.find(casing) {
                sets.entry((firearm, self.lead[number as usize])).or_default().push(casing);
            }
        }
        let score = |pair: &(&str, &str)| self.pair(pair.0, pair.1).map(|(score, _)| score);
        let mut bonds = Vec::new();
        let sets: Vec<_> = sets.into_iter().collect();
        for (k, ((gun, group), members)) in sets.iter().enumerate() {
            for ((other, elsewhere), others) in &sets[k + 1..] {
                let one_gun = gun == other;
                if one_gun == (group == elsewhere) {
                    continue;
                }
                let pairs = members.iter().flat_map(|a| others.iter().map(move |b| (*a, *b)));
                // The first of equal scores by name.
                let best = pairs.min_by(|x, y| {
                    let [x_score, y_score] = [x, y].map(|p| score(p).unwrap_or(f64::NEG_INFINITY));
                    y_score.total_cmp(&x_score).then(x.cmp(y))
                });
                let bond = match one_gun {
                    true => Bond::OneFirearm((*gun).to_owned()),
                    false => Bond::TwoFirearms((*gun).to_owned(), (*other).to_owned()),
                };
                bonds.extend(best.map(|(a, b)| (a, b, bond)));
            }
        }
        bonds
    }
}
