//! Seeded random numbers and random surfaces that are the same on every run.
//!
//! Only integers come from the generator; everything after that is plain
//! arithmetic in a fixed order, so that a seed means the same bytes at any
//! thread count.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// What a stream of random numbers is for: one seed feeds several, and adding
/// a draw to one leaves the others as they were.
#[derive(Clone, Copy)]
pub(super) enum Purpose {
    Finish = 1,
    ToolPath,
    SubClass,
    Wear,
    Pin,
    Shot,
    Residue,
    Contact,
    Ammunition,
    Flow,
    Ragged,
    Instrument,
    Camera,
    Gallery,
    Scores,
    Requests,
    Striae,
    Gouges,
    Tip,
    Strike,
}

/// A seeded stream of random numbers.
pub(super) struct Stream(ChaCha8Rng);

impl Stream {
    pub(super) fn new(seed: u64, purpose: Purpose) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        rng.set_stream(purpose as u64);
        Self(rng)
    }

    /// Uniform in [0, 1).
    pub(super) fn unit(&mut self) -> f64 {
        (self.0.next_u64() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// Uniform in [low, high).
    pub(super) fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }

    /// Nearly normal, mean 0 and variance 1: the sum of four 16-bit uniform
    /// numbers (Irwin–Hall), bounded by ±3.5. Smoothing makes it normal.
    pub(super) fn normal(&mut self) -> f64 {
        let bits = self.0.next_u64();
        let sum: u64 = (0..4).map(|i| (bits >> (16 * i)) & 0xffff).sum();
        (sum as f64 / 65535.0 - 2.0) * 3f64.sqrt()
    }
}

/// A new seed from a seed and a number (the SplitMix64 finaliser, Steele et
/// al. 2014): shot 3 of gun 7 has nothing in common with shot 7 of gun 3.
pub(super) const fn mix(seed: u64, number: u64) -> u64 {
    let mut z = seed
        .wrapping_mul(0xd134_2543_de82_ef95)
        .wrapping_add(number.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// A smooth random function of the plane, periodic in x and y, given by its
/// values on a grid. Lengths are in micrometres.
#[derive(Clone, Debug)]
pub(super) struct Field {
    nx: usize,
    ny: usize,
    period: f64,
    /// Row-major, x fastest.
    v: Vec<f32>,
}

impl Field {
    /// The period of every field along x and y: wider than a primer.
    pub(super) const PERIOD: f64 = 4096.0;

    /// Texture with mean 0 and rms 1 whose correlation length is about
    /// `1.7·sigma` along x and y (`sigma` of the smoothing Gaussian). Waves
    /// much longer than `coarse` are taken away; infinity keeps them.
    pub(super) fn texture(rng: &mut Stream, sigma: (f64, f64), coarse: f64) -> Self {
        let size = |s: f64| {
            let points = (Self::PERIOD * 1.25 / s).clamp(8.0, 1024.0);
            (points as usize).next_power_of_two().min(1024)
        };
        let (nx, ny) = (size(sigma.0), size(sigma.1));
        let v = (0..nx * ny).map(|_| rng.normal() as f32).collect();
        let mut field = Self { nx, ny, period: Self::PERIOD, v };
        field.smooth(sigma.0, sigma.1);
        if coarse.is_finite() {
            let mut long = field.clone();
            let rest = |s: f64| (coarse * coarse - s * s).max(0.0).sqrt();
            // Along a tool mark nothing is taken away: it is longer than that.
            long.smooth(rest(sigma.0), rest(sigma.1));
            field.v.iter_mut().zip(&long.v).for_each(|(a, b)| *a -= b);
        }
        field.normalise();
        field
    }

    /// The values of `height` on an `n × n` grid centred on the origin.
    pub(super) fn sampled(n: usize, height: impl Fn(f64, f64) -> f64) -> Self {
        let pitch = Self::PERIOD / n as f64;
        let at = |i: usize| (i as f64 - n as f64 / 2.0) * pitch;
        let v = (0..n * n).map(|i| height(at(i % n), at(i / n)) as f32).collect();
        Self { nx: n, ny: n, period: Self::PERIOD, v }
    }

    /// Smooths with a Gaussian of these standard deviations, periodically.
    pub(super) fn smooth(&mut self, sigma_x: f64, sigma_y: f64) {
        let (nx, ny) = (self.nx, self.ny);
        let x = kernel(sigma_x * nx as f64 / self.period, nx);
        let y = kernel(sigma_y * ny as f64 / self.period, ny);
        let reach = x.len() / 2;
        let mut wide = vec![0.0; nx + 2 * reach];
        for row in self.v.chunks_exact_mut(nx) {
            for (i, a) in wide.iter_mut().enumerate() {
                *a = row[(i + nx - reach) % nx];
            }
            row.fill(0.0);
            for (window, k) in wide.windows(nx).zip(&x) {
                row.iter_mut().zip(window).for_each(|(o, a)| *o += a * k);
            }
        }
        let source = self.v.clone();
        let reach = y.len() / 2;
        for (j, out) in self.v.chunks_exact_mut(nx).enumerate() {
            out.fill(0.0);
            for (t, k) in y.iter().enumerate() {
                let from = (j + t + ny - reach) % ny * nx;
                let row = &source[from..from + nx];
                out.iter_mut().zip(row).for_each(|(o, a)| *o += a * k);
            }
        }
    }

    fn normalise(&mut self) {
        let n = self.v.len() as f64;
        let mean = self.v.iter().map(|&a| f64::from(a)).sum::<f64>() / n;
        let var = self.v.iter().map(|&a| (f64::from(a) - mean).powi(2)).sum::<f64>() / n;
        let scale = if var > 0.0 { 1.0 / var.sqrt() } else { 0.0 };
        self.v.iter_mut().for_each(|a| *a = ((f64::from(*a) - mean) * scale) as f32);
    }

    /// The value at `(x, y)` by cubic (Catmull–Rom) interpolation.
    pub(super) fn at(&self, x: f64, y: f64) -> f64 {
        let (ix, wx) = taps(x / self.period, self.nx);
        let (iy, wy) = taps(y / self.period, self.ny);
        let mut sum = 0.0;
        for (j, wj) in iy.iter().zip(wy) {
            let row = &self.v[j * self.nx..(j + 1) * self.nx];
            let along: f64 = ix.iter().zip(wx).map(|(&i, wi)| f64::from(row[i]) * wi).sum();
            sum += along * wj;
        }
        sum
    }
}

/// The four grid points around a position (in periods; 0 is the grid's centre)
/// and their weights.
fn taps(position: f64, n: usize) -> ([usize; 4], [f64; 4]) {
    let p = (position + 0.5) * n as f64;
    let floor = p.floor();
    let t = p - floor;
    let first = (floor as i64 - 1).rem_euclid(n as i64) as usize;
    let index = std::array::from_fn(|i| (first + i) % n);
    let weights = [
        0.5 * t * ((2.0 - t) * t - 1.0),
        0.5 * (t * t * (3.0 * t - 5.0) + 2.0),
        0.5 * t * ((4.0 - 3.0 * t) * t + 1.0),
        0.5 * t * t * (t - 1.0),
    ];
    (index, weights)
}

/// A Gaussian of standard deviation `sigma` pixels, cut at 3σ, of sum 1 and
/// no longer than the grid of `n` points it is used on.
fn kernel(sigma: f64, n: usize) -> Vec<f32> {
    let reach = ((3.0 * sigma).ceil() as i64).min((n as i64 - 1) / 2);
    let weight = |i: i64| {
        if i == 0 { 1.0 } else { (-0.5 * (i as f64 / sigma).powi(2)).exp() }
    };
    let total: f64 = (-reach..=reach).map(weight).sum();
    (-reach..=reach).map(|i| (weight(i) / total) as f32).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_texture_has_unit_rms_and_the_asked_correlation_length() {
        let sigma = 40.0;
        let mut rng = Stream::new(7, Purpose::Finish);
        let field = Field::texture(&mut rng, (sigma, sigma), f64::INFINITY);
        let mut products = [0.0; 2];
        let lag = 2.0 * (2f64.ln()).sqrt() * sigma;
        for i in 0..200 {
            for j in 0..200 {
                let (x, y) = (f64::from(i) * 20.0, f64::from(j) * 20.0);
                let a = field.at(x, y);
                products[0] += a * a / 40_000.0;
                products[1] += a * field.at(x + lag, y) / 40_000.0;
            }
        }
        assert!((products[0] - 1.0).abs() < 0.1, "{products:?}");
        assert!((products[1] / products[0] - 0.5).abs() < 0.1, "{products:?}");
    }

    #[test]
    fn seeds_and_purposes_give_different_numbers() {
        let first = |seed, purpose| Stream::new(seed, purpose).unit();
        assert_eq!(first(1, Purpose::Shot), first(1, Purpose::Shot));
        assert_ne!(first(1, Purpose::Shot), first(2, Purpose::Shot));
        assert_ne!(first(1, Purpose::Shot), first(1, Purpose::Pin));
        assert_ne!(mix(3, 7), mix(7, 3));
    }
}
