//! How a report looks, and what sets it on paper.

use crate::laboratory::Paper;
use crate::text::Language;
use types::error::Result;
use types::manuscript::{Manuscript, Setting};

/// How a report is set.
#[derive(Clone, Copy, Debug, Default)]
pub struct Look<'a> {
    /// Language of the text.
    pub language: Language,
    /// Paper of the PDF.
    pub paper: Paper,
    /// The laboratory's own PDF layout (Typst), in place of the built-in one.
    pub template: Option<&'a str>,
    /// What sets PDFs; without it there are none.
    pub typesetter: Option<&'a dyn Typesetter>,
}

/// What sets manuscripts as PDF, wherever it runs.
pub trait Typesetter: std::fmt::Debug + Send + Sync {
    /// The pages, or why the manuscript cannot be set.
    ///
    /// # Errors
    /// Where the typesetter itself failed.
    fn set(&self, manuscript: &Manuscript) -> Result<Setting>;
}
