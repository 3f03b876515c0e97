//! One record → one [`ManifestRow`], or everything that is wrong with it.

use super::Problem;
use super::records::Record;
use crate::acquire::pixel_size;
use crate::error::{Error, Kind, Result};
use crate::evidence::{
    CaseId, CasingId, CasingRecord, FirearmId, FiringPinShape, Light, MarkKind, Origin, Scene,
    SceneId, State,
};
use crate::units::Metres;
use std::path::{Path, PathBuf};
use std::str::FromStr;

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
}

/// Parses a record; all its problems are reported, not only the first.
pub(super) fn parse(
    record: &Record,
    folder: &Path,
    warnings: &mut Vec<String>,
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
    let notes = record.get("notes").to_owned();
    let problems = cells.problems;
    let (Some(file), Some(id), true) = (file, id, problems.is_empty()) else {
        return Err(problems);
    };
    if origin == Origin::TestFire && firearm.is_none() {
        warnings.push(format!("line {}: a test fire without firearm_id", record.line));
    }
    let casing = CasingRecord { id, origin, scene, firearm, calibre, firing_pin_shape, notes };
    Ok(ManifestRow { line: record.line, file, casing, mark_kind, light, pixel_size })
}

/// A pixel size in micrometres that a microscope can have.
pub(super) fn pixel_um(text: &str) -> Result<Metres> {
    let number: f64 = text.parse().map_err(|_| {
        Error::new(Kind::BadInput, format!("{text:?} is not a number"))
            .advise("micrometres per pixel with a decimal point, such as 2.53")
    })?;
    let size = Metres::from_um(number);
    pixel_size::check_stated(size).map(|()| size)
}

struct Cells<'r> {
    record: &'r Record<'r>,
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
        match parse(&text) {
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
            self.problem(column, "is empty", "every row needs it");
        }
        self.optional(column, parse)
    }

    fn word<T: FromStr<Err = Error>>(&mut self, column: &'static str) -> Option<T> {
        self.optional(column, str::parse)
    }

    fn problem(&mut self, column: &'static str, what: &str, advice: &str) {
        self.problems.push(Problem::new(self.record.line, column, what).advise(advice));
    }

    /// The scan's path, which must be a regular file.
    fn file(&mut self, folder: &Path) -> Option<PathBuf> {
        let Some(name) = self.text("file") else {
            self.problem("file", "is empty", "every row needs it");
            return None;
        };
        let as_written = folder.join(&name);
        // Manifests written on Windows separate folders by backslashes.
        let with_slashes = folder.join(name.replace('\\', "/"));
        let found = [as_written, with_slashes].into_iter().find(|path| path.is_file());
        if found.is_none() {
            let what = format!("there is no file {name:?}");
            self.problem("file", &what, "name it relative to the manifest's folder");
        }
        found
    }

    fn scene(&mut self, origin: Origin) -> Option<Scene> {
        let id = self.optional("scene_id", |t| SceneId::new(t));
        let date = self.optional("scene_date", str::parse);
        let state = self.optional("scene_state", State::find);
        let agency = self.text("agency");
        let case = self.optional("case_number", |t| CaseId::new(t));
        let described = ["scene_id", "scene_date", "scene_state", "agency", "case_number"]
            .into_iter()
            .any(|column| self.text(column).is_some());
        if described && origin == Origin::TestFire {
            let advice = "a test fire comes from the laboratory: leave the scene's cells, agency \
                          and case_number empty, or set origin to evidence";
            self.problem("scene_id", "a test fire with a scene", advice);
        } else if described && self.text("scene_id").is_none() {
            let advice = "give the scene an identifier";
            self.problem("scene_id", "is empty though the row describes a scene", advice);
        }
        let state = state.map(|state| state.code.to_owned());
        id.map(|id| Scene { id, date, state, agency, case })
    }
}
