//! The quality gate: what can be compared, and why not.

use super::{Prepared, Quality, Recipe, Verdict, low_pass};
use ndarray::Array2;
use types::evidence::{MarkKind, Modality};
use types::message::{Message, say};
use types::units::Metres;

/// Marks band-passed to 500 µm rise some micrometres; what varies by more than
/// this, in µm rms, is no casing's surface.
const RMS_IMPOSSIBLE_UM: f64 = 100.0;

/// Something to say about a mark, and how bad it is.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Remark(pub(super) Verdict, pub(super) Message);

/// Judges a prepared mark; the worst remark decides.
pub(super) fn judge(
    mark: &Prepared,
    kind: MarkKind,
    modality: Modality,
    recipe: &Recipe,
) -> Quality {
    use Verdict::{Doubtful, Unusable};
    let limits = &recipe.quality;
    let (count, rms) = count_and_rms(&mark.values);
    let area_mm2 = count as f64 * (recipe.pitch_um * 1e-3).powi(2);
    let coverage = (area_mm2 / mark.outline_mm2.max(f64::MIN_POSITIVE)).min(1.0);
    let mut remarks = mark.remarks.clone();
    let mut say = |bad: bool, verdict: Verdict, text: Message| {
        if bad {
            remarks.push(Remark(verdict, text));
        }
    };

    let small = area_mm2 < limits.area_min_mm2;
    say(small, Unusable, say!("too little area: {area_mm2:.2} mm²"));
    let low = kind == MarkKind::BreechFace && area_mm2 < limits.area_low_mm2;
    say(low && !small, Doubtful, say!("little area: {area_mm2:.2} mm²"));
    let verdict = if coverage < limits.coverage_min { Unusable } else { Doubtful };
    let gaps = say!("gaps: only {:.0} % of the mark holds data", 100.0 * coverage);
    say(coverage < limits.coverage_low, verdict, gaps);
    if modality == Modality::Topography {
        let flat = rms < limits.rms_min_um;
        say(flat, Unusable, say!("featureless: heights vary by only {rms:.3} µm rms"));
        let impossible = rms > RMS_IMPOSSIBLE_UM;
        let text = say!("impossible heights: they vary by {rms:.1} µm rms");
        say(impossible, Unusable, text);
        let rough = rms > limits.rms_high_um && !impossible;
        say(rough, Doubtful, say!("noise, or not level: heights vary by {rms:.1} µm rms"));
        let share = detail(&mark.values, kind, recipe) / rms.max(f64::MIN_POSITIVE);
        let text = say!("blurred: fine detail is only {:.1} % of the heights", 100.0 * share);
        say(share < limits.detail_min && !flat, Doubtful, text);
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

/// Rms of waves shorter than four times the short cut-off.
fn detail(values: &Array2<f32>, kind: MarkKind, recipe: &Recipe) -> f64 {
    let cutoff = Metres::from_um(4.0 * recipe.band(kind).short_um);
    count_and_rms(&(values - &low_pass(values, recipe.pitch(), cutoff))).1
}

/// Area in mm² and root mean square of a mark's values.
pub fn area_and_rms(values: &Array2<f32>, pitch: Metres) -> (f64, f64) {
    let (count, rms) = count_and_rms(values);
    (count as f64 * (pitch.um() * 1e-3).powi(2), rms)
}

fn count_and_rms(values: &Array2<f32>) -> (usize, f64) {
    let present = values.iter().filter(|v| v.is_finite());
    let (n, squares) = present.fold((0_usize, 0.0), |(n, s), &v| (n + 1, s + f64::from(v).powi(2)));
    (n, (squares / n.max(1) as f64).sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;
    use types::surface::Pose;

    fn judged(outline_mm2: f64, height: impl Fn(usize, usize) -> f32) -> Quality {
        let values = Array2::from_shape_fn((160, 160), |(y, x)| height(y, x));
        let mark =
            Prepared { values, scan_from_mark: Pose::default(), outline_mm2, remarks: Vec::new() };
        judge(&mark, MarkKind::BreechFace, Modality::Topography, &Recipe::default())
    }

    fn grain(y: usize, x: usize) -> f32 {
        (x as f32 * 1.1).sin() * (y as f32 * 0.9).cos() + (x as f32 * 0.2).sin()
    }

    #[test]
    fn the_gate_names_what_is_wrong() {
        let good = judged(1.0, grain);
        assert_eq!((good.verdict, good.reasons.len()), (Verdict::Good, 0), "{good:?}");
        let small = judged(0.1, |y, x| if x < 20 { grain(y, x) } else { f32::NAN });
        assert_eq!(small.verdict, Verdict::Unusable);
        assert!(small.reasons[0].contains("area"), "{small:?}");
        let holed = judged(1.0, |y, x| if x % 4 == 0 { grain(y, x) } else { f32::NAN });
        assert!(holed.reasons.iter().any(|r| r.contains("gaps")), "{holed:?}");
        let flat = judged(1.0, |y, x| 0.01 * grain(y, x));
        assert!(flat.reasons.iter().any(|r| r.contains("featureless")), "{flat:?}");
        let blurred = judged(1.0, |y, x| (x as f32 * 0.08).sin() + (y as f32 * 0.09).cos());
        assert!(blurred.reasons.iter().any(|r| r.contains("blurred")), "{blurred:?}");
    }
}
