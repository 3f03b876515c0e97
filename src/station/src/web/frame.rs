//! The frame of every page.

use super::ask::{Ask, Reply, told};
use super::gate::signed_in;
use super::table::{ROUTES, may_read};
use maud::{DOCTYPE, Markup, html};
use report::Language;
use types::error::{Error, Kind};
use types::message::{Message, say};

/// Seconds after which a page that is left alone asks the server again, which
/// then hides it.
const REFRESH: i64 = crate::people::IDLE + 20;

/// The menu: an address and its name.
fn menu() -> [(&'static str, Message); 11] {
    [
        ("/today", say!("Today")),
        ("/worklist", say!("Worklist")),
        ("/verify", say!("Blind verification")),
        ("/disagreements", say!("Disagreements")),
        ("/letters", say!("Lead letters")),
        ("/overdue", say!("Overdue")),
        ("/traces", say!("Traces")),
        ("/sharing", say!("Sharing")),
        ("/bundles", say!("Bundles for your agency")),
        ("/audit", say!("Audit")),
        ("/people", say!("Accounts")),
    ]
}

/// A page with its title.
pub fn page(ask: &Ask, title: Message, body: Markup) -> Reply {
    page_of(ask, 200, title, body, false)
}

/// A page with the microscope's script.
pub fn page_of(ask: &Ask, status: u16, title: Message, body: Markup, microscope: bool) -> Reply {
    let title = ask.t(title);
    let account = signed_in(ask);
    let markup = html! {
        (DOCTYPE)
        html lang=(ask.language.code()) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                @if account.is_some() { noscript { meta http-equiv="refresh" content=(REFRESH); } }
                title { (title) " · brasslink" }
                link rel="stylesheet" href="/static/report.css";
                link rel="stylesheet" href="/static/station.css";
                link rel="icon" href="data:,";
                script src="/static/station.js" defer {}
                @if microscope {
                    script src="/static/microscope.js" defer {}
                    script src="/static/notes.js" defer {}
                }
            }
            body data-idle=[account.map(|_| REFRESH)] {
                a.skip href="#content" { (ask.t(say!("To the content"))) }
                header.station {
                    p.brand { "brasslink" }
                    @if let Some(account) = account {
                        nav aria-label=(ask.t(say!("Menu"))) {
                            @for (path, name) in menu() {
                                @if may_read(path, &account.roles) && !account.must_change {
                                    a href=(path)
                                        aria-current=[(ask.route.path == path).then_some("page")] {
                                        (ask.t(name))
                                    }
                                }
                            }
                        }
                        div.who {
                            a href="/password" { (account.name) }
                            form method="post" action="/logout" {
                                (csrf(ask)) button { (ask.t(say!("Log out"))) }
                            }
                        }
                    }
                    (languages(ask))
                }
                main #content { h1 { (title) } (body) }
                footer { p { (ask.t(say!("The program ranks; only an examiner identifies."))) } }
            }
        }
    };
    Reply::page(status, markup)
}

fn languages(ask: &Ask) -> Markup {
    let other = match ask.language {
        Language::English => (Language::Spanish, "Español"),
        Language::Spanish => (Language::English, "English"),
    };
    // Pages that only a form leads to have no address of their own.
    let read = |r: &&super::Route| r.verb == super::Verb::Get && r.path == ask.route.path;
    let here = if ROUTES.iter().any(|r| read(&r)) { ask.address.as_str() } else { "/" };
    html! {
        @if !ask.csrf.is_empty() {
            form.language method="post" action="/language" {
                (csrf(ask))
                input type="hidden" name="to" value=(here);
                button name="language" value=(other.0.code()) lang=(other.0.code()) { (other.1) }
            }
        }
    }
}

/// The hidden field that every form carries.
pub fn csrf(ask: &Ask) -> Markup {
    html! { input type="hidden" name="csrf" value=(ask.csrf); }
}

/// What a person must read.
pub fn notice(text: &str) -> Markup {
    html! { @if !text.is_empty() { div.notes role="alert" { p { (text) } } } }
}

/// A refusal.
pub fn refused(ask: &Ask, why: &Message) -> Reply {
    let body = notice(&ask.t(why));
    page_of(ask, 403, say!("Not allowed"), body, false)
}

/// What could not be done.
pub fn failed(ask: &Ask, error: &Error) -> Reply {
    let status = match error.kind {
        Kind::NotFound => 404,
        Kind::BadInput => 400,
        Kind::Locked => 503,
        _ => 500,
    };
    let body = notice(&ask.t(told(error)));
    page_of(ask, status, say!("This could not be done"), body, false)
}

/// A number with what it counts.
pub fn count(ask: &Ask, n: usize, what: Message, place: &str) -> Markup {
    html! { div { dt { (ask.t(what)) } dd { a href=(place) { (n) } } } }
}
