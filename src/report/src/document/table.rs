//! Tables: columns and rows.

use super::span::Line;

/// A table with a caption and headings.
pub struct Table {
    /// What a page's style sheet calls it; empty where it has no name.
    pub class: &'static str,
    pub caption: Line,
    pub columns: Vec<Column>,
    pub rows: Vec<Vec<Line>>,
    /// Narrow: paper has two of its rows on a line, the second half beside the
    /// first.
    pub two_a_line: bool,
}

/// A column of a table.
pub struct Column {
    pub title: Line,
    /// What its cells hold.
    pub holds: Holds,
    /// Share of the width on paper; 0 takes what it needs.
    pub share: f64,
    /// Whether its cells name their rows.
    pub names_rows: bool,
}

/// What the cells of a column hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holds {
    /// Words.
    Words,
    /// Numbers, which stand at the right.
    Numbers,
    /// Names, which are not broken.
    Names,
    /// Short identifiers.
    Ids,
    /// Ranks, which stand out.
    Ranks,
    /// Scores with their bars.
    Scores,
}

impl Table {
    pub fn new(
        class: &'static str,
        caption: impl Into<Line>,
        columns: Vec<Column>,
        rows: Vec<Vec<Line>>,
    ) -> Self {
        Self { class, caption: caption.into(), columns, rows, two_a_line: false }
    }
}

impl Column {
    fn of(holds: Holds, title: impl Into<Line>, share: f64) -> Self {
        Self { title: title.into(), holds, share, names_rows: false }
    }

    pub fn words(title: impl Into<Line>, share: f64) -> Self {
        Self::of(Holds::Words, title, share)
    }

    pub fn numbers(title: impl Into<Line>, share: f64) -> Self {
        Self::of(Holds::Numbers, title, share)
    }

    pub fn names(title: impl Into<Line>, share: f64) -> Self {
        Self::of(Holds::Names, title, share)
    }

    pub fn ranks(title: impl Into<Line>) -> Self {
        Self::of(Holds::Ranks, title, 0.0)
    }

    pub fn scores(title: impl Into<Line>, share: f64) -> Self {
        Self::of(Holds::Scores, title, share)
    }

    pub fn ids(title: impl Into<Line>) -> Self {
        Self::of(Holds::Ids, title, 0.0)
    }

    /// The column whose cells name their rows.
    pub fn first(self) -> Self {
        Self { names_rows: true, ..self }
    }
}
