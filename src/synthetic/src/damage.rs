//! Seeded damage for evaluation: to a scan (tilt, wrong scale, spikes, coarse
//! sampling) and to a prepared mark (turn, cut, noise).

use ndarray::{Array2, s};
use rand::RngExt as _;
use rand_chacha::ChaCha8Rng;
use serde::Serialize;
use std::f64::consts::TAU;
use types::surface::HeightMap;
use types::units::Metres;

/// Tilts a scan by `degrees` about its centre, towards a random side.
pub fn tilt(map: &mut HeightMap, degrees: f64, rng: &mut ChaCha8Rng) {
    let (sin, cos) = rng.random_range(0.0..TAU).sin_cos();
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

/// The shape of what is kept of a mark.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Cut {
    /// What lies between two rays from the grid's centre.
    Sector,
    /// What lies beyond a straight line.
    HalfPlane,
    /// What lies nearest to a point of the mark.
    Disc,
}

/// Keeps a contiguous part that holds `share` of the data; where it lies is
/// random.
pub fn cut(values: &Array2<f64>, kept: Cut, share: f64, rng: &mut ChaCha8Rng) -> Array2<f64> {
    let points: Vec<_> =
        values.indexed_iter().filter(|(_, v)| v.is_finite()).map(|(i, _)| i).collect();
    let (ny, nx) = values.dim();
    let (cy, cx) = ((ny as f64 - 1.0) / 2.0, (nx as f64 - 1.0) / 2.0);
    // A cut keeps the points with the least of some measure.
    let measure: Box<dyn Fn((usize, usize)) -> f64> = match kept {
        Cut::Sector => {
            let start: f64 = rng.random_range(0.0..TAU);
            Box::new(move |(y, x)| ((y as f64 - cy).atan2(x as f64 - cx) - start).rem_euclid(TAU))
        }
        Cut::HalfPlane => {
            let (s, c) = rng.random_range(0.0..TAU).sin_cos();
            Box::new(move |(y, x)| x as f64 * c + y as f64 * s)
        }
        Cut::Disc => {
            let at = rng.random_range(0..points.len().max(1));
            let (py, px) = points.get(at).copied().unwrap_or_default();
            Box::new(move |(y, x)| (y as f64 - py as f64).hypot(x as f64 - px as f64))
        }
    };
    let mut measures: Vec<f64> = points.iter().map(|&p| measure(p)).collect();
    measures.sort_by(f64::total_cmp);
    let n = points.len().max(1) as f64;
    let limit = measures.get((n * share) as usize).copied().unwrap_or(f64::INFINITY);
    let mut out = Array2::from_elem((ny, nx), f64::NAN);
    for p in points.into_iter().filter(|&p| measure(p) < limit) {
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
        v + factor * sd * (-2.0 * u1.ln()).sqrt() * (TAU * u2).cos()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand_chacha::rand_core::SeedableRng as _;

    #[test]
    fn every_cut_keeps_its_share_in_one_piece() {
        // A ring of radii 15 to 40.
        let at = |(y, x): (usize, usize)| (y as f64 - 44.5).hypot(x as f64 - 44.5);
        let ring = Array2::from_shape_fn((90, 90), |i| {
            if (15.0..40.0).contains(&at(i)) { 1.0 } else { f64::NAN }
        });
        let whole = ring.iter().filter(|v| v.is_finite()).count() as f64;
        for kept in [Cut::Sector, Cut::HalfPlane, Cut::Disc] {
            for seed in 0..8 {
                let rng = &mut ChaCha8Rng::seed_from_u64(seed);
                let part = cut(&ring, kept, 0.3, rng);
                let points: Vec<_> =
                    part.indexed_iter().filter(|(_, v)| v.is_finite()).map(|(i, _)| i).collect();
                let share = points.len() as f64 / whole;
                assert!((0.28..=0.3).contains(&share), "{kept:?}, {seed}: {share}");
                // Points strewn over the ring would have their mean at its centre.
                let (sy, sx) =
                    points.iter().fold((0.0, 0.0), |s, p| (s.0 + p.0 as f64, s.1 + p.1 as f64));
                let n = points.len() as f64;
                let off = (sy / n - 44.5).hypot(sx / n - 44.5);
                assert!(off > 15.0, "{kept:?}, {seed}: {off}");
            }
        }
    }
}
