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

/// Fractional bits of a source coordinate.
const FRACTION: u32 = 16;
/// Bits of a bilinear weight along one axis.
const WEIGHT: u32 = 5;
/// The weights of four neighbours sum to this.
const WHOLE: i32 = 1 << (2 * WEIGHT);
/// Bits of a packed point that hold the mask.
const MASK_BITS: u32 = 12;

/// A map made ready to be turned: feature and mask of a point in one integer,
/// so that one weighted sum of four neighbours gives both.
#[derive(Clone, Debug)]
pub struct Turnable {
    nx: usize,
    ny: usize,
    /// Points present.
    pub points: usize,
    /// `value · 2¹² + mask`. Features are below 2⁷ and weights sum to 2¹⁰, so
    /// that a weighted sum fits and its mask stays within its 12 bits.
    packed: Vec<i32>,
}

impl Turnable {
    /// Packs a map.
    pub fn of(map: &FeatureMap) -> Self {
        let both = map.values.iter().zip(&map.mask);
        let packed = both.map(|(&v, &m)| (i32::from(v) << MASK_BITS) + i32::from(m)).collect();
        Self { nx: map.nx, ny: map.ny, points: map.points, packed }
    }

    /// Bilinear feature at a fixed-point position, if mostly present.
    #[inline]
    fn mix(&self, sx: i64, sy: i64) -> Option<i16> {
        let (ix, iy) = (sx >> FRACTION, sy >> FRACTION);
        if ix < 0 || iy < 0 || ix + 1 >= self.nx as i64 || iy + 1 >= self.ny as i64 {
            return None;
        }
        let i = iy as usize * self.nx + ix as usize;
        let (top, bottom) = (&self.packed[i..i + 2], &self.packed[i + self.nx..i + self.nx + 2]);
        // Nothing here can overflow: see `packed`. Saying so with `wrapping_`
        // keeps the checks out of the innermost loop.
        let weight = |v: i64| ((v >> (FRACTION - WEIGHT)) as i32) & ((1 << WEIGHT) - 1);
        let (tx, ty) = (weight(sx), weight(sy));
        let w11 = tx.wrapping_mul(ty);
        let w10 = (tx << WEIGHT).wrapping_sub(w11);
        let w01 = (ty << WEIGHT).wrapping_sub(w11);
        let w00 = WHOLE.wrapping_sub(w10).wrapping_sub(w01).wrapping_sub(w11);
        let both = (w00.wrapping_mul(top[0]))
            .wrapping_add(w10.wrapping_mul(top[1]))
            .wrapping_add(w01.wrapping_mul(bottom[0]))
            .wrapping_add(w11.wrapping_mul(bottom[1]));
        let present = both & ((1 << MASK_BITS) - 1);
        if present < WHOLE / 2 {
            return None;
        }
        let sum = both >> MASK_BITS;
        let half = if sum < 0 { -present / 2 } else { present / 2 };
        let sum = sum.wrapping_add(half);
        // Nearly all points lie inside, where the divisor is a constant.
        Some((if present == WHOLE { sum / WHOLE } else { sum / present }) as i16)
    }
}

/// `f` seen from a frame in which it is turned by `rotation` and then shifted
/// (pixels): output point `p`, from the output's centre, takes the value at
/// `R(−rotation)(p − shift)`. The output has the size of `frame` and is filled
/// within `reach` pixels of what is present there. Bilinear, in fixed point;
/// missing where less than half of the neighbourhood is present.
pub fn turned(
    f: &Turnable,
    rotation: f64,
    shift: (f64, f64),
    frame: &FeatureMap,
    reach: usize,
) -> FeatureMap {
    let (nx, ny) = (frame.nx, frame.ny);
    let (mut values, mut mask) = (vec![0i16; nx * ny], vec![0i16; nx * ny]);
    let (s, c) = rotation.sin_cos();
    let (cx, cy) = ((f.nx as f64 - 1.0) / 2.0, (f.ny as f64 - 1.0) / 2.0);
    let (ox, oy) = frame.centre();
    let fixed = |v: f64| (v * f64::from(1u32 << FRACTION)).round() as i64;
    let (step_x, step_y) = (fixed(c), fixed(-s));
    for y in 0..ny {
        let Some((start, end)) = near_spans(frame, y, reach) else { continue };
        let (px, py) = (start as f64 - ox - shift.0, y as f64 - oy - shift.1);
        let mut sx = fixed(c * px + s * py + cx);
        let mut sy = fixed(c * py - s * px + cy);
        let row = y * nx + start..y * nx + end;
        for (value, present) in values[row.clone()].iter_mut().zip(&mut mask[row]) {
            if let Some(v) = f.mix(sx, sy) {
                *value = v;
                *present = 1;
            }
            sx = sx.wrapping_add(step_x);
            sy = sy.wrapping_add(step_y);
        }
    }
    FeatureMap::new(nx, ny, values, mask)
}

/// The columns within `reach` of what rows y − reach … y + reach hold.
fn near_spans(frame: &FeatureMap, y: usize, reach: usize) -> Option<(usize, usize)> {
    let rows = y.saturating_sub(reach)..(y + reach + 1).min(frame.ny);
    let spans = frame.spans[rows].iter().filter(|(start, end)| start < end);
    let (start, end) = spans.fold((usize::MAX, 0), |a, s| (a.0.min(s.0), a.1.max(s.1)));
    (start < end).then(|| (start.saturating_sub(reach), (end + reach).min(frame.nx)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Smooth values in a disc off the centre; `seed` varies the phase.
    fn disc(n: usize, seed: f64) -> FeatureMap {
        let at = |i: usize| ((i % n) as f64, (i / n) as f64);
        let mask: Vec<i16> =
            (0..n * n).map(|i| i16::from((at(i).0 - 30.0).hypot(at(i).1 - 27.0) < 20.0)).collect();
        let values = (0..n * n)
            .map(|i| {
                let (x, y) = at(i);
                let wave = (x / 4.0 + seed).sin() + (y / 5.0 - seed).cos();
                mask[i] * (30.0 * wave) as i16
            })
            .collect();
        FeatureMap::new(n, n, values, mask)
    }

    #[test]
    fn overlap_equals_the_plain_sum() {
        let (f, g) = (disc(60, 0.0), disc(60, 1.0));
        for (dx, dy) in [(0, 0), (7, -3), (-25, 14), (59, 0), (0, -60)] {
            let mut plain = Overlap::default();
            for y in 0..60isize {
                for x in 0..60isize {
                    let (u, v) = (x + dx, y + dy);
                    if (0..60).contains(&u) && (0..60).contains(&v) {
                        let (i, j) = ((y * 60 + x) as usize, (v * 60 + u) as usize);
                        plain.product += i64::from(f.values[i]) * i64::from(g.values[j]);
                        plain.points += i64::from(f.mask[i] * g.mask[j]);
                    }
                }
            }
            assert_eq!(overlap(&f, &g, dx, dy), plain, "shift {dx}, {dy}");
            assert_eq!(product(&f, &g, dx, dy), plain.product);
        }
    }

    #[test]
    fn turning_there_and_back_gives_the_map() {
        let f = disc(60, 0.3);
        let open = FeatureMap::new(60, 60, vec![0; 3600], vec![1; 3600]);
        let there = turned(&Turnable::of(&f), 0.4, (2.0, -1.5), &open, 0);
        let (s, c) = (-0.4f64).sin_cos();
        let back = (-(c * 2.0 + s * 1.5), -(s * 2.0 - c * 1.5));
        let again = turned(&Turnable::of(&there), -0.4, back, &f, 0);
        let (r, n) = pearson(&again, &f);
        assert!(r > 0.99 && n > 1000, "{r} over {n}");
    }

    #[test]
    fn a_quarter_turn_moves_x_to_y() {
        let mut values = vec![0i16; 81];
        values[4 * 9 + 7] = 50;
        let f = FeatureMap::new(9, 9, values, vec![1; 81]);
        let open = FeatureMap::new(9, 9, vec![0; 81], vec![1; 81]);
        let t = turned(&Turnable::of(&f), std::f64::consts::FRAC_PI_2, (0.0, 0.0), &open, 0);
        assert_eq!(t.values[7 * 9 + 4], 50);
    }
}
