//! A seal over a report's own bytes, alike in every format.
//!
//! A file holds `brasslink-seal:REPORT:DIGEST` in the one place that its format
//! has for it: a page in a `meta` of its head, JSON as its first field, CSV as
//! the last heading, a PDF in its keywords, which it keeps twice. Nothing from
//! data can stand there: a casing may bear whatever name it likes. DIGEST is
//! the SHA-256 of the file with zeros in that place. It tells a file that was
//! damaged or edited; whether one was sealed anew after an edit only the store
//! can tell, which keeps the seals of the reports it issued.

use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use types::error::{Error, Kind, Result};
use types::evidence::Digest;
use types::message::say;

const MARK: &[u8] = b"brasslink-seal:";
const DIGITS: usize = 64;
/// A report's name within a seal is no longer than this.
const LONGEST_NAME: usize = 80;

/// What a file's seal says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Seal(pub Digest);

impl std::fmt::Display for Seal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// A file's seal held against its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inspection {
    /// The report it says it is.
    pub report_id: String,
    /// The seal it bears; none where it bears several that differ.
    pub stated: Option<Seal>,
    /// The seal that its bytes ask for.
    pub actual: Seal,
}

impl Inspection {
    /// Whether the file is as it was sealed.
    pub fn intact(&self) -> bool {
        self.stated == Some(self.actual)
    }
}

/// The name of a report within its seal: letters, digits and hyphens.
pub fn name(report_id: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-';
    if !report_id.is_empty() && report_id.len() <= LONGEST_NAME && report_id.chars().all(plain) {
        report_id.to_owned()
    } else {
        Digest::of(report_id.as_bytes()).short()
    }
}

/// What an exporter puts into a file where its seal will stand.
pub fn blank(report_id: &str) -> String {
    let mark = String::from_utf8_lossy(MARK);
    format!("{mark}{}:{}", name(report_id), "0".repeat(DIGITS))
}

/// Fills in the seal of a file made with [`blank`].
///
/// # Errors
/// [`Kind::Internal`] if there is no place for it.
pub fn seal(mut bytes: Vec<u8>) -> Result<(Vec<u8>, Seal)> {
    let places = places(&bytes);
    if places.is_empty() {
        return Err(Error::new(Kind::Internal, say!("the report has no place for its seal")));
    }
    let digest = Seal(Digest::of(&bytes));
    let text = digest.to_string();
    for place in places {
        if let Some(digits) = bytes.get_mut(place.digits..place.digits + DIGITS) {
            digits.copy_from_slice(text.as_bytes());
        }
    }
    Ok((bytes, digest))
}

/// Holds a file's seal against its bytes; none where it bears no seal.
pub fn inspect(bytes: &[u8]) -> Option<Inspection> {
    let places = places(bytes);
    let first = places.first()?;
    let mut blank = bytes.to_vec();
    let mut stated = Vec::new();
    for place in &places {
        let digits = blank.get_mut(place.digits..place.digits + DIGITS)?;
        stated.push(String::from_utf8_lossy(digits).into_owned());
        digits.fill(b'0');
    }
    let agree = places.iter().all(|p| p.name == first.name)
        && stated.windows(2).all(|w| w.first() == w.last());
    Some(Inspection {
        report_id: first.name.clone(),
        stated: stated
            .into_iter()
            .next()
            .filter(|_| agree)
            .and_then(|s| Digest::try_from(s).ok())
            .map(Seal),
        actual: Seal(Digest::of(&blank)),
    })
}

/// A text in which nothing looks like a seal, for a PDF, where the place of a
/// text does not tell data from the program's own.
pub fn without(text: &str) -> Cow<'_, str> {
    let mark = String::from_utf8_lossy(MARK);
    if text.contains(&*mark) {
        Cow::Owned(text.replace(&*mark, "brasslink-seal :"))
    } else {
        Cow::Borrowed(text)
    }
}

struct SealPosition {
    name: String,
    /// Where the digits begin.
    digits: usize,
}

/// What stands before the seal in a page; data cannot hold a bare `<` or `"`.
const IN_PAGE: &[u8] = b"<meta name=\"brasslink-seal\" content=\"";
/// How a JSON report begins.
const IN_JSON: &[u8] = b"{\n  \"seal\": \"";

/// Where the seal of a file of any format stands.
fn places(bytes: &[u8]) -> Vec<SealPosition> {
    let at = |start: usize| place(bytes, start).into_iter().collect();
    if bytes.starts_with(b"%PDF-") {
        // Texts of data that look like a seal do not get into a PDF: see `without`.
        let mut found = Vec::new();
        let mut from = 0;
        while let Some(next) = bytes.get(from..).and_then(|rest| find(rest, MARK)) {
            found.extend(place(bytes, from + next));
            from += next + MARK.len();
        }
        return found;
    }
    if bytes.starts_with(IN_JSON) {
        return at(IN_JSON.len());
    }
    if bytes.starts_with(b"<") {
        return find(bytes, IN_PAGE).map_or_else(Vec::new, |tag| at(tag + IN_PAGE.len()));
    }
    // The headings of a table are the program's own, and the seal is the last.
    let heading = bytes.split(|b| *b == b'\n').next().unwrap_or_default();
    find(heading, MARK).map_or_else(Vec::new, at)
}

/// The seal that begins at `start`, if one does.
fn place(bytes: &[u8], start: usize) -> Option<SealPosition> {
    let rest = bytes.get(start..)?.strip_prefix(MARK)?;
    let length = rest.iter().take(LONGEST_NAME + 1).position(|b| *b == b':')?;
    let name = String::from_utf8_lossy(rest.get(..length)?).into_owned();
    let digits = start + MARK.len() + length + 1;
    let hex = |b: &u8| matches!(b, b'0'..=b'9' | b'a'..=b'f');
    let sealed = bytes.get(digits..digits + DIGITS)?.iter().all(hex);
    sealed.then_some(SealPosition { name, digits })
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack.windows(needle.len()).position(|w| w == needle)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn one_changed_byte_anywhere_breaks_the_seal() {
        let text = format!("%PDF-1.7 one {} two {} three", blank("BL-1"), blank("BL-1"));
        let (sealed, seal) = seal(text.into_bytes()).unwrap();
        let inspection = inspect(&sealed).unwrap();
        assert!(inspection.intact());
        assert_eq!((inspection.report_id.as_str(), inspection.stated), ("BL-1", Some(seal)));
        for at in 0..sealed.len() {
            let mut edited = sealed.clone();
            edited[at] ^= 1;
            assert!(!inspect(&edited).is_some_and(|i| i.intact()), "byte {at}");
        }
        assert!(inspect(b"no seal here").is_none());
        assert!(super::seal(b"no place".to_vec()).is_err());
    }

    #[test]
    fn data_that_looks_like_a_seal_is_no_seal_in_a_pdf() {
        assert_eq!(without("9x19 mm"), "9x19 mm");
        assert_eq!(without("a brasslink-seal:x:00"), "a brasslink-seal :x:00");
    }

    #[test]
    fn a_hostile_report_id_cannot_break_out_of_its_seal() {
        assert_eq!(name("BL-5fbc4ecef123ff38"), "BL-5fbc4ecef123ff38");
        for id in ["", "R-2026-<001>", "a\"b", "x:y", &"n".repeat(500)] {
            assert!(name(id).chars().all(|c| c.is_ascii_hexdigit()), "{id}");
        }
    }
}
