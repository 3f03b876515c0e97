//! The command as its users run it: the main job on the bundled samples, bad
//! input, interruption, and the ways a run can end.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use assert_cmd::Command;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::{Command as Process, Stdio};
use testkit::hostile::write_hostile_files;

fn brasslink() -> Command {
    Command::cargo_bin("brasslink").unwrap()
}

fn samples() -> PathBuf {
    testkit::project().join("samples")
}

fn json(path: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

/// A run of the main job in `dir`: its summary and exit code.
pub fn run(manifest: &Path, dir: &Path) -> (Value, i32) {
    let summary = dir.join("summary.json");
    let output = brasslink()
        .args(["run", "-q", "--operator", "tests", "--manifest"])
        .arg(manifest)
        .args(["--store".as_ref(), dir.join("store").as_os_str()])
        .args(["--reports".as_ref(), dir.join("reports").as_os_str()])
        .args(["--json".as_ref(), summary.as_os_str()])
        .output()
        .unwrap();
    (json(&summary), output.status.code().unwrap())
}

/// The groups of a run's index page data: sets of casings.
pub fn groups(dir: &Path) -> BTreeSet<BTreeSet<String>> {
    let index = json(&dir.join("reports/index.json"));
    let members = |g: &Value| {
        let casings = g["casings"].as_array().unwrap().iter();
        casings.map(|c| c.as_str().unwrap().to_owned()).collect()
    };
    index["groups"].as_array().unwrap().iter().map(members).collect()
}

/// The firearms of a truth file, those with several casings: sets of casings.
fn firearms(truth: &Path, only: &str) -> BTreeSet<BTreeSet<String>> {
    let mut by_gun: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut reader = csv::Reader::from_path(truth).unwrap();
    let header = reader.headers().unwrap().clone();
    let column = |name: &str| header.iter().position(|h| h == name).unwrap();
    let (file, casing, gun) = (column("file"), column("casing_id"), column("firearm_id"));
    for row in reader.records().map(Result::unwrap) {
        if row[file].starts_with(only) {
            by_gun.entry(row[gun].to_owned()).or_default().insert(row[casing].to_owned());
        }
    }
    by_gun.into_values().filter(|g| g.len() > 1).collect()
}

/// A manifest of the shared data's files whose name starts with `only`.
fn shared_manifest(dir: &Path, truth: &Path, only: &str) -> PathBuf {
    let root = truth.parent().unwrap();
    let mut out = String::from("file,casing_id\n");
    for row in csv::Reader::from_path(truth).unwrap().records().map(Result::unwrap) {
        if row[0].starts_with(only) {
            out += &format!("{},{}\n", root.join(&row[0]).display(), &row[1]);
        }
    }
    let path = dir.join("manifest.csv");
    std::fs::write(&path, out).unwrap();
    path
}

#[test]
fn the_samples_become_a_store_groups_and_reports_and_nothing_is_done_twice() {
    let dir = tempfile::tempdir().unwrap();
    let manifest = samples().join("manifest.csv");
    let (summary, code) = run(&manifest, dir.path());
    assert_eq!((code, summary["failures"].as_array().unwrap().len()), (0, 0), "{summary:#}");
    assert_eq!(groups(dir.path()), firearms(&samples().join("truth.csv"), ""));
    let pages = std::fs::read_dir(dir.path().join("reports")).unwrap();
    let pages: Vec<_> = pages.map(|p| p.unwrap().file_name().into_string().unwrap()).collect();
    let reports = pages.iter().filter(|p| p.starts_with("casing-") && p.ends_with(".html")).count();
    assert_eq!(reports, 17, "{pages:?}");

    let (again, code) = run(&manifest, dir.path());
    assert_eq!(code, 0);
    assert_eq!(again["counts"]["known"], 24);
    assert!(again["counts"]["imported"].is_null() && again["counts"]["pairs_compared"].is_null());
    assert_eq!(again["counts"]["pairs_known"], summary["counts"]["pairs_compared"]);
    brasslink().args(["verify", "--deep"]).arg(dir.path().join("store")).assert().success();
}

#[test]
fn fadul_forty_casings_fall_into_their_ten_slides() {
    let Some(truth) = testkit::shared("truth.csv") else { return };
    let dir = tempfile::tempdir().unwrap();
    let manifest = shared_manifest(dir.path(), &truth, "fadul/");
    let (summary, code) = run(&manifest, dir.path());
    assert_eq!((code, &summary["counts"]["pairs_compared"]), (0, &Value::from(780)));
    assert_eq!(summary["same_acquisition"], serde_json::json!([]), "two shots are two scans");
    let slides = firearms(&truth, "fadul/");
    assert_eq!(slides.len(), 10);
    assert_eq!(groups(dir.path()), slides);
    let index = json(&dir.path().join("reports/index.json"));
    let casings = index["casings"].as_array().unwrap();
    assert_eq!(casings.len(), 40);
    for entry in casings {
        let own = entry["casing"]["id"].as_str().unwrap();
        let first = entry["first_candidate"].as_str().unwrap();
        let slide = slides.iter().find(|s| s.contains(own)).unwrap();
        assert!(slide.contains(first), "{own}: {first} ranks first");
    }
    let (again, _) = run(&manifest, dir.path());
    assert!(again["counts"]["pairs_compared"].is_null());
    assert_eq!(again["counts"]["pairs_known"], 780);
}

#[test]
fn hostile_files_are_named_and_the_others_go_on() {
    let dir = tempfile::tempdir().unwrap();
    let expected = write_hostile_files(dir.path());
    let mut manifest = String::from("file,casing_id\n");
    for hostile in expected {
        manifest += &format!("{0},{0}\n", hostile.name);
    }
    for good in ["CHH-1187-1.x3p", "CHH-1187-2.x3p"] {
        manifest += &format!("{},{good}\n", samples().join(good).display());
    }
    let path = dir.path().join("manifest.csv");
    std::fs::write(&path, manifest).unwrap();
    let (summary, code) = run(&path, dir.path());
    assert_eq!(code, 3);
    assert_eq!(summary["counts"]["imported"], 2);
    let failures = summary["failures"].as_array().unwrap();
    assert_eq!(failures.len(), expected.len());
    for hostile in expected {
        let found = failures
            .iter()
            .find(|f| f["file"].as_str().unwrap().ends_with(hostile.name))
            .unwrap_or_else(|| panic!("{} is not reported", hostile.name));
        assert_eq!(found["kind"], hostile.kind.code(), "{found}");
        assert!(found["reason"].as_str().unwrap().contains(hostile.reason), "{found}");
    }
    let index = std::fs::read_to_string(dir.path().join("reports/index.html")).unwrap();
    assert!(expected.iter().all(|h| index.contains(h.name)), "the summary page lists them all");
}

/// Peak memory of a run over two 256 MiB bombs and two claims of 10⁹ × 10⁹.
#[cfg(target_os = "linux")]
#[test]
fn bombs_do_not_grow_memory() {
    let dir = tempfile::tempdir().unwrap();
    let expected = write_hostile_files(dir.path());
    let rows: String = expected.iter().map(|h| format!("{0},{0}\n", h.name)).collect();
    let path = dir.path().join("manifest.csv");
    std::fs::write(&path, format!("file,casing_id\n{rows}")).unwrap();
    // The shell's limit on address space makes an unbounded read fail loudly.
    let program = assert_cmd::cargo::cargo_bin("brasslink");
    let command = format!(
        "ulimit -v 1500000; exec '{}' import -q --manifest '{}' --store '{}'",
        program.display(),
        path.display(),
        dir.path().join("store").display()
    );
    let output = Process::new("sh").args(["-c", &command]).output().unwrap();
    assert_eq!(output.status.code(), Some(3), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn a_killed_run_goes_on_where_it_was() {
    let undisturbed = tempfile::tempdir().unwrap();
    let manifest = samples().join("manifest.csv");
    run(&manifest, undisturbed.path());
    for delay_ms in [150, 700, 1600] {
        let dir = tempfile::tempdir().unwrap();
        let mut child = Process::new(assert_cmd::cargo::cargo_bin("brasslink"))
            .args(["run", "-q", "--manifest"])
            .arg(&manifest)
            .args(["--store".as_ref(), dir.path().join("store").as_os_str()])
            .args(["--reports".as_ref(), dir.path().join("reports").as_os_str()])
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(std::time::Duration::from_millis(delay_ms));
        child.kill().unwrap();
        child.wait().unwrap();
        let (summary, code) = run(&manifest, dir.path());
        assert_eq!(code, 0, "killed after {delay_ms} ms: {summary:#}");
        assert_eq!(groups(dir.path()), groups(undisturbed.path()), "after {delay_ms} ms");
    }
}

/// Rows of the pairs file that `evaluate` writes.
fn evaluate(truth: &Path, root: &Path, threads: &str, dir: &Path) -> String {
    let pairs = dir.join(format!("pairs-{threads}.csv"));
    brasslink()
        .args(["evaluate", "-q", "--threads", threads, "--truth"])
        .arg(truth)
        .args(["--root".as_ref(), root.as_os_str(), "--pairs".as_ref(), pairs.as_os_str()])
        .assert()
        .success();
    std::fs::read_to_string(pairs).unwrap()
}

#[test]
fn threads_and_the_order_of_rows_do_not_change_a_byte() {
    let dir = tempfile::tempdir().unwrap();
    let truth = std::fs::read_to_string(samples().join("truth.csv")).unwrap();
    let mut rows: Vec<&str> =
        truth.lines().filter(|l| l.ends_with(',') || !l.contains(".png")).collect();
    rows.truncate(9);
    let path = dir.path().join("truth.csv");
    std::fs::write(&path, rows.join("\n")).unwrap();
    let one = evaluate(&path, &samples(), "1", dir.path());
    assert!(
        one.starts_with("a,b,same_source,score,ccf,cells,congruent_cells,rotation_deg,dx_um,dy_um")
    );
    assert_eq!(one.lines().count(), 1 + 8 * 7 / 2);
    for threads in ["2", "8"] {
        assert_eq!(one, evaluate(&path, &samples(), threads, dir.path()), "{threads} threads");
    }
    // The same pairs with A and B swapped: the same but for the pose's sign.
    rows[1..].reverse();
    std::fs::write(&path, rows.join("\n")).unwrap();
    let unsigned = |csv: &str| -> BTreeSet<String> {
        let row = |line: &str| {
            let mut cells: Vec<&str> = line.split(',').collect();
            // The casings and their firearms, columns 13 and 14.
            if cells[0] > cells[1] {
                cells.swap(0, 1);
                cells.swap(12, 13);
            }
            let bare = cells.into_iter().map(|c| c.trim_start_matches('-'));
            bare.collect::<Vec<_>>().join(",")
        };
        csv.lines().skip(1).map(row).collect()
    };
    let swapped = evaluate(&path, &samples(), "2", dir.path());
    assert_ne!(one, swapped);
    assert_eq!(unsigned(&one), unsigned(&swapped));
}

#[test]
fn compare_gives_the_fields_of_a_pair_and_changes_sides() {
    let compare = |a: &str, b: &str| -> Value {
        let (a, b) = (samples().join(a), samples().join(b));
        let out = brasslink().arg("compare").args([a, b]).arg("--json").output().unwrap();
        assert!(out.status.success());
        serde_json::from_slice(&out.stdout).unwrap()
    };
    let forth = compare("CHH-1187-1.x3p", "CHH-1187-2.x3p");
    let back = compare("CHH-1187-2.x3p", "CHH-1187-1.x3p");
    for field in ["score", "ccf", "cells", "congruent_cells"] {
        assert_eq!(forth[field], back[field], "{field}");
    }
    for field in ["rotation_deg", "dx_um", "dy_um"] {
        let (x, y) = (forth[field].as_f64().unwrap(), back[field].as_f64().unwrap());
        assert!((x + y).abs() < 1e-6, "{field}: {x} and {y}");
    }
    assert_eq!(forth["weight_of_evidence"], "not calibrated");
}

#[test]
fn a_scan_can_be_looked_at_prepared_and_converted() {
    let dir = tempfile::tempdir().unwrap();
    let scan = samples().join("CHH-1187-1.x3p");
    let info = brasslink().args(["scan", "info", "--json"]).arg(&scan).output().unwrap();
    let info: Value = serde_json::from_slice(&info.stdout).unwrap();
    assert_eq!((&info["format"], &info["pitch_x_um"]), (&Value::from("x3p"), &Value::from(10.0)));
    for (verb, out) in
        [("prepare", "p.x3p"), ("prepare", "p.png"), ("render", "r.png"), ("convert", "c.x3p")]
    {
        let out = dir.path().join(out);
        brasslink().args(["scan", verb]).arg(&scan).arg("--out").arg(&out).assert().success();
        assert!(std::fs::metadata(&out).unwrap().len() > 1000);
    }
    // What was prepared compares like the scan itself.
    let own =
        brasslink().arg("compare").arg(&scan).arg(dir.path().join("p.x3p")).arg("--json").output();
    let own: Value = serde_json::from_slice(&own.unwrap().stdout).unwrap();
    assert!(own["ccf"].as_f64().unwrap() > 0.99, "{own}");
    let refused =
        brasslink().args(["scan", "convert"]).arg(&scan).args(["--out", "x.gif"]).output().unwrap();
    assert_eq!(refused.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("what to do"));
}

#[test]
fn bad_manifest_rows_are_told_by_line_and_usage_has_its_own_code() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("m.csv");
    std::fs::write(&path, "file,casing_id,mark_kind\nnone.x3p,A,nose\nnone.x3p,,\n").unwrap();
    let check = brasslink().args(["manifest", "check"]).arg(&path).output().unwrap();
    assert_eq!(check.status.code(), Some(3));
    let text = String::from_utf8(check.stdout).unwrap();
    assert!(text.contains("line 2") && text.contains("line 3") && text.contains("nose"), "{text}");
    brasslink().args(["run", "--store", "x"]).assert().code(2);
    brasslink().args(["link"]).assert().code(2);
    let help = brasslink().arg("--help").output().unwrap();
    let help = String::from_utf8(help.stdout).unwrap();
    assert!(help.contains("Examples:") && help.contains("Exit codes"));
    let template = brasslink().args(["manifest", "template"]).output().unwrap();
    assert!(template.stdout.starts_with(b"file,casing_id,mark_kind"));
}

#[test]
fn pair_scores_in_a_csv_become_groups() {
    let Some(scores) = testkit::shared("scores/fbi_sw_ccfmax.csv") else { return };
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("out.json");
    let link = |extra: &[&str]| {
        let mut command = brasslink();
        command.args(["link", "-q", "--scores"]).arg(&scores).arg("--json").arg(&out);
        command.args(extra).assert().success();
        json(&out)
    };
    let groups = link(&[]);
    assert_eq!(groups, link(&["--score-column", "ccf_max"]));
    let groups = groups["groups"].as_array().unwrap();
    let members: usize = groups.iter().map(|g| g["members"].as_array().unwrap().len()).sum();
    assert_eq!(members, 138, "every casing is in one group");
    assert!(groups.iter().all(|g| g["id"].is_string() && g["prototype"].is_string()));
}

/// A scan turned by 90°, written anew.
pub fn turned_anew(from: &Path, to: &Path) {
    let scan = imaging::acquire::read_scan(from, &Default::default()).unwrap();
    let types::surface::Surface::Height(map) = scan.surface else { panic!("no heights") };
    let z = map.z.t().slice(ndarray::s![.., ..;-1]).to_owned();
    let meta = imaging::acquire::x3p::X3pMeta {
        z_type: imaging::acquire::x3p::ZType::F64,
        ..Default::default()
    };
    let turned = types::surface::HeightMap { z, pitch_x: map.pitch_y, pitch_y: map.pitch_x };
    std::fs::write(to, imaging::acquire::x3p::write_x3p(&turned, &meta).unwrap()).unwrap();
}

/// The file of a folder whose name begins and ends so.
fn beginning_with(folder: &Path, start: &str, end: &str) -> PathBuf {
    let files = std::fs::read_dir(folder).unwrap().map(|f| f.unwrap());
    let names = files.map(|f| f.file_name().into_string().unwrap());
    let found = names.filter(|n| n.starts_with(start) && n.ends_with(end)).min();
    folder.join(found.unwrap())
}

#[test]
fn one_acquisition_under_two_names_is_no_match_until_a_person_clears_it() {
    let dir = tempfile::tempdir().unwrap();
    let sample = |name: &str| samples().join(name);
    turned_anew(&sample("CHH-1187-1.x3p"), &dir.path().join("turned.x3p"));
    let photo = image::open(sample("EP-20931-1_ring.png")).unwrap();
    photo.rotate90().save(dir.path().join("turned.png")).unwrap();
    let mut manifest = String::from("file,casing_id,scene_id,case_number,agency,pixel_um\n");
    for (file, casing, pixel) in [
        (sample("CHH-1187-1.x3p"), "A", ""),
        ("turned.x3p".into(), "B", ""),
        (sample("CHH-1187-2.x3p"), "C", ""),
        (sample("EP-20931-1_ring.png"), "P", ""),
        ("turned.png".into(), "Q", "8"),
        (sample("TF-AZ-0911-1_ring.png"), "R", ""),
    ] {
        manifest += &format!("{},{casing},S-{casing},case {casing},X,{pixel}\n", file.display());
    }
    let path = dir.path().join("manifest.csv");
    std::fs::write(&path, manifest).unwrap();
    let (summary, code) = run(&path, dir.path());
    assert_eq!(code, 0, "{summary:#}");
    let pair = |s: &Value| format!("{} {} {}", s["a"], s["b"], s["why"]).replace('"', "");
    let found = |v: &Value| v.as_array().unwrap().iter().map(pair).collect::<Vec<_>>();
    assert_eq!(found(&summary["same_acquisition"]), ["A B same_values", "P Q same_values"]);
    let reports = dir.path().join("reports");
    let candidates = |casing: &str| -> Vec<String> {
        let report = json(&beginning_with(&reports, &format!("casing-{casing}-"), ".json"));
        let all = report["findings"][0]["candidates"].as_array().unwrap().clone();
        let id = |c: &Value| c["side"]["casing"]["id"].as_str().unwrap().to_owned();
        all.iter().map(id).collect()
    };
    let links = || -> Vec<String> {
        let all = json(&reports.join("index.json"))["links"].as_array().unwrap().clone();
        all.iter().map(|l| format!("{} {}", l["a"], l["b"]).replace('"', "")).collect()
    };
    assert!(!links().contains(&"A B".into()) && !links().contains(&"P Q".into()), "{:?}", links());
    assert_eq!(candidates("A"), ["C"]);
    assert_eq!(candidates("P"), ["R"]);
    let page = beginning_with(&reports, "casing-A-", ".html");
    let page = std::fs::read_to_string(page).unwrap();
    assert!(page.contains("The same acquisition?") && page.contains("A and B: every value"));
    // The tables for spreadsheets and for other programs have it too.
    let flagged = |file: &Path, column: &str, word: &str| -> Vec<String> {
        let mut reader = csv::Reader::from_path(file).unwrap();
        let header = reader.headers().unwrap().clone();
        let at = header.iter().position(|h| h == column).unwrap();
        let rows = reader.records().map(Result::unwrap);
        let of = rows.filter(|row| &row[at] == word || &row[at] == "near_identical");
        of.map(|row| row.iter().collect::<Vec<_>>().join(" ")).collect()
    };
    let table = beginning_with(&reports, "casing-A-", ".csv");
    let rows = flagged(&table, "same_acquisition", "same_values");
    assert!(rows.len() == 1 && rows[0].contains(" A ") && rows[0].contains(" B "), "{rows:?}");
    let rows = flagged(&reports.join("index.csv"), "outcome", "same_acquisition");
    assert!(rows.len() == 2 && rows[0].contains(" A ") && rows[0].contains("B: same_values"));
    let store = dir.path().join("store");
    let ties = |dir: &Path| {
        brasslink().arg("graph").arg(&store).arg("--csv").arg(dir).assert().success();
        flagged(&dir.join("edges.csv"), "kind", "same_acquisition")
    };
    let tied = ties(&dir.path().join("graph"));
    assert!(tied.len() == 2 && tied[0].starts_with("casing/A casing/B same_"), "{tied:?}");
    let change = |what: &str, more: &[&str]| {
        let mut command = brasslink();
        command.args(["acquisition", what, "B", "A", "--store"]).arg(&store);
        command.args(["--reason", "seen at the instrument"]).args(more).assert()
    };
    // No decision without a name.
    change("clear", &[]).failure();
    change("clear", &["--operator", " "]).failure();
    let again = || {
        brasslink().args(["link", "--store"]).arg(&store).assert().success();
        let report = ["report", "--store"];
        let mut command = brasslink();
        command.args(report).arg(&store).arg("--reports").arg(&reports).assert().success();
    };
    change("clear", &["--operator", "R. Ortiz"]).success();
    again();
    assert!(links().contains(&"A B".into()), "{:?}", links());
    assert_eq!(candidates("A"), ["B", "C"]);
    let tied = ties(&dir.path().join("graph"));
    assert!(tied[0].ends_with("cleared") && !tied[1].ends_with("cleared"), "{tied:?}");
    change("clear", &["--operator", "R. Ortiz"]).failure();
    change("restore", &["--operator", "R. Ortiz"]).success();
    again();
    assert!(!links().contains(&"A B".into()), "{:?}", links());
    let listed =
        brasslink().args(["acquisition", "list", "--json", "--store"]).arg(&store).output();
    let listed: Value = serde_json::from_slice(&listed.unwrap().stdout).unwrap();
    assert_eq!(listed.as_array().unwrap().len(), 2);
}

/// A scan that was turned by an angle and resampled, with noise on top: no value
/// of it is as it was.
fn copied(from: &Path, to: &Path, degrees: f64, pitch: f64, noise: f64) {
    let scan = imaging::acquire::read_scan(from, &Default::default()).unwrap();
    let types::surface::Surface::Height(map) = scan.surface else { panic!("no heights") };
    let (ny, nx) = map.z.dim();
    let (s, c) = degrees.to_radians().sin_cos();
    let (my, mx) = ((ny as f64 / pitch) as usize, (nx as f64 / pitch) as usize);
    let mut state = 1_u64;
    let z = ndarray::Array2::from_shape_fn((my, mx), |(row, col)| {
        let (x, y) = (col as f64 - mx as f64 / 2.0, row as f64 - my as f64 / 2.0);
        let at = (
            pitch * (c * x - s * y) + nx as f64 / 2.0 + 0.3,
            pitch * (s * x + c * y) + ny as f64 / 2.0 - 0.2,
        );
        // Bilinear, as image editors turn.
        let (left, top) = (at.0.floor(), at.1.floor());
        if left < 0.0 || top < 0.0 || left + 1.0 >= nx as f64 || top + 1.0 >= ny as f64 {
            return f64::NAN;
        }
        let (i, j, u, v) = (top as usize, left as usize, at.0 - left, at.1 - top);
        state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        let random = (state >> 33) as f64 / f64::from(1_u32 << 31) - 0.5;
        let upper = map.z[[i, j]] * (1.0 - u) + map.z[[i, j + 1]] * u;
        let lower = map.z[[i + 1, j]] * (1.0 - u) + map.z[[i + 1, j + 1]] * u;
        upper * (1.0 - v) + lower * v + noise * random * 12_f64.sqrt() + 1e-6 * x * 0.01
    });
    let meta = imaging::acquire::x3p::X3pMeta {
        z_type: imaging::acquire::x3p::ZType::I16,
        ..Default::default()
    };
    let (pitch_x, pitch_y) = (map.pitch_x * pitch, map.pitch_y * pitch);
    let map = types::surface::HeightMap { z, pitch_x, pitch_y };
    std::fs::write(to, imaging::acquire::x3p::write_x3p(&map, &meta).unwrap()).unwrap();
}

/// What `compare` says of one acquisition.
fn compared(a: &Path, b: &Path) -> Value {
    let output = brasslink().arg("compare").args([a, b]).arg("--json").output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice::<Value>(&output.stdout).unwrap()["same_acquisition"].clone()
}

#[test]
fn a_copy_that_was_turned_resampled_and_quantised_is_known_and_a_mate_is_none() {
    let dir = tempfile::tempdir().unwrap();
    let (one, mate) = (samples().join("CHH-1187-1.x3p"), samples().join("CHH-1187-2.x3p"));
    for (n, (degrees, pitch, noise)) in
        [(37.0, 1.0, 0.0), (0.0, 1.0, 20e-9), (-12.0, 0.7, 0.0), (171.0, 1.15, 0.0)]
            .into_iter()
            .enumerate()
    {
        let copy = dir.path().join(format!("copy{n}.x3p"));
        copied(&one, &copy, degrees, pitch, noise);
        let found = compared(&one, &copy);
        assert!(!found["near_identical"].is_null(), "turned {degrees}°, pitch × {pitch}: {found}");
    }
    assert!(compared(&one, &mate).is_null());
}

/// Every file directly in a folder with its bytes, of those that end so.
fn files(folder: &Path, end: &str) -> BTreeMap<String, Vec<u8>> {
    let entries = std::fs::read_dir(folder).unwrap().map(|e| e.unwrap());
    let named = entries.map(|e| (e.file_name().into_string().unwrap(), e.path()));
    let wanted = named.filter(|(name, _)| name.ends_with(end));
    wanted.map(|(name, path)| (name, std::fs::read(path).unwrap())).collect()
}

#[test]
fn the_day_after_only_what_changed_is_issued_and_the_new_casing_comes_first() {
    let dir = tempfile::tempdir().unwrap();
    let all = std::fs::read_to_string(samples().join("manifest.csv")).unwrap();
    let rooted = |keep: &dyn Fn(&str) -> bool| {
        let mut lines = all.lines();
        let mut out = lines.next().unwrap().to_owned() + "\n";
        for line in lines.filter(|line| keep(line)) {
            out += &format!("{}/{line}\n", samples().display());
        }
        out
    };
    let manifest = dir.path().join("manifest.csv");
    std::fs::write(&manifest, rooted(&|l| !l.starts_with("CHH-1187-2"))).unwrap();
    run(&manifest, dir.path());
    let reports = dir.path().join("reports");
    let before = files(&reports, ".json");
    // Nothing new: nothing is issued.
    let (idle, _) = run(&manifest, dir.path());
    assert!(idle["counts"]["reports_issued"].is_null(), "{idle:#}");
    assert_eq!(files(&reports, ".json"), before);

    std::fs::write(&manifest, rooted(&|_| true)).unwrap();
    let (summary, _) = run(&manifest, dir.path());
    let news = &summary["news"];
    assert_eq!(news.as_array().unwrap().len(), 1, "{news:#}");
    assert_eq!(news[0]["casing"], "CHH-1187-2");
    let first = news[0]["candidates"][0]["casing"].as_str().unwrap();
    assert!(["CHH-1187-1", "TF-CHH-0117-1", "TF-CHH-0117-2"].contains(&first), "{news:#}");
    assert_eq!(news[0]["candidates"][0]["rank"], 1);
    let after = files(&reports, ".json");
    let (mut changed, mut kept) = (0, 0);
    for (name, bytes) in &after {
        match before.get(name) {
            Some(old) if old == bytes => kept += 1,
            Some(old) => {
                changed += 1;
                // The new issue says which one it replaces, and that one is kept.
                let new: Value = serde_json::from_slice(bytes).unwrap();
                let old_id =
                    serde_json::from_slice::<Value>(old).unwrap()["header"]["report_id"].clone();
                assert_eq!(new["header"]["replaces"]["report_id"], old_id, "{name}");
                let aside = reports.join("replaced").join(old_id.as_str().unwrap()).join(name);
                assert_eq!(&std::fs::read(aside).unwrap(), old, "{name}");
            }
            None => changed += 1,
        }
    }
    assert_eq!(summary["counts"]["reports_issued"], changed, "{summary:#}");
    assert!(kept > 0, "reports that did not change are not issued again");
    // Every report that would show the new casing was issued.
    for (name, bytes) in after.iter().filter(|(name, _)| name.starts_with("casing-")) {
        let report: Value = serde_json::from_slice(bytes).unwrap();
        let shows = report["findings"].as_array().unwrap().iter().any(|f| {
            f["candidates"]
                .as_array()
                .unwrap()
                .iter()
                .any(|c| c["side"]["casing"]["id"] == "CHH-1187-2")
        });
        let own = name.starts_with("casing-CHH-1187-2");
        assert!(before.get(name) != Some(bytes) || !(shows || own), "{name}");
    }
    let index = std::fs::read_to_string(reports.join("index.html")).unwrap();
    let (new, totals) = (index.find("New since the last run"), index.find("id=\"totals\""));
    assert!(new.unwrap() < totals.unwrap());
    // `report --all` issues everything again.
    let output = brasslink()
        .args(["report", "--all", "--store"])
        .arg(dir.path().join("store"))
        .arg("--reports")
        .arg(&reports)
        .output()
        .unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(said.contains(" 0 unchanged"), "{said}");
}

/// Ctrl-C: exit code 130, words on how to go on, and what was stored stays.
#[cfg(unix)]
#[test]
fn an_interrupted_run_says_how_to_go_on() {
    let dir = tempfile::tempdir().unwrap();
    let manifest = samples().join("manifest.csv");
    let child = Process::new(assert_cmd::cargo::cargo_bin("brasslink"))
        .args(["run", "--manifest"])
        .arg(&manifest)
        .args(["--store".as_ref(), dir.path().join("store").as_os_str()])
        .args(["--reports".as_ref(), dir.path().join("reports").as_os_str()])
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // Once something is committed, and long before all is done.
    let ledger = dir.path().join("store/ledger.jsonl");
    let begun = || std::fs::metadata(&ledger).is_ok_and(|m| m.len() > 0);
    while !begun() {
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    let pid = rustix::process::Pid::from_raw(child.id() as i32).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::INT).unwrap();
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(130), "{said}");
    assert!(
        said.contains("interrupted: ") && said.contains("Run the same command again"),
        "{said}"
    );
    let (summary, code) = run(&manifest, dir.path());
    assert_eq!(code, 0, "{summary:#}");
    assert_eq!(groups(dir.path()), firearms(&samples().join("truth.csv"), ""));
}
