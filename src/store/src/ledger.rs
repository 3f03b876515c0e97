//! The ledger: an append-only, hash-chained record of every change.
//!
//! `ledger.jsonl` has one [framed](super::frame) line an entry. Each holds the
//! previous entry's hash, the digests of the segments written and the digest
//! of all that the store holds after it, so the head hash vouches for every
//! byte of the store.

use super::frame;
use super::manifest::{RESTORE, Segment, StoreManifest, Withheld};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use types::error::{Error, Kind, Result};
use types::evidence::Digest;
use types::message::{Message, say};

/// The hash before the first entry.
pub const GENESIS: Digest = Digest([0; 32]);

/// What an entry records.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Additions.
    #[default]
    Commit,
    /// Corrections to records, as new versions.
    Amend,
    /// Several segments merged into one; no row was added, changed or lost.
    Compact,
    /// A casing put under seal by order.
    Seal,
    /// A sealed casing given back by order.
    Unseal,
    /// A casing physically removed by order.
    Expunge,
    /// The store brought to a newer format version.
    Migrate,
    /// Damaged segments given up, with what became of them.
    Repair,
    /// Something was given to another agency.
    Share,
    /// Something was taken over from another agency.
    Receive,
}

/// One change, as the ledger keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// Its number, from 1.
    pub seq: u64,
    /// Hash of the entry before; zeros for the first.
    pub prev: Digest,
    /// When (RFC 3339), as the committer said.
    pub when: String,
    /// The person or service that committed it.
    pub who: String,
    /// The command that was run.
    pub command: String,
    /// Name and version of the software.
    pub software: String,
    /// Hash of the recipe in force, where there was one.
    pub recipe: Option<Digest>,
    /// What sort of change it is.
    #[serde(default)]
    pub action: Action,
    /// Why, where a reason is asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// What it concerns (`casing/ID`), where that is one thing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub subjects: Vec<String>,
    /// How many rows of which kind were added.
    pub added: BTreeMap<String, u64>,
    /// The segments written.
    pub segments: Vec<Segment>,
    /// Names of the segments that no longer belong to the store.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub retired: Vec<String>,
    /// The tombstones from then on, where they changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub withheld: Option<Vec<Withheld>>,
    /// Digest of the manifest's `segments` and `withheld` after this entry;
    /// absent in lines of format version 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub holds: Option<Digest>,
}

/// The verified ledger of one store.
#[derive(Clone, Debug, Default)]
pub struct Ledger {
    /// Every entry, oldest first.
    pub entries: Vec<Entry>,
    /// The line of every entry as it is on disk, without the line feed.
    pub lines: Vec<String>,
    /// Hash of every entry.
    pub hashes: Vec<Digest>,
}

/// What a process has read and verified of a ledger. A later read goes on from
/// there, so that what a commit costs does not grow with the ledger.
#[derive(Clone, Default)]
pub struct VerifiedLedger {
    pub ledger: Arc<Ledger>,
    /// The segments that its entries leave.
    replayed: StoreManifest,
    bytes: u64,
}

impl VerifiedLedger {
    /// Reads on to where `manifest` ends; from the beginning where that is
    /// before, or another history.
    ///
    /// # Errors
    /// As [`Ledger::read`].
    pub fn up_to(self, root: &Path, manifest: &StoreManifest) -> Result<Self> {
        let begun = self.bytes > 0;
        let before = manifest.ledger_bytes < self.bytes;
        if !before {
            match self.go_on(root, manifest) {
                Err(_) if begun => {}
                done => return done,
            }
        }
        Self::default().go_on(root, manifest)
    }

    fn go_on(mut self, root: &Path, manifest: &StoreManifest) -> Result<Self> {
        let path = path(root);
        let damaged = |what: Message| {
            Error::new(Kind::Store, what).at(&path).advise(Message::phrase(RESTORE))
        };
        let io = |e: std::io::Error| Error::io(say!("reading the ledger"), &path, &e);
        let mut file =
            File::open(&path).map_err(|e| Error::io(say!("opening the ledger"), &path, &e))?;
        file.seek(SeekFrom::Start(self.bytes)).map_err(io)?;
        let wanted = manifest.ledger_bytes.saturating_sub(self.bytes);
        let mut bytes = Vec::new();
        file.take(wanted).read_to_end(&mut bytes).map_err(io)?;
        if bytes.len() as u64 != wanted {
            return Err(damaged(say!("the ledger is shorter than the manifest says")));
        }
        let ledger = Arc::make_mut(&mut self.ledger);
        let known = ledger.entries.len();
        ledger.extend(&bytes).map_err(|e| e.at(&path).advise(Message::phrase(RESTORE)))?;
        if ledger.head() != manifest.head {
            return Err(damaged(say!("the ledger ends in another hash than the manifest says")));
        }
        for entry in ledger.entries.iter().skip(known) {
            self.replayed.apply(&entry.segments, &entry.retired);
        }
        manifest.agrees_with(&self.replayed, ledger.entries.len(), root)?;
        self.bytes = manifest.ledger_bytes;
        Ok(self)
    }
}

impl Ledger {
    /// Hash of the last entry.
    pub fn head(&self) -> Digest {
        self.hashes.last().copied().unwrap_or(GENESIS)
    }

    /// Reads and verifies the part of the ledger that `manifest` vouches for.
    ///
    /// # Errors
    /// [`Kind::Store`], naming the line, if it is shorter than the manifest
    /// says, a line is damaged or the chain is broken.
    pub fn read(root: &Path, manifest: &StoreManifest) -> Result<Self> {
        let read = VerifiedLedger::default().up_to(root, manifest)?;
        Ok(Arc::unwrap_or_clone(read.ledger))
    }

    /// The ledger in a ledger file's bytes.
    ///
    /// # Errors
    /// [`Kind::Store`], naming the line that is damaged or does not follow.
    pub fn parse(bytes: &[u8]) -> Result<Self> {
        let mut ledger = Self::default();
        ledger.extend(bytes)?;
        Ok(ledger)
    }

    /// Goes on with the bytes that follow.
    fn extend(&mut self, bytes: &[u8]) -> Result<()> {
        let damaged = |what: Message| Error::new(Kind::Store, what);
        let next = self.entries.len() as u64 + 1;
        for (number, line) in (next..).zip(bytes.split_inclusive(|b| *b == b'\n')) {
            let at = |what: Message| damaged(say!("ledger line {number}: {what}"));
            let line = std::str::from_utf8(line).map_err(|_| at(say!("is not UTF-8")))?;
            let line = line.strip_suffix('\n').ok_or_else(|| at(say!("is cut off")))?;
            let (mut entry, hash) = frame::unseal::<Entry>(line).map_err(|e| at(e.what))?;
            if entry.prev != self.head() || entry.seq != number {
                return Err(at(say!("does not follow from the line before")));
            }
            for segment in entry.segments.iter_mut().filter(|s| s.written == 0) {
                (segment.written, segment.first, segment.last) = (number, number, number);
            }
            self.hashes.push(hash);
            self.lines.push(line.to_owned());
            self.entries.push(entry);
        }
        Ok(())
    }

    /// Whether the ledger's last entry is the manifest's head and vouches for
    /// what the manifest lists: what a reader needs to know, at a cost that
    /// does not grow with the ledger.
    ///
    /// # Errors
    /// [`Kind::Store`] if it is not.
    pub fn vouch_for(root: &Path, manifest: &StoreManifest) -> Result<()> {
        if manifest.seq == 0 {
            return Ok(());
        }
        let path = path(root);
        let damaged = |what: Message| {
            Error::new(Kind::Store, what).at(&path).advise(Message::phrase(RESTORE))
        };
        let io = |e: std::io::Error| Error::io(say!("reading the ledger"), &path, &e);
        let start = manifest.ledger_bytes.checked_sub(manifest.last_line_bytes);
        let start = start.ok_or_else(|| damaged(say!("the manifest contradicts itself")))?;
        let mut file = File::open(&path).map_err(io)?;
        file.seek(SeekFrom::Start(start)).map_err(io)?;
        let mut line = String::new();
        file.take(manifest.last_line_bytes)
            .read_to_string(&mut line)
            .map_err(|_| damaged(say!("the ledger's last line cannot be read")))?;
        let line = line.strip_suffix('\n').ok_or_else(|| damaged(say!("the ledger is cut off")))?;
        let (entry, hash) = frame::unseal::<Entry>(line)
            .map_err(|e| damaged(say!("the ledger's last line: {}", e.what)))?;
        if hash == manifest.head && entry.holds == Some(manifest.holds()?) {
            return Ok(());
        }
        Err(damaged(say!("the ledger's last line does not vouch for what the manifest lists")))
    }
}

/// The ledger's place in a store.
pub fn path(root: &Path) -> PathBuf {
    root.join("ledger.jsonl")
}
