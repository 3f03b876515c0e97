//! All marks against all others that they may be compared with.

use super::{Outcome, Progress, Run, commit};
use crate::error::Result;
use crate::evidence::{Digest, MarkId, MarkKind, Modality};
use crate::extract::Template;
use crate::search::compare_pairs;
use crate::store::{Batch, Store};
use std::collections::BTreeMap;

/// Pairs compared and committed at once.
const AT_ONCE: usize = 2000;

/// Compares every pair of marks of different casings that has not been
/// compared under this recipe, within each mark kind and modality. What is
/// committed stays when the run is killed.
///
/// # Errors
/// Only where the store itself cannot be read or written.
pub fn correlate(
    store: &Store,
    recipe: &Digest,
    run: &Run,
    progress: &dyn Progress,
) -> Result<Outcome> {
    let mut outcome = Outcome::default();
    let snapshot = store.snapshot()?;
    let casings: BTreeMap<MarkId, _> =
        snapshot.marks()?.into_iter().map(|m| (m.id, m.casing)).collect();
    let compared = snapshot.compared(recipe)?;
    let mut writer = run.writer(store)?;
    for (kind, modality) in populations() {
        let stored = snapshot.templates(kind, modality, recipe)?;
        let mut gallery = Vec::with_capacity(stored.len());
        for (id, bytes) in stored {
            let template = Template::decode(&bytes)
                .map_err(|e| crate::error::Error { what: format!("{}: mark {id}", e.what), ..e })?;
            gallery.push((id, template));
        }
        let (ids, templates): (Vec<MarkId>, Vec<Template>) = gallery.into_iter().unzip();
        let mut pairs = Vec::new();
        for (b, id_b) in ids.iter().enumerate() {
            for (a, id_a) in ids[..b].iter().enumerate() {
                if casings.get(id_a) == casings.get(id_b) {
                    continue;
                }
                if compared.contains(id_a, id_b) {
                    outcome.count("pairs_known", 1);
                } else {
                    pairs.push((a, b));
                }
            }
        }
        if pairs.is_empty() {
            continue;
        }
        progress.begin(&format!("correlate {kind} ({modality})"), pairs.len() as u64);
        for part in pairs.chunks(AT_ONCE) {
            let watch = |n: usize| progress.advance(n as u64);
            let results = compare_pairs(&templates, part, &watch);
            let mut batch = Batch::default();
            for (&(a, b), comparison) in part.iter().zip(results) {
                batch.add_comparison(ids[a].clone(), ids[b].clone(), *recipe, comparison?);
            }
            outcome.count("pairs_compared", part.len() as u64);
            commit(&mut writer, batch, run)?;
        }
        progress.end();
    }
    Ok(outcome)
}

/// What is compared among itself.
fn populations() -> impl Iterator<Item = (MarkKind, Modality)> {
    MarkKind::ALL.iter().flat_map(|&kind| Modality::ALL.iter().map(move |&m| (kind, m)))
}
