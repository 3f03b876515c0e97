//! Where every exhibit of a store stands.

use super::{Run, commit, json};
use casework::{CLOCK, Clock, Conclusion, Progress, Register, Review, understood};
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use store::{Batch, Snapshot, Store};
use types::error::Result;
use types::evidence::{CasingId, Exhibit, Moment, owner};

/// The clock that a store keeps, else the default one.
///
/// # Errors
/// [`Kind::Store`] if its record cannot be read.
pub fn clock(snapshot: &Snapshot) -> Result<Clock> {
    snapshot.versions(CLOCK, CLOCK)?.last().map_or_else(|| Ok(Clock::default()), understood)
}

/// Keeps a clock in the store.
///
/// # Errors
/// Where the store cannot be written.
pub fn set_clock(store: &Store, clock: &Clock, reason: &str, run: &Run) -> Result<()> {
    let mut batch = Batch::default();
    batch.add_record(CLOCK, CLOCK, json(clock)?, &run.who, reason);
    commit(&mut run.writer(store)?, batch, run)
}

/// Every exhibit of this laboratory that holds casings, and every casing in
/// none, with the steps it has taken. What another agency holds came with its
/// bundle; when that agency had received it does not run this clock.
///
/// # Errors
/// Where the store cannot be read.
pub fn progress_of_exhibits(snapshot: &Snapshot) -> Result<Vec<Progress>> {
    let (register, review) = (Register::read(snapshot)?, super::review(snapshot)?);
    let ledger = snapshot.ledger()?;
    let when: BTreeMap<u64, Timestamp> =
        ledger.entries.iter().filter_map(|e| Some((e.seq, e.when.parse().ok()?))).collect();
    let at = |entries: BTreeMap<CasingId, u64>| -> BTreeMap<CasingId, Timestamp> {
        entries.into_iter().filter_map(|(c, seq)| Some((c, *when.get(&seq)?))).collect()
    };
    let (entered, correlated) = (at(snapshot.entered()?), at(snapshot.first_compared()?));
    let links = snapshot.linking()?.unwrap_or_default().links;
    let linked: BTreeSet<&CasingId> = links.iter().flat_map(|l| [&l.a, &l.b]).collect();
    let decided = decided(&review, &when);
    let progress = |item: &str, casings: &[CasingId], received: Option<Moment>| {
        let last = |times: &BTreeMap<CasingId, Timestamp>| {
            let all: Option<Vec<_>> = casings.iter().map(|c| times.get(c).copied()).collect();
            all.and_then(|all| all.into_iter().max())
        };
        let first = |lead: bool| {
            let own = casings.iter().filter_map(|c| decided.get(&(c, lead)));
            own.min().copied()
        };
        let told = register.notifications.iter().filter(|n| n.exhibit.as_str() == item);
        Progress {
            item: item.to_owned(),
            received,
            entered: last(&entered),
            correlated: last(&correlated),
            has_links: casings.iter().any(|c| linked.contains(c)),
            reviewed: first(false),
            lead: first(true),
            notified: told.map(|n| n.at.earliest()).min(),
        }
    };
    let mut all = Vec::new();
    let held_here = |e: &&Exhibit| owner(e.id.as_str()).is_none();
    let holding = |e: &&Exhibit| e.firearm.is_none() && held_here(e);
    for exhibit in register.exhibits.values().filter(holding) {
        let received = register.received(exhibit);
        all.push(progress(exhibit.id.as_str(), &exhibit.casings, received));
    }
    for casing in
        register.casings.keys().filter(|c| !register.exhibit(c).is_some_and(|e| held_here(&e)))
    {
        all.push(progress(casing.as_str(), std::slice::from_ref(casing), None));
    }
    Ok(all)
}

/// When somebody first decided on a casing, and when it first got a lead or
/// hit (`true`): by the ledger, as every other step of an exhibit.
fn decided<'r>(
    review: &'r Review,
    when: &BTreeMap<u64, Timestamp>,
) -> BTreeMap<(&'r CasingId, bool), Timestamp> {
    let mut first: BTreeMap<(&CasingId, bool), Timestamp> = BTreeMap::new();
    for decision in review.all() {
        let Some(at) = when.get(&decision.entry) else { continue };
        let lead = matches!(decision.conclusion, Conclusion::Lead | Conclusion::Hit);
        for casing in [&decision.a, &decision.b] {
            for sort in [false, true].into_iter().filter(|sort| lead || !sort) {
                first.entry((casing, sort)).or_insert(*at);
            }
        }
    }
    first
}
