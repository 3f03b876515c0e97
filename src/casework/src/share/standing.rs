//! How a bundle stands to what the receiver has: its number, records of the
//! receiver's own, times.

use super::check::Content;
use super::envelope::{Statement, refused};
use super::history::{RECEIVED, exchanges};
use super::limits::{CLOCKS_DIFFER, MOST_MISSED, later};
use crate::{DECISION, Decision, understood};
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use store::{CASING, Record, Snapshot};
use types::error::{Error, Result};
use types::evidence::{CasingId, CasingRecord, Moment, PartialDate, owner};
use types::message::say;

/// How a bundle stands to those taken over before.
pub enum Standing {
    /// It was taken over.
    Known,
    /// It is new; so many before it were never taken over.
    New {
        /// How many.
        missed: u64,
    },
}

/// How a bundle stands to those taken over before.
///
/// # Errors
/// [`types::error::Kind::Damaged`] if it is older than one of them, or its
/// number is far beyond theirs.
pub fn standing(snapshot: &Snapshot, statement: &Statement) -> Result<Standing> {
    let Statement { from, number, .. } = statement;
    let received = exchanges(snapshot, RECEIVED)?;
    let mut of_sender = received.iter().map(|(_, s)| s).filter(|s| s.from == *from);
    if of_sender.clone().any(|s| s == statement) {
        return Ok(Standing::Known);
    }
    let last = of_sender.clone().map(|s| s.number).max().unwrap_or(0);
    if let Some(other) = of_sender.find(|s| s.number == *number) {
        let what = say!(
            "{from} has made two bundles with number {number}, on {} and {}: its store was set \
             back in between, or copied",
            other.when,
            statement.when
        );
        let advice = say!("ask {from} for a new one: brasslink bundle export --after {last}");
        return Err(Error { advice: Some(advice), ..refused(what) });
    }
    if *number <= last {
        let what = say!(
            "the bundle is number {number} of {from}, of which number {last} was taken over \
             already; an older one could bring back what was withdrawn"
        );
        return Err(refused(what));
    }
    if number - last > MOST_MISSED {
        // Whoever once had the sender's key could else shut it out for good.
        let what = say!(
            "the bundle is number {number} of {from}, of which number {last} is the last here; \
             no more than {MOST_MISSED} are passed over at once"
        );
        let advice = say!("ask {from} for a new one: brasslink bundle export --after {last}");
        return Err(Error { advice: Some(advice), ..refused(what) });
    }
    Ok(Standing::New { missed: number - last - 1 })
}

/// Refuses what would go on with a record that this laboratory itself wrote
/// under a name that looks like the sender's.
///
/// # Errors
/// [`types::error::Kind::Damaged`], naming the record.
pub fn not_ones_own(snapshot: &Snapshot, content: &Content, statement: &Statement) -> Result<()> {
    let kinds: BTreeSet<&str> = content.records.iter().map(|r| r.kind.as_str()).collect();
    for kind in kinds {
        let ids: BTreeSet<&String> =
            content.records.iter().filter(|r| r.kind == kind).map(|r| &r.id).collect();
        for known in snapshot.records(kind)?.iter().filter(|r| ids.contains(&r.id)) {
            let first = snapshot.versions(kind, &known.id)?.into_iter().next();
            if first.is_some_and(|first| first.author != statement.from.as_str()) {
                let what = say!("this store has its own {kind} {}", known.id);
                return Err(
                    refused(what).advise(say!("rename it here before taking the bundle over"))
                );
            }
        }
    }
    Ok(())
}

/// Refuses a decision that is older than what it is about: this laboratory's
/// casings were here, and the sender's at their scenes, before anybody could
/// compare them.
///
/// # Errors
/// [`types::error::Kind::Damaged`], naming the decision.
pub fn not_too_early(snapshot: &Snapshot, content: &Content) -> Result<()> {
    let decisions: Vec<(&Record, Decision)> = content
        .records
        .iter()
        .filter(|r| r.kind == DECISION)
        .map(|r| Ok((r, understood(r)?)))
        .collect::<Result<_>>()?;
    if decisions.is_empty() {
        return Ok(());
    }
    let when: BTreeMap<u64, Timestamp> = snapshot
        .ledger()?
        .entries
        .iter()
        .filter_map(|e| Some((e.seq, e.when.parse().ok()?)))
        .collect();
    let entered = snapshot.entered()?;
    let scenes: BTreeMap<CasingId, Option<PartialDate>> = content
        .records
        .iter()
        .filter(|r| r.kind == CASING)
        .map(|r| {
            let casing: CasingRecord = understood(r)?;
            Ok((casing.id, casing.scene.and_then(|scene| scene.date)))
        })
        .collect::<Result<_>>()?;
    for (record, decision) in decisions {
        let at: Timestamp = decision
            .at
            .parse()
            .map_err(|_| refused(say!("decision {} was made at {:?}", record.id, decision.at)))?;
        for casing in [&decision.a, &decision.b] {
            let here = entered.get(casing).and_then(|seq| when.get(seq)).copied();
            let there = scenes.get(casing).copied().flatten();
            let there = there.map(|date| Moment::Day(date.first()).earliest());
            let since = here.filter(|_| owner(casing.as_str()).is_none()).or(there);
            if since.is_some_and(|since| later(at, CLOCKS_DIFFER) < since) {
                let what = say!(
                    "decision {} was made at {}, before casing {casing} was there to be looked at",
                    record.id,
                    decision.at
                );
                return Err(refused(what));
            }
        }
    }
    Ok(())
}
