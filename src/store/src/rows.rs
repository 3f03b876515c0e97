//! What goes into a store and comes out of it, as plain values.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use types::comparison::{Cell, Comparison};
use types::evidence::{CasingId, Digest, Light, MarkId, MarkKind, Modality};
use types::mark::Quality;
use types::message::Message;
use types::scan::{Format, Scan};
use types::surface::{Pose, Surface};
use types::units::Metres;

/// One received scan file and what was read from it.
#[derive(Clone, Debug, PartialEq)]
pub struct ScanRow {
    /// SHA-256 of the file; its identity.
    pub sha256: Digest,
    /// The casing it shows.
    pub casing: CasingId,
    /// Length of the file in bytes; 0 where the file itself stays with the
    /// agency that shared the row.
    pub bytes: u64,
    /// The format of the file.
    pub format: Format,
    /// Heights or brightness.
    pub modality: Modality,
    /// Light of an image.
    pub light: Light,
    /// Rows.
    pub ny: u64,
    /// Columns.
    pub nx: u64,
    /// Sampling along x.
    pub pitch_x: Metres,
    /// Sampling along y.
    pub pitch_y: Metres,
    /// Name of the file as received, without folders.
    pub file_name: String,
    /// Instrument maker and model, where the file says.
    pub instrument: Option<String>,
    /// When it was measured, as the file says it.
    pub acquired: Option<String>,
    /// Faults of the file that were understood and tolerated.
    pub warnings: Vec<Message>,
}

impl ScanRow {
    /// Whether the file itself is in the store.
    pub const fn is_held(&self) -> bool {
        self.bytes > 0
    }

    /// The facts of `scan`, a scan of `casing` received as `file_name`.
    pub fn of(scan: &Scan, casing: CasingId, light: Light, file_name: impl Into<String>) -> Self {
        let (ny, nx) = scan.surface.dim();
        let (pitch_x, pitch_y) = scan.surface.pitch();
        let modality = match scan.surface {
            Surface::Height(_) => Modality::Topography,
            Surface::Intensity(_) => Modality::Image,
        };
        Self {
            sha256: scan.sha256,
            casing,
            bytes: scan.bytes,
            format: scan.format,
            modality,
            light,
            ny: ny as u64,
            nx: nx as u64,
            pitch_x,
            pitch_y,
            file_name: file_name.into(),
            instrument: scan.instrument.clone(),
            acquired: scan.acquired.clone(),
            warnings: scan.warnings.clone(),
        }
    }
}

/// A prepared mark without its values.
#[derive(Clone, Debug, PartialEq)]
pub struct MarkRow {
    /// Its identity.
    pub id: MarkId,
    /// The casing that bears it.
    pub casing: CasingId,
    /// The scan it was found on.
    pub scan: Digest,
    /// What part of the gun made it.
    pub kind: MarkKind,
    /// Heights or brightness.
    pub modality: Modality,
    /// Rows of its values.
    pub ny: u64,
    /// Columns of its values.
    pub nx: u64,
    /// Square sampling of its values.
    pub pitch: Metres,
    /// Where its grid lies in the scan's grid.
    pub scan_from_mark: Pose,
    /// Hash of the recipe that made it.
    pub recipe: Digest,
    /// The quality gate's verdict.
    pub quality: Quality,
}

/// What a stored template was made from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TemplateRow {
    /// The mark it describes.
    pub mark: MarkId,
    /// What part of the gun made that mark.
    pub kind: MarkKind,
    /// Heights or brightness.
    pub modality: Modality,
    /// Hash of the recipe under which templates are comparable.
    pub recipe: Digest,
}

/// What screening needs of a template, and where it lies. Positions count from
/// the commit, so they stay true whatever is merged later.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IndexRow {
    /// The mark it describes.
    pub mark: MarkId,
    /// The casing that bears the mark.
    pub casing: Option<CasingId>,
    /// SHA-256 of the template's bytes.
    pub template: Digest,
    /// Points of its fine map that are present; 0 where the bytes are no
    /// template.
    pub points: u64,
    pub(super) seq: u64,
    pub(super) offset: u64,
    pub(super) length: u64,
    pub(super) sketch_at: u64,
    /// Length of its sketch in bytes.
    pub sketch_length: u64,
}

impl IndexRow {
    /// The commit that wrote the template.
    pub const fn commit(&self) -> u64 {
        self.seq
    }
}

/// A comparison without its cells.
#[derive(Clone, Debug, PartialEq)]
pub struct ComparisonRow {
    /// The first mark.
    pub a: MarkId,
    /// The second mark.
    pub b: MarkId,
    /// Hash of the recipe under which they were compared.
    pub recipe: Digest,
    /// Continuous similarity.
    pub score: f64,
    /// Correlation coefficient of the overlap.
    pub ccf: f64,
    /// Cells tried.
    pub cells: u32,
    /// Cells that agree with the consensus pose.
    pub congruent_cells: u32,
    /// Common area in mm².
    pub overlap_mm2: f64,
    /// B from A.
    pub b_from_a: Pose,
    /// Side of a cell in micrometres.
    pub cell_um: f64,
    /// Whether the cells were cut from B (otherwise from A).
    pub cells_of_b: bool,
}

impl ComparisonRow {
    /// The full comparison, with its cells; its runner-up is not kept.
    pub fn with_cells(self, cell_table: Vec<Cell>) -> Comparison {
        Comparison {
            score: self.score,
            ccf: self.ccf,
            cells: self.cells,
            congruent_cells: self.congruent_cells,
            overlap_mm2: self.overlap_mm2,
            b_from_a: self.b_from_a,
            cell_table,
            cell_um: self.cell_um,
            cells_of_b: self.cells_of_b,
            runner_up: None,
        }
    }
}

/// Any versioned record of casework; casings are records of kind `casing`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// What it describes (`casing`, `firearm`, `case` …).
    pub kind: String,
    /// Its identifier among its kind.
    pub id: String,
    /// 1 for the first; a different body for the same id is the next version.
    pub version: u32,
    /// The record as JSON.
    pub body: String,
    /// Who wrote this version.
    pub author: String,
    /// Why this version was written.
    pub reason: String,
}

/// The kind of a casing's record.
pub const CASING: &str = "casing";

/// One candidate of one casing.
#[derive(Clone, Debug, PartialEq)]
pub struct ShortlistRow {
    /// The casing searched for.
    pub probe: CasingId,
    /// 1 for the most similar.
    pub rank: u32,
    /// The casing found.
    pub candidate: CasingId,
    /// Similarity of the two.
    pub score: f64,
    /// Congruent cells of the comparison behind the score.
    pub congruent_cells: u32,
}

/// What became of a link between two casings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LinkStatus {
    /// Proposed by the program, not yet seen by a person.
    Proposed,
}

/// A link between two casings.
#[derive(Clone, Debug, PartialEq)]
pub struct LinkRow {
    /// One casing.
    pub a: CasingId,
    /// The other casing.
    pub b: CasingId,
    /// Similarity of the two.
    pub score: f64,
    /// What became of it.
    pub status: LinkStatus,
}

/// One casing's membership in a group.
#[derive(Clone, Debug, PartialEq)]
pub struct GroupRow {
    /// The group.
    pub group: String,
    /// The member.
    pub casing: CasingId,
    /// Confidence of the whole group, 0–1.
    pub confidence: f64,
    /// Whether this member stands for the group.
    pub prototype: bool,
}

/// The outcome of one linking of the whole population; it supersedes the
/// linking before, which stays readable.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Linking {
    /// Candidates per casing.
    pub shortlists: Vec<ShortlistRow>,
    /// Proposed links.
    pub links: Vec<LinkRow>,
    /// Groups.
    pub groups: Vec<GroupRow>,
}

impl Linking {
    /// The row count by which a segment says that it holds a linking, which
    /// may well be empty.
    pub(super) const MARKER: &'static str = "linkings";
}

/// One input that could not be processed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FailureRow {
    /// The run it belongs to.
    pub run: String,
    /// The file concerned.
    pub file: String,
    /// Line of the manifest; 0 if none.
    pub line: u64,
    /// The error's code, see [`types::error::Kind::code`].
    pub kind: String,
    /// The reason, for a person.
    pub reason: String,
}

/// One run of the pipeline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunRow {
    /// Its identity.
    pub id: String,
    /// The command line.
    pub command: String,
    /// Name and version of the software.
    pub software: String,
    /// Hash of the recipe.
    pub recipe: Digest,
    /// When it started (RFC 3339).
    pub started: String,
    /// When it ended (RFC 3339).
    pub finished: String,
    /// What was done, by name.
    pub counts: BTreeMap<String, u64>,
}

/// Who commits what, for the ledger. The store looks at no clock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommitNote {
    /// The person or service.
    pub who: String,
    /// When (RFC 3339).
    pub when: String,
    /// The command that was run.
    pub command: String,
    /// Name and version of the software.
    pub software: String,
    /// Hash of the recipe in force.
    pub recipe: Option<Digest>,
}
