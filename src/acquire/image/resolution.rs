//! The pixel size that an image file states of itself.

use crate::acquire::pixel_size;
use crate::units::Metres;

/// What a file says of its lateral sampling.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Resolution {
    /// Nothing, or no physical unit.
    Absent,
    /// Pixel size along x and y.
    Stated(Metres, Metres),
}

impl Resolution {
    /// From pixels per `unit` metres along x and y.
    pub fn per(unit: f64, x: f64, y: f64) -> Self {
        if x > 0.0 && y > 0.0 && x.is_finite() && y.is_finite() {
            Self::Stated(Metres(unit / x), Metres(unit / y))
        } else {
            Self::Absent
        }
    }

    /// The pixel size, where it can be a microscope's; editors and cameras put
    /// 72, 96 or 300 dpi into files that were never measured.
    pub fn usable(self, warnings: &mut Vec<String>) -> Option<(Metres, Metres)> {
        let Self::Stated(x, y) = self else { return None };
        if pixel_size::is_plausible(x) && pixel_size::is_plausible(y) {
            return Some((x, y));
        }
        warnings.push(format!(
            "the file states {x} a pixel ({:.0} dpi), a screen's or printer's resolution and not \
             a microscope's; it is not used",
            0.0254 / x.0
        ));
        None
    }
}

/// PNG `pHYs`: pixels per metre; it precedes the first `IDAT`.
pub(super) fn of_png(bytes: &[u8]) -> Resolution {
    let mut rest = bytes.get(8..).unwrap_or_default();
    while let Some((length, after)) = be32(rest) {
        match (after.get(..4), after.get(4..)) {
            (Some(b"pHYs"), Some(data)) => {
                return match (be32(data), data.get(4..).and_then(be32), data.get(8)) {
                    (Some((x, _)), Some((y, _)), Some(1)) => {
                        Resolution::per(1.0, x.into(), y.into())
                    }
                    _ => Resolution::Absent,
                };
            }
            (Some(b"IDAT"), _) | (None, _) => break,
            // Past the type, the data and the CRC.
            _ => rest = after.get((length as usize).saturating_add(8)..).unwrap_or_default(),
        }
    }
    Resolution::Absent
}

/// JPEG: the JFIF segment's density, in dots per inch or per centimetre.
pub(super) fn of_jpeg(bytes: &[u8]) -> Resolution {
    let mut rest = bytes.get(2..).unwrap_or_default();
    while let [0xff, marker, high, low, data @ ..] = rest {
        if let (0xe0, [b'J', b'F', b'I', b'F', 0, _, _, unit, xh, xl, yh, yl, ..]) = (*marker, data)
        {
            let density = |h: &u8, l: &u8| f64::from(u16::from_be_bytes([*h, *l]));
            let (x, y) = (density(xh, xl), density(yh, yl));
            return match unit {
                1 => Resolution::per(0.0254, x, y),
                2 => Resolution::per(0.01, x, y),
                _ => Resolution::Absent,
            };
        }
        if *marker == 0xda {
            break;
        }
        // The length counts its own two bytes.
        let length = usize::from(u16::from_be_bytes([*high, *low]));
        rest = rest.get(length + 2..).unwrap_or_default();
    }
    Resolution::Absent
}

/// BMP: pixels per metre at byte 38 of the file, where the header is long
/// enough to have them.
pub(super) fn of_bmp(bytes: &[u8]) -> Resolution {
    match (bytes.get(14), bytes.get(38..46)) {
        (Some(40..), Some(&[a, b, c, d, e, f, g, h])) => Resolution::per(
            1.0,
            i32::from_le_bytes([a, b, c, d]).into(),
            i32::from_le_bytes([e, f, g, h]).into(),
        ),
        _ => Resolution::Absent,
    }
}

fn be32(bytes: &[u8]) -> Option<(u32, &[u8])> {
    let (head, rest) = bytes.split_first_chunk::<4>()?;
    Some((u32::from_be_bytes(*head), rest))
}
