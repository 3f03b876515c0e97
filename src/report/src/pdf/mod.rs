//! A report on paper: PDF/A-2a, tagged, with bookmarks and embedded fonts.
//!
//! What stands on the pages is gathered in a [`Sheet`](sheet::Sheet); how it is
//! set is the business of `report.typ`, which a laboratory can replace.

mod case;
mod casing;
mod comparison;
mod content;
mod decisions;
mod glyphs;
mod items;
mod picture;
mod sheet;
mod theirs;
mod validation;
mod way;

pub use validation::validation;

use super::model::Report;
use super::write::Look;
use content::Content;
use std::borrow::Cow;
use types::error::{Error, Kind, Result};
use typst::foundations::Smart;
use typst_as_lib::TypstEngine;
use typst_layout::PagedDocument;
use typst_pdf::{PdfOptions, PdfStandard, PdfStandards};

const LAYOUT: &str = include_str!("report.typ");

/// The report as PDF with a place for its seal.
///
/// # Errors
/// [`Kind::BadInput`] where the laboratory's own layout cannot be used.
pub fn to_pdf(report: &Report, look: &Look) -> Result<Vec<u8>> {
    typeset(&Content::of(report, look)?, &report.header().software, look)
}

/// Sets pages; `software` made them.
fn typeset(content: &Content, software: &str, look: &Look) -> Result<Vec<u8>> {
    let own = look.template.is_some();
    let failed = |e: String| {
        if own {
            Error::new(Kind::BadInput, format!("the laboratory's PDF layout: {e}"))
                .advise("compare it with the program's own, src/report/pdf/report.typ")
        } else {
            Error::new(Kind::Internal, format!("setting the PDF: {e}"))
        }
    };
    let Content { sheet, files, .. } = content;
    let internal =
        |e: serde_json::Error| Error::new(Kind::Internal, format!("the sheet as JSON: {e}"));
    let mut json = serde_json::to_value(sheet).map_err(internal)?;
    glyphs::show_all(&mut json);
    // The seal's one place: keywords of the document.
    json["seal"] = sheet.seal.as_str().into();
    let json = serde_json::to_vec(&json).map_err(internal)?;
    let drawn: Vec<(&str, Cow<'_, [u8]>)> = files
        .iter()
        .map(|(name, bytes)| {
            let text = name.ends_with(".svg").then(|| String::from_utf8_lossy(bytes));
            let text = text.map(|text| glyphs::shown(&text).into_owned().into_bytes());
            (name.as_str(), text.map_or(Cow::Borrowed(bytes.as_slice()), Cow::Owned))
        })
        .collect();
    let named = drawn.iter().map(|(name, bytes)| (*name, &**bytes));
    let engine = TypstEngine::builder()
        .main_file(look.template.unwrap_or(LAYOUT))
        .fonts(typst_assets::fonts())
        .with_static_file_resolver(named.chain([("sheet.json", json.as_slice())]))
        // Nothing of one report is kept for the next.
        .comemo_evict_max_age(Some(0))
        .build();
    let document: PagedDocument = engine.compile().output.map_err(|e| failed(e.to_string()))?;
    // The standard asks for a date; a draft without one is plain PDF.
    let standard: &[_] = if sheet.date.is_some() { &[PdfStandard::A_2a] } else { &[] };
    let standards = PdfStandards::new(standard)
        .map_err(|e| Error::new(Kind::Internal, format!("the PDF standard: {}", e.message())))?;
    let options = PdfOptions {
        ident: Smart::Custom(sheet.report_id.clone()),
        creator: Smart::Custom(Some(software.to_owned())),
        standards,
        ..PdfOptions::default()
    };
    typst_pdf::pdf(&document, &options).map_err(|errors| {
        failed(errors.iter().map(|e| e.message.to_string()).collect::<Vec<_>>().join("; "))
    })
}
