//! The generator: reproducible, like real scans, and honest about its truth.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use imaging::acquire::{ReadOptions, read_scan};
use ndarray::Array2;
use synthetic::{
    BreechFinish, Camera, Casing, Conditions, Firearm, Instrument, Scan3d, SubClass, fire,
    photograph, scan3d,
};
use types::evidence::{FiringPinShape, Light};
use types::surface::{HeightMap, Mask, Pose, Surface};
use types::units::{Angle, Metres};

const FINISHES: [BreechFinish; 3] =
    [BreechFinish::Granular, BreechFinish::Milled, BreechFinish::ArcMilled];

/// A quick instrument: 12.5 µm, the pitch of every other point of the
/// processed reference scans.
fn instrument() -> Instrument {
    let pitch = Metres::from_um(12.5);
    Instrument { pitch, points: (300, 300), ..Instrument::default() }
}

fn shot(seed: u64, finish: BreechFinish, number: u64) -> Casing {
    fire(&Firearm::new(seed, finish), number, Conditions::default())
}

fn bits(map: &HeightMap) -> Vec<u64> {
    map.z.iter().map(|z| z.to_bits()).collect()
}

/// Heights in µm without waves longer than about 0.4 mm: the mean of the
/// measured neighbours within ±0.2 mm is taken away.
fn detail(z: &Array2<f64>, mask: &Mask, pitch: Metres) -> Array2<f64> {
    let reach = (200.0 / pitch.um()).round() as usize;
    let (ny, nx) = z.dim();
    let usable = |at: [usize; 2]| mask[at] && !z[at].is_nan();
    // Summed-area tables of the heights and of the measured points.
    let mut sums = Array2::from_elem((ny + 1, nx + 1), (0.0, 0.0));
    for i in 0..ny {
        for j in 0..nx {
            let (h, n) = if usable([i, j]) { (z[[i, j]] * 1e6, 1.0) } else { (0.0, 0.0) };
            let (a, b, c) = (sums[[i, j + 1]], sums[[i + 1, j]], sums[[i, j]]);
            sums[[i + 1, j + 1]] = (h + a.0 + b.0 - c.0, n + a.1 + b.1 - c.1);
        }
    }
    Array2::from_shape_fn((ny, nx), |(i, j)| {
        if !usable([i, j]) {
            return f64::NAN;
        }
        let (top, left) = (i.saturating_sub(reach), j.saturating_sub(reach));
        let (bottom, right) = ((i + reach + 1).min(ny), (j + reach + 1).min(nx));
        let [a, b, c, d] =
            [[bottom, right], [top, right], [bottom, left], [top, left]].map(|at| sums[at]);
        z[[i, j]] * 1e6 - (a.0 - b.0 - c.0 + d.0) / (a.1 - b.1 - c.1 + d.1)
    })
}

/// Correlation coefficient over the points that both have, `b` read `lag`
/// columns to the right.
fn correlation(a: &Array2<f64>, b: &Array2<f64>, lag: usize) -> f64 {
    let (mut n, mut s) = (0.0, [0.0; 5]);
    for ((row, col), &u) in a.indexed_iter() {
        let v = b.get([row, col + lag]).copied().unwrap_or(f64::NAN);
        if !u.is_nan() && !v.is_nan() {
            n += 1.0;
            s.iter_mut().zip([u, v, u * u, v * v, u * v]).for_each(|(s, x)| *s += x);
        }
    }
    let [u, v, uu, vv, uv] = s;
    (uv - u * v / n) / ((uu - u * u / n) * (vv - v * v / n)).sqrt()
}

fn rms(a: &Array2<f64>) -> f64 {
    let measured: Vec<f64> = a.iter().copied().filter(|v| !v.is_nan()).collect();
    (measured.iter().map(|v| v * v).sum::<f64>() / measured.len() as f64).sqrt()
}

fn detail_of(scan: &Scan3d) -> Array2<f64> {
    detail(&scan.map.z, &scan.breech_face, scan.map.pitch_x)
}

#[test]
fn the_same_seeds_give_the_same_bytes_on_any_thread() {
    let make = || {
        let casing = shot(3, BreechFinish::Milled, 5);
        let picture = photograph(&casing, &Camera { points: (200, 200), ..Camera::default() });
        (bits(&scan3d(&casing, &instrument()).map), picture.image)
    };
    let here = make();
    std::thread::scope(|scope| {
        let others = [(); 2].map(|()| scope.spawn(make));
        others.into_iter().for_each(|other| assert!(other.join().unwrap() == here));
    });
    let other_gun = scan3d(&shot(4, BreechFinish::Milled, 5), &instrument());
    let other_shot = scan3d(&shot(3, BreechFinish::Milled, 6), &instrument());
    assert!(bits(&other_gun.map) != here.0 && bits(&other_shot.map) != here.0);
}

#[test]
fn shots_of_one_gun_are_alike_and_of_two_are_not() {
    let scan = |gun: u64, number| {
        let finish = FINISHES[(gun % 3) as usize];
        detail_of(&scan3d(&shot(100 + gun, finish, number), &instrument()))
    };
    let guns: Vec<_> = (0..6).map(|gun| (scan(gun, 0), scan(gun, 40))).collect();
    for (i, (first, _)) in guns.iter().enumerate() {
        for (j, (_, second)) in guns.iter().enumerate() {
            let r = correlation(first, second, 0);
            if i == j {
                assert!((0.4..=0.8).contains(&r), "gun {i}: {r:.2}");
            } else {
                assert!(r.abs() < 0.35, "guns {i} and {j}: {r:.2}");
            }
        }
    }
}

#[test]
fn wear_and_production_lines_grade_the_likeness() {
    let finish = BreechFinish::Milled;
    let scan = |gun: &Firearm, number| {
        detail_of(&scan3d(&fire(gun, number, Conditions::default()), &instrument()))
    };
    let line = SubClass { seed: 9, share: 0.5 };
    let (first, second) =
        (Firearm::consecutive(1, finish, line), Firearm::consecutive(2, finish, line));
    let new = scan(&first, 0);
    let soon = correlation(&new, &scan(&first, 20), 0);
    let late = correlation(&new, &scan(&first, 4000), 0);
    let sister = correlation(&new, &scan(&second, 0), 0);
    let stranger = correlation(&new, &scan(&Firearm::new(2, finish), 0), 0);
    assert!(soon > late + 0.1, "{soon:.2} {late:.2}");
    assert!(soon > sister + 0.1 && sister > stranger + 0.1, "{soon:.2} {sister:.2} {stranger:.2}");
}

#[test]
fn the_planted_pose_maps_one_scan_onto_the_other() {
    let casing = shot(21, BreechFinish::Granular, 0);
    let straight = scan3d(&casing, &instrument());
    let scan_from_gun = Pose {
        rotation: Angle::from_deg(133.0),
        dx: Metres::from_um(55.0),
        dy: Metres::from_um(-80.0),
    };
    let turned = scan3d(&casing, &Instrument { seed: 1, scan_from_gun, ..instrument() });
    let (a, b) = (detail_of(&straight), detail_of(&turned));
    let centre = (a.nrows() as f64 - 1.0) / 2.0;
    let pitch = straight.map.pitch_x.0;
    let moved = Array2::from_shape_fn(a.dim(), |(row, col)| {
        let metres = |i: usize| (i as f64 - centre) * pitch;
        let (x, y) = turned.scan_from_gun.apply(metres(col), metres(row));
        let index = |t: f64| (t / pitch + centre).round() as usize;
        b.get([index(y), index(x)]).copied().unwrap_or(f64::NAN)
    });
    let r = correlation(&a, &moved, 0);
    assert!(r > 0.85, "surfaces: {r:.2}");
    let both = |m: fn(bool, bool) -> bool| {
        let on = |v: &f64| !v.is_nan();
        a.iter().zip(&moved).filter(|(u, v)| m(on(u), on(v))).count() as f64
    };
    let iou = both(|u, v| u && v) / both(|u, v| u || v);
    assert!(iou > 0.93, "masks: {iou:.3}");
}

#[test]
fn roughness_and_grain_are_those_of_measured_breech_faces() {
    let files = ["fadul/Fadul_1-1", "fadul/Fadul_5-1", "weller/TW01-01", "weller/TW03-02"];
    let mut real = Vec::new();
    for file in files {
        let Some(path) = testkit::shared(&format!("{file}.x3p")) else { return };
        let Surface::Height(map) = read_scan(&path, &ReadOptions::default()).unwrap().surface
        else {
            panic!("{file} is a topography")
        };
        let every_other = map.z.slice(ndarray::s![..;2, ..;2]).to_owned();
        let all = Mask::from_elem(every_other.dim(), true);
        let d = detail(&every_other, &all, map.pitch_x * 2.0);
        real.push((rms(&d), correlation(&d, &d, 3)));
    }
    let range = |part: fn(&(f64, f64)) -> f64| {
        real.iter().map(part).fold((f64::MAX, f64::MIN), |(l, h), v| (l.min(v), h.max(v)))
    };
    let (roughness, grain) = (range(|r| r.0), range(|r| r.1));
    for gun in 0..4 {
        let d = detail_of(&scan3d(&shot(gun, BreechFinish::Granular, 0), &instrument()));
        let (r, g) = (rms(&d), correlation(&d, &d, 3));
        assert!(r > 0.75 * roughness.0 && r < 1.33 * roughness.1, "{r:.2} µm, {roughness:?}");
        assert!(g > grain.0 - 0.05 && g < grain.1 + 0.05, "gun {gun}: {g:.2}, {grain:?}");
    }
}

#[test]
fn scans_have_a_hole_a_ragged_edge_and_drop_outs() {
    let gun = Firearm::new(8, BreechFinish::Granular).with_pin(FiringPinShape::Rectangular);
    let scan = scan3d(&fire(&gun, 0, Conditions::default()), &instrument());
    let area = scan.map.z.len() as f64;
    let missing = scan.map.z.iter().filter(|z| z.is_nan()).count() as f64 / area;
    let marked = scan.breech_face.iter().filter(|&&m| m).count() as f64 / area;
    assert!((0.25..0.55).contains(&missing), "missing {missing:.2}");
    assert!((0.2..0.5).contains(&marked), "marked {marked:.2}");
    let seen = scan.breech_face.iter().zip(&scan.map.z).all(|(m, z)| !m || !z.is_nan());
    assert!(seen, "the true mask holds only measured points");
}

#[test]
fn side_light_follows_the_casing_and_ring_light_does_not() {
    let casing = shot(12, BreechFinish::Milled, 0);
    let picture = |light, azimuth| {
        let camera = Camera {
            light,
            azimuth: Angle::from_deg(azimuth),
            points: (400, 400),
            ..Camera::default()
        };
        let photo = photograph(&casing, &camera);
        let on = |((row, col), &v): ((usize, usize), &f32)| {
            if photo.breech_face[[row, col]] { f64::from(v) } else { f64::NAN }
        };
        let values = photo.image.v.indexed_iter().map(on).collect();
        Array2::from_shape_vec(photo.image.v.dim(), values).unwrap()
    };
    let ring = correlation(&picture(Light::Ring, 0.0), &picture(Light::Ring, 180.0), 0);
    let side = correlation(&picture(Light::Side, 0.0), &picture(Light::Side, 180.0), 0);
    assert!(ring > 0.99, "{ring:.2}");
    assert!(side < 0.0, "lit from the other side, bright flanks are dark: {side:.2}");
}
