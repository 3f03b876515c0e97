//! How much a score owes to choices of preparation: the same pair, or the same
//! labelled set, under a stated family of other plausible choices.

use super::evaluate::{Evaluation, EvaluationPlan, evaluate_as};
use super::files::usable;
use super::{Progress, Separation};
use imaging::acquire::manifest::TruthRow;
use imaging::correlate::{Probe, Rotations, compare_probe};
use imaging::extract::Template;
use imaging::prepare::{Recipe, Variant};
use rayon::prelude::*;
use report::{Robustness, VariantScore};
use serde::Serialize;
use std::path::Path;
use types::error::Result;
use types::mark::PreparedMark;
use types::message::{Message, say};
use types::scan::Scan;

types::coded!(mod variant: Message as variant and coded_variant);

/// Compares two scans under every variant of the family; the marks are those
/// under the recipe as it is, and `score` is theirs. Both are prepared alike each
/// time.
pub fn robustness(
    a: (&Scan, &PreparedMark),
    b: (&Scan, &PreparedMark),
    recipe: &Recipe,
    score: f64,
) -> Robustness {
    let prepared = |variant: &Variant, (scan, mark): (&Scan, &PreparedMark)| {
        variant.prepare(scan, mark.kind, recipe)
    };
    let values = |mark: &PreparedMark| mark.values.mapv(f32::to_bits);
    let as_they_are = [values(a.1), values(b.1)];
    let scored = |variant: &Variant| {
        let marks = prepared(variant, a).and_then(|one| Ok([one, prepared(variant, b)?]));
        let compared = marks.and_then(|marks| {
            if marks.each_ref().map(values) == as_they_are {
                return Ok(None);
            }
            marks.iter().try_for_each(usable)?;
            let [a, b] = [Template::new(&marks[0])?, Template::new(&marks[1])?];
            Ok(Some(compare_probe(&Probe::new(&a), &b, &mut Rotations::new())?.score))
        });
        let (score, why_not) = match compared {
            Ok(Some(score)) => (Some(score), None),
            Ok(None) => {
                (None, Some(say!("it changes neither mark: the scans were processed before")))
            }
            Err(error) => (None, Some(error.what)),
        };
        VariantScore { variant: variant.words(), score, why_not }
    };
    let variants: Vec<VariantScore> = Variant::family(recipe).par_iter().map(scored).collect();
    let scores = || variants.iter().filter_map(|v| v.score);
    Robustness {
        lowest: scores().fold(score, f64::min),
        highest: scores().fold(score, f64::max),
        variants,
    }
}

/// What a labelled set gives under one choice.
#[derive(Clone, Debug, Serialize)]
pub struct Swept {
    /// What was chosen otherwise.
    #[serde(flatten, with = "variant")]
    pub variant: Message,
    /// The separation of the scores.
    pub score: Separation,
    /// Probes that have a mate, and those whose best mate comes first.
    pub probes: u64,
    /// Of them, those whose best mate comes first.
    pub first: u64,
    /// Scans that could not be prepared so.
    pub failed: u64,
    /// Whether it changes any score: not where the scans were processed before.
    pub applies: bool,
}

/// Evaluates a labelled set under every variant of the family; `base` is what it
/// gave under the recipe as it is, and comes first.
///
/// # Errors
/// As [`evaluate`](super::evaluate), for any of them.
pub fn sweep(
    base: &Evaluation,
    truth: &[TruthRow],
    root: &Path,
    recipe: &Recipe,
    plan: EvaluationPlan,
    progress: &dyn Progress,
) -> Result<Vec<Swept>> {
    let swept = |variant: Variant, found: &Evaluation, applies: bool| Swept {
        variant: variant.words(),
        score: found.figures.score.clone(),
        probes: found.figures.probes,
        first: found.figures.rank[0],
        failed: found.failures.len() as u64,
        applies,
    };
    let mut all = vec![swept(Variant::AsItIs, base, true)];
    for variant in Variant::family(recipe) {
        let found = evaluate_as(variant, truth, root, recipe, plan, progress)?;
        let applies = found.pairs != base.pairs;
        all.push(swept(variant, &found, applies));
    }
    Ok(all)
}
