//! How far a mark's texture reaches: its autocorrelation.
//!
//! A mark of fine grain offers many independent points to a comparison, one of
//! long parallel tool marks few. Bartlett (1946) gives the variance of the
//! cross-correlation of two independent stationary textures as the sum over
//! all lags of the product of their autocorrelations; a score divided by that
//! deviation means the same for every texture, size and modality.

use super::FeatureMap;

/// Largest lag along each axis, in pixels.
pub const REACH: usize = 8;
/// Side of the stored square of lags.
pub const SIDE: usize = 2 * REACH + 1;

/// Autocorrelation for lags −REACH..=REACH in x and y (row-major, y slow);
/// 1 at the centre.
#[derive(Clone, Debug, PartialEq)]
pub struct Texture(pub Vec<f32>);

impl Texture {
    /// Measures a map; lags with too little overlap count as 0.
    pub fn of(map: &FeatureMap) -> Self {
        let r = REACH as isize;
        let mut out = vec![0.0f32; SIDE * SIDE];
        let at_zero = mean_product(map, 0, 0).unwrap_or(1.0).max(1e-6);
        for dy in 0..=r {
            for dx in -r..=r {
                let rho = (mean_product(map, dx, dy).unwrap_or(0.0) / at_zero) as f32;
                let index = |dx: isize, dy: isize| ((dy + r) * SIDE as isize + dx + r) as usize;
                out[index(dx, dy)] = rho;
                out[index(-dx, -dy)] = rho;
            }
        }
        Self(out)
    }

    /// The autocorrelation at a lag in pixels, bilinear, 0 beyond reach.
    fn at(&self, x: f64, y: f64) -> f64 {
        let (x, y) = (x + REACH as f64, y + REACH as f64);
        if x < 0.0 || y < 0.0 {
            return 0.0;
        }
        let (ix, iy) = (x as usize, y as usize);
        if ix + 1 >= SIDE || iy + 1 >= SIDE {
            return if ix < SIDE && iy < SIDE { f64::from(self.0[iy * SIDE + ix]) } else { 0.0 };
        }
        let (tx, ty) = (x - ix as f64, y - iy as f64);
        let v = |i: usize| f64::from(self.0[i]);
        let i = iy * SIDE + ix;
        (v(i) * (1.0 - tx) + v(i + 1) * tx) * (1.0 - ty)
            + (v(i + SIDE) * (1.0 - tx) + v(i + SIDE + 1) * tx) * ty
    }

    /// Points per independent point when this texture, turned by `rotation`
    /// radians, is laid on `other`: Σ ρ(R⁻¹ lag) ρ'(lag), at least 1.
    pub fn spread(&self, other: &Self, rotation: f64) -> f64 {
        let (s, c) = rotation.sin_cos();
        let r = REACH as isize;
        let mut sum = 0.0;
        for dy in -r..=r {
            for dx in -r..=r {
                let (x, y) = (dx as f64, dy as f64);
                let here = f64::from(other.0[((dy + r) * SIDE as isize + dx + r) as usize]);
                sum += here * self.at(c * x + s * y, c * y - s * x);
            }
        }
        sum.max(1.0)
    }
}

/// Mean of f(p)·f(p + lag) over the points where both are present.
fn mean_product(map: &FeatureMap, dx: isize, dy: isize) -> Option<f64> {
    let o = super::overlap(map, map, dx, dy);
    (o.points as usize * 10 > map.points).then(|| o.product as f64 / o.points as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A map whose value at `(x, y)` is `f(x, y)`, everywhere present.
    fn map(n: usize, f: impl Fn(usize, usize) -> i16) -> FeatureMap {
        let values = (0..n * n).map(|i| f(i % n, i / n)).collect();
        FeatureMap::new(n, n, values, vec![1; n * n])
    }

    /// ±32 without any relation between neighbours.
    fn coin(x: usize, y: usize) -> i16 {
        let h = (x as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15)
            ^ (y as u64 + 1).wrapping_mul(0xc2b2_ae3d_27d4_eb4f);
        let h = (h ^ (h >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        if (h ^ (h >> 32)) & 1 == 0 { 32 } else { -32 }
    }

    #[test]
    fn white_noise_counts_every_point_and_blocks_count_once() {
        let white = Texture::of(&map(128, coin));
        assert!(white.spread(&white, 0.0) < 1.2, "{}", white.spread(&white, 0.0));
        // Blocks of 4 × 4 equal points: the sum of the squared triangular
        // autocorrelation is (1 + 2·(9 + 4 + 1)/16)² = 7.6.
        let blocks = Texture::of(&map(256, |x, y| coin(x / 4, y / 4)));
        let spread = blocks.spread(&blocks, 0.0);
        assert!((6.5..8.5).contains(&spread), "{spread}");
    }

    #[test]
    fn parallel_lines_have_few_independent_points_only_where_they_run_alike() {
        let lines = Texture::of(&map(128, |x, _| coin(x, 0)));
        let crossed = lines.spread(&lines, std::f64::consts::FRAC_PI_2);
        assert!(lines.spread(&lines, 0.0) > 8.0 * crossed, "crossed {crossed}");
    }
}
