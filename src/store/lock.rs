//! One writer at a time.
//!
//! The lock is the operating system's lock on the file `lock`, which ends with
//! the process that holds it; the file's content only tells a person who that
//! is. A lock left behind by a killed process is therefore free by itself.

use crate::error::{Error, Kind, Result};
use serde::{Deserialize, Serialize};
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::Path;

/// Who writes to a store, as shown to a second writer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Actor {
    /// The person or service.
    pub name: String,
    /// The computer.
    pub host: String,
    /// The process on that computer.
    pub pid: u32,
    /// When the lock was taken (RFC 3339).
    pub since: String,
}

impl Actor {
    /// This process, on behalf of `name`, now.
    pub fn here(name: impl Into<String>) -> Self {
        let host = std::fs::read_to_string("/proc/sys/kernel/hostname")
            .ok()
            .or_else(|| std::env::var("HOSTNAME").ok())
            .or_else(|| std::env::var("COMPUTERNAME").ok())
            .map_or_else(|| "unknown host".to_owned(), |name| name.trim().to_owned());
        let since = jiff::Timestamp::now().to_string();
        Self { name: name.into(), host, pid: std::process::id(), since }
    }
}

/// The held lock; released when dropped or when the process ends.
pub struct Lock {
    file: File,
    /// The holder that ended without releasing the lock, if there was one.
    pub stale: Option<Actor>,
}

impl Lock {
    /// Takes the lock at `path` for `who`.
    ///
    /// # Errors
    /// [`Kind::Locked`], naming the holder, if another handle has it.
    pub fn take(path: &Path, who: &Actor) -> Result<Self> {
        let io = |e: std::io::Error| Error::io("taking the write lock", path, &e);
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(path)
            .map_err(io)?;
        let taken = file.try_lock();
        let mut text = String::new();
        if file.read_to_string(&mut text).is_err() {
            text.clear();
        }
        let holder: Option<Actor> = serde_json::from_str(&text).ok();
        match taken {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(held(path, holder)),
            Err(TryLockError::Error(e)) => return Err(io(e)),
        }
        let body = serde_json::to_string(who)
            .map_err(|e| Error::new(Kind::Internal, format!("cannot write JSON: {e}")))?;
        file.set_len(0).map_err(io)?;
        file.rewind().map_err(io)?;
        file.write_all(body.as_bytes()).map_err(io)?;
        Ok(Self { file, stale: holder })
    }
}

fn held(path: &Path, holder: Option<Actor>) -> Error {
    let who = holder.map_or_else(
        || "another process is writing to this store".to_owned(),
        |a| {
            format!(
                "{} is writing to this store (process {} on {}) since {}",
                a.name, a.pid, a.host, a.since
            )
        },
    );
    Error::new(Kind::Locked, who).at(path).advise("wait until it has finished; reading is possible")
}

impl Drop for Lock {
    fn drop(&mut self) {
        // An emptied file says that the lock was given back in good order; if
        // that fails, the next writer merely reports a stale lock.
        let _emptied = self.file.set_len(0);
        let _released = self.file.unlock();
    }
}

/// Shared by everyone who reads a snapshot, so that no segment is removed from
/// under a reader; ends with the reader's process.
#[derive(Debug)]
pub struct ReadLock {
    _file: Option<File>,
}

impl ReadLock {
    /// Takes a reader's share. Where that is not possible (a read-only medium,
    /// a store of format version 1) nobody removes anything either.
    pub fn share(root: &Path) -> Self {
        let file = File::open(readers(root)).ok().filter(|file| file.lock_shared().is_ok());
        Self { _file: file }
    }

    /// Takes the whole, if nobody reads at this moment.
    pub fn whole(root: &Path) -> Option<Self> {
        let file = OpenOptions::new().append(true).create(true).open(readers(root)).ok()?;
        file.try_lock().ok()?;
        Some(Self { _file: Some(file) })
    }
}

fn readers(root: &Path) -> std::path::PathBuf {
    root.join("readers")
}
