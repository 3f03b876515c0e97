//! Laying one feature map on another and sliding it: the sums of a correlation.

use super::kernel::{dispatched, dot, dot_short};
use super::{FeatureMap, Turnable};
use std::ops::Range;

/// A map on its grid with a margin of zeros, so that sliding another over it is
/// an offset into memory.
#[derive(Clone, Debug)]
pub struct Sheet {
    nx: usize,
    margin: usize,
    /// From a row to the next: the row and one margin, which the row before and
    /// the row after share.
    stride: usize,
    values: Vec<i16>,
    mask: Vec<i16>,
    /// Rows outside which nothing is present.
    held: Range<usize>,
}

impl Sheet {
    /// An empty sheet of a map's size; it can be slid over by `margin` pixels.
    pub fn new(frame: &FeatureMap, margin: usize) -> Self {
        let stride = frame.nx + margin;
        let len = margin + (frame.ny + 2 * margin) * stride;
        let zeros = || vec![0; len];
        let (values, mask) = (zeros(), zeros());
        Self { nx: frame.nx, margin, stride, values, mask, held: 0..0 }
    }

    /// A map as it is.
    pub fn of(map: &FeatureMap, margin: usize) -> Self {
        let mut sheet = Self::new(map, margin);
        for y in 0..map.ny {
            let (values, mask) = sheet.row_mut(y);
            let row = y * map.nx..(y + 1) * map.nx;
            values.copy_from_slice(&map.values[row.clone()]);
            mask.copy_from_slice(&map.mask[row]);
        }
        sheet.held = 0..map.ny;
        sheet
    }

    /// Where row `y` begins.
    fn start(&self, y: usize) -> usize {
        self.margin + (y + self.margin) * self.stride
    }

    /// Features and presence of row `y`.
    pub fn row(&self, y: usize) -> (&[i16], &[i16]) {
        let row = self.start(y)..self.start(y) + self.nx;
        (&self.values[row.clone()], &self.mask[row])
    }

    /// The same, to be written.
    pub(super) fn row_mut(&mut self, y: usize) -> (&mut [i16], &mut [i16]) {
        let row = self.start(y)..self.start(y) + self.nx;
        (&mut self.values[row.clone()], &mut self.mask[row])
    }

    /// Tells outside which rows nothing is present.
    pub(super) fn holds(&mut self, rows: Range<usize>) {
        self.held = rows;
    }

    /// Columns of the map.
    pub fn width(&self) -> usize {
        self.nx
    }

    /// From a row to the next, features of all rows with the margins, and where
    /// pixel (0, 0) is among them.
    pub fn plane(&self) -> (usize, &[i16], usize) {
        (self.stride, &self.values, self.start(0))
    }

    /// All rows that hold something, the margins between them included; and the
    /// same of a sheet of the same shape that lies `(dx, dy)` off.
    fn rows(&self, dx: isize, dy: isize) -> (Range<usize>, Range<usize>) {
        let Range { start, end } = self.held.clone();
        let end = if start < end { self.start(end).saturating_sub(self.margin) } else { 0 };
        let here = self.start(start).min(end)..end;
        let by = dy * self.stride as isize + dx;
        let moved = |at: usize| at.saturating_add_signed(by);
        (here.clone(), moved(here.start)..moved(here.end))
    }

    /// Σ f·g where point `(x, y)` of this sheet meets `(x + dx, y + dy)` of
    /// `other`, which has the same shape; within the margin.
    pub fn product(&self, other: &Self, dx: isize, dy: isize) -> i64 {
        let (here, there) = self.rows(dx, dy);
        dot(&self.values[here], &other.values[there])
    }

    /// Points that both have where they lie on each other.
    pub fn common(&self, other: &Self) -> i64 {
        let (here, there) = self.rows(0, 0);
        dot(&self.mask[here], &other.mask[there])
    }

    /// Pearson's correlation of the common points, and their number.
    pub fn pearson(&self, other: &Self) -> (f64, usize) {
        let (here, there) = self.rows(0, 0);
        let (f, of_f) = (&self.values[here.clone()], &self.mask[here]);
        let (g, of_g) = (&other.values[there.clone()], &other.mask[there]);
        let n = dot(of_f, of_g);
        let (sf, sg, sfg) = (dot(f, of_g), dot(g, of_f), dot(f, g));
        let (sff, sgg) = (squares(f, of_g), squares(g, of_f));
        let count = n.max(1) as f64;
        let cov = sfg as f64 - sf as f64 * sg as f64 / count;
        let (vf, vg) =
            (sff as f64 - (sf as f64).powi(2) / count, sgg as f64 - (sg as f64).powi(2) / count);
        let r = if vf > 0.0 && vg > 0.0 { cov / (vf * vg).sqrt() } else { 0.0 };
        (r, n as usize)
    }
}

dispatched! {
/// Σ f² where `mask` is 1. A feature's square fits into 16 bits.
fn squares(f: &[i16], mask: &[i16]) -> i64 {
    const BLOCK: usize = 1 << 15;
    let mut sum = 0i64;
    for (f, mask) in f.chunks(BLOCK).zip(mask.chunks(BLOCK)) {
        let squares = f.iter().zip(mask).map(|(&f, &m)| i32::from(f.wrapping_mul(f).wrapping_mul(m)));
        sum = sum.wrapping_add(i64::from(squares.fold(0i32, i32::wrapping_add)));
    }
    sum
}
}

/// Σ f·g and the number of common points of two maps at one shift.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Overlap {
    /// Σ f·g.
    pub product: i64,
    /// Number of common points.
    pub points: i64,
}

/// Correlates `f`, shifted by `(dx, dy)` pixels, with `g`: point `(x, y)` of
/// `f` meets `(x + dx, y + dy)` of `g`.
pub fn overlap(f: &FeatureMap, g: &FeatureMap, dx: isize, dy: isize) -> Overlap {
    let mut out = Overlap::default();
    for (y, &(start, end)) in f.spans.iter().enumerate() {
        let Some(gy) = y.checked_add_signed(dy).filter(|&gy| gy < g.ny) else { continue };
        let start = (start as isize).max(g.spans[gy].0 as isize - dx);
        let end = (end as isize).min(g.spans[gy].1 as isize - dx);
        if start < end {
            let (i, n) = (y * f.nx + start as usize, (end - start) as usize);
            let j = gy * g.nx + (start + dx) as usize;
            out.product += i64::from(dot_short(&f.values[i..i + n], &g.values[j..j + n]));
            out.points += i64::from(dot_short(&f.mask[i..i + n], &g.mask[j..j + n]));
        }
    }
    out
}

/// `f` seen from a frame in which it is turned and then shifted: a map of the
/// frame's size. See [`Turnable::lay`].
pub fn turned(
    f: &Turnable,
    rotation: f64,
    shift: (f64, f64),
    frame: &FeatureMap,
    reach: usize,
) -> FeatureMap {
    let mut sheet = Sheet::new(frame, 0);
    f.lay(rotation, shift, frame, reach, &mut sheet);
    FeatureMap::new(frame.nx, frame.ny, sheet.values, sheet.mask)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Smooth values in a disc off the centre; `seed` varies the phase.
    fn disc(n: usize, seed: f64) -> FeatureMap {
        let at = |i: usize| ((i % n) as f64, (i / n) as f64);
        let mask: Vec<i16> =
            (0..n * n).map(|i| i16::from((at(i).0 - 30.0).hypot(at(i).1 - 27.0) < 20.0)).collect();
        let values = (0..n * n)
            .map(|i| {
                let (x, y) = at(i);
                let wave = (x / 4.0 + seed).sin() + (y / 5.0 - seed).cos();
                mask[i] * (30.0 * wave) as i16
            })
            .collect();
        FeatureMap::new(n, n, values, mask)
    }

    fn plain(f: &FeatureMap, g: &FeatureMap, dx: isize, dy: isize) -> Overlap {
        let mut plain = Overlap::default();
        for y in 0..60isize {
            for x in 0..60isize {
                let (u, v) = (x + dx, y + dy);
                if (0..60).contains(&u) && (0..60).contains(&v) {
                    let (i, j) = ((y * 60 + x) as usize, (v * 60 + u) as usize);
                    plain.product += i64::from(f.values[i]) * i64::from(g.values[j]);
                    plain.points += i64::from(f.mask[i] * g.mask[j]);
                }
            }
        }
        plain
    }

    #[test]
    fn sums_equal_the_plain_ones() {
        let (f, g) = (disc(60, 0.0), disc(60, 1.0));
        for (dx, dy) in [(0, 0), (7, -3), (-25, 14), (59, 0), (0, -60)] {
            assert_eq!(overlap(&f, &g, dx, dy), plain(&f, &g, dx, dy), "shift {dx}, {dy}");
        }
        let (a, b) = (Sheet::of(&f, 7), Sheet::of(&g, 7));
        for (dx, dy) in [(0, 0), (7, -7), (-7, 7), (-3, 2)] {
            assert_eq!(a.product(&b, dx, dy), plain(&f, &g, dx, dy).product, "{dx}, {dy}");
        }
        assert_eq!(a.common(&b), plain(&f, &g, 0, 0).points);
        let (r, n) = a.pearson(&a);
        assert!((r - 1.0).abs() < 1e-12 && n == f.points, "{r} over {n}");
    }

    #[test]
    fn turning_there_and_back_gives_the_map() {
        let f = disc(60, 0.3);
        let open = FeatureMap::new(60, 60, vec![0; 3600], vec![1; 3600]);
        let there = turned(&Turnable::of(&f), 0.4, (2.0, -1.5), &open, 0);
        let (s, c) = (-0.4f64).sin_cos();
        let back = (-(c * 2.0 + s * 1.5), -(s * 2.0 - c * 1.5));
        let again = turned(&Turnable::of(&there), -0.4, back, &f, 0);
        let (r, n) = Sheet::of(&again, 0).pearson(&Sheet::of(&f, 0));
        assert!(r > 0.99 && n > 1000, "{r} over {n}");
    }

    #[test]
    fn a_quarter_turn_moves_x_to_y() {
        let mut values = vec![0i16; 81];
        values[4 * 9 + 7] = 50;
        let f = FeatureMap::new(9, 9, values, vec![1; 81]);
        let open = FeatureMap::new(9, 9, vec![0; 81], vec![1; 81]);
        let t = turned(&Turnable::of(&f), std::f64::consts::FRAC_PI_2, (0.0, 0.0), &open, 0);
        assert_eq!(t.values[7 * 9 + 4], 50);
    }

    #[test]
    fn a_map_far_off_leaves_the_sheet_empty() {
        let f = disc(60, 0.3);
        for shift in [(200.0, 0.0), (-1e9, 3.0), (0.0, -70.0)] {
            let far = turned(&Turnable::of(&f), 0.7, shift, &f, 0);
            assert_eq!((far.points, far.values.iter().any(|&v| v != 0)), (0, false));
        }
    }
}
