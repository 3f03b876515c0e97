//! Texts as the program's fonts can show them.
//!
//! The embedded fonts have Latin, Greek and Cyrillic letters. A character that
//! none of them has (an emoji, a Chinese or Thai letter) would end the making of
//! an archival PDF, and one that steers could hide what follows. Both are
//! written out: `[U+1F600]`. The page and the JSON of the report have them as
//! they are.

use serde_json::Value;
use std::borrow::Cow;
use std::sync::LazyLock;
use types::manuscript::Manuscript;
use types::printable::steers;
use typst::text::{Coverage, FontInfo};

/// What each of the fonts covers.
static FONTS: LazyLock<Vec<Coverage>> =
    LazyLock::new(|| typst_assets::fonts().flat_map(FontInfo::iter).map(|f| f.coverage).collect());

/// Makes every text of the sheet and of its drawings one that can be shown.
pub fn show_all(manuscript: &mut Manuscript) -> Result<(), String> {
    let json = |e: serde_json::Error| format!("the sheet is not JSON: {e}");
    let mut sheet = serde_json::from_slice(&manuscript.sheet).map_err(json)?;
    show_each(&mut sheet);
    manuscript.sheet = serde_json::to_vec(&sheet).map_err(json)?;
    for (_, bytes) in manuscript.files.iter_mut().filter(|(name, _)| name.ends_with(".svg")) {
        *bytes = shown(&String::from_utf8_lossy(bytes)).into_owned().into_bytes();
    }
    Ok(())
}

fn show_each(value: &mut Value) {
    match value {
        Value::String(text) => {
            if let Cow::Owned(other) = shown(text) {
                *text = other;
            }
        }
        Value::Array(all) => all.iter_mut().for_each(show_each),
        Value::Object(map) => map.values_mut().for_each(show_each),
        _ => {}
    }
}

/// A text of which every character can be shown.
fn shown(text: &str) -> Cow<'_, str> {
    let can = |c: char| {
        c.is_ascii_graphic()
            || matches!(c, ' ' | '\n' | '\t')
            || (!steers(c) && FONTS.iter().any(|font| font.contains(u32::from(c))))
    };
    if text.chars().all(can) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if can(c) { out.push(c) } else { out += &format!("[U+{:04X}]", u32::from(c)) }
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_no_font_has_is_written_out_and_the_rest_stays() {
        for text in ["Fiscalía – 9×19 µm “C-1” ≥ 3°", "Ωмегa", "a\nb", ""] {
            assert_eq!(shown(text), text);
        }
        assert_eq!(shown("gun 😀 枪\u{7}\u{202e}x"), "gun [U+1F600] [U+67AA][U+0007][U+202E]x");
    }
}
