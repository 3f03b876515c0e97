//! The manifest: the one small file that says what the store holds.

use super::frame;
use super::ledger::GENESIS;
use super::migrate;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use types::error::{Error, Kind, Result};
use types::evidence::Digest;
use types::message::{Message, phrase, say};

/// The version of the store's layout that this program writes.
pub const FORMAT_VERSION: u32 = 3;
/// What every manifest says it is.
pub const FORMAT: &str = "brasslink-store";

/// What a segment file holds. A commit writes at most one file of each role,
/// so that looking up a casing never reads, or hashes, gigabytes of pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Rows of every kind.
    Tables,
    /// Which keys the tables of the same commits hold.
    Keys,
    /// Scan files as received, byte for byte.
    Originals,
    /// Prepared marks' values.
    Marks,
    /// Packed templates.
    Templates,
    /// Packed cell tables of comparisons.
    Cells,
    /// What screening needs of the templates.
    Index,
}

impl Role {
    /// The word used in file names.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Tables => "tables",
            Self::Keys => "keys",
            Self::Originals => "originals",
            Self::Marks => "marks",
            Self::Templates => "templates",
            Self::Cells => "cells",
            Self::Index => "index",
        }
    }
}

/// One sealed segment file, as manifest and ledger vouch for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Segment {
    /// The ledger entry that wrote the file; 0 in lines of format version 1,
    /// which say it by their own number.
    #[serde(default)]
    pub written: u64,
    /// The first commit whose rows it holds.
    #[serde(default)]
    pub first: u64,
    /// The last commit whose rows it may hold.
    #[serde(default)]
    pub last: u64,
    /// How often its content was merged.
    #[serde(default)]
    pub level: u8,
    /// What it holds.
    pub role: Role,
    /// Length of the file in bytes.
    pub bytes: u64,
    /// SHA-256 of the file.
    pub sha256: Digest,
    /// Rows per table, or objects per group.
    #[serde(default)]
    pub rows: BTreeMap<String, u64>,
}

impl Segment {
    /// The file's name within `segments/`: by the entry that wrote it and,
    /// unless that was the commit itself, the commits it covers.
    pub fn file_name(&self) -> String {
        let Self { written, first, last, role, .. } = self;
        let role = role.word();
        if first == written {
            return format!("{written:08}-{role}.h5");
        }
        format!("{written:08}-{role}-{first:08}-{last:08}.h5")
    }
}

/// What became of a casing by order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Withholding {
    /// Put under seal: kept in `sealed/`, shown to nobody, can be given back.
    Sealed,
    /// Physically removed; the tombstone remains.
    Expunged,
}

/// The tombstone of a casing that was sealed or expunged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Withheld {
    /// The casing.
    pub casing: String,
    /// What became of it.
    pub by: Withholding,
    /// The order that was followed, as the operator named it.
    pub order: String,
    /// The ledger entry by which it happened.
    pub entry: u64,
    /// The commits that had held something of it.
    pub commits: Vec<u64>,
    /// SHA-256 of its scans' files.
    pub scans: Vec<Digest>,
    /// Digests of what those measured ([`Surface::digest`]), by which a scan
    /// packed anew is known; absent in older tombstones.
    ///
    /// [`Surface::digest`]: types::surface::Surface::digest
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub surfaces: Vec<Digest>,
    /// What is kept in `sealed/`.
    pub segments: Vec<Segment>,
}

/// What the store holds at one moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StoreManifest {
    /// Always [`FORMAT`].
    pub format: String,
    /// The layout's version.
    pub version: u32,
    /// Number of the last ledger entry; 0 for a new store.
    pub seq: u64,
    /// How much of the ledger file belongs to the store.
    pub ledger_bytes: u64,
    /// Length of the ledger's last line with its line feed.
    pub last_line_bytes: u64,
    /// Hash of the ledger's last entry.
    pub head: Digest,
    /// Every segment that readers see, by role and commit.
    pub segments: Vec<Segment>,
    /// Casings that were sealed or expunged.
    pub withheld: Vec<Withheld>,
}

impl Default for StoreManifest {
    fn default() -> Self {
        Self::empty()
    }
}

impl StoreManifest {
    /// The manifest of an empty store.
    pub fn empty() -> Self {
        Self {
            format: FORMAT.to_owned(),
            version: FORMAT_VERSION,
            seq: 0,
            ledger_bytes: 0,
            last_line_bytes: 0,
            head: GENESIS,
            segments: Vec::new(),
            withheld: Vec::new(),
        }
    }

    /// The manifest file's bytes.
    pub fn to_bytes(&self) -> Result<Vec<u8>> {
        Ok((frame::seal(self)?.0 + "\n").into_bytes())
    }

    /// The digest by which a ledger entry vouches for what the store holds.
    pub fn holds(&self) -> Result<Digest> {
        Ok(frame::seal(&(&self.segments, &self.withheld))?.1)
    }

    /// Puts the segments in their order: by role, then by commit.
    pub fn sort(&mut self) {
        self.segments.sort_by_key(|s| (s.role, s.first, s.written));
    }

    /// Takes in what a ledger entry added and leaves out what it retired.
    pub fn apply(&mut self, added: &[Segment], retired: &[String]) {
        self.segments.retain(|s| !retired.contains(&s.file_name()));
        self.segments.extend(added.iter().cloned());
        self.sort();
    }

    /// The segments of one role, by commit.
    pub fn of_role(&self, role: Role) -> &[Segment] {
        let start = self.segments.partition_point(|s| s.role < role);
        let end = self.segments.partition_point(|s| s.role <= role);
        self.segments.get(start..end).unwrap_or_default()
    }

    /// The segment of `role` that holds what commit `seq` wrote.
    pub fn covering(&self, role: Role, seq: u64) -> Option<&Segment> {
        let segments = self.of_role(role);
        let after = segments.partition_point(|s| s.first <= seq);
        segments.get(after.checked_sub(1)?).filter(|s| s.last >= seq)
    }

    /// Every file the manifest vouches for, by its path within the store.
    pub fn files(&self) -> impl Iterator<Item = (PathBuf, &Segment)> {
        let sealed = self.withheld.iter().flat_map(|w| &w.segments);
        let place = |folder: &'static str| move |s: &Segment| Path::new(folder).join(s.file_name());
        let open = self.segments.iter().map(move |s| (place("segments")(s), s));
        open.chain(sealed.map(move |s| (place("sealed")(s), s)))
    }

    /// Reads and verifies the manifest of the store at `root`; one of format
    /// version 1 is read as what it is worth in this version.
    ///
    /// # Errors
    /// [`Kind::Store`] if it is damaged or of another format version.
    pub fn read(root: &Path) -> Result<Self> {
        let path = path(root);
        let bytes = std::fs::read(&path).map_err(|e| {
            Error::io(say!("reading the manifest"), &path, &e)
                .advise(say!("is this an evidence store?"))
        })?;
        Self::parse(&bytes).map_err(|e| e.at(&path).advise(Message::phrase(RESTORE)))
    }

    /// The manifest in a manifest file's bytes.
    ///
    /// # Errors
    /// As [`StoreManifest::read`].
    pub fn parse(bytes: &[u8]) -> Result<Self> {
        #[derive(Deserialize)]
        struct Stamp {
            format: String,
            version: u32,
        }
        let damaged = |what: Message| Error::new(Kind::Store, what);
        let line = std::str::from_utf8(bytes)
            .map_err(|_| damaged(say!("the manifest is not UTF-8")))?
            .strip_suffix('\n')
            .ok_or_else(|| damaged(say!("the manifest is cut off")))?;
        let body = frame::body(line).map_err(|e| damaged(say!("manifest: {}", e.what)))?;
        let understood = |e: serde_json::Error| damaged(say!("manifest: {e}"));
        let stamp: Stamp = serde_json::from_str(body).map_err(understood)?;
        match (stamp.format.as_str(), stamp.version) {
            (FORMAT, migrate::FRAMED..=FORMAT_VERSION) => {
                serde_json::from_str(body).map_err(understood)
            }
            (FORMAT, migrate::OLD_VERSION) => migrate::read_old(body).map_err(understood),
            (format, version) => Err(damaged(say!("the store is {format} version {version}"))
                .advise(say!(
                    "this program reads {FORMAT} up to version {FORMAT_VERSION}; use a newer one"
                ))),
        }
    }

    /// Whether following the `entries` of the ledger from its first line, which
    /// leads to `replayed`, leads to exactly this.
    pub fn agrees_with(&self, replayed: &Self, entries: usize, root: &Path) -> Result<()> {
        let sealed = |s: &Segment| (s.written, s.first, s.last, s.role, s.bytes, s.sha256);
        let same = replayed.segments.iter().map(sealed).eq(self.segments.iter().map(sealed));
        if same && entries as u64 == self.seq {
            return Ok(());
        }
        Err(Error::new(
            Kind::Store,
            say!("the manifest lists other segments than the ledger recorded"),
        )
        .at(path(root))
        .advise(Message::phrase(RESTORE)))
    }
}

/// What to do with a damaged store.
pub const RESTORE: &str = phrase!(
    "do not write to this store; see `brasslink store repair`, or restore the file from a backup"
);

/// The manifest's place in a store.
pub fn path(root: &Path) -> PathBuf {
    root.join("manifest.json")
}
