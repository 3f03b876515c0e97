//! Blocks as HTML.

use crate::document::{Block, Fact, Holds, Line, Plot, Span, Style, Table, Value};
use crate::names::{casing_stem, lead_stem};
use maud::{Markup, Render, html};
use std::collections::BTreeSet;
use types::evidence::CasingId;
use types::mark::Verdict;

/// The casings that have a report of their own in the same folder.
pub type Reported = BTreeSet<CasingId>;

/// Blocks one below the other.
pub fn blocks(all: &[Block], reported: &Reported) -> Markup {
    html! { @for one in all { (block(one, reported)) } }
}

fn block(block: &Block, reported: &Reported) -> Markup {
    let set = |l: &Line| line(l, reported);
    match block {
        Block::Section { id, class, title, blocks: within } => html! {
            section class=[some(class)] aria-labelledby=(id) {
                h2 id=(id) { (set(title)) }
                (blocks(within, reported))
            }
        },
        Block::Heading { level: 1, line } => html! { h2 { (set(line)) } },
        Block::Heading { line, .. } => html! { h3 { (set(line)) } },
        Block::Text { style, line } => paragraph(*style, &set(line)),
        Block::Notes { line, items } => html! {
            div.notes role="note" { p { (set(line)) } ul { @for i in items { li { (set(i)) } } } }
        },
        Block::List(items) => html! { ul { @for i in items { li { (set(i)) } } } },
        Block::Facts { class, facts } => {
            let class = format!("facts {class}");
            html! { dl class=(class.trim_end()) { @for f in facts { (fact(f, reported)) } } }
        }
        Block::Table(t) => table(t, reported),
        Block::Drawing { svg, caption, .. } => html! {
            figure.chart { (svg) figcaption { (caption) } }
        },
        Block::Plots(plots) => html! {
            div.plots { @for Plot { svg, title, .. } in plots {
                figure.chart { (svg) figcaption { (title) } }
            } }
        },
        Block::Hands { title, hands } => html! {
            p.note { (title) }
            ol.hands { @for hand in hands { li {
                small { (hand.role) } " "
                b { (hand.name) }
                @if let Some(date) = &hand.date { " " small { (set(date)) } }
            } } }
        },
    }
}

fn some(class: &str) -> Option<&str> {
    (!class.is_empty()).then_some(class)
}

fn paragraph(style: Style, words: &Markup) -> Markup {
    html! {
        @match style {
            Style::Plain => p { (words) },
            Style::Note => p.note { (words) },
            Style::Aid => p.aid role="note" { (words) },
            Style::Warning => p.notes role="note" { (words) },
            Style::Remark => p.remark { (words) },
        }
    }
}

fn fact(fact: &Fact, reported: &Reported) -> Markup {
    html! {
        div class=[fact.wide.then_some("wide")] {
            dt { (fact.label) }
            dd { @match &fact.value {
                Value::Line(value) => (line(value, reported)),
                Value::List(items) => ul { @for i in items { li { (line(i, reported)) } } },
            } }
        }
    }
}

fn table(t: &Table, reported: &Reported) -> Markup {
    let class = |holds: Holds| match holds {
        Holds::Words => None,
        Holds::Numbers => Some("n"),
        Holds::Names => Some("name"),
        Holds::Ids => Some("id"),
    };
    html! {
        div.scroll { table class=[some(t.class)] {
            caption { (line(&t.caption, reported)) }
            thead { tr { @for column in &t.columns {
                th class=[(column.holds == Holds::Numbers).then_some("n")] scope="col" { (line(&column.title, reported)) }
            } } }
            tbody { @for row in &t.rows { tr {
                @for (column, cell) in t.columns.iter().zip(row) {
                    @let cell = line(cell, reported);
                    @if column.names_rows {
                        th class=[class(column.holds)] scope="row" { (cell) }
                    } @else {
                        td class=[class(column.holds)] { (cell) }
                    }
                }
            } } }
        } }
    }
}

/// A line of text.
pub fn line(line: &Line, reported: &Reported) -> Markup {
    html! { @for one in &line.0 { (span(one, reported)) } }
}

fn span(span: &Span, reported: &Reported) -> Markup {
    let within = |l: &Line| line(l, reported);
    html! {
        @match span {
            Span::Text(text) => (text),
            Span::Number { value, shown } => data value=(value) { (shown) },
            Span::Absent(text) => span.none { (text) },
            Span::Strong(text) => b { (text) },
            Span::Code(text) => code { (text) },
            Span::Below(word) => sub { (word) },
            Span::Small(line) => small { (within(line)) },
            Span::Name(line) => span.name { (within(line)) },
            Span::Day { iso, shown } => time datetime=(iso) { (shown) },
            Span::Said { text, lang } => span lang=[lang.as_ref()] { (text) },
            Span::Remark(said) => span.remark { (self::span(said, reported)) },
            Span::Verdict(verdict, word) => span.verdict.(verdict_class(*verdict)) { (word) },
            Span::Casing(id) if reported.contains(id) => {
                a href={ (casing_stem(id)) ".html" } { (id) }
            },
            Span::Casing(id) => (id),
            Span::Group(id) => a href={ (lead_stem(id)) ".html" } { (id) },
            Span::Page { file, title } => a href=(file) { (title) },
            Span::New(word) => span.new { (word) },
            Span::Break => br;,
            // The words round; the whole numbers stand behind them.
            Span::Behind(values) => span hidden { @for v in values { data value=(v) {} } },
        }
    }
}

/// What a style sheet calls a verdict.
pub const fn verdict_class(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Good => "good",
        Verdict::Doubtful => "doubtful",
        Verdict::Unusable => "unusable",
    }
}

/// For what a page alone has: no name is a link there.
impl Render for Span {
    fn render(&self) -> Markup {
        span(self, &Reported::new())
    }
}

impl Render for Line {
    fn render(&self) -> Markup {
        line(self, &Reported::new())
    }
}

impl Render for Block {
    fn render(&self) -> Markup {
        block(self, &Reported::new())
    }
}
