//! `mask.png`: where a person or program saw the mark, and what to leave out.

use super::MAX_SMALL_MEMBER;
use super::archive::{Archive, base};
use super::document::Document;
use ::image::{ImageFormat, ImageReader, Limits, RgbaImage};
use ndarray::Array2;
use std::io::Cursor;
use types::message::{Message, say};
use types::surface::Mask;

/// Below this a channel or the alpha counts as dark or transparent.
const HALF: u8 = 128;

/// Channel difference that is still the same colour.
const SAME_COLOUR: u8 = 2;

/// What the label of a colour says of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Meaning {
    /// The mark.
    Mark,
    /// Points to be left out.
    Exclude,
    /// Nothing that is understood.
    Unclear,
}

/// Words that say "leave out", English and Spanish; looked for first.
const EXCLUDE: [&str; 28] = [
    "exclu",
    "leave out",
    "left out",
    "omit",
    "ignore",
    "do not use",
    "not use",
    "unusable",
    "damage",
    "dropout",
    "drop-out",
    "drop out",
    "foreign",
    "dirt",
    "debris",
    "corrosion",
    "scratch",
    "noise",
    "artefact",
    "artifact",
    "flow-back",
    "no usar",
    "dañ",
    "sucie",
    "descart",
    "omitir",
    "ruido",
    "corros",
]; // fmt: skip

/// Words that say "this is the mark".
const MARK: [&str; 14] = [
    "breech",
    "impression",
    "firing pin",
    "ejector",
    "aperture",
    "mark",
    "include",
    "region of interest",
    "roi",
    "use this",
    "culote",
    "percut",
    "marca",
    "incluir",
]; // fmt: skip

impl Meaning {
    fn of(label: &str) -> Self {
        let label = label.to_lowercase();
        let says = |words: &[&str]| words.iter().any(|word| label.contains(word));
        match (says(&EXCLUDE), says(&MARK)) {
            (true, _) => Self::Exclude,
            (false, true) => Self::Mark,
            (false, false) => Self::Unclear,
        }
    }
}

/// The archive's mask, `true` = mark, and the points that it says to leave out;
/// shape `(ny, nx)`. A mask that cannot be used is ignored with a warning, for
/// the pipeline can find marks itself.
///
/// Not the mark: transparent pixels, dark pixels (all channels below half),
/// and pixels of the colour that `Record3/Mask/Background` names. Where the file
/// labels colours (`Annotations`), the labels decide; a colour whose label is
/// not understood is neither the mark nor left out.
pub(super) fn read(
    archive: &mut Archive<'_>,
    document: &Document,
    dim: (usize, usize),
    warnings: &mut Vec<Message>,
) -> (Option<Mask>, Option<Mask>) {
    let is_mask = |n: &str| base(n).starts_with("mask") && base(n).ends_with(".png");
    let found = archive.find("bindata/mask.png").map(|f| f.index);
    let Some(index) = found.or_else(|| archive.only(is_mask)) else { return (None, None) };
    let image =
        archive.read(index, MAX_SMALL_MEMBER).map_err(|e| e.what).and_then(|png| decode(&png, dim));
    let image = match image {
        Ok(image) => image,
        Err(why) => {
            warnings.push(say!("the file's mask is ignored: {why}"));
            return (None, None);
        }
    };
    let background = document.get("Record3/Mask/Background").and_then(colour);
    let marked = |[r, g, b, a]: [u8; 4]| {
        a >= HALF && r.max(g).max(b) >= HALF && !background.is_some_and(|c| same(c, [r, g, b]))
    };
    if document.annotations().is_empty() {
        return (plain(&image, dim, marked, warnings), None);
    }
    let labels = labels(document, background, warnings);
    // A label may name a dark colour; it is not the background for that.
    let meaning = |[r, g, b, a]: [u8; 4]| {
        let label = labels.iter().find(|(c, _)| same(*c, [r, g, b])).map(|(_, m)| *m);
        label.filter(|_| a >= HALF).or_else(|| marked([r, g, b, a]).then_some(Meaning::Unclear))
    };
    let of = |wanted: Meaning| {
        let mask = grid(&image, dim, |pixel| meaning(pixel) == Some(wanted));
        let count = mask.iter().filter(|m| **m).count();
        (mask, count)
    };
    let unlabelled = of(Meaning::Unclear).1;
    if unlabelled > 0 {
        warnings.push(say!(
            "{unlabelled} points of the file's mask have no label that is understood: they are \
             neither taken as the mark nor left out"
        ));
    }
    let (mark, marks) = of(Meaning::Mark);
    let (out, outs) = of(Meaning::Exclude);
    if outs > 0 {
        warnings.push(say!("{outs} points are left out, as labels of the file's mask say"));
    }
    (Some(mark).filter(|_| marks > 0), Some(out).filter(|_| outs > 0))
}

/// What each labelled colour means.
fn labels(
    document: &Document,
    background: Option<[u8; 3]>,
    warnings: &mut Vec<Message>,
) -> Vec<([u8; 3], Meaning)> {
    let mut labels: Vec<([u8; 3], Meaning)> = Vec::new();
    for (name, text) in document.annotations() {
        let shown: String = text.chars().take(60).collect();
        let Some(rgb) = colour(name).filter(|c| background != Some(*c)) else {
            warnings.push(say!("the mask's label {shown:?} has no usable colour ({name:?})"));
            continue;
        };
        let meaning = Meaning::of(text);
        let says = match meaning {
            Meaning::Mark => say!("is taken as the mark"),
            Meaning::Exclude => say!("is left out"),
            Meaning::Unclear => say!("is not understood: name it \"exclude\" or \"mark\""),
        };
        warnings.push(say!("the mask's label {shown:?} ({name}) {says}"));
        match labels.iter_mut().find(|(c, _)| same(*c, rgb)) {
            // Two labels of one colour that differ say nothing, but "exclude" is heeded.
            Some((_, known)) if *known != meaning && *known != Meaning::Exclude => {
                *known = if meaning == Meaning::Exclude { meaning } else { Meaning::Unclear };
            }
            Some(_) => {}
            None => labels.push((rgb, meaning)),
        }
    }
    labels
}

/// The mask of a file without labels.
fn plain(
    image: &RgbaImage,
    dim: (usize, usize),
    is_mark: impl Fn([u8; 4]) -> bool,
    warnings: &mut Vec<Message>,
) -> Option<Mask> {
    let mask = grid(image, dim, &is_mark);
    let marked = mask.iter().filter(|m| **m).count();
    if marked == 0 || marked == mask.len() {
        let all = if marked == 0 { say!("no pixel") } else { say!("every pixel") };
        warnings.push(say!("the file's mask is ignored: {all} is marked"));
        return None;
    }
    let mut marks = image.pixels().map(|p| p.0).filter(|p| is_mark(*p));
    let first = marks.next();
    if marks.any(|p| Some(p) != first) {
        warnings.push(say!("the file's mask has several colours; all are taken as the mark"));
    }
    Some(mask)
}

fn grid(image: &RgbaImage, (ny, nx): (usize, usize), is: impl Fn([u8; 4]) -> bool) -> Mask {
    Array2::from_shape_fn((ny, nx), |(y, x)| {
        image.get_pixel_checked(x as u32, y as u32).is_some_and(|p| is(p.0))
    })
}

fn decode(png: &[u8], (ny, nx): (usize, usize)) -> Result<RgbaImage, Message> {
    let undecodable = |e: image::ImageError| say!("it cannot be decoded ({e})");
    let size = ImageReader::with_format(Cursor::new(png), ImageFormat::Png)
        .into_dimensions()
        .map_err(undecodable)?;
    if (size.0 as usize, size.1 as usize) != (nx, ny) {
        return Err(say!("it has {} × {} pixels, the scan {nx} × {ny}", size.0, size.1));
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
