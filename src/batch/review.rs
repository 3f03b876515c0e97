//! Examiners' decisions into and out of a store.

use super::{Run, commit, json};
use crate::casework::{DECISION, Decision, Files, Key, Packet, Register, Review, understood};
use crate::error::{Error, Kind, Result};
use crate::evidence::{CasingId, MarkKind};
use crate::store::{Batch, MarkRow, Snapshot, Store};
use std::collections::BTreeMap;

/// Every decision in the store.
///
/// # Errors
/// [`Kind::Store`] if a decision's record cannot be read.
pub fn review(snapshot: &Snapshot) -> Result<Review> {
    let decisions: Result<Vec<Decision>> =
        snapshot.records(DECISION)?.iter().map(understood).collect();
    Ok(Review::of(decisions?))
}

/// Everything that casework joins: records, groups, decisions.
///
/// # Errors
/// [`Kind::Store`] if a record cannot be read.
pub fn files(snapshot: &Snapshot) -> Result<Files> {
    let linking = snapshot.linking()?.unwrap_or_default();
    Ok(Files::new(Register::read(snapshot)?, &linking, review(snapshot)?))
}

/// Commits a decision about two casings of the store.
///
/// # Errors
/// [`Kind::NotFound`] if the store lacks one of the casings.
pub fn decide(store: &Store, decision: &Decision, reason: &str, run: &Run) -> Result<()> {
    let mut writer = run.writer(store)?;
    let snapshot = store.snapshot()?;
    for casing in [&decision.a, &decision.b] {
        if snapshot.casing(casing)?.is_none() {
            return Err(Error::new(Kind::NotFound, format!("the store has no casing {casing}"))
                .advise("`brasslink lead list` names the casings"));
        }
    }
    let mut batch = Batch::default();
    batch.add_record(DECISION, decision.id(), json(decision)?, &run.who, reason);
    commit(&mut writer, batch, run)
}

/// A blind packet of the proposed links, each shown by the marks of the first
/// kind that both casings have.
///
/// # Errors
/// Only where the store cannot be read.
pub fn blind_packet(snapshot: &Snapshot, secret: &str) -> Result<(Packet, Key)> {
    let mut marks: BTreeMap<CasingId, BTreeMap<MarkKind, MarkRow>> = BTreeMap::new();
    for mark in snapshot.marks()? {
        marks.entry(mark.casing.clone()).or_default().entry(mark.kind).or_insert(mark);
    }
    let mut pictures = Vec::new();
    for link in snapshot.linking()?.unwrap_or_default().links {
        let both = marks.get(&link.a).zip(marks.get(&link.b));
        let shared = both.and_then(|(a, b)| a.iter().find_map(|(kind, m)| Some((m, b.get(kind)?))));
        if let Some((a, b)) = shared {
            let values = |mark: &MarkRow| Ok::<_, Error>(snapshot.mark(&mark.id)?.values);
            pictures.push(((link.a, values(a)?), (link.b, values(b)?)));
        }
    }
    let pairs: Vec<_> = pictures.iter().map(|((a, x), (b, y))| ((a, x), (b, y))).collect();
    Packet::new(&pairs, secret)
}
