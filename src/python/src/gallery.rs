//! A gallery of sketches, searched.

use crate::error::{bad, raise};
use crate::long::long;
use crate::template::PyTemplate;
use imaging::extract::sketch::{self, Sketch};
use imaging::search::{Shortlist, Sketches, can_be_screened, is_screened, shortlist, similarities};
use numpy::{IntoPyArray, PyArray1, PyArray2, PyReadonlyArray2};
use pyo3::prelude::*;
use types::error::Result;
use types::evidence::Modality;
use types::message::{Message, say};

/// Sketches that lie in arrays of the interpreter, one array after the other.
pub struct Pieces<'a>(pub Vec<&'a [u8]>);

impl Sketches for Pieces<'_> {
    fn each(&self, show: &mut dyn FnMut(&[u8])) -> Result<()> {
        self.0.iter().for_each(|piece| show(piece));
        Ok(())
    }

    fn sketch(&self, number: usize) -> Result<Sketch> {
        let mut all = self.0.iter().flat_map(|piece| piece.chunks_exact(sketch::BYTES));
        Sketch::of_bytes(all.nth(number).unwrap_or_default())
    }
}

/// The bytes of arrays of sketches, each row one sketch.
pub fn pieces<'a>(arrays: &'a [PyReadonlyArray2<'_, u8>]) -> PyResult<Pieces<'a>> {
    let bytes = |array: &'a PyReadonlyArray2<'_, u8>| match array.as_slice() {
        Ok(bytes) if array.as_array().ncols() == sketch::BYTES => Ok(bytes),
        _ => Err(bad(
            say!("sketches are rows of {} bytes, one after the other", sketch::BYTES),
            say!("hand over an array of uint8 of shape (n, 3328) in C order"),
        )),
    };
    Ok(Pieces(arrays.iter().map(bytes).collect::<PyResult<_>>()?))
}

/// Correlation of each probe's sketch with each sketch of the gallery at the
/// best rotation.
#[pyfunction]
#[pyo3(signature = (sketches, probes, progress=None))]
pub fn similar<'py>(
    py: Python<'py>,
    sketches: Vec<PyReadonlyArray2<'py, u8>>,
    probes: PyReadonlyArray2<'py, u8>,
    progress: Option<Py<PyAny>>,
) -> PyResult<Bound<'py, PyArray2<f32>>> {
    let gallery = pieces(&sketches)?;
    let probes = [probes];
    let probes = pieces(&probes)?;
    let sketches: Vec<Sketch> = probes
        .0
        .iter()
        .flat_map(|piece| piece.chunks_exact(sketch::BYTES))
        .map(|bytes| Sketch::of_bytes(bytes).map_err(raise))
        .collect::<PyResult<_>>()?;
    let found = long(py, progress, |watcher| {
        watcher.stage("screen", sketches.len() as u64);
        let mut found = Vec::with_capacity(sketches.len());
        for part in sketches.chunks(16) {
            watcher.go_on()?;
            found.extend(similarities(&gallery, part)?);
            imaging::search::Watch::done(watcher, part.len());
        }
        Ok(found)
    })?;
    PyArray2::from_vec2(py, &found)
        .map_err(|e| bad(Message::foreign(e.to_string()), say!("this is a defect")))
}

/// The places of a gallery that a probe is to be compared with, ascending: the
/// `keep` most alike and what the screen cannot judge, as the command line
/// chooses them. `points` are those of the gallery's fine maps.
#[pyfunction]
pub fn shortlisted<'py>(
    py: Python<'py>,
    similar: Vec<f32>,
    points: Vec<usize>,
    probe: &Bound<'py, PyTemplate>,
    others: Vec<usize>,
    keep: usize,
) -> PyResult<Bound<'py, PyArray1<usize>>> {
    let probe = &probe.get().0;
    if similar.len() != points.len() || others.iter().any(|&other| other >= points.len()) {
        let what = say!("the similarities, the points and the places are not of one gallery");
        return Err(bad(what, say!("give each as many as the gallery has casings")));
    }
    let modality: Modality = probe.modality;
    let all: Vec<usize> = points.iter().copied().chain([probe.fine.points]).collect();
    let mut screened = can_be_screened(probe.kind, modality, &all);
    let own = screened.pop().unwrap_or_default();
    let floors = vec![None; points.len()];
    let verify = if is_screened(own, others.len(), keep) {
        let Shortlist { verify, .. } = shortlist(&similar, &screened, &floors, &others, keep);
        verify
    } else {
        others
    };
    Ok(verify.into_pyarray(py))
}

/// How many threads parallel work uses; to be called before any of it.
#[pyfunction]
pub fn use_threads(threads: usize) -> PyResult<()> {
    imaging::search::use_threads(threads).map_err(raise)
}
