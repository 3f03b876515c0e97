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
use crate::extract::{FeatureMap, turned};

/// Cells are searched this far from where the whole mark's pose puts them, in
/// fine pixels (300 µm).
const WINDOW: isize = 12;
/// The consensus must lie this near to the whole mark's pose, fine pixels.
const CONSENSUS: f64 = 4.0;
/// A congruent cell lies this near to the consensus, fine pixels (50 µm).
const NEAR: f64 = 2.0;
/// Turns at which a cell near the consensus is tried, about the whole mark's,
/// degrees.
const TURNS_DEG: [f64; 7] = [-9.0, -6.0, -3.0, 0.0, 3.0, 6.0, 9.0];
/// A congruent cell is turned by at most this much from the consensus, degrees.
const ALIKE_DEG: f64 = 4.5;
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
    let seen = turned(other, place.rotation, place.shift, reference, false);
    let window = Window::new(&seen, side);
    let (cx, cy) = reference.centre();
    let half = side as f64 / 2.0 - 0.5;
    let mut found: Vec<Found> = centres
        .iter()
        .map(|&(x, y)| {
            let corner = ((x + cx - half).round() as isize, (y + cy - half).round() as isize);
            let (offset, ccf) = window.search(&Block::new(reference, corner, side), corner);
            let centre = (corner.0 as f64 + half - cx, corner.1 as f64 + half - cy);
            Found { centre, offset, turn_deg: 0.0, ccf, congruent: false }
        })
        .collect();
    decide(&mut found);
    found
}

/// A cell's features, rows padded with zeros to a multiple of [`LANES`].
struct Block {
    side: usize,
    lanes: usize,
    values: Vec<i16>,
    energy: f32,
}

impl Block {
    fn new(map: &FeatureMap, corner: (isize, isize), side: usize) -> Self {
        let lanes = side.next_multiple_of(LANES);
        let mut values = vec![0i16; lanes * side];
        for (x, y, v) in points(map, corner, side) {
            values[(y - corner.1) as usize * lanes + (x - corner.0) as usize] = v;
        }
        let energy = values.iter().map(|&v| f32::from(v).powi(2)).sum();
        Self { side, lanes, values, energy }
    }
}

/// A map with a margin, ready to have cells slid over it.
struct Window {
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

    /// Where a cell cut at `corner` correlates best: offset and correlation.
    /// Ties go to the first place in reading order.
    fn search(&self, cell: &Block, corner: (isize, isize)) -> ((f64, f64), f64) {
        let (mut best, mut at) = (f32::MIN, (0, 0));
        for dy in -WINDOW..=WINDOW {
            for dx in -WINDOW..=WINDOW {
                let v = self.correlate(cell, corner.0 + dx, corner.1 + dy);
                if v > best {
                    (best, at) = (v, (dx, dy));
                }
            }
        }
        ((at.0 as f64, at.1 as f64), f64::from(best.max(-1.0)))
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

fn value(map: &FeatureMap, x: isize, y: isize) -> Option<i16> {
    let (x, y) = (usize::try_from(x).ok()?, usize::try_from(y).ok()?);
    (x < map.nx && y < map.ny && map.mask[y * map.nx + x] != 0).then(|| map.values[y * map.nx + x])
}

/// The points of a cell's window that are present.
fn points(
    map: &FeatureMap,
    corner: (isize, isize),
    side: usize,
) -> impl Iterator<Item = (isize, isize, i16)> + use<'_> {
    let n = side as isize;
    (0..n)
        .flat_map(move |dy| (0..n).map(move |dx| (corner.0 + dx, corner.1 + dy)))
        .filter_map(|(x, y)| value(map, x, y).map(|v| (x, y, v)))
}

/// Finds the consensus and marks the cells that agree with it.
fn decide(found: &mut [Found]) {
    let within = |a: (f64, f64), b: (f64, f64), r: f64| (a.0 - b.0).hypot(a.1 - b.1) <= r;
    // The offset that most cells are near to; the consensus is their median.
    let near_pose: Vec<_> =
        found.iter().map(|c| c.offset).filter(|&o| within(o, (0.0, 0.0), CONSENSUS)).collect();
    let support = |o: (f64, f64)| found.iter().filter(|c| within(c.offset, o, NEAR)).count();
    let seed = near_pose.iter().copied().fold(None, |best: Option<((f64, f64), usize)>, o| {
        let n = support(o);
        if best.is_none_or(|(_, most)| n > most) { Some((o, n)) } else { best }
    });
    let Some((seed, _)) = seed else { return };
    let agreeing: Vec<_> = found.iter().filter(|c| within(c.offset, seed, NEAR)).collect();
    let x = median(agreeing.iter().map(|c| c.offset.0).collect());
    let y = median(agreeing.iter().map(|c| c.offset.1).collect());
    let turn = median(agreeing.iter().map(|c| c.turn_deg).collect());
    for cell in found.iter_mut() {
        cell.congruent = within(cell.offset, (x, y), NEAR)
            && (cell.turn_deg - turn).abs() <= ALIKE_DEG
            && cell.ccf >= CORRELATES;
    }
}

/// Middle value (of an even number, the mean of the two); 0 of none.
fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let n = values.len();
    match n {
        0 => 0.0,
        _ => (values[(n - 1) / 2] + values[n / 2]) / 2.0,
    }
}
