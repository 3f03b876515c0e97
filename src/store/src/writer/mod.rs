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

pub use leftovers::{Left, unused_name};
pub use segments::{index_counts, mark_values, originals, packed, put_index, write_index};
pub use tables::TableSet;

use super::Store;
use super::batch::Batch;
use super::disk::{self, Disk};
use super::known::StoredKeys;
use super::ledger::{self, Action, Entry};
use super::lock::{self, Actor, Lock, ReadLock};
use super::manifest::{self, FORMAT_VERSION, Segment, StoreManifest, Withheld};
use super::rows::CommitNote;
use super::{frame, view};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use types::error::{Error, Kind, Result};
use types::evidence::Digest;
use types::message::{Message, phrase, say};
use types::system::names_of;

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
    manifest: Option<StoreManifest>,
    known: StoredKeys,
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
        Err(Error::new(Kind::Store, say!("the store is of an older format version"))
            .at(&store.root)
            .advise(say!(
                "it can be read as it is; to write to it, run `brasslink store migrate` first"
            )))
    }

    /// As [`Writer::open`], whatever the format version.
    pub(super) fn open_any(store: &'a Store, who: &Actor) -> Result<Self> {
        let lock = Lock::take(&store.root, who, store.patience)?;
        let manifest = StoreManifest::read(&store.root)?;
        let ledger = store.cache.ledger(&store.root, &manifest)?;
        let mut this = Self {
            store,
            lock,
            manifest: Some(manifest),
            known: StoredKeys::default(),
            wrote: false,
        };
        this.put_in_order(&ledger)?;
        let head = this.manifest()?.head;
        let view = view::path(&store.root);
        this.wrote = !store.cache.has_view(&view, head) && !view::is_fresh(&store.root);
        Ok(this)
    }

    /// The writer that ended without releasing its lock, if there was one.
    pub fn stale(&self) -> Option<&Actor> {
        self.lock.stale.as_ref()
    }

    /// What is on disk.
    pub(super) fn manifest(&mut self) -> Result<&StoreManifest> {
        let manifest = match self.manifest.take() {
            Some(manifest) => manifest,
            None => StoreManifest::read(&self.store.root)?,
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
            if let Err(e) = self.merge_what_is_due(note) {
                lock::tell(&say!(
                    "small segments could not be merged, which is tried again after the next \
                     commit: {e}"
                ));
            }
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
        if let Some(why) = batch.unfit.first() {
            return Err(Error::new(Kind::Internal, why.clone()));
        }
        self.refuse_withheld(&batch)?;
        // Taken out, so that after a failure it is read again from the disk.
        let mut known = std::mem::take(&mut self.known);
        known.look_up(&self.store.snapshot()?, &batch)?;
        known.sift(&mut batch)?;
        let StoreManifest { seq, head, .. } = *self.manifest()?;
        if batch.is_empty() {
            self.known = known;
            return Ok(Receipt { seq, head, added: Counts::new() });
        }
        let (segments, added) = self.write_segments("segments", seq + 1, &batch)?;
        let receipt = self.publish(Change { added, segments, ..change }, note)?;
        self.known = known;
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
            return Err(Error::new(Kind::Internal, say!("the manifest was not read")));
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
        self.disk().replace(root, &manifest::path(root), &manifest.to_bytes()?)?;
        let receipt = Receipt { seq: manifest.seq, head, added: change.added };
        self.manifest = Some(manifest);
        self.wrote = true;
        Ok(receipt)
    }

    /// Forgets what the store is known to hold, after something was taken out.
    pub(super) fn forget(&mut self) {
        self.known = StoredKeys::default();
    }

    /// A new name for a file being written; see [`disk::draft`].
    pub(super) fn draft(&self, name: &str) -> PathBuf {
        disk::draft(&self.store.root, name)
    }

    /// Removes segment files that no longer belong to the store, unless
    /// somebody is reading: then the next writer does. Of those retired
    /// `by_order`, files whose bytes would stay under another name are kept
    /// until they do not. What is still there, and why.
    pub(super) fn purge(&self, retired: &[String], by_order: bool) -> Result<Vec<Remains>> {
        let root = &self.store.root;
        let within = |name: &String| Path::new("segments").join(name);
        let there = |file: &PathBuf| fs::symlink_metadata(root.join(file)).is_ok();
        let files: Vec<PathBuf> = retired.iter().map(within).filter(there).collect();
        if files.is_empty() {
            return Ok(Vec::new());
        }
        let Some(_alone) = ReadLock::whole(root) else {
            return Ok(files
                .into_iter()
                .map(|file| Remains::of(file, Message::phrase(READ)))
                .collect());
        };
        let mut remains = Vec::new();
        for file in files {
            let path = root.join(&file);
            match elsewhere(&path).filter(|_| by_order) {
                Some(why) => remains.push(Remains::of(file, why)),
                None => {
                    self.disk().step(super::DiskStep::Remove, &path, || fs::remove_file(&path))?
                }
            }
        }
        self.disk().sync_folder(&root.join("segments/."))?;
        Ok(remains)
    }
}

/// Under which other name the bytes of a file stay when it is removed.
fn elsewhere(path: &Path) -> Option<Message> {
    if let Ok(target) = fs::read_link(path) {
        let there = path.exists();
        return there.then(|| say!("it is a symbolic link, and {} is there", target.display()));
    }
    let others = fs::metadata(path).map_or(0, |m| names_of(&m).saturating_sub(1));
    (others > 0).then(|| say!("{others} other names (hard links) lead to the same bytes"))
}

/// A file that may still hold what was taken out of a store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remains {
    /// Its path within the store.
    pub file: PathBuf,
    /// Why it is there.
    pub why: Message,
}

/// Why a file is still there that nothing but time is needed for.
const READ: &str = phrase!("somebody is reading the store; the next writer removes it");

impl Remains {
    /// Whether it is there only because somebody is reading.
    pub(super) fn is_read(&self) -> bool {
        self.why.code() == READ
    }

    pub(super) fn of(file: impl Into<PathBuf>, why: Message) -> Self {
        Self { file: file.into(), why }
    }
}

impl Drop for Writer<'_> {
    fn drop(&mut self) {
        if self.wrote {
            // The view is derived and trusted by nobody: a stale one is
            // reported by `verify` and made again by the next writer.
            match view::refresh(&self.store.root) {
                Ok(()) => {
                    if let Some(manifest) = &self.manifest {
                        let view = view::path(&self.store.root);
                        self.store.cache.made_view(&view, manifest.head);
                    }
                }
                Err(e) => {
                    lock::tell(&say!("the view for people does not show the store as it is: {e}"));
                }
            }
        }
    }
}

/// What is in a folder, sorted; nothing where there is no such folder.
pub fn files_in(folder: &Path) -> Result<Vec<PathBuf>> {
    let io = |e: std::io::Error| Error::io(say!("listing"), folder, &e);
    if !folder.exists() {
        return Ok(Vec::new());
    }
    let entries = fs::read_dir(folder).map_err(io)?;
    let mut files =
        entries.map(|e| e.map(|e| e.path())).collect::<std::io::Result<Vec<_>>>().map_err(io)?;
    files.sort();
    Ok(files)
}
