//! TIFF through the `tiff` crate, which `image` uses too but without giving
//! access to 32-bit grey or to the resolution.

use super::Header;
use super::grey::{self, Layout};
use super::resolution::Resolution;
use crate::error::{Error, Kind, Result};
use ::image::metadata::Orientation;
use ::tiff::decoder::ifd::Value;
use ::tiff::decoder::{Decoder, DecodingResult, Limits};
use ::tiff::tags::Tag;
use ::tiff::{ColorType, TiffError};
use std::io::Cursor;

/// Bytes a decoder may take for each permitted point: 16-bit RGBA or 32-bit
/// grey with room.
const BYTES_PER_POINT: usize = 8;

pub(super) type TiffDecoder<'a> = Decoder<Cursor<&'a [u8]>>;

/// Reads the first directory.
pub(super) fn open(bytes: &[u8], max_points: usize) -> Result<TiffDecoder<'_>> {
    let mut limits = Limits::default();
    limits.decoding_buffer_size = max_points.saturating_mul(BYTES_PER_POINT);
    limits.intermediate_buffer_size = limits.decoding_buffer_size;
    Decoder::new(Cursor::new(bytes)).map(|d| d.with_limits(limits)).map_err(explain)
}

pub(super) fn header(decoder: &mut TiffDecoder<'_>) -> Result<Header> {
    let (nx, ny) = decoder.dimensions().map_err(explain)?;
    let (_, bits, channels) = layout(decoder)?;
    let planar = decoder.find_tag_unsigned::<u16>(Tag::PlanarConfiguration).map_err(explain)?;
    if planar == Some(2) && channels > 1 {
        return Err(unread("colours stored plane by plane"));
    }
    let mut warnings = Vec::new();
    if decoder.more_images() {
        warnings.push("the TIFF holds several images; only the first is read".into());
    }
    let orientation = decoder.find_tag_unsigned::<u8>(Tag::Orientation).map_err(explain)?;
    let bytes_per_pixel = u64::from(bits.div_ceil(8)) * channels;
    Ok(Header {
        nx,
        ny,
        decoded_bytes: (u64::from(nx) * u64::from(ny)).saturating_mul(bytes_per_pixel),
        resolution: resolution(decoder)?,
        orientation: orientation
            .and_then(Orientation::from_exif)
            .unwrap_or(Orientation::NoTransforms),
        warnings,
    })
}

/// Unpacks the pixels as grey values.
pub(super) fn grey(decoder: &mut TiffDecoder<'_>, warnings: &mut Vec<String>) -> Result<Vec<f32>> {
    let (layout, _, _) = layout(decoder)?;
    let bits = decoder.colortype().map_err(explain)?.bit_depth();
    let byte = |v: u8| f32::from(v) / 255.0;
    let word = |v: u16| f32::from(v) / 65_535.0;
    match decoder.read_image().map_err(explain)? {
        DecodingResult::U8(v) if bits == 8 => Ok(grey::from_samples(&v, layout, byte, warnings)),
        DecodingResult::U16(v) if bits == 16 => Ok(grey::from_samples(&v, layout, word, warnings)),
        DecodingResult::F32(v) => {
            let mut values = grey::from_samples(&v, layout, |v| v, warnings);
            grey::normalise(&mut values, warnings);
            Ok(values)
        }
        _ => Err(unread(&format!("samples of {bits} bits of this type"))),
    }
}

/// Layout, bits of a sample, samples of a pixel.
fn layout(decoder: &mut TiffDecoder<'_>) -> Result<(Layout, u8, u64)> {
    match decoder.colortype().map_err(explain)? {
        ColorType::Gray(bits) => Ok((Layout::L, bits, 1)),
        ColorType::GrayA(bits) => Ok((Layout::La, bits, 2)),
        ColorType::RGB(bits) => Ok((Layout::Rgb, bits, 3)),
        ColorType::RGBA(bits) => Ok((Layout::Rgba, bits, 4)),
        other => Err(unread(&format!("colour type {other:?}"))),
    }
}

/// X/YResolution with their unit, or the `unit=` line that ImageJ writes into
/// the description while it leaves the TIFF unit at "none".
fn resolution(decoder: &mut TiffDecoder<'_>) -> Result<Resolution> {
    let x = rational(decoder, Tag::XResolution)?;
    let y = rational(decoder, Tag::YResolution)?;
    let unit = decoder.find_tag_unsigned::<u16>(Tag::ResolutionUnit).map_err(explain)?;
    let description = match decoder.find_tag(Tag::ImageDescription).map_err(explain)? {
        Some(Value::Ascii(text)) => text,
        _ => String::new(),
    };
    let metres = match unit {
        None | Some(2) => Some(0.0254),
        Some(3) => Some(0.01),
        _ => image_j_unit(&description),
    };
    Ok(match (x, y, metres) {
        (Some(x), Some(y), Some(metres)) => Resolution::per(metres, x, y),
        _ => Resolution::Absent,
    })
}

fn image_j_unit(description: &str) -> Option<f64> {
    let unit = description.lines().find_map(|line| line.trim().strip_prefix("unit="))?;
    match unit.trim() {
        "nm" => Some(1e-9),
        "um" | "micron" | "microns" | "\u{b5}m" | "\u{3bc}m" | "\\u00B5m" => Some(1e-6),
        "mm" => Some(1e-3),
        "cm" => Some(1e-2),
        "inch" | "in" => Some(0.0254),
        _ => None,
    }
}

fn rational(decoder: &mut TiffDecoder<'_>, tag: Tag) -> Result<Option<f64>> {
    Ok(match decoder.find_tag(tag).map_err(explain)? {
        Some(Value::Rational(n, d)) => Some(f64::from(n) / f64::from(d)),
        Some(Value::Float(v)) => Some(v.into()),
        Some(Value::Double(v)) => Some(v),
        _ => None,
    })
}

fn unread(what: &str) -> Error {
    Error::new(Kind::UnknownFormat, format!("a TIFF of a kind that is not read: {what}"))
        .advise("save it as 8- or 16-bit grey or RGB, or 32-bit floating-point grey")
}

fn explain(error: TiffError) -> Error {
    match error {
        TiffError::LimitsExceeded => {
            Error::new(Kind::TooLarge, "the TIFF asks for more memory than the limit on points")
        }
        TiffError::UnsupportedError(what) => unread(&what.to_string()),
        other => Error::new(Kind::Damaged, format!("the TIFF cannot be decoded: {other}"))
            .advise("the file is damaged: copy it again from the instrument"),
    }
}
