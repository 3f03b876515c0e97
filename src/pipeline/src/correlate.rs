//! All marks against all others that they may be compared with.

use super::acquisition::{Bench, ComparedPair, suspect};
use super::pace::Pace;
use super::prepare_again::left_behind;
use super::{Failed, Outcome, Progress, Run, commit, json, mirrored};
use casework::{Register, SEARCH, Search, SearchRules, Sieve, understood};
use imaging::extract::Template;
use imaging::search::{Shortlist, compare_pairs, shortlists};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use store::{Batch, Snapshot, Store};
use tracing::info_span;
use types::comparison::Comparison;
use types::error::{Error, Result};
use types::evidence::{CasingId, Digest, MarkId, MarkKind, Modality};

/// Pairs compared and committed at once, at first and at most.
const AT_ONCE: (usize, usize) = (64, 2000);
/// The kind of the records that say what screening left out.
pub const SCREENING: &str = "screening";

/// How many of a gallery are verified for one mark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verify {
    /// Every comparable mark.
    All,
    /// This many of the most alike, and whatever the screen cannot judge.
    Shortlist(usize),
}

/// What screening left out for one mark, as it stands in the store; the
/// record's id is the mark's.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Screening {
    /// The recipe under which it was screened.
    pub recipe: Digest,
    /// The rules that limited its gallery.
    #[serde(default)]
    rules: SearchRules,
    /// Marks of the gallery that it may be compared with.
    gallery: usize,
    /// Length of the shortlist asked for.
    shortlist: usize,
    /// How alike the last of the shortlist was.
    floor: f32,
    /// Marks of the gallery with which it was not compared.
    left_out: usize,
}

/// Compares every pair of marks of different casings that has not been
/// compared under this recipe, within each mark kind and modality, as far as
/// `verify` goes. Under `rules`, marks that were not yet searched under them
/// are compared with what the rules allow, and what they exclude is recorded.
/// What is committed stays when the run is killed.
///
/// # Errors
/// Only where the store itself cannot be read or written.
pub fn correlate(
    store: &Store,
    recipe: &Digest,
    verify: Verify,
    rules: &SearchRules,
    run: &Run,
    progress: &dyn Progress,
) -> Result<Outcome> {
    let mut outcome = Outcome::default();
    outcome.failures.extend(left_behind(store, recipe)?);
    let limits = Limits::read(&store.snapshot()?, recipe, rules)?;
    let mut probes: BTreeMap<MarkId, CasingId> = BTreeMap::new();
    for (kind, modality) in populations() {
        let stage = info_span!("correlate", %kind, %modality);
        let _in_stage = stage.enter();
        let snapshot = store.snapshot()?;
        let bench = Bench::new(store)?;
        let mut abreast = Abreast { store, recipe, seq: snapshot.seq(), others: false };
        let casings = snapshot.marks()?.into_iter().map(|m| (m.id, m.casing)).collect();
        let population =
            Population::read(&snapshot, kind, modality, recipe, &casings, limits.as_ref())?;
        probes.extend(population.probes());
        let Plan { pairs, left_out, screenings, first } = match verify {
            Verify::All => population.all(),
            Verify::Shortlist(keep) => population.screened(&snapshot, recipe, keep)?,
        };
        let marks: Vec<_> =
            pairs.iter().map(|&(a, b)| (&population.ids[a], &population.ids[b])).collect();
        let compared = snapshot.compared(recipe, &marks)?;
        outcome.count("pairs_known", compared.iter().filter(|known| **known).count() as u64);
        let mut best = Best::new(&population, first);
        pairs.iter().zip(&compared).filter(|(_, known)| **known).for_each(|(p, _)| best.old(*p));
        let new = pairs.into_iter().zip(compared).filter(|(_, known)| !known);
        let pairs: Vec<(usize, usize)> = new.map(|(pair, _)| pair).collect();
        outcome.count("pairs_left_out", left_out);
        // What is compared is in memory. A snapshot kept for hours would keep
        // files that an order has removed.
        drop(snapshot);
        if !pairs.is_empty() {
            progress.begin(&format!("correlate {kind} ({modality})"), pairs.len() as u64);
        }
        let (mut pace, mut rest) = (Pace::new(AT_ONCE.0, AT_ONCE.1), pairs.as_slice());
        while let Some(part) = pace.next(&mut rest) {
            let watch = |n: usize| progress.advance(n as u64);
            let ids = &population.ids;
            let part = abreast.still_open(ids, part)?;
            let results = info_span!("compare", pairs = part.len())
                .in_scope(|| compare_pairs(&population.templates, &part, &watch));
            let results: Vec<Comparison> = results.into_iter().collect::<Result<_>>()?;
            let pair = |(&(a, b), c): (&(usize, usize), &Comparison)| ComparedPair {
                a: &ids[a],
                b: &ids[b],
                ccf: c.ccf,
                b_from_a: c.b_from_a,
            };
            let found = bench.look(&part.iter().zip(&results).map(pair).collect::<Vec<_>>())?;
            let mut writer = run.writer(store)?;
            let open: BTreeSet<_> = abreast.still_open(ids, &part)?.into_iter().collect();
            let mut batch = Batch::default();
            for found in found {
                suspect(found, &mut batch, run, &mut outcome)?;
            }
            for (&(a, b), comparison) in part.iter().zip(results) {
                best.take((a, b), comparison.score);
                if open.contains(&(a, b)) {
                    batch.add_comparison(ids[a].clone(), ids[b].clone(), *recipe, comparison);
                }
            }
            outcome.count("pairs_compared", open.len() as u64);
            commit(&mut writer, batch, run)?;
            abreast.committed()?;
            progress.kept("comparisons", open.len() as u64);
            pace.done();
        }
        if !pairs.is_empty() {
            progress.end();
        }
        let failures = otherwise(store, &population, &best.found_nothing())?;
        // Said only when all that was not left out has been verified.
        let mut writer = run.writer(store)?;
        let mut batch = Batch::default();
        for failed in failures {
            batch.add_failure(failed.row(&run.id()));
            outcome.failures.push(failed);
        }
        let there = abreast.there()?;
        for (at, screening) in screenings {
            let id = &population.ids[at];
            if there.as_ref().is_none_or(|there| there.contains(id)) {
                let body = json(&screening)?;
                let reason = "screened against the gallery";
                batch.add_record(SCREENING, id.as_str(), body, &run.who, reason);
            }
        }
        commit(&mut writer, batch, run)?;
    }
    if let Some(limits) = limits {
        let mut writer = run.writer(store)?;
        let marks = store.snapshot()?.marks()?;
        let there: BTreeSet<&MarkId> = marks.iter().map(|m| &m.id).collect();
        probes.retain(|mark, _| there.contains(mark));
        let mut batch = Batch::default();
        for search in limits.sieve.searches(&probes, *recipe) {
            outcome.count("exclusions", search.excluded.iter().map(|(_, c)| c.len() as u64).sum());
            batch.add_record(SEARCH, search.id()?, json(&search)?, &run.who, "search rules");
        }
        commit(&mut writer, batch, run)?;
    }
    Ok(outcome)
}

/// A run beside others that write to the same store between its commits.
struct Abreast<'a> {
    store: &'a Store,
    recipe: &'a Digest,
    /// The last ledger entry that the run saw or made.
    seq: u64,
    /// Whether others have written since the run began.
    others: bool,
}

impl Abreast<'_> {
    /// The pairs that nobody has compared meanwhile and whose marks are there.
    fn still_open(
        &mut self,
        ids: &[MarkId],
        pairs: &[(usize, usize)],
    ) -> Result<Vec<(usize, usize)>> {
        let Some(there) = self.there()? else { return Ok(pairs.to_vec()) };
        let there = |&&(a, b): &&(usize, usize)| there.contains(&ids[a]) && there.contains(&ids[b]);
        let pairs: Vec<_> = pairs.iter().filter(there).copied().collect();
        let marks: Vec<_> = pairs.iter().map(|&(a, b)| (&ids[a], &ids[b])).collect();
        let compared = self.store.snapshot()?.compared(self.recipe, &marks)?;
        let open = pairs.into_iter().zip(compared).filter(|(_, known)| !known);
        Ok(open.map(|(pair, _)| pair).collect())
    }

    /// The marks in the store, if anybody else has written to it.
    fn there(&mut self) -> Result<Option<BTreeSet<MarkId>>> {
        let snapshot = self.store.snapshot()?;
        self.others |= snapshot.seq() != self.seq;
        if !self.others {
            return Ok(None);
        }
        Ok(Some(snapshot.marks()?.into_iter().map(|m| m.id).collect()))
    }

    /// What the run itself wrote, while it still holds the lock, is known.
    fn committed(&mut self) -> Result<()> {
        self.seq = self.store.snapshot()?.seq();
        Ok(())
    }
}

/// The best score of each mark that is compared for the first time.
struct Best(Vec<Option<f64>>);

impl Best {
    fn new(population: &Population<'_>, first: Vec<usize>) -> Self {
        let mut best = vec![None; population.ids.len()];
        first.into_iter().for_each(|p| best[p] = Some(f64::NEG_INFINITY));
        Self(best)
    }

    /// The marks of a pair compared before are not new.
    fn old(&mut self, (a, b): (usize, usize)) {
        (self.0[a], self.0[b]) = (None, None);
    }

    fn take(&mut self, (a, b): (usize, usize), score: f64) {
        for best in [a, b] {
            self.0[best] = self.0[best].map(|known| known.max(score));
        }
    }

    /// Each mark that was compared, with its best score.
    fn found_nothing(&self) -> Vec<(usize, f64)> {
        let scores = self.0.iter().enumerate().filter_map(|(i, s)| Some((i, (*s)?)));
        scores.filter(|(_, s)| s.is_finite()).collect()
    }
}

/// The new marks that agree far better with another mirrored or negated.
fn otherwise(
    store: &Store,
    population: &Population<'_>,
    marks: &[(usize, f64)],
) -> Result<Vec<Failed>> {
    if marks.is_empty() {
        return Ok(Vec::new());
    }
    let snapshot = store.snapshot()?;
    let read = |i: usize| snapshot.mark(&population.ids[i]);
    let others = |i: usize| population.others(i);
    let found = mirrored::search(&population.templates, marks, &others, &read)?;
    if found.is_empty() {
        return Ok(Vec::new());
    }
    let scan_of: BTreeMap<MarkId, Digest> =
        snapshot.marks()?.into_iter().map(|m| (m.id, m.scan)).collect();
    let scans = snapshot.scans()?;
    let file = |i: usize| {
        let scan = scan_of.get(&population.ids[i]);
        let row = scans.iter().find(|s| Some(&s.sha256) == scan);
        row.map_or_else(|| population.ids[i].to_string(), |s| s.file_name.clone())
    };
    let failed = |(mark, other, fit): (usize, usize, mirrored::MirroredFit)| {
        let casing =
            population.casings[other].map_or_else(String::new, |c| format!(" of casing {c}"));
        Failed::of(file(mark), None, &mirrored::failure(&format!("{}{casing}", file(other)), &fit))
    };
    Ok(found.into_iter().map(failed).collect())
}

/// Every search under rules, oldest first.
pub(super) fn searches(snapshot: &Snapshot, recipe: &Digest) -> Result<Vec<Search>> {
    let records = snapshot.records(SEARCH)?;
    let all = records.iter().map(understood).collect::<Result<Vec<Search>>>()?;
    Ok(all.into_iter().filter(|s| s.recipe == *recipe).collect())
}

/// What search rules allow.
struct Limits {
    rules: SearchRules,
    sieve: Sieve,
    /// Marks that were searched under these very rules before.
    searched: BTreeSet<MarkId>,
}

impl Limits {
    /// None where there are no rules.
    fn read(snapshot: &Snapshot, recipe: &Digest, rules: &SearchRules) -> Result<Option<Self>> {
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

/// What is compared among itself.
fn populations() -> impl Iterator<Item = (MarkKind, Modality)> {
    MarkKind::ALL.iter().flat_map(|&kind| Modality::ALL.iter().map(move |&m| (kind, m)))
}

/// What is to be done in a population.
#[derive(Default)]
struct Plan {
    /// Pairs to be verified, the earlier mark first.
    pairs: Vec<(usize, usize)>,
    /// Pairs that will not be.
    left_out: u64,
    /// What that means for each mark screened.
    screenings: Vec<(usize, Screening)>,
    /// Marks that are searched for the first time.
    first: Vec<usize>,
}

/// Marks that may be compared with each other.
struct Population<'a> {
    ids: Vec<MarkId>,
    templates: Vec<Template>,
    casings: Vec<Option<&'a CasingId>>,
    /// The class of each mark's casing under the rules, and whether the mark
    /// is searched for the first time under them.
    sides: Vec<Option<(usize, bool)>>,
    limits: Option<&'a Limits>,
}

impl<'a> Population<'a> {
    fn read(
        snapshot: &Snapshot,
        kind: MarkKind,
        modality: Modality,
        recipe: &Digest,
        casing_of: &'a BTreeMap<MarkId, CasingId>,
        limits: Option<&'a Limits>,
    ) -> Result<Self> {
        let (ids, templates, casings) = (Vec::new(), Vec::new(), Vec::new());
        let mut out = Self { ids, templates, casings, sides: Vec::new(), limits };
        let side = |id: &MarkId| {
            let limits = limits?;
            let class = limits.sieve.class_of(casing_of.get(id)?)?;
            Some((class, !limits.searched.contains(id)))
        };
        for (id, bytes) in snapshot.templates(kind, modality, recipe)? {
            let template = Template::decode(&bytes)
                .map_err(|e| Error { what: format!("{}: mark {id}", e.what), ..e })?;
            out.casings.push(casing_of.get(&id));
            out.sides.push(side(&id));
            out.ids.push(id);
            out.templates.push(template);
        }
        Ok(out)
    }

    /// Those of other casings that the rules allow.
    fn others(&self, probe: usize) -> Vec<usize> {
        let other = |&b: &usize| self.casings[b] != self.casings[probe] && self.allowed(probe, b);
        (0..self.ids.len()).filter(other).collect()
    }

    fn allowed(&self, a: usize, b: usize) -> bool {
        let Some(limits) = self.limits else { return true };
        let sides = self.sides[a].zip(self.sides[b]);
        sides.is_none_or(|(a, b)| !limits.sieve.excludes(a, b))
    }

    /// The marks that are searched for the first time under the rules.
    fn probes(&self) -> BTreeMap<MarkId, CasingId> {
        let new = self.sides.iter().map(|side| side.is_some_and(|(_, new)| new));
        let marks = self.ids.iter().zip(&self.casings).zip(new).filter(|(_, new)| *new);
        marks.filter_map(|((id, casing), _)| Some((id.clone(), (*casing)?.clone()))).collect()
    }

    /// Every pair, the later mark's with the earlier ones.
    fn all(&self) -> Plan {
        let earlier = |b: usize| self.others(b).into_iter().filter(move |&a| a < b);
        let pairs = (0..self.ids.len()).flat_map(|b| earlier(b).map(move |a| (a, b))).collect();
        Plan { pairs, first: (0..self.ids.len()).collect(), ..Plan::default() }
    }

    /// The pairs that the screen hands on. Marks that were screened before are
    /// not screened again, but a new one as like to them as the last of their
    /// shortlist is verified.
    fn screened(&self, snapshot: &Snapshot, recipe: &Digest, keep: usize) -> Result<Plan> {
        let mut before: BTreeMap<String, Screening> = BTreeMap::new();
        for record in snapshot.records(SCREENING)? {
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
        let known = |at: usize| before.get(self.ids[at].as_str());
        let floors: Vec<_> = (0..self.ids.len()).map(|i| known(i).map(|s| s.floor)).collect();
        let (old, probes): (Vec<_>, Vec<_>) =
            (0..self.ids.len()).partition(|&i| known(i).is_some());
        let others = |probe: usize| self.others(probe);
        let lists = shortlists(&self.templates, &probes, &floors, &others, keep);
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
                let (gallery, left_out, recipe) = (others.len(), left.len(), *recipe);
                let rules = self.limits.map(|l| l.rules.clone()).unwrap_or_default();
                let said = Screening { recipe, rules, gallery, shortlist: keep, floor, left_out };
                plan.screenings.push((probe, said));
            }
        }
        plan.pairs = pairs.into_iter().collect();
        plan.first = probes;
        Ok(plan)
    }
}
