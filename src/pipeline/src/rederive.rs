//! Marks and templates made anew from the stored originals.

use super::Progress;
use super::files::{reread, usable};
use imaging::extract::Template;
use imaging::prepare::{Recipe, prepare};
use rayon::prelude::*;
use std::collections::BTreeMap;
use store::{Finding, MarkRow, ScanRow, Snapshot};
use types::error::{Error, Kind, Result};
use types::evidence::{Digest, MarkId};
use types::message::{Message, say};

/// Compares every stored mark and template with what the stored original gives
/// now, under the recipe it names. Marks of a recipe that this version of the
/// program does not follow any more cannot be compared and are told so.
///
/// # Errors
/// Only where the store cannot be read.
pub fn rederive(snapshot: &Snapshot, progress: &dyn Progress) -> Result<Vec<Finding>> {
    let scans: BTreeMap<Digest, ScanRow> =
        snapshot.scans()?.into_iter().map(|s| (s.sha256, s)).collect();
    let marks = snapshot.marks()?;
    let mut templates: BTreeMap<MarkId, Vec<u8>> = BTreeMap::new();
    let mut kinds: Vec<_> = marks.iter().map(|m| (m.kind, m.modality, m.recipe)).collect();
    kinds.sort();
    kinds.dedup();
    for (kind, modality, recipe) in kinds {
        templates.extend(snapshot.templates(kind, modality, &recipe)?);
    }
    progress.begin(&say!("verify deeply"), marks.len() as u64);
    let findings: Vec<Option<Finding>> = marks
        .par_iter()
        .map(|mark| {
            let found = again(snapshot, mark, scans.get(&mark.scan), templates.get(&mark.id));
            progress.advance(1);
            found
        })
        .collect();
    progress.end();
    Ok(findings.into_iter().flatten().collect())
}

/// What is wrong with one mark, if anything.
fn again(
    snapshot: &Snapshot,
    row: &MarkRow,
    scan: Option<&ScanRow>,
    template: Option<&Vec<u8>>,
) -> Option<Finding> {
    let differs = |what: Message| Some(Finding::deep(&row.id, what, true));
    let stored = snapshot.recipe(&row.recipe).ok().flatten();
    let Some(recipe) = stored.and_then(|json| followed(&json, &row.recipe)) else {
        let what = say!("was made by a recipe that this version of the program does not follow");
        return Some(Finding::deep(&row.id, what, false));
    };
    if scan.is_some_and(|s| !s.is_held()) {
        let what = say!("was shared by another agency, which keeps the scan it was made from");
        return Some(Finding::deep(&row.id, what, false));
    }
    let gone = || Error::new(Kind::Store, say!("its scan is not in the store"));
    let made = scan
        .ok_or_else(gone)
        .and_then(|scan| reread(snapshot, scan))
        .and_then(|read| prepare(&read, row.kind, &recipe));
    let made = match made {
        Ok(made) => made,
        Err(e) => return differs(say!("cannot be made from its original: {}", e.what)),
    };
    let stored = match snapshot.mark(&row.id) {
        Ok(stored) => stored,
        Err(e) => return differs(e.what),
    };
    let bits = |values: &ndarray::Array2<f32>| values.mapv(f32::to_bits);
    if bits(&made.values) != bits(&stored.values) {
        return differs(say!("differs from what its original gives"));
    }
    let encoded = usable(&made).and_then(|()| Template::new(&made)).ok().map(|t| t.encode());
    if encoded.as_ref() == template {
        return None;
    }
    differs(say!("has another template than its original gives"))
}

/// The recipe of a stored text, if this version of the program gives it the
/// same meaning, which the digest decides.
pub(super) fn followed(json: &str, digest: &Digest) -> Option<Recipe> {
    let mut stored: serde_json::Value = serde_json::from_str(json).ok()?;
    let parameters = stored.get_mut("parameters")?.take();
    let recipe: Recipe = serde_json::from_value(parameters).ok()?;
    (recipe.hash() == *digest).then_some(recipe)
}
