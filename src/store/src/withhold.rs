//! Sealing and expunging by order of a court.
//!
//! Both take everything of a casing out of the segments that hold it: those
//! segments are written anew without its rows, texts, files, values, template
//! bytes and cells, and without the records about it, its scans and its marks;
//! the old ones are removed. What others' rows refer to
//! keeps its place, so what was taken out of packed data becomes zeros. Sealing
//! keeps what was taken out in `sealed/`; expunging does not. Either leaves a
//! tombstone in the manifest and an entry in the ledger.

mod kept;
mod package;
mod records;
mod rewrite;

use super::Withholding;
use super::filter::key;
use super::ledger::{Action, Ledger};
use super::manifest::{Role, Segment, Withheld};
use super::rows::{CASING, CommitNote, MarkRow, ScanRow};
use super::segment::each_piece;
use super::snapshot::Snapshot;
use super::view;
use super::writer::{Change, Left, Receipt, Remains, Writer, files_in};
use rewrite::Rewrite;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;
use types::error::{Error, Kind, Result};
use types::evidence::{CasingId, Digest};
use types::message::{Message, say};
use types::units::Metres;

/// How long readers are given to finish before old files are left to the next
/// writer.
const PATIENCE: u32 = 50;
const PAUSE: Duration = Duration::from_millis(100);

impl Withheld {
    /// The refusal to take such a casing in again.
    pub fn refusal(&self) -> Error {
        let Self { casing, order, entry, .. } = self;
        let done = match self.by {
            Withholding::Sealed => "sealed",
            Withholding::Expunged => "expunged",
        };
        let what = say!("casing {casing} was {done} by {order} (ledger entry {entry})");
        Error::new(Kind::BadInput, what)
            .advise(say!("leave it out, or have the order lifted first"))
    }
}

/// What was taken out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taken {
    /// The ledger's entry.
    pub receipt: Receipt,
    /// Files that may still hold its bytes. While there are any, it is not
    /// done: the same order, given again, looks again.
    pub remains: Vec<Remains>,
}

/// Tells what a scan's file measured, whatever it is packed in: its content and
/// the pitch that the scan was read with, to the digest of its surface.
pub type Measured<'a> = &'a dyn Fn(&[u8], Metres) -> Option<Digest>;

/// Everything of one casing.
struct Subject {
    casing: CasingId,
    scans: Vec<ScanRow>,
    marks: Vec<MarkRow>,
    /// Keys of all rows that are its.
    keys: BTreeSet<String>,
    /// The names of its scans and marks.
    parts: BTreeSet<String>,
}

impl Subject {
    fn find(snapshot: &Snapshot, casing: &CasingId) -> Result<Self> {
        let (mut scans, mut marks) = (snapshot.scans()?, snapshot.marks()?);
        scans.retain(|s| s.casing == *casing);
        marks.retain(|m| m.casing == *casing);
        let own = [CASING, "of", "linked"].map(|sort| key(sort, casing.as_str()));
        let mut keys = BTreeSet::from(own);
        for mark in &marks {
            keys.extend(["mark", "template", "compared"].map(|sort| key(sort, mark.id.as_str())));
        }
        if scans.is_empty() && snapshot.casing(casing)?.is_none() {
            let what = say!("the store has no casing {casing}");
            return Err(Error::new(Kind::NotFound, what));
        }
        let of_scans = scans.iter().map(|s| s.sha256.to_string());
        let of_marks = marks.iter().map(|m| m.id.to_string());
        let parts = of_scans.chain(of_marks).collect();
        Ok(Self { casing: casing.clone(), scans, marks, keys, parts })
    }

    /// The names by which its bytes are known in a file.
    fn names(&self) -> BTreeSet<String> {
        self.parts.iter().cloned().chain([self.casing.to_string()]).collect()
    }
}

impl Snapshot {
    /// The ledger entries that concern a casing: those whose rows tell of it,
    /// those that name it, and those that its tombstone names.
    ///
    /// # Errors
    /// [`Kind::Store`] if something cannot be read.
    pub fn history_of(&self, casing: &CasingId) -> Result<BTreeSet<u64>> {
        let mut entries = BTreeSet::new();
        if let Ok(subject) = Subject::find(self, casing) {
            entries.extend(Rewrite::find(self, &subject, Withholding::Sealed)?.commits());
        }
        let name = key(CASING, casing.as_str());
        let named = self.ledger()?;
        entries.extend(named.entries.iter().filter(|e| e.subjects.contains(&name)).map(|e| e.seq));
        for tombstone in self.withheld().iter().filter(|w| w.casing == casing.as_str()) {
            entries.extend(&tombstone.commits);
            entries.insert(tombstone.entry);
        }
        Ok(entries)
    }
}

impl Writer<'_> {
    /// Takes a casing out of the store by `order`: under seal, or for good. Its
    /// scans' surfaces are kept as digests, as far as `measured` can tell them.
    ///
    /// # Errors
    /// [`Kind::NotFound`] if there is no such casing; [`Kind::Io`] if the disk
    /// refuses, and then the store is as before.
    pub fn withhold(
        &mut self,
        casing: &CasingId,
        by: Withholding,
        order: &str,
        measured: Measured<'_>,
        note: &CommitNote,
    ) -> Result<Taken> {
        let entry = self.manifest()?.seq + 1;
        let snapshot = self.store.snapshot()?;
        let subject = match Subject::find(&snapshot, casing) {
            Ok(subject) => subject,
            Err(e) => {
                drop(snapshot);
                return if by == Withholding::Expunged { self.again(casing) } else { Err(e) };
            }
        };
        let kept = match by {
            Withholding::Expunged => Vec::new(),
            Withholding::Sealed => self.seal_away(&snapshot, &subject, entry)?,
        };
        let rewrite = Rewrite::find(&snapshot, &subject, by)?;
        let segments = rewrite.write(self, entry)?;
        let retired: Vec<String> = rewrite.replaced().map(Segment::file_name).collect();
        let mut withheld = snapshot.withheld().to_vec();
        withheld.push(Withheld {
            casing: casing.to_string(),
            by,
            order: order.to_owned(),
            entry,
            commits: rewrite.commits(),
            scans: subject.scans.iter().map(|s| s.sha256).collect(),
            surfaces: surfaces(&snapshot, &subject, measured)?,
            segments: kept,
        });
        let held = subject.names();
        drop(rewrite);
        drop(snapshot);
        let action = match by {
            Withholding::Sealed => Action::Seal,
            Withholding::Expunged => Action::Expunge,
        };
        let change = Change {
            reason: Some(order.to_owned()),
            subjects: vec![key(CASING, casing.as_str())],
            segments,
            retired: retired.clone(),
            withheld: Some(withheld),
            ..Change::of(action)
        };
        let receipt = self.publish(change, note)?;
        self.forget();
        view::refresh(&self.store.root)?;
        let remains = self.remains(&held)?;
        Ok(Taken { receipt, remains })
    }

    /// Looks again for what is left of a casing that was expunged.
    fn again(&mut self, casing: &CasingId) -> Result<Taken> {
        let manifest = self.manifest()?;
        let (seq, head) = (manifest.seq, manifest.head);
        let done = |w: &&Withheld| w.casing == casing.as_str() && w.by == Withholding::Expunged;
        let tombstone =
            manifest.withheld.iter().find(done).ok_or_else(|| {
                Error::new(Kind::NotFound, say!("the store has no casing {casing}"))
            })?;
        let mut names = BTreeSet::from([tombstone.casing.clone()]);
        names.extend(tombstone.scans.iter().map(Digest::to_string));
        let receipt = Receipt { seq, head, added: BTreeMap::new() };
        Ok(Taken { receipt, remains: self.remains(&names)? })
    }

    /// Removes every retired file, with patience for readers; what is left, and
    /// what of `quarantine/` tells of `names` or cannot be looked into.
    fn remains(&mut self, names: &BTreeSet<String>) -> Result<Vec<Remains>> {
        let root = self.store.root.clone();
        let manifest = self.manifest()?;
        let ledger = Ledger::read(&root, manifest)?;
        let retired = Left::find(&root, manifest, &ledger)?.retired;
        let file_name = |path: &PathBuf| Some(path.file_name()?.to_string_lossy().into_owned());
        let retired: Vec<String> = retired.iter().filter_map(file_name).collect();
        let mut remains = self.purge(&retired, true)?;
        for _ in 0..PATIENCE {
            if !remains.iter().any(Remains::is_read) {
                break;
            }
            std::thread::sleep(PAUSE);
            remains = self.purge(&retired, true)?;
        }
        for path in files_in(&root.join("quarantine"))? {
            let file = path.strip_prefix(&root).unwrap_or(&path);
            remains.extend(may_hold(&path, names)?.map(|why| Remains::of(file, why)));
        }
        Ok(remains)
    }

    /// Gives a sealed casing back by `order`.
    ///
    /// # Errors
    /// [`Kind::NotFound`] if no such casing is under seal.
    pub fn unseal(&mut self, casing: &CasingId, order: &str, note: &CommitNote) -> Result<Receipt> {
        let mut withheld = self.manifest()?.withheld.clone();
        let sealed = |w: &Withheld| w.casing == casing.as_str() && w.by == Withholding::Sealed;
        let Some(at) = withheld.iter().position(sealed) else {
            return Err(Error::new(Kind::NotFound, say!("no casing {casing} is under seal")));
        };
        let given_back = withheld.remove(at).segments;
        let root = self.store.root.clone();
        let place = |folder: &str, s: &Segment| root.join(folder).join(s.file_name());
        for segment in &given_back {
            // Both names until the manifest says which: no moment without one.
            let (from, to) = (place("sealed", segment), place("segments", segment));
            let disk = &self.store.disk;
            disk.step(super::DiskStep::Rename, &to, || fs::hard_link(&from, &to))?;
            disk.sync_folder(&to)?;
        }
        let change = Change {
            reason: Some(order.to_owned()),
            subjects: vec![key(CASING, casing.as_str())],
            segments: given_back.clone(),
            withheld: Some(withheld),
            ..Change::of(Action::Unseal)
        };
        let receipt = self.publish(change, note)?;
        // What was sealed by an older format version comes without an index.
        self.index_what_is_not("given back without an index", note)?;
        self.forget();
        for segment in &given_back {
            let path = place("sealed", segment);
            self.store.disk.step(super::DiskStep::Remove, &path, || fs::remove_file(&path))?;
        }
        Ok(receipt)
    }
}

/// Why a file of `quarantine/` may hold something of a casing, of which `names`
/// are its own and its scans'. Names of files and marks stand in a segment as
/// they are; its tables and numbers are packed, and nothing vouches for a
/// quarantined file that would let an HDF5 library look into it.
fn may_hold(path: &Path, names: &BTreeSet<String>) -> Result<Option<Message>> {
    let io = |e: std::io::Error| Error::io(say!("looking into"), path, &e);
    if !fs::symlink_metadata(path).map_err(io)?.is_file() {
        return Ok(Some(say!("it is no regular file; look at it yourself, and remove it")));
    }
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let packed = [Role::Tables, Role::Keys, Role::Templates, Role::Cells, Role::Index];
    if packed.iter().any(|role| name.contains(&format!("-{}", role.word()))) {
        return Ok(Some(say!(
            "an interrupted change left it, and what it tells of is packed; look at it \
             yourself, and remove it"
        )));
    }
    let mut tells = false;
    let longest = names.iter().map(String::len).max().unwrap_or(0);
    let mut window = Vec::new();
    each_piece(fs::File::open(path).map_err(io)?, io, |bytes| {
        window.extend_from_slice(bytes);
        let found = |name: &String| window.windows(name.len()).any(|w| w == name.as_bytes());
        tells = tells || names.iter().any(found);
        // A name may lie across two pieces.
        window.drain(..window.len().saturating_sub(longest));
        Ok(())
    })?;
    Ok(tells.then(|| say!("it names the casing or a scan of it; remove it")))
}

/// The digests of what the scans of a casing measured, as far as they are held
/// here and can be read.
fn surfaces(snapshot: &Snapshot, subject: &Subject, measured: Measured<'_>) -> Result<Vec<Digest>> {
    let mut surfaces = Vec::new();
    for scan in subject.scans.iter().filter(|scan| scan.is_held()) {
        let mut bytes = Vec::new();
        snapshot.original(&scan.sha256, &mut bytes)?;
        // A file that cannot be read is known by its bytes alone.
        surfaces.extend(measured(&bytes, scan.pitch_x));
    }
    surfaces.sort();
    surfaces.dedup();
    Ok(surfaces)
}

/// A new segment in the place of `old`, as entry `written` writes it.
fn in_place_of(old: &Segment, written: u64, rows: BTreeMap<String, u64>) -> Segment {
    Segment { written, rows, bytes: 0, sha256: Digest([0; 32]), ..old.clone() }
}

/// The roles whose segments hold evidence apart from tables.
const DATA: [Role; 5] = [Role::Originals, Role::Marks, Role::Templates, Role::Cells, Role::Index];
