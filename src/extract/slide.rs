//! Turning and sliding feature maps: the inner loops.

use super::FeatureMap;

/// Σ aᵢ·bᵢ in exact integer arithmetic. Features are below 2⁷ and rows shorter
/// than 2¹⁶, so the sum fits; `wrapping_add` lets the compiler vectorise where
/// overflow checks are on.
#[inline]
fn dot(a: &[i16], b: &[i16]) -> i32 {
    a.iter()
        .zip(b)
        .fold(0i32, |sum, (&a, &b)| sum.wrapping_add(i32::from(a).wrapping_mul(i32::from(b))))
}

/// Sums over the common area of two maps at one shift.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Overlap {
    /// Σ f·g.
    pub product: i64,
    /// Number of common points.
    pub points: i64,
}

/// The common columns of a row of `f` and a row of `g` shifted by `dx`:
/// start in `f`, start in `g`, length.
fn common(f: (usize, usize), g: (usize, usize), dx: isize) -> Option<(usize, usize, usize)> {
    let start = (f.0 as isize).max(g.0 as isize - dx);
    let end = (f.1 as isize).min(g.1 as isize - dx);
    (end > start).then_some((start as usize, (start + dx) as usize, (end - start) as usize))
}

/// Calls `each(row start in f, row start in g, length)` for every stretch that
/// the maps share when point `(x, y)` of `f` meets `(x + dx, y + dy)` of `g`.
fn stretches(
    f: &FeatureMap,
    g: &FeatureMap,
    dx: isize,
    dy: isize,
    mut each: impl FnMut(usize, usize, usize),
) {
    for (y, &span) in f.spans.iter().enumerate() {
        let Some(gy) = y.checked_add_signed(dy).filter(|&gy| gy < g.ny) else { continue };
        if let Some((fx, gx, n)) = common(span, g.spans[gy], dx) {
            each(y * f.nx + fx, gy * g.nx + gx, n);
        }
    }
}

/// Correlates `f`, shifted by `(dx, dy)` pixels, with `g`.
pub fn overlap(f: &FeatureMap, g: &FeatureMap, dx: isize, dy: isize) -> Overlap {
    let mut out = Overlap::default();
    stretches(f, g, dx, dy, |i, j, n| {
        out.product += i64::from(dot(&f.values[i..i + n], &g.values[j..j + n]));
        out.points += i64::from(dot(&f.mask[i..i + n], &g.mask[j..j + n]));
    });
    out
}

/// Σ f·g alone, where the overlap is known already.
pub fn product(f: &FeatureMap, g: &FeatureMap, dx: isize, dy: isize) -> i64 {
    let mut out = 0;
    stretches(f, g, dx, dy, |i, j, n| {
        out += i64::from(dot(&f.values[i..i + n], &g.values[j..j + n]));
    });
    out
}

/// Pearson's correlation of the common points at shift zero (both maps on the
/// same grid), and their number.
pub fn pearson(f: &FeatureMap, g: &FeatureMap) -> (f64, usize) {
    let (mut n, mut sf, mut sg, mut sff, mut sgg, mut sfg) = (0i64, 0i64, 0i64, 0i64, 0i64, 0i64);
    stretches(f, g, 0, 0, |i, j, len| {
        for k in 0..len {
            if f.mask[i + k] != 0 && g.mask[j + k] != 0 {
                let (a, b) = (i64::from(f.values[i + k]), i64::from(g.values[j + k]));
                n += 1;
                sf += a;
                sg += b;
                sff += a * a;
                sgg += b * b;
                sfg += a * b;
            }
        }
    });
    let count = n.max(1) as f64;
    let cov = sfg as f64 - sf as f64 * sg as f64 / count;
    let (vf, vg) =
        (sff as f64 - (sf as f64).powi(2) / count, sgg as f64 - (sg as f64).powi(2) / count);
    let r = if vf > 0.0 && vg > 0.0 { cov / (vf * vg).sqrt() } else { 0.0 };
    (r, n as usize)
}

/// `f` seen from a frame in which it is turned by `rotation` and then shifted
/// (pixels): output point `p`, from the output's centre, takes the value at
/// `R(−rotation)(p − shift)`. The output has the size of `frame`; with `clip`
/// only the rows' stretches present in `frame` are filled. Bilinear; missing
/// where less than half of the neighbourhood is present.
pub fn turned(
    f: &FeatureMap,
    rotation: f64,
    shift: (f64, f64),
    frame: &FeatureMap,
    clip: bool,
) -> FeatureMap {
    let (nx, ny) = (frame.nx, frame.ny);
    let (mut values, mut mask) = (vec![0i16; nx * ny], vec![0i16; nx * ny]);
    let (s, c) = rotation.sin_cos();
    let ((cx, cy), (ox, oy)) = (f.centre(), frame.centre());
    let (last_x, last_y) = (f.nx.saturating_sub(1) as f32, f.ny.saturating_sub(1) as f32);
    for (y, &span) in frame.spans.iter().enumerate() {
        let (start, end) = if clip { span } else { (0, nx) };
        let py = y as f64 - oy - shift.1;
        let px = start as f64 - ox - shift.0;
        let mut sx = (c * px + s * py + cx) as f32;
        let mut sy = (c * py - s * px + cy) as f32;
        for i in y * nx + start..y * nx + end {
            if sx >= 0.0 && sy >= 0.0 && sx < last_x && sy < last_y {
                let (ix, iy) = (sx as usize, sy as usize);
                let (tx, ty) = (sx - ix as f32, sy - iy as f32);
                let j = iy * f.nx + ix;
                let (w11, w10, w01) = (tx * ty, tx - tx * ty, ty - tx * ty);
                let w00 = 1.0 - tx - w01;
                let mix = |v: &[i16]| {
                    w00 * f32::from(v[j])
                        + w10 * f32::from(v[j + 1])
                        + w01 * f32::from(v[j + f.nx])
                        + w11 * f32::from(v[j + f.nx + 1])
                };
                let weight = mix(&f.mask);
                if weight >= 0.5 {
                    values[i] = (mix(&f.values) / weight).round() as i16;
                    mask[i] = 1;
                }
            }
            sx += c as f32;
            sy -= s as f32;
        }
    }
    FeatureMap::new(nx, ny, values, mask)
}
