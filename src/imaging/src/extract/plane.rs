//! Two-dimensional correlation of real maps by FFT, and its working memory.

use realfft::{ComplexToReal, RealFftPlanner, RealToComplex};
use rustfft::{Fft, FftPlanner, num_complex::Complex};
use std::ops::Range;
use std::sync::Arc;

/// Rows gathered at once: as many as a cache line holds of a column.
const TOGETHER: usize = 8;

/// The transform of a real square: `side / 2 + 1` columns of `side`
/// coefficients, column by column.
pub struct Spectrum(Vec<Complex<f32>>);

impl Spectrum {
    /// The magnitude at a frequency given in steps of one cycle per square,
    /// bilinear between whole ones; `|x|` and `|y|` below half the side.
    pub fn magnitude(&self, side: usize, x: f64, y: f64) -> f64 {
        // A real map's spectrum is symmetric about the origin.
        let (x, y) = if x < 0.0 { (-x, -y) } else { (x, y) };
        let (ix, iy) = (x.floor(), y.floor());
        let (tx, ty) = (x - ix, y - iy);
        let at = |dx: usize, dy: i64| {
            let row = (iy as i64 + dy).rem_euclid(side as i64) as usize;
            let column = (ix as usize + dx).min(side / 2);
            self.0.get(column * side + row).map_or(0.0, |c| f64::from(c.norm()))
        };
        (at(0, 0) * (1.0 - tx) + at(1, 0) * tx) * (1.0 - ty)
            + (at(0, 1) * (1.0 - tx) + at(1, 1) * tx) * ty
    }

    /// Makes it the probe's side of [`Plane::correlate`].
    pub fn conjugate(&mut self) {
        for c in &mut self.0 {
            *c = c.conj();
        }
    }
}

/// The least multiple of four that is at least `need` and has no prime factor
/// above five: what the FFT does fast, here and at half the side.
pub fn smooth_side(need: usize) -> usize {
    let smooth = |side: &usize| {
        let mut rest = *side;
        for prime in [2, 3, 5] {
            while rest.is_multiple_of(prime) {
                rest /= prime;
            }
        }
        rest == 1
    };
    let mut sides = (need.max(16).next_multiple_of(4)..).step_by(4);
    sides.find(smooth).unwrap_or(need)
}

/// A two-dimensional real transform of a square, and its memory.
pub struct Plane {
    side: usize,
    rows: Arc<dyn RealToComplex<f32>>,
    rows_back: Arc<dyn ComplexToReal<f32>>,
    columns: Arc<dyn Fft<f32>>,
    columns_back: Arc<dyn Fft<f32>>,
    line: Vec<f32>,
    halves: Vec<Complex<f32>>,
    product: Vec<Complex<f32>>,
    scratch: Vec<Complex<f32>>,
}

impl Plane {
    /// Plans the transforms of squares of `side`.
    pub fn new(side: usize) -> Self {
        let (mut real, mut complex) = (RealFftPlanner::new(), FftPlanner::new());
        let (rows, rows_back) = (real.plan_fft_forward(side), real.plan_fft_inverse(side));
        let (columns, columns_back) =
            (complex.plan_fft_forward(side), complex.plan_fft_inverse(side));
        let scratch = rows
            .get_scratch_len()
            .max(rows_back.get_scratch_len())
            .max(columns.get_inplace_scratch_len())
            .max(columns_back.get_inplace_scratch_len());
        let width = side / 2 + 1;
        Self {
            side,
            rows,
            rows_back,
            columns,
            columns_back,
            line: vec![0.0; side],
            halves: vec![Complex::default(); width * TOGETHER],
            product: vec![Complex::default(); width * side],
            scratch: vec![Complex::default(); scratch],
        }
    }

    /// Transforms the square whose value at `(x, y)` is `at(x, y)`.
    pub fn spectrum(&mut self, mut at: impl FnMut(usize, usize) -> f32) -> Spectrum {
        let (side, width) = (self.side, self.side / 2 + 1);
        let mut out = vec![Complex::default(); width * side];
        for y in 0..side {
            for (x, to) in self.line.iter_mut().enumerate() {
                *to = at(x, y);
            }
            let half = &mut self.halves[..width];
            // The lengths are the plan's own, so this cannot fail.
            let done = self.rows.process_with_scratch(&mut self.line, half, &mut self.scratch);
            debug_assert!(done.is_ok());
            for (column, &v) in out.chunks_exact_mut(side).zip(&*half) {
                column[y] = v;
            }
        }
        self.columns.process_with_scratch(&mut out, &mut self.scratch);
        Spectrum(out)
    }

    /// The circular correlation of two squares (the probe's spectrum
    /// conjugated), times `side²`: the value at lag `(x, y)` is at
    /// `y · side + x`. Only `rows` of `out` are filled, whose ends are made
    /// multiples of eight.
    pub fn correlate(
        &mut self,
        probe: &Spectrum,
        target: &Spectrum,
        rows: Range<usize>,
        out: &mut [f32],
    ) {
        let (side, width) = (self.side, self.side / 2 + 1);
        for ((o, a), b) in self.product.iter_mut().zip(&probe.0).zip(&target.0) {
            *o = a * b;
        }
        self.columns_back.process_with_scratch(&mut self.product, &mut self.scratch);
        let first = rows.start / TOGETHER * TOGETHER;
        for start in (first..rows.end).step_by(TOGETHER) {
            let count = TOGETHER.min(side - start);
            for (x, column) in self.product.chunks_exact(side).enumerate() {
                for (k, &v) in column[start..start + count].iter().enumerate() {
                    self.halves[k * width + x] = v;
                }
            }
            let halves = self.halves.chunks_exact_mut(width);
            for (half, row) in halves.zip(out[start * side..].chunks_exact_mut(side)).take(count) {
                if let [first, .., last] = half {
                    first.im = 0.0;
                    last.im = 0.0;
                }
                let done = self.rows_back.process_with_scratch(half, row, &mut self.scratch);
                debug_assert!(done.is_ok());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spectrum_correlates_like_the_plain_sum() {
        let side = 20;
        let f = |x: usize, y: usize| ((x * 7 + y * 13) % 11) as f32 - 5.0;
        let g = |x: usize, y: usize| ((x * 5 + y * 3 + 2) % 7) as f32 - 3.0;
        let mut plane = Plane::new(side);
        let (mut probe, target) = (plane.spectrum(f), plane.spectrum(g));
        probe.conjugate();
        let mut out = vec![0.0; side * side];
        plane.correlate(&probe, &target, 0..side, &mut out);
        for (lx, ly) in [(0, 0), (3, 1), (19, 7), (10, 18)] {
            let mut plain = 0.0;
            for y in 0..side {
                for x in 0..side {
                    plain += f(x, y) * g((x + lx) % side, (y + ly) % side);
                }
            }
            let here = out[ly * side + lx] / (side * side) as f32;
            assert!((here - plain).abs() < 0.01, "{lx}, {ly}: {here}, not {plain}");
        }
    }

    #[test]
    fn sides_suit_the_transform() {
        assert_eq!(smooth_side(129), 144);
        assert_eq!(smooth_side(97), 100);
        assert_eq!(smooth_side(192), 192);
    }
}
