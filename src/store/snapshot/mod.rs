//! Reading: one consistent state of the store, whatever a writer does.

mod results;

pub use results::Compared;

use super::filter::key;
use super::layout::{Heap, MarkColumns, Recipe, Row, ScanColumns, Stored, TemplateColumns};
use super::ledger::{Entry, Ledger};
use super::manifest::{Manifest, Role, Segment};
use super::rows::{CASING, FailureRow, MarkRow, Record, RunRow, ScanRow, TemplateRow};
use super::segment::{self, PIECE, SealedFile};
use super::{Finding, check};
use crate::error::{Error, Kind, Result};
use crate::evidence::{CasingId, CasingRecord, Digest, MarkId, MarkKind, Modality};
use crate::prepare::PreparedMark;
use ndarray::Array2;
use sha2::Digest as _;
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

/// Segments whose bytes this process has compared with their digest.
pub type Verified = Arc<Mutex<BTreeSet<Digest>>>;

/// The name, within its segment, of the heap of free texts.
pub const TEXT: &str = "text";
/// The name, within its segment, of the packed templates.
pub const TEMPLATE_BYTES: &str = "template_bytes";

/// An immutable view of the store.
///
/// Every segment is hashed and compared with the manifest before libhdf5 sees
/// it, once per process and segment, when something in it is first asked for.
#[derive(Clone)]
pub struct Snapshot {
    root: PathBuf,
    manifest: Arc<Manifest>,
    ledger: Arc<Ledger>,
    verified: Verified,
}

/// One commit's tables.
pub struct Tables {
    file: SealedFile,
    heap: Heap,
}

impl Tables {
    /// The rows as they lie in the file.
    pub fn columns<R: Row>(&self) -> Result<Vec<R>> {
        self.file.table()
    }

    /// The values of one table.
    pub fn rows<S: Stored>(&self) -> Result<Vec<S>> {
        self.columns::<S::Row>()?.iter().map(|row| S::unpack(row, &self.heap)).collect()
    }
}

impl Snapshot {
    /// Reads and verifies manifest and ledger.
    pub(super) fn read(root: &Path, verified: Verified) -> Result<Self> {
        let manifest = Manifest::read(root)?;
        let ledger = Ledger::read(root, &manifest)?;
        let (manifest, ledger) = (Arc::new(manifest), Arc::new(ledger));
        Ok(Self { root: root.to_owned(), manifest, ledger, verified })
    }

    pub(super) fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// The number of the last commit it shows.
    pub fn seq(&self) -> u64 {
        self.manifest.seq
    }

    /// The hash that vouches for everything it shows.
    pub fn head(&self) -> Digest {
        self.ledger.head
    }

    /// Every commit, oldest first.
    pub fn ledger(&self) -> &[Entry] {
        &self.ledger.entries
    }

    fn open(&self, segment: &Segment) -> Result<SealedFile> {
        let path = self.root.join("segments").join(segment.file_name());
        let verified = || self.verified.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if !verified().contains(&segment.sha256) {
            segment::verify(&path, segment)?;
            verified().insert(segment.sha256);
        }
        SealedFile::open(&path)
    }

    /// The segment of `role` that commit `seq` wrote.
    fn sibling(&self, seq: u64, role: Role) -> Result<SealedFile> {
        let found = self.manifest.segments.iter().find(|s| s.seq == seq && s.role == role);
        let found = found.ok_or_else(|| {
            Error::new(Kind::Store, format!("commit {seq} has no {} segment", role.word()))
                .at(&self.root)
        });
        self.open(found?)
    }

    fn tables(&self, segment: &Segment) -> Result<Tables> {
        let file = self.open(segment)?;
        let heap = if segment.rows.contains_key(TEXT) { file.read(TEXT)? } else { Vec::new() };
        Ok(Tables { file, heap: Heap(heap) })
    }

    /// The table segments that have rows of `R`, oldest first.
    fn with_rows<R: Row>(&self) -> impl DoubleEndedIterator<Item = &Segment> {
        self.manifest
            .segments
            .iter()
            .filter(|s| s.role == Role::Tables && s.rows.contains_key(R::TABLE))
    }

    /// Shows every value of one kind, in the order of commits, holding no
    /// more than one commit's in memory.
    pub(super) fn each<S: Stored>(&self, mut show: impl FnMut(S)) -> Result<()> {
        for segment in self.with_rows::<S::Row>() {
            self.tables(segment)?.rows::<S>()?.into_iter().for_each(&mut show);
        }
        Ok(())
    }

    /// Every value of one kind, in the order of commits.
    fn all<S: Stored>(&self) -> Result<Vec<S>> {
        let mut all = Vec::new();
        self.each(|value| all.push(value))?;
        Ok(all)
    }

    /// The values of one kind in the segments that may hold `key`.
    fn near<S: Stored>(&self, key: &str) -> Result<Vec<S>> {
        let mut near = Vec::new();
        for segment in self.with_rows::<S::Row>().filter(|s| s.keys.may_hold(key)) {
            near.extend(self.tables(segment)?.rows::<S>()?);
        }
        Ok(near)
    }

    /// The newest version of every record of one kind, by id.
    pub fn records(&self, kind: &str) -> Result<Vec<Record>> {
        let mut newest = BTreeMap::<String, Record>::new();
        self.each(|record: Record| {
            if record.kind == kind {
                newest.insert(record.id.clone(), record);
            }
        })?;
        Ok(newest.into_values().collect())
    }

    /// Every version of one record, oldest first.
    pub fn versions(&self, kind: &str, id: &str) -> Result<Vec<Record>> {
        let mut found = self.near::<Record>(&key(kind, id))?;
        found.retain(|r| r.kind == kind && r.id == id);
        Ok(found)
    }

    /// The newest record of every casing, by id.
    pub fn casings(&self) -> Result<Vec<CasingRecord>> {
        self.records(CASING)?.iter().map(as_casing).collect()
    }

    /// The newest record of one casing.
    pub fn casing(&self, id: &CasingId) -> Result<Option<CasingRecord>> {
        self.versions(CASING, id.as_str())?.last().map(as_casing).transpose()
    }

    /// Every scan, in the order of commits.
    pub fn scans(&self) -> Result<Vec<ScanRow>> {
        self.all()
    }

    /// The scan of a file's content, if it was imported before.
    pub fn scan_by_digest(&self, sha256: &Digest) -> Result<Option<ScanRow>> {
        let near = self.near::<ScanRow>(&key("scan", &sha256.to_string()))?;
        Ok(near.into_iter().find(|s| s.sha256 == *sha256))
    }

    /// Writes a scan's file as it was received to `to`, in bounded pieces.
    ///
    /// # Errors
    /// [`Kind::NotFound`] if there is no such scan; [`Kind::Store`] if what was
    /// written does not have that digest.
    pub fn original(&self, sha256: &Digest, to: &mut dyn Write) -> Result<()> {
        let name = sha256.to_string();
        for segment in self.with_rows::<ScanColumns>() {
            if !segment.keys.may_hold(&key("scan", &name)) {
                continue;
            }
            let scans = self.tables(segment)?.rows::<ScanRow>()?;
            if !scans.iter().any(|s| s.sha256 == *sha256) {
                continue;
            }
            let originals = self.sibling(segment.seq, Role::Originals)?;
            let (path, offset, length) = originals.extent(&format!("originals/{name}"))?;
            return copy_out(&path, offset, length, sha256, to);
        }
        Err(absent("scan", &name))
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
        let key = key("mark", id.as_str());
        for segment in self.with_rows::<MarkColumns>().filter(|s| s.keys.may_hold(&key)) {
            let rows = self.tables(segment)?.rows::<MarkRow>()?;
            let Some((at, row)) = rows.into_iter().enumerate().find(|(_, m)| m.id == *id) else {
                continue;
            };
            let file = self.sibling(segment.seq, Role::Marks)?;
            let values = file.read::<f32>(&values_name(at))?;
            let shape = (row.ny as usize, row.nx as usize);
            let values = Array2::from_shape_vec(shape, values).map_err(|e| {
                Error::new(Kind::Store, format!("the values of mark {id}: {e}")).at(&self.root)
            })?;
            return Ok(PreparedMark {
                kind: row.kind,
                modality: row.modality,
                pitch: row.pitch,
                values,
                scan_from_mark: row.scan_from_mark,
                recipe: row.recipe,
                quality: row.quality,
            });
        }
        Err(absent("mark", id.as_str()))
    }

    /// The templates of one mark kind, modality and recipe, in the order of
    /// commits. Each commit's templates lie in one piece and are read with
    /// plain file operations.
    pub fn templates(
        &self,
        kind: MarkKind,
        modality: Modality,
        recipe: &Digest,
    ) -> Result<Vec<(MarkId, Vec<u8>)>> {
        let mut templates = Vec::new();
        for segment in self.with_rows::<TemplateColumns>() {
            let index = self.tables(segment)?.columns::<TemplateColumns>()?;
            let file = self.sibling(segment.seq, Role::Templates)?;
            let (path, offset, length) = file.extent(TEMPLATE_BYTES)?;
            let io = |e: std::io::Error| Error::io("reading templates", &path, &e);
            let mut bytes = File::open(&path).map_err(io)?;
            for entry in index {
                let TemplateRow { mark, kind: k, modality: m, recipe: r } = entry.row()?;
                if (k, m, r) != (kind, modality, *recipe) {
                    continue;
                }
                let (at, size) = (entry.offset, entry.length);
                if at.checked_add(size).is_none_or(|end| end > length) {
                    return Err(
                        Error::new(Kind::Store, "a template lies outside its segment").at(&path)
                    );
                }
                let mut template = vec![0; size as usize];
                bytes.seek(SeekFrom::Start(offset + at)).map_err(io)?;
                bytes.read_exact(&mut template).map_err(io)?;
                templates.push((mark, template));
            }
        }
        Ok(templates)
    }

    /// What every stored template was made from.
    pub(super) fn template_rows(&self) -> Result<Vec<TemplateRow>> {
        let mut rows = Vec::new();
        for segment in self.with_rows::<TemplateColumns>() {
            for columns in self.tables(segment)?.columns::<TemplateColumns>()? {
                rows.push(columns.row()?);
            }
        }
        Ok(rows)
    }

    /// Every run, in the order of commits.
    pub fn runs(&self) -> Result<Vec<RunRow>> {
        self.all()
    }

    /// Every failure of every run, in the order of commits.
    pub fn failures(&self) -> Result<Vec<FailureRow>> {
        self.all()
    }

    /// The text of a recipe.
    pub fn recipe(&self, sha256: &Digest) -> Result<Option<String>> {
        let near = self.near::<Recipe>(&key("recipe", &sha256.to_string()))?;
        Ok(near.into_iter().map(|r| r.0).find(|text| Digest::of(text.as_bytes()) == *sha256))
    }

    /// What is wrong with the store on disk, see [`check`].
    pub fn check(&self) -> Vec<Finding> {
        check(&self.root)
    }
}

/// The name of the values of the mark in row `at`.
pub fn values_name(at: usize) -> String {
    format!("mark_values/{at:06}")
}

fn as_casing(record: &Record) -> Result<CasingRecord> {
    serde_json::from_str(&record.body)
        .map_err(|e| Error::new(Kind::Store, format!("the record of casing {}: {e}", record.id)))
}

fn absent(sort: &str, id: &str) -> Error {
    Error::new(Kind::NotFound, format!("the store has no {sort} {id}"))
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
