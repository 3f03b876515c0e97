//! TIFF, classic and BigTIFF.
//!
//! The directories and the layout of strips and tiles are read here, because
//! the crates at hand misread layouts that laboratories have (extra samples
//! under a predictor or in tiles, reversed bits, reduced pages, accents in
//! texts); unpacking is left to `weezl`, `flate2` and the JPEG decoder.
//! tests/acquire_tiff.rs compares every layout with a second decoder.

pub(super) mod directory;
mod layout;
mod pieces;

use super::grey::{self, LUMA};
use super::{ImageHeader, resolution};
use ::image::metadata::Orientation;
use directory::{Directory, damaged, tag};
use layout::{Colour, Layout, Number};
use types::error::{Error, Kind, Result};
use types::message::{Message, say};

/// Beyond this a floating-point value says "no data": ±3.4e38, the largest
/// 32-bit number, is what many programs write.
const NO_DATA: f64 = 1e38;

/// A page ready to be unpacked.
pub(super) struct Page<'a> {
    directory: Directory<'a>,
    layout: Layout,
}

/// Chooses the page and checks how its pixels lie.
pub(super) fn open(bytes: &[u8]) -> Result<(ImageHeader, Page<'_>)> {
    let mut warnings = Vec::new();
    let directory = full_resolution(directory::pages(bytes)?, &mut warnings)?;
    let layout = Layout::read(&directory)?;
    if layout.unspecified > 0 {
        warnings.push(say!(
            "{} extra samples a pixel without a stated meaning are left out",
            layout.unspecified
        ));
    }
    let orientation = directory.number(tag::ORIENTATION)?;
    let orientation = orientation.and_then(|o| Orientation::from_exif(u8::try_from(o).ok()?));
    let header = ImageHeader {
        nx: layout.nx,
        ny: layout.ny,
        decoded_bytes: layout.bytes(),
        resolution: resolution::of_directory(&directory),
        orientation: orientation.unwrap_or(Orientation::NoTransforms),
        instrument: resolution::instrument_of(&directory),
        warnings,
    };
    Ok((header, Page { directory, layout }))
}

/// The page with the image itself: not a reduced one nor a mask, and of several
/// the one with most pixels.
fn full_resolution<'a>(
    pages: Vec<Directory<'a>>,
    warnings: &mut Vec<Message>,
) -> Result<Directory<'a>> {
    let count = pages.len();
    let mut sized = Vec::with_capacity(count);
    for page in pages {
        let kind = page.number(tag::NEW_SUBFILE_TYPE).ok().flatten().unwrap_or(0);
        let side = |tag| page.number(tag).ok().flatten().unwrap_or(0);
        let (nx, ny) = (side(tag::WIDTH), side(tag::LENGTH));
        // Bit 0: reduced; bit 2: a mask.
        sized.push((kind & 0b101 == 0, nx.saturating_mul(ny), (nx, ny), page));
    }
    // The first of the largest.
    let best = (0..count).rev().max_by_key(|i| sized.get(*i).map(|s| (s.0, s.1)));
    let Some(best) = best.filter(|i| *i < sized.len()) else {
        return Err(damaged(say!("it has no page")));
    };
    let (_, _, (nx, ny), page) = sized.swap_remove(best);
    if count > 1 {
        let number = best + 1;
        warnings.push(say!(
            "the TIFF holds {count} pages; only page {number} is read, which has {nx} × {ny} pixels"
        ));
    }
    Ok(page)
}

/// Unpacks the pixels as grey values.
pub(super) fn grey(page: &Page<'_>, warnings: &mut Vec<Message>) -> Result<Vec<f32>> {
    let Page { directory, layout } = page;
    let points = layout.nx as usize * layout.ny as usize;
    let palette = palette(directory, layout)?;
    let full = match (layout.number, layout.width) {
        (Number::Unsigned, 1) => Some(255.0),
        (Number::Unsigned, 2) => Some(65_535.0),
        // Cameras do not fill 32 bits, and signed or real numbers have no full scale.
        _ => None,
    };
    let no_data = directory.text(tag::NO_DATA).and_then(|t| t.trim().parse::<f64>().ok());
    let channels = layout.colour.channels();
    let mut values = vec![0_f32; points];
    let mut alpha = layout.alpha.map(|_| vec![0_f32; points]);
    pieces::each_sample(directory, layout, |pixel, sample, value| {
        let Some(out) = values.get_mut(pixel) else { return };
        if sample < channels {
            let missing = no_data == Some(value)
                || layout.number == Number::Float && (!value.is_finite() || value.abs() >= NO_DATA);
            let unit = match (layout.colour, full) {
                _ if missing => f64::NAN,
                (Colour::Palette, _) => palette.get(value as usize).copied().unwrap_or(f64::NAN),
                (Colour::Inverted, Some(full)) => (full - value) / full,
                (Colour::Inverted, None) => -value,
                (_, Some(full)) => value / full,
                (_, None) => value,
            };
            let weight = if channels == 3 { LUMA[sample] } else { 1.0 };
            *out += weight * unit as f32;
        } else if layout.alpha.is_some_and(|(at, _)| at == sample)
            && let Some(alpha) = alpha.as_mut().and_then(|a| a.get_mut(pixel))
        {
            *alpha = (value / full.unwrap_or(1.0)) as f32;
        }
    })?;
    if let Some(alpha) = alpha {
        if layout.alpha.is_some_and(|(_, multiplied)| multiplied) {
            for (v, a) in values.iter_mut().zip(&alpha).filter(|(_, a)| **a > 0.0) {
                *v /= a;
            }
        }
        grey::hide(&mut values, &alpha, warnings);
    }
    let before = values.iter().filter(|v| !v.is_finite()).count();
    if before == points {
        return Err(Error::new(Kind::Damaged, say!("every pixel of the TIFF is missing")));
    }
    if full.is_none() {
        if before > 0 {
            warnings.push(say!("{before} pixels without a value are taken as missing"));
        }
        grey::normalise(&mut values, warnings);
    }
    Ok(values)
}

/// The luma of each colour of a palette.
fn palette(directory: &Directory<'_>, layout: &Layout) -> Result<Vec<f64>> {
    if layout.colour != Colour::Palette {
        return Ok(Vec::new());
    }
    let map = directory.numbers(tag::COLOUR_MAP)?.unwrap_or_default();
    if map.len() != 3 * 256 {
        return Err(damaged(say!("its palette has {} numbers of 768", map.len())));
    }
    let channel = |c: usize, i: usize| map.get(256 * c + i).map_or(0.0, |v| *v as f64 / 65_535.0);
    let luma = |i: usize| (0..3).map(|c| f64::from(LUMA[c]) * channel(c, i)).sum();
    Ok((0..256).map(luma).collect())
}

fn unread(what: Message) -> Error {
    Error::new(Kind::UnknownFormat, say!("a TIFF of a kind that is not read: {what}"))
        .advise(say!("save it as 8- or 16-bit grey or RGB, or 32-bit floating-point grey"))
}
