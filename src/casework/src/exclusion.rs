//! The ledger of what searches left out.

use super::{Class, Reason, SearchRules};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use types::error::{Error, Kind, Result};
use types::evidence::{CasingId, CasingRecord, Digest, MarkId};
use types::message::say;

/// The kind of the records that say what search rules excluded.
pub const SEARCH: &str = "search";

/// A search under rules: for probes of one class, every casing that the rules
/// kept from being compared with them. It is written when the search is done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Search {
    /// The rules.
    pub rules: SearchRules,
    /// The recipe of the marks.
    pub recipe: Digest,
    /// What the rules look at of the probes.
    pub class: Class,
    /// The marks that were searched for the first time under these rules.
    pub probes: BTreeSet<MarkId>,
    /// Casings that were excluded, by the reasons.
    pub excluded: Vec<(Vec<Reason>, BTreeSet<CasingId>)>,
}

impl Search {
    /// Its record's identifier: made of what was searched, so that the same
    /// search recorded twice is one.
    ///
    /// # Errors
    /// [`Kind::Internal`] if the search cannot be written as JSON.
    pub fn id(&self) -> Result<String> {
        let text = serde_json::to_vec(&(&self.rules, &self.recipe, &self.class, &self.probes))
            .map_err(|e| {
                Error::new(Kind::Internal, say!("no JSON could be made: {e}")).because(&e)
            })?;
        Ok(format!("SR-{}", Digest::of(&text).short()))
    }
}

/// The rules applied to every casing of a store.
#[derive(Clone, Debug)]
pub struct Sieve {
    rules: SearchRules,
    classes: Vec<Class>,
    class_of: BTreeMap<CasingId, usize>,
    /// Reasons by the classes of probe and casing.
    reasons: Vec<Vec<Vec<Reason>>>,
}

impl Sieve {
    /// Divides the casings into classes; the rules are weighed once for each
    /// pair of classes.
    pub fn new<'c>(
        rules: &SearchRules,
        casings: impl IntoIterator<Item = &'c CasingRecord>,
    ) -> Self {
        let mut members: BTreeMap<Class, Vec<CasingId>> = BTreeMap::new();
        for casing in casings {
            members.entry(rules.class(casing)).or_default().push(casing.id.clone());
        }
        let mut class_of = BTreeMap::new();
        let mut classes = Vec::new();
        for (class, ids) in members {
            class_of.extend(ids.into_iter().map(|id| (id, classes.len())));
            classes.push(class);
        }
        let against = |probe| classes.iter().map(|c| rules.reasons(probe, c)).collect();
        let reasons = classes.iter().map(against).collect();
        Self { rules: rules.clone(), classes, class_of, reasons }
    }

    /// The number of a casing's class; none of a casing that is not known.
    pub fn class_of(&self, casing: &CasingId) -> Option<usize> {
        self.class_of.get(casing).copied()
    }

    /// Why probes of one class are not searched against casings of another, by
    /// their numbers; empty where they are.
    pub fn reasons(&self, probe: usize, other: usize) -> &[Reason] {
        let found = self.reasons.get(probe).and_then(|row| row.get(other));
        found.map_or(&[], Vec::as_slice)
    }

    /// Whether two casings are not compared, given their classes and which of
    /// them are probes: a pair of probes is compared if either is searched
    /// against the other.
    pub fn excludes(&self, (a, a_probes): (usize, bool), (b, b_probes): (usize, bool)) -> bool {
        let kept_out = |probe, other| !self.reasons(probe, other).is_empty();
        (!a_probes || kept_out(a, b)) && (!b_probes || kept_out(b, a))
    }

    /// The records of a search for these marks (of these casings).
    pub fn searches(&self, probes: &BTreeMap<MarkId, CasingId>, recipe: Digest) -> Vec<Search> {
        let probing: BTreeSet<&CasingId> = probes.values().collect();
        let mut by_class: BTreeMap<usize, BTreeSet<MarkId>> = BTreeMap::new();
        for (mark, casing) in probes {
            if let Some(class) = self.class_of.get(casing) {
                by_class.entry(*class).or_default().insert(mark.clone());
            }
        }
        let search = |(number, probes): (usize, BTreeSet<MarkId>)| {
            let mut excluded: BTreeMap<&[Reason], BTreeSet<CasingId>> = BTreeMap::new();
            for (casing, other) in &self.class_of {
                let reasons = self.reasons(number, *other);
                let back = self.reasons(*other, number);
                let searched_from_there = probing.contains(casing) && back.is_empty();
                if !(reasons.is_empty() || searched_from_there) {
                    excluded.entry(reasons).or_default().insert(casing.clone());
                }
            }
            Some(Search {
                rules: self.rules.clone(),
                recipe,
                class: self.classes.get(number)?.clone(),
                probes,
                excluded: excluded.into_iter().map(|(r, ids)| (r.to_vec(), ids)).collect(),
            })
        };
        by_class.into_iter().filter_map(search).collect()
    }
}

/// A line of the ledger.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Excluded {
    /// The casing that was not compared.
    pub casing: CasingId,
    /// The rules that left it out.
    pub reasons: Vec<Reason>,
}

/// What became of a gallery in the search for one mark: `compared` and
/// `excluded` together are all of it, and no casing is in both.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Searched {
    /// What was compared with the probe.
    pub compared: Vec<CasingId>,
    /// What was not.
    pub excluded: Vec<Excluded>,
}

/// What is known about the search for one mark.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    /// Casings compared with it.
    pub compared: BTreeSet<CasingId>,
    /// Casings that rules kept from it, with the reasons.
    pub ruled_out: BTreeMap<CasingId, Vec<Reason>>,
    /// Casings with a mark of its kind and modality.
    pub bearing: BTreeSet<CasingId>,
    /// Of these, those whose mark can be compared.
    pub usable: BTreeSet<CasingId>,
    /// Whether the mark itself can be compared.
    pub fit: bool,
    /// Whether it went through the screen.
    pub screened: bool,
    /// Casings with a mark that did.
    pub others_screened: BTreeSet<CasingId>,
}

impl Facts {
    /// Accounts for every casing of a gallery.
    pub fn account<'c>(&self, gallery: impl IntoIterator<Item = &'c CasingId>) -> Searched {
        let mut searched = Searched::default();
        for casing in gallery {
            if self.compared.contains(casing) {
                searched.compared.push(casing.clone());
                continue;
            }
            let reasons = match self.ruled_out.get(casing) {
                Some(reasons) if !reasons.is_empty() => reasons.clone(),
                _ if !self.bearing.contains(casing) => vec![Reason::NoMark],
                _ if !self.fit || !self.usable.contains(casing) => vec![Reason::Unusable],
                _ if self.screened || self.others_screened.contains(casing) => {
                    vec![Reason::Screened]
                }
                _ => vec![Reason::Pending],
            };
            searched.excluded.push(Excluded { casing: casing.clone(), reasons });
        }
        searched
    }
}

/// What rules kept from a mark of `casing`, newest search last: excluded for
/// it as a probe, or it for a mark of the other.
pub fn ruled_out(
    searches: &[Search],
    mark: &MarkId,
    casing: &CasingId,
    casing_of: &BTreeMap<MarkId, CasingId>,
) -> BTreeMap<CasingId, Vec<Reason>> {
    let mut found = BTreeMap::new();
    for search in searches {
        for (reasons, casings) in &search.excluded {
            if search.probes.contains(mark) {
                let others = casings.iter().filter(|c| *c != casing);
                found.extend(others.map(|c| (c.clone(), reasons.clone())));
            }
            if casings.contains(casing) {
                let probes = search.probes.iter().filter_map(|probe| casing_of.get(probe));
                let others = probes.filter(|c| *c != casing);
                found.extend(others.map(|c| (c.clone(), reasons.clone())));
            }
        }
    }
    found
}
