//! Sensofar PLUX: a zip archive of `index.xml` and `LAYER_0.raw`, 32-bit
//! heights in micrometres.

use super::{Found, bytes, check_size, damaged, unread};
use crate::acquire::x3p::Archive;
use quick_xml::Reader;
use quick_xml::events::Event;
use std::io::Read;
use types::error::Result;
use types::message::say;
use types::units::Metres;

const INDEX: &str = "index.xml";
const HEIGHTS: &str = "LAYER_0.raw";

/// Longest `index.xml`, in bytes.
const MAX_INDEX: u64 = 1 << 20;

/// What stands for a point that was not measured.
const LOST: f32 = 1_000_001.0;

/// Whether the archive holds what a PLUX holds.
pub(in crate::acquire) fn is_plux(archive: &Archive<'_>) -> bool {
    archive.find(INDEX).is_some() && archive.find(HEIGHTS).is_some()
}

pub(super) fn read(content: &[u8], limit: usize) -> Result<Found> {
    let (mut archive, index) = index(content)?;
    let Some(heights) = archive.find(HEIGHTS) else {
        return Err(unread(say!("a Sensofar archive without a layer of heights")));
    };
    let (columns, rows) = size(&index)?;
    let (nx, ny) = check_size(columns, rows, 4, u64::MAX, limit)?;
    let expected = 4 * (nx * ny) as u64;
    let mut raw = Vec::new();
    archive
        .stream(heights.index, expected)?
        .take(expected)
        .read_to_end(&mut raw)
        .map_err(|e| damaged(say!("{HEIGHTS} cannot be unpacked: {e}")))?;
    if raw.len() as u64 != expected {
        return Err(damaged(say!("{HEIGHTS} holds {} bytes of {expected}", raw.len())));
    }
    // FOV is the size of a pixel, in micrometres.
    let um = |name| number(&index, name).map(Metres::from_um);
    let model = element(&index, "DEVICE").filter(|text| !text.is_empty());
    Ok(Found {
        nx,
        ny,
        pitch: (um("FOV_X")?, um("FOV_Y")?),
        z: bytes::f32_heights(&raw, 1e-6, |z| z >= LOST),
        instrument: Some(model.map_or("Sensofar".into(), |m| format!("Sensofar {m}"))),
        acquired: element(&index, "DATE").filter(|text| !text.is_empty()),
        warnings: Vec::new(),
    })
}

/// The archive and its `index.xml`.
pub(super) fn index(content: &[u8]) -> Result<(Archive<'_>, String)> {
    let mut archive = Archive::open(content)?;
    let found = archive.find(INDEX).ok_or_else(|| unread(say!("an archive without an index")))?;
    let index = archive.read(found.index, MAX_INDEX)?;
    let text = encoding_rs::UTF_8.decode(&index).0.into_owned();
    Ok((archive, text))
}

/// Columns and rows.
pub(super) fn size(index: &str) -> Result<(u64, u64)> {
    let whole =
        |name: &str| number(index, name).map(|n| if n.fract() == 0.0 { n as u64 } else { 0 });
    Ok((whole("IMAGE_SIZE_X")?, whole("IMAGE_SIZE_Y")?))
}

fn number(index: &str, name: &str) -> Result<f64> {
    let text = element(index, name).ok_or_else(|| damaged(say!("no {name} in {INDEX}")))?;
    text.parse().map_err(|_| damaged(say!("{name} in {INDEX} is {text:?}")))
}

/// The text of the first element of this name.
fn element(xml: &str, name: &str) -> Option<String> {
    let mut reader = Reader::from_str(xml.trim_start_matches('\u{feff}'));
    let mut inside = false;
    loop {
        match reader.read_event().ok()? {
            Event::Start(tag) => inside = tag.local_name().as_ref() == name,
            Event::Text(text) if inside => return Some(text.xml10_content().trim().to_owned()),
            Event::End(_) => inside = false,
            Event::Eof => return None,
            _ => {}
        }
    }
}
