//! Reading what was received, found and computed.

use super::{Place, Snapshot, TEMPLATE_BYTES, absent, part};
use crate::error::{Error, Kind, Result};
use crate::evidence::{Digest, MarkId, MarkKind, Modality};
use crate::prepare::PreparedMark;
use crate::store::filter::key;
use crate::store::layout::TemplateColumns;
use crate::store::manifest::{Role, Segment};
use crate::store::rows::{MarkRow, ScanRow, TemplateRow};
use crate::store::segment::{PIECE, SealedFile, damaged};
use sha2::Digest as _;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::Path;

impl Snapshot {
    /// Every scan, in the order of commits.
    pub fn scans(&self) -> Result<Vec<ScanRow>> {
        self.all()
    }

    /// The scan of a file's content, if it was imported before.
    pub fn scan_by_digest(&self, sha256: &Digest) -> Result<Option<ScanRow>> {
        Ok(self.placed_scan(sha256)?.map(|(_, scan)| scan))
    }

    fn placed_scan(&self, sha256: &Digest) -> Result<Option<(Place, ScanRow)>> {
        let near = self.near::<ScanRow>(key("scan", &sha256.to_string()))?;
        Ok(near.into_iter().find(|(_, s)| s.sha256 == *sha256))
    }

    /// Writes a scan's file as it was received to `to`, in bounded pieces.
    ///
    /// # Errors
    /// [`Kind::NotFound`] if there is no such scan; [`Kind::Store`] if what was
    /// written does not have that digest.
    pub fn original(&self, sha256: &Digest, to: &mut dyn Write) -> Result<()> {
        let name = sha256.to_string();
        let (place, _) = self.placed_scan(sha256)?.ok_or_else(|| absent("scan", &name))?;
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
            let what = format!("the values of mark {id} have another shape than its row says");
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

    /// The templates of one mark kind, modality and recipe, in the order of
    /// commits. A segment's templates lie in one piece and are read with plain
    /// file operations, in one pass that also verifies them.
    pub fn templates(
        &self,
        kind: MarkKind,
        modality: Modality,
        recipe: &Digest,
    ) -> Result<Vec<(MarkId, Vec<u8>)>> {
        let mut templates = Vec::new();
        self.each_template(|row, bytes| {
            if (row.kind, row.modality, row.recipe) == (kind, modality, *recipe) {
                templates.push((row.mark, bytes.to_vec()));
            }
        })?;
        Ok(templates)
    }

    /// Shows every template, holding one segment of them in memory.
    pub(in crate::store) fn each_template(
        &self,
        mut show: impl FnMut(TemplateRow, &[u8]),
    ) -> Result<()> {
        let mut opened: Option<(&Segment, Packed)> = None;
        for tables in self.with_rows::<TemplateColumns>() {
            for (seq, index) in self.tables(tables)?.columns::<TemplateColumns>()? {
                let Some(segment) = self.manifest().covering(Role::Templates, seq) else {
                    continue;
                };
                if opened.as_ref().is_none_or(|(open, _)| open.sha256 != segment.sha256) {
                    opened = Some((segment, self.packed(segment)?));
                }
                let Some((_, packed)) = &opened else { continue };
                let bytes = packed.of_commit(seq)?;
                for entry in index {
                    let range =
                        entry.offset as usize..entry.offset.saturating_add(entry.length) as usize;
                    let template = bytes.get(range).ok_or_else(|| {
                        let path = self.path_of(segment);
                        Error::new(Kind::Store, "a template lies outside its segment").at(path)
                    })?;
                    show(entry.row()?, template);
                }
            }
        }
        Ok(())
    }

    /// What every stored template was made from.
    pub(in crate::store) fn each_template_row(
        &self,
        mut show: impl FnMut(TemplateRow),
    ) -> Result<()> {
        for tables in self.with_rows::<TemplateColumns>() {
            for (seq, index) in self.tables(tables)?.columns::<TemplateColumns>()? {
                if self.manifest().covering(Role::Templates, seq).is_some() {
                    index
                        .iter()
                        .map(TemplateColumns::row)
                        .try_for_each(|row| row.map(&mut show))?;
                }
            }
        }
        Ok(())
    }

    fn packed(&self, segment: &Segment) -> Result<Packed> {
        let path = self.path_of(segment);
        let file = std::fs::read(&path).map_err(|e| Error::io("reading templates", &path, &e))?;
        if !self.cache.lock().verified.contains(&segment.sha256) {
            let sha256 = Digest::of(&file);
            if (file.len() as u64, sha256) != (segment.bytes, segment.sha256) {
                return Err(damaged(&path, segment, file.len() as u64, sha256));
            }
            self.cache.lock().verified.insert(segment.sha256);
        }
        let sealed = SealedFile::open(&path)?;
        let (_, offset, length) = sealed.extent(TEMPLATE_BYTES)?;
        let blocks = sealed.blocks(segment)?;
        Ok(Packed { file, start: offset as usize, length: length as usize, blocks })
    }
}

/// A templates segment in memory.
struct Packed {
    file: Vec<u8>,
    start: usize,
    length: usize,
    blocks: Vec<super::Block>,
}

impl Packed {
    fn of_commit(&self, seq: u64) -> Result<&[u8]> {
        let end = self.start.saturating_add(self.length);
        let all = self.file.get(self.start..end).unwrap_or_default();
        match self.blocks.as_slice() {
            // The one block of a version 1 segment counts templates, not bytes.
            [only] if only.seq == seq => Ok(all),
            blocks => {
                let block = blocks.iter().find(|b| b.seq == seq);
                part(
                    all,
                    block.ok_or_else(|| {
                        Error::new(Kind::Store, format!("commit {seq} has no templates"))
                    })?,
                )
            }
        }
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
fn stored_name(file: &SealedFile, id: &MarkId, place: Place) -> Result<String> {
    let Place { seq, at } = place;
    let names =
        [values_name(id), format!("mark_values/{seq:08}-{at:06}"), format!("mark_values/{at:06}")];
    let found = names.into_iter().find(|name| file.has(name));
    found.ok_or_else(|| Error::new(Kind::Store, format!("the values of mark {id} are not stored")))
}

fn copy_out(
    path: &Path,
    offset: u64,
    length: u64,
    sha256: &Digest,
    to: &mut dyn Write,
) -> Result<()> {
    let io = |e: std::io::Error| Error::io("copying an original", path, &e);
    let mut file = File::open(path).map_err(io)?;
    file.seek(SeekFrom::Start(offset)).map_err(io)?;
    let mut source = file.take(length);
    let mut hash = sha2::Sha256::new();
    let mut piece = vec![0_u8; PIECE];
    loop {
        let read = source.read(&mut piece).map_err(io)?;
        let bytes = piece.get(..read).unwrap_or_default();
        if bytes.is_empty() {
            break;
        }
        hash.update(bytes);
        to.write_all(bytes).map_err(io)?;
    }
    if Digest(hash.finalize().into()) == *sha256 {
        return Ok(());
    }
    Err(Error::new(Kind::Store, format!("the original {sha256} has another digest")).at(path))
}
