//! Little-endian numbers and texts at places of a file.

use super::damaged;
use types::error::Result;
use types::message::say;

/// `N` bytes at a place.
pub(super) fn at<const N: usize>(content: &[u8], place: usize) -> Result<[u8; N]> {
    content
        .get(place..)
        .and_then(|rest| rest.first_chunk::<N>())
        .copied()
        .ok_or_else(|| damaged(say!("it ends within its header")))
}

pub(super) fn u32_at(content: &[u8], place: usize) -> Result<u32> {
    at(content, place).map(u32::from_le_bytes)
}

pub(super) fn i32_at(content: &[u8], place: usize) -> Result<i32> {
    at(content, place).map(i32::from_le_bytes)
}

pub(super) fn i16_at(content: &[u8], place: usize) -> Result<i16> {
    at(content, place).map(i16::from_le_bytes)
}

pub(super) fn f32_at(content: &[u8], place: usize) -> Result<f64> {
    at(content, place).map(|raw| f32::from_le_bytes(raw).into())
}

/// A text of a fixed length, up to the first zero byte, without blanks around
/// it; Windows-1252. `None` where it is empty.
pub(super) fn text(content: &[u8], place: usize, length: usize) -> Option<String> {
    let raw = content.get(place..place.checked_add(length)?)?;
    let end = raw.iter().position(|b| *b == 0).unwrap_or(raw.len());
    let text = encoding_rs::WINDOWS_1252.decode_without_bom_handling(raw.get(..end)?).0;
    Some(text.trim().to_owned()).filter(|text| !text.is_empty())
}

/// 32-bit floating-point heights in `unit` metres; what is not finite, or is
/// `missing`, is missing.
pub(super) fn f32_heights(raw: &[u8], unit: f64, missing: impl Fn(f32) -> bool) -> Vec<f64> {
    let numbers = raw.chunks_exact(4).filter_map(|b| b.first_chunk::<4>());
    numbers
        .map(|b| {
            let z = f32::from_le_bytes(*b);
            if z.is_finite() && !missing(z) { f64::from(z) * unit } else { f64::NAN }
        })
        .collect()
}
