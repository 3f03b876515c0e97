//! Shaded relief: a matt surface under one distant lamp (Lambert's law).

use ndarray::Array2;
use types::units::Angle;

/// Where the light comes from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Lamp {
    /// Direction it comes from, clockwise from the top of the picture.
    pub azimuth: Angle,
    /// Height above the surface.
    pub elevation: Angle,
}

impl Default for Lamp {
    /// From the upper left, half-way up: what readers of relief expect.
    fn default() -> Self {
        Self { azimuth: Angle::from_deg(-45.0), elevation: Angle::from_deg(45.0) }
    }
}

/// How much to stretch heights (micrometres, pixels of `pixel_um`) so that the
/// usual slope becomes 0.45, which shades well; two digits, 1–99.
///
/// The squared slope of a Gaussian surface is exponentially distributed, so
/// its median over ln 2 is its mean; the median keeps the walls of a
/// firing-pin hole from flattening the rest.
pub fn exaggeration(heights_um: &Array2<f32>, pixel_um: f64) -> f64 {
    let squared = |(r, c)| slope(heights_um, r, c).map(|(zx, zy)| zx * zx + zy * zy);
    let mut steepness: Vec<f32> =
        ndarray::indices(heights_um.dim()).into_iter().filter_map(squared).collect();
    if steepness.is_empty() {
        return 1.0;
    }
    let middle = steepness.len() / 2;
    let (_, median, _) = steepness.select_nth_unstable_by(middle, f32::total_cmp);
    if *median <= 0.0 {
        return 1.0;
    }
    let usual = (f64::from(*median) / std::f64::consts::LN_2).sqrt() / pixel_um;
    let wanted = (0.45 / usual).clamp(1.0, 99.0);
    if wanted < 10.0 { (wanted * 10.0).round() / 10.0 } else { wanted.round() }
}

/// The relief as grey and alpha, two bytes a pixel, rows from the top;
/// transparent where the height is missing.
pub fn relief(heights_um: &Array2<f32>, pixel_um: f64, exaggeration: f64, lamp: &Lamp) -> Vec<u8> {
    let (sin_az, cos_az) = lamp.azimuth.rad().sin_cos();
    let (sin_el, cos_el) = lamp.elevation.rad().sin_cos();
    let (lx, ly, lz) = (sin_az * cos_el, -cos_az * cos_el, sin_el);
    let stretch = exaggeration / pixel_um;
    let mut out = Vec::with_capacity(2 * heights_um.len());
    for (r, c) in ndarray::indices(heights_um.dim()) {
        out.extend(match slope(heights_um, r, c) {
            Some((zx, zy)) => {
                let (zx, zy) = (f64::from(zx) * stretch, f64::from(zy) * stretch);
                let shade = (lz - lx * zx - ly * zy) / (1.0 + zx * zx + zy * zy).sqrt();
                [(255.0 * shade.clamp(0.04, 1.0)).round() as u8, 255]
            }
            None => [0, 0],
        });
    }
    out
}

/// Change of height per pixel along x and y, from both neighbours or the one
/// that holds data; none where the point itself is missing.
fn slope(z: &Array2<f32>, r: usize, c: usize) -> Option<(f32, f32)> {
    let here = z.get((r, c)).copied().filter(|v| v.is_finite())?;
    let at = |r: Option<usize>, c: Option<usize>| {
        z.get((r?, c?)).copied().filter(|v: &f32| v.is_finite())
    };
    let along = |before: Option<f32>, after: Option<f32>| match (before, after) {
        (Some(b), Some(a)) => (a - b) / 2.0,
        (Some(b), None) => here - b,
        (None, Some(a)) => a - here,
        (None, None) => 0.0,
    };
    let x = along(at(Some(r), c.checked_sub(1)), at(Some(r), c.checked_add(1)));
    let y = along(at(r.checked_sub(1), Some(c)), at(r.checked_add(1), Some(c)));
    Some((x, y))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_side_towards_the_lamp_is_bright() {
        let hill = Array2::from_shape_fn((21, 41), |(_, c)| 20.0 - (c as f32 - 20.0).abs());
        let lit = |azimuth| {
            let lamp = Lamp { azimuth: Angle::from_deg(azimuth), ..Lamp::default() };
            let grey = relief(&hill, 1.0, 1.0, &lamp);
            (grey[2 * (10 * 41 + 10)], grey[2 * (10 * 41 + 30)])
        };
        let (left, right) = lit(-90.0);
        assert!(left > right + 100, "{left} {right}");
        let (left, right) = lit(90.0);
        assert!(right > left + 100, "{left} {right}");
    }

    #[test]
    fn the_stretch_brings_out_the_face_and_ignores_a_deep_wall() {
        let ramp = Array2::from_shape_fn((40, 40), |(_, c)| 0.1 * c as f32);
        let walled = Array2::from_shape_fn((40, 40), |(r, c)| {
            0.1 * c as f32 - if r < 8 { 80.0 } else { 0.0 }
        });
        let (plain, wall) = (exaggeration(&ramp, 1.0), exaggeration(&walled, 1.0));
        assert!((plain - wall).abs() < 1e-9, "{plain} {wall}");
        assert!((3.0..4.5).contains(&plain), "{plain}");
    }

    #[test]
    fn a_flat_map_is_not_stretched_and_a_missing_point_is_transparent() {
        let mut flat = Array2::zeros((5, 5));
        flat[(2, 2)] = f32::NAN;
        assert!((exaggeration(&flat, 1.0) - 1.0).abs() < 1e-12);
        let grey = relief(&flat, 1.0, 1.0, &Lamp::default());
        assert_eq!(grey.chunks(2).filter(|p| p[1] == 0).count(), 1);
    }
}
