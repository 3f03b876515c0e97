//! The words of a report, one complete set per language: a sentence missing
//! from one of them does not compile.

mod decisions;
mod en;
mod es;
mod firearms;
mod language;
mod marks;
mod numbers;
mod phrases;
mod strings;
mod theirs;
mod weight;

pub use language::Language;
pub use numbers::probability;
pub(super) use numbers::{grouped, rounded};
pub(super) use strings::Strings;

use types::error::{Error, Kind, Result};

impl Language {
    /// Every language.
    pub const ALL: &'static [Self] = &[Self::English, Self::Spanish];

    /// The ISO 639-1 code.
    pub const fn code(self) -> &'static str {
        self.strings().code
    }

    pub(super) const fn strings(self) -> &'static Strings {
        match self {
            Self::English => &en::ENGLISH,
            Self::Spanish => &es::SPANISH,
        }
    }
}

impl std::str::FromStr for Language {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self> {
        let wanted = text.trim().to_ascii_lowercase();
        Self::ALL.iter().copied().find(|l| l.code() == wanted).ok_or_else(|| {
            Error::new(Kind::BadInput, format!("there are no reports in {text:?}"))
                .advise("use en or es")
        })
    }
}
