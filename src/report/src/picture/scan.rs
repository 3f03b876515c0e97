//! A raw scan as a picture, before any preparation.

use super::frame::{Frame, sample};
use super::grey::png;
use super::relief::{Lamp, exaggeration, relief};
use super::scale_bar::draw_scale_bar;
use image::{ExtendedColorType, GrayImage};
use ndarray::{Array2, ArrayView2};
use types::error::Result;
use types::scan::Scan;
use types::surface::{HeightMap, Pose, Surface};

/// `scan` as an 8-bit grey PNG with a scale bar, no side longer than
/// `max_side`, pixels square. Heights are levelled by a robust plane and shown
/// as shaded relief; images keep their brightness. Missing data are hatched.
pub fn render_scan(scan: &Scan, lamp: &Lamp, max_side: usize) -> Result<Vec<u8>> {
    let pitch = scan.surface.pitch();
    let frame = Frame::covering(scan.surface.dim(), pitch, max_side);
    let onto_frame = |v: ArrayView2<f32>| sample(v, pitch, &frame, &Pose::default());
    let shaded = match &scan.surface {
        Surface::Height(map) => {
            let heights = onto_frame(levelled(map).view());
            let pixel = frame.pixel.um();
            relief(&heights, pixel, exaggeration(&heights, pixel), lamp)
        }
        Surface::Intensity(map) => {
            let level =
                |v: &f32| [(255.0 * v.clamp(0.0, 1.0)).round() as u8, u8::from(v.is_finite())];
            onto_frame(map.v.view()).iter().flat_map(level).collect()
        }
    };
    let grey: Vec<u8> = shaded
        .chunks_exact(2)
        .enumerate()
        .map(|(i, pixel)| match *pixel {
            [level, alpha] if alpha > 0 => level,
            _ => hatch(i % frame.width, i / frame.width),
        })
        .collect();
    let size = (frame.width as u32, frame.height as u32);
    let mut picture = GrayImage::from_vec(size.0, size.1, grey).unwrap_or_default();
    draw_scale_bar(&mut picture, frame.pixel);
    png(&picture, frame.width, frame.height, ExtendedColorType::L8)
}

/// Heights in micrometres from the plane that most of them lie about.
pub(super) fn levelled(map: &HeightMap) -> Array2<f32> {
    let level = robust_plane(&map.z);
    Array2::from_shape_fn(map.z.dim(), |(r, c)| {
        let z = map.z.get((r, c)).copied().unwrap_or(f64::NAN);
        ((z - level.at(r, c)) * 1e6) as f32
    })
}

/// Thin dark diagonals on light grey: no surface looks like that.
const fn hatch(x: usize, y: usize) -> u8 {
    if (x + y) % 8 < 1 { 150 } else { 225 }
}

/// `z = mean + by_row·(row − row0) + by_col·(col − col0)`, in the map's unit.
struct Plane {
    mean: f64,
    row0: f64,
    col0: f64,
    by_row: f64,
    by_col: f64,
}

impl Plane {
    fn at(&self, row: usize, col: usize) -> f64 {
        self.mean + self.by_row * (row as f64 - self.row0) + self.by_col * (col as f64 - self.col0)
    }
}

/// Least squares repeated on the points within twice the median residual, so
/// that the firing-pin hole and the primer's edge do not tilt the picture.
fn robust_plane(z: &Array2<f64>) -> Plane {
    let stride = (z.len() / 40_000).max(1);
    let points: Vec<(usize, usize, f64)> = z
        .indexed_iter()
        .step_by(stride)
        .filter(|(_, v)| v.is_finite())
        .map(|((r, c), v)| (r, c, *v))
        .collect();
    let mut plane = fit(&points);
    for _ in 0..10 {
        let residual = |(r, c, v): &(usize, usize, f64)| (v - plane.at(*r, *c)).abs();
        let mut sizes: Vec<f64> = points.iter().map(residual).collect();
        if sizes.is_empty() {
            break;
        }
        let middle = sizes.len() / 2;
        let (_, median, _) = sizes.select_nth_unstable_by(middle, f64::total_cmp);
        let limit = 2.0 * *median;
        let near: Vec<_> = points.iter().copied().filter(|p| residual(p) <= limit).collect();
        plane = fit(&near);
    }
    plane
}

fn fit(points: &[(usize, usize, f64)]) -> Plane {
    let n = points.len().max(1) as f64;
    let mean = |f: &dyn Fn(&(usize, usize, f64)) -> f64| points.iter().map(f).sum::<f64>() / n;
    let (row0, col0) = (mean(&|p| p.0 as f64), mean(&|p| p.1 as f64));
    let z0 = mean(&|p| p.2);
    let row = |p: &(usize, usize, f64)| p.0 as f64 - row0;
    let col = |p: &(usize, usize, f64)| p.1 as f64 - col0;
    let (rr, cc, rc) =
        (mean(&|p| row(p) * row(p)), mean(&|p| col(p) * col(p)), mean(&|p| row(p) * col(p)));
    let (rz, cz) = (mean(&|p| row(p) * (p.2 - z0)), mean(&|p| col(p) * (p.2 - z0)));
    let determinant = rr * cc - rc * rc;
    let (by_row, by_col) = if determinant > 0.0 {
        ((rz * cc - cz * rc) / determinant, (cz * rr - rz * rc) / determinant)
    } else {
        (0.0, 0.0)
    };
    Plane { mean: z0, row0, col0, by_row, by_col }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deep_hole_does_not_tilt_the_plane() {
        let z = Array2::from_shape_fn((200, 300), |(r, c)| {
            let hole = (60..110).contains(&r) && (40..120).contains(&c);
            2e-8 * r as f64 - 3e-8 * c as f64 - if hole { 2e-4 } else { 0.0 }
        });
        let plane = robust_plane(&z);
        assert!((plane.by_row - 2e-8).abs() < 1e-10, "{}", plane.by_row);
        assert!((plane.by_col + 3e-8).abs() < 1e-10, "{}", plane.by_col);
    }

    #[test]
    fn an_empty_scan_has_a_plane_too() {
        let plane = robust_plane(&Array2::from_elem((4, 4), f64::NAN));
        assert!(plane.at(1, 1).abs() < 1e-12);
    }
}
