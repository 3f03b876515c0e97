//! Reading what was received, found and computed.

use super::{RowLocation, Snapshot, absent};
use crate::filter::key;
use crate::manifest::Role;
use crate::rows::{MarkRow, ScanRow};
use crate::segment::{SealedFile, each_piece};
use sha2::Digest as _;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::Path;
use types::error::{Error, Kind, Result};
use types::evidence::{CasingId, Digest, MarkId};
use types::mark::PreparedMark;
use types::message::say;

impl Snapshot {
    /// Every scan, in the order of commits.
    pub fn scans(&self) -> Result<Vec<ScanRow>> {
        self.all()
    }

    /// The scan of a file's content, if it was imported before.
    pub fn scan_by_digest(&self, sha256: &Digest) -> Result<Option<ScanRow>> {
        Ok(self.placed_scan(sha256)?.map(|(_, scan)| scan))
    }

    /// For each casing the ledger entry that brought its first scan.
    pub fn entered(&self) -> Result<BTreeMap<CasingId, u64>> {
        let mut first = BTreeMap::new();
        self.each(|place, scan: ScanRow| _ = first.entry(scan.casing).or_insert(place.seq))?;
        Ok(first)
    }

    fn placed_scan(&self, sha256: &Digest) -> Result<Option<(RowLocation, ScanRow)>> {
        let near = self.near::<ScanRow>(key("scan", &sha256.to_string()))?;
        Ok(near.into_iter().find(|(_, s)| s.sha256 == *sha256))
    }

    /// Writes a scan's file as it was received to `to`, in bounded pieces.
    ///
    /// # Errors
    /// [`Kind::NotFound`] if there is no such scan or another agency keeps its
    /// file; [`Kind::Store`] if what was
    /// written does not have that digest.
    pub fn original(&self, sha256: &Digest, to: &mut dyn Write) -> Result<()> {
        let name = sha256.to_string();
        let (place, scan) = self.placed_scan(sha256)?.ok_or_else(|| absent("scan", &name))?;
        if !scan.is_held() {
            let what = say!("the file of scan {name} stays with the agency that shared it");
            return Err(
                Error::new(Kind::NotFound, what).advise(say!("ask that agency for the file"))
            );
        }
        let originals = self.open(self.covering(Role::Originals, place.seq)?)?;
        let (path, offset, length) = originals.extent(&format!("originals/{name}"))?;
        copy_out(path, offset, length, sha256, to)
    }

    /// Every mark without its values, in the order of commits.
    pub fn marks(&self) -> Result<Vec<MarkRow>> {
        self.all()
    }

    /// One prepared mark, exactly as it was committed.
    ///
    /// # Errors
    /// [`Kind::NotFound`] if there is no such mark.
    pub fn mark(&self, id: &MarkId) -> Result<PreparedMark> {
        let near = self.near::<MarkRow>(key("mark", id.as_str()))?;
        let found = near.into_iter().find(|(_, m)| m.id == *id);
        let (place, row) = found.ok_or_else(|| absent("mark", id.as_str()))?;
        let file = self.open(self.covering(Role::Marks, place.seq)?)?;
        let (values, _) = file.map(&stored_name(&file, id, place)?)?;
        if values.dim() != (row.ny as usize, row.nx as usize) {
            let what = say!("the values of mark {id} have another shape than its row says");
            return Err(Error::new(Kind::Store, what).at(&self.root));
        }
        Ok(PreparedMark {
            kind: row.kind,
            modality: row.modality,
            pitch: row.pitch,
            values,
            scan_from_mark: row.scan_from_mark,
            recipe: row.recipe,
            quality: row.quality,
        })
    }
}

/// The name of a mark's values: its id, with the characters percent-encoded
/// that mean something in an HDF5 path (RFC 3986, 2.1).
pub fn values_name(id: &MarkId) -> String {
    let id = id.as_str().replace('%', "%25").replace('/', "%2F").replace('.', "%2E");
    format!("mark_values/{id}")
}

/// The name under which a mark's values lie in `file`: version 1 numbered
/// them, and a merged segment prefixes such a number with the commit.
fn stored_name(file: &SealedFile, id: &MarkId, place: RowLocation) -> Result<String> {
    let RowLocation { seq, at } = place;
    let names =
        [values_name(id), format!("mark_values/{seq:08}-{at:06}"), format!("mark_values/{at:06}")];
    let found = names.into_iter().find(|name| file.has(name));
    found.ok_or_else(|| Error::new(Kind::Store, say!("the values of mark {id} are not stored")))
}

/// Copies a file's content from where it lies in a segment, in bounded pieces.
///
/// # Errors
/// [`Kind::Store`] if what was written does not have that digest.
pub fn copy_out(
    path: &Path,
    offset: u64,
    length: u64,
    sha256: &Digest,
    to: &mut dyn Write,
) -> Result<()> {
    let io = |e: std::io::Error| Error::io(say!("copying an original"), path, &e);
    let mut file = File::open(path).map_err(io)?;
    file.seek(SeekFrom::Start(offset)).map_err(io)?;
    let mut hash = sha2::Sha256::new();
    each_piece(file.take(length), io, |bytes| {
        hash.update(bytes);
        to.write_all(bytes).map_err(io)
    })?;
    if Digest(hash.finalize().into()) == *sha256 {
        return Ok(());
    }
    Err(Error::new(Kind::Store, say!("the original {sha256} has another digest")).at(path))
}
