//! What an image file says of its pixel size and of the instrument.

use super::tiff::directory::{self, Directory, tag};
use crate::acquire::pixel_size;
use quick_xml::events::Event;
use types::message::{Message, say};
use types::units::Metres;

/// What a file says of its lateral sampling in one place.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Resolution {
    /// Nothing, or no physical unit.
    Absent,
    /// Pixel size along x and y.
    Stated(Metres, Metres),
}

/// What the metadata of an image say.
#[derive(Default)]
pub(super) struct StatedResolution {
    pub resolution: Vec<Resolution>,
    pub instrument: Option<String>,
}

impl StatedResolution {
    /// A resolution and nothing else.
    pub fn only(resolution: Resolution) -> Self {
        Self { resolution: vec![resolution], instrument: None }
    }

    /// Adds what an Exif block says, which is a TIFF without an image.
    fn exif(&mut self, block: &[u8]) {
        if let Some(first) = directory::pages(block).ok().and_then(|p| p.into_iter().next()) {
            self.resolution.extend(of_directory(&first));
            self.instrument = self.instrument.take().or_else(|| instrument_of(&first));
        }
    }
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
}

/// The pixel size, where it can be a microscope's; editors and cameras put 72,
/// 96 or 300 dpi into files that were never measured. Two that can be and
/// differ are no statement.
pub(super) fn usable(said: &[Resolution], warnings: &mut Vec<Message>) -> Option<(Metres, Metres)> {
    let stated = said.iter().filter_map(|r| match *r {
        Resolution::Stated(x, y) => Some((x, y)),
        Resolution::Absent => None,
    });
    let plausible =
        |(x, y): &(Metres, Metres)| pixel_size::is_plausible(*x) && pixel_size::is_plausible(*y);
    let (good, bad): (Vec<_>, Vec<_>) = stated.partition(plausible);
    let Some(first) = good.first() else {
        if let Some((x, _)) = bad.first() {
            warnings.push(say!(
                "the file states {x} a pixel ({:.0} dpi), a screen's or printer's resolution and \
                 not a microscope's; it is not used",
                0.0254 / x.0
            ));
        }
        return None;
    };
    if let Some(other) = good.iter().find(|o| !pixel_size::agree(first.0, o.0)) {
        warnings.push(say!(
            "the file states {} a pixel in one place and {} in another; neither is used",
            first.0,
            other.0
        ));
        return None;
    }
    Some(*first)
}

/// PNG: `pHYs`, pixels per metre, and an Exif block.
pub(super) fn of_png(bytes: &[u8]) -> StatedResolution {
    let mut said = StatedResolution::default();
    let mut rest = bytes.get(8..).unwrap_or_default();
    while let Some((length, after)) = be32(rest) {
        let data = after.get(4..).unwrap_or_default();
        let data = data.get(..(length as usize).min(data.len())).unwrap_or_default();
        match after.get(..4) {
            Some(b"pHYs") => {
                let metric = data.get(8) == Some(&1);
                let sides = be32(data).zip(data.get(4..).and_then(be32));
                if let Some(((x, _), (y, _))) = sides.filter(|_| metric) {
                    said.resolution.push(Resolution::per(1.0, x.into(), y.into()));
                }
            }
            Some(b"eXIf") => said.exif(data),
            Some(b"IEND") | None => break,
            Some(_) => {}
        }
        // Past the type, the data and the CRC.
        rest = after.get((length as usize).saturating_add(8)..).unwrap_or_default();
    }
    said
}

/// JPEG: the JFIF segment's density, in dots per inch or per centimetre, and an
/// Exif block.
pub(super) fn of_jpeg(bytes: &[u8]) -> StatedResolution {
    let mut said = StatedResolution::default();
    let mut rest = bytes.get(2..).unwrap_or_default();
    while let [0xff, marker, high, low, data @ ..] = rest {
        // The length counts its own two bytes.
        let length = usize::from(u16::from_be_bytes([*high, *low]));
        let segment = data.get(..length.saturating_sub(2).min(data.len())).unwrap_or_default();
        match (*marker, segment) {
            (0xe0, [b'J', b'F', b'I', b'F', 0, _, _, unit, xh, xl, yh, yl, ..]) => {
                let density = |h: &u8, l: &u8| f64::from(u16::from_be_bytes([*h, *l]));
                let (x, y) = (density(xh, xl), density(yh, yl));
                match unit {
                    1 => said.resolution.push(Resolution::per(0.0254, x, y)),
                    2 => said.resolution.push(Resolution::per(0.01, x, y)),
                    _ => {}
                }
            }
            (0xe1, [b'E', b'x', b'i', b'f', 0, 0, block @ ..]) => said.exif(block),
            (0xda, _) => break,
            _ => {}
        }
        rest = rest.get(length + 2..).unwrap_or_default();
    }
    said
}

/// A directory: the size that OME-XML states, else X/YResolution with their
/// unit, or the `unit=` line that ImageJ writes into the description while it
/// leaves the TIFF unit at "none".
pub(super) fn of_directory(page: &Directory<'_>) -> Vec<Resolution> {
    let description = page.text(tag::DESCRIPTION).unwrap_or_default();
    if let Some((x, y)) = ome_pixel(&description) {
        return vec![Resolution::Stated(x, y)];
    }
    let metres = match page.number(tag::RESOLUTION_UNIT).ok().flatten() {
        None | Some(2) => Some(0.0254),
        Some(3) => Some(0.01),
        _ => {
            let unit = description.lines().find_map(|line| line.trim().strip_prefix("unit="));
            unit.and_then(metres_of)
        }
    };
    let sides = page.real(tag::X_RESOLUTION).zip(page.real(tag::Y_RESOLUTION));
    sides.zip(metres).map(|((x, y), metres)| Resolution::per(metres, x, y)).into_iter().collect()
}

/// Maker and model, where a directory states them.
pub(super) fn instrument_of(page: &Directory<'_>) -> Option<String> {
    let texts = [tag::MAKE, tag::MODEL].into_iter().filter_map(|tag| page.text(tag));
    let texts: Vec<String> =
        texts.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty()).collect();
    (!texts.is_empty()).then(|| texts.join(" "))
}

/// `PhysicalSizeX` and `PhysicalSizeY` of the first `Pixels` of an OME-XML
/// description; the unit is micrometres unless stated (OME schema 2015-01 on).
fn ome_pixel(description: &str) -> Option<(Metres, Metres)> {
    if !description.contains("PhysicalSizeX") {
        return None;
    }
    let mut reader = quick_xml::Reader::from_str(description.trim_start_matches('\u{feff}'));
    loop {
        let tag = match reader.read_event().ok()? {
            Event::Start(tag) | Event::Empty(tag) => tag,
            Event::Eof => return None,
            _ => continue,
        };
        if tag.local_name().as_ref() != "Pixels" {
            continue;
        }
        let read = |name: &str| {
            let attribute = tag.try_get_attribute(name).ok().flatten()?;
            Some(attribute.value.to_string())
        };
        let side = |name: &str| {
            let unit = read(&format!("{name}Unit"));
            let metres = unit.as_deref().map_or(Some(1e-6), metres_of)?;
            let size: f64 = read(name)?.trim().parse().ok()?;
            Some(Metres(size * metres)).filter(|size| size.0 > 0.0 && size.0.is_finite())
        };
        let x = side("PhysicalSizeX")?;
        return Some((x, side("PhysicalSizeY").unwrap_or(x)));
    }
}

/// A unit of length as programs write it, in metres.
fn metres_of(unit: &str) -> Option<f64> {
    match unit.trim() {
        "nm" => Some(1e-9),
        "um" | "micron" | "microns" | "\u{b5}m" | "\u{3bc}m" | "\\u00B5m" | "&#181;m"
        | "&#xB5;m" => Some(1e-6),
        "mm" => Some(1e-3),
        "cm" => Some(1e-2),
        "m" => Some(1.0),
        "inch" | "in" => Some(0.0254),
        _ => None,
    }
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
