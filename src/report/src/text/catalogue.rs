//! The program's own words in other languages: what it remarks, warns of, fails
//! for, prints and helps with.
//!
//! A message is a phrase with holes and what fills them
//! ([`types::message::Message`]); a catalogue gives the phrase in its language,
//! looked up as it is. Tests hold it against the source: a phrase that it lacks,
//! one that nothing says, and one with other holes fail them.

use std::collections::BTreeMap;
use std::sync::LazyLock;
use types::message::Message;

/// The phrases of one language by their English ones.
pub struct Catalogue(BTreeMap<&'static str, &'static str>);

/// Spanish: an English line, then its translation, indented by two spaces.
pub static SPANISH: LazyLock<Catalogue> = LazyLock::new(|| {
    Catalogue::of(&[
        include_str!("es/scans.txt"),
        include_str!("es/records.txt"),
        include_str!("es/store.txt"),
        include_str!("es/terminal.txt"),
        include_str!("es/station.txt"),
        include_str!("es/help.txt"),
    ])
});

/// The pairs of a file: a line, and its translation, indented by two spaces.
pub fn parsed(text: &'static str) -> impl Iterator<Item = (&'static str, &'static str)> {
    let mut lines = text.lines();
    std::iter::from_fn(move || {
        let (english, other) = (lines.next()?, lines.next()?);
        Some((english, other.strip_prefix("  ").unwrap_or(other)))
    })
}

impl Catalogue {
    fn of(files: &[&'static str]) -> Self {
        Self(files.iter().flat_map(|text| parsed(text)).collect())
    }

    /// The phrase of a code.
    pub fn phrase(&self, code: &str) -> Option<&'static str> {
        self.0.get(code).copied()
    }

    /// Every phrase, the English one first.
    pub fn phrases(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        self.0.iter().map(|(code, phrase)| (*code, *phrase))
    }

    /// A message in this language; what has no phrase is said as it is.
    pub fn tell(&self, message: &Message) -> String {
        message.told(&|code| self.phrase(code))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]
    use super::*;
    use std::collections::BTreeSet;
    use std::path::{Path, PathBuf};

    /// Phrases of help are held against the command line, in tests/cli.
    const HELP: &str = include_str!("es/help.txt");

    fn sources(place: &Path, found: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(place).unwrap() {
            let path = entry.unwrap().path();
            match path.is_dir() {
                true => sources(&path, found),
                false if path.extension().is_some_and(|e| e == "rs") => found.push(path),
                false => {}
            }
        }
    }

    /// The codes of every `say!` and `phrase!` of the program, with a file each.
    fn codes() -> BTreeMap<String, PathBuf> {
        let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let mut found = Vec::new();
        for entry in std::fs::read_dir(&src).unwrap() {
            let folder = entry.unwrap().path();
            // The wheel speaks to programmers, in English.
            if !folder.ends_with("say") && !folder.ends_with("python") {
                sources(&folder.join("src"), &mut found);
            }
        }
        let mut codes = BTreeMap::new();
        for file in found {
            let text = std::fs::read_to_string(&file).unwrap();
            let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
            let lines = text.lines().filter(|l| !l.trim_start().starts_with("//"));
            let text: String = lines.map(|l| format!("{l}\n")).collect();
            for (macro_name, formats) in [("say!(", true), ("phrase!(", false)] {
                for (at, _) in text.match_indices(macro_name) {
                    let rest = text[at + macro_name.len()..].trim_start();
                    if let Some(literal) = literal(rest) {
                        let code = if formats { holes(&literal) } else { literal };
                        codes.insert(code, file.clone());
                    }
                }
            }
        }
        codes
    }

    /// The plain string literal that a text begins with, unescaped.
    fn literal(text: &str) -> Option<String> {
        let mut chars = text.strip_prefix('"')?.chars().peekable();
        let mut out = String::new();
        loop {
            match chars.next()? {
                '"' => return Some(out),
                '\\' => match chars.next()? {
                    '\n' => while chars.next_if(|c| c.is_whitespace()).is_some() {},
                    'n' => out.push('\n'),
                    other => out.push(other),
                },
                other => out.push(other),
            }
        }
    }

    /// A format string with plain holes.
    fn holes(text: &str) -> String {
        let mut out = String::new();
        let mut chars = text.chars().peekable();
        while let Some(c) = chars.next() {
            match c {
                '{' | '}' if chars.next_if_eq(&c).is_some() => out.push(c),
                '{' => {
                    chars.by_ref().find(|c| *c == '}');
                    out.push_str("{}");
                }
                c => out.push(c),
            }
        }
        out
    }

    fn has_words(code: &str) -> bool {
        code.contains(char::is_alphabetic)
    }

    #[test]
    fn every_phrase_of_the_source_is_in_the_catalogue_and_no_other() {
        let codes = codes();
        assert!(codes.len() > 1300, "{} phrases were found", codes.len());
        let missing: Vec<_> =
            codes.iter().filter(|(c, _)| has_words(c) && SPANISH.phrase(c).is_none()).collect();
        assert!(missing.is_empty(), "add to src/report/src/text/es: {missing:#?}");
        let help: BTreeSet<&str> = parsed(HELP).map(|(english, _)| english).collect();
        let unused: Vec<_> = SPANISH
            .phrases()
            .map(|(code, _)| code)
            .filter(|code| !codes.contains_key(*code) && !help.contains(code))
            .collect();
        assert!(unused.is_empty(), "nothing says: {unused:#?}");
    }

    #[test]
    fn every_translation_fills_in_what_its_phrase_does() {
        for (english, other) in SPANISH.phrases() {
            let count = english.matches("{}").count();
            let named = (0..count).filter(|n| other.contains(&format!("{{{n}}}"))).count();
            assert_eq!(other.matches("{}").count() + named, count, "{english}: {other}");
            let blanks = |text: &str| text.len() - text.trim_start_matches(' ').len();
            assert!(
                !other.is_empty() && blanks(english).min(2) == blanks(other).min(2),
                "{other:?}"
            );
        }
    }

    #[test]
    fn a_message_within_a_message_is_translated_too() {
        use types::message::{Message, say};
        let inner = say!("gaps: only {:.0} % of the mark holds data", 31.0);
        let both = Message::joined([inner, say!("a mark of doubtful quality")], "; ");
        let said = say!("the mark is not fit to be compared: {both}");
        assert_eq!(
            SPANISH.tell(&said),
            "la marca no es apta para compararse: huecos: solo 31 % de la marca tiene datos; \
             una marca de calidad dudosa"
        );
    }
}
