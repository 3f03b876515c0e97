//! Writing segments anew without what belongs to one casing.

use super::kept::RemainingRows;
use super::{DATA, Subject, in_place_of};
use crate::Withholding;
use crate::layout::{
    CasingColumns, CellColumns, CommitBlock, ComparisonColumns, GroupColumns, IndexColumns,
    LinkColumns, ShortlistColumns, Stored, TableRow, TemplateColumns,
};
use crate::manifest::{Role, Segment};
use crate::migrate::OLD_VERSION;
use crate::rows::{FailureRow, MarkRow, Record, ScanRow};
use crate::segment::{SealedFile, SegmentFile};
use crate::snapshot::{
    FILTER, RowLocation, SKETCHES, Snapshot, TEMPLATE_BYTES, Tables, part, values_name,
};
use crate::writer::{Counts, Writer, put_index};
use std::collections::{BTreeMap, BTreeSet};
use types::error::{Error, Kind, Result};
use types::evidence::MarkId;
use types::message::say;

/// Elements of a packed dataset, by the commit they count from.
type Ranges = BTreeMap<u64, Vec<(u64, u64)>>;

/// What must be written anew, and what goes.
pub struct Rewrite<'a> {
    /// Where it is found.
    pub snapshot: &'a Snapshot,
    subject: &'a Subject,
    by: Withholding,
    tables: Vec<&'a Segment>,
    data: Vec<&'a Segment>,
    /// Commits that hold something of the casing.
    commits: BTreeSet<u64>,
    /// Template bytes that become zeros.
    templates: Ranges,
    /// Cells that become zeros.
    cells: Ranges,
    /// Marks of the rewritten tables by their places: version 1 named values
    /// by them, and places change.
    marks: BTreeMap<(u64, usize), MarkId>,
}

impl<'a> Rewrite<'a> {
    /// Looks for everything of `subject`, to be withheld so.
    pub fn find(snapshot: &'a Snapshot, subject: &'a Subject, by: Withholding) -> Result<Self> {
        let mut this = Self {
            snapshot,
            subject,
            by,
            tables: Vec::new(),
            data: Vec::new(),
            commits: BTreeSet::new(),
            templates: Ranges::new(),
            cells: Ranges::new(),
            marks: BTreeMap::new(),
        };
        let manifest = snapshot.manifest();
        for segment in manifest.of_role(Role::Tables) {
            let mut touched = BTreeSet::new();
            let tables = snapshot.tables(segment)?;
            this.look::<CasingColumns>(&tables, &mut touched)?;
            this.look::<ShortlistColumns>(&tables, &mut touched)?;
            this.look::<LinkColumns>(&tables, &mut touched)?;
            this.look::<GroupColumns>(&tables, &mut touched)?;
            for (place, record) in tables.rows::<Record>()? {
                if this.kept(record.clone()).as_ref() != Some(&record) {
                    touched.insert(place.seq);
                }
            }
            this.look_stored::<ScanRow>(&tables, &mut touched)?;
            let mut marks = BTreeMap::new();
            for (RowLocation { seq, at }, mark) in tables.rows::<MarkRow>()? {
                if mark.casing == subject.casing {
                    touched.insert(seq);
                }
                marks.insert((seq, at), mark.id);
            }
            for (seq, rows) in tables.columns::<TemplateColumns>()? {
                for row in this.own(&rows)? {
                    touched.insert(seq);
                    this.templates.entry(seq).or_default().push((row.offset, row.length));
                }
            }
            for (seq, rows) in tables.columns::<ComparisonColumns>()? {
                for row in this.own(&rows)? {
                    touched.insert(seq);
                    let cells = (row.cells_at, u64::from(row.cells_stored));
                    this.cells.entry(seq).or_default().push(cells);
                }
            }
            for (place, failure) in tables.rows::<FailureRow>()? {
                if this.tells_of(&failure) {
                    touched.insert(place.seq);
                }
            }
            if !touched.is_empty() {
                this.tables.push(segment);
                this.commits.extend(touched);
                this.marks.extend(marks);
            }
        }
        for role in DATA {
            let segments = manifest.of_role(role).iter();
            let holds = |s: &&Segment| this.commits.range(s.first..=s.last).next().is_some();
            this.data.extend(segments.filter(holds));
        }
        Ok(this)
    }

    /// Whether a row belongs to the casing.
    pub fn is_own<R: TableRow>(&self, row: &R) -> Result<bool> {
        Ok(row.keys()?.iter().any(|key| self.subject.keys.contains(key)))
    }

    fn own<R: TableRow>(&self, rows: &[R]) -> Result<Vec<R>> {
        let mut own = Vec::new();
        for row in rows {
            if self.is_own(row)? {
                own.push(*row);
            }
        }
        Ok(own)
    }

    fn look<R: TableRow>(&self, tables: &Tables, touched: &mut BTreeSet<u64>) -> Result<()> {
        for (seq, rows) in tables.columns::<R>()? {
            if !self.own(&rows)?.is_empty() {
                touched.insert(seq);
            }
        }
        Ok(())
    }

    fn look_stored<S: Stored>(&self, tables: &Tables, touched: &mut BTreeSet<u64>) -> Result<()> {
        self.look::<S::TableRow>(tables, touched)
    }

    /// A record as it stays; none if it goes.
    pub fn kept(&self, record: Record) -> Option<Record> {
        self.subject.without(record, self.by)
    }

    /// Whether a failure names a file of the casing.
    pub fn tells_of(&self, failure: &FailureRow) -> bool {
        self.subject.scans.iter().any(|scan| failure.file.ends_with(&scan.file_name))
    }

    /// The commits that had held something of the casing.
    pub fn commits(&self) -> Vec<u64> {
        self.commits.iter().copied().collect()
    }

    /// The segments that are replaced, key filters included.
    pub fn replaced(&self) -> impl Iterator<Item = &'a Segment> {
        let keys =
            |tables: &&'a Segment| self.snapshot.manifest().covering(Role::Keys, tables.first);
        let keys: Vec<_> = self.tables.iter().filter_map(keys).collect();
        self.tables.clone().into_iter().chain(self.data.clone()).chain(keys)
    }

    /// Writes the new segments, as entry `written`.
    pub fn write(&self, writer: &Writer<'_>, written: u64) -> Result<Vec<Segment>> {
        let mut segments = Vec::new();
        for old in &self.tables {
            let kept = RemainingRows::of(self, old)?;
            let rows = kept.counts();
            let new = in_place_of(old, written, rows);
            segments.push(writer.seal("segments", new, &|file| kept.write(file))?);
            if let Some(keys) = self.snapshot.manifest().covering(Role::Keys, old.first) {
                let filter = kept.keys.filter();
                let rows = Counts::from([(FILTER.to_owned(), filter.0.len() as u64)]);
                let new = in_place_of(keys, written, rows);
                segments.push(writer.seal("segments", new, &|f| f.contiguous(FILTER, &filter.0))?);
            }
        }
        for old in &self.data {
            let file = self.snapshot.open(old)?;
            let new = in_place_of(old, written, self.data_rows(old, &file)?);
            segments.push(writer.seal("segments", new, &|to| match old.role {
                Role::Originals => self.originals(&file, to),
                Role::Marks => self.marks(old, &file, to),
                Role::Templates => self.templates(old, &file, to),
                Role::Cells => self.cells(old, &file, to),
                Role::Index => self.index(old, &file, to),
                Role::Tables | Role::Keys => Ok(()),
            })?);
        }
        Ok(segments)
    }

    fn data_rows(&self, old: &Segment, file: &SealedFile) -> Result<Counts> {
        let mut rows = old.rows.clone();
        let kept = match old.role {
            Role::Originals => self.kept_originals(file)?.len(),
            Role::Marks => self.kept_marks(old, file)?.len(),
            Role::Index => {
                let (_, kept) = self.kept_index(old, file)?;
                rows.insert(IndexColumns::TABLE.to_owned(), kept.len() as u64);
                rows.retain(|_, count| *count > 0);
                return Ok(rows);
            }
            _ => return Ok(rows),
        };
        rows.values_mut().for_each(|count| *count = kept as u64);
        Ok(rows)
    }

    fn kept_originals(&self, file: &SealedFile) -> Result<Vec<String>> {
        let mut names = file.names("originals")?;
        names.retain(|name| self.subject.scans.iter().all(|s| s.sha256.to_string() != *name));
        Ok(names)
    }

    fn originals(&self, file: &SealedFile, to: &SegmentFile) -> Result<()> {
        to.group("originals")?;
        for name in self.kept_originals(file)? {
            let name = format!("originals/{name}");
            to.contiguous(&name, &file.read::<u8>(&name)?)?;
        }
        Ok(())
    }

    /// The mark values that stay: their names in `file`, which is `old`, and
    /// their names from now on.
    fn kept_marks(&self, old: &Segment, file: &SealedFile) -> Result<Vec<(String, String)>> {
        let own: BTreeSet<_> = self.subject.marks.iter().map(|m| values_name(&m.id)).collect();
        let numbered = file.version()? == OLD_VERSION;
        let mut kept = Vec::new();
        for name in file.names("mark_values")? {
            let place = if numbered {
                name.parse().ok().map(|at| (old.first, at))
            } else {
                let merged = name.split_once('-');
                merged.and_then(|(seq, at)| Some((seq.parse().ok()?, at.parse().ok()?)))
            };
            let name = format!("mark_values/{name}");
            let mark = place.and_then(|place| self.marks.get(&place));
            let new = mark.map_or_else(|| name.clone(), values_name);
            if !own.contains(&new) {
                kept.push((name, new));
            }
        }
        Ok(kept)
    }

    fn marks(&self, old: &Segment, file: &SealedFile, to: &SegmentFile) -> Result<()> {
        to.group("mark_values")?;
        for (name, new) in self.kept_marks(old, file)? {
            let (values, unit) = file.map(&name)?;
            to.map(&new, values.view(), &unit)?;
        }
        Ok(())
    }

    fn templates(&self, old: &Segment, file: &SealedFile, to: &SegmentFile) -> Result<()> {
        let mut bytes = file.read::<u8>(TEMPLATE_BYTES)?;
        let blocks = file.blocks(old)?;
        blank(&mut bytes, &blocks, &self.templates, 0)?;
        to.contiguous(TEMPLATE_BYTES, &bytes)?;
        let mut rows = Vec::new();
        for mut block in blocks {
            // Version 1, of one commit, counted templates instead of bytes.
            if old.first == old.last {
                block.count = bytes.len() as u64;
            }
            rows.push(block.columns()?);
        }
        to.table(&rows)
    }

    /// The rows of the index that stay, and where those of each commit lie.
    fn kept_index(
        &self,
        old: &Segment,
        file: &SealedFile,
    ) -> Result<(Vec<CommitBlock>, Vec<IndexColumns>)> {
        let all = file.table::<IndexColumns>()?;
        let (mut blocks, mut kept) = (Vec::new(), Vec::new());
        for mut block in file.blocks(old)? {
            if block.dataset == IndexColumns::TABLE {
                let first = kept.len() as u64;
                for row in part(&all, &block)? {
                    if !self.is_own(row)? {
                        kept.push(*row);
                    }
                }
                (block.first, block.count) = (first, kept.len() as u64 - first);
            }
            blocks.push(block);
        }
        Ok((blocks, kept))
    }

    fn index(&self, old: &Segment, file: &SealedFile, to: &SegmentFile) -> Result<()> {
        let held = file.has(SKETCHES);
        let mut sketches = if held { file.read::<u8>(SKETCHES)? } else { Vec::new() };
        let all = file.table::<IndexColumns>()?;
        let mut ranges = Ranges::new();
        for block in file.blocks(old)?.iter().filter(|b| b.dataset == IndexColumns::TABLE) {
            let own = self.own(part(&all, block)?)?.into_iter();
            let own = own.map(|row| (row.sketch_at, row.sketch_length));
            ranges.entry(block.seq).or_default().extend(own);
        }
        let (blocks, kept) = self.kept_index(old, file)?;
        let of_sketches: Vec<CommitBlock> =
            blocks.iter().filter(|b| b.dataset == SKETCHES).cloned().collect();
        blank(&mut sketches, &of_sketches, &ranges, 0)?;
        put_index(to, &kept, &sketches)?;
        to.table(&blocks.iter().map(CommitBlock::columns).collect::<Result<Vec<_>>>()?)
    }

    fn cells(&self, old: &Segment, file: &SealedFile, to: &SegmentFile) -> Result<()> {
        let mut cells = file.read::<CellColumns>(CellColumns::TABLE)?;
        let blocks = file.blocks(old)?;
        blank(&mut cells, &blocks, &self.cells, CellColumns::NOTHING)?;
        to.table(&cells)?;
        to.table(&blocks.iter().map(CommitBlock::columns).collect::<Result<Vec<_>>>()?)
    }
}

/// Overwrites the elements in `ranges` with `nothing`.
fn blank<T: Copy>(
    all: &mut [T],
    blocks: &[CommitBlock],
    ranges: &Ranges,
    nothing: T,
) -> Result<()> {
    for block in blocks {
        for (at, count) in ranges.get(&block.seq).into_iter().flatten() {
            let start = block.first.saturating_add(*at) as usize;
            let part = all.get_mut(start..start.saturating_add(*count as usize));
            part.ok_or_else(|| {
                let what = say!("a row of commit {} lies outside of its data", block.seq);
                Error::new(Kind::Store, what)
            })?
            .fill(nothing);
        }
    }
    Ok(())
}
