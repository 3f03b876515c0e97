//! Seeded damage for evaluation: to a scan (tilt, wrong scale, spikes, coarse
//! sampling) and to a prepared mark (turn, cut, noise).

use ndarray::{Array2, s};
use rand::RngExt as _;
use rand_chacha::ChaCha8Rng;
use types::surface::HeightMap;
use types::units::Metres;

/// Tilts a scan by `degrees` about its centre, towards a random side.
pub fn tilt(map: &mut HeightMap, degrees: f64, rng: &mut ChaCha8Rng) {
    let (sin, cos) = rng.random_range(0.0..std::f64::consts::TAU).sin_cos();
    let slope = degrees.to_radians().tan();
    let rise: Array2<f64> = Array2::from_shape_fn(map.z.dim(), |at| {
        let (x, y) = map.place_mm(at);
        (x * cos + y * sin) * slope * 1e-3
    });
    map.z += &rise;
}

/// States the scan's pitch wrongly by `share`, too long or too short at random.
pub fn misscale(map: &mut HeightMap, share: f64, rng: &mut ChaCha8Rng) {
    let factor = if rng.random_bool(0.5) { 1.0 + share } else { 1.0 - share };
    map.pitch_x = Metres(map.pitch_x.0 * factor);
    map.pitch_y = Metres(map.pitch_y.0 * factor);
}

/// Throws a `share` of the points off by 5–50 µm, up or down.
pub fn spikes(map: &mut HeightMap, share: f64, rng: &mut ChaCha8Rng) {
    for z in map.z.iter_mut().filter(|z| z.is_finite()) {
        let (hit, up) = (rng.random_bool(share), rng.random_bool(0.5));
        let off = rng.random_range(5.0..50.0) * 1e-6;
        if hit {
            *z += if up { off } else { -off };
        }
    }
}

/// Samples a scan more coarsely: means of `k × k` points, missing where fewer
/// than half are present.
pub fn coarsen(map: &HeightMap, k: usize) -> HeightMap {
    let (ny, nx) = map.z.dim();
    let z = Array2::from_shape_fn((ny / k, nx / k), |(y, x)| {
        let block = map.z.slice(s![y * k..(y + 1) * k, x * k..(x + 1) * k]);
        let (sum, n) = block
            .iter()
            .filter(|z| z.is_finite())
            .fold((0.0, 0_usize), |(sum, n), z| (sum + z, n + 1));
        if 2 * n >= k * k { sum / n as f64 } else { f64::NAN }
    });
    let longer = |pitch: Metres| Metres(pitch.0 * k as f64);
    HeightMap { z, pitch_x: longer(map.pitch_x), pitch_y: longer(map.pitch_y) }
}

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
