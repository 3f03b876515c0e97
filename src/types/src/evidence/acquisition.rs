//! Two scans that look like one acquisition under two names.

use super::{CasingId, Digest};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How alike the finest detail of two scans is, at their best pose.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Likeness {
    /// Correlation of the waves in `band_um`, −1 to 1, each frequency counting
    /// alike.
    pub correlation: f64,
    /// The waves: the finest that both scans hold, in micrometres.
    pub band_um: (f64, f64),
    /// Area compared in mm².
    pub area_mm2: f64,
}

/// What speaks for two scans being one acquisition.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Sameness {
    /// Every height or grey value is the same.
    SameValues,
    /// They agree more closely than two measurements do.
    NearIdentical(Likeness),
}

impl Sameness {
    /// The word for it in tables and JSON.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::SameValues => "same_values",
            Self::NearIdentical(_) => "near_identical",
        }
    }
}

/// Two casings whose scans look like one acquisition.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SameAcquisition {
    /// The casing whose identifier sorts first.
    pub a: CasingId,
    /// The casing that the scan also stands under.
    pub b: CasingId,
    /// Their scans, by the files' digests.
    pub scans: [Digest; 2],
    /// What speaks for it.
    pub why: Sameness,
}

impl SameAcquisition {
    /// Two scans, each with its casing, in either order.
    pub fn new(one: (CasingId, Digest), other: (CasingId, Digest), why: Sameness) -> Self {
        let ((a, x), (b, y)) = if one <= other { (one, other) } else { (other, one) };
        Self { a, b, scans: [x, y], why }
    }
}
