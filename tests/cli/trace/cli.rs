//! `trace` from a recovered firearm to a result whose purchaser is kept apart.

use super::{Workbench, bytes};
use serde_json::json;

const AGENCIES: &str = "agency_id,name,country,state
MXFGECHH1,Fiscalía de Chihuahua,MX,MX-CHH
MXFGR0009,Fiscalía General,MX,
";
const FIREARMS: &str = "firearm_id,type,make,model,calibre,serial,importer,country_of_origin
F1,pistol,Taurus,PT 92,9x19 mm,TYE14711,Taurus International,BR
F2,pistol,Forjas Taurus,PT92,9 mm,TYE14171,Taurus International,BR
F3,pistol,Ruger,,9x19 mm,315-60241,,US
";
const EVENTS: &str = "firearm_event_id,firearm_id,type,date,state,municipality,agency
R1,F1,recovered,2024-05-30,Chih.,Ciudad Juárez,MXFGECHH1
R2,F2,recovered,2024-06-01,INEGI 08,Ciudad Juárez,MXFGR0009
R3,F3,recovered,2024-05,MX-CHH,,MXFGECHH1
";
const RESULTS: &str = "trace_id,firearm_id,outcome,dealer,dealer_state,purchase_date,purchaser_name,purchaser_birth_date
,F1,purchaser,Mesa Street Arms,US-TX,2023-06,Dana Q. Invented,1991-04-23
";
const PERSONAL: [&str; 3] = ["Dana", "Invented", "1991-04-23"];

fn filed() -> Workbench {
    let desk = Workbench::new();
    for (name, text) in [
        ("agency.csv", AGENCIES),
        ("firearm.csv", FIREARMS),
        ("firearm_event.csv", EVENTS),
        ("results.csv", RESULTS),
    ] {
        desk.write(name, text);
    }
    desk.said(
        0,
        &["record", "import", "agency.csv", "firearm.csv", "firearm_event.csv", "--store", "store"],
    );
    desk
}

fn new(desk: &Workbench, code: i32, args: &[&str]) -> (String, String) {
    let common =
        ["--store", "store", "--ncic", "5212", "--operator", "tests", "--json", "out.json"];
    desk.said(code, &[&["trace", "new"], args, &common].concat())
}

fn import(desk: &Workbench, code: i32, args: &[&str]) -> (serde_json::Value, String) {
    let common = ["trace", "import", "results.csv", "--store", "store", "--json", "out.json"];
    let (_, err) = desk.said(code, &[&common, args].concat());
    (desk.read("out.json")["counts"].clone(), err)
}

#[test]
fn a_request_is_checked_and_a_double_is_pointed_out_before_it_is_stored() {
    let desk = filed();
    new(&desk, 0, &["F1"]);
    let (out, err) = new(&desk, 1, &["F2"]);
    assert!(out.contains("likely double") && out.contains("TYE14711 (transposed)"), "{out}");
    assert!(err.contains("nothing was stored") && err.contains("--no-double"), "{err}");
    assert_eq!(desk.read("out.json")["doubles"][0]["firearm"], "F1");
    let (out, _) = new(&desk, 1, &["F3"]);
    assert!(out.contains("required: model") && out.contains("required: municipality"), "{out}");
    new(&desk, 0, &["F3", "--incomplete"]);
    new(&desk, 0, &["F2", "--no-double"]);

    let (_, err) = desk.said(3, &["trace", "export", "--store", "store", "--out", "requests.csv"]);
    assert!(err.contains("model"), "{err}");
    let table = std::fs::read_to_string(desk.path("requests.csv")).unwrap();
    assert_eq!(table.lines().count(), 3, "{table}");
    assert!(table.contains("MXFGECHH1,pistol,Taurus,PT 92,9x19 mm,TYE14711"), "{table}");
    // The table that was exported is one that can be taken in.
    desk.said(
        0,
        &["record", "import", "requests.csv", "--kind", "trace_request", "--store", "store"],
    );
    let (out, _) = desk.said(3, &["trace", "check", "--store", "store"]);
    assert!(out.contains("3 requests, 1 incomplete, 2 with likely doubles"), "{out}");
}

#[test]
fn a_purchaser_is_kept_only_encrypted_and_who_reads_it_is_in_the_ledger() {
    let desk = filed();
    new(&desk, 0, &["F1"]);
    let id = desk.read("out.json")["request"]["id"].as_str().unwrap().to_owned();

    let (counts, err) = import(&desk, 3, &[]);
    assert_eq!(counts, json!({ "rows": 1, "new": 1, "failed": 1 }));
    assert!(err.contains("purchaser_birth_date, purchaser_name") && err.contains("trace keys"));
    assert!(!PERSONAL.iter().any(|word| err.contains(word)), "{err}");
    let (out, _) = desk.said(0, &["trace", "show", "--store", "store"]);
    assert!(out.contains("335 to 364 days to crime"), "{out}");

    desk.said(0, &["trace", "keys", "--out", "lab.keys", "--identity", "identity.txt"]);
    desk.said(1, &["trace", "keys", "--out", "lab.keys", "--identity", "other.txt"]);
    let (counts, _) = import(&desk, 0, &["--keys", "lab.keys"]);
    assert_eq!(counts, json!({ "rows": 1, "changed": 1, "persons": 1, "failed": 0 }));
    let before = std::fs::read(desk.path("store/ledger.jsonl")).unwrap();
    let (counts, _) = import(&desk, 0, &["--keys", "lab.keys"]);
    assert_eq!(counts, json!({ "rows": 1, "unchanged": 1, "failed": 0 }));
    assert_eq!(std::fs::read(desk.path("store/ledger.jsonl")).unwrap(), before);

    let shown = desk.json(&["trace", "show", &id, "--store", "store"]);
    assert_eq!(shown["personal_fields_kept"], json!(["purchaser_birth_date", "purchaser_name"]));
    let purchaser = shown["result"]["sale"]["purchaser"].as_str().unwrap();
    assert!(purchaser.starts_with("P-") && purchaser.len() == 18);
    assert_eq!(bytes::holding(&desk.path("store"), &PERSONAL), [].into());

    let wrong = ["trace", "show", &id, "--store", "store", "--personal", "--reason", "none"];
    desk.said(2, &wrong);
    desk.said(0, &["trace", "keys", "--out", "b.keys", "--identity", "stranger.txt"]);
    desk.said(1, &[&wrong[..], &["--identity", "stranger.txt"]].concat());
    assert_eq!(std::fs::read(desk.path("store/ledger.jsonl")).unwrap(), before);
    let read = [
        "trace",
        "show",
        &id,
        "--store",
        "store",
        "--personal",
        "--identity",
        "identity.txt",
        "--reason",
        "warrant 117/2026",
        "--operator",
        "R. Ortiz",
    ];
    let shown = desk.json(&read);
    assert_eq!(shown["personal"]["purchaser_name"], "Dana Q. Invented");
    let ledger = std::fs::read_to_string(desk.path("store/ledger.jsonl")).unwrap();
    let entry = ledger.lines().last().unwrap();
    for said in ["R. Ortiz", "warrant 117/2026", &id, "trace_access"] {
        assert!(entry.contains(said), "{entry}");
    }
    assert_eq!(bytes::holding(&desk.path("store"), &PERSONAL), [].into());
    desk.said(0, &["verify", "store"]);
}

#[test]
fn a_bundle_carries_a_trace_without_its_purchaser() {
    let desk = filed();
    new(&desk, 0, &["F1"]);
    desk.said(0, &["trace", "keys", "--out", "lab.keys", "--identity", "identity.txt"]);
    import(&desk, 0, &["--keys", "lab.keys"]);

    desk.write("casing.csv", "casing_id,origin,firearm_id\nTF1,test_fire,F1\n");
    desk.said(0, &["record", "import", "casing.csv", "--store", "store"]);
    // What the register ascribes to the firearm is its, grouped or not.
    let (shown, _) = desk.said(0, &["show", "F1", "--store", "store"]);
    assert!(shown.contains("TF1"), "{shown}");
    let way = super::scenario::history_of(&desk.path("store"), "F1");
    assert_eq!(way.test_fires.iter().map(|c| c.as_str()).collect::<Vec<_>>(), ["TF1"]);

    let keys = |code| desk.said(0, &["bundle", "keys", "new", "--agency", code, "--out", "keys"]).0;
    let (own, other) = (keys("FGE-CHH"), keys("EPPD"));
    let receives = "\n[partner.receives]\nregions = [\"MX\", \"unknown\"]\nkinds = [\"casing\", \
                    \"firearm\", \"trace_request\", \"trace_result\"]\n";
    desk.write("sharing.toml", &format!("agency = \"FGE-CHH\"\n{other}{receives}"));
    desk.write("theirs.toml", &format!("agency = \"EPPD\"\n{own}"));
    std::fs::create_dir(desk.path("sent")).unwrap();
    let export = [
        "bundle",
        "export",
        "--store",
        "store",
        "--policy",
        "sharing.toml",
        "--to",
        "EPPD",
        "--key",
        "keys/FGE-CHH.key.pem",
        "--all",
        "--out",
        "sent/bundle.h5",
    ];
    let (out, _) = desk.said(0, &export);
    assert!(out.contains("left out of trace_result: sale.purchaser"), "{out}");

    let traces = casework::trace::Traces::read(
        &store::Store::open(desk.path("store")).unwrap().snapshot().unwrap(),
    )
    .unwrap();
    let sale = &traces.results.values().next().unwrap().sale;
    let pseudonym = sale.purchaser.as_ref().unwrap().to_string();
    let words: Vec<&str> = PERSONAL.into_iter().chain([pseudonym.as_str()]).collect();
    assert_eq!(bytes::holding(&desk.path("sent"), &words), [].into());
    assert!(!bytes::holding(&desk.path("sent"), &["Mesa Street Arms"]).is_empty());

    desk.said(0, &["record", "import", "agency.csv", "--store", "theirs"]);
    let import =
        ["bundle", "import", "sent/bundle.h5", "--store", "theirs", "--policy", "theirs.toml"];
    desk.said(0, &import);
    let (out, _) = desk.said(0, &["trace", "show", "--store", "theirs"]);
    assert!(out.contains("firearm F1@FGE-CHH") && out.contains("335 to 364 days"), "{out}");
}
