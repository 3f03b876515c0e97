//! What was read from one file.

use crate::evidence::Digest;
use crate::message::Message;
use crate::surface::{Mask, Surface};

/// File formats, recognised by content and not by name.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema,
)]
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
    /// Alicona.
    Al3d,
    /// Sensofar, one binary file.
    Plu,
    /// Sensofar, a zip archive.
    Plux,
    /// Digital Surf.
    Sur,
    /// TrueMap, of GelSight and TopMatch instruments.
    Tmd,
}

impl Format {
    /// Whether it holds brightness and no heights.
    pub const fn is_image(self) -> bool {
        matches!(self, Self::Png | Self::Tiff | Self::Jpeg | Self::Bmp)
    }
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
    pub warnings: Vec<Message>,
}
