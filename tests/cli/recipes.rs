//! Recipes: shown, chosen, and what becomes of a store when they change.

use crate::desk::Workbench;
use serde_json::Value;

/// A manifest of the bundled samples whose file names contain one of `names`.
fn manifest(desk: &Workbench, name: &str, names: &[&str]) {
    let samples = testkit::project().join("samples");
    let all = std::fs::read_to_string(samples.join("manifest.csv")).unwrap();
    let wanted = |l: &&str| l.contains(".x3p") && names.iter().any(|n| l.starts_with(n));
    let rows: String =
        all.lines().filter(wanted).map(|l| format!("{}/{l}\n", samples.display())).collect();
    desk.write(name, &format!("{}\n{rows}", all.lines().next().unwrap()));
}

fn run(desk: &Workbench, code: i32, before: &[&str], manifest: &str) -> (Value, String) {
    let run = ["run", "-q", "--manifest", manifest, "--store", "store", "--reports", "reports"];
    let (_, err) = desk.said(code, &[before, &run, &["--json", "summary.json"]].concat());
    (desk.read("summary.json"), err)
}

#[test]
fn the_recipe_is_shown_changed_and_refused_by_name() {
    let desk = Workbench::new();
    let shown = desk.said(0, &["recipe", "show"]).0;
    desk.write("same.toml", &shown);
    let digest = desk.said(0, &["recipe", "check", "same.toml"]).0;
    assert!(shown.starts_with(&format!("# {}", digest.trim())), "{shown}");
    let json = desk.json(&["recipe", "show", "--json"]);
    assert_eq!(json["digest"], digest.trim());

    desk.write("other.toml", "[band]\nshort_um = 20.0\nlong_um = 500.0\n");
    assert_ne!(desk.said(0, &["recipe", "check", "other.toml"]).0, digest);
    desk.write("empty.toml", "");
    assert_eq!(desk.said(0, &["recipe", "check", "empty.toml"]).0, digest);
    desk.write("bad.toml", "[band]\nshort_um = 900.0\nlong_um = 500.0\n");
    let (_, err) = desk.said(1, &["recipe", "check", "bad.toml"]);
    assert!(err.contains("bad.toml") && err.contains("short_um"), "{err}");
    desk.write("typing.toml", "pich_um = 6.25\n");
    let (_, err) = desk.said(1, &["--recipe", "typing.toml", "recipe", "show"]);
    assert!(err.contains("pich_um") && err.contains("recipe show"), "{err}");
}

#[test]
fn a_store_of_an_older_recipe_says_what_is_left_behind_and_is_brought_along() {
    let desk = Workbench::new();
    manifest(&desk, "first.csv", &["CHH-1187-1", "TF-CHH-0117-1"]);
    manifest(&desk, "more.csv", &["CHH-1187-2"]);
    desk.write("older.toml", "[band]\nshort_um = 20.0\nlong_um = 500.0\n");
    let (first, _) = run(&desk, 0, &["--recipe", "older.toml"], "first.csv");
    assert_eq!(first["counts"]["pairs_compared"], 1);

    // The recipe in force is another one now: the new casing meets nobody, and
    // that is no success.
    let (alone, err) = run(&desk, 3, &[], "more.csv");
    assert_eq!(alone["counts"]["pairs_compared"].as_u64().unwrap_or(0), 0);
    assert!(err.contains("2 marks") && err.contains("store prepare"), "{err}");
    assert_eq!(alone["failures"][0]["kind"], "incomparable");

    desk.said(0, &["store", "prepare", "--store", "store", "--operator", "tests"]);
    let (all, _) = run(&desk, 0, &[], "more.csv");
    assert_eq!(all["counts"]["pairs_compared"], 3);
    assert_eq!(all["failures"].as_array().map(Vec::len), Some(0));
    desk.said(0, &["store", "verify", "--store", "store", "--deep"]);

    // As if all had come under this recipe from the start.
    let new = Workbench::new();
    manifest(&new, "all.csv", &["CHH-1187-1", "TF-CHH-0117-1", "CHH-1187-2"]);
    run(&new, 0, &[], "all.csv");
    let score = |desk: &Workbench| {
        let shown = ["lead", "show", "CHH-1187-1", "CHH-1187-2", "--store", "store"];
        desk.said(0, &shown).0
    };
    assert_eq!(score(&desk), score(&new));
    // Done twice, nothing changes.
    let (out, _) = desk.said(0, &["store", "prepare", "--store", "store", "--operator", "tests"]);
    assert!(out.contains("0 marks"), "{out}");
}
