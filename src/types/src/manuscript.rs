//! A document that is to be typeset, and how it and what became of it pass
//! between the program and the typesetter, which is a program of its own.
//!
//! Every message is a row of parts: the length in bytes (`u32`, little-endian),
//! then the bytes. A [`Manuscript`] is its head (JSON), the layout, the sheet and
//! its files; a [`Setting`] is its head (JSON) and, where pages were set, the PDF.
//! Both heads begin with the [`VERSION`] that the writer speaks. Lengths are
//! checked before anything is read.

use crate::error::{Error, Kind, Result};
use crate::message::{Message, say};
use serde::{Deserialize, Serialize};
use std::io::{ErrorKind, Read, Write};

/// The version of the messages. Both programs are built from one commit, so
/// that another version is a mistake of the installation and is named as one.
pub const VERSION: u32 = 1;

/// The largest part of a message, in bytes.
const LARGEST_PART: u32 = 256 << 20;
/// The largest message, in bytes.
const LARGEST: u64 = 1 << 30;
/// The most files of one manuscript.
const MOST_FILES: usize = 100_000;

/// A document before it is typeset.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Manuscript {
    /// The main file, in Typst's language.
    pub layout: String,
    /// What stands on the pages, as JSON: the file `sheet.json` of the layout.
    pub sheet: Vec<u8>,
    /// The files that the sheet names, each with its name.
    pub files: Vec<(String, Vec<u8>)>,
    /// The document's identifier.
    pub identifier: String,
    /// The program that made it.
    pub creator: String,
    /// Whether it is set as PDF/A-2a, which asks for a date in the layout.
    pub archival: bool,
}

/// What became of a manuscript.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Setting {
    /// Its pages, as PDF.
    Pages(Vec<u8>),
    /// Why it could not be set.
    Failed(String),
}

#[derive(Serialize, Deserialize)]
struct ManuscriptHead {
    version: u32,
    identifier: String,
    creator: String,
    archival: bool,
    files: Vec<String>,
}

#[derive(Serialize, Deserialize)]
struct SettingHead {
    version: u32,
    failed: Option<String>,
}

#[derive(Deserialize)]
struct AnyHead {
    version: u32,
}

impl Manuscript {
    /// Writes the message.
    ///
    /// # Errors
    /// [`Kind::TooLarge`] beyond the limits, [`Kind::Io`] where nobody reads.
    pub fn write(&self, to: &mut dyn Write) -> Result<()> {
        let head = ManuscriptHead {
            version: VERSION,
            identifier: self.identifier.clone(),
            creator: self.creator.clone(),
            archival: self.archival,
            files: self.files.iter().map(|(name, _)| name.clone()).collect(),
        };
        let head = json(&head)?;
        let own = [head.as_slice(), self.layout.as_bytes(), &self.sheet];
        let parts = own.into_iter().chain(self.files.iter().map(|(_, bytes)| bytes.as_slice()));
        write_parts(parts, to)
    }

    /// Reads the next message; none where the writer has ended.
    ///
    /// # Errors
    /// [`Kind::Damaged`] for what is no such message or one of another version.
    pub fn read(from: &mut dyn Read) -> Result<Option<Self>> {
        let mut parts = Parts { from, left: LARGEST };
        let Some(head) = parts.first()? else { return Ok(None) };
        let head: ManuscriptHead = parse(&head)?;
        if head.files.len() > MOST_FILES {
            return Err(damaged(say!("{} files are too many", head.files.len())));
        }
        let layout = String::from_utf8(parts.next()?)
            .map_err(|_| damaged(say!("the layout is not UTF-8")))?;
        let sheet = parts.next()?;
        let files = head.files.into_iter().map(|name| Ok((name, parts.next()?)));
        Ok(Some(Self {
            layout,
            sheet,
            files: files.collect::<Result<_>>()?,
            identifier: head.identifier,
            creator: head.creator,
            archival: head.archival,
        }))
    }
}

impl Setting {
    /// Writes the message.
    ///
    /// # Errors
    /// As [`Manuscript::write`].
    pub fn write(&self, to: &mut dyn Write) -> Result<()> {
        let (failed, pages) = match self {
            Self::Pages(pages) => (None, Some(pages.as_slice())),
            Self::Failed(why) => (Some(why.clone()), None),
        };
        let head = json(&SettingHead { version: VERSION, failed })?;
        write_parts(std::iter::once(head.as_slice()).chain(pages), to)
    }

    /// Reads the next message; none where the writer has ended.
    ///
    /// # Errors
    /// As [`Manuscript::read`].
    pub fn read(from: &mut dyn Read) -> Result<Option<Self>> {
        let mut parts = Parts { from, left: LARGEST };
        let Some(head) = parts.first()? else { return Ok(None) };
        let head: SettingHead = parse(&head)?;
        Ok(Some(match head.failed {
            Some(why) => Self::Failed(why),
            None => Self::Pages(parts.next()?),
        }))
    }
}

fn json(head: &impl Serialize) -> Result<Vec<u8>> {
    serde_json::to_vec(head)
        .map_err(|e| Error::new(Kind::Internal, say!("a head: {e}")).because(&e))
}

/// A head, if it is of this version.
fn parse<T: for<'a> Deserialize<'a>>(bytes: &[u8]) -> Result<T> {
    let not_ours = |e: serde_json::Error| damaged(say!("the head of a message: {e}"));
    let AnyHead { version } = serde_json::from_slice(bytes).map_err(not_ours)?;
    if version != VERSION {
        return Err(damaged(say!("the message has version {version}, not {VERSION}"))
            .advise(say!("build brasslink and brasslink-typeset from the same commit")));
    }
    serde_json::from_slice(bytes).map_err(not_ours)
}

fn write_parts<'a>(parts: impl Iterator<Item = &'a [u8]>, to: &mut dyn Write) -> Result<()> {
    let io =
        |e: std::io::Error| Error::new(Kind::Io, say!("writing a message failed: {e}")).because(&e);
    let mut left = LARGEST;
    for part in parts {
        let length = u32::try_from(part.len()).ok().filter(|l| *l <= LARGEST_PART);
        left = left.saturating_sub(part.len() as u64);
        let Some(length) = length.filter(|_| left > 0) else {
            return Err(Error::new(
                Kind::TooLarge,
                say!("the document is too large to be typeset"),
            )
            .advise(say!("write it as html, json or csv")));
        };
        to.write_all(&length.to_le_bytes()).and_then(|()| to.write_all(part)).map_err(io)?;
    }
    to.flush().map_err(io)
}

/// The parts of a message that is being read.
struct Parts<'a> {
    from: &'a mut dyn Read,
    left: u64,
}

impl Parts<'_> {
    /// The first part; none where there is no message.
    fn first(&mut self) -> Result<Option<Vec<u8>>> {
        let mut length = [0; 4];
        match self.from.read(&mut length[..1]) {
            Ok(0) => return Ok(None),
            Ok(_) => self.fill(&mut length[1..])?,
            Err(e) if e.kind() == ErrorKind::Interrupted => return self.first(),
            Err(e) => return Err(Error::new(Kind::Io, say!("reading a message failed: {e}"))),
        }
        self.body(length).map(Some)
    }

    fn next(&mut self) -> Result<Vec<u8>> {
        let mut length = [0; 4];
        self.fill(&mut length)?;
        self.body(length)
    }

    fn body(&mut self, length: [u8; 4]) -> Result<Vec<u8>> {
        let length = u32::from_le_bytes(length);
        if length > LARGEST_PART || u64::from(length) > self.left {
            return Err(damaged(say!("a part of {length} bytes is too large")));
        }
        self.left -= u64::from(length);
        // Grows with what comes, whatever length is claimed.
        let mut bytes = Vec::new();
        let read = self.from.take(u64::from(length)).read_to_end(&mut bytes);
        match read {
            Ok(n) if n as u64 == u64::from(length) => Ok(bytes),
            Ok(_) => Err(damaged(say!("a message ends early"))),
            Err(e) => Err(Error::new(Kind::Io, say!("reading a message failed: {e}"))),
        }
    }

    fn fill(&mut self, bytes: &mut [u8]) -> Result<()> {
        self.from.read_exact(bytes).map_err(|_| damaged(say!("a message ends early")))
    }
}

fn damaged(what: Message) -> Error {
    Error::new(Kind::Damaged, what)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn manuscript() -> Manuscript {
        Manuscript {
            layout: "= Título".into(),
            sheet: b"{}".to_vec(),
            files: vec![("a.png".into(), vec![0; 70_000]), ("b.svg".into(), Vec::new())],
            identifier: "BL-1".into(),
            creator: "brasslink".into(),
            archival: true,
        }
    }

    #[test]
    fn messages_come_out_as_they_went_in_one_after_the_other() {
        let mut bytes = Vec::new();
        manuscript().write(&mut bytes).unwrap();
        Manuscript::default().write(&mut bytes).unwrap();
        let mut from = bytes.as_slice();
        assert_eq!(Manuscript::read(&mut from).unwrap(), Some(manuscript()));
        assert_eq!(Manuscript::read(&mut from).unwrap(), Some(Manuscript::default()));
        assert_eq!(Manuscript::read(&mut from).unwrap(), None);
        for setting in [Setting::Pages(b"%PDF-1.7".to_vec()), Setting::Failed("unknown".into())] {
            let mut bytes = Vec::new();
            setting.write(&mut bytes).unwrap();
            assert_eq!(Setting::read(&mut bytes.as_slice()).unwrap(), Some(setting));
        }
    }

    #[test]
    fn what_is_cut_off_too_long_or_of_another_version_is_refused() {
        let mut bytes = Vec::new();
        manuscript().write(&mut bytes).unwrap();
        for end in [1, 3, 4, 30, bytes.len() / 2, bytes.len() - 1] {
            let error = Manuscript::read(&mut bytes.get(..end).unwrap()).unwrap_err();
            assert_eq!(error.kind, Kind::Damaged, "{end}");
        }
        assert_eq!(Manuscript::read(&mut [0xff; 64].as_slice()).unwrap_err().kind, Kind::Damaged);
        let text = String::from_utf8_lossy(&bytes).replacen("\"version\":1", "\"version\":2", 1);
        let error = Manuscript::read(&mut text.as_bytes()).unwrap_err();
        assert!(error.what.contains("version 2"), "{error}");
    }
}
