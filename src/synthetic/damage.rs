//! Seeded damage to a scan, for evaluation: turn, cut, noise.

use ndarray::Array2;
use rand::RngExt as _;
use rand_chacha::ChaCha8Rng;

/// Turns about the grid centre (bilinear, x towards y); the canvas grows to
/// hold the whole map.
pub fn turn(values: &Array2<f64>, radians: f64) -> Array2<f64> {
    let (ny, nx) = values.dim();
    let (s, c) = radians.sin_cos();
    let (w, h) =
        (nx as f64 * c.abs() + ny as f64 * s.abs(), nx as f64 * s.abs() + ny as f64 * c.abs());
    let (mx, my) = ((w.ceil() as usize).max(1), (h.ceil() as usize).max(1));
    let centre = |n: usize| (n as f64 - 1.0) / 2.0;
    Array2::from_shape_fn((my, mx), |(y, x)| {
        let (px, py) = (x as f64 - centre(mx), y as f64 - centre(my));
        let (sx, sy) = (c * px + s * py + centre(nx), -s * px + c * py + centre(ny));
        if sx < 0.0 || sy < 0.0 {
            return f64::NAN;
        }
        let (ix, iy) = (sx as usize, sy as usize);
        if ix + 1 >= nx || iy + 1 >= ny {
            return f64::NAN;
        }
        let (tx, ty) = (sx - ix as f64, sy - iy as f64);
        (values[[iy, ix]] * (1.0 - tx) + values[[iy, ix + 1]] * tx) * (1.0 - ty)
            + (values[[iy + 1, ix]] * (1.0 - tx) + values[[iy + 1, ix + 1]] * tx) * ty
    })
}

/// Keeps a contiguous sector about the centroid that holds `share` of the data.
pub fn sector(values: &Array2<f64>, share: f64, rng: &mut ChaCha8Rng) -> Array2<f64> {
    let points: Vec<_> =
        values.indexed_iter().filter(|(_, v)| v.is_finite()).map(|(i, _)| i).collect();
    let n = points.len().max(1) as f64;
    let (ny, nx) = values.dim();
    let (cy, cx) = ((ny as f64 - 1.0) / 2.0, (nx as f64 - 1.0) / 2.0);
    let start: f64 = rng.random_range(0.0..std::f64::consts::TAU);
    let angle = |(y, x): (usize, usize)| {
        ((y as f64 - cy).atan2(x as f64 - cx) - start).rem_euclid(std::f64::consts::TAU)
    };
    let mut angles: Vec<f64> = points.iter().map(|&p| angle(p)).collect();
    angles.sort_by(f64::total_cmp);
    let limit = angles.get((n * share) as usize).copied().unwrap_or(f64::INFINITY);
    let mut out = Array2::from_elem((ny, nx), f64::NAN);
    for p in points.into_iter().filter(|&p| angle(p) < limit) {
        out[p] = values[p];
    }
    out
}

/// Adds white Gaussian noise of `factor` standard deviations of the surface.
pub fn noise(values: &Array2<f64>, factor: f64, rng: &mut ChaCha8Rng) -> Array2<f64> {
    let v: Vec<f64> = values.iter().copied().filter(|v| v.is_finite()).collect();
    let n = v.len().max(1) as f64;
    let mean = v.iter().sum::<f64>() / n;
    let sd = (v.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / n).sqrt();
    values.mapv(|v| {
        let (u1, u2): (f64, f64) = (rng.random_range(f64::MIN_POSITIVE..1.0), rng.random());
        v + factor * sd * (-2.0 * u1.ln()).sqrt() * (std::f64::consts::TAU * u2).cos()
    })
}
