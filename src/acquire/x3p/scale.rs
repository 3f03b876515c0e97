//! Metres or micrometres? X3P says metres; some exporters write micrometres.

use super::archive::damaged;
use super::header::Header;
use crate::error::Result;

const MICRO: f64 = 1e-6;

/// No scan of a casing is wider than this; a 12-gauge head is 22 mm.
const WIDEST_M: f64 = 0.1;

/// No scan of a mark is narrower than this.
const NARROWEST_M: f64 = 1e-4;

/// No topography of a casing head rises more than this.
const HIGHEST_M: f64 = 0.01;

/// A mark read as micrometres rises at least this; less would be another unit.
const LOWEST_M: f64 = 1e-6;

/// Heights looked at to judge their range.
const SAMPLE: usize = 100_000;

/// Factor from the written increments to metres.
pub(super) fn lateral(header: &Header, warnings: &mut Vec<String>) -> Result<f64> {
    let widest = |scale: f64| {
        let x = header.nx as f64 * header.increment_x;
        let y = header.ny as f64 * header.increment_y;
        x.max(y) * scale
    };
    if widest(1.0) <= WIDEST_M {
        return Ok(1.0);
    }
    if !(NARROWEST_M..=WIDEST_M).contains(&widest(MICRO)) {
        return Err(damaged(format!(
            "the increments {} and {} make the scan {} wide in metres and {} in micrometres; \
             neither can be",
            header.increment_x,
            header.increment_y,
            metres(widest(1.0)),
            metres(widest(MICRO))
        ))
        .advise("correct the increments in the exporting software; no unit is guessed"));
    }
    warnings.push(format!(
        "increments {} × {} would make the scan {} wide: they are taken as micrometres",
        header.increment_x,
        header.increment_y,
        metres(widest(1.0))
    ));
    Ok(MICRO)
}

/// Brings the heights to metres in place, judged by the range that holds 98 %
/// of them, so that spikes do not decide.
pub(super) fn heights(heights: &mut [f64], warnings: &mut Vec<String>) -> Result<()> {
    let range = robust_range(heights);
    if range <= HIGHEST_M {
        return Ok(());
    }
    if !(LOWEST_M..=HIGHEST_M).contains(&(range * MICRO)) {
        return Err(damaged(format!(
            "heights range over {} in metres and {} in micrometres; neither can be",
            metres(range),
            metres(range * MICRO)
        ))
        .advise("correct the unit of the heights in the exporting software; none is guessed"));
    }
    warnings
        .push(format!("heights would range over {}: they are taken as micrometres", metres(range)));
    heights.iter_mut().for_each(|z| *z *= MICRO);
    Ok(())
}

fn robust_range(heights: &[f64]) -> f64 {
    let step = heights.len().div_ceil(SAMPLE).max(1);
    let mut sample: Vec<f64> =
        heights.iter().step_by(step).copied().filter(|z| z.is_finite()).collect();
    sample.sort_by(f64::total_cmp);
    let at = |share: f64| {
        let last = sample.len().saturating_sub(1) as f64;
        sample.get((last * share).round() as usize).copied().unwrap_or(0.0)
    };
    at(0.99) - at(0.01)
}

fn metres(length: f64) -> String {
    match length {
        l if l >= 1.0 => format!("{l:.3} m"),
        l if l >= 1e-3 => format!("{:.3} mm", l * 1e3),
        l => format!("{:.3} µm", l * 1e6),
    }
}
