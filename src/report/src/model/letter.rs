//! A lead letter: what an agency is told of a possible match between two casings.

use super::{ConclusionKind, ReportHeader};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use types::evidence::{CasingId, Digest, MarkKind, Modality, Origin, PartialDate};

/// A letter as it was released; it is not changed afterwards.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct LeadLetter {
    /// What the letter says of itself; its identifier is the letter's number.
    pub header: ReportHeader,
    /// The two casings, A and B of the pictures.
    pub exhibits: [LetterExhibit; 2],
    /// What was compared.
    pub marks: Vec<LetterMark>,
    /// What the reviewer concluded.
    pub conclusion: ConclusionKind,
    /// Who looked first.
    pub reviewed: LetterPerson,
    /// Who looked second, blindly; none where the policy asks nobody.
    pub verified: Option<LetterPerson>,
    /// Who settled a disagreement between the two.
    pub settled: Option<LetterPerson>,
    /// Who released the letter.
    pub released: LetterPerson,
    /// SHA-256 of the reviewer's snapshot of the pair, where there is one.
    pub snapshot: Option<Digest>,
}

/// Somebody who did something on a day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LetterPerson {
    /// The name.
    pub name: String,
    /// The agency, where it is known.
    pub agency: Option<String>,
    /// When (RFC 3339, UTC).
    pub at: String,
}

/// One of the two casings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LetterExhibit {
    /// The casing.
    pub casing: CasingId,
    /// Found, or fired by a laboratory.
    pub origin: Origin,
    /// The exhibit that holds it.
    pub exhibit: Option<String>,
    /// The agency's case.
    pub case: Option<String>,
    /// The agency, by name where the register has it.
    pub agency: Option<String>,
    /// The scene.
    pub scene: Option<String>,
    /// When, as far as it is known.
    pub date: Option<PartialDate>,
    /// City, municipality or county.
    pub municipality: Option<String>,
    /// ISO 3166-2 code of the state.
    pub state: Option<String>,
    /// The calibre.
    pub calibre: Option<String>,
    /// The firearm that a test fire is of.
    pub firearm: Option<String>,
}

/// Two marks that were compared.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LetterMark {
    /// What part of the gun made them.
    pub kind: MarkKind,
    /// Heights or brightness.
    pub modality: Modality,
    /// SHA-256 of the files of the scans of A and B.
    pub scans: [Digest; 2],
}
