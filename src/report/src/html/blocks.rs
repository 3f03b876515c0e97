//! Blocks as HTML.

use super::microscope::microscope;
use super::picture::{definitions, figure, hero};
use super::spans::line;
use crate::document::{Block, Chart, Fact, Hand, Plot, Style, Value};
use crate::text::Strings;
use maud::{Markup, html};
use std::collections::BTreeSet;
use types::evidence::CasingId;

/// What setting a page takes besides its blocks.
pub struct Page<'a> {
    /// The casings that have a report of their own in the same folder.
    pub reported: BTreeSet<&'a CasingId>,
    /// For the microscope's controls.
    pub t: &'a Strings,
}

/// Blocks one below the other.
pub fn blocks(all: &[Block], page: &Page) -> Markup {
    html! { @for one in all { (block(one, page)) } }
}

fn block(block: &Block, page: &Page) -> Markup {
    let set = |l| line(l, page);
    match block {
        Block::Section { id, of, class, title, blocks: within } => {
            let named = of.as_ref().map_or_else(|| id.clone(), |of| format!("{of} {id}"));
            html! {
                section class=[some(class)] aria-labelledby=(named) {
                    @if of.is_some() { h3 id=(id) { (set(title)) } }
                    @else { h2 id=(id) { (set(title)) } }
                    (blocks(within, page))
                }
            }
        }
        Block::Pair { id, title, blocks: within } => html! {
            article.pair id=(id) { h3 { (set(title)) } (blocks(within, page)) }
        },
        Block::Heading { level: 1, line } => html! { h2 { (set(line)) } },
        Block::Heading { line, .. } => html! { h3 { (set(line)) } },
        Block::Text { style, line } => paragraph(*style, &set(line)),
        Block::Notes { line, items } => html! {
            div.notes role="note" { p { (set(line)) } ul { @for i in items { li { (set(i)) } } } }
        },
        Block::List(items) => html! { ul { @for i in items { li { (set(i)) } } } },
        Block::Facts { class, facts: all } => facts(class, all, page),
        Block::Table(t) => super::table::table(t, page),
        Block::Drawing { svg, caption, .. } => html! {
            figure.chart { (svg) figcaption { (caption) } }
        },
        Block::Plots(plots) => html! {
            div.plots { @for Plot { svg, title, .. } in plots {
                figure.chart { (svg) figcaption { (title) } }
            } }
        },
        Block::Figure { pictures, caption, key, .. } => {
            figure(pictures, key.as_ref(), &set(caption), page)
        }
        Block::Hero { pictures, facts: about } => hero(pictures, &facts("", about, page), page),
        Block::Hands { title, hands: all, .. } => hands(title, all, page),
        Block::Standing { marker, said } => standing(marker, said),
        Block::Folded { summary, blocks: within, .. } => html! {
            details { summary { (summary) } (blocks(within, page)) }
        },
        Block::Shared { plates, charts } => definitions(plates, charts),
        Block::Microscope(pairs) => microscope(pairs, true, None, page.t),
    }
}

/// A class, where there is one.
pub fn some(class: &str) -> Option<&str> {
    (!class.is_empty()).then_some(class)
}

fn paragraph(style: Style, words: &Markup) -> Markup {
    html! {
        @match style {
            Style::Plain => p { (words) },
            Style::Intro => p.intro { (words) },
            Style::Weighed => p.weighed { (words) },
            Style::Note => p.note { (words) },
            Style::Aid => p.aid role="note" { (words) },
            Style::Warning => p.notes role="note" { (words) },
            Style::Remark => p.remark { (words) },
        }
    }
}

fn facts(class: &str, facts: &[Fact], page: &Page) -> Markup {
    let class = format!("facts {class}");
    html! { dl class=(class.trim_end()) { @for f in facts { (fact(f, page)) } } }
}

fn fact(fact: &Fact, page: &Page) -> Markup {
    html! {
        div class=[fact.wide.then_some("wide")] {
            dt { (fact.label) }
            dd { @match &fact.value {
                Value::Line(value) => (line(value, page)),
                Value::List(items) => ul { @for i in items { li { (line(i, page)) } } },
            } }
        }
    }
}

fn hands(title: &str, hands: &[Hand], page: &Page) -> Markup {
    html! {
        p.note { (title) }
        ol.hands { @for hand in hands { li {
            small { (hand.role) } " "
            b { (hand.name) }
            @if let Some(date) = &hand.date { " " small { (line(date, page)) } }
        } } }
    }
}

/// A marker over bars that the page has once.
fn standing(marker: &Chart, said: &str) -> Markup {
    html! {
        figure.chart.small {
            svg viewBox="0 0 720 210" role="img" font-size="12" aria-label=(said) {
                use href={ "#" (marker.id) } {}
                (marker.svg)
            }
            figcaption { (said) }
        }
    }
}
