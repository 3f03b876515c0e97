//! Decisions on pairs of casings, and the hits between cases they amount to.

use crate::error::{Error, Kind, Result};
use crate::evidence::{CaseId, CasingId, Digest};
use crate::link::Casework;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// The kind of a decision's record in the store.
pub const DECISION: &str = "decision";

/// What a person concluded about a candidate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Conclusion {
    /// Accepted on screen: worth getting the specimens out.
    Lead,
    /// Neither confirmed nor eliminated.
    Inconclusive,
    /// Confirmed by an examiner with the specimens under a microscope.
    Hit,
    /// Not fired by one firearm.
    Eliminated,
}

impl Conclusion {
    /// The word used in records.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Lead => "lead",
            Self::Inconclusive => "inconclusive",
            Self::Hit => "hit",
            Self::Eliminated => "eliminated",
        }
    }
}

/// One person's conclusion about one pair of casings. Decisions are never
/// changed: a later one supersedes it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Decision {
    /// When (RFC 3339, UTC); the latest is in force.
    pub at: String,
    /// What.
    pub conclusion: Conclusion,
    /// The casing whose identifier sorts first.
    pub a: CasingId,
    /// The other.
    pub b: CasingId,
    /// Who.
    pub by: String,
    /// The agency that person works for.
    pub agency: Option<String>,
}

impl Decision {
    /// A decision about two casings, in either order.
    ///
    /// # Errors
    /// [`Kind::BadInput`] for a casing paired with itself.
    pub fn new(
        one: CasingId,
        other: CasingId,
        conclusion: Conclusion,
        by: impl Into<String>,
        agency: Option<String>,
        at: impl Into<String>,
    ) -> Result<Self> {
        if one == other {
            let what = format!("casing {one} cannot be reviewed against itself");
            return Err(Error::new(Kind::BadInput, what).advise("name two different casings"));
        }
        let (a, b) = if one < other { (one, other) } else { (other, one) };
        Ok(Self { at: at.into(), conclusion, a, b, by: by.into(), agency })
    }

    /// Its record's identifier: made of what it is, so that the same decision
    /// imported twice is one, and a lead confirmed within a second is two.
    pub fn id(&self) -> String {
        let conclusion = self.conclusion.word();
        let text = [self.a.as_str(), self.b.as_str(), &self.by, &self.at, conclusion].join("\n");
        format!("D-{}", Digest::of(text.as_bytes()).short())
    }
}

/// A link between two cases that had no known connection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Hit {
    /// The cases, in order.
    pub cases: (CaseId, CaseId),
    /// Every pair of casings confirmed between them.
    pub exhibits: Vec<(CasingId, CasingId)>,
    /// The agency of the first decision on any of those pairs.
    pub initiating: Option<String>,
    /// The agency of the first confirmation.
    pub confirming: Option<String>,
    /// When it was first confirmed.
    pub at: String,
}

/// All decisions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Review {
    pairs: BTreeMap<(CasingId, CasingId), BTreeSet<Decision>>,
}

impl Review {
    /// The review made of decisions in any order.
    pub fn of(decisions: impl IntoIterator<Item = Decision>) -> Self {
        let mut new = Self::default();
        for decision in decisions {
            let pair = (decision.a.clone(), decision.b.clone());
            new.pairs.entry(pair).or_default().insert(decision);
        }
        new
    }

    /// Every decision about a pair, in either order, oldest first.
    pub fn history(&self, one: &CasingId, other: &CasingId) -> Vec<&Decision> {
        let pair = (one.min(other).clone(), one.max(other).clone());
        self.pairs.get(&pair).into_iter().flatten().collect()
    }

    /// The decision in force about a pair.
    pub fn state(&self, one: &CasingId, other: &CasingId) -> Option<&Decision> {
        self.history(one, other).last().copied()
    }

    /// Every decision ever made, by pair.
    pub fn all(&self) -> impl Iterator<Item = &Decision> {
        self.pairs.values().flatten()
    }

    /// The decisions in force, by pair.
    pub fn in_force(&self) -> impl Iterator<Item = &Decision> {
        self.pairs.values().filter_map(|all| all.last())
    }

    /// Makes hits and eliminations hard constraints of linking. Leads and
    /// inconclusive reviews constrain nothing.
    pub fn constrain(&self, casework: &mut Casework) {
        for decision in self.in_force() {
            let pair = (decision.a.to_string(), decision.b.to_string());
            match decision.conclusion {
                Conclusion::Hit => _ = casework.confirmed.insert(pair),
                Conclusion::Eliminated => _ = casework.rejected.insert(pair),
                Conclusion::Lead | Conclusion::Inconclusive => {}
            }
        }
    }

    /// The hits between cases: once for two cases, however many exhibits
    /// support it; none within one case or between cases `known` to be
    /// connected. Casings without a case make none.
    pub fn hits(
        &self,
        case_of: &BTreeMap<CasingId, CaseId>,
        known: &BTreeSet<(CaseId, CaseId)>,
    ) -> Vec<Hit> {
        let connected = |x: &CaseId, y: &CaseId| {
            known.contains(&(x.clone(), y.clone())) || known.contains(&(y.clone(), x.clone()))
        };
        let mut between: BTreeMap<(&CaseId, &CaseId), Vec<&Decision>> = BTreeMap::new();
        for decision in self.in_force().filter(|d| d.conclusion == Conclusion::Hit) {
            let cases = case_of.get(&decision.a).zip(case_of.get(&decision.b));
            if let Some((x, y)) = cases.filter(|(x, y)| x != y && !connected(x, y)) {
                between.entry((x.min(y), x.max(y))).or_default().push(decision);
            }
        }
        between.into_iter().filter_map(|(cases, decisions)| self.hit(cases, &decisions)).collect()
    }

    fn hit(&self, (x, y): (&CaseId, &CaseId), decisions: &[&Decision]) -> Option<Hit> {
        let all = decisions.iter().flat_map(|d| self.history(&d.a, &d.b));
        let first = all.clone().min()?;
        let confirmed = all.filter(|d| d.conclusion == Conclusion::Hit).min()?;
        Some(Hit {
            cases: (x.clone(), y.clone()),
            exhibits: decisions.iter().map(|d| (d.a.clone(), d.b.clone())).collect(),
            initiating: first.agency.clone(),
            confirming: confirmed.agency.clone(),
            at: confirmed.at.clone(),
        })
    }
}
