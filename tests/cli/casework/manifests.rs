//! `import`: what a manifest may do to records, and which names it may bring.

use super::Workbench;
use serde_json::Value;

/// A manifest of rows `file,…` of the bundled samples.
fn manifest(desk: &Workbench, columns: &str, rows: &[(&str, &str)]) {
    let samples = testkit::project().join("samples");
    let mut text = format!("file,{columns}\n");
    for (file, cells) in rows {
        text += &format!("{},{cells}\n", samples.join(format!("{file}.x3p")).display());
    }
    desk.write("manifest.csv", &text);
}

/// Imports the manifest; what was said on standard error, and the summary.
fn import(desk: &Workbench, code: i32, more: &[&str]) -> (String, Value) {
    let common = ["--store", "store", "--operator", "tests", "--json", "import.json", "-v"];
    let args = [&["import", "--manifest", "manifest.csv"], &common[..], more].concat();
    let (_, err) = desk.said(code, &args);
    (err, desk.read("import.json"))
}

fn versions(desk: &Workbench, casing: &str) -> Vec<Value> {
    let history = desk.json(&["amend", "store", "--casing", casing, "--history"]);
    history.as_array().unwrap().clone()
}

#[test]
fn a_manifest_adds_to_records_and_contradicts_none_without_a_reason() {
    let desk = Workbench::new();
    let columns = "casing_id,calibre,firing_pin_shape,notes";
    manifest(&desk, columns, &[("CHH-1187-1", "C-1,9x19 mm,,")]);
    import(&desk, 0, &[]);
    let amend = ["amend", "store", "--casing", "C-1", "--set", "calibre=.45 ACP"];
    desk.said(0, &[&amend[..], &["--reason", "headstamp read again"]].concat());

    // The same manifest, and one that adds: the correction stays.
    let (_, same) = import(&desk, 0, &[]);
    assert_eq!((versions(&desk, "C-1").len(), &same["counts"]["known"]), (2, &1.into()));
    manifest(
        &desk,
        columns,
        &[("CHH-1187-1", "C-1,9x19 mm,,"), ("CHH-1187-2", "C-1,,hemispherical,from the door")],
    );
    let (told, _) = import(&desk, 0, &[]);
    assert!(told.contains("corrected by desk (headstamp read again) and stays so"), "{told}");
    let all = versions(&desk, "C-1");
    assert_eq!((all.len(), &all[2]["reason"]), (3, &"manifest".into()));
    let record = &all[2]["record"];
    assert_eq!(
        (&record["calibre"], &record["notes"]),
        (&".45 ACP".into(), &"from the door".into())
    );
    assert_eq!(record["firing_pin_shape"], "hemispherical");

    // What no record ever said is refused by name; the other row goes on.
    let rows = [("CHH-1187-1", "C-1,.380 ACP,,"), ("COA-0553-1", "C-2,.380 ACP,,")];
    manifest(&desk, columns, &rows);
    let (told, summary) = import(&desk, 3, &[]);
    let named = "the record of casing C-1 says otherwise: calibre is \".45 ACP\" there and \
                 \".380 ACP\" here";
    assert!(told.contains(named) && told.contains("(line 2)"), "{told}");
    assert_eq!((versions(&desk, "C-1").len(), versions(&desk, "C-2").len()), (3, 1));
    assert_eq!(summary["failures"].as_array().unwrap().len(), 1);
    desk.said(2, &["import", "--manifest", "manifest.csv", "--store", "store", "--reason", " "]);
    let (_, summary) = import(&desk, 0, &["--reason", "headstamp under the microscope"]);
    assert_eq!(summary["counts"]["records_corrected"], 1);
    let all = versions(&desk, "C-1");
    assert_eq!(all[3]["record"]["calibre"], ".380 ACP");
    assert_eq!(all[3]["record"]["firing_pin_shape"], "hemispherical", "silence changes nothing");
    assert_eq!(all[3]["reason"], "headstamp under the microscope");
    let (log, _) = desk.said(0, &["log", "store", "--casing", "C-1"]);
    assert!(log.contains("headstamp under the microscope"), "{log}");
    assert_eq!(desk.json(&["verify", "--json", "store"]), serde_json::json!([]));
}

#[test]
fn a_run_after_a_decision_makes_the_reports_anew_and_they_tell_of_it() {
    let desk = Workbench::new();
    manifest(&desk, "casing_id", &[("CHH-1187-1", "C-1"), ("CHH-1187-2", "C-2")]);
    let run = ["run", "--manifest", "manifest.csv", "--store", "store", "--reports", "out"];
    desk.said(0, &run);
    let (out, _) = desk.said(0, &run);
    assert!(out.contains("reports are up to date"), "{out}");
    let reason = ["--reason", "as seen", "--yes", "--operator", "R. Ortiz"];
    desk.said(0, &[&["lead", "confirm", "C-1", "C-2", "--store", "store"], &reason[..]].concat());
    let (out, _) = desk.said(0, &run);
    assert!(!out.contains("reports are up to date"), "{out}");
    let files = std::fs::read_dir(desk.path("out")).unwrap();
    let mut names = files.map(|f| f.unwrap().file_name().into_string().unwrap());
    let name = names.find(|n| n.starts_with("casing-") && n.ends_with(".json")).unwrap();
    let told = desk.read(&format!("out/{name}"))["decisions"]["concluded"][0].clone();
    assert_eq!((&told["by"], &told["status"]), (&"R. Ortiz".into(), &"in_force".into()));
    let page = desk.path("out").join(name.replace(".json", ".html"));
    let page = std::fs::read_to_string(page).unwrap();
    assert!(page.contains("Conclusions of examiners") && page.contains("R. Ortiz"));
    let (out, _) = desk.said(0, &run);
    assert!(out.contains("reports are up to date"), "{out}");
}

#[test]
fn a_blank_is_no_reason_and_no_name() {
    let desk = super::demo::linked();
    desk.write("clock.toml", "country = \"MX\"\n");
    desk.said(0, &["clock", "set", "clock.toml", "--store", "store"]);
    for blank in [
        ["clock", "set", "clock.toml", "--store", "store", "--reason", " "],
        ["clock", "set", "clock.toml", "--store", "store", "--operator", ""],
        ["watch", "remove", "W-1", "--store", "store", "--reason", ""],
    ] {
        desk.said(2, &blank);
    }
}

#[test]
fn one_casing_is_not_taken_with_two_guns_or_two_accounts_of_one_scene() {
    let desk = Workbench::new();
    let casings = "casing_id,origin,firearm_id,scene_id,scene_state
T-1,test_fire,GUN-A,,\nC-1,evidence,,S-1,MX-CHH\nC-9@DPS,evidence,,,\n";
    desk.write("casing.csv", casings);
    desk.import(0, &["casing.csv"]);
    let columns = "casing_id,origin,firearm_id,scene_id,scene_state,calibre";
    let rows = [
        ("CHH-1187-1", "T-1,test_fire,GUN-B,,,"),
        ("CHH-1187-2", "C-2,evidence,,S-1,US-TX,"),
        ("COA-0553-1", "C-9@DPS,evidence,,,,.45 ACP"),
    ];
    manifest(&desk, columns, &rows);
    let (told, summary) = import(&desk, 3, &[]);
    for named in [
        "firearm_id is \"GUN-A\" there and \"GUN-B\" here",
        "state of scene S-1: US-TX here, MX-CHH in the record of casing C-1",
        "the record of casing C-9@DPS is DPS's, calibre is nothing there and \".45 ACP\" here",
    ] {
        assert!(told.contains(named), "{named}\n{told}");
    }
    assert_eq!(summary["failures"].as_array().unwrap().len(), 3);
    assert!(summary["counts"]["imported"].is_null());
    // A reason does not make another agency's record one's own.
    manifest(&desk, columns, &rows[2..]);
    import(&desk, 3, &["--reason", "ours now"]);
    desk.write("casing.csv", "casing_id,calibre\nC-9@DPS,.45 ACP\n");
    let (_, told) = desk.import(3, &["casing.csv", "--reason", "ours now"]);
    assert!(told.contains("casing C-9@DPS, which is DPS's"), "{told}");
    assert_eq!(versions(&desk, "C-9@DPS").len(), 1);
}

#[test]
fn one_casing_is_not_taken_with_the_scans_of_two_guns() {
    let desk = Workbench::new();
    // Within one manifest the second row is refused, and in a later one too.
    let (one, other) = (("CHH-1187-1", "C-1"), ("COA-0553-2", "C-1"));
    manifest(&desk, "casing_id", &[one, other, ("CHH-1187-2", "C-1")]);
    let named = "the scan is unlike every other of casing C-1: score";
    let (told, summary) = import(&desk, 3, &[]);
    assert!(told.contains(named) && told.contains("(line 3)"), "{told}");
    assert_eq!(summary["counts"]["imported"], 2, "a second scan from one gun passes");
    manifest(&desk, "casing_id", &[other]);
    let (told, _) = import(&desk, 3, &[]);
    assert!(told.contains(named), "{told}");
    let (told, summary) = import(&desk, 0, &["--reason", "the head was cleaned in between"]);
    assert!(told.contains("CAUTION: line 2: the scan is unlike every other"), "{told}");
    assert_eq!(summary["counts"]["imported"], 1);
    let (log, _) = desk.said(0, &["log", "store"]);
    assert!(log.contains("the head was cleaned in between"), "{log}");
    assert_eq!(desk.json(&["verify", "--json", "store"]), serde_json::json!([]));
}

#[test]
fn a_table_adds_to_records_and_repeats_nothing_that_was_corrected() {
    let desk = Workbench::new();
    desk.write("firearm.csv", "firearm_id,make,serial\nF-1,Taurus,TYE1\n");
    desk.import(0, &["firearm.csv"]);
    desk.write("more.csv", "firearm_id,calibre\nF-1,9x19 mm\n");
    let (counts, _) = desk.import(0, &["more.csv", "--kind", "firearm"]);
    assert_eq!(counts["changed"], 1, "what the record leaves open needs no reason");
    desk.write("new.csv", "firearm_id,serial\nF-1,TYE7\n");
    desk.import(3, &["new.csv", "--kind", "firearm"]);
    desk.import(0, &["new.csv", "--kind", "firearm", "--reason", "read again"]);
    // The table as it was first, with what was added since left as it is.
    desk.write("old.csv", "firearm_id,make,serial,calibre\nF-1,Taurus,TYE1,9x19 mm\n");
    let (counts, _) = desk.import(0, &["old.csv", "--kind", "firearm"]);
    assert_eq!(counts["unchanged"], 1, "{counts}");
    let shown = desk.json(&["record", "show", "firearm", "F-1", "--store", "store"]);
    let newest = shown["versions"].as_array().unwrap().last().unwrap();
    assert_eq!((&newest["record"]["serial"], &newest["version"]), (&"TYE7".into(), &3.into()));
}

#[test]
fn names_come_in_under_one_spelling_and_what_looks_like_another_is_told_with_both_lines() {
    let desk = Workbench::new();
    for file in ["a.x3p", "b.x3p", "c.x3p", "d.x3p"] {
        desk.write(file, &format!("no scan, {file}"));
    }
    desk.write("casing.csv", "casing_id,origin,scene_id\nPen\u{303}a-1,evidence,S-1\n");
    desk.import(0, &["casing.csv"]);
    let stored = desk.json(&["record", "list", "casing", "--store", "store", "--json"]);
    assert_eq!(stored[0]["casing_id"], "Pe\u{f1}a-1");
    // However it is typed, it is the same casing.
    for name in ["Pen\u{303}a-1", "Pe\u{f1}a-1"] {
        desk.said(0, &["amend", "store", "--casing", name, "--history"]);
    }
    let rows = "file,casing_id,scene_id\na.x3p,C-1,S-1\nb.x3p,C\u{200b}-2,S-1\n\
                b.x3p,\u{421}-1,S-1\nc.x3p,C-3,s-1\nd.x3p,pe\u{f1}a-1,S-1\n";
    desk.write("manifest.csv", rows);
    let check = ["manifest", "check", "manifest.csv", "--store", "store"];
    let (told, _) = desk.said(3, &check);
    for named in [
        "line 3, casing_id: \"C\\u{200b}-2\" cannot be a casing id: it holds the invisible \
         character U+200B",
        "CAUTION: line 4: casing \"\u{421}-1\" looks like casing \"C-1\" (line 2)",
        "CAUTION: line 5: event \"s-1\" looks like event \"S-1\" (the store)",
        "CAUTION: line 6: casing \"pe\u{f1}a-1\" looks like casing \"Pe\u{f1}a-1\" (the store)",
    ] {
        assert!(told.contains(named), "{named}\n{told}");
    }
    let (told, _) = import(&desk, 3, &[]);
    assert!(told.contains("CAUTION: line 5: event \"s-1\" looks like"), "{told}");
    // Tables and corrections pass the same gate.
    desk.write("firearm.csv", "firearm_id\nF-1\nf-1\nF\u{202e}2\n");
    let (_, told) = desk.import(3, &["firearm.csv"]);
    assert!(told.contains("firearm.csv, line 3: firearm \"f-1\" looks like firearm \"F-1\""));
    assert!(told.contains("(line 4)") && told.to_uppercase().contains("202E"), "{told}");
    let set = ["amend", "store", "--casing", "Pe\u{f1}a-1", "--set", "firearm=F\u{200d}1"];
    let (_, told) = desk.said(1, &[&set[..], &["--reason", "found"]].concat());
    assert!(told.contains("F\\u{200d}1") || told.contains("U+200D"), "{told}");
}
