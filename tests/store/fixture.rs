//! A small laboratory whose evidence is made from numbers.
#![allow(dead_code)]

use imaging::acquire::Format;
use imaging::correlate::{Cell, Comparison};
use imaging::prepare::{PreparedMark, Quality, Verdict};
use ndarray::Array2;
use std::collections::BTreeMap;
use std::ops::Range;
use std::path::{Path, PathBuf};
use store::{
    Actor, Batch, CommitNote, FailureRow, GroupRow, LinkRow, LinkStatus, Linking, RunRow, ScanRow,
    ShortlistRow, Store, TemplateRow,
};
use types::evidence::{
    CaseId, CasingId, CasingRecord, Digest, FiringPinShape, Light, MarkId, MarkKind, Modality,
    Origin, Scene, SceneId,
};
use types::message::Message;
use types::surface::Pose;
use types::units::{Angle, Metres};

pub struct Lab {
    /// Keeps a new laboratory's folder for as long as it is used.
    _kept: Option<tempfile::TempDir>,
    folder: PathBuf,
    root: PathBuf,
    pub actor: Actor,
    /// Small scans, for tests of many commits.
    small: bool,
}

pub fn casing_id(i: usize) -> CasingId {
    CasingId::new(format!("casing-{i:03}")).unwrap()
}

pub fn mark_id(i: usize) -> MarkId {
    MarkId::new(format!("mark/{i:03}")).unwrap()
}

pub fn note(n: u32) -> CommitNote {
    CommitNote {
        who: "A. Examiner".to_owned(),
        when: format!("2026-11-21T10:00:{n:02}Z"),
        command: "brasslink run".to_owned(),
        software: "brasslink 0.1.0".to_owned(),
        recipe: None,
    }
}

/// The files of a store that hold evidence or vouch for it, sorted.
pub fn files(root: &Path) -> Vec<PathBuf> {
    let within = |folder: &'static str| {
        let entries = std::fs::read_dir(root.join(folder)).into_iter().flatten();
        entries.map(move |e| Path::new(folder).join(e.unwrap().file_name()))
    };
    let singles = ["ledger.jsonl", "manifest.json", "view.h5"].map(PathBuf::from);
    let mut files: Vec<_> = within("segments").chain(within("sealed")).chain(singles).collect();
    files.sort();
    files
}

/// Copies a store's files.
pub fn copy(from: &Path, to: &Path) {
    for folder in ["segments", "sealed", "tmp", "quarantine"] {
        std::fs::create_dir_all(to.join(folder)).unwrap();
    }
    for file in files(from) {
        std::fs::copy(from.join(&file), to.join(&file)).unwrap();
    }
}

impl Lab {
    /// A laboratory with scans of a few kilobytes.
    pub fn small() -> Self {
        Self { small: true, ..Self::new() }
    }

    pub fn new() -> Self {
        let kept = tempfile::tempdir().unwrap();
        let lab = Self::at(kept.path());
        Store::create(lab.root()).unwrap();
        Self { _kept: Some(kept), ..lab }
    }

    /// A laboratory that works in `folder`.
    pub fn at(folder: &Path) -> Self {
        let actor = Actor::here("A. Examiner");
        Self {
            _kept: None,
            folder: folder.to_owned(),
            root: folder.join("store"),
            actor,
            small: false,
        }
    }

    pub fn folder(&self) -> &Path {
        &self.folder
    }

    pub fn root(&self) -> &Path {
        &self.root
    }

    pub fn store(&self) -> Store {
        Store::open(&self.root).unwrap()
    }

    pub fn file(&self, i: usize) -> PathBuf {
        self.folder.join(format!("scan{i}.x3p"))
    }

    pub fn casing(&self, i: usize) -> CasingRecord {
        CasingRecord {
            id: casing_id(i),
            origin: Origin::Evidence,
            scene: Some(Scene {
                id: SceneId::new("Ciudad Juárez 7").unwrap(),
                date: Some(jiff::civil::date(2026, 3, 1).into()),
                state: Some("MX-CHH".to_owned()),
                agency: Some("Fiscalía ".repeat(20)),
                case: Some(CaseId::new("CJ/2026/0017").unwrap()),
            }),
            firearm: None,
            calibre: Some("9 mm Luger".to_owned()),
            firing_pin_shape: FiringPinShape::Hemispherical,
            notes: "found by the north door".to_owned(),
        }
    }

    fn original(&self, i: usize) -> Vec<u8> {
        // Otherwise longer than one piece of streaming.
        let length = if self.small { 3_000 } else { 1_500_000 };
        (0..length + i).map(|n| (n * 7 + i) as u8).collect()
    }

    fn shape(&self) -> (usize, usize) {
        if self.small { (30, 28) } else { (300, 280) }
    }

    pub fn scan(&self, i: usize) -> ScanRow {
        let bytes = self.original(i);
        ScanRow {
            sha256: Digest::of(&bytes),
            casing: casing_id(i),
            bytes: bytes.len() as u64,
            format: Format::X3p,
            modality: Modality::Topography,
            light: Light::Unknown,
            ny: self.shape().0 as u64,
            nx: self.shape().1 as u64,
            pitch_x: Metres(3.125e-6),
            pitch_y: Metres(3.126_000_1e-6),
            file_name: format!("scan{i}.x3p"),
            instrument: Some("Sensofar S neox".to_owned()),
            acquired: None,
            warnings: vec![Message::foreign("increments were in micrometres")],
        }
    }

    pub fn recipe_text(&self) -> &'static str {
        r#"{"cutoff_um":[16,500]}"#
    }

    pub fn recipe(&self) -> Digest {
        Digest::of(self.recipe_text().as_bytes())
    }

    pub fn mark(&self, i: usize) -> PreparedMark {
        let values = Array2::from_shape_fn(self.shape(), |(y, x)| {
            if (y + x + i).is_multiple_of(11) {
                f32::NAN
            } else {
                ((y * 31 + x * 17 + i) as f32).sin() / 3.0
            }
        });
        PreparedMark {
            kind: MarkKind::BreechFace,
            modality: Modality::Topography,
            pitch: Metres(6.25e-6),
            values,
            scan_from_mark: Pose {
                rotation: Angle::from_rad(0.1 + i as f64),
                dx: Metres(1.0e-4 / 3.0),
                dy: Metres(-2.0e-5),
            },
            recipe: self.recipe(),
            quality: Quality {
                verdict: Verdict::Doubtful,
                reasons: vec![Message::foreign("a quarter of the mark is missing")],
                area_mm2: 7.1 / 3.0,
                coverage: 0.91,
                rms: 1.3,
            },
        }
    }

    pub fn template(&self, i: usize) -> Vec<u8> {
        (0..1000 + 7 * i).map(|n| (n * 13 + i) as u8).collect()
    }

    pub fn comparison(&self, a: usize, b: usize) -> Comparison {
        let cell = |n: usize| Cell {
            x_um: n as f64 * 450.0 / 7.0,
            y_um: -1.0,
            found_x_um: a as f64 / 3.0,
            found_y_um: b as f64 / 7.0,
            rotation_deg: -179.9,
            ccf: 0.61,
            congruent: n.is_multiple_of(2),
        };
        Comparison {
            score: 1.0 / (3.0 + a as f64 + b as f64),
            ccf: 0.53,
            cells: 20,
            congruent_cells: 11,
            overlap_mm2: 6.6,
            b_from_a: Pose { rotation: Angle::from_deg(33.0), dx: Metres(1e-5), dy: Metres(0.0) },
            cell_table: (0..5 + a).map(cell).collect(),
            cell_um: 450.0,
            cells_of_b: false,
            runner_up: None,
        }
    }

    pub fn linking(&self) -> Linking {
        let candidate = ShortlistRow {
            probe: casing_id(0),
            rank: 1,
            candidate: casing_id(1),
            score: 0.25,
            congruent_cells: 11,
        };
        let link =
            LinkRow { a: casing_id(0), b: casing_id(1), score: 0.25, status: LinkStatus::Proposed };
        let member = |i: usize| GroupRow {
            group: "G1".to_owned(),
            casing: casing_id(i),
            confidence: 0.97,
            prototype: i == 1,
        };
        let groups = (0..2).map(member).collect();
        Linking { shortlists: vec![candidate], links: vec![link], groups }
    }

    pub fn run(&self) -> RunRow {
        RunRow {
            id: "run-1".to_owned(),
            command: "brasslink run --manifest m.csv".to_owned(),
            software: "brasslink 0.1.0".to_owned(),
            recipe: self.recipe(),
            started: "2026-11-21T10:00:00Z".to_owned(),
            finished: "2026-11-21T10:01:00Z".to_owned(),
            counts: BTreeMap::from([("scans".to_owned(), 3), ("failures".to_owned(), 1)]),
        }
    }

    pub fn failure(&self) -> FailureRow {
        FailureRow {
            run: "run-1".to_owned(),
            file: "broken.x3p".to_owned(),
            line: 4,
            kind: "damaged".to_owned(),
            reason: "the zip archive ends early".to_owned(),
        }
    }

    pub fn add_evidence(&self, batch: &mut Batch, i: usize) {
        batch.add_casing(&self.casing(i), "A. Examiner", "");
        std::fs::write(self.file(i), self.original(i)).unwrap();
        batch.add_scan(self.scan(i), self.file(i));
        batch.add_mark(mark_id(i), casing_id(i), self.scan(i).sha256, self.mark(i));
        let (kind, modality) = (MarkKind::BreechFace, Modality::Topography);
        let row = TemplateRow { mark: mark_id(i), kind, modality, recipe: self.recipe() };
        batch.add_template(row, self.template(i));
    }

    /// Evidence with these numbers, all compared with each other.
    pub fn batch(&self, range: Range<usize>) -> Batch {
        let mut batch = Batch::default();
        batch.add_recipe(self.recipe_text());
        for i in range.clone() {
            self.add_evidence(&mut batch, i);
            for j in i + 1..range.end {
                batch.add_comparison(mark_id(i), mark_id(j), self.recipe(), self.comparison(i, j));
            }
        }
        if range.start == 0 {
            batch.set_linking(self.linking());
            batch.add_run(self.run());
            batch.add_failure(self.failure());
        }
        batch
    }
}
