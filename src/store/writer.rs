//! Writing: one commit at a time, all or nothing.
//!
//! A commit (1) writes its segments under `tmp/`, makes them durable and
//! renames them into `segments/`, (2) appends its entry to the ledger, (3)
//! replaces the manifest. Only the last step makes it exist: a process that
//! dies before leaves files that no manifest names, which the next writer puts
//! into `quarantine/`.

use super::Store;
use super::batch::Batch;
use super::disk::Step;
use super::filter::KeyFilter;
use super::frame;
use super::known::Known;
use super::layout::{
    CasingColumns, CellColumns, ComparisonColumns, Heap, Recipe, Row, Stored, TemplateColumns,
};
use super::ledger::{self, Entry, SegmentSeal};
use super::lock::{Actor, Lock};
use super::manifest::{self, Manifest, RESTORE, Role, Segment, file_name};
use super::rows::{CommitNote, Linking};
use super::segment::{SegmentFile, changed, measure};
use super::snapshot::{TEMPLATE_BYTES, TEXT, values_name};
use super::view;
use crate::error::{Error, Kind, Result};
use crate::evidence::{Digest, Modality};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Templates start at multiples of this within their dataset, so that a mapped
/// segment can be read as numbers.
const TEMPLATE_ALIGNMENT: usize = 64;

/// Rows per table of one commit.
type Counts = BTreeMap<String, u64>;

/// What a commit did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// The number of the commit; that of the last one if nothing was new.
    pub seq: u64,
    /// The hash that vouches for the whole store after it.
    pub head: Digest,
    /// How many rows of which kind were added; empty if nothing was new.
    pub added: Counts,
}

/// The only writer of a store; releases the lock when dropped.
pub struct Writer<'a> {
    store: &'a Store,
    lock: Lock,
    known: Option<Known>,
}

impl<'a> Writer<'a> {
    pub(super) fn open(store: &'a Store, who: &Actor) -> Result<Self> {
        let lock = Lock::take(&store.root.join("lock"), who)?;
        let this = Self { store, lock, known: None };
        this.set_aside_leftovers()?;
        Ok(this)
    }

    /// The writer that ended without releasing its lock, if there was one.
    pub fn stale(&self) -> Option<&Actor> {
        self.lock.stale.as_ref()
    }

    /// Makes everything new in `batch` visible at once. When it returns, the
    /// commit is on disk; if it fails, the store is as before.
    ///
    /// # Errors
    /// [`Kind::BadInput`] for a file that changed since it was scanned or a
    /// name too long for its column; [`Kind::Io`] if the disk refuses.
    pub fn commit(&mut self, mut batch: Batch, note: &CommitNote) -> Result<Receipt> {
        let snapshot = self.store.snapshot()?;
        // Taken out, so that after a failure it is read again from the disk.
        let mut known = match self.known.take() {
            Some(known) => known,
            None => Known::read(&snapshot)?,
        };
        known.sift(&mut batch)?;
        if batch.is_empty() {
            self.known = Some(known);
            return Ok(Receipt {
                seq: snapshot.seq(),
                head: snapshot.head(),
                added: Counts::new(),
            });
        }
        let mut manifest = snapshot.manifest().clone();
        manifest.seq += 1;
        let (segments, added) = self.write_segments(manifest.seq, &batch)?;
        let seals =
            segments.iter().map(|s| SegmentSeal { role: s.role, bytes: s.bytes, sha256: s.sha256 });
        let entry = Entry {
            seq: manifest.seq,
            prev: manifest.head,
            when: note.when.clone(),
            who: note.who.clone(),
            command: note.command.clone(),
            software: note.software.clone(),
            recipe: note.recipe,
            added: added.clone(),
            segments: seals.collect(),
        };
        let (line, head) = frame::seal(&entry)?;
        let (disk, root) = (&self.store.disk, &self.store.root);
        let line = line + "\n";
        disk.append_at(&ledger::path(root), manifest.ledger_bytes, line.as_bytes())?;
        manifest.ledger_bytes += line.len() as u64;
        manifest.head = head;
        manifest.segments.extend(segments);
        let draft = self.tmp("manifest.json");
        disk.replace(&draft, &manifest::path(root), &manifest.to_bytes()?)?;
        self.known = Some(known);
        Ok(Receipt { seq: manifest.seq, head, added })
    }

    fn tmp(&self, name: &str) -> PathBuf {
        self.store.root.join("tmp").join(name)
    }

    /// Writes the segments of a commit; none of them is visible yet.
    fn write_segments(&self, seq: u64, batch: &Batch) -> Result<(Vec<Segment>, Counts)> {
        let mut segments = Vec::new();
        let mut add = |role, rows: Counts, keys, write: &dyn Fn(&SegmentFile) -> Result<()>| {
            let (bytes, sha256) = self.seal(seq, role, write)?;
            segments.push(Segment { seq, role, bytes, sha256, rows, keys });
            Ok::<(), Error>(())
        };
        let none = KeyFilter::default;
        let tables = TableSet::of(batch)?;
        add(Role::Tables, tables.rows.clone(), KeyFilter::of(&batch.keys()), &|f| tables.write(f))?;
        if !batch.scans.is_empty() {
            let rows = counted("originals", batch.scans.len());
            add(Role::Originals, rows, none(), &|file| {
                file.group("originals")?;
                batch.scans.iter().try_for_each(|(scan, path)| {
                    let name = format!("originals/{}", scan.sha256);
                    let copied = file.copy_of(&name, path, scan.bytes)?;
                    if copied == scan.sha256 { Ok(()) } else { Err(changed(path)) }
                })
            })?;
        }
        if !batch.marks.is_empty() {
            let rows = counted("mark_values", batch.marks.len());
            add(Role::Marks, rows, none(), &|file| {
                file.group("mark_values")?;
                batch.marks.iter().enumerate().try_for_each(|(at, (mark, values))| {
                    let unit = match mark.modality {
                        Modality::Topography => "um",
                        Modality::Image => "1",
                    };
                    file.map(&values_name(at), values.view(), unit)
                })
            })?;
        }
        if !batch.templates.is_empty() {
            let rows = counted(TEMPLATE_BYTES, batch.templates.len());
            add(Role::Templates, rows, none(), &|file| {
                let mut packed = Vec::new();
                for (_, bytes) in &batch.templates {
                    packed.resize(packed.len().next_multiple_of(TEMPLATE_ALIGNMENT), 0);
                    packed.extend_from_slice(bytes);
                }
                file.contiguous(TEMPLATE_BYTES, &packed)
            })?;
        }
        let cells = batch.comparisons.iter().flat_map(|(_, cells)| cells);
        let cells: Vec<_> = cells.map(CellColumns::from).collect();
        if !cells.is_empty() {
            add(Role::Cells, counted("cells", cells.len()), none(), &|file| file.table(&cells))?;
        }
        let mut added = tables.rows;
        added.remove(TEXT);
        Ok((segments, added))
    }

    /// Writes one segment file and gives it its final name; returns its length
    /// and digest.
    fn seal(
        &self,
        seq: u64,
        role: Role,
        write: &dyn Fn(&SegmentFile) -> Result<()>,
    ) -> Result<(u64, Digest)> {
        let name = file_name(seq, role);
        let draft = self.tmp(&name);
        let file = SegmentFile::create(&draft, role)?;
        write(&file)?;
        file.close()?;
        let measured = measure(&draft)?;
        self.store.disk.publish(&draft, &self.store.root.join("segments").join(name))?;
        Ok(measured)
    }

    /// Puts away what a writer that died left behind: files that no manifest
    /// names and a ledger line that no manifest vouches for.
    ///
    /// # Errors
    /// [`Kind::Store`] if there is more than one commit can leave behind:
    /// then the manifest is older than the store.
    fn set_aside_leftovers(&self) -> Result<()> {
        let root = &self.store.root;
        let manifest = Manifest::read(root)?;
        for file in files_in(&root.join("tmp"))? {
            self.store.disk.step(Step::Write, &file, || fs::remove_file(&file))?;
        }
        let path = ledger::path(root);
        let ledger = fs::read(&path).map_err(|e| Error::io("reading the ledger", &path, &e))?;
        let vouched = usize::try_from(manifest.ledger_bytes).unwrap_or(usize::MAX);
        let tail = ledger.get(vouched..).unwrap_or_default();
        let strangers = strangers(root, &manifest)?;
        let later = |name: &String| !name.starts_with(&format!("{:08}-", manifest.seq + 1));
        if tail.iter().filter(|b| **b == b'\n').count() > 1 || strangers.iter().any(later) {
            return Err(Error::new(
                Kind::Store,
                "the manifest is older than the rest of the store",
            )
            .at(root)
            .advise(RESTORE));
        }
        for name in strangers {
            let to = self.unused_name(&name)?;
            let from = root.join("segments").join(&name);
            self.store.disk.step(Step::Rename, &to, || fs::rename(&from, &to))?;
        }
        if !tail.is_empty() {
            let to = self.unused_name("ledger-tail.jsonl")?;
            self.store.disk.replace(&self.tmp("ledger-tail.jsonl"), &to, tail)?;
            self.store.disk.append_at(&path, manifest.ledger_bytes, b"")?;
        }
        Ok(())
    }

    fn unused_name(&self, name: &str) -> Result<PathBuf> {
        let folder = self.store.root.join("quarantine");
        let free = (0_u32..).map(|n| folder.join(format!("{n:04}-{name}"))).find(|p| !p.exists());
        free.ok_or_else(|| Error::new(Kind::Store, "the quarantine folder is full").at(folder))
    }
}

impl Drop for Writer<'_> {
    fn drop(&mut self) {
        // The view is derived and trusted by nobody: a stale one is reported
        // by `check` and made again by the next writer.
        let _refreshed = view::refresh(&self.store.root);
    }
}

/// The files in `segments/` that `manifest` does not name, sorted.
pub fn strangers(root: &Path, manifest: &Manifest) -> Result<Vec<String>> {
    let named = |name: &String| manifest.segments.iter().any(|s| s.file_name() == *name);
    let names = files_in(&root.join("segments"))?
        .into_iter()
        .filter_map(|p| Some(p.file_name()?.to_string_lossy().into_owned()))
        .filter(|name| !named(name));
    Ok(names.collect())
}

fn files_in(folder: &Path) -> Result<Vec<PathBuf>> {
    let io = |e: std::io::Error| Error::io("listing", folder, &e);
    let entries = fs::read_dir(folder).map_err(io)?;
    let mut files =
        entries.map(|e| e.map(|e| e.path())).collect::<std::io::Result<Vec<_>>>().map_err(io)?;
    files.sort();
    Ok(files)
}

fn counted(name: &str, count: usize) -> Counts {
    Counts::from([(name.to_owned(), count as u64)])
}

/// How one table is written once its rows are packed.
type WriteTable = Box<dyn Fn(&SegmentFile) -> Result<()>>;

/// The tables of one commit, packed and ready to write.
struct TableSet {
    rows: Counts,
    writes: Vec<WriteTable>,
    heap: Heap,
}

impl TableSet {
    fn of(batch: &Batch) -> Result<Self> {
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
        let recipes: Vec<_> = batch.recipes.iter().cloned().map(Recipe).collect();
        set.add(recipes.iter())?;
        set.add(batch.runs.iter())?;
        set.add(batch.failures.iter())?;
        if !set.heap.0.is_empty() {
            set.rows.insert(TEXT.to_owned(), set.heap.0.len() as u64);
        }
        Ok(set)
    }

    fn add<'b, S: Stored + 'b>(&mut self, values: impl Iterator<Item = &'b S>) -> Result<()> {
        let rows = values.map(|v| v.pack(&mut self.heap)).collect::<Result<Vec<_>>>()?;
        self.add_columns(rows);
        Ok(())
    }

    fn add_columns<R: Row>(&mut self, rows: Vec<R>) {
        if !rows.is_empty() {
            self.rows.insert(R::TABLE.to_owned(), rows.len() as u64);
            self.writes.push(Box::new(move |file| file.table(&rows)));
        }
    }

    fn write(&self, file: &SegmentFile) -> Result<()> {
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
            .map_err(|_| Error::new(Kind::TooLarge, "a comparison has too many cells"))?;
        end += u64::from(count);
        ComparisonColumns::of(row, start, count)
    };
    batch.comparisons.iter().map(place).collect()
}
