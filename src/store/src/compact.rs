//! Merging small segments, so that a store of many commits stays a store of
//! few files.
//!
//! Merging concatenates datasets and never touches a row: positions within a
//! row count from where its commit begins, and the table `commits` says where
//! that is. Sixteen neighbours of one level become one of the next, as in a
//! log-structured merge tree (O'Neil et al., Acta Informatica 33, 1996), so a
//! row is copied once for every sixteen-fold growth, up to a size from which
//! files are large enough as they are.

use super::filter::KeySet;
use super::layout::{CellColumns, CommitBlock, EachTable, IndexColumns, TableRow};
use super::ledger::Action;
use super::lock::tell;
use super::manifest::{Role, Segment, StoreManifest};
use super::migrate::OLD_VERSION;
use super::rows::CommitNote;
use super::segment::{Filling, SealedFile, SegmentFile, each_piece};
use super::snapshot::{FILTER, SKETCHES, Snapshot, TEMPLATE_BYTES, TEXT};
use super::view;
use super::writer::{Change, Counts, Receipt, TEMPLATE_ALIGNMENT, Writer};
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use types::error::{Error, Result};
use types::evidence::Digest;
use types::message::say;

/// Neighbours of one level that are merged into one of the next.
const FAN: usize = 16;
/// Tables are read whole, so they stay small; the rest is large enough to be
/// read at the disk's speed.
const fn largest(role: Role) -> u64 {
    match role {
        Role::Tables | Role::Keys | Role::Cells => 4 << 20,
        Role::Originals | Role::Marks | Role::Templates | Role::Index => 16 << 20,
    }
}

/// The roles that are merged; key filters are made anew with their tables.
const MERGED: [Role; 6] =
    [Role::Tables, Role::Originals, Role::Marks, Role::Templates, Role::Cells, Role::Index];

/// The first [`FAN`] neighbours of one level that fit into one segment.
fn due(manifest: &StoreManifest, role: Role) -> Option<&[Segment]> {
    manifest.of_role(role).windows(FAN).find(|run| {
        let level = run.first().map(|s| s.level);
        run.iter().all(|s| Some(s.level) == level)
            && run.iter().map(|s| s.bytes).sum::<u64>() <= largest(role)
    })
}

/// All segments of a role in as few runs as fit into segments, single ones
/// left out.
fn runs(manifest: &StoreManifest, role: Role) -> Vec<&[Segment]> {
    let mut runs = Vec::new();
    let mut rest = manifest.of_role(role);
    while !rest.is_empty() {
        let mut bytes = 0;
        let fits = rest.iter().take_while(|s| {
            bytes += s.bytes;
            bytes <= largest(role)
        });
        let (run, later) = rest.split_at(fits.count().max(1));
        runs.extend((run.len() > 1).then_some(run));
        rest = later;
    }
    runs
}

impl Writer<'_> {
    /// Merges what a commit made due.
    pub(super) fn merge_what_is_due(&mut self, note: &CommitNote) -> Result<()> {
        loop {
            let manifest = self.manifest()?;
            let due = MERGED.iter().filter_map(|&role| due(manifest, role));
            let due: Vec<Vec<Segment>> = due.map(<[_]>::to_vec).collect();
            if due.is_empty() {
                return Ok(());
            }
            self.merge(&due, note)?;
        }
    }

    /// Merges all small segments into as few as there can be; nothing happens
    /// where there is nothing to merge.
    ///
    /// # Errors
    /// [`Kind::Io`](types::error::Kind::Io) if the disk refuses; the store is
    /// then as before.
    pub fn compact(&mut self, note: &CommitNote) -> Result<Option<Receipt>> {
        let manifest = self.manifest()?;
        let runs = MERGED.iter().flat_map(|&role| runs(manifest, role));
        let runs: Vec<Vec<Segment>> = runs.map(<[_]>::to_vec).collect();
        if runs.is_empty() { Ok(None) } else { self.merge(&runs, note).map(Some) }
    }

    fn merge(&mut self, runs: &[Vec<Segment>], note: &CommitNote) -> Result<Receipt> {
        let written = self.manifest()?.seq + 1;
        let snapshot = self.store.snapshot()?;
        let (mut segments, mut retired) = (Vec::new(), Vec::new());
        for run in runs {
            segments.extend(self.merge_run(&snapshot, run, written)?);
            retired.extend(run.iter().map(Segment::file_name));
            for tables in run.iter().filter(|s| s.role == Role::Tables) {
                let keys = self.manifest()?.covering(Role::Keys, tables.first);
                retired.extend(keys.map(Segment::file_name));
            }
        }
        drop(snapshot);
        let change = Change { segments, retired: retired.clone(), ..Change::of(Action::Compact) };
        let receipt = self.publish(change, note)?;
        // Nothing in the view may lead to a file that is gone; and files that
        // stay behind are removed by the next writer.
        if let Err(e) = view::refresh(&self.store.root).and_then(|()| self.purge(&retired, false)) {
            tell(&say!("merged segments are left to the next writer to remove: {e}"));
        }
        Ok(receipt)
    }

    /// Writes the one segment that replaces `run`, and its key filter if it
    /// holds tables.
    fn merge_run(
        &self,
        snapshot: &Snapshot,
        run: &[Segment],
        written: u64,
    ) -> Result<Vec<Segment>> {
        let (Some(first), Some(last)) = (run.first(), run.last()) else { return Ok(Vec::new()) };
        let mut rows = Counts::new();
        for (name, count) in run.iter().flat_map(|s| &s.rows) {
            *rows.entry(name.clone()).or_default() += count;
        }
        let new = Segment {
            written,
            first: first.first,
            last: last.last,
            level: run.iter().map(|s| s.level).max().unwrap_or(0).saturating_add(1),
            role: first.role,
            bytes: 0,
            sha256: Digest([0; 32]),
            rows,
        };
        let sources = Sources { snapshot, run };
        let keys = std::cell::RefCell::new(KeySet::default());
        let mut merged = vec![self.seal("segments", new.clone(), &|file| match new.role {
            Role::Tables => sources.tables(file, &mut keys.borrow_mut()),
            Role::Originals => sources.originals(file),
            Role::Marks => sources.marks(file),
            Role::Templates => sources.templates(file),
            Role::Cells => sources.cells(file),
            Role::Index => sources.index(file),
            Role::Keys => Ok(()),
        })?];
        if new.role == Role::Tables {
            let filter = keys.into_inner().filter();
            let rows = Counts::from([(FILTER.to_owned(), filter.0.len() as u64)]);
            let new = Segment { role: Role::Keys, rows, ..new };
            merged.push(self.seal("segments", new, &|f| f.contiguous(FILTER, &filter.0))?);
        }
        Ok(merged)
    }
}

/// Segments of one role, in order, to be written as one.
struct Sources<'a> {
    snapshot: &'a Snapshot,
    run: &'a [Segment],
}

impl Sources<'_> {
    fn open(&self) -> impl Iterator<Item = Result<(&Segment, SealedFile)>> {
        self.run.iter().map(|segment| Ok((segment, self.snapshot.open(segment)?)))
    }

    fn tables(&self, to: &SegmentFile, keys: &mut KeySet) -> Result<()> {
        Merge { sources: self, to, keys }.all()?;
        let texts = self.total::<u8>(TEXT)?;
        if texts > 0 {
            let mut filling = to.compressed_of(TEXT, texts)?;
            for source in self.open() {
                let (_, file) = source?;
                if file.has(TEXT) {
                    filling.put(&file.read::<u8>(TEXT)?)?;
                }
            }
        }
        self.commits(to)
    }

    fn total<T: hdf5::H5Type>(&self, name: &str) -> Result<usize> {
        self.open().try_fold(0, |total, source| Ok(total + source?.1.length::<T>(name)?))
    }

    /// Writes the `commits` of the sources, one behind the other.
    fn commits(&self, to: &SegmentFile) -> Result<()> {
        let mut starts = Counts::new();
        let mut rows = Vec::new();
        for source in self.open() {
            let (segment, file) = source?;
            let mut ends = starts.clone();
            for block in file.blocks(segment)? {
                let start = starts.get(&block.dataset).copied().unwrap_or(0);
                let first = start.saturating_add(block.first);
                let end = ends.entry(block.dataset.clone()).or_default();
                *end = (*end).max(first.saturating_add(block.count));
                rows.push(CommitBlock { first, ..block }.columns()?);
            }
            starts = ends;
        }
        to.table(&rows)
    }

    fn cells(&self, to: &SegmentFile) -> Result<()> {
        Merge { sources: self, to, keys: &mut KeySet::default() }.table::<CellColumns>()?;
        self.commits(to)
    }

    fn index(&self, to: &SegmentFile) -> Result<()> {
        let total = self.total::<u8>(SKETCHES)?;
        if total > 0 {
            let mut sketches = to.contiguous_of(SKETCHES, total)?;
            for source in self.open() {
                let (_, file) = source?;
                if file.has(SKETCHES) {
                    sketches = copy_bytes(&file, SKETCHES, sketches)?;
                }
            }
        }
        Merge { sources: self, to, keys: &mut KeySet::default() }.table::<IndexColumns>()?;
        self.commits(to)
    }

    fn originals(&self, to: &SegmentFile) -> Result<()> {
        to.group("originals")?;
        for source in self.open() {
            let (_, file) = source?;
            for name in file.names("originals")? {
                let name = format!("originals/{name}");
                copy_bytes(&file, &name, to.contiguous_of(&name, file.length::<u8>(&name)?)?)?;
            }
        }
        Ok(())
    }

    fn marks(&self, to: &SegmentFile) -> Result<()> {
        to.group("mark_values")?;
        for source in self.open() {
            let (segment, file) = source?;
            for name in file.names("mark_values")? {
                let (values, unit) = file.map(&format!("mark_values/{name}"))?;
                // Version 1 numbered the marks of each commit from 0.
                let numbered = file.version()? == OLD_VERSION;
                let name = if numbered { format!("{:08}-{name}", segment.first) } else { name };
                to.map(&format!("mark_values/{name}"), values.view(), &unit)?;
            }
        }
        Ok(())
    }

    fn templates(&self, to: &SegmentFile) -> Result<()> {
        let room = |length: usize| length.next_multiple_of(TEMPLATE_ALIGNMENT);
        let lengths = self.open().map(|s| s?.1.length::<u8>(TEMPLATE_BYTES));
        let lengths = lengths.collect::<Result<Vec<_>>>()?;
        let mut filling =
            to.contiguous_of(TEMPLATE_BYTES, lengths.into_iter().map(room).sum::<usize>())?;
        let mut rows = Vec::new();
        for source in self.open() {
            let (segment, file) = source?;
            let start = filling.len() as u64;
            let length = file.length::<u8>(TEMPLATE_BYTES)?;
            let mut blocks = file.blocks(segment)?;
            if let [block] = blocks.as_mut_slice() {
                // Version 1 counted templates instead of bytes.
                block.count = length as u64;
            }
            for block in blocks {
                rows.push(CommitBlock { first: start + block.first, ..block }.columns()?);
            }
            filling = copy_bytes(&file, TEMPLATE_BYTES, filling)?;
            filling.put(&vec![0_u8; room(length) - length])?;
        }
        to.table(&rows)
    }
}

/// Writes the rows of all sources, and notes their keys.
struct Merge<'a> {
    sources: &'a Sources<'a>,
    to: &'a SegmentFile,
    keys: &'a mut KeySet,
}

impl EachTable for Merge<'_> {
    fn table<R: TableRow>(&mut self) -> Result<()> {
        let total = self.sources.total::<R>(R::TABLE)?;
        if total == 0 {
            return Ok(());
        }
        let mut filling = self.to.table_of::<R>(total)?;
        for source in self.sources.open() {
            let rows = source?.1.table::<R>()?;
            for row in &rows {
                row.keys()?.iter().for_each(|key| self.keys.insert(key));
            }
            filling.put(&rows)?;
        }
        Ok(())
    }
}

/// Copies a contiguous dataset of bytes in bounded pieces.
fn copy_bytes(from: &SealedFile, name: &str, mut to: Filling) -> Result<Filling> {
    let (path, offset, length) = from.extent(name)?;
    let io = |e: std::io::Error| Error::io(say!("reading a segment"), path, &e);
    let mut file = File::open(path).map_err(io)?;
    file.seek(SeekFrom::Start(offset)).map_err(io)?;
    each_piece(file.take(length), io, |bytes| to.put(bytes))?;
    Ok(to)
}
