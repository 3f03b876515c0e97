//! Texts without codes, of stores and bundles that older versions wrote.
//!
//! Nothing else is translated so: the phrase is looked for that may have given
//! the text, and what was filled in is translated too where it is a phrase.

use super::catalogue::{Catalogue, parsed};
use std::sync::LazyLock;

/// Spanish of phrases that only older versions said.
static GONE: LazyLock<Vec<(&'static str, &'static str)>> =
    LazyLock::new(|| parsed(include_str!("es/older.txt")).collect());

/// `text` in the catalogue's language, if a phrase gives it.
pub fn translated(text: &str, catalogue: &Catalogue) -> Option<String> {
    // A phrase of holes alone would give any text.
    let holes_alone = |english: &str| !english.replace("{}", "").contains(char::is_alphabetic);
    let phrases = catalogue.phrases().chain(GONE.iter().copied());
    let phrases = phrases.filter(|(english, _)| !holes_alone(english));
    let fitting = phrases.filter_map(|(english, other)| {
        let pieces: Vec<&str> = english.split("{}").collect();
        let fixed: usize = pieces.iter().map(|piece| piece.len()).sum();
        Some((fixed, other, filled(&pieces, text)?))
    });
    // The most particular phrase that fits.
    let (_, other, filled) = fitting.max_by_key(|(fixed, ..)| *fixed)?;
    let filled: Vec<String> = filled.into_iter().map(|text| each(text, catalogue)).collect();
    Some(types::message::filled(other, &filled))
}

/// Phrases joined by semicolons; what is none as it is.
fn each(text: &str, catalogue: &Catalogue) -> String {
    let one = |part: &str| translated(part, catalogue).unwrap_or_else(|| part.to_owned());
    text.split("; ").map(one).collect::<Vec<_>>().join("; ")
}

/// What stands between the pieces of a phrase in `text`.
fn filled<'a>(pieces: &[&str], text: &'a str) -> Option<Vec<&'a str>> {
    let (first, rest) = pieces.split_first()?;
    let mut text = text.strip_prefix(first)?;
    let mut found = Vec::new();
    for (i, piece) in rest.iter().enumerate() {
        let at = if i + 1 == rest.len() {
            text.ends_with(piece).then(|| text.len() - piece.len())
        } else {
            text.find(piece)
        }?;
        let (filled, after) = text.split_at(at);
        found.push(filled);
        text = after.get(piece.len()..)?;
    }
    text.is_empty().then_some(found)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use crate::text::Language;

    #[test]
    fn what_was_filled_in_is_kept_or_translated() {
        let say = |text| super::translated(text, Language::Spanish.catalogue().unwrap());
        assert_eq!(
            say("gaps: only 31 % of the mark holds data").unwrap(),
            "huecos: solo 31 % de la marca tiene datos"
        );
        assert_eq!(
            say(
                "the mark is not fit to be compared: too little area: 0.21 mm²; no outline was found: the whole image is taken"
            )
            .unwrap(),
            "la marca no es apta para compararse: área insuficiente: 0.21 mm²; no se halló contorno: se toma la imagen entera"
        );
        assert_eq!(
            say(
                "the file says 3.125 µm × 3.125 µm a pixel, the manifest 5.000 µm: the manifest's is used"
            )
            .unwrap(),
            "el archivo dice 3.125 µm × 3.125 µm por píxel, el manifiesto 5.000 µm: se usa el del manifiesto"
        );
        assert!(say("nobody ever said this").is_none());
    }
}
