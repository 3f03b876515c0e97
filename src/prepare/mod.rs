//! [`Scan`](crate::acquire::Scan) → [`PreparedMark`]: the mark found, levelled,
//! band-passed and resampled.

use crate::evidence::{Digest, MarkKind, Modality};
use crate::surface::Pose;
use crate::units::Metres;
use ndarray::Array2;
use serde::{Deserialize, Serialize};

/// Whether a mark can be compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Nothing to remark.
    Good,
    /// Compared, but the reasons should be read.
    Doubtful,
    /// Not compared.
    Unusable,
}

/// The quality gate's verdict with its reasons.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Quality {
    /// The verdict.
    pub verdict: Verdict,
    /// Why it is not `Good`; one sentence each.
    pub reasons: Vec<String>,
    /// Area of the mark in mm².
    pub area_mm2: f64,
    /// Share of the mark's area that holds data, 0–1.
    pub coverage: f64,
    /// Root mean square of the prepared values (µm for heights, 1 for images).
    pub rms: f64,
}

/// One mark as the matcher sees it.
#[derive(Clone, Debug)]
pub struct PreparedMark {
    /// What part of the gun made it.
    pub kind: MarkKind,
    /// Heights or brightness.
    pub modality: Modality,
    /// Square sampling of `values`.
    pub pitch: Metres,
    /// Band-passed heights in micrometres, or normalised brightness (unit 1);
    /// shape `(ny, nx)`, `NaN` outside the mark and where data are missing.
    pub values: Array2<f32>,
    /// Where this grid lies in the scan's grid.
    pub scan_from_mark: Pose,
    /// Hash of the recipe that made it.
    pub recipe: Digest,
    /// The quality gate's verdict.
    pub quality: Quality,
}

mod filter;
pub use filter::low_pass;
