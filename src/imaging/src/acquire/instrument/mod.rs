//! Files of instruments' makers, read as they lie: one height for each point of
//! a regular grid, from the upper left, x fastest.
//!
//! docs/FORMATS.md lists what is read, checked and refused of each.

mod al3d;
mod bytes;
mod plu;
mod plux;
mod sur;
mod tmd;

pub(super) use plux::is_plux;

use super::{Format, ReadOptions, Scan, heights, pixel_size};
use ndarray::Array2;
use types::error::{Error, Kind, Result};
use types::evidence::Digest;
use types::message::{Message, say};
use types::surface::{HeightMap, Surface};
use types::units::Metres;

/// The format of a file that begins as one of an instrument's maker.
pub(super) fn signatures(content: &[u8]) -> Option<Format> {
    if content.starts_with(al3d::SIGNATURE) {
        return Some(Format::Al3d);
    }
    if sur::SIGNATURES.iter().any(|s| content.starts_with(s)) {
        return Some(Format::Sur);
    }
    if content.starts_with(tmd::SIGNATURE) {
        return Some(Format::Tmd);
    }
    plu::is_plu(content).then_some(Format::Plu)
}

/// What a reader of one format finds: heights in metres, NaN = missing.
struct Found {
    nx: usize,
    ny: usize,
    pitch: (Metres, Metres),
    z: Vec<f64>,
    instrument: Option<String>,
    acquired: Option<String>,
    warnings: Vec<Message>,
}

/// Reads the file of a known format.
pub(super) fn read(content: &[u8], format: Format, options: &ReadOptions<'_>) -> Result<Scan> {
    let limit = options.max_points;
    let found = match format {
        Format::Al3d => al3d::read(content, limit),
        Format::Plu => plu::read(content, limit),
        Format::Plux => plux::read(content, limit),
        Format::Sur => sur::read(content, limit),
        Format::Tmd => tmd::read(content, limit),
        _ => Err(Error::new(Kind::Internal, say!("not an instrument's format"))),
    }?;
    let Found { nx, ny, pitch, z, instrument, acquired, mut warnings } = found;
    let usable = |p: Metres| p.0 > 0.0 && p.0.is_finite();
    if !usable(pitch.0) || !usable(pitch.1) {
        return Err(damaged(say!("points {} × {} apart", pitch.0, pitch.1)));
    }
    let z = Array2::from_shape_vec((ny, nx), z)
        .map_err(|_| damaged(say!("it holds fewer heights than it says")))?;
    let (pitch_x, pitch_y) = pixel_size::settle(options.pixel_size, pitch, &mut warnings);
    let mut map = HeightMap { z, pitch_x, pitch_y };
    heights::settle(&mut map, Some(super::Unit::M), &mut warnings)?;
    Ok(Scan {
        surface: Surface::Height(map),
        file_mask: None,
        format,
        sha256: Digest::of(content),
        bytes: content.len() as u64,
        instrument,
        acquired,
        warnings,
    })
}

/// The shape `(ny, nx)` that the header claims.
pub(super) fn shape(
    content: &[u8],
    format: Format,
    options: &ReadOptions<'_>,
) -> Result<(usize, usize)> {
    let (nx, ny) = match format {
        Format::Al3d => al3d::size(&al3d::tags(content)?),
        Format::Plu => plu::size(content),
        Format::Plux => plux::size(&plux::index(content)?.1),
        Format::Sur => sur::size(content),
        Format::Tmd => tmd::size(content, tmd::place(content)?),
        _ => Err(Error::new(Kind::Internal, say!("not an instrument's format"))),
    }?;
    // What the file can hold is asked when it is read.
    let (nx, ny) = check_size(nx, ny, 0, 0, options.max_points)?;
    Ok((ny, nx))
}

/// The number of points, checked before anything is allocated for them: within
/// the limit, and no more than `room` bytes can hold at `width` bytes each.
fn check_size(nx: u64, ny: u64, width: u64, room: u64, limit: usize) -> Result<(usize, usize)> {
    let points = nx.saturating_mul(ny);
    if points == 0 {
        return Err(damaged(say!("it has {nx} × {ny} points")));
    }
    if points > limit as u64 {
        let what = say!("the file claims {nx} × {ny} points, more than the limit of {limit}");
        return Err(Error::new(Kind::TooLarge, what)
            .advise(say!("crop or subsample the scan in the instrument's software")));
    }
    if points.saturating_mul(width) > room {
        let what = say!("it should hold {nx} × {ny} heights, and {room} bytes are left of it");
        return Err(damaged(what));
    }
    Ok((nx as usize, ny as usize))
}

fn damaged(what: Message) -> Error {
    Error::new(Kind::Damaged, say!("the file cannot be read: {what}"))
        .advise(say!("it is damaged or cut short: copy it again from the instrument"))
}

fn unread(what: Message) -> Error {
    Error::new(Kind::UnknownFormat, say!("a file of a kind that is not read: {what}"))
        .advise(say!("export the scan as a surface, or as X3P"))
}
