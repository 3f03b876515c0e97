//! A firearm's history, joined: from its maker to its first sale, through the
//! scenes at which casings of its group lay, to its recovery.

use crate::{CaseFiles, GroupFile};
use std::collections::{BTreeMap, BTreeSet};
use types::evidence::{
    CasingId, FirearmEvent, FirearmHistory, FirearmId, FirearmScene, FirearmTrace, Place, SceneId,
    TimeToCrime,
};

impl CaseFiles {
    /// Joins all that is known of a firearm.
    pub fn history(&self, firearm: &FirearmId) -> FirearmHistory {
        let register = &self.register;
        // A casing that the register ascribes to it belongs here, grouped or not.
        let ascribed: BTreeSet<&CasingId> = register
            .casings
            .values()
            .filter(|casing| casing.firearm.as_ref() == Some(firearm))
            .map(|casing| &casing.id)
            .collect();
        let its: BTreeMap<&str, &GroupFile> =
            ascribed.iter().filter_map(|c| self.group_of(c)).map(|g| (g.id.as_str(), g)).collect();
        let in_groups = its.values().flat_map(|g| &g.casings);
        let members: BTreeSet<&CasingId> = in_groups.chain(ascribed.iter().copied()).collect();
        let traces = self.traces_of(firearm);
        let mut events: Vec<FirearmEvent> =
            register.firearm_events.iter().filter(|e| e.firearm == *firearm).cloned().collect();
        events.sort_by_key(|e| (e.date.is_none(), e.date.map(|d| d.first()), e.id.clone()));
        FirearmHistory {
            id: firearm.clone(),
            record: register.firearms.get(firearm).cloned(),
            events,
            scenes: self.scenes(&members, traces.iter().find(|trace| trace.sold.is_some())),
            traces,
            groups: its.into_keys().map(str::to_owned).collect(),
            test_fires: self.without_scene(&ascribed),
            shipments: self.traces.shipped(firearm).map(|s| s.id.clone()).collect(),
        }
    }

    fn traces_of(&self, firearm: &FirearmId) -> Vec<FirearmTrace> {
        let traced = self.traces.of(firearm).map(|request| {
            let result = self.traces.results.get(&request.id);
            let sold = result.and_then(|r| r.sale.date);
            FirearmTrace {
                request: request.id.clone(),
                outcome: result.map(|r| r.outcome),
                reason: result.and_then(|r| r.reason),
                disposition: result.map(|r| r.chain()).unwrap_or_default(),
                sold,
                sold_at: result.map(|r| r.dealer.place.clone()).unwrap_or_default(),
                time_to_crime: TimeToCrime::between(sold, request.recovered),
            }
        });
        traced.collect()
    }

    /// The casings of these that no scene has.
    fn without_scene(&self, casings: &BTreeSet<&CasingId>) -> Vec<CasingId> {
        let fired = |c: &&&CasingId| {
            self.register.casings.get(**c).is_some_and(|record| record.scene.is_none())
        };
        casings.iter().filter(fired).map(|c| (*c).clone()).collect()
    }

    /// The scenes of these casings, set against the firearm's first sale.
    fn scenes(
        &self,
        casings: &BTreeSet<&CasingId>,
        sale: Option<&FirearmTrace>,
    ) -> Vec<FirearmScene> {
        let (sold, sold_in) = (sale.and_then(|s| s.sold), sale.and_then(|s| country(&s.sold_at)));
        let mut scenes: BTreeMap<&SceneId, FirearmScene> = BTreeMap::new();
        for casing in casings {
            let record = self.register.casings.get(*casing);
            let Some(scene) = record.and_then(|r| r.scene.as_ref()) else { continue };
            let seen = scenes.entry(&scene.id).or_insert_with(|| {
                let place = self.place_of(scene);
                FirearmScene {
                    scene: scene.id.clone(),
                    date: scene.date,
                    before_sale: scene.date.zip(sold).and_then(|(date, sold)| date.before(sold)),
                    across_border: country(&place).zip(sold_in.clone()).map(|(a, b)| a != b),
                    place,
                    case: scene.case.clone(),
                    casings: Vec::new(),
                }
            });
            seen.casings.push((*casing).clone());
        }
        let mut scenes: Vec<FirearmScene> = scenes.into_values().collect();
        scenes.sort_by_key(|seen| (seen.date.is_none(), seen.date.map(|d| (d.first(), d.last()))));
        scenes
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
    use crate::trace::Traces;
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

    /// Of a scene; without one a test fire of F-1, or evidence where its name says so.
    fn casing(id: &str, scene: Option<(&str, &str, &str)>) -> Record {
        let scene = scene.map(|(id, date, state)| {
            json!({ "id": id, "date": date, "state": state, "agency": null, "case": null })
        });
        let fired = scene.is_none() && id != "unplaced";
        let firearm = fired.then_some("F-1");
        let origin = if fired { "test_fire" } else { "evidence" };
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
            casing("unplaced", None),
        ];
        let register = Register::of(&records).unwrap();
        let row = |group: &str, casing: &str| GroupRow {
            group: group.into(),
            casing: CasingId::new(casing).unwrap(),
            confidence: 0.9,
            prototype: false,
        };
        let groups = ["C1", "C2", "C3", "TF", "unplaced"].map(|casing| row("G1", casing));
        let groups = groups.into_iter().chain([row("G2", "C4")]).collect();
        let linking = Linking { groups, ..Linking::default() };
        let mut files = CaseFiles::new(register, &linking, Review::default());
        let request: TraceRequest = serde_json::from_value(
            json!({ "id": "T-1", "firearm": "F-1", "recovered": "2024-08-01" }),
        )
        .unwrap();
        let result: TraceResult = serde_json::from_value(json!({
            "id": "T-1", "outcome": "purchaser", "sale": { "date": "2023-08-02" },
            "dealer": { "name": "Shop", "place": { "state": "US-TX" } },
        }))
        .unwrap();
        files.traces = Traces {
            requests: vec![request],
            results: [(result.id.clone(), result)].into(),
            shipments: Vec::new(),
        };
        let found = files.history(&FirearmId::new("F-1").unwrap());
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
        let fired: Vec<&str> = found.test_fires.iter().map(|c| c.as_str()).collect();
        assert_eq!(fired, ["TF"], "evidence of an unknown scene is no test fire");
        let days = TimeToCrime::Days { least: 365, most: 365 };
        assert_eq!(found.sale().unwrap().time_to_crime, Some(days));
    }
}
