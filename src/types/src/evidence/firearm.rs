//! Firearms, and what happened to them.

use super::words::word_enum;
use super::{AgencyId, CaseId, Country, FirearmEventId, FirearmId, PartialDate, Place};
use crate::error::{Error, Kind, Result};
use crate::message::say;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

word_enum!(
    /// The sort of a firearm.
    FirearmType {
        /// Semi-automatic pistol.
        Pistol = "pistol" | "pistola",
        /// Revolver.
        Revolver = "revolver",
        /// Rifle or carbine.
        Rifle = "rifle" | "carbine",
        /// Shotgun.
        Shotgun = "shotgun" | "escopeta",
        /// Machine gun or submachine gun.
        MachineGun = "machine_gun" | "submachine_gun",
        /// Anything else, frames and receivers among them.
        Other = "other",
    }
);

/// A serial number as it was read off the firearm. Not looked at is
/// `Option::None`.
///
/// Written as it stands, with `?` for each character that cannot be read;
/// `obliterated` where nothing is legible, `none` where there never was one.
#[derive(
    Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String")]
pub enum Serial {
    /// Every character is legible.
    Legible(String),
    /// Some characters cannot be read: `?` each.
    Partial(String),
    /// It was removed or cannot be read at all.
    Obliterated,
    /// The firearm never had one.
    Absent,
}

impl Serial {
    /// What can be read, `?` for what cannot; none where that is nothing.
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Legible(text) | Self::Partial(text) => Some(text),
            Self::Obliterated | Self::Absent => None,
        }
    }
}

/// The longest serial number accepted, in bytes.
const MAX_SERIAL: usize = 64;

impl FromStr for Serial {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let text = text.trim();
        let readable = text.chars().any(|c| c.is_alphanumeric());
        match text.to_lowercase().as_str() {
            "obliterated" | "obl" | "borrado" => Ok(Self::Obliterated),
            "none" | "ninguno" => Ok(Self::Absent),
            lower if !lower.is_empty() && lower.chars().all(|c| c == '?') => Ok(Self::Obliterated),
            _ if !readable || text.len() > MAX_SERIAL || text.chars().any(char::is_control) => {
                Err(Error::new(Kind::BadInput, say!("{text:?} is no serial number")).advise(say!(
                    "write what can be read, ? for what cannot; obliterated, or none"
                )))
            }
            _ if text.contains('?') => Ok(Self::Partial(text.to_owned())),
            _ => Ok(Self::Legible(text.to_owned())),
        }
    }
}

impl fmt::Display for Serial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Legible(text) | Self::Partial(text) => text,
            Self::Obliterated => "obliterated",
            Self::Absent => "none",
        })
    }
}

impl TryFrom<String> for Serial {
    type Error = Error;
    fn try_from(text: String) -> Result<Self> {
        text.parse()
    }
}

impl From<Serial> for String {
    fn from(serial: Serial) -> Self {
        serial.to_string()
    }
}

/// A firearm, recovered or known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Firearm {
    /// Its identifier; test fires name it.
    pub id: FirearmId,
    /// What it is, as far as that is known.
    #[serde(flatten)]
    pub description: Description,
}

/// What can be read off a firearm.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Description {
    /// What sort of firearm.
    #[serde(rename = "type")]
    pub sort: Option<FirearmType>,
    /// Who made it.
    pub make: Option<String>,
    /// The maker's model.
    pub model: Option<String>,
    /// Calibre as written on it or by the laboratory.
    pub calibre: Option<String>,
    /// The maker's serial number.
    pub serial: Option<Serial>,
    /// Who imported it.
    pub importer: Option<String>,
    /// The importer's own serial number, where there is one beside the maker's.
    pub importer_serial: Option<Serial>,
    /// Where it was made.
    pub country: Option<Country>,
}

word_enum!(
    /// What happened to a firearm.
    FirearmEventKind {
        /// It was recovered by an agency.
        Recovered = "recovered" | "recovery",
        /// A laboratory fired it.
        TestFired = "test_fired" | "test_fire",
        /// Somebody bought it. Who, is kept with traces, apart from this.
        Purchased = "purchased" | "purchase",
    }
);

/// Something that happened to a firearm.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FirearmEvent {
    /// Its identifier.
    pub id: FirearmEventId,
    /// The firearm.
    pub firearm: FirearmId,
    /// What happened.
    pub kind: FirearmEventKind,
    /// When it happened.
    pub date: Option<PartialDate>,
    /// Where it happened.
    #[serde(default)]
    pub place: Place,
    /// The agency that recovered or fired it.
    pub agency: Option<AgencyId>,
    /// The case it belongs to.
    pub case: Option<CaseId>,
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_serial_number_says_what_could_be_read() {
        let read = |text: &str| text.parse::<Serial>().unwrap();
        assert_eq!(read(" PT-92 1187 "), Serial::Legible("PT-92 1187".into()));
        assert_eq!(read("AB?12?").text(), Some("AB?12?"));
        assert_eq!(read("???"), Serial::Obliterated);
        assert_eq!((read("Obliterated"), read("none")), (Serial::Obliterated, Serial::Absent));
        for text in ["AB?12?", "AB112", "obliterated", "none"] {
            assert_eq!(read(text).to_string(), text);
        }
        assert!("".parse::<Serial>().is_err() && "--".parse::<Serial>().is_err());
    }
}
