//! The binary matrix: four number types, streamed into metres.

use super::archive::{Archive, damaged, unpacking};
use data_encoding::HEXLOWER;
use md5::{Digest as _, Md5};
use std::io::Read;
use types::error::{Error, Result};
use types::message::{Message, say};

/// Number type of the heights (ISO 25178-72, `DataType`), little-endian.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ZType {
    /// `I`: 16-bit signed integer.
    I16,
    /// `L`: 32-bit signed integer.
    I32,
    /// `F`: 32-bit floating point.
    F32,
    /// `D`: 64-bit floating point.
    F64,
}

impl ZType {
    /// The letter that `main.xml` uses.
    pub const fn letter(self) -> &'static str {
        match self {
            Self::I16 => "I",
            Self::I32 => "L",
            Self::F32 => "F",
            Self::F64 => "D",
        }
    }

    /// The type of a letter, if it is one of the four.
    pub fn from_letter(letter: &str) -> Option<Self> {
        [Self::I16, Self::I32, Self::F32, Self::F64].into_iter().find(|t| t.letter() == letter)
    }

    /// Bytes of one number.
    pub const fn bytes(self) -> usize {
        match self {
            Self::I16 => 2,
            Self::I32 | Self::F32 => 4,
            Self::F64 => 8,
        }
    }

    /// Whether the type has no NaN, so that missing points need a bit mask.
    pub const fn is_integer(self) -> bool {
        matches!(self, Self::I16 | Self::I32)
    }

    /// Raw numbers after which the type begins again from its lowest one.
    pub(super) const fn span(self) -> Option<f64> {
        match self {
            Self::I16 => Some(65_536.0),
            Self::I32 => Some(4_294_967_296.0),
            Self::F32 | Self::F64 => None,
        }
    }

    fn decode(self, raw: &[u8]) -> f64 {
        match (self, raw) {
            (Self::I16, &[a, b]) => i16::from_le_bytes([a, b]).into(),
            (Self::I32, &[a, b, c, d]) => i32::from_le_bytes([a, b, c, d]).into(),
            (Self::F32, &[a, b, c, d]) => f32::from_le_bytes([a, b, c, d]).into(),
            (Self::F64, &[a, b, c, d, e, f, g, h]) => f64::from_le_bytes([a, b, c, d, e, f, g, h]),
            _ => f64::NAN,
        }
    }
}

/// How to read the matrix: `layer` points are wanted of `total` in the file.
pub(super) struct Layout {
    pub z_type: ZType,
    pub layer: usize,
    pub total: usize,
    pub increment: f64,
    pub offset: f64,
}

/// Streams the matrix: `raw · increment + offset`, not finite = missing (NaN).
/// Returns the first layer, x fastest, and the MD5 of the whole member.
pub(super) fn read(
    archive: &mut Archive<'_>,
    index: usize,
    layout: &Layout,
) -> Result<(Vec<f64>, String)> {
    let name = archive.name(index).to_owned();
    let width = layout.z_type.bytes();
    let expected = (layout.total as u64).saturating_mul(width as u64);
    let mut stream = archive.stream(index, expected)?.take(expected.saturating_add(1));
    let mut heights = Vec::with_capacity(layout.layer);
    let mut md5 = Md5::new();
    let mut chunk = vec![0_u8; 64 << 10];
    let mut seen = 0_u64;
    loop {
        let filled = fill(&mut stream, &mut chunk).map_err(|e| unpacking(&name, &e))?;
        if filled == 0 {
            break;
        }
        seen += filled as u64;
        let bytes = &chunk[..filled];
        md5.update(bytes);
        let wanted = layout.layer - heights.len();
        heights.extend(bytes.chunks_exact(width).take(wanted).map(|raw| {
            let z = layout.z_type.decode(raw) * layout.increment + layout.offset;
            if z.is_finite() { z } else { f64::NAN }
        }));
    }
    match seen.cmp(&expected) {
        std::cmp::Ordering::Equal => Ok((heights, HEXLOWER.encode(&md5.finalize()))),
        order => Err(wrong_length(&name, seen, expected, order.is_gt())),
    }
}

/// Heights written as the texts of a `DataList`, x fastest, an empty one for a
/// missing point.
pub(super) fn from_list(data: &str, layout: &Layout) -> Result<Vec<f64>> {
    let mut heights = Vec::new();
    for (i, datum) in data.lines().enumerate() {
        heights.push(match datum.trim() {
            "" => f64::NAN,
            text => {
                let raw: f64 = text.parse().map_err(|_| {
                    let shown: String = text.chars().take(40).collect();
                    damaged(say!("Datum {} of main.xml is {shown:?}, not one number", i + 1))
                        .advise(say!("export the scan again with its heights in a binary file"))
                })?;
                let z = raw * layout.increment + layout.offset;
                if z.is_finite() { z } else { f64::NAN }
            }
        });
    }
    if heights.len() != layout.total {
        return Err(damaged(say!(
            "main.xml lists {} heights where the dimensions ask for {}",
            heights.len(),
            layout.total
        )));
    }
    heights.truncate(layout.layer);
    Ok(heights)
}

/// Sets to NaN the points whose bit is 0: one bit a point, x fastest, lowest
/// bit first. Some programs write a byte a point, which is as clear. Returns
/// the MD5 of the member.
pub(super) fn apply_valid_points(
    archive: &mut Archive<'_>,
    index: usize,
    layout: &Layout,
    heights: &mut [f64],
    warnings: &mut Vec<Message>,
) -> Result<String> {
    let expected = layout.total.div_ceil(8) as u64;
    let name = archive.name(index).to_owned();
    archive.stream(index, expected)?;
    let flags = archive.read(index, layout.total as u64)?;
    let length = flags.len() as u64;
    let bytes = length == layout.total as u64 && length != expected;
    if bytes {
        // Two values, one of them zero, or all valid.
        let set = flags.iter().find(|f| **f != 0).copied().unwrap_or(1);
        if flags.iter().any(|f| *f != 0 && *f != set) {
            return Err(damaged(say!("{name} holds a byte a point with more than two values")));
        }
        warnings.push(say!("{name} holds a byte a point where X3P asks for a bit; read as such"));
    } else if length != expected {
        return Err(wrong_length(&name, length, expected, false));
    }
    for (i, z) in heights.iter_mut().enumerate() {
        let flag = match bytes {
            true => flags.get(i).copied(),
            false => flags.get(i / 8).map(|byte| byte >> (i % 8) & 1),
        };
        if flag == Some(0) {
            *z = f64::NAN;
        }
    }
    Ok(HEXLOWER.encode(&Md5::digest(&flags)))
}

/// Reads until the buffer is full or the stream ends.
fn fill(stream: &mut impl Read, buffer: &mut [u8]) -> std::io::Result<usize> {
    let mut filled = 0;
    while let Some(rest) = buffer.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        match stream.read(rest) {
            Ok(0) => break,
            Ok(n) => filled += n,
            Err(e) if e.kind() == std::io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
    Ok(filled)
}

fn wrong_length(name: &str, seen: u64, expected: u64, more: bool) -> Error {
    let seen = if more { "more".to_owned() } else { format!("{seen}") };
    damaged(say!("{name} holds {seen} bytes where the dimensions ask for {expected}"))
        .advise(say!("the file is cut short or its dimensions are wrong: export it again"))
}
