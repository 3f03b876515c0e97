//! The segment files of one commit.

use super::tables::TableSet;
use super::{Counts, TEMPLATE_ALIGNMENT, Writer};
use crate::batch::Batch;
use crate::filter::key;
use crate::layout::{Block, CellColumns, Index, IndexColumns, Row as _};
use crate::manifest::{Role, Segment};
use crate::rows::MarkRow;
use crate::segment::{SegmentFile, changed, measure};
use crate::snapshot::{SKETCHES, TEMPLATE_BYTES, TEXT, values_name};
use ndarray::Array2;
use std::collections::BTreeMap;
use types::error::{Error, Result};
use types::evidence::{CasingId, Digest, MarkId, Modality};

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
            let index = self.index_of(batch)?;
            add(Role::Index, index_counts([&index]), &|file| write_index(file, &[(seq, &index)]))?;
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

    /// The index of a batch's templates. The mark of one whose template was
    /// lost is in the store already.
    fn index_of(&self, batch: &Batch) -> Result<Index> {
        let mut casings: BTreeMap<&MarkId, CasingId> =
            batch.marks.iter().map(|(mark, _)| (&mark.id, mark.casing.clone())).collect();
        let known = batch.templates.iter().filter(|(t, _)| !casings.contains_key(&t.mark));
        let known: Vec<&MarkId> = known.map(|(t, _)| &t.mark).collect();
        if !known.is_empty() {
            let snapshot = self.store.snapshot()?;
            let keys: Vec<String> = known.iter().map(|mark| key("mark", mark.as_str())).collect();
            snapshot.near_any(&keys, |mark: MarkRow| {
                if let Some(known) = known.iter().find(|known| ***known == mark.id) {
                    casings.insert(*known, mark.casing);
                }
            })?;
        }
        let (mut index, mut end) = (Index::default(), 0_usize);
        for (template, bytes) in &batch.templates {
            let start = end.next_multiple_of(TEMPLATE_ALIGNMENT);
            end = start + bytes.len();
            index.add(template, casings.get(&template.mark), start as u64, bytes)?;
        }
        Ok(index)
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

/// Rows and bytes of what several commits have in the index.
pub fn index_counts<'a>(commits: impl IntoIterator<Item = &'a Index>) -> Counts {
    let mut counts = Counts::new();
    for index in commits {
        *counts.entry(IndexColumns::TABLE.to_owned()).or_default() += index.rows.len() as u64;
        *counts.entry(SKETCHES.to_owned()).or_default() += index.sketches.len() as u64;
    }
    counts.retain(|_, count| *count > 0);
    counts
}

/// Writes the index of some commits, oldest first.
pub fn write_index(file: &SegmentFile, commits: &[(u64, &Index)]) -> Result<()> {
    let (mut rows, mut sketches, mut blocks) = (Vec::new(), Vec::new(), Vec::new());
    for (seq, index) in commits {
        let mut block = |dataset: &str, first: usize, count: usize| {
            let first = first as u64;
            blocks.push(Block { first, ..whole(*seq, dataset, count) }.columns()?);
            Ok::<(), Error>(())
        };
        block(IndexColumns::TABLE, rows.len(), index.rows.len())?;
        block(SKETCHES, sketches.len(), index.sketches.len())?;
        rows.extend_from_slice(&index.rows);
        sketches.extend_from_slice(&index.sketches);
    }
    put_index(file, &rows, &sketches)?;
    file.table(&blocks)
}

/// Writes rows and sketches, as far as there are any.
pub fn put_index(file: &SegmentFile, rows: &[IndexColumns], sketches: &[u8]) -> Result<()> {
    if !sketches.is_empty() {
        file.contiguous(SKETCHES, sketches)?;
    }
    if rows.is_empty() { Ok(()) } else { file.table(rows) }
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
