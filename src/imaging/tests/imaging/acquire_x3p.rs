//! X3P files: what is written is read back, each tolerated fault is told, and
//! no damage makes the reader panic.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use imaging::acquire::x3p::{X3pMeta, ZType, write_x3p};
use imaging::acquire::{Format, ReadOptions, Rows, Scan, Setting, Unit, read_scan_bytes};
use ndarray::Array2;
use proptest::prelude::*;
use proptest::test_runner::FileFailurePersistence;
use rand::{Rng, SeedableRng};
use testkit::{main_xml, ramp, x3p, zip};
use types::error::{Error, Kind};
use types::surface::{HeightMap, Surface};
use types::units::Metres;
use zip::CompressionMethod::Stored;

fn read(bytes: &[u8]) -> Result<Scan, Error> {
    read_scan_bytes(bytes, &ReadOptions::default())
}

fn heights(scan: &Scan) -> &HeightMap {
    match &scan.surface {
        Surface::Height(map) => map,
        Surface::Intensity(_) => panic!("an X3P gave an image"),
    }
}

/// Reads the standard small file with one part of its XML replaced.
fn read_with(from: &str, to: &str) -> Result<Scan, Error> {
    let xml = main_xml("D");
    assert!(xml.contains(from), "{from} is not in the XML");
    read(&x3p(&xml.replace(from, to), &ramp()))
}

fn told(scan: &Scan, words: &str) {
    assert!(
        scan.warnings.iter().any(|w| w.contains(words)),
        "{words:?} not in {:?}",
        scan.warnings
    );
}

prop_compose! {
    fn surface()(nx in 1_usize..24, ny in 1_usize..24)(
        z in prop::collection::vec(prop_oneof![
            4 => -1.0..1.0_f64, 1 => Just(f64::NAN), 1 => Just(0.0)
        ], nx * ny),
        nx in Just(nx), ny in Just(ny), pitch_x in 1e-7..2e-5_f64, ratio in 0.5..2.0_f64,
    ) -> HeightMap {
        // Steeper surfaces than an instrument measures are refused.
        let z = Array2::from_shape_vec((ny, nx), z).unwrap() * pitch_x;
        HeightMap { z, pitch_x: Metres(pitch_x), pitch_y: Metres(pitch_x * ratio) }
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        failure_persistence: Some(Box::new(FileFailurePersistence::Direct(
            "tests/acquire_x3p.proptest-regressions",
        ))),
        ..ProptestConfig::default()
    })]

    #[test]
    fn what_is_written_is_read_back(map in surface(), type_index in 0_usize..4) {
        let z_type = [ZType::I16, ZType::I32, ZType::F32, ZType::F64][type_index];
        let meta = X3pMeta { z_type, ..X3pMeta::default() };
        let bytes = write_x3p(&map, &meta).unwrap();
        prop_assert_eq!(&bytes, &write_x3p(&map, &meta).unwrap());
        let scan = read(&bytes).unwrap();
        let back = heights(&scan);
        prop_assert_eq!((back.pitch_x, back.pitch_y), (map.pitch_x, map.pitch_y));
        prop_assert_eq!(back.z.dim(), map.z.dim());
        // Half a step of 1 mm in 2^16 or 2^32, or the rounding of the type.
        let tolerance = match z_type {
            ZType::I16 => 8e-9,
            ZType::I32 => 2e-13,
            ZType::F32 => 3e-11,
            ZType::F64 => 0.0,
        };
        for (a, b) in map.z.iter().zip(&back.z) {
            prop_assert_eq!(a.is_nan(), b.is_nan());
            prop_assert!(a.is_nan() || (a - b).abs() <= tolerance, "{} {}", a, b);
        }
        let square = (map.pitch_x / map.pitch_y - 1.0).abs() <= 1e-3;
        let narrow = |w: &&types::message::Message| !w.contains("less than any mark");
        let told = scan.warnings.iter().filter(narrow).count();
        prop_assert_eq!(told, usize::from(!square), "{:?}", scan.warnings);
    }
}

#[test]
fn mask_instrument_and_date_survive() {
    let z = Array2::from_shape_fn((20, 30), |(y, x)| (x + y) as f64 * 1e-7);
    let map = HeightMap { z, pitch_x: Metres(5e-6), pitch_y: Metres(5e-6) };
    let mask = Array2::from_shape_fn((20, 30), |(y, x)| x > y);
    let meta = X3pMeta {
        date: Some("2026-03-14T10:00:00"),
        manufacturer: "A & B <optics>",
        model: "M1",
        mask: Some(&mask),
        ..X3pMeta::default()
    };
    let scan = read(&write_x3p(&map, &meta).unwrap()).unwrap();
    assert_eq!(scan.file_mask.as_ref(), Some(&mask));
    assert_eq!(scan.instrument.as_deref(), Some("A & B <optics> M1"));
    assert_eq!(scan.acquired.as_deref(), Some("2026-03-14T10:00:00"));
    assert_eq!((scan.format, scan.warnings.len()), (Format::X3p, 0));
    let other_shape = Array2::from_elem((3, 3), true);
    let refused = write_x3p(&map, &X3pMeta { mask: Some(&other_shape), ..meta });
    assert_eq!(refused.unwrap_err().kind, Kind::BadInput);
}

#[test]
fn increments_and_offsets_of_integers_are_applied() {
    let xml = main_xml("I").replace("<Increment>1<", "<Increment>1e-8<").replace(">0<", ">2e-6<");
    let data: Vec<u8> = (0..1200_i16).flat_map(|i| (i - 600).to_le_bytes()).collect();
    let scan = read(&x3p(&xml, &data)).unwrap();
    let map = heights(&scan);
    // Row-major, x fastest: the second row starts after 40 points.
    assert!((map.z[[0, 0]] - (-600.0 * 1e-8 + 2e-6)).abs() < 1e-15);
    assert!((map.z[[1, 3]] - ((43.0 - 600.0) * 1e-8 + 2e-6)).abs() < 1e-15);
}

#[test]
fn each_tolerated_fault_is_told() {
    told(&read(&x3p(&main_xml("D"), &ramp())).unwrap(), "no MD5 checksum of main.xml");
    told(&read_with("</Axes>", "<Origin>middle</Origin></Axes>").unwrap(), "not understood");
    told(&read_with("bindata/data.bin", "/BinData\\DATA.BIN").unwrap(), "stored as");
    told(&read_with("bindata/data.bin", "data.bin").unwrap(), "stored as");
    told(&read_with("bindata/data.bin", "elsewhere/points.dat").unwrap(), "stored as");
    let turned = "<Rotation><r11>0</r11></Rotation></Axes>";
    told(&read_with("</Axes>", turned).unwrap(), "rotation");
    let wrong = "</PointDataLink><MD5ChecksumPointData>00 x</MD5ChecksumPointData>";
    told(&read_with("</PointDataLink>", wrong).unwrap(), "MD5 checksum of the heights is");
    let valid = "</PointDataLink><ValidPointsLink>valid.bin</ValidPointsLink>";
    told(&read_with("</PointDataLink>", valid).unwrap(), "all points are taken as valid");
    let xml = main_xml("D");
    let elongated = xml.replacen("5e-6", "10e-6", 1);
    told(&read(&x3p(&elongated, &ramp())).unwrap(), "not square");
    let layers = xml.replace("<SizeZ>1<", "<SizeZ>2<");
    let scan = read(&x3p(&layers, &[ramp(), vec![0; 9600]].concat())).unwrap();
    told(&scan, "only the first");
    assert!((heights(&scan).z[[29, 39]] - 1199e-9).abs() < 1e-15);
    let latin =
        xml.replace("<Record3>", "<Record2><Comment>fl\u{e4}che</Comment></Record2><Record3>");
    let latin: Vec<u8> = latin.chars().map(|c| c as u8).collect();
    told(&read(&zip(&[("main.xml", &latin), ("d.bin", &ramp())], Stored)).unwrap(), "windows-1252");
}

#[test]
fn a_checksum_with_a_file_name_is_right_and_a_wrong_one_is_told() {
    let xml = main_xml("D");
    let with = |sum: &str| {
        let members = [
            ("main.xml", xml.as_bytes()),
            ("bindata/data.bin", &ramp()),
            ("md5checksum.hex", sum.as_bytes()),
        ];
        read(&zip(&members, Stored)).unwrap().warnings
    };
    use md5::Digest as _;
    let sum: String = md5::Md5::digest(&xml).iter().map(|b| format!("{b:02X}")).collect();
    let ours = with(&format!("{sum} *main.xml\r\n"));
    assert!(!ours.iter().any(|w| w.contains("main.xml")), "{ours:?}");
    let wrong = with("0123456789abcdef0123456789abcdef");
    assert!(wrong.iter().any(|w| w.contains("checksum of main.xml is")), "{wrong:?}");
}

#[test]
fn micrometres_are_recognised_and_said_and_absurd_units_refused() {
    let micro = read_with("5e-6", "5").unwrap();
    told(&micro, "taken as micrometres");
    assert!((heights(&micro).pitch_x.um() - 5.0).abs() < 1e-9);
    assert!((heights(&micro).z[[0, 1]] - 1e-9).abs() < 1e-18, "heights were metres and stay so");
    let steep = main_xml("D").replace("<Increment>1<", "<Increment>1e9<");
    let scan = read(&x3p(&steep, &ramp())).unwrap();
    told(&scan, "heights would range over");
    assert!((heights(&scan).z[[0, 1]] - 1e-6).abs() < 1e-15);
    for (from, to) in [("5e-6", "5e6"), ("5e-6", "0.005")] {
        let error = read_with(from, to).unwrap_err();
        assert_eq!(error.kind, Kind::Damaged);
        assert!(error.what.contains("neither can be"), "{error}");
    }
}

/// A rough surface as the matrix of [`main_xml`], in metres times `factor`.
fn rough(factor: f64) -> Vec<u8> {
    let height = |i: i32| {
        let (x, y) = (f64::from(i % 40), f64::from(i / 40));
        1e-6 * ((x * 0.9).sin() + (y * 0.7).cos() + 0.3 * (x * y).sin()) * factor
    };
    (0..1200).flat_map(|i| height(i).to_le_bytes()).collect()
}

#[test]
fn implausible_heights_are_refused_at_reading_with_the_unit_that_would_make_them_plausible() {
    let read = |factor: f64| read(&x3p(&main_xml("D"), &rough(factor)));
    assert!(read(1.0).is_ok() && read(30.0).is_ok() && read(0.2).is_ok());
    told(&read(1e6).unwrap(), "taken as micrometres");
    for (factor, unit) in
        [(1e3, "millimetres"), (1e9, "nanometres"), (1e-6, "million"), (1e-3, "thousand")]
    {
        let error = read(factor).unwrap_err();
        assert_eq!(error.kind, Kind::Damaged);
        assert!(error.what.contains(unit), "{factor}: {error}");
        assert!(error.advice.as_ref().unwrap().contains("export"), "{error}");
    }
    // The laboratory states it once for the instrument.
    let setting = Setting { height_unit: Some(Unit::Mm), ..Setting::default() };
    let options = ReadOptions { setting, ..ReadOptions::default() };
    let scan = read_scan_bytes(&x3p(&main_xml("D"), &rough(1e3)), &options).unwrap();
    told(&scan, "heights in mm");
    let plain = read(1.0).unwrap();
    let close = heights(&scan).z.iter().zip(&heights(&plain).z).all(|(a, b)| (a - b).abs() < 1e-15);
    assert!(close);
}

#[test]
fn single_impossible_points_are_missing_whatever_their_number() {
    for count in [1, 3, 200] {
        let mut data = rough(1.0);
        for i in 0..count {
            data[8 * i..8 * i + 8].copy_from_slice(&(-9999.0_f64).to_le_bytes());
        }
        let scan = read(&x3p(&main_xml("D"), &data)).unwrap();
        let missing = heights(&scan).z.iter().filter(|z| z.is_nan()).count();
        assert_eq!(missing, count);
        told(&scan, "impossible: taken as missing");
    }
}

#[test]
fn a_stated_origin_and_what_the_laboratory_states_are_honoured() {
    let xml = |origin: &str| {
        main_xml("D").replace("</Axes>", &format!("<Origin>{origin}</Origin></Axes>"))
    };
    let read = |origin: &str, setting: Setting| {
        let options = ReadOptions { setting, ..ReadOptions::default() };
        let scan = read_scan_bytes(&x3p(&xml(origin), &rough(1.0)), &options).unwrap();
        (heights(&scan).z.clone(), scan.warnings)
    };
    let plain = read("NW", Setting::default()).0;
    let at = |z: &Array2<f64>, y: usize, x: usize| z[[y, x]];
    for (origin, south, east) in [("SW", true, false), ("NE", false, true), ("SE", true, true)] {
        let (z, warnings) = read(origin, Setting::default());
        let (y, x) = (if south { 29 } else { 0 }, if east { 39 } else { 0 });
        assert_eq!(at(&z, y, x), at(&plain, 0, 0), "{origin}");
        assert!(warnings.iter().any(|w| w.contains("it is put there")), "{warnings:?}");
    }
    let rows = |rows| Setting { rows: Some(rows), ..Setting::default() };
    assert_eq!(at(&read("NW", rows(Rows::BottomUp)).0, 29, 5), at(&plain, 0, 5));
    // The laboratory's word counts where the file's is wrong.
    assert_eq!(read("SW", rows(Rows::TopDown)).0, plain);
    assert_eq!(at(&read("SW", rows(Rows::BottomUp)).0, 29, 5), at(&plain, 0, 5));
    let cast = read("NW", Setting { cast: Some(true), ..Setting::default() });
    assert_eq!(at(&cast.0, 29, 5), -at(&plain, 0, 5));
    assert!(cast.1[0].contains("a cast"), "{:?}", cast.1);
    let both = Setting { cast: Some(true), rows: Some(Rows::BottomUp), ..Setting::default() };
    assert_eq!(at(&read("NW", both).0, 0, 5), -at(&plain, 0, 5));
}

#[test]
fn the_labels_of_a_mask_decide_and_what_is_unclear_is_said() {
    // Red, green and blue squares on the background colour.
    let colours = [[255_u8, 0, 0], [0, 200, 0], [0, 0, 255]];
    let png = {
        let image = image::RgbImage::from_fn(40, 30, |x, y| {
            let square = (y / 10) as usize;
            image::Rgb(if x < 10 { colours[square] } else { [0xcd, 0x7f, 0x32] })
        });
        let mut bytes = std::io::Cursor::new(Vec::new());
        image.write_to(&mut bytes, image::ImageFormat::Png).unwrap();
        bytes.into_inner()
    };
    let read = |labels: &[(&str, &str)]| {
        let labels: String = labels
            .iter()
            .map(|(c, text)| format!("<Annotation color=\"{c}\">{text}</Annotation>"))
            .collect();
        let mask = format!(
            "<Mask><Background>#cd7f32</Background><Annotations>{labels}</Annotations></Mask></Record3>"
        );
        let xml = main_xml("D").replace("</Record3>", &mask);
        let members = [
            ("main.xml", xml.as_bytes()),
            ("bindata/data.bin", &rough(1.0)),
            ("bindata/mask.png", &png),
        ];
        let scan = read(&zip(&members, Stored)).unwrap();
        let missing = heights(&scan).z.iter().filter(|z| z.is_nan()).count();
        let marked = scan.file_mask.as_ref().map(|m| m.iter().filter(|m| **m).count());
        (
            missing,
            marked,
            scan.warnings.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"),
        )
    };
    let (red, green, blue) = ("#ff0000", "#00c800", "#0000FFff");
    assert_eq!(read(&[]).1, Some(300), "without labels light colours are the mark");
    let (missing, marked, said) = read(&[(red, "foreign material, exclude")]);
    assert_eq!((missing, marked), (100, None), "{said}");
    assert!(said.contains("is left out") && said.contains("no label that is understood"), "{said}");
    let (missing, marked, said) =
        read(&[(red, "Breech face"), (green, "daño"), (blue, "well expressed")]);
    assert_eq!((missing, marked), (100, Some(100)), "{said}");
    assert!(said.contains("\"well expressed\" (#0000FFff) is not understood"), "{said}");
    // Both words in one label: what excludes is heeded.
    assert_eq!(read(&[(red, "damaged breech face: leave out")]).0, 100);
}

#[test]
fn numbers_that_wrap_and_exchanged_sizes_are_refused_and_steep_marks_are_not() {
    let (nx, ny) = (60_usize, 40_usize);
    let wave = |x: usize, y: usize| {
        let (x, y) = (x as f64, y as f64);
        0.5 + 0.24 * ((x * 0.23).sin() + (y * 0.27).cos()) + 0.01 * (x * y).sin()
    };
    let xml = |letter: &str, nx: usize, ny: usize| {
        main_xml(letter)
            .replace("<SizeX>40<", &format!("<SizeX>{nx}<"))
            .replace("<SizeY>30<", &format!("<SizeY>{ny}<"))
            .replace("<Increment>1<", "<Increment>1e-10<")
    };
    let data = |number: &dyn Fn(f64) -> Vec<u8>| -> Vec<u8> {
        (0..nx * ny).flat_map(|i| number(wave(i % nx, i / nx))).collect()
    };
    let signed = data(&|v| ((v * 65_535.0 - 32_768.0) as i16).to_le_bytes().to_vec());
    let unsigned = data(&|v| ((v * 65_535.0) as u16).to_le_bytes().to_vec());
    assert!(read(&x3p(&xml("I", nx, ny), &signed)).is_ok());
    let error = read(&x3p(&xml("I", nx, ny), &unsigned)).unwrap_err();
    assert!(error.what.contains("unsigned"), "{error}");
    let wide = data(&|v| ((v * 4_294_967_295.0) as u32).to_le_bytes().to_vec());
    let xml32 = xml("L", nx, ny).replace("1e-10", "1e-15");
    assert!(read(&x3p(&xml32, &wide)).unwrap_err().what.contains("unsigned"));
    // Spikes from one end of the range to the other are no wrap.
    let mut spikes = signed.clone();
    for i in (0..nx * ny).step_by(97) {
        spikes[2 * i..2 * i + 2].copy_from_slice(&[0, 0x80]);
    }
    assert!(read(&x3p(&xml("I", nx, ny), &spikes)).is_ok());
    let error = read(&x3p(&xml("I", ny, nx), &signed)).unwrap_err();
    assert!(error.what.contains("SizeX and SizeY are exchanged"), "{error}");
    // Tool marks along the rows or across them do not look like exchanged sizes.
    for along in [true, false] {
        let striae: Vec<u8> = (0..nx * ny)
            .map(|i| if along { i / nx } else { i % nx })
            .flat_map(|n| ((1e4 * (n as f64 * 1.9).sin()) as i16).to_le_bytes())
            .collect();
        assert!(read(&x3p(&xml("I", nx, ny), &striae)).is_ok());
    }
}

#[test]
fn valid_files_in_other_forms_are_read_as_the_plain_one() {
    let plain = read(&x3p(&main_xml("D"), &rough(1.0))).unwrap();
    let same = |bytes: &[u8], what: &str| {
        let scan = read(bytes).unwrap_or_else(|e| panic!("{what}: {e}"));
        assert_eq!(heights(&scan), heights(&plain), "{what}");
        scan
    };
    let xml = main_xml("D");
    let members = [("main.xml", xml.as_bytes()), ("bindata/data.bin", &rough(1.0))];
    for (bom, big) in [(true, false), (true, true), (false, false), (false, true)] {
        let text = format!("{}{xml}", if bom { "\u{feff}" } else { "" });
        let wide: Vec<u8> = text
            .encode_utf16()
            .flat_map(|c| if big { c.to_be_bytes() } else { c.to_le_bytes() })
            .collect();
        same(&zip(&[("main.xml", &wide), members[1]], Stored), "UTF-16");
    }
    // One byte a valid point, as 1 and as 255.
    let link = "</PointDataLink><ValidPointsLink>bindata/valid.bin</ValidPointsLink>";
    let with_valid = xml.replace("</PointDataLink>", link);
    for set in [1_u8, 255] {
        let flags: Vec<u8> = (0..1200).map(|i| if i == 7 { 0 } else { set }).collect();
        let members =
            [("main.xml", with_valid.as_bytes()), members[1], ("bindata/valid.bin", &flags)];
        let scan = read(&zip(&members, Stored)).unwrap();
        let missing: Vec<_> =
            heights(&scan).z.indexed_iter().filter(|(_, z)| z.is_nan()).map(|(at, _)| at).collect();
        assert_eq!(missing, [(0, 7)]);
        told(&scan, "a byte a point");
    }
    // Heights within main.xml, an empty one for a missing point.
    let list: String = rough(1.0)
        .chunks_exact(8)
        .map(|b| format!("<Datum>{:e}</Datum>\n", f64::from_le_bytes(b.try_into().unwrap())))
        .collect();
    let own = xml
        .replace(
            "<DataLink><PointDataLink>bindata/data.bin</PointDataLink></DataLink>",
            "<DataList/>",
        )
        .replace("<DataList/>", &format!("<DataList>{list}</DataList>"));
    same(&zip(&[("main.xml", own.as_bytes())], Stored), "a list in main.xml");
    let holed = own.replacen("<Datum>", "<Datum/><!--", 1).replacen("</Datum>", "-->", 1);
    let scan = read(&zip(&[("main.xml", holed.as_bytes())], Stored)).unwrap();
    assert!(heights(&scan).z[[0, 0]].is_nan() && heights(&scan).z[[0, 1]].is_finite());
    let short = own.replacen("<Datum>", "<!--", 1).replacen("</Datum>", "-->", 1);
    let error = read(&zip(&[("main.xml", short.as_bytes())], Stored)).unwrap_err();
    assert!(error.what.contains("1199 heights where the dimensions ask for 1200"), "{error}");
}

#[test]
fn a_stated_pixel_size_prevails_and_a_disagreement_is_told() {
    let stated = |um| ReadOptions { pixel_size: Some(Metres::from_um(um)), ..Default::default() };
    let bytes = x3p(&main_xml("D"), &ramp());
    let scan = read_scan_bytes(&bytes, &stated(6.0)).unwrap();
    told(&scan, "the manifest's is used");
    assert_eq!(heights(&scan).pitch_y, Metres::from_um(6.0));
    let scan = read_scan_bytes(&bytes, &stated(5.05)).unwrap();
    assert_eq!(heights(&scan).pitch_x, Metres(5e-6));
    assert_eq!(read_scan_bytes(&bytes, &stated(2530.0)).unwrap_err().kind, Kind::BadInput);
}

#[test]
fn values_that_would_have_to_be_guessed_are_errors() {
    let refused = |from: &str, to: &str, kind: Kind, reason: &str| {
        let error = read_with(from, to).expect_err(to);
        assert_eq!(error.kind, kind, "{error}");
        assert!(error.what.contains(reason), "{error}");
    };
    for bad in ["", "0", "-5e-6", "NaN", "inf", "five", "5,0e-6", "1e999"] {
        refused(
            "5e-6</Increment></CX>",
            &format!("{bad}</Increment></CX>"),
            Kind::Damaged,
            "CX/Inc",
        );
    }
    refused("<Increment>5e-6</Increment></CY>", "</CY>", Kind::Damaged, "no Record1/Axes/CY/Inc");
    refused("<Increment>1<", "<Increment>x<", Kind::Damaged, "CZ/Increment");
    refused(">0<", ">much<", Kind::Damaged, "CZ/Offset");
    refused("5e-6</Increment></CX>", "5</Increment></CX>", Kind::Damaged, "contradict");
    refused(
        "<SizeX>40",
        "<SizeX>41",
        Kind::Damaged,
        "9600 bytes where the dimensions ask for 9840",
    );
    refused(
        "<SizeX>40",
        "<SizeX>39",
        Kind::Damaged,
        "more bytes where the dimensions ask for 9360",
    );
    refused("<SizeX>40", "<SizeX>-4", Kind::Damaged, "SizeX");
    refused("<SizeX>40", "<SizeX>0", Kind::Damaged, "SizeX");
    refused("<SizeX>40", "<SizeX>80000", Kind::Damaged, "packed bytes can give");
    let digits = "9".repeat(40);
    refused("<SizeX>40", &format!("<SizeX>{digits}"), Kind::TooLarge, "more than the limit");
    refused(
        "<DataType>D</DataType><Increment>1",
        "<DataType>Q</DataType><Increment>1",
        Kind::Damaged,
        "\"Q\"",
    );
    refused("<CX><AxisType>I", "<CX><AxisType>A", Kind::UnknownFormat, "not an incremental axis");
    refused("SUR", "PCL", Kind::UnknownFormat, "feature type");
    refused("</p:ISO5436_2>", "", Kind::Damaged, "ends inside");
    let no_main = zip(&[("readme.txt", b"hello")], Stored);
    assert_eq!(read(&no_main).unwrap_err().kind, Kind::UnknownFormat);
    let valid = main_xml("D")
        .replace("</PointDataLink>", "</PointDataLink><ValidPointsLink>v.bin</ValidPointsLink>");
    let members = [("main.xml", valid.as_bytes()), ("d.bin", &ramp()), ("v.bin", &[255; 149])];
    assert!(read(&zip(&members, Stored)).unwrap_err().what.contains("149 bytes"));
}

#[test]
fn masks_are_understood_or_ignored_with_a_reason() {
    use image::{ImageFormat, Rgba, RgbaImage};
    let with_mask = |xml: &str, width: u32, pixel: &dyn Fn(u32, u32) -> [u8; 4]| {
        let image = RgbaImage::from_fn(width, 30, |x, y| Rgba(pixel(x, y)));
        let mut png = std::io::Cursor::new(Vec::new());
        image.write_to(&mut png, ImageFormat::Png).unwrap();
        let members = [
            ("main.xml", xml.as_bytes()),
            ("bindata/data.bin", &ramp()),
            ("Mask.PNG", png.get_ref()),
        ];
        read(&zip(&members, Stored)).unwrap()
    };
    let plain = main_xml("D");
    let bronze =
        plain.replace("</Record3>", "<Mask><Background>#cd7f32</Background></Mask></Record3>");
    let left = |inside: [u8; 4], outside: [u8; 4]| {
        move |x: u32, _: u32| if x < 10 { inside } else { outside }
    };
    let expected = Array2::from_shape_fn((30, 40), |(_, x)| x < 10);
    for (xml, inside, outside) in [
        (&plain, [255, 255, 255, 255], [0, 0, 0, 255]),
        (&plain, [255, 0, 0, 255], [255, 0, 0, 0]),
        (&bronze, [0, 0, 255, 255], [0xcd, 0x7f, 0x32, 255]),
    ] {
        let scan = with_mask(xml, 40, &left(inside, outside));
        assert_eq!(scan.file_mask.as_ref(), Some(&expected), "{:?}", scan.warnings);
    }
    let constant = with_mask(&plain, 40, &|_, _| [255; 4]);
    told(&constant, "every pixel is marked");
    told(&with_mask(&plain, 39, &left([255; 4], [0; 4])), "39 × 30 pixels");
    told(&with_mask(&plain, 40, &|x, _| [x as u8 * 6, 0, 0, 255]), "several colours");
    assert_eq!(constant.file_mask, None);
}

/// The standard file, written by this program, with everything it can hold.
fn seed() -> Vec<u8> {
    let z = Array2::from_shape_fn((9, 7), |(y, x)| if x == y { f64::NAN } else { x as f64 * 1e-7 });
    let mask = Array2::from_shape_fn((9, 7), |(y, x)| x > y);
    let map = HeightMap { z, pitch_x: Metres(5e-6), pitch_y: Metres(5e-6) };
    let meta = X3pMeta {
        z_type: ZType::I16,
        date: Some("2026-01-01"),
        mask: Some(&mask),
        ..Default::default()
    };
    write_x3p(&map, &meta).unwrap()
}

#[test]
fn a_file_cut_anywhere_is_refused() {
    let whole = seed();
    for length in 0..whole.len() {
        let error = read(&whole[..length]).expect_err("a cut file was read");
        assert!(matches!(error.kind, Kind::Damaged | Kind::UnknownFormat), "{length}: {error}");
    }
}

#[test]
fn random_damage_never_panics() {
    let mut random = rand_chacha::ChaCha8Rng::seed_from_u64(20_260_314);
    let options = ReadOptions { max_points: 1 << 16, ..ReadOptions::default() };
    let (archive, xml, data) = (seed(), main_xml("D").into_bytes(), ramp());
    let mut refused = 0;
    let rounds = testkit::rounds(6000);
    for round in 0..rounds {
        let mut damage = |bytes: &[u8]| {
            let mut bytes = bytes.to_vec();
            for _ in 0..1 + random.next_u32() % 4 {
                let at = random.next_u32() as usize % bytes.len();
                bytes[at] = match random.next_u32() % 3 {
                    0 => bytes[at] ^ (1 << (random.next_u32() % 8)),
                    1 => b"0123456789<>/&;eE-+.\0\xff"[random.next_u32() as usize % 22],
                    _ => random.next_u32() as u8,
                };
            }
            bytes
        };
        // The archive as a whole; else its members, under correct CRCs.
        let bytes = if round % 3 == 0 {
            damage(&archive)
        } else {
            let (xml, data) = (damage(&xml), damage(&data));
            zip(&[("main.xml", &xml), ("bindata/data.bin", &data)], Stored)
        };
        refused += u32::from(read_scan_bytes(&bytes, &options).is_err());
    }
    assert!(
        (rounds / 10..rounds).contains(&refused),
        "the damage should show in many files: {refused}"
    );
}
