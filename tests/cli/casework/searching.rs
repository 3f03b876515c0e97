//! Search rules on real marks: the bundled samples.

use super::Workbench;
use serde_json::Value;
use std::collections::BTreeSet;

fn casings(list: &Value) -> BTreeSet<String> {
    let name = |c: &Value| c.as_str().or(c["casing"].as_str()).unwrap().to_owned();
    list.as_array().unwrap().iter().map(name).collect()
}

#[test]
fn what_rules_exclude_is_listed_and_with_what_was_compared_is_the_gallery() {
    let desk = Workbench::new();
    let samples = testkit::project().join("samples");
    let manifest = std::fs::read_to_string(samples.join("manifest.csv")).unwrap();
    let rows = manifest
        .lines()
        .filter(|l| l.starts_with("file") || (l.contains(".x3p") && !l.starts_with("TF")));
    let rows: Vec<&str> = rows.collect();
    for file in rows.iter().skip(1).map(|l| l.split(',').next().unwrap()) {
        std::fs::copy(samples.join(file), desk.path(file)).unwrap();
    }
    desk.write("manifest.csv", &rows.join("\n"));
    desk.said(0, &["import", "--manifest", "manifest.csv", "--store", "store", "-q"]);
    let correlate = |rules: &[&str]| {
        let common = ["correlate", "--store", "store", "-q", "--json", "counts.json"];
        desk.said(0, &[&common[..], rules].concat());
        desk.read("counts.json")["counts"].clone()
    };
    let rules = ["--same-calibre", "--partition", "nation"];
    let counts = correlate(&rules);
    let all = casings(&serde_json::json!([
        "CHH-1187-1",
        "CHH-1187-2",
        "COA-0553-1",
        "COA-0553-2",
        "EP-20931-1",
        "LA-3312-1",
        "SON-2291-1",
        "TAM-0870-1",
        "TU-1176-1"
    ]));
    let mut compared = 0;
    for casing in &all {
        let ledger = desk.json(&["excluded", casing, "--store", "store", "--json"]);
        let [one] = ledger.as_array().unwrap().as_slice() else { panic!("{ledger}") };
        let (kept, out) = (casings(&one["compared"]), casings(&one["excluded"]));
        assert!(kept.is_disjoint(&out));
        let others: BTreeSet<String> = all.iter().filter(|c| *c != casing).cloned().collect();
        assert_eq!(kept.union(&out).cloned().collect::<BTreeSet<_>>(), others, "{casing}");
        for line in one["excluded"].as_array().unwrap() {
            let other = line["casing"].as_str().unwrap();
            let american = |c: &str| ["EP", "LA", "TU"].iter().any(|p| c.starts_with(p));
            let mut expected = Vec::new();
            // The one of .40 S&W.
            if (casing == "TAM-0870-1") != (other == "TAM-0870-1") {
                expected.push("calibre");
            }
            if american(casing) != american(other) {
                expected.push("other_nation");
            }
            assert_eq!(line["reasons"], serde_json::json!(expected), "{casing} and {other}");
        }
        compared += kept.len();
    }
    assert_eq!(counts["pairs_compared"], compared / 2);
    // Again, nothing is done; without the rules, the rest is.
    assert!(correlate(&rules)["pairs_compared"].is_null());
    let rest = correlate(&[])["pairs_compared"].as_u64().unwrap() as usize;
    assert_eq!(rest + compared / 2, 9 * 8 / 2);
    let ledger = desk.json(&["excluded", "EP-20931-1", "--store", "store", "--json"]);
    assert_eq!(ledger[0]["excluded"], Value::Array(Vec::new()));
}
