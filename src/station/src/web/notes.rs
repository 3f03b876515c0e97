//! What a person marks in the pictures of a pair, and the views that they keep.
//! Both are the person's own: nobody else is shown them, until a conclusion that
//! names a view is recorded.

use super::ask::{Ask, Reply};
use super::frame::csrf;
use super::pair::{about, as_shown, record, withheld};
use super::{Inner, View, blind};
use crate::people::KeptView;
use casework::views_named;
use maud::{Markup, PreEscaped, html};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::BTreeMap;
use types::error::{Error, Kind, Result};
use types::evidence::{CasingId, Digest, MarkKind};
use types::message::say;

/// More marks than this are in no picture.
const MOST_MARKS: usize = 200;
/// No scan reaches farther from its middle, micrometres.
const MOST_UM: f64 = 30_000.0;

/// Which of the two casings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Side {
    A,
    B,
}

/// What a person says of a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Says {
    Agree,
    Differ,
}

/// A circle about a place of a mark, micrometres from the middle of A's frame.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Mark {
    side: Side,
    says: Says,
    x: f64,
    y: f64,
    r: f64,
}

/// A person's marks on a pair.
type Marks = BTreeMap<MarkKind, Vec<Mark>>;

/// How marks are laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Layout {
    Split,
    Side,
    Overlay,
    Difference,
    Flip,
}

/// How a surface is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Surface {
    Relief,
    Height,
}

/// What the microscope showed: all that its picture is made of.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Seen {
    layout: Layout,
    surface: Surface,
    split: f64,
    light: f64,
    height: f64,
    contrast: f64,
    yes: bool,
    no: bool,
    alone: bool,
    across: bool,
    raw: bool,
    hidden: bool,
    flipped: bool,
    /// B's turn (degrees), whether it is mirrored, its shift (µm).
    hand: (f64, bool, f64, f64),
    /// The middle of the view (µm), and how near it is.
    view: (f64, f64, f64),
}

/// A view as a browser hands it in.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Taken {
    kind: MarkKind,
    seen: Seen,
    marks: Vec<Mark>,
}

/// A view as it is kept: with the scans that it shows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Snapshot {
    a: CasingId,
    b: CasingId,
    kind: MarkKind,
    /// SHA-256 of the scans' files.
    scans: [Digest; 2],
    /// The recipe by which they were prepared.
    recipe: Digest,
    seen: Seen,
    marks: Vec<Mark>,
}

fn read<'t, T: Deserialize<'t>>(text: &'t str) -> Result<T> {
    serde_json::from_str(text).map_err(|e| {
        Error::new(Kind::BadInput, say!("this is nothing that the microscope sends"))
            .because(&e)
            .advise(say!("open the page anew"))
    })
}

fn written<T: Serialize>(what: &T) -> Result<String> {
    serde_json::to_string(what)
        .map_err(|e| Error::new(Kind::Internal, say!("no JSON could be made: {e}")).because(&e))
}

fn sound(marks: &[Mark]) -> Result<()> {
    let near = |m: &Mark| [m.x, m.y, m.r].iter().all(|v| v.abs() <= MOST_UM) && m.r > 0.0;
    if marks.len() <= MOST_MARKS && marks.iter().all(near) {
        return Ok(());
    }
    let what = say!("there are more than {MOST_MARKS} annotations, or one outside of the mark");
    Err(Error::new(Kind::BadInput, what).advise(say!("take some back")))
}

/// What drafts of marks are kept under.
fn marks_about(about: &str) -> String {
    format!("{about}#marks")
}

/// Marks on a pair, kept in place of the last.
pub fn keep_marks(station: &Inner, ask: &Ask) -> Result<Reply> {
    let (a, b) = ask.pair()?;
    let view = station.view()?;
    if let Some(reply) = withheld(station, ask, &view, ask.who()?, &a, &b) {
        return Ok(reply);
    }
    keep(station, ask, &about(&a, &b))
}

/// Marks on a blind item.
pub fn keep_blind_marks(station: &Inner, ask: &Ask) -> Result<Reply> {
    blind::shown_as(station, ask)?;
    keep(station, ask, &ask.address.replacen("/marks", "", 1))
}

fn keep(station: &Inner, ask: &Ask, about: &str) -> Result<Reply> {
    let marks: Marks = read(ask.field("marks"))?;
    marks.values().try_for_each(|of| sound(of))?;
    let login = &ask.who()?.login;
    station.people.keep_draft(login, &marks_about(about), &written(&marks)?, ask.now)?;
    Ok(Reply { status: 204, ..Reply::data("text/plain; charset=utf-8", Vec::new()) })
}

/// A view of a pair is kept.
pub fn take_view(station: &Inner, ask: &Ask) -> Result<Reply> {
    let (a, b) = ask.pair()?;
    let view = station.view()?;
    if let Some(reply) = withheld(station, ask, &view, ask.who()?, &a, &b) {
        return Ok(reply);
    }
    let (left, right) = as_shown(record(&view, &a)?, record(&view, &b)?);
    take(station, ask, &left.id, &right.id, &about(&a, &b))
}

/// A view of a blind item is kept.
pub fn take_blind_view(station: &Inner, ask: &Ask) -> Result<Reply> {
    let (a, b) = blind::shown_as(station, ask)?;
    take(station, ask, &a, &b, &ask.address.replacen("/views", "", 1))
}

fn take(station: &Inner, ask: &Ask, a: &CasingId, b: &CasingId, about: &str) -> Result<Reply> {
    let Taken { kind, seen, marks } = read(ask.field("view"))?;
    sound(&marks)?;
    let recipe = station.settings.recipe;
    let snapshot = station.store.snapshot()?;
    let scans = pipeline::pair_scans(&snapshot, &recipe, a, b, kind)?;
    let (a, b) = (a.clone(), b.clone());
    let body = written(&Snapshot { a, b, kind, scans, recipe, seen, marks })?;
    let digest = station.people.keep_view(&ask.who()?.login, about, &body, ask.now)?;
    let answer = json!({ "digest": digest, "at": time(ask.now.as_second()) });
    Ok(Reply::data("application/json", answer.to_string().into_bytes()))
}

fn time(second: i64) -> String {
    let at = jiff::Timestamp::from_second(second).unwrap_or_default();
    at.strftime("%Y-%m-%d %H:%M:%S UTC").to_string()
}

/// The view that a conclusion is to name, if it is this person's and of this pair.
///
/// # Errors
/// [`Kind::BadInput`] if it is not.
pub fn bound(station: &Inner, ask: &Ask, about: &str) -> Result<Option<String>> {
    let digest = ask.field("view");
    if digest.is_empty() {
        return Ok(None);
    }
    let login = &ask.who()?.login;
    let own = |v: &KeptView| v.login == *login && v.about == about;
    if station.people.views_named(digest)?.iter().any(own) {
        return Ok(Some(digest.to_owned()));
    }
    let what = say!("this snapshot is none of yours of this pair");
    Err(Error::new(Kind::BadInput, what).advise(say!("take it anew")))
}

/// The view that an address names, for whoever may open the pair: one's own, or
/// one that a recorded conclusion names.
///
/// # Errors
/// [`Kind::NotFound`] if there is no such.
pub fn opened(
    station: &Inner,
    ask: &Ask,
    view: &View,
    a: &CasingId,
    b: &CasingId,
) -> Result<Option<Opened>> {
    let digest = ask.asked("view");
    if digest.is_empty() {
        return Ok(None);
    }
    let login = &ask.who()?.login;
    let about_pair = |d: &str| {
        let said = view.files.review.history(a, b).into_iter().map(|d| d.reason.as_str());
        let blind = view.verified.iter().filter(|v| v.finding.a == *a && v.finding.b == *b);
        let blind = blind.map(|v| v.reason.as_str());
        said.chain(blind).any(|reason| views_named(reason).any(|n| n == d))
    };
    let may = |v: &KeptView| (v.login == *login && v.about == about(a, b)) || about_pair(&v.digest);
    let kept = station.people.views_named(digest)?.into_iter().find(may).ok_or_else(|| {
        Error::new(Kind::NotFound, say!("there is no such snapshot of this pair"))
            .advise(say!("open the pair without it"))
    })?;
    let snapshot: Snapshot = read(&kept.body)?;
    Ok(Some(Opened { kept, snapshot }))
}

/// A view that is opened again.
pub struct Opened {
    kept: KeptView,
    snapshot: Snapshot,
}

impl Opened {
    /// Which casing is shown as A.
    pub fn first(&self) -> &CasingId {
        &self.snapshot.a
    }

    /// What it is, in words.
    pub fn words(&self, ask: &Ask) -> String {
        let at = time(self.kept.at);
        ask.t(say!("This is the snapshot of {at} (SHA-256 {}).", self.kept.digest))
    }
}

/// The tools beside a microscope, with what the script must know.
pub fn tools(station: &Inner, ask: &Ask, about: &str, opened: Option<&Opened>) -> Result<Markup> {
    let login = &ask.who()?.login;
    let kept = station.people.draft(login, &marks_about(about))?;
    let marks: Marks = match &kept {
        Some(text) => read(text)?,
        None => Marks::new(),
    };
    let data = json!({
        "marks": marks,
        "opened": opened.map(|o| &o.snapshot),
        "marksTo": format!("{about}/marks"),
        "viewsTo": format!("{about}/views"),
        "failed": ask.t(say!("This could not be kept: log in again in another tab, then repeat it.")),
        "taken": ask.t(say!("Snapshot of {}; your conclusion will name it.", "{at}")),
        "open": format!("{about}?view="),
    });
    let data = data.to_string().replace('<', "\\u003c");
    let views = station.people.views_of(login, about)?;
    let pair = about.starts_with("/pair/");
    Ok(html! {
        section #notes hidden aria-labelledby="notes-title" {
            h3 #notes-title { (ask.t(say!("Annotations and snapshots"))) }
            @if let Some(opened) = opened { p.note { (opened.words(ask)) } }
            div.controls {
                label { (ask.t(say!("Annotate"))) " " select name="annotate" {
                    option value="" { (ask.t(say!("off"))) }
                    option value="agree" { (ask.t(say!("agreement"))) }
                    option value="differ" { (ask.t(say!("difference"))) }
                } }
                span.buttons {
                    button type="button" name="undo" { (ask.t(say!("Undo"))) }
                    button type="button" name="redo" { (ask.t(say!("Redo"))) }
                    button type="button" name="snapshot" { (ask.t(say!("Snapshot"))) }
                }
            }
            output name="kept" {}
            ul.snapshots { @for v in &views { li {
                @if pair { a href={ (about) "?view=" (v.digest) } { (time(v.at)) } }
                @else { (time(v.at)) }
                " " code { (v.digest) }
            } } }
            p.note { (ask.t(say!(
                "Keys: A annotates agreement, difference, or nothing (drag a circle; click one to \
                 remove it), B takes a snapshot, Ctrl + Z and Ctrl + Y undo and redo. Only you see \
                 them, until a conclusion of yours names a snapshot."
            ))) }
            form { (csrf(ask)) }
            script type="application/json" #notes-data { (PreEscaped(data)) }
        }
    })
}
