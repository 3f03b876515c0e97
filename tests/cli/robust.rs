//! How far scores move under other choices of preparation: mates of real scans
//! stay far above strangers whatever is chosen.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use crate::desk::Workbench;
use serde_json::Value;

fn robust(a: &str, b: &str, top: &str) -> Option<(Value, String)> {
    let data = testkit::shared("truth.csv")?;
    let root = data.parent().unwrap();
    let path = |name: &str| root.join(name).display().to_string();
    let desk = Workbench::new();
    let args = ["compare", &path(a), &path(b), "--robust", "--strangers-top", top];
    let said = desk.said(0, &args).0;
    Some((desk.json(&[&args[..], &["--json"]].concat()), said))
}

const MATES: [&str; 2] = ["raw3d/fadul_1-1_raw.x3p", "raw3d/fadul_1-2_raw.x3p"];

fn bounds(compared: &Value) -> (f64, f64, Vec<f64>) {
    let robust = &compared["robustness"];
    let of = |name: &str| robust[name].as_f64().unwrap();
    let each = robust["variants"].as_array().unwrap();
    let scores = each.iter().filter_map(|v| v["score"].as_f64());
    (of("lowest"), of("highest"), scores.collect())
}

#[test]
fn a_mate_stays_above_strangers_under_every_choice() {
    let Some((mates, told)) = robust(MATES[0], MATES[1], "6.5") else { return };
    let (lowest, highest, scores) = bounds(&mates);
    let score = mates["score"].as_f64().unwrap();
    assert_eq!(scores.len(), 9);
    assert!(lowest <= score && score <= highest && lowest > 6.5, "{lowest}, {score}, {highest}");
    // Each choice is one: it changes the score, if only a little.
    assert!(scores.iter().all(|s| (s - score).abs() > 1e-9), "{score}: {scores:?}");
    assert_eq!(mates["reaches_strangers"], false);
    assert!(told.contains("under 9 other choices of preparation"), "{told}");
    assert!(told.contains("outline 50 µm narrower") && !told.contains("may decide"), "{told}");
    // The same bytes again, whatever the threads did.
    assert_eq!(robust(MATES[0], MATES[1], "6.5").unwrap().0, mates);
}

#[test]
fn strangers_are_marked_as_within_reach_and_never_reach_a_mate() {
    let Some((strangers, told)) = robust(MATES[0], "fadul/Fadul_2-1.x3p", "6.5") else { return };
    let (lowest, highest, _) = bounds(&strangers);
    assert!(lowest < 6.5 && highest < 10.0, "{lowest} to {highest}");
    assert_eq!(strangers["reaches_strangers"], true);
    assert!(told.contains("may decide"), "{told}");
}

#[test]
fn a_choice_that_is_not_open_gives_no_score() {
    // Scans that were levelled and filtered before are taken as they are.
    let Some((mates, told)) = robust("fadul/Fadul_1-1.x3p", "fadul/Fadul_1-2.x3p", "6.5") else {
        return;
    };
    let (lowest, _, scores) = bounds(&mates);
    assert!(scores.len() == 2 && lowest > 6.5, "{mates}");
    assert!(told.contains("under 2 other choices"), "{told}");
    assert_eq!(told.matches("the scans were processed before").count(), 7, "{told}");
}

#[test]
fn a_sweep_maps_the_separation_under_every_choice() {
    let Some(data) = testkit::shared("truth.csv") else { return };
    let root = data.parent().unwrap().display().to_string();
    let all = std::fs::read_to_string(&data).unwrap();
    let mut truth = format!("{}\n", all.lines().next().unwrap());
    all.lines()
        .filter(|l| l.starts_with("fadul/"))
        .take(6)
        .for_each(|l| truth += &format!("{l}\n"));
    let desk = Workbench::new();
    desk.write("truth.csv", &truth);
    let args = ["evaluate", "-q", "--truth", "truth.csv", "--root", &root, "--sweep", "--json"];
    let report = desk.json(&args);
    let sweep = report["sweep"].as_array().unwrap();
    assert_eq!(sweep.len(), 10);
    assert_eq!(sweep[0]["variant"], "as the recipe says");
    assert_eq!(sweep[0]["score"]["lowest_same_source"], report["lowest_same_source"]);
    for one in sweep {
        let (auc, failed) = (one["score"]["auc"].as_f64().unwrap(), one["failed"].as_u64());
        assert!(auc > 0.999 && failed == Some(0), "{one}");
    }
    let table = desk.said(0, &args[..args.len() - 1]).0;
    assert!(!table.contains("long cut-off"), "quiet is quiet: {table}");
    let told = desk.said(0, &[&args[..1], &args[2..args.len() - 1]].concat());
    let told = told.0 + &told.1;
    assert!(told.contains("outline 50 µm narrower"), "{told}");
    assert!(told.contains("changes nothing (the scans were processed before): long cut-off × 0.8"));
}

#[test]
fn a_pair_report_tells_the_range_that_compare_tells() {
    let Some((compared, _)) = robust(MATES[0], MATES[1], "6.5") else { return };
    let Some(data) = testkit::shared("raw3d") else { return };
    let desk = Workbench::new();
    let mut table = String::from("file,casing_id,mark_kind\n");
    for n in [1, 2] {
        let name = format!("fadul_1-{n}_raw.x3p");
        std::fs::copy(data.join(&name), desk.path(&name)).unwrap();
        table += &format!("{name},C{n},breech_face\n");
    }
    desk.write("manifest.csv", &table);
    desk.said(0, &["import", "--manifest", "manifest.csv", "--store", "store"]);
    desk.said(0, &["correlate", "--store", "store"]);
    let pair = ["report", "--store", "store", "--reports", "out", "--pair", "C1", "C2"];
    desk.said(0, &[&pair[..], &["--format", "json,html"]].concat());
    let made = std::fs::read_dir(desk.path("out")).unwrap().map(|e| e.unwrap().path());
    let made: Vec<_> = made.filter(|p| p.extension().is_some_and(|e| e == "json")).collect();
    let report: Value = serde_json::from_slice(&std::fs::read(&made[0]).unwrap()).unwrap();
    assert_eq!(report["robustness"], compared["robustness"]);
    assert_eq!(report["comparison"]["runner_up"], compared["runner_up"]);
    assert!(compared["runner_up"]["score"].as_f64().is_some());
    let page = std::fs::read_to_string(made[0].with_extension("html")).unwrap();
    assert!(page.contains("What the score owes to preparation"));
}
