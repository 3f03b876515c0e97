#![allow(clippy::unwrap_used, clippy::panic)]
use super::super::shared_kind;
use super::*;
use serde_json::{Value, json};

fn full(kind: &str) -> Value {
    let place = json!({
        "state": "MX-CHH", "municipality": "Juárez",
        "coordinates": {"latitude": 31.7, "longitude": -106.4}
    });
    match kind {
        CASING => json!({
            "id": "C", "origin": "evidence", "firearm": "F", "calibre": "9 mm",
            "firing_pin_shape": "flat", "notes": "a name", "scene": {
                "id": "S", "date": "2026-03", "state": "MX-CHH", "agency": "A", "case": "K"
            }
        }),
        "case" => json!({"id": "K", "agency": "A", "connected": ["K2"]}),
        "event" => json!({
            "id": "S", "kind": "homicide", "date": "2026", "place": place, "agency": "A",
            "case": "K"
        }),
        "firearm" => json!({
            "id": "F", "type": "pistol", "make": "Taurus", "model": "PT 92",
            "calibre": "9 mm", "serial": "T1", "importer": "I", "importer_serial": "none",
            "country": "BR"
        }),
        "firearm_event" => json!({
            "id": "E", "firearm": "F", "kind": "recovered", "date": "2026", "place": place,
            "agency": "A", "case": "K"
        }),
        "exhibit" => json!({
            "id": "X", "kind": "casings", "casings": ["C"], "firearm": "F", "scene": "S",
            "case": "K", "received": "2026-03-16T09:30:00Z"
        }),
        "movement" => json!({
            "id": "M", "exhibit": "X", "at": "2026-03-16", "from": "a name",
            "to": "a name", "purpose": "a name"
        }),
        "notification" => {
            json!({"id": "N", "exhibit": "X", "at": "2026-03-16", "to": "a name"})
        }
        REQUEST => json!({
            "id": "T", "firearm": "F", "agency": "A", "type": "pistol", "make": "Taurus",
            "model": "PT 92", "calibre": "9 mm", "serial": "T1", "importer": "I",
            "importer_serial": "none", "country": "BR", "crime": "5212",
            "recovered": "2026-03-14", "place": place, "case": "K"
        }),
        RESULT => json!({
            "id": "T", "outcome": "purchaser", "reason": "other", "completed": "2026",
            "manufacturer": {"name": "M", "date": "2019"},
            "importer": {"name": "I", "date": "2019"}, "wholesalers": ["W"],
            "dealer": {
                "name": "D", "licence": "L", "acquired": "2019",
                "place": {"state": "US-TX", "municipality": "El Paso"}
            },
            "sale": {"date": "2019", "purchaser": "P-0123456789abcdef"}
        }),
        SHIPMENT => {
            let contents = json!({"firearms": 1, "parts": 2, "ammunition": 3, "other": "a name"});
            let stop = json!({
                "country": "MX", "place": {"state": "MX-CHH", "municipality": "Juárez"}
            });
            json!({
                "id": "SH", "transport": "air", "status": "seized", "carrier": "C",
                "waybill": "W", "origin": stop, "destination": stop, "declared": contents,
                "found": contents, "date": "2026", "place": place, "agency": "A",
                "case": "K", "firearms": ["F"], "casings": ["C"]
            })
        }
        DECISION => json!({
            "at": "2026-03-14T00:00:00Z", "conclusion": "hit", "a": "C", "b": "D",
            "by": "E. Xaminer", "agency": "A", "withdraws": "S. Econd", "upon": ["D-1@X"]
        }),
        other => panic!("give a full record of kind {other}"),
    }
}

/// The paths of everything in a record.
fn paths(value: &Value, path: &str, all: &mut Vec<String>) {
    match value {
        Value::Object(map) => map.iter().for_each(|(name, inner)| {
            let dot = if path.is_empty() { "" } else { "." };
            paths(inner, &format!("{path}{dot}{name}"), all);
        }),
        _ => all.push(path.to_owned()),
    }
}

#[test]
fn every_field_of_every_record_is_either_shared_or_never() {
    for sort in SHARED_KINDS {
        let body = full(sort.kind);
        (sort.understood)(&body.to_string()).unwrap();
        let (mut there, mut left_out) = (Vec::new(), Vec::new());
        paths(&body, "", &mut there);
        let known = |p: &&String| sort.field(p).is_none() && !sort.never.contains(&p.as_str());
        assert_eq!(there.iter().find(known), None, "{}", sort.kind);
        let shared = sort.redacted(&body, "X", &|_| true, &mut |p| left_out.push(p.to_owned()));
        assert_eq!(left_out, sort.never, "{}", sort.kind);
        (sort.understood)(&shared.to_string()).unwrap();
        assert_eq!(sort.stranger(&shared, "X"), None);
        assert_eq!(sort.stranger(&body, "X").is_some(), !sort.never.is_empty());
    }
}

#[test]
fn what_is_left_of_a_record_under_the_narrowest_agreement_is_still_one() {
    for sort in SHARED_KINDS {
        let mut left_out = Vec::new();
        let body = full(sort.kind);
        let shared = sort.redacted(&body, "X", &|_| false, &mut |p| left_out.push(p.to_owned()));
        (sort.understood)(&shared.to_string()).unwrap();
        assert_eq!(sort.stranger(&shared, "X"), None, "{}", sort.kind);
        let mut there = Vec::new();
        paths(&shared, "", &mut there);
        let substitute = |p: &str| sort.substitutes.iter().any(|(name, _)| *name == p);
        let kept = |p: &&String| !substitute(p) && !sort.field(p).is_some_and(|f| f.needed);
        assert_eq!(there.iter().find(kept), None, "{}", sort.kind);
        assert!(sort.kind == "case" || !left_out.is_empty());
    }
}

#[test]
fn references_are_found_and_renamed_wherever_they_are() {
    let sort = shared_kind(CASING).unwrap();
    let mut body = full(CASING);
    let found = sort.references(&body);
    assert_eq!(found.len(), 4);
    sort.rename(&mut body, |id| Ok::<_, ()>(format!("{id}@X"))).unwrap();
    assert_eq!(body["scene"]["case"], "K@X");
    assert_eq!(body["firearm"], "F@X");
    assert_eq!(body["calibre"], "9 mm");
}
