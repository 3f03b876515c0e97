//! Lead letters: when one may be released, what it says, what became of it.

use super::browser::{Browser, Seen};
use super::lab::Lab;

fn lead(lab: &Lab) {
    let lead = [("conclusion", "lead"), ("basis", "striae at three")];
    assert_eq!(lab.logged_in("ana").decide("/pair/A1/TA", &lead).status, 303);
}

fn blind(lab: &Lab, conclusion: &str) {
    let mut vic = lab.logged_in("vic");
    let list = vic.get("/verify").body;
    let item = list.split("href=\"/verify/").nth(1).unwrap().split('"').next().unwrap();
    let item = format!("/verify/{item}");
    vic.get(&item);
    assert_eq!(vic.post(&item, &[("conclusion", conclusion), ("basis", "seen")]).status, 303);
}

fn release(sup: &mut Browser) -> Seen {
    sup.get("/letters");
    sup.post("/letters", &[("a", "A1"), ("b", "TA")])
}

#[test]
fn no_letter_before_the_second_person_has_looked() {
    let lab = Lab::new();
    let mut sup = lab.logged_in("sup");
    assert_eq!(release(&mut sup).status, 409, "nobody concluded anything");
    lead(&lab);
    let early = release(&mut sup);
    assert_eq!(early.status, 409);
    assert!(early.body.contains("the second person has not looked yet"), "{}", early.body);
    assert!(!sup.get("/letters").body.contains("Release the letter"));
    blind(&lab, "lead");
    assert!(sup.get("/letters").body.contains("Release the letter"));
    // Nobody else releases.
    let mut ana = lab.logged_in("ana");
    assert!(!ana.get("/letters").body.contains("Release the letter"));
    assert_eq!(release(&mut ana).status, 403);
    assert_eq!(release(&mut sup).to, "/letters/L-2026-0001");
    assert_eq!(release(&mut sup).status, 409, "one letter a conclusion");
    let (_, letters) = (lab.decisions(), pipeline::letters(&lab.store().snapshot().unwrap()));
    assert_eq!(letters.unwrap().len(), 1);
}

#[test]
fn a_disagreement_holds_a_letter_back_until_it_is_settled() {
    let lab = Lab::new();
    lead(&lab);
    blind(&lab, "eliminated");
    let mut sup = lab.logged_in("sup");
    assert!(release(&mut sup).body.contains("saw it differently"));
    let list = sup.get("/disagreements").body;
    let to = list.split("action=\"/disagreements/").nth(1).unwrap().split('"').next().unwrap();
    assert_eq!(sup.post(&format!("/disagreements/{to}"), &[("reason", "stands")]).status, 303);
    assert_eq!(release(&mut sup).to, "/letters/L-2026-0001");
    let page = sup.get("/letters/L-2026-0001").body;
    assert!(page.contains("Settled by") && page.contains("Sue Prado"), "{page}");
}

#[test]
fn a_letter_is_complete_in_both_languages() {
    let lab = Lab::new();
    lead(&lab);
    blind(&lab, "lead");
    let mut sup = lab.logged_in("sup");
    release(&mut sup);
    let facts = [
        "L-2026-0001",
        "A1",
        "TA",
        "CASE-A1",
        "GUN-TA",
        "S-A1",
        "MX-CHH",
        "Ana Ruiz",
        "Vic Paz",
        "Sue Prado",
        "FGECHH1",
        "data:image/png;base64,",
    ];
    let english = ["Preliminary: this must be confirmed with the specimens", "Reviewer", "To"];
    let spanish = ["Preliminar: debe confirmarse con los indicios", "Revisó", "Para"];
    for (language, words) in [("en", english), ("es", spanish)] {
        let file = sup.get(&format!("/letters/L-2026-0001/file/{language}"));
        assert_eq!(file.status, 200);
        let kept = file.headers["content-disposition"].to_str().unwrap();
        assert_eq!(kept, format!("attachment; filename=\"L-2026-0001-{language}.html\""));
        for part in facts.iter().chain(&words) {
            assert!(file.body.contains(part), "{language}: {part}");
        }
        for scan in lab.store().snapshot().unwrap().scans().unwrap() {
            let named = ["A1", "TA"].contains(&scan.casing.as_str());
            assert_eq!(file.body.contains(&scan.sha256.to_string()), named, "{}", scan.casing);
        }
        assert!(!file.body.contains("SECRET-NOTE") && !file.body.contains("<script>alert"));
    }
    assert_eq!(sup.get("/letters/L-2026-0001/file/fr").status, 400);
    assert_eq!(sup.get("/letters/L-2026-0009").status, 404);
    // The same letter gives the same file.
    let twice = ["a", "b"].map(|_| sup.get("/letters/L-2026-0001/file/es").body);
    assert_eq!(twice[0], twice[1]);
}

#[test]
fn what_became_of_a_letter_is_in_the_ledger() {
    let lab = Lab::new();
    lead(&lab);
    blind(&lab, "lead");
    let mut sup = lab.logged_in("sup");
    let to = release(&mut sup).to;
    sup.get(&to);
    let steps = format!("{to}/steps");
    assert_eq!(sup.post(&steps, &[("stage", "outcome"), ("words", "x")]).status, 422, "unsent");
    assert_eq!(sup.post(&steps, &[("stage", "sent"), ("words", " ")]).status, 422);
    assert_eq!(sup.post(&steps, &[("stage", "lost"), ("words", "x")]).status, 400);
    let nasty = "by courier \"><script>alert(1)</script>";
    for (stage, words) in [("sent", nasty), ("acknowledged", "stamp"), ("outcome", "arrest")] {
        assert_eq!(sup.post(&steps, &[("stage", stage), ("words", words)]).to, to);
    }
    let page = lab.logged_in("aud").get(&to).body;
    for part in ["by courier", "acknowledged", "arrest"] {
        assert!(page.contains(part), "{part}");
    }
    assert!(!page.contains("<script>alert") && !page.contains("id=\"stage\""));
    let snapshot = lab.store().snapshot().unwrap();
    assert_eq!(pipeline::letters(&snapshot).unwrap()[0].steps.len(), 3);
}
