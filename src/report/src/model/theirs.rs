//! What other agencies concluded or say, as a report shows it: as theirs.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What another agency says about a casing, case, scene or firearm of this
/// report. It binds nothing here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TheirWord {
    /// The code of the agency.
    pub from: String,
    /// Its record: kind and identifier.
    pub record: String,
    /// What it says.
    pub says: Saying,
    /// About what: the casings of a conclusion, or the kind and identifier of
    /// the thing that its record names.
    pub about: Vec<String>,
    /// When it concluded so (RFC 3339), by its own clock.
    pub at: Option<String>,
}

/// What another agency may say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Saying {
    /// It accepted the pair as a lead.
    Lead,
    /// It reviewed the pair without a conclusion.
    Inconclusive,
    /// It confirmed the pair as a hit.
    Hit,
    /// It eliminated the pair.
    Eliminated,
    /// It took a conclusion back.
    Withdrawn,
    /// Its record names something that is not its own.
    Names,
    /// Its casing is the same scan as one that was here before.
    SameScan,
}

impl Saying {
    /// The word used in JSON and CSV.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Lead => "lead",
            Self::Inconclusive => "inconclusive",
            Self::Hit => "hit",
            Self::Eliminated => "eliminated",
            Self::Withdrawn => "withdrawn",
            Self::Names => "names",
            Self::SameScan => "same_scan",
        }
    }
}
