//! Tables on paper.

use super::content::Content;
use super::picture::png;
use super::sheet::{Cell, Column as Heading};
use crate::document::{Column, Holds, Line, Span, Table};
use types::error::Result;

impl Content {
    /// Puts a table with its caption.
    ///
    /// # Errors
    /// Where a picture cannot be made.
    pub fn table(&mut self, table: &Table) -> Result<()> {
        let rows = table.rows.iter().map(|row| row.iter().map(|c| self.cell(c)).collect());
        let mut rows: Vec<Vec<Cell>> = rows.collect::<Result<_>>()?;
        let mut columns: Vec<Heading> = table.columns.iter().map(heading).collect();
        if table.two_a_line {
            let width = columns.len();
            columns.extend(table.columns.iter().map(heading));
            rows = beside(rows, width);
        }
        self.sheet.table(table.caption.text(), columns, rows);
        Ok(())
    }

    fn cell(&mut self, line: &Line) -> Result<Cell> {
        Ok(match line.0.as_slice() {
            [Span::Thumbnail { picture, .. }] => Cell::Picture {
                file: self.file("png", png(&picture.view)?),
                alt: picture.alt.clone(),
            },
            _ => line.text().into(),
        })
    }
}

fn heading(column: &Column) -> Heading {
    let right = matches!(column.holds, Holds::Numbers | Holds::Ranks | Holds::Scores);
    Heading::new(&column.title.text(), right, column.share)
}

/// The second half of the rows beside the first; nothing beside an odd last one.
fn beside(mut rows: Vec<Vec<Cell>>, width: usize) -> Vec<Vec<Cell>> {
    let second = rows.split_off(rows.len().div_ceil(2));
    let mut second = second.into_iter();
    let empty = || (0..width).map(|_| Cell::default()).collect();
    for row in &mut rows {
        row.extend(second.next().unwrap_or_else(empty));
    }
    rows
}
