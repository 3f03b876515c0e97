//! Writing: commits, one after the other, each visible as a whole or not at
//! all.
//!
//! A change (1) writes its segments under `tmp/`, makes them durable and
//! renames them into `segments/`, (2) appends its entry to the ledger, (3)
//! replaces the manifest. Only the last step makes it exist: a process that
//! dies before leaves files that no manifest names, which the next writer puts
//! into `quarantine/`.

mod leftovers;
mod segments;
mod tables;

pub use leftovers::{strangers, unused_name};
pub use segments::{mark_values, originals, packed};
pub use tables::TableSet;

use super::Store;
use super::batch::Batch;
use super::disk::Disk;
use super::known::Known;
use super::ledger::{self, Action, Entry, Ledger};
use super::lock::{Actor, Lock, ReadLock};
use super::manifest::{self, FORMAT_VERSION, Manifest, Segment, Withheld};
use super::rows::CommitNote;
use super::{frame, view};
use crate::error::{Error, Kind, Result};
use crate::evidence::Digest;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Templates start at multiples of this within their dataset, so that a mapped
/// segment can be read as numbers.
pub const TEMPLATE_ALIGNMENT: usize = 64;

/// Rows per table of one commit.
pub type Counts = BTreeMap<String, u64>;

/// What a commit did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// The number of its ledger entry; that of the last one if nothing was new.
    pub seq: u64,
    /// The hash that vouches for the whole store after it.
    pub head: Digest,
    /// How many rows of which kind were added; empty if nothing was new.
    pub added: Counts,
}

/// What a ledger entry will say besides who and when.
pub struct Change {
    pub action: Action,
    pub reason: Option<String>,
    pub subjects: Vec<String>,
    pub added: Counts,
    pub segments: Vec<Segment>,
    pub retired: Vec<String>,
    /// The tombstones from now on, if they change.
    pub withheld: Option<Vec<Withheld>>,
}

impl Change {
    /// A change of sort `action` that does nothing yet.
    pub fn of(action: Action) -> Self {
        Self {
            action,
            reason: None,
            subjects: Vec::new(),
            added: Counts::new(),
            segments: Vec::new(),
            retired: Vec::new(),
            withheld: None,
        }
    }
}

/// The only writer of a store; releases the lock when dropped.
pub struct Writer<'a> {
    pub(super) store: &'a Store,
    lock: Lock,
    /// What is on disk; `None` after a failure, until it is read again.
    manifest: Option<Manifest>,
    known: Option<Known>,
    wrote: bool,
}

impl<'a> Writer<'a> {
    /// Takes the lock and puts the store in order.
    ///
    /// # Errors
    /// [`Kind::Store`] if the store is of an older format version.
    pub(super) fn open(store: &'a Store, who: &Actor) -> Result<Self> {
        let mut writer = Self::open_any(store, who)?;
        if writer.manifest()?.version == FORMAT_VERSION {
            return Ok(writer);
        }
        Err(Error::new(Kind::Store, "the store is of an older format version")
            .at(&store.root)
            .advise("it can be read as it is; to write to it, run `brasslink store migrate` first"))
    }

    /// As [`Writer::open`], whatever the format version.
    pub(super) fn open_any(store: &'a Store, who: &Actor) -> Result<Self> {
        let lock = Lock::take(&store.root.join("lock"), who)?;
        let manifest = Manifest::read(&store.root)?;
        let ledger = Ledger::read(&store.root, &manifest)?;
        let mut this = Self { store, lock, manifest: Some(manifest), known: None, wrote: false };
        this.put_in_order(&ledger)?;
        this.wrote = !view::is_fresh(&store.root);
        Ok(this)
    }

    /// The writer that ended without releasing its lock, if there was one.
    pub fn stale(&self) -> Option<&Actor> {
        self.lock.stale.as_ref()
    }

    /// What is on disk.
    pub(super) fn manifest(&mut self) -> Result<&Manifest> {
        let manifest = match self.manifest.take() {
            Some(manifest) => manifest,
            None => Manifest::read(&self.store.root)?,
        };
        Ok(self.manifest.insert(manifest))
    }

    fn disk(&self) -> &Disk {
        &self.store.disk
    }

    /// Makes everything new in `batch` visible at once. When it returns, the
    /// commit is on disk; if it fails, the store is as before.
    ///
    /// # Errors
    /// [`Kind::BadInput`] for a file that changed since it was scanned, a name
    /// too long for its column or evidence that was sealed or expunged;
    /// [`Kind::Io`] if the disk refuses.
    pub fn commit(&mut self, batch: Batch, note: &CommitNote) -> Result<Receipt> {
        let receipt = self.add(batch, note, Change::of(Action::Commit))?;
        if !receipt.added.is_empty() {
            // Upkeep: the commit stands whatever becomes of it, and what
            // cannot be merged now is merged after a later commit.
            let _merged = self.merge_what_is_due(note);
        }
        Ok(receipt)
    }

    /// Commits corrections: new versions of records, for `reason`.
    ///
    /// # Errors
    /// As [`Writer::commit`].
    pub fn amend(&mut self, batch: Batch, note: &CommitNote, reason: &str) -> Result<Receipt> {
        let subjects = batch.records.iter().map(|r| format!("{}/{}", r.kind, r.id)).collect();
        let reason = Some(reason.to_owned());
        self.add(batch, note, Change { reason, subjects, ..Change::of(Action::Amend) })
    }

    /// Commits what was given to another agency or taken over from one, about
    /// `subjects`.
    ///
    /// # Errors
    /// As [`Writer::commit`].
    pub fn exchange(
        &mut self,
        batch: Batch,
        action: Action,
        subjects: Vec<String>,
        note: &CommitNote,
    ) -> Result<Receipt> {
        self.add(batch, note, Change { subjects, ..Change::of(action) })
    }

    fn add(&mut self, mut batch: Batch, note: &CommitNote, change: Change) -> Result<Receipt> {
        self.refuse_withheld(&batch)?;
        // Taken out, so that after a failure it is read again from the disk.
        let mut known = match self.known.take() {
            Some(known) => known,
            None => Known::read(&self.store.snapshot()?)?,
        };
        known.sift(&mut batch)?;
        let Manifest { seq, head, .. } = *self.manifest()?;
        if batch.is_empty() {
            self.known = Some(known);
            return Ok(Receipt { seq, head, added: Counts::new() });
        }
        let (segments, added) = self.write_segments("segments", seq + 1, &batch)?;
        let receipt = self.publish(Change { added, segments, ..change }, note)?;
        self.known = Some(known);
        Ok(receipt)
    }

    fn refuse_withheld(&mut self, batch: &Batch) -> Result<()> {
        let withheld = &self.manifest()?.withheld;
        let casings = batch.casings.iter().chain(&batch.records).map(|r| (r.kind.as_str(), &r.id));
        for w in withheld {
            let scans = batch
                .scans
                .iter()
                .any(|(s, _)| w.scans.contains(&s.sha256) || s.casing.as_str() == w.casing);
            let record = casings.clone().any(|(kind, id)| kind == super::CASING && *id == w.casing);
            if scans || record {
                return Err(w.refusal());
            }
        }
        Ok(())
    }

    /// Appends the ledger's entry of a change and replaces the manifest: from
    /// then on the change exists.
    pub(super) fn publish(&mut self, change: Change, note: &CommitNote) -> Result<Receipt> {
        self.manifest()?;
        // Taken out, so that after a failure it is read again from the disk.
        let Some(mut manifest) = self.manifest.take() else {
            return Err(Error::new(Kind::Internal, "the manifest was not read"));
        };
        manifest.seq += 1;
        manifest.version = FORMAT_VERSION;
        manifest.apply(&change.segments, &change.retired);
        if let Some(withheld) = &change.withheld {
            manifest.withheld.clone_from(withheld);
        }
        let entry = Entry {
            seq: manifest.seq,
            prev: manifest.head,
            when: note.when.clone(),
            who: note.who.clone(),
            command: note.command.clone(),
            software: note.software.clone(),
            recipe: note.recipe,
            action: change.action,
            reason: change.reason,
            subjects: change.subjects,
            added: change.added.clone(),
            segments: change.segments,
            retired: change.retired,
            withheld: change.withheld,
            holds: Some(manifest.holds()?),
        };
        let (line, head) = frame::seal(&entry)?;
        let root = &self.store.root;
        let line = line + "\n";
        self.disk().append_at(&ledger::path(root), manifest.ledger_bytes, line.as_bytes())?;
        manifest.ledger_bytes += line.len() as u64;
        manifest.last_line_bytes = line.len() as u64;
        manifest.head = head;
        let draft = self.tmp("manifest.json");
        self.disk().replace(&draft, &manifest::path(root), &manifest.to_bytes()?)?;
        let receipt = Receipt { seq: manifest.seq, head, added: change.added };
        self.manifest = Some(manifest);
        self.wrote = true;
        Ok(receipt)
    }

    /// Forgets what the store is known to hold, after something was taken out.
    pub(super) fn forget(&mut self) {
        self.known = None;
    }

    pub(super) fn tmp(&self, name: &str) -> PathBuf {
        self.store.root.join("tmp").join(name)
    }

    /// Removes segment files that no longer belong to the store, unless
    /// somebody is reading: then the next writer does. Whether it was done.
    pub(super) fn purge(&self, retired: &[String]) -> Result<bool> {
        if retired.is_empty() {
            return Ok(true);
        }
        let root = &self.store.root;
        let Some(_alone) = ReadLock::whole(root) else { return Ok(false) };
        for path in retired.iter().map(|name| root.join("segments").join(name)) {
            if path.exists() {
                self.disk().step(super::Step::Remove, &path, || fs::remove_file(&path))?;
            }
        }
        self.disk().sync_folder(&root.join("segments/."))?;
        Ok(true)
    }
}

impl Drop for Writer<'_> {
    fn drop(&mut self) {
        if self.wrote {
            // The view is derived and trusted by nobody: a stale one is
            // reported by `verify` and made again by the next writer.
            let _refreshed = view::refresh(&self.store.root);
        }
    }
}

/// The regular files of a folder, sorted; none where there is no such folder.
pub fn files_in(folder: &Path) -> Result<Vec<PathBuf>> {
    let io = |e: std::io::Error| Error::io("listing", folder, &e);
    if !folder.exists() {
        return Ok(Vec::new());
    }
    let entries = fs::read_dir(folder).map_err(io)?;
    let mut files =
        entries.map(|e| e.map(|e| e.path())).collect::<std::io::Result<Vec<_>>>().map_err(io)?;
    files.sort();
    Ok(files)
}
