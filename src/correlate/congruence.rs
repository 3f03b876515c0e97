//! Congruent cells: do the parts of a mark, each registered on its own, tell
//! the same pose?
//!
//! Each cell of the *reference* is searched in the *other* mark over ±300 µm
//! and ±4.5°, whatever the whole mark's registration said about that cell. A
//! cell is congruent when it was found near the place that the consensus of
//! the cells predicts, turned alike, and correlates there (Song 2013). For
//! marks of different sources the cells scatter over the window, so that few
//! are congruent by chance; geometry is evidence here and not an assumption.

use super::register::Place;
use crate::extract::{FeatureMap, Template, turned};

/// Turns at which a cell is searched, about the whole mark's, degrees.
const TURNS_DEG: [f64; 7] = [-4.5, -3.0, -1.5, 0.0, 1.5, 3.0, 4.5];
/// Cells are searched this far from where the whole mark's pose puts them, in
/// coarse pixels (300 µm).
const WINDOW: isize = 6;
/// The consensus must lie this near to the whole mark's pose, fine pixels.
const CONSENSUS: f64 = 4.0;
/// A congruent cell lies this near to the consensus, fine pixels (50 µm).
const NEAR: f64 = 2.0;
/// … and is turned by at most this much from it, degrees.
const ALIKE_DEG: f64 = 3.0;
/// … and correlates at least this much on the fine map.
const CORRELATES: f64 = 0.2;
/// Fine search about the coarse place, fine pixels.
const POLISH: isize = 2;
/// Share of a cell's data that must have a counterpart for it to be tried.
const COUNTERPART: f64 = 0.5;
/// Widest cell in coarse pixels; rows are padded to it.
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

/// Registers the reference's cells on `other`; `place` takes `other` to the
/// reference. Cells without a counterpart there are left out.
pub fn cells(reference: &Template, other: &Template, place: &Place) -> Vec<Found> {
    let side = reference.cells.side;
    let fine = turned(&other.fine, place.rotation, place.shift, &reference.fine, false);
    let tried: Vec<_> = reference
        .cells
        .corners
        .iter()
        .copied()
        .filter(|&corner| has_counterpart(&reference.fine, &fine, corner, side))
        .collect();
    if tried.is_empty() {
        return Vec::new();
    }
    let shift = (place.shift.0 / 2.0, place.shift.1 / 2.0);
    let turns = TURNS_DEG.map(|deg| {
        // Turned about the other mark's anchor, or cells far from the grid's
        // centre would leave the window by the turn alone.
        let (x, y) = (other.anchor.x, other.anchor.y);
        let ((s0, c0), rotation) = (place.rotation.sin_cos(), place.rotation + deg.to_radians());
        let (s, c) = rotation.sin_cos();
        let shift = (
            shift.0 + (c0 * x - s0 * y) - (c * x - s * y),
            shift.1 + (s0 * x + c0 * y) - (s * x + c * y),
        );
        Window::new(&turned(&other.coarse, rotation, shift, &reference.coarse, false))
    });
    let (cx, cy) = reference.fine.centre();
    let half = side as f64 / 2.0 - 0.5;
    let mut found: Vec<Found> = tried
        .into_iter()
        .map(|corner| {
            let cell = Block::new(&reference.coarse, (corner.0 / 2, corner.1 / 2), side / 2);
            let (at, turn_deg) = cell.search(&turns);
            let (offset, ccf) = polish(&reference.fine, &fine, corner, side, at);
            let centre = (corner.0 as f64 + half - cx, corner.1 as f64 + half - cy);
            Found { centre, offset, turn_deg, ccf, congruent: false }
        })
        .collect();
    decide(&mut found);
    found
}

/// A cell's coarse features, rows padded with zeros to [`LANES`].
struct Block {
    rows: Vec<[i16; LANES]>,
    corner: (isize, isize),
    energy: f32,
}

impl Block {
    fn new(map: &FeatureMap, corner: (isize, isize), side: usize) -> Self {
        let side = side.min(LANES);
        let rows: Vec<_> = (0..side as isize)
            .map(|dy| {
                let mut row = [0i16; LANES];
                for (dx, v) in row.iter_mut().enumerate().take(side) {
                    *v = value(map, corner.0 + dx as isize, corner.1 + dy).unwrap_or(0);
                }
                row
            })
            .collect();
        let energy = rows.iter().flatten().map(|&v| f32::from(v).powi(2)).sum();
        Self { rows, corner, energy }
    }

    /// Where the cell correlates best: offset in fine pixels, turn in degrees.
    /// Ties go to the earlier turn and place.
    fn search(&self, turns: &[Window]) -> ((isize, isize), f64) {
        let (mut best, mut at, mut turn) = (f32::MIN, (0, 0), 0.0);
        for (window, &deg) in turns.iter().zip(&TURNS_DEG) {
            for dy in -WINDOW..=WINDOW {
                for dx in -WINDOW..=WINDOW {
                    let v = window.correlate(self, self.corner.0 + dx, self.corner.1 + dy);
                    if v > best {
                        (best, at, turn) = (v, (2 * dx, 2 * dy), deg);
                    }
                }
            }
        }
        (at, turn)
    }
}

/// A coarse map with a margin, ready to have cells slid over it.
struct Window {
    stride: usize,
    values: Vec<i16>,
    /// Integral image of the squares, `(stride + 1)` wide.
    squares: Vec<i64>,
}

/// Zeros around a window's map: a cell's width and the search range.
const MARGIN: usize = LANES + WINDOW as usize + 2;

impl Window {
    fn new(map: &FeatureMap) -> Self {
        let (stride, height) = (map.nx + 2 * MARGIN, map.ny + 2 * MARGIN);
        let mut values = vec![0i16; stride * height];
        for (y, row) in map.values.chunks_exact(map.nx).enumerate() {
            let start = (y + MARGIN) * stride + MARGIN;
            values[start..start + map.nx].copy_from_slice(row);
        }
        let mut squares = vec![0i64; (stride + 1) * (height + 1)];
        for y in 0..height {
            let mut sum = 0;
            for x in 0..stride {
                sum += i64::from(values[y * stride + x]).pow(2);
                squares[(y + 1) * (stride + 1) + x + 1] = squares[y * (stride + 1) + x + 1] + sum;
            }
        }
        Self { stride, values, squares }
    }

    /// Correlation of a cell put at column `x`, row `y` of the map; the
    /// energy under the cell counts at least a quarter of the usual, so that
    /// an almost empty place cannot win.
    fn correlate(&self, cell: &Block, x: isize, y: isize) -> f32 {
        let side = cell.rows.len();
        let (Ok(x), Ok(y)) =
            (usize::try_from(x + MARGIN as isize), usize::try_from(y + MARGIN as isize))
        else {
            return f32::MIN;
        };
        let wide = self.stride + 1;
        if x + LANES > self.stride || (y + side + 1) * wide > self.squares.len() {
            return f32::MIN;
        }
        let mut product = 0i32;
        for (k, row) in cell.rows.iter().enumerate() {
            let there = &self.values[(y + k) * self.stride + x..][..LANES];
            product = row.iter().zip(there).fold(product, |sum, (&a, &b)| {
                sum.wrapping_add(i32::from(a).wrapping_mul(i32::from(b)))
            });
        }
        let corner = |x: usize, y: usize| self.squares[y * wide + x];
        let energy = corner(x + side, y + side) - corner(x, y + side) - corner(x + side, y)
            + corner(x, y);
        let least = 0.25 * crate::extract::UNIT.powi(2) * (side * side) as f32;
        product as f32 / (cell.energy.max(least) * (energy as f32).max(least)).sqrt()
    }
}

fn value(map: &FeatureMap, x: isize, y: isize) -> Option<i16> {
    let (x, y) = (usize::try_from(x).ok()?, usize::try_from(y).ok()?);
    (x < map.nx && y < map.ny && map.mask[y * map.nx + x] != 0)
        .then(|| map.values[y * map.nx + x])
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

fn has_counterpart(
    reference: &FeatureMap,
    other: &FeatureMap,
    corner: (isize, isize),
    side: usize,
) -> bool {
    let (mut all, mut both) = (0usize, 0usize);
    for (x, y, _) in points(reference, corner, side) {
        all += 1;
        both += usize::from(value(other, x, y).is_some());
    }
    all > 0 && both as f64 >= COUNTERPART * all as f64
}

/// Best fine place near a coarse one: offset in fine pixels and correlation.
fn polish(
    reference: &FeatureMap,
    other: &FeatureMap,
    corner: (isize, isize),
    side: usize,
    near: (isize, isize),
) -> ((f64, f64), f64) {
    let cell: Vec<_> = points(reference, corner, side).collect();
    let mut best = (f64::MIN, near);
    for oy in near.1 - POLISH..=near.1 + POLISH {
        for ox in near.0 - POLISH..=near.0 + POLISH {
            let (mut n, mut fg, mut ff, mut gg) = (0usize, 0i64, 0i64, 0i64);
            for &(x, y, f) in &cell {
                if let Some(g) = value(other, x + ox, y + oy) {
                    let (f, g) = (i64::from(f), i64::from(g));
                    n += 1;
                    fg += f * g;
                    ff += f * f;
                    gg += g * g;
                }
            }
            if 2 * n >= cell.len() && ff > 0 && gg > 0 {
                let ccf = fg as f64 / (ff as f64 * gg as f64).sqrt();
                if ccf > best.0 {
                    best = (ccf, (ox, oy));
                }
            }
        }
    }
    let (ccf, (x, y)) = best;
    ((x as f64, y as f64), if ccf == f64::MIN { 0.0 } else { ccf })
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
