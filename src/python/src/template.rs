//! What is compared.

use crate::error::{bad, raise};
use crate::scan::PyMark;
use imaging::extract::{FeatureMap, Template};
use ndarray::{Array2, Array3};
use numpy::{IntoPyArray, PyArray2, PyArray3};
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use std::sync::Arc;
use types::message::{Message, say};

/// Everything that a comparison needs of a mark.
///
/// Attributes
/// ----------
/// sketch : numpy.ndarray
///     int8 of shape (26, 2, 64): by which a gallery is screened; zeros where it is not.
/// fine, coarse : numpy.ndarray
///     int16 of shape (ny, nx): features at 25 and 50 micrometres a pixel, in steps of 1/32
///     standard deviation, 0 where missing.
/// points : int
///     Points present in the fine map.
/// kind, modality, recipe, sha256 : str
///     What it is of; the digest of its bytes.
#[pyclass(frozen, name = "Template", module = "brasslink")]
pub struct PyTemplate(pub Arc<Template>);

fn feature_map<'py>(py: Python<'py>, map: &FeatureMap) -> PyResult<Bound<'py, PyArray2<i16>>> {
    let values = Array2::from_shape_vec((map.ny, map.nx), map.values.clone());
    Ok(values
        .map_err(|e| bad(Message::foreign(e.to_string()), say!("this is a defect of the program")))?
        .into_pyarray(py))
}

#[pymethods]
impl PyTemplate {
    /// Reads a template back from the bytes that `encode` gave.
    #[staticmethod]
    fn decode(py: Python<'_>, bytes: &[u8]) -> PyResult<Self> {
        let decoded = py.detach(|| Template::decode(bytes));
        decoded.map(|template| Self(Arc::new(template))).map_err(raise)
    }

    /// The template as bytes, as a store keeps it.
    fn encode<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &self.0.encode())
    }

    #[getter]
    fn kind(&self) -> String {
        self.0.kind.to_string()
    }

    #[getter]
    fn modality(&self) -> String {
        self.0.modality.to_string()
    }

    #[getter]
    fn recipe(&self) -> String {
        self.0.recipe.to_string()
    }

    #[getter]
    fn sha256(&self) -> String {
        self.0.digest.to_string()
    }

    #[getter]
    fn points(&self) -> usize {
        self.0.fine.points
    }

    #[getter]
    fn sketch<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyArray3<i8>>> {
        use imaging::extract::sketch::{HARMONICS, RINGS};
        let shape = (RINGS, 2, HARMONICS);
        let values = self.0.sketch.0.clone();
        let sketch = match values.is_empty() {
            true => Ok(Array3::zeros(shape)),
            false => Array3::from_shape_vec(shape, values),
        };
        Ok(sketch
            .map_err(|e| {
                bad(Message::foreign(e.to_string()), say!("this is a defect of the program"))
            })?
            .into_pyarray(py))
    }

    #[getter]
    fn fine<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyArray2<i16>>> {
        feature_map(py, &self.0.fine)
    }

    #[getter]
    fn coarse<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyArray2<i16>>> {
        feature_map(py, &self.0.coarse)
    }

    fn __repr__(&self) -> String {
        let short = self.0.digest.short();
        format!("Template({}, {}, sha256={short})", self.0.kind, self.0.modality)
    }
}

/// Extracts the template of a mark that is fit to be compared.
///
/// Parameters
/// ----------
/// mark : Mark
///     A prepared mark, at 6.25 micrometres a point.
///
/// Returns
/// -------
/// Template
///     What is compared.
///
/// Raises
/// ------
/// BrasslinkError
///     ``no_mark`` where the quality gate found it unusable, with its reasons.
#[pyfunction]
pub fn extract(py: Python<'_>, mark: &Bound<'_, PyMark>) -> PyResult<PyTemplate> {
    let mark = mark.get().0.clone();
    let template = py.detach(|| pipeline::template_of(&mark));
    template.map(|template| PyTemplate(Arc::new(template))).map_err(raise)
}
