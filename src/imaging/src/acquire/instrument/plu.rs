//! Sensofar PLU: a header of 500 bytes, then rows, columns and 32-bit heights
//! in micrometres.

use super::{Found, bytes, check_size, damaged, unread};
use types::error::Result;
use types::message::say;
use types::units::Metres;

/// Length of the date, and where the numbers of the header lie.
const DATE: usize = 128;
const ROWS: usize = 388;
const COLUMNS: usize = 392;
const PITCH_X: usize = 404;
const PITCH_Y: usize = 408;
const KIND: usize = 428;
const DATA: usize = 500;

/// A measurement of a surface (the others are images and profiles).
const TOPOGRAPHY: u32 = 3;

/// What stands for a point that was not measured.
const LOST: f32 = 1_000_001.0;

/// Days with which the date in English begins.
const DAYS: [&[u8]; 7] = [b"Mon ", b"Tue ", b"Wed ", b"Thu ", b"Fri ", b"Sat ", b"Sun "];

/// PLU has no signature: a date as the C library writes it, a known kind of
/// measurement, and the same sizes twice.
pub(in crate::acquire) fn is_plu(content: &[u8]) -> bool {
    let date = content.first_chunk::<4>().is_some_and(|day| DAYS.contains(&&day[..]));
    let same = |a, b| {
        bytes::u32_at(content, a)
            .ok()
            .zip(bytes::u32_at(content, b).ok())
            .is_some_and(|(a, b)| a == b)
    };
    date && bytes::u32_at(content, KIND).is_ok_and(|kind| kind <= 6)
        && (same(ROWS, DATA) && same(COLUMNS, DATA + 4)
            || bytes::u32_at(content, KIND).is_ok_and(|kind| kind != TOPOGRAPHY))
}

/// Columns and rows.
pub(super) fn size(content: &[u8]) -> Result<(u64, u64)> {
    Ok((bytes::u32_at(content, DATA + 4)?.into(), bytes::u32_at(content, DATA)?.into()))
}

pub(super) fn read(content: &[u8], limit: usize) -> Result<Found> {
    let kind = bytes::u32_at(content, KIND)?;
    if kind != TOPOGRAPHY {
        return Err(unread(say!("a Sensofar measurement that is no topography")));
    }
    let (columns, rows) = size(content)?;
    let data = content.get(DATA + 8..).unwrap_or_default();
    let (nx, ny) = check_size(columns, rows, 4, data.len() as u64, limit)?;
    let um = |place| bytes::f32_at(content, place).map(Metres::from_um);
    let heights = data.get(..4 * nx * ny).ok_or_else(|| damaged(say!("it is cut short")))?;
    Ok(Found {
        nx,
        ny,
        pitch: (um(PITCH_X)?, um(PITCH_Y)?),
        z: bytes::f32_heights(heights, 1e-6, |z| z >= LOST),
        instrument: Some("Sensofar".into()),
        acquired: bytes::text(content, 0, DATE),
        warnings: Vec::new(),
    })
}
