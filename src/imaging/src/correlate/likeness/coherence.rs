//! Coherence of two registered scans in a band of waves.

use super::grid::Grid;
use super::register::Affine;
use crate::prepare::low_pass;
use rustfft::{Fft, FftPlanner, num_complex::Complex};
use std::sync::Arc;
use types::units::Metres;

/// Longest waves of the maps whose coherence is taken, in the same pixels.
const LONGEST: f64 = 12.0;
/// Windows whose coherence is taken, at most, and at least.
const WINDOWS: (usize, usize) = (160, 6);
/// Side of a window in pixels of the coarser scan.
const WINDOW_PX: f64 = 32.0;
/// Power of a band that can be judged, as a share of the strongest frequency's.
/// A Hann window lets at most 1/30,000 of a wave through into the band (45 dB,
/// four frequencies away): a scan without detail of its own there shows the
/// longer waves' coherence, which mates share.
const FAINTEST: f64 = 1e-4;

/// Lanczos' windowed sinc of four lobes, for the coherence itself.
fn lanczos(t: f64) -> f64 {
    let sinc = |v: f64| if v.abs() < 1e-9 { 1.0 } else { v.sin() / v };
    if t.abs() >= 4.0 {
        return 0.0;
    }
    let turn = std::f64::consts::PI * t;
    sinc(turn) * sinc(turn / 4.0)
}

/// The mean coherence of the frequencies of a band, over windows of A and what
/// B has there; with the windows' area in mm².
pub fn coherence(
    a: &Grid,
    b: &Grid,
    map: &Affine,
    (short, long): (f64, f64),
    pixel: f64,
) -> Option<(f64, f64)> {
    // On the finer grid, so that what only the finer scan holds is not folded
    // into the band.
    let finest = a.px.0.min(a.px.1).min(b.px.0).min(b.px.1);
    let side = (WINDOW_PX * pixel / finest).round() as usize;
    let high = |grid: &Grid| {
        let long = low_pass(
            &grid.values,
            Metres::from_um((grid.px.0 * grid.px.1).sqrt()),
            Metres::from_um(LONGEST * pixel),
        );
        Grid { values: &grid.values - &long, px: grid.px, measured: grid.measured.clone() }
    };
    let (a, b) = (high(a), high(b));
    let (ny, nx) = a.values.dim();
    let width = side as f64 * finest;
    let (wide, tall) = (nx as f64 * a.px.0, ny as f64 * a.px.1);
    let (columns, rows) = ((2.0 * wide / width) as usize, (2.0 * tall / width) as usize);
    let corners: Vec<(f64, f64)> = (0..rows)
        .flat_map(|row| (0..columns).map(move |col| (row, col)))
        .map(|(row, col)| {
            let at = |n: usize, whole: f64| n as f64 * width / 2.0 - whole / 2.0;
            (at(col, wide), at(row, tall))
        })
        .filter(|&corner| a.holds(corner, width))
        .collect();
    let stride = corners.len().div_ceil(WINDOWS.0).max(1);
    let mut fourier = Fourier::new(side);
    let mut sums = vec![[0.0; 3]; side * side];
    let mut windows = 0;
    for &(left, top) in corners.iter().step_by(stride) {
        let place = |x: usize, y: usize| (left + x as f64 * finest, top + y as f64 * finest);
        let of_a = fourier.of(|x, y| a.sample::<4>(place(x, y), lanczos));
        let of_b = fourier.of(|x, y| b.sample::<4>(map.apply(place(x, y)), lanczos));
        let (Some(of_a), Some(of_b)) = (of_a, of_b) else { continue };
        windows += 1;
        for (sum, (p, q)) in sums.iter_mut().zip(of_a.iter().zip(&of_b)) {
            sum[0] += (p.conj() * q).re;
            sum[1] += p.norm_sqr();
            sum[2] += q.norm_sqr();
        }
    }
    if windows < WINDOWS.1 {
        return None;
    }
    let frequency = |i: usize| {
        let signed = if i > side / 2 { i as f64 - side as f64 } else { i as f64 };
        signed / width
    };
    let band = 1.0 / long..1.0 / short;
    let in_band: Vec<&[f64; 3]> = sums
        .iter()
        .enumerate()
        .filter(|(i, sum)| {
            let f = frequency(i % side).hypot(frequency(i / side));
            band.contains(&f) && sum[1] > 0.0 && sum[2] > 0.0
        })
        .map(|(_, sum)| sum)
        .collect();
    let n = in_band.len() as f64;
    let faint = |power: usize| {
        let strongest = sums.iter().map(|s| s[power]).fold(0.0, f64::max);
        in_band.iter().map(|s| s[power]).sum::<f64>() < n * FAINTEST * strongest
    };
    if in_band.is_empty() || faint(1) || faint(2) {
        return None;
    }
    let total: f64 = in_band.iter().map(|s| s[0] / (s[1] * s[2]).sqrt()).sum();
    Some((total / n, windows as f64 * width * width / 4.0 * 1e-6))
}

/// The transform of a square under a Hann window.
struct Fourier {
    side: usize,
    window: Vec<f64>,
    transform: Arc<dyn Fft<f64>>,
}

impl Fourier {
    fn new(side: usize) -> Self {
        let hann = |i: usize| {
            let turn = std::f64::consts::TAU * (i as f64 + 0.5) / side as f64;
            0.5 - 0.5 * turn.cos()
        };
        let transform = FftPlanner::new().plan_fft_forward(side);
        Self { side, window: (0..side).map(hann).collect(), transform }
    }

    /// Column by column; none where a value is missing.
    fn of(&mut self, at: impl Fn(usize, usize) -> f64) -> Option<Vec<Complex<f64>>> {
        let side = self.side;
        let values: Vec<f64> = (0..side * side).map(|i| at(i % side, i / side)).collect();
        if values.iter().any(|v| !v.is_finite()) {
            return None;
        }
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        let mut data: Vec<Complex<f64>> = values
            .iter()
            .enumerate()
            .map(|(i, v)| {
                let hann = self.window[i % side] * self.window[i / side];
                Complex::new((v - mean) * hann, 0.0)
            })
            .collect();
        self.transform.process(&mut data);
        let mut turned: Vec<Complex<f64>> =
            (0..side * side).map(|i| data[(i % side) * side + i / side]).collect();
        self.transform.process(&mut turned);
        Some(turned)
    }
}
