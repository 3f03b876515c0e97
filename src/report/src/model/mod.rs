//! The facts of a report, apart from language and layout.
//!
//! Everything here but the prepared marks is serialised; the JSON export is
//! this model as it stands. Lengths carry their unit in the name.

mod batch;
mod case;
mod decisions;
mod distribution;
mod header;
mod indicator;
mod letter;
mod robustness;
mod side;
mod theirs;

pub use batch::{
    BatchSummary, CasingEntry, Counts, Failure, GroupEntry, GroupView, LinkEntry, LinkWeight,
    NewCandidate, NewCasing, Overdue, WatchedLink,
};
pub use case::{CaseReport, Event, EventKind, PlaceOnMap, Precision, SceneEntry, Subject};
pub use decisions::{Concluded, ConclusionKind, ConclusionStatus, Decisions};
pub use distribution::{Distribution, PopulationSource, Tally};
pub use header::{Replaced, ReportHeader};
pub use indicator::Indicator;
pub use letter::{LeadLetter, LetterExhibit, LetterMark, LetterPerson};
pub use robustness::{Robustness, VariantScore};
pub use side::{MarkFacts, ScanFacts, Side};
pub use theirs::{Saying, TheirWord};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use statistics::weigh::{Bounds, Expected, Flag, Performance, Support};
use types::comparison::Comparison;
use types::evidence::{CasingId, Digest, MarkKind};
use types::message::Message;

/// Version of the model and so of the JSON export; raised when a field changes
/// its meaning or goes away.
pub const SCHEMA_VERSION: u32 = 3;

/// Any report.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[expect(clippy::large_enum_variant, reason = "reports are made and written one at a time")]
#[serde(tag = "report", rename_all = "snake_case")]
pub enum Report {
    /// One questioned casing and its ranked candidates.
    Casing(CasingReport),
    /// One comparison in depth.
    Pair(PairReport),
    /// The links of a case or of a group: casings, firearms, scenes.
    Case(CaseReport),
    /// What came in, what failed and why, groups and links.
    Batch(BatchSummary),
}

impl Report {
    /// What the report says of itself.
    pub const fn header(&self) -> &ReportHeader {
        match self {
            Self::Casing(r) => &r.header,
            Self::Pair(r) => &r.header,
            Self::Case(r) => &r.header,
            Self::Batch(r) => &r.header,
        }
    }
}

/// One questioned casing and its ranked candidates, mark by mark.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct CasingReport {
    /// What the report says of itself.
    pub header: ReportHeader,
    /// One entry a mark of the questioned casing.
    pub findings: Vec<Findings>,
    /// The proposed group it belongs to.
    pub group: Option<GroupView>,
    /// What examiners concluded about it.
    #[serde(default, skip_serializing_if = "Decisions::is_empty")]
    pub decisions: Decisions,
    /// What other agencies concluded about it, or say of it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub theirs: Vec<TheirWord>,
    /// Files of the same batch that could not be used.
    pub failures: Vec<Failure>,
}

/// The ranked candidates of one mark.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Findings {
    /// The questioned casing's mark.
    pub questioned: Side,
    /// What it was compared with.
    pub gallery: Gallery,
    /// Scores of same-source and different-source pairs to read its own by.
    pub distribution: Option<Distribution>,
    /// Best first.
    pub candidates: Vec<Candidate>,
}

/// One comparison in depth.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct PairReport {
    /// What the report says of itself.
    pub header: ReportHeader,
    /// The mark whose frame is used.
    pub a: Side,
    /// The mark laid over it.
    pub b: Side,
    /// B against A.
    pub comparison: Comparison,
    /// Scores of same-source and different-source pairs to read its own by.
    pub distribution: Option<Distribution>,
    /// Weight of evidence; none = not calibrated.
    pub weight: Option<Weight>,
    /// The score under other choices of preparation; none where the scans
    /// themselves are not at hand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub robustness: Option<Robustness>,
    /// What examiners concluded about the two.
    #[serde(default, skip_serializing_if = "Decisions::is_empty")]
    pub decisions: Decisions,
}

impl PairReport {
    /// The one comparison as a list of one, unranked.
    pub fn findings(&self) -> Findings {
        Findings {
            questioned: self.a.clone(),
            gallery: Gallery::default(),
            distribution: self.distribution.clone(),
            candidates: vec![Candidate {
                rank: UNRANKED,
                side: self.b.clone(),
                comparison: self.comparison.clone(),
                group: None,
                weight: self.weight.clone(),
            }],
        }
    }
}

/// The population a rank refers to.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct Gallery {
    /// Casings in the gallery with a mark of this kind, the questioned one
    /// not counted.
    pub casings: u64,
    /// Casings of these that were compared.
    pub compared: u64,
    /// The filters applied, in order.
    pub filters: Vec<Filter>,
}

impl Gallery {
    /// Casings that were searched: those compared, and those that the screen
    /// found too unlike to be compared.
    pub fn searched(&self) -> u64 {
        let screened = self.filters.iter().filter(|f| f.rule == Rule::Screened);
        self.compared + screened.map(|f| f.excluded).sum::<u64>()
    }
}

/// One reason for leaving casings out, and how many it kept from being compared.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Filter {
    /// What the filter asks.
    pub rule: Rule,
    /// Casings it excluded.
    pub excluded: u64,
    /// Which, where a search rule did.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub casings: Vec<CasingId>,
}

/// Why a casing was not compared.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    /// It bears no mark of this kind measured in this way.
    NoSuchMark,
    /// The quality gate found its mark unusable.
    UnusableMark,
    /// Its sketch was not among those most like the questioned mark's, so that
    /// it was screened out before the full comparison.
    Screened,
    /// Its scan and this one look like one acquisition under two names.
    SameAcquisition,
    /// A search rule, in its own words; several are joined by "; ".
    Class(
        #[serde(with = "types::message::text")]
        #[schemars(with = "String")]
        Message,
    ),
}

/// One ranked candidate.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Candidate {
    /// 1 = most similar.
    pub rank: u32,
    /// The candidate's mark.
    pub side: Side,
    /// The candidate (B) against the questioned casing (A).
    pub comparison: Comparison,
    /// The proposed group it belongs to.
    pub group: Option<String>,
    /// Weight of evidence; none = not calibrated.
    pub weight: Option<Weight>,
}

/// The rank of a pair that stands alone.
pub const UNRANKED: u32 = 0;

impl Candidate {
    /// What stands before it: its rank, or B where a pair stands alone.
    pub fn place(&self) -> String {
        if self.rank == UNRANKED { "B".into() } else { self.rank.to_string() }
    }
}

/// A calibrated likelihood ratio with the population it refers to.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Weight {
    /// log10 of the likelihood ratio of "fired by the same firearm" to "fired
    /// by different firearms".
    pub log10_lr: f64,
    /// Lower end of its interval.
    pub log10_lower: f64,
    /// Upper end of its interval.
    pub log10_upper: f64,
    /// The marks of the two casings that it rests on.
    pub marks: Vec<MarkKind>,
    /// The reference population's name.
    pub population: String,
    /// Firearms in it.
    pub firearms: u64,
    /// Pairs in it.
    pub pairs: u64,
    /// Digest of the population.
    pub sha256: Digest,
    /// Which proposition it supports, and how strongly.
    pub support: Support,
    /// Bounds of the population's likelihood ratios.
    pub bounds: Bounds,
    /// The population's error rates.
    pub performance: Performance,
    /// What to be careful about.
    pub flags: Vec<Flag>,
    /// Casings of other firearms expected to score as high with this mark in
    /// this gallery.
    pub strangers: Option<Expected>,
}
