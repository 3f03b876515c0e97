//! `record`: tables in and out.

use super::Workbench;

const AGENCIES: &str = "agency_id,name,country,state
NM0010000,County laboratory,us,US-NM
CHH,Fiscalía de Chihuahua,MX,MX-CHH
";
const CASES: &str = "case_number,agency,connected_cases
K1,CHH,
K2,NM0010000,K3; K1
K3,NM0010000,
";
const EVENTS: &str = "scene_id,type,date,state,municipality,latitude,longitude,agency,case_number
S1,shooting,2026-03-14,MX-CHH,Ciudad Juárez,31.7333,-106.4833,CHH,K1
S2,,2026-04-01/2026-04-09,US-NM,\"Las Cruces, north\",,,NM0010000,K2
S3,found,,,,,,,
";
const CASINGS: &str = "casing_id,origin,scene_id,calibre
C1,evidence,S1,9x19 mm
C2,evidence,,9x19 mm
C3,evidence,S3,
";
const EXHIBITS: &str = "exhibit_id,type,casings,scene_id,case_number,received
E1,casings,C1,,K1,2026-03-16T09:30:00-06:00
E2,casings,C2,S2,,2026-04-10
";
const FIREARMS: &str = "firearm_id,type,make,serial,importer,country_of_origin
F1,pistol,Taurus,TYE?4711,,BR
F2,rifle,,obliterated,,
";
const MOVEMENTS: &str = "exhibit_id,at,from,to
E1,2026-03-16T09:30:00-06:00,Evidence room,Laboratory
E1,2026-03-20T10:00:00-06:00,Vault 4,Court
";

const TABLES: [(&str, &str); 7] = [
    ("agency.csv", AGENCIES),
    ("case.csv", CASES),
    ("event.csv", EVENTS),
    ("casing.csv", CASINGS),
    ("exhibit.csv", EXHIBITS),
    ("firearm.csv", FIREARMS),
    ("movement.csv", MOVEMENTS),
];

/// A desk with all tables imported; their names.
pub fn filed() -> (Workbench, Vec<&'static str>) {
    let desk = Workbench::new();
    TABLES.iter().for_each(|(name, text)| _ = desk.write(name, text));
    let names: Vec<&str> = TABLES.iter().map(|t| t.0).collect();
    // In whatever order they are given, those that others name come first.
    let reversed: Vec<&str> = names.iter().rev().copied().collect();
    let (counts, _) = desk.import(0, &reversed);
    assert_eq!((&counts["new"], &counts["failed"]), (&17.into(), &0.into()), "{counts}");
    (desk, names)
}

#[test]
fn tables_come_out_as_they_went_in_and_importing_twice_changes_nothing() {
    let (desk, names) = filed();
    let (again, _) = desk.import(0, &names);
    assert_eq!(again["unchanged"], 17);
    assert!(again["new"].is_null() && again["changed"].is_null());
    for (format, flag) in [("csv", None), ("json", Some("--json"))] {
        let mut args = vec!["record", "export", "--store", "store", "--out", "out"];
        args.extend(flag);
        desk.said(0, &args);
        let files = names.iter().map(|n| format!("out/{}", n.replace("csv", format)));
        let files: Vec<String> = files.collect();
        // Into the same store: nothing new. Into another: the same content.
        let (counts, _) = desk.import(0, &files.iter().map(String::as_str).collect::<Vec<_>>());
        assert_eq!(counts["unchanged"], 17, "{format}: {counts}");
        let other = format!("other-{format}");
        let mut args = vec!["record", "import", "--store", &other, "--operator", "tests"];
        args.extend(files.iter().map(String::as_str));
        desk.said(0, &args);
        let digest = |store: &str| desk.json(&["store", "content", store])["sha256"].clone();
        assert_eq!(digest("store"), digest(&other), "{format}");
    }
}

#[test]
fn a_bad_row_is_told_with_line_and_column_and_the_rest_goes_on() {
    let (desk, _) = filed();
    let rows = "scene_id,type,date,latitude,longitude,case_number
S4,shooting,2026-13-01,,,K1
S5,shooting,,31.7,,K1
S6,shooting,,,,K9
S7,shooting,2026,,,K1
S7,homicide,2026,,,K1
S1,shooting,2026-03-14,31.7333,-106.4833,K2
";
    desk.write("event.csv", rows);
    let (counts, err) = desk.import(3, &["event.csv", "--reason", "more", "--dry-run"]);
    assert_eq!((&counts["new"], &counts["failed"]), (&1.into(), &4.into()), "{err}");
    assert!(desk.json(&["record", "list", "event", "--store", "store", "--json"])[3].is_null());
    let (_, err) = desk.import(3, &["event.csv", "--reason", "more"]);
    for told in [
        "event.csv, column date (line 2): \"2026-13-01\" is not a date",
        "event.csv (line 3): missing field `longitude`",
        "event.csv, column case_number (line 4): there is no case K9",
        "event.csv (line 6): event.csv, line 5 says otherwise of event S7",
    ] {
        assert!(err.contains(told), "{told}\n{err}");
    }
    let events = desk.json(&["record", "list", "event", "--store", "store", "--json"]);
    assert_eq!((&events[0]["case_number"], &events[3]["scene_id"]), (&"K2".into(), &"S7".into()));
    assert!(events[4].is_null());
}

#[test]
fn a_change_needs_a_reason_and_keeps_what_was() {
    let (desk, _) = filed();
    desk.write("firearm.csv", "firearm_id,serial\nF1,TYE14711\n");
    let (_, err) = desk.import(3, &["firearm.csv"]);
    assert!(err.contains("give --reason"), "{err}");
    let (counts, _) = desk.import(0, &["firearm.csv", "--reason", "read under oblique light"]);
    assert_eq!(counts["changed"], 1);
    let shown = desk.json(&["record", "show", "firearm", "F1", "--store", "store"]);
    let [first, second] = [&shown["versions"][0], &shown["versions"][1]];
    assert_eq!(
        (&first["record"]["serial"], &second["record"]["serial"]),
        (&"TYE?4711".into(), &"TYE14711".into())
    );
    assert_eq!(second["record"]["make"], "Taurus", "a column left out keeps what is stored");
    assert_eq!(
        (&second["author"], &second["reason"]),
        (&"tests".into(), &"read under oblique light".into())
    );
    let (log, _) = desk.said(0, &["log", "store"]);
    assert!(log.contains("amended firearm/F1") && log.contains("oblique light"), "{log}");
}

#[test]
fn contradictions_with_manifests_and_between_exhibits_are_named() {
    let (desk, _) = filed();
    let casing = "casing_id,origin,scene_id,scene_date,case_number\nC9,evidence,S9,2026-05-01,K3\n";
    desk.write("casing.csv", casing);
    desk.import(0, &["casing.csv"]);
    let events = "scene_id,date,case_number\nS9,2026-05,K1\n";
    desk.write("event.csv", events);
    let (_, err) = desk.import(3, &["event.csv"]);
    assert!(err.contains("the manifest of casing C9 says K3 of scene S9, not K1"), "{err}");
    desk.write("event.csv", "scene_id,date,case_number\nS9,2026-05,K3\n");
    desk.import(0, &["event.csv"]);
    desk.write(
        "exhibit.csv",
        "exhibit_id,type,casings,scene_id\nE3,casings,C1,\nE4,casings,C9,S1\n",
    );
    let (_, err) = desk.import(3, &["exhibit.csv"]);
    assert!(err.contains("casing C1 is in exhibit E1"), "{err}");
    assert!(err.contains("casing C9 is from scene S9, not S1"), "{err}");
}

#[test]
fn a_torn_chain_of_custody_is_pointed_out() {
    let (desk, _) = filed();
    let shown = desk.json(&["record", "show", "exhibit", "E1", "--store", "store"]);
    assert_eq!(shown["custody"]["movements"].as_array().unwrap().len(), 2);
    let gap = &shown["custody"]["gaps"][0];
    assert_eq!((&gap["held_by"], &gap["taken_from"]), (&"Laboratory".into(), &"Vault 4".into()));
}

#[test]
fn every_template_is_a_table_that_can_be_read() {
    let desk = Workbench::new();
    for kind in ["agency", "case", "event", "firearm", "firearm_event", "casing"] {
        let (text, _) = desk.said(0, &["record", "template", kind]);
        desk.write(&format!("{kind}.csv"), &text);
        let (counts, _) = desk.import(0, &[&format!("{kind}.csv")]);
        assert_eq!(counts["new"], 1, "{kind}");
    }
    let (_, err) = desk.said(1, &["record", "template", "gun"]);
    assert!(err.contains("use one of: agency, case"), "{err}");
}
