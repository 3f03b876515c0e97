//! A comparison microscope's camera: the surface first, then light.

use super::casing::Casing;
use super::random::{Purpose, Stream, mix};
use super::scan::Sampled;
use ndarray::Array2;
use types::evidence::Light;
use types::surface::{IntensityMap, Mask, Pose};
use types::units::{Angle, Metres};

/// A camera and its lamps; the casing turns under them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Camera {
    /// Seed of the sensor's noise.
    pub seed: u64,
    /// Lateral sampling along x and y.
    pub pitch: Metres,
    /// Pixels along x and y.
    pub points: (usize, usize),
    /// Where the gun's coordinates lie in the image.
    pub image_from_gun: Pose,
    /// Ring light or one lamp from the side.
    pub light: Light,
    /// Direction from which the side lamp shines (0 = from the right).
    pub azimuth: Angle,
    /// Exposure; 1 puts flat brass at a fifth of full scale.
    pub exposure: f64,
}

impl Default for Camera {
    fn default() -> Self {
        Self {
            seed: 0,
            pitch: Metres::from_um(6.25),
            points: (640, 640),
            image_from_gun: Pose::default(),
            light: Light::Ring,
            azimuth: Angle::from_deg(-135.0),
            exposure: 1.0,
        }
    }
}

/// A simulated photograph and what is true of it.
#[derive(Clone, Debug)]
pub struct Photograph {
    /// Grey values, multiples of 1/255 (8 bit).
    pub image: IntensityMap,
    /// Where the breech-face impression truly is.
    pub breech_face: Mask,
    /// Where the firing-pin impression truly is.
    pub firing_pin: Mask,
    /// Where the gun's coordinates lie in the image.
    pub image_from_gun: Pose,
}

/// One distant lamp: unit vectors to the lamp and halfway to the camera.
struct Lamp {
    to_lamp: [f64; 3],
    halfway: [f64; 3],
}

impl Lamp {
    fn new(azimuth: f64, elevation: f64) -> Self {
        let (se, ce) = elevation.sin_cos();
        let to_lamp = [ce * azimuth.cos(), ce * azimuth.sin(), se];
        let length = (2.0 + 2.0 * se).sqrt();
        let halfway = [to_lamp[0] / length, to_lamp[1] / length, (to_lamp[2] + 1.0) / length];
        Self { to_lamp, halfway }
    }

    /// Blinn–Phong: a matt part and the broad gloss of struck brass.
    fn shade(&self, normal: &[f64; 3]) -> f64 {
        let dot = |a: &[f64; 3]| (a[0] * normal[0] + a[1] * normal[1] + a[2] * normal[2]).max(0.0);
        let gloss = dot(&self.halfway).powi(120);
        if dot(&self.to_lamp) > 0.0 { 0.1 * dot(&self.to_lamp) + 3.0 * gloss } else { 0.0 }
    }
}

fn lamps(camera: &Camera) -> Vec<Lamp> {
    match camera.light {
        Light::Side => vec![Lamp::new(camera.azimuth.rad(), 0.87)],
        Light::Ring | Light::Unknown => {
            (0..12).map(|i| Lamp::new(f64::from(i) * std::f64::consts::TAU / 12.0, 1.1)).collect()
        }
    }
}

/// Photographs a casing.
pub fn photograph(casing: &Casing, camera: &Camera) -> Photograph {
    let surface = Sampled::of(casing, camera.points, camera.pitch, &camera.image_from_gun);
    let lamps = lamps(camera);
    let mean = |normal: &[f64; 3]| {
        lamps.iter().map(|lamp| lamp.shade(normal)).sum::<f64>() / lamps.len() as f64
    };
    let gain = camera.exposure / (5.0 * mean(&[0.0, 0.0, 1.0]).max(1e-3));
    let mut rng = Stream::new(mix(casing.seed, camera.seed), Purpose::Camera);
    let (cx, cy) = ((camera.points.0 as f64 - 1.0) / 2.0, (camera.points.1 as f64 - 1.0) / 2.0);
    let v = Array2::from_shape_fn(surface.z.dim(), |(row, col)| {
        let (sx, sy) = surface.slope((row, col), camera.pitch);
        let length = (1.0 + sx * sx + sy * sy).sqrt();
        let normal = [-sx / length, -sy / length, 1.0 / length];
        // A deep groove or pit sees less of the lamps.
        let depth = (-surface.z[[row, col]] - 30.0).max(0.0);
        let open = 1.0 / (1.0 + (depth / 120.0).powi(2));
        let off_axis =
            ((col as f64 - cx) / cx.max(1.0)).powi(2) + ((row as f64 - cy) / cy.max(1.0)).powi(2);
        let light = gain * mean(&normal) * open * (1.0 - 0.12 * off_axis);
        let seen = light + rng.normal() * (0.0004 * light + 2.5e-5).sqrt();
        ((seen.clamp(0.0, 1.0) * 255.0).round() / 255.0) as f32
    });
    Photograph {
        image: IntensityMap { v, pitch_x: camera.pitch, pitch_y: camera.pitch },
        breech_face: surface.breech_face,
        firing_pin: surface.firing_pin,
        image_from_gun: camera.image_from_gun,
    }
}
