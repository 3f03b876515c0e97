//! Blind verification.

use super::browser::Browser;
use super::lab::{CASINGS, Lab, PEOPLE, without_tokens};

/// Ana confirms A1 and A2 with the specimens.
fn confirmed(lab: &Lab) -> Browser<'_> {
    let mut ana = lab.logged_in("ana");
    let hit =
        [("conclusion", "hit"), ("basis", "striae"), ("specimens", "yes"), ("confirmed", "yes")];
    assert_eq!(ana.decide("/pair/A1/A2", &hit).status, 303);
    ana
}

fn items(browser: &mut Browser) -> Vec<String> {
    let list = browser.get("/verify");
    assert_eq!(list.status, 200);
    let links = list.body.split("href=\"/verify/").skip(1);
    links.map(|l| format!("/verify/{}", l.split('"').next().unwrap())).collect()
}

#[test]
fn nobody_verifies_a_pair_of_their_own() {
    let lab = Lab::new();
    let mut eva = lab.logged_in("eva");
    let lead = [("conclusion", "lead"), ("basis", "striae")];
    assert_eq!(eva.decide("/pair/A1/A2", &lead).status, 303);
    assert!(items(&mut eva).is_empty());
    let mut vic = lab.logged_in("vic");
    let names = items(&mut vic);
    assert_eq!(names.len(), 1);
    // Knowing the address does not help the first person.
    assert_eq!(eva.get(&names[0]).status, 404);
    let finding = [("conclusion", "lead"), ("basis", "mine")];
    assert_eq!(eva.post(&names[0], &finding).status, 404);
    // An examiner without that role has no queue at all.
    assert_eq!(lab.logged_in("ana").get("/verify").status, 403);
}

#[test]
fn a_blind_item_tells_nothing_but_its_pictures() {
    let lab = Lab::new();
    confirmed(&lab);
    let mut vic = lab.logged_in("vic");
    let names = items(&mut vic);
    assert_eq!(names.len(), 1);
    let page = vic.get(&names[0]);
    assert_eq!(page.status, 200);
    assert!(page.body.contains("data:image/png;base64,"));
    let pieces: Vec<&str> = page.body.split("base64,").collect();
    let words: String = pieces
        .iter()
        .enumerate()
        .map(|(i, part)| if i == 0 { part } else { part.split_once('"').unwrap().1 })
        .collect();
    let words = without_tokens(&words);
    let people = PEOPLE.iter().map(|p| p.1).filter(|name| *name != "Vic Paz");
    for told in CASINGS.into_iter().chain(people).chain([
        "CASE-", "GUN-", "S-A", "MX-CHH", "9x19", "hit\"", "0.77", "1.25", "15 / 20", "30.", "31.",
        "D-0", "2026-", "mark-", "FGECHH1",
    ]) {
        assert!(!words.contains(told), "{told} in {words}");
    }
    let data = words.split("microscope-data").nth(1).unwrap().split_once('>').unwrap().1;
    let data = data.split("</script>").next().unwrap();
    let pair = &serde_json::from_str::<serde_json::Value>(data).unwrap()["pairs"][0];
    assert_eq!(pair["cells"].as_array().unwrap().len(), 0);
    assert_eq!((pair["nameA"].as_str(), pair["nameB"].as_str()), (Some("1"), Some("2")));
    assert_eq!(pair["pose"]["rotation"], 0.0, "{pair}");
    let shown = ["location", "etag", "set-cookie"]
        .iter()
        .filter(|h| page.headers.contains_key(**h))
        .count();
    assert_eq!(shown, 0);
}

#[test]
fn the_case_is_closed_to_the_verifier_until_the_finding_is_in() {
    let lab = Lab::new();
    let mut eva = lab.logged_in("eva");
    assert_eq!(eva.get("/pair/A1/A2").status, 200);
    confirmed(&lab);
    assert_eq!(eva.get("/pair/A1/A2").status, 403);
    assert_eq!(eva.get("/pair/A2/A1").status, 403, "nor from behind");
    let lead = [("conclusion", "lead"), ("basis", "x")];
    assert_eq!(eva.post("/pair/A1/A2", &lead).status, 403);
    for list in ["/worklist?show=all", "/worklist?show=decided&folded=yes"] {
        assert!(!eva.get(list).body.contains("/pair/A1/A2"), "{list}");
    }
    assert!(lab.audit().iter().any(|(who, _, outcome)| who == "Eva Soto" && outcome == "refused"));
    let names = items(&mut eva);
    let page = eva.get(&names[0]);
    assert_eq!(page.status, 200);
    assert_eq!(eva.post(&names[0], &[("conclusion", "lead"), ("basis", " ")]).status, 422);
    assert_eq!(eva.post(&names[0], &[("conclusion", "hit"), ("basis", "x")]).status, 422);
    assert_eq!(eva.post(&names[0], &lead).to, "/verify?done=yes");
    assert_eq!(eva.get("/pair/A1/A2").status, 200);
    // It locks.
    let other = [("conclusion", "eliminated"), ("basis", "on second thought")];
    assert_eq!(eva.post(&names[0], &other).status, 404);
    let snapshot = lab.store().snapshot().unwrap();
    let found = pipeline::verifications(&snapshot).unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].finding.by.as_str(), found[0].reason.as_str()), ("Eva Soto", "x"));
    assert!(items(&mut lab.logged_in("vic")).is_empty());
}

#[test]
fn a_disagreement_reaches_the_supervisor_and_both_stay() {
    let lab = Lab::new();
    confirmed(&lab);
    let mut vic = lab.logged_in("vic");
    let name = items(&mut vic).remove(0);
    vic.get(&name);
    let against = [("conclusion", "eliminated"), ("basis", "different subclass")];
    assert_eq!(vic.post(&name, &against).status, 303);
    // The hit stays in force: a finding is no decision.
    assert_eq!(lab.decisions().len(), 1);
    let mut sup = lab.logged_in("sup");
    let today = sup.get("/today");
    assert!(today.body.contains("<a href=\"/disagreements\">1</a>"), "{}", today.body);
    let list = sup.get("/disagreements");
    for part in ["A1", "A2", "Ana Ruiz", "Vic Paz", "different subclass", "striae"] {
        assert!(list.body.contains(part), "{part}");
    }
    let to = list.body.split("action=\"/disagreements/").nth(1).unwrap();
    let to = format!("/disagreements/{}", to.split('"').next().unwrap());
    assert_eq!(sup.post(&to, &[("reason", "  ")]).status, 400);
    let words = "looked at together under the microscope; the hit stands";
    assert_eq!(sup.post(&to, &[("reason", words)]).to, "/disagreements");
    assert_eq!(sup.post(&to, &[("reason", words)]).status, 400, "once");
    assert!(sup.get("/disagreements").body.contains("There is none to settle"));
    let mut aud = lab.logged_in("aud");
    let page = aud.get("/pair/A1/A2").body;
    for part in ["Ana Ruiz", "Vic Paz", "different subclass", words, "Sue Prado"] {
        assert!(page.contains(part), "{part}: {page}");
    }
    assert!(!page.contains("id=\"decision\""), "an auditor writes nothing");
}

#[test]
fn a_verifier_sees_no_lists_of_candidates() {
    let lab = Lab::new();
    confirmed(&lab);
    let mut vic = lab.logged_in("vic");
    for path in ["/worklist", "/pair/A1/A2", "/pair/A1/A3", "/disagreements", "/overdue"] {
        assert_eq!(vic.get(path).status, 403, "{path}");
    }
    let today = vic.get("/today");
    assert!(today.body.contains("waiting for your blind look"));
    let words = without_tokens(&today.body);
    for casing in CASINGS {
        assert!(!words.contains(casing), "{casing} in {words}");
    }
}
