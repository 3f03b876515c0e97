//! `truth.csv`: which firearm fired each casing of a labelled set.

use super::records;
use super::row::pixel_um;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use types::error::{Error, Kind, Result};
use types::evidence::{CasingId, FirearmId, Light, MarkKind};
use types::message::{Message, say};
use types::units::Metres;

const COLUMNS: [&str; 6] = ["file", "casing_id", "firearm_id", "mark_kind", "light", "pixel_um"];

/// One labelled scan.
#[derive(Clone, Debug, PartialEq)]
pub struct TruthRow {
    /// Line in the file, counted from 1.
    pub line: u64,
    /// The scan, as written: relative to the set's root.
    pub file: PathBuf,
    /// The casing.
    pub casing: CasingId,
    /// The firearm that fired it.
    pub firearm: FirearmId,
    /// The mark the scan shows; a breech face unless said otherwise.
    pub mark_kind: MarkKind,
    /// How an image was lit.
    pub light: Light,
    /// Pixel size, where stated.
    pub pixel_size: Option<Metres>,
}

/// Reads the truth of a labelled set. Strict, because a wrong label spoils
/// every figure: the first fault of any row, an unknown column, a file named
/// twice for a mark or a casing with two firearms is a [`Kind::BadInput`].
pub fn read_truth(path: &Path) -> Result<Vec<TruthRow>> {
    let mut warnings = Vec::new();
    let mut rows: Vec<TruthRow> = Vec::new();
    let mut fault = None;
    let required = ["file", "casing_id", "firearm_id"];
    records::read(path, records::Cells::Plain, &COLUMNS, &required, &mut warnings, |record, _| {
        if fault.is_none() {
            match parse(&record) {
                Ok(row) => rows.push(row),
                Err(e) => {
                    let what = say!("line {}: {}", record.line, e.what);
                    fault = Some(Error { what, ..e }.at(path));
                }
            }
        }
    })?;
    if let Some(fault) = fault {
        return Err(fault);
    }
    let bad = |what: Message| Err(Error::new(Kind::BadInput, what).at(path));
    if let Some(warning) = warnings.into_iter().next() {
        return bad(warning);
    }
    let mut firearms: BTreeMap<&CasingId, &TruthRow> = BTreeMap::new();
    let mut files: BTreeMap<(&Path, &str), u64> = BTreeMap::new();
    for row in &rows {
        let first = *firearms.entry(&row.casing).or_insert(row);
        if first.firearm != row.firearm {
            return bad(say!(
                "line {}: casing {} is from {} since line {} and from {} here",
                row.line,
                row.casing,
                first.firearm,
                first.line,
                row.firearm
            ));
        }
        if let Some(line) = files.insert((&row.file, row.mark_kind.word()), row.line) {
            return bad(say!("line {}: line {line} names the same file and mark", row.line));
        }
    }
    Ok(rows)
}

fn parse(record: &records::ManifestRecord) -> Result<TruthRow> {
    if let Some(fault) = &record.fault {
        return Err(Error::new(Kind::BadInput, fault.what.clone()));
    }
    let get = |column| Some(record.get(column)).filter(|text| !text.is_empty());
    let file = get("file").ok_or_else(|| Error::new(Kind::BadInput, say!("file is empty")))?;
    Ok(TruthRow {
        line: record.line,
        file: file.into(),
        casing: CasingId::new(record.get("casing_id"))?,
        firearm: FirearmId::new(record.get("firearm_id"))?,
        mark_kind: get("mark_kind").map_or(Ok(MarkKind::BreechFace), str::parse)?,
        light: get("light").map_or(Ok(Light::Unknown), str::parse)?,
        pixel_size: get("pixel_um").map(pixel_um).transpose()?,
    })
}
