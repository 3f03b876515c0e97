//! The day: Today, worklist, comparison, decision.

use super::browser::ask;
use super::lab::Lab;
use std::time::Duration;
use store::Actor;

/// The numbers of Today with the addresses they lead to.
fn counts(body: &str) -> Vec<(String, usize)> {
    let totals = body.split("facts totals").nth(1).unwrap().split("</dl>").next().unwrap();
    let one = |part: &str| {
        let (to, rest) = part.split_once("\">")?;
        Some((to.replace("&amp;", "&"), rest.split('<').next()?.parse().ok()?))
    };
    totals.split("href=\"").skip(1).filter_map(one).collect()
}

fn rows(body: &str) -> usize {
    body.matches("class=\"pair-link\"").count()
}

#[test]
fn the_numbers_of_today_are_those_of_the_lists() {
    let lab = Lab::new();
    let mut browser = lab.logged_in("ana");
    let lead = [("conclusion", "lead"), ("basis", "striae")];
    assert_eq!(browser.decide("/pair/A1/A2", &lead).status, 303);
    let today = browser.get("/today");
    let counts = counts(&today.body);
    assert!(counts.len() >= 5, "{counts:?}");
    assert!(counts.iter().any(|(to, n)| to.contains("pending") && *n > 0), "{counts:?}");
    for (to, n) in counts {
        let list = browser.get(&to);
        let listed = match to.as_str() {
            "/overdue" => list.body.matches("<th scope=\"row\"").count(),
            _ => rows(&list.body),
        };
        assert_eq!(listed, n, "{to}");
    }
}

#[test]
fn the_worklist_sorts_filters_and_keeps_its_state_in_the_address() {
    let lab = Lab::new();
    let mut browser = lab.logged_in("tec");
    let all = browser.get("/worklist?show=all&sort=name&folded=yes");
    assert!(rows(&all.body) >= 6, "{}", all.body);
    let found = browser.get("/worklist?show=all&q=CASE-A1&sort=score");
    let n = rows(&found.body);
    assert!(n > 0 && n < rows(&all.body));
    for kept in ["value=\"CASE-A1\"", "value=\"all\" selected", "value=\"score\" selected"] {
        assert!(found.body.contains(kept), "{kept}: {}", found.body);
    }
    assert_eq!(found.body, browser.get("/worklist?show=all&q=CASE-A1&sort=score").body);
    assert_eq!(rows(&browser.get("/worklist?q=nothing-has-this").body), 0);
    assert_eq!(rows(&browser.get("/worklist?show=decided").body), 0);
}

#[test]
fn what_is_missing_refuses_a_decision_and_loses_nothing() {
    let lab = Lab::new();
    let mut browser = lab.logged_in("ana");
    for (fields, why) in [
        (vec![("basis", "kept words")], "Choose a conclusion"),
        (vec![("conclusion", "lead")], "a conclusion without a basis"),
        (vec![("conclusion", "lead"), ("basis", "  \n ")], "a conclusion without a basis"),
        (vec![("conclusion", "hit"), ("basis", "kept words")], "confirmed with the specimens"),
        (vec![("conclusion", "eliminated"), ("basis", "kept words")], "needs its reason"),
    ] {
        let seen = browser.decide("/pair/A1/A2", &fields);
        assert_eq!(seen.status, 422, "{why}");
        assert!(seen.body.contains(why), "{why}: {}", seen.body);
        let kept = fields.iter().any(|(_, v)| *v == "kept words");
        assert_eq!(seen.body.contains("kept words"), kept, "{why}");
    }
    assert!(lab.decisions().is_empty());
}

#[test]
fn technicians_find_leads_and_confirm_nothing() {
    let lab = Lab::new();
    let mut browser = lab.logged_in("tec");
    assert!(!browser.get("/pair/A1/A2").body.contains("value=\"hit\""));
    let words = [("basis", "x"), ("specimens", "yes"), ("reason", "y")];
    for conclusion in ["hit", "eliminated"] {
        let fields = [&[("conclusion", conclusion)], &words[..]].concat();
        assert_eq!(browser.decide("/pair/A1/A2", &fields).status, 403, "{conclusion}");
    }
    assert!(lab.decisions().is_empty());
    let lead = [("conclusion", "lead"), ("basis", "striae at three o'clock")];
    assert_eq!(browser.decide("/pair/A1/A2", &lead).to, "/pair/A1/A2?saved=yes");
    assert_eq!(lab.decisions()[0].0, "Teo Lugo");
}

#[test]
fn a_decision_tells_what_it_changes_and_is_in_the_ledger_in_the_persons_name() {
    let lab = Lab::new();
    let mut browser = lab.logged_in("ana");
    let hit = [("conclusion", "hit"), ("basis", "striae\nand firing pin"), ("specimens", "yes")];
    let told = browser.decide("/pair/A1/A2", &hit);
    assert_eq!(told.status, 200, "{}", told.body);
    assert!(told.body.contains("a hit between case CASE-A1 and case CASE-A2 would be made"));
    assert!(lab.decisions().is_empty(), "nothing yet");
    let (form, state) = (told.hidden("form"), told.hidden("state"));
    let own = [("form", form.as_str()), ("state", &state), ("confirmed", "yes")];
    let fields = [&hit[..], &own].concat();
    assert_eq!(browser.post("/pair/A1/A2", &fields).to, "/pair/A1/A2?saved=yes");
    let made = lab.decisions();
    let reason = "striae and firing pin [with the specimens]";
    assert_eq!(made, [("Ana Ruiz".into(), "A1 A2 hit".into(), reason.into())]);
    let ledger = lab.store().snapshot().unwrap().ledger().unwrap();
    let last = ledger.entries.last().unwrap();
    assert_eq!(
        (last.who.as_str(), last.command.as_str()),
        ("Ana Ruiz", "serve: lead confirm A1 A2")
    );
    assert_eq!(last.added.get("records").copied(), Some(1), "{:?}", last.added);
    let page = browser.get("/pair/A1/A2?saved=yes");
    assert!(page.body.contains("Recorded in the ledger") && page.body.contains(reason));
    // It can be taken back by its author, with both on record.
    let back = [("conclusion", "withdrawn"), ("basis", "wrong specimen")];
    let told = browser.decide("/pair/A1/A2", &back);
    let (form, state) = (told.hidden("form"), told.hidden("state"));
    let own = [("form", form.as_str()), ("state", &state), ("confirmed", "yes")];
    assert_eq!(browser.post("/pair/A1/A2", &[&back[..], &own].concat()).status, 303);
    assert_eq!(lab.decisions().len(), 2);
}

#[test]
fn clicks_at_the_same_moment_save_once() {
    let lab = Lab::new();
    let mut browser = lab.logged_in("ana");
    let page = browser.get("/pair/A1/A2");
    let body = page.filled("lead", "twice");
    let answers = lab.runtime.block_on(async {
        let clicks: Vec<_> = (0..6)
            .map(|_| {
                let request = browser.request("POST", "/pair/A1/A2", &body);
                tokio::spawn(ask(lab.station.clone(), request))
            })
            .collect();
        let mut answers = Vec::new();
        for click in clicks {
            answers.push(click.await.unwrap().to);
        }
        answers
    });
    assert!(answers.iter().all(|to| to == "/pair/A1/A2?saved=yes"), "{answers:?}");
    assert_eq!(lab.decisions().len(), 1);
}

#[test]
fn a_form_sent_again_after_a_crash_is_recorded_once() {
    let mut lab = Lab::new();
    let (cookies, body) = {
        let mut browser = lab.logged_in("ana");
        let page = browser.get("/pair/A1/A2");
        let body = page.filled("lead", "before the crash");
        let request = browser.request("POST", "/pair/A1/A2", &body);
        assert_eq!(browser.send(request).status, 303);
        (browser.cookies.clone(), body)
    };
    // The ledger has it; that the form was handed in was not written any more.
    let db = rusqlite::Connection::open(lab.path("people.db")).unwrap();
    db.execute("DELETE FROM forms", []).unwrap();
    lab.restarted();
    let mut browser = lab.browser();
    browser.cookies = cookies;
    let request = browser.request("POST", "/pair/A1/A2", &body);
    assert_eq!(browser.send(request).to, "/pair/A1/A2?saved=yes");
    assert_eq!(lab.decisions().len(), 1);
}

#[test]
fn of_two_examiners_the_second_is_told_and_loses_nothing() {
    let lab = Lab::new();
    let (mut ana, mut bea) = (lab.logged_in("ana"), lab.logged_in("bea"));
    let old = bea.get("/pair/A1/A2");
    assert_eq!(ana.decide("/pair/A1/A2", &[("conclusion", "lead"), ("basis", "a")]).status, 303);
    let (form, state) = (old.hidden("form"), old.hidden("state"));
    let fields = [
        ("form", form.as_str()),
        ("state", &state),
        ("conclusion", "inconclusive"),
        ("basis", "what Bea saw and wrote"),
    ];
    let told = bea.post("/pair/A1/A2", &fields);
    assert_eq!(told.status, 409);
    assert!(told.body.contains("Ana Ruiz decided on this pair in the meantime"), "{}", told.body);
    assert!(told.body.contains("what Bea saw and wrote"));
    assert_eq!(lab.decisions().len(), 1);
    // Also when the browser is closed at that moment.
    assert!(bea.get("/pair/A1/A2").body.contains("what Bea saw and wrote"));
    let (form, state) = (told.hidden("form"), told.hidden("state"));
    let again = [&[("form", form.as_str()), ("state", &state)], &fields[2..]].concat();
    assert_eq!(bea.post("/pair/A1/A2", &again).status, 303, "seen, it is theirs to say");
    assert_eq!(lab.decisions().len(), 2);
    assert!(!bea.get("/pair/A1/A2").body.contains("is here again"));
}

#[test]
fn a_decision_waits_for_a_batch_that_is_committing() {
    let lab = Lab::new();
    let mut browser = lab.logged_in("ana");
    let store = lab.store();
    let (locked, is_locked) = std::sync::mpsc::channel();
    let ended = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
    let ends = ended.clone();
    let held = std::thread::spawn(move || {
        let writer = store.writer(&Actor::here("batch")).unwrap();
        locked.send(()).unwrap();
        std::thread::sleep(Duration::from_millis(1500));
        ends.store(true, std::sync::atomic::Ordering::SeqCst);
        drop(writer);
    });
    is_locked.recv().unwrap();
    let lead = [("conclusion", "lead"), ("basis", "waited")];
    assert_eq!(browser.decide("/pair/A1/A2", &lead).status, 303);
    assert!(ended.load(std::sync::atomic::Ordering::SeqCst), "it waited for the batch");
    held.join().unwrap();
    assert_eq!(lab.decisions().len(), 1);
}

#[test]
fn the_comparison_shows_values_pictures_and_the_microscope() {
    let lab = Lab::new();
    let mut browser = lab.logged_in("ana");
    let page = browser.get("/pair/A1/TA");
    for part in [
        "A, questioned: A1",
        "B, candidate: TA",
        "test fire",
        "not calibrated",
        "15 / 20",
        "id=\"microscope-data\"",
        "src=\"/static/microscope.js\"",
        "data:image/png;base64,",
    ] {
        assert!(page.body.contains(part), "{part}: {}", page.body);
    }
    assert!(!page.body.contains("SECRET-NOTE"), "notes may name people");
    let yes = page.body.split("name=\"yes\"").nth(1).unwrap();
    assert!(!yes.starts_with(" checked"), "cells are off at first");
    assert_eq!(
        browser.get("/static/microscope.js").headers["content-type"],
        "text/javascript; charset=utf-8"
    );
    // Drafts go to the server while somebody writes.
    let seen = browser.post("/draft/A1/TA", &[("conclusion", "lead"), ("basis", "half a sent")]);
    assert_eq!(seen.status, 204);
    assert!(browser.get("/pair/A1/TA").body.contains("half a sent"));
    assert!(!lab.logged_in("bea").get("/pair/A1/TA").body.contains("half a sent"));
}
