//! What a report is made of.

use super::picture::{ColourKey, Microscoped, Picture};
use super::span::{Line, count, line};
use super::table::{Column, Table};
use crate::plates::Plates;
use maud::Markup;
use std::rc::Rc;

/// One thing in a report.
pub enum Block {
    /// A section with its heading; `id` names it within a page, `of` the section
    /// that it is a part of.
    Section { id: String, of: Option<String>, class: &'static str, title: Line, blocks: Vec<Block> },
    /// One comparison within a section; `id` names it within a page.
    Pair { id: String, title: Line, blocks: Vec<Block> },
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
    /// Pictures of marks beside each other over one caption.
    Figure {
        pictures: Vec<Picture>,
        /// Per cent of the paper's width.
        width: u8,
        caption: Line,
        key: Option<ColourKey>,
    },
    /// Large pictures with the facts that they are about.
    Hero { pictures: Vec<Picture>, facts: Vec<Fact> },
    /// Whose hands something went through, under the headings that print has.
    Hands { title: &'static str, columns: [&'static str; 3], hands: Vec<Hand> },
    /// A score among others: a page draws the marker over bars that it shares,
    /// print says it in words.
    Standing { marker: Chart, said: String },
    /// What a page folds away under `summary`, and what of it print has.
    Folded { summary: &'static str, blocks: Vec<Block>, on_paper: bool },
    /// What a page shows more than once; nothing on paper.
    Shared { plates: Rc<[Option<Plates>]>, charts: Vec<Chart> },
    /// The comparison microscope, where any pair has pictures; nothing on paper.
    Microscope(Vec<Microscoped>),
}

/// How a paragraph is set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// As running text.
    Plain,
    /// What introduces that which follows, and stays with it.
    Intro,
    /// What a likelihood ratio rests on and says.
    Weighed,
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

/// A drawing without a frame, of the size of a chart of scores.
pub struct Chart {
    /// Its own name, or that of the chart that it is drawn over.
    pub id: String,
    pub svg: Markup,
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
    pub fn section(id: impl Into<String>, title: impl Into<Line>, blocks: Vec<Self>) -> Self {
        Self::Section { id: id.into(), of: None, class: "", title: title.into(), blocks }
    }

    /// A part of the section `of`.
    pub fn part(id: String, of: String, title: &str, blocks: Vec<Self>) -> Self {
        Self::Section { id, of: Some(of), class: "", title: title.into(), blocks }
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
        Self::Table(Table::new("", caption, columns, rows))
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
