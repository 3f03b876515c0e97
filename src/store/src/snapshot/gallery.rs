//! Reading a gallery by its index: what there is, its sketches at the speed of
//! the disk, and single templates.

use super::{SKETCHES, Snapshot, TEMPLATE_BYTES};
use crate::layout::{IndexColumns, TableRow as _, sort_of};
use crate::manifest::{Role, Segment};
use crate::migrate::INDEXED;
use crate::rows::IndexRow;
use crate::segment::{ALIGNMENT, SealedFile};
use std::collections::BTreeMap;
use std::fs::File;
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use types::error::{Error, Kind, Result};
use types::evidence::{Digest, MarkKind, Modality};
use types::message::say;
use types::system::read_exact_at;

/// Bytes of sketches that are read at once.
const AT_ONCE: usize = 8 << 20;

impl Snapshot {
    /// What the index holds of one mark kind, modality and recipe, in the order
    /// of commits: the templates in the order of [`Snapshot::templates`].
    ///
    /// # Errors
    /// [`Kind::Store`] where the index of some templates is missing or damaged.
    pub fn gallery(
        &self,
        kind: MarkKind,
        modality: Modality,
        recipe: &Digest,
    ) -> Result<Vec<IndexRow>> {
        self.gallery_of(kind, modality, recipe, 0..=u64::MAX)
    }

    /// As [`Snapshot::gallery`], of the commits given alone: no other segment
    /// of the index is read.
    ///
    /// # Errors
    /// As [`Snapshot::gallery`].
    pub fn gallery_of(
        &self,
        kind: MarkKind,
        modality: Modality,
        recipe: &Digest,
        commits: RangeInclusive<u64>,
    ) -> Result<Vec<IndexRow>> {
        self.index_is_there()?;
        let all = self.manifest().of_role(Role::Index).iter();
        let within = |s: &&Segment| s.last >= *commits.start() && s.first <= *commits.end();
        let segments: Vec<Segment> = all.filter(within).cloned().collect();
        self.verify_all(&segments)?;
        let (kind, modality, recipe) = sort_of(kind, modality, recipe)?;
        let mut rows = Vec::new();
        for segment in &segments {
            self.each_index_row(segment, |seq, row| {
                if commits.contains(&seq) && row.is_of(&kind, &modality, &recipe) {
                    rows.push(row.row(seq)?);
                }
                Ok(())
            })?;
        }
        Ok(rows)
    }

    /// Whether the templates of a commit are there, and the rows that tell of
    /// them: neither was given up as damaged.
    pub(crate) fn holds_templates(&self, seq: u64) -> bool {
        let there = |role| self.manifest().covering(role, seq).is_some();
        there(Role::Templates) && there(Role::Tables)
    }

    /// Shows the rows of one index segment whose templates are there.
    pub(crate) fn each_index_row(
        &self,
        segment: &Segment,
        mut show: impl FnMut(u64, &IndexColumns) -> Result<()>,
    ) -> Result<()> {
        let file = self.open(segment)?;
        let all = file.table::<IndexColumns>()?;
        for block in file.blocks(segment)?.iter().filter(|b| b.dataset == IndexColumns::TABLE) {
            if self.holds_templates(block.seq) {
                super::part(&all, block)?.iter().try_for_each(|row| show(block.seq, row))?;
            }
        }
        Ok(())
    }

    /// Whether the first and the last commit of every templates segment are in
    /// the index; `verify` looks at each.
    fn index_is_there(&self) -> Result<()> {
        let manifest = self.manifest();
        let ends = manifest.of_role(Role::Templates).iter().flat_map(|s| [s.first, s.last]);
        let indexed = |seq| manifest.covering(Role::Index, seq).is_some();
        let missing = ends.into_iter().find(|&seq| self.holds_templates(seq) && !indexed(seq));
        let Some(seq) = missing else { return Ok(()) };
        let advice = if manifest.version < INDEXED {
            say!("the store is of an older format version; run `brasslink store migrate` first")
        } else {
            say!("`brasslink store repair` makes it anew from the templates")
        };
        let what = say!("the index of the templates of commit {seq} is missing");
        Err(Error::new(Kind::Store, what).at(&self.root).advise(advice))
    }

    /// Compares segments with their digests, several at a time.
    fn verify_all(&self, segments: &[Segment]) -> Result<()> {
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        let next = AtomicUsize::new(0);
        let work = || {
            while let Some(segment) = segments.get(next.fetch_add(1, Ordering::Relaxed)) {
                self.verify(segment)?;
            }
            Ok(())
        };
        std::thread::scope(|scope| {
            let others: Vec<_> = (1..threads).map(|_| scope.spawn(work)).collect();
            let mut done = work();
            for other in others {
                let ended = other.join().unwrap_or_else(|_| {
                    Err(Error::new(Kind::Internal, say!("a thread that verified segments ended")))
                });
                done = done.and(ended);
            }
            done
        })
    }

    /// Shows the sketches of rows of the index, one after the other, some at a
    /// time; of rows in the order of the index in large pieces.
    ///
    /// # Errors
    /// [`Kind::Store`] where they cannot be read.
    pub fn visit_sketches(&self, rows: &[IndexRow], show: &mut dyn FnMut(&[u8])) -> Result<()> {
        let mut places = Places::new(self, Role::Index, SKETCHES);
        let (mut buffer, mut rest) = (Vec::new(), rows);
        while let Some(first) = rest.first() {
            let start = places.of(first.seq, first.sketch_at, first.sketch_length)?;
            let (mut length, mut count) = (0, 0);
            for row in rest {
                let wanted = row.sketch_length as usize;
                let follows = places.holds(row.seq)
                    && places.of(row.seq, row.sketch_at, row.sketch_length)?
                        == start + length as u64;
                if !follows || (count > 0 && length + wanted > AT_ONCE) {
                    break;
                }
                (length, count) = (length + wanted, count + 1);
            }
            buffer.resize(length, 0);
            places.read(start, &mut buffer)?;
            show(&buffer);
            rest = rest.get(count..).unwrap_or_default();
        }
        Ok(())
    }

    /// Where the sketches of rows of the index lie, one after the other: file,
    /// offset in it, and how many of the rows follow each other there. The
    /// files were compared with their digests, and stay while this snapshot
    /// lives.
    ///
    /// # Errors
    /// [`Kind::Store`] where they cannot be read.
    pub fn sketch_extents(&self, rows: &[IndexRow]) -> Result<Vec<(PathBuf, u64, usize)>> {
        let mut places = Places::new(self, Role::Index, SKETCHES);
        let mut extents: Vec<(PathBuf, u64, usize)> = Vec::new();
        let mut end = None;
        for row in rows {
            let start = places.of(row.seq, row.sketch_at, row.sketch_length)?;
            let path = places.opened.as_ref().map(|o| o.path.clone()).unwrap_or_default();
            match extents.last_mut().filter(|last| end == Some(start) && last.0 == path) {
                Some(last) => last.2 += 1,
                None => extents.push((path, start, 1)),
            }
            end = Some(start + row.sketch_length);
        }
        Ok(extents)
    }

    /// The templates of rows of the index, in the order of the rows.
    ///
    /// # Errors
    /// [`Kind::Store`] where one cannot be read or is not what was indexed.
    pub fn templates_of(&self, rows: &[&IndexRow]) -> Result<Vec<Vec<u8>>> {
        let mut found = vec![Vec::new(); rows.len()];
        let mut order: Vec<usize> = (0..rows.len()).collect();
        order.sort_by_key(|&n| rows.get(n).map(|row| (row.seq, row.offset)));
        let mut usual = None;
        order.retain(|&n| {
            let (Some(row), Some(found)) = (rows.get(n), found.get_mut(n)) else { return false };
            let there = self.where_usual(row, &mut usual);
            there.is_none_or(|bytes| {
                *found = bytes;
                false
            })
        });
        let mut segments: Vec<Segment> = Vec::new();
        for row in order.iter().filter_map(|&n| rows.get(n)) {
            let segment = self.covering(Role::Templates, row.seq)?;
            if segments.last() != Some(segment) {
                segments.push(segment.clone());
            }
        }
        self.verify_all(&segments)?;
        let mut places = Places::new(self, Role::Templates, TEMPLATE_BYTES);
        for n in order {
            let (Some(row), Some(found)) = (rows.get(n), found.get_mut(n)) else { continue };
            let start = places.of(row.seq, row.offset, row.length)?;
            let mut bytes = vec![0; row.length as usize];
            places.read(start, &mut bytes)?;
            if Digest::of(&bytes) != row.template {
                let what = say!("the template of mark {} is not the one indexed", row.mark);
                let advice = say!("`brasslink store verify` tells what is damaged");
                return Err(Error::new(Kind::Store, what).at(&self.root).advise(advice));
            }
            *found = bytes;
        }
        Ok(found)
    }
}

impl Snapshot {
    /// A template where it lies in segments that this program wrote for one
    /// commit, if that place holds bytes of the digest that the index says;
    /// then the rest of the segment need not be looked at. `opened` is the
    /// segment looked into last.
    fn where_usual(&self, row: &IndexRow, opened: &mut Option<(Digest, File)>) -> Option<Vec<u8>> {
        let segment = self.manifest().covering(Role::Templates, row.seq)?;
        if segment.first != segment.last {
            return None;
        }
        if opened.as_ref().is_none_or(|(sha256, _)| *sha256 != segment.sha256) {
            *opened = Some((segment.sha256, File::open(self.path_of(segment)).ok()?));
        }
        let (_, file) = opened.as_ref()?;
        let end = row.offset.checked_add(row.length)?.checked_add(ALIGNMENT)?;
        if end > segment.bytes {
            return None;
        }
        let mut bytes = vec![0; usize::try_from(row.length).ok()?];
        read_exact_at(file, &mut bytes, end - row.length).ok()?;
        (Digest::of(&bytes) == row.template).then_some(bytes)
    }
}

/// Where the parts of a dataset of bytes lie that commits wrote; the segment
/// used last stays open.
struct Places<'a> {
    snapshot: &'a Snapshot,
    role: Role,
    dataset: &'static str,
    opened: Option<Opened>,
}

struct Opened {
    segment: Segment,
    file: File,
    path: PathBuf,
    start: u64,
    length: u64,
    /// Where each commit's part begins.
    first: BTreeMap<u64, u64>,
}

impl<'a> Places<'a> {
    const fn new(snapshot: &'a Snapshot, role: Role, dataset: &'static str) -> Self {
        Self { snapshot, role, dataset, opened: None }
    }

    /// Whether the open segment holds what a commit wrote.
    fn holds(&self, seq: u64) -> bool {
        self.opened.as_ref().is_some_and(|o| (o.segment.first..=o.segment.last).contains(&seq))
    }

    /// The place within the file of what a commit wrote at `at`.
    fn of(&mut self, seq: u64, at: u64, length: u64) -> Result<u64> {
        if !self.holds(seq) {
            self.opened = Some(self.open(seq)?);
        }
        let Some(opened) = &self.opened else {
            return Err(Error::new(Kind::Internal, say!("no segment was opened")));
        };
        let start = opened.first.get(&seq).and_then(|first| first.checked_add(at));
        let inside =
            start.filter(|s| s.checked_add(length).is_some_and(|end| end <= opened.length));
        let start = inside.and_then(|s| s.checked_add(opened.start));
        start.ok_or_else(|| {
            let what = say!("{} of commit {seq} are said to lie outside of them", self.dataset);
            Error::new(Kind::Store, what).at(&opened.path)
        })
    }

    fn open(&self, seq: u64) -> Result<Opened> {
        let segment = self.snapshot.covering(self.role, seq)?;
        let sealed: SealedFile = self.snapshot.open(segment)?;
        let blocks = sealed.blocks(segment)?.into_iter().filter(|b| b.dataset == self.dataset);
        let first = blocks.map(|b| (b.seq, b.first)).collect();
        let none = sealed.length::<u8>(self.dataset)? == 0;
        let (start, length) = if none {
            (0, 0)
        } else {
            let (_, start, length) = sealed.extent(self.dataset)?;
            (start, length)
        };
        let path = self.snapshot.path_of(segment);
        let file =
            File::open(&path).map_err(|e| Error::io(say!("reading a segment"), &path, &e))?;
        Ok(Opened { segment: segment.clone(), file, path, start, length, first })
    }

    fn read(&self, start: u64, to: &mut [u8]) -> Result<()> {
        let Some(opened) = &self.opened else {
            return Err(Error::new(Kind::Internal, say!("no segment was opened")));
        };
        let read = read_exact_at(&opened.file, to, start);
        read.map_err(|e| Error::io(say!("reading a segment"), &opened.path, &e))
    }
}
