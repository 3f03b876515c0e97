//! The text of a manifest, in the encodings that spreadsheets write.

use types::error::{Error, Kind, Result};
use types::message::{Message, say};

/// UTF-8, or UTF-16 with or without its mark, else Windows-1252, in which older
/// spreadsheets write accents, dashes and quotation marks.
pub(super) fn decode(bytes: &[u8], warnings: &mut Vec<Message>) -> Result<String> {
    use encoding_rs::{Encoding, UTF_16BE, UTF_16LE, WINDOWS_1252};
    // Without a mark: every other byte of a text in Latin letters is zero.
    let wide = match bytes.get(..4) {
        Some([a, 0, b, 0]) if *a != 0 && *b != 0 => Some(UTF_16LE),
        Some([0, a, 0, b]) if *a != 0 && *b != 0 => Some(UTF_16BE),
        _ => None,
    };
    if let Some(encoding) = Encoding::for_bom(bytes).map(|(e, _)| e).or(wide) {
        let (text, bad) = encoding.decode_with_bom_removal(bytes);
        if bad {
            let what = say!("the text is not whole as {}", encoding.name());
            return Err(Error::new(Kind::BadInput, what).advise(say!("save it as \"CSV UTF-8\"")));
        }
        return Ok(text.into_owned());
    }
    Ok(std::str::from_utf8(bytes).map_or_else(
        |_| {
            warnings.push(say!(
                "the text is not UTF-8; it is read as Windows-1252: check accented names"
            ));
            WINDOWS_1252.decode_without_bom_handling(bytes).0.into_owned()
        },
        str::to_owned,
    ))
}
