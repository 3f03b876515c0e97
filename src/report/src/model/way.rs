//! A firearm tied to a report's casings: its traces, and its way from the first
//! sale through the scenes of its groups.
//!
//! Neither who bought it nor what stands for them is here: a report goes
//! further than the store does (docs/decisions/0054-no-purchaser-in-reports.md).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use types::evidence::{
    CasingId, Firearm, FirearmId, NoTrace, PartialDate, Place, SceneId, ShipmentId, Sign, Step,
    TimeToCrime, TraceId, TraceOutcome,
};

/// A firearm and all that is known of its way.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FirearmWay {
    /// The firearm.
    pub id: FirearmId,
    /// Its record, where there is one.
    pub record: Option<Firearm>,
    /// The groups that its test fires are in; proposals.
    pub groups: Vec<String>,
    /// Casings of those groups that were fired from it in a laboratory.
    pub test_fires: Vec<CasingId>,
    /// What was asked about it, and what came back.
    pub traces: Vec<TraceEntry>,
    /// The scenes of its groups, by date; those without one last.
    pub scenes: Vec<WayScene>,
    /// Shipments that it was found in.
    pub shipments: Vec<ShipmentId>,
}

impl FirearmWay {
    /// Who made it and what they call it, as far as that is recorded.
    pub fn make_and_model(&self) -> Option<String> {
        let record = &self.record.as_ref()?.description;
        let known: Vec<&str> =
            [&record.make, &record.model].into_iter().flatten().map(String::as_str).collect();
        (!known.is_empty()).then(|| known.join(" "))
    }
}

/// One trace.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TraceEntry {
    /// The request.
    pub request: TraceId,
    /// How far it came; none while nothing came back.
    pub outcome: Option<TraceOutcome>,
    /// Why no farther.
    pub reason: Option<NoTrace>,
    /// The hands it is known to have gone through, the maker first; a
    /// purchaser's has a day and never a name.
    pub disposition: Vec<Step>,
    /// When it was first sold to the public.
    pub sold: Option<PartialDate>,
    /// The dealer's place.
    pub sold_at: Place,
    /// Days from that sale to the recovery.
    pub time_to_crime: Option<TimeToCrime>,
}

/// A scene of a firearm's groups.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct WayScene {
    /// The scene.
    pub scene: SceneId,
    /// When it happened.
    pub date: Option<PartialDate>,
    /// ISO 3166-2 code of the state.
    pub state: Option<String>,
    /// City, municipality or county, as recorded.
    pub municipality: Option<String>,
    /// Whether it was before the firearm's first sale; none where the dates do
    /// not tell.
    pub before_sale: Option<bool>,
    /// Whether it lies in another country than the dealer; none where either is
    /// unknown.
    pub across_border: Option<bool>,
}

/// A sign of trafficking, to be read with the caution that stands with it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Indicator {
    /// What kind.
    pub sign: Sign,
    /// The dealer, or dealer and day, that the firearms have in common.
    pub common: Option<String>,
    /// The firearms that show it, of this report or of other cases.
    pub firearms: Vec<FirearmId>,
}
