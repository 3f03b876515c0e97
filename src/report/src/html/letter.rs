//! A lead letter as HTML: for a page of a server, and as a page of its own.

use super::blocks::{Page, blocks};
use crate::document;
use crate::model::{Findings, LeadLetter};
use crate::text::Language;
use std::collections::BTreeSet;
use types::error::Result;

/// What a letter says, without a page around it.
///
/// # Errors
/// Where a picture cannot be made.
pub fn letter_body(
    letter: &LeadLetter,
    findings: &[Findings],
    language: Language,
) -> Result<String> {
    let t = language.strings();
    let page = Page { reported: BTreeSet::new(), t };
    Ok(blocks(&document::letter(letter, findings, t)?, &page).into_string())
}

/// A letter as one file that asks nothing of a network.
///
/// # Errors
/// As [`letter_body`].
pub fn letter_page(
    letter: &LeadLetter,
    findings: &[Findings],
    language: Language,
) -> Result<String> {
    let t = language.strings();
    let body = document::letter(letter, findings, t)?;
    Ok(super::page(&letter.header, t.letter.title, &body, language))
}
