//! `lead` and `show`: candidates, leads, hits, blind review.

use super::Workbench;
use super::demo::{enter, groups, link, linked};
use serde_json::Value;

fn decide(desk: &Workbench, word: &str, a: &str, b: &str, agency: &str) {
    let who = ["--operator", agency, "--agency", agency, "--reason", "as seen", "--yes"];
    desk.said(0, &[&["lead", word, a, b, "--store", "store"], &who[..]].concat());
}

fn leads(desk: &Workbench) -> Value {
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
fn the_last_decision_is_in_force_even_within_a_second_and_none_is_lost() {
    let desk = linked();
    let words = ["reject", "confirm", "reject", "confirm"];
    words.iter().for_each(|word| decide(&desk, word, "A1", "A2", "x"));
    let shown = desk.json(&["lead", "show", "A1", "A2", "--store", "store"]);
    let said: Vec<_> = shown.as_array().unwrap().iter().map(|d| &d["conclusion"]).collect();
    assert_eq!(said, ["eliminated", "hit", "eliminated", "hit"]);
    let entries: Vec<_> =
        shown.as_array().unwrap().iter().map(|d| d["entry"].as_u64().unwrap()).collect();
    assert!(entries.is_sorted_by(|x, y| x < y), "{entries:?}");
    let listed = leads(&desk)["links"].clone();
    let first = listed.as_array().unwrap().iter().find(|l| l["a"] == "A1" && l["b"] == "A2");
    assert_eq!(first.unwrap()["decision"]["conclusion"], "hit");
    assert_eq!(leads(&desk)["hits"].as_array().unwrap().len(), 1);
    link(&desk);
    assert_eq!(groups(&desk)["A1"], groups(&desk)["A2"]);
    decide(&desk, "reject", "A1", "A2", "x");
    link(&desk);
    assert_ne!(groups(&desk).get("A1"), groups(&desk).get("A2"));
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
    let answers = ["--key", "key.json", "--answers", "answers.csv", "--reviewer", "B. Second"];
    let said = desk.json(&[&["lead", "reconcile", "--store", "store"], &answers[..]].concat());
    let agree = |n: usize| said[n]["agree"].as_bool().unwrap();
    assert_eq!(said.as_array().unwrap().len(), 2);
    assert!(agree(0) != agree(1), "a lead agrees with a hit, not with an elimination: {said}");
    // Whoever decided first is no second reviewer.
    let own = [&answers[..5], &["juárez"][..]].concat();
    let (out, err) = desk.said(3, &[&["lead", "reconcile", "--store", "store"], &own[..]].concat());
    assert!(err.contains("another person reviews this pair"), "{err}");
    assert_eq!(out.matches("\"agree\": true").count(), 0, "{out}");
}

fn lead(desk: &Workbench, code: i32, args: &[&str]) -> (String, String) {
    desk.said(code, &[&["lead"], args, &["--store", "store"]].concat())
}

/// The pairs that `lead list` lists.
fn pairs(desk: &Workbench, more: &[&str]) -> Vec<String> {
    let args = [&["lead", "list", "--store", "store", "--json", "--sort", "name"], more].concat();
    let listed = desk.json(&args)["links"].clone();
    let name = |l: &Value| format!("{}-{}", l["a"].as_str().unwrap(), l["b"].as_str().unwrap());
    listed.as_array().unwrap().iter().map(name).collect()
}

fn listed(desk: &Workbench, a: &str, b: &str) -> Value {
    let all = desk.json(&["lead", "list", "--store", "store", "--json", "--all"])["links"].clone();
    let found = all.as_array().unwrap().iter().find(|l| l["a"] == a && l["b"] == b);
    found.cloned().unwrap_or_default()
}

#[test]
fn what_a_decision_would_change_is_told_first_and_what_scores_contradict_needs_a_reason_and_yes() {
    let desk = linked();
    let confirm = ["confirm", "A1", "B1", "--operator", "R. Ortiz"];
    let (out, err) = lead(&desk, 1, &confirm);
    for told in [
        "groups that would change: {A1, A2, A3, TA} {B1, B2, B3, TB} to",
        "compared pairs would come into one group: 0 of them score clearly like one firearm",
        "a hit between case K-A1 and case K-B1 would be made",
        "AGAINST THE SCORES: A1 and B1 are confirmed as fired by one firearm, but the scores speak \
         for two firearms: score 3.70",
    ] {
        assert!(out.contains(told), "{told}\n{out}");
    }
    assert!(err.contains("give --reason") && err.contains("nothing is recorded"), "{err}");
    let why = ["--reason", "both under the microscope"];
    let (_, err) = lead(&desk, 1, &[&confirm[..], &why].concat());
    assert!(err.contains("give --yes where nobody can be asked"), "{err}");
    lead(&desk, 2, &[&confirm[..], &["--reason", " ", "--yes"]].concat());
    let (out, _) = lead(&desk, 0, &[&confirm[..], &["--dry-run"]].concat());
    assert!(out.contains("nothing was changed"), "{out}");
    assert_eq!(lead(&desk, 0, &["show", "A1", "B1"]).0.trim(), "[]");
    // A rejection within a well supported group likewise; what nothing
    // contradicts is done at once.
    let (out, _) = lead(&desk, 1, &["reject", "A1", "A2"]);
    assert!(
        out.contains("A1 and A2 are eliminated, but the scores speak for one firearm"),
        "{out}"
    );
    assert!(out.contains("would no longer be in one group"), "{out}");
    let (out, _) = lead(&desk, 0, &["confirm", "A1", "A2", "--operator", "R. Ortiz"]);
    assert!(out.contains("recorded: 1 decision by R. Ortiz (--operator)"), "{out}");

    lead(&desk, 0, &[&confirm[..], &why, &["--yes"]].concat());
    let (_, err) = desk.said(0, &["link", "--store", "store"]);
    assert!(err.contains("CAUTION: A1 and B1 are confirmed as fired by one firearm, but"), "{err}");
    let row = listed(&desk, "A1", "B1");
    assert_eq!(row["conflicts"][0]["bond"], "confirmed");
    assert!(lead(&desk, 0, &["list"]).0.contains("CAUTION: A1 and B1"));
    // Reports say so too: the index, and those of the casings concerned.
    desk.said(0, &["report", "--store", "store", "--reports", "out", "--format", "json"]);
    assert_eq!(desk.read("out/index.json")["objections"]["conflicts"][0]["a"], "A1");
    lead(&desk, 0, &["withdraw", "A1", "B1", "--operator", "R. Ortiz", "--reason", "wrong bag"]);
    let (_, err) = desk.said(0, &["link", "--store", "store"]);
    assert!(!err.contains("CAUTION"), "{err}");
    assert_ne!(groups(&desk)["A1"], groups(&desk)["B1"]);
}

#[test]
fn who_contradicts_another_says_so_and_both_words_stay_visible_until_one_is_withdrawn() {
    let desk = linked();
    lead(&desk, 0, &["confirm", "A1", "A2", "--operator", "R. Ortiz"]);
    let reject = ["reject", "A1", "A2", "--operator", "B. Second"];
    let (out, _) = lead(&desk, 1, &reject);
    assert!(out.contains("AGAINST R. Ortiz, who says hit of A1 and A2 (ledger entry "), "{out}");
    assert!(out.contains("a hit between case K-A1 and case K-A2 would be undone"), "{out}");
    lead(&desk, 0, &[&reject[..], &["--reason", "other breech face", "--yes"]].concat());
    let row = listed(&desk, "A1", "A2");
    assert_eq!(row["decision"]["by"], "B. Second", "the later in the ledger");
    assert_eq!(row["dissent"][0]["by"], "R. Ortiz");
    assert!(lead(&desk, 0, &["list"]).0.contains("CONTESTED: R. Ortiz says hit"));
    assert!(pairs(&desk, &["--pending"]).contains(&"A1-A2".to_owned()), "open again");
    let shown: Value = serde_json::from_str(&lead(&desk, 0, &["show", "A1", "A2"]).0).unwrap();
    let flags = |n: usize| ["stands", "in_force", "contested"].map(|f| shown[n][f].as_bool());
    assert_eq!(flags(0), [Some(true), Some(false), Some(true)]);
    assert_eq!(flags(1), [Some(true), Some(true), Some(false)]);
    assert_eq!(shown[1]["reason"], "other breech face");

    lead(&desk, 1, &["withdraw", "A1", "A2", "--operator", "B. Second"]);
    let why = ["--reason", "specimens mixed up"];
    let (_, err) =
        lead(&desk, 1, &[&["withdraw", "A1", "A2", "--operator", "C"], &why[..]].concat());
    assert!(err.contains("there is one of R. Ortiz, B. Second: --of names whose"), "{err}");
    let of = ["withdraw", "A1", "A2", "--operator", "C", "--of", "r ortiz"];
    let (_, err) = lead(&desk, 1, &[&of[..], &why].concat());
    assert!(err.contains("give --yes"), "another's word: {err}");
    lead(&desk, 0, &[&["withdraw", "A1", "A2", "--operator", "b. second"], &why[..]].concat());
    let row = listed(&desk, "A1", "A2");
    assert_eq!(
        (&row["decision"]["by"], &row["dissent"]),
        (&"R. Ortiz".into(), &Value::Array(vec![]))
    );
    let shown: Value = serde_json::from_str(&lead(&desk, 0, &["show", "A1", "A2"]).0).unwrap();
    assert_eq!(shown.as_array().unwrap().len(), 3, "nothing is taken off the record");

    // A verifier is another person.
    let (_, err) = lead(&desk, 1, &["verify", "A1", "A2", "--operator", "R ORTIZ"]);
    assert!(err.contains("another person verifies"), "{err}");
    lead(&desk, 0, &["verify", "A1", "A2", "--operator", "B. Second"]);
    assert_eq!(listed(&desk, "A1", "A2")["verified_by"], serde_json::json!(["R. Ortiz"]));
    lead(&desk, 1, &["verify", "A1", "A3", "--operator", "B. Second"]);
}

#[test]
fn no_decision_is_made_without_a_name() {
    let desk = linked();
    let mut command = assert_cmd::Command::cargo_bin("brasslink").unwrap();
    command.current_dir(desk.path(".")).env_remove("USER").env_remove("LOGNAME");
    let args = ["lead", "accept", "A1", "A2", "--store", "store"];
    let output = command.args(args).output().unwrap();
    let err = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(
        err.contains("no decision is made without a name") && err.contains("--operator"),
        "{err}"
    );
    for blank in ["", "  ", "\u{200b}"] {
        lead(&desk, 2, &["accept", "A1", "A2", "--operator", blank]);
    }
    assert_eq!(lead(&desk, 0, &["show", "A1", "A2"]).0.trim(), "[]");
    let (out, _) = lead(&desk, 0, &["accept", "A1", "A2"]);
    assert!(out.contains("by desk (the login name)"), "{out}");
}

#[test]
fn a_test_fire_under_the_wrong_firearm_is_named_with_its_record() {
    let desk = linked();
    let amend = |casing: &str, set: &[&str]| {
        let mut args = vec!["amend", "store", "--casing", casing, "--reason", "typing"];
        set.iter().for_each(|field| args.extend(["--set", field]));
        desk.said(0, &args);
    };
    amend("TB", &["firearm=GUN-A"]);
    let (_, err) = desk.said(0, &["link", "--store", "store", "--json", "link.json"]);
    let named = "CAUTION: TA and TB are recorded (casing/TA, casing/TB) as test fires of GUN-A, but \
                 the scores speak for two firearms";
    assert!(err.contains(named), "{err}");
    assert_eq!(desk.read("link.json")["counts"]["conflicts"], 1);
    assert_eq!(listed(&desk, "TA", "TB")["conflicts"][0]["bond"]["one_firearm"], "GUN-A");
    amend("TB", &["firearm=GUN-B"]);
    let (_, err) = desk.said(0, &["link", "--store", "store"]);
    assert!(!err.contains("CAUTION"), "{err}");
    amend("A3", &["origin=test_fire", "scene=null", "firearm=GUN-C"]);
    let (_, err) = desk.said(0, &["link", "--store", "store"]);
    assert!(err.contains("test fires of two firearms, GUN-A and GUN-C, but"), "{err}");
    assert!(err.contains("A3 and TA are recorded"), "{err}");
}

#[test]
fn the_list_shows_what_is_asked_for_and_counts_what_it_folds_away() {
    let desk = linked();
    let group = groups(&desk)["A1"].clone();
    assert_eq!(pairs(&desk, &[]).len(), 12);
    assert_eq!(pairs(&desk, &["--group", &group]).len(), 6);
    assert_eq!(pairs(&desk, &["--case", "K-B2"]), ["B1-B2", "B2-B3", "B2-TB"]);
    decide(&desk, "reject", "A1", "A3", "R. Ortiz");
    decide(&desk, "accept", "B1", "B2", "B. Second");
    link(&desk);
    let decided = ["A1-A3", "B1-B2"];
    assert_eq!(pairs(&desk, &["--decided"]), decided, "what is eliminated stays findable");
    assert_eq!(listed(&desk, "A1", "A3")["proposed"], false);
    assert_eq!(pairs(&desk, &["--mine", "--operator", "r. ortiz"]), ["A1-A3"]);
    assert!(pairs(&desk, &["--pending"]).iter().all(|p| !decided.contains(&p.as_str())));

    // What one scene or one gun's test fires yield is counted, not listed.
    desk.write("casing.csv", "casing_id,scene_id,case_number\nB2,S-B1,K-B1\nB3,S-B1,K-B1\n");
    desk.import(0, &["casing.csv", "--reason", "one scene"]);
    let (out, _) = lead(&desk, 0, &["list", "--group", &groups(&desk)["B1"]]);
    assert!(out.contains("3 pairs of one scene are folded away; --all lists them"), "{out}");
    assert!(!out.contains("B1  B2") && out.contains("B1  TB"), "{out}");
    assert_eq!(pairs(&desk, &["--group", &groups(&desk)["B1"], "--all"]).len(), 6);

    enter(&desk, &["A4"], &super::demo::GUNS.concat(), "2026-03-21T10:00:00Z");
    link(&desk);
    let new = pairs(&desk, &["--new"]);
    assert!(!new.is_empty() && new.iter().all(|p| p.contains("A4")), "{new:?}");
    assert_eq!(pairs(&desk, &["--since", "2026-03-21"]), new);
    decide(&desk, "accept", "A2", "A4", "x");
    link(&desk);
    assert_eq!(pairs(&desk, &["--new"]), new, "a linking without comparisons brings nothing");
}

#[test]
fn a_whole_group_is_decided_at_once() {
    let desk = linked();
    let group = groups(&desk)["B1"].clone();
    lead(&desk, 0, &["accept", "B1", "B2", "--operator", "x"]);
    let (out, _) = lead(&desk, 0, &["accept", "--group", &group, "--operator", "x"]);
    assert!(out.contains("recorded: 5 decisions by x"), "{out}");
    assert_eq!(pairs(&desk, &["--decided"]).len(), 6);
    let (out, _) = lead(&desk, 0, &["accept", "--group", &group, "--operator", "x"]);
    assert!(out.contains("nothing to decide"), "{out}");
    lead(&desk, 0, &["withdraw", "--group", &group, "--operator", "x", "--reason", "wrong group"]);
    assert!(pairs(&desk, &["--decided"]).is_empty());
    lead(&desk, 1, &["accept", "--group", "G-none", "--operator", "x"]);
}

#[test]
fn eight_decisions_at_the_same_moment_are_all_made() {
    let desk = linked();
    let pairs = ["A1 A2", "A1 A3", "A2 A3", "A1 TA", "B1 B2", "B1 B3", "B2 B3", "B1 TB"];
    std::thread::scope(|scope| {
        for (n, pair) in pairs.iter().enumerate() {
            let (a, b) = pair.split_once(' ').unwrap();
            let (desk, who) = (&desk, format!("Examiner {n}"));
            scope.spawn(move || lead(desk, 0, &["accept", a, b, "--operator", &who]));
        }
    });
    let mut numbers = Vec::new();
    for pair in pairs {
        let (a, b) = pair.split_once(' ').unwrap();
        let shown: Value = serde_json::from_str(&lead(&desk, 0, &["show", a, b]).0).unwrap();
        assert_eq!(shown.as_array().unwrap().len(), 1, "{pair}");
        let id = shown[0]["id"].as_str().unwrap().to_owned();
        numbers.push((shown[0]["entry"].as_u64().unwrap(), id[..10].to_owned()));
    }
    numbers.sort();
    let in_order: Vec<String> = (1..=8).map(|n| format!("D-{n:08}")).collect();
    assert_eq!(numbers.into_iter().map(|n| n.1).collect::<Vec<_>>(), in_order);
}
