//! The few operations durability depends on, in one place, each of which a
//! test can make fail.

use crate::error::{Error, Result};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;
use std::sync::Arc;

/// A kind of operation that can fail half-way through a commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
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

/// Decides, before each step, whether it fails (fault injection in tests).
pub trait Faults: Send + Sync {
    /// Called before `step` is done to `path`.
    ///
    /// # Errors
    /// Whatever the step should fail with.
    fn before(&self, step: Step, path: &Path) -> io::Result<()>;
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
        step: Step,
        path: &Path,
        action: impl FnOnce() -> io::Result<T>,
    ) -> Result<T> {
        let allowed = self.0.as_ref().map_or(Ok(()), |faults| faults.before(step, path));
        allowed
            .and_then(|()| action())
            .map_err(|e| Error::io(&format!("{step:?}").to_lowercase(), path, &e))
    }

    /// Makes a finished file durable and gives it its final name: fsync,
    /// rename, fsync of the folder.
    pub(super) fn publish(&self, from: &Path, to: &Path) -> Result<()> {
        self.step(Step::Sync, from, || File::open(from)?.sync_all())?;
        self.step(Step::Rename, to, || fs::rename(from, to))?;
        self.sync_folder(to)
    }

    /// Replaces `to` by `bytes` atomically, by way of `from` on the same
    /// file system.
    pub(super) fn replace(&self, from: &Path, to: &Path, bytes: &[u8]) -> Result<()> {
        self.step(Step::Write, from, || fs::write(from, bytes))?;
        self.publish(from, to)
    }

    /// Cuts a file to `keep` bytes, appends `bytes` and makes it durable.
    pub(super) fn append_at(&self, path: &Path, keep: u64, bytes: &[u8]) -> Result<()> {
        let mut file = self.step(Step::Write, path, || {
            let file = OpenOptions::new().append(true).open(path)?;
            file.set_len(keep)?;
            Ok(file)
        })?;
        self.step(Step::Write, path, || file.write_all(bytes))?;
        self.step(Step::Sync, path, || file.sync_all())
    }

    /// Makes the folder entry of `path` durable.
    pub(super) fn sync_folder(&self, path: &Path) -> Result<()> {
        let folder = match path.parent() {
            Some(parent) if parent.as_os_str().is_empty() => Path::new("."),
            Some(parent) => parent,
            None => path,
        };
        self.step(Step::SyncFolder, folder, || File::open(folder)?.sync_all())
    }
}
