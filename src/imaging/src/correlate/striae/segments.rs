//! Do the parts of a profile, each registered on its own, lie where the whole
//! does? After the congruent matching profile segments of Chen et al. (2019).

use super::super::congruence::Found;
use super::line::Line;
use super::meeting;
use crate::extract::striae::STEP;
use crate::matcher::MATCHER;

/// Length of a segment, in steps: 200 µm.
pub(super) const SEGMENT: usize = (MATCHER.striae.segment_um / STEP.um()) as usize;
/// A segment is searched so far from where the whole profile puts it, in steps:
/// 150 µm.
const WINDOW: isize = (MATCHER.striae.segment_window_um / STEP.um()) as isize;
/// A congruent segment lies so near to the consensus, in steps: 12.5 µm.
const NEAR: isize = (MATCHER.striae.segment_near_um / STEP.um()) as isize;
/// A congruent segment correlates at least this much.
const CORRELATES: f64 = MATCHER.striae.segment_correlates;

/// The segments of either profile, searched in the other; those with fewer
/// congruent ones, and whether they are cut from B.
pub(super) fn weaker(here: &Line, there: &Line, shift: isize) -> (bool, Vec<Found>) {
    let of_a = segments(here, there, shift);
    let of_b = segments(there, here, -shift);
    let congruent = |cells: &[Found]| cells.iter().filter(|c| c.congruent).count();
    if congruent(&of_b) < congruent(&of_a) { (true, of_b) } else { (false, of_a) }
}

/// Segments of `cut`, each where it correlates best with `other`. Their centres
/// are steps from the left end of `cut`; the offset tells how far from where
/// `shift` puts them they were found.
fn segments(cut: &Line, other: &Line, shift: isize) -> Vec<Found> {
    let Some((from, _, n)) = meeting(cut.values.len(), other.values.len(), shift) else {
        return Vec::new();
    };
    let count = n / SEGMENT;
    let margin = (n - count * SEGMENT) / 2;
    let mut found: Vec<Found> = (0..count)
        .filter_map(|k| {
            let start = from + margin + k * SEGMENT;
            let measured = cut.present[start..start + SEGMENT].iter().filter(|&&p| p != 0).count();
            if 2 * measured < SEGMENT {
                return None;
            }
            let mut best = (0.0, 0);
            for offset in -WINDOW..=WINDOW {
                let Ok(at) = usize::try_from(start as isize + shift + offset) else { continue };
                if at + SEGMENT > other.values.len() {
                    continue;
                }
                let common = cut.common(start, other, at, SEGMENT);
                let ccf = if 2 * common.n < SEGMENT as i64 { 0.0 } else { common.pearson() };
                // Of equals, the one nearer to the whole profile's place.
                if ccf > best.0 || (ccf == best.0 && offset.abs() < isize::abs(best.1)) {
                    best = (ccf, offset);
                }
            }
            let centre = (start as f64 + (SEGMENT as f64 - 1.0) / 2.0, 0.0);
            let offset = (best.1 as f64, 0.0);
            Some(Found { centre, offset, turn_deg: 0.0, ccf: best.0, congruent: false })
        })
        .collect();
    // The whole profile's place is the consensus.
    for cell in &mut found {
        cell.congruent = cell.offset.0.abs() <= NEAR as f64 && cell.ccf >= CORRELATES;
    }
    found
}
