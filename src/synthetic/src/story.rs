//! The scans of a story told by a table: which firearm fired which casing.

use super::firearm::BreechFinish;
use super::random::mix;
use super::samples::{fired, of_line, scan_file};
use serde::Deserialize;
use std::path::{Component, Path, PathBuf};
use types::error::{Error, Kind, Result};
use types::evidence::{CasingId, Digest, FirearmId, FiringPinShape};
use types::message::say;

/// A row of the table.
#[derive(Deserialize)]
struct StoryRow {
    /// The scan to be written, below the folder.
    file: PathBuf,
    casing_id: CasingId,
    #[serde(rename = "firearm_id")]
    _firearm: FirearmId,
    /// Number of the firearm: the same number, the same firearm.
    gun: u64,
    finish: String,
    /// Whether it is one of those whose tools left common marks: 0 or 1.
    in_line: u8,
    pin: FiringPinShape,
    /// Number of the shot, by which a firearm wears.
    shot: u64,
}

/// Computes the scan (X3P) of every row of `table` (columns `file`,
/// `casing_id`, `firearm_id`, `gun`, `finish` of `granular`, `milled` or
/// `arc_milled`, `in_line`, `pin`, `shot`) into `dir`. A casing's scan depends
/// on its own row alone. The number of scans.
///
/// # Errors
/// [`Kind::BadInput`] for a table that is not so; [`Kind::Io`] where the folder
/// cannot be written.
pub fn write_story(table: &Path, dir: &Path, seed: u64) -> Result<usize> {
    let bad =
        |e: csv::Error| Error::new(Kind::BadInput, say!("not a story: {e}")).because(&e).at(table);
    let mut reader = csv::Reader::from_path(table).map_err(bad)?;
    let mut scans = 0;
    for row in reader.deserialize() {
        let row: StoryRow = row.map_err(bad)?;
        if !row.file.components().all(|part| matches!(part, Component::Normal(_))) {
            let what = say!("{} does not lie below the folder", row.file.display());
            return Err(Error::new(Kind::BadInput, what).at(table));
        }
        let path = dir.join(&row.file);
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)
                .map_err(|e| Error::io(say!("making the folder"), folder, &e))?;
        }
        let name = Digest::of(row.casing_id.as_str().as_bytes()).0;
        let own = name.iter().fold(seed, |seed, byte| mix(seed, u64::from(*byte)));
        let gun = of_line(seed, row.gun, finish(&row.finish)?, row.in_line == 1).with_pin(row.pin);
        let bytes = scan_file(&fired(&gun, row.shot, own), own)?;
        std::fs::write(&path, bytes).map_err(|e| Error::io(say!("writing"), &path, &e))?;
        scans += 1;
    }
    Ok(scans)
}

fn finish(word: &str) -> Result<BreechFinish> {
    match word {
        "granular" => Ok(BreechFinish::Granular),
        "milled" => Ok(BreechFinish::Milled),
        "arc_milled" => Ok(BreechFinish::ArcMilled),
        _ => Err(Error::new(Kind::BadInput, say!("{word:?} is no finish of a breech face"))
            .advise(say!("granular, milled or arc_milled"))),
    }
}
