//! Alicona AL3D: tags of 52 bytes (a key of 20, a value of 30, a line end),
//! then 32-bit heights in metres whose rows may be padded.

use super::{Found, bytes, check_size, damaged, unread};
use std::collections::BTreeMap;
use types::error::Result;
use types::message::say;
use types::units::Metres;

/// What the file begins with.
pub(in crate::acquire) const SIGNATURE: &[u8] = b"AliconaImaging\0";

/// The first line, with its end, before the tags.
const FIRST_TAG: usize = 17;
const KEY: usize = 20;
const VALUE: usize = 30;
const TAG: usize = 52;

/// Most tags of a file.
const MOST_TAGS: usize = 1000;

pub(super) fn read(content: &[u8], limit: usize) -> Result<Found> {
    let tags = tags(content)?;
    let number = |key: &str| -> Result<u64> {
        let text = tags.get(key).ok_or_else(|| damaged(say!("it has no tag {key}")))?;
        text.parse().map_err(|_| damaged(say!("its tag {key} is {text:?}")))
    };
    let real = |key: &str| -> Result<f64> {
        let text = tags.get(key).ok_or_else(|| damaged(say!("it has no tag {key}")))?;
        let value: f64 = text.parse().map_err(|_| damaged(say!("its tag {key} is {text:?}")))?;
        Ok(value)
    };
    let start = number("DepthImageOffset").unwrap_or(0);
    if start == 0 {
        return Err(unread(say!("an Alicona file without a depth image")));
    }
    let (columns, rows) = size(&tags)?;
    // The depth image ends where another begins, or with the file.
    let others = ["IconOffset", "TextureImageOffset"].map(|key| number(key).unwrap_or(0));
    let end = others.into_iter().filter(|at| *at > start).min().unwrap_or(u64::MAX);
    let end = end.min(content.len() as u64);
    let room = end.saturating_sub(start);
    let (nx, ny) = check_size(columns, rows, 4, room, limit)?;
    // Rows are padded to eight bytes by some programs; the length tells which.
    let (tight, padded) = (4 * columns, (4 * columns).next_multiple_of(8));
    let exact = room == tight * rows;
    let stride = if !exact && room >= padded * rows { padded } else { tight };
    // The tag is a decimal of a 32-bit number.
    let invalid = real("InvalidPixelValue").map_or(f32::NAN, |v| v as f32);
    let missing = |z: f32| (z - invalid).abs() <= invalid.abs() * 1e-5;
    let mut z = Vec::with_capacity(nx * ny);
    for row in 0..ny {
        let at = start as usize + row * stride as usize;
        let raw =
            content.get(at..at + 4 * nx).ok_or_else(|| damaged(say!("its rows are cut short")))?;
        z.extend(bytes::f32_heights(raw, 1.0, missing));
    }
    let pitch = (Metres(real("PixelSizeXMeter")?), Metres(real("PixelSizeYMeter")?));
    Ok(Found {
        nx,
        ny,
        pitch,
        z,
        instrument: Some("Alicona".into()),
        acquired: None,
        warnings: Vec::new(),
    })
}

/// Columns and rows.
pub(super) fn size(tags: &BTreeMap<String, String>) -> Result<(u64, u64)> {
    let number = |key: &str| {
        let text = tags.get(key).ok_or_else(|| damaged(say!("it has no tag {key}")))?;
        text.parse::<u64>().map_err(|_| damaged(say!("its tag {key} is {text:?}")))
    };
    Ok((number("Cols")?, number("Rows")?))
}

/// The tags by their keys.
pub(super) fn tags(content: &[u8]) -> Result<BTreeMap<String, String>> {
    let mut tags = BTreeMap::new();
    let mut count = 2;
    let mut n = 0;
    while n < count {
        let place = FIRST_TAG + n * TAG;
        if content.len() < place + TAG {
            return Err(damaged(say!("it ends within its tags")));
        }
        let key = bytes::text(content, place, KEY).unwrap_or_default();
        let value = bytes::text(content, place + KEY, VALUE).unwrap_or_default();
        if key == "TagCount" {
            let said: usize = value.parse().unwrap_or(0);
            // Counted without the version and the count themselves.
            count = said.saturating_add(2).min(MOST_TAGS);
        }
        tags.insert(key, value);
        n += 1;
    }
    Ok(tags)
}
