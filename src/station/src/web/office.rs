//! What supervisors, auditors and administrators look at.

use super::Inner;
use super::ask::{Ask, Reply, segment, told};
use super::frame::{csrf, notice, page, page_of};
use crate::people::{Account, Outcome};
use maud::{Markup, html};
use types::error::{Kind, Result};
use types::message::{Message, say};
use types::printable::printable_lines;

/// Entries of the audit on a page.
const ENTRIES: i64 = 100;

/// Exhibits whose next step is late.
pub fn overdue(station: &Inner, ask: &Ask) -> Result<Reply> {
    let late = station.view()?.overdue(ask.now);
    let body = html! {
        p role="status" { (ask.t(say!("{} overdue", late.len()))) }
        div.scroll { table {
            thead { tr {
                th scope="col" { (ask.t(say!("Exhibit"))) }
                th scope="col" { (ask.t(say!("Step"))) }
                th scope="col" { (ask.t(say!("Was due"))) }
            } }
            tbody { @for o in &late { tr {
                th scope="row" { (printable_lines(&o.item)) }
                td { (ask.t(o.step.words())) }
                td { time datetime=(o.due.to_string()) { (o.due.to_string()) } }
            } } }
        } }
    };
    Ok(page(ask, say!("Overdue"), body))
}

/// Who did and read what.
pub fn audit(station: &Inner, ask: &Ask) -> Result<Reply> {
    let before: i64 = ask.asked("before").parse().unwrap_or(i64::MAX);
    let words = ask.asked("q");
    let rows = station.people.audit(before, ENTRIES, words)?;
    let older = rows.last().filter(|_| rows.len() as i64 == ENTRIES).map(|r| {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair("before", &r.seq.to_string()).append_pair("q", words);
        format!("/audit?{}", query.finish())
    });
    let body = html! {
        form.controls method="get" action="/audit" {
            label { (ask.t(say!("Person, address or outcome"))) " "
                input type="search" name="q" value=(words) maxlength="100"; }
            button { (ask.t(say!("Show"))) }
        }
        div.scroll { table {
            thead { tr {
                th.n scope="col" { (ask.t(say!("No."))) }
                th scope="col" { (ask.t(say!("When"))) }
                th scope="col" { (ask.t(say!("Who"))) }
                th scope="col" { (ask.t(say!("What"))) }
                th scope="col" { (ask.t(say!("Of what"))) }
                th scope="col" { (ask.t(say!("From where"))) }
                th scope="col" { (ask.t(say!("Outcome"))) }
            } }
            tbody { @for r in &rows { tr {
                td.n { (r.seq) } td { (r.at) } td { (printable_lines(&r.who)) }
                td { (printable_lines(&r.what)) } td { (printable_lines(&r.place)) }
                td { (r.peer) } td { (r.outcome) }
            } } }
        } }
        @if let Some(older) = older { p { a href=(older) { (ask.t(say!("Older entries"))) } } }
    };
    Ok(page(ask, say!("Audit"), body))
}

/// The accounts.
pub fn people(station: &Inner, ask: &Ask) -> Result<Reply> {
    list(station, ask, 200, "")
}

fn list(station: &Inner, ask: &Ask, status: u16, said: &str) -> Result<Reply> {
    let accounts = station.people.accounts()?;
    let body = html! {
        (notice(said))
        p.note { (ask.t(say!("Accounts are made and given new passwords with `brasslink people` \
            on the server. What is done here asks for your own password again."))) }
        @for account in &accounts { (one(ask, account)) }
    };
    Ok(page_of(ask, status, say!("Accounts"), body, false))
}

fn one(ask: &Ask, account: &Account) -> Markup {
    let roles: Vec<String> = account.roles.iter().map(|r| ask.t(r.words())).collect();
    let seen = account.seen.and_then(|at| jiff::Timestamp::from_second(at).ok());
    let act = |name: &str, label: Message| -> Markup {
        let id = format!("{}-{name}", account.login);
        html! {
            form.inline method="post"
                action={ "/people/" (segment(&account.login)) "/" (name) } {
                (csrf(ask))
                label for=(id) { (ask.t(say!("Your password"))) }
                input id=(id) type="password" name="password" required maxlength="200"
                    autocomplete="current-password";
                button { (ask.t(label)) }
            }
        }
    };
    html! {
        article.pair {
            h2 { (account.name) " (" (account.login) ")" }
            p { (roles.join(", ")) " · " (ask.t(account.state()))
                @if let Some(seen) = seen { " · " (ask.t(say!("last used {seen}"))) } }
            @if account.locked { (act("unlock", say!("Unlock"))) }
            @if account.disabled { (act("enable", say!("Put back into use"))) }
            @else { (act("disable", say!("Take out of use"))) }
        }
    }
}

/// Unlocks an account.
pub fn unlock(station: &Inner, ask: &Ask) -> Result<Reply> {
    change(station, ask, |login, by| station.people.unlock(login, by, ask.now))
}

/// Takes an account out of use.
pub fn disable(station: &Inner, ask: &Ask) -> Result<Reply> {
    change(station, ask, |login, by| station.people.disable(login, true, by, ask.now))
}

/// Puts an account back into use.
pub fn enable(station: &Inner, ask: &Ask) -> Result<Reply> {
    change(station, ask, |login, by| station.people.disable(login, false, by, ask.now))
}

/// Changes an account, after one's own password.
fn change(station: &Inner, ask: &Ask, with: impl Fn(&str, &str) -> Result<()>) -> Result<Reply> {
    let own = ask.who()?;
    let password = ask.form.get("password").map_or("", String::as_str);
    let judged = station.people.check_password(&own.login, password, &ask.peer, ask.now)?;
    if judged.is_err() {
        let what = format!("change {}", ask.route.path);
        station.people.note(
            &own.name,
            &what,
            &ask.address,
            &ask.peer,
            Outcome::Refused,
            ask.now,
        )?;
        return list(station, ask, 401, &ask.t(say!("Your own password did not match.")));
    }
    match with(ask.part("login"), &own.name) {
        Ok(()) => Ok(Reply::to("/people")),
        Err(e) if [Kind::BadInput, Kind::NotFound].contains(&e.kind) => {
            list(station, ask, 422, &ask.t(told(&e)))
        }
        Err(e) => Err(e),
    }
}
