//! Sharing: bundles that came in, and bundles that go out.
//!
//! Bundles lie in two folders of the server, `in` and `out`. What crosses is the
//! signed file and nothing else; a page shows what its signed statement says.

use super::Inner;
use super::ask::{Ask, Reply, segment, told};
use super::bundles::{ShareDesk, desk, files, named, own, statement};
use super::frame::{csrf, notice, page, page_of};
use crate::Role;
use crate::people::Outcome;
use casework::share::{
    AgencyCode, Foreseen, Order, RECEIVED, Receiver, SENT, Selection, Sharing, Statement,
    exchanges, export, foresee, import, verified,
};
use maud::{Markup, html};
use std::path::Path;
use store::{CommitNote, fingerprint};
use types::error::{Error, Kind, Result};
use types::message::say;
use types::printable::{printable_lines, refuse_steering};

fn decides(ask: &Ask) -> Result<bool> {
    Ok(ask.who()?.roles.contains(&Role::Supervisor))
}

/// What came in and what goes out.
pub fn list(station: &Inner, ask: &Ask) -> Result<Reply> {
    show(station, ask, 200, "", None)
}

fn show(
    station: &Inner,
    ask: &Ask,
    status: u16,
    said: &str,
    foreseen: Option<&Foreseen>,
) -> Result<Reply> {
    let Some(desk) = &station.settings.sharing else {
        let body = notice(&ask.t(say!("This station was started without a sharing policy.")));
        return Ok(page(ask, say!("Sharing"), body));
    };
    let sharing = Sharing::read(&desk.policy)?;
    let body = html! {
        (notice(said))
        h2 { (ask.t(say!("Came in"))) }
        (came_in(ask, desk, &sharing)?)
        h2 { (ask.t(say!("Goes out"))) }
        (goes_out(ask, desk)?)
        @if decides(ask)? && desk.key.is_some() { (form(ask, &sharing, foreseen)) }
        (history(station, ask)?)
        (partners(ask, &sharing)?)
    };
    Ok(page_of(ask, status, say!("Sharing"), body, false))
}

fn came_in(ask: &Ask, desk: &ShareDesk, sharing: &Sharing) -> Result<Markup> {
    let (folder, may) = (desk.inbox(), decides(ask)?);
    let names = files(&folder)?;
    let act = |name: &str, what: &str| format!("/sharing/in/{}/{what}", segment(name));
    Ok(html! {
        @if names.is_empty() { p.none { (ask.t(say!("There is no bundle."))) } }
        @for name in &names { article.pair {
            h3 { (name) }
            @match verified(&folder.join(name), sharing) {
                Ok(envelope) => {
                    (statement(ask, &envelope.statement))
                    @let key = &sharing.partner(envelope.statement.from.as_str())?.public_key;
                    p { (ask.t(say!("The signature is good; fingerprint of the key: {}", fingerprint(key)?))) }
                    @if may { form.inline method="post" action=(act(name, "accept")) {
                        (csrf(ask)) button { (ask.t(say!("Accept"))) }
                    } }
                },
                Err(e) => { (notice(&ask.t(told(&e)))) },
            }
            @if may { form.inline method="post" action=(act(name, "refuse")) {
                @let id = format!("why-{name}");
                (csrf(ask))
                label for=(id) { (ask.t(say!("Reason"))) }
                input id=(id) name="reason" required maxlength="1000";
                button { (ask.t(say!("Refuse"))) }
            } }
        } }
    })
}

fn goes_out(ask: &Ask, desk: &ShareDesk) -> Result<Markup> {
    let folder = desk.outbox();
    let names = files(&folder)?;
    Ok(html! {
        @if names.is_empty() { p.none { (ask.t(say!("There is no bundle."))) } }
        @for name in &names { article.pair {
            h3 { (name) }
            @match own(desk, &folder.join(name)) {
                Ok(envelope) => { (statement(ask, &envelope.statement)) },
                Err(e) => { (notice(&ask.t(told(&e)))) },
            }
        } }
    })
}

fn history(station: &Inner, ask: &Ask) -> Result<Markup> {
    let snapshot = station.store.snapshot()?;
    let rows = |kind: &str| -> Result<Vec<Statement>> {
        Ok(exchanges(&snapshot, kind)?.into_iter().map(|(_, s)| s).collect())
    };
    let both = [(say!("sent"), rows(SENT)?), (say!("taken over"), rows(RECEIVED)?)];
    Ok(html! {
        h2 { (ask.t(say!("In the ledger"))) }
        ul { @for (what, statements) in &both { @for s in statements { li {
            (ask.t(say!("{what}: bundle {} of {} for {}, {}", s.number, s.from, s.to, s.when)))
        } } } }
    })
}

fn partners(ask: &Ask, sharing: &Sharing) -> Result<Markup> {
    let joined = |words: &std::collections::BTreeSet<String>| {
        words.iter().map(String::as_str).collect::<Vec<_>>().join(", ")
    };
    Ok(html! {
        h2 { (ask.t(say!("Partners"))) }
        ul { @for p in &sharing.partners { li {
            strong { (p.agency) } @if let Some(name) = &p.name { ", " (printable_lines(name)) }
            br; (ask.t(say!("Fingerprint: {}", fingerprint(&p.public_key)?)))
            br; @match &p.receives {
                Some(a) => (ask.t(say!("receives {} of {}", joined(&a.kinds), joined(&a.regions)))),
                None => (ask.t(say!("receives nothing"))),
            }
        } } }
    })
}

fn form(ask: &Ask, sharing: &Sharing, foreseen: Option<&Foreseen>) -> Markup {
    let sorts = [
        ("casing", say!("casings")),
        ("case", say!("cases")),
        ("scene", say!("scenes")),
        ("firearm", say!("firearms")),
        ("all", say!("everything of this laboratory")),
    ];
    let chosen = |name: &str, value: &str| ask.field(name) == value;
    html! {
        @if let Some(f) = foreseen {
            section aria-labelledby="foreseen" {
                h3 #foreseen { (ask.t(say!("What would go, and what stays"))) }
                ul {
                    @for (kind, ids) in &f.going { li { (kind) ": " (printable_lines(&ids.join(", "))) } }
                }
                p { (ask.t(say!("Fields that stay here:"))) }
                ul { @for (kind, fields) in &f.left_out { li {
                    (kind) ": " (fields.iter().map(String::as_str).collect::<Vec<_>>().join(", "))
                } } }
                @if !f.refused.is_empty() {
                    p { (ask.t(say!("Chosen, and does not go:"))) }
                    ul { @for r in &f.refused { li { (printable_lines(&r.what)) ": " (ask.t(&r.why)) } } }
                }
            }
        }
        form method="post" action="/sharing/out" {
            (csrf(ask))
            label for="to" { (ask.t(say!("for"))) }
            select #to name="to" { @for p in sharing.partners.iter().filter(|p| p.receives.is_some()) {
                option value=(p.agency) selected[chosen("to", p.agency.as_str())] { (p.agency) }
            } }
            label for="sort" { (ask.t(say!("What goes"))) }
            select #sort name="sort" { @for (word, name) in sorts {
                option value=(word) selected[chosen("sort", word)] { (ask.t(name)) }
            } }
            label for="names" { (ask.t(say!("Which (identifiers with commas between)"))) }
            input #names name="names" maxlength="4000" value=(ask.field("names"));
            button name="act" value="foresee" { (ask.t(say!("Show what would go"))) } " "
            button name="act" value="make" { (ask.t(say!("Make the bundle"))) }
        }
    }
}

fn selection(ask: &Ask) -> Result<Selection> {
    let names = || {
        let names = ask.field("names").split(',').map(str::trim).filter(|n| !n.is_empty());
        names.map(str::to_owned).collect()
    };
    let mut chosen = Selection::default();
    match ask.field("sort") {
        "casing" => chosen.casings = names(),
        "case" => chosen.cases = names(),
        "scene" => chosen.scenes = names(),
        "firearm" => chosen.firearms = names(),
        "all" => chosen.everything = true,
        _ => {
            let what = say!("nothing of that sort can be chosen");
            return Err(Error::new(Kind::BadInput, what).advise(say!("choose one of the list")));
        }
    }
    Ok(chosen)
}

fn note(station: &Inner, who: &str, command: String) -> CommitNote {
    station.run(who, command).note()
}

/// What would go is shown, or a bundle is made.
pub fn make(station: &Inner, ask: &Ask) -> Result<Reply> {
    let (account, desk) = (ask.who()?, desk(station)?);
    let made = foreseen_or_made(station, ask, desk, &account.name);
    match made {
        Ok(Some(foreseen)) => show(station, ask, 200, "", Some(&foreseen)),
        Ok(None) => {
            (station.settings.written)(&account.name)?;
            Ok(Reply::to("/sharing"))
        }
        Err(e) if [Kind::BadInput, Kind::NotFound, Kind::TooLarge].contains(&e.kind) => {
            show(station, ask, 422, &ask.t(told(&e)), None)
        }
        Err(e) => Err(e),
    }
}

fn foreseen_or_made(
    station: &Inner,
    ask: &Ask,
    desk: &ShareDesk,
    who: &str,
) -> Result<Option<Foreseen>> {
    let sharing = Sharing::read(&desk.policy)?;
    let (to, chosen) = (AgencyCode::new(ask.field("to"))?, selection(ask)?);
    if ask.field("act") != "make" {
        return foresee(&station.store.snapshot()?, &sharing, &to, &chosen).map(Some);
    }
    let key = desk.key.as_ref().ok_or_else(|| {
        Error::new(Kind::BadInput, say!("this station has no key to sign with"))
            .advise(say!("start it with --signing-key"))
    })?;
    let folder = desk.outbox();
    std::fs::create_dir_all(&folder)
        .map_err(|e| Error::io(say!("making a folder"), &folder, &e))?;
    let order = Order {
        sharing: &sharing,
        to: &to,
        selection: &chosen,
        originals: false,
        after: 0,
        key: &brasslink::keys::read_private(key)?,
        program: &desk.program,
    };
    let note = note(station, who, format!("serve: bundle export --to {to}"));
    // The number is known once it is made.
    let draft = folder.join(format!(".{}.making", crate::people::token()));
    let made = export(&station.store, &draft, &order, &note)?;
    let path = folder.join(format!("{to}-{:08}.h5", made.statement.number));
    std::fs::rename(&draft, &path).map_err(|e| Error::io(say!("writing"), &path, &e))?;
    Ok(None)
}

/// A bundle is taken over.
pub fn accept(station: &Inner, ask: &Ask) -> Result<Reply> {
    let (account, desk) = (ask.who()?, desk(station)?);
    let folder = desk.inbox();
    let path = named(&folder, ask.part("file"))?;
    let sharing = Sharing::read(&desk.policy)?;
    let receiver = Receiver { sharing: &sharing, program: &desk.program };
    let note = note(station, &account.name, "serve: bundle import".into());
    match import(&station.store, &path, &receiver, &note) {
        Ok(_) => {
            put_aside(&folder, &path, "accepted")?;
            (station.settings.written)(&account.name)?;
            let done = say!(
                "Taken over. It is compared and linked by the next `brasslink correlate` and \
                 `brasslink link`."
            );
            show(station, ask, 200, &ask.t(done), None)
        }
        Err(e) => show(station, ask, 422, &ask.t(told(&e)), None),
    }
}

/// A bundle is refused, with the reason in the audit.
pub fn refuse(station: &Inner, ask: &Ask) -> Result<Reply> {
    let (account, desk) = (ask.who()?, desk(station)?);
    let (folder, reason) = (desk.inbox(), ask.line("reason"));
    let path = named(&folder, ask.part("file"))?;
    if reason.is_empty() {
        return show(station, ask, 422, &ask.t(say!("A bundle is refused for a reason.")), None);
    }
    refuse_steering(say!("the reason"), &reason)?;
    let what = format!("refused a bundle: {reason}");
    let (place, peer) = (ask.part("file"), &ask.peer);
    station.people.note(&account.name, &what, place, peer, Outcome::Done, ask.now)?;
    put_aside(&folder, &path, "refused")?;
    Ok(Reply::to("/sharing"))
}

/// Moves a bundle that was dealt with into a folder of its own; nothing is lost.
fn put_aside(folder: &Path, path: &Path, aside: &str) -> Result<()> {
    let aside = folder.join(aside);
    std::fs::create_dir_all(&aside).map_err(|e| Error::io(say!("making a folder"), &aside, &e))?;
    let name = path.file_name().unwrap_or_default();
    let to = aside.join(name);
    std::fs::rename(path, &to).map_err(|e| Error::io(say!("putting the bundle aside"), &to, &e))
}
