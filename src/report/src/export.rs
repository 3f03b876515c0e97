//! A report or a validation in one format, sealed.

use crate::csv::to_csv;
use crate::document;
use crate::format::Format;
use crate::html::{self, to_html};
use crate::json::to_json;
use crate::laboratory::Laboratory;
use crate::look::Look;
use crate::model::{Report, ReportHeader};
use crate::pdf::{self, to_pdf};
use crate::seal::{self, Seal};
use crate::validation::Page;
use statistics::weigh::Validation;
use types::error::{Error, Kind, Result};
use types::evidence::Digest;
use types::message::say;

/// `report` in one format, sealed.
///
/// # Errors
/// [`Kind::BadInput`] for a PDF layout that cannot be used, or a PDF where the look
/// names no typesetter; those of the typesetter.
pub fn export(report: &Report, look: &Look, format: Format) -> Result<(Vec<u8>, Seal)> {
    seal::seal(match format {
        Format::Html => to_html(report, look.language)?.into_bytes(),
        Format::Json => to_json(report)?.into_bytes(),
        Format::Csv => to_csv(report)?.into_bytes(),
        Format::Pdf => to_pdf(report, look)?,
    })
}

/// A validation with what its report says of itself.
#[derive(Clone, Debug)]
pub struct ValidationReport<'a> {
    /// The figures and curves.
    pub validation: &'a Validation,
    /// A title in place of the usual one.
    pub title: Option<&'a str>,
    /// Who issues it.
    pub laboratory: Laboratory,
    /// Day of issue, ISO 8601.
    pub issued: Option<String>,
}

impl ValidationReport<'_> {
    /// The report as HTML or PDF, sealed. Its id follows from its figures.
    ///
    /// # Errors
    /// [`Kind::BadInput`] for another format, or where PDF cannot be made.
    pub fn export(&self, look: &Look, format: Format) -> Result<(Vec<u8>, Seal)> {
        let figures = serde_json::to_vec(self.validation).map_err(|e| {
            Error::new(Kind::Internal, say!("a validation as JSON: {e}")).because(&e)
        })?;
        let digest = Digest::of(&figures);
        let id = format!("V-{}", digest.short());
        let mut header = ReportHeader::new(id, digest, self.laboratory.clone());
        header.issued.clone_from(&self.issued);
        let page = Page::of(self.validation, self.title, look.language);
        let title = page.title.clone();
        let body = document::validation(&header, page, look.language.strings());
        seal::seal(match format {
            Format::Html => html::page(&header, &title, &body, look.language).into_bytes(),
            Format::Pdf => pdf::pages(&header, &title, &body, look)?,
            Format::Json | Format::Csv => {
                return Err(Error::new(Kind::BadInput, say!("a validation's page is HTML or PDF"))
                    .advise(say!(
                        "its figures are written as JSON by `brasslink validate --json`"
                    )));
            }
        })
    }
}
