//! What searches left out, read back from a store.

use super::correlate::{SCREENING, Screening, searches};
use casework::{Facts, Search, Searched, ruled_out, understood};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use store::{MarkRow, Snapshot};
use types::error::{Error, Kind, Result};
use types::evidence::{CasingId, Digest, MarkId, MarkKind, Modality};
use types::mark::Verdict;
use types::message::say;

/// Everything a store says of exclusions.
pub struct Exclusions {
    searches: Vec<Search>,
    /// Marks that went through the screen.
    screened: BTreeSet<String>,
    casing_of: BTreeMap<MarkId, CasingId>,
}

/// What became of the gallery in the search for one mark.
#[derive(Clone, Debug, Serialize)]
pub struct SearchLedger {
    /// The mark.
    pub mark: MarkId,
    /// What made it.
    pub kind: MarkKind,
    /// How it was measured.
    pub modality: Modality,
    /// Every other casing of the store, compared or not.
    #[serde(flatten)]
    pub searched: Searched,
}

impl Exclusions {
    /// Reads them.
    ///
    /// # Errors
    /// [`Kind::Store`] if a record cannot be understood.
    pub fn read(snapshot: &Snapshot, recipe: &Digest) -> Result<Self> {
        let mut screened = BTreeSet::new();
        for record in snapshot.records(SCREENING)? {
            let screening: Screening = understood(&record)?;
            if screening.recipe == *recipe {
                screened.insert(record.id);
            }
        }
        let casing_of = snapshot.marks()?.into_iter().map(|m| (m.id, m.casing)).collect();
        Ok(Self { searches: searches(snapshot, recipe)?, screened, casing_of })
    }

    /// Accounts for every casing of the gallery but the mark's own: `compared`
    /// with the mark, or left out and why. `marks` are all of the store's.
    pub fn account<'m>(
        &self,
        mark: &MarkRow,
        compared: BTreeSet<CasingId>,
        marks: impl Iterator<Item = &'m MarkRow>,
        gallery: impl Iterator<Item = &'m CasingId>,
    ) -> Searched {
        let mut facts = Facts {
            compared,
            ruled_out: ruled_out(&self.searches, &mark.id, &mark.casing, &self.casing_of),
            fit: mark.quality.verdict != Verdict::Unusable,
            screened: self.screened.contains(mark.id.as_str()),
            ..Facts::default()
        };
        for other in marks.filter(|m| m.kind == mark.kind && m.modality == mark.modality) {
            facts.bearing.insert(other.casing.clone());
            if other.quality.verdict != Verdict::Unusable {
                facts.usable.insert(other.casing.clone());
            }
            if self.screened.contains(other.id.as_str()) {
                facts.others_screened.insert(other.casing.clone());
            }
        }
        facts.account(gallery.filter(|id| **id != mark.casing))
    }
}

/// The ledger of every mark of one casing.
///
/// # Errors
/// [`Kind::NotFound`] if the store has no such casing.
pub fn search_ledger(
    snapshot: &Snapshot,
    recipe: &Digest,
    casing: &CasingId,
) -> Result<Vec<SearchLedger>> {
    if snapshot.casing(casing)?.is_none() {
        return Err(Error::new(Kind::NotFound, say!("the store has no casing {casing}"))
            .advise(say!("`brasslink record list casing` names them")));
    }
    let exclusions = Exclusions::read(snapshot, recipe)?;
    let mut marks = snapshot.marks()?;
    marks.retain(|m| m.recipe == *recipe);
    let gallery: Vec<CasingId> = snapshot.casings()?.into_iter().map(|c| c.id).collect();
    let casing_of: BTreeMap<&MarkId, &CasingId> =
        marks.iter().map(|m| (&m.id, &m.casing)).collect();
    let mut ledgers = Vec::new();
    for mark in marks.iter().filter(|m| m.casing == *casing) {
        let mut compared = BTreeSet::new();
        for row in snapshot.comparisons_of(&mark.id)?.iter().filter(|r| r.recipe == *recipe) {
            let other = if row.a == mark.id { &row.b } else { &row.a };
            compared.extend(casing_of.get(other).map(|c| (*c).clone()));
        }
        let searched = exclusions.account(mark, compared, marks.iter(), gallery.iter());
        let (mark, kind, modality) = (mark.id.clone(), mark.kind, mark.modality);
        ledgers.push(SearchLedger { mark, kind, modality, searched });
    }
    Ok(ledgers)
}
