//! Real scans, faults included.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use brasslink::acquire::{ReadOptions, Scan, read_scan};
use brasslink::surface::Surface;
use brasslink::units::Metres;
use common::shared;
use std::path::Path;
use std::time::Instant;

fn read(path: &Path) -> Scan {
    read_scan(path, &ReadOptions::default()).unwrap_or_else(|e| panic!("{e}"))
}

#[test]
fn prepared_scans_read_without_a_warning() {
    for (set, count) in [("fadul", 40), ("weller", 45)] {
        let Some(folder) = shared(set) else { continue };
        let mut files = 0;
        for entry in std::fs::read_dir(folder).unwrap() {
            let scan = read(&entry.unwrap().path());
            assert_eq!(scan.warnings, [""; 0]);
            assert_eq!(scan.instrument.as_deref(), Some("NanoFocus usurf"));
            let (x, y) = scan.surface.pitch();
            assert_eq!((x, y), (Metres(6.25e-6), Metres(6.25e-6)));
            assert_eq!(scan.file_mask, None);
            files += 1;
        }
        assert_eq!(files, count);
    }
}

#[test]
fn a_raw_confocal_scan_reads_in_metres() {
    let Some(path) = shared("raw3d/fadul_1-1_raw.x3p") else { return };
    let scan = read(&path);
    let Surface::Height(map) = &scan.surface else { panic!("not heights") };
    assert_eq!((map.z.dim(), map.pitch_x), ((1223, 1231), Metres(3.125e-6)));
    let missing = map.z.iter().filter(|z| z.is_nan()).count() as f64 / map.z.len() as f64;
    assert!((missing - 0.464_446).abs() < 1e-6, "{missing}");
    let high = map.z.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    assert!((high - 177.757_83e-6).abs() < 1e-11, "{high}");
    assert_eq!(scan.warnings, [""; 0]);
    let mut times: Vec<f64> = (0..9)
        .map(|_| {
            let start = Instant::now();
            std::hint::black_box(read(&path));
            start.elapsed().as_secs_f64() * 1e3
        })
        .collect();
    times.sort_by(f64::total_cmp);
    println!("fadul_1-1_raw.x3p: {:.1} ms median of 9", times[4]);
}

#[test]
fn the_topmatch_scan_is_in_micrometres_and_carries_a_mask() {
    let Some(path) = shared("raw3d/topmatch_K013sA1_raw.x3p") else { return };
    let scan = read(&path);
    let Surface::Height(map) = &scan.surface else { panic!("not heights") };
    assert_eq!(map.z.dim(), (749, 769));
    assert!((map.pitch_x.um() - 7.37468).abs() < 1e-9);
    let low = map.z.iter().copied().fold(f64::INFINITY, f64::min);
    assert!((low + 237.370_865e-6).abs() < 1e-11, "{low}");
    let [increments, heights] = &scan.warnings[..] else { panic!("{:?}", scan.warnings) };
    assert!(increments.contains("5671.129 m wide"), "{increments}");
    assert!(increments.contains("taken as micrometres"), "{increments}");
    assert!(heights.contains("heights would range"), "{heights}");
    let mask = scan.file_mask.unwrap();
    assert_eq!(mask.iter().filter(|m| **m).count(), 76_519);
}

#[test]
fn nbide_photographs_state_their_pixel_size_and_renderings_do_not() {
    let Some(path) = shared("nbide2d/NBIDE_R_BF_118.png") else { return };
    let scan = read(&path);
    assert_eq!(scan.surface.dim(), (1944, 2592));
    assert!((scan.surface.pitch().0.um() - 2.53).abs() < 0.01);
    let Some(path) = shared("render2d/ring/Fadul_1-1_ring.png") else { return };
    let error = read_scan(&path, &ReadOptions::default()).unwrap_err();
    assert_eq!(error.kind.code(), "unknown_pixel_size");
    let stated = ReadOptions { pixel_size: Some(Metres::from_um(6.25)), ..ReadOptions::default() };
    assert_eq!(read_scan(&path, &stated).unwrap().surface.pitch().0, Metres::from_um(6.25));
}
