//! Agencies and their cases.

use super::{AgencyId, CaseId};
use crate::error::{Error, Kind, Result};
use crate::message::say;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// A country by its ISO 3166-1 code of two letters: `MX`, `US`, `AT`.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String")]
pub struct Country([u8; 2]);

impl Country {
    /// The code.
    pub fn as_str(&self) -> &str {
        // Made of ASCII letters only.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl FromStr for Country {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        match text.to_ascii_uppercase().as_bytes() {
            &[a, b] if a.is_ascii_alphabetic() && b.is_ascii_alphabetic() => Ok(Self([a, b])),
            _ => Err(Error::new(Kind::BadInput, say!("{text:?} is no country's code"))
                .advise(say!("two letters of ISO 3166-1, such as MX or US"))),
        }
    }
}

impl TryFrom<String> for Country {
    type Error = Error;
    fn try_from(text: String) -> Result<Self> {
        text.parse()
    }
}

impl From<Country> for String {
    fn from(country: Country) -> Self {
        country.as_str().to_owned()
    }
}

impl fmt::Display for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A police force, prosecutor's office or laboratory.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Agency {
    /// Its identifier; an ORI where it has one ([`AgencyId::is_ori`]).
    pub id: AgencyId,
    /// Its name.
    pub name: String,
    /// The country it belongs to, where known.
    pub country: Option<Country>,
    /// ISO 3166-2 code of its state, where it is one state's.
    pub state: Option<String>,
}

impl AgencyId {
    /// Whether it has the form of an NCIC originating agency identifier: two
    /// letters of the state and seven letters or digits.
    pub fn is_ori(&self) -> bool {
        let bytes = self.as_str().as_bytes();
        bytes.len() == 9
            && bytes.iter().take(2).all(u8::is_ascii_uppercase)
            && bytes.iter().all(|b| b.is_ascii_digit() || b.is_ascii_uppercase())
    }
}

/// One agency's case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Case {
    /// Its number.
    pub id: CaseId,
    /// Who handles it.
    pub agency: Option<AgencyId>,
    /// Cases known to be connected with it before anything was compared; a
    /// link with one of them is no hit.
    #[serde(default)]
    pub connected: Vec<CaseId>,
}
