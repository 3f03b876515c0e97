//! PNG, JPEG and BMP through the `image` crate.

use super::grey::{self, Layout};
use super::resolution::{self, StatedResolution};
use super::{ImageHeader, SMALLER, too_large};
use crate::acquire::{Format, MOST_POINTS};
use ::image::{DynamicImage, ImageDecoder, ImageError, ImageFormat, ImageReader, Limits};
use std::borrow::Cow;
use std::io::Cursor;
use types::error::{Error, Kind, Result};
use types::message::{Message, say};

/// Bytes a decoder may take for each permitted point: 16-bit RGBA.
const BYTES_PER_POINT: u64 = 8;

/// Reads the header only; the decoder is ready to unpack the pixels.
pub(super) fn open(
    bytes: &[u8],
    format: Format,
    max_points: usize,
) -> Result<(ImageHeader, impl ImageDecoder)> {
    let mut warnings = Vec::new();
    let (kind, bytes, said) = match format {
        Format::Png => (ImageFormat::Png, bytes, resolution::of_png(bytes)),
        Format::Jpeg => {
            let whole = whole_jpeg(bytes, &mut warnings)?;
            (ImageFormat::Jpeg, whole, resolution::of_jpeg(whole))
        }
        _ => (ImageFormat::Bmp, bytes, StatedResolution::only(resolution::of_bmp(bytes))),
    };
    let plain = if kind == ImageFormat::Png { without_packed_text(bytes) } else { bytes.into() };
    let mut limits = Limits::default();
    limits.max_alloc = Some((max_points as u64).saturating_mul(BYTES_PER_POINT));
    let mut reader = ImageReader::with_format(Cursor::new(plain), kind);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(explain)?;
    let (nx, ny) = decoder.dimensions();
    if u64::from(nx) * u64::from(ny) > max_points as u64 {
        return Err(too_large(nx, ny, max_points));
    }
    if kind == ImageFormat::Jpeg {
        few_passes(bytes, u64::from(nx) * u64::from(ny))?;
    }
    let orientation = decoder.orientation().map_err(explain)?;
    let decoded_bytes = decoder.total_bytes();
    let StatedResolution { resolution, instrument } = said;
    let header =
        ImageHeader { nx, ny, decoded_bytes, resolution, orientation, instrument, warnings };
    Ok((header, decoder))
}

/// Unpacks the pixels as grey values.
pub(super) fn grey(decoder: impl ImageDecoder, warnings: &mut Vec<Message>) -> Result<Vec<f32>> {
    let image = DynamicImage::from_decoder(decoder).map_err(explain)?;
    let byte = |v: u8| f32::from(v) / 255.0;
    let word = |v: u16| f32::from(v) / 65_535.0;
    Ok(match &image {
        DynamicImage::ImageLuma8(i) => grey::from_samples(i, Layout::L, byte, warnings),
        DynamicImage::ImageLumaA8(i) => grey::from_samples(i, Layout::La, byte, warnings),
        DynamicImage::ImageRgb8(i) => grey::from_samples(i, Layout::Rgb, byte, warnings),
        DynamicImage::ImageRgba8(i) => grey::from_samples(i, Layout::Rgba, byte, warnings),
        DynamicImage::ImageLuma16(i) => grey::from_samples(i, Layout::L, word, warnings),
        DynamicImage::ImageLumaA16(i) => grey::from_samples(i, Layout::La, word, warnings),
        DynamicImage::ImageRgb16(i) => grey::from_samples(i, Layout::Rgb, word, warnings),
        other => {
            let rgba = other.to_rgba16();
            grey::from_samples(&rgba, Layout::Rgba, word, warnings)
        }
    })
}

/// The JPEG up to its end marker, found by its segments: the decoder fills a
/// truncated JPEG with grey, which must not pass for a measurement, and bytes
/// behind the end (a video of a telephone, a second picture) are not part of it.
fn whole_jpeg<'a>(bytes: &'a [u8], warnings: &mut Vec<Message>) -> Result<&'a [u8]> {
    let end = jpeg_end(bytes).ok_or_else(|| {
        Error::new(Kind::Damaged, say!("the JPEG ends before its end marker"))
            .advise(say!("the file is cut short: copy it again from the instrument"))
    })?;
    let (whole, behind) = bytes.split_at(end);
    if !behind.is_empty() {
        let count = behind.len();
        warnings.push(say!("{count} bytes behind the end of the JPEG are not read"));
    }
    Ok(whole)
}

/// The place behind the end marker (ITU-T T.81, annex B).
fn jpeg_end(bytes: &[u8]) -> Option<usize> {
    let mut at = 2;
    loop {
        // Between segments, and between entropy-coded data (where FF00 is a
        // byte and FFD0 to FFD7 are restart marks) and the next segment.
        let marker = bytes.get(at..)?.windows(2).position(
            |pair| matches!(pair, [0xff, second] if !matches!(second, 0 | 0xd0..=0xd7 | 0xff)),
        )?;
        at += marker + 2;
        match bytes.get(at - 1)? {
            0xd9 => return Some(at),
            // Marks without a segment.
            0x01 | 0xd8 => {}
            _ => {
                let length = bytes.get(at..at + 2)?;
                at += usize::from(u16::from_be_bytes([*length.first()?, *length.get(1)?]));
            }
        }
    }
}

/// Most passes over so many points that unpacking a JPEG may take: a hundred
/// over the largest scan that is prepared, or ten over one four times as large.
/// Encoders write about ten.
const MOST_PASSES: u64 = 100 * MOST_POINTS as u64;

/// Refuses a progressive JPEG that goes over its points again and again: a few
/// bytes are enough for a pass. Markers do not occur within packed data.
fn few_passes(bytes: &[u8], points: u64) -> Result<()> {
    let passes = bytes.windows(2).filter(|pair| **pair == [0xff, 0xda]).count() as u64;
    if passes.saturating_mul(points) <= MOST_PASSES.max(points.saturating_mul(10)) {
        return Ok(());
    }
    let what = say!("the JPEG goes over its pixels {passes} times, which would take too long");
    Err(Error::new(Kind::TooLarge, what).advise(say!("save it again as PNG or TIFF")))
}

/// A PNG without its colour profile and packed texts, which are not used and of
/// which a few bytes unpack to hundreds of megabytes.
fn without_packed_text(bytes: &[u8]) -> Cow<'_, [u8]> {
    let unused = |kind: &[u8]| matches!(kind, b"iCCP" | b"zTXt" | b"iTXt");
    let Some((signature, mut rest)) = bytes.split_at_checked(8) else { return bytes.into() };
    let mut kept = signature.to_vec();
    while let Some((head, after)) = rest.split_first_chunk::<8>() {
        let length = u32::from_be_bytes([head[0], head[1], head[2], head[3]]) as usize;
        // The data and their CRC; what is cut short is the decoder's to refuse.
        let end = length.saturating_add(4).min(after.len());
        let (chunk, next) = rest.split_at(8 + end);
        if !unused(&head[4..]) {
            kept.extend_from_slice(chunk);
        }
        rest = next;
    }
    kept.extend_from_slice(rest);
    if kept.len() == bytes.len() { bytes.into() } else { kept.into() }
}

fn explain(error: ImageError) -> Error {
    let kind = match &error {
        ImageError::Limits(_) => {
            let what = say!("the image asks for more memory than the limit on points allows");
            return Error::new(Kind::TooLarge, what).advise(Message::phrase(SMALLER));
        }
        ImageError::Unsupported(_) => Kind::UnknownFormat,
        _ => Kind::Damaged,
    };
    Error::new(kind, say!("the image cannot be decoded: {error}"))
        .advise(say!("open and save it again in the microscope's software as PNG or TIFF"))
}
