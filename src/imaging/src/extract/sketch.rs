//! The sketch of a mark: what of its texture does not depend on where it
//! lies, so that a gallery can be searched by one short transform a casing.
//!
//! The magnitudes of a map's Fourier coefficients do not change when the map
//! is shifted, and turn with it. Sampled in rings of equal frequency over half
//! a turn (the other half repeats it), they make the search over all shifts
//! and rotations a correlation over one angle. What a class of guns has in
//! common, the slope of the spectrum and the direction of tool marks, varies
//! slowly with frequency and angle; the magnitudes are divided by that
//! background, and what is left is the speckle that only the same surface
//! repeats: its coefficients agree in a share ρ², where the maps correlate by
//! ρ, but there are about a thousand of them.

use super::FeatureMap;
use super::plane::{Plane, smooth_side};
use realfft::RealFftPlanner;
use types::error::{Error, Kind, Result};
use types::message::say;

/// Rings of a sketch.
pub const RINGS: usize = 26;
/// Angles of a ring over half a turn; a step is 1.4°.
pub const ANGLES: usize = 128;
/// Harmonics kept of a ring.
pub const HARMONICS: usize = ANGLES / 2;
/// Bytes of a sketch: real and imaginary part of each harmonic.
pub const BYTES: usize = 2 * RINGS * HARMONICS;

/// Frequency of the first and the last ring, cycles per millimetre: waves of
/// 400–100 µm.
const BAND: (f64, f64) = (2.5, 10.0);
/// Pitch of the map, millimetres.
const PITCH: f64 = 0.025;
/// How far the background reaches, standard deviations in rings and angles.
const BACKGROUND: (f64, f64) = (4.0, 6.0);
/// A magnitude counts at most this many times its background.
const CLIP: f64 = 2.5;
/// Least side of the transform, so that the magnitudes are sampled more finely
/// than they vary.
const SIDE: usize = 256;

/// A mark's sketch: for each ring, from low to high frequency, the real
/// parts and then the imaginary parts of its [`HARMONICS`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sketch(pub Vec<i8>);

impl Sketch {
    /// That of a mark by which no gallery is screened.
    pub const fn empty() -> Self {
        Self(Vec::new())
    }

    /// Takes the sketch of a fine map.
    pub fn of(map: &FeatureMap) -> Self {
        let mut rings = magnitudes(map);
        divide_by_background(&mut rings);
        let fft = RealFftPlanner::<f64>::new().plan_fft_forward(ANGLES);
        let (mut spectrum, mut scratch) = (fft.make_output_vec(), fft.make_scratch_vec());
        let mut harmonics = Vec::with_capacity(BYTES);
        for (ring, values) in rings.chunks_exact_mut(ANGLES).enumerate() {
            // Higher rings have more independent angles.
            let weight = frequency(ring).sqrt();
            values.iter_mut().for_each(|v| *v *= weight);
            // The lengths are the plan's own, so this cannot fail.
            let done = fft.process_with_scratch(values, &mut spectrum, &mut scratch);
            debug_assert!(done.is_ok());
            harmonics.extend(spectrum.iter().take(HARMONICS).map(|c| c.re));
            harmonics.extend(spectrum.iter().take(HARMONICS).map(|c| c.im));
        }
        let most = harmonics.iter().fold(0.0f64, |a, v| a.max(v.abs()));
        let step = if most > 0.0 { most / 127.0 } else { 1.0 };
        Self(harmonics.iter().map(|v| (v / step).round() as i8).collect())
    }
}

impl Sketch {
    /// The sketch that these bytes are, as a template holds them.
    ///
    /// # Errors
    /// [`Kind::Damaged`] if they are too many or too few.
    pub fn of_bytes(bytes: &[u8]) -> Result<Self> {
        if bytes.len() == BYTES {
            return Ok(Self(bytes.iter().map(|&b| b as i8).collect()));
        }
        let what = say!("a sketch has {BYTES} bytes, not {}", bytes.len());
        Err(Error::new(Kind::Damaged, what).advise(say!("extract the mark's template again")))
    }

    /// How alike two marks are when this one is turned by each of [`ANGLES`]
    /// over half a turn, in steps of its own.
    pub fn over_turns(&self, other: &Self) -> Vec<f32> {
        let (mut re, mut im) = ([0i32; HARMONICS], [0i32; HARMONICS]);
        let rings = self.0.chunks_exact(2 * HARMONICS).zip(other.0.chunks_exact(2 * HARMONICS));
        for (a, b) in rings {
            for k in 0..HARMONICS {
                let part = |ring: &[i8], at: usize| i32::from(ring[at]);
                let (ar, ai) = (part(a, k), part(a, k + HARMONICS));
                let (br, bi) = (part(b, k), part(b, k + HARMONICS));
                re[k] += ar * br + ai * bi;
                im[k] += ar * bi - ai * br;
            }
        }
        let wave = |i: usize| (std::f64::consts::TAU * i as f64 / ANGLES as f64).sin_cos();
        let waves: Vec<(f64, f64)> = (0..ANGLES).map(wave).collect();
        let at = |turn: usize| {
            let sum = (1..HARMONICS).fold(0.0, |sum, k| {
                let (s, c) = waves[k * turn % ANGLES];
                sum + f64::from(re[k]) * c - f64::from(im[k]) * s
            });
            sum as f32
        };
        (0..ANGLES).map(at).collect()
    }
}

/// Frequency of a ring, cycles per millimetre.
fn frequency(ring: usize) -> f64 {
    BAND.0 + (BAND.1 - BAND.0) * ring as f64 / (RINGS - 1) as f64
}

/// The magnitudes of a map's spectrum: `RINGS × ANGLES`, ring by ring.
fn magnitudes(map: &FeatureMap) -> Vec<f64> {
    let side = smooth_side(SIDE.max(2 * map.nx.max(map.ny)));
    let spectrum = Plane::new(side).spectrum(|x, y| {
        let inside = x < map.nx && y < map.ny;
        if inside { f32::from(map.values[y * map.nx + x]) } else { 0.0 }
    });
    let steps = PITCH * side as f64;
    let at = |i: usize| {
        let angle = (i % ANGLES) as f64 * std::f64::consts::PI / ANGLES as f64;
        let radius = frequency(i / ANGLES) * steps;
        spectrum.magnitude(side, radius * angle.cos(), radius * angle.sin())
    };
    (0..RINGS * ANGLES).map(at).collect()
}

fn divide_by_background(rings: &mut [f64]) {
    let background = blurred(rings);
    for (v, b) in rings.iter_mut().zip(&background) {
        *v = if *b > 0.0 { (*v / b).min(CLIP) } else { 0.0 };
    }
    let level = blurred(rings);
    rings.iter_mut().zip(&level).for_each(|(v, l)| *v -= l);
}

/// Gaussian means over rings (the first and last repeated) and angles (which
/// close).
fn blurred(rings: &[f64]) -> Vec<f64> {
    let kernel = |sd: f64| {
        let reach = (4.0 * sd) as isize;
        let weights: Vec<(isize, f64)> =
            (-reach..=reach).map(|i| (i, (-0.5 * (i as f64 / sd).powi(2)).exp())).collect();
        let sum: f64 = weights.iter().map(|w| w.1).sum();
        weights.into_iter().map(move |(i, w)| (i, w / sum)).collect::<Vec<_>>()
    };
    let (across, along) = (kernel(BACKGROUND.0), kernel(BACKGROUND.1));
    let at = |values: &[f64], ring: isize, angle: isize| {
        let ring = ring.clamp(0, RINGS as isize - 1) as usize;
        values[ring * ANGLES + angle.rem_euclid(ANGLES as isize) as usize]
    };
    let each = |value: &dyn Fn(isize, isize) -> f64| -> Vec<f64> {
        let place = |i: usize| value((i / ANGLES) as isize, (i % ANGLES) as isize);
        (0..RINGS * ANGLES).map(place).collect()
    };
    let half = each(&|ring, angle| along.iter().map(|(d, w)| w * at(rings, ring, angle + d)).sum());
    each(&|ring, angle| across.iter().map(|(d, w)| w * at(&half, ring + d, angle)).sum())
}
