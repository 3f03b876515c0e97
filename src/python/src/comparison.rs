//! Two templates compared.

use crate::error::raise;
use crate::long::long;
use crate::scan::numbers;
use crate::template::PyTemplate;
use imaging::correlate::{Comparison, Probe, Rotations, compare_probe};
use imaging::extract::Template;
use imaging::search::{Watch as _, compare_pairs};
use numpy::IntoPyArray;
use pyo3::prelude::*;
use pyo3::types::PyDict;
use std::sync::Arc;
use types::comparison::Cell;
use types::message::say;

/// Pairs between two looks at whether to go on.
const AT_ONCE: usize = 256;

/// What comparing mark A with mark B gave.
///
/// Attributes
/// ----------
/// score : float
///     Similarity in standard deviations of chance agreement (Bartlett 1946). It ranks; it is no
///     likelihood ratio.
/// ccf : float
///     Correlation over the common area at the pose, −1 to 1.
/// cells, congruent_cells : int
///     Cells tried, and those that agree with the consensus pose (Song 2013).
/// overlap_mm2 : float
///     Area common to both, square millimetres.
/// rotation_deg : float
///     Turn from A to B, degrees in (−180, 180].
/// b_from_a : tuple of float
///     Rotation (radians) and shifts along x and y (metres): B from A, about the grids' centres.
/// symmetric_shift_um : tuple of float
///     The shift in the frame halfway between the marks, micrometres.
/// cell_um : float
///     Side of a cell, micrometres.
/// cells_of_b : bool
///     Whether the cells were cut from B; otherwise from A.
#[pyclass(frozen, name = "Comparison", module = "brasslink")]
pub struct PyComparison(pub Comparison);

#[pymethods]
impl PyComparison {
    #[getter]
    fn score(&self) -> f64 {
        self.0.score
    }

    #[getter]
    fn ccf(&self) -> f64 {
        self.0.ccf
    }

    #[getter]
    fn cells(&self) -> u32 {
        self.0.cells
    }

    #[getter]
    fn congruent_cells(&self) -> u32 {
        self.0.congruent_cells
    }

    #[getter]
    fn overlap_mm2(&self) -> f64 {
        self.0.overlap_mm2
    }

    #[getter]
    fn rotation_deg(&self) -> f64 {
        self.0.b_from_a.rotation.deg()
    }

    #[getter]
    fn b_from_a(&self) -> (f64, f64, f64) {
        numbers(&self.0.b_from_a)
    }

    #[getter]
    fn symmetric_shift_um(&self) -> (f64, f64) {
        self.0.symmetric_shift_um()
    }

    #[getter]
    fn cell_um(&self) -> f64 {
        self.0.cell_um
    }

    #[getter]
    fn cells_of_b(&self) -> bool {
        self.0.cells_of_b
    }

    /// The table of cells, column by column; `brasslink.cells` makes a table of it.
    fn cell_columns<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        cell_columns(py, &self.0.cell_table)
    }

    fn __repr__(&self) -> String {
        let Comparison { score, congruent_cells, cells, .. } = self.0;
        format!("Comparison(score={score:.2}, {congruent_cells} of {cells} cells congruent)")
    }
}

/// The table of cells, column by column.
pub fn cell_columns<'py>(py: Python<'py>, cells: &[Cell]) -> PyResult<Bound<'py, PyDict>> {
    let columns = PyDict::new(py);
    let number = |name: &str, of: fn(&Cell) -> f64| {
        columns.set_item(name, cells.iter().map(of).collect::<Vec<f64>>().into_pyarray(py))
    };
    number("x_um", |c| c.x_um)?;
    number("y_um", |c| c.y_um)?;
    number("found_x_um", |c| c.found_x_um)?;
    number("found_y_um", |c| c.found_y_um)?;
    number("rotation_deg", |c| c.rotation_deg)?;
    number("ccf", |c| c.ccf)?;
    let congruent: Vec<bool> = cells.iter().map(|c| c.congruent).collect();
    columns.set_item("congruent", congruent.into_pyarray(py))?;
    Ok(columns)
}

/// Compares two templates.
#[pyfunction]
#[pyo3(signature = (a, b, exhaustive=false))]
pub fn compare(
    py: Python<'_>,
    a: &Bound<'_, PyTemplate>,
    b: &Bound<'_, PyTemplate>,
    exhaustive: bool,
) -> PyResult<PyComparison> {
    let (a, b) = (a.get().0.clone(), b.get().0.clone());
    let probe = if exhaustive { Probe::exhaustive } else { Probe::new };
    let compared = py.detach(|| compare_probe(&probe(&a), &b, &mut Rotations::new()));
    compared.map(PyComparison).map_err(raise)
}

/// Compares pairs of templates, which are named by their places in the list.
#[pyfunction]
#[pyo3(signature = (templates, pairs, progress=None))]
pub fn compare_many(
    py: Python<'_>,
    templates: Vec<Bound<'_, PyTemplate>>,
    pairs: Vec<(usize, usize)>,
    progress: Option<Py<PyAny>>,
) -> PyResult<Vec<PyComparison>> {
    let templates: Vec<Arc<Template>> = templates.iter().map(|t| t.get().0.clone()).collect();
    let places = 0..templates.len();
    if let Some((a, b)) = pairs.iter().find(|(a, b)| !places.contains(a) || !places.contains(b)) {
        let what = say!("the pair ({a}, {b}) names a template that is not in the list");
        return Err(crate::error::bad(what, say!("places count from 0")));
    }
    let compared = long(py, progress, |watcher| {
        watcher.stage("compare", pairs.len() as u64);
        let borrowed: Vec<&Template> = templates.iter().map(Arc::as_ref).collect();
        let mut compared = Vec::with_capacity(pairs.len());
        for part in pairs.chunks(AT_ONCE) {
            watcher.go_on()?;
            let watch = |n: usize| watcher.done(n);
            for comparison in compare_pairs(&borrowed, part, &watch) {
                compared.push(comparison?);
            }
        }
        Ok(compared)
    })?;
    Ok(compared.into_iter().map(PyComparison).collect())
}
