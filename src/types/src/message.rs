//! What the program says: a phrase and what is filled in.
//!
//! The phrase, in English and with `{}` for each hole, is the message's code, as
//! gettext's msgid is (docs/decisions/0094-messages.md). A catalogue looks it up
//! and gives the phrase of another language; nothing is searched for in texts.

mod codes;

pub use codes::{Coded, KeptMessage, text};
pub use say::{phrase, say};
// For the modules that `coded!` makes, in crates that have no schemas else.
#[doc(hidden)]
pub use schemars;

use std::borrow::Cow;
use std::fmt;

/// A phrase with its arguments; shown in English, and in the order of its
/// English text.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Message(Box<Parts>);

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Parts {
    code: Cow<'static, str>,
    arguments: Vec<Argument>,
}

/// What fills a hole.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Argument {
    /// A name, a number, words of somebody else.
    Text(String),
    /// Words of this program.
    Message(Message),
}

/// The code of what has no words of this program.
const FOREIGN: &str = "{}";

impl Message {
    /// What [`say!`] makes: `code` with a hole for each argument.
    pub fn new(code: &'static str, arguments: Vec<Argument>) -> Self {
        Self::with(code.into(), arguments)
    }

    fn with(code: Cow<'static, str>, arguments: Vec<Argument>) -> Self {
        Self(Box::new(Parts { code, arguments }))
    }

    /// A phrase of a table or constant, marked there by [`phrase!`].
    pub fn phrase(code: &'static str) -> Self {
        Self::new(code, Vec::new())
    }

    /// Words that are not this program's, such as a library's error or a name:
    /// no language changes them.
    pub fn foreign(text: impl Into<String>) -> Self {
        Self::new(FOREIGN, vec![Argument::Text(text.into())])
    }

    /// Messages one after the other, with `separator` between them.
    pub fn joined(messages: impl IntoIterator<Item = Self>, separator: &str) -> Self {
        let mut all: Vec<Self> = messages.into_iter().collect();
        match all.len() {
            0 => return Self::foreign(""),
            1 => return all.remove(0),
            _ => {}
        }
        let code = vec![FOREIGN; all.len()].join(separator);
        Self::with(code.into(), all.into_iter().map(Argument::Message).collect())
    }

    /// The phrase, `{}` where something is filled in.
    pub fn code(&self) -> &str {
        &self.0.code
    }

    /// What is filled in, in order.
    pub fn arguments(&self) -> &[Argument] {
        &self.0.arguments
    }

    /// Whether its text in English has these words.
    pub fn contains(&self, words: &str) -> bool {
        self.to_string().contains(words)
    }

    /// The text, if none of its words are this program's.
    pub fn as_foreign(&self) -> Option<&str> {
        match (self.code(), self.arguments()) {
            (FOREIGN, [Argument::Text(text)]) => Some(text),
            _ => None,
        }
    }

    /// The message in English, as words that no language changes.
    pub fn in_english(&self) -> Self {
        Self::foreign(self.to_string())
    }

    /// The text in the language for which `phrase` gives a code's phrase; where
    /// it gives none the code itself is said.
    pub fn told<'a>(&'a self, phrase: &dyn Fn(&'a str) -> Option<&'a str>) -> String {
        let shape = phrase(self.code()).unwrap_or_else(|| self.code());
        let fill = |argument: &'a Argument| match argument {
            Argument::Text(text) => text.clone(),
            Argument::Message(message) => message.told(phrase),
        };
        let filled: Vec<String> = self.arguments().iter().map(fill).collect();
        self::filled(shape, &filled)
    }
}

/// `shape` with its holes filled: `{}` takes the next, `{0}` a certain one.
pub fn filled(shape: &str, with: &[String]) -> String {
    let mut out = String::with_capacity(shape.len());
    let (mut rest, mut next) = (shape, 0);
    while let Some(at) = rest.find('{') {
        let (before, hole) = rest.split_at(at);
        out.push_str(before);
        let inner = hole.get(1..).and_then(|h| h.split_once('}')).map(|(inner, _)| inner);
        let place = match inner {
            Some("") => {
                next += 1;
                Some(next - 1)
            }
            Some(digits) => digits.parse().ok(),
            None => None,
        };
        match place.and_then(|place: usize| with.get(place)).zip(inner) {
            Some((text, inner)) => {
                out.push_str(text);
                rest = hole.get(inner.len() + 2..).unwrap_or_default();
            }
            None => {
                out.push('{');
                rest = hole.get(1..).unwrap_or_default();
            }
        }
    }
    out.push_str(rest);
    out
}

impl PartialEq<&str> for Message {
    /// Whether this is its text in English.
    fn eq(&self, english: &&str) -> bool {
        self.to_string().as_str() == *english
    }
}

impl PartialOrd for Message {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Message {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.to_string().cmp(&other.to_string()).then_with(|| self.0.cmp(&other.0))
    }
}

impl fmt::Display for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.told(&|_| None))
    }
}

impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.to_string(), f)
    }
}

impl std::error::Error for Message {}

/// What can tell itself in words of this program.
pub trait ToMessage {
    /// The words.
    fn to_message(&self) -> Message;
}

impl ToMessage for Message {
    fn to_message(&self) -> Message {
        self.clone()
    }
}

impl<T: ToMessage + ?Sized> ToMessage for &T {
    fn to_message(&self) -> Message {
        (**self).to_message()
    }
}

/// A value in a hole of [`say!`]; which of the two traits below applies to it is
/// found by the compiler.
pub struct Hole<'a, T: ?Sized>(pub &'a T);

/// For values that are words of this program.
pub trait ByMessage {
    /// The argument.
    fn argument(&self) -> Argument;
}

impl<T: ToMessage + ?Sized> ByMessage for Hole<'_, T> {
    fn argument(&self) -> Argument {
        Argument::Message(self.0.to_message())
    }
}

/// For all other values, which have a text.
pub trait ByText {
    /// The argument.
    fn argument(&self) -> Argument;
}

impl<T: fmt::Display + ?Sized> ByText for &Hole<'_, T> {
    fn argument(&self) -> Argument {
        Argument::Text(self.0.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_keeps_its_phrase_and_what_fills_it() {
        let (share, total, w) = (12.345, 7, 3);
        let inner = say!("only {total} cells");
        let said = say!("{}: {share:.1} % of {:>w$}", inner, "x");
        assert_eq!(said.to_string(), "only 7 cells: 12.3 % of   x");
        assert_eq!(said.code(), "{}: {} % of {}");
        assert_eq!(said.arguments()[1], Argument::Text("12.3".into()));
        assert!(
            matches!(&said.arguments()[0], Argument::Message(m) if m.code() == "only {} cells")
        );
    }

    #[test]
    fn another_language_takes_the_arguments_in_its_own_order() {
        let said = say!("{} of {}", say!("one"), 5);
        let spanish = |code: &str| match code {
            "{} of {}" => Some("de {1}, {0}"),
            "one" => Some("uno"),
            _ => None,
        };
        assert_eq!(said.told(&spanish), "de 5, uno");
    }

    #[test]
    fn braces_of_names_stay() {
        assert_eq!(say!("{{{}}} {}", "a{}b", "{0}").to_string(), "{a{}b} {0}");
        assert_eq!(Message::foreign("100 % {of} it").to_string(), "100 % {of} it");
        let both = Message::joined([say!("a"), say!("b")], "; ");
        assert_eq!((both.to_string().as_str(), both.code()), ("a; b", "{}; {}"));
        assert_eq!(Message::joined([say!("a")], "; "), say!("a"));
    }
}
