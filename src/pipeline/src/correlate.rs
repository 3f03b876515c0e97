//! All marks against all others that they may be compared with.

mod loaded;
mod population;

use super::acquisition::{Bench, ComparedPair, suspect};
use super::pace::Pace;
use super::prepare_again::left_behind;
use super::{Failed, Outcome, Progress, Run, commit, json, mirrored};
use casework::{SEARCH, Search, SearchRules, understood};
use loaded::{Loaded, template};
use population::{Indexed, Limits, Plan, Population};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use store::{Batch, IndexRow, Snapshot, Store};
use tracing::info_span;
use types::comparison::Comparison;
use types::error::Result;
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

impl Screening {
    /// That of a mark which was compared with none of `gallery` others, while
    /// `shortlist` of them are at least as like it as `floor`.
    pub(super) fn of_strangers(
        recipe: Digest,
        gallery: usize,
        shortlist: usize,
        floor: f32,
    ) -> Self {
        let (rules, left_out) = (SearchRules::default(), gallery);
        Self { recipe, rules, gallery, shortlist, floor, left_out }
    }
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
        let mut bench = Bench::new(store);
        let mut abreast = Abreast { store, recipe, seq: snapshot.seq(), others: false };
        let population = Population::read(&snapshot, kind, modality, recipe, limits.as_ref())?;
        let id = |number: usize| &population.rows[number].mark;
        probes.extend(population.probes());
        let Plan { pairs, left_out, screenings, first } = match verify {
            Verify::All => population.all(),
            Verify::Shortlist(keep) => population.screened(&snapshot, recipe, keep)?,
        };
        let marks: Vec<_> = pairs.iter().map(|&(a, b)| (id(a), id(b))).collect();
        let compared = snapshot.compared(recipe, &marks)?;
        outcome.count("pairs_known", compared.iter().filter(|known| **known).count() as u64);
        let mut best = Best::new(&population, first);
        pairs.iter().zip(&compared).filter(|(_, known)| **known).for_each(|(p, _)| best.old(*p));
        let new = pairs.into_iter().zip(compared).filter(|(_, known)| !known);
        let pairs: Vec<(usize, usize)> = new.map(|(pair, _)| pair).collect();
        outcome.count("pairs_left_out", left_out);
        // A snapshot kept for hours would keep files that an order has removed.
        drop(snapshot);
        if !pairs.is_empty() {
            progress.begin(&format!("correlate {kind} ({modality})"), pairs.len() as u64);
        }
        let mut loaded = Loaded::default();
        let (mut pace, mut rest) = (Pace::new(AT_ONCE.0, AT_ONCE.1), pairs.as_slice());
        while let Some(part) = pace.next(&mut rest) {
            let watch = |n: usize| progress.advance(n as u64);
            let rows = &population.rows;
            let snapshot = store.snapshot()?;
            let part = abreast.still_open(&snapshot, rows, part)?;
            loaded.fetch(&snapshot, rows, &part)?;
            drop(snapshot);
            let results = info_span!("compare", pairs = part.len())
                .in_scope(|| loaded.compare(&part, &watch))?;
            let pair = |(&(a, b), c): (&(usize, usize), &Comparison)| ComparedPair {
                a: id(a),
                b: id(b),
                ccf: c.ccf,
                b_from_a: c.b_from_a,
            };
            let found = bench.look(&part.iter().zip(&results).map(pair).collect::<Vec<_>>())?;
            let mut writer = run.writer(store)?;
            let open = abreast.still_open(&store.snapshot()?, rows, &part)?;
            let open: BTreeSet<_> = open.into_iter().collect();
            let mut batch = Batch::default();
            for found in found {
                suspect(found, &mut batch, run, &mut outcome)?;
            }
            for (&(a, b), comparison) in part.iter().zip(results) {
                best.take((a, b), comparison.score);
                if open.contains(&(a, b)) {
                    batch.add_comparison(id(a).clone(), id(b).clone(), *recipe, comparison);
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
        let there = abreast.there(&store.snapshot()?)?;
        for (at, screening) in screenings {
            let id = id(at);
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

/// What is compared among itself.
fn populations() -> impl Iterator<Item = (MarkKind, Modality)> {
    MarkKind::ALL.iter().flat_map(|&kind| Modality::ALL.iter().map(move |&m| (kind, m)))
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
        snapshot: &Snapshot,
        rows: &[IndexRow],
        pairs: &[(usize, usize)],
    ) -> Result<Vec<(usize, usize)>> {
        let Some(there) = self.there(snapshot)? else { return Ok(pairs.to_vec()) };
        let is_there = |number: usize| there.contains(&rows[number].mark);
        let there = |&&(a, b): &&(usize, usize)| is_there(a) && is_there(b);
        let pairs: Vec<_> = pairs.iter().filter(there).copied().collect();
        let marks: Vec<_> = pairs.iter().map(|&(a, b)| (&rows[a].mark, &rows[b].mark)).collect();
        let compared = snapshot.compared(self.recipe, &marks)?;
        let open = pairs.into_iter().zip(compared).filter(|(_, known)| !known);
        Ok(open.map(|(pair, _)| pair).collect())
    }

    /// The marks in the store, if anybody else has written to it.
    fn there(&mut self, snapshot: &Snapshot) -> Result<Option<BTreeSet<MarkId>>> {
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
        let mut best = vec![None; population.rows.len()];
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
    let rows = &population.rows;
    let gallery = mirrored::Gallery {
        sketches: &Indexed { snapshot: &snapshot, rows },
        searched: population.modality == Modality::Topography && !population.kind.is_striated(),
        others: &|i| population.others(i),
        mark: &|i| snapshot.mark(&rows[i].mark),
        template: &|i| template(&snapshot, &rows[i]),
    };
    let found = mirrored::search(&gallery, marks)?;
    if found.is_empty() {
        return Ok(Vec::new());
    }
    let scan_of: BTreeMap<MarkId, Digest> =
        snapshot.marks()?.into_iter().map(|m| (m.id, m.scan)).collect();
    let scans = snapshot.scans()?;
    let file = |i: usize| {
        let scan = scan_of.get(&rows[i].mark);
        let row = scans.iter().find(|s| Some(&s.sha256) == scan);
        row.map_or_else(|| rows[i].mark.to_string(), |s| s.file_name.clone())
    };
    let failed = |(mark, other, fit): (usize, usize, mirrored::MirroredFit)| {
        let casing =
            rows[other].casing.as_ref().map_or_else(String::new, |c| format!(" of casing {c}"));
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
