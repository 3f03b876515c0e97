//! Bounded access to the members of the zip archive.

use std::io::{Cursor, Read};
use types::error::{Error, Kind, Result};
use types::message::{Message, say};
use zip::ZipArchive;
use zip::result::ZipError;

/// How many bytes a compression can pack into one; a claim beyond it is false.
/// Deflate: 1032 (RFC 1951: a 258-byte match from two one-bit codes). Bzip2
/// packs a block of 45,899,235 equal bytes into 32, LZMA some 7000 into one.
const fn most_inflation(method: zip::CompressionMethod) -> u64 {
    match method {
        zip::CompressionMethod::Stored | zip::CompressionMethod::Deflated => 1032,
        zip::CompressionMethod::Bzip2 => 2 << 20,
        _ => 16 << 10,
    }
}

/// The archive and the normalised names of its members.
pub(in crate::acquire) struct Archive<'a> {
    zip: ZipArchive<Cursor<&'a [u8]>>,
    names: Vec<String>,
}

/// Where a member was found and how exactly its name fitted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::acquire) struct Found {
    pub index: usize,
    pub exact: bool,
}

impl<'a> Archive<'a> {
    pub fn open(bytes: &'a [u8]) -> Result<Self> {
        let zip = ZipArchive::new(Cursor::new(bytes)).map_err(|e| {
            damaged(say!("zip archive (X3P) without a readable directory, {}", reason(&e)))
                .advise(say!("the file is probably cut short: copy it again from the instrument"))
        })?;
        if zip.has_duplicate_names() {
            return Err(damaged(say!("the zip archive holds two members of the same name")));
        }
        let names = (0..zip.len())
            .map(|i| match zip.name_for_index(i) {
                Some(Ok(name)) => name.into_owned(),
                _ => String::new(),
            })
            .collect();
        Ok(Self { zip, names })
    }

    pub fn name(&self, index: usize) -> &str {
        self.names.get(index).map_or("", String::as_str)
    }

    /// Finds a member by exact name, else by name without regard to case,
    /// slashes and folders, where only one fits.
    pub fn find(&self, wanted: &str) -> Option<Found> {
        if let Some(index) = self.names.iter().position(|n| n == wanted) {
            return Some(Found { index, exact: true });
        }
        let same_path = |n: &str| normal(n) == normal(wanted);
        let same_file = |n: &str| base(n) == base(wanted);
        let index = self.only(same_path).or_else(|| self.only(same_file))?;
        Some(Found { index, exact: false })
    }

    /// The only member for which `fits`, if there is exactly one.
    pub fn only(&self, fits: impl Fn(&str) -> bool) -> Option<usize> {
        let mut fitting = self.names.iter().enumerate().filter(|(_, n)| fits(n));
        match (fitting.next(), fitting.next()) {
            (Some((index, _)), None) => Some(index),
            _ => None,
        }
    }

    /// A whole small member of at most `limit` bytes.
    pub fn read(&mut self, index: usize, limit: u64) -> Result<Vec<u8>> {
        let name = self.name(index).to_owned();
        let mut bytes = Vec::new();
        self.stream(index, 0)?
            .take(limit + 1)
            .read_to_end(&mut bytes)
            .map_err(|e| unpacking(&name, &e))?;
        if bytes.len() as u64 > limit {
            return Err(Error::new(
                Kind::TooLarge,
                say!("{name} unpacks to more than the limit of {limit} bytes"),
            ));
        }
        Ok(bytes)
    }

    /// A member's unpacked bytes, refused where `expected` of them cannot come
    /// out of the packed bytes that are there.
    pub fn stream(&mut self, index: usize, expected: u64) -> Result<impl Read + '_> {
        let name = self.name(index).to_owned();
        let member = self.zip.by_index(index).map_err(|e| cannot_unpack(&name, &e))?;
        let packed = member.compressed_size();
        if expected > packed.saturating_mul(most_inflation(member.compression())) {
            return Err(damaged(say!(
                "{name} should hold {expected} bytes, more than its {packed} packed bytes can give"
            )));
        }
        Ok(member)
    }
}

/// Lower case, forward slashes, no leading `./` or `/`.
fn normal(name: &str) -> String {
    let slashes = name.trim().replace('\\', "/").to_lowercase();
    slashes.trim_start_matches(['.', '/']).to_owned()
}

/// The file name without folders, in lower case.
pub(super) fn base(name: &str) -> String {
    let path = normal(name);
    path.rsplit('/').next().unwrap_or_default().to_owned()
}

pub(super) fn damaged(what: Message) -> Error {
    Error::new(Kind::Damaged, what)
}

/// A failure while unpacking the named member.
pub(super) fn unpacking(name: &str, error: &std::io::Error) -> Error {
    damaged(say!("{name} cannot be unpacked: {error}"))
        .advise(say!("the file is damaged: copy it again from the instrument"))
}

/// Why a member cannot be unpacked: a compression that is not read is no damage.
fn cannot_unpack(name: &str, error: &ZipError) -> Error {
    match error {
        ZipError::UnsupportedArchive(_) | ZipError::CompressionMethodNotSupported(_) => {
            Error::new(Kind::UnknownFormat, say!("{name} is packed in a way not read: {error}"))
                .advise(say!("pack it with deflate: export the scan again, or unzip and zip it"))
        }
        other => damaged(say!("{name} cannot be unpacked, {}", reason(other))),
    }
}

fn reason(error: &ZipError) -> String {
    match error {
        ZipError::Io(e) => e.to_string(),
        ZipError::InvalidArchive(what) => what.to_string(),
        other => other.to_string(),
    }
}
