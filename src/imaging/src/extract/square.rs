//! Two-dimensional transforms of squares, eight lines side by side.

use super::fourier::{Fourier, LANES, Lanes, Parts, suited};
use super::kernel::dispatched;

/// A complex square: for each eight columns `re` and `im` of all rows. Its
/// transform lies the other way round: for each eight rows, of all columns.
#[derive(Clone)]
pub struct Square {
    /// Real parts, eight columns after eight.
    pub re: Vec<Parts>,
    /// Imaginary parts.
    pub im: Vec<Parts>,
}

impl Square {
    /// A square of zeros.
    pub fn new(side: usize) -> Self {
        let parts = || vec![vec![[0.0; LANES]; side]; side / LANES];
        Self { re: parts(), im: parts() }
    }

    /// The square whose value at `(x, y)` is `at(x, y)`: real and imaginary
    /// part.
    pub fn fill(&mut self, mut at: impl FnMut(usize, usize) -> (f32, f32)) {
        for (block, (re, im)) in self.re.iter_mut().zip(&mut self.im).enumerate() {
            for (y, (re, im)) in re.iter_mut().zip(im).enumerate() {
                for lane in 0..LANES {
                    (re[lane], im[lane]) = at(block * LANES + lane, y);
                }
            }
        }
    }

    /// Makes this the product of two.
    pub fn multiply(&mut self, a: &Self, b: &Self) {
        for (n, (re, im)) in self.re.iter_mut().zip(&mut self.im).enumerate() {
            multiply((&a.re[n], &a.im[n]), (&b.re[n], &b.im[n]), (re, im));
        }
    }
}

dispatched! {
/// Products of complex numbers.
fn multiply(a: (&[Lanes], &[Lanes]), b: (&[Lanes], &[Lanes]), to: (&mut [Lanes], &mut [Lanes])) {
    let a = a.0.iter().zip(a.1);
    let b = b.0.iter().zip(b.1);
    for ((re, im), ((ar, ai), (br, bi))) in to.0.iter_mut().zip(to.1).zip(a.zip(b)) {
        for l in 0..LANES {
            re[l] = ar[l] * br[l] - ai[l] * bi[l];
            im[l] = ar[l] * bi[l] + ai[l] * br[l];
        }
    }
}
}

/// Transforms squares of one side.
pub struct Plan {
    fourier: Fourier,
    spare: Vec<Parts>,
}

impl Plan {
    /// Plans transforms of squares of `side`, a multiple of eight.
    pub fn new(side: usize) -> Self {
        Self { fourier: Fourier::new(side), spare: vec![vec![[0.0; LANES]; side]; side / LANES] }
    }

    /// Σ square(x, y)·exp(+2πi (ux + vy)/side). With real and imaginary parts
    /// exchanged before and after, the transform of the other sign.
    pub fn inverse(&mut self, square: &mut Square) {
        self.lines(square);
        for part in [&mut square.re, &mut square.im] {
            for (block, to) in self.spare.iter_mut().enumerate() {
                for (from, to) in part.iter().zip(to.chunks_exact_mut(LANES)) {
                    transpose(&from[block * LANES..(block + 1) * LANES], to);
                }
            }
            std::mem::swap(part, &mut self.spare);
        }
        self.lines(square);
    }

    fn lines(&mut self, square: &mut Square) {
        for (re, im) in square.re.iter_mut().zip(&mut square.im) {
            self.fourier.inverse(re, im);
        }
    }
}

dispatched! {
/// Exchanges lanes and points of eight points.
fn transpose(from: &[Lanes], to: &mut [Lanes]) {
    let ([from], [to]) = (from.as_chunks::<LANES>().0, to.as_chunks_mut::<LANES>().0) else {
        return;
    };
    for a in 0..LANES {
        for b in 0..LANES {
            to[a][b] = from[b][a];
        }
    }
}
}

/// The least multiple of sixteen that is at least `need` and suits the
/// transform, here and at half the side.
pub fn suited_side(need: usize) -> usize {
    let mut sides = (need.max(16).next_multiple_of(16)..).step_by(16);
    sides.find(|&side| suited(side)).unwrap_or(need)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_squares_correlate_like_the_plain_sums() {
        let side = 48;
        let f = |x: usize, y: usize| ((x * 7 + y * 13) % 11) as f32 - 5.0;
        let h = |x: usize, y: usize| ((x * 3 + y * 5) % 9) as f32 - 4.0;
        let g = |x: usize, y: usize| ((x * 5 + y * 3 + 2) % 7) as f32 - 3.0;
        let mut plan = Plan::new(side);
        let (mut probe, mut target) = (Square::new(side), Square::new(side));
        probe.fill(|x, y| (f(x, y), h(x, y)));
        target.fill(|x, y| (0.0, g(x, y)));
        plan.inverse(&mut probe);
        plan.inverse(&mut target);
        std::mem::swap(&mut target.re, &mut target.im);
        let mut out = Square::new(side);
        out.multiply(&probe, &target);
        plan.inverse(&mut out);
        for (lx, ly) in [(0, 0), (3, 1), (47, 7), (10, 18)] {
            let plain = |f: &dyn Fn(usize, usize) -> f32| -> f32 {
                let at = |i: usize| {
                    f(i % side, i / side) * g((i % side + lx) % side, (i / side + ly) % side)
                };
                (0..side * side).map(at).sum()
            };
            let here = |part: &[Parts]| part[lx / LANES][ly][lx % LANES] / (side * side) as f32;
            assert!((here(&out.re) - plain(&f)).abs() < 0.05, "{lx}, {ly}: {}", here(&out.re));
            assert!((here(&out.im) - plain(&h)).abs() < 0.05, "{lx}, {ly}: {}", here(&out.im));
        }
    }

    #[test]
    fn sides_suit_the_transform() {
        assert_eq!([129, 97, 192].map(suited_side), [144, 128, 192]);
    }
}
