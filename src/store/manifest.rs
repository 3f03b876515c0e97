//! The manifest: the one small file that says what the store holds.

use super::filter::KeyFilter;
use super::frame;
use super::ledger::{Entry, Ledger};
use crate::error::{Error, Kind, Result};
use crate::evidence::Digest;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The version of the store's layout that this program writes and reads.
pub const FORMAT_VERSION: u32 = 1;
const FORMAT: &str = "brasslink-store";

/// What a segment file holds. A commit writes at most one file of each role,
/// so that looking up a casing never reads, or hashes, gigabytes of pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Rows of every kind.
    Tables,
    /// Scan files as received, byte for byte.
    Originals,
    /// Prepared marks' values.
    Marks,
    /// Packed templates.
    Templates,
    /// Packed cell tables of comparisons.
    Cells,
}

impl Role {
    /// The word used in file names.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Tables => "tables",
            Self::Originals => "originals",
            Self::Marks => "marks",
            Self::Templates => "templates",
            Self::Cells => "cells",
        }
    }
}

/// One sealed segment file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Segment {
    /// The commit that wrote it.
    pub seq: u64,
    /// What it holds.
    pub role: Role,
    /// Length of the file in bytes.
    pub bytes: u64,
    /// SHA-256 of the file.
    pub sha256: Digest,
    /// Rows per table, or objects per group.
    pub rows: BTreeMap<String, u64>,
    /// Which keys its tables hold.
    pub keys: KeyFilter,
}

impl Segment {
    /// The file's name within `segments/`.
    pub fn file_name(&self) -> String {
        file_name(self.seq, self.role)
    }
}

/// The name of the segment file that commit `seq` writes for `role`.
pub fn file_name(seq: u64, role: Role) -> String {
    format!("{seq:08}-{}.h5", role.word())
}

/// What the store holds at one moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    format: String,
    version: u32,
    /// Number of the last commit; 0 for a new store.
    pub seq: u64,
    /// How much of the ledger file belongs to the store.
    pub ledger_bytes: u64,
    /// Hash of the ledger's last entry.
    pub head: Digest,
    /// Every segment, by commit and role.
    pub segments: Vec<Segment>,
}

impl Manifest {
    /// The manifest of an empty store.
    pub fn empty() -> Self {
        Self {
            format: FORMAT.to_owned(),
            version: FORMAT_VERSION,
            seq: 0,
            ledger_bytes: 0,
            head: Ledger::GENESIS,
            segments: Vec::new(),
        }
    }

    /// The manifest file's bytes.
    pub fn to_bytes(&self) -> Result<Vec<u8>> {
        Ok((frame::seal(self)?.0 + "\n").into_bytes())
    }

    /// Reads and verifies the manifest of the store at `root`.
    ///
    /// # Errors
    /// [`Kind::Store`] if it is damaged or of another format version.
    pub fn read(root: &Path) -> Result<Self> {
        let path = path(root);
        let text = std::fs::read(&path).map_err(|e| {
            Error::io("reading the manifest", &path, &e).advise("is this an evidence store?")
        })?;
        let damaged = |what: &str| Error::new(Kind::Store, what).at(&path).advise(RESTORE);
        let text = String::from_utf8(text).map_err(|_| damaged("the manifest is not UTF-8"))?;
        let line = text.strip_suffix('\n').ok_or_else(|| damaged("the manifest is cut off"))?;
        let (manifest, _) =
            frame::unseal::<Self>(line).map_err(|e| damaged(&format!("manifest: {}", e.what)))?;
        if manifest.format != FORMAT || manifest.version != FORMAT_VERSION {
            let Self { format, version, .. } = &manifest;
            let what = format!("the store is {format} version {version}");
            return Err(Error::new(Kind::Store, what)
                .at(&path)
                .advise(format!("this program reads {FORMAT} version {FORMAT_VERSION}")));
        }
        Ok(manifest)
    }

    /// Whether the ledger recorded exactly these segments.
    pub fn agree_with(&self, ledger: &[Entry], root: &Path) -> Result<()> {
        let recorded = ledger.iter().flat_map(|e| e.segments.iter().map(|s| (e.seq, s)));
        let listed = self.segments.iter().map(|s| (s.seq, s));
        let same = recorded
            .map(|(seq, s)| (seq, s.role, s.bytes, s.sha256))
            .eq(listed.map(|(seq, s)| (seq, s.role, s.bytes, s.sha256)));
        if same && ledger.len() as u64 == self.seq {
            return Ok(());
        }
        Err(Error::new(Kind::Store, "the manifest lists other segments than the ledger recorded")
            .at(path(root))
            .advise(RESTORE))
    }
}

/// What to do with a damaged store.
pub const RESTORE: &str = "do not write to this store; restore the file from a backup";

/// The manifest's place in a store.
pub fn path(root: &Path) -> PathBuf {
    root.join("manifest.json")
}
