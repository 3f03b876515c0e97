//! The tables of a segment without what belongs to one casing.

use super::rewrite::Rewrite;
use crate::filter::KeySet;
use crate::layout::{
    CasingColumns, CommitBlock, ComparisonColumns, GroupColumns, Heap, LinkColumns, RecipeTable,
    ShortlistColumns, Stored, TableRow, TemplateColumns,
};
use crate::manifest::Segment;
use crate::rows::{FailureRow, Linking, MarkRow, Record, RunRow, ScanRow};
use crate::segment::SegmentFile;
use crate::snapshot::{RowLocation, TEXT, Tables};
use crate::writer::Counts;
use std::collections::BTreeMap;
use types::error::Result;

/// How one table is written once its rows are packed.
type WriteTable = Box<dyn Fn(&SegmentFile) -> Result<()>>;

/// The rows of a tables segment that stay, packed anew.
pub struct RemainingRows {
    blocks: Vec<CommitBlock>,
    writes: Vec<WriteTable>,
    texts: Vec<u8>,
    /// The keys of the rows that stay.
    pub keys: KeySet,
}

impl RemainingRows {
    /// The rows of `segment` that `rewrite` does not take out.
    pub fn of(rewrite: &Rewrite<'_>, segment: &Segment) -> Result<Self> {
        let tables = rewrite.snapshot.tables(segment)?;
        let mut kept = Self {
            blocks: Vec::new(),
            writes: Vec::new(),
            texts: Vec::new(),
            keys: KeySet::default(),
        };
        let mut heaps = BTreeMap::new();
        kept.stored::<Record>(rewrite, &tables, &mut heaps, |r| rewrite.kept(r))?;
        kept.stored::<ScanRow>(rewrite, &tables, &mut heaps, Some)?;
        kept.stored::<MarkRow>(rewrite, &tables, &mut heaps, Some)?;
        kept.stored::<RecipeTable>(rewrite, &tables, &mut heaps, Some)?;
        kept.stored::<RunRow>(rewrite, &tables, &mut heaps, Some)?;
        let others = |f: FailureRow| (!rewrite.tells_of(&f)).then_some(f);
        kept.stored::<FailureRow>(rewrite, &tables, &mut heaps, others)?;
        kept.plain::<CasingColumns>(rewrite, &tables)?;
        kept.plain::<TemplateColumns>(rewrite, &tables)?;
        kept.plain::<ComparisonColumns>(rewrite, &tables)?;
        kept.plain::<ShortlistColumns>(rewrite, &tables)?;
        kept.plain::<LinkColumns>(rewrite, &tables)?;
        kept.plain::<GroupColumns>(rewrite, &tables)?;
        for seq in tables.commits(Linking::MARKER) {
            let first = kept.blocks.iter().filter(|b| b.dataset == Linking::MARKER).count() as u64;
            let dataset = Linking::MARKER.to_owned();
            kept.blocks.push(CommitBlock { seq, dataset, first, count: 1 });
        }
        for (seq, heap) in heaps {
            let (first, count) = (kept.texts.len() as u64, heap.0.len() as u64);
            kept.blocks.push(CommitBlock { seq, dataset: TEXT.to_owned(), first, count });
            kept.texts.extend(heap.0);
        }
        Ok(kept)
    }

    fn stored<S: Stored>(
        &mut self,
        rewrite: &Rewrite<'_>,
        tables: &Tables,
        heaps: &mut BTreeMap<u64, Heap>,
        keep: impl Fn(S) -> Option<S>,
    ) -> Result<()> {
        let mut by_commit: BTreeMap<u64, Vec<S::TableRow>> = BTreeMap::new();
        for (RowLocation { seq, .. }, value) in tables.rows::<S>()? {
            let Some(value) = keep(value) else { continue };
            if !rewrite.is_own(&value.pack(&mut Heap::default())?)? {
                let row = value.pack(heaps.entry(seq).or_default())?;
                by_commit.entry(seq).or_default().push(row);
            }
        }
        self.take(by_commit.into_iter().collect())
    }

    fn plain<R: TableRow>(&mut self, rewrite: &Rewrite<'_>, tables: &Tables) -> Result<()> {
        let mut by_commit = Vec::new();
        for (seq, rows) in tables.columns::<R>()? {
            let mut kept = Vec::new();
            for row in rows {
                if !rewrite.is_own(&row)? {
                    kept.push(row);
                }
            }
            by_commit.push((seq, kept));
        }
        self.take(by_commit)
    }

    fn take<R: TableRow>(&mut self, by_commit: Vec<(u64, Vec<R>)>) -> Result<()> {
        let mut all = Vec::new();
        for (seq, rows) in by_commit {
            let (first, count) = (all.len() as u64, rows.len() as u64);
            self.blocks.push(CommitBlock { seq, dataset: R::TABLE.to_owned(), first, count });
            for row in &rows {
                row.keys()?.iter().for_each(|key| self.keys.insert(key));
            }
            all.extend(rows);
        }
        if !all.is_empty() {
            self.writes.push(Box::new(move |file| file.table(&all)));
        }
        Ok(())
    }

    /// Rows per table.
    pub fn counts(&self) -> Counts {
        let mut counts = Counts::new();
        for block in self.blocks.iter().filter(|b| b.count > 0) {
            *counts.entry(block.dataset.clone()).or_default() += block.count;
        }
        counts
    }

    /// Writes them.
    pub fn write(&self, file: &SegmentFile) -> Result<()> {
        self.writes.iter().try_for_each(|write| write(file))?;
        if !self.texts.is_empty() {
            file.compressed(TEXT, &self.texts)?;
        }
        file.table(&self.blocks.iter().map(CommitBlock::columns).collect::<Result<Vec<_>>>()?)
    }
}
