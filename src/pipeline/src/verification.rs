//! Findings of blind verification into and out of a store.

use super::review::review;
use super::{Run, commit, json};
use casework::{Review, SETTLEMENT, Settlement, VERIFICATION, Verification, Verified, understood};
use std::collections::BTreeMap;
use store::{Batch, Record, Snapshot, Store};
use types::error::{Error, Kind, Result};
use types::evidence::Digest;
use types::message::say;

/// Every finding, in the order of the ledger.
///
/// # Errors
/// [`Kind::Store`] if a record cannot be read.
pub fn verifications(snapshot: &Snapshot) -> Result<Vec<Verified>> {
    let mut settled: BTreeMap<String, (Settlement, String)> = BTreeMap::new();
    for record in snapshot.records(SETTLEMENT)? {
        let settlement = understood(&record)?;
        settled.insert(record.id.clone(), (settlement, record.reason.clone()));
    }
    let found = |(_, record): (u64, Record)| {
        let finding = understood(&record)?;
        let settled = settled.remove(&record.id);
        Ok(Verified { finding, id: record.id, reason: record.reason, settled })
    };
    snapshot.records_in_order(VERIFICATION)?.into_iter().map(found).collect()
}

/// Commits what a second person found. From then on it cannot be changed.
///
/// # Errors
/// [`Kind::BadInput`] if the decision is no longer in force, was verified
/// already, or is about a pair that the person has decided on.
pub fn hand_in(store: &Store, finding: &Verification, reason: &str, run: &Run) -> Result<()> {
    let mut writer = run.writer(store)?;
    let snapshot = store.snapshot()?;
    let known = verifications(&snapshot)?;
    fit(&review(&snapshot)?, &known, finding)?;
    let text = [finding.of.as_str(), &finding.by, &finding.at].join("\n");
    let id = format!("V-{:08}-{}", known.len() + 1, Digest::of(text.as_bytes()).short());
    let mut batch = Batch::default();
    batch.add_record(VERIFICATION, id, json(finding)?, &run.who, reason);
    commit(&mut writer, batch, run)
}

fn fit(review: &Review, known: &[Verified], finding: &Verification) -> Result<()> {
    let (a, b) = (&finding.a, &finding.b);
    if review.state(a, b).is_none_or(|d| d.id != finding.of) {
        let what = say!("what was to be verified is no longer in force");
        return Err(Error::new(Kind::BadInput, what).advise(say!("take the next of the list")));
    }
    if review.knows(&finding.by, a, b) {
        let what = say!("{} has decided on this pair and cannot verify it", finding.by);
        return Err(Error::new(Kind::BadInput, what).advise(say!("another person verifies")));
    }
    if known.iter().any(|v| v.finding.of == finding.of) {
        let what = say!("this was verified already; a finding is not changed");
        return Err(Error::new(Kind::BadInput, what).advise(say!("take the next of the list")));
    }
    Ok(())
}

/// Commits how a disagreement was settled. Both findings stay as they are.
///
/// # Errors
/// [`Kind::NotFound`] if there is no such finding; [`Kind::BadInput`] if it was
/// settled already or no reason is given.
pub fn settle(
    store: &Store,
    finding: &str,
    settlement: &Settlement,
    reason: &str,
    run: &Run,
) -> Result<()> {
    if reason.trim().is_empty() {
        return Err(Error::new(
            Kind::BadInput,
            say!("a disagreement is not settled without words"),
        )
        .advise(say!("say what was looked at and what follows; it stays on record")));
    }
    let mut writer = run.writer(store)?;
    let known = verifications(&store.snapshot()?)?;
    let found = known.iter().find(|v| v.id == finding).ok_or_else(|| {
        Error::new(Kind::NotFound, say!("there is no finding {finding}"))
            .advise(say!("see the list of disagreements"))
    })?;
    if let Some((by, _)) = &found.settled {
        let what = say!("{} settled this at {}", by.by, by.at);
        return Err(Error::new(Kind::BadInput, what).advise(say!("read what is on record")));
    }
    let mut batch = Batch::default();
    batch.add_record(SETTLEMENT, finding, json(settlement)?, &run.who, reason);
    commit(&mut writer, batch, run)
}
