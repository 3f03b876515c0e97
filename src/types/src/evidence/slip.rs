//! Slips in writing a serial number.

use serde::Serialize;

/// How one spelling of a serial number became another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Slip {
    /// The same letters and digits; blanks, hyphens and case may differ.
    Same,
    /// Look-alikes were taken for each other: O and 0, I and 1, S and 5, B and 8.
    LookAlike,
    /// A character that one could not read.
    Unreadable,
    /// Two neighbouring characters changed places.
    Transposed,
    /// One character was mistyped.
    Mistyped,
    /// The second lacks a character.
    Dropped,
    /// The second has a character too many.
    Added,
}
