//! Tables of casework records, read as the manifest is.

use super::{Problem, records};
use std::collections::BTreeMap;
use std::path::Path;
use types::error::Result;
use types::evidence::RecordKind;
use types::message::Message;

/// A row that could be read as such.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableRow {
    /// Line in the file, counted from 1.
    pub line: u64,
    /// The cells that the row has, by heading.
    pub cells: BTreeMap<&'static str, String>,
}

/// A table as read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Table {
    /// The rows in the file's order.
    pub rows: Vec<TableRow>,
    /// The rows that cannot be used.
    pub problems: Vec<Problem>,
    /// Oddities that do not keep a row from being used.
    pub warnings: Vec<Message>,
}

/// Reads a CSV or JSON file with the columns of `kind` and those named `beside`
/// them.
///
/// # Errors
/// As [`read_manifest`](super::read_manifest); only a column that every record
/// needs to be told from the others must be there.
pub fn read_table(path: &Path, kind: &RecordKind, beside: &[&'static str]) -> Result<Table> {
    let own = kind.columns.iter().map(|c| c.name);
    let columns: Vec<&'static str> = own.chain(beside.iter().copied()).collect();
    let own = kind.columns.iter().take(1).filter(|c| c.required);
    let required: Vec<&str> = own.map(|c| c.name).collect();
    let mut table = Table::default();
    let Table { rows, problems, warnings } = &mut table;
    records::read(path, records::Cells::Lists, &columns, &required, warnings, |record, _| {
        match record.fault.clone() {
            Some(fault) => problems.push(fault),
            None => rows.push(TableRow { line: record.line, cells: record.present().collect() }),
        }
    })?;
    Ok(table)
}
