//! Unrolled marks: rings about the anchor as Fourier series, so that a
//! correlation over all rotations is one short inverse transform.

use super::FeatureMap;
use realfft::RealFftPlanner;
use rustfft::num_complex::Complex;

/// Rings of an unrolled mark.
pub const RINGS: usize = 16;
/// Distance between rings in coarse pixels (120 µm).
pub const SPACING: f64 = 2.4;
/// Angles of a ring; a step is 2.8°.
pub const ANGLES: usize = 128;
/// Complex coefficients of a real series of that length.
pub const BINS: usize = ANGLES / 2 + 1;
/// Coefficients kept of a ring's mask, which is smooth.
pub const MASK_BINS: usize = 17;

/// The Fourier series of a mark's rings about one centre.
#[derive(Clone, Debug, PartialEq)]
pub struct Unrolled {
    /// Features times √radius: `RINGS × BINS`, ring by ring.
    pub features: Vec<Complex<f32>>,
    /// Mask times √radius: `RINGS × MASK_BINS`.
    pub mask: Vec<Complex<f32>>,
    /// Area in the measure of the mask's correlation: Σ radius·mask.
    pub area: f32,
}

/// Unrolls `map` about `(cx, cy)`, pixels from its grid centre; ring k has the
/// radius `(k + 1) ·` [`SPACING`].
pub fn unroll(map: &FeatureMap, centre: (f64, f64)) -> Unrolled {
    let fft = RealFftPlanner::<f32>::new().plan_fft_forward(ANGLES);
    let mut out = Unrolled {
        features: Vec::with_capacity(RINGS * BINS),
        mask: Vec::with_capacity(RINGS * MASK_BINS),
        area: 0.0,
    };
    let mut spectrum = fft.make_output_vec();
    let mut scratch = fft.make_scratch_vec();
    let (ox, oy) = (centre.0 + (map.nx as f64 - 1.0) / 2.0, centre.1 + (map.ny as f64 - 1.0) / 2.0);
    for ring in 0..RINGS {
        let r = (ring + 1) as f64 * SPACING;
        let (mut values, mut mask) = (vec![0.0f32; ANGLES], vec![0.0f32; ANGLES]);
        for (a, (v, m)) in values.iter_mut().zip(&mut mask).enumerate() {
            let (s, c) = (a as f64 * std::f64::consts::TAU / ANGLES as f64).sin_cos();
            (*v, *m) = sample(map, ox + r * c, oy + r * s);
            out.area += r as f32 * *m;
            *v *= r.sqrt() as f32;
            *m *= r.sqrt() as f32;
        }
        for (signal, keep, into) in
            [(&mut values, BINS, &mut out.features), (&mut mask, MASK_BINS, &mut out.mask)]
        {
            // Lengths are the plan's own, so this cannot fail.
            let done = fft.process_with_scratch(signal, &mut spectrum, &mut scratch);
            debug_assert!(done.is_ok());
            into.extend_from_slice(&spectrum[..keep]);
        }
    }
    out
}

/// Feature and mask at a point, bilinear; zero outside.
fn sample(map: &FeatureMap, x: f64, y: f64) -> (f32, f32) {
    if x < 0.0 || y < 0.0 {
        return (0.0, 0.0);
    }
    let (ix, iy) = (x as usize, y as usize);
    if ix + 1 >= map.nx || iy + 1 >= map.ny {
        return (0.0, 0.0);
    }
    let (tx, ty) = ((x - ix as f64) as f32, (y - iy as f64) as f32);
    let i = iy * map.nx + ix;
    let mix = |v: &[i16]| {
        let at = |i: usize| f32::from(v[i]);
        (at(i) * (1.0 - tx) + at(i + 1) * tx) * (1.0 - ty)
            + (at(i + map.nx) * (1.0 - tx) + at(i + map.nx + 1) * tx) * ty
    };
    (mix(&map.values) / super::UNIT, mix(&map.mask))
}
