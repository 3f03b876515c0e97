//! Traces: the form, the table, the persons.

use super::browser::Browser;
use super::lab::Lab;
use casework::trace::Traces;
use casework::trace::personal::PersonalKeys;
use types::evidence::TraceRequest;

const GUN: [(&str, &str); 12] = [
    ("agency", "MXFGECHH1"),
    ("type", "pistol"),
    ("make", "Taurus"),
    ("model", "PT 92"),
    ("calibre", "9x19 mm"),
    ("serial", "TYE14751"),
    ("importer", "Taurus International"),
    ("country_of_origin", "BR"),
    ("ncic_code", "5212"),
    ("recovered", "2026-03-14"),
    ("state", "MX-CHH"),
    ("municipality", "Juárez"),
];

fn with<'a>(changes: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let kept = GUN.iter().filter(|(name, _)| changes.iter().all(|(n, _)| n != name));
    kept.copied().chain(changes.iter().copied()).collect()
}

fn requests(lab: &Lab) -> Vec<TraceRequest> {
    Traces::read(&lab.store().snapshot().unwrap()).unwrap().requests
}

fn officer(lab: &Lab) -> Browser<'_> {
    let mut browser = lab.logged_in("trc");
    assert_eq!(browser.get("/traces/new").status, 200);
    browser
}

#[test]
fn a_foreign_firearm_without_importer_is_refused_and_what_was_typed_stays() {
    let lab = Lab::new();
    let mut trc = officer(&lab);
    let seen = trc.post("/traces", &with(&[("importer", "")]));
    assert_eq!(seen.status, 422);
    assert!(seen.body.contains("importer&#39;s mark") || seen.body.contains("importer's mark"));
    assert!(seen.body.contains("value=\"TYE14751\""), "{}", seen.body);
    assert!(requests(&lab).is_empty());
    let seen = trc.post("/traces", &with(&[("country_of_origin", "US"), ("importer", "")]));
    assert_eq!(seen.status, 303, "made here it needs none: {}", seen.body);
    // The same form again is the same request.
    assert_eq!(
        trc.post("/traces", &with(&[("country_of_origin", "US"), ("importer", "")])).to,
        seen.to
    );
    assert_eq!(requests(&lab).len(), 1);
    let page = trc.get(&seen.to).body;
    for part in ["Taurus", "TYE14751", "5212", "Juárez", "MX-CHH"] {
        assert!(page.contains(part), "{part}");
    }
    assert!(trc.get("/traces").body.contains(&seen.to));
}

#[test]
fn an_urgent_request_says_why_and_the_ledger_has_it() {
    let lab = Lab::new();
    let mut trc = officer(&lab);
    assert_eq!(trc.post("/traces", &with(&[("priority", "urgent")])).status, 422);
    let urgent = [("priority", "urgent"), ("justification", "suspect in custody")];
    assert_eq!(trc.post("/traces", &with(&urgent)).status, 303);
    let records = lab.store().snapshot().unwrap().records("trace_request").unwrap();
    assert_eq!(records[0].reason, "urgent: suspect in custody");
    assert_eq!(records[0].author, "Tris Cano");
}

#[test]
fn a_serial_number_one_slip_away_is_warned_of_while_typing_and_before_storing() {
    let lab = Lab::new();
    let mut trc = officer(&lab);
    assert_eq!(trc.post("/traces", &with(&[])).status, 303);
    // S for 5.
    let typed = trc.get("/traces/doubles?serial=TYE147S1&make=Taurus");
    assert!(typed.body.contains("TYE14751"), "{}", typed.body);
    assert_eq!(trc.get("/traces/doubles?serial=AB99&make=Colt").body, "");
    trc.get("/traces/new");
    let slip = [("serial", "TYE147S1"), ("recovered", "2026-03-15")];
    let seen = trc.post("/traces", &with(&slip));
    assert_eq!(seen.status, 409, "{}", seen.body);
    assert!(seen.body.contains("likely double"));
    assert_eq!(requests(&lab).len(), 1);
    let looked = [&slip[..], &[("looked_into", "yes")]].concat();
    assert_eq!(trc.post("/traces", &with(&looked)).status, 303);
    assert_eq!(requests(&lab).len(), 2);
}

const TABLE: &str = "\
trace_id,firearm_id,agency,type,make,model,calibre,serial,importer,country_of_origin,ncic_code,recovered,state,municipality
T-1,F-1,MXFGECHH1,pistol,Taurus,PT 92,9x19 mm,TYE14751,Taurus International,BR,5212,2026-03-14,MX-CHH,Juárez
T-2,F-2,MXFGECHH1,pistol,Taurus,PT 92,9x19 mm,TYE147S1,Taurus International,BR,5212,2026-03-15,MX-CHH,Juárez
T-3,F-3,MXFGECHH1,pistol,Beretta,92,9x19 mm,C77120Z,,IT,5212,2026-04-02,MX-CHH,Juárez
T-4,F-4,MXFGECHH1,pistol,Colt,1911,.45,999,,US,5212,soon,MX-CHH,Juárez
T-5,F-5,MXFGECHH1,pistol,Colt,1911,.45,70G12345,,US,5212,2026-04-02,MX-CHH,Juárez
";

#[test]
fn a_table_is_tried_first_with_errors_by_row_and_doubles_pointed_out() {
    let lab = Lab::new();
    let mut trc = officer(&lab);
    trc.get("/traces/table");
    let tried = trc.post("/traces/table", &[("csv", TABLE), ("act", "try")]);
    assert_eq!(tried.status, 200);
    assert!(tried.body.contains("2 of 5 rows are fit; nothing is stored."), "{}", tried.body);
    for part in ["may be a double", "importer&#39;s mark", "date of recovery"] {
        let plain = part.replace("&#39;", "'");
        assert!(tried.body.contains(part) || tried.body.contains(&plain), "{part}");
    }
    assert!(requests(&lab).is_empty());
    let stored = trc.post("/traces/table", &[("csv", TABLE), ("act", "store")]);
    assert!(stored.body.contains("2 of 5 rows are stored."), "{}", stored.body);
    let ids =
        |lab: &Lab| -> Vec<String> { requests(lab).iter().map(|r| r.id.to_string()).collect() };
    assert_eq!(ids(&lab), ["T-1", "T-5"]);
    let again = [("csv", TABLE), ("act", "store"), ("looked_into", "yes")];
    assert!(trc.post("/traces/table", &again).body.contains("1 of 5 rows are stored."));
    assert_eq!(ids(&lab), ["T-1", "T-2", "T-5"]);
    assert_eq!(trc.post("/traces/table", &[("csv", "a,b\n1,2\n"), ("act", "try")]).status, 422);
    // Nothing of the table stays beside the people file.
    let left = std::fs::read_dir(lab.path("")).unwrap().filter(|entry| {
        let name = entry.as_ref().unwrap().file_name();
        let name = name.to_string_lossy();
        !["people.db", "store", ".x3p"].iter().any(|known| name.contains(known))
    });
    assert_eq!(left.count(), 0);
}

#[test]
fn a_purchaser_takes_a_reason_and_a_password_and_is_in_the_ledger() {
    let lab = Lab::new();
    let mut trc = officer(&lab);
    let to = trc.post("/traces", &with(&[])).to;
    let id = to.rsplit('/').next().unwrap().to_owned();
    let (keys, identity) = PersonalKeys::generate().unwrap();
    let keys = PersonalKeys::parse(&keys).unwrap();
    let results = lab.path("results.csv");
    let table = format!("trace_id,outcome,purchaser_name\n{id},purchaser,Jane Straw\n");
    std::fs::write(&results, table).unwrap();
    let run = pipeline::Run {
        who: "tests".into(),
        started: "2026-11-30T15:00:00Z".into(),
        command: "trace import".into(),
        recipe: types::evidence::Digest::of(b""),
        now: || "2026-11-30T15:00:00Z".into(),
    };
    pipeline::import_results(&lab.store(), &results, Some(&keys), &run).unwrap();
    let page = trc.get(&to).body;
    assert!(page.contains("purchaser_name") && !page.contains("Jane Straw"));
    let person = format!("{to}/person");
    let password = lab.password("trc");
    let ask = |trc: &mut Browser, reason: &str, password: &str, identity: &str| {
        trc.get(&to);
        trc.post(&person, &[("reason", reason), ("password", password), ("identity", identity)])
    };
    let identity = identity.lines().find(|l| l.starts_with("AGE-SECRET-KEY-")).unwrap();
    let accesses = || lab.store().snapshot().unwrap().records("trace_access").unwrap();
    for (reason, password, key, status) in [
        (" ", password.as_str(), identity, 422),
        ("warrant 117/2026", "not mine", identity, 401),
        ("warrant 117/2026", &password, "AGE-SECRET-KEY-1", 422),
    ] {
        let seen = ask(&mut trc, reason, password, key);
        assert_eq!(seen.status, status, "{reason}");
        assert!(!seen.body.contains("Jane Straw"));
        assert!(accesses().is_empty());
    }
    let seen = ask(&mut trc, "warrant 117/2026", &password, identity);
    assert!(seen.body.contains("Jane Straw"), "{}", seen.body);
    assert!(!seen.body.contains("AGE-SECRET-KEY-1Q"), "the identity is not shown again");
    let accesses = accesses();
    assert_eq!(accesses.len(), 1);
    assert_eq!(
        (accesses[0].author.as_str(), accesses[0].reason.as_str()),
        ("Tris Cano", "warrant 117/2026")
    );
    // An auditor reads all but purchasers.
    let mut aud = lab.logged_in("aud");
    assert_eq!(aud.get(&to).status, 200);
    assert!(!aud.get(&to).body.contains("name=\"identity\""));
    assert_eq!(aud.post(&person, &[("reason", "x")]).status, 403);
}

#[test]
fn markup_in_any_field_of_a_request_is_shown_as_text() {
    let lab = Lab::new();
    let mut trc = officer(&lab);
    let nasty = "\"><script>alert(1)</script>";
    for (name, _) in GUN {
        let seen = trc.post("/traces", &with(&[(name, nasty), ("looked_into", "yes")]));
        assert!([303, 422].contains(&seen.status), "{name}: {}", seen.status);
        assert!(!seen.body.contains("<script>alert"), "{name}");
    }
    let pages: Vec<String> = requests(&lab).iter().map(|r| format!("/traces/{}", r.id)).collect();
    for page in pages.iter().map(String::as_str).chain(["/traces"]) {
        assert!(!trc.get(page).body.contains("<script>alert"), "{page}");
    }
    let csv = TABLE.replace("Colt", "<script>alert(1)</script>");
    let seen = trc.post("/traces/table", &[("csv", &csv), ("act", "try")]);
    assert!(!seen.body.contains("<script>alert"));
}
