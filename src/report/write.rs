//! A report's files in a folder.

use super::model::Report;
use super::{Language, file_stem, to_csv, to_html, to_json};
use crate::error::{Error, Kind, Result};
use std::fs;
use std::path::{Path, PathBuf};

/// What a report can be written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Format {
    /// One self-contained page.
    Html,
    /// The whole model.
    Json,
    /// A flat table.
    Csv,
}

impl Format {
    /// Every format, in order.
    pub const ALL: &'static [Self] = &[Self::Html, Self::Json, Self::Csv];

    /// The word on the command line and the file's extension.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Html => "html",
            Self::Json => "json",
            Self::Csv => "csv",
        }
    }
}

impl std::str::FromStr for Format {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self> {
        Self::ALL.iter().copied().find(|f| f.word().eq_ignore_ascii_case(text.trim())).ok_or_else(
            || {
                Error::new(Kind::BadInput, format!("{text:?} is not a report format"))
                    .advise("use html, json or csv")
            },
        )
    }
}

/// Writes `report` into `dir` (made if absent) once per format and returns the
/// paths. A batch summary is called `index`; casing reports lie beside it, so
/// a second language wants a second folder. Each file appears whole or not at
/// all.
pub fn write_all(
    dir: &Path,
    report: &Report,
    language: Language,
    formats: &[Format],
) -> Result<Vec<PathBuf>> {
    fs::create_dir_all(dir).map_err(|e| Error::io("making the reports folder", dir, &e))?;
    let stem = file_stem(report);
    let mut written = Vec::with_capacity(formats.len());
    for format in formats {
        let text = match format {
            Format::Html => to_html(report, language)?,
            Format::Json => to_json(report)?,
            Format::Csv => to_csv(report)?,
        };
        let path = dir.join(format!("{stem}.{}", format.word()));
        let partial = dir.join(format!(".{stem}.{}.partial", format.word()));
        fs::write(&partial, text).map_err(|e| Error::io("writing the report", &partial, &e))?;
        fs::rename(&partial, &path).map_err(|e| Error::io("writing the report", &path, &e))?;
        written.push(path);
    }
    Ok(written)
}
