//! CSV, JSON or Excel → records of named cells with their line.

use super::sheet::{self, SheetRow};
use super::{MAX_BYTES, MAX_CELL, MAX_ROWS, Problem, text, words};
use serde_json::{Map, Value};
use std::path::Path;
use types::cells::unguarded;
use types::error::{Error, Kind, Result};
use types::evidence;
use types::message::{Message, say};

/// One row: the cells of the known columns, without blanks around them.
pub(super) struct ManifestRecord<'c> {
    pub line: u64,
    columns: &'c [&'static str],
    cells: Vec<Option<String>>,
    /// Why the row as a whole cannot be used.
    pub fault: Option<Problem>,
}

impl<'c> ManifestRecord<'c> {
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
            let what = say!("a cell of {} bytes, more than {MAX_CELL}", cell.len());
            self.fault = Some(fault(self.line, what, say!("close the quotation mark")));
        } else if let Some(place) = self.cells.get_mut(index) {
            // Excel's way to keep leading zeros: ="0017".
            let cell = cell.trim();
            let quoted = cell.strip_prefix("=\"").and_then(|rest| rest.strip_suffix('"'));
            *place = Some(quoted.unwrap_or_else(|| unguarded(cell)).to_owned());
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
    warnings: &mut Vec<Message>,
    mut each: impl FnMut(ManifestRecord<'c>, &mut Vec<Message>),
) -> Result<()> {
    let mut rows = 0_usize;
    let mut counted = |record: ManifestRecord<'c>, warnings: &mut Vec<Message>| {
        rows += 1;
        if rows > MAX_ROWS {
            return Err(Error::new(Kind::TooLarge, say!("more than {MAX_ROWS} rows"))
                .advise(say!("split the file")));
        }
        each(record, warnings);
        Ok(())
    };
    let bytes = types::files::read_file(path, MAX_BYTES)?;
    let headed = |cells: &[String]| {
        let names: Vec<String> = cells.iter().map(|c| words::column(c, columns)).collect();
        required.iter().all(|c| names.iter().any(|n| n == c))
    };
    let mut all = || {
        if bytes.starts_with(b"PK\x03\x04") {
            let rows = sheet::xlsx(&bytes, headed, warnings)?.rows().map(Ok);
            return read_table(rows, columns, required, warnings, &mut counted);
        }
        let text = text::decode(&bytes, warnings)?;
        if text.trim_start().starts_with(['[', '{']) {
            return read_json(&text, cells, columns, warnings, &mut counted);
        }
        read_table(sheet::csv(&text, headed), columns, required, warnings, &mut counted)
    };
    all().map_err(|e| e.at(path))
}

type Each<'e, 'c> = dyn FnMut(ManifestRecord<'c>, &mut Vec<Message>) -> Result<()> + 'e;

/// Rows of cells, of which one of the first has the headings.
fn read_table<'c>(
    rows: impl Iterator<Item = Result<SheetRow>>,
    columns: &'c [&'static str],
    required: &[&str],
    warnings: &mut Vec<Message>,
    each: &mut Each<'_, 'c>,
) -> Result<()> {
    let mut rows = rows.filter(|row| {
        row.as_ref().map_or(true, |row| row.cells.iter().any(|cell| !cell.trim().is_empty()))
    });
    let mut head = Vec::new();
    for row in rows.by_ref().take(sheet::HEAD) {
        head.push(row?);
    }
    let has_all = |row: &SheetRow| header(&row.cells, columns, required, &mut Vec::new()).is_ok();
    let at = head.iter().position(has_all).unwrap_or(0);
    let body = head.split_off((at + 1).min(head.len()));
    let Some(headings) = head.pop() else {
        return Err(Error::new(Kind::BadInput, say!("the file has no heading line")).advise(say!(
            "start from `brasslink manifest template` or `brasslink record template`"
        )));
    };
    let places = header(&headings.cells, columns, required, warnings)?;
    for title in head {
        let said = title.cells.join(" ");
        warnings.push(say!("line {} above the headings is a title: {:?}", title.line, said.trim()));
    }
    for row in body.into_iter().map(Ok).chain(rows) {
        let SheetRow { line, cells } = row?;
        let mut record = ManifestRecord::empty(line, columns);
        // Spreadsheets write empty cells as far as any row reaches.
        let used = cells.iter().rposition(|c| !c.trim().is_empty()).map_or(0, |last| last + 1);
        if used > places.len() {
            let what = say!("{used} cells under {} headings", places.len());
            record.fault =
                Some(fault(line, what, say!("put cells that hold the separator in quotes")));
        }
        for (cell, place) in cells.iter().zip(&places) {
            if let Some(index) = place {
                record.put(*index, cell);
            }
        }
        each(record, warnings)?;
    }
    Ok(())
}

/// For each heading the index of the known column, if it is one.
fn header(
    cells: &[String],
    columns: &[&str],
    required: &[&str],
    warnings: &mut Vec<Message>,
) -> Result<Vec<Option<usize>>> {
    let names: Vec<String> = cells.iter().map(|c| words::column(c, columns)).collect();
    let advice = say!("the headings are: {}", columns.join(", "));
    let bad = |what: Message| Err(Error::new(Kind::BadInput, what).advise(advice.clone()));
    if let Some(column) = required.iter().find(|c| !names.iter().any(|n| n == *c)) {
        return bad(say!("the heading line has no column {column:?}"));
    }
    for column in columns {
        if names.iter().filter(|n| n == column).count() > 1 {
            return bad(say!("the heading line has column {column:?} twice"));
        }
    }
    let place = |name: &String| columns.iter().position(|c| c == name);
    for name in names.iter().filter(|n| !n.is_empty() && place(n).is_none()) {
        warnings.push(unknown_column(name));
    }
    Ok(names.iter().map(place).collect())
}

fn unknown_column(name: &str) -> Message {
    say!("the column {name:?} is not known and not read")
}

/// An array of objects or a sequence of them (JSON lines); each object is
/// parsed by itself so that its line is known.
fn read_json<'c>(
    text: &str,
    cells: Cells,
    columns: &'c [&'static str],
    warnings: &mut Vec<Message>,
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
                return Err(Error::new(Kind::BadInput, say!("line {line}: unreadable JSON: {e}"))
                    .advise(say!("give an array of objects, or one object a line")));
            }
            None => return Err(Error::new(Kind::BadInput, say!("the JSON array is not closed"))),
        };
        cursor.advance(objects.byte_offset());
        let mut row = ManifestRecord::empty(line, columns);
        for (key, value) in &object {
            match columns.iter().position(|c| *c == words::column(key, columns)) {
                Some(index) => match cell(value, cells) {
                    Some(text) => row.put(index, &text),
                    None => {
                        let what = match cells {
                            Cells::Plain => say!("{key} is neither text nor a number"),
                            Cells::Lists => {
                                say!("{key} is neither text nor a number, nor a list of them")
                            }
                        };
                        row.fault = Some(fault(line, what, say!("give one plain value")));
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

fn fault(line: u64, what: Message, advice: Message) -> Problem {
    Problem { line, column: None, what, advice: Some(advice) }
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
                let what = say!("line {}: {c:?} after the end of the JSON array", self.line);
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
