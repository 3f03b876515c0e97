//! Annotations and snapshots: whose they are, and what names them.

use super::lab::{Lab, without_tokens};
use brasslink_station::people::People;

const MARKS: &str =
    r#"{"breech_face":[{"side":"b","says":"differ","x":120.5,"y":-80.0,"r":60.0}]}"#;

fn view(light: u32) -> String {
    format!(
        r#"{{"kind":"breech_face","seen":{{"layout":"side","surface":"relief","split":50,"light":{light},"height":45,"contrast":2,"yes":false,"no":false,"alone":true,"across":false,"raw":false,"hidden":false,"flipped":false,"hand":[12.5,false,30.0,-4.0],"view":[0.0,0.0,1.5]}},"marks":[{{"side":"a","says":"agree","x":1.0,"y":2.0,"r":3.0}}]}}"#
    )
}

fn digest(answer: &str) -> String {
    let answer: serde_json::Value = serde_json::from_str(answer).unwrap();
    answer["digest"].as_str().unwrap().to_owned()
}

#[test]
fn marks_stay_with_the_person_who_made_them() {
    let lab = Lab::new();
    let mut ana = lab.logged_in("ana");
    ana.get("/pair/A1/A2");
    assert_eq!(ana.post("/pair/A1/A2/marks", &[("marks", MARKS)]).status, 204);
    assert!(ana.get("/pair/A1/A2").body.contains("\"x\":120.5"));
    assert!(!ana.get("/pair/A1/A3").body.contains("\"x\":120.5"));
    let mut bea = lab.logged_in("bea");
    assert!(!bea.get("/pair/A1/A2").body.contains("\"x\":120.5"));
    // The other mark of the pair, and taking everything back.
    assert_eq!(ana.post("/pair/A1/A2/marks", &[("marks", "{}")]).status, 204);
    assert!(!ana.get("/pair/A1/A2").body.contains("\"x\":120.5"));
}

#[test]
fn what_the_microscope_would_not_send_is_not_kept() {
    let lab = Lab::new();
    let mut ana = lab.logged_in("ana");
    ana.get("/pair/A1/A2");
    let many = format!(
        r#"{{"breech_face":[{}]}}"#,
        vec![r#"{"side":"a","says":"agree","x":0,"y":0,"r":1}"#; 201].join(",")
    );
    for marks in [
        "",
        "[]",
        "{\"<script>\":[]}",
        r#"{"breech_face":[{"side":"a","says":"<b>","x":0,"y":0,"r":1}]}"#,
        r#"{"breech_face":[{"side":"a","says":"agree","x":1e9,"y":0,"r":1}]}"#,
        r#"{"breech_face":[{"side":"a","says":"agree","x":0,"y":0,"r":1,"more":1}]}"#,
        &many,
    ] {
        assert_eq!(ana.post("/pair/A1/A2/marks", &[("marks", marks)]).status, 400, "{marks}");
    }
    let strange = view(1).replace("relief", "</script>");
    for view in ["", "{}", &strange, &view(1).replace("breech_face", "firing_pin")] {
        let seen = ana.post("/pair/A1/A2/views", &[("view", view)]);
        assert!([400, 404].contains(&seen.status), "{view}: {}", seen.status);
    }
}

#[test]
fn a_snapshot_opens_for_others_once_a_conclusion_names_it() {
    let lab = Lab::new();
    let mut ana = lab.logged_in("ana");
    ana.get("/pair/A1/A2");
    let taken = ana.post("/pair/A1/A2/views", &[("view", &view(90))]);
    assert_eq!(taken.status, 200);
    let name = digest(&taken.body);
    let again = ana.post("/pair/A1/A2/views", &[("view", &view(90))]);
    assert_eq!(digest(&again.body), name, "what is the same has one name");
    let place = format!("/pair/A1/A2?view={name}");
    let page = ana.get(&place).body;
    assert!(page.contains("\"light\":90.0") && page.contains("[12.5,false,30.0,-4.0]"), "{page}");
    // With the digests of the files that it shows.
    for casing in ["A1", "A2"] {
        let scan = types_digest(&lab, casing);
        assert!(page.contains(&format!("\"{scan}\"")), "{casing}");
    }
    let mut bea = lab.logged_in("bea");
    assert_eq!(bea.get(&place).status, 404);
    // Of another's snapshot no conclusion is made, nor of another pair's.
    let stolen = [("conclusion", "lead"), ("basis", "x"), ("view", name.as_str())];
    assert_eq!(bea.decide("/pair/A1/A2", &stolen).status, 422);
    assert_eq!(ana.decide("/pair/A1/A3", &stolen).status, 422);
    assert_eq!(ana.decide("/pair/A1/A2", &stolen).status, 303);
    let decided = lab.decisions();
    assert_eq!(decided.len(), 1);
    assert!(decided[0].2.ends_with(&format!("x [view sha256:{name}]")), "{decided:?}");
    let page = bea.get("/pair/A1/A2").body;
    assert!(page.contains(&format!("href=\"{place}\"")), "{page}");
    assert!(bea.get(&place).body.contains("\"light\":90.0"));
    assert_eq!(bea.get(&format!("/pair/A1/A3?view={name}")).status, 404);
}

fn types_digest(lab: &Lab, casing: &str) -> String {
    let scans = lab.store().snapshot().unwrap().scans().unwrap();
    scans.iter().find(|s| s.casing.as_str() == casing).unwrap().sha256.to_string()
}

#[test]
fn a_verifier_sees_no_marks_but_their_own() {
    let lab = Lab::new();
    let mut ana = lab.logged_in("ana");
    ana.get("/pair/A1/A2");
    ana.post("/pair/A1/A2/marks", &[("marks", MARKS)]);
    let name = digest(&ana.post("/pair/A1/A2/views", &[("view", &view(77))]).body);
    let lead = [("conclusion", "lead"), ("basis", "x"), ("view", name.as_str())];
    assert_eq!(ana.decide("/pair/A1/A2", &lead).status, 303);
    let mut vic = lab.logged_in("vic");
    let list = vic.get("/verify").body;
    let item = list.split("href=\"/verify/").nth(1).unwrap().split('"').next().unwrap();
    let item = format!("/verify/{item}");
    let page = vic.get(&item).body;
    assert!(!page.contains("120.5") && !page.contains(&name) && !page.contains("77.0"));
    assert_eq!(vic.get(&format!("/pair/A1/A2?view={name}")).status, 403);
    assert_eq!(vic.post(&format!("{item}/marks"), &[("marks", MARKS)]).status, 204);
    let own = digest(&vic.post(&format!("{item}/views"), &[("view", &view(33))]).body);
    let page = without_tokens(&vic.get(&item).body);
    assert!(page.contains("120.5"));
    assert!(!page.contains("A1") && !page.contains("A2"), "{page}");
    let none = [("conclusion", "lead"), ("basis", "seen"), ("view", name.as_str())];
    assert_eq!(vic.post(&item, &none).status, 422);
    let finding = [("conclusion", "eliminated"), ("basis", "seen"), ("view", own.as_str())];
    assert_eq!(vic.post(&item, &finding).to, "/verify?done=yes");
    // Who settles it sees what the verifier saw, as it lay there.
    let page = lab.logged_in("sup").get(&format!("/pair/A1/A2?view={own}"));
    assert_eq!(page.status, 200);
    assert!(page.body.contains("\"light\":33.0"));
}

#[test]
fn a_people_file_of_the_first_layout_is_brought_along() {
    let lab = Lab::new();
    let db = rusqlite::Connection::open(lab.path("people.db")).unwrap();
    db.execute_batch("DROP TABLE views; PRAGMA user_version = 1;").unwrap();
    drop(db);
    let people = People::open(&lab.path("people.db")).unwrap();
    let name = people.keep_view("ana", "/pair/A1/A2", "{}", lab.now()).unwrap();
    assert_eq!(people.views_of("ana", "/pair/A1/A2").unwrap()[0].digest, name);
    let db = rusqlite::Connection::open(lab.path("people.db")).unwrap();
    assert!(db.execute("DELETE FROM views", []).is_err());
    assert!(db.execute("UPDATE views SET body = 'x'", []).is_err());
    assert_eq!(lab.logged_in("ana").get("/pair/A1/A2").status, 200);
}
