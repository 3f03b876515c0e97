//! The evidence store: immutable, sealed HDF5 segments, a small manifest that
//! is replaced atomically, and a hash-chained ledger.
//!
//! ```text
//! store/
//!   manifest.json    what the store holds now; replaced by every commit
//!   ledger.jsonl     who committed what and when; only ever appended to
//!   segments/        00000001-tables.h5, -originals, -marks, -templates, -cells
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
mod disk;
mod filter;
mod foreign;
mod frame;
mod known;
mod layout;
mod ledger;
mod lock;
mod manifest;
mod migrate;
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
pub use disk::{Disk, Faults, Step};
pub use foreign::{COMMAND as INSPECT_COMMAND, Inspector, Listed, Listing, list_confined, serve};
pub use ledger::{Action, Entry, Ledger};
pub use lock::Actor;
pub use manifest::{FORMAT_VERSION, Manifest, Role, Segment, Withheld, Withholding};
pub use migrate::migrate;
pub use repair::{Remedy, plan, repair};
pub use rows::{
    CASING, CommitNote, ComparisonRow, FailureRow, GroupRow, LinkRow, LinkStatus, Linking, MarkRow,
    Record, RunRow, ScanRow, ShortlistRow, TemplateRow,
};
pub use signature::{Deposit, Statement, fingerprint, key_pair, public_of, sign};
pub use snapshot::{Compared, Snapshot};
pub use verify::{Finding, Severity, verify};
pub use withhold::Taken;
pub use writer::{Receipt, Writer};

use crate::error::{Error, Kind, Result};
use std::fs;
use std::path::{Path, PathBuf};

/// The folders of a store.
const FOLDERS: [&str; 4] = ["segments", "sealed", "tmp", "quarantine"];

/// An evidence store on disk.
pub struct Store {
    root: PathBuf,
    disk: Disk,
    cache: snapshot::Cache,
}

impl Store {
    /// Makes an empty store in the new or empty folder `root`; what a
    /// creation that was interrupted left there does not count.
    ///
    /// # Errors
    /// [`Kind::BadInput`] if there is something else in the folder.
    pub fn create(root: impl AsRef<Path>) -> Result<Self> {
        let root = root.as_ref();
        let io = |e: std::io::Error| Error::io("creating the store", root, &e);
        fs::create_dir_all(root).map_err(io)?;
        for entry in fs::read_dir(root).map_err(io)? {
            let entry = entry.map_err(io)?;
            if !began_here(&entry).map_err(io)? {
                return Err(Error::new(Kind::BadInput, "the folder for a store is not empty")
                    .at(root)
                    .advise("name a folder that does not exist yet"));
            }
        }
        for folder in FOLDERS {
            fs::create_dir_all(root.join(folder)).map_err(io)?;
        }
        let store = Self::at(root, Disk::default());
        store.disk.replace(&root.join("tmp/ledger.jsonl"), &ledger::path(root), b"")?;
        let manifest = Manifest::empty().to_bytes()?;
        store.disk.replace(&root.join("tmp/manifest.json"), &manifest::path(root), &manifest)?;
        store.disk.sync_folder(root)?;
        // Made before anyone reads, so that every reader can share it.
        drop(lock::ReadLock::whole(root));
        view::refresh(root)?;
        Ok(store)
    }

    /// Opens the store at `root`, or makes it if there is none.
    ///
    /// # Errors
    /// As [`Store::open`] and [`Store::create`].
    pub fn open_or_create(root: impl AsRef<Path>) -> Result<Self> {
        let exists = manifest::path(root.as_ref()).exists();
        if exists { Self::open(root) } else { Self::create(root) }
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
        Self { root: root.to_owned(), disk, cache: snapshot::Cache::default() }
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

    /// Takes the write lock for `who`.
    ///
    /// # Errors
    /// [`Kind::Locked`], naming the holder, if another writer has it.
    pub fn writer(&self, who: &Actor) -> Result<Writer<'_>> {
        Writer::open(self, who)
    }
}

/// Whether a folder's entry can come from an interrupted [`Store::create`].
fn began_here(entry: &fs::DirEntry) -> std::io::Result<bool> {
    let name = entry.file_name();
    match name.to_str() {
        Some("tmp") => Ok(true),
        Some("segments" | "sealed" | "quarantine") => {
            Ok(fs::read_dir(entry.path())?.next().is_none())
        }
        Some("ledger.jsonl") => Ok(entry.metadata()?.len() == 0),
        _ => Ok(false),
    }
}
