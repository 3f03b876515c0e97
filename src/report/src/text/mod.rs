//! The words of a report, one complete set per language: a sentence missing
//! from one of them does not compile.

mod catalogue;
mod decisions;
mod en;
mod es;
mod firearms;
mod language;
mod letter;
mod marks;
mod microscope;
mod numbers;
mod older;
mod strings;
mod theirs;
mod weight;

pub use catalogue::Catalogue;
pub use language::Language;
pub(super) use microscope::Hands;
pub use numbers::probability;
pub(super) use numbers::{grouped, rounded};
pub(super) use strings::Strings;

use types::error::{Error, Kind, Result};
use types::message::{Message, say};

impl Language {
    /// Every language.
    pub const ALL: &'static [Self] = &[Self::English, Self::Spanish];

    /// The ISO 639-1 code.
    pub const fn code(self) -> &'static str {
        self.strings().code
    }

    /// The catalogue of the program's own words; English is their code.
    pub fn catalogue(self) -> Option<&'static Catalogue> {
        match self {
            Self::English => None,
            Self::Spanish => Some(&catalogue::SPANISH),
        }
    }

    /// A message in this language.
    pub fn tell(self, message: &Message) -> String {
        self.catalogue().map_or_else(|| message.to_string(), |catalogue| catalogue.tell(message))
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
            Error::new(Kind::BadInput, say!("{text:?} is no language of this program"))
                .advise(say!("use en or es"))
        })
    }
}
