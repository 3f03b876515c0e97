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
use super::history::RECEIVED;
use super::limits;
use super::policy::Sharing;
use super::standing::{Standing, not_ones_own, not_too_early, standing};
use imaging::acquire::{ReadOptions, read_scan_bytes};
use imaging::extract::Template;
use imaging::prepare::area_and_rms;
use jiff::Timestamp;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::path::Path;
use store::{
    Action, Actor, Batch, CASING, CommitNote, MarkRow, Payload, ScanRow, Snapshot, Store,
    TemplateRow, Writer, list_confined,
};
use tempfile::NamedTempFile;
use types::error::{Error, Kind, Result};
use types::evidence::{CasingId, Claim, Digest, SAME_SCAN};
use types::mark::{PreparedMark, Verdict};
use types::message::{Message, say};

/// Marks committed at once, which bounds the memory an import needs.
const AT_ONCE: usize = 256;

types::coded!(mod remarks: Vec<Message> as remarks and coded_remarks);

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
    #[serde(flatten, with = "remarks")]
    pub remarks: Vec<Message>,
}

/// Who takes a bundle over: its policy, and its program.
pub struct Receiver<'a> {
    /// The laboratory's policy.
    pub sharing: &'a Sharing,
    /// This program's file, for the confined child.
    pub program: &'a Path,
}

/// The head of a bundle of a known partner, verified.
///
/// # Errors
/// [`types::error::Kind::Damaged`] or [`types::error::Kind::NotFound`] if it is not one.
pub fn verified(path: &Path, sharing: &Sharing) -> Result<Envelope> {
    let envelope = Envelope::read(path)?;
    let partner = sharing.partner(envelope.statement.from.as_str()).map_err(|e| e.at(path))?;
    envelope.verify(&partner.public_key).map_err(|e| e.at(path))?;
    Ok(envelope)
}

/// Takes over the bundle at `path`.
///
/// # Errors
/// [`types::error::Kind::Damaged`] and others, saying which of the checks refused it.
pub fn import(
    store: &Store,
    path: &Path,
    receiver: &Receiver,
    note: &CommitNote,
) -> Result<Imported> {
    let envelope = verified(path, receiver.sharing)?;
    let statement = &envelope.statement;
    let own = &receiver.sharing.agency;
    if statement.to != *own {
        let what = say!("the bundle was made for {}, not for {own}", statement.to);
        return Err(refused(what).at(path));
    }
    let mut imported = Imported {
        statement: statement.clone(),
        known: false,
        added: BTreeMap::new(),
        remarks: Vec::new(),
    };
    let now = note.when.parse().unwrap_or(Timestamp::MAX);
    limits::moment(say!("its time of making"), &statement.when, now)
        .map_err(|why| refused(say!("the bundle {why}")).at(path))?;
    let mut writer = store.writer(&Actor::here(note.who.clone()))?;
    let snapshot = store.snapshot()?;
    match standing(&snapshot, statement).map_err(|e| e.at(path))? {
        Standing::Known => return Ok(Imported { known: true, ..imported }),
        Standing::New { missed: 0 } => {}
        Standing::New { missed } => imported.remarks.push(say!(
            "{missed} earlier bundles of {} were not taken over and cannot be any more",
            statement.from
        )),
    }
    let folder = store.root().join("tmp");
    let io = |e: std::io::Error| Error::io(say!("copying the bundle"), &folder, &e);
    let mut copy = NamedTempFile::new_in(&folder).map_err(io)?;
    envelope.unpack(path, &mut copy)?;
    let unsound = |e: Error| refused(say!("the bundle's content: {}", e.what)).at(path);
    list_confined(receiver.program, copy.path()).map_err(unsound)?;
    let payload = Payload::open(copy.path()).map_err(unsound)?;
    let content = Content::read(&payload, statement).map_err(|e| e.at(path))?;
    not_ones_own(&snapshot, &content, statement).map_err(|e| e.at(path))?;
    not_too_early(&snapshot, &content).map_err(|e| e.at(path))?;
    let mut taking = Taking { payload: &payload, note, imported };
    taking.all(&snapshot, &mut writer, content, &envelope)?;
    Ok(taking.imported)
}

struct Taking<'a> {
    payload: &'a Payload,
    note: &'a CommitNote,
    imported: Imported,
}

impl Taking<'_> {
    /// What the scans measured whose files come with the bundle, by the digests
    /// of the files, where casings were withheld that they might be packed anew
    /// from.
    fn surfaces(&self, snapshot: &Snapshot, scans: &[ScanRow]) -> Result<BTreeMap<Digest, Digest>> {
        let mut surfaces = BTreeMap::new();
        if snapshot.withheld().iter().all(|w| w.surfaces.is_empty()) {
            return Ok(surfaces);
        }
        for scan in scans.iter().filter(|scan| scan.is_held()) {
            let mut bytes = Vec::new();
            self.payload.original(&scan.sha256, &mut bytes)?;
            let plain = ReadOptions::default();
            let stated = ReadOptions { pixel_size: Some(scan.pitch_x), ..plain };
            let read =
                read_scan_bytes(&bytes, &plain).or_else(|_| read_scan_bytes(&bytes, &stated));
            // A file that cannot be read is known by its bytes alone.
            if let Ok(read) = read {
                surfaces.insert(scan.sha256, read.surface.digest());
            }
        }
        Ok(surfaces)
    }

    fn all(
        &mut self,
        snapshot: &Snapshot,
        writer: &mut Writer,
        content: Content,
        envelope: &Envelope,
    ) -> Result<()> {
        let Content { mut records, mut scans, mut marks, templates, recipes } = content;
        let surfaces = self.surfaces(snapshot, &scans)?;
        let barred = |casing: &str, sha256: Option<&Digest>| {
            let surface = sha256.and_then(|sha256| surfaces.get(sha256));
            let by = |w: &store::Withheld| {
                w.casing == casing
                    || w.scans.iter().any(|s| Some(s) == sha256)
                    || w.surfaces.iter().any(|s| Some(s) == surface)
            };
            snapshot.withheld().iter().any(by)
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
            let what = say!("casing {casing} was sealed or expunged here and stays so");
            self.imported.remarks.push(what);
        }
        records.retain(|r| r.kind != CASING || !withheld.contains(&r.id));
        scans.retain(|s| !withheld.contains(s.casing.as_str()));
        marks.retain(|m| !withheld.contains(m.casing.as_str()));
        let same = self.joined(snapshot, &mut scans, &mut marks, envelope)?;
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
        batch.add_records_of(same);
        // Kept until the last commit has copied them.
        let mut files = Vec::new();
        for scan in scans {
            if !scan.is_held() {
                batch.add_scan_facts(scan);
                continue;
            }
            let io = |e: std::io::Error| Error::io(say!("copying a scan"), Path::new("-"), &e);
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
                let made = self.mark(mark)?;
                if let Some(theirs) = templates.get(mark.id.as_str()) {
                    self.template(mark, &made, theirs, &mut batch);
                }
                batch.add_mark(mark.id.clone(), mark.casing.clone(), mark.scan, made);
            }
        }
        // Said with the last of it: an import that was interrupted is begun
        // again, and what is there already is known.
        batch.add_records_of(last);
        self.commit(writer, batch, &subjects)
    }

    /// Takes out of what comes the scans that are here already as those of
    /// another casing, with their marks: one acquisition under two names would
    /// be found to match itself. That they are the same is kept.
    fn joined(
        &mut self,
        snapshot: &Snapshot,
        scans: &mut Vec<ScanRow>,
        marks: &mut Vec<MarkRow>,
        envelope: &Envelope,
    ) -> Result<Batch> {
        let mut known: BTreeMap<Digest, CasingId> = BTreeMap::new();
        let mut batch = Batch::default();
        let from = &envelope.statement.from;
        for scan in scans.iter() {
            let here = snapshot.scan_by_digest(&scan.sha256)?.map(|here| here.casing);
            let Some(here) = here.filter(|here| *here != scan.casing) else { continue };
            self.imported.remarks.push(say!(
                "the scan that {from} has as casing {} is here already, as casing {here}: \
                 the two are one, and its marks are compared once, as those of {here}",
                scan.casing
            ));
            let claim = Claim {
                by: from.to_string(),
                kind: CASING.to_owned(),
                record: scan.casing.to_string(),
                field: SAME_SCAN.to_owned(),
                about_kind: CASING.to_owned(),
                about: here.to_string(),
            };
            let body = serde_json::to_string(&claim).map_err(|e| {
                Error::new(Kind::Internal, say!("no JSON could be made: {e}")).because(&e)
            })?;
            let id = format!("{}/{}", scan.sha256, scan.casing);
            let reason = format!("bundle {} of {from}", envelope.statement.number);
            batch.add_record(SAME_SCAN, id, body, &self.note.who, &reason);
            known.insert(scan.sha256, here);
        }
        scans.retain(|scan| !known.contains_key(&scan.sha256));
        marks.retain(|mark| !known.contains_key(&mark.scan));
        Ok(batch)
    }

    /// A mark as its values have it: area and roughness are theirs, whatever
    /// the sender says.
    fn mark(&self, row: &MarkRow) -> Result<PreparedMark> {
        let values = self.payload.values(row)?;
        let mut quality = row.quality.clone();
        (quality.area_mm2, quality.rms) = area_and_rms(&values, row.pitch);
        Ok(PreparedMark {
            kind: row.kind,
            modality: row.modality,
            pitch: row.pitch,
            values,
            scan_from_mark: row.scan_from_mark,
            recipe: row.recipe,
            quality,
        })
    }

    /// Makes a mark's template anew, so that what is compared is what is
    /// shown; says so where the sender's was another one.
    fn template(&mut self, row: &MarkRow, mark: &PreparedMark, theirs: &Digest, batch: &mut Batch) {
        if mark.quality.verdict == Verdict::Unusable {
            let what = say!("mark {} is unusable and is not compared", row.id);
            return self.imported.remarks.push(what);
        }
        let bytes = match Template::new(mark) {
            Ok(template) => template.encode(),
            Err(e) => {
                let what = say!("mark {} is not compared here: {}", row.id, e.what);
                return self.imported.remarks.push(what);
            }
        };
        if Digest::of(&bytes) != *theirs {
            self.imported.remarks.push(say!(
                "the template that came with mark {} is not what its values give; it was made anew",
                row.id
            ));
        }
        let about = TemplateRow {
            mark: row.id.clone(),
            kind: row.kind,
            modality: row.modality,
            recipe: row.recipe,
        };
        batch.add_template(about, bytes);
    }

    fn commit(&mut self, writer: &mut Writer, batch: Batch, subjects: &[String]) -> Result<()> {
        let receipt = writer.exchange(batch, Action::Receive, subjects.to_vec(), self.note)?;
        for (table, rows) in receipt.added {
            *self.imported.added.entry(table).or_default() += rows;
        }
        Ok(())
    }
}
