//! Standing queries in a store, and the links that touch them.

use super::{Run, commit, files};
use crate::casework::{WATCH, WATCH_NOTICE, Watch, WatchNotice, notices, understood};
use crate::error::{Error, Kind, Result};
use crate::evidence::CasingId;
use crate::store::{Batch, Linking, Snapshot, Store};
use std::collections::BTreeSet;

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
    let records = snapshot.records(WATCH_NOTICE)?;
    let mut all = records.iter().map(understood).collect::<Result<Vec<WatchNotice>>>()?;
    all.sort_by(|x, y| (&y.at, &x.watch, &x.a, &x.b).cmp(&(&x.at, &y.watch, &y.a, &y.b)));
    Ok(all)
}

/// Keeps a standing query in the store, as it is now.
///
/// # Errors
/// Where the store cannot be written.
pub fn keep_watch(store: &Store, watch: &Watch, reason: &str, run: &Run) -> Result<()> {
    let body = serde_json::to_string(watch)
        .map_err(|e| Error::new(Kind::Internal, format!("no JSON could be made: {e}")))?;
    let mut batch = Batch::default();
    batch.add_record(WATCH, watch.id.clone(), body, &run.who, reason);
    commit(&mut run.writer(store)?, batch, run)
}

/// Tells the standing queries of the links that `before` did not have.
pub(super) fn notify(store: &Store, before: &Linking, run: &Run) -> Result<Vec<WatchNotice>> {
    let snapshot = store.snapshot()?;
    let watches = watches(&snapshot)?;
    if watches.iter().all(|w| !w.active) {
        return Ok(Vec::new());
    }
    let known: BTreeSet<(&CasingId, &CasingId)> =
        before.links.iter().map(|l| (&l.a, &l.b)).collect();
    let linking = snapshot.linking()?.unwrap_or_default();
    let new: Vec<_> = linking.links.iter().filter(|l| !known.contains(&(&l.a, &l.b))).collect();
    let told: BTreeSet<String> = watch_notices(&snapshot)?.iter().map(WatchNotice::id).collect();
    let mut found = notices(&watches, &new, &files(&snapshot)?, &run.started);
    found.retain(|notice| !told.contains(&notice.id()));
    let mut batch = Batch::default();
    for notice in &found {
        let body = serde_json::to_string(notice).unwrap_or_default();
        batch.add_record(WATCH_NOTICE, notice.id(), body, &run.who, "watch list");
    }
    commit(&mut run.writer(store)?, batch, run)?;
    Ok(found)
}
