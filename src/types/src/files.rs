//! Files that a person names: read within limits, written whole or not at all.

use crate::error::{Error, Kind, Result};
use crate::message::say;
use crate::system;
use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;

/// Opens a regular file for reading. A pipe, whose other end nobody may ever
/// write to, or a device without an end is refused.
///
/// # Errors
/// [`Kind::BadInput`] if it is no regular file, [`Kind::Io`] if it cannot be
/// opened.
pub fn open_file(path: &Path) -> Result<File> {
    let io = |e: std::io::Error| Error::io(say!("reading"), path, &e);
    // Asked of what was opened, which may be something else than a moment ago.
    let file = system::without_waiting().read(true).open(path).map_err(io)?;
    if file.metadata().map_err(io)?.is_file() {
        return Ok(file);
    }
    Err(Error::new(Kind::BadInput, say!("this is not a regular file"))
        .at(path)
        .advise(say!("name a file")))
}

/// The whole content of a regular file of at most `limit` bytes.
///
/// # Errors
/// As [`open_file`]; [`Kind::TooLarge`] if it is longer.
pub fn read_file(path: &Path, limit: u64) -> Result<Vec<u8>> {
    let file = open_file(path)?;
    let length = file.metadata().map_err(|e| Error::io(say!("reading"), path, &e))?.len();
    if length > limit {
        return Err(too_long(path, &length.to_string(), limit));
    }
    read_whole(file, path, limit)
}

/// The whole content of a file that a person names, a pipe for instance, of at
/// most `limit` bytes.
///
/// # Errors
/// [`Kind::TooLarge`] if it is longer, [`Kind::Io`].
pub fn read_within(path: &Path, limit: u64) -> Result<Vec<u8>> {
    let file = File::open(path).map_err(|e| Error::io(say!("reading"), path, &e))?;
    read_whole(file, path, limit)
}

fn read_whole(file: File, path: &Path, limit: u64) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let read = file.take(limit.saturating_add(1)).read_to_end(&mut bytes);
    read.map_err(|e| Error::io(say!("reading"), path, &e))?;
    if bytes.len() as u64 > limit {
        return Err(too_long(path, "more", limit));
    }
    Ok(bytes)
}

fn too_long(path: &Path, length: &str, limit: u64) -> Error {
    let what = say!("{length} bytes, more than the limit of {limit}");
    Error::new(Kind::TooLarge, what).at(path)
}

/// Longest table or report that is read, in bytes.
pub const MAX_TABLE: u64 = 1 << 30;
/// Longest key, policy, deposit or answer sheet that is read, in bytes.
const MAX_TEXT: u64 = 16 << 20;

/// The text of a small file that a person names.
///
/// # Errors
/// As [`read_within`]; [`Kind::BadInput`] if it is not UTF-8.
pub fn read_small_text(path: &Path) -> Result<String> {
    String::from_utf8(read_within(path, MAX_TEXT)?)
        .map_err(|_| Error::new(Kind::BadInput, say!("the file is no UTF-8 text")).at(path))
}

/// Writes a file whole or not at all, over whatever has its name. The draft
/// beside it has a name of its own, so that no link laid there is followed.
///
/// # Errors
/// [`Kind::Io`](types::error::Kind::Io) if the disk refuses.
pub fn put_file(path: &Path, bytes: &[u8]) -> Result<()> {
    let io = |e: io::Error| Error::io(say!("writing"), path, &e);
    let folder = path.parent().filter(|f| !f.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut draft = draft_in(folder).map_err(io)?;
    draft.write_all(bytes).map_err(io)?;
    draft.as_file().sync_all().map_err(io)?;
    draft.persist(path).map_err(|e| io(e.error))?;
    Ok(())
}

/// A new file with a name of its own in `folder`, with the usual permissions, to
/// be renamed when it is whole.
///
/// # Errors
/// What the operating system says.
pub fn draft_in(folder: &Path) -> io::Result<tempfile::NamedTempFile> {
    tempfile::Builder::new()
        .prefix(".brasslink-")
        .suffix(".partial")
        .permissions(system::usual_permissions())
        .tempfile_in(folder)
}
