//! Light from one side, and how to undo it.
//!
//! Under a lamp of azimuth α a surface of small slopes has the brightness
//! `a + b·∂h/∂s`, s towards the lamp: in the Fourier domain heights times
//! `i·k·cos(φ − α)` (linear shape from shading, Pentland 1990). Two images of
//! a casing turned between them so differ by a factor that is negative for
//! some directions φ: plain correlation fails. The factor's amplitude is
//! visible in the image itself, as power that falls as cos²(φ − α), which
//! gives α up to half a turn; dividing by the factor, regularised as Wiener
//! does, leaves heights that only lack the waves across the light.
//!
//! The half turn is a convention: the lamp is taken to stand on the image's
//! right. Laboratories keep the lamp in one place, so the convention makes the
//! same choice for all their images as long as the lamp is not near the top or
//! bottom of the image.

use ndarray::{Array2, Zip};
use rustfft::{FftPlanner, num_complex::Complex};
use types::units::Metres;

/// Regularisation: directions within asin(√ε) ≈ 18° of across the light fade.
const EPSILON: f64 = 0.1;
/// Waves, in micrometres, whose power tells the lamp's direction.
const WAVES_UM: (f64, f64) = (50.0, 333.0);
/// Least anisotropy of the power that is put down to a lamp; a pure cos² has
/// 0.5.
const ANISOTROPY: f64 = 0.15;
/// A cos² has no fourth angular moment; parallel striae under ring light, the
/// other cause of anisotropy, have one of at least this share of the second.
const STRIATION: f64 = 0.3;

/// One lamp beside the specimen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Lamp {
    /// Direction towards it, from x towards y, radians in (−π/2, π/2].
    pub(super) azimuth: f64,
}

impl Lamp {
    /// The lamp that lit `features` (`NaN` outside), if it was one lamp.
    pub(super) fn of(features: &Array2<f32>, pitch: Metres) -> Option<Self> {
        let plane = Plane::of(features, pitch);
        let (mut sum, mut four, mut total) = (Complex::new(0.0, 0.0), Complex::new(0.0, 0.0), 0.0);
        plane.each(|(fx, fy), f| {
            if (1.0 / WAVES_UM.1..=1.0 / WAVES_UM.0).contains(&fx.hypot(fy)) {
                let power = f64::from(f.norm_sqr());
                sum += Complex::from_polar(power, 2.0 * fy.atan2(fx));
                four += Complex::from_polar(power, 4.0 * fy.atan2(fx));
                total += power;
            }
        });
        // The fourth moment along the second's direction.
        let fourth = (four * sum.conj().powu(2)).re / sum.norm_sqr().max(f64::MIN_POSITIVE);
        let lamp = sum.norm() > ANISOTROPY * total && fourth < STRIATION * sum.norm();
        lamp.then(|| Self { azimuth: sum.arg() / 2.0 })
    }

    /// `features` with the direction of the light divided out: relative
    /// heights of unit variance, `NaN` where `features` is.
    pub(super) fn undone(&self, features: &Array2<f32>, pitch: Metres) -> Array2<f32> {
        let mut plane = Plane::of(features, pitch);
        let (s, c) = self.azimuth.sin_cos();
        plane.apply(|fx, fy| {
            let k = fx.hypot(fy);
            if k == 0.0 {
                return Complex::default();
            }
            let along = (fx * c + fy * s) / k;
            Complex::new(0.0, (-along / (along * along + EPSILON) / k) as f32)
        });
        let mut out = plane.image(features.dim());
        let (mut n, mut energy) = (0_usize, 0.0);
        Zip::from(&mut out).and(features).for_each(|o, v| {
            if v.is_finite() {
                n += 1;
                energy += f64::from(*o).powi(2);
            } else {
                *o = f32::NAN;
            }
        });
        out /= (energy / n.max(1) as f64).sqrt().max(f64::from(f32::MIN_POSITIVE)) as f32;
        out
    }
}

/// A picture's two-dimensional spectrum, zeros where the picture is missing.
struct Plane {
    side: usize,
    step_um: f64,
    /// Row-major `side × side`, transposed: first index along x.
    spectrum: Vec<Complex<f32>>,
}

impl Plane {
    fn of(values: &Array2<f32>, pitch: Metres) -> Self {
        let (ny, nx) = values.dim();
        // Room for the filter's tail, so that opposite sides do not mix.
        let side = (ny.max(nx) * 5 / 4).next_power_of_two();
        let mut data = vec![Complex::default(); side * side];
        for (row, line) in data.chunks_exact_mut(side).zip(values.rows()) {
            for (to, &v) in row.iter_mut().zip(line) {
                to.re = if v.is_finite() { v } else { 0.0 };
            }
        }
        let fft = FftPlanner::new().plan_fft_forward(side);
        fft.process(&mut data);
        transpose(&mut data, side);
        fft.process(&mut data);
        Self { side, step_um: pitch.um(), spectrum: data }
    }

    /// Spatial frequency of index `i` in 1/µm.
    fn frequency(&self, i: usize) -> f64 {
        let i = if i > self.side / 2 { i as f64 - self.side as f64 } else { i as f64 };
        i / (self.side as f64 * self.step_um)
    }

    fn each(&self, mut visit: impl FnMut((f64, f64), &Complex<f32>)) {
        for (x, column) in self.spectrum.chunks_exact(self.side).enumerate() {
            for (y, v) in column.iter().enumerate() {
                visit((self.frequency(x), self.frequency(y)), v);
            }
        }
    }

    fn apply(&mut self, factor: impl Fn(f64, f64) -> Complex<f32>) {
        let frequencies: Vec<f64> = (0..self.side).map(|i| self.frequency(i)).collect();
        for (column, &fx) in self.spectrum.chunks_exact_mut(self.side).zip(&frequencies) {
            for (v, &fy) in column.iter_mut().zip(&frequencies) {
                *v *= factor(fx, fy);
            }
        }
    }

    fn image(mut self, (ny, nx): (usize, usize)) -> Array2<f32> {
        let fft = FftPlanner::new().plan_fft_inverse(self.side);
        fft.process(&mut self.spectrum);
        transpose(&mut self.spectrum, self.side);
        fft.process(&mut self.spectrum);
        let scale = 1.0 / (self.side * self.side) as f32;
        let at = |(y, x): (usize, usize)| self.spectrum.get(y * self.side + x);
        Array2::from_shape_fn((ny, nx), |p| at(p).map_or(0.0, |v| v.re * scale))
    }
}

fn transpose(data: &mut [Complex<f32>], side: usize) {
    for y in 0..side {
        for x in y + 1..side {
            data.swap(y * side + x, x * side + y);
        }
    }
}
