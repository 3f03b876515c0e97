//! Taking a bundle over.
//!
//! In this order, and the store is as before if any step refuses: the head's
//! form; the sender's key and signature; the receiver and the number; length
//! and digest of the rest, which is copied into the store's own folder; a
//! confined child reads that copy; everything in it is checked against what
//! the sender may say. Only then is anything written.

use super::check::Content;
use super::envelope::{Envelope, Statement, refused};
use super::export::account;
use super::history::{RECEIVED, exchanges};
use super::policy::Sharing;
use crate::error::{Error, Result};
use crate::prepare::PreparedMark;
use crate::store::{
    Action, Actor, Batch, CASING, CommitNote, MarkRow, Payload, Snapshot, Store, Writer,
    list_confined,
};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::path::Path;
use tempfile::NamedTempFile;

/// Marks committed at once, which bounds the memory an import needs.
const AT_ONCE: usize = 256;

/// What became of a bundle.
#[derive(Debug, Serialize)]
pub struct Imported {
    /// What the sender stated.
    pub statement: Statement,
    /// Whether it was taken over before; then nothing was changed.
    pub known: bool,
    /// Rows added to the store, by table.
    pub added: BTreeMap<String, u64>,
    /// What a person should know.
    pub remarks: Vec<String>,
}

/// What an import takes.
pub struct Desk<'a> {
    /// The laboratory's policy.
    pub sharing: &'a Sharing,
    /// This program's file, for the confined child.
    pub program: &'a Path,
}

/// The head of a bundle of a known partner, verified.
///
/// # Errors
/// [`crate::error::Kind::Damaged`] or [`crate::error::Kind::NotFound`] if it is not one.
pub fn verified(path: &Path, sharing: &Sharing) -> Result<Envelope> {
    let envelope = Envelope::read(path)?;
    let partner = sharing.partner(envelope.statement.from.as_str()).map_err(|e| e.at(path))?;
    envelope.verify(&partner.public_key).map_err(|e| e.at(path))?;
    Ok(envelope)
}

/// Takes over the bundle at `path`.
///
/// # Errors
/// [`crate::error::Kind::Damaged`] and others, saying which of the checks refused it.
pub fn import(store: &Store, path: &Path, desk: &Desk, note: &CommitNote) -> Result<Imported> {
    let envelope = verified(path, desk.sharing)?;
    let statement = &envelope.statement;
    let own = &desk.sharing.agency;
    if statement.to != *own {
        let what = format!("the bundle was made for {}, not for {own}", statement.to);
        return Err(refused(what).at(path));
    }
    let mut imported = Imported {
        statement: statement.clone(),
        known: false,
        added: BTreeMap::new(),
        remarks: Vec::new(),
    };
    let mut writer = store.writer(&Actor::here(note.who.clone()))?;
    let snapshot = store.snapshot()?;
    match standing(&snapshot, statement).map_err(|e| e.at(path))? {
        Standing::Known => return Ok(Imported { known: true, ..imported }),
        Standing::New { missed: 0 } => {}
        Standing::New { missed } => imported.remarks.push(format!(
            "{missed} earlier bundles of {} were not taken over and cannot be any more",
            statement.from
        )),
    }
    let folder = store.root().join("tmp");
    let io = |e: std::io::Error| Error::io("copying the bundle", &folder, &e);
    let mut copy = NamedTempFile::new_in(&folder).map_err(io)?;
    envelope.unpack(path, &mut copy)?;
    let unsound = |e: Error| refused(format!("the bundle's content: {}", e.what)).at(path);
    list_confined(desk.program, copy.path()).map_err(unsound)?;
    let payload = Payload::open(copy.path()).map_err(unsound)?;
    let content = Content::read(&payload, statement).map_err(|e| e.at(path))?;
    not_ones_own(&snapshot, &content, statement).map_err(|e| e.at(path))?;
    let mut taking = Taking { payload: &payload, note, imported };
    taking.all(&snapshot, &mut writer, content, &envelope)?;
    Ok(taking.imported)
}

/// How a bundle stands to those taken over before.
enum Standing {
    Known,
    New { missed: u64 },
}

fn standing(snapshot: &Snapshot, statement: &Statement) -> Result<Standing> {
    let Statement { from, number, .. } = statement;
    let received = exchanges(snapshot, RECEIVED)?;
    let mut of_sender = received.iter().map(|(_, s)| s).filter(|s| s.from == *from);
    if of_sender.clone().any(|s| s == statement) {
        return Ok(Standing::Known);
    }
    let last = of_sender.clone().map(|s| s.number).max().unwrap_or(0);
    if let Some(other) = of_sender.find(|s| s.number == *number) {
        let what = format!(
            "{from} has made two bundles with number {number}, on {} and {}: its store was set \
             back in between, or copied",
            other.when, statement.when
        );
        let advice = format!("ask {from} for a new one: brasslink bundle export --after {last}");
        return Err(Error { advice: Some(advice), ..refused(what) });
    }
    if *number <= last {
        let what = format!(
            "the bundle is number {number} of {from}, of which number {last} was taken over \
             already; an older one could bring back what was withdrawn"
        );
        return Err(refused(what));
    }
    Ok(Standing::New { missed: number - last - 1 })
}

/// Refuses what would go on with a record that this laboratory itself wrote
/// under a name that looks like the sender's.
fn not_ones_own(snapshot: &Snapshot, content: &Content, statement: &Statement) -> Result<()> {
    let kinds: BTreeSet<&str> = content.records.iter().map(|r| r.kind.as_str()).collect();
    for kind in kinds {
        let ids: BTreeSet<&String> =
            content.records.iter().filter(|r| r.kind == kind).map(|r| &r.id).collect();
        for known in snapshot.records(kind)?.iter().filter(|r| ids.contains(&r.id)) {
            let first = snapshot.versions(kind, &known.id)?.into_iter().next();
            if first.is_some_and(|first| first.author != statement.from.as_str()) {
                let what = format!("this store has its own {kind} {}", known.id);
                return Err(refused(what).advise("rename it here before taking the bundle over"));
            }
        }
    }
    Ok(())
}

struct Taking<'a> {
    payload: &'a Payload,
    note: &'a CommitNote,
    imported: Imported,
}

impl Taking<'_> {
    fn all(
        &mut self,
        snapshot: &Snapshot,
        writer: &mut Writer,
        content: Content,
        envelope: &Envelope,
    ) -> Result<()> {
        let Content { mut records, mut scans, mut marks, mut templates, recipes } = content;
        let barred = |casing: &str, sha256| {
            let by = |w: &&crate::store::Withheld| {
                w.casing == casing || w.scans.iter().any(|s| Some(s) == sha256)
            };
            snapshot.withheld().iter().any(|w| by(&w))
        };
        let withheld: BTreeSet<String> = scans
            .iter()
            .filter(|s| barred(s.casing.as_str(), Some(&s.sha256)))
            .map(|s| s.casing.to_string())
            .chain(
                records
                    .iter()
                    .filter(|r| r.kind == CASING && barred(&r.id, None))
                    .map(|r| r.id.clone()),
            )
            .collect();
        for casing in &withheld {
            let what = format!("casing {casing} was sealed or expunged here and stays so");
            self.imported.remarks.push(what);
        }
        records.retain(|r| r.kind != CASING || !withheld.contains(&r.id));
        scans.retain(|s| !withheld.contains(s.casing.as_str()));
        marks.retain(|m| !withheld.contains(m.casing.as_str()));
        let statement = &envelope.statement;
        let names = records.iter().map(|r| format!("{}/{}", r.kind, r.id)).collect();
        let signed = envelope.deposit().clone();
        let (last, subjects) =
            account(RECEIVED, &statement.from, statement, signed, names, &self.note.who)?;
        let reason = format!("bundle {} of {}", statement.number, statement.from);
        let mut batch = Batch::default();
        recipes.into_iter().for_each(|text| _ = batch.add_recipe(text));
        for r in records {
            batch.add_record(r.kind, r.id, r.body, r.author, &reason);
        }
        // Kept until the last commit has copied them.
        let mut files = Vec::new();
        for scan in scans {
            if !scan.is_held() {
                batch.add_scan_facts(scan);
                continue;
            }
            let io = |e: std::io::Error| Error::io("copying a scan", Path::new("-"), &e);
            let mut file = NamedTempFile::new().map_err(io)?;
            self.payload.original(&scan.sha256, &mut file)?;
            file.flush().map_err(io)?;
            let path = file.into_temp_path();
            batch.add_scan(scan, &*path);
            files.push(path);
        }
        for (n, part) in marks.chunks(AT_ONCE).enumerate() {
            if n > 0 {
                self.commit(writer, std::mem::take(&mut batch), &subjects)?;
            }
            for mark in part {
                batch.add_mark(mark.id.clone(), mark.casing.clone(), mark.scan, self.mark(mark)?);
                for (row, bytes) in templates.remove(mark.id.as_str()).unwrap_or_default() {
                    batch.add_template(row, bytes);
                }
            }
        }
        // Said with the last of it: an import that was interrupted is begun
        // again, and what is there already is known.
        batch.add_records_of(last);
        self.commit(writer, batch, &subjects)
    }

    fn mark(&self, row: &MarkRow) -> Result<PreparedMark> {
        Ok(PreparedMark {
            kind: row.kind,
            modality: row.modality,
            pitch: row.pitch,
            values: self.payload.values(row)?,
            scan_from_mark: row.scan_from_mark,
            recipe: row.recipe,
            quality: row.quality.clone(),
        })
    }

    fn commit(&mut self, writer: &mut Writer, batch: Batch, subjects: &[String]) -> Result<()> {
        let receipt = writer.exchange(batch, Action::Receive, subjects.to_vec(), self.note)?;
        for (table, rows) in receipt.added {
            *self.imported.added.entry(table).or_default() += rows;
        }
        Ok(())
    }
}
