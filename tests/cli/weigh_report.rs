//! Weights in the reports of the bundled samples: with their population, bounds
//! and cautions, or plainly none.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use crate::fixture::{Lab, casing_id, mark_id, note};
use crate::measured;
use assert_cmd::Command;
use imaging::prepare::{PreparedMark, Recipe};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use serde_json::Value;
use statistics::weigh::{Circumstances, Measured, Population};
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;
use store::{Batch, Store};
use types::evidence::{MarkId, MarkKind};

fn brasslink(args: &[&str]) {
    Command::cargo_bin("brasslink").unwrap().arg("-q").args(args).assert().success();
}

/// Every candidate of the topographies in the JSON of a casing's report.
fn candidates(report: &Path) -> Vec<Value> {
    let report: Value = serde_json::from_str(&std::fs::read_to_string(report).unwrap()).unwrap();
    let of = |modality: &str| {
        let findings = report["findings"].as_array().unwrap().iter();
        let these = findings.filter(|f| f["questioned"]["mark"]["modality"] == modality);
        these.flat_map(|f| f["candidates"].as_array().unwrap().clone()).collect::<Vec<_>>()
    };
    assert!(of("image").iter().all(|c| c["weight"].is_null()), "an image was weighed");
    of("topography")
}

#[test]
fn a_report_weighs_by_the_population_that_fits_and_by_no_other() {
    let dir = tempfile::tempdir().unwrap();
    let path = |name: &str| dir.path().join(name).to_str().unwrap().to_owned();
    let samples = testkit::project().join("samples");
    let sample = |name: &str| samples.join(name).to_str().unwrap().to_owned();
    let (store, reports, pairs) = (path("store"), path("reports"), path("pairs.csv"));
    let manifest = sample("manifest.csv");
    brasslink(&["run", "--manifest", &manifest, "--store", &store, "--reports", &reports]);
    let report = |extension: &str| {
        let all = std::fs::read_dir(dir.path().join("reports")).unwrap();
        let mut paths = all.map(|e| e.unwrap().path());
        let is = |p: &std::path::PathBuf| {
            let name = p.file_name().unwrap().to_str().unwrap();
            name.starts_with("casing-EP-20931-1-") && name.ends_with(extension)
        };
        paths.find(is).unwrap()
    };
    let html = || std::fs::read_to_string(report(".html")).unwrap();
    assert!(candidates(&report(".json")).iter().all(|c| c["weight"].is_null()));
    assert!(html().contains("not calibrated"));

    let truth = ["--truth", &sample("truth.csv"), "--root", samples.to_str().unwrap()];
    brasslink(&[&["evaluate"], &truth[..], &["--pairs", &pairs]].concat());
    let from = ["--pairs", &pairs, "--only", "modality=topography", "--date", "2026-11-21"];
    // A population of another recipe, kept in the store: it is refused.
    let other = std::fs::read_to_string(&pairs).unwrap();
    let recipe = other.lines().nth(1).unwrap().rsplit(',').next().unwrap().to_owned();
    let other = other.replace(&recipe, &recipe.chars().rev().collect::<String>());
    std::fs::write(path("other.csv"), other).unwrap();
    let strange = ["--pairs", &path("other.csv"), "--only", "modality=topography"];
    brasslink(&[&["calibrate", "--store", &store, "--name", "strange"], &strange[..]].concat());
    brasslink(&["report", "--store", &store, "--reports", &reports]);
    assert!(candidates(&report(".json")).iter().all(|c| c["weight"].is_null()));

    let links = || {
        let store = Store::open(&store).unwrap();
        let linking = store.snapshot().unwrap().linking().unwrap().unwrap();
        linking.links.into_iter().map(|l| (l.a, l.b)).collect::<BTreeSet<_>>()
    };
    let before = links();
    assert!(before.len() > 5, "{before:?}");
    // The fitting one is taken although it comes later in the store.
    brasslink(&[&["calibrate", "--store", &store, "--name", "the samples"], &from[..]].concat());
    // One of six firearms is held back; it does not undo what the scale says.
    brasslink(&["link", "--store", &store]);
    assert_eq!(links(), before);
    for (language, words) in
        [("en", "support for the proposition"), ("es", "a la proposición de que")]
    {
        brasslink(&["report", "--store", &store, "--reports", &reports, "--language", language]);
        let page = html();
        assert!(page.contains("the samples") && page.contains(words), "{language}");
    }
    let found = candidates(&report(".json"));
    let mut weighed = 0;
    for weight in found.iter().map(|c| &c["weight"]).filter(|w| !w.is_null()) {
        let number = |field: &str| weight[field].as_f64().unwrap();
        let bound = |field: &str| weight["bounds"][field].as_f64().unwrap();
        assert!(bound("log10_lower") <= number("log10_lower"));
        assert!(number("log10_lower") <= number("log10_lr"));
        assert!(number("log10_lr") <= number("log10_upper"));
        assert!(number("log10_upper") <= bound("log10_upper"));
        let flags = weight["flags"].as_array().unwrap();
        assert!(flags.contains(&"in_population".into()), "{flags:?}");
        assert!(flags.contains(&"class_outside".into()), "no calibre was stated: {flags:?}");
        assert!(weight["strangers"]["mean"].as_f64().unwrap() >= 0.0);
        weighed += 1;
    }
    assert!(weighed > 5, "{weighed}");
}

/// A store of two casings with two marks each, both compared; the firing pin's
/// comparison has `congruent` of 24 cells, the breech face's 9.
fn two_marks_each(congruent: u32) -> Lab {
    let lab = Lab::small();
    let recipe = Recipe::default();
    let mut batch = Batch::default();
    batch.add_recipe(recipe.json());
    let kinds = [(MarkKind::BreechFace, 0, 9), (MarkKind::FiringPin, 10, congruent)];
    for i in 0..2 {
        batch.add_casing(&lab.casing(i), "A. Examiner", "");
        let scan = lab.scan(i);
        lab.add_evidence(&mut Batch::default(), i);
        batch.add_scan(scan.clone(), lab.file(i));
        for (kind, from, _) in kinds {
            let mark = PreparedMark { kind, recipe: recipe.hash(), ..lab.mark(i) };
            batch.add_mark(mark_id(from + i), casing_id(i), scan.sha256, mark);
        }
    }
    for (_, from, congruent_cells) in kinds {
        let (a, b): (MarkId, MarkId) = (mark_id(from), mark_id(from + 1));
        let counts = imaging::correlate::Comparison {
            cells: measured::CELLS,
            congruent_cells,
            ..lab.comparison(0, 1)
        };
        batch.add_comparison(a, b, recipe.hash(), counts);
    }
    lab.store().writer(&lab.actor).unwrap().commit(batch, &note(1)).unwrap();
    lab
}

#[test]
fn a_report_weighs_all_marks_of_a_casing_together() {
    let recipe = Recipe::default().hash();
    let mut rng = ChaCha8Rng::seed_from_u64(21);
    let (breech, pin) = (measured::simulated(12, &mut rng), measured::simulated(12, &mut rng));
    let mut csv =
        String::from("a,b,firearm_a,firearm_b,mark_kind,modality,recipe,cells,congruent_cells\n");
    for (kind, set) in [("breech_face", &breech), ("firing_pin", &pin)] {
        for pair in &set.pairs {
            let (x, y) = pair.firearms;
            let cells = pair.marks[0].cells.unwrap();
            writeln!(
                csv,
                "{},{},{x},{y},{kind},topography,{recipe},{},{}",
                pair.a, pair.b, cells.tried, cells.congruent
            )
            .unwrap();
        }
    }
    let dir = tempfile::tempdir().unwrap();
    let path = |name: &str| dir.path().join(name).to_str().unwrap().to_owned();
    std::fs::write(path("pairs.csv"), csv).unwrap();
    let made = ["calibrate", "--pairs", &path("pairs.csv"), "--feature", "cells"];
    brasslink(&[&made[..], &["--out", &path("both.json")]].concat());
    let population = Population::read(Path::new(&path("both.json"))).unwrap();
    let mut together = Vec::new();
    for congruent in [1, 22] {
        let lab = two_marks_each(congruent);
        let (store, reports) = (lab.root().to_str().unwrap(), path(&format!("r{congruent}")));
        let what = ["report", "--store", store, "--reports", &reports, "--casing", "casing-000"];
        let by = ["--population", &path("both.json"), "--format", "json"];
        brasslink(&[&what[..], &by].concat());
        let file = std::fs::read_dir(&reports).unwrap().next().unwrap().unwrap().path();
        let found = candidates(&file);
        assert_eq!(found.len(), 2, "one candidate for either mark");
        // One number for the two casings, the model's own for both marks.
        let measured = |mark, congruent| Measured { mark, ..measured::cells(congruent) };
        let marks = [measured(MarkKind::BreechFace, 9), measured(MarkKind::FiringPin, congruent)];
        let expected = population.weigh(&marks, &Circumstances::default()).unwrap();
        for weight in found.iter().map(|c| &c["weight"]) {
            assert_eq!(weight["marks"], serde_json::json!(["breech_face", "firing_pin"]));
            assert_eq!(weight["log10_lr"].as_f64().unwrap(), expected.log10_lr);
        }
        together.push(expected.log10_lr);
        let snapshot = Store::open(lab.root()).unwrap().snapshot().unwrap();
        assert_eq!(snapshot.comparisons().count(), 2);
    }
    assert!(together[0] < together[1], "the second mark counts: {together:?}");
}
