//! Making the index of templates that have none: in a store of an older format
//! version, after damage, and of casings that were under seal since before
//! there was an index.

use super::layout::{Index, TemplateColumns};
use super::ledger::Action;
use super::manifest::{Role, Segment};
use super::rows::{CommitNote, MarkRow};
use super::snapshot::Snapshot;
use super::writer::{Change, Writer, index_counts, write_index};
use std::collections::{BTreeMap, BTreeSet};
use types::error::Result;
use types::evidence::{CasingId, Digest, MarkId};

/// Bytes of sketches that one segment holds at most.
const LARGEST: usize = 16 << 20;

impl Snapshot {
    /// The commits whose templates are not in the index, if segments of these
    /// file names no longer belong to it.
    pub(super) fn not_indexed(&self, without: &BTreeSet<String>) -> Result<BTreeSet<u64>> {
        let manifest = self.manifest();
        let mut missing = BTreeSet::new();
        for segment in manifest.of_role(Role::Templates) {
            let holds = |index: &&Segment| {
                index.first <= segment.first
                    && index.last >= segment.last
                    && !without.contains(&index.file_name())
            };
            if manifest.of_role(Role::Index).iter().any(|index| holds(&index)) {
                continue;
            }
            for block in self.open(segment)?.blocks(segment)? {
                let index = manifest.covering(Role::Index, block.seq);
                let lost = index.is_none_or(|index| without.contains(&index.file_name()));
                if lost && self.holds_templates(block.seq) {
                    missing.insert(block.seq);
                }
            }
        }
        Ok(missing)
    }
}

impl Writer<'_> {
    /// Writes the index of the templates of `commits`, which have none, as
    /// entry `written`.
    pub(super) fn index_anew(
        &self,
        snapshot: &Snapshot,
        commits: &BTreeSet<u64>,
        written: u64,
    ) -> Result<Vec<Segment>> {
        if commits.is_empty() {
            return Ok(Vec::new());
        }
        let mut casings: BTreeMap<MarkId, CasingId> = BTreeMap::new();
        snapshot.each(|_, mark: MarkRow| _ = casings.insert(mark.id, mark.casing))?;
        let mut pending = Pending { commits: BTreeMap::new(), bytes: 0 };
        let mut segments = Vec::new();
        // No segment may span commits that another one holds, unless that one
        // is replaced.
        let stays = |s: &&Segment| commits.range(s.first..=s.last).next().is_none();
        let others: Vec<u64> = snapshot
            .manifest()
            .of_role(Role::Index)
            .iter()
            .filter(stays)
            .map(|s| s.first)
            .collect();
        let mut waiting = commits.iter().copied().peekable();
        // Of some commits nothing is left but their place, by an order.
        let mut up_to = |seq: u64, pending: &mut Pending| -> Result<()> {
            while let Some(next) = waiting.next_if(|&next| next <= seq) {
                let last = pending.commits.keys().next_back().copied();
                let apart = |last| others.iter().any(|other| (last..next).contains(other));
                if last.is_some_and(apart) || pending.bytes > LARGEST {
                    segments.extend(pending.write(self, written)?);
                }
                pending.commits.insert(next, Index::default());
            }
            Ok(())
        };
        snapshot.each_template_entry(|seq, entry: &TemplateColumns, bytes| {
            if !commits.contains(&seq) {
                return Ok(());
            }
            up_to(seq, &mut pending)?;
            let row = entry.row()?;
            let index = pending.commits.entry(seq).or_default();
            let before = index.sketches.len();
            index.add(&row, casings.get(&row.mark), entry.offset, bytes)?;
            pending.bytes += index.sketches.len() - before;
            Ok(())
        })?;
        up_to(u64::MAX, &mut pending)?;
        segments.extend(pending.write(self, written)?);
        Ok(segments)
    }
}

impl Writer<'_> {
    /// Makes the index of all templates that have none, as a repair; nothing
    /// happens where there are none.
    pub(super) fn index_what_is_not(&mut self, why: &str, note: &CommitNote) -> Result<()> {
        let written = self.manifest()?.seq + 1;
        let snapshot = self.store.snapshot()?;
        let commits = snapshot.not_indexed(&BTreeSet::new())?;
        let segments = self.index_anew(&snapshot, &commits, written)?;
        drop(snapshot);
        if segments.is_empty() {
            return Ok(());
        }
        let reason = Some(why.to_owned());
        self.publish(Change { reason, segments, ..Change::of(Action::Repair) }, note).map(drop)
    }
}

/// Commits that go into one segment.
struct Pending {
    commits: BTreeMap<u64, Index>,
    bytes: usize,
}

impl Pending {
    fn write(&mut self, writer: &Writer<'_>, written: u64) -> Result<Option<Segment>> {
        let commits = std::mem::take(&mut self.commits);
        self.bytes = 0;
        let (Some(first), Some(last)) = (commits.keys().next(), commits.keys().next_back()) else {
            return Ok(None);
        };
        let new = Segment {
            written,
            first: *first,
            last: *last,
            level: u8::from(first != last),
            role: Role::Index,
            bytes: 0,
            sha256: Digest([0; 32]),
            rows: index_counts(commits.values()),
        };
        let parts: Vec<(u64, &Index)> = commits.iter().map(|(seq, index)| (*seq, index)).collect();
        writer.seal("segments", new, &|file| write_index(file, &parts)).map(Some)
    }
}
