//! Whether what a bundle holds is the sender's to say, before any of it is
//! taken over.

use super::agency::AgencyCode;
use super::envelope::{Statement, refused};
use super::fields::shared_kind;
use super::limits;
use crate::{DECISION, Decision};
use imaging::extract::Template;
use jiff::Timestamp;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use store::{CASING, MarkRow, Payload, Record, ScanRow, TemplateRow};
use types::error::{Error, Result};
use types::evidence::{Digest, normalised, owner};
use types::message::{Message, say};

/// What a bundle holds, under the names of the receiver's store.
pub struct Content {
    /// Records of every kind.
    pub records: Vec<Record>,
    /// Scans, most of them without their files.
    pub scans: Vec<ScanRow>,
    /// Marks without their values.
    pub marks: Vec<MarkRow>,
    /// Of each mark that the sender had a template of, that one's digest. What
    /// is compared here is made anew from the mark's values.
    pub templates: BTreeMap<String, Digest>,
    /// The texts of the recipes by which the marks were made.
    pub recipes: Vec<String>,
}

impl Content {
    /// Reads and checks everything of a payload that `from` sent to `to`.
    ///
    /// # Errors
    /// [`types::error::Kind::Damaged`] naming what is not as it must be.
    pub fn read(payload: &Payload, statement: &Statement) -> Result<Self> {
        let Statement { from, to, when, .. } = statement;
        // What a bundle tells of happened before it was made.
        let made: Timestamp =
            when.parse().map_err(|_| refused(say!("the bundle was made at {when:?}")))?;
        let mut records = payload.records()?;
        let mut seen = BTreeSet::new();
        for record in &mut records {
            let what = format!("{} {}", record.kind, record.id);
            if !seen.insert(what.clone()) {
                return Err(refused(say!("{what} is in the bundle twice")));
            }
            check_record(record, from, to, made).map_err(|why| refused(say!("{what} {why}")))?;
        }
        let casing = |id: &str| seen.contains(&format!("{CASING} {id}"));
        let (scans, marks) = (payload.scans()?, payload.marks()?);
        for scan in &scans {
            limits::scan(scan).map_err(|why| refused(say!("scan {} {why}", scan.sha256)))?;
            if !casing(scan.casing.as_str()) {
                let what = say!("scan {} shows casing {}", scan.sha256, scan.casing);
                return Err(refused(say!("{what}, which is not in the bundle")));
            }
        }
        let shown: BTreeMap<_, _> = scans.iter().map(|s| (s.sha256, &s.casing)).collect();
        let mut of_mark = BTreeMap::new();
        for mark in &marks {
            let what = say!("mark {}", mark.id);
            if shown.get(&mark.scan) != Some(&&mark.casing) {
                return Err(refused(say!("{what} is of a casing or scan that is not in it")));
            }
            if owner(mark.id.as_str()) != Some(from.as_str()) {
                return Err(refused(say!("{what} is not {from}'s to share")));
            }
            if of_mark.insert(mark.id.as_str(), mark).is_some() {
                return Err(refused(say!("{what} is in the bundle twice")));
            }
            limits::mark(mark).map_err(|why| refused(say!("{what} {why}")))?;
            let values = payload.values(mark).map_err(|e| refused(say!("{what}: {}", e.what)))?;
            limits::values(&values).map_err(|why| refused(say!("{what} {why}")))?;
        }
        let mut templates = BTreeMap::new();
        for (row, bytes) in payload.templates()? {
            let of = of_mark.get(row.mark.as_str());
            let bad = |why: Message| refused(say!("the template of mark {} {why}", row.mark));
            check_template(&row, &bytes, of.copied()).map_err(bad)?;
            if templates.insert(row.mark.to_string(), Digest::of(&bytes)).is_some() {
                return Err(bad(say!("is in the bundle twice")));
            }
        }
        Ok(Self { records, templates, recipes: payload.recipes()?, scans, marks })
    }
}

/// A record of a bundle that `from` made for `to`, as it may be taken over:
/// under the receiver's names.
///
/// # Errors
/// [`types::error::Kind::Damaged`] saying what it does that it may not.
pub fn admitted(
    mut record: Record,
    from: &AgencyCode,
    to: &AgencyCode,
    made: Timestamp,
) -> Result<Record> {
    check_record(&mut record, from, to, made).map_err(refused)?;
    Ok(record)
}

/// Checks a record and renames what it refers to; otherwise says what it does
/// that it may not.
fn check_record(
    record: &mut Record,
    from: &AgencyCode,
    to: &AgencyCode,
    made: Timestamp,
) -> std::result::Result<(), Message> {
    let sort =
        shared_kind(&record.kind).ok_or_else(|| say!("is of a kind that bundles do not carry"))?;
    if owner(&record.id) != Some(from.as_str()) {
        return Err(say!("is not {from}'s to share"));
    }
    let unread = |e: serde_json::Error| say!("cannot be understood: {e}");
    let mut body: Value = serde_json::from_str(&record.body).map_err(unread)?;
    if let Some(path) = sort.stranger(&body, from.as_str()) {
        return Err(say!("has the field {path:?}, which bundles do not carry"));
    }
    limits::record(&body)?;
    limits::times(sort, &body, made)?;
    let named = body.get("id").and_then(Value::as_str);
    if named.is_some_and(|id| id != record.id) {
        return Err(say!("names itself otherwise within"));
    }
    for id in sort.references(&body).iter().map(|(_, id)| id).chain([&record.id]) {
        if normalised(id).ok().as_ref() != Some(id) {
            return Err(say!("has the identifier {id:?}, with characters that nobody sees"));
        }
    }
    let senders = |id: &str| owner(id) == Some(from.as_str());
    if let Some(id) = sort.usurped(&body, &senders) {
        return Err(say!("says who holds {id}, which is not {from}'s to say"));
    }
    for (_, id) in sort.references(&body) {
        match owner(&id) {
            Some(code) if code == from.as_str() || code == to.as_str() => {}
            Some(code) => return Err(say!("speaks of {id}, which belongs to {code}")),
            None => return Err(say!("speaks of {id:?} without saying whose it is")),
        }
    }
    if record.kind == DECISION && !sort.references(&body).iter().any(|(_, id)| senders(id)) {
        return Err(say!("is about casings of {to} alone, which is not {from}'s to decide"));
    }
    let local = |id: &str| Ok::<_, Message>(to.localise(id).to_owned());
    sort.rename(&mut body, local)?;
    record.body = body.to_string();
    (sort.understood)(&record.body).map_err(unread)?;
    if record.kind == DECISION {
        record.body = in_order(&record.body)?;
    }
    record.author = from.to_string();
    Ok(())
}

/// A decision names its casings in the order of their names, which are other
/// ones here.
fn in_order(body: &str) -> std::result::Result<String, Message> {
    let told = |e: &dyn std::fmt::Display| Message::foreign(e.to_string());
    let d: Decision = serde_json::from_str(body).map_err(|e| told(&e))?;
    // By a clock, and no mere day: what it refers to was here before.
    d.at.parse::<Timestamp>().map_err(|_| say!("was made at {:?}, no RFC 3339 time", d.at))?;
    let d = Decision::new(d.a, d.b, d.conclusion, d.by, d.agency, d.at).map_err(|e| told(&e))?;
    serde_json::to_string(&d).map_err(|e| told(&e))
}

fn check_template(
    row: &TemplateRow,
    bytes: &[u8],
    mark: Option<&MarkRow>,
) -> std::result::Result<(), Message> {
    let mark = mark.ok_or_else(|| say!("is of a mark that is not in the bundle"))?;
    let template = Template::decode(bytes).map_err(|e: Error| say!("is damaged: {}", e.what))?;
    let said = (row.kind, row.modality, row.recipe);
    let same = said == (mark.kind, mark.modality, mark.recipe)
        && said == (template.kind, template.modality, template.recipe);
    if same { Ok(()) } else { Err(say!("is of another kind or recipe than its mark")) }
}
