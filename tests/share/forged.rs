//! What a partner with its real key may say, and that none of it binds here:
//! bundles forged by the test itself (docs/SECURITY.md).

use super::lab::{Forged, Lab, casing, mark, test_fire};
use casework::trace::Traces;
use casework::{Conclusion, DECISION, Decision, Register};
use pipeline::{Run, decide, files, review, theirs};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::process::Command;
use store::Store;
use types::evidence::{CasingId, Digest, FirearmId};
use types::units::Metres;

fn id(text: &str) -> CasingId {
    CasingId::new(text).unwrap()
}

/// A receiver with three firearms' casings, and a partner.
fn desk() -> (Lab, Lab) {
    let (a, b) = Lab::two();
    for (n, gun) in [7, 7, 8, 8, 9, 9].into_iter().enumerate() {
        b.add(&casing(&format!("C-{n}"), Some("US-TX")), gun);
    }
    b.add(&test_fire("T-1", "F-1"), 10);
    for n in 0..5 {
        b.add(&casing(&format!("Y-{n}"), Some("US-TX")), 30 + n);
    }
    b.work();
    (a, b)
}

fn decision(x: &str, y: &str, conclusion: &str, at: &str) -> (&'static str, String, Value) {
    let body = json!({
        "a": x, "b": y, "conclusion": conclusion, "at": at, "by": "FGE-CHH", "agency": null
    });
    (DECISION, format!("D-{x}-{y}@FGE-CHH"), body)
}

fn shared_casing(id: &str, firearm: Option<&str>) -> (&'static str, String, Value) {
    let origin = if firearm.is_some() { "test_fire" } else { "evidence" };
    let body = json!({
        "id": id, "origin": origin, "scene": null, "firearm": firearm, "calibre": null,
        "firing_pin_shape": "unknown", "notes": ""
    });
    ("casing", id.to_owned(), body)
}

/// The groups of a store's own casings, by name.
fn groups(lab: &Lab) -> BTreeMap<String, Vec<String>> {
    let mut groups: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for row in lab.store().snapshot().unwrap().linking().unwrap().unwrap_or_default().groups {
        let casing = row.casing.to_string();
        if !casing.contains('@') {
            groups.entry(row.group).or_default().push(casing);
        }
    }
    groups
}

#[test]
fn a_partner_does_not_decide_about_the_receivers_casings() {
    let (a, b) = desk();
    let (links, before) = (b.links(), groups(&b));
    for conclusion in ["hit", "eliminated", "lead"] {
        let (x, y) = ("C-0@ATF-PHX", "C-1@ATF-PHX");
        let forged =
            a.forged(&b, Forged::of(&[decision(x, y, conclusion, "2026-11-21T10:00:00Z")]));
        let told = b.take(&forged).unwrap_err().what;
        assert!(told.contains("is about casings of ATF-PHX alone"), "{told}");
    }
    b.work();
    assert_eq!((b.links(), groups(&b)), (links, before));
}

#[test]
fn what_a_partner_concluded_is_shown_as_theirs_and_binds_when_somebody_here_says_so() {
    let (a, b) = desk();
    let (x, y) = ("X@FGE-CHH", "C-0@ATF-PHX");
    let at = "2026-11-21T10:00:30Z";
    let mut records = vec![shared_casing(x, None), decision(x, y, "hit", at)];
    records.push(decision(x, "C-2@ATF-PHX", "hit", at));
    records.push(decision(x, "C-4@ATF-PHX", "eliminated", at));
    let (links, before) = (b.links(), groups(&b));
    b.take(&a.forged(&b, Forged::of(&records).marked(x, 55))).unwrap();
    b.work();
    assert_eq!((b.links(), groups(&b)), (links, before), "two hits on X would join two firearms");
    let snapshot = b.store().snapshot().unwrap();
    assert_eq!(review(&snapshot).unwrap().in_force().count(), 0);
    let known = files(&snapshot).unwrap();
    assert_eq!((known.hits.len(), known.theirs.len()), (0, 3));
    let told = b.said(0, &["lead", "list"]);
    assert!(
        told.contains("FGE-CHH concluded hit at 2026-11-21T10:00:30Z; binds nothing"),
        "{told}"
    );
    assert!(told.contains("0 hits between cases"), "{told}");
    // Somebody here agrees with one of them; the decision and the ledger name it.
    let run = Run {
        who: "E. Xaminer".to_owned(),
        started: "2026-11-21T12:00:00Z".to_owned(),
        command: "brasslink lead confirm".to_owned(),
        recipe: Digest::of(b"recipe"),
        now: || "2026-11-21T12:00:01Z".to_owned(),
    };
    let own = Decision::new(
        id("C-0"),
        id(x),
        Conclusion::Hit,
        "E. Xaminer",
        None,
        "2026-11-21T12:00:00Z",
    )
    .unwrap();
    decide(&b.store(), &[own], &[], "seen under the microscope", &run).unwrap();
    let snapshot = b.store().snapshot().unwrap();
    let review = review(&snapshot).unwrap();
    let all: Vec<_> = review.in_force().collect();
    assert_eq!(all[0].upon, ["D-X@FGE-CHH-C-0@ATF-PHX@FGE-CHH"]);
    let ledger = snapshot.ledger().unwrap();
    let subjects = &ledger.entries.last().unwrap().subjects;
    assert_eq!(subjects, &["decision/D-X@FGE-CHH-C-0@ATF-PHX@FGE-CHH"]);
    b.work();
    assert!(b.links().iter().any(|(m, n)| m == "C-0@ATF-PHX" && n == x), "{:?}", b.links());
    assert_eq!(theirs(&b.store().snapshot().unwrap()).unwrap().len(), 3);
}

#[test]
fn a_partners_test_fires_tie_and_part_nothing() {
    let (a, b) = desk();
    let (links, before) = (b.links(), groups(&b));
    // Alike to three firearms of the receiver's, and all of them "from F-1".
    let names = ["X@FGE-CHH", "Y@FGE-CHH", "Z@FGE-CHH"];
    let records = names.map(|name| shared_casing(name, Some("F-1@ATF-PHX")));
    let forged = names.iter().zip([7, 8, 9]);
    let forged = forged.fold(Forged::of(&records), |f, (name, gun)| f.marked(name, gun));
    let taken = b.take(&a.forged(&b, forged)).unwrap();
    assert_eq!(taken.added["marks"], 3);
    b.work();
    let own = |all: &std::collections::BTreeSet<(String, String)>| -> Vec<(String, String)> {
        let own = all.iter().filter(|(x, y)| [x, y].iter().all(|id| id.ends_with("@ATF-PHX")));
        own.cloned().collect()
    };
    assert_eq!((own(&b.links()), groups(&b)), (own(&links), before));
    let register = Register::read(&b.store().snapshot().unwrap()).unwrap();
    assert!(names.iter().all(|name| register.casings[&id(name)].firearm.is_none()));
    assert_eq!(register.claims.len(), 3);
    let shown = b.said(0, &["show", "F-1", "--as", "firearm"]);
    assert!(shown.contains("FGE-CHH says so: casing X@FGE-CHH has firearm_id F-1"), "{shown}");
    assert!(!shown.contains("  X@FGE-CHH  test"), "{shown}");
}

#[test]
fn what_a_partner_says_of_the_receivers_things_joins_nothing() {
    let (a, b) = desk();
    let own = json!({ "id": "R-1", "firearm": "F-1", "kind": "recovered", "date": "2026-01-02" });
    b.record(&[("firearm", json!({ "id": "F-1", "serial": "T1" })), ("firearm_event", own)]);
    let view = |lab: &Lab| -> Value {
        ["F-1", "K-C-0"]
            .map(|what| {
                let told = lab.said(0, &["show", what, "--json"]);
                let mut shown: Value = serde_json::from_str(&told).unwrap();
                ["claims", "theirs"].iter().for_each(|k| shown[*k] = Value::Null);
                shown
            })
            .to_vec()
            .into()
    };
    let before = view(&b);
    let (gun, case) = ("F-1@ATF-PHX", "K-C-0@ATF-PHX");
    let scene = |more: Value| {
        let mut scene =
            json!({ "id": "S@FGE-CHH", "date": null, "state": null, "agency": null, "case": null });
        more.as_object().unwrap().iter().for_each(|(k, v)| scene[k] = v.clone());
        let mut casing = shared_casing("X@FGE-CHH", None);
        casing.2["scene"] = scene;
        casing
    };
    let named = |kind: &'static str, id: &str, mut body: Value| {
        body["id"] = id.into();
        (kind, id.to_owned(), body)
    };
    let place = json!({});
    let claims = [
        scene(json!({ "case": case })),
        scene(json!({ "id": "S-C-0@ATF-PHX" })),
        named("event", "S@FGE-CHH", json!({ "case": case, "place": place })),
        named(
            "firearm_event",
            "R@FGE-CHH",
            json!({ "firearm": gun, "kind": "recovered", "date": "2026-11-20", "place": place }),
        ),
        named("exhibit", "E@FGE-CHH", json!({ "kind": "firearm", "firearm": gun, "case": case })),
        named("trace_request", "T@FGE-CHH", json!({ "firearm": gun, "place": place })),
        named(
            "shipment",
            "SH@FGE-CHH",
            json!({
                "status": "seized", "firearms": [gun], "casings": ["C-0@ATF-PHX"], "place": place,
                "declared": {}, "found": {}, "origin": {}, "destination": {}
            }),
        ),
    ];
    for (number, claim) in (1..).zip(claims) {
        let what = format!("{claim:?}");
        let mut records = vec![claim];
        if records[0].0 == "event" {
            records.push(scene(json!({})));
        }
        let forged = Forged { number, ..Forged::of(&records) };
        b.take(&a.forged(&b, forged)).unwrap();
        b.work();
        assert_eq!(view(&b), before, "{what}");
    }
    let snapshot = b.store().snapshot().unwrap();
    let gun = FirearmId::new("F-1").unwrap();
    let traces = Traces::read(&snapshot).unwrap();
    assert_eq!((traces.of(&gun).count(), traces.shipped(&gun).count()), (0, 0));
    let shown = b.said(0, &["show", "F-1"]);
    for told in ["trace_request T@FGE-CHH", "firearm_event R@FGE-CHH", "shipment SH@FGE-CHH"] {
        assert!(shown.contains(&format!("FGE-CHH says so: {told} has ")), "{told}: {shown}");
    }
}

#[test]
fn times_are_real_ones_and_neither_to_come_nor_before_what_they_are_about() {
    let (a, b) = desk();
    let x = "X@FGE-CHH";
    let told = |at: &str| {
        let records = [shared_casing(x, None), decision(x, "C-0@ATF-PHX", "hit", at)];
        b.take(&a.forged(&b, Forged::of(&records))).unwrap_err().what
    };
    for (at, why) in [
        ("9999-12-31T23:59:59Z", "is no time"),
        ("9999-12-30T20:00:00Z", "yet to come"),
        ("2026-11-21T11:30:00Z", "yet to come"),
        ("2026-11-21", "no RFC 3339 time"),
        ("yesterday", "is no time"),
        ("2026-11-21T08:30:00Z", "before casing C-0 was there to be looked at"),
        ("1492-10-12T08:30:00Z", "before 1800"),
    ] {
        let told = told(at);
        assert!(told.contains(why), "{at}: {told}");
    }
    // A date of a record, and the bundle's own.
    let event = (
        "event",
        "S@FGE-CHH".to_owned(),
        json!({
            "id": "S@FGE-CHH", "date": "2027", "place": {}
        }),
    );
    let told = b.take(&a.forged(&b, Forged::of(&[event]))).unwrap_err().what;
    assert!(told.contains("has 2027 as date, which is yet to come"), "{told}");
    let forged =
        Forged { when: "2027-01-01T00:00:00Z".into(), ..Forged::of(&[shared_casing(x, None)]) };
    let told = b.take(&a.forged(&b, forged)).unwrap_err().what;
    assert!(told.contains("as its time of making, which is yet to come"), "{told}");
    b.take(&a.forged(&b, Forged::of(&[shared_casing(x, None)]))).unwrap();
}

#[test]
fn every_number_has_a_range() {
    let (a, b) = desk();
    let x = "X@FGE-CHH";
    let forged = || Forged::of(&[shared_casing(x, None)]).marked(x, 55);
    let files = b.files();
    type Change = (&'static str, Box<dyn Fn(&mut Forged)>);
    let mut changes: Vec<Change> = Vec::new();
    for pitch in [f64::NAN, 0.0, -1.0, 1e300, f64::INFINITY] {
        changes.push(("pixel", Box::new(move |f| f.scans[0].pitch_x = Metres(pitch))));
        changes.push(("pixel", Box::new(move |f| f.scans[0].pitch_y = Metres(pitch))));
        changes.push(("pixel", Box::new(move |f| f.marks[0].0.pitch = Metres(pitch))));
    }
    for area in [f64::NAN, f64::INFINITY, -1.0, 1e300] {
        changes.push(("area", Box::new(move |f| f.marks[0].0.quality.area_mm2 = area)));
        changes.push(("rms", Box::new(move |f| f.marks[0].0.quality.rms = area)));
        changes.push(("coverage", Box::new(move |f| f.marks[0].0.quality.coverage = area)));
        changes.push((
            "shift",
            Box::new(move |f| f.marks[0].0.scan_from_mark.dx = Metres(area * 9.0)),
        ));
    }
    for side in [0, u64::MAX, 1 << 40] {
        changes.push(("rows", Box::new(move |f| f.scans[0].ny = side)));
        changes.push(("columns", Box::new(move |f| f.scans[0].nx = side)));
        changes.push(("rows", Box::new(move |f| f.marks[0].0.ny = side)));
    }
    for value in [f32::INFINITY, f32::NEG_INFINITY, 1e30] {
        changes.push(("a value of", Box::new(move |f| f.marks[0].1[(9, 9)] = value)));
    }
    changes.push(("number 18446744073709551615", Box::new(|f| f.number = u64::MAX)));
    changes.push(("number 10001", Box::new(|f| f.number = 10_001)));
    for (told, change) in changes {
        let mut forged = forged();
        change(&mut forged);
        let refused = b.take(&a.forged(&b, forged)).expect_err(told).what;
        assert!(refused.contains(told), "{told}: {refused}");
        assert_eq!(b.files(), files);
    }
    // The partner is not shut out.
    b.take(&a.forged(&b, Forged { number: 10_000, ..forged() })).unwrap();
    b.take(&a.forged(&b, Forged { number: 10_001, ..forged() })).unwrap();
}

#[test]
fn what_is_scored_is_what_is_shown() {
    let (a, b) = desk();
    let x = "X@FGE-CHH";
    // The picture is of one firearm, the template that came with it of another.
    let mut forged = Forged::of(&[shared_casing(x, None)]).marked(x, 55);
    let lie = imaging::extract::Template::new(&mark(7, b"lie")).unwrap().encode();
    forged.templates[0].1 = lie;
    forged.marks[0].0.quality.area_mm2 = 9.0;
    let taken = b.take(&a.forged(&b, forged)).unwrap();
    assert!(taken.remarks.iter().any(|r| r.contains("was made anew")), "{:?}", taken.remarks);
    b.work();
    assert!(!b.links().iter().any(|(m, n)| m == x || n == x), "{:?}", b.links());
    let snapshot = b.store().snapshot().unwrap();
    let row = snapshot.marks().unwrap().into_iter().find(|m| m.casing.as_str() == x).unwrap();
    let points = snapshot.mark(&row.id).unwrap().values.iter().filter(|v| !v.is_nan()).count();
    let area = points as f64 * 0.00625_f64.powi(2);
    assert!((row.quality.area_mm2 - area).abs() < 1e-9, "{}", row.quality.area_mm2);
}

#[test]
fn a_scan_that_is_here_under_another_name_is_said_and_joined() {
    let (a, b) = desk();
    let x = "X@FGE-CHH";
    let known = b.store().snapshot().unwrap().scans().unwrap().remove(0);
    let own = known.casing.clone();
    let mut forged = Forged::of(&[shared_casing(x, None)]).marked(x, 55);
    forged.scans[0].sha256 = known.sha256;
    forged.marks[0].0.scan = known.sha256;
    let taken = b.take(&a.forged(&b, forged)).unwrap();
    assert!(taken.remarks[0].contains(&format!("is here already, as casing {own}")), "{taken:?}");
    assert_eq!(taken.added.get("marks"), None);
    b.work();
    let case = format!("K-{own}");
    let shown = b.said(0, &["show", &case]);
    assert!(
        shown.contains(&format!("casing {x} of FGE-CHH is the same scan as casing {own}")),
        "{shown}"
    );
}

impl Lab {
    /// What the program says about this laboratory's store.
    fn said(&self, code: i32, args: &[&str]) -> String {
        let output = Command::new(super::lab::program())
            .args(args)
            .arg("--store")
            .arg(self.root())
            .output()
            .unwrap();
        let told = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
        assert_eq!(output.status.code(), Some(code), "{told}");
        assert!(Store::open(self.root()).is_ok());
        told
    }
}
