//! The comparison of two casings: pictures, values, what was decided, and the
//! form for a conclusion.

use super::ask::{Ask, Reply, pair_address, segment};
use super::decide::{Draft, may_say};
use super::frame::{csrf, notice, page_of, refused};
use super::notes;
use super::worklist::{concluded, hidden, said};
use super::{Inner, View};
use crate::people::Account;
use casework::{Conclusion, same_person, views_named};
use maud::{Markup, PreEscaped, html};
use report::{Findings, instrument, mark_name};
use types::error::{Error, Kind, Result};
use types::evidence::{CasingId, CasingRecord, Origin};
use types::message::{Message, say};
use types::printable::printable_lines;

/// The page as it is asked for.
pub fn page(station: &Inner, ask: &Ask) -> Result<Reply> {
    let account = ask.who()?;
    let (a, b) = ask.pair()?;
    let kept = station.people.draft(&account.login, &about(&a, &b))?;
    let draft = kept.map(|text| Draft::read(&text)).unwrap_or_default();
    let said = match (ask.asked("saved"), draft.is_empty()) {
        ("yes", _) => ask.t(say!("Recorded in the ledger.")),
        (_, false) => ask.t(say!("What you had written is here again; nothing of it is recorded.")),
        _ => String::new(),
    };
    show(station, ask, 200, &said, &draft)
}

/// What drafts and forms about a pair are kept under.
pub fn about(a: &CasingId, b: &CasingId) -> String {
    pair_address(a, b)
}

/// The page with a form that is filled in so far.
pub fn show(station: &Inner, ask: &Ask, status: u16, told: &str, draft: &Draft) -> Result<Reply> {
    let account = ask.who()?;
    let (a, b) = ask.pair()?;
    let view = station.view()?;
    if let Some(reply) = withheld(station, ask, &view, account, &a, &b) {
        return Ok(reply);
    }
    let (first, second) = (record(&view, &a)?, record(&view, &b)?);
    if a == b {
        let what = say!("casing {a} cannot be reviewed against itself");
        return Err(Error::new(Kind::BadInput, what).advise(say!("name two different casings")));
    }
    let opened = notes::opened(station, ask, &view, &a, &b)?;
    let (left, right) = match &opened {
        // As it was when the snapshot was taken.
        Some(o) if *o.first() == first.id => (first, second),
        Some(_) => (second, first),
        None => as_shown(first, second),
    };
    let turned = if left.id == a { "" } else { "/turned" };
    let snapshot = station.store.snapshot()?;
    let (recipe, register) = (&station.settings.recipe, &view.files.register);
    let findings = pipeline::pair_findings(&snapshot, recipe, register, &left.id, &right.id)?;
    drop(snapshot);
    let decides = may_decide(account);
    let more = format!("{}/heights{turned}", pair_address(&a, &b));
    let body = html! {
        (notice(told))
        div.sides { (facts(ask, left, say!("A, questioned"))) (facts(ask, right, say!("B, candidate"))) }
        (values(ask, &findings))
        (PreEscaped(instrument(&findings, Some(&more), ask.language)?))
        @if decides || opened.is_some() {
            (notes::tools(station, ask, &about(&a, &b), opened.as_ref())?)
        }
        noscript { p.note { (ask.t(say!("The pictures of the microscope need the browser's script."))) } }
        section aria-labelledby="said" {
            h2 #said { (ask.t(say!("What was concluded"))) }
            (history(ask, &view, &a, &b))
        }
        @if decides {
            section aria-labelledby="conclude" {
                h2 #conclude { (ask.t(say!("Your conclusion"))) }
                (form(ask, account, &view, &a, &b, draft))
            }
        }
    };
    let title = say!("{} and {}", left.id, right.id);
    Ok(page_of(ask, status, title, body, true))
}

/// Evidence left, test fire right.
pub fn as_shown<'r>(
    first: &'r CasingRecord,
    second: &'r CasingRecord,
) -> (&'r CasingRecord, &'r CasingRecord) {
    let turned = first.origin == Origin::TestFire && second.origin == Origin::Evidence;
    if turned { (second, first) } else { (first, second) }
}

/// The values of one of the two marks, for the microscope of the page.
pub fn heights(station: &Inner, ask: &Ask) -> Result<Reply> {
    let account = ask.who()?;
    let ((a, b), wanted) = (ask.pair()?, ask.wanted()?);
    let view = station.view()?;
    if let Some(reply) = withheld(station, ask, &view, account, &a, &b) {
        return Ok(reply);
    }
    let (mut left, mut right) = (record(&view, &a)?, record(&view, &b)?);
    if ask.route.path.contains("/turned/") {
        (left, right) = (right, left);
    }
    let snapshot = station.store.snapshot()?;
    let recipe = &station.settings.recipe;
    let heights = pipeline::pair_heights(&snapshot, recipe, &left.id, &right.id, wanted)?;
    Ok(Reply::data("application/octet-stream", heights.to_bytes()))
}

/// The record of a casing.
pub fn record<'v>(view: &'v View, id: &CasingId) -> Result<&'v CasingRecord> {
    view.files.register.casings.get(id).ok_or_else(|| {
        Error::new(Kind::NotFound, say!("the store has no casing {id}"))
            .advise(say!("look for it in the worklist"))
    })
}

/// Whether an account says what a pair is.
pub fn may_decide(account: &Account) -> bool {
    Conclusion::ALL.iter().any(|c| may_say(account, *c))
}

/// Refuses a pair that the person is to look at blindly.
pub fn withheld(
    station: &Inner,
    ask: &Ask,
    view: &View,
    account: &Account,
    a: &CasingId,
    b: &CasingId,
) -> Option<Reply> {
    let pair = (a.min(b).clone(), a.max(b).clone());
    hidden(station, view, account).contains(&pair).then(|| {
        let why = say!(
            "this pair waits for a blind look that may be yours; it opens when that \
                        is handed in"
        );
        refused(ask, &why)
    })
}

fn facts(ask: &Ask, record: &CasingRecord, role: Message) -> Markup {
    let scene = record.scene.as_ref();
    let origin = match record.origin {
        Origin::Evidence => say!("evidence"),
        Origin::TestFire => say!("test fire"),
    };
    let rows: Vec<(Message, Option<String>)> = vec![
        (say!("origin"), Some(ask.t(origin))),
        (say!("case number"), scene.and_then(|s| s.case.as_ref()).map(ToString::to_string)),
        (say!("scene"), scene.map(|s| s.id.to_string())),
        (say!("date"), scene.and_then(|s| s.date).map(|d| d.to_string())),
        (say!("state"), scene.and_then(|s| s.state.clone())),
        (say!("agency"), scene.and_then(|s| s.agency.clone())),
        (say!("firearm"), record.firearm.as_ref().map(ToString::to_string)),
        (say!("calibre"), record.calibre.clone()),
    ];
    html! {
        section.side {
            h2 { (ask.t(role)) ": " (record.id) }
            dl.facts { @for (name, value) in rows { @if let Some(value) = value {
                div { dt { (ask.t(name)) } dd { (printable_lines(&value)) } }
            } } }
        }
    }
}

fn values(ask: &Ask, findings: &[Findings]) -> Markup {
    html! {
        @if findings.is_empty() {
            p.note { (ask.t(say!("These two have not been compared."))) }
        } @else { div.scroll { table {
            thead { tr {
                th scope="col" { (ask.t(say!("Mark"))) }
                th.n scope="col" { (ask.t(say!("Score"))) }
                th.n scope="col" { (ask.t(say!("Congruent cells"))) }
                th scope="col" { (ask.t(say!("Weight (log10 LR)"))) }
                th scope="col" { (ask.t(say!("Scans (SHA-256)"))) }
            } }
            tbody { @for f in findings { @for c in &f.candidates { tr {
                th scope="row" { (mark_name(&f.questioned.mark, ask.language)) }
                td.n { data value=(c.comparison.score) { (format!("{:.1}", c.comparison.score)) } }
                td.n { (c.comparison.congruent_cells) " / " (c.comparison.cells) }
                td { @if let Some(w) = &c.weight {
                    (format!("{:.1} ({:.1} … {:.1})", w.log10_lr, w.log10_lower, w.log10_upper))
                } @else { (ask.t(say!("not calibrated"))) } }
                td { @for side in [&f.questioned, &c.side] {
                    div { code { (side.scan.sha256.to_string()) } }
                } }
            } } } }
        } } }
    }
}

fn history(ask: &Ask, view: &View, a: &CasingId, b: &CasingId) -> Markup {
    let review = &view.files.review;
    let (all, standing) = (review.history(a, b), review.standing(a, b));
    let on_pair = |v: &&casework::Verified| v.finding.a == *a && v.finding.b == *b;
    let about_pair = about(a, b);
    let theirs = view.files.theirs.iter().filter(|t| t.is_about(a, b));
    let open = ask.t(say!("open the snapshot"));
    let views = |reason: &str| {
        html! { @for digest in views_named(reason) {
            " " a href={ (about_pair) "?view=" (segment(digest)) } { (open) }
        } }
    };
    html! {
        @if all.is_empty() { p.none { (ask.t(say!("Nothing yet."))) } }
        ul {
            @for d in all {
                li {
                    (said(ask, d))
                    @if !standing.contains(&d) { " " em { (ask.t(say!("no longer stands"))) } }
                    @if !d.reason.is_empty() { ": " (printable_lines(&d.reason)) (views(&d.reason)) }
                }
            }
            @for v in view.verified.iter().filter(on_pair) {
                li {
                    (ask.t(say!("blind finding: {} ({}, {})", concluded(v.finding.conclusion),
                        v.finding.by, v.finding.at)))
                    @if !v.reason.is_empty() { ": " (printable_lines(&v.reason)) (views(&v.reason)) }
                    @if let Some((settled, words)) = &v.settled {
                        div { (ask.t(say!("settled by {} at {}", settled.by, settled.at))) ": "
                            (printable_lines(words)) }
                    }
                }
            }
            @for t in theirs { li { (ask.t(t)) } }
        }
    }
}

fn form(
    ask: &Ask,
    account: &Account,
    view: &View,
    a: &CasingId,
    b: &CasingId,
    draft: &Draft,
) -> Markup {
    let own = view.files.review.standing(a, b);
    let own = own.iter().any(|d| same_person(&d.by, &account.name));
    let choices = Conclusion::ALL
        .into_iter()
        .filter(|c| may_say(account, *c) && (own || *c != Conclusion::Withdrawn));
    html! {
        form #decision method="post" action=(pair_address(a, b)) data-draft=(pair_address(a, b)
            .replacen("/pair/", "/draft/", 1)) {
            (csrf(ask))
            input type="hidden" name="form" value=(crate::people::token());
            input type="hidden" name="state" value=(view.state(a, b));
            input type="hidden" name="view" value=(draft.view);
            fieldset {
                legend { (ask.t(say!("Conclusion"))) }
                @for c in choices {
                    label.choice {
                        input type="radio" name="conclusion" value=(c.word()) required
                            checked[draft.conclusion == c.word()];
                        " " @if c == Conclusion::Withdrawn {
                            (ask.t(say!("I withdraw my conclusion")))
                        } @else { (ask.t(concluded(c))) }
                    }
                }
            }
            label for="basis" { (ask.t(say!("Basis: the marks compared and what you saw"))) }
            textarea #basis name="basis" rows="3" maxlength="4000" required { (draft.basis) }
            @if may_say(account, Conclusion::Hit) {
                label.choice {
                    input type="checkbox" name="specimens" value="yes"
                        checked[draft.specimens == "yes"];
                    " " (ask.t(say!("I compared the specimens themselves (required for a hit)")))
                }
                label for="reason" { (ask.t(say!("Reason for an elimination"))) }
                input #reason name="reason" maxlength="1000" value=(draft.reason);
            }
            button { (ask.t(say!("Record"))) }
        }
    }
}
