//! Case reports against the store: scenes, events, traces, signs; nobody's name.

use super::{brasslink, evidence, files};
use casework::Register;
use casework::trace::{Traces, indicators};
use report::{CaseReport, EventKind, Precision, Report};
use std::collections::BTreeSet;
use std::path::Path;
use store::{Snapshot, Store};
use testkit::page::{rows, text, without_pictures};
use testkit::pdf::{can_be_set, text_of};
use types::evidence::{FirearmId, PartialDate, Sign, TimeToCrime};

const TABLES: [(&str, &str); 6] = [
    ("agency.csv", "agency_id,name,country,state\nMXFGECHH1,Fiscalía,MX,MX-CHH\n"),
    ("case.csv", "case_number,agency\nFGE/1302/2024,MXFGECHH1\n"),
    (
        "event.csv",
        "scene_id,type,date,state,municipality,latitude,longitude\n\
         JRZ-0311,homicide,2024-03-11,MX-CHH,Ciudad Juárez,31.7333,-106.4833\n",
    ),
    (
        "firearm.csv",
        "firearm_id,type,make,model,calibre,serial,importer,country_of_origin\n\
         CHH-A-0117,pistol,Taurus,PT 92,9x19 mm,TYE14711,Taurus International,BR\n\
         COA-A-0042,pistol,Beretta,92 FS,9x19 mm,obliterated,Beretta USA,IT\n\
         TX-A-3308,pistol,Glock,17,9x19 mm,BKX311,Glock Inc.,AT\n",
    ),
    (
        "firearm_event.csv",
        "firearm_event_id,firearm_id,type,date,state,municipality,latitude,longitude,agency,case_number\n\
         R-1,CHH-A-0117,recovered,2024-09,MX-CHH,Ciudad Juárez,31.69,-106.42,MXFGECHH1,FGE/1302/2024\n\
         T-1,CHH-A-0117,test_fired,2024-10-02,MX-CHH,Chihuahua,,,MXFGECHH1,\n\
         R-2,COA-A-0042,recovered,2024-07-01,MX-COA,Torreón,,,MXFGECHH1,\n\
         R-3,TX-A-3308,recovered,2024-12-01,MX-CHH,Ciudad Juárez,,,MXFGECHH1,\n",
    ),
    (
        "results.csv",
        "trace_id,firearm_id,outcome,no_trace_reason,manufacturer,dealer,dealer_licence,\
         dealer_state,dealer_municipality,purchase_date,purchaser_name,purchaser_birth_date,\
         purchaser_address,purchaser_document\n\
         ,CHH-A-0117,purchaser,,Taurus Armas,Mesa Street Arms,5-74-141,US-TX,El Paso,2023-06-10,\
         Dana Q. Invented,1991-04-23,17 Nowhere Lane,TX-ID 00000001\n\
         ,COA-A-0042,none,serial_obliterated,,,,,,,,,,\n\
         ,TX-A-3308,purchaser,,Glock,Mesa Street Arms,5-74-141,US-TX,El Paso,2023-06-10,\
         \"INVENTED, Dana Q\",1991-04-23,17 Nowhere Lane,TX-ID 00000001\n",
    ),
];
const PERSONAL: [&str; 6] =
    ["Dana", "Invented", "INVENTED", "1991-04-23", "17 Nowhere Lane", "TX-ID 00000001"];

/// The samples' store with casework and traces, and its case and lead reports
/// in both languages and every format that the program was built with.
fn casework() -> tempfile::TempDir {
    let dir = evidence();
    for (name, text) in TABLES {
        std::fs::write(dir.path().join(name), text).unwrap();
    }
    let run = |args: &[&str]| {
        let out = brasslink(args, dir.path());
        assert!(out.status.success(), "{args:?}: {}", String::from_utf8_lossy(&out.stderr));
    };
    let store = ["--store", "store", "--operator", "tests"];
    let tables = ["agency.csv", "case.csv", "event.csv", "firearm.csv", "firearm_event.csv"];
    run(&[&["record", "import"], &tables[..], &store].concat());
    run(&["trace", "keys", "--out", "keys", "--identity", "identity"]);
    for firearm in ["CHH-A-0117", "COA-A-0042", "TX-A-3308"] {
        run(&[&["trace", "new", firearm, "--ncic", "5212"], &store[..]].concat());
    }
    run(&[&["trace", "import", "results.csv", "--keys", "keys"], &store[..]].concat());
    let formats = if can_be_set() { "html,json,csv,pdf" } else { "html,json,csv" };
    let look = ["--language", "en,es", "--format", formats, "--reports", "reports"];
    for case in ["CHH/1187/2024", "FGE/1302/2024"] {
        run(&[&["report", "-q", "--store", "store", "--case", case], &look[..]].concat());
    }
    dir
}

fn read(path: &Path) -> CaseReport {
    let read = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let Report::Case(report) = read else { panic!("a case report") };
    report
}

#[test]
fn a_case_report_says_what_the_store_knows_of_scenes_firearms_and_traces() {
    let dir = casework();
    let snapshot = Store::open(dir.path().join("store")).unwrap().snapshot().unwrap();
    let register = Register::read(&snapshot).unwrap();
    let path = files(dir.path(), "case-CHH", "json").remove(0);
    let report = read(&path);
    // The case in which the firearm was recovered leads to the same through its test fires.
    let recovery = read(&files(dir.path(), "case-FGE", "json").remove(0));
    assert_eq!((&recovery.events, &recovery.firearms), (&report.events, &report.firearms));
    let page = std::fs::read_to_string(path.with_extension("html")).unwrap();
    scenes_are_the_registers(&report, &register, &page);
    events_are_the_stores(&report, &register, &page);
    firearms_are_the_stores(&report, &snapshot, &page);
    indicators_are_the_stores(&report, &snapshot, &page);
    csv_says_the_same(&report, &path.with_extension("csv"));
}

fn scenes_are_the_registers(report: &CaseReport, register: &Register, page: &str) {
    let table = rows(page, "scenes");
    assert_eq!(table.len(), report.scenes.len());
    assert!(report.scenes.len() >= 2, "{}", report.scenes.len());
    for (row, scene) in table.iter().zip(&report.scenes) {
        let at = scene.place.unwrap();
        assert!(row[1].starts_with(scene.id.as_str()), "{row:?}");
        match register.events.get(&scene.id) {
            Some(event) => {
                let known = event.place.coordinates.unwrap();
                assert_eq!((at.latitude, at.longitude), (known.latitude(), known.longitude()));
                assert!(at.is_recorded() && scene.kind == event.kind);
                let place = "Ciudad Juárez, Chihuahua (MX) 31.7333 °, −106.4833 °";
                assert_eq!(
                    [&row[1], &row[2], &row[3]],
                    ["JRZ-0311 homicide", "11 March 2024", place]
                );
            }
            None => assert_eq!(at.precision, Precision::State, "{} has no record", scene.id),
        }
    }
}

fn events_are_the_stores(report: &CaseReport, register: &Register, page: &str) {
    let guns: BTreeSet<&FirearmId> = report.firearms.iter().map(|f| &f.id).collect();
    let scenes = report.scenes.iter().map(|s| (s.date, EventKind::Scene, s.id.to_string()));
    let of_guns = register.firearm_events.iter().filter(|e| guns.contains(&e.firearm)).map(|e| {
        let recovered = e.kind.word() == "recovered";
        let kind = if recovered { EventKind::Recovery } else { EventKind::TestFire };
        (e.date, kind, e.firearm.to_string())
    });
    let sold: PartialDate = "2023-06-10".parse().unwrap();
    let sale = (Some(sold), EventKind::Purchase, "CHH-A-0117".to_owned());
    let mut known: Vec<_> = scenes.chain(of_guns).chain([sale]).collect();
    known.sort_by_key(|(date, kind, name)| (date.map(|d| d.first()), *kind, name.clone()));
    let name = |e: &report::Event| {
        let scene = e.scene.as_ref().map(ToString::to_string);
        scene.or(e.firearm.as_ref().map(ToString::to_string)).unwrap()
    };
    let told: Vec<_> = report.events.iter().map(|e| (e.date, e.kind, name(e))).collect();
    assert_eq!(told, known);
    let recovery = report.events.iter().find(|e| e.kind == EventKind::Recovery).unwrap();
    let at = recovery.place.unwrap();
    assert_eq!((at.latitude, at.longitude, at.precision), (31.69, -106.42, Precision::Recorded));

    let table = rows(page, "timeline");
    assert_eq!(
        table.iter().map(|row| row[2].clone()).collect::<Vec<_>>(),
        told.into_iter().map(|t| t.2).collect::<Vec<_>>()
    );
    let sale = table.iter().find(|row| row[3] == "first sold").unwrap();
    assert_eq!([&sale[1], &sale[4]], ["10 June 2023", "El Paso, Texas (US)"]);
    let recovery = table.iter().find(|row| row[3] == "recovered").unwrap();
    assert_eq!(recovery[1], "September 2024");
    // Lettered on the map, named on the time line.
    let drawings: Vec<&str> = page.split("<svg ").skip(1).collect();
    let drawing = |label: &str| drawings.iter().find(|d| d.contains(label)).unwrap();
    assert!(drawing("Map of the scenes").contains(&format!(">{}</text>", recovery[0])));
    assert!(drawing("Events in the order").contains("CHH-A-0117 first sold</text>"));
}

fn firearms_are_the_stores(report: &CaseReport, snapshot: &Snapshot, page: &str) {
    let [gun] = &report.firearms[..] else { panic!("one firearm: {:?}", report.firearms) };
    let known = pipeline::files(snapshot).unwrap().history(&gun.id);
    assert_eq!(gun.record, known.record);
    assert_eq!((&gun.groups, &gun.test_fires), (&known.groups, &known.test_fires));
    assert!(!gun.groups.is_empty() && gun.test_fires.len() == 2);
    let seen = |date, scene: &str, before, across| (date, scene.to_owned(), before, across);
    let told: Vec<_> = gun
        .scenes
        .iter()
        .map(|s| seen(s.date, s.scene.as_str(), s.before_sale, s.across_border))
        .collect();
    let stored: Vec<_> = known
        .scenes
        .iter()
        .map(|s| seen(s.date, s.scene.as_str(), s.before_sale, s.across_border))
        .collect();
    assert_eq!(told, stored);
    let (trace, stored) = (&gun.traces[0], &known.traces[0]);
    assert_eq!((&trace.request, trace.outcome), (&stored.request, stored.outcome));
    assert_eq!((trace.sold, &trace.sold_at), (stored.sold, &stored.sold_at));
    assert_eq!(trace.time_to_crime, stored.time_to_crime);
    // Recovered on some day of a month: 449 days after the sale, or up to 478.
    assert_eq!(trace.time_to_crime, Some(TimeToCrime::Days { least: 449, most: 478 }));
    assert_eq!(trace.disposition.len(), stored.disposition.len());
    assert!(stored.disposition.last().unwrap().name.is_some(), "the store has a pseudonym");
    assert!(trace.disposition.last().unwrap().name().is_none(), "the report has none");

    let said = text(&page[page.find("id=\"firearms\"").unwrap()..]);
    let facts = [
        "Taurus PT 92",
        "TYE14711",
        "the first purchaser",
        "449 to 478 days",
        trace.request.as_str(),
    ];
    let hands = [
        "manufacturer Taurus Armas",
        "dealer Mesa Street Arms",
        "first purchaser kept apart 10 June 2023",
    ];
    for words in facts.iter().chain(&hands) {
        assert!(said.contains(words), "{words} is not in {said}");
    }
    let table = rows(page, "firearms");
    let sides: Vec<[&str; 3]> = table.iter().map(|r| [&*r[1], &*r[4], &*r[5]]).collect();
    let after = |scene, side| [scene, "after its sale", side];
    let across = after("JRZ-0311", "across the border");
    let further = after("TRC-0602", "across the border");
    assert_eq!(sides, [across, further, after("ELP-0819", "same country")]);
}

fn indicators_are_the_stores(report: &CaseReport, snapshot: &Snapshot, page: &str) {
    let traces = Traces::read(snapshot).unwrap();
    let here = FirearmId::new("CHH-A-0117").unwrap();
    let stored: Vec<_> = indicators(&traces)
        .into_iter()
        .filter(|i| i.firearms.contains(&here))
        .map(|i| (i.sign, i.firearms))
        .collect();
    let told: Vec<_> = report.indicators.iter().map(|i| (i.sign, i.firearms.clone())).collect();
    assert_eq!(told, stored);
    let signs: Vec<Sign> = told.iter().map(|t| t.0).collect();
    use Sign::{OneDealer, OnePurchaser, ShortTimeToCrime, SoldTogether};
    assert_eq!(signs, [ShortTimeToCrime, OnePurchaser, SoldTogether, OneDealer]);
    let table = rows(page, "indicators");
    let purchaser = ["several firearms of one purchaser", "CHH-A-0117, TX-A-3308", "–"];
    assert_eq!(table[1], purchaser);
    assert!(text(page).contains("no random sample"), "the caution");
}

fn csv_says_the_same(report: &CaseReport, path: &Path) {
    let mut reader = csv::Reader::from_path(path).unwrap();
    let at = reader.headers().unwrap().iter().position(|h| h == "row").unwrap();
    let sorts: Vec<String> = reader.records().map(|r| r.unwrap()[at].to_owned()).collect();
    let count = |sort: &str| sorts.iter().filter(|s| *s == sort).count();
    let gun = &report.firearms[0];
    let told = ["link", "event", "trace", "scene_of_firearm", "indicator"].map(count);
    let known = [
        report.links.len(),
        report.events.len(),
        gun.traces.len(),
        gun.scenes.len(),
        report.indicators.len(),
    ];
    assert_eq!(told, known);
}

#[test]
fn nobody_who_bought_a_firearm_is_in_any_report() {
    let dir = casework();
    let reports = dir.path().join("reports");
    // A pseudonym is 16 digits after P-; nothing else in a report is.
    let pseudonym = |text: &str| {
        text.match_indices("P-").any(|(at, _)| {
            let digits = text[at + 2..].bytes().take_while(u8::is_ascii_hexdigit).count();
            digits == 16
        })
    };
    let mut looked = 0;
    for folder in [reports.clone(), reports.join("es")] {
        for path in std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()) {
            if !path.file_name().unwrap().to_str().unwrap().starts_with("case-") {
                continue;
            }
            let bytes = std::fs::read(&path).unwrap();
            let text = match path.extension().unwrap().to_str().unwrap() {
                "pdf" => match text_of(&bytes, &["-raw"]) {
                    Some(text) => text,
                    None => continue,
                },
                _ => without_pictures(&String::from_utf8(bytes).unwrap()),
            };
            assert!(text.contains("CHH-A-0117"), "{path:?} tells of the firearm");
            for word in PERSONAL {
                assert!(!text.contains(word), "{word} is in {path:?}");
            }
            assert!(!pseudonym(&text), "what stands for a purchaser is in {path:?}");
            looked += 1;
        }
    }
    assert!(looked >= 6, "{looked} files");
    let snapshot = Store::open(dir.path().join("store")).unwrap().snapshot().unwrap();
    let results = Traces::read(&snapshot).unwrap().results;
    let stored = serde_json::to_string(&results).unwrap();
    assert!(pseudonym(&stored), "the search would find one: {stored}");
}
