//! A case or a group: casings, firearms, scenes, and what ties them.

use super::{CasingEntry, Decisions, GroupEntry, Indicator, LinkEntry, ReportHeader, TheirWord};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use types::evidence::{
    CaseId, CasingId, CasingRecord, EventKind as SceneKind, FirearmId, PartialDate,
    ReportedFirearm, SceneId,
};

/// What a case report is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    /// An agency's case with all that is linked to it.
    Case(CaseId),
    /// A proposed group (a lead).
    Group(String),
}

impl std::fmt::Display for Subject {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Case(id) => f.write_str(id.as_str()),
            Self::Group(id) => f.write_str(id),
        }
    }
}

/// The links of a case or group.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct CaseReport {
    /// What the report says of itself.
    pub header: ReportHeader,
    /// The case or group.
    pub subject: Subject,
    /// Casings of the subject and those proposed to go with them.
    pub casings: Vec<CasingEntry>,
    /// Groups that hold any of them.
    pub groups: Vec<GroupEntry>,
    /// Compared pairs among them, strongest first.
    pub links: Vec<LinkEntry>,
    /// Scenes they come from, by date.
    pub scenes: Vec<SceneEntry>,
    /// What happened when, by date; what has none comes last.
    pub events: Vec<Event>,
    /// The firearms that test fires tie to these casings.
    pub firearms: Vec<ReportedFirearm>,
    /// Signs of trafficking that any of them shows.
    pub indicators: Vec<Indicator>,
    /// What examiners concluded about the casings.
    #[serde(default, skip_serializing_if = "Decisions::is_empty")]
    pub decisions: Decisions,
    /// What other agencies concluded about the casings, or say of things here
    /// that are not their own.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub theirs: Vec<TheirWord>,
}

impl CaseReport {
    /// The number of a scene in the table of scenes, counted from 1.
    pub fn number(&self, scene: &SceneId) -> Option<usize> {
        (1..).zip(&self.scenes).find(|(_, s)| s.id == *scene).map(|(n, _)| n)
    }

    /// Whether a casing is the subject's own rather than one linked to it.
    pub fn is_own(&self, casing: &CasingRecord) -> bool {
        match &self.subject {
            Subject::Case(id) => casing.scene.as_ref().and_then(|s| s.case.as_ref()) == Some(id),
            Subject::Group(_) => false,
        }
    }
}

/// A scene and what was found there.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct SceneEntry {
    /// The scene.
    pub id: SceneId,
    /// What sort of event it was.
    pub kind: Option<SceneKind>,
    /// When, as far as it is known.
    pub date: Option<PartialDate>,
    /// ISO 3166-2 code of the state.
    pub state: Option<String>,
    /// City, municipality or county, as recorded.
    pub municipality: Option<String>,
    /// The agency that handles it.
    pub agency: Option<String>,
    /// That agency's case.
    pub case: Option<CaseId>,
    /// Where it is drawn on the map.
    pub place: Option<PlaceOnMap>,
    /// Casings found there that belong to this report.
    pub casings: Vec<CasingId>,
}

/// A place on the map, degrees (WGS 84).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PlaceOnMap {
    /// North positive.
    pub latitude: f64,
    /// East positive.
    pub longitude: f64,
    /// What it was taken from.
    pub precision: Precision,
}

/// What the coordinates of a place were taken from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Precision {
    /// They are recorded.
    Recorded,
    /// They are those of something else in the same municipality.
    Municipality,
    /// They are those of the state's capital.
    State,
}

impl PlaceOnMap {
    /// Whether the coordinates are a finding rather than a stand-in.
    pub fn is_recorded(&self) -> bool {
        self.precision == Precision::Recorded
    }
}

/// What happened on a day.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum EventKind {
    /// Casings were fired or found at a scene.
    Scene,
    /// A firearm was recovered.
    Recovery,
    /// A laboratory fired a firearm.
    TestFire,
    /// A firearm was first sold, by its trace or its record.
    Purchase,
}

impl EventKind {
    /// The word used in JSON and CSV.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Scene => "scene",
            Self::Recovery => "recovery",
            Self::TestFire => "test_fire",
            Self::Purchase => "purchase",
        }
    }
}

/// One mark on the time line.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Event {
    /// When, as far as it is known.
    pub date: Option<PartialDate>,
    /// What happened.
    pub kind: EventKind,
    /// The scene's name, for a scene.
    pub scene: Option<SceneId>,
    /// The firearm, for the others.
    pub firearm: Option<FirearmId>,
    /// ISO 3166-2 code of the state.
    pub state: Option<String>,
    /// City, municipality or county, as recorded.
    pub municipality: Option<String>,
    /// Where it is drawn on the map.
    pub place: Option<PlaceOnMap>,
}
