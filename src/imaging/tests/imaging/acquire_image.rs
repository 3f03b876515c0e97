//! Photographs: every format and depth, pixel sizes, alpha, damage.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod decoders;

use image::{DynamicImage, ImageBuffer, ImageFormat, Luma};
use imaging::acquire::{Format, ReadOptions, Scan, Setting, read_scan_bytes};
use rand::{Rng, SeedableRng};
use std::io::Cursor;
use tiff::encoder::colortype::{Gray8, Gray16, Gray32Float, RGB8};
use tiff::encoder::{Rational, TiffEncoder, colortype::ColorType};
use tiff::tags::{ResolutionUnit, Tag};
use types::error::{Error, Kind};
use types::surface::{IntensityMap, Surface};
use types::units::Metres;

const STATED: ReadOptions = ReadOptions {
    pixel_size: Some(Metres::from_um(2.5)),
    setting: Setting { rows: None, cast: None, lateral_unit: None, height_unit: None },
    profiles: None,
    instrument: None,
    max_points: 1 << 20,
    max_file_bytes: 1 << 30,
};

fn read(bytes: &[u8]) -> Result<Scan, Error> {
    read_scan_bytes(bytes, &ReadOptions { pixel_size: None, ..STATED })
}

fn intensity(scan: &Scan) -> &IntensityMap {
    match &scan.surface {
        Surface::Intensity(map) => map,
        Surface::Height(_) => panic!("an image gave heights"),
    }
}

/// A 12 × 8 ramp in 16-bit grey.
fn ramp() -> DynamicImage {
    let image = ImageBuffer::from_fn(12, 8, |x, y| Luma([(x * 5000 + y * 300) as u16]));
    DynamicImage::ImageLuma16(image)
}

fn encoded(image: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    image.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

fn tiff<C: ColorType>(pixels: &[C::Inner], resolution: Option<(ResolutionUnit, u32)>) -> Vec<u8>
where
    [C::Inner]: tiff::encoder::TiffValue,
{
    let mut bytes = Cursor::new(Vec::new());
    let mut encoder = TiffEncoder::new(&mut bytes).unwrap();
    let mut image = encoder.new_image::<C>(12, 8).unwrap();
    let (unit, n) = resolution.unwrap_or((ResolutionUnit::None, 1));
    image.resolution(unit, Rational { n, d: 1 });
    if unit == ResolutionUnit::None && n > 1 {
        let text = "ImageJ=1.53\nunit=micron\n";
        image.encoder().write_tag(Tag::ImageDescription, text).unwrap();
    }
    image.write_data(pixels).unwrap();
    bytes.into_inner()
}

#[test]
fn every_format_and_depth_gives_the_same_grey() {
    let wide = ramp();
    let byte = DynamicImage::ImageLuma8(wide.to_luma8());
    let colour = DynamicImage::ImageRgb8(wide.to_rgb8());
    let words = wide.to_luma16().into_raw();
    let floats: Vec<f32> = words.iter().map(|&w| f32::from(w) / 65_535.0).collect();
    let files = [
        (encoded(&wide, ImageFormat::Png), Format::Png, 1e-6),
        (encoded(&byte, ImageFormat::Png), Format::Png, 0.003),
        (encoded(&colour, ImageFormat::Png), Format::Png, 0.003),
        (encoded(&byte, ImageFormat::Bmp), Format::Bmp, 0.003),
        (encoded(&colour, ImageFormat::Bmp), Format::Bmp, 0.003),
        (encoded(&byte, ImageFormat::Jpeg), Format::Jpeg, 0.05),
        (tiff::<Gray8>(byte.as_bytes(), None), Format::Tiff, 0.003),
        (tiff::<RGB8>(colour.as_bytes(), None), Format::Tiff, 0.003),
        (tiff::<Gray16>(&words, None), Format::Tiff, 1e-6),
        (tiff::<Gray32Float>(&floats, None), Format::Tiff, 1e-6),
    ];
    for (i, (bytes, format, tolerance)) in files.iter().enumerate() {
        let scan = read_scan_bytes(bytes, &STATED).unwrap_or_else(|e| panic!("file {i}: {e}"));
        assert_eq!((scan.format, scan.bytes), (*format, bytes.len() as u64));
        let map = intensity(&scan);
        assert_eq!((map.v.dim(), map.pitch_x), ((8, 12), Metres::from_um(2.5)));
        for ((y, x), v) in map.v.indexed_iter() {
            assert!((v - floats[y * 12 + x]).abs() < *tolerance, "file {i} at {x}, {y}: {v}");
        }
        assert_eq!(read(bytes).unwrap_err().kind, Kind::UnknownPixelSize, "file {i}");
    }
}

#[test]
fn the_pixel_size_comes_from_the_file_unless_it_is_a_screens() {
    let size = |bytes: &[u8]| read(bytes).map(|scan| intensity(&scan).pitch_x.um());
    let near = |bytes: &[u8], um: f64| {
        let found = size(bytes).unwrap();
        assert!((found / um - 1.0).abs() < 1e-4, "{found} µm, not {um}");
    };
    let words = ramp().to_luma16().into_raw();
    near(&tiff::<Gray16>(&words, Some((ResolutionUnit::Centimeter, 4000))), 2.5);
    near(&tiff::<Gray16>(&words, Some((ResolutionUnit::Inch, 10_160))), 2.5);
    near(&tiff::<Gray16>(&words, Some((ResolutionUnit::None, 2))), 0.5);
    let mut bmp = encoded(&DynamicImage::ImageLuma8(ramp().to_luma8()), ImageFormat::Bmp);
    bmp[38..42].copy_from_slice(&400_000_u32.to_le_bytes());
    bmp[42..46].copy_from_slice(&400_000_u32.to_le_bytes());
    near(&bmp, 2.5);
    let mut jpeg = encoded(&DynamicImage::ImageLuma8(ramp().to_luma8()), ImageFormat::Jpeg);
    assert_eq!(&jpeg[6..11], b"JFIF\0");
    jpeg[13..18].copy_from_slice(&[2, 0x0f, 0xa0, 0x0f, 0xa0]);
    near(&jpeg, 2.5);
    let screen = tiff::<Gray16>(&words, Some((ResolutionUnit::Inch, 96)));
    let error = read(&screen).unwrap_err();
    assert_eq!(error.kind, Kind::UnknownPixelSize);
    assert!(error.what.contains("96 dpi") && error.advice.unwrap().contains("pixel_um"));
    let scan = read_scan_bytes(&screen, &STATED).unwrap();
    assert!(scan.warnings[0].contains("96 dpi"), "{:?}", scan.warnings);
    let fine = tiff::<Gray16>(&words, Some((ResolutionUnit::Centimeter, 5000)));
    let scan = read_scan_bytes(&fine, &STATED).unwrap();
    assert!(scan.warnings[0].contains("the manifest's is used"), "{:?}", scan.warnings);
}

#[test]
fn transparent_pixels_are_missing() {
    let mut image = ramp().to_rgba8();
    image.get_pixel_mut(3, 2).0[3] = 0;
    let png = encoded(&DynamicImage::ImageRgba8(image), ImageFormat::Png);
    let scan = read_scan_bytes(&png, &STATED).unwrap();
    let missing: Vec<_> =
        intensity(&scan).v.indexed_iter().filter(|(_, v)| v.is_nan()).map(|(at, _)| at).collect();
    assert_eq!(missing, [(2, 3)]);
    assert_eq!(scan.warnings, ["1 transparent pixels are taken as missing"]);
}

#[test]
fn a_file_cut_anywhere_is_refused_and_random_damage_never_panics() {
    let noise = {
        let mut random = rand_chacha::ChaCha8Rng::seed_from_u64(7);
        ImageBuffer::from_fn(12, 8, |_, _| Luma([random.next_u32() as u8]))
    };
    let grey = DynamicImage::ImageLuma8(noise);
    let seeds = [
        encoded(&grey, ImageFormat::Png),
        encoded(&grey, ImageFormat::Jpeg),
        encoded(&grey, ImageFormat::Bmp),
        tiff::<Gray8>(grey.as_bytes(), None),
    ];
    let mut random = rand_chacha::ChaCha8Rng::seed_from_u64(20_260_314);
    for (which, seed) in seeds.iter().enumerate() {
        // The last bytes of a PNG are its end marker, which carries no pixel.
        for length in 0..seed.len() - 16 {
            assert!(read_scan_bytes(&seed[..length], &STATED).is_err(), "seed {which} at {length}");
        }
        let mut refused = 0;
        for _ in 0..testkit::rounds(2000) {
            let mut bytes = seed.clone();
            for _ in 0..1 + random.next_u32() % 4 {
                let at = random.next_u32() as usize % bytes.len();
                bytes[at] = random.next_u32() as u8;
            }
            refused += usize::from(read_scan_bytes(&bytes, &STATED).is_err());
        }
        assert!(refused > 20, "seed {which}: only {refused} damaged files were refused");
    }
}

/// A JPEG of the ramp, and a segment put behind its first two bytes.
fn jpeg_with(segment: &[u8]) -> Vec<u8> {
    let jpeg = encoded(&DynamicImage::ImageLuma8(ramp().to_luma8()), ImageFormat::Jpeg);
    [&jpeg[..2], segment, &jpeg[2..]].concat()
}

/// An Exif block that states this many pixels a centimetre, and the camera.
fn exif(per_cm: u32) -> Vec<u8> {
    let mut block = b"II*\0\x08\0\0\0\x05\0".to_vec();
    let mut entry = |tag: u16, kind: u16, count: u32, value: u32| {
        block.extend(tag.to_le_bytes());
        block.extend(kind.to_le_bytes());
        block.extend(count.to_le_bytes());
        block.extend(value.to_le_bytes());
    };
    // The values lie behind ten bytes, five entries and the end.
    let behind = 10 + 5 * 12 + 4;
    entry(0x010f, 2, 6, behind);
    entry(0x0110, 2, 4, u32::from_le_bytes(*b"M\xb5x\0"));
    entry(0x011a, 5, 1, behind + 6);
    entry(0x011b, 5, 1, behind + 6);
    entry(0x0128, 3, 1, 3);
    block.extend([0; 4]);
    block.extend(b"Leica\0");
    block.extend(per_cm.to_le_bytes());
    block.extend(1_u32.to_le_bytes());
    block
}

#[test]
fn exif_and_ome_state_the_pixel_size_and_contradictions_are_said() {
    let block = exif(4000);
    let segment = [b"\xff\xe1", &((block.len() + 8) as u16).to_be_bytes()[..], b"Exif\0\0", &block];
    let scan = read(&jpeg_with(&segment.concat())).unwrap();
    assert!((intensity(&scan).pitch_x.um() - 2.5).abs() < 1e-9);
    assert_eq!(scan.instrument.as_deref(), Some("Leica Mµx"));
    // pHYs says 2 µm, the Exif block 2.5 µm.
    let png = encoded(&DynamicImage::ImageLuma8(ramp().to_luma8()), ImageFormat::Png);
    let chunk = |kind: &[u8; 4], data: &[u8]| {
        let body = [&kind[..], data].concat();
        [&(data.len() as u32).to_be_bytes()[..], &body, &crc32fast(&body).to_be_bytes()].concat()
    };
    let phys = [&500_000_u32.to_be_bytes()[..], &500_000_u32.to_be_bytes(), &[1]].concat();
    let with = |chunks: &[Vec<u8>]| [&png[..33], &chunks.concat(), &png[33..]].concat();
    let both = with(&[chunk(b"pHYs", &phys), chunk(b"eXIf", &block)]);
    let error = read(&both).unwrap_err();
    assert!(error.what.contains("2.000 µm") && error.what.contains("2.500 µm"), "{error}");
    let alone = with(&[chunk(b"eXIf", &block)]);
    assert!((intensity(&read(&alone).unwrap()).pitch_x.um() - 2.5).abs() < 1e-9);
    // OME-XML prevails over the resolution tags; its unit is micrometres unless stated.
    for (unit, size) in
        [("", "0.645"), ("PhysicalSizeXUnit=\"nm\" PhysicalSizeYUnit=\"nm\"", "645")]
    {
        let xml = format!(
            "<?xml version=\"1.0\"?><OME><Image><Pixels {unit} PhysicalSizeX=\"{size}\" \
             PhysicalSizeY=\"{size}\" SizeX=\"12\"/></Image></OME>"
        );
        let mut bytes = Cursor::new(Vec::new());
        let mut encoder = TiffEncoder::new(&mut bytes).unwrap();
        let mut image = encoder.new_image::<Gray8>(12, 8).unwrap();
        image.resolution(ResolutionUnit::Inch, Rational { n: 72, d: 1 });
        image.encoder().write_tag(Tag::ImageDescription, xml.as_str()).unwrap();
        image.write_data(&[7; 96]).unwrap();
        let scan = read(&bytes.into_inner()).unwrap();
        assert!((intensity(&scan).pitch_x.um() - 0.645).abs() < 1e-9, "{unit}");
    }
}

/// CRC-32 as PNG uses it (ISO 3309), bit by bit.
fn crc32fast(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |c: u32, _| (c >> 1) ^ (0xedb8_8320 * (c & 1)))
    })
}

#[test]
fn bytes_behind_a_jpeg_are_no_damage_and_a_cut_jpeg_is() {
    let jpeg = encoded(&DynamicImage::ImageLuma8(ramp().to_luma8()), ImageFormat::Jpeg);
    let plain = read_scan_bytes(&jpeg, &STATED).unwrap();
    // A film, and a second picture, hold markers of their own.
    for behind in [&b"\0\0\0\x18ftypmp42\xff\xda\0\x08"[..], &jpeg] {
        let scan = read_scan_bytes(&[&jpeg, behind].concat(), &STATED).unwrap();
        assert_eq!(intensity(&scan).v, intensity(&plain).v);
        let told = format!("{} bytes behind the end", behind.len());
        assert!(scan.warnings[0].contains(&told), "{:?}", scan.warnings);
    }
    // A thumbnail's end marker within a segment is not the end.
    let segment = [b"\xff\xe1", &[0, 6][..], b"\xff\xd9ab"].concat();
    assert!(read_scan_bytes(&jpeg_with(&segment), &STATED).is_ok());
    let cut = &jpeg_with(&segment)[..60];
    assert!(read_scan_bytes(cut, &STATED).unwrap_err().what.contains("end marker"));
}
