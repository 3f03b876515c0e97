//! Requests that nobody who works here makes.

use super::browser::encoded;
use super::lab::{Lab, MARKUP};
use brasslink_station::web::{ROUTES, Verb};

#[test]
fn no_form_is_taken_without_the_sessions_own_token() {
    let lab = Lab::new();
    let mut browser = lab.logged_in("ana");
    let mut other = lab.logged_in("bea");
    other.get("/today");
    for route in ROUTES.iter().filter(|r| r.verb == Verb::Post) {
        let path = route.path.replace("{a}", "A1").replace("{b}", "A2").replace("{login}", "ana");
        let path = path.replace("{item}", "x").replace("{id}", "x").replace("{file}", "x");
        for token in [None, Some(""), Some("wrong"), Some(other.csrf.as_str())] {
            let fields: Vec<_> = token.map(|t| ("csrf", t)).into_iter().collect();
            let request = browser.request("POST", &path, &encoded(&fields));
            assert_eq!(browser.send(request).status, 403, "{path} {token:?}");
        }
        // The right token from a page of somebody else, or in another wrapping.
        let own = encoded(&[("csrf", &browser.csrf.clone())]);
        let mut request = browser.request("POST", &path, &own);
        request.headers_mut().insert("sec-fetch-site", "cross-site".parse().unwrap());
        assert_eq!(browser.send(request).status, 403, "{path}");
        let mut request = browser.request("POST", &path, &own);
        request.headers_mut().insert("content-type", "text/plain".parse().unwrap());
        assert_eq!(browser.send(request).status, 403, "{path}");
    }
    assert_eq!(browser.get("/today").status, 200, "nothing of it logged out");
    assert!(lab.audit().iter().any(|(_, _, outcome)| outcome == "refused"));
}

#[test]
fn a_form_handed_in_again_is_recorded_once() {
    let lab = Lab::new();
    let mut browser = lab.logged_in("ana");
    let page = browser.get("/pair/A1/A2");
    let body = page.filled("lead", "once");
    for _ in 0..3 {
        let request = browser.request("POST", "/pair/A1/A2", &body);
        assert_eq!(browser.send(request).to, "/pair/A1/A2?saved=yes");
    }
    // With another token it is a new form about a pair that has changed.
    let again = body.replace(&page.hidden("form"), "another");
    let request = browser.request("POST", "/pair/A1/A2", &again);
    assert_eq!(browser.send(request).to, "/pair/A1/A2?saved=yes", "it is what was recorded");
    assert_eq!(lab.decisions().len(), 1);
}

#[test]
fn oversize_forms_and_names_that_lead_elsewhere_are_refused() {
    let lab = Lab::new();
    let mut browser = lab.logged_in("ana");
    let large = "x".repeat(70_000);
    assert_eq!(browser.post("/pair/A1/A2", &[("basis", &large)]).status, 413);
    for path in [
        "/static/..%2f..%2fCargo.toml",
        "/static/%2e%2e%2fpeople.db",
        "/static/people.db",
        "/static//etc/passwd",
        "/pair/..%2f..%2f/A2",
        "/pair/A1/%00",
        "/pair/A1/A1",
        "/pair/A1/none",
        "/pair/A1/%ff",
    ] {
        let seen = browser.get(path);
        assert!([400, 404].contains(&seen.status), "{path}: {}", seen.status);
        assert!(!seen.body.contains("root:") && !seen.body.contains("[workspace]"), "{path}");
    }
    assert_eq!(browser.get("/today").status, 200);
}

#[test]
fn markup_in_any_field_is_shown_as_text() {
    let lab = Lab::new();
    let mut browser = lab.logged_in("ana");
    let nasty = "\"><script>alert(1)</script><img src=x onerror=alert(1)>";
    let clean = |body: &str, at: &str| {
        assert!(!body.contains("<script>alert"), "{at}: {body}");
        assert!(!body.contains("<img src=x"), "{at}");
    };
    let query = encoded(&[("q", nasty), ("show", nasty), ("sort", nasty), ("page", nasty)]);
    clean(&browser.get(&format!("/worklist?{query}")).body, "worklist");
    let page = browser.get("/pair/A1/A2");
    clean(&page.body, "calibre");
    assert!(page.body.contains("&lt;script&gt;"), "{MARKUP}");
    // A refused form shows what was typed; a recorded one too.
    let refused = browser
        .decide("/pair/A1/A2", &[("conclusion", "hit"), ("basis", nasty), ("reason", nasty)]);
    assert_eq!(refused.status, 422);
    clean(&refused.body, "refused form");
    let done = browser.decide("/pair/A1/A2", &[("conclusion", "lead"), ("basis", nasty)]);
    assert_eq!(done.status, 303);
    clean(&browser.get("/pair/A1/A2").body, "history");
    let mut auditor = lab.logged_in("aud");
    browser.get("/pair/%3Cscript%3Ealert(1)%3C%2Fscript%3E/A2");
    clean(&auditor.get("/audit").body, "audit");
    clean(&auditor.get(&format!("/audit?{query}")).body, "audit");
    lab.pass(31 * 60);
    clean(&browser.get(&format!("/worklist?{query}")).body, "idle");
    clean(&browser.get(&format!("/unlock?{}", encoded(&[("to", nasty)]))).body, "unlock");
    let mut door = lab.browser();
    clean(&door.try_password(nasty, nasty).body, "login");
}

#[test]
fn characters_that_turn_the_direction_of_text_are_not_recorded() {
    let lab = Lab::new();
    let mut browser = lab.logged_in("ana");
    let seen = browser.decide("/pair/A1/A2", &[("conclusion", "lead"), ("basis", "a\u{202e}b")]);
    assert_eq!(seen.status, 422);
    assert!(lab.decisions().is_empty());
}

#[test]
fn every_answer_is_armoured() {
    let lab = Lab::new();
    let mut browser = lab.logged_in("ana");
    for path in
        ["/", "/health", "/static/station.js", "/today", "/pair/A1/A2", "/nowhere", "/people"]
    {
        let seen = browser.get(path);
        let policy = seen.headers["content-security-policy"].to_str().unwrap();
        assert!(
            policy.contains("default-src 'none'; script-src 'self'; style-src 'self'"),
            "{path}"
        );
        assert!(!policy.contains("unsafe"), "{path}");
        assert_eq!(seen.headers["x-content-type-options"], "nosniff", "{path}");
        assert!(seen.headers.contains_key("strict-transport-security"), "{path}");
        // What the policy forbids is not there to be forbidden.
        for inline in ["<style", " style=", " onclick=", "javascript:", "http://", "https://"] {
            assert!(!seen.body.contains(inline) || path.ends_with(".js"), "{inline} in {path}");
        }
        let scripts = seen.body.matches("<script").count();
        let known = seen.body.matches("<script src=\"/static/").count()
            + seen.body.matches("type=\"application/json\"").count();
        assert_eq!(scripts, known, "{path}");
    }
    let mut door = lab.browser();
    let seen = door.get("/");
    let cookie = seen.headers["set-cookie"].to_str().unwrap();
    for part in ["__Host-before=", "Path=/", "Secure", "HttpOnly", "SameSite=Strict"] {
        assert!(cookie.contains(part), "{cookie}");
    }
}

#[test]
fn a_link_or_form_leads_nowhere_else() {
    let lab = Lab::new();
    let mut browser = lab.logged_in("ana");
    for to in
        ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:x", "/a\r\nb: c"]
    {
        let seen = browser.post("/language", &[("language", "en"), ("to", to)]);
        assert_eq!(seen.to, "/today", "{to:?}");
    }
}

#[test]
fn the_audit_is_only_added_to() {
    let lab = Lab::new();
    lab.logged_in("ana");
    let db = rusqlite::Connection::open(lab.path("people.db")).unwrap();
    assert!(db.execute("DELETE FROM audit", []).is_err());
    assert!(db.execute("UPDATE audit SET who = 'x'", []).is_err());
    // Nothing in it, nor in the tables of sessions, opens a session.
    let mut found = db.prepare("SELECT hex(token) FROM sessions").unwrap();
    let tokens: Vec<String> =
        found.query_map([], |r| r.get(0)).unwrap().map(Result::unwrap).collect();
    assert!(tokens.iter().all(|t| t.len() == 64), "{tokens:?}");
}

#[test]
fn no_logging_no_work() {
    let lab = Lab::new();
    let mut browser = lab.logged_in("ana");
    let page = browser.get("/pair/A1/A2");
    let db = rusqlite::Connection::open(lab.path("people.db")).unwrap();
    db.execute_batch(
        "CREATE TRIGGER full BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'full'); END;",
    )
    .unwrap();
    let seen = browser.get("/pair/A1/A2");
    assert_eq!(seen.status, 500);
    assert!(!seen.body.contains("CASE-"));
    let (form, state) = (page.hidden("form"), page.hidden("state"));
    let fields =
        [("form", form.as_str()), ("state", &state), ("conclusion", "lead"), ("basis", "x")];
    assert_eq!(browser.post("/pair/A1/A2", &fields).status, 500);
    assert!(lab.decisions().is_empty());
}
