//! The pairs that examiners list and decide on.

use super::conflicts;
use casework::{CaseFiles, Decided, TheirDecision};
use serde::Serialize;
use statistics::link::Conflict;
use std::collections::BTreeMap;
use store::{Entry, Ledger, Snapshot};
use types::error::Result;
use types::evidence::{CaseId, CasingId, CasingRecord, Origin};

/// Why a pair tells an examiner little.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Fold {
    /// Both were found at one scene.
    SameScene,
    /// Both are test fires of one firearm.
    OneFirearmsTestFires,
}

/// A pair of casings as examiners list them.
#[derive(Clone, Debug, Serialize)]
pub struct Lead {
    /// One casing.
    pub a: CasingId,
    /// The other.
    pub b: CasingId,
    /// None of a pair that is not proposed.
    pub score: Option<f64>,
    /// Whether linking proposes it.
    pub proposed: bool,
    /// The group that both are in.
    pub group: Option<String>,
    /// The cases of the two.
    pub cases: [Option<CaseId>; 2],
    /// The decision in force.
    pub decision: Option<Decided>,
    /// Conclusions of others that say the opposite of the one in force.
    pub dissent: Vec<Decided>,
    /// Others who came to the same conclusion.
    pub verified_by: Vec<String>,
    /// Where a decision or a record contradicts the scores.
    pub conflicts: Vec<Conflict>,
    /// What other agencies concluded; it binds nothing here.
    pub theirs: Vec<TheirDecision>,
    /// The entry of the ledger that brought the later of the two.
    pub entry: Option<u64>,
    /// Why it tells little, where it does.
    pub folded: Option<Fold>,
}

/// Every pair that is proposed, decided on, here or by another agency, or in
/// conflict with the scores, in the order of their names.
///
/// # Errors
/// Where the store cannot be read.
pub fn leads(snapshot: &Snapshot, files: &CaseFiles) -> Result<Vec<Lead>> {
    let mut pairs: BTreeMap<(CasingId, CasingId), Option<f64>> = BTreeMap::new();
    for (a, b) in files.review.pairs() {
        pairs.insert((a.clone(), b.clone()), None);
    }
    let mut against: BTreeMap<(CasingId, CasingId), Vec<Conflict>> = BTreeMap::new();
    for conflict in conflicts(snapshot)? {
        let pair =
            (CasingId::try_from(conflict.a.clone())?, CasingId::try_from(conflict.b.clone())?);
        pairs.entry(pair.clone()).or_insert(None);
        against.entry(pair).or_default().push(conflict);
    }
    for theirs in &files.theirs {
        pairs.entry((theirs.decision.a.clone(), theirs.decision.b.clone())).or_insert(None);
    }
    for link in &files.links {
        pairs.insert((link.a.clone(), link.b.clone()), Some(link.score));
    }
    let entries = snapshot.first_compared()?;
    let register = &files.register;
    let list = |((a, b), score): ((CasingId, CasingId), Option<f64>)| {
        let review = &files.review;
        let verified = review.verified_by(&a, &b).into_iter().map(str::to_owned).collect();
        let group = files.group_of(&a).filter(|g| g.casings.contains(&b));
        Lead {
            score,
            proposed: score.is_some(),
            group: group.map(|g| g.id.clone()),
            cases: [&a, &b].map(|c| register.case_of(c).cloned()),
            decision: review.state(&a, &b).cloned(),
            dissent: review.dissent(&a, &b).into_iter().cloned().collect(),
            verified_by: verified,
            entry: entries.get(&a).max(entries.get(&b)).copied(),
            folded: folds(files, &a, &b),
            theirs: files.theirs.iter().filter(|t| t.is_about(&a, &b)).cloned().collect(),
            conflicts: against.remove(&(a.clone(), b.clone())).unwrap_or_default(),
            a,
            b,
        }
    };
    Ok(pairs.into_iter().map(list).collect())
}

fn folds(files: &CaseFiles, a: &CasingId, b: &CasingId) -> Option<Fold> {
    let record = |c: &CasingId| files.register.casings.get(c);
    let (a, b) = (record(a)?, record(b)?);
    let scene = |c: &CasingRecord| c.scene.as_ref().map(|s| s.id.clone());
    if scene(a).is_some() && scene(a) == scene(b) {
        return Some(Fold::SameScene);
    }
    let fired = a.origin == Origin::TestFire && b.origin == Origin::TestFire;
    (fired && a.firearm.is_some() && a.firearm == b.firearm).then_some(Fold::OneFirearmsTestFires)
}

/// The first entry of the ledger after the linking before the last comparisons:
/// what came from it on is what the last run that compared anything brought.
pub fn newest_entry(ledger: &Ledger) -> u64 {
    let adds = |what: &'static str| move |e: &&Entry| e.added.contains_key(what);
    let compared = ledger.entries.iter().rev().find(adds("comparisons")).map_or(0, |e| e.seq);
    let before = ledger.entries.iter().rev().filter(|e| e.seq < compared);
    before.filter(adds("linkings")).map(|e| e.seq + 1).max().unwrap_or_default()
}
