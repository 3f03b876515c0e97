//! Labelled scans compared, as the calibration takes them.

use super::{Failed, Progress, evaluate};
use crate::acquire::manifest::TruthRow;
use crate::correlate::Comparison;
use crate::error::Result;
use crate::evidence::MarkKind;
use crate::prepare::Recipe;
use crate::weigh::{Cells, Measured, Origin, Pair, PairSet};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// What a comparison gives to be weighed.
pub fn measured(mark: MarkKind, comparison: &Comparison) -> Measured {
    let cells = Cells { congruent: comparison.congruent_cells, tried: comparison.cells };
    Measured {
        mark,
        score: Some(comparison.score),
        cells: Some(cells),
        overlap_mm2: Some(comparison.overlap_mm2),
    }
}

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
    let evaluation = evaluate(truth, root, recipe, None, progress)?;
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
        let measured = measured(row.mark_kind, &row.comparison);
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
    let origin = Origin { recipe: Some(recipe.hash()), modality, ..Origin::default() };
    let set = PairSet { firearms, pairs, origin, notes: Vec::new() };
    Ok((set, evaluation.failures))
}
