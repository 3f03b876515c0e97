//! Files of instruments and TIFFs that are whole but for what is odd about
//! them, so that it reaches the readers of their parts.

use super::{NUMBERS, mutated};
use rand::{Rng, RngExt as _};
use std::io::{Cursor, Write};
use tiff::encoder::colortype::{Gray8, Gray16, Gray32Float, RGB8, RGBA16};
use tiff::encoder::{Compression, Predictor, TiffEncoder};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

/// In one of three, bytes are changed anywhere besides.
fn changed(bytes: Vec<u8>, rng: &mut impl Rng) -> Vec<u8> {
    if rng.random_ratio(1, 3) { mutated(&[bytes], rng) } else { bytes }
}

/// Heights of some micrometres in `unit`s, a few of them odd.
fn heights(points: usize, unit: f32, rng: &mut impl Rng) -> Vec<u8> {
    let odd = [f32::NAN, f32::INFINITY, f32::MAX, 1_000_001.0, 3e15, -9999.0];
    let height = |i: usize| ((i as f32) * 0.7).sin() * 2.0 * unit;
    let mut out = Vec::with_capacity(4 * points);
    for i in 0..points {
        let strange = rng.random_ratio(1, 50);
        let z = if strange { odd[rng.random_range(0..odd.len())] } else { height(i) };
        out.extend(z.to_le_bytes());
    }
    out
}

/// Sides that are mostly true, sometimes odd.
fn sides(rng: &mut impl Rng) -> ((usize, usize), (u32, u32)) {
    let (nx, ny) = (rng.random_range(1..=24_usize), rng.random_range(1..=24_usize));
    let said = match rng.random_range(0..6) {
        0 => (NUMBERS[rng.random_range(0..NUMBERS.len())] as u32, ny as u32),
        1 => (nx as u32, NUMBERS[rng.random_range(0..NUMBERS.len())] as u32),
        _ => (nx as u32, ny as u32),
    };
    ((nx, ny), said)
}

pub fn al3d(rng: &mut impl Rng) -> Vec<u8> {
    let ((nx, ny), (columns, rows)) = sides(rng);
    let offset = 17 + 52 * 9 + rng.random_range(0..40_usize);
    let mut out = b"AliconaImaging\0\r\n".to_vec();
    let odd = ["", "-1", "nan", "1e308", "99999999999999999999", "845"];
    let strange = rng.random_range(0..18_usize);
    let texts = [
        ("Version", "1".to_owned()),
        ("TagCount", "7".to_owned()),
        ("Cols", columns.to_string()),
        ("Rows", rows.to_string()),
        ("DepthImageOffset", offset.to_string()),
        ("TextureImageOffset", "0".to_owned()),
        ("InvalidPixelValue", "3.000000028082e+15".to_owned()),
        ("PixelSizeXMeter", "6.25e-06".to_owned()),
        ("PixelSizeYMeter", "6.25e-06".to_owned()),
    ];
    for (i, (key, value)) in texts.iter().enumerate() {
        let value = if i == strange { odd[rng.random_range(0..odd.len())] } else { value };
        let mut tag = vec![0; 50];
        tag[..key.len()].copy_from_slice(key.as_bytes());
        tag[20..20 + value.len()].copy_from_slice(value.as_bytes());
        out.extend(tag);
        out.extend(b"\r\n");
    }
    out.resize(offset, 0);
    // Rows padded to eight bytes, or not.
    let padding = if rng.random() { (8 - 4 * nx % 8) % 8 } else { 0 };
    for row in heights(nx * ny, 1e-6, rng).chunks(4 * nx) {
        out.extend(row);
        out.extend(vec![0; padding]);
    }
    changed(out, rng)
}

pub fn plu(rng: &mut impl Rng) -> Vec<u8> {
    let ((nx, ny), (columns, rows)) = sides(rng);
    let mut out = vec![0; 508];
    out[..24].copy_from_slice(b"Mon Apr 19 11:40:13 2021");
    for (at, n) in [(388, rows), (392, columns), (428, 3), (500, rows), (504, columns)] {
        out[at..at + 4].copy_from_slice(&n.to_le_bytes());
    }
    for at in [404, 408] {
        let pitch = [6.25_f32, 0.332, f32::NAN, 0.0, -1.0][rng.random_range(0..5)];
        out[at..at + 4].copy_from_slice(&pitch.to_le_bytes());
    }
    out.extend(heights(nx * ny, 1.0, rng));
    changed(out, rng)
}

pub fn plux(rng: &mut impl Rng) -> Vec<u8> {
    let ((nx, ny), (columns, rows)) = sides(rng);
    let fov = ["6.25", "0.3", "x", "", "-1", "1e300"][rng.random_range(0..6)];
    let index = format!(
        "<?xml version=\"1.0\"?><xml><GENERAL><DATE>x</DATE><IMAGE_SIZE_X>{columns}</IMAGE_SIZE_X>\
         <IMAGE_SIZE_Y>{rows}</IMAGE_SIZE_Y><FOV_X>{fov}</FOV_X><FOV_Y>6.25</FOV_Y></GENERAL></xml>"
    );
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let method = match rng.random_range(0..3) {
        0 => CompressionMethod::Stored,
        1 => CompressionMethod::Bzip2,
        _ => CompressionMethod::Deflated,
    };
    for (name, bytes) in
        [("index.xml", index.into_bytes()), ("LAYER_0.raw", heights(nx * ny, 1.0, rng))]
    {
        zip.start_file(name, SimpleFileOptions::default().compression_method(method)).unwrap();
        zip.write_all(&bytes).unwrap();
    }
    changed(zip.finish().unwrap().into_inner(), rng)
}

pub fn sur(rng: &mut impl Rng) -> Vec<u8> {
    let ((nx, ny), (columns, rows)) = sides(rng);
    let packed = rng.random::<bool>();
    let wide = rng.random::<bool>();
    let mut out = vec![0; 512];
    out[..12].copy_from_slice(if packed { b"DSCOMPRESSED" } else { b"DIGITAL SURF" });
    let mut put = |at: usize, bytes: &[u8]| out[at..at + bytes.len()].copy_from_slice(bytes);
    put(14, &1_i16.to_le_bytes());
    put(18, &[2_i16, 5, 1, -1][rng.random_range(0..4)].to_le_bytes());
    put(86, &rng.random_range(0..2_i16).to_le_bytes());
    put(98, &(if wide { 32_i16 } else { 16 }).to_le_bytes());
    put(100, &(-3000_i32).to_le_bytes());
    put(104, &3000_i32.to_le_bytes());
    put(108, &columns.to_le_bytes());
    put(112, &rows.to_le_bytes());
    for (at, step) in [(120, 6.25_f32), (124, 6.25), (128, 0.001)] {
        put(at, &step.to_le_bytes());
    }
    for at in [180, 196, 212] {
        put(at, [&b"\xb5m"[..], b"um", b"mm", b"furlong"][rng.random_range(0..4)]);
    }
    put(334, &3_i16.to_le_bytes());
    out.extend(b"abc");
    let number = |i: usize| ((i as f32 * 0.9).sin() * 3001.0) as i32;
    let raw: Vec<u8> = (0..nx * ny)
        .flat_map(|i| {
            if wide {
                number(i).to_le_bytes().to_vec()
            } else {
                (number(i) as i16).to_le_bytes().to_vec()
            }
        })
        .collect();
    if packed {
        let mut zlib = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
        zlib.write_all(&raw).unwrap();
        let stream = zlib.finish().unwrap();
        let lengths = [1, raw.len() as u32, stream.len() as u32];
        lengths.iter().for_each(|n| out.extend(n.to_le_bytes()));
        out.extend(stream);
    } else {
        out.extend(raw);
    }
    changed(out, rng)
}

pub fn tmd(rng: &mut impl Rng) -> Vec<u8> {
    let ((nx, ny), (columns, rows)) = sides(rng);
    let mut out = b"Binary TrueMap Data File v2.0\r\n\0".to_vec();
    out.extend([&b"Created by TrueMap v6\r\n\0"[..], b"\0", b"no end"][rng.random_range(0..3)]);
    out.extend(columns.to_le_bytes());
    out.extend(rows.to_le_bytes());
    for _ in 0..2 {
        // Millimetres, mostly.
        let odd = [150.0_f32, f32::NAN, 0.0, 1e30][rng.random_range(0..4)];
        let across = if rng.random_ratio(1, 8) { odd } else { 0.15 };
        out.extend(across.to_le_bytes());
    }
    out.extend([0; 8]);
    out.extend(heights(nx * ny, 0.001, rng));
    changed(out, rng)
}

/// A TIFF of one or two pages under any packing, with numbers in its directory
/// changed.
pub fn tiff(rng: &mut impl Rng) -> Vec<u8> {
    let (nx, ny) = (rng.random_range(1..=24_u32), rng.random_range(1..=24_u32));
    let packings = [
        Compression::Uncompressed,
        Compression::Lzw,
        Compression::Deflate(Default::default()),
        Compression::Packbits,
    ];
    let mut bytes = Cursor::new(Vec::new());
    let mut encoder = TiffEncoder::new(&mut bytes)
        .unwrap()
        .with_compression(packings[rng.random_range(0..packings.len())]);
    if rng.random() {
        encoder = encoder.with_predictor(Predictor::Horizontal);
    }
    for _ in 0..rng.random_range(1..=2) {
        let n = (nx * ny) as usize;
        let byte = |i: usize| (i * 37) as u8;
        let word = |i: usize| (i * 3571) as u16;
        let real = |i: usize| (i as f32 * 0.1).sin();
        let _ = match rng.random_range(0..5) {
            0 => encoder.write_image::<Gray8>(nx, ny, &(0..n).map(byte).collect::<Vec<_>>()),
            1 => encoder.write_image::<Gray16>(nx, ny, &(0..n).map(word).collect::<Vec<_>>()),
            2 => encoder.write_image::<RGB8>(nx, ny, &(0..3 * n).map(byte).collect::<Vec<_>>()),
            3 => encoder.write_image::<RGBA16>(nx, ny, &(0..4 * n).map(word).collect::<Vec<_>>()),
            _ => encoder.write_image::<Gray32Float>(nx, ny, &(0..n).map(real).collect::<Vec<_>>()),
        };
    }
    let mut bytes = bytes.into_inner();
    // The tags that say how pixels lie, changed to other numbers that they may hold.
    let tags = [258_u16, 259, 262, 266, 273, 274, 277, 278, 279, 284, 317, 322, 338, 339];
    for _ in 0..rng.random_range(0..3) {
        let tag = tags[rng.random_range(0..tags.len())].to_le_bytes();
        let places: Vec<usize> = bytes
            .windows(3)
            .enumerate()
            .filter(|(_, w)| w[..2] == tag && w[2] < 14)
            .map(|(i, _)| i)
            .collect();
        let Some(at) = places.get(rng.random_range(0..places.len().max(1))) else { continue };
        if at + 12 <= bytes.len() {
            let number = match rng.random_range(0..3) {
                0 => NUMBERS[rng.random_range(0..NUMBERS.len())] as u32,
                1 => [5, 7, 8, 16, 32, 64, 32_773][rng.random_range(0..7)],
                _ => rng.random_range(0..6),
            };
            bytes[at + 8..at + 12].copy_from_slice(&number.to_le_bytes());
        }
    }
    changed(bytes, rng)
}
