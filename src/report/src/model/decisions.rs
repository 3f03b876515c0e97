//! What examiners concluded, as a report shows it, and where that, or a record,
//! contradicts the scores.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use statistics::link::Conflict;
use types::evidence::CasingId;

/// The decisions about the casings of a report.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Decisions {
    /// Every conclusion, in the order of the ledger.
    pub concluded: Vec<Concluded>,
    /// Decisions and records of test fires that bind groups and that the scores
    /// contradict.
    pub conflicts: Vec<Conflict>,
}

impl Decisions {
    /// Whether there is nothing to tell.
    pub const fn is_empty(&self) -> bool {
        self.concluded.is_empty() && self.conflicts.is_empty()
    }

    /// Whether persons say the opposite of each other.
    pub fn contested(&self) -> bool {
        self.concluded.iter().any(|c| c.status == ConclusionStatus::Contested)
    }
}

/// One person's conclusion about two casings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Concluded {
    /// The first casing.
    pub a: CasingId,
    /// The second casing.
    pub b: CasingId,
    /// What the person concluded.
    pub conclusion: ConclusionKind,
    /// The person.
    pub by: String,
    /// Of a withdrawal: whose conclusion it withdraws, where it is another's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub withdraws: Option<String>,
    /// When it was concluded (RFC 3339).
    pub at: String,
    /// The entry of the ledger.
    pub entry: u64,
    /// What became of it.
    pub status: ConclusionStatus,
}

/// What a person can conclude.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ConclusionKind {
    /// Accepted on screen.
    Lead,
    /// Neither confirmed nor eliminated.
    Inconclusive,
    /// Confirmed with the specimens under a microscope.
    Hit,
    /// Not fired by one firearm.
    Eliminated,
    /// An earlier conclusion is taken back.
    Withdrawn,
}

impl ConclusionKind {
    /// The word used in JSON and CSV.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Lead => "lead",
            Self::Inconclusive => "inconclusive",
            Self::Hit => "hit",
            Self::Eliminated => "eliminated",
            Self::Withdrawn => "withdrawn",
        }
    }
}

/// What became of a conclusion.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ConclusionStatus {
    /// It is in force.
    InForce,
    /// It stands, beside the one in force.
    Stands,
    /// It stands, and says the opposite of the one in force.
    Contested,
    /// Its author said something else since, or it was withdrawn.
    Superseded,
}

impl ConclusionStatus {
    /// The word used in JSON and CSV.
    pub const fn word(self) -> &'static str {
        match self {
            Self::InForce => "in_force",
            Self::Stands => "stands",
            Self::Contested => "contested",
            Self::Superseded => "superseded",
        }
    }
}
