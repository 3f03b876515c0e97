//! Blind verification: the second person sees pictures and nothing else. What is
//! withheld is withheld here, not by the browser.

use super::ask::{Ask, Reply, segment, told};
use super::frame::{csrf, notice, page, page_of};
use super::notes;
use super::worklist::{concluded, said};
use super::{Inner, View};
use casework::{Conclusion, Decided, Settlement, Verification, disagreements as open, naming_view};
use maud::{PreEscaped, html};
use report::{Findings, instrument};
use std::collections::BTreeMap;
use types::error::{Error, Kind, Result};
use types::evidence::{CasingId, CasingRecord, FiringPinShape, Origin};
use types::message::say;
use types::printable::{printable_lines, refuse_steering};

/// What a person can say who sees pictures alone.
const ANSWERS: [Conclusion; 3] =
    [Conclusion::Lead, Conclusion::Inconclusive, Conclusion::Eliminated];

/// The items of a person's queue by their names, which come from a secret: they
/// tell neither the pair nor the order of decisions.
fn items<'v>(station: &Inner, view: &'v View, name: &str) -> Result<BTreeMap<String, &'v Decided>> {
    let named = |d: &'v Decided| Ok((name_of(station, d)?, d));
    station.queue(view, name).into_iter().map(named).collect()
}

fn name_of(station: &Inner, decided: &Decided) -> Result<String> {
    let code = crate::people::code(&station.blind, &decided.id)?;
    Ok(code.chars().filter(char::is_ascii_alphanumeric).take(12).collect())
}

/// The list.
pub fn list(station: &Inner, ask: &Ask) -> Result<Reply> {
    let view = station.view()?;
    let items = items(station, &view, &ask.who()?.name)?;
    let body = html! {
        @if ask.asked("done") == "yes" { (notice(&ask.t(say!("Your finding is recorded and locked.")))) }
        p { (ask.t(say!("{} items wait for you. They are in no order.", items.len()))) }
        ul.items { @for name in items.keys() {
            li { a href={ "/verify/" (name) } { (ask.t(say!("Item {name}"))) } }
        } }
    };
    Ok(page(ask, say!("Blind verification"), body))
}

/// One item.
pub fn item(station: &Inner, ask: &Ask) -> Result<Reply> {
    show(station, ask, 200, "")
}

fn show(station: &Inner, ask: &Ask, status: u16, said: &str) -> Result<Reply> {
    let view = station.view()?;
    let items = items(station, &view, &ask.who()?.name)?;
    let decided = found(&items, ask.part("item"))?;
    let findings = pictures(station, &view, decided)?;
    let more = format!("/verify/{}/heights", segment(ask.part("item")));
    let body = html! {
        (notice(said))
        @if findings.is_empty() {
            p.note { (ask.t(say!("There are no pictures of this item."))) }
        }
        (PreEscaped(instrument(&findings, Some(&more), ask.language)?))
        (notes::tools(station, ask, &ask.address, None)?)
        noscript { p.note { (ask.t(say!("The pictures of the microscope need the browser's script."))) } }
        form method="post" action={ "/verify/" (segment(ask.part("item"))) } {
            (csrf(ask))
            input type="hidden" name="view" value=(ask.field("view"));
            fieldset {
                legend { (ask.t(say!("Your finding"))) }
                @for c in ANSWERS {
                    label.choice {
                        input type="radio" name="conclusion" value=(c.word()) required
                            checked[ask.field("conclusion") == c.word()];
                        " " (ask.t(concluded(c)))
                    }
                }
            }
            label for="basis" { (ask.t(say!("What you saw"))) }
            textarea #basis name="basis" rows="3" maxlength="4000" required { (ask.field("basis")) }
            p.note { (ask.t(say!("Once handed in, your finding cannot be changed."))) }
            button { (ask.t(say!("Hand in"))) }
        }
    };
    Ok(page_of(ask, status, say!("Blind item"), body, !findings.is_empty()))
}

fn found<'v>(items: &BTreeMap<String, &'v Decided>, name: &str) -> Result<&'v Decided> {
    items.get(name).copied().ok_or_else(|| {
        Error::new(Kind::NotFound, say!("there is no such item in your list"))
            .advise(say!("take the next of the list"))
    })
}

/// The casings of an item in the order in which they are shown.
pub fn shown_as(station: &Inner, ask: &Ask) -> Result<(CasingId, CasingId)> {
    let view = station.view()?;
    let items = items(station, &view, &ask.who()?.name)?;
    let (a, b) = order(station, found(&items, ask.part("item"))?)?;
    Ok((a.clone(), b.clone()))
}

/// The values of one of the two marks, for the microscope of the page.
pub fn heights(station: &Inner, ask: &Ask) -> Result<Reply> {
    let ((a, b), wanted) = (shown_as(station, ask)?, ask.wanted()?);
    let snapshot = station.store.snapshot()?;
    let heights = pipeline::pair_heights(&snapshot, &station.settings.recipe, &a, &b, wanted);
    // Why it could not be read would name the scan.
    let heights = heights.map_err(|e| {
        Error::new(e.kind, say!("these heights cannot be shown"))
            .advise(say!("go on with what the page shows"))
    })?;
    Ok(Reply::data("application/octet-stream", heights.to_bytes()))
}

/// Which of the two is shown as A: a secret says it.
fn order<'d>(station: &Inner, decided: &'d Decided) -> Result<(&'d CasingId, &'d CasingId)> {
    let name = name_of(station, decided)?;
    let turned = name.bytes().fold(0, |sum: u8, b| sum.wrapping_add(b)) & 1 == 1;
    Ok(if turned { (&decided.b, &decided.a) } else { (&decided.a, &decided.b) })
}

/// The marks of a pair under neutral names, in an order that a secret gives; no
/// values, no cells, no records.
fn pictures(station: &Inner, view: &View, decided: &Decided) -> Result<Vec<Findings>> {
    let (a, b) = order(station, decided)?;
    let snapshot = station.store.snapshot()?;
    let (recipe, register) = (&station.settings.recipe, &view.files.register);
    let mut all = pipeline::pair_findings(&snapshot, recipe, register, a, b)?;
    let neutral = ["1", "2"].map(|n| CasingId::new(n).map(nobody));
    let [one, two] = neutral;
    let (one, two) = (one?, two?);
    for f in &mut all {
        f.questioned.casing = one.clone();
        for c in &mut f.candidates {
            c.side.casing = two.clone();
            c.weight = None;
            c.comparison.cell_table.clear();
            c.comparison.runner_up = None;
            c.comparison.score = 0.0;
            c.comparison.ccf = 0.0;
            c.comparison.cells = 0;
            c.comparison.congruent_cells = 0;
        }
    }
    Ok(all)
}

fn nobody(id: CasingId) -> CasingRecord {
    CasingRecord {
        id,
        origin: Origin::Evidence,
        scene: None,
        firearm: None,
        calibre: None,
        firing_pin_shape: FiringPinShape::Unknown,
        notes: String::new(),
    }
}

/// A finding handed in.
pub fn hand_in(station: &Inner, ask: &Ask) -> Result<Reply> {
    let account = ask.who()?;
    let basis = ask.line("basis");
    let answer = Conclusion::of_word(ask.field("conclusion"));
    let Some(conclusion) = answer.filter(|c| ANSWERS.contains(c)) else {
        return show(station, ask, 422, &ask.t(say!("Choose a conclusion.")));
    };
    if basis.is_empty() {
        return show(station, ask, 422, &ask.t(say!("Say in words what you saw.")));
    }
    if let Err(e) = refuse_steering(say!("the basis"), &basis) {
        return show(station, ask, 422, &ask.t(told(&e)));
    }
    let view = station.view()?;
    let items = items(station, &view, &account.name)?;
    let decided = found(&items, ask.part("item"))?;
    let run = station.run(&account.name, "serve: verify blindly".into());
    let finding = Verification {
        at: run.started.clone(),
        a: decided.a.clone(),
        b: decided.b.clone(),
        by: account.name.clone(),
        agency: account.agency.clone(),
        conclusion,
        of: decided.id.clone(),
    };
    let seen = match notes::bound(station, ask, &ask.address) {
        Ok(seen) => seen.map(|digest| naming_view(&digest)).unwrap_or_default(),
        Err(e) => return show(station, ask, 422, &ask.t(told(&e))),
    };
    pipeline::hand_in(&station.store, &finding, &(basis + &seen), &run)?;
    (station.settings.written)(&account.name)?;
    Ok(Reply::to("/verify?done=yes"))
}

/// What two persons saw differently, and what nobody has looked at yet.
pub fn disagreements(station: &Inner, ask: &Ask) -> Result<Reply> {
    let account = ask.who()?;
    let view = station.view()?;
    let all = open(&view.files.review, &view.verified);
    let waiting = station.awaiting(&view);
    let settles = account.roles.contains(&crate::Role::Supervisor);
    let body = html! {
        @if all.is_empty() { p.none { (ask.t(say!("There is none to settle."))) } }
        @for (v, d) in all {
            article.pair {
                h2 { (d.a) " – " (d.b) }
                ul {
                    li { (said(ask, d)) @if !d.reason.is_empty() { ": " (printable_lines(&d.reason)) } }
                    li {
                        (ask.t(say!("blind finding: {} ({}, {})", concluded(v.finding.conclusion),
                            v.finding.by, v.finding.at)))
                        @if !v.reason.is_empty() { ": " (printable_lines(&v.reason)) }
                    }
                }
                p { a href=(super::ask::pair_address(&d.a, &d.b)) { (ask.t(say!("To the comparison"))) } }
                @if settles {
                    form method="post" action={ "/disagreements/" (segment(&v.id)) } {
                        (csrf(ask))
                        label for=(v.id) {
                            (ask.t(say!("How it is settled: what was looked at, and what follows")))
                        }
                        textarea id=(v.id) name="reason" rows="2" maxlength="4000" required {}
                        p.note { (ask.t(say!("Both findings stay as they are."))) }
                        button { (ask.t(say!("Settle"))) }
                    }
                }
            }
        }
        h2 { (ask.t(say!("Awaiting verification"))) }
        ul { @for d in waiting {
            li { (d.a) " – " (d.b) ": " (said(ask, d)) }
        } }
    };
    Ok(page(ask, say!("Disagreements"), body))
}

/// A disagreement is settled.
pub fn settle(station: &Inner, ask: &Ask) -> Result<Reply> {
    let account = ask.who()?;
    let words = ask.line("reason");
    refuse_steering(say!("the reason"), &words)?;
    let run = station.run(&account.name, format!("serve: settle {}", ask.part("id")));
    let settlement = Settlement { at: run.started.clone(), by: account.name.clone() };
    pipeline::settle(&station.store, ask.part("id"), &settlement, &words, &run)?;
    (station.settings.written)(&account.name)?;
    Ok(Reply::to("/disagreements"))
}
