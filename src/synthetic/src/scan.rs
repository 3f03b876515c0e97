//! A confocal microscope looking at a casing.

use super::casing::Casing;
use super::random::{Field, Purpose, Stream, mix};
use ndarray::Array2;
use types::surface::{HeightMap, Mask, Pose};
use types::units::Metres;

/// A topography instrument and how the casing lay under it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Instrument {
    /// Seed of noise and drop-outs; two acquisitions differ in it.
    pub seed: u64,
    /// True lateral sampling along x and y.
    pub pitch: Metres,
    /// Points along x and y.
    pub points: (usize, usize),
    /// Where the gun's coordinates lie in the scan.
    pub scan_from_gun: Pose,
    /// Slope of the specimen along x and y (rise over run).
    pub tilt: (f64, f64),
    /// Relative error of the lateral scale: the file says `pitch`, the truth
    /// is `pitch·(1 + scale_error)`.
    pub scale_error: f64,
    /// Standard deviation of the height noise.
    pub noise: Metres,
    /// Slope from which points begin to be missed; at twice it all are.
    pub steepest: f64,
    /// Heights further below the primer's plane are out of the range.
    pub range_below: Metres,
    /// Share of impulsive outliers among the measured points.
    pub outliers: f64,
}

impl Default for Instrument {
    fn default() -> Self {
        Self {
            seed: 0,
            pitch: Metres::from_um(3.125),
            points: (1228, 1228),
            scan_from_gun: Pose::default(),
            tilt: (0.008, -0.005),
            scale_error: 0.0,
            noise: Metres::from_um(0.15),
            steepest: 0.55,
            range_below: Metres::from_um(130.0),
            outliers: 2e-4,
        }
    }
}

/// A simulated topography and what is true of it.
#[derive(Clone, Debug)]
pub struct Scan3d {
    /// The measured heights, `NaN` where the instrument saw nothing.
    pub map: HeightMap,
    /// Where the breech-face impression truly is and was measured.
    pub breech_face: Mask,
    /// Where the firing-pin impression truly is and was measured.
    pub firing_pin: Mask,
    /// Where the gun's coordinates lie in the scan.
    pub scan_from_gun: Pose,
}

/// The casing's surface on a grid of `points` (nx, ny): heights in µm with
/// shape `(ny, nx)` and the places in gun coordinates where it was read.
pub(super) struct Sampled {
    pub(super) z: Array2<f64>,
    pub(super) breech_face: Mask,
    pub(super) firing_pin: Mask,
}

impl Sampled {
    pub(super) fn of(
        casing: &Casing,
        points: (usize, usize),
        pitch: Metres,
        scan_from_gun: &Pose,
    ) -> Self {
        let gun_from_scan = scan_from_gun.inverse();
        let place = |(row, col): (usize, usize)| {
            let from_centre = |i: usize, n: usize| (i as f64 - (n as f64 - 1.0) / 2.0) * pitch.0;
            let (x, y) = (from_centre(col, points.0), from_centre(row, points.1));
            let (x, y) = gun_from_scan.apply(x, y);
            (x * 1e6, y * 1e6)
        };
        let shape = (points.1, points.0);
        let z = Array2::from_shape_fn(shape, |at| {
            let (x, y) = place(at);
            casing.height(x, y)
        });
        let mask = |on: fn(&Casing, f64, f64) -> bool| {
            Mask::from_shape_fn(shape, |at| {
                let (x, y) = place(at);
                on(casing, x, y)
            })
        };
        let breech_face = mask(Casing::on_breech_face);
        let firing_pin = mask(Casing::in_firing_pin);
        Self { z, breech_face, firing_pin }
    }

    /// Slopes along x and y at a point, by central differences.
    pub(super) fn slope(&self, (row, col): (usize, usize), pitch: Metres) -> (f64, f64) {
        let (ny, nx) = self.z.dim();
        let (left, right) = (col.saturating_sub(1), (col + 1).min(nx - 1));
        let (up, down) = (row.saturating_sub(1), (row + 1).min(ny - 1));
        let per_step = |rise: f64, steps: usize| rise / (steps.max(1) as f64 * pitch.um());
        (
            per_step(self.z[[row, right]] - self.z[[row, left]], right - left),
            per_step(self.z[[down, col]] - self.z[[up, col]], down - up),
        )
    }
}

/// Measures a casing's topography.
pub fn scan3d(casing: &Casing, instrument: &Instrument) -> Scan3d {
    let true_pitch = instrument.pitch * (1.0 + instrument.scale_error);
    let pose = instrument.scan_from_gun;
    let surface = Sampled::of(casing, instrument.points, true_pitch, &pose);
    let seed = mix(casing.seed, instrument.seed);
    let mut rng = Stream::new(seed, Purpose::Instrument);
    // Light that comes back or not is shared by neighbours: misses clump.
    let clumps = Field::texture(&mut rng, (12.0, 12.0), f64::INFINITY);
    let (cx, cy) =
        ((instrument.points.0 as f64 - 1.0) / 2.0, (instrument.points.1 as f64 - 1.0) / 2.0);
    let height = Array2::from_shape_fn(surface.z.dim(), |(row, col)| {
        let (noise, kind, size) = (rng.normal(), rng.unit(), rng.normal());
        let z = surface.z[[row, col]];
        let (sx, sy) = surface.slope((row, col), true_pitch);
        let steepness = (sx.hypot(sy) / instrument.steepest - 1.0).max(0.0);
        let (x, y) = ((col as f64 - cx) * true_pitch.um(), (row as f64 - cy) * true_pitch.um());
        let missed = steepness > 0.0 && 0.5 + 0.4 * clumps.at(x, y) < steepness;
        let sparse = clumps.at(1.3 * x, -0.9 * y) > 3.3;
        if missed || sparse || z < -instrument.range_below.um() {
            return f64::NAN;
        }
        // Steep places return false heights more often than flat ones.
        let outlier = kind < instrument.outliers * (1.0 + 60.0 * steepness);
        let error = if outlier { 12.0 * size } else { 0.0 };
        let tilted = instrument.tilt.0 * x + instrument.tilt.1 * y;
        (z + tilted + error + instrument.noise.um() * noise * (1.0 + 4.0 * steepness)) * 1e-6
    });
    let (mut breech_face, mut firing_pin) = (surface.breech_face, surface.firing_pin);
    breech_face.zip_mut_with(&height, |on, z| *on &= !z.is_nan());
    firing_pin.zip_mut_with(&height, |on, z| *on &= !z.is_nan());
    let map = HeightMap { z: height, pitch_x: instrument.pitch, pitch_y: instrument.pitch };
    Scan3d { map, breech_face, firing_pin, scan_from_gun: pose }
}
