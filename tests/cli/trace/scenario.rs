//! The bundled scenario: two laboratories, each for itself, then together.
//! `scripts/scenario` plays it once for all tests; what it must come to is read
//! from the scenario's own tables.

use super::{Workbench, bundled, bytes};
use casework::share::AgencyCode;
use casework::trace::{Sign, TimeToCrime, Traces, indicators};
use casework::{Conclusion, DECISION, Decision, Register, Review, understood};
use jiff::civil::Date;
use pipeline::files;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;
use store::{Snapshot, Store};
use types::evidence::{CasingId, FirearmHistory, FirearmId};

/// The laboratories and the codes by which they know each other.
const LABS: [(&str, &str); 2] = [("chihuahua", "FGE-CHH"), ("elpaso", "EPPD")];

/// The folder in which the scenario was played, and all that was said.
static PLAYED: LazyLock<(PathBuf, String)> = LazyLock::new(|| {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("scenario");
    let script = testkit::project().join("scripts/scenario");
    let mut command = Command::new(script);
    command.arg(&folder).env("BRASSLINK", env!("CARGO_BIN_EXE_brasslink"));
    let output = command.output().unwrap();
    let [out, err] = [output.stdout, output.stderr].map(|b| String::from_utf8(b).unwrap());
    assert!(output.status.success(), "{out}{err}");
    (folder, out + &err)
});

type Row = BTreeMap<String, String>;

fn rows(path: &Path) -> Vec<Row> {
    csv::Reader::from_path(path).unwrap().deserialize().map(Result::unwrap).collect()
}

/// The rows of one of a laboratory's tables.
fn table(lab: &str, name: &str) -> Vec<Row> {
    rows(&bundled(lab).join(name))
}

/// The row of a table about something.
fn about(lab: &str, name: &str, column: &str, id: &str) -> Row {
    table(lab, name).into_iter().find(|row| row[column] == id).unwrap()
}

fn store(lab: &str) -> PathBuf {
    PLAYED.0.join(lab).join("store")
}

fn snapshot(lab: &str) -> Snapshot {
    Store::open(store(lab)).unwrap().snapshot().unwrap()
}

/// What laboratory `at` calls what `lab` calls `id`.
fn name(at: &str, lab: &str, id: &str) -> String {
    let code = LABS.iter().find(|(other, _)| *other == lab).unwrap().1;
    if at == lab { id.to_owned() } else { format!("{id}@{code}") }
}

/// The casings that each firearm fired, as `at` knows those of `labs`.
fn fired(at: &str, labs: &[&str]) -> BTreeMap<String, BTreeSet<String>> {
    let mut fired: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for lab in labs {
        for row in table(lab, "truth.csv") {
            let casing = name(at, lab, &row["casing_id"]);
            fired.entry(row["firearm_id"].clone()).or_default().insert(casing);
        }
    }
    fired
}

/// The firearm that was fired in both laboratories' countries.
fn border_gun() -> String {
    let [mx, us] = LABS.map(|(lab, _)| fired(lab, &[lab]).into_keys().collect::<BTreeSet<_>>());
    let both: Vec<&String> = mx.intersection(&us).collect();
    assert_eq!(both.len(), 1, "the story has one: {both:?}");
    both[0].clone()
}

/// The scene of each casing of a laboratory that was not fired there.
fn scenes(lab: &str) -> BTreeMap<String, String> {
    let found = table(lab, "manifest.csv").into_iter().filter(|row| !row["scene_id"].is_empty());
    found.map(|mut row| (row.remove("casing_id").unwrap(), row["scene_id"].clone())).collect()
}

/// The groups that the tables in a laboratory's folder `when` list.
fn groups(lab: &str, when: &str) -> BTreeSet<BTreeSet<String>> {
    let mut groups: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for row in rows(&PLAYED.0.join(lab).join("links").join(when).join("edges.csv")) {
        if row["kind"] == "in_group" {
            let casing = row["source"].strip_prefix("casing/").unwrap().to_owned();
            groups.entry(row["target"].clone()).or_default().insert(casing);
        }
    }
    groups.into_values().collect()
}

#[test]
fn firearms_are_told_apart_alone_and_together() {
    for ((lab, _), (other, _)) in [(LABS[0], LABS[1]), (LABS[1], LABS[0])] {
        for (when, labs) in [("alone", vec![lab]), ("together", vec![lab, other])] {
            let planted = fired(lab, &labs);
            assert_eq!(groups(lab, when), planted.into_values().collect(), "{lab}, {when}");
        }
    }
}

#[test]
fn every_planted_hit_between_cases_is_proposed_and_no_other() {
    for (at, _) in LABS {
        let mut cases: BTreeMap<String, String> = BTreeMap::new();
        for (lab, _) in LABS {
            let of_scene: BTreeMap<String, String> = table(lab, "event.csv")
                .into_iter()
                .map(|row| (row["scene_id"].clone(), row["case_number"].clone()))
                .collect();
            let own = scenes(lab).into_iter();
            cases.extend(own.map(|(c, s)| (name(at, lab, &c), name(at, lab, &of_scene[&s]))));
        }
        let mut planted = BTreeSet::new();
        for casings in fired(at, &LABS.map(|(lab, _)| lab)).values() {
            let of_gun: BTreeSet<&String> = casings.iter().filter_map(|c| cases.get(c)).collect();
            let pairs = of_gun.iter().flat_map(|x| of_gun.iter().map(move |y| (*x, *y)));
            planted.extend(pairs.filter(|(x, y)| x < y).map(|(x, y)| (x.clone(), y.clone())));
        }
        assert!(planted.len() > 20);
        // Were an examiner to confirm all that is proposed.
        let (snapshot, hit) = (snapshot(at), Conclusion::Hit);
        let confirmed = snapshot.linking().unwrap().unwrap().links.into_iter().map(|link| {
            Decision::new(link.a, link.b, hit, "E. Xaminer", None, "2024-09-01T12:00:00Z").unwrap()
        });
        let register = Register::read(&snapshot).unwrap();
        let known = register.known_connections();
        let hits = Review::of(confirmed).hits(&register.cases_of_casings(), &known);
        let found = hits.into_iter().map(|h| (h.cases.0.to_string(), h.cases.1.to_string()));
        assert_eq!(found.collect::<BTreeSet<_>>(), planted, "{at}");
    }
}

/// First and last day that a date of a table may mean.
fn days(cell: &str) -> (Date, Date) {
    let (first, last) = cell.split_once('/').unwrap_or((cell, cell));
    let day = |text: &str, missing: &str| -> Date {
        format!("{text}{}", &missing[text.len() - 4..]).parse().unwrap()
    };
    let start = day(first, "-01-01");
    let end = day(last, "-12-01");
    (start, if last.len() < 10 { end.last_of_month() } else { end })
}

/// All that a store knows of a firearm.
pub fn history_of(store: &Path, firearm: &str) -> FirearmHistory {
    let snapshot = Store::open(store).unwrap().snapshot().unwrap();
    files(&snapshot).unwrap().history(&FirearmId::new(firearm).unwrap())
}

#[test]
fn the_border_guns_way_is_whole_only_after_the_exchange() {
    let gun = border_gun();
    let ((home, _), labs) = (LABS[0], LABS.map(|(lab, _)| lab));
    let result = about(home, "results.csv", "firearm_id", &gun);
    let sold = days(&result["purchase_date"]).1;
    let mut planted = Vec::new();
    for lab in labs {
        let own = fired(lab, &[lab])[&gun].clone();
        let country = &table(lab, "agency.csv")[0]["country"];
        let across = !result["dealer_state"].starts_with(country.as_str());
        let of: BTreeSet<String> =
            scenes(lab).into_iter().filter(|(c, _)| own.contains(c)).map(|(_, s)| s).collect();
        for scene in of {
            let first = days(&about(lab, "event.csv", "scene_id", &scene)["date"]).0;
            assert!(first > sold, "the story has no scene before the sale");
            planted.push((first, name(home, lab, &scene), Some(false), Some(across)));
        }
    }
    planted.sort();
    let across: BTreeSet<_> = planted.iter().map(|scene| scene.3).collect();
    assert_eq!(across.len(), 2, "on both sides of the border");
    let way = history_of(&store(home), &gun);
    let seen = way.scenes.iter().map(|s| (s.scene.as_str(), s.before_sale, s.across_border));
    let planted: Vec<_> = planted.iter().map(|(_, s, b, a)| (s.as_str(), *b, *a)).collect();
    assert_eq!(seen.collect::<Vec<_>>(), planted);
    assert_eq!(way.groups.len(), 1);
    // One group in both stores; nothing of the other's was in it before.
    for (lab, _) in LABS {
        let all = &fired(lab, &labs)[&gun];
        assert!(groups(lab, "together").contains(all));
        assert!(groups(lab, "alone").iter().all(|group| group.iter().all(|c| !c.contains('@'))));
    }
}

#[test]
fn both_laboratories_come_to_the_same_links_and_the_hit_is_known_to_both() {
    let [home, away] = LABS.map(|(lab, code)| {
        let (code, snapshot) = (AgencyCode::new(code).unwrap(), snapshot(lab));
        let name = |id: &CasingId| code.qualify(id.as_str()).unwrap();
        let pair = |a: &CasingId, b: &CasingId| BTreeSet::from([name(a), name(b)]);
        let links = snapshot.linking().unwrap().unwrap().links;
        let links: BTreeSet<_> = links.iter().map(|link| pair(&link.a, &link.b)).collect();
        let records = snapshot.records(DECISION).unwrap();
        let decided = records.iter().map(|record| {
            let d: Decision = understood(record).unwrap();
            (pair(&d.a, &d.b), d.conclusion.word())
        });
        (links, decided.collect::<BTreeSet<_>>())
    });
    assert_eq!(home, away);
    assert_eq!(home.1.iter().map(|d| d.1).collect::<Vec<_>>(), ["hit", "lead"]);
    // Each has decided for itself, and says what it knew of the other.
    for ((lab, _), known) in LABS.into_iter().zip([0, 2]) {
        let files = files(&snapshot(lab)).unwrap();
        assert_eq!((files.hits.len(), files.theirs.len()), (1, known), "{lab}");
        let upon = files.review.in_force().map(|d| d.upon.len());
        assert_eq!(upon.collect::<Vec<_>>(), [known], "{lab}");
    }
}

#[test]
fn traces_tell_the_time_to_crime_and_doubles_are_not_traced_again() {
    for (lab, _) in LABS {
        let snapshot = snapshot(lab);
        for result in table(lab, "results.csv") {
            let gun = &result["firearm_id"];
            let recovered = about(lab, "firearm_event.csv", "firearm_id", gun);
            let (sold, found) = (&result["purchase_date"], days(&recovered["date"]));
            let expected = (!sold.is_empty()).then(|| {
                let sold = days(sold);
                let between = |from: Date, to: Date| (to - from).get_days();
                let (least, most) = (between(sold.1, found.0), between(sold.0, found.1));
                TimeToCrime::Days { least, most }
            });
            assert_eq!(history_of(&store(lab), gun).traces[0].time_to_crime, expected, "{gun}");
        }
        let traced = Traces::read(&snapshot).unwrap().requests;
        for double in table(lab, "doubles.csv") {
            let (one, other) = (&double["firearm_id"], &double["is_also"]);
            assert!(traced.iter().all(|request| request.firearm.as_str() != one));
            let mut lines = PLAYED.1.lines().filter(|line| line.contains("likely double: "));
            assert!(lines.any(|line| line.contains(&format!("firearm {other},"))), "{one}");
        }
    }
    let doubles: usize = LABS.iter().map(|(lab, _)| table(lab, "doubles.csv").len()).sum();
    assert_eq!(PLAYED.1.matches("likely double: ").count(), doubles);
}

#[test]
fn what_firearms_have_in_common_is_pointed_out() {
    let (lab, _) = LABS[0];
    let traces = Traces::read(&snapshot(lab)).unwrap();
    let signs = indicators(&traces);
    let found = |sign| -> BTreeSet<Vec<String>> {
        let of = signs.iter().filter(|i| i.sign == sign);
        let home = of.map(|i| i.firearms.iter().map(ToString::to_string).collect::<Vec<_>>());
        home.filter(|guns| guns.iter().all(|gun| !gun.contains('@'))).collect()
    };
    let planted = |columns: &[&str]| -> BTreeSet<Vec<String>> {
        let mut alike: BTreeMap<Vec<String>, Vec<String>> = BTreeMap::new();
        for row in table(lab, "results.csv") {
            let key: Vec<String> = columns.iter().map(|c| row[*c].clone()).collect();
            if key.iter().all(|cell| !cell.is_empty()) {
                alike.entry(key).or_default().push(row["firearm_id"].clone());
            }
        }
        alike.into_values().filter(|guns| guns.len() > 1).collect()
    };
    let person = ["purchaser_birth_date", "purchaser_document"];
    assert_eq!(found(Sign::OnePurchaser), planted(&person));
    assert_eq!(found(Sign::OneDealer), planted(&["dealer_licence"]));
    assert_eq!(found(Sign::SoldTogether), planted(&["dealer_licence", "purchase_date"]));
    assert_eq!(found(Sign::OnePurchaser).len(), 1);
    let removed = table(lab, "firearm.csv").into_iter().filter(|f| f["serial"] == "obliterated");
    let removed: Vec<String> = removed.map(|mut f| f.remove("firearm_id").unwrap()).collect();
    assert_eq!(found(Sign::ObliteratedSerial), BTreeSet::from([removed]));
    let [shipment] = &table(lab, "shipment.csv")[..] else { panic!("one shipment") };
    let way = history_of(&store(lab), &shipment["firearms"]);
    assert_eq!(way.shipments[0].as_str(), shipment["shipment_id"]);
}

/// Words of the story that belong to persons: what the tables have of them,
/// and the longer words of their names. Shorter ones turn up in any picture.
fn personal(lab: &str) -> BTreeSet<String> {
    let mut words = BTreeSet::new();
    for row in table(lab, "results.csv") {
        let cells = row.iter().filter(|(column, _)| column.starts_with("purchaser_"));
        for (column, cell) in cells.filter(|(_, cell)| !cell.is_empty()) {
            words.insert(cell.clone());
            let parts = cell.split([' ', ',']).filter(|w| w.len() >= 6);
            words.extend(parts.filter(|_| column == "purchaser_name").map(str::to_owned));
        }
    }
    words
}

#[test]
fn nothing_personal_is_anywhere_but_in_the_tables_that_came_in() {
    let (folder, said) = &*PLAYED;
    let words: BTreeSet<String> = LABS.iter().flat_map(|(lab, _)| personal(lab)).collect();
    assert!(words.len() > 20, "{words:?}");
    for word in &words {
        assert!(!said.contains(word), "{word} was said");
    }
    let pseudonyms = |lab: &str| -> Vec<String> {
        let results = Traces::read(&snapshot(lab)).unwrap().results.into_values();
        results.filter_map(|result| Some(result.sale.purchaser?.to_string())).collect()
    };
    let stand_ins = LABS.map(|(lab, _)| pseudonyms(lab));
    assert!(stand_ins.iter().all(|of_lab| of_lab.len() > 2));
    let all: Vec<&str> =
        words.iter().chain(stand_ins.iter().flatten()).map(String::as_str).collect();
    let mut tables = BTreeSet::new();
    for (path, word) in bytes::holding(folder, &all) {
        let place = path.strip_prefix(folder).unwrap();
        if words.contains(&word) {
            assert_eq!(place.file_name().unwrap(), "results.csv", "{word} in {}", place.display());
            tables.insert(word);
        } else {
            let home =
                LABS.iter().zip(&stand_ins).find(|(_, own)| own.contains(&word)).unwrap().0.0;
            let bundle = place.extension().is_some_and(|e| e == "h5") && place.iter().count() == 2;
            assert!(place.starts_with(home) && !bundle, "{word} in {}", place.display());
        }
    }
    assert_eq!(tables, words, "the search finds what is there");
    // The encrypted form is there, and only at home.
    let desk = Workbench::new();
    for (lab, _) in LABS {
        let kept = snapshot(lab).records("trace_personal").unwrap();
        let of_persons =
            table(lab, "results.csv").into_iter().filter(|r| !r["purchaser_name"].is_empty());
        assert_eq!(kept.len(), of_persons.count());
        desk.said(0, &["verify", store(lab).to_str().unwrap()]);
    }
}
