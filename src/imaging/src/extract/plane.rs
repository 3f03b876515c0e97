//! The spectrum of a real map.

use realfft::{RealFftPlanner, RealToComplex};
use rustfft::{Fft, FftPlanner, num_complex::Complex};
use std::sync::Arc;

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
    columns: Arc<dyn Fft<f32>>,
    line: Vec<f32>,
    halves: Vec<Complex<f32>>,
    scratch: Vec<Complex<f32>>,
}

impl Plane {
    /// Plans the transforms of squares of `side`.
    pub fn new(side: usize) -> Self {
        let (mut real, mut complex) = (RealFftPlanner::new(), FftPlanner::new());
        let (rows, columns) = (real.plan_fft_forward(side), complex.plan_fft_forward(side));
        let scratch = rows.get_scratch_len().max(columns.get_inplace_scratch_len());
        let width = side / 2 + 1;
        Self {
            side,
            rows,
            columns,
            line: vec![0.0; side],
            halves: vec![Complex::default(); width],
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
            let half = &mut self.halves[..];
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
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sides_suit_the_transform() {
        assert_eq!(smooth_side(129), 144);
        assert_eq!(smooth_side(97), 100);
        assert_eq!(smooth_side(192), 192);
    }
}
