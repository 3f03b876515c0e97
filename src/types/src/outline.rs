//! What of an encoded template screening a gallery needs, without decoding it.
//!
//! The layout of the bytes is told in `imaging::extract` (`codec.rs`); this
//! knows where the parts lie, and nothing of what they mean.

/// How the bytes of a template begin.
pub const TEMPLATE_MAGIC: &[u8; 4] = b"BLT2";
/// How those of the template of a striated mark begin, which has a profile in
/// place of a sketch.
pub const STRIATED_MAGIC: &[u8; 4] = b"BLT3";
/// Bytes before the first map.
pub const TEMPLATE_HEAD: usize = 40;
/// Maps of a template.
const MAPS: usize = 3;

/// The outline of a template.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outline<'a> {
    /// Points of the fine map that are present.
    pub points: u64,
    /// Its sketch, byte for byte; empty for a striated mark.
    pub sketch: &'a [u8],
}

impl<'a> Outline<'a> {
    /// The outline of an encoded template; none if the bytes are not one.
    pub fn of(template: &'a [u8]) -> Option<Self> {
        let (head, mut rest) = template.split_at_checked(TEMPLATE_HEAD)?;
        let striated = head.starts_with(STRIATED_MAGIC);
        if !striated && !head.starts_with(TEMPLATE_MAGIC) {
            return None;
        }
        let mut points = None;
        for _ in 0..MAPS {
            let (nx, after) = rest.split_first_chunk::<2>()?;
            let (ny, after) = after.split_first_chunk::<2>()?;
            let area = usize::from(u16::from_le_bytes(*nx)) * usize::from(u16::from_le_bytes(*ny));
            let (_values, after) = after.split_at_checked(area)?;
            let (mask, after) = after.split_at_checked(area.div_ceil(8))?;
            // The bits after the last point count for nothing.
            let whole = mask.get(..area / 8)?.iter().map(|bits| u64::from(bits.count_ones()));
            let last = mask
                .get(area / 8)
                .map_or(0, |bits| u64::from((bits & ((1_u8 << (area % 8)) - 1)).count_ones()));
            points.get_or_insert(whole.sum::<u64>() + last);
            rest = after;
        }
        Some(Self { points: points?, sketch: if striated { &[] } else { rest } })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_are_those_of_the_first_map_and_the_sketch_is_the_rest() {
        let mut bytes = TEMPLATE_MAGIC.to_vec();
        bytes.resize(TEMPLATE_HEAD, 7);
        // 3 × 3 points of which 5 and a stray bit, then two maps of one point.
        bytes.extend([3, 0, 3, 0]);
        bytes.extend([1; 9]);
        bytes.extend([0b0001_1110, 0b1000_0001]);
        for _ in 0..2 {
            bytes.extend([1, 0, 1, 0, 9, 1]);
        }
        bytes.extend(b"sketch");
        let outline = Outline::of(&bytes);
        assert_eq!(outline, Some(Outline { points: 5, sketch: b"sketch" }));
        assert!((0..bytes.len() - 6).all(|cut| Outline::of(&bytes[..cut]).is_none()));
        bytes[..4].copy_from_slice(STRIATED_MAGIC);
        assert_eq!(Outline::of(&bytes), Some(Outline { points: 5, sketch: b"" }));
        bytes[0] = b'X';
        assert_eq!(Outline::of(&bytes), None);
    }
}
