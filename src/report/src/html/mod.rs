//! A report as one self-contained page: no network, readable without script,
//! printable.

mod blocks;
mod casing;
mod comparison;
mod figure;
mod letterhead;
mod microscope;
mod scores;

use crate::document::{self, Block};
use crate::model::{CasingEntry, Header, Report};
use crate::seal;
use crate::text::{Language, Strings};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use blocks::{Reported, blocks};
use maud::{DOCTYPE, Markup, PreEscaped, html};
use types::error::Result;
use types::evidence::Digest;

const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("microscope.js");

/// The whole page.
///
/// `<data value="…">` carries the model's own number (SI for poses) behind
/// each rounded one, so that a page can be checked against the store.
pub fn to_html(report: &Report, language: Language) -> Result<String> {
    let t = language.strings();
    let none = Reported::new();
    let body = match report {
        Report::Casing(r) => casing::casing(r, t)?,
        Report::Pair(r) => casing::pair(r, t)?,
        Report::Case(r) => blocks(&document::case(r, t), &reported(&r.casings)),
        Report::Batch(r) => blocks(&document::batch(r, t), &reported(&r.casings)),
    };
    let header = report.header();
    let body = html! {
        (blocks(&document::opening(header, t), &none))
        (body)
        (blocks(&document::closing(header, t), &none))
    };
    let subject = document::subject(report, t);
    let title = header.title.as_deref().unwrap_or(&subject);
    Ok(shell(header, title, &body, t).into_string())
}

/// A page of these blocks alone.
pub fn page(header: &Header, title: &str, body: &[Block], language: Language) -> String {
    let body = blocks(body, &Reported::new());
    shell(header, title, &body, language.strings()).into_string()
}

/// The casings that have a report of their own.
fn reported(casings: &[CasingEntry]) -> Reported {
    casings.iter().filter(|e| e.has_report).map(|e| e.casing.id.clone()).collect()
}

/// The frame of a page: head, letterhead, title and clear end.
fn shell(header: &Header, title: &str, body: &Markup, t: &Strings) -> Markup {
    let policy = format!(
        "default-src 'none'; img-src data:; style-src '{}'; script-src '{}'; base-uri 'none'; \
         form-action 'none'",
        source_hash(STYLE),
        source_hash(SCRIPT)
    );
    html! {
        (DOCTYPE)
        html lang=(t.code) {
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
                a.skip href="#content" { (t.skip_to_content) }
                (letterhead::letterhead(header, t))
                main #content {
                    h1 { (title) }
                    (body)
                }
                footer { p { (t.end_of_report) " " (header.report_id) } }
                script { (PreEscaped(SCRIPT)) }
            }
        }
    }
}

/// A Content-Security-Policy source that allows exactly this text.
fn source_hash(text: &str) -> String {
    format!("sha256-{}", STANDARD.encode(Digest::of(text.as_bytes()).0))
}
