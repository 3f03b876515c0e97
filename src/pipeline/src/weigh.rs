//! Labelled scans to populations, populations to the weights in reports.

use super::{EvaluationPlan, Failed, Progress, Run, commit, evaluate};
use imaging::acquire::manifest::TruthRow;
use imaging::prepare::Recipe;
use report::Weight;
use statistics::weigh::{Cells, Circumstances, Measured, Origin, Pair, PairSet, Population};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use store::{Batch, ComparisonRow, MarkRow, ScanRow, Snapshot, Store};
use types::error::Result;
use types::evidence::{CasingId, CasingRecord, Digest, MarkKind};
use types::mark::Verdict;
use types::message::{Message, say};

/// Compares all pairs of a labelled set; scans that failed come beside. Of two
/// casings that were measured in both modalities the topographies are taken.
///
/// # Errors
/// See [`evaluate`].
pub fn labelled_pairs(
    truth: &[TruthRow],
    root: &Path,
    recipe: &Recipe,
    progress: &dyn Progress,
) -> Result<(PairSet, Vec<Failed>)> {
    let evaluation = evaluate(truth, root, recipe, EvaluationPlan::default(), progress)?;
    let modality = evaluation.pairs.iter().map(|p| p.modality).min();
    let rows = || evaluation.pairs.iter().filter(|p| Some(p.modality) == modality);
    let firearms: Vec<String> = rows()
        .flat_map(|p| p.firearms.iter().map(ToString::to_string))
        .collect::<BTreeSet<_>>()
        .into_iter()
        .collect();
    let number = |name: &str| firearms.binary_search_by(|f| f.as_str().cmp(name)).unwrap_or(0);
    let mut pairs: Vec<Pair> = Vec::new();
    let mut at: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for row in rows() {
        let c = &row.comparison;
        let measured = Measured {
            mark: row.mark_kind,
            score: Some(c.score),
            cells: Some(Cells { congruent: c.congruent_cells, tried: c.cells }),
            overlap_mm2: Some(c.overlap_mm2),
            area_mm2: Some(row.area_mm2),
        };
        let known = at.get(&(row.a.as_str(), row.b.as_str())).copied();
        if let Some(n) = known.filter(|&n| pairs[n].marks.iter().all(|m| m.mark != measured.mark)) {
            pairs[n].marks.push(measured);
            continue;
        }
        at.insert((&row.a, &row.b), pairs.len());
        let [x, y] = &row.firearms;
        pairs.push(Pair {
            a: row.a.clone(),
            b: row.b.clone(),
            firearms: (number(x.as_str()), number(y.as_str())),
            class: None,
            marks: vec![measured],
        });
    }
    let origin = Origin {
        recipe: Some(recipe.hash()),
        modality,
        instruments: evaluation.instruments,
        calibres: BTreeSet::new(),
    };
    let same = evaluation.same_acquisition.iter();
    let notes = same.map(|[a, b]| say!("left out as one acquisition: {a} and {b}")).collect();
    let set = PairSet { firearms, pairs, origin, notes };
    Ok((set, evaluation.failures))
}

/// The kind of the records that hold reference populations.
const POPULATION: &str = "population";

/// The populations kept in a store, in the order of their names.
pub(super) fn populations(snapshot: &Snapshot) -> Result<Vec<Population>> {
    snapshot.records(POPULATION)?.iter().map(|r| Population::from_json(&r.body)).collect()
}

/// Keeps a population in a store, under its name, as a versioned record.
///
/// # Errors
/// Where the store cannot be written.
pub fn keep_population(store: &Store, population: &Population, run: &Run) -> Result<()> {
    let mut batch = Batch::default();
    let body = population.to_json()?;
    batch.add_record(POPULATION, &population.name, body, &run.who, "calibrated");
    commit(&mut run.writer(store)?, batch, run)
}

/// What is known of one side of a comparison.
pub(super) struct Facts<'a> {
    pub mark: &'a MarkRow,
    pub scan: Option<&'a ScanRow>,
    pub casing: Option<&'a CasingRecord>,
}

impl<'a> Facts<'a> {
    /// The facts of a mark.
    pub fn of(
        mark: &'a MarkRow,
        scans: &'a BTreeMap<Digest, ScanRow>,
        casings: &'a BTreeMap<CasingId, CasingRecord>,
    ) -> Self {
        Self { mark, scan: scans.get(&mark.scan), casing: casings.get(&mark.casing) }
    }
}

/// A comparison of one mark of two casings.
pub(super) struct Compared<'a> {
    pub sides: [Facts<'a>; 2],
    pub row: &'a ComparisonRow,
}

impl Compared<'_> {
    /// The natural-log likelihood ratio of this comparison by a population that
    /// covers it.
    pub fn log_ratio(&self, population: &Population) -> Option<f64> {
        population.log_ratio(&[self.measured()], &circumstances(&[self])).ok()
    }

    fn kind(&self) -> MarkKind {
        self.sides[0].mark.kind
    }

    fn measured(&self) -> Measured {
        let row = self.row;
        let [a, b] = self.sides.each_ref().map(|s| s.mark.quality.area_mm2);
        Measured {
            mark: self.kind(),
            score: Some(row.score),
            cells: Some(Cells { congruent: row.congruent_cells, tried: row.cells }),
            overlap_mm2: Some(row.overlap_mm2),
            area_mm2: Some(a.min(b)),
        }
    }
}

/// How comparisons of the same two casings were made.
fn circumstances(compared: &[&Compared]) -> Circumstances {
    let sides = || compared.iter().flat_map(|c| &c.sides);
    let each = |of: fn(&Facts) -> Option<String>| -> Vec<String> {
        // All must be known for any to count as within a population.
        let known: Option<BTreeSet<String>> = sides().map(of).collect();
        known.unwrap_or_default().into_iter().collect()
    };
    let first = compared.first();
    Circumstances {
        recipe: first.map(|c| c.row.recipe),
        modality: first.map(|c| c.sides[0].mark.modality),
        instruments: each(|s| s.scan?.instrument.clone()),
        calibres: each(|s| s.casing?.calibre.clone()),
        casings: each(|s| Some(s.mark.casing.to_string())),
        doubtful_mark: sides().any(|s| s.mark.quality.verdict != Verdict::Good),
    }
}

/// Weighs comparisons by the first population that covers them.
pub(super) struct Weigher {
    populations: Vec<(Population, Digest)>,
    refusals: Mutex<BTreeMap<Message, u64>>,
}

impl Weigher {
    /// Weighs by the population given, else by those of the store in the order
    /// of their names.
    pub fn new(snapshot: &Snapshot, given: Option<&Population>) -> Result<Self> {
        let populations = given
            .cloned()
            .into_iter()
            .chain(populations(snapshot)?)
            .map(|population| {
                let digest = population.digest()?;
                Ok((population, digest))
            })
            .collect::<Result<_>>()?;
        Ok(Self { populations, refusals: Mutex::default() })
    }

    /// The weight of a comparison of two casings in a gallery of so many,
    /// together with those of their other marks, compared under the same recipe
    /// and of the same modality, that the population covers too; `None` where no
    /// population covers the comparison itself.
    pub fn weight(&self, own: &Compared, others: &[Compared], gallery: u64) -> Option<Weight> {
        for (population, sha256) in &self.populations {
            let covered = |c: &&Compared| population.scope.marks.contains(&c.kind());
            let all: Vec<&Compared> =
                std::iter::once(own).chain(others.iter().filter(covered)).collect();
            let weigh = |these: &[&Compared]| {
                let marks: Vec<Measured> = these.iter().map(|c| c.measured()).collect();
                population.weigh(&marks, &circumstances(these))
            };
            // Where another mark is outside the population, this one may not be.
            let (weighed, rests_on) = match weigh(&all) {
                Err(_) if all.len() > 1 => (weigh(&[own]), &all[..1]),
                weighed => (weighed, &all[..]),
            };
            match weighed {
                Ok(weight) => {
                    let mut marks: Vec<MarkKind> = rests_on.iter().map(|c| c.kind()).collect();
                    marks.sort();
                    return Some(Weight {
                        log10_lr: weight.log10_lr,
                        log10_lower: weight.log10_lower,
                        log10_upper: weight.log10_upper,
                        marks,
                        population: population.name.clone(),
                        firearms: population.firearms,
                        pairs: population.same_source_pairs + population.different_source_pairs,
                        sha256: *sha256,
                        support: weight.support,
                        bounds: population.bounds,
                        performance: population.performance,
                        flags: weight.flags,
                        strangers: population.expected_strangers(
                            own.kind(),
                            own.row.score,
                            gallery,
                        ),
                    });
                }
                Err(error) => {
                    let why = say!("not weighed by {:?}: {}", population.name, error.what);
                    let mut refusals = self.refusals.lock().unwrap_or_else(PoisonError::into_inner);
                    *refusals.entry(why).or_default() += 1;
                }
            }
        }
        None
    }

    /// What populations refused, and how often.
    pub fn refusals(&self) -> Vec<Message> {
        let refusals = self.refusals.lock().unwrap_or_else(PoisonError::into_inner);
        refusals.iter().map(|(why, n)| say!("{n} comparisons {why}")).collect()
    }
}
