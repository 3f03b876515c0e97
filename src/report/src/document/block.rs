//! What a report is made of.

use super::span::{Line, count, line};
use maud::Markup;

/// One thing in a report.
pub enum Block {
    /// A section with its heading; `id` names it within a page.
    Section { id: &'static str, class: &'static str, title: Line, blocks: Vec<Block> },
    /// A heading within a section (2), or one that stands for a section (1).
    Heading { level: u8, line: Line },
    /// A paragraph.
    Text { style: Style, line: Line },
    /// A paragraph that is set apart, with a list.
    Notes { line: Line, items: Vec<Line> },
    /// A list with bullets.
    List(Vec<Line>),
    /// Labels with values.
    Facts { class: &'static str, facts: Vec<Fact> },
    /// Rows and columns.
    Table(Table),
    /// A drawing over the whole width.
    Drawing { svg: Markup, alt: &'static str, caption: String },
    /// Small drawings beside each other.
    Plots(Vec<Plot>),
    /// Whose hands something went through.
    Hands { title: &'static str, hands: Vec<Hand> },
}

/// How a paragraph is set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// As running text.
    Plain,
    /// Small and soft.
    Note,
    /// The sentence on what a lead is; set apart.
    Aid,
    /// What is to be taken with care; set apart.
    Warning,
    /// A remark on the table above.
    Remark,
}

/// A label with its value.
pub struct Fact {
    pub label: String,
    pub value: Value,
    /// Takes the whole width: a digest, say.
    pub wide: bool,
}

/// What a fact says.
pub enum Value {
    Line(Line),
    List(Vec<Line>),
}

/// A table with a caption and headings.
pub struct Table {
    /// What a page's style sheet calls it; empty where it has no name.
    pub class: &'static str,
    pub caption: Line,
    pub columns: Vec<Column>,
    pub rows: Vec<Vec<Line>>,
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
}

/// A small drawing with its title.
pub struct Plot {
    pub svg: Markup,
    pub alt: String,
    pub title: &'static str,
}

/// One of the hands that something went through.
pub struct Hand {
    pub role: &'static str,
    pub name: String,
    /// Since when, where it is known.
    pub date: Option<Line>,
}

impl Block {
    pub fn section(id: &'static str, title: impl Into<Line>, blocks: Vec<Self>) -> Self {
        Self::Section { id, class: "", title: title.into(), blocks }
    }

    pub fn heading(line: impl Into<Line>) -> Self {
        Self::Heading { level: 2, line: line.into() }
    }

    pub fn text(style: Style, line: impl Into<Line>) -> Self {
        Self::Text { style, line: line.into() }
    }

    pub fn plain(line: impl Into<Line>) -> Self {
        Self::text(Style::Plain, line)
    }

    pub fn facts(facts: Vec<Fact>) -> Self {
        Self::Facts { class: "", facts }
    }

    /// A table whose caption tells what its rows are and how many.
    pub fn counted(title: &str, columns: Vec<Column>, rows: Vec<Vec<Line>>) -> Self {
        let caption = line([title.into(), ": ".into(), count(rows.len() as u64)]);
        Self::Table(Table { class: "", caption, columns, rows })
    }
}

impl Fact {
    pub fn new(label: &str, value: impl Into<Line>) -> Self {
        Self { label: label.to_owned(), value: Value::Line(value.into()), wide: false }
    }

    pub fn wide(label: &str, value: impl Into<Line>) -> Self {
        Self { wide: true, ..Self::new(label, value) }
    }

    pub fn list(label: &str, items: Vec<Line>) -> Self {
        Self { label: label.to_owned(), value: Value::List(items), wide: false }
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

    pub fn ids(title: impl Into<Line>) -> Self {
        Self::of(Holds::Ids, title, 0.0)
    }

    /// The column whose cells name their rows.
    pub fn first(self) -> Self {
        Self { names_rows: true, ..self }
    }
}
