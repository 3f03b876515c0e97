//! One file on its own: read, prepared, extracted.

use super::memory::Memory;
use imaging::acquire::{ReadOptions, Setting, block, read_scan_bytes, shape_of};
use imaging::extract::Template;
use imaging::prepare::{Recipe, prepare};
use std::path::Path;
use store::{ScanRow, Snapshot};
use types::error::{Error, Kind, Result};
use types::evidence::MarkKind;
use types::mark::{PreparedMark, Verdict};
use types::message::{Message, say};
use types::scan::Scan;
use types::units::Metres;

/// A file taken through to its template.
pub struct Loaded {
    /// As read.
    pub scan: Scan,
    /// As the matcher sees it.
    pub mark: PreparedMark,
    /// What is compared.
    pub template: Template,
}

/// Reads, prepares and extracts one file.
///
/// # Errors
/// Those of the stages; [`Kind::NoMark`] if the mark is unusable.
pub fn load(
    path: &Path,
    kind: MarkKind,
    options: &ReadOptions<'_>,
    recipe: &Recipe,
) -> Result<Loaded> {
    let memory = Memory::free_now();
    let (scan, _held) = memory.read_scan(path, options)?;
    let mark = prepare(&scan, kind, recipe).map_err(|e| e.at(path))?;
    let template = template_of(&mark).map_err(|e| e.at(path))?;
    Ok(Loaded { scan, mark, template })
}

/// Reads one scan, if there is memory for reading and preparing it.
///
/// # Errors
/// As [`read_scan`](imaging::acquire::read_scan); [`Kind::TooLarge`] if there is
/// not.
pub fn read(path: &Path, options: &ReadOptions) -> Result<Scan> {
    Ok(Memory::free_now().read_scan(path, options)?.0)
}

/// A stored scan, read again from its original.
///
/// # Errors
/// Where the store does not hold the original or it cannot be read.
pub(super) fn reread(snapshot: &Snapshot, row: &ScanRow) -> Result<Scan> {
    let mut bytes = Vec::new();
    snapshot.original(&row.sha256, &mut bytes)?;
    let setting = Setting::noted(&row.warnings);
    let options = ReadOptions { setting, ..ReadOptions::default() };
    match read_scan_bytes(&bytes, &options) {
        Ok(scan) if scan.surface.pitch() == (row.pitch_x, row.pitch_y) => Ok(scan),
        // The pixel size may have come from the manifest; it is kept with the scan.
        _ => {
            let thinned = shape_of(&bytes, &options).map_or(1, block) as f64;
            let stated = (row.pitch_x == row.pitch_y).then_some(row.pitch_x);
            let pixel_size = stated.map(|pitch| Metres(pitch.0 / thinned));
            read_scan_bytes(&bytes, &ReadOptions { pixel_size, ..options })
        }
    }
}

/// The template of a mark that is fit to be compared.
///
/// # Errors
/// [`Kind::NoMark`] for one that is not.
pub fn template_of(mark: &PreparedMark) -> Result<Template> {
    usable(mark)?;
    Template::new(mark)
}

/// Refuses a mark that the quality gate found unusable.
pub(super) fn usable(mark: &PreparedMark) -> Result<()> {
    if mark.quality.verdict == Verdict::Unusable {
        let why = Message::joined(mark.quality.reasons.clone(), "; ");
        return Err(Error::new(Kind::NoMark, say!("the mark is not fit to be compared: {why}"))
            .advise(say!("acquire the casing again")));
    }
    Ok(())
}
