//! How good the likelihood ratios of a population are, as a page and on paper.
//!
//! The figures and curves are those of [`statistics::weigh`]; here they get words,
//! in either language, and a seal.

mod curves;
mod page;
mod plot;
mod words;

pub use page::{Grid, Page};

use super::model::Header;
use super::pdf::validation as to_pdf;
use super::seal::{self, Seal};
use super::write::Look;
use super::{Format, Laboratory, html};
use statistics::weigh::Validation;
use types::error::{Error, Kind, Result};
use types::evidence::Digest;

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
        let figures = serde_json::to_vec(self.validation)
            .map_err(|e| Error::new(Kind::Internal, format!("a validation as JSON: {e}")))?;
        let digest = Digest::of(&figures);
        let id = format!("V-{}", digest.short());
        let mut header = Header::new(id, digest, self.laboratory.clone());
        header.issued.clone_from(&self.issued);
        let page = Page::of(self.validation, self.title, look.language);
        seal::seal(match format {
            Format::Html => html::validation(&header, &page, look.language).into_bytes(),
            Format::Pdf => to_pdf(&header, &page, look)?,
            Format::Json | Format::Csv => {
                return Err(Error::new(Kind::BadInput, "a validation's page is HTML or PDF")
                    .advise("its figures are written as JSON by `brasslink validate --json`"));
            }
        })
    }
}
