//! What a report can be written as.

use serde::{Deserialize, Serialize};
use types::error::{Error, Kind, Result};
use types::message::say;

/// What a report can be written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// One self-contained page.
    Html,
    /// The whole model.
    Json,
    /// A flat table.
    Csv,
    /// Pages to print and to file (PDF/A-2a).
    Pdf,
}

impl Format {
    /// Every format, in order.
    pub const ALL: &'static [Self] = &[Self::Html, Self::Json, Self::Csv, Self::Pdf];

    /// Those that are written where nothing else is asked for: PDF takes longer
    /// than all others together.
    pub const USUAL: &'static [Self] = &[Self::Html, Self::Json, Self::Csv];

    /// The word on the command line and the file's extension.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Html => "html",
            Self::Json => "json",
            Self::Csv => "csv",
            Self::Pdf => "pdf",
        }
    }
}

impl std::str::FromStr for Format {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self> {
        Self::ALL.iter().copied().find(|f| f.word().eq_ignore_ascii_case(text.trim())).ok_or_else(
            || {
                Error::new(Kind::BadInput, say!("{text:?} is not a report format"))
                    .advise(say!("use html, json, csv or pdf"))
            },
        )
    }
}
