//! Instruments' files of which no sample is at hand, made here from known
//! heights: what is read is what was written.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use imaging::acquire::{Format, ReadOptions, Scan, read_scan_bytes};
use ndarray::Array2;
use std::io::Write as _;
use testkit::zip;
use types::surface::{HeightMap, Surface};
use zip::CompressionMethod::{self, Bzip2, Deflated, Lzma, Stored, Xz};

const NX: usize = 37;
const NY: usize = 29;

/// Heights of a gentle, lopsided relief in micrometres; the upper left corner
/// and one more point were not measured.
fn relief() -> Array2<f64> {
    Array2::from_shape_fn((NY, NX), |(y, x)| match (y, x) {
        (0, 0) | (17, 3) => f64::NAN,
        (y, x) => 12.5 + (0.31 * x as f64).sin() * 4.0 + 0.25 * y as f64 - 0.01 * (x * y) as f64,
    })
}

fn read(bytes: &[u8]) -> Scan {
    read_scan_bytes(bytes, &ReadOptions::default()).unwrap_or_else(|e| panic!("{e}"))
}

fn map(scan: &Scan) -> &HeightMap {
    match &scan.surface {
        Surface::Height(map) => map,
        Surface::Intensity(_) => panic!("not heights"),
    }
}

/// Whether a scan holds the relief to a millionth, gaps where it has them, at
/// this pitch in micrometres.
fn holds_the_relief(scan: &Scan, (pitch_x, pitch_y): (f64, f64), step_um: f64, what: &str) {
    let map = map(scan);
    assert_eq!(map.z.dim(), (NY, NX), "{what}");
    assert!((map.pitch_x.um() / pitch_x - 1.0).abs() < 1e-6, "{what}: {}", map.pitch_x);
    assert!((map.pitch_y.um() / pitch_y - 1.0).abs() < 1e-6, "{what}: {}", map.pitch_y);
    for ((at, z), true_um) in map.z.indexed_iter().zip(relief()) {
        let written = (true_um / step_um).round() * step_um;
        let same = z.is_nan() && written.is_nan() || (z * 1e6 / written - 1.0).abs() < 1e-6;
        assert!(same, "{what}: {z} m at {at:?}, not {written} µm");
    }
}

#[test]
fn a_plux_gives_its_heights() {
    let index = format!(
        "\u{feff}<?xml version=\"1.0\" encoding=\"utf-8\"?><xml><GENERAL>\
         <DATE>Tue Mar 3 09:12:44 2026</DATE><IMAGE_SIZE_X>{NX}</IMAGE_SIZE_X>\
         <IMAGE_SIZE_Y>{NY}</IMAGE_SIZE_Y><FOV_X>1.29</FOV_X><FOV_Y>1.31</FOV_Y></GENERAL>\
         <INFO><DEVICE>S neox</DEVICE></INFO></xml>"
    );
    // Micrometres; a lost point is 1,000,001.
    let layer: Vec<u8> = relief()
        .iter()
        .flat_map(|z| (if z.is_nan() { 1_000_001.0 } else { *z as f32 }).to_le_bytes())
        .collect();
    for method in [Stored, Deflated, Bzip2, Xz] {
        let members = [("index.xml", index.as_bytes()), ("LAYER_0.raw", layer.as_slice())];
        let scan = read(&zip(&members, method));
        assert_eq!(scan.format, Format::Plux);
        holds_the_relief(&scan, (1.29, 1.31), 1e-9, &format!("{method}"));
        assert_eq!(scan.instrument.as_deref(), Some("Sensofar S neox"));
        assert_eq!(scan.acquired.as_deref(), Some("Tue Mar 3 09:12:44 2026"));
    }
}

/// A Digital Surf file of heights in steps of `step_um`, in `width` bytes each,
/// packed into that many zlib streams, or not where there are none.
fn sur(width: usize, step_um: f64, streams: usize) -> Vec<u8> {
    let mut out = vec![0; 512];
    let mut put = |at: usize, bytes: &[u8]| out[at..at + bytes.len()].copy_from_slice(bytes);
    put(0, if streams > 0 { b"DSCOMPRESSED" } else { b"DIGITAL SURF" });
    put(14, &1_i16.to_le_bytes());
    put(18, &2_i16.to_le_bytes());
    put(50, b"S neox");
    // Special points are marked: two below the least height is a missing one.
    put(86, &1_i16.to_le_bytes());
    put(98, &(8 * width as i16).to_le_bytes());
    let (low, high) = (-30_000_i32, 30_000_i32);
    put(100, &low.to_le_bytes());
    put(104, &high.to_le_bytes());
    put(108, &(NX as i32).to_le_bytes());
    put(112, &(NY as i32).to_le_bytes());
    // Millimetres across, micrometres up.
    for (at, step) in [(120, 0.00125_f32), (124, 0.0015), (128, step_um as f32)] {
        put(at, &step.to_le_bytes());
    }
    put(180, b"mm");
    put(196, b"mm");
    put(212, b"\xb5m");
    for (i, n) in [44_i16, 12, 9, 3, 3, 2026].into_iter().enumerate() {
        put(306 + 2 * i, &n.to_le_bytes());
    }
    put(334, &5_i16.to_le_bytes());
    put(336, &3_i16.to_le_bytes());
    out.extend(b"notesxyz");
    let number = |z: &f64| if z.is_nan() { low - 2 } else { (z / step_um).round() as i32 };
    let raw: Vec<u8> = relief()
        .iter()
        .flat_map(|z| number(z).to_le_bytes().into_iter().take(width).collect::<Vec<_>>())
        .collect();
    if streams == 0 {
        out.extend(raw);
        return out;
    }
    let parts: Vec<&[u8]> = raw.chunks(raw.len().div_ceil(streams)).collect();
    let packed: Vec<Vec<u8>> = parts
        .iter()
        .map(|part| {
            let level = flate2::Compression::default();
            let mut zlib = flate2::write::ZlibEncoder::new(Vec::new(), level);
            zlib.write_all(part).unwrap();
            zlib.finish().unwrap()
        })
        .collect();
    out.extend((packed.len() as u32).to_le_bytes());
    for (part, packed) in parts.iter().zip(&packed) {
        out.extend((part.len() as u32).to_le_bytes());
        out.extend((packed.len() as u32).to_le_bytes());
    }
    packed.iter().for_each(|stream| out.extend(stream));
    out
}

#[test]
fn a_compressed_sur_gives_its_heights_as_a_plain_one_does() {
    // Steps that 32 bits hold exactly, so that only reading can be wrong.
    for (width, step_um) in [(2, 0.0009765625), (4, 0.0009765625)] {
        for streams in [0, 1, 3] {
            let what = format!("{width} bytes, {streams} streams");
            let scan = read(&sur(width, step_um, streams));
            assert_eq!(scan.format, Format::Sur, "{what}");
            holds_the_relief(&scan, (1.25, 1.5), step_um, &what);
            assert_eq!(scan.instrument.as_deref(), Some("S neox"), "{what}");
            assert_eq!(scan.acquired.as_deref(), Some("2026-03-03T09:12:44"), "{what}");
        }
    }
    // A stream short of one byte, or a count that promises one more, is damage.
    let whole = sur(2, 0.0009765625, 3);
    let short = read_scan_bytes(&whole[..whole.len() - 1], &ReadOptions::default()).unwrap_err();
    assert!(short.what.contains("packed heights"), "{short}");
    let mut more = whole;
    more[520] += 1;
    assert!(read_scan_bytes(&more, &ReadOptions::default()).is_err());
}

/// `lzma.x3p` was written by Python's zipfile, which packs by LZMA as the crate
/// at hand cannot: 40 × 30 heights, a nanometre more each, 5 µm apart.
#[test]
fn an_x3p_packed_by_any_usual_method_gives_its_heights() {
    let xml = testkit::main_xml("D");
    let ramp = testkit::ramp();
    let made = |method: CompressionMethod| {
        zip(&[("main.xml", xml.as_bytes()), ("bindata/data.bin", &ramp)], method)
    };
    let lzma = include_bytes!("lzma.x3p").to_vec();
    let files = [
        (Stored, made(Stored)),
        (Deflated, made(Deflated)),
        (Bzip2, made(Bzip2)),
        (Xz, made(Xz)),
        (Lzma, lzma),
    ];
    for (method, bytes) in files {
        let mut archive = ::zip::ZipArchive::new(std::io::Cursor::new(&bytes)).unwrap();
        let packed = archive.by_name("bindata/data.bin").unwrap().compression();
        assert_eq!(packed, method, "the file is what it is taken for");
        let scan = read(&bytes);
        let map = map(&scan);
        assert_eq!(map.z.dim(), (30, 40), "{method}");
        for (i, z) in map.z.iter().enumerate() {
            let written = i as f64 * 1e-9;
            assert!((z - written).abs() <= 1e-6 * written, "{method}: {z} at {i}");
        }
    }
}
