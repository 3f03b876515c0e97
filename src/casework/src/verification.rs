//! Blind verification of conclusions, one by one: what the second person found,
//! and how a disagreement was settled. Findings are never changed, and neither
//! is the conclusion that they are about.

use super::{Conclusion, Decided, Review, same_person};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use types::evidence::CasingId;

/// The kind of the record that holds a finding.
pub const VERIFICATION: &str = "verification";
/// The kind of the record that says how a disagreement was settled; it has the
/// identifier of the finding.
pub const SETTLEMENT: &str = "verification_settled";

/// What a second person found who did not know of the first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verification {
    /// When (RFC 3339, UTC, whole seconds).
    pub at: String,
    /// The casing whose identifier sorts first.
    pub a: CasingId,
    /// The casing whose identifier sorts second.
    pub b: CasingId,
    /// The second person.
    pub by: String,
    /// The agency that person works for.
    pub agency: Option<String>,
    /// What that person concluded from pictures: a lead, nothing, or an
    /// elimination.
    pub conclusion: Conclusion,
    /// The record of the decision that is verified.
    pub of: String,
}

/// How a disagreement was settled; the record's reason has it in words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settlement {
    /// When (RFC 3339, UTC, whole seconds).
    pub at: String,
    /// Who settled it.
    pub by: String,
}

/// A finding with its place in the store.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Verified {
    /// What was found.
    #[serde(flatten)]
    pub finding: Verification,
    /// The identifier of its record.
    pub id: String,
    /// What the person saw, in words.
    pub reason: String,
    /// How a disagreement was settled, with the words.
    pub settled: Option<(Settlement, String)>,
}

impl Verified {
    /// Whether it says the same as a decision; a lead stands for a hit, since
    /// who looks at pictures has no specimens.
    pub fn agrees(&self, with: &Decided) -> bool {
        self.finding.conclusion.says_one() == with.conclusion.says_one()
    }
}

/// The decisions in force that call for a second person and have none yet, in
/// the order of their pairs.
pub fn awaiting<'r>(
    review: &'r Review,
    verified: &[Verified],
    called_for: &BTreeSet<Conclusion>,
) -> Vec<&'r Decided> {
    let known: BTreeSet<&str> = verified.iter().map(|v| v.finding.of.as_str()).collect();
    let calls = |d: &&Decided| called_for.contains(&d.conclusion) && !known.contains(d.id.as_str());
    // Who comes to a conclusion that another has come to is the second person,
    // if not a blind one.
    let alone = |d: &&Decided| review.verified_by(&d.a, &d.b).is_empty();
    review.in_force().filter(calls).filter(alone).collect()
}

/// Findings that contradict the decision they are about and are not settled, with
/// that decision.
pub fn disagreements<'r>(
    review: &'r Review,
    verified: &'r [Verified],
) -> Vec<(&'r Verified, &'r Decided)> {
    let decided: BTreeMap<&str, &Decided> =
        review.all().iter().map(|d| (d.id.as_str(), d)).collect();
    let of = |v: &'r Verified| Some((v, *decided.get(v.finding.of.as_str())?));
    let open = verified.iter().filter(|v| v.settled.is_none()).filter_map(of);
    open.filter(|(v, d)| !v.agrees(d)).collect()
}

impl Review {
    /// Whether a person ever said anything about a pair: such a person is no
    /// second one.
    pub fn knows(&self, person: &str, one: &CasingId, other: &CasingId) -> bool {
        self.history(one, other).iter().any(|d| same_person(&d.by, person))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::Decision;

    fn decided(id: &str, by: &str, conclusion: Conclusion) -> Decided {
        let [a, b] = ["A", "B"].map(|c| CasingId::new(c).unwrap());
        let decision = Decision::new(a, b, conclusion, by, None, "2026-01-01T00:00:00Z").unwrap();
        Decided { decision, id: id.into(), entry: 1, reason: String::new() }
    }

    fn found(of: &Decided, conclusion: Conclusion) -> Verified {
        let finding = Verification {
            at: "2026-01-02T00:00:00Z".into(),
            a: of.a.clone(),
            b: of.b.clone(),
            by: "V".into(),
            agency: None,
            conclusion,
            of: of.id.clone(),
        };
        Verified { finding, id: "V-1".into(), reason: String::new(), settled: None }
    }

    #[test]
    fn what_calls_for_a_second_person_waits_until_one_has_looked() {
        let hit = decided("D-1", "R. Ortiz", Conclusion::Hit);
        let review = Review::of([hit.clone()]);
        let called = BTreeSet::from([Conclusion::Hit]);
        assert_eq!(awaiting(&review, &[], &called), [&hit]);
        assert!(awaiting(&review, &[], &BTreeSet::from([Conclusion::Lead])).is_empty());
        assert!(awaiting(&review, &[found(&hit, Conclusion::Lead)], &called).is_empty());
        // A newer decision is not what was verified.
        let again = decided("D-2", "R. Ortiz", Conclusion::Hit);
        let review = Review::of([hit.clone(), again.clone()]);
        assert_eq!(awaiting(&review, &[found(&hit, Conclusion::Lead)], &called), [&again]);
        assert!(review.knows("r ortiz", &hit.b, &hit.a) && !review.knows("V", &hit.a, &hit.b));
    }

    #[test]
    fn a_contradiction_stays_until_it_is_settled() {
        let hit = decided("D-1", "R. Ortiz", Conclusion::Hit);
        let review = Review::of([hit.clone()]);
        let agrees = [found(&hit, Conclusion::Lead)];
        assert!(disagreements(&review, &agrees).is_empty());
        for other in [Conclusion::Eliminated, Conclusion::Inconclusive] {
            let mut against = [found(&hit, other)];
            assert_eq!(disagreements(&review, &against).len(), 1);
            let settled = Settlement { at: String::new(), by: "S".into() };
            against[0].settled = Some((settled, "looked at together".into()));
            assert!(disagreements(&review, &against).is_empty());
        }
    }
}
