//! Whose evidence is whose.
//!
//! Outside of its own store an identifier carries its agency's code:
//! `C-001@FGE-CHH` is the casing that FGE-CHH calls `C-001`. At home it keeps
//! its plain name, so two laboratories may both have a `C-001`.

use serde::{Deserialize, Serialize};
use std::fmt;
use types::error::{Error, Kind, Result};
use types::evidence::{MAX_ID_BYTES, OWNER_SEPARATOR, owner};
use types::message::say;

/// The longest code, in bytes.
const MAX_CODE: usize = 32;

/// A short code of an agency, by which others know it: 2 to 32 ASCII letters,
/// digits, `-`, `_` and `.`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct AgencyCode(String);

impl AgencyCode {
    /// Checks and takes a code.
    ///
    /// # Errors
    /// [`Kind::BadInput`] for any other text.
    pub fn new(text: impl Into<String>) -> Result<Self> {
        let text = text.into();
        let usable = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        if (2..=MAX_CODE).contains(&text.len()) && text.chars().all(usable) {
            return Ok(Self(text));
        }
        Err(Error::new(Kind::BadInput, say!("{text:?} cannot be the code of an agency"))
            .advise(say!("use 2 to 32 ASCII letters, digits, hyphens, underscores and full stops")))
    }

    /// The code's text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// How others know what this agency calls `id`; what is another's keeps
    /// its name.
    ///
    /// # Errors
    /// [`Kind::BadInput`] if it becomes too long.
    pub fn qualify(&self, id: &str) -> Result<String> {
        if owner(id).is_some() {
            return Ok(id.to_owned());
        }
        let full = format!("{id}{OWNER_SEPARATOR}{self}");
        if full.len() <= MAX_ID_BYTES {
            return Ok(full);
        }
        let what = say!("{id:?} is too long to be shared as {full:?}");
        Err(Error::new(Kind::BadInput, what).advise(say!("give it a shorter name")))
    }

    /// What this agency calls `id`: its own without the code.
    pub fn localise<'a>(&self, id: &'a str) -> &'a str {
        match id.rsplit_once(OWNER_SEPARATOR) {
            Some((local, code)) if code == self.0 => local,
            _ => id,
        }
    }
}

impl fmt::Display for AgencyCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl std::str::FromStr for AgencyCode {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self> {
        Self::new(text)
    }
}

impl TryFrom<String> for AgencyCode {
    type Error = Error;
    fn try_from(text: String) -> Result<Self> {
        Self::new(text)
    }
}

impl From<AgencyCode> for String {
    fn from(code: AgencyCode) -> Self {
        code.0
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn an_identifier_goes_out_and_comes_home() {
        let (own, other) = (AgencyCode::new("FGE-CHH").unwrap(), AgencyCode::new("ATF").unwrap());
        let out = own.qualify("C-001").unwrap();
        assert_eq!(out, "C-001@FGE-CHH");
        assert_eq!((own.localise(&out), other.localise(&out)), ("C-001", out.as_str()));
        assert_eq!((owner(&out), owner("C-001")), (Some("FGE-CHH"), None));
        assert_eq!(own.qualify("C-001@ATF").unwrap(), "C-001@ATF", "another's stays another's");
        assert!(own.qualify(&"x".repeat(125)).is_err());
        for text in ["", "A", "FGE CHH", "A@B", "á-1", &"x".repeat(33)] {
            assert!(AgencyCode::new(text).is_err(), "{text:?}");
        }
    }
}
