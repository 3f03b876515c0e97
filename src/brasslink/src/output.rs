//! Everything that commands print, and what becomes of it.
//!
//! What cannot be written is remembered, and the command then fails, however
//! well its work went: a deposit that did not reach its file is lost. A pipe
//! whose reader has gone is no error. Nothing here panics.

use super::speech::told;
use std::fmt::Display;
use std::io::{ErrorKind, IsTerminal as _, Write as _};
use std::path::Path;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};
use types::error::{Error, Kind, Result};
use types::message::{ToMessage, say};
use types::printable::{printable, printable_lines};

/// The first error of standard output.
static FAILED: OnceLock<std::io::Error> = OnceLock::new();

/// Whether standard output is for machines alone.
static PEOPLE_ASIDE: AtomicBool = AtomicBool::new(false);

/// Has what is for people go to standard error: JSON goes to standard output.
pub fn people_aside(aside: bool) {
    PEOPLE_ASIDE.store(aside, Ordering::Relaxed);
}

fn note(written: std::io::Result<()>) {
    if let Err(error) = written {
        // Only the first says why.
        let _known = FAILED.set(error);
    }
}

/// Prints one line on standard output, in the language that is spoken, with
/// whatever would steer the terminal written out.
pub fn line(text: impl ToMessage) {
    if PEOPLE_ASIDE.load(Ordering::Relaxed) {
        return aside(text);
    }
    if FAILED.get().is_none() {
        note(writeln!(std::io::stdout(), "{}", printable(&told(&text))));
    }
}

/// Prints lines that this program laid out on standard output.
pub fn lines(text: impl Display) {
    if PEOPLE_ASIDE.load(Ordering::Relaxed) {
        let _nobody = writeln!(std::io::stderr(), "{}", printable_lines(&text.to_string()));
        return;
    }
    if FAILED.get().is_none() {
        note(writeln!(std::io::stdout(), "{}", printable_lines(&text.to_string())));
    }
}

/// Writes a file's content on standard output: byte for byte, unless that is a
/// terminal.
pub fn content(text: &str) {
    if FAILED.get().is_some() {
        return;
    }
    let mut out = std::io::stdout();
    note(if out.is_terminal() {
        out.write_all(printable_lines(text).as_bytes())
    } else {
        out.write_all(text.as_bytes())
    });
}

/// Prints one line on standard error, like [`line`]. Where that is closed there
/// is nobody to be told.
pub fn aside(text: impl ToMessage) {
    let _nobody = writeln!(std::io::stderr(), "{}", printable(&told(&text)));
}

/// Writes out what is left.
///
/// # Errors
/// [`Kind::Io`] if anything could not be written.
pub fn finish() -> Result<()> {
    if FAILED.get().is_none() {
        note(std::io::stdout().flush());
    }
    match FAILED.get() {
        Some(error) if error.kind() != ErrorKind::BrokenPipe => {
            let what = say!("what was to be printed could not be written: {error}");
            let advice = say!(
                "the command did its work, but its output is lost or cut off; make room \
                          or name another place, and repeat it"
            );
            Err(Error::new(Kind::Io, what).at(Path::new("standard output")).advise(advice))
        }
        _ => Ok(()),
    }
}
