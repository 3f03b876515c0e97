//! A report's files in a folder.

use super::model::Report;
use super::pdf::{Typesetter, to_pdf};
use super::seal::{self, Seal};
use super::{Language, Paper, file_stem, to_csv, to_html, to_json};
use serde::{Deserialize, Serialize};
use std::fs;
use std::path::{Path, PathBuf};
use types::error::{Error, Kind, Result};
use types::files::put_file;

/// What a report can be written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// One self-contained page.
    Html,
    /// The whole model.
    Json,
    /// A flat table.
    Csv,
    /// Pages to print and to file (PDF/A-2a).
    Pdf,
}

impl Format {
    /// Every format, in order.
    pub const ALL: &'static [Self] = &[Self::Html, Self::Json, Self::Csv, Self::Pdf];

    /// Those that are written where nothing else is asked for: PDF takes longer
    /// than all others together.
    pub const USUAL: &'static [Self] = &[Self::Html, Self::Json, Self::Csv];

    /// The word on the command line and the file's extension.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Html => "html",
            Self::Json => "json",
            Self::Csv => "csv",
            Self::Pdf => "pdf",
        }
    }
}

impl std::str::FromStr for Format {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self> {
        Self::ALL.iter().copied().find(|f| f.word().eq_ignore_ascii_case(text.trim())).ok_or_else(
            || {
                Error::new(Kind::BadInput, format!("{text:?} is not a report format"))
                    .advise("use html, json, csv or pdf")
            },
        )
    }
}

/// How a report is set.
#[derive(Clone, Copy, Debug, Default)]
pub struct Look<'a> {
    /// Language of the text.
    pub language: Language,
    /// Paper of the PDF.
    pub paper: Paper,
    /// The laboratory's own PDF layout (Typst), in place of the built-in one.
    pub template: Option<&'a str>,
    /// What sets PDFs; without it there are none.
    pub typesetter: Option<&'a dyn Typesetter>,
}

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

/// `report` in one format, sealed.
///
/// # Errors
/// [`Kind::BadInput`] for a PDF layout that cannot be used, or a PDF where the look
/// names no typesetter; those of the typesetter.
pub fn export(report: &Report, look: &Look, format: Format) -> Result<(Vec<u8>, Seal)> {
    seal::seal(match format {
        Format::Html => to_html(report, look.language)?.into_bytes(),
        Format::Json => to_json(report)?.into_bytes(),
        Format::Csv => to_csv(report)?.into_bytes(),
        Format::Pdf => to_pdf(report, look)?,
    })
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
    fs::create_dir_all(dir).map_err(|e| Error::io("making the reports folder", dir, &e))?;
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
