//! Weights in the reports of the bundled samples: with their population, bounds
//! and cautions, or plainly none.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use assert_cmd::Command;
use serde_json::Value;
use std::path::Path;

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
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("samples");
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

    // The fitting one is taken although it comes later in the store.
    brasslink(&[&["calibrate", "--store", &store, "--name", "the samples"], &from[..]].concat());
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
