//! What goes, what does not, and what becomes of it.

use super::lab::{Lab, all, casing, note, program, test_fire};
use casework::share::{RECEIVED, SENT, Selection, Sharing, exchanges};
use casework::{Conclusion, DECISION, Decision};
use imaging::acquire::surface_digest;
use pipeline::files;
use store::{Actor, Batch, Payload, Withholding};
use types::evidence::{CasingId, owner};

fn id(text: &str) -> CasingId {
    CasingId::new(text).unwrap()
}

#[test]
fn a_link_across_the_border_appears_after_the_exchange_and_a_lead_returns() {
    let (mut a, mut b) = Lab::two();
    // Both call theirs C-001; one firearm was used on both sides.
    a.add(&casing("C-001", Some("MX-CHH")), 7);
    a.add(&casing("C-002", Some("MX-CHH")), 7);
    b.add(&casing("C-001", Some("US-TX")), 7);
    b.add(&test_fire("T-1", "US-GUN"), 9);
    for n in 0..4 {
        a.add(&casing(&format!("X-{n}"), Some("MX-CHH")), 20 + n);
        b.add(&casing(&format!("Y-{n}"), Some("US-TX")), 30 + n);
    }
    a.work();
    b.work();
    let across = |(x, y): &(String, String)| owner(x) != owner(y);
    assert!(!a.links().iter().chain(&b.links()).any(across));
    let bundle = a.share_all(&b);
    let taken = b.take(&bundle).unwrap();
    assert_eq!((taken.added["casings"], taken.added["marks"]), (6, 6));
    b.work();
    let link = ("C-001@ATF-PHX".to_owned(), "C-001@FGE-CHH".to_owned());
    assert!(b.links().contains(&link), "{:?}", b.links());
    let snapshot = b.store().snapshot().unwrap();
    let (own, theirs) = (id("C-001"), id("C-001@FGE-CHH"));
    assert_eq!(snapshot.casing(&own).unwrap().unwrap().scene.unwrap().id.as_str(), "S-C-001");
    let there = snapshot.casing(&theirs).unwrap().unwrap();
    assert_eq!(there.scene.unwrap().id.as_str(), "S-C-001@FGE-CHH");
    // What the examiner makes of it goes back.
    let at = "2026-11-21T11:00:00Z";
    let lead = Decision::new(own, theirs, Conclusion::Hit, "E. Xaminer", None, at).unwrap();
    let mut batch = Batch::default();
    let body = serde_json::to_string(&lead).unwrap();
    batch.add_record(DECISION, lead.id(1), body, "E. Xaminer", "");
    b.commit(batch);
    let back = b.share_all(&a);
    a.take(&back).unwrap();
    a.work();
    assert!(a.links().contains(&link), "{:?}", a.links());
    // It is shown as theirs, and no hit here.
    let snapshot = a.store().snapshot().unwrap();
    let known = files(&snapshot).unwrap();
    assert_eq!((known.hits.len(), known.theirs.len()), (0, 1));
    assert_eq!(known.theirs[0].from, "ATF-PHX");
    let [record] = &snapshot.records(DECISION).unwrap()[..] else { panic!() };
    let lead: Decision = serde_json::from_str(&record.body).unwrap();
    assert_eq!((lead.a.as_str(), lead.b.as_str()), ("C-001", "C-001@ATF-PHX"));
    assert_eq!((lead.by.as_str(), record.author.as_str()), ("ATF-PHX", "ATF-PHX"));
}

#[test]
fn who_got_what_and_when_is_in_the_ledger_of_both() {
    let (mut a, b) = Lab::two();
    a.add(&casing("C-001", None), 1);
    let bundle = a.share_all(&b);
    b.take(&bundle).unwrap();
    for (lab, kind, casing, partner) in [
        (&a, SENT, "casing/C-001", "agency/ATF-PHX"),
        (&b, RECEIVED, "casing/C-001@FGE-CHH", "agency/FGE-CHH"),
    ] {
        let snapshot = lab.store().snapshot().unwrap();
        let ledger = snapshot.ledger().unwrap();
        let entry = ledger.entries.last().unwrap();
        assert_eq!(entry.who, note(0).who);
        assert!(entry.subjects.contains(&casing.to_owned()), "{:?}", entry.subjects);
        assert!(entry.subjects.contains(&partner.to_owned()), "{:?}", entry.subjects);
        let history = snapshot.history_of(&id(&casing["casing/".len()..])).unwrap();
        assert!(history.contains(&entry.seq));
        let [(exchange, statement)] = &exchanges(&snapshot, kind).unwrap()[..] else { panic!() };
        assert_eq!(statement.number, 1);
        assert_eq!(exchange.records, [casing]);
        assert_eq!(exchange.signed.text(Some(&a.public)).unwrap(), exchange.signed.signed);
    }
}

#[test]
fn what_a_court_had_taken_out_does_not_come_back_with_a_bundle() {
    let (mut a, b) = Lab::two();
    a.add(&casing("C-001", None), 1);
    a.add(&casing("C-002", None), 2);
    b.take(&a.share_all(&b)).unwrap();
    let gone = id("C-001@FGE-CHH");
    let store = b.store();
    let mut writer = store.writer(&Actor::here("tester")).unwrap();
    writer
        .withhold(&gone, Withholding::Expunged, "order 4/2026", &surface_digest, &note(1))
        .unwrap();
    drop(writer);
    let content = b.content();
    let taken = b.take(&a.share_all(&b)).unwrap();
    assert!(taken.remarks[0].contains("C-001@FGE-CHH was sealed or expunged"), "{taken:?}");
    assert_eq!(b.content(), content);
    assert_eq!(b.store().snapshot().unwrap().casing(&gone).unwrap(), None);
}

#[test]
fn the_policy_decides_and_says_what_it_refuses() {
    let (mut a, mut b) = (Lab::new("FGE-CHH"), Lab::new("ATF-PHX"));
    a.add(&casing("C-001", Some("MX-CHH")), 1);
    a.add(&casing("C-002", Some("MX-SON")), 2);
    a.add(&casing("C-003", None), 3);
    let refused = a.export_to(&b, &all()).unwrap_err();
    assert!(refused.what.contains("names no agency"), "{refused}");
    a.trust(&b, None);
    let refused = a.export_to(&b, &all()).unwrap_err();
    assert!(refused.what.contains("receives nothing"), "{refused}");
    let agreement = "kinds = [\"casing\"]\nregions = [\"MX-CHH\"]\n\
                     fields.casing = [\"calibre\", \"scene.state\"]\n";
    a.policy += &format!("[partner.receives]\n{agreement}");
    let (bundle, made) = a.export_to(&b, &all()).unwrap();
    let told: Vec<_> = made.refused.iter().map(|r| format!("{}: {}", r.what, r.why)).collect();
    assert_eq!(
        told,
        [
            "casing/C-002: the agreement with ATF-PHX does not cover MX-SON",
            "casing/C-003: the agreement with ATF-PHX does not cover an unknown state",
            "files as received: the agreement with ATF-PHX has no original",
        ]
    );
    let left_out = &made.statement.left_out;
    let fields: Vec<_> = left_out["casing"].iter().map(String::as_str).collect();
    let gone = ["firing_pin_shape", "notes", "scene.agency", "scene.case", "scene.date"];
    assert_eq!(fields, gone);
    assert!(left_out["mark"].contains("*"));
    b.trust(&a, None);
    b.take(&bundle).unwrap();
    let snapshot = b.store().snapshot().unwrap();
    let [got] = &snapshot.casings().unwrap()[..] else { panic!() };
    assert_eq!(got.calibre.as_deref(), Some("9x19 mm"));
    let scene = got.scene.as_ref().unwrap();
    assert_eq!((scene.state.as_deref(), &scene.date, &scene.case), (Some("MX-CHH"), &None, &None));
    assert!(snapshot.marks().unwrap().is_empty());
    let only_son = Selection { states: ["MX-SON".to_owned()].into(), ..Selection::default() };
    let refused = a.export_to(&b, &only_son).unwrap_err();
    assert!(refused.what.contains("does not cover MX-SON"), "{refused}");
    let nobody = Selection { cases: ["K-9".to_owned()].into(), ..Selection::default() };
    let refused = a.export_to(&b, &nobody).unwrap_err();
    assert!(refused.what.contains("nothing in the store belongs to case K-9"), "{refused}");
}

#[test]
fn nobody_is_named_in_a_bundle() {
    let (mut a, b) = Lab::two();
    a.add(&casing("C-001", None), 1);
    let bundle = a.share_all(&b);
    b.take(&bundle).unwrap();
    // The head, and every text that the receiver's store has of it.
    let mut said = String::from_utf8_lossy(&std::fs::read(&bundle).unwrap()).into_owned();
    let folder = tempfile::tempdir().unwrap();
    let payload = folder.path().join("payload.h5");
    std::fs::write(&payload, &std::fs::read(&bundle).unwrap()[casework::share::HEAD..]).unwrap();
    let payload = Payload::open(&payload).unwrap();
    said += &format!("{:?}{:?}", payload.records().unwrap(), payload.scans().unwrap());
    said += &format!("{:?}{:?}", payload.marks().unwrap(), payload.recipes().unwrap());
    assert!(said.contains("S-C-001@FGE-CHH"), "the texts were looked at");
    assert!(!said.contains("Secreta"), "{said}");
}

#[test]
fn the_example_policy_is_understood_and_a_slip_in_it_is_not() {
    let path = testkit::project().join("samples/sharing.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    let sharing = Sharing::read(&path).unwrap();
    assert_eq!(sharing.partners.len(), 3);
    assert!(sharing.partners[2].receives.is_none());
    let slips = [
        ("\"mark\"", "\"marks\"", "\"marks\" is no kind that can be shared"),
        ("MX-SON", "MX-SNO", "\"MX-SNO\" is no state"),
        ("scene.date", "scene.dat", "casing has no field \"scene.dat\""),
        ("firearm_event = ", "notes = ", "fields of \"notes\""),
        ("FGE-SON", "ATF-PHX", "ATF-PHX is named twice"),
        ("FGE-SON", "fge-chh", "fge-chh is named twice"),
        ("MCowBQ", "MCowBR", "public key of ATF-PHX"),
        ("regions =", "region =", "region"),
        ("\"FGE-CHH\"", "\"FGE CHH\"", "cannot be the code of an agency"),
    ];
    for (word, slip, told) in slips {
        let refused = Sharing::parse(&text.replacen(word, slip, 1)).expect_err(slip);
        assert!(refused.what.contains(told), "{slip}: {refused}");
    }
}

/// Runs the program; its exit code and all that it said.
fn said(args: &[&str]) -> (i32, String) {
    let output = std::process::Command::new(program()).arg("bundle").args(args).output().unwrap();
    let text = [output.stdout, output.stderr].concat();
    (output.status.code().unwrap(), String::from_utf8(text).unwrap())
}

#[test]
fn the_commands_work_together_as_their_help_says() {
    let (mut a, mut b) = (Lab::new("FGE-CHH"), Lab::new("ATF-PHX"));
    a.add(&casing("C-001", Some("MX-CHH")), 1);
    a.add(&casing("C-002", Some("US-TX")), 1);
    let at = |lab: &Lab, name: &str| lab.folder.path().join(name).to_str().unwrap().to_owned();
    // What `keys new` prints goes into the partner's policy as it is.
    for (lab, other) in [(&mut a, "ATF-PHX"), (&mut b, "FGE-CHH")] {
        let (code, partner) = said(&["keys", "new", "--agency", other, "--out", &at(lab, "keys")]);
        assert_eq!(code, 0);
        lab.policy += &partner;
    }
    a.policy += "[partner.receives]\nkinds = ['casing', 'mark']\nregions = ['MX']\n";
    let key = at(&b, "keys/FGE-CHH.key.pem");
    let (again, told) = said(&["keys", "new", "--agency", "FGE-CHH", "--out", &at(&b, "keys")]);
    assert!(again == 1 && told.contains("there is a key of this name already"), "{told}");
    let (store, policy, out) = (at(&a, "store"), a.policy_file(), at(&a, "bundle.h5"));
    let policy = policy.to_str().unwrap();
    let export = ["export", "--store", &store, "--policy", policy, "--key", &key];
    let export = [&export[..], &["--to", "ATF-PHX", "--all", "--out", &out]].concat();
    let (code, told) = said(&export);
    assert_eq!(code, 3, "{told}");
    assert!(told.contains("not shared: casing/C-002"), "{told}");
    assert!(told.contains("left out of casing: notes"), "{told}");
    let (store, policy) = (at(&b, "store"), b.policy_file());
    let policy = ["--policy", policy.to_str().unwrap()];
    let (code, told) = said(&[&["inspect", out.as_str()], &policy[..]].concat());
    assert!(code == 0 && told.contains("1 casing, 1 mark"), "{told}");
    let import = [&["import", out.as_str(), "--store", &store], &policy[..]].concat();
    let (code, told) = said(&import);
    assert!(code == 0 && told.contains("added: 1 casings"), "{told}");
    let (code, told) = said(&import);
    assert!(code == 0 && told.contains("taken over before; nothing was changed"), "{told}");
    assert!(store::verify(&b.root()).is_empty());
}

#[test]
fn cases_near_a_border_or_with_many_firearms_are_suggested() {
    let lab = Lab::new("FGE-CHH");
    let mut batch = Batch::default();
    let mut record = |kind: &str, id: &str, body: &str| {
        batch.add_record(kind, id, format!("{{\"id\":\"{id}\",{body}}}"), "x", "");
    };
    let place = |y: f64, x: f64| {
        format!("\"place\":{{\"coordinates\":{{\"latitude\":{y},\"longitude\":{x}}}}}")
    };
    // A quarter and half of a degree south of a border that follows a parallel.
    let (near, farther) = (place(31.082, -110.0), place(30.832, -110.0));
    record("event", "S1", &format!("\"case\":\"K1\",{farther}"));
    record("event", "S2", &format!("\"case\":\"K1\",{near}"));
    record("event", "S3", &farther);
    record("event", "S4", &format!("\"case\":\"K4\",{}", place(28.63, -106.07)));
    record("event", "S5@ATF-PHX", &near);
    for n in 0..3 {
        let body =
            format!("\"kind\":\"recovered\",\"firearm\":\"F{n}\",\"case\":\"K4\",\"place\":{{}}");
        record("firearm_event", &format!("E{n}"), &body);
    }
    lab.commit(batch);
    let root = lab.root();
    let store = root.to_str().unwrap();
    let (code, told) = said(&["suggest", store, "--foreign-suspect", "K4", "--json"]);
    assert_eq!(code, 0, "{told}");
    let found: serde_json::Value = serde_json::from_str(&told).unwrap();
    let expected = serde_json::json!([
        {"what": "case/K1", "why": [
            {"trigger": "near_border", "border": "mexico_united_states", "km": 28.0}]},
        {"what": "case/K4", "why": [
            {"trigger": "many_firearms", "firearms": 3}, {"trigger": "foreign_suspect"}]},
        {"what": "event/S3", "why": [
            {"trigger": "near_border", "border": "mexico_united_states", "km": 56.0}]},
    ]);
    assert_eq!(found, expected);
    let (code, told) = said(&["suggest", store, "--customs", "K9"]);
    assert!(code == 1 && told.contains("nothing of case K9 is in the store"), "{told}");
}
