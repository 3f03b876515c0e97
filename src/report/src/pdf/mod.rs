//! A report on paper: PDF/A-2a, tagged, with bookmarks and embedded fonts.
//!
//! What stands on the pages is gathered in a [`Sheet`](sheet::Sheet); how it is
//! set is the business of `report.typ`, which a laboratory can replace. Both make
//! a [`Manuscript`], which a [`Typesetter`](crate::look::Typesetter) sets.

mod blocks;
mod content;
mod picture;
mod sheet;
mod table;

use crate::document::{self, Block, Letterhead};
use crate::look::Look;
use crate::model::{Report, ReportHeader};
use crate::seal;
use content::Content;
use serde_json::Value;
use std::borrow::Cow;
use types::error::{Error, Kind, Result};
use types::manuscript::{Manuscript, Setting};
use types::message::say;

const LAYOUT: &str = include_str!("report.typ");

/// The report as PDF with a place for its seal.
///
/// # Errors
/// [`Kind::BadInput`] where the laboratory's own layout cannot be used or nothing
/// is there that sets pages; those of the typesetter.
pub fn to_pdf(report: &Report, look: &Look) -> Result<Vec<u8>> {
    let t = look.language.strings();
    let body = document::document(report, t)?;
    pages(report.header(), &document::subject(report, t), &body, look)
}

/// Pages of these blocks alone.
///
/// # Errors
/// Those of [`to_pdf`].
pub fn pages(header: &ReportHeader, title: &str, body: &[Block], look: &Look) -> Result<Vec<u8>> {
    let letterhead = Letterhead::of(header, title, look.language.strings());
    let mut content = Content::begin(header, letterhead, look.paper);
    content.blocks(body)?;
    typeset(content, &header.software, look)
}

/// Sets pages; `software` made them.
fn typeset(content: Content, software: &str, look: &Look) -> Result<Vec<u8>> {
    let Some(typesetter) = look.typesetter else {
        return Err(Error::new(Kind::BadInput, say!("there is nothing here that sets a PDF"))
            .advise(say!("ask for html, json and csv")));
    };
    match typesetter.set(&manuscript(content, software, look)?)? {
        Setting::Pages(pdf) => Ok(pdf),
        Setting::Failed(why) if look.template.is_some() => {
            Err(Error::new(Kind::BadInput, say!("the laboratory's PDF layout: {why}"))
                .advise(say!("compare it with the program's own, src/report/src/pdf/report.typ")))
        }
        Setting::Failed(why) => Err(Error::new(Kind::Internal, say!("setting the PDF: {why}"))),
    }
}

/// What the typesetter is given.
fn manuscript(content: Content, software: &str, look: &Look) -> Result<Manuscript> {
    let Content { sheet, mut files, .. } = content;
    let json = |e: serde_json::Error| {
        Error::new(Kind::Internal, say!("the sheet as JSON: {e}")).because(&e)
    };
    let mut value = serde_json::to_value(&sheet).map_err(json)?;
    without_seals(&mut value);
    // The seal's one place: keywords of the document.
    value["seal"] = sheet.seal.as_str().into();
    for (_, bytes) in files.iter_mut().filter(|(name, _)| name.ends_with(".svg")) {
        if let Cow::Owned(text) = seal::without(&String::from_utf8_lossy(bytes)) {
            *bytes = text.into_bytes();
        }
    }
    Ok(Manuscript {
        layout: look.template.unwrap_or(LAYOUT).to_owned(),
        sheet: serde_json::to_vec(&value).map_err(json)?,
        files,
        identifier: sheet.report_id,
        creator: software.to_owned(),
        // The standard asks for a date; a draft without one is plain PDF.
        archival: sheet.date.is_some(),
    })
}

/// Takes what looks like a seal out of every text within `value`.
fn without_seals(value: &mut Value) {
    match value {
        Value::String(text) => {
            if let Cow::Owned(other) = seal::without(text) {
                *text = other;
            }
        }
        Value::Array(all) => all.iter_mut().for_each(without_seals),
        Value::Object(map) => map.values_mut().for_each(without_seals),
        _ => {}
    }
}
