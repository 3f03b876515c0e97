//! Sharing: what comes in, what goes out, and what a partner fetches.

use super::lab::{Lab, fill};
use casework::share::{AgencyCode, Envelope, Order, Selection, Sharing, export};
use std::path::{Path, PathBuf};
use store::{CommitNote, Store, key_pair};
use types::evidence::Digest;

fn program() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_brasslink-station"))
}

fn keys(agency: &str) -> (String, String) {
    key_pair(&Digest::of(agency.as_bytes()).0).unwrap()
}

const EVERYTHING: &str = "[partner.receives]\nkinds = ['casing', 'mark', 'event', 'decision']\nregions = ['*']\n\
                          [partner.receives.fields]\ncasing = ['scene.date', 'scene.state']\n";

fn policy(own: &str, partner: &str, agreement: &str) -> String {
    let public = keys(partner).1;
    format!(
        "agency = \"{own}\"\n[[partner]]\nagency = \"{partner}\"\npublic_key = '''\n{public}'''\n{agreement}"
    )
}

/// A station that shares, as `FGE-CHH` with `FGECHH1`: the agency of the lab's partner.
fn sharing_lab() -> Lab {
    Lab::sharing(&policy("FGE-CHH", "FGECHH1", EVERYTHING), &keys("FGE-CHH").0, program())
}

/// A bundle of everything of another laboratory with the same casings, made for `to`.
fn foreign(lab: &Lab, to: &str, name: &str) -> PathBuf {
    let folder = lab.path("other");
    std::fs::create_dir_all(&folder).unwrap();
    fill(&folder);
    let sharing = Sharing::parse(&policy("FGECHH1", to, EVERYTHING)).unwrap();
    let inbox = lab.path("bundles").join("in");
    std::fs::create_dir_all(&inbox).unwrap();
    let note = CommitNote {
        who: "tests".into(),
        when: "2026-11-21T10:00:00Z".into(),
        command: "tests".into(),
        software: "tests".into(),
        recipe: None,
    };
    let order = Order {
        sharing: &sharing,
        to: &AgencyCode::new(to).unwrap(),
        selection: &Selection { everything: true, ..Selection::default() },
        originals: false,
        after: 0,
        key: &keys("FGECHH1").0,
        program: program(),
    };
    let path = inbox.join(name);
    export(&Store::open(folder.join("store")).unwrap(), &path, &order, &note).unwrap();
    path
}

#[test]
fn what_would_go_is_shown_before_and_the_outbox_is_the_file() {
    let lab = sharing_lab();
    let mut sup = lab.logged_in("sup");
    assert_eq!(sup.get("/sharing").status, 200);
    let chosen = [("to", "FGECHH1"), ("sort", "casing"), ("names", "A1, TA")];
    let seen = sup.post("/sharing/out", &chosen);
    assert_eq!(seen.status, 200, "{}", seen.body);
    assert!(seen.body.contains("What would go, and what stays"));
    assert!(seen.body.contains("calibre"), "{}", seen.body);
    let out = lab.path("bundles").join("out");
    assert!(!out.exists(), "nothing was made");
    let none = sup.post("/sharing/out", &[("to", "FGECHH1"), ("sort", "casing"), ("names", "Z9")]);
    assert_eq!(none.status, 422);
    let make = [&chosen[..], &[("act", "make")]].concat();
    assert_eq!(sup.post("/sharing/out", &make).to, "/sharing");
    let files: Vec<PathBuf> = std::fs::read_dir(&out).unwrap().map(|e| e.unwrap().path()).collect();
    assert_eq!(files.len(), 1, "{files:?}");
    let statement = Envelope::read(&files[0]).unwrap().statement;
    let page = sup.get("/sharing").body;
    assert!(page.contains(&statement.sha256.to_string()) && page.contains("FGECHH1-00000001.h5"));
    assert!(page.contains("sent: bundle 1 of FGE-CHH for FGECHH1"), "{page}");
    // The partner fetches the very file, and sees nothing else of the station.
    let mut par = lab.logged_in("par");
    let list = par.get("/bundles").body;
    assert!(list.contains("/bundles/FGECHH1-00000001.h5"), "{list}");
    for told in ["A2", "CASE-", "Ana Ruiz"] {
        assert!(!list.contains(told), "{told}");
    }
    let fetched = par.get("/bundles/FGECHH1-00000001.h5");
    let bytes = std::fs::read(&files[0]).unwrap();
    assert_eq!(
        fetched.headers["content-disposition"],
        "attachment; filename=\"FGECHH1-00000001.h5\""
    );
    assert_eq!(fetched.body, String::from_utf8_lossy(&bytes));
    for path in ["/bundles/..%2f..%2fpeople.db", "/bundles/people.db", "/bundles/other.h5"] {
        assert_eq!(par.get(path).status, 404, "{path}");
    }
    for path in ["/sharing", "/worklist", "/pair/A1/A2", "/letters", "/traces"] {
        assert_eq!(par.get(path).status, 403, "{path}");
    }
    // A file that was changed is handed to nobody.
    let mut changed = bytes;
    let at = changed.iter().position(|b| *b == b'"').unwrap() + 1;
    changed[at] ^= 1;
    std::fs::write(&files[0], changed).unwrap();
    assert_eq!(par.get("/bundles/FGECHH1-00000001.h5").status, 404);
}

#[test]
fn a_bundle_for_another_agency_is_not_a_partners() {
    let lab = sharing_lab();
    let out = lab.path("bundles").join("out");
    std::fs::create_dir_all(&out).unwrap();
    let path = foreign(&lab, "DPS-TX", "b.h5");
    std::fs::copy(path, out.join("b.h5")).unwrap();
    let mut par = lab.logged_in("par");
    assert!(!par.get("/bundles").body.contains("b.h5"));
    assert_eq!(par.get("/bundles/b.h5").status, 404);
}

#[test]
fn an_altered_bundle_is_refused_and_a_good_one_taken_over() {
    let lab = sharing_lab();
    let good = foreign(&lab, "FGE-CHH", "good.h5");
    let mut bytes = std::fs::read(&good).unwrap();
    let last = bytes.len() - 9;
    bytes[last] ^= 1;
    std::fs::write(lab.path("bundles").join("in").join("altered.h5"), &bytes).unwrap();
    std::fs::write(lab.path("bundles").join("in").join("noise.h5"), b"no bundle").unwrap();
    let mut sup = lab.logged_in("sup");
    let page = sup.get("/sharing").body;
    for part in ["good.h5", "altered.h5", "noise.h5", "The signature is good"] {
        assert!(page.contains(part), "{part}: {page}");
    }
    let before = lab.store().snapshot().unwrap().seq();
    for name in ["altered.h5", "noise.h5"] {
        assert_eq!(sup.post(&format!("/sharing/in/{name}/accept"), &[]).status, 422, "{name}");
    }
    assert_eq!(lab.store().snapshot().unwrap().seq(), before);
    for name in ["..%2fgood.h5", "people.db", "accepted"] {
        assert_eq!(sup.post(&format!("/sharing/in/{name}/accept"), &[]).status, 404, "{name}");
    }
    assert_eq!(sup.post("/sharing/in/noise.h5/refuse", &[("reason", " ")]).status, 422);
    assert_eq!(sup.post("/sharing/in/noise.h5/refuse", &[("reason", "not theirs")]).to, "/sharing");
    assert!(lab.audit().iter().any(|(_, what, _)| what == "refused a bundle: not theirs"));
    let taken = sup.post("/sharing/in/good.h5/accept", &[]);
    assert_eq!(taken.status, 200, "{}", taken.body);
    assert!(taken.body.contains("taken over: bundle 1 of FGECHH1 for FGE-CHH"), "{}", taken.body);
    let casings = lab.store().snapshot().unwrap().casings().unwrap();
    assert!(casings.iter().any(|c| c.id.as_str() == "A1@FGECHH1"));
    assert!(lab.path("bundles").join("in").join("accepted").join("good.h5").is_file());
    // An auditor reads and decides nothing.
    let mut aud = lab.logged_in("aud");
    assert!(!aud.get("/sharing").body.contains("/accept"));
    assert_eq!(aud.post("/sharing/in/altered.h5/accept", &[]).status, 403);
}
