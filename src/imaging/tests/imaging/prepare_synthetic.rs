//! The mark is found on simulated casings of many guns, instruments and tilts.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use imaging::acquire::Scan;
use imaging::prepare::{Recipe, Verdict, prepare};
use synthetic::{BreechFinish, Conditions, Firearm, Instrument, fire, scan3d};
use types::evidence::{FiringPinShape, MarkKind};
use types::surface::{HeightMap, Mask, Pose, Surface};
use types::units::{Angle, Metres};

fn as_scan(map: HeightMap) -> Scan {
    testkit::scan_of(Surface::Height(map))
}

fn iou(a: &Mask, b: &Mask) -> f64 {
    let (both, either) = a
        .iter()
        .zip(b)
        .fold((0_u32, 0_u32), |(n, u), (&p, &q)| (n + u32::from(p && q), u + u32::from(p || q)));
    f64::from(both) / f64::from(either)
}

/// Pitch in µm and points along x and y: from a primer seen closely to a
/// whole case head.
const INSTRUMENTS: [(f64, (usize, usize)); 4] =
    [(3.125, (1228, 1228)), (5.0, (800, 780)), (7.375, (760, 750)), (10.0, (420, 400))];

#[test]
fn the_impression_is_found_on_24_simulated_scans() {
    let finishes = [BreechFinish::Granular, BreechFinish::Milled];
    let shapes =
        [FiringPinShape::Hemispherical, FiringPinShape::Rectangular, FiringPinShape::Elliptical];
    let mut worst = f64::INFINITY;
    for k in 0..24_u64 {
        let at = k as usize;
        let (pitch, points) = INSTRUMENTS[at % 4];
        let gun = Firearm::new(100 + k, finishes[at / 4 % 2]).with_pin(shapes[at % 3]);
        let casing = fire(&gun, k, Conditions::default());
        let slope = 0.014 * (k % 5) as f64;
        let (s, c) = (k as f64 * 2.4).sin_cos();
        let instrument = Instrument {
            seed: k,
            pitch: Metres::from_um(pitch),
            points,
            tilt: (slope * c, slope * s),
            scan_from_gun: Pose {
                rotation: Angle::from_deg(37.0 * k as f64),
                dx: Metres::from_um(60.0 * c),
                dy: Metres::from_um(-40.0 * s),
            },
            ..Instrument::default()
        };
        let seen = scan3d(&casing, &instrument);
        let scan = as_scan(seen.map);
        let mark = prepare(&scan, MarkKind::BreechFace, &Recipe::default()).unwrap();
        let iou = iou(&mark.mask_on(&scan.surface), &seen.breech_face);
        println!(
            "{k:2} {pitch:6.3} µm, tilt {:.1}°: IoU {iou:.3}, {:.2} mm², {:?}",
            slope.atan().to_degrees(),
            mark.quality.area_mm2,
            mark.quality.reasons
        );
        assert_ne!(mark.quality.verdict, Verdict::Unusable);
        worst = worst.min(iou);
    }
    assert!(worst >= 0.85, "{worst}");
}
