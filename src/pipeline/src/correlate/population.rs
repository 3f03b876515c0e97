//! Who is compared with whom: what the index of a gallery, the sketches, the
//! rules of a search and earlier screenings say.

use super::{SCREENING, Screening, searches};
use casework::{Register, SearchRules, Sieve};
use imaging::extract::{Sketch, sketch};
use imaging::search::{Shortlist, Sketches, can_be_screened};
use std::collections::{BTreeMap, BTreeSet};
use store::{IndexRow, Snapshot};
use types::error::{Error, Kind, Result};
use types::evidence::{CasingId, Digest, MarkId, MarkKind, Modality};
use types::message::say;

/// What search rules allow.
pub(super) struct Limits {
    rules: SearchRules,
    pub sieve: Sieve,
    /// Marks that were searched under these very rules before.
    searched: BTreeSet<MarkId>,
}

impl Limits {
    /// None where there are no rules.
    pub fn read(snapshot: &Snapshot, recipe: &Digest, rules: &SearchRules) -> Result<Option<Self>> {
        if rules.is_empty() {
            return Ok(None);
        }
        let register = Register::read(snapshot)?;
        let before = searches(snapshot, recipe)?.into_iter().filter(|s| s.rules == *rules);
        Ok(Some(Self {
            rules: rules.clone(),
            sieve: Sieve::new(rules, register.casings.values()),
            searched: before.flat_map(|s| s.probes).collect(),
        }))
    }
}

/// What is to be done in a population.
#[derive(Default)]
pub(super) struct Plan {
    /// Pairs to be verified, the earlier mark first.
    pub pairs: Vec<(usize, usize)>,
    /// Pairs that will not be.
    pub left_out: u64,
    /// What that means for each mark screened.
    pub screenings: Vec<(usize, Screening)>,
    /// Marks that are searched for the first time.
    pub first: Vec<usize>,
}

/// Marks that may be compared with each other, as the index tells them.
pub(super) struct MarkPopulation<'a> {
    pub kind: MarkKind,
    pub modality: Modality,
    pub rows: Vec<IndexRow>,
    /// The class of each mark's casing under the rules, and whether the mark
    /// is searched for the first time under them.
    sides: Vec<Option<(usize, bool)>>,
    limits: Option<&'a Limits>,
}

/// The sketches of a population.
pub(super) struct Indexed<'a> {
    pub snapshot: &'a Snapshot,
    pub rows: &'a [IndexRow],
}

impl Sketches for Indexed<'_> {
    fn each(&self, show: &mut dyn FnMut(&[u8])) -> Result<()> {
        self.snapshot.visit_sketches(self.rows, show)
    }

    fn sketch(&self, number: usize) -> Result<Sketch> {
        let mut bytes = Vec::new();
        let row = self.rows.get(number).map(std::slice::from_ref).unwrap_or_default();
        self.snapshot.visit_sketches(row, &mut |part| bytes.extend_from_slice(part))?;
        Sketch::of_bytes(&bytes)
    }
}

impl<'a> MarkPopulation<'a> {
    pub fn read(
        snapshot: &Snapshot,
        kind: MarkKind,
        modality: Modality,
        recipe: &Digest,
        limits: Option<&'a Limits>,
    ) -> Result<Self> {
        let rows = snapshot.gallery(kind, modality, recipe)?;
        let length = if kind.is_striated() { 0 } else { sketch::BYTES };
        if let Some(row) = rows.iter().find(|row| row.sketch_length as usize != length) {
            let what = say!("the template of mark {} is not one of this version", row.mark);
            return Err(
                Error::new(Kind::Damaged, what).advise(say!("extract it from its mark again"))
            );
        }
        let side = |row: &IndexRow| {
            let limits = limits?;
            let class = limits.sieve.class_of(row.casing.as_ref()?)?;
            Some((class, !limits.searched.contains(&row.mark)))
        };
        let sides = rows.iter().map(side).collect();
        Ok(Self { kind, modality, rows, sides, limits })
    }

    /// Those of other casings that the rules allow.
    pub fn others(&self, probe: usize) -> Vec<usize> {
        let other =
            |&b: &usize| self.rows[b].casing != self.rows[probe].casing && self.allowed(probe, b);
        (0..self.rows.len()).filter(other).collect()
    }

    fn allowed(&self, a: usize, b: usize) -> bool {
        let Some(limits) = self.limits else { return true };
        let sides = self.sides[a].zip(self.sides[b]);
        sides.is_none_or(|(a, b)| !limits.sieve.excludes(a, b))
    }

    /// The marks that are searched for the first time under the rules.
    pub fn probes(&self) -> BTreeMap<MarkId, CasingId> {
        let new = self.sides.iter().map(|side| side.is_some_and(|(_, new)| new));
        let marks = self.rows.iter().zip(new).filter(|(_, new)| *new);
        marks.filter_map(|(row, _)| Some((row.mark.clone(), row.casing.clone()?))).collect()
    }

    /// Every pair, the later mark's with the earlier ones.
    pub fn all(&self) -> Plan {
        let earlier = |b: usize| self.others(b).into_iter().filter(move |&a| a < b);
        let pairs = (0..self.rows.len()).flat_map(|b| earlier(b).map(move |a| (a, b))).collect();
        Plan { pairs, first: (0..self.rows.len()).collect(), ..Plan::default() }
    }

    /// Who is to be screened in it, and what earlier screenings say: marks that
    /// were screened before are not screened again, but a new one as like to
    /// them as the last of their shortlist is verified.
    pub fn asked(
        &self,
        snapshot: &Snapshot,
        recipe: &Digest,
        keep: usize,
    ) -> Result<SearchRequest> {
        let mut before: BTreeMap<String, Screening> = BTreeMap::new();
        let records =
            if self.rows.is_empty() { Vec::new() } else { snapshot.records(SCREENING)? };
        for record in records {
            let read = serde_json::from_str::<Screening>(&record.body);
            // One of another recipe, of a shorter list than asked for or within
            // other rules is void.
            let rules = self.limits.map(|l| &l.rules);
            let stands = |s: &Screening| {
                let within = s.rules.is_empty() || rules == Some(&s.rules);
                s.recipe == *recipe && s.shortlist >= keep && within
            };
            if let Some(s) = read.ok().filter(stands) {
                before.insert(record.id, s);
            }
        }
        let known = |at: usize| before.get(self.rows[at].mark.as_str());
        let floors = (0..self.rows.len()).map(|i| known(i).map(|s| s.floor)).collect();
        let (old, probes) = (0..self.rows.len()).partition(|&i| known(i).is_some());
        let points: Vec<usize> = self.rows.iter().map(|row| row.points as usize).collect();
        let screened = can_be_screened(self.kind, self.modality, &points);
        Ok(SearchRequest { recipe: *recipe, keep, floors, old, probes, screened })
    }

    /// What follows from the shortlists of the probes asked about, in their
    /// order.
    pub fn planned(&self, asked: SearchRequest, lists: Vec<Shortlist>) -> Plan {
        let SearchRequest { recipe, keep, old, probes, .. } = asked;
        let pair = |a: usize, b: usize| (a.min(b), a.max(b));
        let mut pairs = BTreeSet::new();
        for (&probe, list) in probes.iter().zip(&lists) {
            pairs.extend(list.verify.iter().map(|&other| pair(probe, other)));
        }
        let mut plan = Plan::default();
        for (&probe, Shortlist { floor, .. }) in probes.iter().zip(lists) {
            let others = self.others(probe);
            let left: Vec<_> =
                others.iter().filter(|&&b| !pairs.contains(&pair(probe, b))).collect();
            // A pair of two new marks is met twice.
            let met = |b: usize| b < probe || old.binary_search(&b).is_ok();
            plan.left_out += left.iter().filter(|&&&b| met(b)).count() as u64;
            if !left.is_empty() {
                let (gallery, left_out) = (others.len(), left.len());
                let rules = self.limits.map(|l| l.rules.clone()).unwrap_or_default();
                let said = Screening { recipe, rules, gallery, shortlist: keep, floor, left_out };
                plan.screenings.push((probe, said));
            }
        }
        plan.pairs = pairs.into_iter().collect();
        plan.first = probes;
        plan
    }
}

/// Who is to be screened in a population.
pub(super) struct SearchRequest {
    recipe: Digest,
    /// Length of the shortlists.
    pub keep: usize,
    /// How alike the last of each mark's own shortlist was, where it has one.
    pub floors: Vec<Option<f32>>,
    old: Vec<usize>,
    /// Marks without a shortlist, ascending.
    pub probes: Vec<usize>,
    /// Which marks a sketch can judge.
    pub screened: Vec<bool>,
}

impl SearchRequest {
    /// The same of some marks alone, whether or not they have a shortlist. On
    /// the shortlists of the others nothing is to be changed.
    #[must_use]
    pub fn about(self, probes: Vec<usize>) -> Self {
        let all = 0..self.floors.len();
        let old = all.filter(|n| probes.binary_search(n).is_err()).collect();
        Self { old, probes, floors: vec![None; self.floors.len()], ..self }
    }
}
