//! Screening: a shortlist holds the mates, what it leaves out is recorded, and
//! fragments are never screened.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use assert_cmd::Command;
use imaging::acquire::manifest::read_truth;
use imaging::extract::{PREPARED_PITCH, Template};
use imaging::prepare::PreparedMark;
use imaging::search::{Screen, can_be_screened, shortlists};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use store::Store;
use synthetic::Gallery;
use types::evidence::{Digest, MarkKind, Modality};

/// Runs import and correlate on a manifest of the rows and returns the counts.
fn correlate(dir: &Path, rows: &[String], shortlist: &str) -> Value {
    let manifest = dir.join("manifest.csv");
    std::fs::write(&manifest, format!("file,casing_id\n{}\n", rows.join("\n"))).unwrap();
    let (store, json) = (dir.join("store"), dir.join("summary.json"));
    let command = |name: &str| {
        let mut command = Command::cargo_bin("brasslink").unwrap();
        command.args([name, "-q", "--operator", "tests", "--store"]).arg(&store);
        command
    };
    command("import").arg("--manifest").arg(&manifest).assert().success();
    command("correlate").args(["--shortlist", shortlist, "--json"]).arg(&json).assert().success();
    let summary: Value = serde_json::from_slice(&std::fs::read(json).unwrap()).unwrap();
    summary["counts"].clone()
}

fn compared(dir: &Path) -> BTreeSet<(String, String)> {
    let snapshot = Store::open(dir.join("store")).unwrap().snapshot().unwrap();
    let casings: BTreeMap<_, _> =
        snapshot.marks().unwrap().into_iter().map(|m| (m.id, m.casing.to_string())).collect();
    let pair = |a: &String, b: &String| (a.min(b).clone(), a.max(b).clone());
    snapshot
        .comparisons()
        .map(|c| c.unwrap())
        .map(|c| pair(&casings[&c.a], &casings[&c.b]))
        .collect()
}

/// Pairs that the store's screening records say were not compared, counted
/// once for each mark.
fn recorded(dir: &Path) -> Vec<Value> {
    let snapshot = Store::open(dir.join("store")).unwrap().snapshot().unwrap();
    let records = snapshot.records("screening").unwrap();
    records.iter().map(|r| serde_json::from_str(&r.body).unwrap()).collect()
}

#[test]
fn a_short_list_holds_every_mate_and_the_rest_is_recorded_as_left_out() {
    let Some(file) = testkit::shared("truth.csv") else { return };
    let root = file.parent().unwrap();
    let truth: Vec<_> =
        read_truth(&file).unwrap().into_iter().filter(|r| r.file.starts_with("fadul")).collect();
    let rows: Vec<String> =
        truth.iter().map(|r| format!("{},{}", root.join(&r.file).display(), r.casing)).collect();
    let mut mates = BTreeSet::new();
    for (i, a) in truth.iter().enumerate() {
        for b in truth[..i].iter().filter(|b| b.firearm == a.firearm) {
            let (a, b) = (a.casing.to_string(), b.casing.to_string());
            mates.insert((a.clone().min(b.clone()), a.max(b)));
        }
    }
    assert_eq!(mates.len(), 63);

    let at_once = tempfile::tempdir().unwrap();
    let counts = correlate(at_once.path(), &rows, "6");
    let pairs = compared(at_once.path());
    assert!(mates.is_subset(&pairs), "lost: {:?}", mates.difference(&pairs));
    let left = counts["pairs_left_out"].as_u64().unwrap();
    assert_eq!((pairs.len() as u64, left), (780 - left, left));
    assert!(left > 400, "{left} of 780 pairs left out");
    let records = recorded(at_once.path());
    let by_mark: u64 = records.iter().map(|r| r["left_out"].as_u64().unwrap()).sum();
    assert_eq!(by_mark, 2 * left, "every pair left out is recorded with both its marks");
    assert!(records.iter().all(|r| r["gallery"] == 39 && r["shortlist"] == 6));

    // Nothing more is done the second time.
    let again = correlate(at_once.path(), &rows, "6");
    assert!(again["pairs_compared"].is_null(), "{again}");
    assert_eq!(again["pairs_left_out"], 0);
    // Asked for everything, the rest is done.
    assert_eq!(correlate(at_once.path(), &rows, "all")["pairs_compared"], left);

    // Casings that come later find their mates among the earlier ones.
    let later = tempfile::tempdir().unwrap();
    let (first, second): (Vec<_>, Vec<_>) =
        rows.iter().cloned().enumerate().partition(|r| r.0 % 2 == 0);
    let text = |rows: Vec<(usize, String)>| rows.into_iter().map(|r| r.1).collect::<Vec<_>>();
    correlate(later.path(), &text(first), "6");
    correlate(later.path(), &text(second), "6");
    assert!(mates.is_subset(&compared(later.path())));
}

#[test]
fn fragments_are_compared_with_everything() {
    let recipe = Digest::of(b"test");
    let gallery = Gallery { seed: 3, pitch: PREPARED_PITCH, shots_per_firearm: 2, recipe };
    let mut marks: Vec<PreparedMark> = (0..16).map(|n| gallery.mark(n).0).collect();
    let middle = marks[5].values.ncols() / 2;
    marks[5].values.slice_mut(ndarray::s![.., middle..]).fill(f32::NAN);
    let templates: Vec<Template> = marks.iter().map(|m| Template::new(m).unwrap()).collect();
    let points: Vec<usize> = templates.iter().map(|t| t.fine.points).collect();
    let whole = can_be_screened(MarkKind::BreechFace, Modality::Topography, &points);
    assert!((0..16).all(|i| whole[i] == (i != 5)), "{whole:?}");
    let mut screen = Screen::default();
    templates.iter().for_each(|t| screen.push(&t.sketch));
    let others = |probe: usize| (0..16).filter(|&b| b != probe).collect();
    let all: Vec<usize> = (0..16).collect();
    let lists = shortlists(&screen, &whole, &all, &[None; 16], &others, 2).unwrap();
    for (probe, list) in lists.iter().enumerate() {
        if probe == 5 {
            assert_eq!(list.verify.len(), 15, "the fragment is verified against all");
        } else {
            assert!(list.verify.contains(&5), "{probe} is verified against the fragment");
            assert!(list.verify.len() < 6, "{probe}: {:?}", list.verify);
        }
    }
    // A mark as like to an old one as the last of its shortlist is not left out.
    let floors: Vec<Option<f32>> = (0..16).map(|i| (i == 9).then_some(f32::MIN)).collect();
    let lists = shortlists(&screen, &whole, &[0, 1, 2], &floors, &others, 2).unwrap();
    assert!(lists.iter().all(|l| l.verify.contains(&9)));
}

#[test]
fn a_new_casing_is_searched_in_a_gallery_by_its_index() {
    let dir = tempfile::tempdir().unwrap();
    let (store, scan) =
        (dir.path().join("store"), testkit::project().join("samples/CHH-1187-1.x3p"));
    let gallery = || {
        let mut command = Command::cargo_bin("brasslink").unwrap();
        let args = ["synth", "--gallery", "230", "--seed", "5", "--into"];
        let output = command.args(args).arg(&store).assert().success().get_output().clone();
        String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap()
    };
    assert!(gallery().contains("230 synthetic casings added"));
    assert!(gallery().contains("0 synthetic casings added"), "it is there already");
    let counts = correlate(dir.path(), &[format!("{},new", scan.display())], "20");
    let of = |name: &str| counts[name].as_u64().unwrap();
    assert!(of("pairs_compared") >= 20 && of("pairs_left_out") > 0, "{counts}");
    assert_eq!(of("pairs_compared") + of("pairs_left_out"), 230, "{counts}");

    // Whoever decodes the whole gallery finds the same shortlist.
    let snapshot = Store::open(&store).unwrap().snapshot().unwrap();
    let (kind, modality) = (MarkKind::BreechFace, Modality::Topography);
    let recipe = snapshot.marks().unwrap()[0].recipe;
    let all = snapshot.templates(kind, modality, &recipe).unwrap();
    let all: Vec<_> = all.iter().map(|(id, b)| (id, Template::decode(b).unwrap())).collect();
    let (new, probe) = all.last().unwrap();
    let mut screen = Screen::default();
    all.iter().for_each(|(_, template)| screen.push(&template.sketch));
    let similar = screen.similarities(&probe.sketch);
    let mut ranked: Vec<usize> = (0..230).collect();
    ranked.sort_by(|&a, &b| similar[b].total_cmp(&similar[a]));
    for &alike in &ranked[..20] {
        let compared = snapshot.comparison(all[alike].0, new).unwrap();
        assert!(compared.is_some(), "{} is among the twenty most alike", all[alike].0);
    }
}
