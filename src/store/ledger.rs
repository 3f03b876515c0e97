//! The ledger: an append-only, hash-chained record of every commit.
//!
//! `ledger.jsonl` has one [framed](super::frame) line a commit. Each entry
//! holds the previous entry's hash and the digests of the segments written, so
//! the head hash vouches for every byte of the store.

use super::frame;
use super::manifest::{Manifest, RESTORE, Role};
use crate::error::{Error, Kind, Result};
use crate::evidence::Digest;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

/// A segment as the ledger vouches for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SegmentSeal {
    /// What it holds.
    pub role: Role,
    /// Length of the file in bytes.
    pub bytes: u64,
    /// SHA-256 of the file.
    pub sha256: Digest,
}

/// One commit, as the ledger keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// Number of the commit, from 1.
    pub seq: u64,
    /// Hash of the entry before; zeros for the first.
    pub prev: Digest,
    /// When (RFC 3339), as the committer said.
    pub when: String,
    /// Who committed.
    pub who: String,
    /// The command that was run.
    pub command: String,
    /// Name and version of the software.
    pub software: String,
    /// Hash of the recipe in force, where there was one.
    pub recipe: Option<Digest>,
    /// How many rows of which kind were added.
    pub added: BTreeMap<String, u64>,
    /// The segments written.
    pub segments: Vec<SegmentSeal>,
}

/// The verified ledger of one store.
pub struct Ledger {
    /// Every entry, oldest first.
    pub entries: Vec<Entry>,
    /// Hash of the last entry.
    pub head: Digest,
}

impl Ledger {
    /// The hash before the first entry.
    pub const GENESIS: Digest = Digest([0; 32]);

    /// Reads and verifies the part of the ledger that `manifest` vouches for.
    ///
    /// # Errors
    /// [`Kind::Store`], naming the line, if it is shorter than the manifest
    /// says, a line is damaged or the chain is broken.
    pub fn read(root: &Path, manifest: &Manifest) -> Result<Self> {
        let path = path(root);
        let damaged = |what: String| Error::new(Kind::Store, what).at(&path).advise(RESTORE);
        let file = File::open(&path).map_err(|e| Error::io("opening the ledger", &path, &e))?;
        let mut bytes = Vec::new();
        file.take(manifest.ledger_bytes)
            .read_to_end(&mut bytes)
            .map_err(|e| Error::io("reading the ledger", &path, &e))?;
        if bytes.len() as u64 != manifest.ledger_bytes {
            return Err(damaged("the ledger is shorter than the manifest says".to_owned()));
        }
        let text =
            String::from_utf8(bytes).map_err(|_| damaged("the ledger is not UTF-8".to_owned()))?;
        let mut ledger = Self { entries: Vec::new(), head: Self::GENESIS };
        for (number, line) in (1_u64..).zip(text.split_inclusive('\n')) {
            let at = |what: String| damaged(format!("ledger line {number}: {what}"));
            let line = line.strip_suffix('\n').ok_or_else(|| at("cut off".to_owned()))?;
            let (entry, hash) = frame::unseal::<Entry>(line).map_err(|e| at(e.what))?;
            if entry.prev != ledger.head || entry.seq != number {
                return Err(at("does not follow from the line before".to_owned()));
            }
            ledger.head = hash;
            ledger.entries.push(entry);
        }
        if ledger.head != manifest.head {
            return Err(damaged("the ledger ends in another hash than the manifest says".into()));
        }
        manifest.agree_with(&ledger.entries, root)?;
        Ok(ledger)
    }
}

/// The ledger's place in a store.
pub fn path(root: &Path) -> PathBuf {
    root.join("ledger.jsonl")
}
