//! The program's own remarks, warnings and errors in other languages.
//!
//! They arise in English, deep in the pipeline, and are kept so in the store.
//! As in gettext, a catalogue holds each English phrase with `{}` for what is
//! filled in, and its translation. A test holds the catalogue against the
//! source: a phrase without a translation fails it.

use std::sync::LazyLock;

/// One phrase in two languages, `{}` where something is filled in.
struct Phrase {
    english: Vec<&'static str>,
    other: &'static str,
}

/// The phrases of one language.
pub struct Catalogue(Vec<Phrase>);

/// Spanish: an English line, then its translation, indented.
pub static SPANISH: LazyLock<Catalogue> =
    LazyLock::new(|| Catalogue::of(include_str!("phrases_es.txt")));

impl Catalogue {
    fn of(text: &'static str) -> Self {
        let mut lines = text.lines();
        let mut phrases = Vec::new();
        while let (Some(english), Some(other)) = (lines.next(), lines.next()) {
            phrases.push(Phrase { english: english.split("{}").collect(), other: other.trim() });
        }
        Self(phrases)
    }

    /// `text` in this catalogue's language; what was filled in is translated
    /// too where the catalogue knows it. None where no phrase gives `text`.
    pub fn translate(&self, text: &str) -> Option<String> {
        let fitting = self.0.iter().filter_map(|p| Some((p, captures(&p.english, text)?)));
        // The most particular phrase that fits.
        let fixed = |p: &Phrase| p.english.iter().map(|piece| piece.len()).sum::<usize>();
        let (phrase, filled) = fitting.max_by_key(|(p, _)| fixed(p))?;
        let mut out = String::new();
        let mut filled = filled.into_iter();
        for (i, piece) in phrase.other.split("{}").enumerate() {
            if i > 0 {
                out.push_str(&self.each(filled.next().unwrap_or_default()));
            }
            out.push_str(piece);
        }
        Some(out)
    }

    /// A phrase, several joined by semicolons, or what is no phrase as it is.
    pub fn each(&self, text: &str) -> String {
        let one = |part: &str| self.translate(part).unwrap_or_else(|| part.to_owned());
        text.split("; ").map(one).collect::<Vec<_>>().join("; ")
    }
}

/// What stands between the pieces of a phrase in `text`.
fn captures<'a>(pieces: &[&str], text: &'a str) -> Option<Vec<&'a str>> {
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
    use super::*;
    use std::path::{Path, PathBuf};

    #[test]
    fn what_was_filled_in_is_kept_or_translated() {
        let say = |text| SPANISH.translate(text).unwrap();
        assert_eq!(
            say("gaps: only 31 % of the mark holds data"),
            "huecos: solo 31 % de la marca tiene datos"
        );
        assert_eq!(
            say(
                "the mark is not fit to be compared: too little area: 0.21 mm²; no outline was found: the whole image is taken"
            ),
            "la marca no es apta para compararse: área insuficiente: 0.21 mm²; no se halló contorno: se toma la imagen entera"
        );
        assert_eq!(
            say(
                "the file says 3.125 µm × 3.125 µm a pixel, the manifest 5.000 µm: the manifest's is used"
            ),
            "el archivo dice 3.125 µm × 3.125 µm por píxel, el manifiesto 5.000 µm: se usa el del manifiesto"
        );
        assert!(SPANISH.translate("nobody ever said this").is_none());
    }

    #[test]
    fn every_translation_fills_in_what_its_phrase_does() {
        for phrase in &SPANISH.0 {
            let holes = phrase.other.matches("{}").count();
            assert_eq!(holes + 1, phrase.english.len(), "{}", phrase.other);
        }
    }

    /// Where remarks, warnings and errors that can reach a report arise.
    const SPOKEN: [&str; 11] = [
        "imaging/src/acquire",
        "imaging/src/prepare",
        "imaging/src/extract",
        "types/src/evidence",
        "statistics/src/weigh/scope.rs",
        "statistics/src/weigh/validation.rs",
        "pipeline/src/import.rs",
        "statistics/src/link/judge.rs",
        "statistics/src/link/linker.rs",
        "statistics/src/link/own.rs",
        "statistics/src/link/scale.rs",
    ];
    /// Written by the program, not said to anyone; and what `manifest columns`
    /// says in both languages.
    const UNSPOKEN: [&str; 2] =
        ["imaging/src/acquire/x3p/write.rs", "imaging/src/acquire/manifest/words.rs"];

    #[test]
    fn every_phrase_of_the_pipeline_has_its_translation() {
        let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let mut missing = Vec::new();
        for file in SPOKEN.iter().flat_map(|place| sources(&src.join(place))) {
            if UNSPOKEN.iter().any(|u| file.ends_with(u)) {
                continue;
            }
            for phrase in phrases(&std::fs::read_to_string(&file).unwrap()) {
                if !SPANISH.0.iter().any(|p| p.english.join("{}") == phrase) {
                    missing.push(format!("{}: {phrase}", file.display()));
                }
            }
        }
        assert!(missing.is_empty(), "add to phrases_es.txt: {missing:#?}");
    }

    fn sources(place: &Path) -> Vec<PathBuf> {
        if place.is_file() {
            return vec![place.to_owned()];
        }
        let inside = std::fs::read_dir(place).unwrap().map(|e| e.unwrap().path());
        inside.flat_map(|p| sources(&p)).filter(|p| p.extension().unwrap() == "rs").collect()
    }

    /// The texts of a source file that are phrases: two words or more, and
    /// what names begin with a capital are not.
    fn phrases(source: &str) -> Vec<String> {
        let code = source.split("#[cfg(test)]\nmod tests {").next().unwrap();
        let code: String = code
            .lines()
            .filter(|l| !l.trim_start().starts_with("//"))
            .map(|l| format!("{}\n", l.replace("'\"'", "' '")))
            .collect();
        let mut found = Vec::new();
        let mut rest = code.as_str();
        while let Some(at) = rest.find('"') {
            let mut text = String::new();
            let mut chars = rest[at + 1..].char_indices();
            let mut end = rest.len();
            while let Some((i, c)) = chars.next() {
                match c {
                    '"' => {
                        end = at + 1 + i + 1;
                        break;
                    }
                    '\\' => match chars.next() {
                        Some((_, '\n')) => {
                            while chars.clone().next().is_some_and(|(_, c)| c.is_whitespace()) {
                                chars.next();
                            }
                        }
                        Some((_, 'n')) => text.push('\n'),
                        Some((_, other)) => text.push(other),
                        None => {}
                    },
                    other => text.push(other),
                }
            }
            rest = &rest[end..];
            found.push(text);
        }
        let letters = |w: &str| w.chars().filter(|c| c.is_alphabetic()).count();
        let spoken = |t: &String| {
            let starts = t.starts_with(|c: char| c.is_lowercase() || c == '{');
            starts
                && t.contains(' ')
                && !t.contains('\n')
                && holes(t).split(' ').any(|w| letters(w) > 2)
        };
        found.iter().filter(|t| spoken(t)).map(|t| holes(t)).collect()
    }

    /// A format string with plain holes.
    fn holes(text: &str) -> String {
        let mut out = String::new();
        let mut depth = 0;
        for c in text.chars() {
            match c {
                '{' => {
                    depth += 1;
                    out.push_str("{}");
                }
                '}' => depth -= 1,
                _ if depth == 0 => out.push(c),
                _ => {}
            }
        }
        out
    }
}
