//! A search whose screening and verification is done elsewhere, by workers,
//! and committed here: the plan, the parts, and what is made of the answers.

use super::loaded::Loaded;
use super::population::{Indexed, MarkPopulation, Plan, SearchRequest};
use super::shard::{ShardPlan, ShardQuestion};
use super::stage::Stage;
use crate::{Outcome, Run};
use imaging::search::{Shortlist, Sketches as _, is_screened, merged};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::Path;
use store::{Batch, Bill, Delivery, IndexRow, Snapshot, Store, deliver};
use types::comparison::Comparison;
use types::error::{Error, Kind, Result};
use types::evidence::{CasingId, Digest, MarkId, MarkKind, Modality};
use types::message::say;

/// Pairs that a worker compares and that are committed at once.
const PART: usize = 256;

/// Pairs to be compared, with where their templates lie.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Part {
    recipe: Digest,
    rows: Vec<IndexRow>,
    /// Places in `rows`.
    pairs: Vec<(usize, usize)>,
}

/// Compares the pairs of a part and delivers what that gave into the new folder
/// `folder`. This is a worker's share.
///
/// # Errors
/// [`Kind::Store`] where a template cannot be read, [`Kind::Io`] where nothing
/// can be delivered.
pub fn verify_part(snapshot: &Snapshot, part: &Part, folder: &Path) -> Result<Bill> {
    let mut loaded = Loaded::default();
    loaded.fetch(snapshot, &part.rows, &part.pairs)?;
    let results = loaded.compare(&part.pairs, &|_| ())?;
    let mut batch = Batch::default();
    for (&(a, b), comparison) in part.pairs.iter().zip(results) {
        let [a, b] = [a, b].map(|n| part.rows[n].mark.clone());
        batch.add_comparison(a, b, part.recipe, comparison);
    }
    deliver(folder, &batch)
}

/// One population searched by workers.
pub struct SpreadSearch {
    run: Run,
    sort: (MarkKind, Modality, Digest),
    population: Option<MarkPopulation<'static>>,
    asked: Option<SearchRequest>,
    /// Probes that sketches can judge, with what the shards said so far.
    screened: Vec<usize>,
    lists: BTreeMap<usize, Shortlist>,
    stage: Option<Stage<'static>>,
    pairs: Vec<(usize, usize)>,
    outcome: Outcome,
}

impl SpreadSearch {
    /// Plans the search of a population: of all marks that have no shortlist
    /// yet, or of `probes`, each with its `keep` most alike (none: with all
    /// others).
    ///
    /// # Errors
    /// [`Kind::NotFound`] for a probe that is not there, and where the store
    /// cannot be read.
    pub fn begin(
        store: &Store,
        sort: (MarkKind, Modality),
        keep: Option<usize>,
        probes: Option<&[MarkId]>,
        run: &Run,
    ) -> Result<Self> {
        let (snapshot, recipe) = (store.snapshot()?, run.recipe);
        let population = MarkPopulation::read(&snapshot, sort.0, sort.1, &recipe, None)?;
        let keep = keep.unwrap_or(usize::MAX);
        let mut asked = population.asked(&snapshot, &recipe, keep)?;
        if let Some(probes) = probes {
            let places: BTreeMap<&MarkId, usize> =
                population.rows.iter().map(|row| &row.mark).zip(0..).collect();
            let place = |mark: &MarkId| {
                places.get(mark).copied().ok_or_else(|| {
                    let what = say!("the gallery has no mark {mark}");
                    Error::new(Kind::NotFound, what).advise(say!("import it first"))
                })
            };
            let mut numbers = probes.iter().map(place).collect::<Result<Vec<_>>>()?;
            numbers.sort_unstable();
            numbers.dedup();
            asked = asked.about(numbers);
        }
        let needed = |&probe: &usize| {
            is_screened(asked.screened[probe], population.others(probe).len(), keep)
        };
        let screened: Vec<usize> = asked.probes.iter().copied().filter(needed).collect();
        Ok(Self {
            run: run.clone(),
            sort: (sort.0, sort.1, recipe),
            population: Some(population),
            asked: Some(asked),
            screened,
            lists: BTreeMap::new(),
            stage: None,
            pairs: Vec::new(),
            outcome: Outcome::default(),
        })
    }

    fn planning(&self) -> Result<(&MarkPopulation<'static>, &SearchRequest)> {
        self.population.as_ref().zip(self.asked.as_ref()).ok_or_else(out_of_order)
    }

    /// The gallery divided among at most `count` shards.
    ///
    /// # Errors
    /// [`Kind::Internal`] after the search was planned.
    pub fn shards(&self, count: usize) -> Result<Vec<ShardPlan>> {
        let (population, asked) = self.planning()?;
        let SearchRequest { screened, floors, .. } = asked;
        Ok(ShardPlan::divide(self.sort, &population.rows, screened, floors, count))
    }

    /// How many probes the shards are asked about.
    pub fn screened(&self) -> usize {
        self.screened.len()
    }

    /// What the shards are asked about some of these probes: the question, and
    /// the sketches one after the other.
    ///
    /// # Errors
    /// Where a sketch cannot be read.
    pub fn question(
        &self,
        store: &Store,
        probes: std::ops::Range<usize>,
    ) -> Result<(ShardQuestion, Vec<u8>)> {
        let (population, asked) = self.planning()?;
        let probes = self.screened.get(probes).unwrap_or_default();
        let snapshot = store.snapshot()?;
        let gallery = Indexed { snapshot: &snapshot, rows: &population.rows };
        let mut sketches = Vec::new();
        for &probe in probes {
            sketches.extend(gallery.sketch(probe)?.0.iter().map(|&value| value as u8));
        }
        let casings: Vec<Option<CasingId>> =
            probes.iter().map(|&probe| population.rows[probe].casing.clone()).collect();
        Ok((ShardQuestion { casings, keep: asked.keep }, sketches))
    }

    /// Takes what all shards answered about some of the probes: for each shard
    /// and each probe, numbers and similarities. The order of the shards does
    /// not count.
    ///
    /// # Errors
    /// [`Kind::BadInput`] for answers about other probes.
    pub fn answered(
        &mut self,
        probes: std::ops::Range<usize>,
        answers: Vec<Vec<Vec<(usize, f32)>>>,
    ) -> Result<()> {
        let (population, asked) = self.planning()?;
        let probes = self.screened.get(probes).unwrap_or_default();
        if answers.iter().any(|shard| shard.len() != probes.len()) {
            return Err(Error::new(Kind::BadInput, say!("a shard answered about other probes")));
        }
        let mut lists = Vec::with_capacity(probes.len());
        for (n, &probe) in probes.iter().enumerate() {
            let near = answers.iter().flat_map(|shard| shard[n].iter().copied()).collect();
            let blind = population.others(probe).into_iter().filter(|&b| !asked.screened[b]);
            lists.push((probe, merged(near, blind, &asked.floors, asked.keep)));
        }
        self.lists.extend(lists);
        Ok(())
    }

    /// Plans the pairs, now that every probe has its shortlist. How many parts
    /// they make.
    ///
    /// # Errors
    /// [`Kind::Internal`] while shortlists are missing.
    pub fn plan(&mut self, store: &Store) -> Result<usize> {
        let (Some(population), Some(asked)) = (self.population.take(), self.asked.take()) else {
            return Err(out_of_order());
        };
        let mut lists = Vec::with_capacity(asked.probes.len());
        for &probe in &asked.probes {
            lists.push(match self.lists.remove(&probe) {
                Some(list) => list,
                None if self.screened.binary_search(&probe).is_ok() => return Err(out_of_order()),
                None => Shortlist { verify: population.others(probe), floor: f32::MIN },
            });
        }
        let mut plan: Plan = population.planned(asked, lists);
        // Pairs of one new mark stand together, so that a part needs few templates.
        plan.pairs.sort_unstable_by_key(|&(a, b)| (b, a));
        let snapshot = store.snapshot()?;
        let recipe = self.run.recipe;
        let mut stage = Stage::begin(&snapshot, population, plan, &recipe, &mut self.outcome)?;
        self.pairs = std::mem::take(&mut stage.pairs);
        self.stage = Some(stage);
        Ok(self.pairs.len().div_ceil(PART))
    }

    fn pairs_of(&self, number: usize) -> &[(usize, usize)] {
        self.pairs.chunks(PART).nth(number).unwrap_or_default()
    }

    /// One part of the pairs, for a worker.
    ///
    /// # Errors
    /// [`Kind::Internal`] before the search was planned.
    pub fn part(&self, number: usize) -> Result<Part> {
        let stage = self.stage.as_ref().ok_or_else(out_of_order)?;
        let own = self.pairs_of(number);
        let mut wanted: Vec<usize> = own.iter().flat_map(|&(a, b)| [a, b]).collect();
        wanted.sort_unstable();
        wanted.dedup();
        let place = |n: usize| wanted.binary_search(&n).unwrap_or_default();
        let pairs = own.iter().map(|&(a, b)| (place(a), place(b))).collect();
        let rows = wanted.iter().map(|&n| stage.population.rows[n].clone()).collect();
        Ok(Part { recipe: self.run.recipe, rows, pairs })
    }

    /// Commits what a worker delivered of a part.
    ///
    /// # Errors
    /// [`Kind::Store`] if it is not what the bill says, or of other pairs:
    /// nothing is committed, and the part can be done again.
    pub fn take(&mut self, store: &Store, number: usize, bill: &Bill) -> Result<u64> {
        let own = self.pairs_of(number).to_vec();
        let stage = self.stage.as_mut().ok_or_else(out_of_order)?;
        let found = Delivery::open(bill)?.tables().comparisons()?;
        let rows = &stage.population.rows;
        let fits = found.len() == own.len()
            && own
                .iter()
                .zip(&found)
                .all(|(&(a, b), (row, _))| (&row.a, &row.b) == (&rows[a].mark, &rows[b].mark));
        if !fits {
            let what = say!("the delivery holds comparisons of other pairs");
            return Err(Error::new(Kind::Store, what)
                .at(&bill.folder)
                .advise(say!("do the part again")));
        }
        let results: Vec<Comparison> =
            found.into_iter().map(|(row, cells)| row.with_cells(cells)).collect();
        stage.take(store, &own, results, &self.run, &mut self.outcome)
    }

    /// Ends the search: says in the store what was left out.
    ///
    /// # Errors
    /// Where the store cannot be written.
    pub fn finish(mut self, store: &Store) -> Result<Outcome> {
        let stage = self.stage.take().ok_or_else(out_of_order)?;
        stage.finish(store, &self.run, &mut self.outcome)?;
        Ok(self.outcome)
    }
}

fn out_of_order() -> Error {
    Error::new(Kind::Internal, say!("the steps of a search were taken out of their order"))
}
