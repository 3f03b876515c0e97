//! Texts from files, bundles and command lines, as they may be shown.
//!
//! A name may hold characters that a terminal obeys: they move its cursor,
//! change its colours, turn the order of letters round, end a line and begin a
//! forged one. Wherever a text reaches a person it goes through [`printable`].

use crate::error::{Error, Kind, Result};
use crate::message::{Message, say};
use std::borrow::Cow;
use std::fmt::Write as _;

/// Whether a character steers rather than shows: a control character, one that
/// turns the direction of text or breaks lines, one of no width that makes two
/// names look alike, or none at all.
pub fn steers(c: char) -> bool {
    c.is_control()
        || is_none(c)
        || matches!(
            c,
            '\u{61c}'
                | '\u{200b}'
                | '\u{200e}'
                | '\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{feff}'
                | '\u{fff9}'..='\u{fffb}'
                | '\u{e0000}'..='\u{e007f}'
        )
}

/// Whether this is one of Unicode's 66 code points that never are a character:
/// U+FDD0 to U+FDEF, and the last two of each plane. XML refuses some of them.
pub fn is_none(c: char) -> bool {
    matches!(c, '\u{fdd0}'..='\u{fdef}') || u32::from(c) & 0xfffe == 0xfffe
}

/// A text with every character that steers written out: `\n`, `\u{1b}`.
pub fn printable(text: &str) -> Cow<'_, str> {
    written_out(text, |c, out| match c {
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\t' => out.push_str("\\t"),
        c => out.extend(c.escape_unicode()),
    })
}

/// As [`printable`], with the lines and columns of the text kept.
pub fn printable_lines(text: &str) -> Cow<'_, str> {
    written_out(text, |c, out| match c {
        '\n' | '\t' => out.push(c),
        c => out.extend(c.escape_unicode()),
    })
}

/// JSON that reads back the same, with such characters as JSON escapes.
pub fn printable_json(json: &str) -> Cow<'_, str> {
    written_out(json, |c, out| match c {
        // Between values; within one JSON itself escapes it.
        '\n' => out.push(c),
        c => {
            let mut units = [0; 2];
            for unit in c.encode_utf16(&mut units) {
                // Writing to a string cannot fail.
                let _ = write!(out, "\\u{unit:04x}");
            }
        }
    })
}

fn written_out(text: &str, write: impl Fn(char, &mut String)) -> Cow<'_, str> {
    if !text.contains(steers) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if steers(c) { write(c, &mut out) } else { out.push(c) }
    }
    Cow::Owned(out)
}

/// Refuses a text that will stand in the ledger and holds such a character;
/// `what` names it.
///
/// # Errors
/// [`Kind::BadInput`], with the text written out.
pub fn refuse_steering(what: Message, text: &str) -> Result<()> {
    if !text.contains(steers) {
        return Ok(());
    }
    let what = say!("{what} \"{}\" holds characters that do not show", printable(text));
    Err(Error::new(Kind::BadInput, what)
        .advise(say!("type it again, without what was pasted along")))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn nothing_that_steers_is_left_and_nothing_else_is_touched() {
        let names = ["Juárez", "ASOCIACIÓN 9×19 µm", "中文 ไทย 😀", "a\\n", ""];
        assert!(names.iter().all(|name| matches!(printable(name), Cow::Borrowed(_))));
        let hostile =
            "a\x1b[2J\u{202e}b\r\nfailed: c\u{9b}\u{ffff}\u{200b}\u{2028}\u{fdd0}\u{1fffe}";
        let shown = printable(hostile);
        assert_eq!(
            shown,
            "a\\u{1b}[2J\\u{202e}b\\r\\nfailed: c\\u{9b}\\u{ffff}\\u{200b}\\u{2028}\\u{fdd0}\\u{1fffe}"
        );
        assert!(!shown.contains(steers));
        assert_eq!(printable_lines("a\tb\n\x07"), "a\tb\n\\u{7}");
        let json = serde_json::to_string_pretty(&[hostile, "\u{e0041}"]).unwrap();
        let shown = printable_json(&json);
        assert!(!shown.replace('\n', "").contains(steers), "{shown}");
        let back: Vec<String> = serde_json::from_str(&shown).unwrap();
        assert_eq!(back, [hostile, "\u{e0041}"]);
    }

    #[test]
    fn a_reason_with_an_escape_is_refused_and_shown_written_out() {
        refuse_steering(say!("the reason"), "order 4/2026, Juárez").unwrap();
        let told = refuse_steering(say!("the reason"), "x\u{1b}[31m").unwrap_err();
        assert!(told.what.contains("\"x\\u{1b}[31m\""), "{told}");
    }
}
