//! PNG, JPEG and BMP through the `image` crate.

use super::grey::{self, Layout};
use super::{Header, resolution, too_large};
use crate::acquire::Format;
use crate::error::{Error, Kind, Result};
use ::image::{DynamicImage, ImageDecoder, ImageError, ImageFormat, ImageReader, Limits};
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
    let mut limits = Limits::default();
    limits.max_alloc = Some((max_points as u64).saturating_mul(BYTES_PER_POINT));
    let mut reader = ImageReader::with_format(Cursor::new(bytes), kind);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(explain)?;
    let (nx, ny) = decoder.dimensions();
    if u64::from(nx) * u64::from(ny) > max_points as u64 {
        return Err(too_large(nx, ny, max_points));
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

fn explain(error: ImageError) -> Error {
    let kind = match &error {
        ImageError::Limits(_) => Kind::TooLarge,
        ImageError::Unsupported(_) => Kind::UnknownFormat,
        _ => Kind::Damaged,
    };
    Error::new(kind, format!("the image cannot be decoded: {error}"))
        .advise("open and save it again in the microscope's software as PNG or TIFF")
}
