//! The evidence store: immutable, sealed HDF5 segments, a small manifest that
//! is replaced atomically, and a hash-chained ledger.
//!
//! ```text
//! store/
//!   manifest.json    what the store holds now; replaced by every commit
//!   ledger.jsonl     who committed what and when; only ever appended to
//!   segments/        00000001-tables.h5, -originals, -marks, -templates, -cells, -index
//!   sealed/          segments of casings under seal, shown to nobody
//!   view.h5          the whole as one HDF5 file of links, for people; derived
//!   lock             held by the one writer
//!   readers          shared by those who read; nothing is removed meanwhile
//!   tmp/             files being written
//!   quarantine/      what interrupted writers left; never deleted
//! ```
//!
//! The layout is specified in docs/STORE_FORMAT.md.

mod batch;
mod bundle;
mod compact;
mod content;
mod delivery;
mod disk;
mod filter;
mod foreign;
mod frame;
mod heads;
mod known;
mod layout;
mod ledger;
mod lock;
mod manifest;
mod migrate;
mod reindex;
mod repair;
mod rows;
mod segment;
mod signature;
mod snapshot;
mod verify;
mod view;
mod withhold;
mod writer;

pub use batch::Batch;
pub use bundle::{LARGEST_DATASET, Payload, write_payload};
pub use content::{Content, Part};
pub use delivery::{Bill, Delivery, Sealed, deliver};
pub use disk::{Disk, DiskStep, Faults};
pub use foreign::{COMMAND as INSPECT_COMMAND, Inspector, Listed, Listing, list_confined, serve};
pub use heads::{compare_heads, keep_head};
pub use ledger::{Action, Entry, Ledger};
pub use lock::{Actor, tell_of_stores};
pub use manifest::{FORMAT_VERSION, Role, Segment, StoreManifest, Withheld, Withholding};
pub use migrate::migrate;
pub use repair::{Remedy, plan, repair};
pub use rows::{
    CASING, CommitNote, ComparisonRow, FailureRow, GroupRow, IndexRow, LinkRow, LinkStatus,
    Linking, MarkRow, Record, RunRow, ScanRow, ShortlistRow, TemplateRow,
};
pub use signature::{Deposit, Statement, fingerprint, key_pair, public_of, sign};
pub use snapshot::Snapshot;
pub use verify::{Finding, Severity, verify};
pub use withhold::{Measured, Taken};
pub use writer::{Receipt, Remains, Writer};

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;
use types::error::{Error, Kind, Result};
use types::message::say;

/// The folders of a store.
const FOLDERS: [&str; 4] = ["segments", "sealed", "tmp", "quarantine"];

/// An evidence store on disk.
pub struct Store {
    root: PathBuf,
    disk: Disk,
    cache: snapshot::Cache,
    /// How long its writers wait for others.
    patience: Duration,
}

impl Store {
    /// Makes an empty store in the new or empty folder `root`; what a
    /// creation that was interrupted left there does not count.
    ///
    /// # Errors
    /// [`Kind::BadInput`] if there is something else in the folder, a store
    /// for instance; [`Kind::Locked`] if somebody makes one there all the time.
    pub fn create(root: impl AsRef<Path>) -> Result<Self> {
        let root = root.as_ref();
        if Self::make(root)? { Self::open(root) } else { Err(not_empty(root)) }
    }

    /// Opens the store at `root`, or makes it if there is none. Of several
    /// processes that do so at once, one makes it and the others open it.
    ///
    /// # Errors
    /// As [`Store::open`] and [`Store::create`].
    pub fn open_or_create(root: impl AsRef<Path>) -> Result<Self> {
        let root = root.as_ref();
        if !manifest::path(root).exists() {
            Self::make(root)?;
        }
        Self::open(root)
    }

    /// Makes an empty store, unless somebody else made one first: whether it
    /// was done.
    fn make(root: &Path) -> Result<bool> {
        let io = |e: std::io::Error| Error::io(say!("creating the store"), root, &e);
        fs::create_dir_all(root).map_err(io)?;
        if manifest::path(root).exists() {
            return Ok(false);
        }
        // Looked at before anything is put there, and again when nobody else
        // can be at it. What is there may be what another one has just made.
        if let Err(e) = only_begun(root) {
            return if manifest::path(root).exists() { Ok(false) } else { Err(e) };
        }
        let _lock = lock::Lock::take(root, &Actor::here("creation"), lock::PATIENCE)?;
        if manifest::path(root).exists() {
            return Ok(false);
        }
        only_begun(root)?;
        for folder in FOLDERS {
            fs::create_dir_all(root.join(folder)).map_err(io)?;
        }
        let (disk, tmp) = (Disk::default(), root.join("tmp"));
        if !ledger::path(root).exists() {
            disk.put_new(&tmp, &ledger::path(root), b"")?;
        }
        disk.sync_folder(root)?;
        disk.put_new(&tmp, &manifest::path(root), &StoreManifest::empty().to_bytes()?)?;
        // Made before anyone reads, so that every reader can share it.
        drop(lock::ReadLock::whole(root));
        view::refresh(root)?;
        Ok(true)
    }

    /// Opens the store at `root`.
    ///
    /// # Errors
    /// [`Kind::Store`] if manifest or ledger are damaged.
    pub fn open(root: impl AsRef<Path>) -> Result<Self> {
        Self::open_on(root, Disk::default())
    }

    /// Opens the store at `root` on a disk that may be told to fail.
    ///
    /// # Errors
    /// As [`Store::open`].
    pub fn open_on(root: impl AsRef<Path>, disk: Disk) -> Result<Self> {
        let store = Self::at(root.as_ref(), disk);
        store.snapshot()?;
        Ok(store)
    }

    fn at(root: &Path, disk: Disk) -> Self {
        let (root, cache) = (root.to_owned(), snapshot::Cache::default());
        Self { root, disk, cache, patience: lock::PATIENCE }
    }

    /// The store, whose writers wait for others no longer than `patience`.
    #[must_use]
    pub fn patient(self, patience: Duration) -> Self {
        Self { patience, ..self }
    }

    /// The store's folder.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The store as it is now; what is committed later does not change it.
    ///
    /// # Errors
    /// [`Kind::Store`] if manifest or ledger are damaged.
    pub fn snapshot(&self) -> Result<Snapshot> {
        Snapshot::read(&self.root, self.cache.clone())
    }

    /// Takes the write lock for `who`; waits where another writer has it. What
    /// a change is made of must be read while the lock is held, or be read
    /// again if the store has changed since ([`Snapshot::seq`]).
    ///
    /// # Errors
    /// [`Kind::Locked`], naming the holder, if another writer has it too long.
    pub fn writer(&self, who: &Actor) -> Result<Writer<'_>> {
        Writer::open(self, who)
    }
}

/// Refuses a folder in which there is more than an interrupted creation
/// leaves.
fn only_begun(root: &Path) -> Result<()> {
    let io = |e: std::io::Error| Error::io(say!("creating the store"), root, &e);
    for entry in fs::read_dir(root).map_err(io)? {
        if !began_here(&entry.map_err(io)?).map_err(io)? {
            return Err(not_empty(root));
        }
    }
    Ok(())
}

fn not_empty(root: &Path) -> Error {
    Error::new(Kind::BadInput, say!("the folder for a store is not empty"))
        .at(root)
        .advise(say!("name a folder that does not exist yet"))
}

/// Whether a folder's entry can come from an interrupted [`Store::create`].
fn began_here(entry: &fs::DirEntry) -> std::io::Result<bool> {
    let name = entry.file_name();
    let length = || entry.metadata().map(|m| if m.is_file() { m.len() } else { u64::MAX });
    match name.to_str() {
        Some("tmp") => Ok(true),
        Some("segments" | "sealed" | "quarantine") => {
            Ok(fs::read_dir(entry.path())?.next().is_none())
        }
        Some("ledger.jsonl" | "readers") => Ok(length()? == 0),
        Some("lock") => Ok(length()? == 0 || lock::is_one(&entry.path())),
        _ => Ok(false),
    }
}
