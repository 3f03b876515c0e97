//! `lead` and `show`: candidates, leads, hits, blind review.

use super::Desk;
use super::demo::{enter, groups, link, linked};
use serde_json::Value;

fn decide(desk: &Desk, word: &str, a: &str, b: &str, agency: &str) {
    let who = ["--operator", agency, "--agency", agency, "--reason", "as seen"];
    desk.said(0, &[&["lead", word, a, b, "--store", "store"], &who[..]].concat());
}

fn leads(desk: &Desk) -> Value {
    desk.json(&["lead", "list", "--store", "store", "--json"])
}

#[test]
fn a_candidate_becomes_a_lead_and_a_hit_that_counts_once_and_credits_both_agencies() {
    let desk = linked();
    let before = leads(&desk);
    assert!(before["links"].as_array().unwrap().iter().all(|l| l["decision"].is_null()));
    assert_eq!(before["hits"], Value::Array(Vec::new()));
    decide(&desk, "accept", "A2", "A1", "Juárez");
    assert_eq!(leads(&desk)["hits"], Value::Array(Vec::new()), "a lead is no hit");
    decide(&desk, "confirm", "A1", "A2", "El Paso");
    let shown = desk.json(&["lead", "show", "A1", "A2", "--store", "store"]);
    let words: Vec<_> = shown.as_array().unwrap().iter().map(|d| &d["conclusion"]).collect();
    assert_eq!(words, ["lead", "hit"]);
    assert!(shown[0]["at"].is_string() && shown[1]["by"] == "El Paso");
    let hits = leads(&desk)["hits"].clone();
    assert_eq!(hits.as_array().unwrap().len(), 1);
    assert_eq!(
        (&hits[0]["initiating"], &hits[0]["confirming"]),
        (&"Juárez".into(), &"El Paso".into())
    );
    // A connection that was known before is no hit.
    desk.write("case.csv", "case_number,connected_cases\nK-A1,K-A2\nK-A2,\n");
    desk.import(0, &["case.csv"]);
    assert_eq!(leads(&desk)["hits"], Value::Array(Vec::new()));
}

#[test]
fn several_exhibits_between_two_cases_are_one_hit() {
    let desk = linked();
    // A2 and A3 are put into one case by their exhibit's records.
    desk.write("casing.csv", "casing_id,case_number\nA2,K-A3\n");
    desk.import(0, &["casing.csv", "--reason", "cases joined by the court"]);
    decide(&desk, "confirm", "A1", "A2", "x");
    decide(&desk, "confirm", "A1", "A3", "x");
    let hits = leads(&desk)["hits"].clone();
    assert_eq!(
        (hits.as_array().unwrap().len(), hits[0]["exhibits"].as_array().unwrap().len()),
        (1, 2)
    );
}

#[test]
fn a_rejection_splits_and_stays_when_new_casings_arrive_and_a_contradiction_is_named() {
    let desk = linked();
    let at_first = groups(&desk);
    assert_eq!(at_first["A1"], at_first["TA"]);
    assert_ne!(at_first["A1"], at_first["B1"]);
    decide(&desk, "reject", "A1", "TA", "x");
    link(&desk);
    let split = groups(&desk);
    assert_ne!(split.get("A1"), split.get("TA"));
    enter(&desk, &["A4", "A5"], &super::demo::GUNS.concat(), "2026-03-21T10:00:00Z");
    link(&desk);
    let later = groups(&desk);
    assert_ne!(later.get("A1"), later.get("TA"), "new casings bridge no rejection");
    // Confirmations that would tie what was rejected.
    decide(&desk, "confirm", "A1", "A2", "x");
    decide(&desk, "confirm", "A2", "TA", "x");
    link(&desk);
    let warnings = desk.read("link.json")["warnings"].to_string();
    assert!(warnings.contains("contradiction: A1 and TA must stay apart"), "{warnings}");
    assert_ne!(groups(&desk).get("A1"), groups(&desk).get("TA"));
}

#[test]
fn a_confirmation_merges_what_scores_keep_apart() {
    let desk = linked();
    decide(&desk, "confirm", "A1", "B1", "x");
    link(&desk);
    // Two firearms' test fires cannot be in one group: the tie goes to one.
    let merged = groups(&desk);
    assert_eq!(merged["A1"], merged["B1"]);
    assert_ne!(merged.get("TA"), merged.get("TB"));
}

#[test]
fn groups_keep_their_names_when_casings_arrive() {
    let desk = linked();
    let before = groups(&desk);
    enter(&desk, &["A4"], &super::demo::GUNS.concat(), "2026-03-21T10:00:00Z");
    link(&desk);
    let after = groups(&desk);
    assert!(before.iter().all(|(casing, group)| after[casing] == *group));
    assert_eq!(after["A4"], after["A1"]);
}

#[test]
fn show_joins_group_firearm_cases_and_scenes_and_tells_why() {
    let desk = linked();
    let group = groups(&desk)["A1"].clone();
    let shown = desk.json(&["show", &group, "--store", "store", "--json"]);
    let ids: Vec<_> =
        shown["casings"].as_array().unwrap().iter().map(|c| c["id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["A1", "A2", "A3", "TA"]);
    assert_eq!(shown["groups"][0]["firearm"], "GUN-A");
    assert_eq!(shown["cases"], serde_json::json!(["K-A1", "K-A2", "K-A3"]));
    assert_eq!(shown["timeline"].as_array().unwrap().len(), 3);
    // The case and the gun lead to the same casings.
    for name in ["K-A2", "GUN-A"] {
        let same = desk.json(&["show", name, "--store", "store", "--json"]);
        assert_eq!(same["casings"], shown["casings"], "{name}");
    }
    let (why, _) = desk.said(0, &["show", &group, "--why", "A1", "A3", "--store", "store"]);
    assert!(
        why.contains("A1 and A3 are in one group") && why.contains("their own score: 3"),
        "{why}"
    );
    let (why, _) = desk.said(0, &["show", &group, "--why", "A1", "B1", "--store", "store"]);
    assert!(
        why.contains("not in one group") && why.contains("test fires of two firearms"),
        "{why}"
    );
    desk.said(1, &["show", "nobody", "--store", "store"]);
}

/// What a byte of the packet must not tell.
fn tells(bytes: &[u8], secrets: &[String]) -> Option<String> {
    let found = |s: &&String| bytes.windows(s.len()).any(|w| w == s.as_bytes());
    secrets.iter().find(found).cloned()
}

#[test]
fn a_blind_packet_tells_nothing_and_its_answers_are_reconciled() {
    let desk = linked();
    let links = leads(&desk)["links"].as_array().unwrap().clone();
    decide(&desk, "confirm", "A1", "A2", "Juárez");
    decide(&desk, "reject", "B1", "B2", "Juárez");
    let key = ["--key", "key.json", "--secret", "two words"];
    desk.said(0, &[&["lead", "packet", "--store", "store", "--out", "blind"], &key[..]].concat());
    let mut secrets: Vec<String> =
        ["GUN-", "SECRET", "Juárez", "hit", "eliminated", "K-A", "K-B", "S-A"]
            .map(str::to_owned)
            .into();
    for link in &links {
        let score = link["score"].as_f64().unwrap();
        secrets.extend([format!("{score}"), format!("{score:.2}")]);
    }
    let names = ["A1", "A2", "A3", "TA", "B1", "B2", "B3", "TB"];
    for entry in std::fs::read_dir(desk.path("blind")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        let text = [name.as_bytes(), &std::fs::read(&path).unwrap()].concat();
        assert_eq!(tells(&text, &secrets), None, "{name}");
        if name.ends_with(".csv") {
            let sheet = String::from_utf8(text).unwrap();
            let cells = |c: &&&str| sheet.split([',', '\n']).any(|cell| cell == **c);
            assert_eq!(names.iter().find(cells), None);
        }
    }
    // The same pictures whatever was decided and in whatever order scores are.
    desk.said(
        0,
        &[
            &["lead", "packet", "--store", "store", "--out", "again"],
            &["--key", "again.json", "--secret", "two words"][..],
        ]
        .concat(),
    );
    assert_eq!(desk.read("key.json"), desk.read("again.json"));
    let items = desk.read("key.json")["items"].clone();
    let mut sheet = "item,conclusion\n".to_owned();
    for (item, pair) in items.as_object().unwrap() {
        let mut pair = [pair[0].as_str().unwrap(), pair[1].as_str().unwrap()];
        pair.sort_unstable();
        let answer = match pair {
            ["A1", "A2"] | ["B1", "B2"] => "lead",
            _ => "",
        };
        sheet += &format!("{item},{answer}\n");
    }
    desk.write("answers.csv", &sheet);
    let answers = ["--key", "key.json", "--answers", "answers.csv"];
    let said = desk.json(&[&["lead", "reconcile", "--store", "store"], &answers[..]].concat());
    let agree = |n: usize| said[n]["agree"].as_bool().unwrap();
    assert_eq!(said.as_array().unwrap().len(), 2);
    assert!(agree(0) != agree(1), "a lead agrees with a hit, not with an elimination: {said}");
}
