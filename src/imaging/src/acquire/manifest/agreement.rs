//! Rows that speak of the same casing, scene or file must agree.

use super::{ManifestRow, Problem};
use crate::acquire::Setting;
use std::collections::BTreeMap;
use std::fmt::Display;
use std::path::PathBuf;
use types::evidence::{CasingId, CasingRecord, FiringPinShape, MarkKind, Scene, SceneId};
use types::message::{Message, say};

/// What the first row of a file says of it, and which marks its rows name.
struct Named {
    line: u64,
    casing: CasingId,
    kinds: Vec<MarkKind>,
    /// How the scan lies, and its instrument.
    lies: (Setting, Option<String>),
}

/// What the rows so far say, each with the line that said it first.
#[derive(Default)]
pub(super) struct Agreement {
    files: BTreeMap<PathBuf, Named>,
    casings: BTreeMap<CasingId, (u64, CasingRecord)>,
    scenes: BTreeMap<SceneId, (u64, Scene)>,
}

impl Agreement {
    /// Takes a row in, or says with which earlier row it disagrees; then
    /// nothing of it is kept.
    pub fn admit(&mut self, row: &ManifestRow) -> Result<(), Vec<Problem>> {
        let mut problems = Vec::new();
        self.check_file(row, &mut problems);
        let casing = self.merged_casing(row, &mut problems);
        let scene =
            row.casing.scene.as_ref().map(|s| self.merged_scene(row.line, s, &mut problems));
        if !problems.is_empty() {
            return Err(problems);
        }
        let file = self.files.entry(row.file.clone());
        let named = file.or_insert_with(|| Named {
            line: row.line,
            casing: row.casing.id.clone(),
            kinds: Vec::new(),
            lies: (row.setting, row.instrument.clone()),
        });
        named.kinds.push(row.mark_kind);
        self.casings.insert(row.casing.id.clone(), casing);
        self.scenes.extend(scene.map(|(line, scene)| (scene.id.clone(), (line, scene))));
        Ok(())
    }

    /// Fills in what other rows of the same casing and scene said.
    pub fn complete(&self, casing: &mut CasingRecord) {
        if let Some((_, known)) = self.casings.get(&casing.id) {
            *casing = known.clone();
        }
        if let Some(scene) = &mut casing.scene
            && let Some((_, known)) = self.scenes.get(&scene.id)
        {
            *scene = known.clone();
        }
    }

    fn check_file(&self, row: &ManifestRow, problems: &mut Vec<Problem>) {
        let Some(Named { line, casing, kinds, lies }) = self.files.get(&row.file) else { return };
        if *casing != row.casing.id {
            let what = say!("line {line} says the same file shows casing {casing}");
            problems.push(
                Problem::new(row.line, "file", what).advise(say!("one scan shows one casing")),
            );
        } else if *lies != (row.setting, row.instrument.clone()) {
            let what = say!("line {line} says that the same file lies otherwise");
            let advice = say!("give the file's rows the same rows, cast and instrument");
            problems.push(Problem::new(row.line, "rows", what).advise(advice));
        } else if kinds.contains(&row.mark_kind) {
            let what = say!("line {line} names the same file and casing");
            problems
                .push(Problem::new(row.line, "file", what).advise(say!("remove one of the rows")));
        }
    }

    fn merged_casing(&self, row: &ManifestRow, problems: &mut Vec<Problem>) -> (u64, CasingRecord) {
        let new = &row.casing;
        let Some((first, known)) = self.casings.get(&new.id) else {
            return (row.line, new.clone());
        };
        let mut clash =
            Clash { line: row.line, of: say!("casing {}", new.id), first: *first, problems };
        let shape = |s: FiringPinShape| Some(s).filter(|s| *s != FiringPinShape::Unknown);
        clash.unless_equal("origin", &known.origin, &new.origin);
        let scene_id = |c: &CasingRecord| c.scene.as_ref().map(|s| s.id.clone());
        clash.merge("scene_id", scene_id(known), scene_id(new));
        let merged = CasingRecord {
            id: known.id.clone(),
            origin: known.origin,
            scene: known.scene.clone().or_else(|| new.scene.clone()),
            firearm: clash.merge("firearm_id", known.firearm.clone(), new.firearm.clone()),
            calibre: clash.merge("calibre", known.calibre.clone(), new.calibre.clone()),
            firing_pin_shape: clash
                .merge(
                    "firing_pin_shape",
                    shape(known.firing_pin_shape),
                    shape(new.firing_pin_shape),
                )
                .unwrap_or(FiringPinShape::Unknown),
            notes: joined(&known.notes, &new.notes),
        };
        (*first, merged)
    }

    fn merged_scene(&self, line: u64, new: &Scene, problems: &mut Vec<Problem>) -> (u64, Scene) {
        let Some((first, known)) = self.scenes.get(&new.id) else { return (line, new.clone()) };
        let mut clash = Clash { line, of: say!("scene {}", new.id), first: *first, problems };
        let merged = Scene {
            id: known.id.clone(),
            date: clash.merge("scene_date", known.date, new.date),
            state: clash.merge("scene_state", known.state.clone(), new.state.clone()),
            agency: clash.merge("agency", known.agency.clone(), new.agency.clone()),
            case: clash.merge("case_number", known.case.clone(), new.case.clone()),
        };
        (*first, merged)
    }
}

/// Collects the contradictions of one row with what is known.
struct Clash<'p> {
    line: u64,
    of: Message,
    first: u64,
    problems: &'p mut Vec<Problem>,
}

impl Clash<'_> {
    fn unless_equal<T: PartialEq + Display>(&mut self, column: &'static str, known: &T, new: &T) {
        if known != new {
            let what = say!("{} is {known} since line {} and {new} here", self.of, self.first);
            self.problems
                .push(Problem::new(self.line, column, what).advise(say!("correct one of them")));
        }
    }

    /// Either of the two where only one is known; both must be equal.
    fn merge<T: PartialEq + Display>(
        &mut self,
        column: &'static str,
        known: Option<T>,
        new: Option<T>,
    ) -> Option<T> {
        if let (Some(known), Some(new)) = (&known, &new) {
            self.unless_equal(column, known, new);
        }
        known.or(new)
    }
}

/// Both notes, each once.
fn joined(known: &str, new: &str) -> String {
    if new.is_empty() || known.split("; ").any(|note| note == new) {
        known.to_owned()
    } else if known.is_empty() {
        new.to_owned()
    } else {
        format!("{known}; {new}")
    }
}
