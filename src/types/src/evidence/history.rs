//! A firearm's history: what was recorded of it, what its traces found, and the
//! scenes at which casings of its groups lay.

use super::{
    CaseId, CasingId, CustodyStep, Firearm, FirearmEvent, FirearmEventKind, FirearmId, NoTrace,
    PartialDate, Place, SceneId, ShipmentId, TimeToCrime, TraceId, TraceOutcome,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// All that is known of one firearm. Reports have a
/// [`ReportedFirearm`](super::ReportedFirearm) instead.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FirearmHistory {
    /// The firearm.
    pub id: FirearmId,
    /// Its record, where the register has one.
    pub record: Option<Firearm>,
    /// What happened to it, by date; what has none comes last.
    pub events: Vec<FirearmEvent>,
    /// Its traces.
    pub traces: Vec<FirearmTrace>,
    /// The groups that its test fires are in: proposals of the program, unless
    /// an examiner confirmed the links.
    pub groups: Vec<String>,
    /// The casings that a laboratory fired from it.
    pub test_fires: Vec<CasingId>,
    /// The scenes of these and of the other casings of its groups, by date; those
    /// without one last.
    pub scenes: Vec<FirearmScene>,
    /// Shipments that it was found in.
    pub shipments: Vec<ShipmentId>,
}

impl FirearmHistory {
    /// The trace that found the first sale; the first of several.
    pub fn sale(&self) -> Option<&FirearmTrace> {
        self.traces.iter().find(|trace| trace.sold.is_some())
    }
}

/// One trace of a firearm and what came of it; `H` is what is told of the hands it
/// went through.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FirearmTrace<H = CustodyStep> {
    /// The request.
    pub request: TraceId,
    /// How far it came; none while nothing came back.
    pub outcome: Option<TraceOutcome>,
    /// Why no farther.
    pub reason: Option<NoTrace>,
    /// The hands it is known to have gone through, the maker first.
    pub disposition: Vec<H>,
    /// When it was first sold to the public.
    pub sold: Option<PartialDate>,
    /// The dealer's place.
    pub sold_at: Place,
    /// Days from that sale to the recovery.
    pub time_to_crime: Option<TimeToCrime>,
}

/// A scene at which casings of a firearm's groups lay.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FirearmScene {
    /// The scene.
    pub scene: SceneId,
    /// When it happened.
    pub date: Option<PartialDate>,
    /// The place where it happened.
    pub place: Place,
    /// The case.
    pub case: Option<CaseId>,
    /// The casings.
    pub casings: Vec<CasingId>,
    /// Whether it was before the firearm's first sale; none where the dates do
    /// not tell. Such a scene speaks against the group, the trace or a date.
    pub before_sale: Option<bool>,
    /// Whether it lies in another country than the dealer; none where either is
    /// unknown.
    pub across_border: Option<bool>,
}

/// Something on the time line of a case, a group or a firearm.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(into = "Written")]
pub struct TimelineEvent {
    /// When, as far as it is known.
    pub date: Option<PartialDate>,
    /// What happened, and to what.
    pub what: Happened,
    /// The place where it happened.
    pub place: Place,
}

/// What happened, and to what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Happened {
    /// Casings were fired or found at a scene.
    Scene(SceneId),
    /// Something happened to a firearm.
    Firearm(FirearmEventKind, FirearmId),
}

impl Happened {
    /// The word used in JSON and on the terminal.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Scene(_) => "scene",
            Self::Firearm(kind, _) => kind.word(),
        }
    }

    /// The scene, where it happened at one.
    pub const fn scene(&self) -> Option<&SceneId> {
        match self {
            Self::Scene(scene) => Some(scene),
            Self::Firearm(..) => None,
        }
    }

    /// The firearm that it happened to.
    pub const fn firearm(&self) -> Option<&FirearmId> {
        match self {
            Self::Scene(_) => None,
            Self::Firearm(_, firearm) => Some(firearm),
        }
    }
}

impl TimelineEvent {
    /// Sorts events by date, those without one last, and by name within a day.
    pub fn sort(events: &mut [Self]) {
        events.sort_by_cached_key(|e| {
            let days = e.date.map(|d| (d.first(), d.last()));
            let (scene, firearm) = (e.what.scene().cloned(), e.what.firearm().cloned());
            (days.is_none(), days, e.what.word(), scene, firearm)
        });
    }
}

/// The JSON form of an event.
#[derive(Serialize)]
struct Written {
    date: Option<PartialDate>,
    what: &'static str,
    scene: Option<SceneId>,
    firearm: Option<FirearmId>,
    place: Place,
}

impl From<TimelineEvent> for Written {
    fn from(event: TimelineEvent) -> Self {
        let TimelineEvent { date, what, place } = event;
        let (scene, firearm) = (what.scene().cloned(), what.firearm().cloned());
        Self { date, what: what.word(), scene, firearm, place }
    }
}
