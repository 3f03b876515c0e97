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

pub use types::scan::{Format, Scan};

pub use setting::{Profiles, Rows, Setting, Unit};
pub use thin::{MOST_POINTS, block};

use std::path::Path;
#[cfg(doc)]
use types::error::Kind;
use types::error::Result;
use types::evidence::Digest;
use types::files::read_file;
use types::message::say;
use types::units::Metres;

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
    scan.warnings.extend(faults.iter().map(|f| say!("known of this instrument: {f}")));
    setting.apply(&mut scan);
    thin::thinned(scan)
}

/// The digest of what a scan's file measured, whatever it is packed in; `pitch`
/// is the pixel size to read it with where the file does not state its own.
pub fn surface_digest(bytes: &[u8], pitch: Metres) -> Option<Digest> {
    let plain = ReadOptions::default();
    let stated = ReadOptions { pixel_size: Some(pitch), ..plain };
    let scan = read_scan_bytes(bytes, &plain).or_else(|_| read_scan_bytes(bytes, &stated));
    scan.ok().map(|scan| scan.surface.digest())
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
