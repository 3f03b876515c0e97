//! Digital Surf SUR (MountainsMap): a header of 512 bytes, a comment, a private
//! zone, then 16- or 32-bit integers, plain or in zlib streams.

use super::{Found, bytes, check_size, damaged, unread};
use std::io::Read;
use types::error::Result;
use types::message::say;
use types::units::Metres;

/// What a plain and a compressed file begin with.
pub(in crate::acquire) const SIGNATURES: [&[u8]; 2] = [b"DIGITAL SURF", b"DSCOMPRESSED"];

const HEADER: usize = 512;

/// Kinds of studiable: a surface, and a series of surfaces, of which the first is read.
const SURFACE: i16 = 2;
const SERIES: i16 = 5;

/// Deflate packs no more than this many bytes into one.
const MOST_INFLATION: u64 = 1032;

/// Most zlib streams of a file.
const MOST_STREAMS: u32 = 65_536;

/// Columns and rows.
pub(super) fn size(content: &[u8]) -> Result<(u64, u64)> {
    let size = |place| bytes::i32_at(content, place).map(|n| u64::try_from(n).unwrap_or(0));
    Ok((size(108)?, size(112)?))
}

pub(super) fn read(content: &[u8], limit: usize) -> Result<Found> {
    let mut warnings = Vec::new();
    let kind = bytes::i16_at(content, 18)?;
    if kind != SURFACE && kind != SERIES {
        return Err(unread(say!("a Digital Surf file of kind {kind}, which is no surface")));
    }
    if kind == SERIES || bytes::i16_at(content, 14)? > 1 {
        warnings.push(say!("the file holds several surfaces; only the first is read"));
    }
    let width = match bytes::i16_at(content, 98)? {
        16 => 2,
        32 => 4,
        other => return Err(unread(say!("heights of {other} bits"))),
    };
    let long = |place| bytes::i16_at(content, place).map(|n| usize::try_from(n).unwrap_or(0));
    let start = HEADER + long(334)? + long(336)?;
    let body = content.get(start..).ok_or_else(|| damaged(say!("it ends within its comment")))?;
    let compressed = content.starts_with(SIGNATURES[1]);
    let room = body.len() as u64 * if compressed { MOST_INFLATION } else { 1 };
    let (columns, rows) = size(content)?;
    let (nx, ny) = check_size(columns, rows, width, room, limit)?;
    let length = nx * ny * width as usize;
    let unpacked;
    let raw = if compressed {
        unpacked = inflate(body, length)?;
        unpacked.as_slice()
    } else {
        body.get(..length).ok_or_else(|| damaged(say!("it is cut short")))?
    };
    let step = bytes::f32_at(content, 128)? * unit(content, 212)?;
    // The readers at hand take the offset, which shifts all heights alike, in micrometres.
    let offset = bytes::f32_at(content, 474)? * 1e-6;
    if step <= 0.0 || !step.is_finite() || !offset.is_finite() {
        return Err(damaged(say!("a height step of {step} m, an offset of {offset} m")));
    }
    // "Special points": two below the least is missing, two above the most is saturated.
    let special = bytes::i16_at(content, 86)? != 0;
    let (low, high) = (bytes::i32_at(content, 100)?, bytes::i32_at(content, 104)?);
    let (missing, saturated) = (low.saturating_sub(2), high.saturating_add(2));
    let number = |b: &[u8]| match *b {
        [a, b] => i16::from_le_bytes([a, b]).into(),
        [a, b, c, d] => i32::from_le_bytes([a, b, c, d]),
        _ => missing,
    };
    let height = |b: &[u8]| {
        let n = number(b);
        let out = special && (n == missing || n == saturated);
        if out { f64::NAN } else { f64::from(n) * step + offset }
    };
    Ok(Found {
        nx,
        ny,
        pitch: (
            Metres(bytes::f32_at(content, 120)? * unit(content, 180)?),
            Metres(bytes::f32_at(content, 124)? * unit(content, 196)?),
        ),
        z: raw.chunks_exact(width as usize).map(height).collect(),
        instrument: bytes::text(content, 50, 30),
        acquired: date(content),
        warnings,
    })
}

/// A unit of length in metres, by its text.
fn unit(content: &[u8], place: usize) -> Result<f64> {
    let text = bytes::text(content, place, 16).unwrap_or_default();
    match text.as_str() {
        "m" => Ok(1.0),
        "cm" => Ok(1e-2),
        "mm" => Ok(1e-3),
        "µm" | "um" | "\u{3bc}m" => Ok(1e-6),
        "nm" => Ok(1e-9),
        _ => Err(damaged(say!("the unknown unit {text:?}"))),
    }
}

/// Seconds, minutes, hours, day, month, year of the measurement.
fn date(content: &[u8]) -> Option<String> {
    let part = |i: usize| bytes::i16_at(content, 306 + 2 * i).ok();
    let (second, minute, hour) = (part(0)?, part(1)?, part(2)?);
    let (day, month, year) = (part(3)?, part(4)?, part(5)?);
    ((1..=31).contains(&day) && (1..=12).contains(&month) && year > 1900)
        .then(|| format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}"))
}

/// The zlib streams of a compressed file, one after the other: their count,
/// the unpacked and packed length of each, the streams.
fn inflate(body: &[u8], length: usize) -> Result<Vec<u8>> {
    let count = bytes::u32_at(body, 0)?;
    if count == 0 || count > MOST_STREAMS {
        return Err(damaged(say!("it has {count} packed parts")));
    }
    let mut at = 4 + 8 * count as usize;
    let mut out = Vec::with_capacity(length);
    for n in 0..count as usize {
        let packed = bytes::u32_at(body, 8 + 8 * n)? as usize;
        let stream = at.checked_add(packed).and_then(|end| body.get(at..end));
        let stream = stream.ok_or_else(|| damaged(say!("its packed heights are cut short")))?;
        let left = (length - out.len()) as u64;
        flate2::read::ZlibDecoder::new(stream)
            .take(left)
            .read_to_end(&mut out)
            .map_err(|e| damaged(say!("its packed heights cannot be unpacked: {e}")))?;
        at += packed;
    }
    match out.len() == length {
        true => Ok(out),
        false => Err(damaged(say!("it unpacks to {} bytes of {length}", out.len()))),
    }
}
