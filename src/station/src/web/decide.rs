//! A conclusion handed in: the same functions as the command line's, and nothing
//! a person wrote is lost on the way.

use super::ask::{Ask, Reply, pair_address, told};
use super::frame::{csrf, page_of, refused};
use super::notes;
use super::pair::{about, show, withheld};
use super::{Inner, state};
use crate::Role;
use crate::people::{Account, Outcome};
use casework::{Conclusion, Decision, Review, naming_view, same_person};
use maud::{Markup, html};
use pipeline::Preview;
use serde::{Deserialize, Serialize};
use std::cell::Cell;
use std::sync::PoisonError;
use types::error::{Error, Kind, Result};
use types::evidence::CasingId;
use types::message::{Message, say};
use types::printable::refuse_steering;

/// What a person has filled in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Draft {
    /// The conclusion's word.
    pub conclusion: String,
    /// The basis in words.
    pub basis: String,
    /// `yes` where the specimens were compared.
    pub specimens: String,
    /// The reason for an elimination.
    pub reason: String,
    /// The digest of the snapshot that the conclusion names.
    pub view: String,
}

impl Draft {
    /// As it was kept; what cannot be read is none.
    pub fn read(text: &str) -> Self {
        serde_json::from_str(text).unwrap_or_default()
    }

    fn of(ask: &Ask) -> Self {
        // Browsers send line ends as CR LF.
        let field = |name: &str| ask.field(name).replace("\r\n", "\n");
        Self {
            conclusion: field("conclusion"),
            basis: field("basis"),
            specimens: field("specimens"),
            reason: field("reason"),
            view: field("view"),
        }
    }

    /// Whether nothing is filled in.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The words for the record.
    fn words(&self, conclusion: Conclusion) -> String {
        match conclusion {
            Conclusion::Hit => format!("{} [with the specimens]", self.basis),
            Conclusion::Eliminated => format!("{} [eliminated: {}]", self.basis, self.reason),
            _ => self.basis.clone(),
        }
    }
}

/// Whether an account may come to a conclusion: a technician identifies leads
/// and concludes nothing else.
pub fn may_say(account: &Account, conclusion: Conclusion) -> bool {
    let binds = matches!(conclusion, Conclusion::Hit | Conclusion::Eliminated);
    account.roles.contains(&Role::Examiner) || (account.roles.contains(&Role::Technician) && !binds)
}

/// Keeps what a person is writing.
pub fn draft(station: &Inner, ask: &Ask) -> Result<Reply> {
    keep_draft(station, ask, ask.who()?)?;
    Ok(Reply { status: 204, ..Reply::same("text/plain; charset=utf-8", "") })
}

/// As [`draft`], for a person who is let in no further.
pub fn keep_draft(station: &Inner, ask: &Ask, account: &Account) -> Result<()> {
    let (a, b) = ask.pair()?;
    let form = serde_json::to_string(&Draft::of(ask))
        .map_err(|e| Error::new(Kind::Internal, say!("no JSON could be made: {e}")).because(&e))?;
    station.people.keep_draft(&account.login, &about(&a, &b), &form, ask.now)
}

/// What is missing in what was filled in.
fn missing(draft: &Draft) -> std::result::Result<Conclusion, Message> {
    let Some(conclusion) = Conclusion::of_word(&draft.conclusion) else {
        return Err(say!("Choose a conclusion."));
    };
    if draft.basis.is_empty() {
        return Err(say!(
            "Say on what your conclusion rests: a conclusion without a basis is not \
                         recorded."
        ));
    }
    if conclusion == Conclusion::Hit && draft.specimens != "yes" {
        return Err(say!(
            "A hit is confirmed with the specimens under a microscope; on screen a \
                         pair is a lead."
        ));
    }
    if conclusion == Conclusion::Eliminated && draft.reason.is_empty() {
        return Err(say!("An elimination needs its reason."));
    }
    Ok(conclusion)
}

/// A form that was handed in.
pub fn hand_in(station: &Inner, ask: &Ask) -> Result<Reply> {
    let account = ask.who()?;
    let (a, b) = ask.pair()?;
    let draft = Draft::of(ask);
    let again = |status, why: &Message| show(station, ask, status, &ask.t(why), &draft);
    let conclusion = match missing(&draft) {
        Ok(conclusion) => conclusion,
        Err(why) => return again(422, &why),
    };
    if !may_say(account, conclusion) {
        return Ok(refused(ask, &say!("your role does not allow this conclusion")));
    }
    let seen = match notes::bound(station, ask, &about(&a, &b)) {
        Ok(seen) => seen.map(|digest| naming_view(&digest)).unwrap_or_default(),
        Err(e) => return again(422, &told(&e)),
    };
    let words = draft.words(conclusion) + &seen;
    let one_line = words.replace('\n', " ");
    if let Err(e) = refuse_steering(say!("the basis"), &one_line) {
        return again(422, &told(&e));
    }
    // One at a time: of two clicks the second finds the first one's outcome.
    let _turn = station.deciding.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(to) = station.people.handed_in(&account.login, ask.field("form"))? {
        return Ok(Reply::to(to));
    }
    let view = station.view()?;
    if let Some(reply) = withheld(station, ask, &view, account, &a, &b) {
        return Ok(reply);
    }
    let run = station.run(&account.name, format!("serve: lead {} {a} {b}", command(conclusion)));
    let decision = Decision::new(
        a.clone(),
        b.clone(),
        conclusion,
        &account.name,
        account.agency.clone(),
        run.started.clone(),
    )?;
    let decisions = [decision];
    let snapshot = station.store.snapshot()?;
    let preview = pipeline::preview(&snapshot, &station.settings.recipe, &decisions)?;
    drop(snapshot);
    let overtaken = overtaken(&view.files.review, account, &a, &b, ask.field("state"));
    if overtaken.is_none() && !preview.words().is_empty() && ask.field("confirmed") != "yes" {
        return Ok(confirm(ask, &draft, &preview, &a, &b));
    }
    let saved = format!("{}?saved=yes", pair_address(&a, &b));
    let (late, twice) = (Cell::new(None), Cell::new(false));
    let still = |review: &Review| match self::overtaken(review, account, &a, &b, ask.field("state"))
    {
        None => Ok(()),
        Some(why) => {
            // The program ended between the commit and its answer.
            let last = review.history(&a, &b).last().copied();
            twice.set(last.is_some_and(|d| {
                same_person(&d.by, &account.name)
                    && d.conclusion == conclusion
                    && d.reason == one_line
            }));
            late.set(Some(why.clone()));
            Err(Error::new(Kind::BadInput, why))
        }
    };
    let seen = &preview.against_persons;
    let done = pipeline::decide_if(&station.store, &decisions, seen, &one_line, &run, &still);
    match done {
        Ok(()) => {}
        Err(_) if twice.get() => {}
        Err(e) => {
            let why = late.take();
            // Locked too long, or somebody else was faster: it is all still there.
            keep_draft(station, ask, account)?;
            return match (e.kind, why) {
                (_, Some(why)) => again(409, &why),
                (Kind::Locked, None) => again(503, &told(&e)),
                (Kind::BadInput, None) => again(409, &told(&e)),
                _ => Err(e),
            };
        }
    }
    station.people.hand_in(&account.login, ask.field("form"), &saved, ask.now)?;
    station.people.drop_draft(&account.login, &about(&a, &b))?;
    let what = format!("decided {}", conclusion.word());
    let place = format!("{a} {b}");
    station.people.note(&account.name, &what, &place, &ask.peer, Outcome::Done, ask.now)?;
    (station.settings.written)(&account.name)?;
    Ok(Reply::to(saved))
}

/// What the command line calls it.
const fn command(conclusion: Conclusion) -> &'static str {
    match conclusion {
        Conclusion::Lead => "accept",
        Conclusion::Inconclusive => "inconclusive",
        Conclusion::Hit => "confirm",
        Conclusion::Eliminated => "reject",
        Conclusion::Withdrawn => "withdraw",
    }
}

/// Who decided on the pair since the form was opened.
fn overtaken(
    review: &Review,
    account: &Account,
    a: &CasingId,
    b: &CasingId,
    seen: &str,
) -> Option<Message> {
    if state(review, a, b) == seen {
        return None;
    }
    let last = review.history(a, b).last().copied();
    Some(match last {
        Some(d) if same_person(&d.by, &account.name) => {
            say!(
                "You decided on this pair in the meantime, in another window. What you wrote is \
                  still here; look again, then record it or leave it."
            )
        }
        Some(d) => {
            say!(
                "{} decided on this pair in the meantime: {}. What you wrote is still here; look \
                  again, then record it or leave it.",
                d.by,
                d.conclusion.word()
            )
        }
        None => say!("This form is older than the pair. What you wrote is still here."),
    })
}

/// What a decision would change, before it is made.
fn confirm(ask: &Ask, draft: &Draft, preview: &Preview, a: &CasingId, b: &CasingId) -> Reply {
    let hidden = |name: &str, value: &str| -> Markup {
        html! { input type="hidden" name=(name) value=(value); }
    };
    let body = html! {
        p { (ask.t(say!("This is what your conclusion changes. Nothing is recorded yet."))) }
        ul { @for line in preview.words() { li { (ask.t(line)) } } }
        form method="post" action=(pair_address(a, b)) {
            (csrf(ask))
            (hidden("form", ask.field("form"))) (hidden("state", ask.field("state")))
            (hidden("conclusion", &draft.conclusion)) (hidden("basis", &draft.basis))
            (hidden("specimens", &draft.specimens)) (hidden("reason", &draft.reason))
            (hidden("view", &draft.view))
            @if preview.objects() {
                label.choice {
                    input type="checkbox" name="confirmed" value="yes" required;
                    " " (ask.t(say!("I record it although this speaks against it")))
                }
            } @else { (hidden("confirmed", "yes")) }
            button { (ask.t(say!("Record"))) } " "
            a href=(pair_address(a, b)) { (ask.t(say!("Back without recording"))) }
        }
    };
    page_of(ask, 200, say!("What this changes: {a} and {b}"), body, false)
}
