//! Coming in and going out.

use super::lab::{Lab, without_tokens};

#[test]
fn the_banner_comes_before_the_log_in() {
    let lab = Lab::new();
    let mut browser = lab.browser();
    assert_eq!(browser.get("/login").to, "/");
    assert_eq!(browser.get("/today").to, "/");
    let banner = browser.get("/");
    assert!(banner.body.contains("authorised persons"), "{}", banner.body);
    assert_eq!(browser.get("/login").to, "/", "seen is not acknowledged");
    let password = lab.password("ana");
    let tried = browser.post("/login", &[("login", "ana"), ("password", &password)]);
    assert_eq!(tried.to, "/", "the right password without the banner opens nothing");
    browser.get("/");
    assert_eq!(browser.post("/banner", &[]).to, "/login");
    assert_eq!(browser.get("/login").status, 200);
}

#[test]
fn a_password_without_the_second_factor_opens_nothing_and_a_code_is_good_once() {
    let lab = Lab::new();
    let mut browser = lab.browser();
    assert_eq!(browser.try_password("ana", &lab.password("ana")).to, "/second");
    for path in ["/today", "/worklist", "/pair/A1/A2", "/password"] {
        assert_eq!(browser.get(path).to, "/second", "{path}");
    }
    browser.get("/second");
    assert_eq!(browser.post("/second", &[("code", "000000")]).status, 401);
    let code = lab.code("ana");
    assert_eq!(browser.post("/second", &[("code", &code)]).to, "/today");
    let mut other = lab.browser();
    assert_eq!(other.try_password("ana", &lab.password("ana")).to, "/second");
    other.get("/second");
    assert_eq!(
        other.post("/second", &[("code", &code)]).status,
        401,
        "a code read over a shoulder"
    );
    lab.pass(31);
    let next = lab.code("ana");
    assert_eq!(other.post("/second", &[("code", &next)]).to, "/today");
}

#[test]
fn the_fifth_failure_locks_and_only_an_administrator_unlocks() {
    let lab = Lab::new();
    let right = lab.password("ana");
    for _ in 0..4 {
        assert_eq!(lab.browser().try_password("ana", "wrong").status, 401);
    }
    assert_eq!(lab.browser().try_password("ana", &right).to, "/second", "four do not");
    assert_eq!(lab.browser().try_password("ana", "wrong").status, 401);
    assert_eq!(lab.browser().try_password("ana", &right).status, 401);
    lab.pass(3600);
    assert_eq!(lab.browser().try_password("ana", &right).status, 401, "time does not unlock");
    let mut examiner = lab.logged_in("bea");
    assert_eq!(examiner.post("/people/ana/unlock", &[("password", "x")]).status, 403);
    let mut keeper = lab.logged_in("adm");
    let list = keeper.get("/people");
    assert!(list.body.contains("locked after five failures"));
    assert_eq!(keeper.post("/people/ana/unlock", &[("password", "wrong")]).status, 401);
    let own = lab.password("adm");
    assert_eq!(keeper.post("/people/ana/unlock", &[("password", &own)]).to, "/people");
    assert_eq!(lab.browser().try_password("ana", &right).to, "/second");
    let audit = lab.audit();
    let has = |what: &str| audit.iter().any(|(_, w, _)| w == what);
    assert!(has("account locked") && has("account unlocked") && has("password: wrong"));
}

#[test]
fn failures_of_the_second_factor_count_and_old_ones_do_not() {
    let lab = Lab::new();
    for _ in 0..4 {
        lab.browser().try_password("ana", "wrong");
    }
    lab.pass(16 * 60);
    lab.browser().try_password("ana", "wrong");
    let mut browser = lab.browser();
    assert_eq!(browser.try_password("ana", &lab.password("ana")).to, "/second");
    browser.get("/second");
    for _ in 0..4 {
        browser.post("/second", &[("code", "000000")]);
    }
    assert_eq!(browser.get("/second").to, "/", "the fifth in the window ended it");
}

#[test]
fn unknown_and_known_names_get_the_same_answer() {
    let lab = Lab::new();
    let told = |login: &str| {
        let mut browser = lab.browser();
        let seen = browser.try_password(login, "wrong");
        (seen.status, seen.body.replace(&browser.csrf, ""))
    };
    let unknown = told("nobody");
    assert_eq!(unknown, told("ana"));
    lab.people().disable("bea", true, "tests", lab.now()).unwrap();
    assert_eq!(unknown, told("bea"));
    for _ in 0..6 {
        told("eva");
    }
    assert_eq!(unknown, told("eva"));
    let mut browser = lab.browser();
    let seen = browser.try_password("eva", &lab.password("eva"));
    assert_eq!(unknown.0, seen.status, "a locked account does not tell that it is");
}

#[test]
fn who_is_away_too_long_sees_no_evidence_and_finds_the_draft_again() {
    let lab = Lab::new();
    let mut browser = lab.logged_in("ana");
    let page = browser.get("/pair/A1/A2");
    let (form, state) = (page.hidden("form"), page.hidden("state"));
    lab.pass(29 * 60);
    assert_eq!(browser.get("/pair/A1/A2").status, 200);
    lab.pass(31 * 60);
    let hidden = browser.get("/pair/A1/A2");
    assert_eq!(hidden.to, "/unlock?to=%2Fpair%2FA1%2FA2");
    assert!(!without_tokens(&hidden.body).contains("A1"));
    // What is handed in now is not recorded, and not lost.
    let fields = [
        ("form", form.as_str()),
        ("state", &state),
        ("conclusion", "lead"),
        ("basis", "striae at three o'clock"),
    ];
    let kept = browser.post("/pair/A1/A2", &fields);
    assert_eq!(kept.to, "/unlock?to=%2Fpair%2FA1%2FA2");
    assert!(lab.decisions().is_empty());
    let page = browser.get(&kept.to);
    assert!(!page.body.contains("CASE-") && page.body.contains("30 minutes"), "{}", page.body);
    let before = browser.cookies.clone();
    assert_eq!(browser.post("/unlock", &[("password", "wrong")]).status, 401);
    let own = lab.password("ana");
    let fields = [("password", own.as_str()), ("to", "/pair/A1/A2")];
    assert_eq!(browser.post("/unlock", &fields).to, "/pair/A1/A2");
    assert_ne!(before["__Host-session"], browser.cookies["__Host-session"]);
    let page = browser.get("/pair/A1/A2");
    assert!(
        page.body.contains("striae at three o&#39;clock")
            || page.body.contains("striae at three o'clock")
    );
    assert!(page.body.contains("value=\"lead\" required checked"), "{}", page.body);
    assert!(page.body.contains("nothing of it is recorded"));
}

#[test]
fn log_out_kills_the_cookie_and_nothing_is_kept_for_back() {
    let lab = Lab::new();
    let mut browser = lab.logged_in("ana");
    let page = browser.get("/pair/A1/A2");
    assert_eq!(page.headers["cache-control"], "no-store");
    let cookies = browser.cookies.clone();
    assert_eq!(browser.post("/logout", &[]).to, "/");
    assert!(!browser.cookies.contains_key("__Host-session"));
    browser.cookies = cookies;
    assert_eq!(browser.get("/pair/A1/A2").to, "/", "a stolen cookie is dead too");
}

#[test]
fn a_disabled_persons_session_ends_and_the_last_administrator_stays() {
    let lab = Lab::new();
    let mut examiner = lab.logged_in("ana");
    let mut keeper = lab.logged_in("adm");
    let own = lab.password("adm");
    keeper.get("/people");
    assert_eq!(keeper.post("/people/ana/disable", &[("password", &own)]).to, "/people");
    assert_eq!(examiner.get("/today").to, "/");
    assert_eq!(lab.browser().try_password("ana", &lab.password("ana")).status, 401);
    let refused = keeper.post("/people/adm/disable", &[("password", &own)]);
    assert_eq!(refused.status, 422);
    assert_eq!(keeper.get("/today").status, 200);
}

#[test]
fn a_session_known_before_log_in_is_worth_nothing_after_it() {
    let lab = Lab::new();
    // Somebody plants a session of their own choice in the person's browser.
    let mut browser = lab.browser();
    browser.cookies.insert("__Host-session".into(), "planted".into());
    browser.enter("ana");
    assert_ne!(browser.cookies["__Host-session"], "planted");
    let mut thief = lab.browser();
    thief.cookies.insert("__Host-session".into(), "planted".into());
    assert_eq!(thief.get("/today").to, "/");
    // The token of the first stage is none of the second.
    lab.pass(31);
    let mut browser = lab.browser();
    browser.try_password("ana", &lab.password("ana"));
    let half = browser.cookies["__Host-session"].clone();
    browser.get("/second");
    let code = lab.code("ana");
    browser.post("/second", &[("code", &code)]);
    thief.cookies.insert("__Host-session".into(), half);
    assert_eq!(thief.get("/today").to, "/");
}

#[test]
fn an_account_unused_for_ninety_days_is_out_of_use() {
    let lab = Lab::new();
    lab.logged_in("ana");
    lab.pass(91 * 86_400);
    assert_eq!(lab.browser().try_password("ana", &lab.password("ana")).status, 401);
    lab.people().disable("ana", false, "tests", lab.now()).unwrap();
    assert_eq!(lab.browser().try_password("ana", &lab.password("ana")).to, "/second");
}

#[test]
fn a_session_ends_after_twelve_hours_of_work() {
    let lab = Lab::new();
    let mut browser = lab.logged_in("ana");
    for _ in 0..25 {
        lab.pass(29 * 60);
        browser.get("/today");
    }
    assert_eq!(browser.get("/today").to, "/");
}

#[test]
fn the_first_password_must_be_changed_for_a_good_one() {
    let lab = Lab::new();
    let mut browser = lab.browser();
    browser.enter("ana");
    assert_eq!(browser.get("/worklist").to, "/password");
    let old = lab.password("ana");
    for (new, again) in [("password1", "password1"), ("short", "short"), ("a b c d e f", "other")] {
        let form = [("old", old.as_str()), ("new", new), ("again", again)];
        assert_eq!(browser.post("/password", &form).status, 422, "{new}");
    }
    let good = "cuatro nopales verdes";
    let form = [("old", "wrong"), ("new", good), ("again", good)];
    assert_eq!(browser.post("/password", &form).status, 401);
    let form = [("old", old.as_str()), ("new", good), ("again", good)];
    assert_eq!(browser.post("/password", &form).to, "/today");
    assert_eq!(browser.get("/worklist").status, 200);
}

#[test]
fn the_people_file_is_copied_while_in_use_and_the_copy_serves() {
    let mut lab = Lab::new();
    lab.logged_in("ana");
    let copy = lab.path("copy.db");
    lab.people().backup(&copy).unwrap();
    assert!(lab.people().backup(&copy).is_err(), "an older copy is not written over");
    // A person is locked after the copy was made; the copy is put in place.
    for _ in 0..5 {
        lab.browser().try_password("ana", "wrong");
    }
    for end in ["", "-wal", "-shm"] {
        let _gone = std::fs::remove_file(lab.path(&format!("people.db{end}")));
    }
    std::fs::copy(&copy, lab.path("people.db")).unwrap();
    lab.restarted();
    lab.pass(31);
    lab.browser().enter("ana");
}

#[cfg(unix)]
#[test]
fn a_people_file_that_others_can_read_is_refused() {
    use std::os::unix::fs::PermissionsExt;
    let lab = Lab::new();
    let path = lab.path("people.db");
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    std::fs::set_permissions(&path, PermissionsExt::from_mode(0o640)).unwrap();
    let refused = brasslink_station::people::People::open(&path);
    assert!(refused.is_err_and(|e| e.what.contains("others than its owner")));
}

#[test]
fn the_pages_speak_the_language_that_a_person_chose() {
    let lab = Lab::new();
    let mut browser = lab.browser();
    browser.get("/");
    assert_eq!(browser.post("/language", &[("language", "es"), ("to", "/")]).to, "/");
    let banner = browser.get("/");
    assert!(banner.body.contains("<html lang=\"es\">"), "{}", banner.body);
    let mut browser = lab.logged_in("ana");
    browser.post("/language", &[("language", "es"), ("to", "/worklist")]);
    let list = browser.get("/worklist");
    assert!(list.body.contains("Lista de trabajo"), "{}", list.body);
    let pair = browser.get("/pair/A1/A2");
    for word in ["posible correspondencia", "dubitado", "Registrar"] {
        assert!(pair.body.contains(word), "{word}: {}", pair.body);
    }
    // The choice stays with the account.
    let mut again = lab.logged_in("ana");
    assert!(again.get("/today").body.contains("<html lang=\"es\">"));
    assert_eq!(
        again.post("/language", &[("language", "es"), ("to", "//evil.example")]).to,
        "/today"
    );
}
