//! Real scans, faults included.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use imaging::acquire::{ReadOptions, Rows, Scan, Setting, read_scan};
use imaging::correlate::compare;
use imaging::prepare::{Otherwise, Recipe, Verdict, prepare};
use pipeline::{load, mirrored_fit};
use std::path::Path;
use std::time::Instant;
use testkit::shared;
use types::evidence::MarkKind;
use types::surface::{HeightMap, Surface};
use types::units::Metres;

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

fn map(scan: &Scan) -> &HeightMap {
    match &scan.surface {
        Surface::Height(map) => map,
        Surface::Intensity(_) => panic!("not heights"),
    }
}

/// Correlation of two surfaces where both are measured.
fn correlation(a: &HeightMap, b: &HeightMap) -> f64 {
    let both = || a.z.iter().zip(&b.z).filter(|(a, b)| a.is_finite() && b.is_finite());
    let n = both().count() as f64;
    let mean = |v: f64| v / n;
    let (ma, mb) = (mean(both().map(|p| p.0).sum()), mean(both().map(|p| p.1).sum()));
    let (mut ab, mut aa, mut bb) = (0.0, 0.0, 0.0);
    for (a, b) in both() {
        let (a, b) = (a - ma, b - mb);
        (ab, aa, bb) = (ab + a * b, aa + a * a, bb + b * b);
    }
    ab / (aa * bb).sqrt()
}

#[test]
fn instruments_files_read_as_an_independent_reader_reads_them() {
    let Some(path) = shared("instruments/expected.json") else { return };
    let expected: serde_json::Value =
        serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    for (name, expected) in expected.as_object().unwrap() {
        let scan = read(&path.with_file_name(name));
        // TMD names no unit, and the independent reader takes the numbers for
        // micrometres: a GelSight would be 19 µm wide. They are millimetres, as
        // GelSight's own programs write them.
        let unit = if name.ends_with(".tmd") { 1e3 } else { 1.0 };
        let map = map(&scan);
        let value = |key: &str| expected[key].as_f64().unwrap();
        let close = |what: &str, own: f64, theirs: f64, scale: f64| {
            assert!(
                (own - theirs).abs() <= 1e-6 * scale.abs(),
                "{name} {what}: {own}, not {theirs}"
            );
        };
        assert_eq!(map.z.dim(), (value("rows") as usize, value("cols") as usize), "{name}");
        close("step x", map.pitch_x.um(), value("step_x_um") * unit, map.pitch_x.um());
        close("step y", map.pitch_y.um(), value("step_y_um") * unit, map.pitch_y.um());
        let finite: Vec<f64> = map.z.iter().map(|z| z * 1e6).filter(|z| z.is_finite()).collect();
        let n = finite.len() as f64;
        assert_eq!(map.z.len() - finite.len(), value("missing") as usize, "{name}");
        let low = finite.iter().copied().fold(f64::INFINITY, f64::min);
        let high = finite.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let mean = finite.iter().sum::<f64>() / n;
        let sd = (finite.iter().map(|z| (z - mean).powi(2)).sum::<f64>() / n).sqrt();
        let scale = (high - low).max(high.abs()).max(low.abs());
        close("lowest", low, value("z_min_um") * unit, low);
        close("highest", high, value("z_max_um") * unit, high);
        // The independent reader sums 32-bit heights in 32 bits.
        close("mean", mean, value("z_mean_um") * unit, 10.0 * scale);
        close("spread", sd, value("z_std_um") * unit, 10.0 * sd);
    }
}

#[test]
fn one_scan_by_two_programs_is_recognised_as_mirrored_and_read_right_when_stated() {
    let Some(al3d) = shared("instruments/Klein_replica_mode.al3d") else { return };
    let file = |name: &str| al3d.with_file_name(name);
    let own = read(&al3d);
    let alicona = read(&file("Klein_replica_mode_X3P_Alicona.x3p"));
    let r = correlation(map(&own), map(&alicona));
    assert!(r > 0.9999, "AL3D and Alicona's X3P correlate by {r}");
    let reversed = file("Klein_replica_mode_X3P_Scratch.x3p");
    let setting = Setting { rows: Some(Rows::BottomUp), ..Setting::default() };
    let options = ReadOptions { setting, ..ReadOptions::default() };
    let stated = read_scan(&reversed, &options).unwrap();
    let as_it_lies = read(&reversed);
    let r = [&as_it_lies, &stated].map(|scan| correlation(map(&own), map(scan)));
    println!("AL3D and Scratch's X3P: {:.4} as it lies, {:.6} with rows = bottom-up", r[0], r[1]);
    // Which of the two begins with the lower row, no file says; they differ.
    assert!(r[0].max(r[1]) > 0.9999 && r[0].min(r[1]) < 0.5);
}

#[test]
fn faulty_files_are_read_right_or_refused_for_their_reason() {
    let Some(folder) = shared("faults") else { return };
    let path = |name: &str| folder.join(name);
    let refused = |name: &str, words: &str| {
        let error = read_scan(&path(name), &ReadOptions::default()).expect_err(name);
        assert!(error.to_string().contains(words), "{error}");
    };
    let warned = |name: &str, words: &str| {
        let scan = read(&path(name));
        assert!(scan.warnings.iter().any(|w| w.contains(words)), "{name}: {:?}", scan.warnings);
        scan
    };
    // Photographs: all are one picture, but for the pictures' own gaps and losses.
    let grey = |name: &str| {
        let options =
            ReadOptions { pixel_size: Some(Metres::from_um(8.0)), ..ReadOptions::default() };
        let scan = read_scan(&path(name), &options).unwrap_or_else(|e| panic!("{e}"));
        let Surface::Intensity(map) = scan.surface else { panic!("{name}: no image") };
        (map.v, scan.warnings)
    };
    let plain = grey("tif_lzw_tiled_64.tif").0;
    assert_eq!(plain.dim(), (460, 500));
    for name in [
        "tif_description_latin1_accents.tif",
        "tif_fillorder2.tif",
        "tif_rgbx_255_lzw_pred.tif",
        "tif_rgbx_tiled.tif",
        "tif_thumbnail_first_same_resolution_tag.tif",
    ] {
        let (v, warnings) = grey(name);
        assert_eq!(v.dim(), plain.dim(), "{name}");
        let off = v.iter().zip(&plain).map(|(a, b)| (a - b).abs()).fold(0.0_f32, f32::max);
        println!("{name}: differs by {off} at most; {warnings:?}");
        assert!(off <= 1e-6, "{name}: another picture, off by {off}");
    }
    let (v, _) = grey("tif_float_nodata_-3.4e38.tif");
    let present = v.iter().filter(|v| v.is_finite()).count();
    let values: std::collections::BTreeSet<u32> =
        v.iter().filter(|v| v.is_finite()).map(|v| v.to_bits()).collect();
    assert!(present < v.len() && values.len() > 50, "{present} present, {} values", values.len());
    grey("jpg_motion_photo_trailer.jpg");
    // Surfaces made from the sound one.
    let sound = read(&path("x3p_ok_reference.x3p"));
    let near = |name: &str, most: f64| {
        let scan = read(&path(name));
        let (a, b) = (map(&scan), map(&sound));
        assert_eq!(a.z.dim(), b.z.dim(), "{name}");
        let apart = |(a, b): (&f64, &f64)| !((a - b).abs() <= most || a.is_nan() && b.is_nan());
        let wrong = a.z.iter().zip(&b.z).filter(|p| apart(*p)).count();
        assert_eq!(wrong, 0, "{name}: {wrong} points differ");
    };
    near("x3p_bzip2_zip.x3p", 0.0);
    near("x3p_utf16_xml.x3p", 0.0);
    near("x3p_origin_sw.x3p", 0.0);
    near("x3p_valid_bytes.x3p", 1e-9);
    refused("dim_8000x8000.x3p", "80.0 × 80.0 mm");
    refused("j_prog.jpg", "would take too long");
    refused("x3p_unsigned16.x3p", "unsigned");
    refused("x3p_sizes_swapped.x3p", "SizeX and SizeY are exchanged");
    refused("x3p_fadul_1-2_heights_in_mm.x3p", "taken as millimetres");
    refused("x3p_fadul_1-2_z_increment_1e-6_float.x3p", "a million times");
    let masked = warned("x3p_mask_annotates_damage.x3p", "foreign material, exclude");
    assert_eq!(masked.file_mask, None);
    let marked = warned("x3p_mask_annotates_damage.x3p", "are left out");
    let without = marked.warnings.iter().find(|w| w.contains("are left out")).unwrap().clone();
    println!("x3p_mask_annotates_damage.x3p: {without}");
    warned("x3p_fadul_1-1_one_point_-9999.x3p", "1 point lies");
}

#[test]
fn the_mate_is_found_though_a_point_is_impossible_or_the_scan_lies_otherwise() {
    let Some(folder) = shared("faults") else { return };
    let Some(fadul) = shared("fadul") else { return };
    let recipe = Recipe::default();
    let with = |path: &Path, setting: Setting| {
        let options = ReadOptions { setting, ..ReadOptions::default() };
        load(path, MarkKind::BreechFace, &options, &recipe).unwrap_or_else(|e| panic!("{e}"))
    };
    let plain = |path: &Path| with(path, Setting::default());
    let (one, two) = (plain(&fadul.join("Fadul_1-1.x3p")), plain(&fadul.join("Fadul_1-2.x3p")));
    let score = compare(&one.template, &two.template).unwrap().score;
    let spiked = plain(&folder.join("x3p_fadul_1-1_one_point_-9999.x3p"));
    let with_spike = compare(&spiked.template, &two.template).unwrap().score;
    println!("Fadul 1-1 and 1-2: {score:.2}; with one impossible point {with_spike:.2}");
    assert!((with_spike / score - 1.0).abs() < 0.01, "{with_spike}, not {score}");
    for (name, how, setting) in [
        (
            "x3p_fadul_1-2_rows_reversed_no_origin.x3p",
            Otherwise::Mirrored,
            Setting { rows: Some(Rows::BottomUp), ..Setting::default() },
        ),
        (
            "x3p_fadul_1-2_as_a_cast.x3p",
            Otherwise::Cast,
            Setting { cast: Some(true), ..Setting::default() },
        ),
    ] {
        let lies = plain(&folder.join(name));
        let lost = compare(&one.template, &lies.template).unwrap().score;
        let fit = mirrored_fit(&one.template, &lies.mark, lost).unwrap().expect(name);
        println!("{name}: {lost:.2} as it lies, {:.2} {:?}", fit.score, fit.how);
        assert_eq!(fit.how, how);
        let stated = with(&folder.join(name), setting);
        let found = compare(&one.template, &stated.template).unwrap().score;
        assert!((found / score - 1.0).abs() < 0.01, "{name}: {found}, not {score}");
    }
    // Neither mates nor strangers are said to lie otherwise.
    assert_eq!(mirrored_fit(&one.template, &two.mark, score).unwrap(), None);
    let stranger = plain(&fadul.join("Fadul_5-1.x3p"));
    let low = compare(&one.template, &stranger.template).unwrap().score;
    assert_eq!(mirrored_fit(&one.template, &stranger.mark, low).unwrap(), None);
    // Metre-high heights that a unit in the file's favour let through are unusable.
    let mut scan = two.scan.clone();
    let Surface::Height(map) = &mut scan.surface else { panic!("not heights") };
    map.z.mapv_inplace(|z| z * 1e3);
    let mark = prepare(&scan, MarkKind::BreechFace, &recipe);
    assert!(mark.is_err() || mark.unwrap().quality.verdict == Verdict::Unusable);
}
