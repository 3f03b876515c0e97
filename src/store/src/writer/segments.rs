//! The segment files of one commit.

use super::tables::TableSet;
use super::{Counts, TEMPLATE_ALIGNMENT, Writer};
use crate::batch::Batch;
use crate::layout::{Block, CellColumns};
use crate::manifest::{Role, Segment};
use crate::rows::MarkRow;
use crate::segment::{SegmentFile, changed, measure};
use crate::snapshot::{TEMPLATE_BYTES, TEXT, values_name};
use ndarray::Array2;
use types::error::{Error, Result};
use types::evidence::{Digest, Modality};

impl Writer<'_> {
    /// Writes the segments of commit `seq` into `folder`; none of them is
    /// visible yet.
    pub(crate) fn write_segments(
        &self,
        folder: &str,
        seq: u64,
        batch: &Batch,
    ) -> Result<(Vec<Segment>, Counts)> {
        let mut segments = Vec::new();
        let mut add = |role, rows: Counts, write: &dyn Fn(&SegmentFile) -> Result<()>| {
            let new = Segment {
                written: seq,
                first: seq,
                last: seq,
                level: 0,
                role,
                bytes: 0,
                sha256: Digest([0; 32]),
                rows,
            };
            segments.push(self.seal(folder, new, write)?);
            Ok::<(), Error>(())
        };
        let tables = TableSet::of(batch, seq)?;
        add(Role::Tables, tables.rows.clone(), &|file| tables.write(file))?;
        if !batch.scans.is_empty() {
            let held = batch.scans.iter().filter(|(scan, _)| scan.is_held()).count();
            add(Role::Originals, counted("originals", held), &|file| originals(file, batch))?;
        }
        if !batch.marks.is_empty() {
            add(Role::Marks, counted("mark_values", batch.marks.len()), &|file| {
                file.group("mark_values")?;
                batch.marks.iter().try_for_each(|(mark, values)| mark_values(file, mark, values))
            })?;
        }
        if !batch.templates.is_empty() {
            let packed = packed(batch);
            let rows = counted(TEMPLATE_BYTES, packed.len());
            add(Role::Templates, rows, &|file| {
                file.contiguous(TEMPLATE_BYTES, &packed)?;
                file.table(&[whole(seq, TEMPLATE_BYTES, packed.len()).columns()?])
            })?;
        }
        let cells = batch.comparisons.iter().flat_map(|(_, cells)| cells);
        let cells: Vec<_> = cells.map(CellColumns::from).collect();
        if !cells.is_empty() {
            add(Role::Cells, counted("cells", cells.len()), &|file| {
                file.table(&cells)?;
                file.table(&[whole(seq, "cells", cells.len()).columns()?])
            })?;
        }
        let mut added = tables.rows;
        added.remove(TEXT);
        Ok((segments, added))
    }

    /// Writes one segment file into `folder` under its final name; `new` with
    /// its length and digest.
    pub(crate) fn seal(
        &self,
        folder: &str,
        new: Segment,
        write: &dyn Fn(&SegmentFile) -> Result<()>,
    ) -> Result<Segment> {
        let name = new.file_name();
        let draft = self.draft(&name);
        let file = SegmentFile::create(&draft, new.role.word())?;
        write(&file)?;
        file.close()?;
        let (bytes, sha256) = measure(&draft)?;
        self.disk().publish(&draft, &self.store.root.join(folder).join(name))?;
        Ok(Segment { bytes, sha256, ..new })
    }
}

/// Writes the files of a batch's scans, as far as they are held here.
pub fn originals(file: &SegmentFile, batch: &Batch) -> Result<()> {
    file.group("originals")?;
    batch.scans.iter().filter(|(scan, _)| scan.is_held()).try_for_each(|(scan, path)| {
        let copied = file.copy_of(&format!("originals/{}", scan.sha256), path, scan.bytes)?;
        if copied == scan.sha256 { Ok(()) } else { Err(changed(path)) }
    })
}

/// Writes the values of one mark.
pub fn mark_values(file: &SegmentFile, mark: &MarkRow, values: &Array2<f32>) -> Result<()> {
    let unit = match mark.modality {
        Modality::Topography => "um",
        Modality::Image => "1",
    };
    file.map(&values_name(&mark.id), values.view(), unit)
}

/// A batch's templates as they lie in `template_bytes`.
pub fn packed(batch: &Batch) -> Vec<u8> {
    let mut packed = Vec::new();
    for (_, bytes) in &batch.templates {
        packed.resize(packed.len().next_multiple_of(TEMPLATE_ALIGNMENT), 0);
        packed.extend_from_slice(bytes);
    }
    packed
}

fn counted(name: &str, count: usize) -> Counts {
    Counts::from([(name.to_owned(), count as u64)])
}

/// The only block of a segment of one commit and one dataset.
fn whole(seq: u64, dataset: &str, count: usize) -> Block {
    Block { seq, dataset: dataset.to_owned(), first: 0, count: count as u64 }
}
