//! Files that a laboratory's folder may hold and that must not stop a run.

use super::{main_xml, ramp, x3p};
use std::fs::File;
use std::io::{Read, Write};
use std::path::Path;
use tiff::encoder::{TiffEncoder, colortype::Gray16};
use types::error::Kind;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

/// A hostile file, how it is refused, and a word of the reason.
pub struct Hostile {
    /// Its name.
    pub name: &'static str,
    /// The sort of refusal.
    pub kind: Kind,
    /// Words of the refusal.
    pub reason: &'static str,
}

const HOSTILE: [Hostile; 9] = [
    Hostile { name: "truncated.x3p", kind: Kind::Damaged, reason: "without a readable directory" },
    Hostile { name: "bomb_heights.x3p", kind: Kind::Damaged, reason: "more bytes" },
    Hostile { name: "bomb_xml.x3p", kind: Kind::TooLarge, reason: "unpacks to more" },
    Hostile { name: "text.png", kind: Kind::UnknownFormat, reason: "looks like text" },
    Hostile { name: "empty.x3p", kind: Kind::Damaged, reason: "empty (0 bytes)" },
    Hostile { name: "no_pixel_size.tif", kind: Kind::UnknownPixelSize, reason: "pixel size" },
    Hostile { name: "bad_increment.x3p", kind: Kind::Damaged, reason: "CX/Increment" },
    Hostile { name: "huge_claim.x3p", kind: Kind::TooLarge, reason: "1000000000 × 1000000000" },
    Hostile { name: "huge_claim.png", kind: Kind::TooLarge, reason: "more memory than the limit" },
];

/// Writes every hostile file into `folder` and says what must become of each.
pub fn write_hostile_files(folder: &Path) -> &'static [Hostile] {
    let write = |name: &str, bytes: &[u8]| std::fs::write(folder.join(name), bytes).unwrap();
    let whole = x3p(&main_xml("D"), &ramp());
    write("truncated.x3p", &whole[..whole.len() * 2 / 3]);
    write_bomb(&folder.join("bomb_heights.x3p"), main_xml("D").as_bytes(), 256 << 20, 0);
    write_bomb(&folder.join("bomb_xml.x3p"), main_xml("D").as_bytes(), 0, 256 << 20);
    write("text.png", b"This is a letter to the laboratory, not a picture.\n");
    write("empty.x3p", b"");
    write("no_pixel_size.tif", &tiff_without_resolution());
    write("bad_increment.x3p", &x3p(&main_xml("D").replacen("5e-6", "five", 1), &ramp()));
    let billion = main_xml("D").replace(">40<", ">1000000000<").replace(">30<", ">1000000000<");
    write("huge_claim.x3p", &x3p(&billion, &ramp()));
    write("huge_claim.png", &png_claiming(0x7fff_ffff));
    &HOSTILE
}

/// An X3P whose members unpack to far more than they should: zeros after the
/// heights, blanks after the XML. Streamed, so that the test stays small.
fn write_bomb(path: &Path, xml: &[u8], extra_heights: u64, extra_xml: u64) {
    let mut zip = ZipWriter::new(File::create(path).unwrap());
    let members =
        [("main.xml", xml, b' ', extra_xml), ("bindata/data.bin", &ramp(), 0, extra_heights)];
    for (name, bytes, filler, extra) in members {
        zip.start_file(name, SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes).unwrap();
        std::io::copy(&mut std::io::repeat(filler).take(extra), &mut zip).unwrap();
    }
    zip.finish().unwrap();
}

fn tiff_without_resolution() -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    let pixels: Vec<u16> = (0..64 * 64).map(|i| (i * 13) as u16).collect();
    let mut encoder = TiffEncoder::new(&mut bytes).unwrap();
    let mut image = encoder.new_image::<Gray16>(64, 64).unwrap();
    image.resolution_unit(tiff::tags::ResolutionUnit::None);
    image.write_data(&pixels).unwrap();
    bytes.into_inner()
}

/// A PNG of nothing but a header with a valid CRC and a few bytes of data.
fn png_claiming(side: u32) -> Vec<u8> {
    let mut png = b"\x89PNG\r\n\x1a\n".to_vec();
    let mut header = side.to_be_bytes().to_vec();
    header.extend(side.to_be_bytes());
    header.extend([8, 0, 0, 0, 0]);
    for (kind, data) in [(b"IHDR", header), (b"IDAT", vec![0x78, 0x9c, 0x63, 0]), (b"IEND", vec![])]
    {
        png.extend((data.len() as u32).to_be_bytes());
        let chunk = [&kind[..], &data].concat();
        png.extend(&chunk);
        png.extend(crc32(&chunk).to_be_bytes());
    }
    png
}

/// CRC-32 as PNG uses it (ISO 3309), bit by bit.
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |c: u32, _| (c >> 1) ^ (0xedb8_8320 * (c & 1)))
    })
}
