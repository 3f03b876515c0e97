//! TrueMap TMD, of GelSight and TopMatch instruments: a line, a comment ended by
//! a zero byte, sizes, lengths, and 32-bit heights.
//!
//! The format names no unit. GelSight's own programs and TrueMap write
//! millimetres, some converters micrometres: a scan of a casing is between 0.1
//! and 100 mm across, so the length tells which.

use super::{Found, bytes, check_size, damaged};
use types::error::Result;
use types::message::say;
use types::units::Metres;

/// What the file begins with.
pub(in crate::acquire) const SIGNATURE: &[u8] = b"Binary TrueMap Data File v2.0";

/// Where the comment begins.
const COMMENT: usize = 32;

/// Longest comment, in bytes.
const LONGEST_COMMENT: usize = 4096;

/// Widths of a scan of a casing.
const WIDTHS_M: std::ops::RangeInclusive<f64> = 1e-4..=0.1;

/// Where the sizes lie, behind the comment.
pub(super) fn place(content: &[u8]) -> Result<usize> {
    let rest = content.get(COMMENT..).unwrap_or_default();
    let end = rest.iter().take(LONGEST_COMMENT).position(|b| *b == 0);
    end.map(|at| COMMENT + at + 1).ok_or_else(|| damaged(say!("its comment has no end")))
}

/// Columns and rows.
pub(super) fn size(content: &[u8], place: usize) -> Result<(u64, u64)> {
    Ok((bytes::u32_at(content, place)?.into(), bytes::u32_at(content, place + 4)?.into()))
}

pub(super) fn read(content: &[u8], limit: usize) -> Result<Found> {
    let place = place(content)?;
    let (columns, rows) = size(content, place)?;
    let data = content.get(place + 24..).unwrap_or_default();
    let (nx, ny) = check_size(columns, rows, 4, data.len() as u64, limit)?;
    let (across, down) = (bytes::f32_at(content, place + 8)?, bytes::f32_at(content, place + 12)?);
    let unit = [(1e-3, "millimetres"), (1e-6, "micrometres")]
        .into_iter()
        .find(|(unit, _)| WIDTHS_M.contains(&(across.max(down) * unit)));
    let (unit, name) = unit.ok_or_else(|| {
        damaged(say!("{across} × {down} across is no casing in millimetres or micrometres"))
    })?;
    let mut warnings = Vec::new();
    warnings.push(say!(
        "the format names no unit; {across} across can only be {name}: lengths and heights are \
         read as {name}"
    ));
    let heights = data.get(..4 * nx * ny).ok_or_else(|| damaged(say!("it is cut short")))?;
    let comment = bytes::text(content, COMMENT, place - COMMENT);
    Ok(Found {
        nx,
        ny,
        pitch: (Metres(across * unit / nx as f64), Metres(down * unit / ny as f64)),
        z: bytes::f32_heights(heights, unit, |_| false),
        instrument: comment.map(|c| format!("TrueMap ({c})")),
        acquired: None,
        warnings,
    })
}
