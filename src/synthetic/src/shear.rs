//! Aperture shears: strips of parallel striae, as the edge of the aperture draws
//! them over the primer when the barrel drops.
//!
//! Each gun's edge has a profile of fine and coarse striae that changes slowly
//! along the mark. A shot repeats it imperfectly: striae of that shot alone are
//! added, part of the length is missing, gouges drop out, the surface is curved
//! and the casing lies turned under the microscope. Amplitudes follow the bullet
//! lands that stand in for shears (0.5–1.5 µm rms at 5–250 µm; correlation of
//! mated strips 0.6–0.9).

use super::random::{Field, Purpose, Stream, mix};
use ndarray::Array2;
use types::surface::{HeightMap, Mask};
use types::units::Metres;

/// How a shear came out, and how it was measured.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ShearConditions {
    /// Length across the striae of a complete shear, µm.
    pub across_um: f64,
    /// Length along them, µm.
    pub along_um: f64,
    /// Share of the length across that is missing, at one end or the other.
    pub missing: f64,
    /// Rms of the striae of one shot alone, in that of the gun's.
    pub own: f64,
    /// Rms of the measurement's noise, in that of the gun's striae.
    pub noise: f64,
    /// Gouges in which nothing was measured.
    pub gouges: u32,
    /// Sampling of the scan, µm.
    pub pitch_um: f64,
}

impl Default for ShearConditions {
    fn default() -> Self {
        Self {
            across_um: 1200.0,
            along_um: 350.0,
            missing: 0.3,
            own: 0.5,
            noise: 0.5,
            gouges: 3,
            pitch_um: 2.5,
        }
    }
}

/// Waves of the striae: standard deviation of the smoothing across and along
/// them, the waves taken away, and the rms in µm.
const WAVES: [((f64, f64), f64, f64); 3] =
    [((4.0, 1500.0), 60.0, 0.5), ((14.0, 1500.0), 200.0, 0.6), ((60.0, 2000.0), 600.0, 0.5)];

fn striae(seed: u64) -> Vec<(Field, f64)> {
    let mut rng = Stream::new(seed, Purpose::Striae);
    WAVES
        .iter()
        .map(|&(sigma, coarse, rms)| (Field::texture(&mut rng, sigma, coarse), rms))
        .collect()
}

fn height(fields: &[(Field, f64)], u: f64, v: f64) -> f64 {
    fields.iter().map(|(field, rms)| rms * field.at(u, v)).sum()
}

/// The shear that shot `shot` of the gun of `seed` leaves, as a scan turned at
/// random, and where on the scan it is. Heights in metres.
pub fn aperture_shear(seed: u64, shot: u64, c: &ShearConditions) -> (HeightMap, Mask) {
    let (edge, own) = (striae(seed), striae(mix(seed, shot)));
    let mut rng = Stream::new(mix(seed, shot), Purpose::Gouges);
    let turn = rng.between(0.0, std::f64::consts::TAU);
    let (s, cos) = turn.sin_cos();
    let lost = c.missing * c.across_um;
    let from = if rng.unit() < 0.5 { lost } else { 0.0 };
    let (low, high) = (from - c.across_um / 2.0, from + c.across_um / 2.0 - lost);
    let slide = rng.between(-0.1, 0.1) * c.along_um;
    let bend = rng.between(2e-6, 8e-6);
    let tilt = (rng.between(-0.02, 0.02), rng.between(-0.02, 0.02));
    let gouges: Vec<(f64, f64, f64)> = (0..c.gouges)
        .map(|_| {
            let place = (rng.between(low, high), rng.between(-0.5, 0.5) * c.along_um);
            (place.0, place.1, rng.between(15.0, 60.0))
        })
        .collect();
    let side = ((c.across_um.hypot(c.along_um) + 100.0) / c.pitch_um).ceil() as usize;
    let centre = (side as f64 - 1.0) / 2.0;
    let mut mask = Mask::from_elem((side, side), false);
    let mut z = Array2::from_elem((side, side), f64::NAN);
    for ((row, column), out) in z.indexed_iter_mut() {
        let (x, y) = ((column as f64 - centre) * c.pitch_um, (row as f64 - centre) * c.pitch_um);
        let noise = c.noise * rng.normal();
        let (u, v) = (cos * x + s * y, cos * y - s * x);
        let inside = (low..high).contains(&u) && v.abs() <= c.along_um / 2.0;
        mask[[row, column]] = inside;
        if gouges.iter().any(|g| (u - g.0).hypot(0.4 * (v - g.1)) < g.2) {
            continue;
        }
        let form = tilt.0 * x + tilt.1 * y + bend * (u * u + 4.0 * v * v);
        // Beside the mark the metal is as it was drawn.
        let drawn =
            if inside { height(&edge, u, v + slide) + c.own * height(&own, u, v) } else { 0.0 };
        *out = (form + drawn + noise) * 1e-6;
    }
    let pitch = Metres::from_um(c.pitch_um);
    (HeightMap { z, pitch_x: pitch, pitch_y: pitch }, mask)
}
