//! Watch list, clock, graph and search ledger.

use super::Workbench;
use super::demo::{GUNS, enter, groups, link, linked};
use serde_json::Value;
use std::collections::BTreeSet;

fn watch(desk: &Workbench, what: &[&str]) -> String {
    let common = ["--store", "store", "--operator", "R. Ortiz"];
    let (said, _) = desk.said(0, &[&["watch", "add"], what, &common].concat());
    said.split(':').next().unwrap().to_owned()
}

#[test]
fn new_links_that_touch_a_standing_query_come_first_with_when_and_why() {
    let desk = linked();
    let events = "scene_id,date,latitude,longitude\nS-A4,2026-03,31.7333,-106.4833\n";
    desk.write("event.csv", events);
    desk.import(0, &["event.csv"]);
    watch(&desk, &["--firearm", "GUN-A"]);
    let near = watch(&desk, &["--near", "31.7587,-106.4869", "--radius-km", "5"]);
    let far = watch(&desk, &["--near", "25.87,-97.50", "--radius-km", "5"]);
    watch(&desk, &["--case", "K-B1"]);
    assert_eq!(link(&desk).matches("WATCHED").count(), 0, "what was there is not new");
    enter(&desk, &["A4"], &GUNS.concat(), "2026-03-21T10:00:00Z");
    let said = link(&desk);
    assert!(said.starts_with("WATCHED"), "{said}");
    let told = desk.read("link.json")["watched"].clone();
    let list = desk.json(&["watch", "list", "--store", "store", "--json"]);
    assert_eq!(list["notices"].as_array().unwrap().len(), told.as_array().unwrap().len());
    let by = |watch: &str| {
        let all = list["notices"].as_array().unwrap().iter();
        all.filter(|n| n["watch"] == watch).cloned().collect::<Vec<Value>>()
    };
    let here = by(&near);
    assert_eq!(here.len(), 4, "A4 with each of its gun: {list:#}");
    assert!(here.iter().all(|n| n["at"].is_string() && n["by"] == "R. Ortiz"));
    assert_eq!(here[0]["why"], "A4 was found 2.8 km away, at scene S-A4");
    assert!(by(&far).is_empty());
    assert_eq!(told.as_array().unwrap().len(), 8, "none of K-B1");
    // Told once; a removed query is told nothing.
    assert_eq!(link(&desk).matches("WATCHED").count(), 0);
    desk.said(0, &["watch", "remove", &near, "--reason", "over", "--store", "store"]);
    enter(&desk, &["A5"], &[&GUNS.concat()[..], &["A4"]].concat(), "2026-03-22T10:00:00Z");
    link(&desk);
    let told = desk.read("link.json")["watched"].clone();
    assert!(told.as_array().unwrap().iter().all(|n| n["watch"] != near.as_str()));
    assert!(!told.as_array().unwrap().is_empty());
}

#[test]
fn what_is_late_is_listed_until_it_is_done() {
    let desk = Workbench::new();
    enter(&desk, &GUNS.concat(), &[], "2026-03-20T10:00:00Z");
    link(&desk);
    // Received on a Friday before a long weekend in Mexico; one bag is not entered.
    desk.write(
        "exhibit.csv",
        "exhibit_id,type,casings,received
E1,casings,A1;A2;A3,2026-03-13
E2,casings,,2026-03-13
E3,casings,B1;B2;B3;TA;TB,
",
    );
    desk.import(0, &["exhibit.csv"]);
    desk.write("clock.toml", "country = \"MX\"\nutc_offset_hours = -6\n");
    desk.said(0, &["clock", "set", "clock.toml", "--store", "store", "--reason", "agreed"]);
    let late = |code: i32, at: &str| {
        let (out, _) =
            desk.said(code, &["clock", "overdue", "--store", "store", "--at", at, "--json"]);
        let late: Value = serde_json::from_str(&out).unwrap();
        let pair =
            |o: &Value| (o["item"].as_str().unwrap().into(), o["step"].as_str().unwrap().into());
        late.as_array().unwrap().iter().map(pair).collect::<Vec<(String, String)>>()
    };
    let both = |a: &str, b: &str| (a.to_owned(), b.to_owned());
    assert_eq!(late(0, "2026-03-19T05:59:00Z"), []);
    assert_eq!(late(3, "2026-03-19T06:01:00Z"), [both("E2", "entry")]);
    let stages = desk.json(&["clock", "stages", "--store", "store", "--json"]);
    let entry = &stages[0]["stages"][0];
    assert_eq!(
        (&entry["step"], &entry["due"], &entry["done"]),
        (&"entry".into(), &"2026-03-19T06:00:00Z".into(), &"2026-03-20T10:00:00Z".into())
    );
    // The groups' links wait for a review; then the lead waits to be told.
    let (e2, e3) = (both("E2", "entry"), both("E3", "review"));
    assert_eq!(late(3, "2026-03-22T11:00:00Z"), [e2.clone(), both("E1", "review"), e3.clone()]);
    desk.said(0, &["lead", "accept", "A1", "A2", "--store", "store"]);
    let next = late(3, "2099-01-01");
    assert_eq!(next, [e2.clone(), e3.clone(), both("E1", "notice")]);
    desk.write("notification.csv", "exhibit_id,at,to\nE1,2099-01-01,Case agent\n");
    desk.import(0, &["notification.csv"]);
    assert_eq!(late(3, "2099-01-02"), [e2, e3]);
}

#[test]
fn notices_come_in_the_order_of_the_ledger_and_steps_have_its_times_whatever_clocks_said() {
    use casework::{Conclusion, DECISION, Decision, WATCH_NOTICE};
    use store::{Actor, Batch, CommitNote, Store};
    let desk = linked();
    let store = Store::open(desk.path("store")).unwrap();
    let id = |name: &str| types::evidence::CasingId::new(name).unwrap();
    let commit = |when: &str, kind: &str, name: &str, body: &Value| {
        let mut batch = Batch::default();
        batch.add_record(kind, name, body.to_string(), "tests", "");
        let [who, command, software] = ["tests"; 3].map(str::to_owned);
        let note = CommitNote { who, when: when.into(), command, software, recipe: None };
        store.writer(&Actor::here("tests")).unwrap().commit(batch, &note).unwrap();
    };
    // The second machine's clock is a year behind the first one's.
    for (name, when, b) in
        [("WN-1", "2027-03-20T10:00:00Z", "A2"), ("WN-2", "2026-03-20T11:00:00Z", "A3")]
    {
        let notice = serde_json::json!({
            "watch": "W-1", "what": "case K", "by": "x", "a": "A1", "b": b,
            "score": 30.0, "at": when, "why": "because",
        });
        commit(when, WATCH_NOTICE, name, &notice);
    }
    let told = desk.json(&["watch", "list", "--store", "store", "--json"])["notices"].clone();
    assert_eq!((&told[0]["b"], &told[1]["b"]), (&"A3".into(), &"A2".into()), "newest first");
    let lead = Conclusion::Lead;
    let said = Decision::new(id("A1"), id("A2"), lead, "x", None, "1999-01-01T00:00:00Z").unwrap();
    let said = serde_json::to_value(said).unwrap();
    commit("2026-03-20T12:00:00Z", DECISION, "D-1", &said);
    let stages = desk.json(&["clock", "stages", "--store", "store", "--json"]);
    let mut items = stages.as_array().unwrap().iter();
    let own = items.find(|s| s["progress"]["item"] == "A1").unwrap()["stages"].clone();
    let review = own.as_array().unwrap().iter().find(|s| s["step"] == "review").unwrap();
    assert_eq!(review["done"], "2026-03-20T12:00:00Z");
}

#[test]
fn the_graph_comes_out_in_every_form_with_the_same_content() {
    let desk = linked();
    desk.write(
        "event.csv",
        "scene_id,latitude,longitude,municipality\nS-A1,31.7333,-106.4833,\"Juárez & <co>\"\n",
    );
    desk.import(0, &["event.csv"]);
    desk.said(0, &["lead", "confirm", "A1", "A2", "--store", "store"]);
    let graph = desk.json(&["graph", "store", "--json"]);
    let count = |of: &str| graph[of].as_array().unwrap().len();
    let ids: BTreeSet<&str> =
        graph["nodes"].as_array().unwrap().iter().map(|n| n["id"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), count("nodes"));
    for edge in graph["edges"].as_array().unwrap() {
        for end in ["source", "target"] {
            assert!(ids.contains(edge[end].as_str().unwrap()), "{edge}");
        }
    }
    let hits: Vec<_> =
        graph["edges"].as_array().unwrap().iter().filter(|e| e["kind"] == "hit").collect();
    assert_eq!((hits.len(), &hits[0]["source"]), (1, &"case/K-A1".into()));
    let (xml, _) = desk.said(0, &["graph", "store", "--graphml"]);
    assert_eq!(xml.matches("<node ").count(), count("nodes"));
    assert_eq!(xml.matches("<edge ").count(), count("edges"));
    desk.said(0, &["graph", "store", "--csv", "tables"]);
    let rows = |name: &str| csv::Reader::from_path(desk.path(name)).unwrap().records().count();
    assert_eq!(
        (rows("tables/nodes.csv"), rows("tables/edges.csv")),
        (count("nodes"), count("edges"))
    );
    let map = desk.json(&["graph", "store", "--geojson"]);
    let features = map["features"].as_array().unwrap();
    assert_eq!((&map["type"], features.len()), (&"FeatureCollection".into(), 6));
    let first = features.iter().find(|f| f["properties"]["scene"] == "S-A1").unwrap();
    assert_eq!(first["geometry"]["coordinates"], serde_json::json!([-106.4833, 31.7333]));
    assert_eq!(first["properties"]["groups"][0], groups(&desk)["A1"].as_str());
    let unlocated = features.iter().find(|f| f["properties"]["scene"] == "S-A2").unwrap();
    assert!(unlocated["geometry"].is_null() && unlocated["properties"]["state"] == "MX-CHH");
    for text in [xml, map.to_string(), graph.to_string()] {
        assert!(!text.contains("SECRET-NOTE"));
    }
}
