//! Levelling: the plane or second-order surface that a mark lies on.

use super::recipe::Form;
use types::numeric::{TERMS, median, solve};

/// A measured point: place in millimetres from the grid's centre, height in µm.
pub type Point = [f64; 3];

/// How a surface is fitted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Estimator {
    /// Ordinary least squares.
    LeastSquares,
    /// Iteratively reweighted least squares with Tukey's biweight (Beaton and
    /// Tukey 1974): points far off the surface do not count.
    Robust,
}

/// Points used by a robust fit: more do not make it better.
const POINTS: usize = 20_000;
/// Steps of the reweighting.
const ITERATIONS: u32 = 12;
/// Random forms tried as a start, and points that judge each.
const TRIALS: u32 = 200;
const JUDGES: u32 = 200;
/// The biweight's cut in robust standard deviations; 95 % efficient.
const BIWEIGHT: f64 = 4.685;
/// Standard deviation of a normal distribution by its median deviation.
const MAD: f64 = 1.4826;

/// A fitted form.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Level {
    coefficients: [f64; TERMS],
    terms: usize,
}

impl Level {
    /// The form that is zero everywhere.
    pub const NONE: Self = Self { coefficients: [0.0; TERMS], terms: 0 };

    /// Fits `form` to the points; `None` where they do not determine it.
    pub fn fit(points: &[Point], form: Form, estimator: Estimator) -> Option<Self> {
        let terms = match form {
            Form::None => 0,
            Form::Plane => 3,
            Form::SecondOrder => 6,
        };
        let mut level = Self { coefficients: [0.0; TERMS], terms };
        if terms == 0 {
            return Some(level);
        }
        if estimator == Estimator::LeastSquares {
            level.refit(points.iter().map(|p| (p, 1.0)))?;
            return Some(level);
        }
        let every = points.len().div_ceil(POINTS).max(1);
        let sample: Vec<Point> = points.iter().step_by(every).copied().collect();
        let mut weights = vec![1.0; sample.len()];
        level = level.least_median(&sample)?;
        for _ in 0..ITERATIONS {
            let off: Vec<f64> =
                sample.iter().map(|&[x, y, z]| (z - level.at(x, y)).abs()).collect();
            let limit = BIWEIGHT * MAD * median(&mut off.clone())?;
            for (w, r) in weights.iter_mut().zip(&off) {
                // A perfect fit leaves a limit of zero: all that lies on it counts.
                let u = if *r <= 1e-9 { 0.0 } else { r / limit.max(1e-9) };
                *w = (1.0 - u * u).max(0.0).powi(2);
            }
            level.refit(sample.iter().zip(weights.iter().copied()))?;
        }
        Some(level)
    }

    /// Of forms through few random points the one with the least median
    /// deviation (Rousseeuw 1984): a start that up to half of the points
    /// cannot spoil. The random sequence is fixed.
    fn least_median(self, sample: &[Point]) -> Option<Self> {
        let mut state = 0x9e37_79b9_7f4a_7c15_u64;
        let mut draw = || {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            sample.get((state >> 33) as usize % sample.len().max(1))
        };
        let mut best: Option<(f64, Self)> = None;
        for _ in 0..TRIALS {
            let few: Vec<Point> = (0..2 * self.terms).filter_map(|_| draw().copied()).collect();
            let mut trial = self;
            if trial.refit(few.iter().map(|p| (p, 1.0))).is_none() {
                continue;
            }
            let judges = (0..JUDGES).filter_map(|_| draw());
            let mut off: Vec<f64> = judges.map(|&[x, y, z]| (z - trial.at(x, y)).abs()).collect();
            let typical = median(&mut off)?;
            if best.is_none_or(|(least, _)| typical < least) {
                best = Some((typical, trial));
            }
        }
        best.map(|(_, level)| level)
    }

    /// The form's height in µm at a place in millimetres.
    pub fn at(&self, x: f64, y: f64) -> f64 {
        let basis = basis(x, y);
        basis.iter().zip(&self.coefficients).take(self.terms).fold(0.0, |z, (b, c)| z + b * c)
    }

    /// Slope of the plane part along x and y at the grid's centre, µm per mm.
    pub const fn slope(&self) -> (f64, f64) {
        (self.coefficients[1], self.coefficients[2])
    }

    fn refit<'a>(&mut self, points: impl Iterator<Item = (&'a Point, f64)>) -> Option<()> {
        let mut a = [[0.0; TERMS]; TERMS];
        let mut b = [0.0; TERMS];
        for (&[x, y, z], w) in points {
            let basis = basis(x, y);
            for i in 0..self.terms {
                let wi = w * basis[i];
                b[i] += wi * z;
                for (a, b) in a[i].iter_mut().zip(&basis).take(self.terms) {
                    *a += wi * b;
                }
            }
        }
        self.coefficients = solve(&mut a, &mut b, self.terms)?;
        Some(())
    }
}

fn basis(x: f64, y: f64) -> [f64; TERMS] {
    [1.0, x, y, x * x, x * y, y * y]
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_third_of_gross_outliers_does_not_tilt_the_plane() {
        let points: Vec<Point> = (0..3000)
            .map(|i| {
                let (x, y) = (f64::from(i % 60) / 30.0 - 1.0, f64::from(i / 60) / 25.0 - 1.0);
                let hole = if x < -0.35 { -80.0 - 20.0 * y } else { 0.0 };
                [x, y, 5.0 + 12.0 * x - 7.0 * y + hole + 0.1 * f64::from(i % 7 - 3)]
            })
            .collect();
        let (sx, sy) = Level::fit(&points, Form::Plane, Estimator::Robust).unwrap().slope();
        assert!((sx - 12.0).abs() < 0.1 && (sy + 7.0).abs() < 0.1, "{sx} {sy}");
    }

    #[test]
    fn too_few_points_are_refused() {
        assert!(Level::fit(&[[0.0, 0.0, 1.0]], Form::Plane, Estimator::Robust).is_none());
    }
}
