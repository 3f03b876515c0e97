//! What a matcher compared, as it saw it: features of two marks, one laid on the
//! other, and both unrolled.

use super::colour::DIVERGING;
use super::frame::{Frame, sample};
use super::grey::png;
use image::{ExtendedColorType, Rgb, RgbImage};
use imageproc::drawing::draw_line_segment_mut;
use ndarray::Array2;
use types::comparison::{Cell, Comparison};
use types::error::Result;
use types::surface::Pose;
use types::units::{Angle, Metres};

/// Features beyond so many standard deviations are drawn alike.
const CLIP: f32 = 2.5;
/// Longest side of a panel, pixels.
const PANEL: usize = 640;
/// White between panels, pixels.
const GAP: u32 = 8;
/// Rows of a picture for each ring, and columns for each of 256 angles.
const RING: (u32, u32) = (5, 4);
/// Where there is nothing.
const NOTHING: Rgb<u8> = Rgb([255, 255, 255]);
/// Congruent cells, and the others.
const CELLS: [Rgb<u8>; 2] = [Rgb([0, 114, 60]), Rgb([120, 120, 120])];

/// Three panels beside each other, as PNG: B's features, A's laid on them, and
/// where both agree (orange) and contradict each other (blue). On the last are
/// the cells of a comparison, as they were cut from B or found in it: green if
/// congruent.
///
/// Features: shape (ny, nx), square points of side `pitch`, in standard
/// deviations, `NaN` where there is nothing.
///
/// # Errors
/// Where no PNG can be made.
pub fn laid_over(
    [a, b]: [&Array2<f32>; 2],
    pitch: Metres,
    b_from_a: &Pose,
    cells_of: Option<&Comparison>,
) -> Result<Vec<u8>> {
    let frame = panel(b.dim(), pitch);
    let square = (pitch, pitch);
    let of_b = sample(b.view(), square, &frame, &Pose::default());
    let of_a = sample(a.view(), square, &frame, &b_from_a.inverse());
    let mut last = colours(&agreement(&of_a, &of_b));
    for (c, cell) in cells_of.iter().flat_map(|c| c.cell_table.iter().map(move |cell| (c, cell))) {
        // Cut from B they stand upright there.
        let turn = if c.cells_of_b { 0.0 } else { cell.rotation_deg };
        draw_square(&mut last, &frame, cell, Metres::from_um(c.cell_um), Angle::from_deg(turn));
    }
    beside(&[greys(&of_b), greys(&of_a), last])
}

/// Three strips below each other, as PNG: A's rings as they lie on B's, B's, and
/// where both agree. Shape (rings, angles); the innermost ring is at the top of
/// its strip.
///
/// # Errors
/// Where no PNG can be made.
pub fn unrolled(a: &Array2<f32>, b: &Array2<f32>) -> Result<Vec<u8>> {
    let strips = [greys(a), greys(b), colours(&agreement(a, b))];
    let size = |strip: &RgbImage| (strip.width() * RING.1, strip.height() * RING.0);
    let larger = strips.map(|strip| {
        let (width, height) = size(&strip);
        image::imageops::resize(&strip, width, height, image::imageops::FilterType::Nearest)
    });
    let width = larger.iter().map(RgbImage::width).max().unwrap_or(0);
    let height = larger.iter().map(|strip| strip.height() + GAP).sum::<u32>();
    let mut all = RgbImage::from_pixel(width, height.saturating_sub(GAP), NOTHING);
    let mut top = 0;
    for strip in &larger {
        image::imageops::replace(&mut all, strip, 0, i64::from(top));
        top += strip.height() + GAP;
    }
    file(&all)
}

/// As large as a panel may be: features are coarse, so that a point is mostly
/// several pixels wide.
fn panel((ny, nx): (usize, usize), pitch: Metres) -> Frame {
    match PANEL / ny.max(nx).max(1) {
        0 => Frame::covering((ny, nx), (pitch, pitch), PANEL),
        times => {
            Frame { width: nx * times, height: ny * times, pixel: Metres(pitch.0 / times as f64) }
        }
    }
}

/// The product of both, the root of it with its sign: as large as what agrees.
fn agreement(a: &Array2<f32>, b: &Array2<f32>) -> Array2<f32> {
    let mut both = a.clone();
    both.zip_mut_with(b, |a, b| {
        let product = *a * b;
        *a = product.abs().sqrt().copysign(product);
    });
    both
}

fn greys(values: &Array2<f32>) -> RgbImage {
    drawn(values, |v| {
        let level = (127.5 + 127.5 * v).round() as u8;
        Rgb([level, level, level])
    })
}

fn colours(values: &Array2<f32>) -> RgbImage {
    drawn(values, |v| {
        let at = (v + 1.0) / 2.0 * (DIVERGING.len() - 1) as f32;
        let (below, above) = (at.floor() as usize, at.ceil() as usize);
        let share = at - at.floor();
        let level = |channel: usize| {
            let [low, high] = [below, above].map(|stop| f32::from(DIVERGING[stop][channel]));
            (low + share * (high - low)).round() as u8
        };
        Rgb([level(0), level(1), level(2)])
    })
}

/// A picture of values, −1 to 1 where they are clipped.
fn drawn(values: &Array2<f32>, colour: impl Fn(f32) -> Rgb<u8>) -> RgbImage {
    let (ny, nx) = values.dim();
    RgbImage::from_fn(nx as u32, ny as u32, |x, y| {
        let value = values[(y as usize, x as usize)];
        if value.is_finite() { colour((value / CLIP).clamp(-1.0, 1.0)) } else { NOTHING }
    })
}

/// The outline of a cell about its place on B.
fn draw_square(picture: &mut RgbImage, frame: &Frame, cell: &Cell, side: Metres, turn: Angle) {
    let half = side.0 / 2.0;
    let (s, c) = turn.rad().sin_cos();
    let corner = |u: f64, v: f64| {
        let (x, y) =
            (u * c - v * s + cell.found_x_um * 1e-6, u * s + v * c + cell.found_y_um * 1e-6);
        let place = |v: f64, count: usize| (v / frame.pixel.0 + (count as f64 - 1.0) / 2.0) as f32;
        (place(x, frame.width), place(y, frame.height))
    };
    let corners =
        [(-half, -half), (half, -half), (half, half), (-half, half)].map(|(u, v)| corner(u, v));
    let colour = CELLS[usize::from(!cell.congruent)];
    for k in 0..4 {
        draw_line_segment_mut(picture, corners[k], corners[(k + 1) % 4], colour);
    }
}

fn beside(panels: &[RgbImage]) -> Result<Vec<u8>> {
    let width = panels.iter().map(|panel| panel.width() + GAP).sum::<u32>();
    let height = panels.iter().map(RgbImage::height).max().unwrap_or(0);
    let mut all = RgbImage::from_pixel(width.saturating_sub(GAP), height, NOTHING);
    let mut left = 0;
    for panel in panels {
        image::imageops::replace(&mut all, panel, i64::from(left), 0);
        left += panel.width() + GAP;
    }
    file(&all)
}

fn file(picture: &RgbImage) -> Result<Vec<u8>> {
    let (width, height) = (picture.width() as usize, picture.height() as usize);
    png(picture.as_raw(), width, height, ExtendedColorType::Rgb8)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_mark_on_itself_agrees_and_on_its_negative_contradicts() {
        let a = Array2::from_shape_fn((40, 40), |(y, x)| ((x * 7 + y * 3) % 5) as f32 - 2.0);
        let negative = a.mapv(|v| -v);
        let shown = |b: &Array2<f32>| {
            let pitch = Metres::from_um(25.0);
            let bytes = laid_over([&a, b], pitch, &Pose::default(), None).unwrap();
            image::load_from_memory(&bytes).unwrap().to_rgb8()
        };
        let warm = |picture: &RgbImage| {
            let last = picture.enumerate_pixels().filter(|(x, _, _)| *x > picture.width() * 2 / 3);
            last.map(|(_, _, p)| i64::from(p.0[0]) - i64::from(p.0[2])).sum::<i64>()
        };
        assert!(warm(&shown(&a)) > 0 && warm(&shown(&negative)) < 0);
        assert_eq!(shown(&a).height(), 640);
    }
}
