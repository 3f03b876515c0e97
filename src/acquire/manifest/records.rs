//! CSV or JSON → records of named cells with their line.

use super::{MAX_CELL, MAX_ROWS, Problem, read_text};
use crate::cells::unguarded;
use crate::error::{Error, Kind, Result};
use crate::evidence;
use serde_json::{Map, Value};
use std::path::Path;

/// One row: the cells of the known columns, without blanks around them.
pub(super) struct Record<'c> {
    pub line: u64,
    columns: &'c [&'static str],
    cells: Vec<Option<String>>,
    /// Why the row as a whole cannot be used.
    pub fault: Option<Problem>,
}

impl<'c> Record<'c> {
    /// The cell of a column; empty where the row has none.
    pub fn get(&self, column: &str) -> &str {
        let index = self.columns.iter().position(|c| *c == column);
        index.and_then(|i| self.cells.get(i)?.as_deref()).unwrap_or_default()
    }

    /// The cells that the row has, by heading.
    pub fn present(self) -> impl Iterator<Item = (&'static str, String)> {
        self.columns.iter().zip(self.cells).filter_map(|(name, cell)| Some((*name, cell?)))
    }

    fn empty(line: u64, columns: &'c [&'static str]) -> Self {
        Self { line, columns, cells: vec![None; columns.len()], fault: None }
    }

    fn put(&mut self, index: usize, cell: &str) {
        if cell.len() > MAX_CELL && self.fault.is_none() {
            let what = format!("a cell of {} bytes, more than {MAX_CELL}", cell.len());
            self.fault = Some(fault(self.line, what, "close the quotation mark"));
        } else if let Some(place) = self.cells.get_mut(index) {
            *place = Some(unguarded(cell.trim()).to_owned());
        }
    }
}

/// What a JSON value may be to be one cell.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Cells {
    /// Text or a number.
    Plain,
    /// A list of these too.
    Lists,
}

/// Reads all records of a CSV or JSON file; `each` gets every one in order.
pub(super) fn read<'c>(
    path: &Path,
    cells: Cells,
    columns: &'c [&'static str],
    required: &[&str],
    warnings: &mut Vec<String>,
    mut each: impl FnMut(Record<'c>, &mut Vec<String>),
) -> Result<()> {
    let text = read_text(path, warnings)?;
    let mut rows = 0_usize;
    let mut counted = |record: Record<'c>, warnings: &mut Vec<String>| {
        rows += 1;
        if rows > MAX_ROWS {
            return Err(Error::new(Kind::TooLarge, format!("more than {MAX_ROWS} rows"))
                .advise("split the file"));
        }
        each(record, warnings);
        Ok(())
    };
    let outcome = if text.trim_start().starts_with(['[', '{']) {
        read_json(&text, cells, columns, warnings, &mut counted)
    } else {
        read_csv(&text, columns, required, warnings, &mut counted)
    };
    outcome.map_err(|e| e.at(path))
}

type Each<'e, 'c> = dyn FnMut(Record<'c>, &mut Vec<String>) -> Result<()> + 'e;

fn read_csv<'c>(
    text: &str,
    columns: &'c [&'static str],
    required: &[&str],
    warnings: &mut Vec<String>,
    each: &mut Each<'_, 'c>,
) -> Result<()> {
    let header_line = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter(header_line))
        .from_reader(text.as_bytes());
    let mut places: Option<Vec<Option<usize>>> = None;
    for record in reader.records() {
        let record =
            record.map_err(|e| Error::new(Kind::BadInput, format!("unreadable CSV: {e}")))?;
        if record.iter().all(|cell| cell.trim().is_empty()) {
            continue;
        }
        let Some(places) = &places else {
            places = Some(header(&record, columns, required, warnings)?);
            continue;
        };
        let line = record.position().map_or(0, |at| first_line(text, at));
        let mut row = Record::empty(line, columns);
        if record.len() > places.len() {
            let what = format!("{} cells under {} headings", record.len(), places.len());
            row.fault = Some(fault(line, what, "put cells that hold the separator in quotes"));
        }
        for (cell, place) in record.iter().zip(places) {
            if let Some(index) = place {
                row.put(*index, cell);
            }
        }
        each(row, warnings)?;
    }
    if places.is_none() {
        return Err(Error::new(Kind::BadInput, "the file has no heading line")
            .advise("start from `brasslink manifest template` or `brasslink record template`"));
    }
    Ok(())
}

/// The line a record begins on; the reader's own position lies before the blank
/// lines that it passed over.
fn first_line(text: &str, at: &csv::Position) -> u64 {
    let rest = text.as_bytes().get(at.byte() as usize..).unwrap_or_default();
    let blank = rest.iter().take_while(|b| matches!(b, b'\r' | b'\n'));
    at.line() + blank.filter(|b| **b == b'\n').count() as u64
}

/// The most frequent of comma, semicolon and tab in the heading line.
fn delimiter(header: &str) -> u8 {
    let count = |d: u8| header.bytes().filter(|b| *b == d).count();
    [b',', b';', b'\t'].into_iter().rev().max_by_key(|d| count(*d)).unwrap_or(b',')
}

/// For each heading the index of the known column, if it is one.
fn header(
    record: &csv::StringRecord,
    columns: &[&str],
    required: &[&str],
    warnings: &mut Vec<String>,
) -> Result<Vec<Option<usize>>> {
    let names: Vec<String> = record.iter().map(normal).collect();
    let advice = format!("the headings are: {}", columns.join(", "));
    let bad = |what: String| Err(Error::new(Kind::BadInput, what).advise(advice.clone()));
    if let Some(column) = required.iter().find(|c| !names.iter().any(|n| n == *c)) {
        return bad(format!("the heading line has no column {column:?}"));
    }
    for column in columns {
        if names.iter().filter(|n| n == column).count() > 1 {
            return bad(format!("the heading line has column {column:?} twice"));
        }
    }
    let place = |name: &String| columns.iter().position(|c| c == name);
    for name in names.iter().filter(|n| !n.is_empty() && place(n).is_none()) {
        warnings.push(unknown_column(name));
    }
    Ok(names.iter().map(place).collect())
}

fn unknown_column(name: &str) -> String {
    format!("the column {name:?} is not known and not read")
}

/// Lower case, blanks and hyphens as underscores, American spelling accepted.
fn normal(heading: &str) -> String {
    let name = heading.trim().to_lowercase().replace([' ', '-'], "_");
    if name == "caliber" { "calibre".into() } else { name }
}

/// An array of objects or a sequence of them (JSON lines); each object is
/// parsed by itself so that its line is known.
fn read_json<'c>(
    text: &str,
    cells: Cells,
    columns: &'c [&'static str],
    warnings: &mut Vec<String>,
    each: &mut Each<'_, 'c>,
) -> Result<()> {
    let mut cursor = Cursor { text, at: 0, line: 1 };
    cursor.skip(&[]);
    let in_array = cursor.peek() == Some('[');
    if in_array {
        cursor.advance(1);
    }
    let mut unknown = std::collections::BTreeSet::new();
    loop {
        cursor.skip(&[',']);
        match cursor.peek() {
            Some(']') if in_array => return cursor.end(),
            None if !in_array => return Ok(()),
            _ => {}
        }
        let line = cursor.line;
        let rest = cursor.text.get(cursor.at..).unwrap_or_default();
        let mut objects =
            serde_json::Deserializer::from_str(rest).into_iter::<Map<String, Value>>();
        let object = match objects.next() {
            Some(Ok(object)) => object,
            Some(Err(e)) => {
                let line = line + (e.line() as u64).saturating_sub(1);
                return Err(Error::new(
                    Kind::BadInput,
                    format!("line {line}: unreadable JSON: {e}"),
                )
                .advise("give an array of objects, or one object a line"));
            }
            None => return Err(Error::new(Kind::BadInput, "the JSON array is not closed")),
        };
        cursor.advance(objects.byte_offset());
        let mut row = Record::empty(line, columns);
        for (key, value) in &object {
            match columns.iter().position(|c| *c == normal(key)) {
                Some(index) => match cell(value, cells) {
                    Some(text) => row.put(index, &text),
                    None => {
                        let what = match cells {
                            Cells::Plain => format!("{key} is neither text nor a number"),
                            Cells::Lists => {
                                format!("{key} is neither text nor a number, nor a list of them")
                            }
                        };
                        row.fault = Some(fault(line, what, "give one plain value"));
                    }
                },
                None => {
                    if unknown.insert(key.clone()) {
                        warnings.push(unknown_column(key));
                    }
                }
            }
        }
        each(row, warnings)?;
    }
}

fn cell(value: &Value, cells: Cells) -> Option<String> {
    let plain = |v: &Value| v.is_null() || v.is_string() || v.is_number();
    let usable = match value {
        Value::Array(several) if cells == Cells::Lists => several.iter().all(plain),
        other => plain(other),
    };
    usable.then(|| evidence::cell(value))
}

fn fault(line: u64, what: String, advice: &str) -> Problem {
    Problem { line, column: None, what, advice: Some(advice.to_owned()) }
}

/// A place in the text and its line.
struct Cursor<'a> {
    text: &'a str,
    at: usize,
    line: u64,
}

impl Cursor<'_> {
    fn peek(&self) -> Option<char> {
        self.text.get(self.at..)?.chars().next()
    }

    fn advance(&mut self, bytes: usize) {
        let end = self.at.saturating_add(bytes).min(self.text.len());
        let passed = self.text.as_bytes().get(self.at..end).unwrap_or_default();
        self.line += passed.iter().filter(|b| **b == b'\n').count() as u64;
        self.at = end;
    }

    /// Passes the closing bracket, after which nothing may follow.
    fn end(&mut self) -> Result<()> {
        self.advance(1);
        self.skip(&[]);
        match self.peek() {
            None => Ok(()),
            Some(c) => {
                let what = format!("line {}: {c:?} after the end of the JSON array", self.line);
                Err(Error::new(Kind::BadInput, what))
            }
        }
    }

    /// Passes over blanks and the given separators.
    fn skip(&mut self, separators: &[char]) {
        while let Some(c) = self.peek().filter(|c| c.is_whitespace() || separators.contains(c)) {
            self.advance(c.len_utf8());
        }
    }
}
