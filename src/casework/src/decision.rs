//! Decisions on pairs of casings, and the hits between cases they amount to.

use serde::{Deserialize, Serialize};
use statistics::link::Casework;
use std::collections::{BTreeMap, BTreeSet};
use types::error::{Error, Kind, Result};
use types::evidence::{CaseId, CasingId, Digest};
use types::message::say;
use unicode_normalization::UnicodeNormalization as _;

/// The kind of a decision's record in the store.
pub const DECISION: &str = "decision";

/// What stands before the digest of a view in the words of a conclusion.
const VIEW: &str = "[view sha256:";

/// The words by which a conclusion names the view that it was made on.
pub fn naming_view(digest: &str) -> String {
    format!(" {VIEW}{digest}]")
}

/// The digests of the views that a conclusion's words name, in their order.
pub fn views_named(words: &str) -> impl DoubleEndedIterator<Item = &str> {
    let rest: Vec<&str> = words.split(VIEW).skip(1).collect();
    rest.into_iter().filter_map(|r| r.split_once(']')).map(|(digest, _)| digest)
}

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
    /// A person takes back what was concluded; it stays on record.
    Withdrawn,
}

impl Conclusion {
    /// The word used in records.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Lead => "lead",
            Self::Inconclusive => "inconclusive",
            Self::Hit => "hit",
            Self::Eliminated => "eliminated",
            Self::Withdrawn => "withdrawn",
        }
    }

    /// Every conclusion.
    pub const ALL: [Self; 5] =
        [Self::Lead, Self::Inconclusive, Self::Hit, Self::Eliminated, Self::Withdrawn];

    /// The conclusion of a word.
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|c| c.word() == word)
    }

    /// Whether it says that one firearm fired both; none where it leaves that
    /// open.
    pub const fn says_one(self) -> Option<bool> {
        match self {
            Self::Lead | Self::Hit => Some(true),
            Self::Eliminated => Some(false),
            Self::Inconclusive | Self::Withdrawn => None,
        }
    }

    /// Whether putting it in the place of `other` takes something back: the
    /// opposite, or less than what the microscope or an elimination said.
    pub fn undoes(self, other: Self) -> bool {
        let opposite = self.says_one().zip(other.says_one()).is_some_and(|(x, y)| x != y);
        let bound = matches!(other, Self::Hit | Self::Eliminated);
        opposite || (bound && self != other)
    }
}

/// Whether two names are one person's: capitals, blanks and dots aside.
pub fn same_person(one: &str, other: &str) -> bool {
    let plain = |name: &str| -> String {
        name.nfc().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
    };
    plain(one) == plain(other)
}

/// One person's conclusion about one pair of casings. Decisions are never
/// changed: a later one in the ledger supersedes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// When, by the clock of the machine (RFC 3339, UTC, whole seconds). Which
    /// of two decisions is later, the ledger says, not this.
    pub at: String,
    /// What the person concluded.
    pub conclusion: Conclusion,
    /// The casing whose identifier sorts first.
    pub a: CasingId,
    /// The casing whose identifier sorts second.
    pub b: CasingId,
    /// The person who decided.
    pub by: String,
    /// The agency that person works for.
    pub agency: Option<String>,
    /// Of a withdrawal: whose conclusion is withdrawn; none = one's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub withdraws: Option<String>,
    /// The records of what other agencies had concluded about the pair, as
    /// far as it was here when this was decided.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub upon: Vec<String>,
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
            let what = say!("casing {one} cannot be reviewed against itself");
            return Err(Error::new(Kind::BadInput, what).advise(say!("name two different casings")));
        }
        let (a, b) = if one < other { (one, other) } else { (other, one) };
        Ok(Self {
            at: at.into(),
            conclusion,
            a,
            b,
            by: by.into(),
            agency,
            withdraws: None,
            upon: Vec::new(),
        })
    }

    /// The identifier of its record as the `number`th decision of a store. In
    /// the order of identifiers, which is that of a bundle, decisions of one
    /// store stay in the order of its ledger; the same words said again are a
    /// new decision.
    pub fn id(&self, number: u64) -> String {
        let conclusion = self.conclusion.word();
        let text = [self.a.as_str(), self.b.as_str(), &self.by, &self.at, conclusion].join("\n");
        format!("D-{number:08}-{}", Digest::of(text.as_bytes()).short())
    }
}

/// A decision with its place in the store.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Decided {
    /// What was decided.
    #[serde(flatten)]
    pub decision: Decision,
    /// The identifier of its record.
    pub id: String,
    /// The entry of the ledger that brought it.
    pub entry: u64,
    /// The reason that the person gave.
    pub reason: String,
}

/// A decision that is in no store yet.
impl From<Decision> for Decided {
    fn from(decision: Decision) -> Self {
        Self { decision, id: String::new(), entry: 0, reason: String::new() }
    }
}

impl std::ops::Deref for Decided {
    type Target = Decision;
    fn deref(&self) -> &Decision {
        &self.decision
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

/// All decisions, in the order of the ledger.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Review {
    all: Vec<Decided>,
    /// The decisions about a pair, by their numbers in `all`.
    pairs: BTreeMap<(CasingId, CasingId), Vec<usize>>,
}

impl Review {
    /// The review made of decisions in the order of the ledger.
    pub fn of(decisions: impl IntoIterator<Item = impl Into<Decided>>) -> Self {
        let mut new = Self::default();
        for (number, decided) in decisions.into_iter().map(Into::into).enumerate() {
            let pair = (decided.a.clone(), decided.b.clone());
            new.pairs.entry(pair).or_default().push(number);
            new.all.push(decided);
        }
        new
    }

    /// Every decision about a pair, in either order, first in the ledger first.
    pub fn history(&self, one: &CasingId, other: &CasingId) -> Vec<&Decided> {
        let pair = (one.min(other).clone(), one.max(other).clone());
        self.pairs.get(&pair).map_or_else(Vec::new, |numbers| self.numbered(numbers).collect())
    }

    fn numbered<'a>(&'a self, numbers: &'a [usize]) -> impl Iterator<Item = &'a Decided> {
        numbers.iter().filter_map(|&number| self.all.get(number))
    }

    /// Each person's last word on a pair, as far as it was not withdrawn, first
    /// in the ledger first.
    pub fn standing(&self, one: &CasingId, other: &CasingId) -> Vec<&Decided> {
        standing(self.history(one, other))
    }

    /// The decision in force about a pair: of the words that stand, the last in
    /// the ledger.
    pub fn state(&self, one: &CasingId, other: &CasingId) -> Option<&Decided> {
        self.standing(one, other).last().copied()
    }

    /// The words that stand against the decision in force: another person says
    /// the opposite. Until one of them is withdrawn the pair is contested.
    pub fn dissent(&self, one: &CasingId, other: &CasingId) -> Vec<&Decided> {
        let mut words = self.standing(one, other);
        let Some(last) = words.pop().and_then(|d| d.conclusion.says_one()) else {
            return Vec::new();
        };
        words.retain(|d| d.conclusion.says_one() == Some(!last));
        words
    }

    /// Other persons who came to the conclusion in force.
    pub fn verified_by(&self, one: &CasingId, other: &CasingId) -> Vec<&str> {
        let mut words = self.standing(one, other);
        let Some(last) = words.pop() else { return Vec::new() };
        words.retain(|d| d.conclusion == last.conclusion);
        words.iter().map(|d| d.by.as_str()).collect()
    }

    /// The pairs about which anything was decided, in the order of their names.
    pub fn pairs(&self) -> impl Iterator<Item = (&CasingId, &CasingId)> {
        self.pairs.keys().map(|(a, b)| (a, b))
    }

    /// Every decision ever made, in the order of the ledger.
    pub fn all(&self) -> &[Decided] {
        &self.all
    }

    /// The decisions in force, by pair.
    pub fn in_force(&self) -> impl Iterator<Item = &Decided> {
        self.pairs.values().filter_map(|numbers| standing(self.numbered(numbers)).pop())
    }

    /// Makes hits and eliminations hard constraints of linking. Leads and
    /// inconclusive reviews constrain nothing.
    pub fn constrain(&self, casework: &mut Casework) {
        for decision in self.in_force() {
            let pair = (decision.a.to_string(), decision.b.to_string());
            match decision.conclusion {
                Conclusion::Hit => _ = casework.confirmed.insert(pair),
                Conclusion::Eliminated => _ = casework.rejected.insert(pair),
                Conclusion::Lead | Conclusion::Inconclusive | Conclusion::Withdrawn => {}
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
        let mut between: BTreeMap<(&CaseId, &CaseId), Vec<&Decided>> = BTreeMap::new();
        for decision in self.in_force().filter(|d| d.conclusion == Conclusion::Hit) {
            let cases = case_of.get(&decision.a).zip(case_of.get(&decision.b));
            if let Some((x, y)) = cases.filter(|(x, y)| x != y && !connected(x, y)) {
                between.entry((x.min(y), x.max(y))).or_default().push(decision);
            }
        }
        between.into_iter().filter_map(|(cases, decisions)| self.hit(cases, &decisions)).collect()
    }

    fn hit(&self, (x, y): (&CaseId, &CaseId), decisions: &[&Decided]) -> Option<Hit> {
        let pairs: BTreeSet<_> = decisions.iter().map(|d| (&d.a, &d.b)).collect();
        let first = self.all.iter().find(|d| pairs.contains(&(&d.a, &d.b)))?;
        let stands =
            |d: &&Decided| d.conclusion == Conclusion::Hit && self.standing(&d.a, &d.b).contains(d);
        let mut all = self.all.iter().filter(|d| pairs.contains(&(&d.a, &d.b)));
        let confirmed = all.find(stands)?;
        Some(Hit {
            cases: (x.clone(), y.clone()),
            exhibits: decisions.iter().map(|d| (d.a.clone(), d.b.clone())).collect(),
            initiating: first.agency.clone(),
            confirming: confirmed.agency.clone(),
            at: confirmed.at.clone(),
        })
    }
}

/// Of the decisions about one pair each person's last, unless withdrawn.
fn standing<'a>(decisions: impl IntoIterator<Item = &'a Decided>) -> Vec<&'a Decided> {
    let mut words: Vec<&Decided> = Vec::new();
    for decided in decisions {
        let whose = decided.withdraws.as_ref().unwrap_or(&decided.by);
        words.retain(|word| !same_person(&word.by, whose));
        if decided.conclusion != Conclusion::Withdrawn {
            words.push(decided);
        }
    }
    words
}
