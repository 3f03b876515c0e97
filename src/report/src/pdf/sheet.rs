//! A report as a list of blocks, typeset by the layout in `report.typ`.

use serde::Serialize;

/// A whole document: what a layout needs to know.
#[derive(Debug, Serialize)]
pub struct Sheet {
    /// ISO 639-1 code of the text.
    pub language: &'static str,
    /// Typst's name of the paper.
    pub paper: &'static str,
    pub title: String,
    pub report_id: String,
    /// Author, for the document's properties.
    pub laboratory: String,
    /// Lines of the letterhead under the laboratory's name.
    pub letterhead: Vec<String>,
    /// File of the logo.
    pub logo: Option<String>,
    pub logo_alt: &'static str,
    /// Label and day of issue.
    pub issued: (&'static str, String),
    /// Year, month and day of issue.
    pub date: Option<(i16, i8, i8)>,
    pub report_label: &'static str,
    /// Words for the foot of each page: "Page", "of".
    pub page: (&'static str, &'static str),
    pub end: String,
    /// Keywords of the document's properties, the place of its seal.
    pub seal: String,
    pub blocks: Vec<PrintBlock>,
}

/// One thing on a page.
#[derive(Debug, Serialize)]
#[serde(tag = "block", rename_all = "snake_case")]
pub enum PrintBlock {
    /// A heading, 1 = a section; an entry of the bookmarks.
    Heading { level: u8, text: String },
    /// A paragraph.
    Text { text: String, style: Style },
    /// A list with bullets.
    List { items: Vec<String> },
    /// Labels with values, in columns.
    Facts { items: Vec<(String, String)> },
    /// A table with a caption and headings that repeat on every page.
    Table { caption: String, columns: Vec<Column>, rows: Vec<Vec<Cell>> },
    /// Pictures side by side over one caption.
    Figure { pictures: Vec<Picture>, caption: String, width: u8 },
}

/// How a paragraph is set.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Style {
    Plain,
    /// Stays with what follows.
    Intro,
    /// Small and soft; stays with what follows.
    Note,
    /// The sentence on what a lead is; set apart.
    Aid,
    /// Quality notes; set apart.
    Warning,
}

/// A column of a table.
#[derive(Debug, Serialize)]
pub struct Column {
    pub title: String,
    /// Numbers stand at the right.
    pub right: bool,
    /// Share of the width; 0 takes what it needs.
    pub share: f64,
}

/// One cell of a table.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub enum Cell {
    Text(String),
    Picture { file: String, alt: String },
}

/// A picture file among the sheet's files.
#[derive(Debug, Default, Serialize)]
pub struct Picture {
    pub file: String,
    /// Drawn over it, of the same size; decoration to a screen reader.
    pub over: Option<String>,
    /// What it shows, in words.
    pub alt: String,
    /// Line under it.
    pub label: String,
}

impl Sheet {
    pub fn heading(&mut self, level: u8, text: impl Into<String>) {
        self.blocks.push(PrintBlock::Heading { level, text: text.into() });
    }

    pub fn text(&mut self, style: Style, text: impl Into<String>) {
        self.blocks.push(PrintBlock::Text { text: text.into(), style });
    }

    pub fn facts(&mut self, items: Vec<(&str, String)>) {
        let items = items.into_iter().map(|(label, value)| (capital(label), value)).collect();
        self.blocks.push(PrintBlock::Facts { items });
    }

    pub fn list(&mut self, items: Vec<String>) {
        self.blocks.push(PrintBlock::List { items });
    }

    pub fn table(&mut self, caption: String, columns: Vec<Column>, rows: Vec<Vec<Cell>>) {
        self.blocks.push(PrintBlock::Table { caption, columns, rows });
    }
}

impl Column {
    pub fn new(title: &str, right: bool, share: f64) -> Self {
        Self { title: capital(title), right, share }
    }
}

impl Default for Cell {
    fn default() -> Self {
        Self::Text(String::new())
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::Text(text.into())
    }
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |c| c.to_uppercase().chain(letters).collect())
}
