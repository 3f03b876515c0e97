//! Lines of text as HTML.

use super::blocks::Page;
use super::picture::thumbnail;
use crate::document::{Line, Picture, Span};
use crate::names::{casing_stem, lead_stem};
use maud::{Markup, html};
use types::mark::Verdict;

/// A line of text.
pub fn line(line: &Line, page: &Page) -> Markup {
    html! { @for one in &line.0 { (span(one, page)) } }
}

/// A piece of a line.
pub fn span(span: &Span, page: &Page) -> Markup {
    let within = |l: &Line| line(l, page);
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
            Span::Translated { text, lang } => span lang=[lang.as_ref()] { (text) },
            Span::Remark(said) => span.remark { (self::span(said, page)) },
            Span::Verdict(verdict, word) => span.verdict.(verdict_class(*verdict)) { (word) },
            Span::Casing(id) if page.reported.contains(id) => {
                a href={ (casing_stem(id)) ".html" } { (id) }
            },
            Span::Casing(id) => (id),
            Span::Group(id) => a href={ (lead_stem(id)) ".html" } { (id) },
            Span::Page { file, title } => a href=(file) { (title) },
            Span::New(word) => span.new { (word) },
            Span::Break => br;,
            Span::Rank(rank) => span.rank { (rank) },
            Span::Anchored { anchor, text } => a href={ "#" (anchor) } { (text) },
            Span::Thumbnail { picture, opens } => {
                @let [a, b] = &opens.pair;
                (opener(picture, &opens.label, a, b))
            },
            Span::Bar(share) => (bar(*share)),
            // The words round; the whole numbers stand behind them.
            Span::Behind(values) => span hidden { @for v in values { data value=(v) {} } },
        }
    }
}

/// A picture that shows its pair in the microscope.
fn opener(picture: &Picture, label: &str, a: &str, b: &str) -> Markup {
    html! {
        a.open href="#microscope" aria-label=(label) data-a=(a) data-b=(b) {
            (thumbnail(picture, false))
        }
    }
}

/// A bar of a share of the longest.
fn bar(share: f64) -> Markup {
    let length = if share.is_finite() { (100.0 * share.clamp(0.0, 1.0)).round() } else { 0.0 };
    html! {
        svg.score viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true" {
            rect.track width="100" height="6" {} rect.level width=(length) height="6" {}
        }
    }
}

/// What a style sheet calls a verdict.
const fn verdict_class(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Good => "good",
        Verdict::Doubtful => "doubtful",
        Verdict::Unusable => "unusable",
    }
}
