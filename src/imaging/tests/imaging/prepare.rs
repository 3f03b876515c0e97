//! Preparing real and simulated topographies.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use imaging::acquire::{ReadOptions, Scan, read_scan};
use imaging::prepare::{MaskPolicy, PreparedMark, Recipe, Verdict, prepare};
use std::path::Path;
use std::time::Instant;
use types::error::Kind;
use types::evidence::MarkKind;
use types::surface::{HeightMap, Mask, Surface};

fn scan(path: &Path) -> Scan {
    read_scan(path, &ReadOptions::default()).unwrap()
}

fn heights(scan: &Scan) -> &HeightMap {
    match &scan.surface {
        Surface::Height(map) => map,
        Surface::Intensity(_) => panic!("a topography was expected"),
    }
}

fn iou(a: &Mask, b: &Mask) -> f64 {
    let (both, either) = a
        .iter()
        .zip(b)
        .fold((0, 0), |(n, u), (&p, &q)| (n + usize::from(p && q), u + usize::from(p || q)));
    f64::from(both as u32) / f64::from(either as u32)
}

/// The shift (rows, columns) of `drawn` on `found`, both at one pitch, at
/// which their heights correlate best.
fn registered(found: &PreparedMark, drawn: &PreparedMark) -> (isize, isize, f64) {
    let (ny, nx) = found.values.dim();
    let score = |dy: isize, dx: isize, every: usize| {
        let (mut fg, mut ff, mut gg) = (0.0, 0.0, 0.0);
        for ((y, x), &g) in drawn
            .values
            .indexed_iter()
            .filter(|((y, x), v)| y % every == 0 && x % every == 0 && v.is_finite())
        {
            let at = (y.wrapping_add_signed(dy), x.wrapping_add_signed(dx));
            let f = if at.0 < ny && at.1 < nx { found.values[at] } else { continue };
            if f.is_finite() {
                fg += f64::from(f * g);
                ff += f64::from(f * f);
                gg += f64::from(g * g);
            }
        }
        fg / (ff * gg).sqrt().max(1e-9)
    };
    let best = |places: Vec<(isize, isize)>, every: usize| {
        let scored = places.into_iter().map(|(dy, dx)| (dy, dx, score(dy, dx, every)));
        scored.max_by(|a, b| a.2.total_cmp(&b.2)).unwrap()
    };
    let around = |cy: isize, cx: isize, reach: isize, step: usize| {
        let side = move |c: isize| (c - reach..=c + reach).step_by(step);
        side(cy).flat_map(|y| side(cx).map(move |x| (y, x))).collect::<Vec<_>>()
    };
    let (dy, dx, _) = best(around(0, 0, 60, 2), 8);
    best(around(dy, dx, 3, 1), 2)
}

#[test]
fn the_found_breech_face_is_the_one_a_person_drew() {
    let (Some(raw), Some(drawn)) = (testkit::shared("raw3d"), testkit::shared("fadul")) else {
        return;
    };
    for n in [1, 2] {
        let raw = scan(&raw.join(format!("fadul_1-{n}_raw.x3p")));
        let start = Instant::now();
        let found = prepare(&raw, MarkKind::BreechFace, &Recipe::default()).unwrap();
        let time = start.elapsed();
        let drawn = scan(&drawn.join(format!("Fadul_1-{n}.x3p")));
        let drawn = prepare(&drawn, MarkKind::BreechFace, &Recipe::default()).unwrap();
        let (dy, dx, ccf) = registered(&found, &drawn);
        let at = |y: usize, x: usize| (y.wrapping_add_signed(-dy), x.wrapping_add_signed(-dx));
        // Both masks on a canvas that holds both.
        let (ny, nx) = found.values.dim();
        let canvas = Mask::from_shape_fn((ny + 240, nx + 240), |(y, x)| {
            let (y, x) = (y.wrapping_sub(120), x.wrapping_sub(120));
            found.values.get((y, x)).is_some_and(|v| v.is_finite())
        });
        let hand = Mask::from_shape_fn(canvas.dim(), |(y, x)| {
            let at = at(y.wrapping_sub(120), x.wrapping_sub(120));
            drawn.values.get(at).is_some_and(|v| v.is_finite())
        });
        let iou = iou(&canvas, &hand);
        println!("Fadul 1-{n}: IoU {iou:.3}, ccf {ccf:.3}, {time:.0?}, {:?}", found.quality);
        assert!(ccf > 0.6, "registration failed: {ccf}");
        assert!(iou >= 0.85, "{iou}");
        assert_ne!(found.quality.verdict, Verdict::Unusable);
    }
}

#[test]
fn a_mask_in_the_file_is_used_and_can_be_overruled() {
    let Some(path) = testkit::shared("raw3d/topmatch_K013sA1_raw.x3p") else { return };
    let scan = scan(&path);
    let drawn = scan.file_mask.as_ref().unwrap();
    let recipe = |use_file_mask| Recipe { use_file_mask, ..Recipe::default() };
    let by_file = prepare(&scan, MarkKind::BreechFace, &recipe(MaskPolicy::Auto)).unwrap();
    let start = Instant::now();
    let found = prepare(&scan, MarkKind::BreechFace, &recipe(MaskPolicy::Never)).unwrap();
    println!("TopMatch without its mask: {:.0?} {:?}", start.elapsed(), found.quality);
    let used = iou(&by_file.mask_on(&scan.surface), drawn);
    let overruled = iou(&found.mask_on(&scan.surface), drawn);
    println!("TopMatch: IoU with the file's mask {used:.3} used, {overruled:.3} overruled");
    assert!(used > 0.95, "{used}");
    assert!(overruled > 0.5, "{overruled}");
    assert_ne!(by_file.recipe, found.recipe);
    let pin = prepare(&scan, MarkKind::FiringPin, &recipe(MaskPolicy::Never)).unwrap();
    println!("TopMatch firing pin: {:?}", pin.quality);
    let none = Scan { file_mask: None, ..scan };
    let error = prepare(&none, MarkKind::BreechFace, &recipe(MaskPolicy::Always)).unwrap_err();
    assert_eq!(error.kind, Kind::NoMark);
    assert!(error.advice.is_some());
}

#[test]
fn processed_scans_pass_through_bit_by_bit() {
    let mut files = 0;
    for set in ["fadul", "weller"] {
        let Some(folder) = testkit::shared(set) else { return };
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_none_or(|e| e != "x3p") {
                continue;
            }
            files += 1;
            let scan = scan(&path);
            let mark = prepare(&scan, MarkKind::BreechFace, &Recipe::default()).unwrap();
            assert!(mark.quality.reasons[0].contains("as it is"), "{path:?}: {:?}", mark.quality);
            assert_ne!(mark.quality.verdict, Verdict::Unusable, "{path:?}: {:?}", mark.quality);
            let map = heights(&scan);
            let (ny, nx) = map.z.dim();
            let (my, mx) = mark.values.dim();
            assert!(my % 8 == 0 && mx % 8 == 0);
            let offset = |shift: f64, m: usize, n: usize| {
                shift / mark.pitch.0 + (n as f64 - 1.0) / 2.0 - (m as f64 - 1.0) / 2.0
            };
            let oy = offset(mark.scan_from_mark.dy.0, my, ny);
            let ox = offset(mark.scan_from_mark.dx.0, mx, nx);
            assert!((oy - oy.round()).abs() < 1e-6 && (ox - ox.round()).abs() < 1e-6);
            let mut compared = 0;
            for ((y, x), v) in mark.values.indexed_iter() {
                let at = (
                    y.wrapping_add_signed(oy.round() as isize),
                    x.wrapping_add_signed(ox.round() as isize),
                );
                let expected = map.z.get(at).map_or(f32::NAN, |&z| (z * 1e6) as f32);
                assert!(v.to_bits() == expected.to_bits() || (v.is_nan() && expected.is_nan()));
                compared += usize::from(v.is_finite());
            }
            assert_eq!(compared, map.z.iter().filter(|z| z.is_finite()).count());
        }
    }
    assert_eq!(files, 85);
}
