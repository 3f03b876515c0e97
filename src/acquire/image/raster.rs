//! PNG, JPEG and BMP through the `image` crate.

use super::grey::{self, Layout};
use super::{Header, SMALLER, resolution, too_large};
use crate::acquire::{Format, MOST_POINTS};
use crate::error::{Error, Kind, Result};
use ::image::{DynamicImage, ImageDecoder, ImageError, ImageFormat, ImageReader, Limits};
use std::borrow::Cow;
use std::io::Cursor;

/// Bytes a decoder may take for each permitted point: 16-bit RGBA.
const BYTES_PER_POINT: u64 = 8;

/// Reads the header only; the decoder is ready to unpack the pixels.
pub(super) fn open(
    bytes: &[u8],
    format: Format,
    max_points: usize,
) -> Result<(Header, impl ImageDecoder)> {
    let (kind, resolution) = match format {
        Format::Png => (ImageFormat::Png, resolution::of_png(bytes)),
        Format::Jpeg => (ImageFormat::Jpeg, resolution::of_jpeg(bytes)),
        Format::Bmp | Format::Tiff | Format::X3p => (ImageFormat::Bmp, resolution::of_bmp(bytes)),
    };
    if kind == ImageFormat::Jpeg && is_cut_short(bytes) {
        return Err(Error::new(Kind::Damaged, "the JPEG ends before its end marker")
            .advise("the file is cut short: copy it again from the instrument"));
    }
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
    let header = Header { nx, ny, decoded_bytes, resolution, orientation, warnings: Vec::new() };
    Ok((header, decoder))
}

/// Unpacks the pixels as grey values.
pub(super) fn grey(decoder: impl ImageDecoder, warnings: &mut Vec<String>) -> Result<Vec<f32>> {
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

/// The decoder fills a truncated JPEG with grey; that must not pass for a
/// measurement. Entropy-coded data hold no markers, so the end marker (FFD9)
/// must follow the last start of scan (FFDA).
fn is_cut_short(bytes: &[u8]) -> bool {
    let last = |marker: [u8; 2]| bytes.windows(2).rposition(|pair| pair == marker);
    last([0xff, 0xd9]) < last([0xff, 0xda])
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
    let what = format!("the JPEG goes over its pixels {passes} times, which would take too long");
    Err(Error::new(Kind::TooLarge, what).advise("save it again as PNG or TIFF"))
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
            let what = "the image asks for more memory than the limit on points allows";
            return Error::new(Kind::TooLarge, what).advise(SMALLER);
        }
        ImageError::Unsupported(_) => Kind::UnknownFormat,
        _ => Kind::Damaged,
    };
    Error::new(kind, format!("the image cannot be decoded: {error}"))
        .advise("open and save it again in the microscope's software as PNG or TIFF")
}
