//! Accuracy and speed on a labelled set.

mod harm;

pub use harm::Damage;

use super::acquisition::{LOOKED_AT, sameness};
use super::figures::{Figures, PublishedFigures, RANKS, Separation, rank_of_best_mate, separation};
use super::files::load;
use super::memory::Memory;
use super::{Failed, Progress};
use harm::harm;
use imaging::acquire::ReadOptions;
use imaging::acquire::manifest::TruthRow;
use imaging::correlate::{Published, published};
use imaging::extract::Template;
use imaging::prepare::{Recipe, Variant};
use imaging::search::compare_pairs;
use rayon::prelude::*;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use types::comparison::Comparison;
use types::error::{Error, Kind, Result};
use types::evidence::{Digest, FirearmId, MarkKind, Modality};
use types::mark::PreparedMark;
use types::message::say;
use types::scan::Scan;

/// One compared pair.
#[derive(Clone, Debug, PartialEq)]
pub struct PairRow {
    /// The probe's casing (or file, where a casing has several scans).
    pub a: String,
    /// The other's.
    pub b: String,
    /// The firearms that fired them.
    pub firearms: [FirearmId; 2],
    /// What part of the gun made the marks.
    pub mark_kind: MarkKind,
    /// Heights or brightness.
    pub modality: Modality,
    /// Whether one firearm fired both.
    pub same_source: bool,
    /// Area of the smaller mark, mm².
    pub area_mm2: f64,
    /// What the comparison gave.
    pub comparison: Comparison,
    /// What the published rules say, where they were asked.
    pub published: Option<Published>,
}

/// What is done with a set besides comparing it.
#[derive(Clone, Copy, Debug, Default)]
pub struct EvaluationPlan {
    /// What is done to the probes before.
    pub damage: Option<Damage>,
    /// Whether the published rules are asked too; of impressed marks alone.
    pub published: bool,
}

/// What an evaluation found.
#[derive(Debug, Serialize)]
pub struct Evaluation {
    /// Scans that were compared.
    pub scans: u64,
    /// What was done to them.
    pub damage: Option<Damage>,
    /// The accuracy figures.
    pub figures: Figures,
    /// Scans that failed.
    pub failures: Vec<Failed>,
    /// Pairs left out of all figures: two casings whose files look like one
    /// acquisition.
    pub same_acquisition: Vec<[String; 2]>,
    /// Instruments that measured the scans, where these say.
    #[serde(skip)]
    pub instruments: BTreeSet<String>,
    /// Every pair, in the order of the truth's rows.
    #[serde(skip)]
    pub pairs: Vec<PairRow>,
}

/// Pairs between two looks at whether to go on.
const AT_ONCE: usize = 4096;

/// An error where the person has had enough.
fn go_on(progress: &dyn Progress) -> Result<()> {
    if progress.stopped() {
        return Err(Error::new(Kind::BadInput, say!("the evaluation was interrupted")));
    }
    Ok(())
}

/// Prepares every scan of a labelled set and compares all pairs of one mark
/// kind, modality and different casings. With `damage` each mark is first
/// turned by its own random angle; if it also cuts or adds noise, every
/// damaged mark is compared with the *intact* ones of all other casings (so
/// that a pair appears twice, once with either damaged), else the turned ones
/// among themselves.
///
/// # Errors
/// [`Kind::BadInput`] if fewer than two scans could be used.
pub fn evaluate(
    truth: &[TruthRow],
    root: &Path,
    recipe: &Recipe,
    plan: EvaluationPlan,
    progress: &dyn Progress,
) -> Result<Evaluation> {
    evaluate_as(Variant::AsItIs, truth, root, recipe, plan, progress)
}

/// As [`evaluate`], with the marks prepared in another way.
pub(super) fn evaluate_as(
    variant: Variant,
    truth: &[TruthRow],
    root: &Path,
    recipe: &Recipe,
    EvaluationPlan { damage, published: asked }: EvaluationPlan,
    progress: &dyn Progress,
) -> Result<Evaluation> {
    let how = &How { variant, recipe, damage };
    let memory = Memory::free_now();
    progress.begin(&say!("prepare"), truth.len() as u64);
    let prepared: Vec<Result<Extracted>> = truth
        .par_iter()
        .enumerate()
        .map(|(n, row)| {
            let templates =
                go_on(progress).and_then(|()| templates(row, n as u64, root, how, &memory));
            progress.advance(1);
            templates
        })
        .collect();
    progress.end();
    let (mut failures, mut same_acquisition) = (Vec::new(), Vec::new());
    let (mut rows, mut gallery, mut damaged) = (Vec::new(), Vec::new(), Vec::new());
    let mut contents = Vec::new();
    let mut instruments = BTreeSet::new();
    for (row, templates) in truth.iter().zip(prepared) {
        match templates {
            Ok(Extracted { intact, probe, instrument, content }) => {
                instruments.extend(instrument);
                contents.push(content);
                rows.push(row);
                gallery.push(intact);
                damaged.push(probe);
            }
            Err(error) => {
                failures.push(Failed::of(row.file.display().to_string(), Some(row.line), &error));
            }
        }
    }
    if rows.len() < 2 {
        let what = match failures.first() {
            Some(Failed { file, reason, .. }) => say!(
                "fewer than two scans could be used; the first of {} failures: {file}: {reason}",
                failures.len()
            ),
            None => say!("fewer than two scans could be used"),
        };
        return Err(Error::new(Kind::BadInput, what)
            .advise(say!("--root is the folder that the files are named from")));
    }
    let n = rows.len();
    let harmed = damage.is_some_and(|d| d.harms());
    // Probes come after the intact marks in one gallery.
    let probe_at = if harmed { n } else { 0 };
    let (templates, areas): (Vec<Template>, Vec<f64>) = match damage {
        Some(_) if harmed => gallery.into_iter().chain(damaged).unzip(),
        Some(_) => damaged.into_iter().unzip(),
        None => gallery.into_iter().unzip(),
    };
    let pairs: Vec<(usize, usize)> = (0..n)
        .flat_map(|a| (if harmed { 0 } else { a + 1 }..n).map(move |b| (a, b)))
        .filter(|&(a, b)| {
            let alike = templates[a].comparable(&templates[b]).is_ok();
            alike && rows[a].casing != rows[b].casing
        })
        .collect();
    let indices: Vec<(usize, usize)> = pairs.iter().map(|&(a, b)| (a + probe_at, b)).collect();
    progress.begin(&say!("compare"), pairs.len() as u64);
    let watch = |n: usize| progress.advance(n as u64);
    let mut compared = Vec::with_capacity(indices.len());
    for part in indices.chunks(AT_ONCE) {
        go_on(progress)?;
        compared.extend(compare_pairs(&templates, part, &watch));
    }
    progress.end();
    let names = names(&rows, &templates);
    let mut out = Vec::with_capacity(pairs.len());
    // One acquisition under two names tells nothing of two casings. What was
    // damaged is looked at as it was before.
    let one = |a: usize, b: usize, comparison: &Comparison| {
        let same = contents[a] == contents[b];
        same || damage.is_none()
            && comparison.ccf >= LOOKED_AT
            && look_alike((rows[a], rows[b]), root, recipe, comparison)
    };
    let compared: Vec<Comparison> = compared.into_iter().collect::<Result<_>>()?;
    let same: Vec<bool> =
        pairs.par_iter().zip(&compared).map(|(&(a, b), c)| one(a, b, c)).collect();
    let rules = |&(a, b): &(usize, usize), c: &Comparison| {
        let asked = asked && !templates[a].kind.is_striated();
        asked.then(|| published(&templates[a], &templates[b], c))
    };
    let said: Vec<Option<Published>> =
        indices.par_iter().zip(&compared).map(|(pair, c)| rules(pair, c)).collect();
    let found = compared.into_iter().zip(said);
    for ((&(a, b), (comparison, published)), same) in pairs.iter().zip(found).zip(same) {
        if same {
            let file = |row: &TruthRow| row.file.display().to_string();
            same_acquisition.extend((a < b).then(|| [file(rows[a]), file(rows[b])]));
            continue;
        }
        let firearms = [rows[a].firearm.clone(), rows[b].firearm.clone()];
        out.push(PairRow {
            same_source: firearms[0] == firearms[1],
            firearms,
            mark_kind: rows[a].mark_kind,
            modality: templates[a].modality,
            a: names[a].clone(),
            b: names[b].clone(),
            area_mm2: areas[a + probe_at].min(areas[b]),
            comparison,
            published,
        });
    }
    let figures = figures(&out, harmed);
    let scans = n as u64;
    Ok(Evaluation { scans, damage, figures, failures, same_acquisition, instruments, pairs: out })
}

/// Whether the files of two rows, compared with this outcome, look like one
/// acquisition. Both were read before.
fn look_alike(
    (a, b): (&TruthRow, &TruthRow),
    root: &Path,
    recipe: &Recipe,
    comparison: &Comparison,
) -> bool {
    let read = |row: &TruthRow| {
        let options = ReadOptions { pixel_size: row.pixel_size, ..ReadOptions::default() };
        load(&root.join(&row.file), row.mark_kind, &options, recipe).ok()
    };
    let (Some(a), Some(b)) = (read(a), read(b)) else { return false };
    let (a, b) = ((&a.scan, &a.mark), (&b.scan, &b.mark));
    sameness(a, b, comparison.ccf, &comparison.b_from_a).is_some()
}

/// A scan's templates, each with its mark's area in mm².
struct Extracted {
    intact: (Template, f64),
    /// The damaged one.
    probe: (Template, f64),
    instrument: Option<String>,
    /// What the scan measured.
    content: Digest,
}

fn extracted(mark: &PreparedMark) -> Result<(Template, f64)> {
    let points = mark.values.iter().filter(|v| v.is_finite()).count();
    Ok((Template::new(mark)?, points as f64 * mark.pitch.um().powi(2) * 1e-6))
}

/// How the scans of a set are prepared and what is done to them.
struct How<'a> {
    variant: Variant,
    recipe: &'a Recipe,
    damage: Option<Damage>,
}

impl How<'_> {
    fn prepare(&self, scan: &Scan, kind: MarkKind) -> Result<PreparedMark> {
        self.variant.prepare(scan, kind, self.recipe)
    }
}

fn templates(
    row: &TruthRow,
    number: u64,
    root: &Path,
    how: &How<'_>,
    memory: &Memory,
) -> Result<Extracted> {
    let options = ReadOptions { pixel_size: row.pixel_size, ..ReadOptions::default() };
    let (scan, _held) = memory.read_scan(&root.join(&row.file), &options)?;
    let mark = how.prepare(&scan, row.mark_kind)?;
    super::files::usable(&mark)?;
    let intact = extracted(&mark)?;
    let (instrument, content) = (scan.instrument.clone(), scan.surface.digest());
    let Some(damage) = how.damage else {
        return Ok(Extracted { probe: intact.clone(), intact, instrument, content });
    };
    let mark = if damage.harms_scan() {
        how.prepare(&damage.scan(scan, number)?, row.mark_kind)?
    } else {
        mark
    };
    let probe = extracted(&harm(mark, number, damage))?;
    Ok(Extracted { intact, probe, instrument, content })
}

/// Casing ids, or file names where a casing has several scans that may be
/// compared with the same marks.
fn names(rows: &[&TruthRow], templates: &[Template]) -> Vec<String> {
    let population = |i: usize| (&rows[i].casing, templates[i].kind, templates[i].modality);
    let mut scans: BTreeMap<_, usize> = BTreeMap::new();
    for i in 0..rows.len() {
        *scans.entry(population(i)).or_default() += 1;
    }
    let name = |i: usize| match scans[&population(i)] {
        1 => rows[i].casing.to_string(),
        _ => rows[i].file.display().to_string(),
    };
    (0..rows.len()).map(name).collect()
}

fn figures(pairs: &[PairRow], one_way: bool) -> Figures {
    let of = |value: fn(&Comparison) -> f64| separated(pairs, &|p| Some(value(&p.comparison)));
    let by_rule = |value: fn(&Published) -> usize| {
        separated(pairs, &|p| p.published.as_ref().map(|rules| value(rules) as f64))
    };
    let asked = pairs.iter().any(|p| p.published.is_some());
    let published = asked.then(|| PublishedFigures {
        median_rule: by_rule(|p| p.median_rule),
        high_cmc: by_rule(|p| p.high_cmc),
    });
    let mut by_probe: BTreeMap<_, Vec<(bool, f64)>> = BTreeMap::new();
    for p in pairs {
        let entry = (p.same_source, p.comparison.score);
        by_probe.entry((&p.a, p.mark_kind, p.modality)).or_default().push(entry);
        if !one_way {
            by_probe.entry((&p.b, p.mark_kind, p.modality)).or_default().push(entry);
        }
    }
    let ranks: Vec<usize> = by_probe.values().filter_map(|s| rank_of_best_mate(s)).collect();
    let same = pairs.iter().filter(|p| p.same_source).count() as u64;
    Figures {
        same_source: same,
        different_source: pairs.len() as u64 - same,
        score: of(|c| c.score),
        ccf: of(|c| c.ccf),
        congruent_cells: of(|c| f64::from(c.congruent_cells)),
        congruent_fraction: of(Comparison::congruent_fraction),
        distinctness: separated(pairs, &|p| p.comparison.distinctness()),
        published,
        probes: ranks.len() as u64,
        rank: RANKS.map(|k| ranks.iter().filter(|r| **r <= k).count() as u64),
    }
}

/// Separates the pairs that have a value.
fn separated(pairs: &[PairRow], value: &dyn Fn(&PairRow) -> Option<f64>) -> Separation {
    let (same, different): (Vec<_>, Vec<_>) = pairs.iter().partition(|p| p.same_source);
    let values = |v: Vec<&PairRow>| v.into_iter().filter_map(value).collect::<Vec<_>>();
    separation(&values(same), &values(different))
}
