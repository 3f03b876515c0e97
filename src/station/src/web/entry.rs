//! Coming in and going out: banner, log-in, second factor, idle lock, password.

use super::Inner;
use super::ask::{Ask, Reply, local, told};
use super::frame::{csrf, notice, page, page_of};
use crate::people::SessionStage;
use maud::{Markup, html};
use report::Language;
use types::error::{Error, Kind, Result};
use types::message::{Message, say};

/// The cookies: the session, the browser before log-in, the language.
pub const SESSION: &str = "session";
pub const BEFORE: &str = "before";
pub const LANGUAGE: &str = "language";

const STYLE: &str = include_str!("station.css");
const SCRIPT: &str = include_str!("station.js");
const NOTES: &str = include_str!("notes.js");

/// A cookie's name: where there is TLS a browser keeps it to this host.
pub fn cookie_name(name: &str, secure: bool) -> String {
    if secure { format!("__Host-{name}") } else { name.to_owned() }
}

fn cookie(station: &Inner, name: &str, value: &str, gone: bool) -> String {
    let secure = if station.settings.secure { "; Secure" } else { "" };
    let age = if gone { "; Max-Age=0" } else { "" };
    let name = cookie_name(name, station.settings.secure);
    format!("{name}={value}; Path=/; HttpOnly; SameSite=Strict{secure}{age}")
}

/// That the station is there, and its store and people file can be read.
pub fn health(station: &Inner, _: &Ask) -> Result<Reply> {
    station.store.snapshot()?;
    station.people.has_administrator()?;
    Ok(Reply::same("text/plain; charset=utf-8", "ok\n"))
}

/// Styles and scripts.
pub fn file(_: &Inner, ask: &Ask) -> Result<Reply> {
    const CSS: &str = "text/css; charset=utf-8";
    const JS: &str = "text/javascript; charset=utf-8";
    match ask.part("file") {
        "report.css" => Ok(Reply::same(CSS, report::STYLE)),
        "station.css" => Ok(Reply::same(CSS, STYLE)),
        "station.js" => Ok(Reply::same(JS, SCRIPT)),
        "microscope.js" => Ok(Reply::same(JS, report::SCRIPT)),
        "notes.js" => Ok(Reply::same(JS, NOTES)),
        name => Err(Error::new(Kind::NotFound, say!("there is no file {name:?}"))),
    }
}

/// The banner, which is acknowledged before anybody logs in.
pub fn start(station: &Inner, ask: &Ask) -> Result<Reply> {
    match &ask.session {
        Some(s) if s.stage == SessionStage::Whole => return Ok(Reply::to("/today")),
        Some(s) if s.stage == SessionStage::Idle => return Ok(Reply::to("/unlock")),
        _ => {}
    }
    let Some(before) = &ask.before else { return Ok(Reply::to("/login")) };
    let mark = format!("{}.{}", before.nonce, station.mark_of("new", &before.nonce)?);
    let body = html! {
        div.notes role="note" {
            p { (ask.t(say!("This system holds evidence of criminal cases. It may be used by \
                authorised persons for their duties only. What is done and read here is recorded. \
                Misuse is an offence."))) }
        }
        form method="post" action="/banner" {
            (csrf(ask))
            button autofocus { (ask.t(say!("I have read this"))) }
        }
    };
    let reply = page(ask, say!("Before you log in"), body);
    Ok(reply.cookie(cookie(station, BEFORE, &mark, false)))
}

/// The banner was read.
pub fn acknowledge(station: &Inner, ask: &Ask) -> Result<Reply> {
    let Some(before) = &ask.before else { return Ok(Reply::to("/")) };
    let mark = format!("{}.{}", before.nonce, station.mark_of("acknowledged", &before.nonce)?);
    Ok(Reply::to("/login").cookie(cookie(station, BEFORE, &mark, false)))
}

/// Where name and password are typed.
pub fn login_page(_: &Inner, ask: &Ask) -> Result<Reply> {
    if !ask.before.as_ref().is_some_and(|b| b.acknowledged) {
        return Ok(Reply::to("/"));
    }
    Ok(login_form(ask, 200, ""))
}

fn login_form(ask: &Ask, status: u16, said: &str) -> Reply {
    let body = html! {
        (notice(said))
        form.entry method="post" action="/login" {
            (csrf(ask))
            label for="login" { (ask.t(say!("Login"))) }
            input #login name="login" autocomplete="username" required autofocus maxlength="64";
            label for="password" { (ask.t(say!("Password"))) }
            input #password type="password" name="password" autocomplete="current-password"
                required maxlength="200";
            button { (ask.t(say!("Log in"))) }
        }
    };
    page_of(ask, status, say!("Log in"), body, false)
}

/// The same for every reason.
fn not_let_in() -> Message {
    say!(
        "This did not match, or the account is locked. After five failures an administrator \
          unlocks it."
    )
}

/// Name and password.
pub fn login(station: &Inner, ask: &Ask) -> Result<Reply> {
    if !ask.before.as_ref().is_some_and(|b| b.acknowledged) {
        return Ok(Reply::to("/"));
    }
    let (login, password) = (ask.field("login").to_lowercase(), ask.form.get("password"));
    let password = password.map_or("", String::as_str);
    let judged = station.people.check_password(&login, password, &ask.peer, ask.now)?;
    let Ok(account) = judged else {
        return Ok(login_form(ask, 401, &ask.t(not_let_in())));
    };
    let token = station.people.begin(&account.login, SessionStage::Password, ask.now)?;
    Ok(Reply::to("/second")
        .cookie(cookie(station, SESSION, &token, false))
        .cookie(cookie(station, BEFORE, "", true)))
}

/// Where the code is typed.
pub fn second_page(_: &Inner, ask: &Ask) -> Result<Reply> {
    Ok(second_form(ask, 200, ""))
}

fn second_form(ask: &Ask, status: u16, said: &str) -> Reply {
    let body = html! {
        (notice(said))
        form.entry method="post" action="/second" {
            (csrf(ask))
            label for="code" { (ask.t(say!("The six digits that your authenticator shows"))) }
            input #code name="code" inputmode="numeric" autocomplete="one-time-code" required
                autofocus maxlength="12";
            button { (ask.t(say!("Go on"))) }
        }
    };
    page_of(ask, status, say!("Second factor"), body, false)
}

/// The code; from here on under a new token.
pub fn second(station: &Inner, ask: &Ask) -> Result<Reply> {
    let Some(session) = &ask.session else { return Ok(Reply::to("/")) };
    let judged =
        station.people.check_code(&session.login, ask.field("code"), &ask.peer, ask.now)?;
    let Ok(account) = judged else {
        return Ok(second_form(ask, 401, &ask.t(not_let_in())));
    };
    station.people.end(session)?;
    let token = station.people.begin(&account.login, SessionStage::Whole, ask.now)?;
    Ok(Reply::to("/today").cookie(cookie(station, SESSION, &token, false)))
}

/// What is shown in the place of a page that was left alone.
pub fn unlock_page(_: &Inner, ask: &Ask) -> Result<Reply> {
    Ok(unlock_form(ask, 200, ""))
}

fn unlock_form(ask: &Ask, status: u16, said: &str) -> Reply {
    let to = if ask.asked("to").is_empty() { ask.field("to") } else { ask.asked("to") };
    let body = html! {
        (notice(said))
        p { (ask.t(say!("You were away for more than 30 minutes. What you had written is kept."))) }
        form.entry method="post" action="/unlock" {
            (csrf(ask))
            input type="hidden" name="to" value=(local(to));
            label for="password" { (ask.t(say!("Password"))) }
            input #password type="password" name="password" autocomplete="current-password"
                required autofocus maxlength="200";
            button { (ask.t(say!("Go on"))) }
        }
    };
    page_of(ask, status, say!("Locked"), body, false)
}

/// The password of whoever was away.
pub fn unlock(station: &Inner, ask: &Ask) -> Result<Reply> {
    let Some(session) = &ask.session else { return Ok(Reply::to("/")) };
    let password = ask.form.get("password").map_or("", String::as_str);
    let judged = station.people.check_password(&session.login, password, &ask.peer, ask.now)?;
    if judged.is_err() {
        return Ok(unlock_form(ask, 401, &ask.t(not_let_in())));
    }
    let token = station.people.wake(session, ask.now)?;
    let to = local(ask.field("to"));
    Ok(Reply::to(to).cookie(cookie(station, SESSION, &token, false)))
}

/// Ends the session.
pub fn logout(station: &Inner, ask: &Ask) -> Result<Reply> {
    if let Some(session) = &ask.session {
        station.people.end(session)?;
    }
    Ok(Reply::to("/").cookie(cookie(station, SESSION, "", true)))
}

/// The language that a person wants.
pub fn language(station: &Inner, ask: &Ask) -> Result<Reply> {
    let language: Language = ask.field("language").parse()?;
    if let Some(account) = &ask.account {
        station.people.speak(&account.login, language)?;
    }
    let to = local(ask.field("to"));
    Ok(Reply::to(to).cookie(cookie(station, LANGUAGE, language.code(), false)))
}

/// Where the password is changed.
pub fn password_page(_: &Inner, ask: &Ask) -> Result<Reply> {
    Ok(password_form(ask, 200, ""))
}

fn password_form(ask: &Ask, status: u16, said: &str) -> Reply {
    let must = ask.account.as_ref().is_some_and(|a| a.must_change);
    let field = |id: &str, name: Message, complete: &str| -> Markup {
        html! {
            label for=(id) { (ask.t(name)) }
            input id=(id) type="password" name=(id) autocomplete=(complete) required
                maxlength="200";
        }
    };
    let body = html! {
        (notice(said))
        @if must { p { (ask.t(say!("Choose a password of your own before you go on."))) } }
        form.entry method="post" action="/password" {
            (csrf(ask))
            (field("old", say!("The password so far"), "current-password"))
            (field("new", say!("A new password"), "new-password"))
            (field("again", say!("The new password again"), "new-password"))
            p.note { (ask.t(say!("At least 8 characters; a phrase of several words is best."))) }
            button { (ask.t(say!("Change it"))) }
        }
    };
    page_of(ask, status, say!("Password"), body, false)
}

/// Changes one's own password.
pub fn password(station: &Inner, ask: &Ask) -> Result<Reply> {
    let account = ask.who()?;
    let field = |name: &str| ask.form.get(name).map_or("", String::as_str);
    let judged = station.people.check_password(&account.login, field("old"), &ask.peer, ask.now)?;
    if judged.is_err() {
        return Ok(password_form(ask, 401, &ask.t(not_let_in())));
    }
    if field("new") != field("again") {
        return Ok(password_form(ask, 422, &ask.t(say!("The two new passwords differ."))));
    }
    match station.people.change_password(account, field("new"), ask.now) {
        Ok(()) => Ok(Reply::to("/today")),
        Err(e) if e.kind == Kind::BadInput => Ok(password_form(ask, 422, &ask.t(told(&e)))),
        Err(e) => Err(e),
    }
}
