//! The few operations durability depends on, in one place, each of which a
//! test can make fail.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use types::error::{Error, Result};
use types::files::draft_in;
use types::message::{Message, say};
use types::system::not_following;

/// A kind of operation that can fail half-way through a commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DiskStep {
    /// Bytes handed to the operating system.
    Write,
    /// `fsync` of a file.
    Sync,
    /// Atomic renaming of a file.
    Rename,
    /// `fsync` of a folder.
    SyncFolder,
    /// Removal of a file that no longer belongs to the store.
    Remove,
}

impl DiskStep {
    fn doing(self) -> Message {
        match self {
            Self::Write => say!("write"),
            Self::Sync => say!("sync"),
            Self::Rename => say!("rename"),
            Self::SyncFolder => say!("syncfolder"),
            Self::Remove => say!("remove"),
        }
    }
}

/// Decides, before each step, whether it fails (fault injection in tests).
pub trait Faults: Send + Sync {
    /// Called before `step` is done to `path`.
    ///
    /// # Errors
    /// Whatever the step should fail with.
    fn before(&self, step: DiskStep, path: &Path) -> io::Result<()>;
}

/// A name in `tmp/` that nobody can guess and that ends in `name`: a file made
/// there, which must be new, goes where nobody laid a link before.
pub(super) fn draft(root: &Path, name: &str) -> PathBuf {
    root.join("tmp").join(format!("{:032x}-{name}", rand::random::<u128>()))
}

/// The disk as the store uses it.
#[derive(Clone, Default)]
pub struct Disk(Option<Arc<dyn Faults>>);

impl Disk {
    /// A disk whose steps fail as `faults` says.
    pub fn failing(faults: Arc<dyn Faults>) -> Self {
        Self(Some(faults))
    }

    /// Asks the fault plan, then does the step.
    pub(super) fn step<T>(
        &self,
        step: DiskStep,
        path: &Path,
        action: impl FnOnce() -> io::Result<T>,
    ) -> Result<T> {
        let allowed = self.0.as_ref().map_or(Ok(()), |faults| faults.before(step, path));
        allowed.and_then(|()| action()).map_err(|e| Error::io(step.doing(), path, &e))
    }

    /// Makes a finished file durable and gives it its final name: fsync,
    /// rename, fsync of the folder.
    pub(super) fn publish(&self, from: &Path, to: &Path) -> Result<()> {
        self.step(DiskStep::Sync, from, || File::open(from)?.sync_all())?;
        self.step(DiskStep::Rename, to, || fs::rename(from, to))?;
        self.sync_folder(to)
    }

    /// Replaces the store's file `to` by `bytes` atomically.
    pub(super) fn replace(&self, root: &Path, to: &Path, bytes: &[u8]) -> Result<()> {
        let from = draft(root, &to.file_name().unwrap_or_default().to_string_lossy());
        let open = || not_following().write(true).create_new(true).open(&from);
        self.step(DiskStep::Write, &from, || open()?.write_all(bytes))?;
        self.publish(&from, to)
    }

    /// Makes the file `to`, which is not there yet, by way of a draft in
    /// `folder`, on the same file system.
    ///
    /// # Errors
    /// [`Kind::Io`](types::error::Kind::Io) if it is: nothing is replaced.
    pub(super) fn put_new(&self, folder: &Path, to: &Path, bytes: &[u8]) -> Result<()> {
        let io = |e: std::io::Error| Error::io(say!("write"), to, &e);
        let mut draft = draft_in(folder).map_err(io)?;
        self.step(DiskStep::Write, to, || draft.write_all(bytes))?;
        self.step(DiskStep::Sync, draft.path(), || draft.as_file().sync_all())?;
        self.step(DiskStep::Rename, to, || draft.persist_noclobber(to).map_err(|e| e.error))?;
        self.sync_folder(to)
    }

    /// Cuts a file to `keep` bytes, appends `bytes` and makes it durable.
    pub(super) fn append_at(&self, path: &Path, keep: u64, bytes: &[u8]) -> Result<()> {
        let mut file = self.step(DiskStep::Write, path, || {
            let file = not_following().append(true).open(path)?;
            file.set_len(keep)?;
            Ok(file)
        })?;
        self.step(DiskStep::Write, path, || file.write_all(bytes))?;
        self.step(DiskStep::Sync, path, || file.sync_all())
    }

    /// Makes the folder entry of `path` durable.
    pub(super) fn sync_folder(&self, path: &Path) -> Result<()> {
        let folder = match path.parent() {
            Some(parent) if parent.as_os_str().is_empty() => Path::new("."),
            Some(parent) => parent,
            None => path,
        };
        self.step(DiskStep::SyncFolder, folder, || File::open(folder)?.sync_all())
    }
}
