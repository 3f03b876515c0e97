//! Lead letters: what may be released, what was, and what became of it.

use super::ask::{Ask, Reply, pair_address, segment, told};
use super::frame::{csrf, notice, page_of};
use super::pair::{as_shown, record, withheld};
use super::worklist::{concluded, said};
use super::{Inner, View};
use crate::Role;
use casework::{Conclusion, Decided, LetterStage, Releasable, releasable};
use maud::{Markup, PreEscaped, html};
use pipeline::{LetterOrder, ReleasedLetter};
use report::{Findings, Laboratory, Language, LeadLetter, letter_body, letter_page};
use types::error::{Error, Kind, Result};
use types::evidence::CasingId;
use types::message::{Message, say};
use types::printable::{printable_lines, refuse_steering};

fn stage_words(stage: LetterStage) -> Message {
    match stage {
        LetterStage::Sent => say!("sent"),
        LetterStage::Acknowledged => say!("acknowledged"),
        LetterStage::Outcome => say!("outcome"),
    }
}

fn releases(ask: &Ask) -> Result<bool> {
    Ok(ask.who()?.roles.contains(&Role::Supervisor))
}

/// The list.
pub fn list(station: &Inner, ask: &Ask) -> Result<Reply> {
    show_list(station, ask, 200, "")
}

fn show_list(station: &Inner, ask: &Ask, status: u16, told: &str) -> Result<Reply> {
    let (view, account) = (station.view()?, ask.who()?);
    let letters = pipeline::letters(&station.store.snapshot()?)?;
    let closed =
        |a: &CasingId, b: &CasingId| withheld(station, ask, &view, account, a, b).is_some();
    let one = |d: &&Decided| {
        d.conclusion.says_one() == Some(true) && !is_told(&letters, d) && !closed(&d.a, &d.b)
    };
    let waiting: Vec<&Decided> = view.files.review.in_force().filter(one).collect();
    let may = releases(ask)?;
    let body = html! {
        (notice(told))
        h2 { (ask.t(say!("Released"))) }
        @if letters.is_empty() { p.none { (ask.t(say!("No letter was released yet."))) } }
        @else { div.scroll { table {
            thead { tr { @for title in [say!("Number"), say!("date"), say!("Pair"), say!("Conclusion"), say!("State")] {
                th scope="col" { (ask.t(title)) }
            } } }
            tbody { @for l in &letters {
                @let [a, b] = ids(&l.letter);
                @if !closed(a, b) { tr {
                    th scope="row" { a href={ "/letters/" (segment(&l.letter.header.report_id)) } {
                        (l.letter.header.report_id)
                    } }
                    td { (l.letter.header.issued.as_deref().unwrap_or_default()) }
                    td { (a) " – " (b) }
                    td { (ask.t(concluded(conclusion(&l.letter)))) }
                    td { (state(ask, l)) }
                } }
            } }
        } } }
        h2 { (ask.t(say!("Leads and hits without a letter"))) }
        @if waiting.is_empty() { p.none { (ask.t(say!("There is none."))) } }
        @for d in waiting { article.pair {
            h3 { a href=(pair_address(&d.a, &d.b)) { (d.a) " – " (d.b) } }
            p { (said(ask, d)) }
            @match rests_on(station, &view, &d.a, &d.b) {
                Err(why) => p.note { (ask.t(say!("No letter yet: {why}."))) },
                Ok(_) if may => form method="post" action="/letters" {
                    (csrf(ask))
                    input type="hidden" name="a" value=(d.a);
                    input type="hidden" name="b" value=(d.b);
                    button { (ask.t(say!("Release the letter"))) }
                },
                Ok(_) => p.note { (ask.t(say!("A supervisor may release the letter."))) },
            }
        } }
    };
    Ok(page_of(ask, status, say!("Lead letters"), body, false))
}

fn ids(letter: &LeadLetter) -> [&CasingId; 2] {
    letter.exhibits.each_ref().map(|e| &e.casing)
}

fn conclusion(letter: &LeadLetter) -> Conclusion {
    match letter.conclusion {
        report::ConclusionKind::Hit => Conclusion::Hit,
        _ => Conclusion::Lead,
    }
}

fn is_told(letters: &[ReleasedLetter], d: &Decided) -> bool {
    letters.iter().any(|l| l.decision == d.id)
}

fn state(ask: &Ask, letter: &ReleasedLetter) -> String {
    let last = letter.steps.last();
    ask.t(last.map_or_else(|| say!("not sent yet"), |(step, _)| stage_words(step.stage)))
}

fn rests_on<'v>(
    station: &Inner,
    view: &'v View,
    a: &CasingId,
    b: &CasingId,
) -> std::result::Result<Releasable<'v>, Message> {
    releasable(&view.files.review, &view.verified, &station.settings.verify, a, b)
}

fn findings(station: &Inner, view: &View, a: &CasingId, b: &CasingId) -> Result<Vec<Findings>> {
    let snapshot = station.store.snapshot()?;
    let (recipe, register) = (&station.settings.recipe, &view.files.register);
    pipeline::pair_findings(&snapshot, recipe, register, a, b)
}

/// A letter is released.
pub fn release(station: &Inner, ask: &Ask) -> Result<Reply> {
    let account = ask.who()?;
    let (a, b) = (CasingId::new(ask.field("a"))?, CasingId::new(ask.field("b"))?);
    let view = station.view()?;
    let rests = match rests_on(station, &view, &a, &b) {
        Ok(rests) => rests,
        Err(why) => return show_list(station, ask, 409, &ask.t(say!("No letter yet: {why}."))),
    };
    let (left, right) = as_shown(record(&view, &a)?, record(&view, &b)?);
    let findings = findings(station, &view, &left.id, &right.id)?;
    let agency = account.agency.as_ref();
    let name = agency.map(|id| view.files.register.agency_name(id).to_owned());
    let order = LetterOrder {
        files: &view.files,
        rests_on: rests,
        findings: &findings,
        laboratory: Laboratory { name, ..Laboratory::default() },
        by: &account.name,
        agency: account.agency.clone(),
    };
    let run = station.run(&account.name, format!("serve: release a letter on {a} {b}"));
    // What was concluded in the meantime is asked again while nobody can write.
    let still = |snapshot: &store::Snapshot| {
        let (review, verified) = (pipeline::review(snapshot)?, pipeline::verifications(snapshot)?);
        match releasable(&review, &verified, &station.settings.verify, &a, &b) {
            Ok(now) if now.decided.id == rests.decided.id => Ok(()),
            Ok(_) => Err(changed(say!("somebody concluded anew on this pair in the meantime"))),
            Err(why) => Err(changed(why)),
        }
    };
    match pipeline::release_letter(&station.store, &order, &run, &still) {
        Ok(number) => {
            (station.settings.written)(&account.name)?;
            Ok(Reply::to(format!("/letters/{}", segment(&number))))
        }
        Err(e) if e.kind == Kind::BadInput => show_list(station, ask, 409, &ask.t(told(&e))),
        Err(e) => Err(e),
    }
}

fn changed(why: Message) -> Error {
    Error::new(Kind::BadInput, why).advise(say!("look at the pair again"))
}

/// One letter.
pub fn page(station: &Inner, ask: &Ask) -> Result<Reply> {
    show(station, ask, 200, "")
}

fn show(station: &Inner, ask: &Ask, status: u16, told: &str) -> Result<Reply> {
    let released = pipeline::letter(&station.store.snapshot()?, ask.part("id"))?;
    let (view, letter) = (station.view()?, &released.letter);
    let [a, b] = ids(letter);
    if let Some(reply) = withheld(station, ask, &view, ask.who()?, a, b) {
        return Ok(reply);
    }
    let findings = findings(station, &view, a, b)?;
    let number = &letter.header.report_id;
    let address = format!("/letters/{}", segment(number));
    let body = html! {
        (notice(told))
        p {
            @for (i, language) in Language::ALL.iter().enumerate() {
                @if i > 0 { " · " }
                a href={ (address) "/file/" (language.code()) } lang=(language.code())
                    hreflang=(language.code()) { (own_name(*language)) }
            }
        }
        (PreEscaped(letter_body(letter, &findings, ask.language)?))
        section aria-labelledby="steps" {
            h2 #steps { (ask.t(say!("What became of it"))) }
            @if released.steps.is_empty() { p.none { (ask.t(say!("not sent yet"))) } }
            ul { @for (step, words) in &released.steps { li {
                (ask.t(say!("{} ({}, {})", stage_words(step.stage), step.by, step.at))) ": "
                (printable_lines(words))
            } } }
            @if releases(ask)? { (step_form(ask, &address)) }
        }
    };
    Ok(page_of(ask, status, say!("Lead letter {number}"), body, false))
}

/// What the file of a language is called, in that language.
const fn own_name(language: Language) -> &'static str {
    match language {
        Language::English => "Letter in English (file)",
        Language::Spanish => "Oficio en español (archivo)",
    }
}

fn step_form(ask: &Ask, address: &str) -> Markup {
    html! {
        form method="post" action={ (address) "/steps" } {
            (csrf(ask))
            label for="stage" { (ask.t(say!("Note"))) }
            select #stage name="stage" {
                @for stage in LetterStage::ALL {
                    option value=(stage.word()) selected[ask.field("stage") == stage.word()] {
                        (ask.t(stage_words(stage)))
                    }
                }
            }
            label for="words" { (ask.t(say!("To whom it went, who received it, or what came of it"))) }
            textarea #words name="words" rows="2" maxlength="2000" required { (ask.field("words")) }
            button { (ask.t(say!("Record"))) }
        }
    }
}

/// What became of a letter is noted.
pub fn step(station: &Inner, ask: &Ask) -> Result<Reply> {
    let (account, number) = (ask.who()?, ask.part("id"));
    let wanted = ask.field("stage");
    let Some(stage) = LetterStage::ALL.into_iter().find(|s| s.word() == wanted) else {
        let what = say!("a letter has no such state");
        return Err(Error::new(Kind::BadInput, what).advise(say!("choose one of the list")));
    };
    let words = ask.line("words");
    let run = station.run(&account.name, format!("serve: letter {number} {}", stage.word()));
    let noted = refuse_steering(say!("the note"), &words)
        .and_then(|()| pipeline::note_letter(&station.store, number, stage, &words, &run));
    match noted {
        Ok(()) => {
            (station.settings.written)(&account.name)?;
            Ok(Reply::to(format!("/letters/{}", segment(number))))
        }
        Err(e) if e.kind == Kind::BadInput => show(station, ask, 422, &ask.t(told(&e))),
        Err(e) => Err(e),
    }
}

/// A letter as a file.
pub fn file(station: &Inner, ask: &Ask) -> Result<Reply> {
    let released = pipeline::letter(&station.store.snapshot()?, ask.part("id"))?;
    let language: Language = ask.part("language").parse()?;
    let view = station.view()?;
    let [a, b] = ids(&released.letter);
    if let Some(reply) = withheld(station, ask, &view, ask.who()?, a, b) {
        return Ok(reply);
    }
    let page = letter_page(&released.letter, &findings(station, &view, a, b)?, language)?;
    let name = format!("{}-{}.html", released.letter.header.report_id, language.code());
    Ok(Reply::file("text/html; charset=utf-8", name, page.into_bytes()))
}
