//! Congruent cells: do the parts of a mark, each registered on its own, tell
//! the same pose?
//!
//! Each cell of the *reference* is searched in the *other* mark over ±300 µm,
//! whatever the whole mark's registration said about that cell. A
//! cell is congruent when it was found near the place that the consensus of
//! the cells predicts, turned alike, and correlates there (Song 2013). For
//! marks of different sources the cells scatter over the window, so that few
//! are congruent by chance; geometry is evidence here and not an assumption.

use super::register::Place;
use super::rules::median;
use crate::extract::{FeatureMap, Turnable, turned};

/// Cells are searched this far from where the whole mark's pose puts them, in
/// fine pixels (300 µm).
const WINDOW: isize = 12;
/// The consensus must lie this near to the whole mark's pose, fine pixels.
const CONSENSUS: f64 = 4.0;
/// A congruent cell lies this near to the consensus, fine pixels (50 µm).
const NEAR: f64 = 2.0;
/// Other turns at which a cell near the consensus is tried, degrees from the
/// whole mark's.
const TURNS_DEG: [f64; 6] = [-12.0, -8.0, -4.0, 4.0, 8.0, 12.0];
/// A congruent cell is turned by at most this much from the consensus, degrees.
const ALIKE_DEG: f64 = 6.0;
/// A congruent cell correlates at least this much.
const CORRELATES: f64 = 0.25;
/// Rows of a cell are padded with zeros to a multiple of this.
const LANES: usize = 16;

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
    other: &FeatureMap,
    place: &Place,
    side: usize,
    centres: &[(f64, f64)],
) -> Vec<Found> {
    let (window, mut found) = at_one_turn(reference, other, place, side, centres);
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
            let block = Block::new(reference, corner, side, turn);
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
    let turn = median(agreeing().map(|c| c.turn_deg).collect()).unwrap_or(0.0);
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
    other: &FeatureMap,
    place: &Place,
    side: usize,
    centres: &[(f64, f64)],
) -> (Window, Vec<Found>) {
    let seen =
        turned(&Turnable::of(other), place.rotation, place.shift, reference, WINDOW as usize);
    let window = Window::new(&seen, side);
    let (cx, cy) = reference.centre();
    let half = side as f64 / 2.0 - 0.5;
    let register = |&(x, y): &(f64, f64)| {
        let corner = ((x + cx - half).round() as isize, (y + cy - half).round() as isize);
        let block = Block::new(reference, corner, side, 0.0);
        let (offset, ccf) = window.search(&block, corner, (0, 0), WINDOW);
        let centre = (corner.0 as f64 + half - cx, corner.1 as f64 + half - cy);
        let offset = (offset.0 as f64, offset.1 as f64);
        Found { centre, offset, turn_deg: 0.0, ccf, congruent: false }
    };
    let found = centres.iter().map(register).collect();
    (window, found)
}

/// A cell's features, rows padded with zeros to a multiple of [`LANES`].
struct Block {
    side: usize,
    lanes: usize,
    values: Vec<i16>,
    energy: f32,
}

impl Block {
    /// Cuts the window that starts at `corner` and turns its content about its
    /// centre by −`turn_deg`: what a mark turned by that much looks like there.
    fn new(map: &FeatureMap, corner: (isize, isize), side: usize, turn_deg: f64) -> Self {
        let lanes = side.next_multiple_of(LANES);
        let mut values = vec![0i16; lanes * side];
        let (s, c) = turn_deg.to_radians().sin_cos();
        let half = side as f64 / 2.0 - 0.5;
        for (y, row) in values.chunks_exact_mut(lanes).enumerate() {
            for (x, v) in row.iter_mut().enumerate().take(side) {
                let (px, py) = (x as f64 - half, y as f64 - half);
                let (px, py) = (c * px - s * py + half, s * px + c * py + half);
                *v = map.value_near(corner.0 as f64 + px, corner.1 as f64 + py);
            }
        }
        let energy = values.iter().map(|&v| f32::from(v).powi(2)).sum();
        Self { side, lanes, values, energy }
    }
}

/// A map with a margin, ready to have cells slid over it.
pub struct Window {
    margin: usize,
    stride: usize,
    values: Vec<i16>,
    /// Integral image of the squares, `stride + 1` wide.
    squares: Vec<i64>,
}

impl Window {
    fn new(map: &FeatureMap, side: usize) -> Self {
        // Cells reach over the edge by less than their width.
        let margin = side.next_multiple_of(LANES) + WINDOW as usize + 1;
        let (stride, height) = (map.nx + 2 * margin, map.ny + 2 * margin);
        let mut values = vec![0i16; stride * height];
        for (y, row) in map.values.chunks_exact(map.nx).enumerate() {
            let start = (y + margin) * stride + margin;
            values[start..start + map.nx].copy_from_slice(row);
        }
        let mut squares = vec![0i64; (stride + 1) * (height + 1)];
        for y in 0..height {
            let mut sum = 0;
            for x in 0..stride {
                let v = i64::from(values[y * stride + x]);
                sum += v * v;
                squares[(y + 1) * (stride + 1) + x + 1] = squares[y * (stride + 1) + x + 1] + sum;
            }
        }
        Self { margin, stride, values, squares }
    }

    /// Where a cell cut at `corner` correlates best within ±`reach` of an
    /// offset: the offset and the correlation. Ties go to the first place in
    /// reading order.
    fn search(
        &self,
        cell: &Block,
        corner: (isize, isize),
        near: (isize, isize),
        reach: isize,
    ) -> ((isize, isize), f64) {
        let (mut best, mut at) = (f32::MIN, near);
        for dy in near.1 - reach..=near.1 + reach {
            for dx in near.0 - reach..=near.0 + reach {
                let v = self.correlate(cell, corner.0 + dx, corner.1 + dy);
                if v > best {
                    (best, at) = (v, (dx, dy));
                }
            }
        }
        (at, f64::from(best.max(-1.0)))
    }

    /// Correlation of a cell put at column `x`, row `y` of the map; the energy
    /// under it counts at least a quarter of the usual, so that an almost
    /// empty place cannot win.
    fn correlate(&self, cell: &Block, x: isize, y: isize) -> f32 {
        let margin = self.margin as isize;
        let (Ok(x), Ok(y)) = (usize::try_from(x + margin), usize::try_from(y + margin)) else {
            return f32::MIN;
        };
        let wide = self.stride + 1;
        if x + cell.lanes > self.stride || (y + cell.side + 1) * wide > self.squares.len() {
            return f32::MIN;
        }
        let mut product = 0i32;
        for (k, row) in cell.values.chunks_exact(cell.lanes).enumerate() {
            let there = &self.values[(y + k) * self.stride + x..][..cell.lanes];
            for (a, b) in row.chunks_exact(LANES).zip(there.chunks_exact(LANES)) {
                product = a.iter().zip(b).fold(product, |sum, (&a, &b)| {
                    sum.wrapping_add(i32::from(a).wrapping_mul(i32::from(b)))
                });
            }
        }
        let corner = |x: usize, y: usize| self.squares[y * wide + x];
        let s = cell.side;
        let energy = corner(x + s, y + s) - corner(x, y + s) - corner(x + s, y) + corner(x, y);
        let least = 0.25 * crate::extract::UNIT.powi(2) * (s * s) as f32;
        product as f32 / (cell.energy.max(least) * (energy as f32).max(least)).sqrt()
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
    let x = median(agreeing().map(|c| c.offset.0).collect())?;
    let y = median(agreeing().map(|c| c.offset.1).collect())?;
    Some((x, y))
}

fn within(a: (f64, f64), b: (f64, f64), radius: f64) -> bool {
    (a.0 - b.0).hypot(a.1 - b.1) <= radius
}
