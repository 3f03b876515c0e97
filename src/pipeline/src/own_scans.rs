//! Whether a further scan of a casing shows that casing.

use imaging::correlate::compare;
use imaging::extract::Template;
use std::collections::BTreeMap;
use store::Snapshot;
use types::error::{Error, Kind, Result};
use types::evidence::{CasingId, Digest, MarkId, MarkKind, Modality};
use types::message::say;

/// Two scans of one casing score above this. Of 3,327 pairs of breech faces of
/// different firearms (topographies of Fadul et al. 2011 and Weller et al.
/// 2012) the highest scored 7.9; the lowest of 243 pairs of one firearm 20.1.
const LIKE_STRANGERS: f64 = 8.0;

/// The marks that casings have already: those for whose scores the limit holds.
pub struct OwnScans {
    snapshot: Snapshot,
    marks: BTreeMap<CasingId, Vec<MarkId>>,
    /// Encoded templates of marks that come with this import.
    fresh: BTreeMap<CasingId, Vec<(MarkId, Vec<u8>)>>,
}

/// Whether the limit holds for a mark.
const fn is_judged(kind: MarkKind, modality: Modality) -> bool {
    matches!((kind, modality), (MarkKind::BreechFace, Modality::Topography))
}

impl OwnScans {
    /// Reads which casings have marks under a recipe.
    ///
    /// # Errors
    /// [`Kind::Store`] if they cannot be read.
    pub fn read(snapshot: Snapshot, recipe: &Digest) -> Result<Self> {
        let mut marks: BTreeMap<CasingId, Vec<MarkId>> = BTreeMap::new();
        for mark in snapshot.marks()? {
            if mark.recipe == *recipe && is_judged(mark.kind, mark.modality) {
                marks.entry(mark.casing).or_default().push(mark.id);
            }
        }
        Ok(Self { snapshot, marks, fresh: BTreeMap::new() })
    }

    /// Takes note of a scan's template, and refuses one that is as unlike every
    /// other of its casing as marks of two firearms are.
    ///
    /// # Errors
    /// [`Kind::BadInput`] for such a scan.
    pub fn admit(
        &mut self,
        casing: &CasingId,
        id: &MarkId,
        kind: MarkKind,
        modality: Modality,
        bytes: &[u8],
    ) -> Result<()> {
        if !is_judged(kind, modality) {
            return Ok(());
        }
        let mut scores = Vec::new();
        let stored = self.marks.get(casing).map_or(&[][..], Vec::as_slice);
        if stored.iter().all(|other| other == id) && !self.fresh.contains_key(casing) {
            // Most casings have one scan; there is nothing to decode it for.
            self.fresh.entry(casing.clone()).or_default().push((id.clone(), bytes.to_vec()));
            return Ok(());
        }
        let template = Template::decode(bytes)?;
        for other in stored.iter().filter(|other| *other != id) {
            // A mark that gives no template was never compared either.
            let other = self.snapshot.mark(other).and_then(|mark| Template::new(&mark));
            let Ok(other) = other else { continue };
            scores.push(compare(&template, &other)?.score);
        }
        for (_, other) in self.fresh.get(casing).into_iter().flatten() {
            scores.push(compare(&template, &Template::decode(other)?)?.score);
        }
        let best = scores.into_iter().max_by(f64::total_cmp);
        if let Some(score) = best.filter(|score| *score < LIKE_STRANGERS) {
            let what = say!(
                "the scan is unlike every other of casing {casing}: score {score:.1}, and marks of \
                 two firearms reach {LIKE_STRANGERS:.0}"
            );
            return Err(Error::new(Kind::BadInput, what).advise(say!(
                "check casing_id; if it is this casing, give --reason, which stays on record"
            )));
        }
        self.fresh.entry(casing.clone()).or_default().push((id.clone(), bytes.to_vec()));
        Ok(())
    }

    /// Takes what came with the import from the store from now on.
    pub fn committed(&mut self, snapshot: Snapshot) {
        self.snapshot = snapshot;
        for (casing, fresh) in std::mem::take(&mut self.fresh) {
            self.marks.entry(casing).or_default().extend(fresh.into_iter().map(|(id, _)| id));
        }
    }
}
