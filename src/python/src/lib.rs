//! The Python package `brasslink`: imaging and statistics as functions of
//! arrays, and a store, read only. Thin: what it hands on is documented in
//! `python/brasslink/_native.pyi`.

mod cluster;
mod comparison;
mod error;
mod gallery;
mod long;
mod scan;
mod stored;
mod template;
mod worth;

use pyo3::prelude::*;

#[pymodule]
mod _native {
    #[pymodule_export]
    use super::cluster::{Ingest, SearchJob, SearchShard, Units, Verifier};
    #[pymodule_export]
    use super::comparison::{PyComparison, compare, compare_many};
    #[pymodule_export]
    use super::gallery::{shortlisted, similar, use_threads};
    #[pymodule_export]
    use super::scan::{PyMark, PyRecipe, PyScan, prepare, read_scan};
    #[pymodule_export]
    use super::stored::PySnapshot;
    #[pymodule_export]
    use super::template::{PyTemplate, extract};
    #[pymodule_export]
    use super::worth::{PyPopulation, cross_validate_file, evaluate_files, link_scores};
}
