//! The segment files of one commit.

use super::tables::TableSet;
use super::{Counts, TEMPLATE_ALIGNMENT, Writer};
use crate::batch::{Batch, Original, Values};
use crate::delivery::{Delivery, Sealed};
use crate::filter::key;
use crate::layout::{CellColumns, CommitBlock, Index, IndexColumns, TableRow as _};
use crate::manifest::{Role, Segment};
use crate::rows::MarkRow;
use crate::segment::{SegmentFile, changed, measure, part_of};
use crate::snapshot::{SKETCHES, TEMPLATE_BYTES, TEXT, values_name};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use types::error::{Error, Kind, Result};
use types::evidence::{CasingId, Digest, MarkId, Modality};
use types::message::{Message, say};

/// How the content of a segment is written.
type Write<'a> = &'a dyn Fn(&SegmentFile) -> Result<()>;

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
        let mut put = |role, rows: Counts, from: Option<&Arc<Delivery>>, write: Write<'_>| {
            let (written, first, last, level, bytes) = (seq, seq, seq, 0, 0);
            let sha256 = Digest([0; 32]);
            let new = Segment { written, first, last, level, role, bytes, sha256, rows };
            segments.push(match from {
                Some(from) => self.adopt(folder, new, from)?,
                None => self.seal(folder, new, write)?,
            });
            Ok::<(), Error>(())
        };
        let tables = TableSet::of(batch, seq)?;
        put(Role::Tables, tables.rows.clone(), None, &|file| tables.write(file))?;
        if !batch.scans.is_empty() {
            let held = batch.scans.iter().filter(|(scan, _)| scan.is_held()).count();
            let (rows, from) = (counted("originals", held), delivered_originals(batch)?);
            put(Role::Originals, rows, from, &|file| originals(file, batch))?;
        }
        if !batch.marks.is_empty() {
            let rows = counted("mark_values", batch.marks.len());
            put(Role::Marks, rows, delivered_marks(batch)?, &|file| {
                file.group("mark_values")?;
                batch.marks.iter().try_for_each(|(mark, values)| mark_values(file, mark, values))
            })?;
        }
        if !batch.templates.is_empty() {
            let packed = packed(batch);
            let rows = counted(TEMPLATE_BYTES, packed.len());
            put(Role::Templates, rows, None, &|file| {
                file.contiguous(TEMPLATE_BYTES, &packed)?;
                file.table(&[whole(seq, TEMPLATE_BYTES, packed.len()).columns()?])
            })?;
            let index = self.index_of(batch)?;
            let rows = index_counts([&index]);
            put(Role::Index, rows, None, &|file| write_index(file, &[(seq, &index)]))?;
        }
        let cells = batch.comparisons.iter().flat_map(|(_, cells)| cells);
        let cells: Vec<_> = cells.map(CellColumns::from).collect();
        if !cells.is_empty() {
            put(Role::Cells, counted("cells", cells.len()), None, &|file| {
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

    /// Takes a delivered segment into `folder` under its final name; `new`
    /// with its length and digest.
    fn adopt(&self, folder: &str, new: Segment, from: &Delivery) -> Result<Segment> {
        let name = new.file_name();
        let draft = self.draft(&name);
        let Sealed { bytes, sha256 } = from.hand_over(new.role, &draft)?;
        self.disk().publish(&draft, &self.store.root.join(folder).join(name))?;
        Ok(Segment { bytes, sha256, ..new })
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
            blocks.push(CommitBlock { first, ..whole(*seq, dataset, count) }.columns()?);
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
    batch.scans.iter().filter(|(scan, _)| scan.is_held()).try_for_each(|(scan, original)| {
        let name = format!("originals/{}", scan.sha256);
        let (path, copied) = match original {
            Original::Elsewhere => {
                return Err(missing(say!("the file of a scan is kept elsewhere")));
            }
            Original::File(path) => (path.clone(), file.copy_of(&name, path, scan.bytes)?),
            Original::Delivered(from) => {
                let from = from.file(Role::Originals)?;
                let (path, offset, length) = from.extent(&name)?;
                let source = part_of(path, offset, length)?;
                (path.to_owned(), file.copy_from(&name, source, path, length)?)
            }
        };
        if copied == scan.sha256 { Ok(()) } else { Err(changed(&path)) }
    })
}

fn missing(what: Message) -> Error {
    Error::new(Kind::Internal, what)
}

/// The delivery whose segment of originals holds just the files that `batch`
/// adds, if there is one.
fn delivered_originals(batch: &Batch) -> Result<Option<&Arc<Delivery>>> {
    let held = batch.scans.iter().filter(|(scan, _)| scan.is_held());
    let from = held.clone().map(|(_, original)| match original {
        Original::Delivered(from) => Some(from),
        _ => None,
    });
    let names = held.map(|(scan, _)| scan.sha256.to_string()).collect();
    whole_of(Role::Originals, "originals", from, &names)
}

/// The delivery whose segment of marks holds just those that `batch` adds.
fn delivered_marks(batch: &Batch) -> Result<Option<&Arc<Delivery>>> {
    let from = batch.marks.iter().map(|(_, values)| match values {
        Values::Delivered(from) => Some(from),
        _ => None,
    });
    let within = |mark: &MarkRow| values_name(&mark.id).trim_start_matches("mark_values/").into();
    let names = batch.marks.iter().map(|(mark, _)| within(mark)).collect();
    whole_of(Role::Marks, "mark_values", from, &names)
}

/// The delivery that all of `from` are, if its segment holds just `names`.
fn whole_of<'a>(
    role: Role,
    group: &str,
    mut from: impl Iterator<Item = Option<&'a Arc<Delivery>>>,
    names: &BTreeSet<String>,
) -> Result<Option<&'a Arc<Delivery>>> {
    let Some(Some(first)) = from.next() else { return Ok(None) };
    if !from.all(|other| other.is_some_and(|other| Arc::ptr_eq(other, first))) {
        return Ok(None);
    }
    Ok(first.holds_just(role, group, names)?.then_some(first))
}

/// Writes the values of one mark.
pub fn mark_values(file: &SegmentFile, mark: &MarkRow, values: &Values) -> Result<()> {
    let unit = match mark.modality {
        Modality::Topography => "um",
        Modality::Image => "1",
    };
    let name = values_name(&mark.id);
    match values {
        Values::Here(values) => file.map(&name, values.view(), unit),
        Values::Delivered(from) => file.map(&name, from.values(mark)?.view(), unit),
        Values::Elsewhere => Err(missing(say!("the values of a mark are elsewhere"))),
    }
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
fn whole(seq: u64, dataset: &str, count: usize) -> CommitBlock {
    CommitBlock { seq, dataset: dataset.to_owned(), first: 0, count: count as u64 }
}
