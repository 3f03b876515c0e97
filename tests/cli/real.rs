//! Real scans through the command: raw topographies
//! segmented by themselves, real photographs, a scan with faulty units.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use crate::desk::Workbench;
use crate::run::groups;
use assert_cmd::Command;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// (a, b, same source, score) of every pair of a labelled set.
fn pairs(truth: &str, root: &Path) -> Vec<(String, String, bool, f64)> {
    let dir = tempfile::tempdir().unwrap();
    let (path, out) = (dir.path().join("truth.csv"), dir.path().join("pairs.csv"));
    std::fs::write(&path, truth).unwrap();
    Command::cargo_bin("brasslink")
        .unwrap()
        .args(["evaluate", "-q", "--truth"])
        .arg(&path)
        .args(["--root".as_ref(), root.as_os_str(), "--pairs".as_ref(), out.as_os_str()])
        .assert()
        .success();
    let mut reader = csv::Reader::from_path(out).unwrap();
    let rows = reader.records().map(Result::unwrap);
    rows.map(|r| (r[0].to_owned(), r[1].to_owned(), &r[2] == "1", r[3].parse().unwrap())).collect()
}

/// The score of one pair, and the highest among the different-source pairs
/// that `among` admits.
fn against(
    pairs: &[(String, String, bool, f64)],
    one: (&str, &str),
    among: impl Fn(&str, &str) -> bool,
) -> (f64, f64) {
    let is = |p: &&(String, String, bool, f64)| {
        (p.0 == one.0 && p.1 == one.1) || (p.0 == one.1 && p.1 == one.0)
    };
    let own = pairs.iter().find(is).unwrap().3;
    let others = pairs.iter().filter(|p| !p.2 && among(&p.0, &p.1)).map(|p| p.3);
    (own, others.fold(f64::MIN, f64::max))
}

#[test]
fn raw_scans_segmented_automatically_score_above_every_stranger() {
    let Some(data) = testkit::shared("truth.csv") else { return };
    let root = data.parent().unwrap();
    let mut truth = String::from("file,casing_id,firearm_id\n");
    let all = std::fs::read_to_string(&data).unwrap();
    all.lines().filter(|l| l.starts_with("fadul/")).for_each(|l| truth += &format!("{l}\n"));
    for n in [1, 2] {
        truth += &format!("raw3d/fadul_1-{n}_raw.x3p,raw 1-{n},fadul-slide-01\n");
    }
    let pairs = pairs(&truth, root);
    let fadul = |a: &str, b: &str| a.starts_with("Fadul") && b.starts_with("Fadul");
    let (own, stranger) = against(&pairs, ("raw 1-1", "raw 1-2"), fadul);
    assert!(own > stranger, "{own} against {stranger}");
    // And the raw scans find their processed selves and mates first.
    for p in pairs.iter().filter(|p| p.2 && (p.0.starts_with("raw") || p.1.starts_with("raw"))) {
        assert!(p.3 > stranger, "{} – {}: {}", p.0, p.1, p.3);
    }
}

#[test]
fn mates_of_two_instruments_score_above_every_stranger_and_their_poses_stand_alone() {
    let Some(data) = testkit::shared("truth.csv") else { return };
    let Some(topmatch) = testkit::shared("raw3d/truth_topmatch.csv") else { return };
    let desk = Workbench::new();
    let mut truth = String::from("file,casing_id,firearm_id\n");
    for line in std::fs::read_to_string(&data).unwrap().lines() {
        if line.starts_with("fadul/") || line.starts_with("weller/") {
            let cells: Vec<&str> = line.split(',').take(3).collect();
            truth += &format!("{}\n", cells.join(","));
        }
    }
    for line in std::fs::read_to_string(topmatch).unwrap().lines().skip(1) {
        truth += &format!("raw3d/{line}\n");
    }
    desk.write("truth.csv", &truth);
    let root = data.parent().unwrap().display().to_string();
    let found = desk.json(&["evaluate", "-q", "--truth", "truth.csv", "--root", &root, "--json"]);
    let figures = &found["figures"];
    assert_eq!(figures["same_source"], 246);
    let ends = |of: &str| {
        let end = |name: &str| figures[of][name].as_f64().unwrap();
        (end("lowest_same_source"), end("highest_different_source"))
    };
    let (mate, stranger) = ends("score");
    assert!(mate > stranger, "{mate} against {stranger}");
    // Chance gives just above 1.
    let (mate, stranger) = ends("distinctness");
    assert!(mate >= 1.1 && mate > stranger, "{mate} against {stranger}");
}

#[test]
fn real_photographs_of_one_gun_score_above_every_rendering() {
    let Some(nbide) = testkit::shared("nbide2d") else { return };
    let root = nbide.parent().unwrap();
    let mut truth = String::from("file,casing_id,firearm_id,pixel_um\n");
    for n in ["118", "129"] {
        truth += &format!("nbide2d/NBIDE_R_BF_{n}.png,NBIDE {n},ruger,\n");
    }
    let labels = std::fs::read_to_string(root.join("truth.csv")).unwrap();
    for line in std::fs::read_to_string(root.join("render2d/images.csv")).unwrap().lines() {
        let cells: Vec<&str> = line.split(',').collect();
        if let [file, casing, "ring", pixel] = cells[..] {
            let label = labels.lines().find(|l| l.split(',').nth(1) == Some(casing)).unwrap();
            let gun = label.split(',').nth(2).unwrap();
            truth += &format!("render2d/{file},{casing},{gun},{pixel}\n");
        }
    }
    let pairs = pairs(&truth, root);
    assert_eq!(pairs.len(), 42 * 41 / 2);
    let nbide = |a: &str, b: &str| a.starts_with("NBIDE") || b.starts_with("NBIDE");
    let (own, stranger) = against(&pairs, ("NBIDE 118", "NBIDE 129"), nbide);
    assert!(own > stranger, "{own} against {stranger}");
}

#[test]
fn a_scan_in_micrometres_is_understood_and_said_to_be() {
    let Some(scan) = testkit::shared("raw3d/topmatch_K013sA1_raw.x3p") else { return };
    let dir = tempfile::tempdir().unwrap();
    let manifest = dir.path().join("manifest.csv");
    std::fs::write(&manifest, format!("file,casing_id\n{},K013sA1\n", scan.display())).unwrap();
    let summary = dir.path().join("summary.json");
    Command::cargo_bin("brasslink")
        .unwrap()
        .args(["import", "-q", "--manifest"])
        .arg(&manifest)
        .args(["--store".as_ref(), dir.path().join("store").as_os_str()])
        .args(["--json".as_ref(), summary.as_os_str()])
        .assert()
        .success();
    let summary: serde_json::Value =
        serde_json::from_slice(&std::fs::read(summary).unwrap()).unwrap();
    assert_eq!(summary["counts"]["imported"], 1, "it yields a mark");
    let warnings = summary["warnings"].to_string();
    assert!(warnings.contains("increments") && warnings.contains("micrometres"), "{warnings}");
}

#[test]
fn published_rules_tell_a_pair_of_one_slide_from_another() {
    let Some(data) = testkit::shared("fadul") else { return };
    let rules = |a: &str, b: &str| {
        let output = assert_cmd::Command::cargo_bin("brasslink")
            .unwrap()
            .args(["compare", "--json", "--rules"])
            .args([data.join(a), data.join(b)])
            .output()
            .unwrap();
        let all: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        all["published_rules"].clone()
    };
    let same = rules("Fadul_1-1.x3p", "Fadul_1-2.x3p");
    let other = rules("Fadul_1-1.x3p", "Fadul_2-1.x3p");
    let number = |v: &serde_json::Value, name: &str| v[name].as_f64().unwrap();
    for rule in ["median_rule", "high_cmc"] {
        let share = |v: &serde_json::Value| number(v, rule) / number(v, "cells");
        assert!(share(&same) >= 0.7 && share(&other) <= 0.2, "{rule}: {same} {other}");
    }
    assert!(number(&same, "convergence_um") < 50.0 && number(&other, "convergence_um") > 100.0);
    assert!(number(&same, "convergence_deg").abs() <= 3.0);
}

#[test]
fn a_scan_with_its_rows_in_reverse_is_told_of_and_read_right_once_the_laboratory_says_so() {
    let Some(fadul) = testkit::shared("fadul") else { return };
    let Some(faults) = testkit::shared("faults") else { return };
    let desk = tempfile::tempdir().unwrap();
    let run = |manifest: &str, store: &str, code: i32| {
        std::fs::write(desk.path().join("manifest.csv"), manifest).unwrap();
        let mut command = Command::cargo_bin("brasslink").unwrap();
        let command = command.current_dir(desk.path());
        let command = command.args(["run", "-q", "--operator", "tests", "--manifest"]);
        let command = command.args(["manifest.csv", "--store", store, "--reports", "reports"]);
        let output = command.args(["--json", "run.json"]).assert().code(code);
        String::from_utf8(output.get_output().stderr.clone()).unwrap()
    };
    let path = |folder: &Path, name: &str| folder.join(name).display().to_string();
    let reversed = path(&faults, "x3p_fadul_1-2_rows_reversed_no_origin.x3p");
    let mut rows = format!("file,casing_id,rows\n{},A,\n", path(&fadul, "Fadul_1-1.x3p"));
    rows += &format!("{},B,\n", path(&fadul, "Fadul_5-1.x3p"));
    let said = run(&format!("{rows}{reversed},C,\n"), "wrong", 3);
    assert!(said.contains("far better with the rows of one in reverse order"), "{said}");
    let json = std::fs::read_to_string(desk.path().join("run.json")).unwrap();
    assert!(json.contains("\"mirrored\""), "{json}");
    let page = std::fs::read_to_string(desk.path().join("reports/index.html")).unwrap();
    assert!(page.contains("in reverse order"));
    // A stored scan does not change its meaning; a new store takes it as stated.
    let stated = format!("{rows}{reversed},C,bottom-up\n");
    let refused = run(&stated, "wrong", 3);
    assert!(refused.contains("the store holds this scan read as it lies"), "{refused}");
    let said = run(&stated, "right", 0);
    assert!(!said.contains("reverse order"), "{said}");
    let mut verify = Command::cargo_bin("brasslink").unwrap();
    verify.current_dir(desk.path()).args(["verify", "right", "--deep"]).assert().success();
}

/// Runs the main job on some of the Weller scans of one pistol; what was said.
fn run_tw01(dir: &Path, casings: usize) -> Option<String> {
    let weller = testkit::shared("weller")?;
    let mut manifest = String::from("file,casing_id\n");
    for n in 1..=casings {
        manifest += &format!("{},TW01-0{n}\n", weller.join(format!("TW01-0{n}.x3p")).display());
    }
    std::fs::write(dir.join("manifest.csv"), manifest).unwrap();
    let run = Command::cargo_bin("brasslink")
        .unwrap()
        .current_dir(dir)
        .args(["run", "--manifest", "manifest.csv", "--store", "store", "--reports", "reports"])
        .args(["--json", "run.json", "--language", "en,es", "--operator", "tests"])
        .assert()
        .success();
    let out = run.get_output();
    Some(String::from_utf8([out.stdout.clone(), out.stderr.clone()].concat()).unwrap())
}

fn why(dir: &Path, json: bool) -> String {
    let told = Command::cargo_bin("brasslink")
        .unwrap()
        .current_dir(dir)
        .args(["show", "any", "--why", "TW01-01", "TW01-02", "--store", "store"])
        .args(json.then_some("--json"))
        .assert()
        .success();
    let out = told.get_output();
    String::from_utf8([out.stdout.clone(), out.stderr.clone()].concat()).unwrap()
}

#[test]
fn nine_casings_of_one_pistol_and_two_are_linked_and_it_is_said_on_what_scale() {
    for casings in [9, 2] {
        let dir = tempfile::tempdir().unwrap();
        let Some(said) = run_tw01(dir.path(), casings) else { return };
        let links = casings * (casings - 1) / 2;
        assert!(said.contains(&format!("proposed 1 groups with {links} links")), "{said}");
        assert!(said.contains("pairs of strangers of 15 firearms"), "{said}");
        let json: serde_json::Value =
            serde_json::from_slice(&std::fs::read(dir.path().join("run.json")).unwrap()).unwrap();
        assert!(json["scales"][0].as_str().unwrap().contains("strangers"), "{json}");
        let told = why(dir.path(), false);
        assert!(told.contains("are in one group") && told.contains("> 0.99"), "{told}");
        assert!(told.contains("pairs of strangers"), "{told}");
        let told: serde_json::Value = serde_json::from_str(&why(dir.path(), true)).unwrap();
        assert_eq!(told["standing"], "linked");
        assert!(told["score"].as_f64().unwrap() > 30.0, "the score, not a ratio: {told}");
        let page = std::fs::read_to_string(dir.path().join("reports/index.html")).unwrap();
        assert!(page.contains("pairs of strangers of 15 firearms"));
    }
}

#[test]
fn the_index_says_why_no_link_is_proposed() {
    let Some(fadul) = testkit::shared("fadul") else { return };
    let dir = tempfile::tempdir().unwrap();
    let mut manifest = String::from("file,casing_id\n");
    for gun in [1, 2, 3] {
        let file = fadul.join(format!("Fadul_{gun}-1.x3p"));
        manifest += &format!("{},F{gun}\n", file.display());
    }
    std::fs::write(dir.path().join("manifest.csv"), manifest).unwrap();
    Command::cargo_bin("brasslink")
        .unwrap()
        .current_dir(dir.path())
        .args(["run", "-q", "--manifest", "manifest.csv", "--store", "store"])
        .args(["--reports", "reports", "--language", "es", "--operator", "tests"])
        .assert()
        .success();
    let page = std::fs::read_to_string(dir.path().join("reports/index.html")).unwrap();
    assert!(page.contains("No se propone ningún vínculo."), "no link");
    assert!(page.contains("pares de extraños de 15 armas"), "{page}");
    assert!(page.contains("extraños propios: 3 pares de 3 casquillos"), "{page}");
}

#[test]
fn a_scan_packed_anew_or_turned_is_taken_for_one_acquisition() {
    let Some(faults) = testkit::shared("faults") else { return };
    for copy in ["dup_rezip.x3p", "rot90.x3p"] {
        let mut command = Command::cargo_bin("brasslink").unwrap();
        let command = command.args(["compare", "--json"]).arg(faults.join(copy));
        let output = command.arg(testkit::project().join("samples/CHH-1187-1.x3p")).output();
        let told: serde_json::Value = serde_json::from_slice(&output.unwrap().stdout).unwrap();
        assert_eq!(told["same_acquisition"], "same_values", "{copy}: {told}");
    }
}

#[test]
fn what_steers_a_terminal_is_written_out_where_a_file_holds_it() {
    let Some(faults) = testkit::shared("faults") else { return };
    let mut command = Command::cargo_bin("brasslink").unwrap();
    let output = command.args(["scan", "info"]).arg(faults.join("ansi_date.x3p")).output().unwrap();
    let said = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
    let steers = |c: char| c != '\n' && (c.is_control() || c == '\u{202e}');
    assert!(!said.contains(steers), "{said:?}");
    assert!(said.contains(r"\u{1b}[31mRED") && said.contains(r"\u{202e}evil"), "{said}");
}

/// Strips of bullet lands stand in for aperture shears.
#[test]
fn striated_strips_fall_into_their_groups_and_reports_draw_their_profiles() {
    let Some(lands) = testkit::shared("striated/lands") else { return };
    let desk = Workbench::new();
    let mut manifest = String::from("file,casing_id,mark_kind\n");
    let truth = testkit::table(&lands.join("truth.csv"));
    for row in &truth {
        let file = lands.join(&row["file"]);
        manifest += &format!("{},{},aperture_shear\n", file.display(), row["casing_id"]);
    }
    desk.write("lands.csv", &manifest);
    let run = ["run", "-q", "--manifest", "lands.csv", "--store", "store", "--reports", "reports"];
    desk.said(0, &run);
    let mut expected: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for row in &truth {
        expected.entry(&row["firearm_id"]).or_default().insert(row["casing_id"].clone());
    }
    assert_eq!(groups(&desk.path(".")), expected.into_values().collect());
    let pages = std::fs::read_dir(desk.path("reports")).unwrap().map(|e| e.unwrap().path());
    let pages: Vec<_> = pages
        .filter(|p| p.file_name().unwrap().to_string_lossy().starts_with("casing-"))
        .filter(|p| p.extension().is_some_and(|e| e == "html"))
        .collect();
    assert_eq!(pages.len(), truth.len());
    for page in pages {
        let page = std::fs::read_to_string(page).unwrap();
        testkit::page::well_formed(&page);
        assert!(page.contains("The profiles of both marks across their striae"));
    }
}

/// A study turns each prepared mark at random, and a striated one too is found
/// again.
#[test]
fn striated_strips_turned_at_random_are_told_apart_as_they_lie() {
    let Some(lands) = testkit::shared("striated/lands") else { return };
    let desk = Workbench::new();
    let (truth, root) = (lands.join("truth.csv"), lands.display().to_string());
    let truth = truth.display().to_string();
    let as_they_lie = ["evaluate", "-q", "--truth", &truth, "--root", &root, "--json"];
    let turned = [&as_they_lie[..], &["--turn-seed", "1"]].concat();
    for command in [&as_they_lie[..], &turned] {
        let told = desk.json(command);
        let figure = |name: &str| told[name].as_f64().unwrap();
        assert_eq!(told["figures"]["same_source"], 6, "{told:#}");
        let (lowest, highest) = (figure("lowest_same_source"), figure("highest_different_source"));
        assert!(lowest > 2.0 * highest, "{command:?}: {lowest} against {highest}");
    }
}
