//! A band of a profile with what sums over a part of it need.

use crate::extract::kernel::dot;
use crate::extract::striae::Waves;

/// Sums over what two profiles have in common at one shift.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Common {
    pub(super) n: i64,
    a: i64,
    b: i64,
    aa: i64,
    bb: i64,
    ab: i64,
}

impl Common {
    pub(super) fn pearson(&self) -> f64 {
        let n = self.n as f64;
        let about = |xy: i64, x: i64, y: i64| xy as f64 - x as f64 * y as f64 / n;
        let (a, b) = (about(self.aa, self.a, self.a), about(self.bb, self.b, self.b));
        if a <= 0.0 || b <= 0.0 { 0.0 } else { about(self.ab, self.a, self.b) / (a * b).sqrt() }
    }
}

/// A band with what sums over a part of it need.
pub(super) struct Line {
    pub(super) values: Vec<i16>,
    squares: Vec<i64>,
    pub(super) present: Vec<i16>,
    /// Sums of values and of squares up to each point.
    upto: Vec<[i64; 2]>,
    whole: bool,
}

impl Line {
    pub(super) fn of(waves: &Waves, present: &[bool]) -> Self {
        let squares: Vec<i64> = waves.values.iter().map(|&v| i64::from(v).pow(2)).collect();
        let mut upto = vec![[0; 2]];
        let mut sums = [0; 2];
        for (&v, &square) in waves.values.iter().zip(&squares) {
            sums = [sums[0] + i64::from(v), sums[1] + square];
            upto.push(sums);
        }
        Self {
            values: waves.values.clone(),
            squares,
            present: present.iter().map(|&p| i16::from(p)).collect(),
            upto,
            whole: present.iter().all(|&p| p),
        }
    }

    /// Sums of this line's values and squares from `from`, where `other` is
    /// present from `at`, over `n` points.
    fn sums(&self, from: usize, other: &Self, at: usize, n: usize) -> (i64, i64) {
        if other.whole {
            let (low, high) = (self.upto[from], self.upto[from + n]);
            return (high[0] - low[0], high[1] - low[1]);
        }
        let there = &other.present[at..at + n];
        let squares = self.squares[from..from + n].iter().zip(there);
        let squares = squares.map(|(&square, &p)| square * i64::from(p)).sum();
        (dot(&self.values[from..from + n], there), squares)
    }

    /// What `n` points have in common: this line's from `from`, the other's from
    /// `at`.
    pub(super) fn common(&self, from: usize, other: &Self, at: usize, n: usize) -> Common {
        let points = if self.whole && other.whole {
            n as i64
        } else {
            dot(&self.present[from..from + n], &other.present[at..at + n])
        };
        let (a, aa) = self.sums(from, other, at, n);
        let (b, bb) = other.sums(at, self, from, n);
        let ab = dot(&self.values[from..from + n], &other.values[at..at + n]);
        Common { n: points, a, b, aa, bb, ab }
    }
}
