//! Standing queries in a store, and the links that touch them.

use super::{Run, commit, json, review};
use casework::{CaseFiles, Register, WATCH, WATCH_NOTICE, Watch, WatchNotice, notices, understood};
use std::collections::BTreeSet;
use store::{Batch, Linking, Snapshot, Store};
use types::error::Result;
use types::evidence::CasingId;

/// Every standing query, removed ones too.
///
/// # Errors
/// [`Kind::Store`] if a record cannot be read.
pub fn watches(snapshot: &Snapshot) -> Result<Vec<Watch>> {
    snapshot.records(WATCH)?.iter().map(understood).collect()
}

/// Every link that touched a standing query, newest first.
///
/// # Errors
/// [`Kind::Store`] if a record cannot be read.
pub fn watch_notices(snapshot: &Snapshot) -> Result<Vec<WatchNotice>> {
    let mut records = snapshot.records_in_order(WATCH_NOTICE)?;
    // Within one entry, whose notices are of one linking, as they were told.
    records.sort_by_key(|(entry, _)| std::cmp::Reverse(*entry));
    records.iter().map(|(_, record)| understood(record)).collect()
}

/// Keeps a standing query in the store, as it is now.
///
/// # Errors
/// Where the store cannot be written.
pub fn keep_watch(store: &Store, watch: &Watch, reason: &str, run: &Run) -> Result<()> {
    let mut batch = Batch::default();
    batch.add_record(WATCH, watch.id.clone(), json(watch)?, &run.who, reason);
    commit(&mut run.writer(store)?, batch, run)
}

/// The links of `linking` that touch standing queries and that `before` did not
/// have; their notices go into `batch`, to be committed with the linking.
pub(super) fn notify(
    snapshot: &Snapshot,
    before: &Linking,
    linking: &Linking,
    run: &Run,
    batch: &mut Batch,
) -> Result<Vec<WatchNotice>> {
    let watches = watches(snapshot)?;
    if watches.iter().all(|w| !w.active) {
        return Ok(Vec::new());
    }
    let known: BTreeSet<(&CasingId, &CasingId)> =
        before.links.iter().map(|l| (&l.a, &l.b)).collect();
    let new: Vec<_> = linking.links.iter().filter(|l| !known.contains(&(&l.a, &l.b))).collect();
    let told: BTreeSet<String> = watch_notices(snapshot)?.iter().map(WatchNotice::id).collect();
    let files = CaseFiles::new(Register::read(snapshot)?, linking, review(snapshot)?);
    let mut found = notices(&watches, &new, &files, &run.started);
    found.retain(|notice| !told.contains(&notice.id()));
    for notice in &found {
        batch.add_record(WATCH_NOTICE, notice.id(), json(notice)?, &run.who, "watch list");
    }
    Ok(found)
}
