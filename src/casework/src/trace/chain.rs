//! A firearm's way, joined: from its maker to its first sale, through the
//! scenes at which casings of its group lay, to its recovery.

use super::Traces;
use crate::{Files, GroupFile};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use types::evidence::{
    CaseId, CasingId, Firearm, FirearmEvent, FirearmId, NoTrace, PartialDate, Place, SceneId,
    ShipmentId, Step, TimeToCrime, TraceId, TraceOutcome,
};

/// One trace of the firearm and what came of it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Traced {
    /// The request.
    pub request: TraceId,
    /// How far it came; none while nothing came back.
    pub outcome: Option<TraceOutcome>,
    /// Why no farther.
    pub reason: Option<NoTrace>,
    /// The hands it is known to have gone through.
    pub disposition: Vec<Step>,
    /// When it was first sold to the public.
    pub sold: Option<PartialDate>,
    /// Where: the dealer's place.
    pub sold_at: Place,
    /// From that sale to the recovery.
    pub time_to_crime: Option<TimeToCrime>,
}

/// A scene at which casings of the firearm's groups lay.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Seen {
    /// The scene.
    pub scene: SceneId,
    /// When it happened.
    pub date: Option<PartialDate>,
    /// Where.
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

/// All that is known of a firearm's way.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Chain {
    /// The firearm, where the register has it.
    pub firearm: Option<Firearm>,
    /// What happened to it, by date.
    pub events: Vec<FirearmEvent>,
    /// Its traces.
    pub traces: Vec<Traced>,
    /// The groups that its test fires are in: proposals of the program, unless
    /// an examiner confirmed the links.
    pub groups: Vec<String>,
    /// The casings of those groups that were fired from it in the laboratory.
    pub test_fires: Vec<CasingId>,
    /// The scenes of the others, by date; those without one last.
    pub scenes: Vec<Seen>,
    /// Shipments that it was found in.
    pub shipments: Vec<ShipmentId>,
}

impl Chain {
    /// The first sale that any of its traces found.
    pub fn sale(&self) -> Option<&Traced> {
        self.traces.iter().find(|trace| trace.sold.is_some())
    }
}

/// Joins all that is known of a firearm.
pub fn chain(firearm: &FirearmId, files: &Files, traces: &Traces) -> Chain {
    let register = &files.register;
    let of_firearm = |c: &CasingId| {
        register.casings.get(c).is_some_and(|casing| casing.firearm.as_ref() == Some(firearm))
    };
    // A casing that the register ascribes to it belongs here, grouped or not.
    let ascribed = || register.casings.keys().filter(|c| of_firearm(c));
    let its: BTreeMap<&str, &GroupFile> =
        ascribed().filter_map(|c| files.group_of(c)).map(|g| (g.id.as_str(), g)).collect();
    let members: BTreeSet<&CasingId> =
        its.values().flat_map(|g| &g.casings).chain(ascribed()).collect();
    let traced: Vec<Traced> = traces
        .of(firearm)
        .map(|request| {
            let result = traces.results.get(&request.id);
            let sold = result.and_then(|r| r.sale.date);
            Traced {
                request: request.id.clone(),
                outcome: result.map(|r| r.outcome),
                reason: result.and_then(|r| r.reason),
                disposition: result.map(|r| r.chain()).unwrap_or_default(),
                sold,
                sold_at: result.map(|r| r.dealer.place.clone()).unwrap_or_default(),
                time_to_crime: TimeToCrime::between(sold, request.recovered),
            }
        })
        .collect();
    let sale = traced.iter().find(|trace| trace.sold.is_some());
    let (sold, sold_in) = (sale.and_then(|s| s.sold), sale.and_then(|s| country(&s.sold_at)));
    let mut scenes: BTreeMap<&SceneId, Seen> = BTreeMap::new();
    let mut test_fires = Vec::new();
    for casing in members {
        let Some(record) = register.casings.get(casing) else { continue };
        let Some(scene) = &record.scene else {
            test_fires.push(casing.clone());
            continue;
        };
        let event = register.events.get(&scene.id);
        let seen = scenes.entry(&scene.id).or_insert_with(|| {
            let place = event
                .map(|e| e.place.clone())
                .unwrap_or_else(|| Place { state: scene.state.clone(), ..Place::default() });
            Seen {
                scene: scene.id.clone(),
                date: scene.date,
                before_sale: scene.date.zip(sold).and_then(|(date, sold)| date.before(sold)),
                across_border: country(&place).zip(sold_in.clone()).map(|(a, b)| a != b),
                place,
                case: scene.case.clone(),
                casings: Vec::new(),
            }
        });
        seen.casings.push(casing.clone());
    }
    let mut scenes: Vec<Seen> = scenes.into_values().collect();
    scenes.sort_by_key(|seen| (seen.date.is_none(), seen.date.map(|d| (d.first(), d.last()))));
    let mut events: Vec<FirearmEvent> =
        register.firearm_events.iter().filter(|e| e.firearm == *firearm).cloned().collect();
    events.sort_by_key(|e| (e.date.is_none(), e.date.map(|d| d.first()), e.id.clone()));
    Chain {
        firearm: register.firearms.get(firearm).cloned(),
        events,
        traces: traced,
        groups: its.into_keys().map(str::to_owned).collect(),
        test_fires,
        scenes,
        shipments: traces.shipped(firearm).map(|shipment| shipment.id.clone()).collect(),
    }
}

/// ISO 3166-1 code of the country that a place's state is in.
fn country(place: &Place) -> Option<String> {
    place.state.as_ref()?.split('-').next().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::{Register, Review};
    use serde_json::{Value, json};
    use store::{GroupRow, Linking, Record};
    use types::evidence::{TraceRequest, TraceResult};

    fn record(kind: &str, id: &str, body: Value) -> Record {
        Record {
            kind: kind.into(),
            id: id.into(),
            version: 1,
            body: body.to_string(),
            author: String::new(),
            reason: String::new(),
        }
    }

    fn casing(id: &str, scene: Option<(&str, &str, &str)>) -> Record {
        let scene = scene.map(|(id, date, state)| {
            json!({ "id": id, "date": date, "state": state, "agency": null, "case": null })
        });
        let firearm = scene.is_none().then_some("F-1");
        let origin = if scene.is_none() { "test_fire" } else { "evidence" };
        let body = json!({
            "id": id, "origin": origin, "scene": scene, "firearm": firearm, "calibre": null,
            "firing_pin_shape": "unknown", "notes": "",
        });
        record("casing", id, body)
    }

    #[test]
    fn a_guns_scenes_are_placed_before_and_after_its_sale_and_across_the_border() {
        let records = [
            casing("C1", Some(("S1", "2024-05", "MX-CHH"))),
            casing("C2", Some(("S2", "2024-01-09", "US-TX"))),
            casing("C3", Some(("S3", "2022-06-01", "US-TX"))),
            casing("C4", Some(("S4", "2024-07-01", "MX-SON"))),
            casing("TF", None),
        ];
        let register = Register::of(&records).unwrap();
        let row = |group: &str, casing: &str| GroupRow {
            group: group.into(),
            casing: CasingId::new(casing).unwrap(),
            confidence: 0.9,
            prototype: false,
        };
        let groups =
            [row("G1", "C1"), row("G1", "C2"), row("G1", "C3"), row("G1", "TF"), row("G2", "C4")];
        let linking = Linking { groups: groups.into(), ..Linking::default() };
        let files = Files::new(register, &linking, Review::default());
        let request: TraceRequest = serde_json::from_value(
            json!({ "id": "T-1", "firearm": "F-1", "recovered": "2024-08-01" }),
        )
        .unwrap();
        let result: TraceResult = serde_json::from_value(json!({
            "id": "T-1", "outcome": "purchaser", "sale": { "date": "2023-08-02" },
            "dealer": { "name": "Shop", "place": { "state": "US-TX" } },
        }))
        .unwrap();
        let traces = Traces {
            requests: vec![request],
            results: [(result.id.clone(), result)].into(),
            shipments: Vec::new(),
        };
        let found = chain(&FirearmId::new("F-1").unwrap(), &files, &traces);
        let told: Vec<_> = found
            .scenes
            .iter()
            .map(|s| (s.scene.as_str(), s.before_sale, s.across_border))
            .collect();
        assert_eq!(
            told,
            [
                ("S3", Some(true), Some(false)),
                ("S2", Some(false), Some(false)),
                ("S1", Some(false), Some(true)),
            ]
        );
        assert_eq!(found.groups, ["G1"]);
        let days = TimeToCrime::Days { least: 365, most: 365 };
        assert_eq!(found.sale().unwrap().time_to_crime, Some(days));
    }
}
