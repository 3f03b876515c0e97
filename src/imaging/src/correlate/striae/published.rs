//! The published measure of striated marks, beside this product's own score: the
//! best correlation of two profiles over all shifts and a small range of scale
//! (Netherlands Forensic Institute, Scratch).

use serde::Serialize;
use types::mark::PreparedMark;
use types::units::Metres;

/// Least overlap.
const OVERLAP: Metres = Metres::from_um(350.0);
/// Most that one profile is stretched, and the steps to there either way.
const STRETCH: f64 = 0.05;
const STEPS: i32 = 6;

/// What the published measure says of one pair.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct BestCorrelation {
    /// The highest correlation coefficient, −1 to 1.
    pub ccf: f64,
    /// How many times as long B had to be made for it.
    pub scale: f64,
}

/// The best correlation of two striated marks, either way round. None where they
/// have too little in common.
pub fn best_correlation_of_marks(a: &PreparedMark, b: &PreparedMark) -> Option<BestCorrelation> {
    let (step, b) = (a.pitch, b.profile().0);
    let mut a = a.profile().0;
    let upright = best_correlation(&a, &b, step);
    a.reverse();
    let turned = best_correlation(&a, &b, step);
    upright.into_iter().chain(turned).max_by(|a, b| a.ccf.total_cmp(&b.ccf))
}

/// The best correlation of two profiles, `NaN` = missing, over all shifts with at
/// least 350 µm of A in common and 13 scales of B from 1/1.05 to 1.05. None where they
/// have too little in common.
pub fn best_correlation(a: &[f64], b: &[f64], step: Metres) -> Option<BestCorrelation> {
    let least = (OVERLAP / step).ceil() as usize;
    let scales = (-STEPS..=STEPS).map(|k| {
        let stretch = 1.0 + STRETCH * f64::from(k.abs()) / f64::from(STEPS);
        if k < 0 { 1.0 / stretch } else { stretch }
    });
    let found = scales.filter_map(|scale| {
        let ccf = over_shifts(a, &stretched(b, scale), least)?;
        Some(BestCorrelation { ccf, scale })
    });
    found.max_by(|a, b| a.ccf.total_cmp(&b.ccf))
}

/// The line made `scale` times as long, by linear interpolation.
fn stretched(line: &[f64], scale: f64) -> Vec<f64> {
    let last = line.len().saturating_sub(1);
    let count = (line.len() as f64 * scale).round() as usize;
    let step = last as f64 / count.saturating_sub(1).max(1) as f64;
    (0..count)
        .map(|i| {
            let at = i as f64 * step;
            let (from, part) = ((at as usize).min(last), at.fract());
            line[from] * (1.0 - part) + line[(from + 1).min(last)] * part
        })
        .collect()
}

fn over_shifts(a: &[f64], b: &[f64], least: usize) -> Option<f64> {
    let shifts = least as isize - a.len() as isize..=b.len() as isize - least as isize;
    let found = shifts.filter_map(|shift| {
        let (from, at, n) = super::meeting(a.len(), b.len(), shift)?;
        let pairs = a[from..from + n].iter().zip(&b[at..at + n]);
        let pairs = pairs.filter(|(a, b)| a.is_finite() && b.is_finite());
        let mut sums = [0.0; 6];
        for (&a, &b) in pairs {
            for (sum, v) in sums.iter_mut().zip([1.0, a, b, a * a, b * b, a * b]) {
                *sum += v;
            }
        }
        let [n, a, b, aa, bb, ab] = sums;
        let (va, vb) = (aa - a * a / n, bb - b * b / n);
        (n >= least as f64 && va > 0.0 && vb > 0.0).then(|| (ab - a * b / n) / (va * vb).sqrt())
    });
    found.max_by(f64::total_cmp)
}
