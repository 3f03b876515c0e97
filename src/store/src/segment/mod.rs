//! Segment files: how HDF5 is written so that the same content gives the same
//! bytes, and how it is read so that nothing unverified reaches libhdf5.

mod read;
mod write;

pub use read::SealedFile;
pub use write::{ALIGNMENT, Filling, SegmentFile};

use super::manifest::{RESTORE, Segment};
use sha2::Digest as _;
use std::fs::File;
use std::io::{Read, Seek as _, SeekFrom, Take};
use std::path::Path;
use types::error::{Error, Kind, Result};
use types::evidence::Digest;
use types::message::{Message, say};

/// Streaming works in pieces of this many bytes.
pub const PIECE: usize = 1 << 20;
/// Deflate cannot expand more than 1032-fold (zlib's technical notes).
const MAX_EXPANSION: u64 = 1032;

fn failed(path: &Path, doing: Message, e: &hdf5::Error) -> Error {
    Error::new(Kind::Store, say!("{doing}: {e}")).at(path).because(e)
}

/// The refusal of a file that is not what was scanned.
pub fn changed(from: &Path) -> Error {
    Error::new(Kind::BadInput, say!("the file changed while it was imported"))
        .at(from)
        .advise(say!("import it again"))
}

/// Reads a source to its end, handing over bounded pieces; `io` tells of a
/// failure to read.
pub fn each_piece(
    mut source: impl Read,
    io: impl Fn(std::io::Error) -> Error,
    mut each: impl FnMut(&[u8]) -> Result<()>,
) -> Result<()> {
    let mut piece = vec![0_u8; PIECE];
    loop {
        let read = source.read(&mut piece).map_err(&io)?;
        let bytes = piece.get(..read).unwrap_or_default();
        if bytes.is_empty() {
            return Ok(());
        }
        each(bytes)?;
    }
}

/// A part of a file.
pub fn part_of(path: &Path, offset: u64, length: u64) -> Result<Take<File>> {
    let io = |e: std::io::Error| Error::io(say!("reading"), path, &e);
    let mut file = File::open(path).map_err(io)?;
    file.seek(SeekFrom::Start(offset)).map_err(io)?;
    Ok(file.take(length))
}

/// Length and SHA-256 of a file, read in bounded pieces.
pub fn measure(path: &Path) -> Result<(u64, Digest)> {
    let io = |e: std::io::Error| Error::io(say!("reading"), path, &e);
    let file = File::open(path).map_err(io)?;
    let mut hash = sha2::Sha256::new();
    let mut length = 0;
    each_piece(file, io, |bytes| {
        hash.update(bytes);
        length += bytes.len() as u64;
        Ok(())
    })?;
    Ok((length, Digest(hash.finalize().into())))
}

/// Compares a segment file with what the manifest says of it.
pub fn verify(path: &Path, segment: &Segment) -> Result<()> {
    if !path.exists() {
        return Err(Error::new(Kind::Store, say!("a segment is missing"))
            .at(path)
            .advise(Message::phrase(RESTORE)));
    }
    let (bytes, sha256) = measure(path)?;
    if bytes == segment.bytes && sha256 == segment.sha256 {
        return Ok(());
    }
    Err(damaged(path, segment, bytes, sha256))
}

/// The refusal of a segment file that is not what was sealed.
pub fn damaged(path: &Path, segment: &Segment, bytes: u64, sha256: Digest) -> Error {
    let what = say!(
        "the segment has {bytes} bytes with SHA-256 {sha256}, but was sealed with {} bytes and {}",
        segment.bytes,
        segment.sha256
    );
    Error::new(Kind::Store, what).at(path).advise(Message::phrase(RESTORE))
}
