//! From older format versions to this one.
//!
//! The segments of version 1 are valid segments of version 2, in which several
//! commits may share a file, and those of version 2 are valid segments of
//! version 3, which has an index of the templates beside them. So nothing is
//! written anew but the manifest, and the index is added: the ledger goes on in
//! one chain, with an entry that says so.

use super::Store;
use super::ledger::Action;
use super::manifest::{Role, Segment, StoreManifest};
use super::rows::CommitNote;
use super::writer::{Change, Receipt};
use serde::Deserialize;
use serde::de::IgnoredAny;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use types::error::Result;
use types::evidence::Digest;
use types::message::say;

/// The format version whose segments hold one commit each, with numbered marks.
pub const OLD_VERSION: u32 = 1;
/// The first format version whose ledger entries hold the manifest's digest.
pub const FRAMED: u32 = 2;
/// The first format version with an index of the templates.
pub const INDEXED: u32 = 3;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OldSegment {
    seq: u64,
    role: Role,
    bytes: u64,
    sha256: Digest,
    rows: BTreeMap<String, u64>,
    #[serde(rename = "keys")]
    _keys: IgnoredAny,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OldManifest {
    format: String,
    version: u32,
    seq: u64,
    ledger_bytes: u64,
    head: Digest,
    segments: Vec<OldSegment>,
}

/// The manifest of version 1 in `body`, as this version writes it. It keeps
/// the old version number, by which the writer knows that the store must be
/// migrated first.
pub fn read_old(body: &str) -> serde_json::Result<StoreManifest> {
    let old: OldManifest = serde_json::from_str(body)?;
    let segment = |s: OldSegment| Segment {
        written: s.seq,
        first: s.seq,
        last: s.seq,
        level: 0,
        role: s.role,
        bytes: s.bytes,
        sha256: s.sha256,
        rows: s.rows,
    };
    let mut manifest = StoreManifest {
        format: old.format,
        version: old.version,
        seq: old.seq,
        ledger_bytes: old.ledger_bytes,
        last_line_bytes: 0,
        head: old.head,
        segments: old.segments.into_iter().map(segment).collect(),
        withheld: Vec::new(),
    };
    manifest.sort();
    Ok(manifest)
}

/// Brings the store at `root` to this version; nothing happens if it is.
///
/// # Errors
/// As [`Store::writer`](super::Store::writer); [`Kind::Store`](types::error::Kind::Store)
/// if the store is damaged.
pub fn migrate(root: &Path, who: &super::Actor, note: &CommitNote) -> Result<Option<Receipt>> {
    let store = Store::open(root)?;
    for folder in super::FOLDERS {
        let path = root.join(folder);
        std::fs::create_dir_all(&path)
            .map_err(|e| types::error::Error::io(say!("making a folder"), &path, &e))?;
    }
    let mut writer = super::Writer::open_any(&store, who)?;
    let (version, seq) = (writer.manifest()?.version, writer.manifest()?.seq);
    if version == super::FORMAT_VERSION {
        return Ok(None);
    }
    let snapshot = store.snapshot()?;
    let commits = snapshot.not_indexed(&BTreeSet::new())?;
    let segments = writer.index_anew(&snapshot, &commits, seq + 1)?;
    let reason = format!("format version {version} to {}", super::FORMAT_VERSION);
    let change = Change { reason: Some(reason), segments, ..Change::of(Action::Migrate) };
    writer.publish(change, note).map(Some)
}
