//! One mark as the matcher sees it, and what the quality gate says of it.

use crate::evidence::{Digest, MarkKind, Modality};
use crate::surface::{Mask, Pose, Surface};
use crate::units::Metres;
use ndarray::Array2;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

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

/// A way in which a scan may wrongly lie in its file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Otherwise {
    /// The rows in reverse order.
    Mirrored,
    /// Heights and depths exchanged.
    Negated,
    /// Both, as of a cast.
    Cast,
}

impl Otherwise {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Mirrored, Self::Negated, Self::Cast];
}

impl PreparedMark {
    /// The mark as it would be had the scan lain so in its file. The grid's
    /// place in the scan's is kept as it was.
    #[must_use]
    pub fn otherwise(&self, how: Otherwise) -> Self {
        let mut mark = self.clone();
        if how != Otherwise::Negated {
            mark.values.invert_axis(ndarray::Axis(0));
            mark.values = mark.values.as_standard_layout().into_owned();
        }
        if how != Otherwise::Mirrored {
            mark.values.mapv_inplace(|v| -v);
        }
        mark
    }

    /// Which points of the scan's grid lie in the mark, drop-outs left out;
    /// `scan` is the one the mark was prepared from.
    pub fn mask_on(&self, scan: &Surface) -> Mask {
        let ((ny, nx), (px, py)) = (scan.dim(), scan.pitch());
        let mark_from_scan = self.scan_from_mark.inverse();
        let centre = |n: usize| (n as f64 - 1.0) / 2.0;
        let (my, mx) = self.values.dim();
        Mask::from_shape_fn((ny, nx), |(row, col)| {
            let (x, y) = mark_from_scan
                .apply((col as f64 - centre(nx)) * px.0, (row as f64 - centre(ny)) * py.0);
            let pixel = |at: f64, n: usize| (at / self.pitch.0 + centre(n)).round();
            let (x, y) = (pixel(x, mx), pixel(y, my));
            x >= 0.0
                && y >= 0.0
                && self.values.get((y as usize, x as usize)).is_some_and(|v| v.is_finite())
        })
    }
}

/// Whether a mark can be compared.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
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
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Quality {
    /// The verdict.
    pub verdict: Verdict,
    /// What there is to remark; one sentence each. A `Good` mark may carry a
    /// remark too, such as that the file was prepared already.
    pub reasons: Vec<String>,
    /// Area of the mark in mm².
    pub area_mm2: f64,
    /// Share of the mark's area that holds data, 0–1.
    pub coverage: f64,
    /// Root mean square of the prepared values (µm for heights, 1 for images).
    pub rms: f64,
}
