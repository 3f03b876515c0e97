//! The coarse stage: a whole gallery, a few microseconds a casing.
//!
//! It sorts out by the sketch, which needs the texture of a whole mark:
//! a fragment's agrees with the whole mark's hardly better than by chance, and
//! so does that of a photograph, whose texture follows the light. Neither is
//! ever left out: they are verified against everything.

use crate::extract::sketch::{ANGLES, BYTES, HARMONICS, RINGS, Sketch};
use rayon::prelude::*;
use realfft::{ComplexToReal, RealFftPlanner};
use rustfft::num_complex::Complex;
use std::sync::Arc;
use types::error::Result;
use types::evidence::{MarkKind, Modality};

/// A gallery of sketches, by their numbers from 0.
pub trait Sketches: Sync {
    /// Shows the sketches of all casings in their order, some at a time, each
    /// [`BYTES`] long.
    ///
    /// # Errors
    /// Where they cannot be read.
    fn each(&self, show: &mut dyn FnMut(&[u8])) -> Result<()>;

    /// The sketch of one casing.
    ///
    /// # Errors
    /// Where it cannot be read.
    fn sketch(&self, number: usize) -> Result<Sketch>;
}

/// The sketches of a gallery, one after the other in memory.
#[derive(Clone, Debug, Default)]
pub struct Screen(Vec<u8>);

impl Screen {
    /// Adds a casing; it gets the next number.
    pub fn push(&mut self, sketch: &Sketch) {
        self.0.extend(sketch.0.iter().map(|&v| v as u8));
    }

    /// Casings in the screen.
    pub fn len(&self) -> usize {
        self.0.len() / BYTES
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How alike each casing's texture is to the probe's at the best rotation:
    /// a correlation coefficient, in the order of the casings.
    pub fn similarities(&self, probe: &Sketch) -> Vec<f32> {
        let mut scanner = Scanner::new(probe);
        self.0.chunks_exact(BYTES).map(|c| scanner.similarity(c) * scale(c)).collect()
    }
}

impl Sketches for Screen {
    fn each(&self, show: &mut dyn FnMut(&[u8])) -> Result<()> {
        show(&self.0);
        Ok(())
    }

    fn sketch(&self, number: usize) -> Result<Sketch> {
        Sketch::of_bytes(self.0.chunks_exact(BYTES).nth(number).unwrap_or_default())
    }
}

/// Casings that one thread looks at before it takes another share.
const SHARE: usize = 512;

/// [`Screen::similarities`] of each probe to the whole gallery, which is read
/// once and in parallel; nothing but the outcome is held.
///
/// # Errors
/// Those of the gallery.
pub fn similarities(gallery: &dyn Sketches, probes: &[Sketch]) -> Result<Vec<Vec<f32>>> {
    let mut found = vec![Vec::new(); probes.len()];
    if probes.is_empty() {
        return Ok(found);
    }
    gallery.each(&mut |sketches| {
        let shares: Vec<&[u8]> = sketches.chunks(SHARE * BYTES).collect();
        let scales: Vec<Vec<f32>> =
            shares.par_iter().map(|s| s.chunks_exact(BYTES).map(scale).collect()).collect();
        let tasks: Vec<(usize, usize)> =
            (0..probes.len()).flat_map(|p| (0..shares.len()).map(move |s| (p, s))).collect();
        let task = |&(p, s): &(usize, usize)| -> Vec<f32> {
            let mut scanner = Scanner::new(&probes[p]);
            let casings = shares[s].chunks_exact(BYTES).zip(&scales[s]);
            casings.map(|(casing, scale)| scanner.similarity(casing) * scale).collect()
        };
        let parts: Vec<Vec<f32>> = tasks.par_iter().map(task).collect();
        tasks.iter().zip(parts).for_each(|((p, _), part)| found[*p].extend(part));
    })?;
    Ok(found)
}

/// A mark with less than this share of its gallery's median area is a fragment
/// (Fadul, with noise of one standard deviation: 70 % of a mark's area ranks
/// every mate first, 50 % down to the fifth place, 30 % by chance).
const WHOLE: f64 = 0.65;

/// Which marks of a gallery of one kind and modality the screen can judge, by the points
/// of their fine maps.
pub fn can_be_screened(kind: MarkKind, modality: Modality, points: &[usize]) -> Vec<bool> {
    let mut areas = points.to_vec();
    areas.sort_unstable();
    let median = areas.get(areas.len() / 2).copied().unwrap_or_default();
    let whole = |&points: &usize| points as f64 >= WHOLE * median as f64;
    // No sketch of a profile was found yet that screens soundly.
    let any = modality == Modality::Topography && !kind.is_striated();
    points.iter().map(|points| any && whole(points)).collect()
}

/// What the screen made of one probe.
#[derive(Clone, Debug, PartialEq)]
pub struct Shortlist {
    /// To be verified: numbers in the gallery, ascending.
    pub verify: Vec<usize>,
    /// How alike the last one is that was taken for its similarity; all that
    /// are left out are less alike.
    pub floor: f32,
}

/// Whether a probe with so many others to be compared with is screened at all;
/// otherwise it is verified against all of them.
pub fn is_screened(screened: bool, others: usize, keep: usize) -> bool {
    screened && others > keep
}

/// The shortlist of a probe among the marks `others`, whose similarities to it
/// are `similar`: the `keep` most alike (and all that are as alike as the last
/// of them), those that are at least as alike as their own shortlist's `floor`,
/// and all that cannot be screened.
pub fn shortlist(
    similar: &[f32],
    screened: &[bool],
    floors: &[Option<f32>],
    others: &[usize],
    keep: usize,
) -> Shortlist {
    let mut ranked: Vec<f32> =
        others.iter().filter(|&&b| screened[b]).map(|&b| similar[b]).collect();
    ranked.sort_unstable_by(|a, b| b.total_cmp(a));
    let floor = match keep.checked_sub(1) {
        None => f32::MAX,
        Some(last) => ranked.get(last).copied().unwrap_or(f32::MIN),
    };
    let wanted = |b: usize| {
        !screened[b] || similar[b] >= floor || floors[b].is_some_and(|f| similar[b] >= f)
    };
    let verify = others.iter().copied().filter(|&b| wanted(b)).collect();
    Shortlist { verify, floor }
}

/// One over the length of the vector of a ring's values over all angles, of
/// which the harmonics are the transform (Parseval; each but the zeroth stands
/// for two, and the zeroth is empty but for rounding).
fn scale(harmonics: &[u8]) -> f32 {
    let square = |&v: &u8| i32::from(v as i8) * i32::from(v as i8);
    let sum: i32 = harmonics.iter().map(square).sum();
    if sum > 0 { 1.0 / (2.0 * sum as f32).sqrt() } else { 0.0 }
}

/// A probe and the working memory of one search.
struct Scanner {
    probe: Vec<f32>,
    scale: f32,
    inverse: Arc<dyn ComplexToReal<f32>>,
    re: [f32; HARMONICS],
    im: [f32; HARMONICS],
    spectrum: Vec<Complex<f32>>,
    correlation: Vec<f32>,
    scratch: Vec<Complex<f32>>,
}

impl Scanner {
    fn new(probe: &Sketch) -> Self {
        let inverse = RealFftPlanner::<f32>::new().plan_fft_inverse(ANGLES);
        Self {
            probe: probe.0.iter().map(|&v| f32::from(v)).collect(),
            scale: scale(&probe.0.iter().map(|&v| v as u8).collect::<Vec<_>>()),
            re: [0.0; HARMONICS],
            im: [0.0; HARMONICS],
            spectrum: inverse.make_input_vec(),
            correlation: inverse.make_output_vec(),
            scratch: inverse.make_scratch_vec(),
            inverse,
        }
    }

    /// The greatest value of the correlation over all angles, to be multiplied
    /// by the casing's scale.
    fn similarity(&mut self, casing: &[u8]) -> f32 {
        (self.re, self.im) = ([0.0; HARMONICS], [0.0; HARMONICS]);
        let rings = self.probe.chunks_exact(2 * HARMONICS).zip(casing.chunks_exact(2 * HARMONICS));
        debug_assert_eq!(rings.len(), RINGS);
        for (a, b) in rings {
            let ((a_re, a_im), (b_re, b_im)) = (a.split_at(HARMONICS), b.split_at(HARMONICS));
            for k in 0..HARMONICS {
                let (re, im) = (f32::from(b_re[k] as i8), f32::from(b_im[k] as i8));
                self.re[k] += a_re[k] * re + a_im[k] * im;
                self.im[k] += a_re[k] * im - a_im[k] * re;
            }
        }
        for ((c, re), im) in self.spectrum.iter_mut().zip(&self.re).zip(&self.im) {
            *c = Complex::new(*re, *im);
        }
        // What a real signal's spectrum has at its ends.
        self.spectrum[0].im = 0.0;
        self.spectrum[HARMONICS] = Complex::default();
        let done = self.inverse.process_with_scratch(
            &mut self.spectrum,
            &mut self.correlation,
            &mut self.scratch,
        );
        debug_assert!(done.is_ok());
        self.correlation.iter().fold(f32::MIN, |a, &b| a.max(b)) * self.scale
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::{FeatureMap, Turnable, turned};

    /// Smooth noise in a ring about a centre; `seed` is the surface.
    fn mark(seed: u64) -> FeatureMap {
        let n = 144;
        let phase = |k: u64| {
            let h = (seed << 20 | k).wrapping_mul(0x9e37_79b9_7f4a_7c15);
            ((h ^ h >> 31).wrapping_mul(0xbf58_476d_1ce4_e5b9) >> 40) as f64 / 16_777_216.0
        };
        let waves: Vec<(f64, f64, f64)> = (0..200)
            .map(|k| {
                let (f, t) = (0.08 + 0.16 * phase(3 * k), phase(3 * k + 1) * 3.2);
                let f = f * std::f64::consts::TAU;
                (f * t.cos(), f * t.sin(), phase(3 * k + 2) * std::f64::consts::TAU)
            })
            .collect();
        let at = |i: usize| ((i % n) as f64 - 70.0, (i / n) as f64 - 74.0);
        let present = |i: usize| (30.0..66.0).contains(&at(i).0.hypot(at(i).1));
        let value = |i: usize| {
            let (x, y) = at(i);
            let sum: f64 = waves.iter().map(|(u, v, p)| (u * x + v * y + p).sin()).sum();
            if present(i) { (3.0 * sum) as i16 } else { 0 }
        };
        let mask = (0..n * n).map(|i| i16::from(present(i))).collect();
        FeatureMap::new(n, n, (0..n * n).map(value).collect(), mask)
    }

    #[test]
    fn a_mark_finds_itself_turned_and_shifted_far_above_the_others() {
        let mut screen = Screen::default();
        (0..40).for_each(|seed| screen.push(&Sketch::of(&mark(seed))));
        let open = FeatureMap::new(144, 144, vec![0; 144 * 144], vec![1; 144 * 144]);
        for (seed, turn) in [(3u64, 0.7), (20, 3.0), (39, -1.9)] {
            let probe =
                Sketch::of(&turned(&Turnable::of(&mark(seed)), turn, (5.0, -3.0), &open, 0));
            let found = screen.similarities(&probe);
            let own = found[seed as usize];
            let others = found.iter().enumerate().filter(|(i, _)| *i as u64 != seed);
            let best = others.fold(f32::MIN, |a, (_, &v)| a.max(v));
            assert!(own > 0.5 && own > 2.0 * best, "seed {seed}: {own} against {best}");
            assert!(own <= 1.01);
        }
    }

    #[test]
    fn an_empty_mark_is_like_nothing() {
        let empty = Sketch::of(&FeatureMap::new(16, 16, vec![0; 256], vec![0; 256]));
        let mut screen = Screen::default();
        screen.push(&empty);
        screen.push(&Sketch::of(&mark(1)));
        assert_eq!(screen.similarities(&empty), [0.0, 0.0]);
    }
}
