//! What a process keeps of the segments it has read.

use crate::evidence::Digest;
use crate::store::filter::KeyFilter;
use crate::store::layout::ComparisonColumns;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard};

/// The comparisons of one segment as they lie there, and where each commit's
/// begin.
pub type ComparisonTable = Arc<Vec<(u64, Vec<ComparisonColumns>)>>;

/// Shared by all snapshots of one opened store.
#[derive(Clone, Default)]
pub struct Cache(Arc<Mutex<Kept>>);

/// By the digest of the segment, which is the same only for the same bytes.
#[derive(Default)]
pub struct Kept {
    /// Segments whose bytes this process has compared with their digest.
    pub verified: BTreeSet<Digest>,
    /// Key filters.
    pub filters: BTreeMap<Digest, Arc<KeyFilter>>,
    /// The comparisons read last: a report asks for one pair after another.
    pub comparisons: Option<(Digest, ComparisonTable)>,
}

impl Cache {
    /// A cache of a process that has verified these segments.
    pub fn of_verified(verified: BTreeSet<Digest>) -> Self {
        Self(Arc::new(Mutex::new(Kept { verified, ..Kept::default() })))
    }

    /// What is kept. Nothing panics while it holds this; if something did, the
    /// content would still be sound.
    pub fn lock(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}
