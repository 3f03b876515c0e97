//! One record → one [`ManifestRow`], or everything that is wrong with it.

use super::Problem;
use super::records::ManifestRecord;
use super::words;
use crate::acquire::{Profiles, Rows, Setting, pixel_size};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use types::error::{Error, Kind, Result};
use types::evidence::{
    CaseId, CasingId, CasingRecord, FirearmId, FiringPinShape, Light, MarkKind, Origin,
    PartialDate, Scene, SceneId, State,
};
use types::message::{Message, say};
use types::units::Metres;
use unicode_normalization::UnicodeNormalization as _;

/// One scan of one casing.
#[derive(Clone, Debug, PartialEq)]
pub struct ManifestRow {
    /// Line in the manifest, counted from 1.
    pub line: u64,
    /// The scan's file, relative names resolved against the manifest's folder.
    pub file: PathBuf,
    /// What is known of the casing.
    pub casing: CasingRecord,
    /// The mark that the scan shows.
    pub mark_kind: MarkKind,
    /// How an image was lit.
    pub light: Light,
    /// Pixel size, where the laboratory states it.
    pub pixel_size: Option<Metres>,
    /// How the scan lies in its file, where the row states it.
    pub setting: Setting,
    /// The profile of its instrument, where the row names one.
    pub instrument: Option<String>,
}

/// Parses a record; all its problems are reported, not only the first.
pub(super) fn parse(
    record: &ManifestRecord,
    folder: &Path,
    profiles: &Profiles,
    warnings: &mut Vec<Message>,
) -> std::result::Result<ManifestRow, Vec<Problem>> {
    if let Some(fault) = &record.fault {
        return Err(vec![fault.clone()]);
    }
    let mut cells = Cells { record, problems: Vec::new() };
    let file = cells.file(folder);
    let id = cells.required("casing_id", |t| CasingId::new(t));
    let mark_kind = cells.word("mark_kind").unwrap_or(MarkKind::BreechFace);
    let origin = cells.word("origin").unwrap_or(Origin::Evidence);
    let scene = cells.scene(origin);
    let firearm = cells.optional("firearm_id", |t| FirearmId::new(t));
    let calibre = cells.text("calibre");
    let firing_pin_shape = cells.word("firing_pin_shape").unwrap_or(FiringPinShape::Unknown);
    let light = cells.word("light").unwrap_or(Light::Unknown);
    let pixel_size = cells.optional("pixel_um", pixel_um);
    let rows = cells.optional("rows", row_order);
    let cast = cells.optional("cast", yes_or_no);
    let setting = Setting { rows, cast, ..Setting::default() };
    let instrument = cells.text("instrument");
    if let Some(name) = instrument.as_deref().filter(|name| !profiles.has(name)) {
        let what = say!("there is no profile of the instrument {name:?}");
        let advice = say!(
            "put NAME.toml into the folder of instruments (--instruments, or instruments/ \
                      beside the manifest), or leave the cell empty"
        );
        cells.problem("instrument", what, advice);
    }
    let notes = record.get("notes").to_owned();
    let problems = cells.problems;
    let (Some(file), Some(id), true) = (file, id, problems.is_empty()) else {
        return Err(problems);
    };
    if origin == Origin::TestFire && firearm.is_none() {
        warnings.push(say!("line {}: a test fire without firearm_id", record.line));
    }
    let casing = CasingRecord { id, origin, scene, firearm, calibre, firing_pin_shape, notes };
    let line = record.line;
    Ok(ManifestRow { line, file, casing, mark_kind, light, pixel_size, setting, instrument })
}

/// The order of a scan's rows.
fn row_order(text: &str) -> Result<Rows> {
    match words::key(text).as_str() {
        "top_down" | "de_arriba_abajo" => Ok(Rows::TopDown),
        "bottom_up" | "reversed" | "de_abajo_arriba" | "invertidas" => Ok(Rows::BottomUp),
        _ => Err(Error::new(Kind::BadInput, say!("{text:?} is no order of rows"))
            .advise(say!("write top-down or bottom-up, or leave the cell empty"))),
    }
}

fn yes_or_no(text: &str) -> Result<bool> {
    match words::key(text).as_str() {
        "yes" | "y" | "true" | "1" | "si" => Ok(true),
        "no" | "n" | "false" | "0" => Ok(false),
        _ => Err(Error::new(Kind::BadInput, say!("{text:?} is neither yes nor no"))
            .advise(say!("write yes for a cast, or leave the cell empty"))),
    }
}

/// A pixel size in micrometres that a microscope can have.
pub(super) fn pixel_um(text: &str) -> Result<Metres> {
    let number: f64 = text.parse().map_err(|_| {
        Error::new(Kind::BadInput, say!("{text:?} is not a number"))
            .advise(say!("micrometres per pixel with a decimal point, such as 2.53"))
    })?;
    let size = Metres::from_um(number);
    pixel_size::check_stated(size).map(|()| size)
}

/// Identifiers and numbers that are kept as texts.
const TEXTS: [&str; 4] = ["casing_id", "scene_id", "case_number", "firearm_id"];

/// Refuses a number that a spreadsheet has shortened, such as 2,02E+11.
fn not_shortened(column: &str, text: &str) -> Result<()> {
    let shortened = || {
        let (digits, exponent) = text.split_once(['E', 'e'])?;
        let exponent = exponent.strip_prefix('+')?;
        let number = |t: &str| !t.is_empty() && t.bytes().all(|b| b.is_ascii_digit());
        let (whole, part) = digits.split_once(['.', ',']).unwrap_or((digits, "0"));
        (number(exponent) && number(whole) && number(part)).then_some(())
    };
    if !TEXTS.contains(&column) || shortened().is_none() {
        return Ok(());
    }
    Err(Error::new(
        Kind::BadInput,
        say!("{text:?} is a number that the spreadsheet has shortened: its digits are lost"),
    )
    .advise(say!("format the column as text, write the whole number again, and save")))
}

/// A date; one in the order of day, month and year is named in the order asked for.
fn date(text: &str) -> Result<PartialDate> {
    text.parse().map_err(|error: Error| {
        let day = text.split([' ', 'T']).next().unwrap_or_default();
        let parts: Vec<&str> = day.split(['/', '.', '-']).collect();
        let [first, second, year] = parts[..] else { return error };
        let iso = |day: &str, month: &str| {
            let iso = format!("{year}-{month:0>2}-{day:0>2}");
            iso.parse::<PartialDate>().ok().filter(|_| year.len() == 4).map(|_| iso)
        };
        let advice = match (iso(first, second), iso(second, first)) {
            (Some(a), Some(b)) if a != b => {
                say!("write {a} if the day comes first, {b} if the month does")
            }
            (Some(date), _) | (None, Some(date)) => say!("write {date}"),
            (None, None) => return error,
        };
        Error::new(Kind::BadInput, say!("{text:?} is not a date as year-month-day")).advise(advice)
    })
}

/// The only file of that name but for how its accents are composed: Windows
/// writes one sign, macOS a letter and an accent.
fn same_name(path: &Path) -> Option<PathBuf> {
    let composed = |name: &OsStr| name.to_string_lossy().nfc().collect::<String>();
    let wanted = composed(path.file_name()?);
    if wanted.is_ascii() {
        return None;
    }
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut same = std::fs::read_dir(folder)
        .ok()?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|p| p.file_name().is_some_and(|n| composed(n) == wanted) && p.is_file());
    match (same.next(), same.next()) {
        (Some(path), None) => Some(path),
        _ => None,
    }
}

struct Cells<'r> {
    record: &'r ManifestRecord<'r>,
    problems: Vec<Problem>,
}

impl Cells<'_> {
    fn text(&self, column: &str) -> Option<String> {
        Some(self.record.get(column)).filter(|t| !t.is_empty()).map(str::to_owned)
    }

    fn optional<T>(
        &mut self,
        column: &'static str,
        parse: impl Fn(&str) -> Result<T>,
    ) -> Option<T> {
        let text = self.text(column)?;
        match not_shortened(column, &text).and_then(|()| parse(&text)) {
            Ok(value) => Some(value),
            Err(e) => {
                self.problems.push(Problem::from_error(self.record.line, column, e));
                None
            }
        }
    }

    fn required<T>(
        &mut self,
        column: &'static str,
        parse: impl Fn(&str) -> Result<T>,
    ) -> Option<T> {
        if self.text(column).is_none() {
            self.problem(column, say!("is empty"), say!("every row needs it"));
        }
        self.optional(column, parse)
    }

    fn word<T: FromStr<Err = Error>>(&mut self, column: &'static str) -> Option<T> {
        self.optional(column, |text| words::value(column, text).parse())
    }

    fn problem(&mut self, column: &'static str, what: Message, advice: Message) {
        self.problems.push(Problem::new(self.record.line, column, what).advise(advice));
    }

    /// The scan's path, which must be a regular file.
    fn file(&mut self, folder: &Path) -> Option<PathBuf> {
        let Some(name) = self.text("file") else {
            self.problem("file", say!("is empty"), say!("every row needs it"));
            return None;
        };
        let as_written = folder.join(&name);
        // Manifests written on Windows separate folders by backslashes.
        let with_slashes = folder.join(name.replace('\\', "/"));
        let paths = [as_written, with_slashes];
        let found = paths.iter().find(|path| path.is_file()).cloned();
        let found = found.or_else(|| paths.iter().find_map(|path| same_name(path)));
        if found.is_none() {
            let what = say!("there is no file {name:?}");
            self.problem("file", what, say!("name it relative to the manifest's folder"));
        }
        found
    }

    fn scene(&mut self, origin: Origin) -> Option<Scene> {
        let id = self.optional("scene_id", |t| SceneId::new(t));
        let date = self.optional("scene_date", date);
        let state = self.optional("scene_state", State::find);
        let agency = self.text("agency");
        let case = self.optional("case_number", |t| CaseId::new(t));
        let described = ["scene_id", "scene_date", "scene_state", "agency", "case_number"]
            .into_iter()
            .any(|column| self.text(column).is_some());
        if described && origin == Origin::TestFire {
            let advice = say!(
                "a test fire comes from the laboratory: leave the scene's cells, agency \
                          and case_number empty, or set origin to evidence"
            );
            self.problem("scene_id", say!("a test fire with a scene"), advice);
        } else if described && self.text("scene_id").is_none() {
            let advice = say!("give the scene an identifier");
            self.problem("scene_id", say!("is empty though the row describes a scene"), advice);
        }
        let state = state.map(|state| state.code.to_owned());
        id.map(|id| Scene { id, date, state, agency, case })
    }
}
