//! Lines of text and what they are made of.

use super::picture::Picture;
use crate::text::{Strings, grouped, probability, rounded};
use std::rc::Rc;
use types::evidence::{CasingId, PartialDate};
use types::mark::Verdict;
use types::message::Message;

/// A piece of a line.
#[derive(Clone, Debug)]
pub enum Span {
    Text(String),
    /// A rounded number, and the whole one.
    Number {
        value: f64,
        shown: String,
    },
    /// What stands where there is nothing to tell.
    Absent(String),
    Strong(String),
    Code(String),
    /// A subscript.
    Below(&'static str),
    /// Something less important.
    Small(Line),
    /// A name that is not broken at the end of a line.
    Name(Line),
    /// A day as ISO 8601 has it, and in the language's own form.
    Day {
        iso: String,
        shown: String,
    },
    /// The program's own words, with their language where it is another.
    Translated {
        text: String,
        lang: Option<&'static str>,
    },
    /// A casing, which may have a report.
    Casing(CasingId),
    /// A proposed group's report.
    Group(String),
    /// Another page of the folder.
    Page {
        file: String,
        title: &'static str,
    },
    /// What the program remarks on a thing.
    Remark(Box<Self>),
    /// What the quality gate says of a mark.
    Verdict(Verdict, &'static str),
    /// Something that is new.
    New(&'static str),
    /// Another line begins.
    Break,
    /// A rank before the names of a pair.
    Rank(u32),
    /// A name that leads to a place in the same page.
    Anchored {
        anchor: String,
        text: String,
    },
    /// A small picture; a page shows its pair in the microscope.
    Thumbnail {
        picture: Rc<Picture>,
        opens: Opens,
    },
    /// A share of the longest bar in a column, 0–1; nothing on paper.
    Bar(f64),
    /// Whole numbers behind words that round them; nothing on paper.
    Behind(Vec<f64>),
}

/// The pair that a picture shows in the microscope.
#[derive(Clone, Debug)]
pub struct Opens {
    /// The names of the two marks' pictures.
    pub pair: [String; 2],
    /// What a page calls the link.
    pub label: String,
}

/// A line of text.
#[derive(Clone, Debug, Default)]
pub struct Line(pub Vec<Span>);

/// A line of these pieces.
pub fn line<const N: usize>(spans: [Span; N]) -> Line {
    Line(spans.into())
}

impl Line {
    /// As plain text.
    pub fn text(&self) -> String {
        self.0.iter().map(Span::text).collect()
    }

    /// The line with more at its end.
    pub fn and(mut self, more: impl Into<Self>) -> Self {
        self.0.extend(more.into().0);
        self
    }
}

impl Span {
    /// As plain text.
    pub fn text(&self) -> String {
        match self {
            Self::Text(text) | Self::Absent(text) | Self::Strong(text) | Self::Code(text) => {
                text.clone()
            }
            Self::Number { shown, .. } | Self::Day { shown, .. } => shown.clone(),
            Self::Translated { text, .. } => text.clone(),
            Self::Small(line) | Self::Name(line) => line.text(),
            Self::Casing(id) => id.to_string(),
            Self::Group(id) => id.clone(),
            Self::Page { file, title } => format!("{title}: {file}"),
            Self::Below(word) => (*word).into(),
            Self::Remark(said) => said.text(),
            Self::Verdict(_, word) => (*word).into(),
            Self::New(word) => format!("({word})"),
            Self::Break => "\n".into(),
            Self::Rank(rank) => format!("{rank}."),
            Self::Anchored { text, .. } => text.clone(),
            Self::Behind(_) | Self::Bar(_) | Self::Thumbnail { .. } => String::new(),
        }
    }
}

impl From<&str> for Span {
    fn from(text: &str) -> Self {
        Self::Text(text.into())
    }
}

impl From<String> for Span {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<Span> for Line {
    fn from(span: Span) -> Self {
        Self(vec![span])
    }
}

impl From<&str> for Line {
    fn from(text: &str) -> Self {
        Span::from(text).into()
    }
}

impl From<String> for Line {
    fn from(text: String) -> Self {
        Span::from(text).into()
    }
}

/// `value` rounded to `places`.
pub fn number(value: f64, places: usize) -> Span {
    derived(value, value, places)
}

/// A number derived from `value` (in another unit, say).
pub fn derived(value: f64, shown: f64, places: usize) -> Span {
    Span::Number { value, shown: rounded(shown, places) }
}

/// A probability.
pub fn sure(p: f64) -> Span {
    Span::Number { value: p, shown: probability(p) }
}

/// A count, thousands set apart by a thin space.
pub fn count(n: u64) -> Span {
    Span::Number { value: n as f64, shown: grouped(&n.to_string()) }
}

/// A date in the language's own form; anything that is no ISO 8601 date as it is.
pub fn day(raw: Option<&str>, t: &Strings) -> Span {
    let Some(raw) = raw else { return Span::Absent(t.not_stated.into()) };
    match t.day(raw) {
        // A range is no moment that a page can mark.
        Some(shown) if !raw.contains('/') => Span::Day { iso: raw.into(), shown },
        Some(days) => days.into(),
        None => raw.into(),
    }
}

/// A date as far as it is known.
pub fn when(date: Option<PartialDate>, t: &Strings) -> Span {
    day(date.map(|d| d.to_string()).as_deref(), t)
}

/// A value or the words for its absence.
pub fn or(value: Option<&str>, none: &str) -> Span {
    value.map_or_else(|| Span::Absent(none.into()), Span::from)
}

/// The program's own words, in the report's language where it has them.
pub fn said(words: &Message, t: &Strings) -> Span {
    let said = t.said(words);
    Span::Translated { text: said.text, lang: said.lang }
}

/// Things with commas between them; a dash where there are none.
pub fn listed(things: impl IntoIterator<Item = Span>) -> Line {
    let mut out = Vec::new();
    for thing in things {
        if !out.is_empty() {
            out.push(", ".into());
        }
        out.push(thing);
    }
    if out.is_empty() { "–".into() } else { Line(out) }
}
