//! The quality gate: what can be compared, and why not.

use super::{Prepared, QualityLimits};
use crate::evidence::Modality;
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

/// Something to say about a mark, and how bad it is.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Remark(pub(super) Verdict, pub(super) String);

/// Judges a prepared mark; the worst remark decides.
pub(super) fn judge(
    mark: &Prepared,
    modality: Modality,
    pitch_um: f64,
    limits: &QualityLimits,
) -> Quality {
    let mut n = 0_usize;
    let mut squares = 0.0;
    for v in mark.values.iter().filter(|v| v.is_finite()) {
        n += 1;
        squares += f64::from(*v).powi(2);
    }
    let area_mm2 = n as f64 * pitch_um * pitch_um * 1e-6;
    let coverage =
        if mark.outline_mm2 > 0.0 { (area_mm2 / mark.outline_mm2).min(1.0) } else { 0.0 };
    let rms = (squares / n.max(1) as f64).sqrt();

    let mut remarks = mark.remarks.clone();
    let mut say = |bad: bool, verdict, text: String| {
        if bad {
            remarks.push(Remark(verdict, text));
        }
    };
    use Verdict::{Doubtful, Unusable};
    let small = |than: f64| format!("too little area: {area_mm2:.2} mm² of less than {than} mm²");
    if area_mm2 < limits.area_min_mm2 {
        say(true, Unusable, small(limits.area_min_mm2));
    } else {
        say(area_mm2 < limits.area_low_mm2, Doubtful, small(limits.area_low_mm2));
    }
    let gaps = format!("gaps: only {:.0} % of the mark holds data", 100.0 * coverage);
    let verdict = if coverage < limits.coverage_min { Unusable } else { Doubtful };
    say(coverage < limits.coverage_low, verdict, gaps);
    if modality == Modality::Topography {
        say(
            rms < limits.rms_min_um,
            Unusable,
            format!("featureless: heights vary by only {rms:.3} µm rms"),
        );
        say(
            rms > limits.rms_high_um,
            Doubtful,
            format!("heights vary by {rms:.1} µm rms: noise, or not level"),
        );
    }
    let verdict = remarks.iter().map(|r| r.0).max().unwrap_or(Verdict::Good);
    Quality {
        verdict,
        reasons: remarks.into_iter().map(|r| r.1).collect(),
        area_mm2,
        coverage,
        rms,
    }
}
