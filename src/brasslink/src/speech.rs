//! The language that is spoken with the person at the terminal: what is printed
//! for people, errors and help. What is for machines has none.

use report::Language;
use std::ffi::OsString;
use std::sync::OnceLock;
use types::message::ToMessage;

static SPOKEN: OnceLock<Language> = OnceLock::new();

/// Speaks this language from now on; the first one named stays.
pub fn speak(language: Language) {
    SPOKEN.get_or_init(|| language);
}

/// The language that is spoken.
pub fn spoken() -> Language {
    SPOKEN.get().copied().unwrap_or_default()
}

/// A message in that language.
pub fn told(message: &impl ToMessage) -> String {
    spoken().tell(&message.to_message())
}

/// A phrase in that language, as in help.
pub fn phrase(english: &str) -> String {
    let other = spoken().catalogue().and_then(|catalogue| catalogue.phrase(english));
    other.unwrap_or(english).to_owned()
}

/// The language that a command line asks for by `--language`, else that of the
/// locale (`LC_ALL`, `LC_MESSAGES`, `LANG`: the first that is set), else English.
/// Help and errors are in it too, so it is looked for before anything is parsed.
pub fn wanted(args: &[OsString], variable: impl Fn(&str) -> Option<OsString>) -> Language {
    let texts: Vec<String> = args.iter().map(|a| a.to_string_lossy().into_owned()).collect();
    let until = texts.iter().position(|t| t == "--").unwrap_or(texts.len());
    let named = texts.iter().take(until).enumerate().find_map(|(i, text)| {
        let after = match text.strip_prefix("--language")? {
            "" => texts.get(i + 1).cloned(),
            rest => rest.strip_prefix('=').map(str::to_owned),
        };
        // Commands that write reports take several.
        after.and_then(|languages| languages.split(',').next().map(str::to_owned))
    });
    if let Some(named) = named {
        return named.parse().unwrap_or_default();
    }
    let set = |name: &&&str| variable(name).is_some_and(|value| !value.is_empty());
    let locale = ["LC_ALL", "LC_MESSAGES", "LANG"].iter().find(set).and_then(|n| variable(n));
    let locale = locale.unwrap_or_default().to_string_lossy().into_owned();
    let language = locale.split(['_', '.', '@', '-']).next().unwrap_or_default();
    language.parse().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_option_comes_before_the_locale_and_english_is_last() {
        let of = |args: &[&str], set: &[(&str, &str)]| {
            let args: Vec<OsString> = args.iter().map(OsString::from).collect();
            let variable = |name: &str| {
                set.iter().find(|(known, _)| *known == name).map(|(_, value)| OsString::from(value))
            };
            wanted(&args, variable).code()
        };
        assert_eq!(of(&["run"], &[]), "en");
        assert_eq!(of(&["run"], &[("LANG", "es_MX.UTF-8")]), "es");
        assert_eq!(of(&["run"], &[("LC_ALL", "C"), ("LANG", "es_MX.UTF-8")]), "en");
        assert_eq!(of(&["run"], &[("LC_ALL", ""), ("LC_MESSAGES", "es"), ("LANG", "C")]), "es");
        assert_eq!(of(&["run", "--language", "es"], &[("LANG", "en_US.UTF-8")]), "es");
        assert_eq!(of(&["--language=en", "run"], &[("LANG", "es_MX")]), "en");
        assert_eq!(of(&["lead", "--", "--language=es"], &[]), "en");
    }
}
