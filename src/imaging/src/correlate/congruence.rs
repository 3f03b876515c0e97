//! Congruent cells: do the parts of a mark, each registered on its own, tell
//! the same pose?
//!
//! Each cell of the *reference* is searched in the *other* mark over ±300 µm,
//! whatever the whole mark's registration said about that cell. A
//! cell is congruent when it was found near the place that the consensus of
//! the cells predicts, turned alike, and correlates there (Song 2013). For
//! marks of different sources the cells scatter over the window, so that few
//! are congruent by chance; geometry is evidence here and not an assumption.

use super::refine::PoseCandidate;
use crate::extract::FINE_PITCH;
use crate::extract::kernel::{dispatched, dot_short};
use crate::extract::{FeatureMap, Sheet, Turnable};
use crate::matcher::MATCHER;
use types::numeric::mean_median;

/// Cells are searched this far from where the whole mark's pose puts them, in
/// fine pixels (300 µm).
const WINDOW: isize = (MATCHER.congruence.window_um / FINE_PITCH.um()) as isize;
/// The consensus must lie this near to the whole mark's pose, fine pixels.
const CONSENSUS: f64 = MATCHER.congruence.consensus_um / FINE_PITCH.um();
/// A congruent cell lies this near to the consensus, fine pixels (50 µm).
const NEAR: f64 = MATCHER.congruence.near_um / FINE_PITCH.um();
/// Other turns at which a cell near the consensus is tried, degrees from the
/// whole mark's.
const TURNS_DEG: [f64; 6] = [-12.0, -8.0, -4.0, 4.0, 8.0, 12.0];
/// A congruent cell is turned by at most this much from the consensus, degrees.
const ALIKE_DEG: f64 = MATCHER.congruence.alike_deg;
/// A congruent cell correlates at least this much.
const CORRELATES: f64 = MATCHER.congruence.correlates;

/// A registered cell, all in the reference's fine pixels from its grid centre.
#[derive(Clone, Copy, Debug)]
pub struct Found {
    /// Cell centre.
    pub centre: (f64, f64),
    /// How far from the predicted place the cell was found.
    pub offset: (f64, f64),
    /// Turn away from the whole mark's, degrees.
    pub turn_deg: f64,
    /// Correlation on the fine map.
    pub ccf: f64,
    /// Whether it agrees with the consensus.
    pub congruent: bool,
}

/// Searches cells of `side` fine pixels, cut from the reference about
/// `centres` (fine pixels from its grid centre), in `other`, seen from the
/// reference's frame through `place`.
pub fn search(
    reference: &FeatureMap,
    other: &Turnable,
    place: &PoseCandidate,
    side: usize,
    centres: &[(f64, f64)],
) -> Vec<Found> {
    let (mut window, mut found) = at_one_turn(reference, other, place, side, centres);
    let (cx, cy) = reference.centre();
    let half = side as f64 / 2.0 - 0.5;
    let Some(at) = consensus(&found) else { return found };
    // Only cells in the right place are worth the search for their turn.
    for cell in found.iter_mut().filter(|c| within(c.offset, at, NEAR)) {
        let corner = (
            (cell.centre.0 + cx - half).round() as isize,
            (cell.centre.1 + cy - half).round() as isize,
        );
        let near = (cell.offset.0 as isize, cell.offset.1 as isize);
        let mut best = (0.0, cell.ccf, near);
        for turn in TURNS_DEG {
            let block = CellBlock::new(reference, corner, side, turn);
            let (offset, ccf) = window.search(&block, corner, near, 1);
            if ccf > best.1 {
                best = (turn, ccf, offset);
            }
        }
        cell.turn_deg = best.0;
        cell.ccf = best.1;
        cell.offset = (best.2.0 as f64, best.2.1 as f64);
    }
    let agreeing = || found.iter().filter(|c| within(c.offset, at, NEAR));
    let turn = mean_median(agreeing().map(|c| c.turn_deg).collect()).unwrap_or(0.0);
    for cell in &mut found {
        cell.congruent = within(cell.offset, at, NEAR)
            && (cell.turn_deg - turn).abs() <= ALIKE_DEG
            && cell.ccf >= CORRELATES;
    }
    found
}

/// The cells, each where it correlates best with the other mark held at the
/// turn of `place`; none is congruent yet.
pub fn at_one_turn(
    reference: &FeatureMap,
    other: &Turnable,
    place: &PoseCandidate,
    side: usize,
    centres: &[(f64, f64)],
) -> (Window, Vec<Found>) {
    // Cells reach over the edge by less than their width.
    let mut seen = Sheet::new(reference, side + WINDOW as usize + 1);
    other.lay(place.rotation, place.shift, reference, WINDOW as usize, &mut seen);
    let mut window = Window::new(seen, side);
    let (cx, cy) = reference.centre();
    let half = side as f64 / 2.0 - 0.5;
    let mut register = |&(x, y): &(f64, f64)| {
        let corner = ((x + cx - half).round() as isize, (y + cy - half).round() as isize);
        let block = CellBlock::new(reference, corner, side, 0.0);
        let (offset, ccf) = window.search(&block, corner, (0, 0), WINDOW);
        let centre = (corner.0 as f64 + half - cx, corner.1 as f64 + half - cy);
        let offset = (offset.0 as f64, offset.1 as f64);
        Found { centre, offset, turn_deg: 0.0, ccf, congruent: false }
    };
    let found = centres.iter().map(&mut register).collect();
    (window, found)
}

/// Features summed together: cells are padded with zeros to a multiple.
const TOGETHER: usize = 32;

/// A cell's features, row by row, then zeros.
struct CellBlock {
    values: Vec<i16>,
    energy: f32,
}

impl CellBlock {
    /// Cuts the window that starts at `corner` and turns its content about its
    /// centre by −`turn_deg`: what a mark turned by that much looks like there.
    fn new(map: &FeatureMap, corner: (isize, isize), side: usize, turn_deg: f64) -> Self {
        let (s, c) = turn_deg.to_radians().sin_cos();
        let half = side as f64 / 2.0 - 0.5;
        let value = |i: usize| {
            let (px, py) = ((i % side) as f64 - half, (i / side) as f64 - half);
            let (px, py) = (c * px - s * py + half, s * px + c * py + half);
            map.value_near(corner.0 as f64 + px, corner.1 as f64 + py)
        };
        let mut values: Vec<i16> = (0..side * side).map(value).collect();
        values.resize(values.len().next_multiple_of(TOGETHER), 0);
        let energy = dot_short(&values, &values) as f32;
        Self { values, energy }
    }
}

/// A map with a margin, ready to have cells slid over it.
pub struct Window {
    side: usize,
    sheet: Sheet,
    /// Columns of the sheet under a cell at all its rows, one after the other.
    strip: Vec<i16>,
    /// Correlations of a cell at the rows tried in one column.
    column: Vec<f32>,
}

impl Window {
    fn new(sheet: Sheet, side: usize) -> Self {
        Self { side, sheet, strip: Vec::new(), column: Vec::new() }
    }

    /// Where a cell cut at `corner` correlates best within ±`reach` of an
    /// offset: the offset and the correlation. Ties go to the first place in
    /// reading order.
    fn search(
        &mut self,
        cell: &CellBlock,
        corner: (isize, isize),
        near: (isize, isize),
        reach: isize,
    ) -> ((isize, isize), f64) {
        let ((mut best, mut at), top) = ((f32::MIN, near), near.1 - reach);
        for dx in near.0 - reach..=near.0 + reach {
            self.slide(cell, corner.0 + dx, corner.1 + top, (2 * reach + 1) as usize);
            for (dy, &v) in (top..).zip(&self.column) {
                if v > best || (v == best && (dy, dx) < (at.1, at.0)) {
                    (best, at) = (v, (dx, dy));
                }
            }
        }
        (at, f64::from(best.max(-1.0)))
    }

    /// Fills `column` for a cell put at column `x` and at `count` rows from `y`
    /// on; with nothing where that leaves the margin.
    fn slide(&mut self, cell: &CellBlock, x: isize, y: isize, count: usize) {
        self.column.clear();
        let (stride, values, origin) = self.sheet.plane();
        let margin = stride as isize - self.sheet.width() as isize;
        let within = (-margin..=stride as isize - self.side as isize).contains(&x);
        let rows = self.side + count - 1;
        let first = usize::try_from(origin as isize + y * stride as isize + x).ok();
        let Some(first) = first.filter(|f| within && f + rows * stride <= values.len()) else {
            return;
        };
        self.strip.clear();
        for row in values[first..].chunks(stride).take(rows) {
            self.strip.extend_from_slice(&row[..self.side]);
        }
        self.strip.resize(self.strip.len() + TOGETHER, 0);
        self.column.resize(count, 0.0);
        slide(cell, &self.strip, self.side, &mut self.column);
    }
}

dispatched! {
/// A cell's correlation with a strip of its width from each row on; the energy
/// under it counts at least a quarter of the usual, so that an almost empty
/// place cannot win.
fn slide(cell: &CellBlock, strip: &[i16], side: usize, out: &mut [f32]) {
    let least = 0.25 * crate::extract::UNIT * crate::extract::UNIT * (side * side) as f32;
    let energy = |row: usize| {
        let row = &strip[row * side..(row + 1) * side];
        dot_short(row, row)
    };
    let own = cell.energy.max(least);
    let mut under = (0..side).map(energy).fold(0, i32::wrapping_add);
    for (k, out) in out.iter_mut().enumerate() {
        if k > 0 {
            under = under.wrapping_sub(energy(k - 1)).wrapping_add(energy(k + side - 1));
        }
        let under_cell = strip[k * side..].chunks_exact(TOGETHER);
        let product = cell.values.chunks_exact(TOGETHER).zip(under_cell).fold(0, |sum, (a, b)| {
            i32::wrapping_add(sum, dot_short(a, b))
        });
        *out = product as f32 / (own * (under as f32).max(least)).sqrt();
    }
}
}

/// The offset (fine pixels) that the cells agree on, if any lie near the whole
/// mark's pose: the median of the largest group of neighbours.
fn consensus(found: &[Found]) -> Option<(f64, f64)> {
    let near_pose = found.iter().map(|c| c.offset).filter(|o| within(*o, (0.0, 0.0), CONSENSUS));
    let support = |o: (f64, f64)| found.iter().filter(|c| within(c.offset, o, NEAR)).count();
    let (seed, _) = near_pose.fold(None, |best: Option<((f64, f64), usize)>, o| {
        let n = support(o);
        if best.is_none_or(|(_, most)| n > most) { Some((o, n)) } else { best }
    })?;
    let agreeing = || found.iter().filter(|c| within(c.offset, seed, NEAR));
    let x = mean_median(agreeing().map(|c| c.offset.0).collect())?;
    let y = mean_median(agreeing().map(|c| c.offset.1).collect())?;
    Some((x, y))
}

fn within(a: (f64, f64), b: (f64, f64), radius: f64) -> bool {
    (a.0 - b.0).hypot(a.1 - b.1) <= radius
}
