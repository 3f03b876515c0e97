//! Scores into shortlists, proposed links and groups.

use super::watch::notify;
use super::{Outcome, Run, commit, conflicts};
use crate::casework::{Register, Suspicions};
use crate::error::Result;
use crate::evidence::{CasingId, Digest, MarkId, Origin, owner};
use crate::link::{Casework, Conflict, Linker, ScoreTable, Settings};
use crate::store::{
    ComparisonRow, GroupRow, LinkRow, LinkStatus, Linking, ShortlistRow, Snapshot, Store,
};
use std::collections::{BTreeMap, BTreeSet};

/// Candidates kept for each casing.
const SHORTLIST: usize = 20;
/// How often linking is tried without keeping others from writing.
const UNLOCKED: u32 = 2;

/// The best comparison of each pair of casings, smaller id first.
type Best = BTreeMap<(CasingId, CasingId), ComparisonRow>;

/// Ranks the candidates of every casing and groups the casings under the
/// examiners' decisions; commits the outcome if it differs from the last one.
///
/// # Errors
/// Only where the store itself cannot be read or written.
pub fn link(store: &Store, recipe: &Digest, run: &Run) -> Result<(Outcome, Linking)> {
    let mut tries = 0;
    loop {
        // The lock is held while linking only if others keep writing: a linking
        // of what a store held before would undo that of what it holds now.
        let held = if tries < UNLOCKED { None } else { Some(run.writer(store)?) };
        let snapshot = store.snapshot()?;
        let (mut outcome, linking, conflicts) = linked(&snapshot, recipe)?;
        let before = snapshot.linking()?;
        let mut batch = conflicts::changed(&conflicts, &snapshot, run)?;
        let same = before.as_ref() == Some(&linking);
        if same && batch.is_empty() {
            return Ok((outcome, linking));
        }
        let mut writer = held.map_or_else(|| run.writer(store), Ok)?;
        if store.snapshot()?.seq() != snapshot.seq() {
            tries += 1;
            continue;
        }
        if !same {
            let before = before.unwrap_or_default();
            outcome.watched = notify(&snapshot, &before, &linking, run, &mut batch)?;
            batch.set_linking(linking.clone());
        }
        commit(&mut writer, batch, run)?;
        outcome.count("linking_changed", 1);
        return Ok((outcome, linking));
    }
}

/// The linking of what `snapshot` holds, and what binds it against the scores.
fn linked(snapshot: &Snapshot, recipe: &Digest) -> Result<(Outcome, Linking, Vec<Conflict>)> {
    let mut outcome = Outcome::default();
    let best = best_of_casings(snapshot, recipe)?;
    let linker = linker_of(snapshot, &best)?;
    let mut linking = Linking { shortlists: shortlists(&best), ..Linking::default() };
    for link in linker.proposed_links() {
        if let Some(score) = link.score {
            let (a, b) = (CasingId::try_from(link.a)?, CasingId::try_from(link.b)?);
            linking.links.push(LinkRow { a, b, score, status: LinkStatus::Proposed });
        }
    }
    for group in linker.groups().into_iter().filter(|g| g.members.len() > 1) {
        for member in &group.members {
            linking.groups.push(GroupRow {
                group: group.id.clone(),
                casing: CasingId::try_from(member.clone())?,
                confidence: group.confidence.unwrap_or(0.0),
                prototype: *member == group.prototype,
            });
        }
        outcome.count("groups", 1);
    }
    outcome.count("links", linking.links.len() as u64);
    for c in linker.contradictions() {
        outcome.warnings.push(format!(
            "contradiction: {} and {} must stay apart, so the tie of {} and {} was set aside",
            c.apart.0, c.apart.1, c.set_aside.0, c.set_aside.1
        ));
    }
    let conflicts = linker.conflicts();
    outcome.cautions.extend(conflicts.iter().map(ToString::to_string));
    outcome.count("conflicts", conflicts.len() as u64);
    Ok((outcome, linking, conflicts))
}

/// The linker over all that a store holds, to be asked why casings are in one
/// group.
///
/// # Errors
/// Where the store cannot be read.
pub fn linker(snapshot: &Snapshot, recipe: &Digest) -> Result<Linker> {
    linker_of(snapshot, &best_of_casings(snapshot, recipe)?)
}

fn linker_of(snapshot: &Snapshot, best: &Best) -> Result<Linker> {
    let register = Register::read(snapshot)?;
    let mut casework = Casework::default();
    for casing in register.casings.values() {
        let id = casing.id.to_string();
        // What another agency fired is its word; here scores decide, or an examiner.
        let own = owner(&id).is_none();
        if let (true, Origin::TestFire, Some(firearm)) = (own, casing.origin, &casing.firearm) {
            casework.test_fires.insert(id.clone(), firearm.to_string());
        }
        let held = register.exhibit(&casing.id).filter(|e| owner(e.id.as_str()).is_none());
        if let Some(moment) = held.and_then(|e| register.received(e)) {
            casework.received.insert(id, moment.earliest().to_string());
        }
    }
    super::review(snapshot)?.constrain(&mut casework);
    let rows = best.iter().map(|((a, b), c)| (a.as_str(), b.as_str(), c.score));
    // Another agency's record of a casing without a mark says nothing about
    // how likely two casings of this laboratory are of one firearm.
    let compared: BTreeSet<&CasingId> = best.keys().flat_map(|(a, b)| [a, b]).collect();
    let counts = |c: &&CasingId| owner(c.as_str()).is_none() || compared.contains(c);
    let casings = register.casings.keys().filter(counts).map(CasingId::as_str);
    let table = ScoreTable::new(casings, rows)?;
    Linker::new(table, casework, Settings::default())
}

/// The strongest comparison of every pair of casings, over all their marks;
/// without those that look like one acquisition under two names.
fn best_of_casings(snapshot: &Snapshot, recipe: &Digest) -> Result<Best> {
    let casing: BTreeMap<MarkId, CasingId> =
        snapshot.marks()?.into_iter().map(|m| (m.id, m.casing)).collect();
    let suspicions = Suspicions::read(snapshot)?;
    let mut best = Best::new();
    for row in snapshot.comparisons() {
        let row = row?;
        let (Some(a), Some(b)) = (casing.get(&row.a), casing.get(&row.b)) else { continue };
        if row.recipe != *recipe || suspicions.hold(a, b) {
            continue;
        }
        let key = (a.min(b).clone(), a.max(b).clone());
        if best.get(&key).is_none_or(|known| row.score > known.score) {
            best.insert(key, row);
        }
    }
    Ok(best)
}

/// The candidates of every casing, best first; equal scores by name.
fn shortlists(best: &Best) -> Vec<ShortlistRow> {
    let mut candidates: BTreeMap<&CasingId, Vec<(&CasingId, &ComparisonRow)>> = BTreeMap::new();
    for ((a, b), row) in best {
        candidates.entry(a).or_default().push((b, row));
        candidates.entry(b).or_default().push((a, row));
    }
    let mut out = Vec::new();
    for (probe, mut list) in candidates {
        list.sort_by(|x, y| y.1.score.total_cmp(&x.1.score).then(x.0.cmp(y.0)));
        for (rank, (candidate, row)) in (1..).zip(list.into_iter().take(SHORTLIST)) {
            out.push(ShortlistRow {
                probe: probe.clone(),
                rank,
                candidate: candidate.clone(),
                score: row.score,
                congruent_cells: row.congruent_cells,
            });
        }
    }
    out
}
