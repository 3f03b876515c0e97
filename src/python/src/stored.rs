//! A store, read only.

use crate::comparison::cell_columns;
use crate::error::{json, raise, word};
use crate::long::long;
use crate::scan::{PyMark, PyScan, digest, named};
use crate::template::PyTemplate;
use imaging::acquire::{ReadOptions, Setting, read_scan_bytes};
use imaging::extract::Template;
use numpy::IntoPyArray;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict};
use std::path::PathBuf;
use std::sync::Arc;
use store::{Severity, Snapshot, Store};
use types::error::{Error, Kind};
use types::evidence::{MarkId, MarkKind, Modality};
use types::message::{Message, say};

#[pyclass(frozen, name = "NativeSnapshot")]
pub struct PySnapshot {
    pub snapshot: Snapshot,
    pub root: PathBuf,
}

/// A dictionary of columns, from rows and what to take of each.
struct Columns<'a, 'py, R> {
    py: Python<'py>,
    into: Bound<'py, PyDict>,
    rows: &'a [R],
}

impl<'a, 'py, R> Columns<'a, 'py, R> {
    fn of(py: Python<'py>, rows: &'a [R]) -> Self {
        Self { py, into: PyDict::new(py), rows }
    }

    fn text(self, name: &str, of: impl Fn(&'a R) -> String) -> PyResult<Self> {
        self.into.set_item(name, self.rows.iter().map(of).collect::<Vec<String>>())?;
        Ok(self)
    }

    fn maybe(self, name: &str, of: impl Fn(&'a R) -> Option<String>) -> PyResult<Self> {
        self.into.set_item(name, self.rows.iter().map(of).collect::<Vec<Option<String>>>())?;
        Ok(self)
    }

    fn numbers<T: numpy::Element>(self, name: &str, of: impl Fn(&'a R) -> T) -> PyResult<Self> {
        let numbers: Vec<T> = self.rows.iter().map(of).collect();
        self.into.set_item(name, numbers.into_pyarray(self.py))?;
        Ok(self)
    }

    fn done(self) -> Bound<'py, PyDict> {
        self.into
    }
}

type Table<'py> = PyResult<Bound<'py, PyDict>>;

#[pymethods]
impl PySnapshot {
    #[new]
    fn open(py: Python<'_>, root: PathBuf) -> PyResult<Self> {
        let opened = py.detach(|| Store::open(&root).and_then(|store| store.snapshot()));
        Ok(Self { snapshot: opened.map_err(raise)?, root })
    }

    #[getter]
    fn seq(&self) -> u64 {
        self.snapshot.seq()
    }

    #[getter]
    fn head(&self) -> String {
        self.snapshot.head().to_string()
    }

    /// Every casing's record as JSON lines.
    fn casings(&self, py: Python<'_>) -> PyResult<Vec<String>> {
        let records = py.detach(|| self.snapshot.records(store::CASING)).map_err(raise)?;
        Ok(records.into_iter().map(|record| record.body).collect())
    }

    /// The newest version of every record of a kind: kind, id, version, body,
    /// author, reason.
    fn records<'py>(&self, py: Python<'py>, kind: &str) -> Table<'py> {
        let rows = py.detach(|| self.snapshot.records(kind)).map_err(raise)?;
        Ok(Columns::of(py, &rows)
            .text("id", |r| r.id.clone())?
            .numbers("version", |r| r.version)?
            .text("body", |r| r.body.clone())?
            .text("author", |r| r.author.clone())?
            .text("reason", |r| r.reason.clone())?
            .done())
    }

    fn scans<'py>(&self, py: Python<'py>) -> Table<'py> {
        let rows = py.detach(|| self.snapshot.scans()).map_err(raise)?;
        Ok(Columns::of(py, &rows)
            .text("sha256", |r| r.sha256.to_string())?
            .text("casing", |r| r.casing.to_string())?
            .text("file_name", |r| r.file_name.clone())?
            .text("format", |r| named(r.format))?
            .text("modality", |r| r.modality.to_string())?
            .text("light", |r| r.light.to_string())?
            .numbers("ny", |r| r.ny)?
            .numbers("nx", |r| r.nx)?
            .numbers("pitch_x_m", |r| r.pitch_x.0)?
            .numbers("pitch_y_m", |r| r.pitch_y.0)?
            .numbers("bytes", |r| r.bytes)?
            .maybe("instrument", |r| r.instrument.clone())?
            .maybe("acquired", |r| r.acquired.clone())?
            .text("warnings", |r| Message::joined(r.warnings.clone(), "; ").to_string())?
            .done())
    }

    fn marks<'py>(&self, py: Python<'py>) -> Table<'py> {
        let rows = py.detach(|| self.snapshot.marks()).map_err(raise)?;
        Ok(Columns::of(py, &rows)
            .text("id", |r| r.id.to_string())?
            .text("casing", |r| r.casing.to_string())?
            .text("scan", |r| r.scan.to_string())?
            .text("kind", |r| r.kind.to_string())?
            .text("modality", |r| r.modality.to_string())?
            .numbers("ny", |r| r.ny)?
            .numbers("nx", |r| r.nx)?
            .numbers("pitch_m", |r| r.pitch.0)?
            .text("recipe", |r| r.recipe.to_string())?
            .text("verdict", |r| named(r.quality.verdict))?
            .text("reasons", |r| Message::joined(r.quality.reasons.clone(), "; ").to_string())?
            .numbers("area_mm2", |r| r.quality.area_mm2)?
            .numbers("coverage", |r| r.quality.coverage)?
            .numbers("rms", |r| r.quality.rms)?
            .done())
    }

    fn comparisons<'py>(&self, py: Python<'py>, progress: Option<Py<PyAny>>) -> Table<'py> {
        let rows = long(py, progress, |watcher| {
            let mut rows = Vec::new();
            for row in self.snapshot.comparisons() {
                rows.push(row?);
                if rows.len() % 4096 == 0 {
                    watcher.go_on()?;
                    imaging::search::Watch::done(watcher, 4096);
                }
            }
            Ok(rows)
        })?;
        Ok(Columns::of(py, &rows)
            .text("a", |r| r.a.to_string())?
            .text("b", |r| r.b.to_string())?
            .text("recipe", |r| r.recipe.to_string())?
            .numbers("score", |r| r.score)?
            .numbers("ccf", |r| r.ccf)?
            .numbers("cells", |r| r.cells)?
            .numbers("congruent_cells", |r| r.congruent_cells)?
            .numbers("overlap_mm2", |r| r.overlap_mm2)?
            .numbers("rotation_rad", |r| r.b_from_a.rotation.rad())?
            .numbers("dx_m", |r| r.b_from_a.dx.0)?
            .numbers("dy_m", |r| r.b_from_a.dy.0)?
            .numbers("cell_um", |r| r.cell_um)?
            .numbers("cells_of_b", |r| r.cells_of_b)?
            .done())
    }

    /// The cells of the newest comparison of two marks, if there is one.
    fn cells<'py>(
        &self,
        py: Python<'py>,
        a: &str,
        b: &str,
    ) -> PyResult<Option<Bound<'py, PyDict>>> {
        let (a, b) = (MarkId::new(a).map_err(raise)?, MarkId::new(b).map_err(raise)?);
        let found = py.detach(|| self.snapshot.comparison(&a, &b)).map_err(raise)?;
        found.map(|(_, cells)| cell_columns(py, &cells)).transpose()
    }

    fn groups<'py>(&self, py: Python<'py>) -> Table<'py> {
        let linking = py.detach(|| self.snapshot.linking()).map_err(raise)?.unwrap_or_default();
        Ok(Columns::of(py, &linking.groups)
            .text("group", |r| r.group.clone())?
            .text("casing", |r| r.casing.to_string())?
            .numbers("confidence", |r| r.confidence)?
            .numbers("prototype", |r| r.prototype)?
            .done())
    }

    fn links<'py>(&self, py: Python<'py>) -> Table<'py> {
        let linking = py.detach(|| self.snapshot.linking()).map_err(raise)?.unwrap_or_default();
        Ok(Columns::of(py, &linking.links)
            .text("a", |r| r.a.to_string())?
            .text("b", |r| r.b.to_string())?
            .numbers("score", |r| r.score)?
            .text("status", |r| named(r.status))?
            .done())
    }

    fn candidates<'py>(&self, py: Python<'py>) -> Table<'py> {
        let linking = py.detach(|| self.snapshot.linking()).map_err(raise)?.unwrap_or_default();
        Ok(Columns::of(py, &linking.shortlists)
            .text("probe", |r| r.probe.to_string())?
            .numbers("rank", |r| r.rank)?
            .text("candidate", |r| r.candidate.to_string())?
            .numbers("score", |r| r.score)?
            .numbers("congruent_cells", |r| r.congruent_cells)?
            .done())
    }

    fn failures<'py>(&self, py: Python<'py>) -> Table<'py> {
        let rows = py.detach(|| self.snapshot.failures()).map_err(raise)?;
        Ok(Columns::of(py, &rows)
            .text("run", |r| r.run.clone())?
            .text("file", |r| r.file.clone())?
            .numbers("line", |r| r.line)?
            .text("kind", |r| r.kind.clone())?
            .text("reason", |r| r.reason.clone())?
            .done())
    }

    fn mark(&self, py: Python<'_>, id: &str) -> PyResult<PyMark> {
        let id = MarkId::new(id).map_err(raise)?;
        let mark = py.detach(|| self.snapshot.mark(&id)).map_err(raise)?;
        Ok(PyMark(Arc::new(mark)))
    }

    /// A scan read again from the file that the store keeps of it.
    fn scan(&self, py: Python<'_>, sha256: &str) -> PyResult<PyScan> {
        let sha256 = digest(sha256)?;
        let scan = py.detach(|| {
            let row = self.snapshot.scan_by_digest(&sha256)?.ok_or_else(|| {
                Error::new(Kind::NotFound, say!("the store has no scan {sha256}"))
            })?;
            let mut bytes = Vec::new();
            self.snapshot.original(&sha256, &mut bytes)?;
            let options =
                ReadOptions { setting: Setting::noted(&row.warnings), ..ReadOptions::default() };
            let stated = ReadOptions { pixel_size: Some(row.pitch_x), ..options };
            read_scan_bytes(&bytes, &options).or_else(|_| read_scan_bytes(&bytes, &stated))
        });
        scan.map(|scan| PyScan(Arc::new(scan))).map_err(raise)
    }

    fn original<'py>(&self, py: Python<'py>, sha256: &str) -> PyResult<Bound<'py, PyBytes>> {
        let sha256 = digest(sha256)?;
        let mut bytes = Vec::new();
        py.detach(|| self.snapshot.original(&sha256, &mut bytes)).map_err(raise)?;
        Ok(PyBytes::new(py, &bytes))
    }

    /// Every template of a sort, with the marks that they are of.
    fn templates(
        &self,
        py: Python<'_>,
        mark_kind: &str,
        modality: &str,
        recipe: &str,
    ) -> PyResult<Vec<(String, PyTemplate)>> {
        let (kind, modality) = (word::<MarkKind>(mark_kind)?, word::<Modality>(modality)?);
        let recipe = digest(recipe)?;
        let found = long(py, None, |_| {
            let stored = self.snapshot.templates(kind, modality, &recipe)?;
            let decoded = stored
                .into_iter()
                .map(|(mark, bytes)| Ok((mark.to_string(), Arc::new(Template::decode(&bytes)?))));
            decoded.collect::<types::error::Result<Vec<_>>>()
        })?;
        Ok(found.into_iter().map(|(mark, template)| (mark, PyTemplate(template))).collect())
    }

    /// Count and digest of everything, whatever way it came there: JSON.
    fn content(&self, py: Python<'_>) -> PyResult<String> {
        json(&long(py, None, |_| self.snapshot.content())?)
    }

    /// What is wrong with the store: JSON, and whether any of it is damage.
    fn verify(&self, py: Python<'_>) -> PyResult<(String, bool)> {
        let found = long(py, None, |_| Ok(store::verify(&self.root)))?;
        let damaged = found.iter().any(|finding| finding.severity == Severity::Damage);
        Ok((json(&found)?, damaged))
    }
}
