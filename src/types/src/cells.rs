//! Tables of comma-separated values, as this program writes them.
//!
//! A spreadsheet runs a cell that begins with `=`, `+`, `-` or `@` as a
//! formula, wherever the text came from. Such a cell is written with an
//! apostrophe before it, as spreadsheets themselves mark texts; the readers of
//! this program take it off again, so that what was exported can be imported.

use crate::error::{Error, Kind, Result};
use crate::message::say;
use std::borrow::Cow;

/// How a formula may begin, in the wide letters of East Asian keyboards too.
const FORMULA: [char; 11] =
    ['=', '+', '-', '@', '\t', '\r', '\n', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}'];

/// A cell that no spreadsheet runs. Numbers stay as they are.
pub fn guarded(cell: &str) -> Cow<'_, str> {
    let number = || cell.parse::<f64>().is_ok_and(f64::is_finite);
    // What looks guarded already is too, so that exactly one apostrophe goes.
    let bare = cell.trim_start_matches('\'');
    if bare.starts_with(FORMULA) && !number() {
        return Cow::Owned(format!("'{cell}"));
    }
    Cow::Borrowed(cell)
}

/// The text of a cell that may have been [`guarded`].
pub fn unguarded(cell: &str) -> &str {
    match cell.strip_prefix('\'') {
        Some(rest) if rest.trim_start_matches('\'').starts_with(FORMULA) => rest,
        _ => cell,
    }
}

/// A table being written (RFC 4180, UTF-8).
pub struct Table(csv::Writer<Vec<u8>>);

impl Table {
    /// A table under these headings.
    ///
    /// # Errors
    /// [`Kind::Internal`] if it cannot be written.
    pub fn new<C: AsRef<str>>(headings: impl IntoIterator<Item = C>) -> Result<Self> {
        let mut new = Self(csv::Writer::from_writer(Vec::new()));
        new.row(headings)?;
        Ok(new)
    }

    /// Adds a row, each cell [`guarded`].
    ///
    /// # Errors
    /// [`Kind::Internal`] if it has another length than the headings.
    pub fn row<C: AsRef<str>>(&mut self, cells: impl IntoIterator<Item = C>) -> Result<()> {
        for cell in cells {
            self.0.write_field(guarded(cell.as_ref()).as_bytes()).map_err(failed)?;
        }
        self.0.write_record(None::<&[u8]>).map_err(failed)
    }

    /// The table's bytes.
    ///
    /// # Errors
    /// [`Kind::Internal`] if it cannot be written.
    pub fn finish(self) -> Result<Vec<u8>> {
        self.0.into_inner().map_err(failed)
    }
}

fn failed(e: impl std::fmt::Display) -> Error {
    Error::new(Kind::Internal, say!("no CSV could be made: {e}"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn no_cell_is_a_formula_and_every_text_comes_back() {
        let formulas =
            ["=cmd|' /C calc'!A0", "+1+2", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "＝1", "-x", "'=1"];
        let plain = ["", "'", "'a", "A-1", "-106.4833", "+5", "1e-9", "9×19", "O'Neill"];
        for text in formulas {
            assert!(guarded(text).starts_with('\''), "{text}");
        }
        for text in plain {
            assert_eq!(guarded(text), text);
        }
        for text in formulas.iter().chain(&plain) {
            assert_eq!(unguarded(&guarded(text)), *text);
        }
        let mut table = Table::new(["a", "b"]).unwrap();
        table.row(["=1,2", "x\"y"]).unwrap();
        assert_eq!(table.finish().unwrap(), b"a,b\n\"'=1,2\",\"x\"\"y\"\n");
        let mut table = Table::new(["a", "b"]).unwrap();
        assert!(table.row(["1"]).is_err());
    }
}
