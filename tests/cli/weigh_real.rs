//! Calibration and validation through the command, on reference data.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use assert_cmd::Command;
use serde_json::Value;
use std::path::{Path, PathBuf};

fn brasslink(args: &[&str]) {
    Command::cargo_bin("brasslink").unwrap().arg("-q").args(args).assert().success();
}

fn json(path: &Path) -> Value {
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// Every log10 LR of a `--lr` file lies within the bounds of the JSON beside it.
fn assert_bounded(lr: &Path, found: &Value) {
    let bound = |end: &str| found["bounds"][end].as_f64().unwrap();
    let (lower, upper) = (bound("log10_lower") - 1e-6, bound("log10_upper") + 1e-6);
    let mut reader = csv::Reader::from_path(lr).unwrap();
    let mut rows = 0;
    for row in reader.records().map(Result::unwrap) {
        for column in 4..=6 {
            let value: f64 = row[column].parse().unwrap();
            assert!((lower..=upper).contains(&value), "{row:?}");
        }
        rows += 1;
    }
    let pairs = |class: &str| found[class].as_u64().unwrap();
    assert_eq!(rows, pairs("same_source_pairs") + pairs("different_source_pairs"));
}

/// Held-out figures of a split of the Glock scores.
fn glock(mark: &str, split: u32, extra: &[&str]) -> Option<Value> {
    let scores = testkit::shared(&format!("scores/glock_{mark}_impression.csv"))?;
    let dir = tempfile::tempdir().unwrap();
    let (out, lr) = (dir.path().join("out.json"), dir.path().join("lr.csv"));
    let (train, test) = (format!("split{split}=t"), format!("split{split}=v"));
    let args = ["validate", "--pairs", text(&scores), "--train", &train, "--test", &test];
    brasslink(&[&args[..], &["--json", text(&out), "--lr", text(&lr)], extra].concat());
    let found = json(&out);
    assert_bounded(&lr, &found);
    Some(found)
}

#[test]
fn glock_breech_faces_of_unseen_firearms() {
    let published = [0.38, 0.27, 0.20];
    let mut means = [0.0; 3];
    for (split, simple) in (1..).zip(published) {
        let mut costs = [0.0; 3];
        let options: [&[&str]; 3] = [&[], &["--feature", "cells"], &["--feature", "score"]];
        for (cost, extra) in costs.iter_mut().zip(options) {
            let Some(found) = glock("breech_face", split, extra) else { return };
            *cost = found["cllr"].as_f64().unwrap();
        }
        means.iter_mut().zip(costs).for_each(|(m, c)| *m += c / 3.0);
        let [fused, cells, score] = costs;
        assert!(fused <= simple, "split {split}: {fused}");
        assert!(fused < cells && fused < score, "split {split}: {costs:?}");
    }
    let simple = published.iter().sum::<f64>() / 3.0;
    assert!(means[1] <= simple, "cells alone: {means:?}");
}

#[test]
fn glock_firing_pins_of_unseen_firearms() {
    let mut mean = 0.0;
    for split in 1..=3 {
        let Some(found) = glock("firing_pin", split, &["--feature", "cells"]) else { return };
        mean += found["cllr"].as_f64().unwrap() / 3.0;
    }
    assert!(mean <= 0.10, "{mean}");
}

/// The pairs of one reference set, turned, as `evaluate` writes them.
fn pairs_of(set: &str, dir: &Path) -> Option<PathBuf> {
    let truth = testkit::shared("truth.csv")?;
    let own = std::fs::read_to_string(&truth).unwrap();
    let rows = own.lines().filter(|l| l.starts_with("file,") || l.starts_with(set));
    let path = dir.join(format!("{set}.truth.csv"));
    std::fs::write(&path, rows.collect::<Vec<_>>().join("\n")).unwrap();
    let pairs = dir.join(format!("{set}.csv"));
    let root = text(truth.parent().unwrap());
    let what = ["evaluate", "--truth", text(&path), "--root", root, "--turn-seed", "1"];
    brasslink(&[&what[..], &["--pairs", text(&pairs)]].concat());
    Some(pairs)
}

#[test]
fn one_study_calibrates_the_other_without_a_misleading_pair() {
    let dir = tempfile::tempdir().unwrap();
    let Some(fadul) = pairs_of("fadul", dir.path()) else { return };
    let Some(weller) = pairs_of("weller", dir.path()) else { return };
    for (from, to) in [(&fadul, &weller), (&weller, &fadul)] {
        let file = |name: &str| dir.path().join(name);
        let (population, out, lr) = (file("population.json"), file("out.json"), file("lr.csv"));
        brasslink(&["calibrate", "--pairs", text(from), "--out", text(&population)]);
        let what = ["validate", "--population", text(&population), "--pairs", text(to)];
        brasslink(&[&what[..], &["--json", text(&out), "--lr", text(&lr)]].concat());
        let found = json(&out);
        assert!(found["cllr"].as_f64().unwrap() <= 0.05, "{}", found["cllr"]);
        assert_eq!(found["misleading_same_source"], 0.0);
        assert_eq!(found["misleading_different_source"], 0.0);
        assert_eq!(found["refused"].as_object().unwrap().len(), 0, "{}", found["refused"]);
        assert_bounded(&lr, &found);
        // Guns that mark better or worse than the population's: even the score
        // alone, which grows with the quality of the marks, misleads nobody.
        let score = ["--feature", "score"];
        let made = ["calibrate", "--pairs", text(from), "--out", text(&population)];
        brasslink(&[&made[..], &score].concat());
        brasslink(&[&what[..], &["--json", text(&out)]].concat());
        let found = json(&out);
        assert!(found["cllr"].as_f64().unwrap() <= 0.12, "{}", found["cllr"]);
        assert_eq!(found["misleading_same_source"], 0.0, "score alone");
        assert_eq!(found["misleading_different_source"], 0.0, "score alone");
    }
    // A population of topographies of this recipe says so, and refuses pairs
    // compared otherwise.
    let other = std::fs::read_to_string(&weller).unwrap().replace("breech_face", "ejector");
    let path = dir.path().join("other.csv");
    std::fs::write(&path, other).unwrap();
    let population = dir.path().join("population.json");
    let out = Command::cargo_bin("brasslink")
        .unwrap()
        .args(["validate", "--population", text(&population), "--pairs", text(&path)])
        .assert()
        .code(1);
    let error = String::from_utf8(out.get_output().stderr.clone()).unwrap();
    assert!(error.contains("no ejector marks"), "{error}");
}

#[test]
fn the_same_pairs_give_the_same_bytes_on_any_number_of_threads() {
    let Some(scores) = testkit::shared("scores/glock_firing_pin_impression.csv") else { return };
    let dir = tempfile::tempdir().unwrap();
    let made = ["1", "2", "7"].map(|threads| {
        let out = dir.path().join(threads);
        let page = dir.path().join(format!("{threads}.html"));
        let date = ["--date", "2026-11-21", "--threads", threads];
        brasslink(
            &[&["calibrate", "--pairs", text(&scores), "--out", text(&out)], &date[..]].concat(),
        );
        let what = ["validate", "--population", text(&out), "--pairs", text(&scores)];
        brasslink(&[&what[..], &["--html", text(&page), "--threads", threads]].concat());
        (std::fs::read(out).unwrap(), std::fs::read_to_string(page).unwrap())
    });
    assert_eq!(made[0], made[1]);
    assert_eq!(made[0], made[2]);
    let page = &made[0].1;
    for part in ["Tippett plot", "Empirical cross-entropy", "Rank curve", "Detection error"] {
        assert!(page.contains(part), "{part}");
    }
    let addresses = ["http://", "https://"].map(|scheme| page.contains(scheme));
    assert_eq!(addresses, [false; 2], "the page must stand alone");
}
