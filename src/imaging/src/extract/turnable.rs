//! Turning feature maps: a map is interpolated once onto a grid four times
//! finer, and a turned map takes the nearest points of that, 3 µm off at most.

use super::kernel::dispatched;
use super::{FeatureMap, Sheet};
use std::ops::Range;

/// Points of the finer grid to a pixel.
pub const STEPS: usize = 4;
/// What stands where nothing was measured.
const MISSING: i8 = i8::MIN;
/// Fractional bits of a position on the finer grid.
const FRACTION: u32 = 16;
/// Cubic weights (Catmull, Rom 1974) of the four neighbours at each step
/// between the middle two.
const CUBIC: [[f32; 4]; STEPS] = [
    [0.0, 1.0, 0.0, 0.0],
    [-0.070_312_5, 0.867_187_5, 0.226_562_5, -0.023_437_5],
    [-0.062_5, 0.562_5, 0.562_5, -0.062_5],
    [-0.023_437_5, 0.226_562_5, 0.867_187_5, -0.070_312_5],
];

/// Added to a small number, leaves no bits for a fraction.
const WHOLE: f32 = 12_582_912.0;

/// A map made ready to be turned.
#[derive(Clone, Debug)]
pub struct Turnable {
    nx: usize,
    ny: usize,
    /// Points of the map that are present.
    pub points: usize,
    wide: usize,
    high: usize,
    /// Columns and rows of the finer grid outside which nothing is present.
    held: (Range<usize>, Range<usize>),
    /// Features on the finer grid, whose first point is the map's.
    fine: Vec<i8>,
}

impl Turnable {
    /// Interpolates a map: cubic where a whole neighbourhood is present, linear
    /// at edges, missing where less than half of what surrounds a point is.
    pub fn of(map: &FeatureMap) -> Self {
        let (held, fine) = ((0..0, 0..0), Vec::new());
        let mut out = Self { nx: 0, ny: 0, points: 0, wide: 0, high: 0, held, fine };
        out.refill(map);
        out
    }

    /// The same for another map, in the memory of this one.
    pub fn refill(&mut self, map: &FeatureMap) {
        let side = |n: usize| n.saturating_sub(1) * STEPS;
        let (nx, ny, wide, high) = (map.nx, map.ny, side(map.nx), side(map.ny));
        (self.nx, self.ny, self.points, self.wide, self.high) = (nx, ny, map.points, wide, high);
        self.held = held(map, (wide, high));
        self.fine.resize(wide * high, MISSING);
        let mut around = [(); 4].map(|()| Across::new(nx));
        for (y, strip) in self.fine.chunks_exact_mut((STEPS * wide).max(1)).enumerate() {
            // The rows above, at, below and two below; one is new each time.
            around.rotate_left(1);
            let ready = if y == 0 { 1..4 } else { 3..4 };
            for (n, row) in ready.clone().zip(&mut around[ready]) {
                row.fill(map, (y + n).checked_sub(1));
            }
            let [above, here, below, last] = &around;
            let spans = [map.spans[y], map.spans[y + 1]].into_iter().filter(|s| s.0 < s.1);
            let reach = spans.fold((nx, 0), |a, s| (a.0.min(s.0), a.1.max(s.1)));
            let (from, to) =
                (reach.0.saturating_sub(1), reach.1.min(nx - 1).max(reach.0.saturating_sub(1)));
            for row in strip.chunks_exact_mut(wide) {
                row[..from * STEPS].fill(MISSING);
                row[to * STEPS..].fill(MISSING);
            }
            let rows = [above, here, below, last].map(|row| &row.values[from * STEPS..to * STEPS]);
            cubic(rows, &mut strip[from * STEPS..], wide);
            for x in from..to {
                if above.four[x] + here.four[x] + below.four[x] + last.four[x] == 16 {
                    continue;
                }
                let cell = linear(map, x, y);
                for (row, cell) in strip.chunks_exact_mut(wide).zip(&cell) {
                    row[x * STEPS..(x + 1) * STEPS].copy_from_slice(cell);
                }
            }
        }
    }

    /// Columns and rows of the finer grid.
    pub fn size(&self) -> (usize, usize) {
        (self.wide, self.high)
    }

    /// The feature nearest to a point of the finer grid.
    #[inline]
    pub fn at(&self, x: i32, y: i32) -> Option<i8> {
        let (Ok(x), Ok(y)) = (usize::try_from(x), usize::try_from(y)) else { return None };
        let inside = x < self.wide && y < self.high;
        let v = inside.then(|| self.fine[y * self.wide + x])?;
        (v != MISSING).then_some(v)
    }

    /// Lays the map, turned by `rotation` and then shifted (pixels), on the
    /// sheet: its point `p`, from the centre, takes the value at
    /// `R(−rotation)(p − shift)`. Filled within `reach` pixels of what `frame`,
    /// a map of the sheet's size, holds.
    pub fn lay(
        &self,
        rotation: f64,
        shift: (f64, f64),
        frame: &FeatureMap,
        reach: usize,
        sheet: &mut Sheet,
    ) {
        let (s, c) = rotation.sin_cos();
        let (cx, cy) = ((self.nx as f64 - 1.0) / 2.0, (self.ny as f64 - 1.0) / 2.0);
        let (ox, oy) = frame.centre();
        let one = f64::from(1u32 << FRACTION) * STEPS as f64;
        let fixed = |v: f64| (v * one).round() as i64;
        let (step_x, step_y) = (fixed(c), fixed(-s));
        // Rounds to the nearest point of the finer grid.
        let half = 1i64 << (FRACTION - 1);
        let mut held = frame.ny..0;
        for row in 0..frame.ny {
            let (values, mask) = sheet.row_mut(row);
            let Some((start, end)) = near_spans(frame, row, reach) else {
                values.fill(0);
                mask.fill(0);
                continue;
            };
            let (px, py) = (start as f64 - ox - shift.0, row as f64 - oy - shift.1);
            let (x, y) = (c * px + s * py + cx, c * py - s * px + cy);
            let (x, y) = (fixed(x).saturating_add(half), fixed(y).saturating_add(half));
            let n = end - start;
            let (a, b) = inside(x, step_x, &self.held.0, n);
            let (d, e) = inside(y, step_y, &self.held.1, n);
            let (a, b) = (a.max(d), b.min(e));
            let (a, b) = if a < b { (a, b) } else { (0, 0) };
            if a < b {
                held = held.start.min(row)..row + 1;
            }
            let from = (x + a as i64 * step_x, y + a as i64 * step_y);
            let (first, last) = (start + a, start + b);
            for part in [&mut *values, &mut *mask] {
                part[..first].fill(0);
                part[last..].fill(0);
            }
            let to = (&mut values[first..last], &mut mask[first..last]);
            gather(&self.fine, self.wide, from, (step_x, step_y), to);
        }
        sheet.holds(held);
    }
}

/// Columns and rows of the finer grid that a map's content may reach: all
/// within a pixel of it.
fn held(map: &FeatureMap, (wide, high): (usize, usize)) -> (Range<usize>, Range<usize>) {
    let rows = map.spans.iter().enumerate().filter(|(_, (start, end))| start < end);
    let none = (usize::MAX, 0, usize::MAX, 0);
    let (left, right, top, bottom) =
        rows.fold(none, |a, (y, s)| (a.0.min(s.0), a.1.max(s.1), a.2.min(y), a.3.max(y + 1)));
    let reach = |from: usize, to: usize, limit: usize| {
        let end = (to * STEPS).min(limit);
        (from.saturating_sub(1).saturating_mul(STEPS)).min(end)..end
    };
    (reach(left, right, wide), reach(top, bottom, high))
}

/// Of `n` positions from `first` on, `step` apart in fixed point, those in a
/// range: start and end.
fn inside(first: i64, step: i64, range: &Range<usize>, n: usize) -> (usize, usize) {
    // What is farther off than any map reaches is off all the same.
    let first = first.clamp(i64::MIN / 4, i64::MAX / 4) - ((range.start as i64) << FRACTION);
    let limit = (range.len() as i64) << FRACTION;
    let up = |v: i64, by: i64| (v + by - 1).div_euclid(by);
    let (start, end) = match step {
        0 => (0, if (0..limit).contains(&first) { n as i64 } else { 0 }),
        1.. => (up(-first, step), up(limit - first, step)),
        _ => (up(first - limit + 1, -step), up(first + 1, -step)),
    };
    let within = |v: i64| v.clamp(0, n as i64) as usize;
    (within(start), within(end))
}

/// Points of a row worked on together.
const TOGETHER: usize = 64;

/// Features and presence of points on a straight way over the finer grid, all
/// of which lie on it.
fn gather(
    fine: &[i8],
    wide: usize,
    from: (i64, i64),
    step: (i64, i64),
    (values, mask): (&mut [i16], &mut [i16]),
) {
    let mut at = [0u32; TOGETHER];
    let (mut x, mut y) = (from.0 as i32, from.1 as i32);
    let step = (step.0 as i32, step.1 as i32);
    for values in values.chunks_mut(TOGETHER) {
        places((x, y), step, wide as u32, &mut at);
        for (value, &at) in values.iter_mut().zip(&at) {
            *value = fine.get(at as usize).map_or(i16::from(MISSING), |&v| i16::from(v));
        }
        x = x.wrapping_add(step.0.wrapping_mul(TOGETHER as i32));
        y = y.wrapping_add(step.1.wrapping_mul(TOGETHER as i32));
    }
    split(values, mask);
}

dispatched! {
/// Where the points of a straight way are in memory.
fn places(from: (i32, i32), step: (i32, i32), wide: u32, at: &mut [u32; TOGETHER]) {
    for (i, at) in at.iter_mut().enumerate() {
        let x = from.0.wrapping_add(step.0.wrapping_mul(i as i32)) >> FRACTION;
        let y = from.1.wrapping_add(step.1.wrapping_mul(i as i32)) >> FRACTION;
        *at = (y as u32).wrapping_mul(wide).wrapping_add(x as u32);
    }
}
}

dispatched! {
/// Takes the presence of points out of their features.
fn split(values: &mut [i16], mask: &mut [i16]) {
    for (value, present) in values.iter_mut().zip(mask) {
        *present = i16::from(*value != MISSING as i16);
        *value = if *value == MISSING as i16 { 0 } else { *value };
    }
}
}

/// The columns within `reach` of what rows y − reach … y + reach hold.
fn near_spans(frame: &FeatureMap, y: usize, reach: usize) -> Option<(usize, usize)> {
    let rows = y.saturating_sub(reach)..(y + reach + 1).min(frame.ny);
    let spans = frame.spans[rows].iter().filter(|(start, end)| start < end);
    let (start, end) = spans.fold((usize::MAX, 0), |a, s| (a.0.min(s.0), a.1.max(s.1)));
    (start < end).then(|| (start.saturating_sub(reach), (end + reach).min(frame.nx)))
}

/// A row of a map interpolated along x.
struct Across {
    values: Vec<f32>,
    /// How many of pixels x − 1 to x + 2 are present, for each x.
    four: Vec<i16>,
    /// The row and its mask with a zero on either side.
    padded: (Vec<f32>, Vec<i16>),
}

impl Across {
    fn new(nx: usize) -> Self {
        let cells = nx.saturating_sub(1);
        let padded = (vec![0.0; nx + 2], vec![0; nx + 2]);
        Self { values: vec![0.0; cells * STEPS], four: vec![0; cells], padded }
    }

    fn fill(&mut self, map: &FeatureMap, y: Option<usize>) {
        let Some(y) = y.filter(|&y| y < map.ny) else {
            self.values.fill(0.0);
            self.four.fill(0);
            return;
        };
        let row = y * map.nx..(y + 1) * map.nx;
        let (values, mask) = &mut self.padded;
        mask[1..=map.nx].copy_from_slice(&map.mask[row.clone()]);
        for (to, &v) in values[1..].iter_mut().zip(&map.values[row]) {
            *to = f32::from(v);
        }
        across(values, &mut self.values);
        count(mask, &mut self.four);
    }
}

dispatched! {
/// Interpolates a padded row.
fn across(padded: &[f32], out: &mut [f32]) {
    for (to, near) in out.chunks_exact_mut(STEPS).zip(padded.windows(4)) {
        for (to, [a, b, c, d]) in to.iter_mut().zip(&CUBIC) {
            *to = a * near[0] + b * near[1] + c * near[2] + d * near[3];
        }
    }
}
}

dispatched! {
/// Sums of four neighbours of a padded row.
fn count(padded: &[i16], out: &mut [i16]) {
    for (to, near) in out.iter_mut().zip(padded.windows(4)) {
        *to = near[0].wrapping_add(near[1]).wrapping_add(near[2].wrapping_add(near[3]));
    }
}
}

dispatched! {
/// The rows of the finer grid, `wide` apart, between the middle two of four
/// rows that are interpolated along x.
fn cubic(rows: [&[f32]; 4], strip: &mut [i8], wide: usize) {
    let n = rows[0].len();
    let [above, here, below, last] = rows.map(|row| &row[..n]);
    for ([a, b, c, d], strip) in CUBIC.iter().zip(strip.chunks_mut(wide.max(1))) {
        for (x, to) in strip[..n].iter_mut().enumerate() {
            let v = a * above[x] + b * here[x] + c * below[x] + d * last[x];
            let v = if v > 127.0 { 127.0 } else { v };
            let v = if v < -127.0 { -127.0 } else { v };
            // The nearest whole number is in the last bits of this sum.
            *to = (v + WHOLE).to_bits() as i8;
        }
    }
}
}

/// The points of the finer grid from pixel `(x, y)` to the next ones where not
/// all that a cubic needs is there.
fn linear(map: &FeatureMap, x: usize, y: usize) -> [[i8; STEPS]; STEPS] {
    let corner =
        |plane: &[i16]| [y, y + 1].map(|y| [x, x + 1].map(|x| i32::from(plane[y * map.nx + x])));
    let (values, mask) = (corner(&map.values), corner(&map.mask));
    let whole = STEPS as i32;
    let mut out = [[MISSING; STEPS]; STEPS];
    if mask == [[0; 2]; 2] {
        return out;
    }
    for (j, out) in out.iter_mut().enumerate() {
        for (i, out) in out.iter_mut().enumerate() {
            let (tx, ty) = (i as i32, j as i32);
            let mix = |of: &[[i32; 2]; 2]| {
                (of[0][0] * (whole - tx) + of[0][1] * tx) * (whole - ty)
                    + (of[1][0] * (whole - tx) + of[1][1] * tx) * ty
            };
            let (sum, present) = (mix(&values), mix(&mask));
            if 2 * present >= whole * whole {
                let half = if sum < 0 { -present / 2 } else { present / 2 };
                *out = ((sum + half) / present) as i8;
            }
        }
    }
    out
}
