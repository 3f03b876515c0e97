//! Score tables in CSV, groups in JSON.

use super::group::Group;
use super::linker::Linker;
use super::scale::Judged;
use super::table::ScoreTable;
use serde::Serialize;
use std::path::Path;
use types::cells::unguarded;
use types::error::{Error, Kind, Result};
use types::files::{MAX_TABLE, read_within};
use types::message::say;

/// Columns that hold the truth of a labelled set; never read as a score.
const TRUTH: &str = "same_source";

/// The document `brasslink link --json` writes.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct GroupsFile {
    /// All groups, single casings included, in the order of their first member.
    pub groups: Vec<Group>,
    /// On what scale the scores were judged, and what is open.
    #[serde(flatten)]
    pub judged: Judged,
}

impl GroupsFile {
    /// The groups of a linker.
    pub fn of(linker: &Linker) -> Self {
        Self { groups: linker.groups(), judged: linker.judged() }
    }
}

/// Reads a CSV with a header: columns `a` and `b` (casing identifiers) and a
/// score in `score_column`, by default `score`, else the only other column
/// that is a number in every row. The truth column `same_source` is never read.
pub fn read_scores(path: &Path, score_column: Option<&str>) -> Result<ScoreTable> {
    let bytes = read_within(path, MAX_TABLE)?;
    parse_scores(&bytes, score_column).map_err(|e| e.at(path))
}

fn parse_scores(bytes: &[u8], score_column: Option<&str>) -> Result<ScoreTable> {
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(bytes);
    let header: Vec<String> = reader
        .headers()
        .map_err(damaged)?
        .iter()
        .map(|name| name.trim_start_matches('\u{feff}').to_owned())
        .collect();
    let column = |name: &str| {
        header.iter().position(|h| h == name).ok_or_else(|| {
            Error::new(Kind::BadInput, say!("there is no column {name:?}"))
                .advise(say!("the columns are: {}", header.join(", ")))
        })
    };
    let (a, b) = (column("a")?, column("b")?);
    let score = match score_column {
        Some(name) => column(name)?,
        None => column("score").or_else(|_| only_number(bytes, &header))?,
    };
    let mut rows = Vec::new();
    for (record, line) in reader.records().zip(2..) {
        let record = record.map_err(damaged)?;
        let field = |k: usize| record.get(k).unwrap_or_default();
        let value: f64 = field(score).parse().map_err(|_| {
            Error::new(Kind::BadInput, say!("row {line}: {:?} is not a number", field(score)))
                .advise(say!("name the score's column with --score-column"))
        })?;
        let name = |k: usize| unguarded(field(k)).to_owned();
        rows.push((name(a), name(b), value));
    }
    ScoreTable::new([], rows)
}

fn only_number(bytes: &[u8], header: &[String]) -> Result<usize> {
    let mut numeric: Vec<bool> =
        header.iter().map(|name| !["a", "b", TRUTH].contains(&name.as_str())).collect();
    for record in csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(bytes).records() {
        let record = record.map_err(damaged)?;
        for (numeric, field) in numeric.iter_mut().zip(record.iter()) {
            *numeric &= field.parse::<f64>().is_ok();
        }
    }
    let columns: Vec<usize> = (0..header.len()).filter(|&k| numeric[k]).collect();
    if let [only] = columns[..] {
        return Ok(only);
    }
    let names: Vec<&str> = columns.iter().map(|&k| header[k].as_str()).collect();
    let what = match names.len() {
        0 => say!("no column holds a score in every row"),
        _ => say!("several columns could be the score: {}", names.join(", ")),
    };
    Err(Error::new(Kind::BadInput, what)
        .advise(say!("name the score's column with --score-column")))
}

fn damaged(error: csv::Error) -> Error {
    Error::new(Kind::Damaged, say!("the CSV cannot be read: {error}"))
}
