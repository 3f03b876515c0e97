//! X3P archives that are whole as archives and as XML, so that what is odd
//! about them reaches the readers of the fields, the matrix and the mask.

use super::{NUMBERS, mutated};
use image::{DynamicImage, GrayImage, ImageFormat};
use rand::{Rng, RngExt as _};
use std::io::{Cursor, Write};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

/// What a field may say instead of what it should.
const ODD: [&str; 32] = [
    "",
    " ",
    "0",
    "-0",
    "-1",
    "1",
    "40.0",
    " 30 ",
    "40,5",
    "5e-6",
    "5E-06 ",
    "0.000005",
    "5",
    "5 µm",
    "1e-320",
    "1e308",
    "-1e308",
    "1e999",
    "NaN",
    "-inf",
    "0x10",
    "99999999999999999999",
    "4294967297",
    "true",
    "I",
    "D",
    "SUR",
    "main.xml",
    "bindata/valid.bin",
    "../../data.bin",
    "&lt;",
    "\u{feff}",
]; // fmt: skip

/// One of them.
fn one<'a>(of: &[&'a str], rng: &mut impl Rng) -> &'a str {
    of[rng.random_range(0..of.len())]
}

/// A matrix of numbers of which some are odd, in the byte order of X3P.
fn matrix(letter: &str, points: usize, rng: &mut impl Rng) -> Vec<u8> {
    let width = match letter {
        "I" => 2,
        "D" => 8,
        _ => 4,
    };
    let (share, nanometres) = (rng.random_range(0.0..0.1), rng.random_range(-2000.0..2000.0));
    let mut out = Vec::with_capacity(width * points);
    for n in 0..points {
        let height = 1e-9 * (nanometres + n as f64);
        let odd = NUMBERS[rng.random_range(0..NUMBERS.len())].to_le_bytes();
        match letter {
            _ if rng.random_bool(share) => out.extend(&odd[..width]),
            "I" => out.extend((n as i16).to_le_bytes()),
            "L" => out.extend((n as i32).to_le_bytes()),
            "F" => out.extend((height as f32).to_le_bytes()),
            _ => out.extend(height.to_le_bytes()),
        }
    }
    out
}

/// `main.xml` in which up to two fields, or the matrix's sizes, say something odd.
fn document(letter: &str, [nx, ny, nz]: [usize; 3], rng: &mut impl Rng) -> String {
    let (nx, ny, nz) = (nx.to_string(), ny.to_string(), nz.to_string());
    let axis = |name: &str| format!("Record1/Axes/{name}");
    let mut fields: Vec<(String, &str)> = vec![
        ("Record1/FeatureType".into(), "SUR"),
        (axis("CX/AxisType"), "I"),
        (axis("CX/Increment"), "5e-6"),
        (axis("CY/AxisType"), "I"),
        (axis("CY/Increment"), one(&["5e-6", "5.0", "6.25e-6", "4.9e-6"], rng)),
        (axis("CZ/AxisType"), "A"),
        (axis("CZ/DataType"), letter),
        (axis("CZ/Increment"), if letter == "I" || letter == "L" { "1e-9" } else { "1" }),
        (axis("CZ/Offset"), "0"),
        (axis("Rotation/r11"), "1"),
        (axis("Rotation/r22"), one(&["1", "-1"], rng)),
        (axis("Rotation/r33"), "1"),
        ("Record2/Date".into(), "2026-11-21T00:00:00"),
        ("Record2/Instrument/Manufacturer".into(), "Maker"),
        ("Record3/MatrixDimension/SizeX".into(), &nx),
        ("Record3/MatrixDimension/SizeY".into(), &ny),
        ("Record3/MatrixDimension/SizeZ".into(), &nz),
        ("Record3/DataLink/PointDataLink".into(), "bindata/data.bin"),
        ("Record3/DataLink/MD5ChecksumPointData".into(), "00"),
        ("Record3/DataLink/ValidPointsLink".into(), "bindata/valid.bin"),
        ("Record3/Mask/Background".into(), one(&["#ffffff", "0", "none"], rng)),
        ("Record4/ChecksumFile".into(), "md5checksum.hex"),
    ];
    for _ in 0..rng.random_range(0..=2) {
        let at = rng.random_range(0..fields.len());
        match rng.random_range(0..4) {
            0 => drop(fields.remove(at)),
            1 => fields.push(fields[at].clone()),
            _ => fields[at].1 = one(&ODD, rng),
        }
    }
    let mut xml = String::from("<?xml version=\"1.0\"?><p:ISO5436_2 xmlns:p=\"urn:x3p\">");
    for (path, value) in fields {
        let names: Vec<&str> = path.split('/').collect();
        names.iter().for_each(|name| xml.extend(["<", name, ">"]));
        xml.push_str(value);
        names.iter().rev().for_each(|name| xml.extend(["</", name, ">"]));
    }
    xml + "</p:ISO5436_2>"
}

/// A whole archive; in one of four, bytes of one member are changed besides.
pub fn x3p(rng: &mut impl Rng) -> Vec<u8> {
    let letter = one(&["I", "L", "F", "D"], rng);
    let shape = [rng.random_range(1..=32), rng.random_range(1..=32), rng.random_range(1..=2)];
    let [nx, ny, nz] = shape;
    let mut members = vec![
        ("main.xml", document(letter, shape, rng).into_bytes()),
        (one(&["bindata/data.bin", "DATA.BIN"], rng), matrix(letter, nx * ny * nz, rng)),
    ];
    if rng.random() {
        let bytes = (nx * ny * nz).div_ceil(8);
        members.push(("bindata/valid.bin", (0..bytes).map(|_| rng.random()).collect()));
    }
    if rng.random() {
        let turned = rng.random_bool(0.2);
        let (x, y) = if turned { (ny, nx) } else { (nx, ny) };
        let mask = GrayImage::from_fn(x as u32, y as u32, |x, y| {
            image::Luma([if (x + y) % 3 == 0 { 0 } else { 255 }])
        });
        let mask = DynamicImage::from(mask);
        let mask = if rng.random() { DynamicImage::from(mask.to_rgba8()) } else { mask };
        let mut png = Cursor::new(Vec::new());
        mask.write_to(&mut png, ImageFormat::Png).unwrap();
        members.push(("bindata/mask.png", png.into_inner()));
    }
    members.push(("md5checksum.hex", b"00000000000000000000000000000000 *main.xml".to_vec()));
    if rng.random_ratio(1, 4) {
        let at = rng.random_range(0..members.len());
        members[at].1 = mutated(&[members[at].1.clone()], rng);
    }
    let deflated = rng.random::<bool>();
    let method = if deflated { CompressionMethod::Deflated } else { CompressionMethod::Stored };
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in members {
        zip.start_file(name, SimpleFileOptions::default().compression_method(method)).unwrap();
        zip.write_all(&bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}
