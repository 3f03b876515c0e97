//! One mark as the matcher sees it, and what the quality gate says of it.

use crate::evidence::{Digest, MarkKind, Modality};
use crate::message::Message;
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

    /// Means of the columns, in the values' unit, and the usual number of points
    /// of one; `NaN` where a column has less than a quarter of that. Of a striated
    /// mark, whose striae run along y, this is the profile.
    pub fn profile(&self) -> (Vec<f64>, u16) {
        column_means(&self.values)
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

/// A column counts with at least this share of the usual column's points.
const COLUMN_MIN: f64 = 0.25;

/// See [`PreparedMark::profile`]; shape `(ny, nx)`, `NaN` = missing.
pub fn column_means(values: &Array2<f32>) -> (Vec<f64>, u16) {
    let columns: Vec<(usize, f64)> = values
        .columns()
        .into_iter()
        .map(|column| {
            let present = column.into_iter().filter(|v| v.is_finite());
            present.fold((0, 0.0), |(n, sum), &v| (n + 1, sum + f64::from(v)))
        })
        .collect();
    let mut counts: Vec<usize> = columns.iter().map(|c| c.0).filter(|&n| n > 0).collect();
    counts.sort_unstable();
    let usual = counts.get(counts.len() / 2).copied().unwrap_or(0);
    let enough = COLUMN_MIN * usual as f64;
    let mean = |&(n, sum): &(usize, f64)| {
        if n > 0 && n as f64 >= enough { sum / n as f64 } else { f64::NAN }
    };
    (columns.iter().map(mean).collect(), usual.min(usize::from(u16::MAX)) as u16)
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

crate::coded!(mod reasons: Vec<Message> as reasons and coded_reasons);

/// The quality gate's verdict with its reasons.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Quality {
    /// The verdict.
    pub verdict: Verdict,
    /// What there is to remark; one sentence each. A `Good` mark may carry a
    /// remark too, such as that the file was prepared already.
    #[serde(flatten, with = "reasons")]
    #[schemars(with = "reasons::Both")]
    pub reasons: Vec<Message>,
    /// Area of the mark in mm².
    pub area_mm2: f64,
    /// Share of the mark's area that holds data, 0–1.
    pub coverage: f64,
    /// Root mean square of the prepared values (µm for heights, 1 for images).
    pub rms: f64,
}
