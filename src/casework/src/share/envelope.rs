//! The signed head of a bundle.
//!
//! A bundle is an HDF5 file whose user block (the first 16 KiB, which HDF5
//! leaves to its users) holds a signed statement about the rest: how long it
//! is, its digest, who made it for whom. So it is verified with file and
//! signature operations alone before HDF5 sees a byte of it. The format is
//! specified in docs/BUNDLE_FORMAT.md.

use super::agency::AgencyCode;
use serde::{Deserialize, Serialize};
use sha2::Digest as _;
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::Path;
use store::Deposit;
use types::error::{Error, Kind, Result};
use types::evidence::Digest;
use types::files::open_file;
use types::message::{Message, say};

/// Length of the user block in bytes; HDF5 allows powers of two from 512.
pub const HEAD: usize = 16 << 10;
/// The longest evidence part that is looked at, in bytes.
pub const LONGEST: u64 = 8 << 30;
/// What a statement says it is.
const BUNDLE: &str = "brasslink-bundle";
/// The version of the format.
const VERSION: u32 = 1;
/// Files are copied in pieces of this many bytes.
const PIECE: usize = 1 << 20;

/// What the sender states and signs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Statement {
    /// What this is.
    pub format: String,
    /// The format's version.
    pub version: u32,
    /// Who made it; every identifier in it is this agency's.
    pub from: AgencyCode,
    /// For whom.
    pub to: AgencyCode,
    /// The how-manieth of these two, from 1; the receiver takes only higher
    /// ones than it has.
    pub number: u64,
    /// When it was made (RFC 3339).
    pub when: String,
    /// The sender's last ledger entry.
    pub ledger_seq: u64,
    /// That entry's hash.
    pub ledger_head: Digest,
    /// Length of the HDF5 part in bytes.
    pub bytes: u64,
    /// SHA-256 of the HDF5 part.
    pub sha256: Digest,
    /// How much of what it holds.
    pub holds: BTreeMap<String, u64>,
    /// By kind, the fields that were there and were left out.
    pub left_out: BTreeMap<String, BTreeSet<String>>,
}

impl Statement {
    /// A statement's fixed beginning.
    pub fn stamp() -> (String, u32) {
        (BUNDLE.to_owned(), VERSION)
    }
}

/// A bundle's head, read and in good form; whose it is, is for
/// [`Envelope::verify`] to say.
pub struct Envelope {
    deposit: Deposit,
    /// What it states.
    pub statement: Statement,
}

/// The refusal of a bundle.
pub fn refused(what: Message) -> Error {
    Error::new(Kind::Damaged, what)
        .advise(say!("nothing was taken over; ask the sender for the bundle again"))
}

/// The user block of a signed statement.
fn head(deposit: &Deposit) -> Result<Vec<u8>> {
    let internal =
        |e: serde_json::Error| Error::new(Kind::Internal, say!("no JSON: {e}")).because(&e);
    let mut head = serde_json::to_vec(deposit).map_err(internal)?;
    head.push(b'\n');
    if head.len() > HEAD {
        let what = say!("what the bundle holds does not fit its head");
        return Err(Error::new(Kind::TooLarge, what).advise(say!("choose fewer kinds of records")));
    }
    head.resize(HEAD, 0);
    Ok(head)
}

/// Writes a bundle: the signed statement, then the HDF5 file at `payload`;
/// what was signed.
///
/// # Errors
/// [`Kind::BadInput`] if `pem` is no private key; [`Kind::Io`].
pub fn seal(
    statement: &Statement,
    pem: &str,
    payload: &Path,
    out: &mut dyn Write,
) -> Result<Deposit> {
    let internal =
        |e: serde_json::Error| Error::new(Kind::Internal, say!("no JSON: {e}")).because(&e);
    let text = serde_json::to_string(statement).map_err(internal)?;
    let io = |e: std::io::Error| Error::io(say!("writing the bundle"), payload, &e);
    let signed = Deposit::of(text, pem)?;
    out.write_all(&head(&signed)?).map_err(io)?;
    std::io::copy(&mut File::open(payload).map_err(io)?, out).map_err(io)?;
    Ok(signed)
}

impl Envelope {
    /// Reads the head of the bundle at `path`. Nothing of it is to be believed
    /// yet.
    ///
    /// # Errors
    /// [`Kind::Damaged`] if it is no bundle, or not byte for byte in the form
    /// in which bundles are written.
    pub fn read(path: &Path) -> Result<Self> {
        let io = |e: std::io::Error| Error::io(say!("reading the bundle"), path, &e);
        let mut bytes = Vec::new();
        let file = open_file(path)?;
        file.take(HEAD as u64).read_to_end(&mut bytes).map_err(io)?;
        Self::parse(&bytes).map_err(|e| e.at(path))
    }

    /// The head in the first [`HEAD`] bytes of a bundle; as [`Envelope::read`].
    ///
    /// # Errors
    /// [`Kind::Damaged`] if they are none.
    pub fn parse(bytes: &[u8]) -> Result<Self> {
        let end = bytes.iter().position(|b| *b == b'\n');
        let line = end.and_then(|end| bytes.get(..end));
        let deposit = line.and_then(|line| serde_json::from_slice::<Deposit>(line).ok());
        let deposit =
            deposit.ok_or_else(|| refused(say!("this is no bundle, or its head is damaged")))?;
        // One statement has one form, so that no byte can be changed unseen.
        if head(&deposit)? != bytes {
            return Err(refused(say!("the bundle's head is not in the form it is written in")));
        }
        #[derive(Deserialize)]
        struct Stamp {
            format: String,
            version: u32,
        }
        let text = &deposit.signed;
        let stamp = serde_json::from_str::<Stamp>(text).map(|s| (s.format, s.version));
        match stamp {
            Ok(stamp) if stamp == Statement::stamp() => {}
            Ok((format, version)) => {
                return Err(refused(say!("the bundle is a {format} of version {version}"))
                    .advise(say!("use a newer version of this program")));
            }
            Err(e) => return Err(refused(say!("the bundle's statement: {e}"))),
        }
        let statement =
            serde_json::from_str(text).map_err(|e| refused(say!("the bundle's statement: {e}")))?;
        Ok(Self { deposit, statement })
    }

    /// The statement, if `public_key` (PEM) signed it.
    ///
    /// # Errors
    /// [`Kind::Damaged`] if not.
    pub fn verify(&self, public_key: &str) -> Result<&Statement> {
        let from = &self.statement.from;
        self.deposit.text(Some(public_key)).map_err(|e| {
            refused(say!("the bundle says it is of {from}, but {}", e.what))
                .advise(say!("do not rely on it; compare the key's fingerprint with the sender's"))
        })?;
        Ok(&self.statement)
    }

    /// The statement with its signature as it was received, to be kept.
    pub const fn deposit(&self) -> &Deposit {
        &self.deposit
    }

    /// Copies the HDF5 part of the bundle at `path` to `to`, so that what is
    /// opened afterwards is what was verified.
    ///
    /// # Errors
    /// [`Kind::Damaged`] if it is not what the statement says.
    pub fn unpack(&self, path: &Path, to: &mut dyn Write) -> Result<()> {
        let io = |e: std::io::Error| Error::io(say!("reading the bundle"), path, &e);
        let Statement { bytes, sha256, .. } = self.statement;
        let mut file = open_file(path)?;
        let length = file.metadata().map_err(io)?.len();
        if bytes > LONGEST {
            let most = LONGEST >> 30;
            let what = say!("the bundle is longer than the {most} GiB that are looked at");
            return Err(Error::new(Kind::TooLarge, what)
                .at(path)
                .advise(say!("ask for it in parts")));
        }
        if length != bytes + HEAD as u64 {
            let want = bytes + HEAD as u64;
            let what = say!("the bundle has {length} bytes, but was signed with {want}");
            return Err(refused(what).at(path));
        }
        file.seek(SeekFrom::Start(HEAD as u64)).map_err(io)?;
        let (mut hash, mut left) = (sha2::Sha256::new(), bytes);
        let mut piece = vec![0_u8; PIECE];
        while left > 0 {
            let read = file.read(&mut piece).map_err(io)?;
            let part = piece.get(..read).unwrap_or_default();
            if part.is_empty() || part.len() as u64 > left {
                return Err(refused(say!("the bundle changed while it was read")).at(path));
            }
            hash.update(part);
            to.write_all(part).map_err(io)?;
            left -= part.len() as u64;
        }
        to.flush().map_err(io)?;
        if Digest(hash.finalize().into()) == sha256 {
            return Ok(());
        }
        Err(refused(say!("the bundle's content is not what was signed")).at(path))
    }
}
