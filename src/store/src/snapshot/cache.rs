//! What a process keeps of the segments it has read.

use crate::filter::KeyFilter;
use crate::layout::ComparisonColumns;
use crate::ledger::{Ledger, VerifiedLedger};
use crate::manifest::StoreManifest;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::SystemTime;
use types::error::Result;
use types::evidence::Digest;

/// The comparisons of one segment as they lie there, and where each commit's
/// begin.
pub type ComparisonTable = Arc<Vec<(u64, Vec<ComparisonColumns>)>>;

/// Shared by all snapshots of one opened store.
#[derive(Clone, Default)]
pub struct Cache(Arc<Mutex<CachedSegments>>);

/// By the digest of the segment, which is the same only for the same bytes.
#[derive(Default)]
pub struct CachedSegments {
    /// Segments whose bytes this process has compared with their digest.
    pub verified: BTreeSet<Digest>,
    /// The kinds of records in tables segments: most of what is asked for is
    /// in few of them.
    pub kinds: BTreeMap<Digest, BTreeSet<Vec<u8>>>,
    /// Key filters.
    pub filters: BTreeMap<Digest, Arc<KeyFilter>>,
    /// The comparisons read last: a report asks for one pair after another.
    pub comparisons: Option<(Digest, ComparisonTable)>,
    /// The ledger as far as it was read last.
    ledger: VerifiedLedger,
    /// The view that this process made last: of which ledger head, and the file.
    view: Option<(Digest, FileStamp)>,
}

/// By which a file that somebody else wrote is told: its length and time.
type FileStamp = (u64, SystemTime);

fn stamp(path: &Path) -> Option<FileStamp> {
    let about = std::fs::metadata(path).ok()?;
    Some((about.len(), about.modified().ok()?))
}

impl Cache {
    /// A cache of a process that has verified these segments.
    pub fn of_verified(verified: BTreeSet<Digest>) -> Self {
        Self(Arc::new(Mutex::new(CachedSegments { verified, ..CachedSegments::default() })))
    }

    /// Forgets segments that no longer belong to the store, when they are many:
    /// a process that writes without end would keep more and more of them.
    pub fn forget_all_but(&self, manifest: &StoreManifest) {
        let mut kept = self.lock();
        if kept.filters.len() + kept.kinds.len() + kept.verified.len()
            > 4 * (manifest.segments.len() + 64)
        {
            let live: BTreeSet<Digest> = manifest.segments.iter().map(|s| s.sha256).collect();
            kept.kinds.retain(|sha256, _| live.contains(sha256));
            kept.filters.retain(|sha256, _| live.contains(sha256));
            kept.verified.retain(|sha256| live.contains(sha256));
        }
    }

    /// The ledger up to where `manifest` ends, verified.
    ///
    /// # Errors
    /// As [`Ledger::read`].
    pub fn ledger(&self, root: &Path, manifest: &StoreManifest) -> Result<Arc<Ledger>> {
        // Taken out, so that nobody waits for a long ledger; whoever comes
        // meanwhile reads it too.
        let known = std::mem::take(&mut self.lock().ledger);
        let read = known.up_to(root, manifest)?;
        let ledger = read.ledger.clone();
        self.lock().ledger = read;
        Ok(ledger)
    }

    /// Notes that the view at `path` was just made of the store as of `head`.
    pub fn made_view(&self, path: &Path, head: Digest) {
        self.lock().view = stamp(path).map(|stamp| (head, stamp));
    }

    /// Whether the view at `path` is the one that this process made of the store
    /// as of `head`.
    pub fn has_view(&self, path: &Path, head: Digest) -> bool {
        let made = self.lock().view;
        made.is_some() && made == stamp(path).map(|stamp| (head, stamp))
    }

    /// What is kept. Nothing panics while it holds this; if something did, the
    /// content would still be sound.
    pub fn lock(&self) -> MutexGuard<'_, CachedSegments> {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}
