//! Turning and sliding feature maps: the inner loops.

use crate::extract::FeatureMap;

/// Σ aᵢ·bᵢ in exact integer arithmetic. Features are below 2⁷ and rows below
/// 2¹⁵ long, so the sum fits.
#[inline]
pub fn dot(a: &[i16], b: &[i16]) -> i32 {
    a.iter().zip(b).map(|(&a, &b)| i32::from(a) * i32::from(b)).sum()
}

/// Sums over the common area of two maps at one shift.
#[derive(Clone, Copy, Debug, Default)]
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
    let (fx, gx) = ((-dx).max(0) as usize, dx.max(0) as usize);
    if fx >= f.nx || gx >= g.nx {
        return out;
    }
    let len = (f.nx - fx).min(g.nx - gx);
    for y in 0..f.ny {
        let Some(gy) = y.checked_add_signed(dy).filter(|&gy| gy < g.ny) else { continue };
        let (fr, gr) = (y * f.nx + fx, gy * g.nx + gx);
        out.product += i64::from(dot(&f.values[fr..fr + len], &g.values[gr..gr + len]));
        out.points += i64::from(dot(&f.mask[fr..fr + len], &g.mask[gr..gr + len]));
    }
    out
}

/// The map seen in a frame turned and shifted: output point `p` (pixels from
/// the output's centre) takes the source's value at `R(−rotation)(p − shift)`.
/// Bilinear; missing where less than half of the neighbourhood is present.
pub fn turned(
    f: &FeatureMap,
    rotation: f64,
    shift: (f64, f64),
    nx: usize,
    ny: usize,
) -> FeatureMap {
    let mut out = FeatureMap { nx, ny, values: vec![0; nx * ny], mask: vec![0; nx * ny] };
    let (s, c) = rotation.sin_cos();
    let (cx, cy) = ((f.nx as f64 - 1.0) / 2.0, (f.ny as f64 - 1.0) / 2.0);
    let (ox, oy) = ((nx as f64 - 1.0) / 2.0, (ny as f64 - 1.0) / 2.0);
    for y in 0..ny {
        let py = y as f64 - oy - shift.1;
        let px = -ox - shift.0;
        // Source position of this row's first point and its step per column.
        let (mut sx, mut sy) = ((c * px + s * py + cx) as f32, (-s * px + c * py + cy) as f32);
        let (stepx, stepy) = (c as f32, -s as f32);
        for x in 0..nx {
            if sx >= 0.0 && sy >= 0.0 {
                let (ix, iy) = (sx as usize, sy as usize);
                if ix + 1 < f.nx && iy + 1 < f.ny {
                    let (tx, ty) = (sx - ix as f32, sy - iy as f32);
                    let i = iy * f.nx + ix;
                    let (w00, w10) = ((1.0 - tx) * (1.0 - ty), tx * (1.0 - ty));
                    let (w01, w11) = ((1.0 - tx) * ty, tx * ty);
                    let at = |v: &[i16], i: usize| f32::from(v[i]);
                    let weight = w00 * at(&f.mask, i)
                        + w10 * at(&f.mask, i + 1)
                        + w01 * at(&f.mask, i + f.nx)
                        + w11 * at(&f.mask, i + f.nx + 1);
                    if weight >= 0.5 {
                        let v = w00 * at(&f.values, i)
                            + w10 * at(&f.values, i + 1)
                            + w01 * at(&f.values, i + f.nx)
                            + w11 * at(&f.values, i + f.nx + 1);
                        out.values[y * nx + x] = (v / weight).round() as i16;
                        out.mask[y * nx + x] = 1;
                    }
                }
            }
            sx += stepx;
            sy += stepy;
        }
    }
    out
}
