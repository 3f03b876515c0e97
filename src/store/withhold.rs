//! Sealing and expunging by order of a court.
//!
//! Both take everything of a casing out of the segments that hold it: those
//! segments are written anew without its rows, texts, files, values, template
//! bytes and cells, and the old ones are removed. What others' rows refer to
//! keeps its place, so what was taken out of packed data becomes zeros. Sealing
//! keeps what was taken out in `sealed/`; expunging does not. Either leaves a
//! tombstone in the manifest and an entry in the ledger.

mod kept;
mod package;
mod rewrite;

use super::Withholding;
use super::filter::key;
use super::ledger::Action;
use super::manifest::{Role, Segment, Withheld};
use super::rows::{CASING, CommitNote, MarkRow, ScanRow};
use super::snapshot::Snapshot;
use super::view;
use super::writer::{Change, Receipt, Writer, files_in};
use crate::error::{Error, Kind, Result};
use crate::evidence::{CasingId, Digest};
use rewrite::Rewrite;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;
use std::time::Duration;

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
        let what = format!("casing {casing} was {done} by {order} (ledger entry {entry})");
        Error::new(Kind::BadInput, what).advise("leave it out, or have the order lifted first")
    }
}

/// What was taken out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taken {
    /// The ledger's entry.
    pub receipt: Receipt,
    /// Whether the old files are gone; if not, somebody was reading, and the
    /// next writer removes them.
    pub removed: bool,
    /// Files in `quarantine/`, which the store does not look into: they may
    /// hold copies and are for a person to judge.
    pub unexamined: Vec<PathBuf>,
}

/// Everything of one casing.
struct Subject {
    casing: CasingId,
    scans: Vec<ScanRow>,
    marks: Vec<MarkRow>,
    /// Keys of all rows that are its.
    keys: BTreeSet<String>,
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
            let what = format!("the store has no casing {casing}");
            return Err(Error::new(Kind::NotFound, what));
        }
        Ok(Self { casing: casing.clone(), scans, marks, keys })
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
            entries.extend(Rewrite::find(self, &subject)?.commits());
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
    /// Takes a casing out of the store by `order`: under seal, or for good.
    ///
    /// # Errors
    /// [`Kind::NotFound`] if there is no such casing; [`Kind::Io`] if the disk
    /// refuses, and then the store is as before.
    pub fn withhold(
        &mut self,
        casing: &CasingId,
        by: Withholding,
        order: &str,
        note: &CommitNote,
    ) -> Result<Taken> {
        let entry = self.manifest()?.seq + 1;
        let snapshot = self.store.snapshot()?;
        let subject = Subject::find(&snapshot, casing)?;
        let kept = match by {
            Withholding::Expunged => Vec::new(),
            Withholding::Sealed => self.seal_away(&snapshot, &subject, entry)?,
        };
        let rewrite = Rewrite::find(&snapshot, &subject)?;
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
            segments: kept,
        });
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
        let mut removed = false;
        for _ in 0..PATIENCE {
            removed = self.purge(&retired)?;
            if removed {
                break;
            }
            std::thread::sleep(PAUSE);
        }
        let unexamined = files_in(&self.store.root.join("quarantine"))?;
        Ok(Taken { receipt, removed, unexamined })
    }

    /// Gives a sealed casing back by `order`.
    ///
    /// # Errors
    /// [`Kind::NotFound`] if no such casing is under seal.
    pub fn unseal(&mut self, casing: &CasingId, order: &str, note: &CommitNote) -> Result<Receipt> {
        let mut withheld = self.manifest()?.withheld.clone();
        let sealed = |w: &Withheld| w.casing == casing.as_str() && w.by == Withholding::Sealed;
        let Some(at) = withheld.iter().position(sealed) else {
            return Err(Error::new(Kind::NotFound, format!("no casing {casing} is under seal")));
        };
        let given_back = withheld.remove(at).segments;
        let root = self.store.root.clone();
        let place = |folder: &str, s: &Segment| root.join(folder).join(s.file_name());
        for segment in &given_back {
            // Both names until the manifest says which: no moment without one.
            let (from, to) = (place("sealed", segment), place("segments", segment));
            let disk = &self.store.disk;
            disk.step(super::Step::Rename, &to, || fs::hard_link(&from, &to))?;
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
        self.forget();
        for segment in &given_back {
            let path = place("sealed", segment);
            self.store.disk.step(super::Step::Remove, &path, || fs::remove_file(&path))?;
        }
        Ok(receipt)
    }
}

/// A new segment in the place of `old`, as entry `written` writes it.
fn in_place_of(old: &Segment, written: u64, rows: BTreeMap<String, u64>) -> Segment {
    Segment { written, rows, bytes: 0, sha256: Digest([0; 32]), ..old.clone() }
}

/// The roles whose segments hold evidence apart from tables.
const DATA: [Role; 4] = [Role::Originals, Role::Marks, Role::Templates, Role::Cells];
