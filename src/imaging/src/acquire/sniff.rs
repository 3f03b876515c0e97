//! What a file is, told by its first bytes; its name is not asked.

use super::Format;
use super::instrument::{self, signatures};
use super::x3p::{self, Archive};
use types::error::{Error, Kind, Result};
use types::message::{Message, phrase, say};

/// Formats that laboratories do send and that are not read, by signature.
const NOT_READ: [(&[u8], &str); 19] = [
    (b"VK4_", phrase!("a Keyence VK4 file")),
    (b"VK6", phrase!("a Keyence VK6 file")),
    (b"VK7", phrase!("a Keyence VK7 file")),
    (b"\x88\x1b\x03\x6f", phrase!("a Zygo MetroPro DAT file")),
    (b"\x88\x1b\x03\x70", phrase!("a Zygo MetroPro DAT file")),
    (b"\x88\x1b\x03\x71", phrase!("a Zygo MetroPro DAT file")),
    (b"\x01\0Directory", phrase!("a Wyko OPD file")),
    (b"GWYP", phrase!("a Gwyddion file")),
    (b"Rar!", phrase!("a RAR archive")),
    (b"(\xb5/\xfd", phrase!("a Zstandard archive")),
    (b"\0\0\0\x0cJXL ", phrase!("a JPEG XL image")),
    (b"%PDF", phrase!("a PDF document")),
    (b"GIF8", phrase!("a GIF image")),
    (b"RIFF", phrase!("a RIFF container (WebP or video)")),
    (b"\x89HDF\r\n\x1a\n", phrase!("an HDF5 file")),
    (b"\x1f\x8b", phrase!("a gzip archive")),
    (b"\0\0\0\x0cjP  ", phrase!("a JPEG 2000 image")),
    (b"7z\xbc\xaf", phrase!("a 7-Zip archive")),
    (b"\xd0\xcf\x11\xe0", phrase!("a Microsoft compound document")),
];

/// Tells the format, or why it is none of those that are read.
pub(super) fn recognise(bytes: &[u8]) -> Result<Format> {
    if bytes.is_empty() {
        return Err(Error::new(Kind::Damaged, say!("the file is empty (0 bytes)"))
            .advise(say!("copy it again from the instrument")));
    }
    let starts = |signature: &[u8]| bytes.starts_with(signature);
    if starts(b"PK\x03\x04") || starts(b"PK\x05\x06") {
        let archive = Archive::open(bytes)?;
        return match instrument::is_plux(&archive) {
            true => Ok(Format::Plux),
            false => x3p::main_xml(&archive).map(|_| Format::X3p),
        };
    }
    if let Some(format) = signatures(bytes) {
        return Ok(format);
    }
    if starts(b"\x89PNG\r\n\x1a\n") {
        return Ok(Format::Png);
    }
    if starts(b"\xff\xd8\xff") {
        return Ok(Format::Jpeg);
    }
    // Classic TIFF (42) and BigTIFF (43), either byte order.
    if [&b"II*\0"[..], b"MM\0*", b"II+\0", b"MM\0+"].into_iter().any(starts) {
        return Ok(Format::Tiff);
    }
    if starts(b"BM") && is_bmp(bytes) {
        return Ok(Format::Bmp);
    }
    let known = NOT_READ
        .iter()
        .find(|(signature, _)| starts(signature))
        .map(|(_, name)| Message::phrase(name));
    let what = known.or_else(|| heif(bytes)).unwrap_or_else(|| guess(bytes));
    Err(Error::new(Kind::UnknownFormat, say!("unknown format: looks like {what}")).advise(say!(
        "give an X3P, AL3D, PLU, PLUX, SUR, TMD, PNG, TIFF, JPEG or BMP file: the instrument's \
         software exports one of them"
    )))
}

/// Telephones' pictures and films, told by their type at byte 4.
fn heif(bytes: &[u8]) -> Option<Message> {
    match bytes.get(4..12)? {
        b"ftypheic" | b"ftypheix" | b"ftypmif1" => Some(say!("a HEIC image of a telephone")),
        b"ftypavif" => Some(say!("an AVIF image")),
        [b'f', b't', b'y', b'p', ..] => Some(say!("a film")),
        _ => None,
    }
}

/// "BM" begins many texts; a bitmap has one of few header lengths at byte 14.
fn is_bmp(bytes: &[u8]) -> bool {
    matches!(bytes.get(14..18), Some([12 | 40 | 52 | 56 | 64 | 108 | 124, 0, 0, 0]))
}

fn guess(bytes: &[u8]) -> Message {
    let head = &bytes[..bytes.len().min(4096)];
    if head.iter().all(|&b| b == 0) {
        return say!("a failed copy: it begins with nothing but zero bytes");
    }
    let printable = |&&b: &&u8| b >= 0x20 && b != 0x7f || matches!(b, b'\t' | b'\n' | b'\r');
    if head.iter().filter(printable).count() * 100 >= head.len() * 97 {
        return say!("text");
    }
    say!("binary data of another program")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn what_is_not_read_is_named() {
        let message = |bytes: &[u8]| recognise(bytes).unwrap_err().what.to_string();
        assert_eq!(message(b""), "the file is empty (0 bytes)");
        assert!(message(b"BMW, a text").ends_with("looks like text"));
        assert!(message(b"%PDF-1.7").ends_with("a PDF document"));
        assert!(message(&[0; 512]).contains("failed copy"));
        assert!(message(&[1, 2, 3, 200, 0, 7]).contains("binary data"));
    }
}
