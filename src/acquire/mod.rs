//! File → [`Scan`]: recognised by content, read within limits, digested.
//!
//! A fault that can be understood is tolerated and told in [`Scan::warnings`];
//! a number that would have to be guessed is an error.

mod heights;
pub mod image;
mod instrument;
pub mod manifest;
mod pixel_size;
mod setting;
mod sniff;
mod thin;
pub mod x3p;

pub use setting::{Profiles, Rows, Setting, Unit};
pub use thin::{MOST_POINTS, block};

use crate::error::{Error, Kind, Result};
use crate::evidence::Digest;
use crate::surface::{Mask, Surface};
use crate::units::Metres;
use std::fs::File;
use std::io::Read;
use std::path::Path;

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
    const fn is_image(self) -> bool {
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
    pub warnings: Vec<String>,
}

/// What the caller knows of a file, and how much of the machine it may take.
#[derive(Clone, Copy, Debug)]
pub struct ReadOptions<'a> {
    /// Pixel size the laboratory states; it prevails over the file's own, with
    /// a warning where they differ by more than 2 %.
    pub pixel_size: Option<Metres>,
    /// How the scan lies in the file, where the laboratory states it of this one.
    pub setting: Setting,
    /// The laboratory's instruments; what is said of the one that the file
    /// names counts where `setting` is silent.
    pub profiles: Option<&'a Profiles>,
    /// The instrument's name among the profiles, where it is stated.
    pub instrument: Option<&'a str>,
    /// Most points (pixels × layers) a scan may have.
    pub max_points: usize,
    /// Longest file that is read at all, in bytes.
    pub max_file_bytes: u64,
}

impl Default for ReadOptions<'_> {
    fn default() -> Self {
        Self {
            pixel_size: None,
            setting: Setting::default(),
            profiles: None,
            instrument: None,
            max_points: 64 << 20,
            max_file_bytes: 1 << 30,
        }
    }
}

impl ReadOptions<'_> {
    /// How the scan lies in a file that names its instrument so, and the known
    /// faults of that instrument.
    pub fn setting_of(&self, in_file: Option<&str>) -> Result<(Setting, &[String])> {
        let found = self.profiles.map(|p| p.find(self.instrument, in_file)).transpose()?.flatten();
        let (profile, faults) = found.unwrap_or_default();
        Ok((self.setting.or(profile), faults))
    }
}

/// Reads one scan from a file; see [`read_scan_bytes`] for the errors.
pub fn read_scan(path: &Path, options: &ReadOptions) -> Result<Scan> {
    read_file(path, options.max_file_bytes)
        .and_then(|bytes| read_scan_bytes(&bytes, options))
        .map_err(|e| e.at(path))
}

/// Reads one scan from a file's content.
///
/// Errors: [`Kind::UnknownFormat`], [`Kind::Damaged`], [`Kind::TooLarge`],
/// [`Kind::UnknownPixelSize`] and, for an unusable `options.pixel_size`,
/// [`Kind::BadInput`].
pub fn read_scan_bytes(bytes: &[u8], options: &ReadOptions) -> Result<Scan> {
    if let Some(size) = options.pixel_size {
        pixel_size::check_stated(size)?;
    }
    let mut scan = match sniff::recognise(bytes)? {
        Format::X3p => x3p::read(bytes, options)?,
        format if format.is_image() => image::read(bytes, format, options)?,
        format => instrument::read(bytes, format, options)?,
    };
    let (setting, faults) = options.setting_of(scan.instrument.as_deref())?;
    scan.warnings.extend(faults.iter().map(|f| format!("known of this instrument: {f}")));
    setting.apply(&mut scan);
    thin::thinned(scan)
}

/// The shape `(ny, nx)` that a scan's header claims, by which the memory that
/// reading takes can be told before it is taken.
///
/// # Errors
/// As [`read_scan_bytes`], as far as the header goes.
pub fn shape_of(bytes: &[u8], options: &ReadOptions<'_>) -> Result<(usize, usize)> {
    match sniff::recognise(bytes)? {
        Format::X3p => x3p::shape(bytes, options),
        format if format.is_image() => image::shape(bytes, format, options),
        format => instrument::shape(bytes, format, options),
    }
}

/// Opens a regular file for reading. A pipe, whose other end nobody may ever
/// write to, or a device without an end is refused.
///
/// # Errors
/// [`Kind::BadInput`] if it is no regular file, [`Kind::Io`] if it cannot be
/// opened.
pub fn open_file(path: &Path) -> Result<File> {
    use std::os::unix::fs::OpenOptionsExt as _;
    let io = |e: std::io::Error| Error::io("reading", path, &e);
    // Asked of what was opened, which may be something else than a moment ago.
    let file = File::options()
        .read(true)
        .custom_flags(rustix::fs::OFlags::NONBLOCK.bits().cast_signed())
        .open(path)
        .map_err(io)?;
    if file.metadata().map_err(io)?.is_file() {
        return Ok(file);
    }
    Err(Error::new(Kind::BadInput, "this is not a regular file").at(path).advise("name a file"))
}

/// The whole content of a regular file of at most `limit` bytes.
///
/// # Errors
/// As [`open_file`]; [`Kind::TooLarge`] if it is longer.
pub fn read_file(path: &Path, limit: u64) -> Result<Vec<u8>> {
    let file = open_file(path)?;
    let length = file.metadata().map_err(|e| Error::io("reading", path, &e))?.len();
    if length > limit {
        return Err(too_long(path, &length.to_string(), limit));
    }
    read_whole(file, path, limit)
}

/// The whole content of a file that a person names, a pipe for instance, of at
/// most `limit` bytes.
///
/// # Errors
/// [`Kind::TooLarge`] if it is longer, [`Kind::Io`].
pub fn read_within(path: &Path, limit: u64) -> Result<Vec<u8>> {
    let file = File::open(path).map_err(|e| Error::io("reading", path, &e))?;
    read_whole(file, path, limit)
}

fn read_whole(file: File, path: &Path, limit: u64) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let read = file.take(limit.saturating_add(1)).read_to_end(&mut bytes);
    read.map_err(|e| Error::io("reading", path, &e))?;
    if bytes.len() as u64 > limit {
        return Err(too_long(path, "more", limit));
    }
    Ok(bytes)
}

fn too_long(path: &Path, length: &str, limit: u64) -> Error {
    let what = format!("{length} bytes, more than the limit of {limit}");
    Error::new(Kind::TooLarge, what).at(path)
}

/// Longest table or report that is read, in bytes.
pub const MAX_TABLE: u64 = 1 << 30;
/// Longest key, policy, deposit or answer sheet that is read, in bytes.
const MAX_TEXT: u64 = 16 << 20;

/// The text of a small file that a person names.
///
/// # Errors
/// As [`read_within`]; [`Kind::BadInput`] if it is not UTF-8.
pub fn read_small_text(path: &Path) -> Result<String> {
    String::from_utf8(read_within(path, MAX_TEXT)?)
        .map_err(|_| Error::new(Kind::BadInput, "the file is no UTF-8 text").at(path))
}
