//! A firearm's history as a report may tell it.
//!
//! A report goes further than the store does. Neither who bought the firearm nor
//! what stands for them can be in these types
//! (docs/decisions/0054-no-purchaser-in-reports.md).

use super::history::{FirearmHistory, FirearmScene, FirearmTrace};
use super::{CasingId, CustodyStep, Firearm, FirearmId, PartialDate, Role, SceneId, ShipmentId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A firearm tied to a report's casings: its traces, and the scenes of its groups.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ReportedFirearm {
    /// The firearm.
    pub id: FirearmId,
    /// Its record, where there is one.
    pub record: Option<Firearm>,
    /// The groups that its test fires are in; proposals.
    pub groups: Vec<String>,
    /// Casings of those groups that were fired from it in a laboratory.
    pub test_fires: Vec<CasingId>,
    /// What was asked about it, and what came back.
    pub traces: Vec<ReportedTrace>,
    /// The scenes of its groups, by date; those without one last.
    pub scenes: Vec<ReportedScene>,
    /// Shipments that it was found in.
    pub shipments: Vec<ShipmentId>,
}

/// One trace, without the purchaser.
pub type ReportedTrace = FirearmTrace<ReportedStep>;

/// A hand that a firearm went through; a purchaser's has a day and never a name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(from = "CustodyStep")]
pub struct ReportedStep {
    /// What that hand was.
    role: Role,
    /// The firm.
    name: Option<String>,
    /// The day known of it: sent on by those before the retailer, received by
    /// the retailer, bought by the purchaser.
    date: Option<PartialDate>,
}

/// A scene of a firearm's groups.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ReportedScene {
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

impl ReportedFirearm {
    /// Who made it and what they call it, as far as that is recorded.
    pub fn make_and_model(&self) -> Option<String> {
        let record = &self.record.as_ref()?.description;
        let known: Vec<&str> =
            [&record.make, &record.model].into_iter().flatten().map(String::as_str).collect();
        (!known.is_empty()).then(|| known.join(" "))
    }
}

impl ReportedStep {
    /// What that hand was.
    pub const fn role(&self) -> Role {
        self.role
    }

    /// The firm; none for a purchaser.
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// The day known of it, as [`CustodyStep::date`].
    pub const fn date(&self) -> Option<PartialDate> {
        self.date
    }
}

impl From<CustodyStep> for ReportedStep {
    fn from(CustodyStep { role, name, date }: CustodyStep) -> Self {
        Self { role, name: name.filter(|_| role != Role::Purchaser), date }
    }
}

impl From<FirearmTrace> for ReportedTrace {
    fn from(trace: FirearmTrace) -> Self {
        Self {
            request: trace.request,
            outcome: trace.outcome,
            reason: trace.reason,
            disposition: trace.disposition.into_iter().map(ReportedStep::from).collect(),
            sold: trace.sold,
            sold_at: trace.sold_at,
            time_to_crime: trace.time_to_crime,
        }
    }
}

impl From<FirearmScene> for ReportedScene {
    fn from(seen: FirearmScene) -> Self {
        Self {
            scene: seen.scene,
            date: seen.date,
            state: seen.place.state,
            municipality: seen.place.municipality,
            before_sale: seen.before_sale,
            across_border: seen.across_border,
        }
    }
}

impl From<FirearmHistory> for ReportedFirearm {
    fn from(history: FirearmHistory) -> Self {
        Self {
            id: history.id,
            record: history.record,
            groups: history.groups,
            test_fires: history.test_fires,
            traces: history.traces.into_iter().map(ReportedTrace::from).collect(),
            scenes: history.scenes.into_iter().map(ReportedScene::from).collect(),
            shipments: history.shipments,
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn no_purchaser_passes_into_a_report_nor_is_read_from_one() {
        let step = |role| CustodyStep { role, name: Some("P-0000000000000001".into()), date: None };
        let told = |role| ReportedStep::from(step(role)).name().map(str::to_owned);
        assert_eq!(told(Role::Purchaser), None);
        assert!(told(Role::Retailer).is_some());
        let json = serde_json::to_string(&step(Role::Purchaser)).unwrap();
        let read: ReportedStep = serde_json::from_str(&json).unwrap();
        assert_eq!(read.name(), None);
    }
}
