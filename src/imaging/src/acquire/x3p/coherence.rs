//! Whether the numbers of a matrix belong where the header puts them.
//!
//! A measured surface is continuous: neighbours are alike along rows and from
//! row to row. Numbers read as signed that were written as unsigned jump by the
//! type's whole span; rows cut at the wrong length do not continue each other,
//! but do at the right one.

use super::archive::damaged;
use super::header::X3pHeader;
use types::error::Result;
use types::message::say;

/// Positions looked at.
const SAMPLE: usize = 200_000;

/// Fewer jumps by the whole span, or a smaller share, may be spikes.
const JUMPS_MIN: usize = 10;
const JUMPS_SHARE: f64 = 1e-4;

/// Rows that continue each other at another length differ by less than this
/// share of what they differ by as cut.
const CONTINUES: f64 = 0.5;

/// And by no more than this many times what neighbours in a row differ by.
const LIKE_NEIGHBOURS: f64 = 3.0;

/// Refuses heights (as written, x fastest) that cannot lie as the header says.
pub(super) fn check(heights: &[f64], header: &X3pHeader) -> Result<()> {
    if let Some(span) = header.span() {
        unwrapped(heights, header.nx, span)?;
    }
    continuous(heights, header.nx, header.ny)
}

/// Refuses integers that wrap: unsigned numbers read as signed.
fn unwrapped(heights: &[f64], nx: usize, span: f64) -> Result<()> {
    let (mut pairs, mut jumps, mut whole) = (0_usize, 0_usize, 0_usize);
    for row in heights.chunks_exact(nx) {
        for pair in row.windows(2) {
            let [a, b] = *pair else { continue };
            let step = (a - b).abs();
            pairs += usize::from(step.is_finite());
            jumps += usize::from(step > span / 2.0);
            whole += usize::from(step > span * 0.875);
        }
    }
    let enough = jumps >= JUMPS_MIN && jumps as f64 >= JUMPS_SHARE * pairs as f64;
    // Spikes end anywhere; a wrap leaves the neighbours' own small difference.
    if !enough || (whole as f64) < 0.8 * jumps as f64 {
        return Ok(());
    }
    Err(damaged(say!(
        "heights jump by the whole span of their number type at {jumps} of {pairs} places: they \
         were written as unsigned numbers, which X3P does not have"
    ))
    .advise(say!("export the scan with signed integers (I, L) or floating-point numbers (F, D)")))
}

/// Refuses a matrix whose rows continue each other only with its sizes exchanged.
fn continuous(heights: &[f64], nx: usize, ny: usize) -> Result<()> {
    // A shear of a few points cannot be told from slanting tool marks.
    if nx.abs_diff(ny) <= 8 || nx < 16 || ny < 16 {
        return Ok(());
    }
    let (Some(along), Some(down), Some(exchanged)) =
        (difference(heights, 1), difference(heights, nx), difference(heights, ny))
    else {
        return Ok(());
    };
    if exchanged < CONTINUES * down && exchanged <= LIKE_NEIGHBOURS * along {
        return Err(damaged(say!(
            "the rows do not continue each other with {nx} points each, but do with {ny}: SizeX \
             and SizeY are exchanged"
        ))
        .advise(say!("export the scan again, or exchange the two in main.xml")));
    }
    Ok(())
}

/// Median difference of points so far apart in the matrix.
fn difference(heights: &[f64], apart: usize) -> Option<f64> {
    let step = heights.len().div_ceil(SAMPLE).max(1);
    let mut differences: Vec<f64> = heights
        .iter()
        .zip(heights.get(apart..)?)
        .step_by(step)
        .map(|(a, b)| (a - b).abs())
        .filter(|d| d.is_finite())
        .collect();
    let middle = differences.len() / 2;
    if differences.is_empty() {
        return None;
    }
    Some(*differences.select_nth_unstable_by(middle, f64::total_cmp).1)
}
