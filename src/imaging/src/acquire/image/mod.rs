//! Microscope photographs: PNG, TIFF, JPEG, BMP → grey values 0–1.
//!
//! Stored values are divided by the type's full scale and not linearised: the
//! cameras of comparison microscopes seldom say whether they applied a gamma,
//! and preparation normalises brightness anyway. Colour becomes luma (Rec. 709
//! weights). Transparent pixels (alpha below one half) are missing, NaN. The
//! orientation in the metadata is applied.

mod grey;
mod orient;
mod raster;
mod resolution;
mod tiff;

use super::{Format, ReadOptions, Scan, pixel_size, thin};
use ::image::metadata::Orientation;
use ndarray::Array2;
use resolution::Resolution;
use types::error::{Error, Kind, Result};
use types::evidence::Digest;
use types::message::{Message, phrase, say};
use types::surface::{IntensityMap, Surface};

/// No compression packs more than this many decoded bytes into one: deflate
/// reaches 1032, one bit a block in a progressive JPEG a few thousand.
const MOST_INFLATION: u64 = 8192;

/// What to do about an image that is too large.
const SMALLER: &str = phrase!("crop the image to the casing");

/// What a decoder says before any pixel is unpacked.
struct ImageHeader {
    nx: u32,
    ny: u32,
    decoded_bytes: u64,
    /// What the file says of its pixel size, in each place where it says it.
    resolution: Vec<Resolution>,
    orientation: Orientation,
    /// Maker and model of the camera or microscope.
    instrument: Option<String>,
    warnings: Vec<Message>,
}

/// Reads a photograph of a known format.
pub(super) fn read(bytes: &[u8], format: Format, options: &ReadOptions) -> Result<Scan> {
    if format == Format::Tiff {
        let (header, page) = tiff::open(bytes)?;
        finish(bytes, format, options, header, |warnings| tiff::grey(&page, warnings))
    } else {
        let (header, decoder) = raster::open(bytes, format, options.max_points)?;
        finish(bytes, format, options, header, |warnings| raster::grey(decoder, warnings))
    }
}

/// The shape that the header claims, orientation not applied.
pub(super) fn shape(bytes: &[u8], format: Format, options: &ReadOptions) -> Result<(usize, usize)> {
    let ImageHeader { nx, ny, .. } = if format == Format::Tiff {
        tiff::open(bytes)?.0
    } else {
        raster::open(bytes, format, options.max_points)?.0
    };
    Ok((ny as usize, nx as usize))
}

fn finish(
    bytes: &[u8],
    format: Format,
    options: &ReadOptions,
    header: ImageHeader,
    decode: impl FnOnce(&mut Vec<Message>) -> Result<Vec<f32>>,
) -> Result<Scan> {
    let ImageHeader { nx, ny, decoded_bytes, resolution, orientation, instrument, mut warnings } =
        header;
    check_size(nx, ny, decoded_bytes, bytes.len() as u64, options.max_points)?;
    let own = resolution::usable(&resolution, &mut warnings);
    let pitch = match (own, options.pixel_size) {
        (Some(own), stated) => pixel_size::settle(stated, own, &mut warnings),
        (None, Some(stated)) => (stated, stated),
        (None, None) => return Err(unknown_pixel_size(&warnings)),
    };
    thin::check((ny as usize, nx as usize), pitch)?;
    let values = decode(&mut warnings)?;
    let v = Array2::from_shape_vec((ny as usize, nx as usize), values).map_err(|_| {
        Error::new(Kind::Damaged, say!("the image holds fewer pixels than it claims"))
    })?;
    if orientation != Orientation::NoTransforms {
        warnings.push(say!("the orientation in the metadata is applied: {orientation:?}"));
    }
    let (v, (pitch_x, pitch_y)) = orient::apply(v, pitch, orientation);
    Ok(Scan {
        surface: Surface::Intensity(IntensityMap { v, pitch_x, pitch_y }),
        file_mask: None,
        format,
        sha256: Digest::of(bytes),
        bytes: bytes.len() as u64,
        instrument,
        acquired: None,
        warnings,
    })
}

/// Checks the claimed size against the limit and against what so many bytes
/// can hold, before anything is allocated for it.
fn check_size(nx: u32, ny: u32, decoded: u64, length: u64, max_points: usize) -> Result<()> {
    let points = u64::from(nx) * u64::from(ny);
    if points == 0 {
        return Err(Error::new(Kind::Damaged, say!("the image has {nx} × {ny} pixels")));
    }
    if points > max_points as u64 {
        return Err(too_large(nx, ny, max_points));
    }
    if decoded > length.saturating_mul(MOST_INFLATION) {
        return Err(Error::new(
            Kind::Damaged,
            say!("the image claims {nx} × {ny} pixels, which {length} bytes cannot hold"),
        ));
    }
    Ok(())
}

fn too_large(nx: u32, ny: u32, max_points: usize) -> Error {
    Error::new(
        Kind::TooLarge,
        say!("the image claims {nx} × {ny} pixels, more than the limit of {max_points}"),
    )
    .advise(Message::phrase(SMALLER))
}

fn unknown_pixel_size(warnings: &[Message]) -> Error {
    let unsaid = || say!("neither the file nor the manifest says it");
    let why = warnings.first().cloned().unwrap_or_else(unsaid);
    Error::new(Kind::UnknownPixelSize, say!("the pixel size is unknown: {why}"))
        .advise(say!("give pixel_um in the manifest, from the microscope's calibration"))
}
