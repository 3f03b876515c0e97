//! Typed identifiers, so that a casing is never looked up as a firearm.

use crate::error::{Error, Kind, Result};
use crate::message::{Message, say};
use crate::printable::is_none;
use data_encoding::HEXLOWER;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;
use unicode_normalization::UnicodeNormalization as _;
use unicode_properties::{GeneralCategory, UnicodeGeneralCategory as _};
use unicode_security::general_security_profile::{GeneralSecurityProfile, IdentifierType};

/// The longest identifier accepted, in bytes of UTF-8.
pub const MAX_ID_BYTES: usize = 128;

/// What separates an identifier from the code of the agency that it belongs to,
/// where that is another than this laboratory.
pub const OWNER_SEPARATOR: char = '@';

/// The code of the agency that an identifier belongs to; none of one's own.
pub fn owner(id: &str) -> Option<&str> {
    id.rsplit_once(OWNER_SEPARATOR).map(|(_, code)| code)
}

/// Whether a store can hold a text as an identifier: 1–128 bytes, no control
/// characters, no blank at either end.
fn kept(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= MAX_ID_BYTES
        && text.trim() == text
        && !text.chars().any(char::is_control)
}

/// An identifier as it comes in, in Unicode's normal form C, so that one name
/// has one spelling.
///
/// # Errors
/// [`Kind::BadInput`] for what a store cannot hold, and for a character that
/// nobody sees: two identifiers that differ by it look the same on paper.
pub fn normalised(text: &str) -> Result<String> {
    let text: String = text.nfc().collect();
    if let Some((c, what)) = text.chars().find_map(|c| Some((c, unseen(c)?))) {
        let what = say!("it holds {what} U+{:04X}", u32::from(c));
        return Err(
            Error::new(Kind::BadInput, what).advise(say!("type it anew, without that character"))
        );
    }
    if kept(&text) {
        return Ok(text);
    }
    let what = match text.is_empty() {
        true => say!("it is empty"),
        false => say!("it is too long or ends in a blank"),
    };
    Err(Error::new(Kind::BadInput, what)
        .advise(say!("use 1 to 128 bytes, without blanks at the ends")))
}

/// What a character is that does not show, or shows as something else.
fn unseen(c: char) -> Option<Message> {
    match c {
        ' ' => return None,
        '\u{061c}'
        | '\u{200e}'
        | '\u{200f}'
        | '\u{202a}'..='\u{202e}'
        | '\u{2066}'..='\u{2069}' => {
            return Some(say!("the mark for the direction of writing"));
        }
        '\u{2800}' => return Some(say!("the unusual blank")),
        c if is_none(c) => return Some(say!("what is no character,")),
        _ => {}
    }
    match c.general_category() {
        GeneralCategory::Control => return Some(say!("the control character")),
        GeneralCategory::SpaceSeparator => return Some(say!("the unusual blank")),
        GeneralCategory::LineSeparator | GeneralCategory::ParagraphSeparator => {
            return Some(say!("the line break"));
        }
        GeneralCategory::Format => return Some(say!("the invisible character")),
        GeneralCategory::PrivateUse => {
            return Some(say!("the character without an agreed meaning"));
        }
        _ => {}
    }
    let ignored =
        GeneralSecurityProfile::identifier_type(c) == Some(IdentifierType::Default_Ignorable);
    ignored.then(|| say!("the invisible character"))
}

/// The name of an identifier's type as people say it: `CasingId` is a casing id.
fn spoken(name: &str) -> String {
    let mut words = String::new();
    for c in name.chars() {
        if c.is_uppercase() && !words.is_empty() {
            words.push(' ');
        }
        words.extend(c.to_lowercase());
    }
    words
}

macro_rules! string_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// Takes an identifier as it comes in; see [`normalised`].
            pub fn new(text: impl AsRef<str>) -> Result<Self> {
                let text = text.as_ref();
                normalised(text).map(Self).map_err(|e| {
                    let what = say!("{text:?} cannot be a {}: {}", spoken(stringify!($name)), e.what);
                    Error { what, ..e }
                })
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

        /// An identifier that a store holds, as it stands there: what an earlier
        /// version took stays readable.
        impl TryFrom<String> for $name {
            type Error = Error;
            fn try_from(text: String) -> Result<Self> {
                if kept(&text) {
                    return Ok(Self(text));
                }
                let what = say!("{text:?} cannot be a {}", spoken(stringify!($name)));
                Err(Error::new(Kind::BadInput, what)
                    .advise(say!("use 1 to 128 bytes without control characters or blanks at the ends")))
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
            Error::new(Kind::BadInput, say!("{text:?} is not a SHA-256"))
                .advise(say!("write it as 64 digits 0-9, a-f"))
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
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn an_identifier_comes_in_under_one_spelling_and_with_nothing_unseen() {
        let composed = CasingId::new("Pe\u{f1}a-1").unwrap();
        assert_eq!(CasingId::new("Pen\u{303}a-1").unwrap(), composed);
        for (text, named) in [
            ("C\u{200b}1", "invisible character U+200B"),
            ("C\u{feff}1", "invisible character U+FEFF"),
            ("C\u{ad}1", "invisible character U+00AD"),
            ("C1\u{fe0f}", "invisible character U+FE0F"),
            ("C\u{3164}1", "invisible character U+3164"),
            ("C\u{202e}1", "direction of writing U+202E"),
            ("C\u{2067}1", "direction of writing U+2067"),
            ("C\u{a0}1", "unusual blank U+00A0"),
            ("C\t1", "control character U+0009"),
            ("C\u{85}1", "control character U+0085"),
            ("C\u{2028}1", "line break U+2028"),
            ("C\u{e000}1", "U+E000"),
            (" C1", "ends in a blank"),
            ("", "empty"),
        ] {
            let error = CasingId::new(text).unwrap_err();
            assert!(error.what.contains(named), "{text:?}: {}", error.what);
        }
        for text in ["C-1", "FGE/2026 4211", "Ñ-ß", "案-1", "С-1"] {
            assert_eq!(CasingId::new(text).unwrap().as_str(), text);
        }
        // What a store took before stays readable.
        assert!(CasingId::try_from("C\u{a0}1".to_owned()).is_ok());
    }

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
