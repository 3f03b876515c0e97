//! A store of two guns' casings whose scores are made up.

use super::Workbench;
use imaging::acquire::Format;
use imaging::correlate::Comparison;
use imaging::prepare::Recipe;
use store::{Actor, Batch, CommitNote, ScanRow, Store};
use types::evidence::{
    CaseId, CasingId, CasingRecord, Digest, FirearmId, FiringPinShape, Light, MarkId, Modality,
    Origin, Scene, SceneId,
};
use types::surface::Pose;
use types::units::Metres;

/// Casings of the two guns; the last of each is a test fire.
pub const GUNS: [&[&str]; 2] = [&["A1", "A2", "A3", "TA"], &["B1", "B2", "B3", "TB"]];

fn mark_id(casing: &str) -> MarkId {
    MarkId::new(format!("mark-{casing}")).unwrap()
}

/// Each casing of a gun has a scene and a case of its own.
fn record(casing: &str) -> CasingRecord {
    let evidence = !casing.starts_with('T');
    let scene = evidence.then(|| Scene {
        id: SceneId::new(format!("S-{casing}")).unwrap(),
        date: Some("2026-03".parse().unwrap()),
        state: Some(if casing.starts_with('A') { "MX-CHH" } else { "US-TX" }.into()),
        agency: None,
        case: Some(CaseId::new(format!("K-{casing}")).unwrap()),
    });
    let gun = &casing[1..];
    CasingRecord {
        id: CasingId::new(casing).unwrap(),
        origin: if evidence { Origin::Evidence } else { Origin::TestFire },
        scene,
        firearm: (!evidence).then(|| FirearmId::new(format!("GUN-{gun}")).unwrap()),
        calibre: Some("9x19 mm".into()),
        firing_pin_shape: FiringPinShape::Unknown,
        notes: "SECRET-NOTE".into(),
    }
}

fn comparison(a: &str, b: &str) -> Comparison {
    let gun = |c: &str| c.chars().find(|c| "AB".contains(*c));
    let spread = a.bytes().chain(b.bytes()).map(|x| f64::from(x) * 7.3).sum::<f64>() % 2.0;
    let score = if gun(a) == gun(b) { 30.0 } else { 2.0 } + spread;
    Comparison {
        score,
        ccf: 0.5,
        cells: 20,
        congruent_cells: if gun(a) == gun(b) { 15 } else { 1 },
        overlap_mm2: 6.0,
        b_from_a: Pose::default(),
        cell_table: Vec::new(),
        cell_um: 450.0,
        cells_of_b: false,
        runner_up: None,
    }
}

/// Puts casings into the desk's store, compared with each other and with those
/// that were `there`, at a time.
pub fn enter(desk: &Workbench, casings: &[&str], there: &[&str], when: &str) {
    let store = Store::open_or_create(desk.path("store")).unwrap();
    let recipe = Recipe::default();
    let mut batch = Batch::default();
    batch.add_recipe(recipe.json());
    for (n, casing) in casings.iter().enumerate() {
        let file = desk.write(&format!("{casing}.x3p"), &format!("scan of {casing}"));
        let bytes = std::fs::read(&file).unwrap();
        let id = CasingId::new(*casing).unwrap();
        let scan = ScanRow {
            sha256: Digest::of(&bytes),
            casing: id.clone(),
            bytes: bytes.len() as u64,
            format: Format::X3p,
            modality: Modality::Topography,
            light: Light::Unknown,
            ny: 24,
            nx: 30,
            pitch_x: Metres(1e-5),
            pitch_y: Metres(1e-5),
            file_name: format!("{casing}.x3p"),
            instrument: None,
            acquired: None,
            warnings: Vec::new(),
        };
        let mark = testkit::mark_of_numbers(casing, recipe.hash());
        batch.add_casing(&record(casing), "tests", "");
        batch.add_mark(mark_id(casing), id, scan.sha256, mark);
        batch.add_scan(scan, &file);
        for other in there.iter().chain(&casings[..n]) {
            let compared = comparison(other, casing);
            batch.add_comparison(mark_id(other), mark_id(casing), recipe.hash(), compared);
        }
    }
    let note = CommitNote {
        who: "tests".into(),
        when: when.into(),
        command: "tests".into(),
        software: "tests".into(),
        recipe: Some(recipe.hash()),
    };
    store.writer(&Actor::here("tests")).unwrap().commit(batch, &note).unwrap();
}

/// A desk with all casings entered and linked.
pub fn linked() -> Workbench {
    let desk = Workbench::new();
    enter(&desk, &GUNS.concat(), &[], "2026-03-20T10:00:00Z");
    link(&desk);
    desk
}

/// Links; what it said.
pub fn link(desk: &Workbench) -> String {
    desk.said(0, &["link", "--store", "store", "--operator", "tests", "--json", "link.json"]).0
}

/// The group of each casing that has one.
pub fn groups(desk: &Workbench) -> std::collections::BTreeMap<String, String> {
    let store = Store::open(desk.path("store")).unwrap();
    let linking = store.snapshot().unwrap().linking().unwrap().unwrap();
    linking.groups.into_iter().map(|g| (g.casing.to_string(), g.group)).collect()
}
