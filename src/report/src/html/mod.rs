//! A report as one self-contained page: no network, readable without script,
//! printable.

mod blocks;
mod instrument;
mod letter;
mod letterhead;
mod microscope;
mod picture;
mod spans;
mod table;

pub use instrument::{instrument, mark_name};
pub use letter::{letter_body, letter_page};

use crate::document::{self, Block, Letterhead};
use crate::model::{Report, ReportHeader};
use crate::seal;
use crate::text::Language;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use blocks::{Page, blocks};
use maud::{DOCTYPE, Markup, PreEscaped, html};
use std::collections::BTreeSet;
use types::error::Result;
use types::evidence::{CasingId, Digest};

/// The style of all pages.
pub const STYLE: &str = include_str!("style.css");
/// What wakes the comparison microscope of a page.
pub const SCRIPT: &str = concat!(
    include_str!("microscope/field.js"),
    include_str!("microscope/microscope.js"),
    include_str!("microscope/hands.js")
);

/// The whole page.
///
/// `<data value="…">` carries the model's own number (SI for poses) behind
/// each rounded one, so that a page can be checked against the store.
pub fn to_html(report: &Report, language: Language) -> Result<String> {
    let t = language.strings();
    let page = Page { reported: reported(report), t };
    let body = document::document(report, t)?;
    let subject = document::subject(report, t);
    Ok(shell(report.header(), &subject, &body, &page).into_string())
}

/// A page of these blocks alone.
pub fn page(header: &ReportHeader, title: &str, body: &[Block], language: Language) -> String {
    let page = Page { reported: BTreeSet::new(), t: language.strings() };
    shell(header, title, body, &page).into_string()
}

/// The casings that have a report of their own.
fn reported(report: &Report) -> BTreeSet<&CasingId> {
    let casings = match report {
        Report::Case(r) => r.casings.as_slice(),
        Report::Batch(r) => r.casings.as_slice(),
        Report::Casing(_) | Report::Pair(_) => &[],
    };
    casings.iter().filter(|e| e.has_report).map(|e| &e.casing.id).collect()
}

/// The frame of a page: head, letterhead, title and clear end.
fn shell(header: &ReportHeader, title: &str, body: &[Block], page: &Page) -> Markup {
    let letterhead = Letterhead::of(header, title, page.t);
    let title = &letterhead.title;
    let policy = format!(
        "default-src 'none'; img-src data:; style-src '{}'; script-src '{}'; base-uri 'none'; \
         form-action 'none'",
        source_hash(STYLE),
        source_hash(SCRIPT)
    );
    html! {
        (DOCTYPE)
        html lang=(letterhead.language) {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(policy);
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="generator" content=(header.software);
                meta name="brasslink-seal" content=(seal::blank(&header.report_id));
                title { (title) " · " (header.report_id) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                a.skip href="#content" { (letterhead.skip) }
                (letterhead::letterhead(&letterhead, page))
                main #content {
                    h1 { (title) }
                    (blocks(body, page))
                }
                footer { p { (letterhead.end) } }
                script { (PreEscaped(SCRIPT)) }
            }
        }
    }
}

/// A Content-Security-Policy source that allows exactly this text.
fn source_hash(text: &str) -> String {
    format!("sha256-{}", STANDARD.encode(Digest::of(text.as_bytes()).0))
}
