//! One writer at a time.
//!
//! The lock is the operating system's lock on the file `lock`, which ends with
//! the process that holds it; the file's content only tells a person who that
//! is. A lock left behind by a killed process is therefore free by itself.
//!
//! It is held for a commit, not for a run, so whoever finds it taken waits.

use serde::{Deserialize, Serialize};
use std::fs::{File, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::Path;
use std::sync::OnceLock;
use std::time::{Duration, Instant};
use types::error::{Error, Kind, Result};
use types::message::{Message, say};
use types::system::{host_name, not_following};

/// How long a writer waits for another one, unless the store was told
/// otherwise. The longest commits of a run, with the merging that they make
/// due, take a few seconds.
pub const PATIENCE: Duration = Duration::from_secs(60);
/// How long a writer waits before it says so.
const UNSAID: Duration = Duration::from_secs(1);
const PAUSE: Duration = Duration::from_millis(20);

/// Who is told that a writer waits, or of upkeep that failed.
static LISTENER: OnceLock<fn(&Message)> = OnceLock::new();

/// Names the one who is told, for this process, what a person may want to know
/// of a store: that a writer waits for another, that small segments could not
/// be merged. The first one named stays.
pub fn tell_of_stores(listener: fn(&Message)) {
    LISTENER.get_or_init(|| listener);
}

/// Tells a person something that no result says.
pub fn tell(text: &Message) {
    if let Some(listener) = LISTENER.get() {
        listener(text);
    }
}

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
        let host = host_name().unwrap_or_else(|| "unknown host".to_owned());
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
    /// Takes the lock of the store at `root` for `who`, and waits for it no
    /// longer than `patience`.
    ///
    /// # Errors
    /// [`Kind::Locked`], naming the holder, if another handle has it all the
    /// time.
    pub fn take(root: &Path, who: &Actor, patience: Duration) -> Result<Self> {
        let (path, began, mut said) = (root.join("lock"), Instant::now(), false);
        loop {
            match Self::take_now(&path, who) {
                Err(e) if e.kind == Kind::Locked && began.elapsed() < patience => {
                    if !said && began.elapsed() > UNSAID {
                        tell(&say!("waiting: {}", e.what));
                        said = true;
                    }
                    std::thread::sleep(PAUSE);
                }
                taken => return taken,
            }
        }
    }

    fn take_now(path: &Path, who: &Actor) -> Result<Self> {
        let io = |e: std::io::Error| Error::io(say!("taking the write lock"), path, &e);
        let mut file = not_following()
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
            .map_err(|e| Error::new(Kind::Internal, say!("cannot write JSON: {e}")).because(&e))?;
        file.set_len(0).map_err(io)?;
        file.rewind().map_err(io)?;
        file.write_all(body.as_bytes()).map_err(io)?;
        Ok(Self { file, stale: holder })
    }
}

/// Whether a file is what [`Lock`] makes of it.
pub fn is_one(path: &Path) -> bool {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    serde_json::from_str::<Actor>(&text).is_ok()
}

fn held(path: &Path, holder: Option<Actor>) -> Error {
    let who = holder.map_or_else(
        || say!("another process is writing to this store"),
        |a| {
            say!(
                "{} is writing to this store (process {} on {}) since {}",
                a.name,
                a.pid,
                a.host,
                a.since
            )
        },
    );
    Error::new(Kind::Locked, who)
        .at(path)
        .advise(say!("try again when it has finished; reading is possible"))
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
        let file = not_following().read(true).open(readers(root)).ok();
        let file = file.filter(|file| file.lock_shared().is_ok());
        Self { _file: file }
    }

    /// Takes the whole, if nobody reads at this moment.
    pub fn whole(root: &Path) -> Option<Self> {
        let file = not_following().append(true).create(true).open(readers(root)).ok()?;
        file.try_lock().ok()?;
        Some(Self { _file: Some(file) })
    }
}

fn readers(root: &Path) -> std::path::PathBuf {
    root.join("readers")
}
