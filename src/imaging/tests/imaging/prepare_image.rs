//! Images: the mark is found, and its features survive a turn under the lamp.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use imaging::acquire::{ReadOptions, Scan, read_scan};
use imaging::prepare::{PreparedMark, Recipe, Verdict, prepare};
use ndarray::Array2;
use synthetic::{BreechFinish, Camera, Conditions, Firearm, fire, photograph};
use types::error::Kind;
use types::evidence::{Light, MarkKind};
use types::surface::{IntensityMap, Mask, Pose, Surface};
use types::units::{Angle, Metres};

fn scan(image: IntensityMap) -> Scan {
    testkit::scan_of(Surface::Intensity(image))
}

fn breech_face(scan: &Scan) -> PreparedMark {
    prepare(scan, MarkKind::BreechFace, &Recipe::default()).unwrap()
}

fn camera(light: Light, turn: f64) -> Camera {
    let image_from_gun = Pose { rotation: Angle::from_deg(turn), ..Pose::default() };
    Camera { light, image_from_gun, azimuth: Angle::from_deg(10.0), ..Camera::default() }
}

fn says_side(mark: &PreparedMark) -> bool {
    mark.quality.reasons.iter().any(|r| r.contains("one side"))
}

#[test]
fn the_impression_and_its_light_are_found_on_a_whole_head() {
    for finish in [BreechFinish::Granular, BreechFinish::Milled] {
        let casing = fire(&Firearm::new(5, finish), 0, Conditions::default());
        let photo = photograph(&casing, &camera(Light::Ring, 0.0));
        let truth = photo.breech_face;
        let scan = scan(photo.image);
        let mark = breech_face(&scan);
        let found = mark.mask_on(&scan.surface);
        let count = |mask: &Mask| mask.iter().filter(|on| **on).count() as f64;
        let covered = count(&(&found & &truth)) / count(&truth);
        assert!(covered > 0.85, "{finish:?}: {covered:.2} of the impression was found");
        // Nothing beyond the primer's flat, which is the impression and what it encloses.
        let reach = truth.indexed_iter().filter(|(_, on)| **on).map(|(p, _)| radius(p, &truth));
        let reach = reach.fold(0.0, f64::max) + 8.0;
        let beyond = found.indexed_iter().filter(|(p, on)| **on && radius(*p, &found) > reach);
        assert_eq!(beyond.count(), 0, "{finish:?}");
        assert!(!says_side(&mark), "{finish:?}: ring light taken for side light");
    }
}

/// Distance of a pixel from the image's centre, in pixels.
fn radius((y, x): (usize, usize), mask: &Mask) -> f64 {
    let (ny, nx) = mask.dim();
    (y as f64 - (ny as f64 - 1.0) / 2.0).hypot(x as f64 - (nx as f64 - 1.0) / 2.0)
}

/// Correlation at the known pose of two images of one casing, turned a
/// quarter between them, under a lamp that stayed where it was.
#[test]
fn side_light_is_undone() {
    let casing = fire(&Firearm::new(5, BreechFinish::Granular), 0, Conditions::default());
    let shot = |turn| scan(photograph(&casing, &camera(Light::Side, turn)).image);
    let (a, b) = (shot(0.0), shot(90.0));
    let grey = |s: &Scan| match &s.surface {
        Surface::Intensity(i) => i.v.clone(),
        Surface::Height(_) => panic!("an image was made"),
    };
    let (fa, fb) = (breech_face(&a), breech_face(&b));
    assert!(says_side(&fa) && says_side(&fb));
    let half = |m: &PreparedMark| (m.scan_from_mark.dx / m.pitch, m.scan_from_mark.dy / m.pitch);
    let features = quarter_turn_correlation(&fa.values, half(&fa), &fb.values, half(&fb));
    let inside = |s: &Scan, m: &PreparedMark| {
        let mask = m.mask_on(&s.surface);
        let mut v = grey(s);
        v.zip_mut_with(&mask, |v, on| *v = if *on { *v } else { f32::NAN });
        v
    };
    let raw = quarter_turn_correlation(&inside(&a, &fa), (0.0, 0.0), &inside(&b, &fb), (0.0, 0.0));
    assert!(features > 0.2 && features > raw + 0.2, "features {features:.2}, brightness {raw:.2}");
}

/// Correlation of `b` with `a` turned by 90° (x towards y) about the image's
/// centre; the offsets are the grids' centres in the image, in pixels (x, y).
fn quarter_turn_correlation(
    a: &Array2<f32>,
    oa: (f64, f64),
    b: &Array2<f32>,
    ob: (f64, f64),
) -> f64 {
    let centre = |n: usize| (n as f64 - 1.0) / 2.0;
    let ((ay, ax), (by, bx)) = (a.dim(), b.dim());
    let mut pairs = Vec::new();
    for ((y, x), &v) in a.indexed_iter() {
        let (px, py) = (x as f64 - centre(ax) + oa.0, y as f64 - centre(ay) + oa.1);
        let (qx, qy) = (-py - ob.0 + centre(bx), px - ob.1 + centre(by));
        if qx < 0.0 || qy < 0.0 || !v.is_finite() {
            continue;
        }
        if let Some(w) = b.get((qy.round() as usize, qx.round() as usize)).filter(|w| w.is_finite())
        {
            pairs.push((f64::from(v), f64::from(*w)));
        }
    }
    let n = pairs.len() as f64;
    assert!(n > 1e4, "too little in common: {n}");
    let (ma, mb) = pairs.iter().fold((0.0, 0.0), |m, p| (m.0 + p.0 / n, m.1 + p.1 / n));
    let sum =
        |f: &dyn Fn(f64, f64) -> f64| pairs.iter().map(|p| f(p.0 - ma, p.1 - mb)).sum::<f64>();
    sum(&|a, b| a * b) / (sum(&|a, _| a * a) * sum(&|_, b| b * b)).sqrt()
}

#[test]
fn the_quality_gate_gives_numbers() {
    let casing = fire(&Firearm::new(5, BreechFinish::Granular), 0, Conditions::default());
    let bright = Camera { exposure: 8.0, ..camera(Light::Ring, 0.0) };
    let mark = breech_face(&scan(photograph(&casing, &bright).image));
    assert!(mark.quality.verdict > Verdict::Good);
    assert!(mark.quality.reasons.iter().any(|r| r.contains("saturated: ")), "{:?}", mark.quality);

    let pitch = Metres::from_um(10.0);
    let black = IntensityMap { v: Array2::zeros((900, 900)), pitch_x: pitch, pitch_y: pitch };
    let error = prepare(&scan(black), MarkKind::BreechFace, &Recipe::default()).unwrap_err();
    assert_eq!(error.kind, Kind::NoMark);
}

#[test]
fn the_nbide_photographs_hold_a_ring_of_the_right_size() {
    for name in ["NBIDE_R_BF_118.png", "NBIDE_R_BF_129.png"] {
        let Some(path) = testkit::shared(&format!("nbide2d/{name}")) else { return };
        let mark = breech_face(&read_scan(&path, &ReadOptions::default()).unwrap());
        // A circle 3.7 mm across without an aperture 2.3 mm across, less margins.
        let area = mark.quality.area_mm2;
        assert!((4.8..6.8).contains(&area), "{name}: {area:.2} mm²");
        assert!(!says_side(&mark));
    }
}

#[test]
fn renderings_are_told_apart_by_their_light() {
    let options = ReadOptions { pixel_size: Some(Metres::from_um(6.25)), ..ReadOptions::default() };
    for (light, side) in [("ring", false), ("side", true)] {
        for casing in ["Fadul_1-1", "Fadul_10-2", "Fadul_B"] {
            let file = format!("render2d/{light}/{casing}_{light}.png");
            let Some(path) = testkit::shared(&file) else { return };
            let mark = breech_face(&read_scan(&path, &options).unwrap());
            assert_eq!(says_side(&mark), side, "{file}");
            assert!(mark.quality.area_mm2 > 1.5, "{file}: {:.2} mm²", mark.quality.area_mm2);
        }
    }
}
