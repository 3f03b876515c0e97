//! File → [`Scan`]: recognised by content, read within limits, digested.

use crate::evidence::Digest;
use crate::surface::{Mask, Surface};

/// File formats, recognised by content and not by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// ISO 25178-72 surface file.
    X3p,
    /// Portable Network Graphics.
    Png,
    /// Tagged Image File Format.
    Tiff,
    /// JPEG.
    Jpeg,
    /// Windows bitmap.
    Bmp,
}

/// One acquisition of one casing, as read from its file.
#[derive(Clone, Debug)]
pub struct Scan {
    /// What was measured.
    pub surface: Surface,
    /// A mask the file carries, `true` = the mark; same shape as the surface.
    pub file_mask: Option<Mask>,
    /// The format of the file.
    pub format: Format,
    /// SHA-256 of the file's bytes.
    pub sha256: Digest,
    /// Length of the file in bytes.
    pub bytes: u64,
    /// Instrument maker and model, where the file says.
    pub instrument: Option<String>,
    /// When it was measured, as the file says it.
    pub acquired: Option<String>,
    /// Faults of the file that were understood and tolerated.
    pub warnings: Vec<String>,
}
