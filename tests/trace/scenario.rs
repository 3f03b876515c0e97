//! The bundled scenario: two laboratories, first each for itself.

use super::{Desk, bundled, bytes};
use brasslink::casework::Register;
use brasslink::evidence::{CasingId, FirearmId};
use brasslink::store::{Snapshot, Store};
use brasslink::trace::{Chain, Sign, TimeToCrime, Traces, chain, indicators};
use std::collections::{BTreeMap, BTreeSet};

const LABS: [&str; 2] = ["chihuahua", "elpaso"];

/// Words of the story that belong to persons.
/// Long ones: four letters turn up in the text of any picture.
const PERSONAL: [&str; 10] = [
    "Dana Q. Invented",
    "INVENTED, Dana",
    "Imaginary",
    "Madeup",
    "Notreal",
    "1991-04-23",
    "1999-09-09",
    "Nowhere Lane",
    "TX-ID",
    "AZ-DL",
];

/// What a laboratory was told on its screen.
type Said = String;

/// Everything that a laboratory does by itself.
fn worked(desk: &Desk, lab: &str) -> Said {
    let folder = desk.path(lab);
    std::fs::create_dir(&folder).unwrap();
    for entry in std::fs::read_dir(bundled(lab)).unwrap() {
        let entry = entry.unwrap();
        std::fs::copy(entry.path(), folder.join(entry.file_name())).unwrap();
    }
    let in_lab = |name: &str| format!("{lab}/{name}");
    let store = in_lab("store");
    let common = ["--store", store.as_str(), "--operator", "tests"];
    let mut told = String::new();
    let mut run = |code: i32, args: &[&str]| {
        let (out, err) = desk.said(code, &[args, &common].concat());
        told += &out;
        told += &err;
        out + &err
    };
    desk.said(0, &["synth", lab, "--of", &in_lab("truth.csv")]);
    let tables = ["agency", "case", "event", "firearm", "firearm_event"];
    let tables: Vec<String> = tables.iter().map(|t| in_lab(&format!("{t}.csv"))).collect();
    let tables: Vec<&str> = tables.iter().map(String::as_str).collect();
    run(0, &[&["record", "import"], tables.as_slice()].concat());
    run(0, &["run", "--manifest", &in_lab("manifest.csv"), "--reports", &in_lab("reports")]);
    run(0, &["record", "import", &in_lab("shipment.csv")]);
    let (keys, identity) = (in_lab("laboratory.keys"), in_lab("identity.txt"));
    desk.said(0, &["trace", "keys", "--out", &keys, "--identity", &identity]);
    let firearms = std::fs::read_to_string(folder.join("firearm.csv")).unwrap();
    for firearm in firearms.lines().skip(1).filter_map(|line| line.split(',').next()) {
        let double = firearm == "F-01-FGR";
        let said = run(i32::from(double), &["trace", "new", firearm, "--ncic", "5212"]);
        assert_eq!(said.contains("likely double"), double, "{firearm}: {said}");
        assert!(!double || said.contains("TYE14711 (transposed)"), "{said}");
    }
    run(0, &["trace", "import", &in_lab("results.csv"), "--keys", &keys]);
    run(0, &["trace", "show"]);
    told
}

fn snapshot(desk: &Desk, lab: &str) -> Snapshot {
    Store::open(desk.path(lab).join("store")).unwrap().snapshot().unwrap()
}

/// Which firearm fired which casing, as the story has it.
fn truth(lab: &str) -> BTreeMap<CasingId, String> {
    let mut reader = csv::Reader::from_path(bundled(lab).join("truth.csv")).unwrap();
    let rows = reader.records().map(Result::unwrap);
    rows.map(|row| (CasingId::new(&row[1]).unwrap(), row[2].to_owned())).collect()
}

/// The groups in force are the firearms of the truth, neither more nor less.
fn grouped_as_planted(snapshot: &Snapshot, truth: &BTreeMap<CasingId, String>) {
    let mut guns_of: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    let mut groups_of: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    let linking = snapshot.linking().unwrap().unwrap();
    for row in &linking.groups {
        let gun = truth[&row.casing].as_str();
        guns_of.entry(row.group.clone()).or_default().insert(gun);
        groups_of.entry(gun).or_default().insert(row.group.clone());
    }
    let mixed: Vec<_> = guns_of.values().filter(|guns| guns.len() > 1).collect();
    assert!(mixed.is_empty(), "groups of several firearms: {mixed:?}");
    let grouped: BTreeSet<&CasingId> = linking.groups.iter().map(|row| &row.casing).collect();
    let left_out: Vec<_> = truth.keys().filter(|casing| !grouped.contains(casing)).collect();
    let torn: Vec<_> = groups_of.iter().filter(|(_, groups)| groups.len() > 1).collect();
    assert!(left_out.is_empty() && torn.is_empty(), "left out: {left_out:?}, torn: {torn:?}");
}

fn chain_of(snapshot: &Snapshot, firearm: &str) -> Chain {
    let register = Register::read(snapshot).unwrap();
    let traces = Traces::read(snapshot).unwrap();
    let groups = snapshot.linking().unwrap().unwrap().groups;
    chain(&FirearmId::new(firearm).unwrap(), &register, &traces, &groups)
}

fn time(snapshot: &Snapshot, firearm: &str) -> Option<TimeToCrime> {
    chain_of(snapshot, firearm).traces[0].time_to_crime
}

#[test]
fn two_laboratories_find_what_was_planted_and_nothing_else() {
    let desk = Desk::new();
    let told: Vec<Said> = LABS.iter().map(|lab| worked(&desk, lab)).collect();
    let [mx, us] = LABS.map(|lab| snapshot(&desk, lab));
    for (lab, snapshot) in LABS.iter().zip([&mx, &us]) {
        grouped_as_planted(snapshot, &truth(lab));
    }

    // Time to crime, to the day where both days are known.
    let days = |least, most| Some(TimeToCrime::Days { least, most });
    assert_eq!(time(&mx, "F-01"), days(355, 355));
    assert_eq!(time(&mx, "F-02"), days(368, 368));
    assert_eq!(time(&mx, "F-08"), days(4871, 5235));
    assert_eq!([time(&mx, "F-06"), time(&mx, "F-12")], [None, None]);
    assert_eq!(time(&us, "F-03"), days(929, 989));
    assert_eq!([time(&us, "F-05"), time(&us, "F-11")], [days(385, 385), days(1825, 1825)]);

    // The border gun: three scenes in Chihuahua, all after its sale in El Paso.
    let border = chain_of(&mx, "F-01");
    let seen: Vec<_> =
        border.scenes.iter().map(|s| (s.scene.as_str(), s.before_sale, s.across_border)).collect();
    let after_and_across = |scene| (scene, Some(false), Some(true));
    assert_eq!(seen, ["JRZ-0612", "JRZ-0117", "CUU-0302"].map(after_and_across));
    assert_eq!(chain_of(&mx, "F-12").shipments[0].as_str(), "SH-NLD-0709");

    // Two pistols of one purchaser and one dealer, sold on one day.
    let signs = indicators(&Traces::read(&mx).unwrap());
    let together = |sign| signs.iter().filter(move |i| i.sign == sign).map(|i| i.firearms.clone());
    let both = vec![["F-01", "F-02"].map(|f| FirearmId::new(f).unwrap()).to_vec()];
    for sign in [Sign::OnePurchaser, Sign::SoldTogether, Sign::OneDealer] {
        assert_eq!(together(sign).collect::<Vec<_>>(), both);
    }
    assert_eq!(together(Sign::ObliteratedSerial).count(), 1);

    // Nothing personal: on the screen, in stores, in reports.
    for word in PERSONAL {
        assert!(told.iter().all(|said| !said.contains(word)), "{word} was said");
    }
    for lab in LABS {
        for place in ["store", "reports"] {
            assert_eq!(bytes::holding(&desk.path(lab).join(place), &PERSONAL), []);
        }
    }
    // The search would find them: they are in the tables that came in.
    assert!(bytes::holding(&desk.path("chihuahua"), &["Dana Q. Invented"]).len() == 1);
}
