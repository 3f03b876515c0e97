//! One casing's mark, the scan it was found on, and its picture.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use types::evidence::{CasingRecord, Digest, MarkKind, Modality};
use types::mark::{PreparedMark, Quality};
use types::message::Message;
use types::scan::{Format as ScanFormat, Scan};

/// One casing's mark and the scan it comes from.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Side {
    /// What casework knows of the casing.
    pub casing: CasingRecord,
    /// The file it was measured in.
    pub scan: ScanFacts,
    /// The mark that was compared.
    pub mark: MarkFacts,
    /// The prepared mark, for the pictures; none draws no picture.
    #[serde(skip)]
    pub prepared: Option<Arc<PreparedMark>>,
}

impl Side {
    /// A side with its picture.
    pub fn new(casing: CasingRecord, scan: ScanFacts, mark: Arc<PreparedMark>) -> Self {
        Self { casing, scan, mark: MarkFacts::of(&mark), prepared: Some(mark) }
    }
}

types::coded!(mod warnings: Vec<Message> as warnings and coded_warnings);

/// What a report says of a scan file.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct ScanFacts {
    /// The file's name as in the manifest.
    pub file: String,
    /// SHA-256 of the file's bytes.
    pub sha256: Digest,
    /// Its format.
    pub format: ScanFormat,
    /// Its length in bytes.
    pub bytes: u64,
    /// Columns.
    pub width_px: usize,
    /// Rows.
    pub height_px: usize,
    /// Sampling along x, micrometres.
    pub pitch_x_um: f64,
    /// Sampling along y, micrometres.
    pub pitch_y_um: f64,
    /// Instrument maker and model, where the file says.
    pub instrument: Option<String>,
    /// When it was measured, as the file says it.
    pub acquired: Option<String>,
    /// Faults of the file that were tolerated.
    #[serde(flatten, with = "warnings")]
    #[schemars(with = "warnings::Both")]
    pub warnings: Vec<Message>,
}

impl ScanFacts {
    /// The facts of `scan`, read from a file called `file`.
    pub fn of(file: impl Into<String>, scan: &Scan) -> Self {
        let (height_px, width_px) = scan.surface.dim();
        let (x, y) = scan.surface.pitch();
        Self {
            file: file.into(),
            sha256: scan.sha256,
            format: scan.format,
            bytes: scan.bytes,
            width_px,
            height_px,
            pitch_x_um: x.um(),
            pitch_y_um: y.um(),
            instrument: scan.instrument.clone(),
            acquired: scan.acquired.clone(),
            warnings: scan.warnings.clone(),
        }
    }
}

/// What a report says of a prepared mark.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct MarkFacts {
    /// What part of the gun made it.
    pub kind: MarkKind,
    /// Heights or brightness.
    pub modality: Modality,
    /// Sampling after preparation, micrometres.
    pub pitch_um: f64,
    /// The quality gate's verdict.
    pub quality: Quality,
}

impl MarkFacts {
    /// The facts of `mark`.
    pub fn of(mark: &PreparedMark) -> Self {
        Self {
            kind: mark.kind,
            modality: mark.modality,
            pitch_um: mark.pitch.um(),
            quality: mark.quality.clone(),
        }
    }
}
