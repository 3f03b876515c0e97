//! All marks against all others that they may be compared with.

mod loaded;
mod population;
mod shard;
mod spread;
mod stage;

pub use shard::{Shard, ShardPlan, ShardQuestion};
pub use spread::{Part, SpreadSearch, verify_part};

use super::pace::Pace;
use super::prepare_again::left_behind;
use super::{Outcome, Progress, Run, commit, json};
use crate::Counted;
use casework::{SEARCH, Search, SearchRules, understood};
use imaging::search::shortlists;
use loaded::Loaded;
use population::{Indexed, Limits, MarkPopulation, Plan};
use serde::{Deserialize, Serialize};
use stage::Stage;
use std::collections::{BTreeMap, BTreeSet};
use store::{Batch, Snapshot, Store};
use tracing::info_span;
use types::error::Result;
use types::evidence::{CasingId, Digest, MarkId, MarkKind, Modality};
use types::message::{phrase, say};

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
        let span = info_span!("correlate", %kind, %modality);
        let _in_span = span.enter();
        let snapshot = store.snapshot()?;
        let population = MarkPopulation::read(&snapshot, kind, modality, recipe, limits.as_ref())?;
        probes.extend(population.probes());
        let plan = match verify {
            Verify::All => population.all(),
            Verify::Shortlist(keep) => screened(&snapshot, &population, recipe, keep)?,
        };
        let mut stage = Stage::begin(&snapshot, population, plan, recipe, &mut outcome)?;
        // A snapshot kept for hours would keep files that an order has removed.
        drop(snapshot);
        let pairs = std::mem::take(&mut stage.pairs);
        if !pairs.is_empty() {
            progress.begin(&say!("correlate {kind} ({modality})"), pairs.len() as u64);
        }
        let mut loaded = Loaded::default();
        let (mut pace, mut rest) = (Pace::new(AT_ONCE.0, AT_ONCE.1), pairs.as_slice());
        while let Some(part) = pace.next(&mut rest) {
            let watch = |n: usize| progress.advance(n as u64);
            let snapshot = store.snapshot()?;
            let part = stage.still_open(&snapshot, part)?;
            loaded.fetch(&snapshot, &stage.population.rows, &part)?;
            drop(snapshot);
            let results = info_span!("compare", pairs = part.len())
                .in_scope(|| loaded.compare(&part, &watch))?;
            let kept = stage.take(store, &part, results, run, &mut outcome)?;
            progress.kept(phrase!("comparisons"), kept);
            pace.done();
        }
        if !pairs.is_empty() {
            progress.end();
        }
        stage.finish(store, run, &mut outcome)?;
    }
    if let Some(limits) = limits {
        let mut writer = run.writer(store)?;
        let marks = store.snapshot()?.marks()?;
        let there: BTreeSet<&MarkId> = marks.iter().map(|m| &m.id).collect();
        probes.retain(|mark, _| there.contains(mark));
        let mut batch = Batch::default();
        for search in limits.sieve.searches(&probes, *recipe) {
            outcome.count(
                Counted::Exclusions,
                search.excluded.iter().map(|(_, c)| c.len() as u64).sum(),
            );
            batch.add_record(SEARCH, search.id()?, json(&search)?, &run.who, "search rules");
        }
        commit(&mut writer, batch, run)?;
    }
    Ok(outcome)
}

/// The pairs that the screen hands on, the whole gallery read by this process.
fn screened(
    snapshot: &Snapshot,
    population: &MarkPopulation<'_>,
    recipe: &Digest,
    keep: usize,
) -> Result<Plan> {
    let asked = population.asked(snapshot, recipe, keep)?;
    let others = |probe: usize| population.others(probe);
    let gallery = Indexed { snapshot, rows: &population.rows };
    let lists = shortlists(&gallery, &asked.screened, &asked.probes, &asked.floors, &others, keep)?;
    Ok(population.planned(asked, lists))
}

/// What is compared among itself.
fn populations() -> impl Iterator<Item = (MarkKind, Modality)> {
    MarkKind::ALL.iter().flat_map(|&kind| Modality::ALL.iter().map(move |&m| (kind, m)))
}

/// Every search under rules, oldest first.
pub(super) fn searches(snapshot: &Snapshot, recipe: &Digest) -> Result<Vec<Search>> {
    let records = snapshot.records(SEARCH)?;
    let all = records.iter().map(understood).collect::<Result<Vec<Search>>>()?;
    Ok(all.into_iter().filter(|s| s.recipe == *recipe).collect())
}
