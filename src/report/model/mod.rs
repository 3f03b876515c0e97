//! The facts of a report, apart from language and layout.
//!
//! Everything here but the prepared marks is serialised; the JSON export is
//! this model as it stands. Lengths carry their unit in the name.

mod batch;

pub use batch::{BatchSummary, CasingEntry, Counts, Failure, GroupEntry, LinkEntry};

use super::laboratory::LaboratoryConfig;
use crate::acquire::{Format as ScanFormat, Scan};
use crate::correlate::Comparison;
use crate::evidence::{CasingRecord, Digest, MarkKind, Modality};
use crate::prepare::{PreparedMark, Quality};
use crate::weigh::{Bounds, Expected, Flag, Performance, Support};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Version of the model and so of the JSON export; raised when a field changes
/// its meaning or goes away.
pub const SCHEMA_VERSION: u32 = 1;

/// Any report.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[expect(clippy::large_enum_variant, reason = "reports are made and written one at a time")]
#[serde(tag = "report", rename_all = "snake_case")]
pub enum Report {
    /// One questioned casing and its ranked candidates.
    Casing(CasingReport),
    /// One comparison in depth.
    Pair(PairReport),
    /// What came in, what failed and why, groups and links.
    Batch(BatchSummary),
}

impl Report {
    /// What the report says of itself.
    pub const fn header(&self) -> &Header {
        match self {
            Self::Casing(r) => &r.header,
            Self::Pair(r) => &r.header,
            Self::Batch(r) => &r.header,
        }
    }
}

/// What ISO/IEC 17025:2017, 7.8.2 asks of every report.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Header {
    /// [`SCHEMA_VERSION`] of the program that wrote it.
    pub schema_version: u32,
    /// The report's unique identifier.
    pub report_id: String,
    /// A title that replaces the usual one of this kind of report.
    pub title: Option<String>,
    /// Who issues it.
    pub laboratory: LaboratoryConfig,
    /// Who asked for it.
    pub customer: Option<String>,
    /// Day the items were received, ISO 8601.
    pub received: Option<String>,
    /// Day the comparison was made, ISO 8601.
    pub performed: Option<String>,
    /// Day of issue, ISO 8601.
    pub issued: Option<String>,
    /// Name and version of the program.
    pub software: String,
    /// Hash of the recipe that prepared and compared the marks.
    pub recipe: Digest,
    /// Head of the store's audit ledger when the report was made.
    pub ledger_head: Option<Digest>,
    /// Who authorised the report.
    pub authorised_by: Option<String>,
    /// Departures from the method.
    pub deviations: Vec<String>,
    /// What this issue changes in an earlier one.
    pub amendments: Vec<String>,
    /// Limitations beyond the standing ones that every report states.
    pub limitations: Vec<String>,
}

impl Header {
    /// A header with this program's name and version and nothing optional.
    pub fn new(report_id: impl Into<String>, recipe: Digest, laboratory: LaboratoryConfig) -> Self {
        Self {
            schema_version: SCHEMA_VERSION,
            report_id: report_id.into(),
            title: None,
            laboratory,
            customer: None,
            received: None,
            performed: None,
            issued: None,
            software: concat!("brasslink ", env!("CARGO_PKG_VERSION")).into(),
            recipe,
            ledger_head: None,
            authorised_by: None,
            deviations: Vec::new(),
            amendments: Vec::new(),
            limitations: Vec::new(),
        }
    }
}

/// One questioned casing and its ranked candidates, mark by mark.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CasingReport {
    /// What the report says of itself.
    pub header: Header,
    /// One entry a mark of the questioned casing.
    pub findings: Vec<Findings>,
    /// Files of the same batch that could not be used.
    pub failures: Vec<Failure>,
}

/// The ranked candidates of one mark.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Findings {
    /// The questioned casing's mark.
    pub questioned: Side,
    /// What it was compared with.
    pub gallery: Gallery,
    /// Best first.
    pub candidates: Vec<Candidate>,
}

/// One comparison in depth.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PairReport {
    /// What the report says of itself.
    pub header: Header,
    /// The mark whose frame is used.
    pub a: Side,
    /// The mark laid over it.
    pub b: Side,
    /// B against A.
    pub comparison: Comparison,
    /// Weight of evidence; none = not calibrated.
    pub weight: Option<Weight>,
}

/// One casing's mark and the scan it comes from.
#[derive(Clone, Debug, Serialize, Deserialize)]
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

/// What a report says of a scan file.
#[derive(Clone, Debug, Serialize, Deserialize)]
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
    pub warnings: Vec<String>,
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
#[derive(Clone, Debug, Serialize, Deserialize)]
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

/// The population a rank refers to.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Gallery {
    /// Casings in the gallery with a mark of this kind, the questioned one
    /// not counted.
    pub casings: u64,
    /// Casings of these that were compared.
    pub compared: u64,
    /// The filters applied, in order.
    pub filters: Vec<Filter>,
}

/// One class-characteristic filter and what it kept from being compared.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Filter {
    /// What the filter asks, in words.
    pub rule: String,
    /// Casings it excluded.
    pub excluded: u64,
}

/// One ranked candidate.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Candidate {
    /// 1 = most similar.
    pub rank: u32,
    /// The candidate's mark.
    pub side: Side,
    /// The candidate (B) against the questioned casing (A).
    pub comparison: Comparison,
    /// The proposed group it belongs to.
    pub group: Option<String>,
    /// Weight of evidence; none = not calibrated.
    pub weight: Option<Weight>,
}

/// A calibrated likelihood ratio with the population it refers to.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Weight {
    /// log10 of the likelihood ratio of "fired by the same firearm" to "fired
    /// by different firearms".
    pub log10_lr: f64,
    /// Lower end of its interval.
    pub log10_lower: f64,
    /// Upper end of its interval.
    pub log10_upper: f64,
    /// The reference population's name.
    pub population: String,
    /// Firearms in it.
    pub firearms: u64,
    /// Pairs in it.
    pub pairs: u64,
    /// Digest of the population.
    pub sha256: Digest,
    /// Which proposition it supports, and how strongly.
    pub support: Support,
    /// Bounds of the population's likelihood ratios.
    pub bounds: Bounds,
    /// The population's error rates.
    pub performance: Performance,
    /// What to be careful about.
    pub flags: Vec<Flag>,
    /// Strangers expected to score as high in this gallery.
    pub strangers: Option<Expected>,
}
