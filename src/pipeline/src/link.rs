//! Scores into shortlists, proposed links and groups.

use super::scale::{judged, keep, kept, linker};
use super::watch::notify;
use super::{Outcome, Run, commit, conflicts};
use crate::Counted;
use casework::Suspicions;
use statistics::link::{Conflict, Judged};
use statistics::weigh::Population;
use std::collections::BTreeMap;
use store::{ComparisonRow, GroupRow, LinkRow, LinkStatus, Linking, ShortlistRow, Snapshot, Store};
use types::error::Result;
use types::evidence::{CasingId, Digest, MarkId};
use types::message::{ToMessage, say};

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
pub fn link(
    store: &Store,
    recipe: &Digest,
    population: Option<&Population>,
    run: &Run,
) -> Result<(Outcome, Linking)> {
    let stage = tracing::info_span!("link");
    let _in_stage = stage.enter();
    kept(store, population, run)?;
    let mut tries = 0;
    loop {
        // The lock is held while linking only if others keep writing: a linking
        // of what a store held before would undo that of what it holds now.
        let held = if tries < UNLOCKED { None } else { Some(run.writer(store)?) };
        let snapshot = store.snapshot()?;
        let Linked { mut outcome, linking, conflicts, judged: now } =
            linked(&snapshot, recipe, population)?;
        let before = snapshot.linking()?;
        let mut batch = conflicts::changed(&conflicts, &snapshot, run)?;
        let same = before.as_ref() == Some(&linking) && judged(&snapshot)? == now;
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
            keep(&now, &mut batch, run)?;
        }
        commit(&mut writer, batch, run)?;
        outcome.count(Counted::LinkingChanged, 1);
        return Ok((outcome, linking));
    }
}

/// A linking, and what there is to say of it.
struct Linked {
    outcome: Outcome,
    linking: Linking,
    /// What binds it against the scores.
    conflicts: Vec<Conflict>,
    judged: Judged,
}

/// The linking of what `snapshot` holds.
fn linked(snapshot: &Snapshot, recipe: &Digest, population: Option<&Population>) -> Result<Linked> {
    let mut outcome = Outcome::default();
    let best = best_of_casings(snapshot, recipe)?;
    let linker = linker(snapshot, recipe, population)?;
    let judged = linker.judged();
    let mut linking = Linking { shortlists: shortlists(&best), ..Linking::default() };
    for link in linker.proposed_links() {
        let (a, b) = (CasingId::try_from(link.a)?, CasingId::try_from(link.b)?);
        if let Some(row) = best.get(&(a.clone(), b.clone())) {
            let (score, status) = (row.score, LinkStatus::Proposed);
            linking.links.push(LinkRow { a, b, score, status });
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
        outcome.count(Counted::Groups, 1);
    }
    outcome.count(Counted::Links, linking.links.len() as u64);
    outcome.count(Counted::OpenPairs, judged.open.len() as u64);
    outcome.scales = judged.scales.iter().map(ToMessage::to_message).collect();
    for c in linker.contradictions() {
        outcome.warnings.push(say!(
            "contradiction: {} and {} must stay apart, so the tie of {} and {} was set aside",
            c.apart.0,
            c.apart.1,
            c.set_aside.0,
            c.set_aside.1
        ));
    }
    let conflicts = linker.conflicts();
    outcome.cautions.extend(conflicts.iter().map(ToMessage::to_message));
    outcome.count(Counted::Conflicts, conflicts.len() as u64);
    Ok(Linked { outcome, linking, conflicts, judged })
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
