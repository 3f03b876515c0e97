//! What `brasslink.cluster` needs: a worker's share of an import and of a
//! search, and the one writer's.
//!
//! Accounts, bills, plans, questions and parts travel as JSON that only this
//! module reads.

use crate::error::{json, raise, word};
use crate::gallery::pieces;
use crate::long::long;
use crate::scan::{PyRecipe, recipe};
use imaging::acquire::manifest::{Manifest, read_manifest_with};
use imaging::extract::sketch::{BYTES, Sketch};
use numpy::PyReadonlyArray2;
use pipeline::{
    Importing, Part, Run, Shard, ShardPlan, ShardQuestion, SpreadSearch, UnitAccount, UnitMaker,
    verify_part,
};
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};
use store::{Bill, Snapshot, Store};
use types::error::{Error, Kind, Result};
use types::evidence::{MarkId, MarkKind, Modality};
use types::message::{Message, say};
use types::printable::printable;

/// Something of these that came as JSON.
fn read<T: serde::de::DeserializeOwned>(text: &str) -> PyResult<T> {
    serde_json::from_str(text).map_err(|e| {
        let what = say!("what came from another process is not understood: {e}");
        let advice = say!("run one version of brasslink on all machines");
        raise(Error::new(Kind::BadInput, what).advise(advice))
    })
}

fn now() -> String {
    jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

fn run_of(who: &str, command: &str, recipe: &imaging::prepare::Recipe) -> Run {
    let [who, command] = [who, command].map(|text| printable(text).into_owned());
    Run { who, started: now(), command, recipe: recipe.hash(), now }
}

fn manifest_of(path: &std::path::Path, instruments: Option<&PathBuf>) -> Result<Manifest> {
    read_manifest_with(path, instruments.map(PathBuf::as_path))
}

/// Nothing panics while it holds one of these.
fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn over() -> Error {
    Error::new(Kind::BadInput, say!("this work was finished")).advise(say!("begin anew"))
}

/// The writer's side of an import.
#[pyclass(frozen)]
pub struct Ingest {
    store: Store,
    manifest: Manifest,
    importing: Mutex<Option<Importing>>,
}

impl Ingest {
    fn on<T: Send>(
        &self,
        py: Python<'_>,
        work: impl FnOnce(&mut Importing) -> Result<T> + Send,
    ) -> PyResult<T> {
        py.detach(|| held(&self.importing).as_mut().ok_or_else(over).and_then(work)).map_err(raise)
    }
}

#[pymethods]
impl Ingest {
    #[new]
    #[pyo3(signature = (store, manifest, who, command, instruments=None, recipe=None, reason=None))]
    #[allow(clippy::too_many_arguments)]
    fn begin(
        py: Python<'_>,
        store: PathBuf,
        manifest: PathBuf,
        who: &str,
        command: &str,
        instruments: Option<PathBuf>,
        recipe: Option<&Bound<'_, PyRecipe>>,
        reason: Option<&str>,
    ) -> PyResult<Self> {
        let recipe = self::recipe(recipe);
        let run = run_of(who, command, &recipe);
        long(py, None, |_| {
            let manifest = manifest_of(&manifest, instruments.as_ref())?;
            let store = Store::open_or_create(&store)?;
            let importing = Importing::begin(&store, &manifest, &recipe, reason, &run)?;
            Ok(Self { store, manifest, importing: Mutex::new(Some(importing)) })
        })
    }

    /// How many rows of the manifest can be used.
    #[getter]
    fn rows(&self) -> usize {
        self.manifest.rows.len()
    }

    /// The files of some rows.
    fn files(&self, start: usize, end: usize) -> Vec<String> {
        let rows = self.manifest.rows.get(start..end).unwrap_or_default();
        rows.iter().map(|row| row.file.display().to_string()).collect()
    }

    /// Commits what a worker made of the rows from `start` on.
    fn take(&self, py: Python<'_>, start: usize, account: &str) -> PyResult<usize> {
        let account: UnitAccount = read(account)?;
        self.on(py, |importing| importing.take_unit(&self.store, &self.manifest, start, account))
    }

    /// Lists rows that no worker could do as failures.
    fn give_up(&self, py: Python<'_>, start: usize, end: usize, reason: &str) -> PyResult<()> {
        self.on(py, |importing| {
            importing.give_up(&self.manifest, start..end, &Message::foreign(reason));
            Ok(())
        })
    }

    /// Ends the import; what was done, as JSON.
    fn finish(&self, py: Python<'_>) -> PyResult<String> {
        let outcome = py.detach(|| {
            let importing = held(&self.importing).take().ok_or_else(over)?;
            importing.finish(&self.store)
        });
        json(&outcome.map_err(raise)?)
    }
}

/// A worker's side of an import.
#[pyclass(frozen)]
pub struct Units(UnitMaker);

#[pymethods]
impl Units {
    #[new]
    #[pyo3(signature = (store, manifest, beside, instruments=None, recipe=None))]
    fn new(
        py: Python<'_>,
        store: PathBuf,
        manifest: PathBuf,
        beside: u64,
        instruments: Option<PathBuf>,
        recipe: Option<&Bound<'_, PyRecipe>>,
    ) -> PyResult<Self> {
        let recipe = self::recipe(recipe);
        let made = py.detach(|| {
            let manifest = manifest_of(&manifest, instruments.as_ref())?;
            UnitMaker::new(manifest, recipe, &Store::open(&store)?.snapshot()?, beside)
        });
        made.map(Self).map_err(raise)
    }

    /// Takes rows through the stages; the account of them, as JSON.
    fn make(&self, py: Python<'_>, start: usize, end: usize, folder: PathBuf) -> PyResult<String> {
        json(&long(py, None, |_| self.0.make(start..end, &folder))?)
    }
}

/// The writer's side of a search.
#[pyclass(frozen)]
pub struct SearchJob {
    store: Store,
    search: Mutex<Option<SpreadSearch>>,
}

impl SearchJob {
    fn on<T: Send>(
        &self,
        py: Python<'_>,
        work: impl FnOnce(&mut SpreadSearch) -> Result<T> + Send,
    ) -> PyResult<T> {
        py.detach(|| held(&self.search).as_mut().ok_or_else(over).and_then(work)).map_err(raise)
    }
}

#[pymethods]
impl SearchJob {
    #[new]
    #[pyo3(signature = (store, mark_kind, modality, who, command, keep=None, probes=None, recipe=None))]
    #[allow(clippy::too_many_arguments)]
    fn begin(
        py: Python<'_>,
        store: PathBuf,
        mark_kind: &str,
        modality: &str,
        who: &str,
        command: &str,
        keep: Option<usize>,
        probes: Option<Vec<String>>,
        recipe: Option<&Bound<'_, PyRecipe>>,
    ) -> PyResult<Self> {
        let sort = (word::<MarkKind>(mark_kind)?, word::<Modality>(modality)?);
        let run = run_of(who, command, &self::recipe(recipe));
        long(py, None, |_| {
            let store = Store::open(&store)?;
            let probes = probes.map(|p| p.iter().map(MarkId::new).collect::<Result<Vec<_>>>());
            let probes = probes.transpose()?;
            let search = SpreadSearch::begin(&store, sort, keep, probes.as_deref(), &run)?;
            Ok(Self { store, search: Mutex::new(Some(search)) })
        })
    }

    /// The gallery divided, each shard as JSON.
    fn shards(&self, py: Python<'_>, count: usize) -> PyResult<Vec<String>> {
        let shards = self.on(py, |search| search.shards(count))?;
        shards.iter().map(json).collect()
    }

    /// How many probes the shards are asked about.
    fn screened(&self, py: Python<'_>) -> PyResult<usize> {
        self.on(py, |search| Ok(search.screened()))
    }

    /// What they are asked about some of them: JSON, and the probes' sketches.
    fn question<'py>(
        &self,
        py: Python<'py>,
        start: usize,
        end: usize,
    ) -> PyResult<(String, Bound<'py, PyBytes>)> {
        let (question, bytes) = self.on(py, |s| s.question(&self.store, start..end))?;
        Ok((json(&question)?, PyBytes::new(py, &bytes)))
    }

    /// Takes what all shards answered about them.
    fn answered(
        &self,
        py: Python<'_>,
        start: usize,
        end: usize,
        answers: Vec<Vec<Vec<(usize, f32)>>>,
    ) -> PyResult<()> {
        self.on(py, |search| search.answered(start..end, answers))
    }

    /// Plans the pairs; how many parts they make.
    fn plan(&self, py: Python<'_>) -> PyResult<usize> {
        self.on(py, |search| search.plan(&self.store))
    }

    /// One part, as JSON.
    fn part(&self, py: Python<'_>, number: usize) -> PyResult<String> {
        json(&self.on(py, |search| search.part(number))?)
    }

    /// Commits what a worker delivered of a part; how many pairs that are.
    fn take(&self, py: Python<'_>, number: usize, bill: &str) -> PyResult<u64> {
        let bill: Bill = read(bill)?;
        self.on(py, |search| search.take(&self.store, number, &bill))
    }

    /// Ends the search; what was done, as JSON.
    fn finish(&self, py: Python<'_>) -> PyResult<String> {
        let outcome = py.detach(|| {
            let search = held(&self.search).take().ok_or_else(over)?;
            search.finish(&self.store)
        });
        json(&outcome.map_err(raise)?)
    }
}

/// A shard in a worker.
#[pyclass(frozen)]
pub struct SearchShard {
    shard: Shard,
    /// While it lives, the files that are mapped stay where they are.
    snapshot: Snapshot,
}

#[pymethods]
impl SearchShard {
    #[new]
    fn read(py: Python<'_>, store: PathBuf, plan: &str) -> PyResult<Self> {
        let plan: ShardPlan = self::read(plan)?;
        long(py, None, |_| {
            let snapshot = Store::open(&store)?.snapshot()?;
            Ok(Self { shard: Shard::read(&snapshot, plan)?, snapshot })
        })
    }

    /// Where its sketches lie: file, offset, how many.
    fn extents(&self, py: Python<'_>) -> PyResult<Vec<(PathBuf, u64, usize)>> {
        py.detach(|| self.shard.extents(&self.snapshot)).map_err(raise)
    }

    /// For each probe the marks that may be on its shortlist.
    fn answer(
        &self,
        py: Python<'_>,
        sketches: Vec<PyReadonlyArray2<'_, u8>>,
        probes: &[u8],
        question: &str,
    ) -> PyResult<Vec<Vec<(usize, f32)>>> {
        let question: ShardQuestion = self::read(question)?;
        let gallery = pieces(&sketches)?;
        long(py, None, |_| {
            let probes: Vec<Sketch> =
                probes.chunks(BYTES).map(Sketch::of_bytes).collect::<Result<_>>()?;
            self.shard.answer(&gallery, &probes, &question)
        })
    }
}

/// A worker's store, opened once: what was verified is not verified again.
#[pyclass(frozen)]
pub struct Verifier(Store);

#[pymethods]
impl Verifier {
    #[new]
    fn open(py: Python<'_>, store: PathBuf) -> PyResult<Self> {
        py.detach(|| Store::open(&store)).map(Self).map_err(raise)
    }

    /// Compares the pairs of a part; the bill of the delivery, as JSON.
    fn verify(&self, py: Python<'_>, part: &str, folder: PathBuf) -> PyResult<String> {
        let part: Part = read(part)?;
        json(&long(py, None, |_| verify_part(&self.0.snapshot()?, &part, &folder))?)
    }
}
