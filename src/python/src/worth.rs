//! What scores are worth, and which casings belong together.

use crate::error::{bad, json, raise, word};
use crate::long::long;
use crate::scan::{PyRecipe, digest, recipe};
use imaging::acquire::manifest::read_truth;
use numpy::IntoPyArray;
use pyo3::prelude::*;
use pyo3::types::PyDict;
use statistics::link::{Casework, GroupsFile, Linker, ScoreTable, Settings};
use statistics::weigh::{
    Cells, Circumstances, Description, Measured, PairSet, Plan, Population, Reading,
    cross_validate, read_pairs, validate,
};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use types::evidence::{MarkKind, Modality};
use types::message::say;

#[pyclass(frozen, name = "Population", module = "brasslink")]
pub struct PyPopulation(Arc<Population>);

/// A table of labelled pairs.
fn pairs(path: &Path, mark_kind: &str) -> PyResult<PairSet> {
    let reading = Reading { mark: Some(word::<MarkKind>(mark_kind)?), ..Reading::default() };
    read_pairs(path, &reading).map_err(raise)
}

#[pymethods]
impl PyPopulation {
    #[staticmethod]
    #[pyo3(signature = (path, name, created, purpose=None, mark_kind="breech_face",
        instruments=Vec::new(), calibres=Vec::new()))]
    #[allow(clippy::too_many_arguments)]
    fn fit_file(
        py: Python<'_>,
        path: PathBuf,
        name: String,
        created: String,
        purpose: Option<String>,
        mark_kind: &str,
        instruments: Vec<String>,
        calibres: Vec<String>,
    ) -> PyResult<Self> {
        let mut set = pairs(&path, mark_kind)?;
        set.origin.instruments.extend(instruments);
        set.origin.calibres.extend(calibres);
        let software = pipeline::SOFTWARE.to_owned();
        let about = Description { name, purpose, created, software };
        let made = long(py, None, |_| Population::calibrate(&set, about, Plan::default()))?;
        Ok(Self(Arc::new(made)))
    }

    #[staticmethod]
    fn load(path: PathBuf) -> PyResult<Self> {
        Population::read(&path).map(|made| Self(Arc::new(made))).map_err(raise)
    }

    fn to_json(&self) -> PyResult<String> {
        self.0.to_json().map_err(raise)
    }

    /// What it is, without the models: JSON.
    fn about(&self) -> PyResult<String> {
        let p = &self.0;
        json(&serde_json::json!({
            "name": p.name, "purpose": p.purpose, "created": p.created, "software": p.software,
            "firearms": p.firearms, "casings": p.casings,
            "same_source_pairs": p.same_source_pairs,
            "different_source_pairs": p.different_source_pairs,
            "bounds": p.bounds, "performance": p.performance,
            "sha256": p.digest().map_err(raise)?.to_string(),
        }))
    }

    /// The weight of one comparison: JSON.
    #[pyo3(signature = (mark_kind, score=None, congruent_cells=None, cells=None,
        overlap_mm2=None, area_mm2=None, recipe=None, modality=None,
        instruments=Vec::new(), calibres=Vec::new()))]
    #[allow(clippy::too_many_arguments)]
    fn weigh_numbers(
        &self,
        mark_kind: &str,
        score: Option<f64>,
        congruent_cells: Option<u32>,
        cells: Option<u32>,
        overlap_mm2: Option<f64>,
        area_mm2: Option<f64>,
        recipe: Option<&str>,
        modality: Option<&str>,
        instruments: Vec<String>,
        calibres: Vec<String>,
    ) -> PyResult<String> {
        let cells = match (congruent_cells, cells) {
            (Some(congruent), Some(tried)) if congruent <= tried => {
                Some(Cells { congruent, tried })
            }
            (None, None) => None,
            _ => {
                let what = say!("congruent cells and cells tried belong together");
                return Err(bad(what, say!("give both, and no more congruent cells than cells")));
            }
        };
        if score.is_some_and(|score| !score.is_finite()) {
            return Err(bad(
                say!("the score is not finite"),
                say!("leave it out where there is none"),
            ));
        }
        let mark = word(mark_kind)?;
        let measured = Measured { mark, score, cells, overlap_mm2, area_mm2 };
        let circumstances = Circumstances {
            recipe: recipe.map(digest).transpose()?,
            modality: modality.map(word::<Modality>).transpose()?,
            instruments,
            calibres,
            ..Circumstances::default()
        };
        let weight = self.0.weigh(&[measured], &circumstances).map_err(raise)?;
        let words: Vec<String> = weight.flags.iter().map(|flag| flag.words().to_string()).collect();
        json(&serde_json::json!({ "weight": weight, "cautions": words }))
    }

    /// How good its weights are on labelled pairs: JSON.
    #[pyo3(signature = (path, mark_kind="breech_face"))]
    fn validate_file(&self, py: Python<'_>, path: PathBuf, mark_kind: &str) -> PyResult<Validated> {
        let (population, set) = (self.0.clone(), pairs(&path, mark_kind)?);
        let found = long(py, None, |_| validate(&population, &set))?;
        Validated::of(found)
    }

    fn __repr__(&self) -> String {
        let (name, firearms) = (&self.0.name, self.0.firearms);
        format!("Population({name:?}, {firearms} firearms)")
    }
}

/// A validation: its figures as JSON, and every pair.
#[pyclass(frozen)]
pub struct Validated {
    #[pyo3(get)]
    figures: String,
    found: statistics::weigh::Validation,
}

impl Validated {
    fn of(found: statistics::weigh::Validation) -> PyResult<Self> {
        Ok(Self { figures: json(&found)?, found })
    }
}

#[pymethods]
impl Validated {
    fn pair_columns<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let (columns, pairs) = (PyDict::new(py), &self.found.pairs);
        columns.set_item("a", pairs.iter().map(|p| p.a.as_str()).collect::<Vec<_>>())?;
        columns.set_item("b", pairs.iter().map(|p| p.b.as_str()).collect::<Vec<_>>())?;
        let same: Vec<bool> = pairs.iter().map(|p| p.same_source).collect();
        columns.set_item("same_source", same.into_pyarray(py))?;
        let numbers: Vec<f64> = pairs.iter().map(|p| p.log10_lr).collect();
        columns.set_item("log10_lr", numbers.into_pyarray(py))?;
        let numbers: Vec<f64> = pairs.iter().map(|p| p.log10_unbounded).collect();
        columns.set_item("log10_unbounded", numbers.into_pyarray(py))?;
        Ok(columns)
    }
}

/// Every pair weighed by a model that saw neither of its firearms.
#[pyfunction]
#[pyo3(signature = (path, mark_kind="breech_face"))]
pub fn cross_validate_file(py: Python<'_>, path: PathBuf, mark_kind: &str) -> PyResult<Validated> {
    let set = pairs(&path, mark_kind)?;
    Validated::of(long(py, None, |_| cross_validate(&set, Plan::default()))?)
}

/// Groups of a table of scores, and the links within them: two JSON texts.
#[pyfunction]
#[pyo3(signature = (a, b, scores, together=Vec::new(), apart=Vec::new(), progress=None))]
pub fn link_scores(
    py: Python<'_>,
    a: Vec<String>,
    b: Vec<String>,
    scores: Vec<f64>,
    together: Vec<(String, String)>,
    apart: Vec<(String, String)>,
    progress: Option<Py<PyAny>>,
) -> PyResult<(String, String)> {
    if a.len() != b.len() || b.len() != scores.len() {
        return Err(bad(
            say!("a, b and the scores are not equally many"),
            say!("give one row a pair"),
        ));
    }
    let (groups, links) = long(py, progress, |_| {
        let rows = a.into_iter().zip(b).zip(scores).map(|((a, b), score)| (a, b, score));
        let table = ScoreTable::new(Vec::<String>::new(), rows)?;
        let mut casework = Casework::default();
        casework.confirmed.extend(together);
        casework.rejected.extend(apart);
        let linker = Linker::of_scores(table, casework, Settings::default())?;
        Ok((GroupsFile::of(&linker), linker.proposed_links()))
    })?;
    Ok((json(&groups)?, json(&links)?))
}

/// A labelled set compared: its figures as JSON, and every pair.
#[pyclass(frozen)]
pub struct Evaluated {
    #[pyo3(get)]
    figures: String,
    found: pipeline::Evaluation,
    recipe: String,
}

#[pymethods]
impl Evaluated {
    fn pair_columns<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let (columns, pairs) = (PyDict::new(py), &self.found.pairs);
        let texts =
            |of: &dyn Fn(&pipeline::PairRow) -> String| pairs.iter().map(of).collect::<Vec<_>>();
        let number = |name: &str, of: &dyn Fn(&pipeline::PairRow) -> f64| {
            columns.set_item(name, pairs.iter().map(of).collect::<Vec<f64>>().into_pyarray(py))
        };
        number("score", &|p| p.comparison.score)?;
        number("ccf", &|p| p.comparison.ccf)?;
        number("rotation_deg", &|p| p.comparison.b_from_a.rotation.deg())?;
        number("overlap_mm2", &|p| p.comparison.overlap_mm2)?;
        number("area_mm2", &|p| p.area_mm2)?;
        let same: Vec<bool> = pairs.iter().map(|p| p.same_source).collect();
        columns.set_item("same_source", same.into_pyarray(py))?;
        let cells: Vec<u32> = pairs.iter().map(|p| p.comparison.cells).collect();
        columns.set_item("cells", cells.into_pyarray(py))?;
        let cells: Vec<u32> = pairs.iter().map(|p| p.comparison.congruent_cells).collect();
        columns.set_item("congruent_cells", cells.into_pyarray(py))?;
        columns.set_item("a", texts(&|p| p.a.clone()))?;
        columns.set_item("b", texts(&|p| p.b.clone()))?;
        columns.set_item("firearm_a", texts(&|p| p.firearms[0].to_string()))?;
        columns.set_item("firearm_b", texts(&|p| p.firearms[1].to_string()))?;
        columns.set_item("mark_kind", texts(&|p| p.mark_kind.to_string()))?;
        columns.set_item("modality", texts(&|p| p.modality.to_string()))?;
        columns.set_item("recipe", texts(&|_| self.recipe.clone()))?;
        Ok(columns)
    }
}

/// Prepares and compares the scans of a labelled set.
#[pyfunction]
#[pyo3(signature = (truth, root, recipe=None, progress=None))]
pub fn evaluate_files(
    py: Python<'_>,
    truth: PathBuf,
    root: PathBuf,
    recipe: Option<&Bound<'_, PyRecipe>>,
    progress: Option<Py<PyAny>>,
) -> PyResult<Evaluated> {
    let recipe = self::recipe(recipe);
    let found = long(py, progress, |watcher| {
        pipeline::evaluate(
            &read_truth(&truth)?,
            &root,
            &recipe,
            pipeline::EvaluationPlan::default(),
            watcher,
        )
    })?;
    Ok(Evaluated { figures: json(&found)?, found, recipe: recipe.hash().to_string() })
}
