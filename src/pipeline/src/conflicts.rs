//! Decisions and records that contradict the scores, as the last linking found
//! them.

use super::{Run, json};
use casework::understood;
use statistics::link::Conflict;
use store::{Batch, Snapshot};
use types::error::Result;

/// The kind of the record that holds them, and its identifier.
const CONFLICTS: &str = "link_conflicts";

/// Every conflict of the linking in force.
///
/// # Errors
/// [`types::error::Kind::Store`] if its record cannot be read.
pub fn conflicts(snapshot: &Snapshot) -> Result<Vec<Conflict>> {
    let newest = snapshot.versions(CONFLICTS, CONFLICTS)?;
    newest.last().map_or_else(|| Ok(Vec::new()), understood)
}

/// A batch with the record of the conflicts of a linking, empty where they are
/// those of the linking before.
///
/// # Errors
/// Where the store cannot be read.
pub fn changed(found: &[Conflict], snapshot: &Snapshot, run: &Run) -> Result<Batch> {
    let mut batch = Batch::default();
    if found != conflicts(snapshot)? {
        batch.add_record(CONFLICTS, CONFLICTS, json(&found)?, &run.who, "linking");
    }
    Ok(batch)
}
