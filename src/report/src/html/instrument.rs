//! The comparison microscope alone, for a page that is no report.

use super::microscope::microscope;
use super::picture::definitions;
use crate::document::instrument_pairs;
use crate::model::{Findings, MarkFacts};
use crate::plates::plates;
use crate::text::Language;
use maud::html;
use types::error::Result;

/// The pictures of these findings and the microscope that shows them, as HTML
/// without a script: [`super::SCRIPT`] wakes it. Cells are drawn when asked for.
/// What is not in the findings is not in it: without cells it tells no pose.
/// `more` is the address under which a server gives [`crate::picture::Heights`], as
/// `more/KIND/a/filtered`; keys are then the microscope's on the whole page.
///
/// # Errors
/// [`types::error::Kind::Internal`] if a picture cannot be encoded.
pub fn instrument(findings: &[Findings], more: Option<&str>, language: Language) -> Result<String> {
    let plates = plates(findings)?;
    let pairs = instrument_pairs(findings, &plates);
    let t = language.strings();
    Ok(html! { (definitions(&plates, &[])) (microscope(&pairs, false, more, t)) }.into_string())
}

/// A mark's kind and how it was measured, in words.
pub fn mark_name(mark: &MarkFacts, language: Language) -> String {
    language.strings().named(mark)
}
