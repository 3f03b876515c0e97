//! What happened to a whole batch.

use super::{Decisions, ReportHeader, Weight};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use statistics::link::Judged;
use types::error::{Error, Kind};
use types::evidence::{CasingId, CasingRecord, FirearmId, MarkKind, SceneId};
use types::message::Message;

types::coded!(mod what: Message as what and coded_what);
types::coded!(mod why: Message as why and coded_why);
types::coded!(mod step: Message as step and coded_step);
types::coded!(mod advice: Option<Message> as advice and coded_advice);

/// What came in, what failed and why, groups and links.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct BatchSummary {
    /// What the report says of itself.
    pub header: ReportHeader,
    /// New links that touch standing queries; they stand first.
    #[serde(default)]
    pub watched: Vec<WatchedLink>,
    /// Pairs about which examiners disagree, and decisions and records that
    /// the scores contradict.
    #[serde(default, skip_serializing_if = "Decisions::is_empty")]
    pub objections: Decisions,
    /// Casings that are new since the last index.
    #[serde(default)]
    pub news: Vec<NewCasing>,
    /// Totals.
    pub counts: Counts,
    /// The casings, in the order they are to be listed.
    pub casings: Vec<CasingEntry>,
    /// Proposed groups.
    pub groups: Vec<GroupEntry>,
    /// Proposed links, strongest first.
    pub links: Vec<LinkEntry>,
    /// On what scales linking judged, and what it left open.
    #[serde(default)]
    pub judged: Judged,
    /// What could not be used.
    pub failures: Vec<Failure>,
    /// A page in the same folder on how good the likelihood ratios are.
    #[serde(default)]
    pub validation: Option<String>,
    /// Exhibits that wait for longer than the laboratory allows itself.
    pub overdue: Vec<Overdue>,
}

/// A casing that is new since the last index.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct NewCasing {
    /// The casing.
    pub casing: CasingId,
    /// Its best candidates, in order; none where it could not be compared.
    pub candidates: Vec<NewCandidate>,
    /// The proposed group it belongs to.
    pub group: Option<String>,
}

/// A candidate of a new casing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct NewCandidate {
    /// 1 = most similar.
    pub rank: u32,
    /// The candidate.
    pub casing: CasingId,
    /// Similarity of the pair.
    pub score: f64,
    /// Cells that agree.
    pub congruent_cells: u32,
    /// Weight of evidence; none = not calibrated.
    pub weight: Option<LinkWeight>,
}

/// A new link that touches a standing query.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct WatchedLink {
    /// The first casing.
    pub a: CasingId,
    /// The second casing.
    pub b: CasingId,
    /// What is watched, in the program's words (English).
    #[serde(flatten, with = "what")]
    #[schemars(with = "what::Both")]
    pub what: Message,
    /// Why the link touches it, in the program's words (English).
    #[serde(flatten, with = "why")]
    #[schemars(with = "why::Both")]
    pub why: Message,
    /// Who wants to know.
    pub by: String,
    /// When the link was found, RFC 3339.
    pub at: String,
}

/// An exhibit whose next step is late.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Overdue {
    /// The exhibit.
    pub item: String,
    /// The step that is late, in the program's words (English).
    #[serde(flatten, with = "step")]
    #[schemars(with = "step::Both")]
    pub step: Message,
    /// When it was due, ISO 8601.
    pub due: String,
}

/// Totals of a batch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Counts {
    /// Rows of the manifest.
    pub rows: u64,
    /// Scans imported in this run.
    pub imported: u64,
    /// Scans that were already in the store.
    pub known: u64,
    /// Rows that failed.
    pub failed: u64,
    /// Pairs compared in this run.
    pub pairs_compared: u64,
    /// Pairs whose comparison was already in the store.
    pub pairs_known: u64,
}

impl Counts {
    /// Whether a run is told of; a summary may also be made of a store alone.
    pub fn of_a_run(&self) -> bool {
        *self != Self::default()
    }
}

/// One casing in the batch's list.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct CasingEntry {
    /// What casework knows of it.
    pub casing: CasingRecord,
    /// Whether its casing report lies in the same folder.
    pub has_report: bool,
    /// Whether this run brought it.
    pub new: bool,
    /// First-ranked candidate.
    pub first_candidate: Option<CasingId>,
    /// Score of the first-ranked candidate.
    pub first_score: Option<f64>,
    /// The proposed group it belongs to.
    pub group: Option<String>,
}

/// One proposed group of casings.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct GroupEntry {
    /// The group's identifier.
    pub id: String,
    /// Its casings.
    pub casings: Vec<CasingId>,
    /// Posterior probability of its weakest merge, 0–1.
    pub confidence: f64,
    /// The casing that stands for it.
    pub prototype: Option<CasingId>,
    /// Known firearms among its casings.
    pub firearms: Vec<FirearmId>,
    /// Scenes its casings come from.
    pub scenes: Vec<SceneId>,
}

/// A proposed group with what ties its casings to each other.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct GroupView {
    /// The group.
    pub group: GroupEntry,
    /// Its casings, in the group's order.
    pub casings: Vec<CasingRecord>,
    /// Every compared pair within it, strongest first.
    pub links: Vec<LinkEntry>,
}

/// One proposed link between two casings.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct LinkEntry {
    /// The first casing.
    pub a: CasingId,
    /// The second casing.
    pub b: CasingId,
    /// The mark it rests on.
    pub kind: MarkKind,
    /// Similarity of the pair.
    pub score: f64,
    /// Cells tried.
    pub cells: u32,
    /// Cells that agree.
    pub congruent_cells: u32,
    /// Weight of evidence; none = not calibrated.
    #[serde(default)]
    pub weight: Option<LinkWeight>,
    /// The group that holds both.
    pub group: Option<String>,
}

/// A link's likelihood ratio; the casings' own reports say what it rests on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LinkWeight {
    /// log10 of the likelihood ratio.
    pub log10_lr: f64,
    /// Lower end of its interval.
    pub log10_lower: f64,
    /// Upper end of its interval.
    pub log10_upper: f64,
    /// The reference population's name.
    pub population: String,
}

impl From<&Weight> for LinkWeight {
    fn from(w: &Weight) -> Self {
        Self {
            log10_lr: w.log10_lr,
            log10_lower: w.log10_lower,
            log10_upper: w.log10_upper,
            population: w.population.clone(),
        }
    }
}

/// A file or row that could not be used.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Failure {
    /// The file or row.
    #[serde(with = "types::message::text")]
    #[schemars(with = "String")]
    pub item: Message,
    /// Line of the manifest, counted from 1.
    pub line: Option<u64>,
    /// The sort of failure.
    pub kind: Kind,
    /// What happened, in the program's words (English).
    #[serde(flatten, with = "what")]
    #[schemars(with = "what::Both")]
    pub what: Message,
    /// What to do next, in the program's words (English).
    #[serde(flatten, with = "advice")]
    #[schemars(with = "advice::Both")]
    pub advice: Option<Message>,
}

impl Failure {
    /// The failure of `item` (the path within the manifest, not the machine's).
    pub fn of(item: impl Into<String>, line: Option<u64>, error: &Error) -> Self {
        Self {
            item: Message::foreign(item),
            line,
            kind: error.kind,
            what: error.what.clone(),
            advice: error.advice.clone(),
        }
    }
}
