//! The evidence within a bundle: one HDF5 file with the tables, marks,
//! templates and files of one commit, laid out as in segments.
//!
//! Who may read it, and how it is signed, is the business of `share`.

use super::batch::Batch;
use super::batch::Values;
use super::foreign::LARGEST;
use super::layout::{CellColumns, ComparisonColumns, RecipeTable, TableRow as _, TemplateColumns};
use super::rows::{ComparisonRow, MarkRow, Record, ScanRow, TemplateRow};
use super::segment::{SealedFile, SegmentFile, measure};
use super::snapshot::{TEMPLATE_BYTES, Tables, copy_out, values_name};
use super::writer::{TableSet, mark_values, originals, packed};
use ndarray::Array2;
use std::io::Write;
use std::path::Path;
use types::comparison::Cell;
use types::error::{Error, Kind, Result};
use types::evidence::{Digest, MarkId};
use types::message::say;

/// Largest dataset of a payload, in bytes.
pub const LARGEST_DATASET: u64 = LARGEST;
/// What the file says that it is.
const ROLE: &str = "bundle";
/// The only commit of a payload.
const SEQ: u64 = 1;

/// Writes `batch` and `marks` as one file at `path`, the marks' values as
/// `values` gives them one by one, so that they need not all be in memory.
/// Length and digest of the file.
///
/// # Errors
/// [`Kind::TooLarge`] if a dataset is larger than a receiver would read.
pub fn write_payload(
    path: &Path,
    mut batch: Batch,
    marks: Vec<MarkRow>,
    values: &dyn Fn(&MarkId) -> Result<Array2<f32>>,
) -> Result<(u64, Digest)> {
    batch.marks = marks.into_iter().map(|row| (row, Values::Elsewhere)).collect();
    let file = SegmentFile::create_over(path, ROLE)?;
    TableSet::of(&batch, SEQ)?.write(&file)?;
    if batch.scans.iter().any(|(scan, _)| scan.is_held()) {
        originals(&file, &batch)?;
    }
    if !batch.marks.is_empty() {
        file.group("mark_values")?;
        for (mark, _) in &batch.marks {
            mark_values(&file, mark, &Values::Here(values(&mark.id)?))?;
        }
    }
    if !batch.templates.is_empty() {
        file.contiguous(TEMPLATE_BYTES, &packed(&batch))?;
    }
    file.close()?;
    measure(path)
}

/// A payload opened for reading.
pub struct Payload {
    tables: Tables,
}

impl Payload {
    /// Opens a file of which the caller has verified the digest and which a
    /// confined child has read ([`super::list_confined`]).
    ///
    /// # Errors
    /// [`Kind::Store`] if it does not have the form of a segment.
    pub fn open(path: &Path) -> Result<Self> {
        Self::within(SealedFile::open(path)?.with_largest(LARGEST))
    }

    /// The tables of an opened file that was written as one commit.
    pub(super) fn within(file: SealedFile) -> Result<Self> {
        Ok(Self { tables: Tables::of(file)? })
    }

    fn rows<S: super::layout::Stored>(&self) -> Result<Vec<S>> {
        Ok(self.tables.rows::<S>()?.into_iter().map(|(_, value)| value).collect())
    }

    /// Every record, casings among them.
    pub fn records(&self) -> Result<Vec<Record>> {
        self.rows()
    }

    /// Every scan.
    pub fn scans(&self) -> Result<Vec<ScanRow>> {
        self.rows()
    }

    /// Every mark without its values.
    pub fn marks(&self) -> Result<Vec<MarkRow>> {
        self.rows()
    }

    /// The text of every recipe.
    pub fn recipes(&self) -> Result<Vec<String>> {
        Ok(self.rows::<RecipeTable>()?.into_iter().map(|recipe| recipe.0).collect())
    }

    /// Every template.
    pub fn templates(&self) -> Result<Vec<(TemplateRow, Vec<u8>)>> {
        let file = self.tables.file();
        let bytes = if file.has(TEMPLATE_BYTES) { file.read(TEMPLATE_BYTES)? } else { Vec::new() };
        let mut templates = Vec::new();
        for (_, index) in self.tables.columns::<TemplateColumns>()? {
            for entry in index {
                let start = entry.offset as usize;
                let end = entry.offset.saturating_add(entry.length) as usize;
                let template = bytes.get(start..end).ok_or_else(|| {
                    Error::new(Kind::Store, say!("a template lies outside of template_bytes"))
                })?;
                templates.push((entry.row()?, template.to_vec()));
            }
        }
        Ok(templates)
    }

    /// Every comparison with its cells.
    pub fn comparisons(&self) -> Result<Vec<(ComparisonRow, Vec<Cell>)>> {
        let cells = self.tables.file().table::<CellColumns>()?;
        let mut comparisons = Vec::new();
        for (_, rows) in self.tables.columns::<ComparisonColumns>()? {
            for row in rows {
                let start = row.cells_at as usize;
                let end = start.saturating_add(row.cells_stored as usize);
                let own = if row.cells_stored == 0 { Some(&[][..]) } else { cells.get(start..end) };
                let own = own.ok_or_else(|| {
                    let what = say!("cells lie outside of {}", CellColumns::TABLE);
                    Error::new(Kind::Store, what)
                })?;
                comparisons.push((row.row()?, own.iter().map(|c| Cell::from(*c)).collect()));
            }
        }
        Ok(comparisons)
    }

    /// The values of a mark, shape (ny, nx).
    pub fn values(&self, mark: &MarkRow) -> Result<Array2<f32>> {
        let (values, _) = self.tables.file().map(&values_name(&mark.id))?;
        if values.dim() == (mark.ny as usize, mark.nx as usize) {
            return Ok(values);
        }
        let what = say!("the values of mark {} have another shape than its row says", mark.id);
        Err(Error::new(Kind::Store, what))
    }

    /// Writes a scan's file to `to`.
    ///
    /// # Errors
    /// [`Kind::Store`] if it is not there or has another digest.
    pub fn original(&self, sha256: &Digest, to: &mut dyn Write) -> Result<()> {
        let (path, offset, length) = self.tables.file().extent(&format!("originals/{sha256}"))?;
        copy_out(path, offset, length, sha256, to)
    }
}
