//! The tables of one commit.

use super::{Counts, TEMPLATE_ALIGNMENT};
use crate::batch::Batch;
use crate::layout::{
    CasingColumns, CommitBlock, ComparisonColumns, Heap, RecipeTable, Stored, TableRow,
    TemplateColumns,
};
use crate::rows::Linking;
use crate::segment::SegmentFile;
use crate::snapshot::TEXT;
use types::error::{Error, Kind, Result};
use types::message::say;

/// How one table is written once its rows are packed.
type WriteTable = Box<dyn Fn(&SegmentFile) -> Result<()>>;

/// The tables of one commit, packed and ready to write.
pub struct TableSet {
    /// Rows per table.
    pub rows: Counts,
    writes: Vec<WriteTable>,
    heap: Heap,
}

impl TableSet {
    /// Packs what commit `seq` adds.
    pub fn of(batch: &Batch, seq: u64) -> Result<Self> {
        let mut set = Self { rows: Counts::new(), writes: Vec::new(), heap: Heap::default() };
        set.add(batch.records.iter())?;
        let casings = batch.records.iter().filter_map(|r| CasingColumns::of(r).transpose());
        set.add_columns(casings.collect::<Result<Vec<_>>>()?);
        set.add(batch.scans.iter().map(|(scan, _)| scan))?;
        set.add(batch.marks.iter().map(|(mark, _)| mark))?;
        set.add_columns(template_columns(batch)?);
        set.add_columns(comparison_columns(batch)?);
        if let Some(linking) = &batch.linking {
            set.rows.insert(Linking::MARKER.to_owned(), 1);
            set.add(linking.shortlists.iter())?;
            set.add(linking.links.iter())?;
            set.add(linking.groups.iter())?;
        }
        let recipes: Vec<_> = batch.recipes.iter().cloned().map(RecipeTable).collect();
        set.add(recipes.iter())?;
        set.add(batch.runs.iter())?;
        set.add(batch.failures.iter())?;
        if !set.heap.0.is_empty() {
            set.rows.insert(TEXT.to_owned(), set.heap.0.len() as u64);
        }
        let blocks = set.rows.iter().map(|(dataset, count)| {
            CommitBlock { seq, dataset: dataset.clone(), first: 0, count: *count }.columns()
        });
        let blocks = blocks.collect::<Result<Vec<_>>>()?;
        set.writes.push(Box::new(move |file| file.table(&blocks)));
        Ok(set)
    }

    fn add<'b, S: Stored + 'b>(&mut self, values: impl Iterator<Item = &'b S>) -> Result<()> {
        let rows = values.map(|v| v.pack(&mut self.heap)).collect::<Result<Vec<_>>>()?;
        self.add_columns(rows);
        Ok(())
    }

    fn add_columns<R: TableRow>(&mut self, rows: Vec<R>) {
        if !rows.is_empty() {
            self.rows.insert(R::TABLE.to_owned(), rows.len() as u64);
            self.writes.push(Box::new(move |file| file.table(&rows)));
        }
    }

    /// Writes them.
    pub fn write(&self, file: &SegmentFile) -> Result<()> {
        self.writes.iter().try_for_each(|write| write(file))?;
        if self.heap.0.is_empty() { Ok(()) } else { file.compressed(TEXT, &self.heap.0) }
    }
}

fn template_columns(batch: &Batch) -> Result<Vec<TemplateColumns>> {
    let mut end = 0_usize;
    let place = |(row, bytes): &(_, Vec<u8>)| {
        let start = end.next_multiple_of(TEMPLATE_ALIGNMENT);
        end = start + bytes.len();
        TemplateColumns::of(row, start as u64, bytes.len() as u64)
    };
    batch.templates.iter().map(place).collect()
}

fn comparison_columns(batch: &Batch) -> Result<Vec<ComparisonColumns>> {
    let mut end = 0_u64;
    let place = |(row, cells): &(_, Vec<_>)| {
        let start = end;
        let count = u32::try_from(cells.len())
            .map_err(|_| Error::new(Kind::TooLarge, say!("a comparison has too many cells")))?;
        end += u64::from(count);
        ComparisonColumns::of(row, start, count)
    };
    batch.comparisons.iter().map(place).collect()
}
