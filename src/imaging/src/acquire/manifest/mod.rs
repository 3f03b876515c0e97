//! The manifest: one row a scan, in CSV or JSON.
//!
//! Columns: `file` and `casing_id` are required; `mark_kind` defaults to
//! `breech_face` and `origin` to `evidence`; `scene_id`, `scene_date` (ISO
//! 8601, see [`PartialDate`](types::evidence::PartialDate)), `scene_state`
//! ([`State`](types::evidence::State)), `agency`, `case_number`, `firearm_id`,
//! `calibre`, `firing_pin_shape`, `light`, `pixel_um`, `instrument`, `rows`,
//! `cast` and `notes` may be empty. CSV may be separated by commas, semicolons or tabs; JSON is an array
//! of objects or one object a line.
//!
//! A file is named relative to the manifest's folder. Absolute paths and `..`
//! are allowed: the laboratory writes the manifest for its own machine, scans
//! lie on shares, and reading needs no more rights than the user has.

mod agreement;
mod casework;
mod records;
mod row;
mod sheet;
mod text;
mod truth;
mod words;

pub use casework::{Table, TableRow, read_table};
pub use row::ManifestRow;
pub use truth::{TruthRow, read_truth};
pub use words::{COLUMNS_HELP, ColumnHelp};

use super::Profiles;
use agreement::Agreement;
use std::path::Path;
use types::error::{Error, Result};
use types::message::{Message, say};

/// Longest manifest that is read, in bytes; a million rows need about 200 MB.
const MAX_BYTES: u64 = 1 << 30;

/// Most rows a manifest may have.
const MAX_ROWS: usize = 2_000_000;

/// Longest cell, in bytes; beyond it a quote was probably left open.
const MAX_CELL: usize = 16 << 10;

/// The manifest's columns in the template's order.
const COLUMNS: [&str; 18] = [
    "file",
    "casing_id",
    "mark_kind",
    "origin",
    "scene_id",
    "scene_date",
    "scene_state",
    "agency",
    "case_number",
    "firearm_id",
    "calibre",
    "firing_pin_shape",
    "light",
    "pixel_um",
    "instrument",
    "rows",
    "cast",
    "notes",
];

const TEMPLATE: &str = "\
file,casing_id,mark_kind,origin,scene_id,scene_date,scene_state,agency,case_number,firearm_id,calibre,firing_pin_shape,light,pixel_um,instrument,rows,cast,notes
scans/0001.x3p,2026-0017-C1,breech_face,evidence,S-2026-0017,2026-03-14,MX-CHH,Fiscalia de Chihuahua,FGE-2026-004211,,9x19 mm,hemispherical,,,,,,replace this example row
";

types::coded!(mod what: Message as what and coded_what);
types::coded!(mod advice: Option<Message> as advice and coded_advice);

/// One row that cannot be used, or that contradicts another.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Problem {
    /// Line in the file, counted from 1.
    pub line: u64,
    /// The column concerned, where it is one.
    pub column: Option<&'static str>,
    /// What is wrong.
    #[serde(flatten, with = "what")]
    pub what: Message,
    /// What to write instead.
    #[serde(flatten, with = "advice")]
    pub advice: Option<Message>,
}

impl Problem {
    pub(crate) fn new(line: u64, column: &'static str, what: Message) -> Self {
        Self { line, column: Some(column), what, advice: None }
    }

    fn advise(mut self, advice: Message) -> Self {
        self.advice = Some(advice);
        self
    }

    fn from_error(line: u64, column: &'static str, error: Error) -> Self {
        Self { line, column: Some(column), what: error.what, advice: error.advice }
    }
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.at(say!("line {}", self.line)).fmt(f)
    }
}

impl Problem {
    /// The problem in words, in the lines that `lines` says.
    pub fn at(&self, lines: Message) -> Message {
        let place = match self.column {
            Some(column) => say!("{lines}, {column}"),
            None => lines,
        };
        match &self.advice {
            Some(advice) => say!("{place}: {} ({advice})", self.what),
            None => say!("{place}: {}", self.what),
        }
    }
}

/// A manifest as read: what can be used, and what cannot with the reasons.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Manifest {
    /// The usable rows in the file's order. Rows of one casing or scene carry
    /// the same record: what one row leaves open, another may fill in.
    pub rows: Vec<ManifestRow>,
    /// The rows that cannot be used.
    pub problems: Vec<Problem>,
    /// Oddities that do not keep a row from being used.
    pub warnings: Vec<Message>,
    /// The laboratory's instruments.
    pub profiles: Profiles,
}

/// Reads a manifest with the profiles of instruments in the folder
/// `instruments` beside it, if there is one. Bad rows are reported in [`Manifest::problems`].
///
/// Errors: [`Kind::Io`](types::error::Kind::Io) and
/// [`Kind::TooLarge`](types::error::Kind::TooLarge) for the file,
/// [`Kind::BadInput`](types::error::Kind::BadInput) where there is no header with the required columns.
pub fn read_manifest(path: &Path) -> Result<Manifest> {
    read_manifest_with(path, None)
}

/// Reads a manifest as [`read_manifest`], with the profiles in the folder given.
///
/// Errors: those of [`read_manifest`] and of [`Profiles::read`].
pub fn read_manifest_with(path: &Path, instruments: Option<&Path>) -> Result<Manifest> {
    let folder = path.parent().unwrap_or(Path::new(""));
    let beside = folder.join("instruments");
    let profiles = match instruments {
        Some(folder) => Profiles::read(folder)?,
        None if beside.is_dir() => Profiles::read(&beside)?,
        None => Profiles::default(),
    };
    let mut manifest = Manifest { profiles, ..Manifest::default() };
    let mut agreement = Agreement::default();
    let required = ["file", "casing_id"];
    let Manifest { rows, problems, warnings, profiles } = &mut manifest;
    records::read(
        path,
        records::Cells::Plain,
        &COLUMNS,
        &required,
        warnings,
        |record, warnings| match row::parse(&record, folder, profiles, warnings) {
            Ok(row) => match agreement.admit(&row) {
                Ok(()) => rows.push(row),
                Err(found) => problems.extend(found),
            },
            Err(found) => problems.extend(found),
        },
    )?;
    for row in rows {
        agreement.complete(&mut row.casing);
    }
    Ok(manifest)
}

/// An empty manifest to start from: the header and one example row (CSV).
pub const fn manifest_template() -> &'static str {
    TEMPLATE
}
