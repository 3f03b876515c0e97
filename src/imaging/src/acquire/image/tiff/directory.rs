//! Directories of a TIFF (classic and BigTIFF, either byte order) and of the
//! Exif block in other images, which is one.

use std::collections::BTreeMap;
use types::error::{Error, Kind, Result};
use types::message::{Message, say};

/// Pages looked at; a stack of more is a film.
const MOST_PAGES: usize = 1024;

/// Longest text that is looked at, in bytes; OME-XML of many planes is long.
const LONGEST_TEXT: u64 = 4 << 20;

/// The tags that are read (TIFF 6.0 and its supplements).
pub(in crate::acquire::image) mod tag {
    #![allow(missing_docs)]
    pub const NEW_SUBFILE_TYPE: u16 = 254;
    pub const WIDTH: u16 = 256;
    pub const LENGTH: u16 = 257;
    pub const BITS: u16 = 258;
    pub const COMPRESSION: u16 = 259;
    pub const PHOTOMETRIC: u16 = 262;
    pub const FILL_ORDER: u16 = 266;
    pub const DESCRIPTION: u16 = 270;
    pub const MAKE: u16 = 271;
    pub const MODEL: u16 = 272;
    pub const STRIP_OFFSETS: u16 = 273;
    pub const ORIENTATION: u16 = 274;
    pub const SAMPLES: u16 = 277;
    pub const ROWS_PER_STRIP: u16 = 278;
    pub const STRIP_BYTES: u16 = 279;
    pub const X_RESOLUTION: u16 = 282;
    pub const Y_RESOLUTION: u16 = 283;
    pub const PLANAR: u16 = 284;
    pub const RESOLUTION_UNIT: u16 = 296;
    pub const PREDICTOR: u16 = 317;
    pub const COLOUR_MAP: u16 = 320;
    pub const TILE_WIDTH: u16 = 322;
    pub const TILE_LENGTH: u16 = 323;
    pub const TILE_OFFSETS: u16 = 324;
    pub const TILE_BYTES: u16 = 325;
    pub const EXTRA_SAMPLES: u16 = 338;
    pub const SAMPLE_FORMAT: u16 = 339;
    pub const JPEG_TABLES: u16 = 347;
    pub const NO_DATA: u16 = 42_113;
}

/// One directory: a page.
pub(in crate::acquire::image) struct Directory<'a> {
    bytes: &'a [u8],
    little: bool,
    entries: BTreeMap<u16, Entry>,
}

/// Where the values of a tag lie.
#[derive(Clone, Copy)]
struct Entry {
    kind: u16,
    count: u64,
    at: u64,
}

/// All pages of the file in their order; at least one.
pub(in crate::acquire::image) fn pages(bytes: &[u8]) -> Result<Vec<Directory<'_>>> {
    let little = bytes.starts_with(b"II");
    let big = matches!(bytes.get(2..4), Some(b"+\0" | b"\0+"));
    let mut at = match big {
        true => number(bytes, 8, 8, little),
        false => number(bytes, 4, 4, little),
    };
    let mut pages: Vec<Directory<'_>> = Vec::new();
    let mut seen = Vec::new();
    while let Some(start) = at.filter(|start| *start > 0) {
        if seen.contains(&start) || pages.len() >= MOST_PAGES {
            break;
        }
        seen.push(start);
        let Some((page, next)) = directory(bytes, start, little, big) else {
            // What comes before a cut is whole.
            if pages.is_empty() {
                break;
            }
            return Err(damaged(say!("its directory {} is cut short", pages.len() + 1)));
        };
        pages.push(page);
        at = next;
    }
    match pages.is_empty() {
        true => Err(damaged(say!("it has no readable directory"))),
        false => Ok(pages),
    }
}

/// One directory and where the next begins.
fn directory(
    bytes: &[u8],
    start: u64,
    little: bool,
    big: bool,
) -> Option<(Directory<'_>, Option<u64>)> {
    let (count_width, entry_width, value_width) = if big { (8, 20, 8) } else { (2, 12, 4) };
    let count = number(bytes, start, count_width, little)?;
    let first = start.checked_add(count_width)?;
    let end = first.checked_add(count.checked_mul(entry_width)?)?;
    if end > bytes.len() as u64 {
        return None;
    }
    let mut entries = BTreeMap::new();
    for n in 0..count {
        let at = first + n * entry_width;
        let name = number(bytes, at, 2, little)? as u16;
        let kind = number(bytes, at + 2, 2, little)? as u16;
        let count = number(bytes, at + 4, value_width, little)?;
        let value = at + 4 + value_width;
        let fits = count.checked_mul(width(kind)).is_some_and(|length| length <= value_width);
        let at = if fits { value } else { number(bytes, value, value_width, little)? };
        // As other readers, the first of two entries of one tag counts.
        entries.entry(name).or_insert(Entry { kind, count, at });
    }
    let next = number(bytes, end, value_width, little);
    Some((Directory { bytes, little, entries }, next))
}

impl Directory<'_> {
    /// The whole numbers of a tag; `None` where it is absent.
    pub fn numbers(&self, tag: u16) -> Result<Option<Vec<u64>>> {
        let Some(entry) = self.entries.get(&tag) else { return Ok(None) };
        let step = match entry.kind {
            1 | 3 | 4 | 13 | 16 | 18 => width(entry.kind),
            _ => return Err(damaged(say!("its tag {tag} holds no whole numbers"))),
        };
        let data = self.data(tag, entry, u64::MAX)?;
        let values = data.chunks_exact(step as usize);
        Ok(Some(values.map(|raw| whole(raw, self.little)).collect()))
    }

    /// The first whole number of a tag.
    pub fn number(&self, tag: u16) -> Result<Option<u64>> {
        Ok(self.numbers(tag)?.and_then(|values| values.first().copied()))
    }

    /// The first value of a tag as a real number: rational or floating point.
    pub fn real(&self, tag: u16) -> Option<f64> {
        let entry = self.entries.get(&tag)?;
        let data = self.data(tag, entry, u64::MAX).ok()?;
        let part = |from: usize| Some(whole(data.get(from..from + 4)?, self.little));
        match entry.kind {
            5 => Some(part(0)? as f64 / part(4)? as f64),
            11 => Some(f32::from_bits(part(0)? as u32).into()),
            12 => Some(f64::from_bits(whole(data.get(..8)?, self.little))),
            1 | 3 | 4 | 16 => {
                Some(whole(data.get(..width(entry.kind) as usize)?, self.little) as f64)
            }
            _ => None,
        }
    }

    /// A tag's text: UTF-8, else Windows-1252, in which µ and accents are
    /// written by many instruments though the standard says ASCII.
    pub fn text(&self, tag: u16) -> Option<String> {
        let entry = self.entries.get(&tag).filter(|e| matches!(e.kind, 1 | 2 | 7))?;
        let data = self.data(tag, entry, LONGEST_TEXT).ok()?;
        let end = data.iter().position(|b| *b == 0).unwrap_or(data.len());
        let data = data.get(..end)?;
        Some(std::str::from_utf8(data).map_or_else(
            |_| encoding_rs::WINDOWS_1252.decode_without_bom_handling(data).0.into_owned(),
            str::to_owned,
        ))
    }

    /// A tag's bytes as they lie.
    pub fn raw(&self, tag: u16) -> Option<&[u8]> {
        self.data(tag, self.entries.get(&tag)?, u64::MAX).ok()
    }

    /// A piece of the file.
    pub fn piece(&self, at: u64, length: u64) -> Result<&[u8]> {
        let range = usize::try_from(at).ok().zip(usize::try_from(length).ok());
        range
            .and_then(|(at, length)| self.bytes.get(at..at.checked_add(length)?))
            .ok_or_else(|| damaged(say!("it is cut short: its pixels lie beyond its end")))
    }

    /// Bytes from a place to the end of the file.
    pub fn rest(&self, at: u64) -> u64 {
        (self.bytes.len() as u64).saturating_sub(at)
    }

    /// Whether numbers are stored with the low byte first.
    pub const fn little_endian(&self) -> bool {
        self.little
    }

    fn data(&self, tag: u16, entry: &Entry, most: u64) -> Result<&[u8]> {
        let length = entry.count.checked_mul(width(entry.kind));
        let length = length.ok_or_else(|| damaged(say!("its tag {tag} is too long")))?;
        self.piece(entry.at, length.min(most))
            .map_err(|_| damaged(say!("the values of its tag {tag} lie beyond its end")))
    }
}

/// Bytes of one value of a type; 1 for an unknown type, whose values are not read.
const fn width(kind: u16) -> u64 {
    match kind {
        3 | 8 => 2,
        4 | 9 | 11 | 13 => 4,
        5 | 10 | 12 | 16 | 17 | 18 => 8,
        _ => 1,
    }
}

/// An unsigned number of up to eight bytes.
fn whole(raw: &[u8], little: bool) -> u64 {
    let add = |sum: u64, byte: &u8| sum << 8 | u64::from(*byte);
    if little { raw.iter().rev().fold(0, add) } else { raw.iter().fold(0, add) }
}

fn number(bytes: &[u8], at: u64, width: u64, little: bool) -> Option<u64> {
    let at = usize::try_from(at).ok()?;
    bytes.get(at..at.checked_add(width as usize)?).map(|raw| whole(raw, little))
}

/// A TIFF that breaks its format.
pub(super) fn damaged(what: Message) -> Error {
    Error::new(Kind::Damaged, say!("the TIFF cannot be decoded: {what}"))
        .advise(say!("the file is damaged: copy it again from the instrument"))
}
