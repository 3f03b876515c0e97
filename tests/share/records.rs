//! Records of every kind, there and back.

use super::lab::{EVERYTHING, Lab, all, casing, test_fire};
use casework::Register;
use casework::share::{SHARED_KINDS, Selection, SharedKind};
use pipeline::progress_of_exhibits;
use proptest::prelude::*;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use types::evidence::{CasingId, CasingRecord, Scene};

const NAME: &str = "Perla Secreta";

/// A record of every kind but casings and decisions, all told of and joined.
fn casework() -> Vec<(&'static str, Value)> {
    let place = json!({
        "state": "MX-CHH", "municipality": "Juárez",
        "coordinates": { "latitude": 31.7, "longitude": -106.4 }
    });
    let stop = json!({ "country": "MX", "place": { "state": "MX-CHH", "municipality": "Juárez" } });
    let contents = json!({ "firearms": 1, "parts": 2, "ammunition": 3, "other": NAME });
    let gun = json!({
        "id": "F-1", "type": "pistol", "make": "Taurus", "model": "PT 92", "calibre": "9 mm",
        "serial": "T1", "importer": "I", "importer_serial": "none", "country": "BR"
    });
    let mut request = gun.clone();
    for (field, value) in [
        ("id", json!("T-1")),
        ("firearm", json!("F-1")),
        ("agency", json!("MXFGECHH1")),
        ("crime", json!("5212")),
        ("recovered", json!("2026-03-14")),
        ("place", place.clone()),
        ("case", json!("K-1")),
    ] {
        request[field] = value;
    }
    vec![
        ("case", json!({ "id": "K-1", "agency": "MXFGECHH1", "connected": ["K-2"] })),
        (
            "event",
            json!({
                "id": "S-C-001", "kind": "homicide", "date": "2026-03-14", "place": place,
                "agency": "MXFGECHH1", "case": "K-C-001"
            }),
        ),
        ("firearm", gun),
        (
            "firearm_event",
            json!({
                "id": "R-1", "firearm": "F-1", "kind": "recovered", "date": "2026",
                "place": place, "agency": "MXFGECHH1", "case": "K-1"
            }),
        ),
        (
            "exhibit",
            json!({
                "id": "X-1", "kind": "casings", "casings": ["C-001", "T-001"], "firearm": "F-1",
                "scene": "S-C-001", "case": "K-1", "received": "2026-03-16T09:30:00Z"
            }),
        ),
        (
            "movement",
            json!({
                "id": "M-1", "exhibit": "X-1", "at": "2026-03-16T09:30:00Z", "from": NAME,
                "to": NAME, "purpose": NAME
            }),
        ),
        ("movement", json!({ "id": "M-2", "exhibit": "X-1", "at": "2026-03-17", "to": NAME })),
        ("notification", json!({ "id": "N-1", "exhibit": "X-1", "at": "2026-03-18", "to": NAME })),
        ("trace_request", request),
        (
            "trace_result",
            json!({
                "id": "T-1", "outcome": "purchaser", "reason": "other", "completed": "2026",
                "manufacturer": { "name": "M", "date": "2019" },
                "importer": { "name": "I", "date": "2019" }, "wholesalers": ["W", "V"],
                "dealer": {
                    "name": "D", "licence": "L", "acquired": "2019",
                    "place": { "state": "US-TX", "municipality": "El Paso" }
                },
                "sale": { "date": "2019", "purchaser": "P-0123456789abcdef" }
            }),
        ),
        (
            "shipment",
            json!({
                "id": "SH-1", "transport": "air", "status": "seized", "carrier": "C",
                "waybill": "W", "origin": stop, "destination": stop, "declared": contents,
                "found": contents, "date": "2026", "place": place, "agency": "MXFGECHH1",
                "case": "K-1", "firearms": ["F-1"], "casings": ["C-001"]
            }),
        ),
    ]
}

fn shared_kind(kind: &str) -> &'static SharedKind {
    SHARED_KINDS.iter().find(|sort| sort.kind == kind).unwrap()
}

/// Every text and number in a record, by its path; blanks are nothing.
fn leaves(value: &Value, path: &str, all: &mut BTreeMap<String, Value>) {
    match value {
        Value::Object(map) => map.iter().for_each(|(name, inner)| {
            let dot = if path.is_empty() { "" } else { "." };
            leaves(inner, &format!("{path}{dot}{name}"), all);
        }),
        Value::Null => {}
        Value::String(text) if text.is_empty() => {}
        Value::Array(list) if list.is_empty() => {}
        other => _ = all.insert(path.to_owned(), other.clone()),
    }
}

/// What another laboratory is to have of a record: what is shared by
/// agreement; what is always shared, in an object of which something else is;
/// names with the sender's code.
fn shared(kind: &str, body: &Value, agreed: &dyn Fn(&str) -> bool) -> BTreeMap<String, Value> {
    let mut there = BTreeMap::new();
    leaves(body, "", &mut there);
    let sort = shared_kind(kind);
    let parent = |path: &str| path.rsplit_once('.').map(|(parent, _)| parent.to_owned());
    let goes = |path: &str| sort.field(path).is_some() && agreed(path);
    let beside = |path: &str| {
        parent(path).is_none_or(|of| there.keys().any(|p| parent(p) == Some(of.clone()) && goes(p)))
    };
    let kept = there.iter().filter(|(path, _)| {
        goes(path) || sort.field(path).is_some_and(|f| f.needed) && beside(path)
    });
    let full = |id: &Value| json!(format!("{}@FGE-CHH", id.as_str().unwrap()));
    kept.map(|(path, value)| {
        let named = sort.field(path).unwrap().refers_to.is_some();
        let value = match value {
            Value::Array(ids) if named => ids.iter().map(full).collect(),
            id if named => full(id),
            plain => plain.clone(),
        };
        (path.clone(), value)
    })
    .collect()
}

/// What stands where nothing is told, and is no news.
fn told(kind: &str, body: &Value) -> BTreeMap<String, Value> {
    let mut there = BTreeMap::new();
    leaves(body, "", &mut there);
    there.retain(|path, value| {
        let stands = json!([kind, path, value]);
        stands != json!([kind, "to", "withheld"])
    });
    there
}

fn sender() -> Lab {
    let a = Lab::new("FGE-CHH");
    a.add(&casing("C-001", Some("MX-CHH")), 1);
    a.add(&test_fire("T-001", "F-1"), 1);
    a.record(&casework());
    a
}

#[test]
fn under_an_agreement_on_all_kinds_nothing_is_left_behind() {
    let (mut a, mut b) = (sender(), Lab::new("ATF-PHX"));
    a.trust(&b, Some(EVERYTHING));
    b.trust(&a, None);
    let (bundle, made) = a.export_to(&b, &all()).unwrap();
    assert_eq!(made.refused, []);
    b.take(&bundle).unwrap();
    for (kind, body) in casework() {
        let id = format!("{}@FGE-CHH", body["id"].as_str().unwrap());
        let got = b.records(kind).remove(&id).unwrap_or_else(|| panic!("{kind} {id}"));
        assert_eq!(told(kind, &got), shared(kind, &body, &|_| true), "{kind}");
    }
    let left_out: Vec<_> = made.statement.left_out["movement"].iter().collect();
    assert_eq!(left_out, ["from", "purpose", "to"]);
    // Any of it brings what belongs to it.
    for (sort, name) in [("firearm", "F-1"), ("shipment", "SH-1"), ("case", "K-1")] {
        let names: BTreeSet<String> = [name.to_owned()].into();
        let selection = match sort {
            "firearm" => Selection { firearms: names, ..Selection::default() },
            "shipment" => Selection { shipments: names, ..Selection::default() },
            _ => Selection { cases: names, ..Selection::default() },
        };
        let holds = a.export_to(&b, &selection).unwrap().1.statement.holds;
        for kind in ["firearm", "trace_request", "trace_result", "case"] {
            assert_eq!(holds.get(kind), Some(&1), "{kind} with {sort}: {holds:?}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, ..ProptestConfig::default() })]

    #[test]
    fn a_round_trip_of_records_loses_what_the_agreement_leaves_out_and_no_more(
        without in prop::sample::subsequence(
            casework().into_iter().map(|(kind, _)| kind).collect::<BTreeSet<_>>()
                .into_iter().collect::<Vec<_>>(), 0..4),
        kept in prop::collection::vec(any::<bool>(), 64),
    ) {
        let (mut a, mut b) = (sender(), Lab::new("ATF-PHX"));
        let kinds: Vec<&str> =
            SHARED_KINDS.iter().map(|s| s.kind).filter(|kind| !without.contains(kind)).collect();
        let agreed = |kind: &str, path: &str| {
            let place = shared_kind(kind).fields.iter().position(|f| f.path == path).unwrap_or(0);
            kept[(place + kind.len()) % kept.len()]
        };
        let fields = |kind: &&str| {
            let of = shared_kind(kind).fields.iter().map(|f| f.path).filter(|p| agreed(kind, p));
            format!("{kind} = {:?}\n", of.collect::<Vec<_>>())
        };
        let fields: String = kinds.iter().map(fields).collect();
        a.trust(&b, Some(&format!(
            "kinds = {kinds:?}\nregions = ['*']\n[partner.receives.fields]\n{fields}"
        )));
        b.trust(&a, None);
        let (bundle, made) = a.export_to(&b, &all()).unwrap();
        b.take(&bundle).unwrap();
        for (kind, body) in casework() {
            let id = format!("{}@FGE-CHH", body["id"].as_str().unwrap());
            let got = b.records(kind).remove(&id);
            if without.contains(&kind) {
                prop_assert_eq!(got, None);
                prop_assert!(made.statement.left_out[kind].contains("*"));
            } else if let Some(got) = got {
                let allowed = |path: &str| agreed(kind, path);
                prop_assert_eq!(told(kind, &got), shared(kind, &body, &allowed), "{}", kind);
            } else {
                // Only what nothing that goes leads to.
                prop_assert!(!["event", "firearm_event", "shipment"].contains(&kind), "{}", kind);
            }
        }
        // Twice is once, and so is the same again under a new number.
        let files = b.files();
        prop_assert!(b.take(&bundle).unwrap().known);
        prop_assert_eq!(b.files(), files);
        let content = b.content();
        b.take(&a.share_all(&b)).unwrap();
        prop_assert_eq!(b.content(), content);
    }
}

#[test]
fn an_exhibit_goes_only_with_all_that_it_holds() {
    let (mut a, b) = Lab::two();
    for id in ["C-001", "C-002"] {
        a.add(&casing(id, Some("MX-CHH")), 1);
    }
    a.record(&[(
        "exhibit",
        json!({ "id": "X", "kind": "casings", "casings": ["C-001", "C-002"] }),
    )]);
    let one = Selection { casings: ["C-001".to_owned()].into(), ..Selection::default() };
    assert_eq!(a.export_to(&b, &one).unwrap().1.statement.holds.get("exhibit"), None);
    assert_eq!(a.export_to(&b, &all()).unwrap().1.statement.holds["exhibit"], 1);
}

#[test]
fn who_holds_a_partners_casing_is_not_told_to_the_partner() {
    let (mut a, mut b) = Lab::two();
    a.add(&casing("C-001", Some("MX-CHH")), 1);
    b.add(&casing("C-001", Some("US-TX")), 1);
    a.take(&b.share_all(&a)).unwrap();
    let held = json!({ "id": "X", "kind": "casings", "casings": ["C-001", "C-001@ATF-PHX"] });
    a.record(&[("exhibit", held)]);
    let (bundle, made) = a.export_to(&b, &all()).unwrap();
    let [refused] = &made.refused[..] else { panic!("{:?}", made.refused) };
    assert_eq!(refused.what, "exhibit/X");
    assert!(refused.why.contains("says who holds C-001@ATF-PHX"), "{}", refused.why);
    // A receiver would have refused all of it.
    b.take(&bundle).unwrap();
}

#[test]
fn another_agencys_exhibits_neither_run_the_clock_nor_hold_what_came_here() {
    let (mut a, b) = Lab::two();
    a.add(&casing("C-001", Some("MX-CHH")), 1);
    a.record(&casework()[5..6]);
    let held = json!({
        "id": "X-1", "kind": "casings", "casings": ["C-001"], "received": "2020-01-02"
    });
    a.record(&[("exhibit", held)]);
    b.take(&a.share_all(&b)).unwrap();
    let items = |lab: &Lab| -> Vec<String> {
        let progress = progress_of_exhibits(&lab.store().snapshot().unwrap()).unwrap();
        progress.into_iter().map(|p| p.item).collect()
    };
    assert_eq!((items(&a), items(&b)), (vec!["X-1".into()], vec!["C-001@FGE-CHH".into()]));
    let id = CasingId::new("C-001@FGE-CHH").unwrap();
    let holder = |lab: &Lab| {
        let register = Register::read(&lab.store().snapshot().unwrap()).unwrap();
        register.exhibit(&id).unwrap().id.to_string()
    };
    assert_eq!(holder(&b), "X-1@FGE-CHH");
    // The specimen is sent for the microscope, and gets a bag of this laboratory.
    b.record(&[("exhibit", json!({ "id": "B", "kind": "casings", "casings": ["C-001@FGE-CHH"] }))]);
    assert_eq!((holder(&b), items(&b)), ("B".to_owned(), vec!["B".to_owned()]));
}

#[test]
fn the_state_of_a_casing_is_also_what_the_record_of_its_scene_says() {
    let (mut a, mut b) = (Lab::new("FGE-CHH"), Lab::new("ATF-PHX"));
    let kinds = EVERYTHING.replace("'*'", "'MX-CHH', 'unknown'");
    a.trust(&b, Some(&kinds));
    b.trust(&a, None);
    let nothing_said = |id: &str| -> CasingRecord {
        let full = casing(id, None);
        let scene = full.scene.clone().unwrap();
        let scene = Scene { date: None, agency: None, case: None, ..scene };
        CasingRecord { scene: Some(scene), ..full }
    };
    let event = |id: &str, state: &str| {
        ("event", json!({ "id": id, "place": { "state": state }, "case": format!("K-{state}") }))
    };
    for id in ["C-001", "C-002", "C-003"] {
        a.add(&nothing_said(id), 1);
    }
    a.record(&[event("S-C-001", "MX-CHH"), event("S-C-002", "MX-SON")]);
    let (_, made) = a.export_to(&b, &all()).unwrap();
    let mut refused: Vec<_> = made.refused.iter().map(|r| r.what.as_str()).collect();
    refused.sort_unstable();
    assert_eq!(refused, ["casing/C-002", "event/S-C-002"]);
    // So is its case.
    let case = Selection { cases: ["K-MX-CHH".to_owned()].into(), ..Selection::default() };
    let holds = a.export_to(&b, &case).unwrap().1.statement.holds;
    assert_eq!((holds["casing"], holds["event"]), (1, 1));
}
