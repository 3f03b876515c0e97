//! Reading: one consistent state of the store, whatever a writer does.

mod cache;
mod evidence;
mod gallery;
mod records;
mod results;
mod templates;

pub use cache::Cache;
pub use evidence::{copy_out, values_name};

use super::filter::{KeyFilter, KeySet, key};
use super::layout::{CommitBlock, CommitColumns, EachTable, RecipeTable, Stored, TableRow, Texts};
use super::ledger::Ledger;
use super::lock::ReadLock;
use super::manifest::{Role, Segment, StoreManifest, Withheld};
use super::migrate::FRAMED;
use super::rows::{FailureRow, RunRow};
use super::segment::{self, SealedFile};
use std::borrow::Cow;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use types::error::{Error, Kind, Result};
use types::evidence::Digest;
use types::message::say;

/// The name, within its segment, of the heap of free texts.
pub const TEXT: &str = "text";
/// The name, within its segment, of the packed templates.
pub const TEMPLATE_BYTES: &str = "template_bytes";
/// The name, within its segment, of the sketches.
pub const SKETCHES: &str = "sketches";
/// The name, within its segment, of a key filter.
pub const FILTER: &str = "filter";

/// An immutable view of the store.
///
/// Every segment is hashed and compared with the manifest before libhdf5 sees
/// it, once per process and segment, when something in it is first asked for.
/// While a snapshot lives, no segment it may need is removed.
#[derive(Clone)]
pub struct Snapshot {
    root: PathBuf,
    manifest: Arc<StoreManifest>,
    ledger: Arc<OnceLock<Arc<Ledger>>>,
    cache: Cache,
    _share: Arc<ReadLock>,
}

/// A row's place: the commit that wrote it and its number among that commit's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RowLocation {
    /// The commit.
    pub seq: u64,
    /// From 0.
    pub at: usize,
}

/// The tables of one segment.
pub struct Tables {
    file: SealedFile,
    blocks: Vec<CommitBlock>,
    /// All free texts; read commit by commit where they are not here.
    texts: Option<Vec<u8>>,
}

impl Tables {
    /// The tables of a file that was written in one commit.
    pub fn of(file: SealedFile) -> Result<Self> {
        let blocks =
            file.table::<CommitColumns>()?.iter().map(CommitBlock::of).collect::<Result<_>>()?;
        let texts = file.has(TEXT).then(|| file.read(TEXT)).transpose()?;
        Ok(Self { file, blocks, texts })
    }

    /// The file they are in.
    pub const fn file(&self) -> &SealedFile {
        &self.file
    }

    /// The rows of one table as they lie in the file, commit by commit.
    pub fn columns<R: TableRow>(&self) -> Result<Vec<(u64, Vec<R>)>> {
        let all = self.file.table::<R>()?;
        let blocks = self.blocks.iter().filter(|b| b.dataset == R::TABLE);
        blocks.map(|b| Ok((b.seq, part(&all, b)?.to_vec()))).collect()
    }

    /// The values of one table, each with its place.
    pub fn rows<S: Stored>(&self) -> Result<Vec<(RowLocation, S)>> {
        let mut rows = Vec::new();
        for (seq, columns) in self.columns::<S::TableRow>()? {
            let texts = self.texts(seq)?;
            for (at, row) in columns.iter().enumerate() {
                rows.push((RowLocation { seq, at }, S::unpack(row, Texts(&texts))?));
            }
        }
        Ok(rows)
    }

    /// The values of one table that are looked up under `key`, each with its
    /// place.
    fn rows_of<S: Stored>(&self, key: &String) -> Result<Vec<(RowLocation, S)>> {
        let mut rows = Vec::new();
        for (seq, columns) in self.columns::<S::TableRow>()? {
            for (at, row) in columns.iter().enumerate() {
                if row.keys()?.contains(key) {
                    let texts = self.texts(seq)?;
                    rows.push((RowLocation { seq, at }, S::unpack(row, Texts(&texts))?));
                }
            }
        }
        Ok(rows)
    }

    /// The free texts of one commit.
    fn texts(&self, seq: u64) -> Result<Cow<'_, [u8]>> {
        match (self.blocks.iter().find(|b| b.seq == seq && b.dataset == TEXT), &self.texts) {
            (None, _) => Ok(Cow::Borrowed(&[])),
            (Some(block), Some(all)) => part(all, block).map(Cow::Borrowed),
            (Some(block), None) => Ok(self.file.slice(TEXT, block.first, block.count)?.into()),
        }
    }

    /// Which commits have something in a dataset, oldest first.
    pub fn commits(&self, dataset: &str) -> impl DoubleEndedIterator<Item = u64> {
        self.blocks.iter().filter(move |b| b.dataset == dataset).map(|b| b.seq)
    }
}

/// The elements of a dataset that one commit wrote.
pub fn part<'a, T>(all: &'a [T], block: &CommitBlock) -> Result<&'a [T]> {
    let range = block.first as usize..block.first.saturating_add(block.count) as usize;
    all.get(range).ok_or_else(|| {
        let what = say!("commit {} is said to lie outside of {}", block.seq, block.dataset);
        Error::new(Kind::Store, what)
    })
}

impl Snapshot {
    /// Reads and verifies the manifest and that the ledger's head vouches for
    /// it.
    pub(super) fn read(root: &Path, cache: Cache) -> Result<Self> {
        // Before the manifest is read, or a segment could go in between.
        let share = Arc::new(ReadLock::share(root));
        let manifest = Arc::new(StoreManifest::read(root)?);
        cache.forget_all_but(&manifest);
        let ledger = Arc::new(OnceLock::new());
        let this = Self { root: root.to_owned(), manifest, ledger, cache, _share: share };
        if this.manifest.version >= FRAMED {
            Ledger::vouch_for(root, &this.manifest)?;
        } else {
            this.ledger()?;
        }
        Ok(this)
    }

    pub(super) fn manifest(&self) -> &StoreManifest {
        &self.manifest
    }

    /// The number of the last ledger entry it shows.
    pub fn seq(&self) -> u64 {
        self.manifest.seq
    }

    /// The hash that vouches for everything it shows.
    pub fn head(&self) -> Digest {
        self.manifest.head
    }

    /// Every change, oldest first; read and verified when first asked for.
    ///
    /// # Errors
    /// [`Kind::Store`], naming the line, if the ledger is damaged.
    pub fn ledger(&self) -> Result<Arc<Ledger>> {
        if let Some(ledger) = self.ledger.get() {
            return Ok(ledger.clone());
        }
        let ledger = self.cache.ledger(&self.root, &self.manifest)?;
        Ok(self.ledger.get_or_init(|| ledger).clone())
    }

    /// The casings that were sealed or expunged by order.
    pub fn withheld(&self) -> &[Withheld] {
        &self.manifest.withheld
    }

    fn path_of(&self, segment: &Segment) -> PathBuf {
        self.root.join("segments").join(segment.file_name())
    }

    /// Compares a segment's bytes with its digest, once a process.
    fn verify(&self, segment: &Segment) -> Result<()> {
        if !self.cache.lock().verified.contains(&segment.sha256) {
            segment::verify(&self.path_of(segment), segment)?;
            self.cache.lock().verified.insert(segment.sha256);
        }
        Ok(())
    }

    pub(super) fn open(&self, segment: &Segment) -> Result<SealedFile> {
        self.verify(segment)?;
        SealedFile::open(&self.path_of(segment))
    }

    /// The segment of `role` that holds what commit `seq` wrote.
    fn covering(&self, role: Role, seq: u64) -> Result<&Segment> {
        self.manifest.covering(role, seq).ok_or_else(|| {
            let what = say!("there is no {} segment of commit {seq}", role.word());
            Error::new(Kind::Store, what).at(&self.root)
        })
    }

    /// The opened segment of `role` that holds what commit `seq` wrote, and
    /// where that begins in its dataset `dataset`.
    fn beside(&self, role: Role, seq: u64, dataset: &str) -> Result<(SealedFile, u64)> {
        let segment = self.covering(role, seq)?;
        let file = self.open(segment)?;
        let of_commit = |b: &CommitBlock| b.seq == seq && b.dataset == dataset;
        let first = file.blocks(segment)?.into_iter().find(of_commit).map_or(0, |b| b.first);
        Ok((file, first))
    }

    pub(super) fn tables(&self, segment: &Segment) -> Result<Tables> {
        let mut tables = self.tables_alone(segment)?;
        if segment.rows.contains_key(TEXT) {
            tables.texts = Some(tables.file.read(TEXT)?);
        }
        Ok(tables)
    }

    /// The tables of a segment, the texts not yet read.
    fn tables_alone(&self, segment: &Segment) -> Result<Tables> {
        let file = self.open(segment)?;
        let blocks = file.blocks(segment)?;
        Ok(Tables { file, blocks, texts: None })
    }

    /// The table segments that have rows of `R`, oldest first.
    fn with_rows<R: TableRow>(&self) -> impl DoubleEndedIterator<Item = &Segment> {
        let tables = self.manifest.of_role(Role::Tables).iter();
        tables.filter(|s| s.rows.contains_key(R::TABLE))
    }

    /// Whether a tables segment may hold one of `keys`; `false` is certain.
    fn may_hold(&self, tables: &Segment, keys: &[String]) -> Result<bool> {
        if self.manifest.covering(Role::Keys, tables.first).is_none()
            && !self.cache.lock().filters.contains_key(&tables.sha256)
        {
            // One commit's tables are as quickly read as a filter.
            return Ok(true);
        }
        let filter = self.filter(tables)?;
        Ok(keys.iter().any(|key| filter.may_hold(key)))
    }

    /// The key filter of a tables segment; made where the segment has none.
    fn filter(&self, tables: &Segment) -> Result<Arc<KeyFilter>> {
        let segment = self.manifest.covering(Role::Keys, tables.first).unwrap_or(tables);
        if let Some(known) = self.cache.lock().filters.get(&segment.sha256) {
            return Ok(known.clone());
        }
        let file = self.open(segment)?;
        let filter = Arc::new(match segment.role {
            Role::Keys => KeyFilter(file.read(FILTER)?),
            _ => keys_of(&file)?.filter(),
        });
        self.cache.lock().filters.insert(segment.sha256, filter.clone());
        Ok(filter)
    }

    /// Shows every value of one kind with its place, in the order of commits,
    /// holding no more than one segment's in memory. Rows whose data segment
    /// was given up as damaged are worth nothing and are not shown.
    pub(crate) fn each<S: Stored>(&self, mut show: impl FnMut(RowLocation, S)) -> Result<()> {
        for segment in self.with_rows::<S::TableRow>() {
            self.show(segment, &mut show)?;
        }
        Ok(())
    }

    fn show<S: Stored>(
        &self,
        segment: &Segment,
        show: &mut impl FnMut(RowLocation, S),
    ) -> Result<()> {
        let rows = self.tables(segment)?.rows::<S>()?.into_iter();
        rows.filter(|(place, _)| self.has::<S>(place))
            .for_each(|(place, value)| show(place, value));
        Ok(())
    }

    /// Whether the data that a row needs are there.
    fn has<S: Stored>(&self, place: &RowLocation) -> bool {
        S::NEEDS.is_none_or(|role| self.manifest.covering(role, place.seq).is_some())
    }

    /// Every value of one kind, in the order of commits.
    fn all<S: Stored>(&self) -> Result<Vec<S>> {
        let mut all = Vec::new();
        self.each(|_, value| all.push(value))?;
        Ok(all)
    }

    /// The values of one kind that are looked up under `key`.
    fn near<S: Stored>(&self, key: String) -> Result<Vec<(RowLocation, S)>> {
        let mut found = Vec::new();
        for segment in self.with_rows::<S::TableRow>() {
            if self.may_hold(segment, std::slice::from_ref(&key))? {
                found.extend(self.tables_alone(segment)?.rows_of::<S>(&key)?);
            }
        }
        found.retain(|(place, _)| self.has::<S>(place));
        Ok(found)
    }

    /// Shows the values of one kind in the segments that may hold one of `keys`,
    /// for one who asks often: it keeps a filter of every segment. Where nothing
    /// is asked for, no segment is opened.
    pub(super) fn near_any<S: Stored>(
        &self,
        keys: &[String],
        mut show: impl FnMut(S),
    ) -> Result<()> {
        if keys.is_empty() {
            return Ok(());
        }
        for segment in self.with_rows::<S::TableRow>() {
            let filter = self.filter(segment)?;
            if keys.iter().any(|key| filter.may_hold(key)) {
                self.show(segment, &mut |_, value| show(value))?;
            }
        }
        Ok(())
    }

    /// Every run, in the order of commits.
    pub fn runs(&self) -> Result<Vec<RunRow>> {
        self.all()
    }

    /// Every failure of every run, in the order of commits.
    pub fn failures(&self) -> Result<Vec<FailureRow>> {
        self.all()
    }

    /// The text of a recipe.
    pub fn recipe(&self, sha256: &Digest) -> Result<Option<String>> {
        let near = self.near::<RecipeTable>(key("recipe", &sha256.to_string()))?;
        let texts = near.into_iter().map(|(_, recipe)| recipe.0);
        Ok(texts.into_iter().find(|text| Digest::of(text.as_bytes()) == *sha256))
    }
}

/// The keys of the rows of a tables segment.
fn keys_of(file: &SealedFile) -> Result<KeySet> {
    struct Gather<'a>(&'a SealedFile, KeySet);
    impl EachTable for Gather<'_> {
        fn table<R: TableRow>(&mut self) -> Result<()> {
            if self.0.has(R::TABLE) {
                for row in self.0.table::<R>()? {
                    row.keys()?.iter().for_each(|key| self.1.insert(key));
                }
            }
            Ok(())
        }
    }
    let mut gather = Gather(file, KeySet::default());
    gather.all()?;
    Ok(gather.1)
}

fn absent(sort: &str, id: &str) -> Error {
    Error::new(Kind::NotFound, say!("the store has no {sort} {id}"))
}
