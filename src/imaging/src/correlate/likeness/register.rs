//! The affine map that lays one scan on another, to a fraction of a pixel.

use super::grid::Grid;
use types::numeric::solve;
use types::surface::Pose;

/// Points by which the scans are registered, at most.
const POINTS: usize = 40_000;

/// An affine map of places, in micrometres.
#[derive(Clone, Copy)]
pub struct Affine {
    m: [[f64; 2]; 2],
    d: [f64; 2],
}

impl Affine {
    pub fn of(pose: &Pose) -> Self {
        let (s, c) = pose.rotation.rad().sin_cos();
        Self { m: [[c, -s], [s, c]], d: [pose.dx.um(), pose.dy.um()] }
    }

    pub fn apply(&self, (x, y): (f64, f64)) -> (f64, f64) {
        let [[a, b], [c, d]] = self.m;
        (a * x + b * y + self.d[0], c * x + d * y + self.d[1])
    }

    /// The map after the places were moved by `step`: a shift, then its
    /// derivatives along x and y.
    fn moved(&self, step: &[f64; 6]) -> Self {
        let [u, v, ux, uy, vx, vy] = *step;
        let (x, y) = self.apply((u, v));
        let [[a, b], [c, d]] = self.m;
        let [[p, q], [r, s]] = [[1.0 + ux, uy], [vx, 1.0 + vy]];
        let m = [[a * p + b * r, a * q + b * s], [c * p + d * r, c * q + d * s]];
        Self { m, d: [x, y] }
    }
}

/// Keys' cubic convolution (Keys 1981), a = −1/2.
fn cubic(t: f64) -> f64 {
    let t = t.abs();
    if t < 1.0 {
        (1.5 * t - 2.5) * t * t + 1.0
    } else if t < 2.0 {
        ((-0.5 * t + 2.5) * t - 4.0) * t + 2.0
    } else {
        0.0
    }
}

/// Gauss–Newton steps for the affine map that lays B on A, large residuals
/// weighing less (Huber).
pub fn register(a: &Grid, b: &Grid, mut map: Affine, steps: usize, pixel: f64) -> Option<Affine> {
    let points: Vec<((f64, f64), f64)> = a
        .values
        .indexed_iter()
        .filter(|(at, v)| v.is_finite() && a.measured[*at])
        .map(|(at, v)| (a.place(at), f64::from(*v)))
        .collect();
    let stride = points.len().div_ceil(POINTS).max(1);
    // The derivatives are taken over a step that the band resolves.
    let h = pixel / 2.0;
    for _ in 0..steps {
        let mut rows: Vec<([f64; 6], f64, f64)> = Vec::with_capacity(POINTS);
        for &((x, y), value) in points.iter().step_by(stride) {
            let at = |dx: f64, dy: f64| b.sample::<2>(map.apply((x + dx, y + dy)), cubic);
            let here = at(0.0, 0.0);
            let gx = (at(h, 0.0) - at(-h, 0.0)) / (2.0 * h);
            let gy = (at(0.0, h) - at(0.0, -h)) / (2.0 * h);
            if here.is_finite() && gx.is_finite() && gy.is_finite() {
                rows.push(([gx, gy, gx * x, gx * y, gy * x, gy * y], here, value));
            }
        }
        if rows.len() < 500 {
            return None;
        }
        let gain = rows.iter().map(|r| r.1 * r.2).sum::<f64>()
            / rows.iter().map(|r| r.1 * r.1).sum::<f64>().max(f64::MIN_POSITIVE);
        let mut sizes: Vec<f64> = rows.iter().map(|r| (r.2 - gain * r.1).abs()).collect();
        let middle = sizes.len() / 2;
        let spread = *sizes.select_nth_unstable_by(middle, f64::total_cmp).1 * 1.4826;
        let (mut normal, mut right) = ([[0.0; 6]; 6], [0.0; 6]);
        for (slope, here, value) in &rows {
            let residual = value - gain * here;
            let weight = (2.0 * spread / residual.abs().max(f64::MIN_POSITIVE)).min(1.0);
            for (i, p) in slope.iter().enumerate() {
                right[i] += weight * gain * p * residual;
                for (j, q) in slope.iter().enumerate() {
                    normal[i][j] += weight * gain * gain * p * q;
                }
            }
        }
        let step = solve(&mut normal, &mut right, 6)?;
        map = map.moved(&step);
        if step[0].hypot(step[1]) < 1e-3 * pixel {
            break;
        }
    }
    Some(map)
}
