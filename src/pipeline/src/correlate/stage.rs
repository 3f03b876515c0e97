//! One population as it is correlated: what is open, what was found, what is
//! said of it at the end.

use super::loaded::template;
use super::population::{Indexed, MarkPopulation, Plan};
use super::{SCREENING, Screening};
use crate::Counted;
use crate::acquisition::{ComparedPair, SameAcquisitionCheck, suspect};
use crate::{Failed, Outcome, Run, commit, json, mirrored};
use std::collections::{BTreeMap, BTreeSet};
use store::{Batch, IndexRow, Snapshot, Store};
use types::comparison::Comparison;
use types::error::Result;
use types::evidence::{Digest, MarkId, Modality};
use types::message::{Message, say};

/// Pairs of a population that were planned, and what becomes of them.
pub(super) struct Stage<'a> {
    pub population: MarkPopulation<'a>,
    recipe: Digest,
    /// Planned, and not compared before.
    pub pairs: Vec<(usize, usize)>,
    screenings: Vec<(usize, Screening)>,
    best: Best,
    bench: SameAcquisitionCheck,
    abreast: Abreast,
}

impl<'a> Stage<'a> {
    /// Begins with a plan made of what `snapshot` shows.
    pub fn begin(
        snapshot: &Snapshot,
        population: MarkPopulation<'a>,
        plan: Plan,
        recipe: &Digest,
        outcome: &mut Outcome,
    ) -> Result<Self> {
        let Plan { pairs, left_out, screenings, first } = plan;
        let id = |number: usize| &population.rows[number].mark;
        let marks: Vec<_> = pairs.iter().map(|&(a, b)| (id(a), id(b))).collect();
        let compared = snapshot.compared(recipe, &marks)?;
        outcome.count(Counted::PairsKnown, compared.iter().filter(|known| **known).count() as u64);
        let mut best = Best::new(&population, first);
        pairs.iter().zip(&compared).filter(|(_, known)| **known).for_each(|(p, _)| best.old(*p));
        let new = pairs.into_iter().zip(compared).filter(|(_, known)| !known);
        let pairs: Vec<(usize, usize)> = new.map(|(pair, _)| pair).collect();
        outcome.count(Counted::PairsLeftOut, left_out);
        let (bench, recipe) = (SameAcquisitionCheck::default(), *recipe);
        let abreast = Abreast { recipe, seq: snapshot.seq(), others: false };
        Ok(Self { population, recipe, pairs, screenings, best, bench, abreast })
    }

    /// Those of `part` that nobody has compared meanwhile and whose marks are
    /// there.
    pub fn still_open(
        &mut self,
        snapshot: &Snapshot,
        part: &[(usize, usize)],
    ) -> Result<Vec<(usize, usize)>> {
        self.abreast.still_open(snapshot, &self.population.rows, part)
    }

    /// Commits what comparing the pairs of `part` gave, in their order. How
    /// many of them were still open.
    pub fn take(
        &mut self,
        store: &Store,
        part: &[(usize, usize)],
        results: Vec<Comparison>,
        run: &Run,
        outcome: &mut Outcome,
    ) -> Result<u64> {
        let rows = &self.population.rows;
        let id = |number: usize| &rows[number].mark;
        let pair = |(&(a, b), c): (&(usize, usize), &Comparison)| ComparedPair {
            a: id(a),
            b: id(b),
            ccf: c.ccf,
            b_from_a: c.b_from_a,
        };
        let pairs: Vec<_> = part.iter().zip(&results).map(pair).collect();
        let found = self.bench.look(store, &pairs)?;
        let mut writer = run.writer(store)?;
        let open = self.abreast.still_open(&store.snapshot()?, rows, part)?;
        let open: BTreeSet<_> = open.into_iter().collect();
        let mut batch = Batch::default();
        for found in found {
            suspect(found, &mut batch, run, outcome)?;
        }
        for (&(a, b), comparison) in part.iter().zip(results) {
            self.best.take((a, b), comparison.score);
            if open.contains(&(a, b)) {
                batch.add_comparison(id(a).clone(), id(b).clone(), self.recipe, comparison);
            }
        }
        outcome.count(Counted::PairsCompared, open.len() as u64);
        commit(&mut writer, batch, run)?;
        // While the lock is held: what the run itself wrote is known.
        self.abreast.seq = store.snapshot()?.seq();
        drop(writer);
        Ok(open.len() as u64)
    }

    /// Says what was left out, now that all else has been verified, and which
    /// marks agree better otherwise.
    pub fn finish(mut self, store: &Store, run: &Run, outcome: &mut Outcome) -> Result<()> {
        let failures = otherwise(store, &self.population, &self.best.found_nothing())?;
        let mut writer = run.writer(store)?;
        let mut batch = Batch::default();
        for failed in failures {
            batch.add_failure(failed.row(&run.id()));
            outcome.failures.push(failed);
        }
        let there = self.abreast.there(&store.snapshot()?)?;
        for (at, screening) in self.screenings {
            let id = &self.population.rows[at].mark;
            if there.as_ref().is_none_or(|there| there.contains(id)) {
                let body = json(&screening)?;
                let reason = "screened against the gallery";
                batch.add_record(SCREENING, id.as_str(), body, &run.who, reason);
            }
        }
        commit(&mut writer, batch, run)
    }
}

/// A run beside others that write to the same store between its commits.
struct Abreast {
    recipe: Digest,
    /// The last ledger entry that the run saw or made.
    seq: u64,
    /// Whether others have written since the run began.
    others: bool,
}

impl Abreast {
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
        let compared = snapshot.compared(&self.recipe, &marks)?;
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
}

/// The best score of each mark that is compared for the first time.
struct Best(Vec<Option<f64>>);

impl Best {
    fn new(population: &MarkPopulation<'_>, first: Vec<usize>) -> Self {
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
    population: &MarkPopulation<'_>,
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
        let other_file = Message::foreign(file(other));
        let other = match &rows[other].casing {
            Some(casing) => say!("{other_file} of casing {casing}"),
            None => other_file,
        };
        Failed::of(file(mark), None, &mirrored::failure(&other, &fit))
    };
    Ok(found.into_iter().map(failed).collect())
}
