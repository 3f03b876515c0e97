//! A report as one self-contained page: no network, readable without script,
//! printable.

mod batch;
mod case;
mod casing;
mod comparison;
mod context;
mod decisions;
mod figure;
mod items;
mod microscope;
mod parts;
mod theirs;
mod validation;
mod way;

pub(super) use validation::validation;

pub(super) use context::{drawing, stands};
pub(super) use parts::populations;
pub(super) use way::hand;

use super::model::{Header, Report};
use super::seal;
use super::text::{Language, Strings};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
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
    let (title, body) = match report {
        Report::Casing(r) => casing::casing(r, t)?,
        Report::Pair(r) => casing::pair(r, t)?,
        Report::Case(r) => ((t.subject_title)(&r.subject), case::case(r, t)),
        Report::Batch(r) => (t.batch_title.to_owned(), batch::batch(r, t)),
    };
    Ok(page(report.header(), &title, &body, t).into_string())
}

/// What every report says around its findings.
fn page(header: &Header, subject: &str, body: &Markup, t: &Strings) -> Markup {
    let body = html! {
        p.aid role="note" { strong { (t.lead_is_aid) } " " (t.lead_is_aid_more) }
        (parts::same_acquisition(&header.same_acquisition, t))
        (body)
        (parts::limitations(header, t))
        (parts::traceability(header, t))
    };
    shell(header, header.title.as_deref().unwrap_or(subject), &body, t)
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
                (parts::letterhead(header, t))
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
