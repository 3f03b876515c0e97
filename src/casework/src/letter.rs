//! Lead letters: when one may be released, and what became of it.

use super::{Conclusion, Decided, Review, Verified};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use types::evidence::CasingId;
use types::message::{Message, say};

/// The kind of the record that holds a letter as it was released.
pub const LETTER: &str = "lead_letter";
/// The kind of the records of what became of letters.
pub const LETTER_STEP: &str = "lead_letter_step";

/// What became of a letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LetterStage {
    /// It went out.
    Sent,
    /// It was received.
    Acknowledged,
    /// What came of the lead.
    Outcome,
}

impl LetterStage {
    /// All of them, in their order.
    pub const ALL: [Self; 3] = [Self::Sent, Self::Acknowledged, Self::Outcome];

    /// The word used in records.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::Acknowledged => "acknowledged",
            Self::Outcome => "outcome",
        }
    }
}

/// A step of a letter; the record's reason has the words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LetterStep {
    /// The letter's number.
    pub letter: String,
    /// What happened.
    pub stage: LetterStage,
    /// When (RFC 3339, UTC, whole seconds).
    pub at: String,
    /// Who noted it.
    pub by: String,
}

/// What a letter about a pair can rest on.
#[derive(Clone, Copy, Debug)]
pub struct Releasable<'r> {
    /// The conclusion in force.
    pub decided: &'r Decided,
    /// What the second person found, where somebody looked.
    pub verified: Option<&'r Verified>,
}

/// What a letter about a pair would rest on, or why none may be released:
/// nobody concluded that one firearm may have fired both, somebody says the
/// opposite, or the second person that the policy asks for has not looked or
/// saw it differently and that is not settled.
///
/// # Errors
/// The reason.
pub fn releasable<'r>(
    review: &'r Review,
    verified: &'r [Verified],
    called_for: &BTreeSet<Conclusion>,
    a: &CasingId,
    b: &CasingId,
) -> Result<Releasable<'r>, Message> {
    let decided = review
        .state(a, b)
        .filter(|d| d.conclusion.says_one() == Some(true))
        .ok_or_else(|| say!("nobody's conclusion in force is a lead or a hit"))?;
    if !review.dissent(a, b).is_empty() {
        return Err(say!("two persons contradict each other on this pair"));
    }
    let verified = verified.iter().find(|v| v.finding.of == decided.id);
    match verified {
        Some(v) if !v.agrees(decided) && v.settled.is_none() => {
            Err(say!("the second person saw it differently, and that is not settled"))
        }
        None if called_for.contains(&decided.conclusion) && review.verified_by(a, b).is_empty() => {
            Err(say!("the second person has not looked yet"))
        }
        _ => Ok(Releasable { decided, verified }),
    }
}
