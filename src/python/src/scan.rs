//! From a file to a template.

use crate::error::{raise, word};
use imaging::acquire::{ReadOptions, Setting};
use imaging::prepare::{Recipe, prepare as prepare_scan};
use numpy::{IntoPyArray, PyArray2, PyReadonlyArray2};
use pyo3::prelude::*;
use std::path::PathBuf;
use std::sync::Arc;
use types::evidence::{Digest, MarkKind};
use types::files::read_small_text;
use types::mark::PreparedMark;
use types::message::say;
use types::scan::{Format, Scan};
use types::surface::{HeightMap, IntensityMap, Pose, Surface};
use types::units::Metres;

/// Rotation in radians, shifts along x and y in metres.
pub fn numbers(pose: &Pose) -> (f64, f64, f64) {
    (pose.rotation.rad(), pose.dx.0, pose.dy.0)
}

/// A word that serialises to one.
pub fn named<T: serde::Serialize>(value: T) -> String {
    let value = serde_json::to_value(value).ok();
    value.and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default()
}

/// Every number by which marks are prepared.
///
/// Parameters
/// ----------
/// path : path-like, optional
///     A recipe in TOML, as `brasslink recipe show` prints it; the built-in one by default.
///
/// Attributes
/// ----------
/// sha256 : str
///     Its digest: only marks of one recipe are compared.
/// json : str
///     Every parameter, and the version of the algorithms.
#[pyclass(frozen, name = "Recipe", module = "brasslink")]
pub struct PyRecipe(pub Recipe);

#[pymethods]
impl PyRecipe {
    #[new]
    #[pyo3(signature = (path=None))]
    fn new(path: Option<PathBuf>) -> PyResult<Self> {
        let Some(path) = path else { return Ok(Self(Recipe::default())) };
        let text = read_small_text(&path).map_err(raise)?;
        Recipe::from_toml(&text).map(Self).map_err(|e| raise(e.at(&path)))
    }

    #[getter]
    fn sha256(&self) -> String {
        self.0.hash().to_string()
    }

    #[getter]
    fn json(&self) -> String {
        self.0.json()
    }

    fn __repr__(&self) -> String {
        format!("Recipe(sha256={})", self.0.hash().short())
    }
}

/// The recipe given, or the built-in one.
pub fn recipe(given: Option<&Bound<'_, PyRecipe>>) -> Recipe {
    given.map_or_else(Recipe::default, |recipe| recipe.get().0)
}

/// One acquisition of one casing, as read from its file or made from numbers.
///
/// Attributes
/// ----------
/// heights : numpy.ndarray or None
///     float64 of shape (ny, nx), metres, NaN = missing; None of an image. A copy.
/// intensities : numpy.ndarray or None
///     float32 of shape (ny, nx), 0 = black to 1 = full scale; None of a topography. A copy.
/// file_mask : numpy.ndarray or None
///     bool of shape (ny, nx): the mark, where the file has a mask.
/// shape : tuple of int
///     (ny, nx).
/// pitch_m : tuple of float
///     Sampling along x and along y, metres.
/// modality : str
///     ``topography`` or ``image``.
/// format, sha256, instrument, acquired
///     Of the file.
/// warnings : list of str
///     Faults of the file that were understood and tolerated.
#[pyclass(frozen, name = "Scan", module = "brasslink")]
pub struct PyScan(pub Arc<Scan>);

#[pymethods]
impl PyScan {
    /// Makes a scan of heights (metres, NaN = missing, shape (ny, nx)) and their sampling along x
    /// and y (metres).
    #[staticmethod]
    fn from_heights(heights: PyReadonlyArray2<'_, f64>, pitch_m: (f64, f64)) -> Self {
        let z = heights.as_array().to_owned();
        let (pitch_x, pitch_y) = (Metres(pitch_m.0), Metres(pitch_m.1));
        Self::of(Surface::Height(HeightMap { z, pitch_x, pitch_y }), Format::X3p)
    }

    /// Makes a scan of grey values (0 to 1, shape (ny, nx)) and their sampling along x and y
    /// (metres).
    #[staticmethod]
    fn from_intensities(values: PyReadonlyArray2<'_, f32>, pitch_m: (f64, f64)) -> Self {
        let v = values.as_array().to_owned();
        let (pitch_x, pitch_y) = (Metres(pitch_m.0), Metres(pitch_m.1));
        Self::of(Surface::Intensity(IntensityMap { v, pitch_x, pitch_y }), Format::Png)
    }

    #[getter]
    fn heights<'py>(&self, py: Python<'py>) -> Option<Bound<'py, PyArray2<f64>>> {
        match &self.0.surface {
            Surface::Height(map) => Some(map.z.clone().into_pyarray(py)),
            Surface::Intensity(_) => None,
        }
    }

    #[getter]
    fn intensities<'py>(&self, py: Python<'py>) -> Option<Bound<'py, PyArray2<f32>>> {
        match &self.0.surface {
            Surface::Height(_) => None,
            Surface::Intensity(map) => Some(map.v.clone().into_pyarray(py)),
        }
    }

    #[getter]
    fn file_mask<'py>(&self, py: Python<'py>) -> Option<Bound<'py, PyArray2<bool>>> {
        self.0.file_mask.clone().map(|mask| mask.into_pyarray(py))
    }

    #[getter]
    fn shape(&self) -> (usize, usize) {
        self.0.surface.dim()
    }

    #[getter]
    fn pitch_m(&self) -> (f64, f64) {
        let (x, y) = self.0.surface.pitch();
        (x.0, y.0)
    }

    #[getter]
    fn modality(&self) -> &'static str {
        match self.0.surface {
            Surface::Height(_) => "topography",
            Surface::Intensity(_) => "image",
        }
    }

    #[getter]
    fn format(&self) -> String {
        named(self.0.format)
    }

    #[getter]
    fn sha256(&self) -> String {
        self.0.sha256.to_string()
    }

    #[getter]
    fn instrument(&self) -> Option<&str> {
        self.0.instrument.as_deref()
    }

    #[getter]
    fn acquired(&self) -> Option<&str> {
        self.0.acquired.as_deref()
    }

    #[getter]
    fn warnings(&self) -> Vec<String> {
        self.0.warnings.iter().map(ToString::to_string).collect()
    }

    fn __repr__(&self) -> String {
        let ((ny, nx), (x, y)) = (self.0.surface.dim(), self.0.surface.pitch());
        format!("Scan({}, {ny} × {nx} points, {x} × {y} apart)", self.modality())
    }
}

impl PyScan {
    /// A surface that comes from no file.
    fn of(surface: Surface, format: Format) -> Self {
        let sha256 = surface.digest();
        let (file_mask, instrument, acquired) = (None, None, None);
        let (bytes, warnings) = (0, vec![say!("made from numbers, not from a file")]);
        let (surface, file_mask, format) = (surface, file_mask, format);
        let scan =
            Scan { surface, file_mask, format, sha256, bytes, instrument, acquired, warnings };
        Self(Arc::new(scan))
    }
}

/// One mark as the matcher sees it.
///
/// Attributes
/// ----------
/// values : numpy.ndarray
///     float32 of shape (ny, nx): band-passed heights in micrometres, or normalised brightness
///     (unit 1); NaN outside of the mark and where data are missing. A copy.
/// pitch_m : float
///     Square sampling, metres.
/// kind, modality, recipe : str
///     What it is, and the digest of the recipe that made it.
/// scan_from_mark : tuple of float
///     Rotation (radians) and shifts along x and y (metres) of its grid in the scan's.
/// verdict, reasons
///     Of the quality gate: ``good``, ``doubtful`` or ``unusable``.
/// area_mm2, coverage, rms : float
///     Area, share of it that holds data, root mean square of the values.
#[pyclass(frozen, name = "Mark", module = "brasslink")]
pub struct PyMark(pub Arc<PreparedMark>);

#[pymethods]
impl PyMark {
    #[getter]
    fn values<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray2<f32>> {
        self.0.values.clone().into_pyarray(py)
    }

    #[getter]
    fn pitch_m(&self) -> f64 {
        self.0.pitch.0
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
    fn scan_from_mark(&self) -> (f64, f64, f64) {
        numbers(&self.0.scan_from_mark)
    }

    #[getter]
    fn recipe(&self) -> String {
        self.0.recipe.to_string()
    }

    #[getter]
    fn verdict(&self) -> String {
        named(self.0.quality.verdict)
    }

    #[getter]
    fn reasons(&self) -> Vec<String> {
        self.0.quality.reasons.iter().map(ToString::to_string).collect()
    }

    #[getter]
    fn area_mm2(&self) -> f64 {
        self.0.quality.area_mm2
    }

    #[getter]
    fn coverage(&self) -> f64 {
        self.0.quality.coverage
    }

    #[getter]
    fn rms(&self) -> f64 {
        self.0.quality.rms
    }

    fn __repr__(&self) -> String {
        let (ny, nx) = self.0.values.dim();
        format!(
            "Mark({}, {}, {ny} × {nx} points, {})",
            self.0.kind,
            self.0.modality,
            self.verdict()
        )
    }
}

/// Reads one scan from a file, recognised by its content.
///
/// Parameters
/// ----------
/// path : path-like
///     X3P (ISO 25178-72), AL3D, PLU, PLUX, SUR, TMD, PNG, TIFF, JPEG or BMP.
/// pixel_um : float, optional
///     Pixel size in micrometres, where the file does not say it.
/// cast : bool, optional
///     Whether a cast of the casing was measured and not the casing.
///
/// Returns
/// -------
/// Scan
///     Heights in metres or brightness, with their pitch in metres.
///
/// Raises
/// ------
/// BrasslinkError
///     ``unknown_format``, ``damaged``, ``too_large`` or ``unknown_pixel_size``, naming the file.
#[pyfunction]
#[pyo3(signature = (path, *, pixel_um=None, cast=None))]
pub fn read_scan(
    py: Python<'_>,
    path: PathBuf,
    pixel_um: Option<f64>,
    cast: Option<bool>,
) -> PyResult<PyScan> {
    let setting = Setting { cast, ..Setting::default() };
    let pixel_size = pixel_um.map(Metres::from_um);
    let options = ReadOptions { pixel_size, setting, ..ReadOptions::default() };
    let read = py.detach(|| pipeline::read(&path, &options));
    read.map(|scan| PyScan(Arc::new(scan))).map_err(raise)
}

/// Finds and prepares one mark of a scan: levelled, band-passed, resampled.
///
/// Parameters
/// ----------
/// scan : Scan
///     What was measured.
/// mark_kind : {"breech_face", "firing_pin", "ejector", "aperture_shear"}
///     The mark to be found.
/// recipe : Recipe, optional
///     Every number of it; the built-in one by default.
///
/// Returns
/// -------
/// Mark
///     The mark, with the verdict of the quality gate.
///
/// Raises
/// ------
/// BrasslinkError
///     ``no_mark`` where there is none, ``too_large`` for what is wider than any case head.
///
/// Notes
/// -----
/// Robust Gaussian regression filter (ISO 16610-31), wavelengths of 16 to 500 micrometres.
#[pyfunction]
#[pyo3(signature = (scan, mark_kind="breech_face", recipe=None))]
pub fn prepare(
    py: Python<'_>,
    scan: &Bound<'_, PyScan>,
    mark_kind: &str,
    recipe: Option<&Bound<'_, PyRecipe>>,
) -> PyResult<PyMark> {
    let (scan, kind, recipe) =
        (scan.get().0.clone(), word::<MarkKind>(mark_kind)?, self::recipe(recipe));
    let mark = py.detach(|| prepare_scan(&scan, kind, &recipe));
    mark.map(|mark| PyMark(Arc::new(mark))).map_err(raise)
}

/// A digest that somebody wrote.
pub fn digest(text: &str) -> PyResult<Digest> {
    Digest::try_from(text.to_owned()).map_err(raise)
}
