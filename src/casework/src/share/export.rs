//! Making a bundle.

use super::agency::AgencyCode;
use super::envelope::{Statement, seal};
use super::fields::{SHARED_KINDS, shared_kind};
use super::history::{Exchange, SENT, exchanges, id_of};
use super::plan::{Evidence, Plan, Records, Refused, Selection, by_kind, plan};
use super::policy::{Agreement, MARK, ORIGINAL, Sharing};
use crate::Register;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use store::{
    Action, Actor, Batch, CASING, CommitNote, Deposit, MarkRow, ScanRow, Snapshot, Store,
    list_confined, write_payload,
};
use tempfile::NamedTempFile;
use types::error::{Error, Kind, Result};
use types::evidence::{CasingId, Digest, MarkId};
use types::message::{Message, say};

/// What to put into a bundle, for whom.
pub struct Order<'a> {
    /// The laboratory's policy.
    pub sharing: &'a Sharing,
    /// The receiver's code.
    pub to: &'a AgencyCode,
    /// What is meant.
    pub selection: &'a Selection,
    /// Whether scan files go as received.
    pub originals: bool,
    /// The number of the last bundle that the receiver has, where this store
    /// does not know (it was restored from a backup).
    pub after: u64,
    /// The laboratory's private key (PEM).
    pub key: &'a str,
    /// This program's file, for the confined child that reads the bundle as
    /// its receiver will.
    pub program: &'a Path,
}

/// What a bundle was made of.
#[derive(Debug, Serialize)]
pub struct Exported {
    /// What was signed.
    pub statement: Statement,
    /// What was chosen and does not go.
    pub refused: Vec<Refused>,
}

/// Makes the bundle `out` and records in the store what went to whom.
///
/// # Errors
/// [`Kind::BadInput`] if nothing that was chosen may go, [`Kind::NotFound`]
/// for a receiver or evidence that is not there, [`Kind::TooLarge`] if a
/// receiver would not take it; then there is no bundle.
pub fn export(store: &Store, out: &Path, order: &Order, note: &CommitNote) -> Result<Exported> {
    let Order { sharing, to, .. } = order;
    let own = &sharing.agency;
    let agreement = agreement(sharing, to)?;
    // From here to the end nobody else gives the same number.
    let mut writer = store.writer(&Actor::here(note.who.clone()))?;
    let snapshot = store.snapshot()?;
    let mut plan = planned(&snapshot, sharing, to, order.selection)?;
    if order.originals && !agreement.allows(ORIGINAL) {
        let why = say!("the agreement with {to} has no {ORIGINAL}");
        plan.refused.push(Refused { what: "files as received".into(), why });
    }
    let mut packing = Packing::new(own, &snapshot);
    packing.records(&plan)?;
    if agreement.allows(MARK) {
        packing.marks(&plan, order.originals && agreement.allows(ORIGINAL))?;
        plan.left_out.entry("scan".into()).or_default().insert("file_name".into());
    } else {
        plan.left_out.insert(MARK.into(), ["*".to_owned()].into());
    }
    let folder = out.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let draft =
        || NamedTempFile::new_in(folder).map_err(|e| Error::io(say!("writing"), folder, &e));
    let payload = draft()?;
    let values = |id: &MarkId| Ok(snapshot.mark(&MarkId::new(own.localise(id.as_str()))?)?.values);
    let Packing { batch, marks, holds, files, .. } = packing;
    let (bytes, sha256) = write_payload(payload.path(), batch, marks, &values)?;
    drop(files);
    list_confined(order.program, payload.path()).map_err(|e| {
        Error::new(Kind::TooLarge, say!("no receiver would take this bundle: {}", e.what))
            .advise(say!("make several smaller ones, by case or state"))
    })?;
    let sent = exchanges(&snapshot, SENT)?;
    let last = sent.iter().filter(|(_, s)| s.to == **to).map(|(_, s)| s.number).max();
    let (format, version) = Statement::stamp();
    let statement = Statement {
        format,
        version,
        from: own.clone(),
        to: (*to).clone(),
        number: last.unwrap_or(0).max(order.after) + 1,
        when: note.when.clone(),
        ledger_seq: snapshot.seq(),
        ledger_head: snapshot.head(),
        bytes,
        sha256,
        holds,
        left_out: plan.left_out,
    };
    let mut bundle = draft()?;
    let signed = seal(&statement, order.key, payload.path(), &mut bundle)?;
    bundle.as_file().sync_all().map_err(|e| Error::io(say!("writing"), out, &e))?;
    // Recorded first: what is in the ledger may have gone, what is not cannot.
    let names = plan.going.keys().map(|(kind, id)| format!("{kind}/{id}")).collect();
    let (batch, subjects) = account(SENT, to, &statement, signed, names, &note.who)?;
    writer.exchange(batch, Action::Share, subjects, note)?;
    bundle.persist(out).map_err(|e| Error::io(say!("writing"), out, &e.error))?;
    Ok(Exported { statement, refused: plan.refused })
}

/// What would go to an agency and what would stay.
#[derive(Debug)]
pub struct Foreseen {
    /// Identifiers of what goes, by kind.
    pub going: BTreeMap<&'static str, Vec<String>>,
    /// By kind, the fields that are there and stay; `*` where the kind as a whole does.
    pub left_out: BTreeMap<String, BTreeSet<String>>,
    /// What was chosen and does not go.
    pub refused: Vec<Refused>,
}

/// What [`export`] would put into a bundle now; nothing is made or recorded.
///
/// # Errors
/// As [`export`], as far as they do not arise from writing.
pub fn foresee(
    snapshot: &Snapshot,
    sharing: &Sharing,
    to: &AgencyCode,
    selection: &Selection,
) -> Result<Foreseen> {
    let agreement = agreement(sharing, to)?;
    let Plan { going, mut left_out, refused } = planned(snapshot, sharing, to, selection)?;
    if !agreement.allows(MARK) {
        left_out.insert(MARK.into(), ["*".to_owned()].into());
    }
    let mut named: BTreeMap<&'static str, Vec<String>> = BTreeMap::new();
    for (kind, id) in going.into_keys() {
        named.entry(kind).or_default().push(id);
    }
    Ok(Foreseen { going: named, left_out, refused })
}

fn agreement<'s>(sharing: &'s Sharing, to: &AgencyCode) -> Result<&'s Agreement> {
    sharing.partner(to.as_str())?.receives.as_ref().ok_or_else(|| {
        let what = say!("the sharing policy has no agreement with {to}: it receives nothing");
        Error::new(Kind::BadInput, what)
            .advise(say!("an agreement is the table [partner.receives]"))
    })
}

fn planned(
    snapshot: &Snapshot,
    sharing: &Sharing,
    to: &AgencyCode,
    selection: &Selection,
) -> Result<Plan> {
    let (own, agreement) = (&sharing.agency, agreement(sharing, to)?);
    let mut records = Records::new();
    for sort in SHARED_KINDS {
        by_kind(sort.kind, snapshot.records(sort.kind)?, &mut records)?;
    }
    let (register, linking) = (Register::read(snapshot)?, snapshot.linking()?.unwrap_or_default());
    let evidence = Evidence { records: &records, register: &register, linking: &linking };
    plan(&evidence, selection, own, to, agreement)
}

/// The record of an exchange with `partner`, and what the ledger says it is
/// about.
pub fn account(
    kind: &str,
    partner: &AgencyCode,
    statement: &Statement,
    signed: Deposit,
    records: Vec<String>,
    who: &str,
) -> Result<(Batch, Vec<String>)> {
    let id = id_of(partner, statement.number);
    let mut subjects = vec![format!("agency/{partner}"), format!("bundle/{id}")];
    subjects.extend(records.iter().filter(|r| r.starts_with("casing/")).cloned());
    let body = serde_json::to_string(&Exchange { signed, records })
        .map_err(|e| Error::new(Kind::Internal, say!("no JSON could be made: {e}")).because(&e))?;
    let mut batch = Batch::default();
    batch.add_record(kind, id, body, who, "");
    Ok((batch, subjects))
}

/// The evidence as it goes, under its names for others.
struct Packing<'a> {
    own: &'a AgencyCode,
    snapshot: &'a Snapshot,
    batch: Batch,
    marks: Vec<MarkRow>,
    /// How much of what.
    holds: BTreeMap<String, u64>,
    /// Scan files on their way; removed when dropped.
    files: Vec<tempfile::TempPath>,
}

impl<'a> Packing<'a> {
    fn new(own: &'a AgencyCode, snapshot: &'a Snapshot) -> Self {
        let (marks, holds, files) = (Vec::new(), BTreeMap::new(), Vec::new());
        Self { own, snapshot, batch: Batch::default(), marks, holds, files }
    }

    fn count(&mut self, what: &str) {
        *self.holds.entry(what.to_owned()).or_default() += 1;
    }

    fn records(&mut self, plan: &Plan) -> Result<()> {
        for ((kind, id), body) in &plan.going {
            let mut body = body.clone();
            if let Some(sort) = shared_kind(kind) {
                sort.rename(&mut body, |id| self.own.qualify(id))?;
            }
            self.count(kind);
            let id = self.own.qualify(id)?;
            self.batch.add_record(*kind, id, body.to_string(), self.own.as_str(), "");
        }
        Ok(())
    }

    fn marks(&mut self, plan: &Plan, originals: bool) -> Result<()> {
        let goes = |casing: &CasingId| plan.going.contains_key(&(CASING, casing.to_string()));
        let marks: Vec<MarkRow> =
            self.snapshot.marks()?.into_iter().filter(|m| goes(&m.casing)).collect();
        let shown: BTreeMap<Digest, CasingId> =
            marks.iter().map(|m| (m.scan, m.casing.clone())).collect();
        for scan in self.snapshot.scans()? {
            if let Some(casing) = shown.get(&scan.sha256) {
                let casing = CasingId::new(self.own.qualify(casing.as_str())?)?;
                let warnings = scan.warnings.iter().map(Message::in_english).collect();
                let scan = ScanRow { casing, file_name: String::new(), warnings, ..scan };
                self.scan(scan, originals)?;
            }
        }
        let recipes: BTreeSet<Digest> = marks.iter().map(|m| m.recipe).collect();
        for recipe in &recipes {
            if let Some(text) = self.snapshot.recipe(recipe)? {
                self.batch.add_recipe(text);
            }
        }
        let mut populations: Vec<_> =
            marks.iter().map(|m| (m.kind, m.modality, m.recipe)).collect();
        populations.sort();
        populations.dedup();
        let ids: BTreeSet<&MarkId> = marks.iter().map(|m| &m.id).collect();
        for (kind, modality, recipe) in populations {
            let mut found = Vec::new();
            self.snapshot.visit_templates(kind, modality, &recipe, |mark, bytes| {
                if ids.contains(&mark) {
                    found.push((mark, bytes.to_vec()));
                }
            })?;
            for (mark, bytes) in found {
                let mark = MarkId::new(self.own.qualify(mark.as_str())?)?;
                let row = store::TemplateRow { mark, kind, modality, recipe };
                self.batch.add_template(row, bytes);
                self.count("template");
            }
        }
        for mark in marks {
            let id = MarkId::new(self.own.qualify(mark.id.as_str())?)?;
            let casing = CasingId::new(self.own.qualify(mark.casing.as_str())?)?;
            let mut quality = mark.quality.clone();
            quality.reasons = quality.reasons.iter().map(Message::in_english).collect();
            self.marks.push(MarkRow { id, casing, quality, ..mark });
            self.count(MARK);
        }
        Ok(())
    }

    fn scan(&mut self, shared: ScanRow, original: bool) -> Result<()> {
        self.count("scan");
        if !original || !shared.is_held() {
            self.batch.add_scan_facts(shared);
            return Ok(());
        }
        let io = |e: std::io::Error| Error::io(say!("copying a scan"), Path::new("-"), &e);
        let mut file = NamedTempFile::new().map_err(io)?;
        self.snapshot.original(&shared.sha256, &mut file)?;
        let path = file.into_temp_path();
        self.batch.add_scan(shared, PathBuf::from(&*path));
        self.files.push(path);
        self.count(ORIGINAL);
        Ok(())
    }
}
