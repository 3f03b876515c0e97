//! `mask.png`: where a person or program saw the mark.

use super::MAX_SMALL_MEMBER;
use super::archive::{Archive, base};
use super::document::Document;
use crate::surface::Mask;
use ::image::{ImageFormat, ImageReader, Limits, RgbaImage};
use ndarray::Array2;
use std::io::Cursor;

/// Below this a channel or the alpha counts as dark or transparent.
const HALF: u8 = 128;

/// Channel difference that is still the same colour.
const SAME_COLOUR: u8 = 2;

/// The archive's mask, `true` = mark, shape `(ny, nx)`. A mask that cannot be
/// used is ignored with a warning, for the pipeline can find marks itself.
///
/// Not the mark: transparent pixels, dark pixels (all channels below half),
/// and pixels of the colour that `Record3/Mask/Background` names.
pub(super) fn read(
    archive: &mut Archive<'_>,
    document: &Document,
    dim: (usize, usize),
    warnings: &mut Vec<String>,
) -> Option<Mask> {
    let is_mask = |n: &str| base(n).starts_with("mask") && base(n).ends_with(".png");
    let index =
        archive.find("bindata/mask.png").map(|f| f.index).or_else(|| archive.only(is_mask))?;
    let mut ignored = |why: String| {
        warnings.push(format!("the file's mask is ignored: {why}"));
        None
    };
    let png = match archive.read(index, MAX_SMALL_MEMBER) {
        Ok(png) => png,
        Err(e) => return ignored(e.what),
    };
    let image = match decode(&png, dim) {
        Ok(image) => image,
        Err(why) => return ignored(why),
    };
    let background = document.get("Record3/Mask/Background").and_then(colour);
    let is_mark = |[r, g, b, a]: [u8; 4]| {
        a >= HALF && r.max(g).max(b) >= HALF && !background.is_some_and(|c| same(c, [r, g, b]))
    };
    let (ny, nx) = dim;
    let mask = Array2::from_shape_fn((ny, nx), |(y, x)| {
        image.get_pixel_checked(x as u32, y as u32).is_some_and(|p| is_mark(p.0))
    });
    let marked = mask.iter().filter(|m| **m).count();
    if marked == 0 || marked == mask.len() {
        let all = if marked == 0 { "no pixel" } else { "every pixel" };
        return ignored(format!("{all} is marked"));
    }
    let mut marks = image.pixels().map(|p| p.0).filter(|p| is_mark(*p));
    let first = marks.next();
    if marks.any(|p| Some(p) != first) {
        warnings.push("the file's mask has several colours; all are taken as the mark".into());
    }
    Some(mask)
}

fn decode(png: &[u8], (ny, nx): (usize, usize)) -> Result<RgbaImage, String> {
    let undecodable = |e| format!("it cannot be decoded ({e})");
    let size = ImageReader::with_format(Cursor::new(png), ImageFormat::Png)
        .into_dimensions()
        .map_err(undecodable)?;
    if (size.0 as usize, size.1 as usize) != (nx, ny) {
        return Err(format!("it has {} × {} pixels, the scan {nx} × {ny}", size.0, size.1));
    }
    let mut reader = ImageReader::with_format(Cursor::new(png), ImageFormat::Png);
    let mut limits = Limits::default();
    // Its size is the scan's, which is within the limits; 16-bit RGBA at most.
    limits.max_alloc = Some((nx as u64 * ny as u64).saturating_mul(16).saturating_add(1 << 20));
    reader.limits(limits);
    reader.decode().map(|image| image.into_rgba8()).map_err(undecodable)
}

/// `#rrggbb`, with or without an alpha that is not looked at.
fn colour(text: &str) -> Option<[u8; 3]> {
    let digits = text.strip_prefix('#').filter(|d| d.is_ascii() && matches!(d.len(), 6 | 8))?;
    let channel = |i: usize| u8::from_str_radix(digits.get(2 * i..2 * i + 2)?, 16).ok();
    Some([channel(0)?, channel(1)?, channel(2)?])
}

fn same(a: [u8; 3], b: [u8; 3]) -> bool {
    a.iter().zip(b).all(|(a, b)| a.abs_diff(b) <= SAME_COLOUR)
}
