//! The folders of bundles, what a bundle says of itself, and what a partner
//! fetches.

use super::Inner;
use super::ask::{Ask, Reply, segment};
use super::frame::page;
use casework::share::{Envelope, Statement};
use maud::{Markup, html};
use std::path::{Path, PathBuf};
use store::public_of;
use types::error::{Error, Kind, Result};
use types::files::read_file;
use types::message::say;
use types::printable::printable_lines;

/// The largest bundle that a partner fetches through a page, bytes.
const MOST: u64 = 1 << 30;

/// What sharing takes.
#[derive(Clone, Debug)]
pub struct ShareDesk {
    /// The sharing policy.
    pub policy: PathBuf,
    /// The laboratory's private key (PEM); without it nothing goes out.
    pub key: Option<PathBuf>,
    /// The folder with `in` and `out`.
    pub folder: PathBuf,
    /// The program that reads foreign files confined.
    pub program: PathBuf,
}

impl ShareDesk {
    /// Where what came lies.
    pub fn inbox(&self) -> PathBuf {
        self.folder.join("in")
    }

    /// Where what goes lies.
    pub fn outbox(&self) -> PathBuf {
        self.folder.join("out")
    }
}

/// What this station shares with.
///
/// # Errors
/// [`Kind::NotFound`] where it was started without.
pub fn desk(station: &Inner) -> Result<&ShareDesk> {
    station.settings.sharing.as_ref().ok_or_else(|| {
        Error::new(Kind::NotFound, say!("this station was started without sharing"))
            .advise(say!("start it with --policy and --bundles"))
    })
}

/// The bundles of a folder by name; none where there is no folder.
pub fn files(folder: &Path) -> Result<Vec<String>> {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(e) => return Err(Error::io(say!("reading the folder of bundles"), folder, &e)),
    };
    let mut names: Vec<String> = entries
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(|name| name.ends_with(".h5"))
        .collect();
    names.sort();
    Ok(names)
}

/// A file of a folder that the folder itself names.
pub fn named(folder: &Path, name: &str) -> Result<PathBuf> {
    let known = files(folder)?.iter().any(|file| file == name);
    known.then(|| folder.join(name)).ok_or_else(absent)
}

fn absent() -> Error {
    Error::new(Kind::NotFound, say!("there is no such bundle"))
        .advise(say!("see the list of bundles"))
}

/// What a bundle's signed statement says.
pub fn statement(ask: &Ask, s: &Statement) -> Markup {
    html! {
        dl.facts {
            div { dt { (ask.t(say!("from"))) } dd { (s.from) } }
            div { dt { (ask.t(say!("for"))) } dd { (s.to) } }
            div { dt { (ask.t(say!("Number"))) } dd { (s.number) } }
            div { dt { (ask.t(say!("made"))) } dd { (printable_lines(&s.when)) } }
            @for (what, n) in &s.holds { div { dt { (printable_lines(what)) } dd { (n) } } }
        }
        @if !s.left_out.is_empty() {
            p { (ask.t(say!("Stays with the sender:"))) }
            ul { @for (kind, fields) in &s.left_out { li {
                (printable_lines(kind)) ": "
                (printable_lines(&fields.iter().map(String::as_str).collect::<Vec<_>>().join(", ")))
            } } }
        }
        p { "SHA-256 " code { (s.sha256.to_string()) } }
    }
}

/// A bundle of one's own, if it is still as it was signed.
pub fn own(desk: &ShareDesk, path: &Path) -> Result<Envelope> {
    let envelope = Envelope::read(path)?;
    if let Some(key) = &desk.key {
        let public = public_of(&brasslink::keys::read_private(key)?)?;
        envelope.verify(&public).map_err(|e| e.at(path))?;
    }
    Ok(envelope)
}

/// The bundles that were made for a partner's agency.
fn theirs(station: &Inner, ask: &Ask) -> Result<Vec<(String, Envelope)>> {
    let agency = ask.who()?.agency.clone().unwrap_or_default();
    let desk = desk(station)?;
    let folder = desk.outbox();
    let mut found = Vec::new();
    for name in files(&folder)? {
        // What is no longer as it was signed is handed to nobody.
        if let Ok(envelope) = own(desk, &folder.join(&name))
            && envelope.statement.to.as_str() == agency
        {
            found.push((name, envelope));
        }
    }
    Ok(found)
}

/// What a partner may fetch.
pub fn list(station: &Inner, ask: &Ask) -> Result<Reply> {
    let found = match &station.settings.sharing {
        Some(_) => theirs(station, ask)?,
        None => Vec::new(),
    };
    let body = html! {
        @if found.is_empty() { p.none { (ask.t(say!("There is no bundle."))) } }
        @for (name, envelope) in &found { article.pair {
            h2 { a href={ "/bundles/" (segment(name)) } { (name) } }
            (statement(ask, &envelope.statement))
        } }
    };
    Ok(page(ask, say!("Bundles for your agency"), body))
}

/// A bundle is fetched.
pub fn fetch(station: &Inner, ask: &Ask) -> Result<Reply> {
    let wanted = ask.part("file");
    let found = theirs(station, ask)?.into_iter().find(|(name, _)| name == wanted);
    let (name, _) = found.ok_or_else(absent)?;
    let bytes = read_file(&desk(station)?.outbox().join(&name), MOST)?;
    Ok(Reply::file("application/octet-stream", name, bytes))
}
