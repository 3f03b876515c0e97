//! Examiners' decisions into and out of a store.

use super::preview::undone;
use super::{Run, commit, json};
use casework::trace::Traces;
use casework::{
    CaseFiles, DECISION, Decided, Decision, Key, Packet, Register, Review, Suspicions,
    TheirDecision, is_theirs, their_decisions, understood,
};
use std::collections::BTreeMap;
use store::{Action, Batch, MarkRow, Record, Snapshot, Store};
use types::error::{Error, Kind, Result};
use types::evidence::{CasingId, MarkKind};
use types::message::say;

/// Every decision of this laboratory, in the order of its ledger.
///
/// # Errors
/// [`Kind::Store`] if a decision's record cannot be read.
pub fn review(snapshot: &Snapshot) -> Result<Review> {
    let decided = |(entry, record): (u64, Record)| {
        let decision = understood(&record)?;
        Ok(Decided { decision, id: record.id, entry, reason: record.reason })
    };
    let own = |(_, record): &(u64, Record)| !is_theirs(record);
    let all: Result<Vec<Decided>> =
        snapshot.records_in_order(DECISION)?.into_iter().filter(own).map(decided).collect();
    Ok(Review::of(all?))
}

/// Every decision of another agency, which binds nothing here.
///
/// # Errors
/// As [`review`].
pub fn theirs(snapshot: &Snapshot) -> Result<Vec<TheirDecision>> {
    their_decisions(&snapshot.records(DECISION)?)
}

/// Everything that casework joins: records, groups, decisions.
///
/// # Errors
/// [`Kind::Store`] if a record cannot be read.
pub fn files(snapshot: &Snapshot) -> Result<CaseFiles> {
    let linking = snapshot.linking()?.unwrap_or_default();
    let mut files = CaseFiles::new(Register::read(snapshot)?, &linking, review(snapshot)?);
    files.theirs = theirs(snapshot)?;
    files.suspicions = Suspicions::read(snapshot)?;
    files.traces = Traces::read(snapshot)?;
    Ok(files)
}

/// Commits decisions, all or none; their records and the ledger name what other
/// agencies had concluded about the pairs. `seen` are the conclusions of others that
/// whoever decides knows to be undone.
///
/// # Errors
/// [`Kind::NotFound`] if the store lacks one of the casings;
/// [`Kind::BadInput`] if somebody else decided in the meantime.
pub fn decide(
    store: &Store,
    decisions: &[Decision],
    seen: &[Decided],
    reason: &str,
    run: &Run,
) -> Result<()> {
    decide_if(store, decisions, seen, reason, run, &|_| Ok(()))
}

/// As [`decide`], if what was decided so far is `still` what it should be; it is
/// asked while nobody else can write.
///
/// # Errors
/// As [`decide`], and what `still` says.
pub fn decide_if(
    store: &Store,
    decisions: &[Decision],
    seen: &[Decided],
    reason: &str,
    run: &Run,
    still: &dyn Fn(&Review) -> Result<()>,
) -> Result<()> {
    let mut writer = run.writer(store)?;
    let snapshot = store.snapshot()?;
    let (review, theirs) = (review(&snapshot)?, theirs(&snapshot)?);
    still(&review)?;
    let mut made = review.all().len() as u64;
    let mut batch = Batch::default();
    let mut subjects = Vec::new();
    for decision in decisions {
        for casing in [&decision.a, &decision.b] {
            if snapshot.casing(casing)?.is_none() {
                return Err(Error::new(Kind::NotFound, say!("the store has no casing {casing}"))
                    .advise(say!("`brasslink lead list` names the casings")));
            }
        }
        if let Some(other) = undone(&review, decision).filter(|other| !seen.contains(other)) {
            let Decision { a, b, .. } = decision;
            let what = say!("{} decided on {a} and {b} in the meantime", other.by);
            return Err(Error::new(Kind::BadInput, what).advise(say!("look again, then decide")));
        }
        made += 1;
        let about = theirs.iter().filter(|t| t.is_about(&decision.a, &decision.b));
        let upon: Vec<String> = about.map(|t| t.record.clone()).collect();
        subjects.extend(upon.iter().map(|id| format!("{DECISION}/{id}")));
        let decision = Decision { upon, ..decision.clone() };
        batch.add_record(DECISION, decision.id(made), json(&decision)?, &run.who, reason);
    }
    if subjects.is_empty() {
        return commit(&mut writer, batch, run);
    }
    writer.exchange(batch, Action::Commit, subjects, &run.note()).map(drop)
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
