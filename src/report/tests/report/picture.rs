//! What `scan render` draws.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use image::GrayImage;
use imaging::acquire::{Format, Scan};
use ndarray::Array2;
use report::picture::{Lamp, render_scan};
use types::evidence::Digest;
use types::surface::{HeightMap, IntensityMap, Surface};
use types::units::Metres;

fn render(surface: Surface, max_side: usize) -> GrayImage {
    let scan = Scan {
        surface,
        file_mask: None,
        format: Format::X3p,
        sha256: Digest::of(b"scan"),
        bytes: 1,
        instrument: None,
        acquired: None,
        warnings: Vec::new(),
    };
    let file = render_scan(&scan, &Lamp::default(), max_side).unwrap();
    assert_eq!(file, render_scan(&scan, &Lamp::default(), max_side).unwrap());
    image::load_from_memory(&file).unwrap().into_luma8()
}

#[test]
fn a_tilted_scan_is_levelled_and_a_scratch_stands_out() {
    let z = Array2::from_shape_fn((300, 400), |(r, c)| {
        let missing = (20..60).contains(&r) && (300..380).contains(&c);
        let scratch = if (198..202).contains(&c) { -2e-6 } else { 0.0 };
        if missing { f64::NAN } else { 1e-6 * (r as f64) - 4e-7 * (c as f64) + scratch }
    });
    let pitch = Metres::from_um(3.0);
    let picture = render(Surface::Height(HeightMap { z, pitch_x: pitch, pitch_y: pitch }), 1000);
    assert_eq!(picture.dimensions(), (400, 300));
    let flat = picture.get_pixel(100, 100).0[0];
    assert!(flat.abs_diff(180) <= 3, "a level surface under a lamp at 45°: {flat}");
    let row: Vec<u8> = (190..210).map(|x| picture.get_pixel(x, 100).0[0]).collect();
    let (low, high) = (row.iter().min().unwrap(), row.iter().max().unwrap());
    assert!(high - low > 40, "{row:?}");
    let hole: std::collections::BTreeSet<u8> =
        (305..375).map(|x| picture.get_pixel(x, 40).0[0]).collect();
    assert_eq!(hole.len(), 2, "missing data are hatched in two greys");
}

#[test]
fn pixels_come_out_square_and_within_the_limit() {
    let v = Array2::from_elem((100, 400), 0.5);
    let map = IntensityMap { v, pitch_x: Metres::from_um(2.0), pitch_y: Metres::from_um(4.0) };
    let picture = render(Surface::Intensity(map), 200);
    assert_eq!(picture.dimensions(), (200, 100));
    assert_eq!(picture.get_pixel(150, 20).0[0], 128);
}
