//! Files that hold a secret: written for their owner alone, and not used where
//! others can read them.

use std::io::Write as _;
use std::path::Path;
use types::error::{Error, Kind, Result};
use types::message::say;
use types::system::{for_owner_alone, open_to_others};

/// Writes a new file that only its owner can read.
///
/// # Errors
/// [`Kind::Io`] if it is there already or cannot be written.
pub fn write_private(path: &Path, text: &str) -> Result<()> {
    let io = |e: std::io::Error| Error::io(say!("writing the key"), path, &e);
    for_owner_alone()
        .create_new(true)
        .open(path)
        .and_then(|mut file| file.write_all(text.as_bytes()))
        .map_err(io)
}

/// Reads a file that only its owner can read.
///
/// # Errors
/// [`Kind::BadInput`] if others can; [`Kind::Io`].
pub fn read_private(path: &Path) -> Result<String> {
    let io = |e: std::io::Error| Error::io(say!("reading the key"), path, &e);
    let mut file = std::fs::File::open(path).map_err(io)?;
    if let Some(mode) = open_to_others(&file.metadata().map_err(io)?) {
        let what = say!("others than its owner can use this key file (mode {mode:04o})");
        return Err(Error::new(Kind::BadInput, what).at(path).advise(say!(
            "chmod 600 it; if others may have read it, make a new key and tell your partners"
        )));
    }
    let mut text = String::new();
    std::io::Read::read_to_string(&mut file, &mut text).map_err(io)?;
    Ok(text)
}
