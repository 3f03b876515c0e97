//! Who may do what: over every role and every address of the table.

use super::lab::{Lab, PEOPLE};
use brasslink_station::Role;
use brasslink_station::web::{Access, ROUTES, Route, Verb};
use std::collections::BTreeSet;

/// An address of a route.
fn address(route: &Route) -> String {
    route
        .path
        .replace("{file}", "station.css")
        .replace("{a}", "A1")
        .replace("{b}", "A2")
        .replace("{item}", "abcdefabcdef")
        .replace("{id}", "V-1")
        .replace("{login}", "nobody")
        .replace("{language}", "en")
        .replace("{kind}", "breech_face")
        .replace("{side}", "b")
        .replace("{how}", "filtered")
}

fn one_of(role: Role) -> &'static str {
    PEOPLE.iter().find(|(_, _, roles)| *roles == [role]).unwrap().0
}

#[test]
fn every_role_may_what_the_table_says_and_nothing_else() {
    let lab = Lab::new();
    let mut tried = BTreeSet::new();
    for role in Role::ALL {
        let mut browser = lab.logged_in(one_of(role));
        let name = PEOPLE.iter().find(|p| p.2 == [role]).unwrap().1;
        // Leaving comes last.
        let (out, rest): (Vec<_>, Vec<_>) = ROUTES.iter().partition(|r| r.path == "/logout");
        for route in rest.into_iter().chain(out) {
            let path = address(route);
            let seen = match route.verb {
                Verb::Get => browser.get(&path),
                Verb::Post => browser.post(&path, &[("password", "x"), ("language", "en")]),
            };
            let at = format!("{} {:?} {path}: {}", role.word(), route.verb, seen.status);
            if let Access::Roles(may) = route.access {
                let allowed = may.contains(&role);
                assert_eq!(seen.status == 403, !allowed, "{at}");
                assert_ne!(seen.to, "/", "{at}");
                let (who, what, outcome) = lab.audit().swap_remove(0);
                assert_eq!(who, name, "{at}");
                assert!(what.contains(route.path), "{at}: {what}");
                assert_eq!(outcome == "refused", !allowed, "{at}: {outcome}");
                tried.insert((role, route.path, route.verb == Verb::Post));
            } else {
                assert_ne!(seen.status, 403, "{at}");
            }
            assert_ne!(seen.status, 500, "{at}");
            if seen.status == 403 {
                assert!(!seen.body.contains("CASE-") && !seen.body.contains("A1 "), "{at}");
            }
        }
    }
    let guarded = ROUTES.iter().filter(|r| matches!(r.access, Access::Roles(_))).count();
    assert_eq!(tried.len(), 8 * guarded);
}

#[test]
fn without_a_log_in_no_address_but_the_door_answers() {
    let lab = Lab::new();
    for route in ROUTES.iter().filter(|r| r.access != Access::Anyone) {
        let mut browser = lab.browser();
        let seen = match route.verb {
            Verb::Get => browser.get(&address(route)),
            Verb::Post => browser.post(&address(route), &[("password", "x")]),
        };
        assert_eq!(
            (seen.status, seen.to.as_str(), seen.body.as_str()),
            (303, "/", ""),
            "{}",
            route.path
        );
    }
    assert_eq!(lab.browser().get("/health").body, "ok\n");
    assert_eq!(lab.browser().get("/nowhere").status, 404);
}

#[test]
fn menus_show_what_a_role_may_open() {
    let lab = Lab::new();
    for role in Role::ALL {
        let mut browser = lab.logged_in(one_of(role));
        let page = browser.get("/today");
        let menu = page.body.split("<nav").nth(1).unwrap().split("</nav>").next().unwrap();
        // What stands below another page is reached from that page.
        let tops = |r: &&Route| r.path.matches('/').count() == 1;
        for route in ROUTES.iter().filter(tops).filter(|r| r.verb == Verb::Get) {
            let Access::Roles(may) = route.access else { continue };
            let shown = menu.contains(&format!("href=\"{}\"", route.path));
            assert_eq!(shown, may.contains(&role), "{} {}", role.word(), route.path);
        }
    }
}

#[test]
fn an_administrator_opens_no_casing_and_a_partner_no_casework() {
    let lab = Lab::new();
    let mut keeper = lab.logged_in("adm");
    for path in ["/pair/A1/A2", "/worklist", "/verify", "/overdue", "/audit"] {
        assert_eq!(keeper.get(path).status, 403, "{path}");
    }
    let mut partner = lab.logged_in("par");
    assert!(partner.get("/bundles").body.contains("There is no bundle."));
    assert_eq!(partner.get("/pair/A1/A2").status, 403);
}
