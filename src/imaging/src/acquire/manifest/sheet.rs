//! Rows of cells with their line: from CSV, and from an Excel workbook.

use calamine::{Data, Reader as _, Xlsx};
use std::collections::BTreeMap;
use std::io::{Cursor, Read};
use types::error::{Error, Kind, Result};
use types::message::{Message, say};

/// Most that the parts of a workbook may unpack to, in bytes.
const MAX_UNPACKED: u64 = 256 << 20;

/// Most columns that a sheet may have.
const MAX_COLUMNS: u32 = 1000;

/// Rows looked at for the headings; above them people write a title.
pub(super) const HEAD: usize = 10;

/// One row of a table.
pub(super) struct SheetRow {
    pub line: u64,
    pub cells: Vec<String>,
}

/// The rows of a CSV text, read one by one. `headed` tells the line with the
/// headings, by which the separator is chosen.
pub(super) fn csv<'t>(
    text: &'t str,
    headed: impl Fn(&[String]) -> bool,
) -> impl Iterator<Item = Result<SheetRow>> + 't {
    // Excel's own line with the separator is no row.
    let first = text.lines().next().unwrap_or_default().trim().trim_matches('"');
    let said = first.to_ascii_lowercase().strip_prefix("sep=").map(str::to_owned);
    let said = said.and_then(|s| s.bytes().next());
    let skipped = if first.to_ascii_lowercase().starts_with("sep=") { 1 } else { 0 };
    let start = if skipped == 1 { text.find('\n').map_or(text.len(), |at| at + 1) } else { 0 };
    let body = text.get(start..).unwrap_or_default();
    let delimiter = said.unwrap_or_else(|| delimiter(body, headed));
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter)
        .from_reader(body.as_bytes());
    std::iter::from_fn(move || {
        let mut record = csv::StringRecord::new();
        match reader.read_record(&mut record) {
            Ok(false) => None,
            Ok(true) => {
                let line = record.position().map_or(0, |at| first_line(body, at)) + skipped;
                Some(Ok(SheetRow { line, cells: record.iter().map(str::to_owned).collect() }))
            }
            Err(e) => Some(Err(Error::new(Kind::BadInput, say!("unreadable CSV: {e}")))),
        }
    })
}

/// The separator under which one of the first lines has the headings, else the
/// most frequent of comma, semicolon and tab in the first line.
fn delimiter(text: &str, headed: impl Fn(&[String]) -> bool) -> u8 {
    let lines = || text.lines().filter(|line| !line.trim().is_empty()).take(HEAD);
    let cells = |line: &str, by: u8| -> Vec<String> {
        line.split(char::from(by)).map(|c| c.trim().trim_matches('"').to_owned()).collect()
    };
    let all = [b',', b';', b'\t'];
    let fits = lines().flat_map(|line| all.map(|by| (line, by)));
    if let Some((_, by)) = fits.into_iter().find(|(line, by)| headed(&cells(line, *by))) {
        return by;
    }
    let head = lines().next().unwrap_or_default();
    let count = |d: u8| head.bytes().filter(|b| *b == d).count();
    all.into_iter().rev().max_by_key(|d| count(*d)).unwrap_or(b',')
}

/// The line a record begins on; the reader's own position lies before the blank
/// lines that it passed over.
fn first_line(text: &str, at: &csv::Position) -> u64 {
    let rest = text.as_bytes().get(at.byte() as usize..).unwrap_or_default();
    let blank = rest.iter().take_while(|b| matches!(b, b'\r' | b'\n'));
    at.line() + blank.filter(|b| **b == b'\n').count() as u64
}

/// The first sheet of a workbook that has the headings.
pub(super) fn xlsx(
    bytes: &[u8],
    headed: impl Fn(&[String]) -> bool,
    warnings: &mut Vec<Message>,
) -> Result<Sheet> {
    check_unpacked(bytes)?;
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(unreadable)?;
    let names = book.sheet_names();
    for name in &names {
        let sheet = Sheet::read(&mut book, name)?;
        if sheet.0.iter().take(HEAD).any(|row| headed(&Sheet::row(row).cells)) {
            warnings.push(match names.len() {
                1 => say!("read from the sheet {name:?} of an Excel workbook"),
                n => say!("read from the sheet {name:?}, one of {n} of an Excel workbook"),
            });
            return Ok(sheet);
        }
    }
    Err(Error::new(Kind::BadInput, say!("no sheet has the headings: {}", names.join(", ")))
        .advise(say!("give the sheet a heading line as in `brasslink manifest template`")))
}

fn unreadable(e: calamine::XlsxError) -> Error {
    Error::new(Kind::BadInput, say!("the Excel workbook cannot be read: {e}"))
        .advise(say!("save it again as .xlsx, or as \"CSV UTF-8\""))
}

/// The cells of a sheet that say something, by row and column from 0: a sheet
/// claims places as it likes, and two cells at its corners are no reason to
/// make room for all between them.
pub(super) struct Sheet(BTreeMap<u32, Vec<(usize, String)>>);

impl Sheet {
    fn read(book: &mut Xlsx<Cursor<&[u8]>>, name: &str) -> Result<Self> {
        let mut rows = BTreeMap::<u32, Vec<(usize, String)>>::new();
        let mut reader = match book.worksheet_cells_reader(name) {
            // A chart has no cells.
            Err(calamine::XlsxError::NotAWorksheet(_)) => return Ok(Self(rows)),
            reader => reader.map_err(unreadable)?,
        };
        while let Some(cell) = reader.next_cell().map_err(unreadable)? {
            let ((row, column), text) =
                (cell.get_position(), text(&cell.get_value().clone().into()));
            if text.trim().is_empty() {
                continue;
            }
            if column >= MAX_COLUMNS {
                let line = u64::from(row) + 1;
                let what =
                    say!("line {line} of the sheet {name:?} has more than {MAX_COLUMNS} columns");
                return Err(Error::new(Kind::TooLarge, what)
                    .advise(say!("remove what stands far to the right, and save it again")));
            }
            rows.entry(row).or_default().push((column as usize, text));
        }
        Ok(Self(rows))
    }

    /// Its rows in order.
    pub(super) fn rows(self) -> impl Iterator<Item = SheetRow> {
        self.0.into_iter().map(|(line, said)| Self::row((&line, &said)))
    }

    /// A row with a cell for each of its columns.
    fn row((line, said): (&u32, &Vec<(usize, String)>)) -> SheetRow {
        let width = said.iter().map(|(column, _)| column + 1).max().unwrap_or(0);
        let mut cells = vec![String::new(); width];
        for (column, text) in said {
            cells[*column].clone_from(text);
        }
        SheetRow { line: u64::from(*line) + 1, cells }
    }
}

/// Refuses a workbook that unpacks to more than it should, whatever it claims.
fn check_unpacked(bytes: &[u8]) -> Result<()> {
    let bad = |e: zip::result::ZipError| {
        Error::new(Kind::BadInput, say!("the Excel workbook cannot be read: {e}")).because(&e)
    };
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(bad)?;
    let mut left = MAX_UNPACKED;
    for i in 0..archive.len() {
        let member = archive.by_index(i).map_err(bad)?;
        let length = std::io::copy(&mut member.take(left + 1), &mut std::io::sink())
            .map_err(|e| bad(zip::result::ZipError::Io(e)))?;
        left = left.checked_sub(length).ok_or_else(|| {
            let what = say!("the workbook unpacks to more than {MAX_UNPACKED} bytes");
            Error::new(Kind::TooLarge, what).advise(say!("save the rows as CSV, or split them"))
        })?;
    }
    Ok(())
}

/// A cell as a person sees it; dates as ISO 8601.
fn text(cell: &Data) -> String {
    match cell {
        Data::Empty => String::new(),
        Data::String(text) | Data::DateTimeIso(text) | Data::DurationIso(text) => text.clone(),
        Data::Bool(value) => value.to_string(),
        Data::Int(n) => n.to_string(),
        Data::Float(n) => n.to_string(),
        Data::DateTime(when) if when.is_datetime() => {
            let (year, month, day, hour, minute, second, _) = when.to_ymd_hms_milli();
            match (hour, minute, second) {
                (0, 0, 0) => format!("{year:04}-{month:02}-{day:02}"),
                _ => format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}"),
            }
        }
        Data::DateTime(when) => when.as_f64().to_string(),
        Data::Error(error) => error.to_string(),
    }
}
