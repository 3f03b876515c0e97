//! Marks prepared anew under another recipe, from the scans that a store holds.
//!
//! Only marks of one recipe are compared. After the recipe has changed, by a
//! person's choice or with a newer program, what was prepared before would be
//! left out of every search; this brings it along.

use super::files::{reread, usable};
use super::{Failed, Outcome, Progress, Run, commit, mark_id};
use crate::Counted;
use imaging::extract::Template;
use imaging::prepare::{Recipe, prepare};
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use store::{Batch, MarkRow, ScanRow, Snapshot, Store, TemplateRow};
use types::error::{Error, Kind, Result};
use types::evidence::{Digest, MarkId};
use types::mark::PreparedMark;
use types::message::say;

/// Marks prepared at once and committed together: what memory should hold.
const AT_ONCE: usize = 16;

/// One mark of each scan and kind that the store has under other recipes only.
///
/// # Errors
/// [`Kind::Store`] if the marks cannot be read.
pub fn of_other_recipes(snapshot: &Snapshot, recipe: &Digest) -> Result<Vec<MarkRow>> {
    let marks = snapshot.marks()?;
    let here: BTreeSet<_> =
        marks.iter().filter(|m| m.recipe == *recipe).map(|m| (m.scan, m.kind)).collect();
    let others = marks.into_iter().filter(|m| !here.contains(&(m.scan, m.kind)));
    let one_each: BTreeMap<_, MarkRow> = others.map(|m| ((m.scan, m.kind), m)).collect();
    Ok(one_each.into_values().collect())
}

/// What a search leaves out because it was prepared by another recipe.
///
/// # Errors
/// As [`of_other_recipes`].
pub fn left_behind(store: &Store, recipe: &Digest) -> Result<Option<Failed>> {
    let left = of_other_recipes(&store.snapshot()?, recipe)?.len();
    if left == 0 {
        return Ok(None);
    }
    let what = say!(
        "{left} marks were prepared by another recipe than {} and are compared with nothing new",
        recipe.short()
    );
    let error = Error::new(Kind::Incomparable, what).advise(say!(
        "prepare them anew with `brasslink store prepare`, then run this command again"
    ));
    Ok(Some(Failed::of(store.root().display().to_string(), None, &error)))
}

/// Prepares every such mark under `recipe`. Those whose scan another agency
/// keeps cannot be; they are listed as failures.
///
/// # Errors
/// Only where the store itself cannot be read or written.
pub fn prepare_again(
    store: &Store,
    recipe: &Recipe,
    run: &Run,
    progress: &dyn Progress,
) -> Result<Outcome> {
    let mut outcome = Outcome::default();
    let snapshot = store.snapshot()?;
    let scans: BTreeMap<Digest, ScanRow> =
        snapshot.scans()?.into_iter().map(|s| (s.sha256, s)).collect();
    let marks = of_other_recipes(&snapshot, &recipe.hash())?;
    progress.begin(&say!("prepare again"), marks.len() as u64);
    for part in marks.chunks(AT_ONCE) {
        let made: Vec<Result<Made>> = part
            .par_iter()
            .map(|row| {
                let made = again(&snapshot, scans.get(&row.scan), row, recipe);
                progress.advance(1);
                made
            })
            .collect();
        let mut batch = Batch::default();
        for (row, made) in part.iter().zip(made) {
            match made {
                Ok(made) => add(row, made, &mut batch, &mut outcome),
                Err(error) => outcome.failures.push(Failed::of(row.id.to_string(), None, &error)),
            }
        }
        if !batch.is_empty() {
            batch.add_recipe(recipe.json());
        }
        // Two processes may do this at once; the later one changes nothing.
        let mut writer = run.writer(store)?;
        commit(&mut writer, batch, run)?;
    }
    progress.end();
    outcome.count(Counted::Failed, outcome.failures.len() as u64);
    Ok(outcome)
}

/// A mark with its new name, and its template where it is fit to be compared.
struct Made {
    id: MarkId,
    mark: PreparedMark,
    template: std::result::Result<Vec<u8>, Error>,
}

fn again(
    snapshot: &Snapshot,
    scan: Option<&ScanRow>,
    row: &MarkRow,
    recipe: &Recipe,
) -> Result<Made> {
    let scan = scan.ok_or_else(|| Error::new(Kind::Store, say!("its scan is not in the store")))?;
    if !scan.is_held() {
        let what = say!("the scan of casing {} is kept by another agency", row.casing);
        return Err(Error::new(Kind::NotFound, what)
            .advise(say!("ask that agency for a bundle made with this version of the program")));
    }
    let mark = prepare(&reread(snapshot, scan)?, row.kind, recipe)?;
    let template = usable(&mark).and_then(|()| Template::new(&mark)).map(|t| t.encode());
    Ok(Made { id: mark_id(&row.scan, row.kind, &mark.recipe)?, mark, template })
}

fn add(row: &MarkRow, made: Made, batch: &mut Batch, outcome: &mut Outcome) {
    let Made { id, mark, template } = made;
    let (kind, modality, recipe) = (mark.kind, mark.modality, mark.recipe);
    let about = TemplateRow { mark: id.clone(), kind, modality, recipe };
    batch.add_mark(id, row.casing.clone(), row.scan, mark);
    outcome.count(Counted::Prepared, 1);
    match template {
        Ok(bytes) => batch.add_template(about, bytes),
        Err(error) => {
            outcome.count(Counted::Unusable, 1);
            outcome.failures.push(Failed::of(row.id.to_string(), None, &error));
        }
    }
}
