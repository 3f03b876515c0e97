//! A report's files in a folder.

use crate::export::export;
use crate::format::Format;
use crate::look::Look;
use crate::model::Report;
use crate::names::file_stem;
use crate::seal::{self, Seal};
use std::fs;
use std::path::{Path, PathBuf};
use types::error::{Error, Result};
use types::files::put_file;
use types::message::say;

/// A file that was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// Where it lies.
    pub path: PathBuf,
    /// Its name, with the language before it: one report's files differ in it.
    pub name: String,
    /// The report's name within its seal.
    pub report_id: String,
    /// The file's seal.
    pub seal: Seal,
}

/// The name of a report's file in one format.
pub fn file_name(stem: &str, format: Format) -> String {
    format!("{stem}.{}", format.word())
}

/// Writes `report` into `dir` (made if absent) once per format. A batch summary
/// is called `index`; other reports lie beside it, so a second language wants a
/// second folder. Each file appears whole or not at all.
pub fn write_all(
    dir: &Path,
    report: &Report,
    look: &Look,
    formats: &[Format],
) -> Result<Vec<Written>> {
    fs::create_dir_all(dir).map_err(|e| Error::io(say!("making the reports folder"), dir, &e))?;
    let stem = file_stem(report);
    let mut written = Vec::with_capacity(formats.len());
    for format in formats {
        let (bytes, seal) = export(report, look, *format)?;
        let path = dir.join(file_name(&stem, *format));
        put_file(&path, &bytes)?;
        let name = format!("{}/{stem}.{}", look.language.code(), format.word());
        let report_id = seal::name(&report.header().report_id);
        written.push(Written { path, name, report_id, seal });
    }
    Ok(written)
}
