//! Typed identifiers, so that a casing is never looked up as a firearm.

use crate::error::{Error, Kind, Result};
use data_encoding::HEXLOWER;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;

/// The longest identifier accepted, in bytes of UTF-8.
pub const MAX_ID_BYTES: usize = 128;

/// What separates an identifier from the code of the agency that it belongs to,
/// where that is another than this laboratory.
pub const OWNER_SEPARATOR: char = '@';

/// The code of the agency that an identifier belongs to; none of one's own.
pub fn owner(id: &str) -> Option<&str> {
    id.rsplit_once(OWNER_SEPARATOR).map(|(_, code)| code)
}

macro_rules! string_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// Checks and takes an identifier: 1–128 bytes, no control
            /// characters, no blank at either end.
            pub fn new(text: impl Into<String>) -> Result<Self> {
                let text = text.into();
                let usable = !text.is_empty()
                    && text.len() <= MAX_ID_BYTES
                    && text.trim() == text
                    && !text.chars().any(char::is_control);
                if usable {
                    return Ok(Self(text));
                }
                Err(Error::new(
                    Kind::BadInput,
                    format!("{text:?} cannot be a {}", stringify!($name)),
                )
                .advise("use 1 to 128 bytes without control characters or blanks at the ends"))
            }

            /// The identifier's text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl std::str::FromStr for $name {
            type Err = Error;
            fn from_str(text: &str) -> Result<Self> {
                Self::new(text)
            }
        }

        impl TryFrom<String> for $name {
            type Error = Error;
            fn try_from(text: String) -> Result<Self> {
                Self::new(text)
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.0
            }
        }
    };
}

string_id!(
    /// The laboratory's name of one fired cartridge case.
    CasingId
);
string_id!(
    /// A firearm, recovered or known.
    FirearmId
);
string_id!(
    /// A crime scene or other event at which casings were found.
    SceneId
);
string_id!(
    /// An agency's case number.
    CaseId
);
string_id!(
    /// An agency: its ORI, or a name of the laboratory's choosing.
    AgencyId
);
string_id!(
    /// An item in custody.
    ExhibitId
);
string_id!(
    /// One hand-over of an exhibit.
    MovementId
);
string_id!(
    /// One notice of leads.
    NotificationId
);
string_id!(
    /// Something that happened to a firearm: recovered, test-fired, bought.
    FirearmEventId
);
string_id!(
    /// A request that a firearm be traced, and the result it got.
    TraceId
);
string_id!(
    /// A shipment by air, parcel, land or sea.
    ShipmentId
);
string_id!(
    /// One prepared mark: made of the scan's digest, the mark kind and the
    /// recipe hash, so that the same input always has the same id.
    MarkId
);

/// A SHA-256 digest.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
pub struct Digest(pub [u8; 32]);

impl Digest {
    /// The SHA-256 of some bytes.
    pub fn of(bytes: &[u8]) -> Self {
        use sha2::Digest as _;
        Self(sha2::Sha256::digest(bytes).into())
    }

    /// The first 8 bytes in hexadecimal, for names and screens.
    pub fn short(&self) -> String {
        HEXLOWER.encode(&self.0[..8])
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&HEXLOWER.encode(&self.0))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Digest({self})")
    }
}

impl TryFrom<String> for Digest {
    type Error = Error;
    fn try_from(text: String) -> Result<Self> {
        // One digest has one spelling, so that texts can be compared.
        let bytes = HEXLOWER.decode(text.as_bytes()).ok().and_then(|b| b.try_into().ok());
        bytes.map(Self).ok_or_else(|| {
            Error::new(Kind::BadInput, format!("{text:?} is not a SHA-256"))
                .advise("write it as 64 digits 0-9, a-f")
        })
    }
}

impl From<Digest> for String {
    fn from(digest: Digest) -> Self {
        digest.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_has_exactly_one_spelling() {
        let digest = Digest::of(b"casing");
        let text = digest.to_string();
        assert_eq!(Digest::try_from(text.clone()).ok(), Some(digest));
        let wrong = [
            text.to_uppercase(),
            format!("+{}", &text[1..]),
            format!(" {}", &text[1..]),
            format!("{}é", &text[2..]),
            text[1..].to_owned(),
            format!("{text}0"),
            String::new(),
        ];
        for spelling in wrong {
            assert!(Digest::try_from(spelling.clone()).is_err(), "{spelling:?}");
        }
    }
}
