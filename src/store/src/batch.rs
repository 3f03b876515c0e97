//! What one commit adds.

use super::delivery::Delivery;
use super::rows::{
    CASING, ComparisonRow, FailureRow, Linking, MarkRow, Record, RunRow, ScanRow, TemplateRow,
};
use ndarray::Array2;
use std::path::PathBuf;
use std::sync::Arc;
use types::comparison::{Cell, Comparison};
use types::evidence::{CasingId, CasingRecord, Digest, MarkId};
use types::mark::PreparedMark;
use types::message::{Message, say};

/// Where the file of a scan is.
#[derive(Clone)]
pub enum Original {
    /// It stays with the agency that shared the scan.
    Elsewhere,
    /// A file.
    File(PathBuf),
    /// In what a worker delivered.
    Delivered(Arc<Delivery>),
}

/// Where the values of a mark are.
pub enum Values {
    /// They come when they are written.
    Elsewhere,
    /// Here, of shape (ny, nx).
    Here(Array2<f32>),
    /// In what a worker delivered.
    Delivered(Arc<Delivery>),
}

/// A set of additions that becomes visible as a whole or not at all.
#[derive(Default)]
pub struct Batch {
    pub(super) scans: Vec<(ScanRow, Original)>,
    pub(super) marks: Vec<(MarkRow, Values)>,
    pub(super) templates: Vec<(TemplateRow, Vec<u8>)>,
    pub(super) comparisons: Vec<(ComparisonRow, Vec<Cell>)>,
    pub(super) casings: Vec<Record>,
    pub(super) records: Vec<Record>,
    pub(super) recipes: Vec<String>,
    pub(super) linking: Option<Linking>,
    pub(super) runs: Vec<RunRow>,
    pub(super) failures: Vec<FailureRow>,
    /// Why it cannot be committed.
    pub(super) unfit: Vec<Message>,
}

impl Batch {
    /// Adds a casing's record as it was received. One equal to any stored
    /// version is no news: what was amended since is not undone by reading the
    /// same manifest again.
    pub fn add_casing(&mut self, casing: &CasingRecord, author: &str, reason: &str) {
        match serde_json::to_string(casing) {
            Ok(body) => self.casings.push(record(CASING, casing.id.as_str(), body, author, reason)),
            Err(e) => self.unfit.push(say!("the record of casing {}: {e}", casing.id)),
        }
    }

    /// Adds a version of a casework record, whose body is JSON; one equal to
    /// the newest version is no news.
    pub fn add_record(
        &mut self,
        kind: impl Into<String>,
        id: impl Into<String>,
        body: impl Into<String>,
        author: impl Into<String>,
        reason: impl Into<String>,
    ) {
        self.records.push(record(kind, id, body, author, reason));
    }

    /// Adds a scan and the file it was read from, which is copied byte for
    /// byte on commit.
    pub fn add_scan(&mut self, scan: ScanRow, original: impl Into<PathBuf>) {
        self.scans.push((scan, Original::File(original.into())));
    }

    /// Adds what is known of a scan whose file stays with the agency that
    /// shared it.
    pub fn add_scan_facts(&mut self, scan: ScanRow) {
        self.scans.push((ScanRow { bytes: 0, ..scan }, Original::Elsewhere));
    }

    /// Adds a scan whose file a worker delivered.
    pub fn add_delivered_scan(&mut self, scan: ScanRow, from: &Arc<Delivery>) {
        self.scans.push((scan, Original::Delivered(from.clone())));
    }

    /// Adds a prepared mark whose values a worker delivered.
    pub fn add_delivered_mark(&mut self, mark: MarkRow, from: &Arc<Delivery>) {
        self.marks.push((mark, Values::Delivered(from.clone())));
    }

    /// Adds a prepared mark of `casing` found on the scan with digest `scan`.
    pub fn add_mark(&mut self, id: MarkId, casing: CasingId, scan: Digest, mark: PreparedMark) {
        let (ny, nx) = mark.values.dim();
        let row = MarkRow {
            id,
            casing,
            scan,
            kind: mark.kind,
            modality: mark.modality,
            ny: ny as u64,
            nx: nx as u64,
            pitch: mark.pitch,
            scan_from_mark: mark.scan_from_mark,
            recipe: mark.recipe,
            quality: mark.quality,
        };
        self.marks.push((row, Values::Here(mark.values)));
    }

    /// Adds the encoded template of a mark.
    pub fn add_template(&mut self, template: TemplateRow, bytes: Vec<u8>) {
        self.templates.push((template, bytes));
    }

    /// Adds the comparison of mark `a` with mark `b` under `recipe`. Whether
    /// they were compared before is the caller's to ask
    /// ([`Snapshot::compared`](super::Snapshot::compared)).
    pub fn add_comparison(&mut self, a: MarkId, b: MarkId, recipe: Digest, comparison: Comparison) {
        let row = ComparisonRow {
            a,
            b,
            recipe,
            score: comparison.score,
            ccf: comparison.ccf,
            cells: comparison.cells,
            congruent_cells: comparison.congruent_cells,
            overlap_mm2: comparison.overlap_mm2,
            b_from_a: comparison.b_from_a,
            cell_um: comparison.cell_um,
            cells_of_b: comparison.cells_of_b,
        };
        self.comparisons.push((row, comparison.cell_table));
    }

    /// Sets the outcome of a linking of the whole population.
    pub fn set_linking(&mut self, linking: Linking) {
        self.linking = Some(linking);
    }

    /// Adds the text of a recipe; its identity is the digest of its bytes.
    pub fn add_recipe(&mut self, json: impl Into<String>) -> Digest {
        let json = json.into();
        let digest = Digest::of(json.as_bytes());
        self.recipes.push(json);
        digest
    }

    /// Adds the account of a run.
    pub fn add_run(&mut self, run: RunRow) {
        self.runs.push(run);
    }

    /// Adds an input that could not be processed.
    pub fn add_failure(&mut self, failure: FailureRow) {
        self.failures.push(failure);
    }

    /// Adds the records of another batch.
    pub fn add_records_of(&mut self, other: Self) {
        self.records.extend(other.records);
        self.unfit.extend(other.unfit);
    }

    /// How many scans it holds.
    pub const fn scans(&self) -> usize {
        self.scans.len()
    }

    /// How many additions it holds.
    pub fn len(&self) -> usize {
        self.scans.len()
            + self.marks.len()
            + self.templates.len()
            + self.comparisons.len()
            + self.casings.len()
            + self.records.len()
            + self.recipes.len()
            + self.runs.len()
            + self.failures.len()
            + self.unfit.len()
            + usize::from(self.linking.is_some())
    }

    /// Whether it holds nothing.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

fn record(
    kind: impl Into<String>,
    id: impl Into<String>,
    body: impl Into<String>,
    author: impl Into<String>,
    reason: impl Into<String>,
) -> Record {
    let (kind, id, body) = (kind.into(), id.into(), body.into());
    Record { kind, id, version: 0, body, author: author.into(), reason: reason.into() }
}
