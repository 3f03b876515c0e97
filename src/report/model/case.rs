//! A case or a group: casings, firearms, scenes, and what ties them.

use super::{CasingEntry, GroupEntry, Header, LinkEntry};
use crate::evidence::{CaseId, CasingId, FirearmId, SceneId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

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
    pub header: Header,
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
    /// What happened when, by date.
    pub events: Vec<Event>,
}

/// A scene and what was found there.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct SceneEntry {
    /// The scene.
    pub id: SceneId,
    /// Day of the event, ISO 8601, where known.
    pub date: Option<String>,
    /// ISO 3166-2 code of the state.
    pub state: Option<String>,
    /// The agency that handles it.
    pub agency: Option<String>,
    /// That agency's case.
    pub case: Option<CaseId>,
    /// Where it is drawn on the map.
    pub place: Option<Place>,
    /// Casings found there that belong to this report.
    pub casings: Vec<CasingId>,
}

/// A place on the map, degrees (WGS 84).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Place {
    /// North positive.
    pub latitude: f64,
    /// East positive.
    pub longitude: f64,
    /// Whether it stands for the whole state, for want of coordinates.
    pub of_state: bool,
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
    /// A firearm was first sold, by its trace.
    Purchase,
}

/// One mark on the time line.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Event {
    /// First (or only) day, ISO 8601.
    pub date: String,
    /// Last day of a range.
    pub until: Option<String>,
    /// What happened.
    pub kind: EventKind,
    /// The scene's name, for a scene.
    pub scene: Option<SceneId>,
    /// The firearm, for the others.
    pub firearm: Option<FirearmId>,
}
