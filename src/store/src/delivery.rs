//! What a worker hands to the one writer: the evidence or the results of a part
//! of the work in sealed files, which travel under their digests.
//!
//! ```text
//! delivery/
//!   tables.h5      rows as in a tables segment, with the templates and cells
//!   originals.h5   a segment of that role, to be taken into the store as it is
//!   marks.h5       likewise
//! ```
//!
//! The bill names the files with their lengths and digests. The writer compares
//! a file with its bill before anything in it is read or taken. Where a commit
//! holds just what a delivered segment holds, the segment itself goes into the
//! store; else what is wanted of it is copied.

use super::batch::Batch;
use super::bundle::Payload;
use super::layout::CellColumns;
use super::manifest::Role;
use super::rows::MarkRow;
use super::segment::{SealedFile, SegmentFile, measure};
use super::snapshot::{TEMPLATE_BYTES, values_name};
use super::writer::{TableSet, mark_values, originals, packed};
use ndarray::Array2;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use types::error::{Error, Kind, Result};
use types::evidence::Digest;
use types::message::{Message, phrase, say};

/// What the file of tables says that it is.
const TABLES: &str = "delivery";
/// The only commit of a delivery.
const SEQ: u64 = 1;
/// What to do about a delivery that is not what was sent.
const AGAIN: &str = phrase!("do this part of the work again");

/// Length and digest of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sealed {
    /// Length in bytes.
    pub bytes: u64,
    /// SHA-256 of its bytes.
    pub sha256: Digest,
}

/// Where a delivery lies and what it consists of; this travels to the writer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bill {
    /// The folder.
    pub folder: PathBuf,
    /// Its files by their names.
    pub files: BTreeMap<String, Sealed>,
}

/// Writes what `batch` holds as sealed files into the new folder `folder`.
///
/// # Errors
/// [`Kind::Io`] where the folder is there already or cannot be written,
/// [`Kind::BadInput`] for a file that changed since it was scanned.
pub fn deliver(folder: &Path, batch: &Batch) -> Result<Bill> {
    fs::create_dir_all(folder.parent().unwrap_or(folder))
        .and_then(|()| fs::create_dir(folder))
        .map_err(|e| Error::io(say!("making a delivery"), folder, &e))?;
    let mut files = BTreeMap::new();
    let mut add = |name: &str, role: &str, write: &dyn Fn(&SegmentFile) -> Result<()>| {
        let path = folder.join(name);
        let file = SegmentFile::create(&path, role)?;
        write(&file)?;
        file.close()?;
        let (bytes, sha256) = measure(&path)?;
        files.insert(name.to_owned(), Sealed { bytes, sha256 });
        Ok::<(), Error>(())
    };
    let cells = batch.comparisons.iter().flat_map(|(_, cells)| cells);
    let cells: Vec<_> = cells.map(CellColumns::from).collect();
    add("tables.h5", TABLES, &|file| {
        TableSet::of(batch, SEQ)?.write(file)?;
        if !batch.templates.is_empty() {
            file.contiguous(TEMPLATE_BYTES, &packed(batch))?;
        }
        if cells.is_empty() { Ok(()) } else { file.table(&cells) }
    })?;
    if batch.scans.iter().any(|(scan, _)| scan.is_held()) {
        add(&file_of(Role::Originals), Role::Originals.word(), &|file| originals(file, batch))?;
    }
    if !batch.marks.is_empty() {
        add(&file_of(Role::Marks), Role::Marks.word(), &|file| {
            file.group("mark_values")?;
            batch.marks.iter().try_for_each(|(mark, values)| mark_values(file, mark, values))
        })?;
    }
    Ok(Bill { folder: folder.to_owned(), files })
}

fn file_of(role: Role) -> String {
    format!("{}.h5", role.word())
}

/// A delivery that has come.
pub struct Delivery {
    bill: Bill,
    tables: Payload,
}

impl Delivery {
    /// Takes a delivery: every file of it is compared with the bill before
    /// anything in it is read.
    ///
    /// # Errors
    /// [`Kind::Store`] if a file is missing or not what the bill says.
    pub fn open(bill: &Bill) -> Result<Self> {
        for (name, said) in &bill.files {
            compared(&bill.folder.join(name), said)?;
        }
        let tables = Payload::within(SealedFile::open(&bill.folder.join("tables.h5"))?)?;
        Ok(Self { bill: bill.clone(), tables })
    }

    /// Its tables, templates and cells.
    pub const fn tables(&self) -> &Payload {
        &self.tables
    }

    /// The values of a mark, shape (ny, nx).
    pub(super) fn values(&self, mark: &MarkRow) -> Result<Array2<f32>> {
        let file = self.file(Role::Marks)?;
        let (values, _) = file.map(&values_name(&mark.id))?;
        if values.dim() == (mark.ny as usize, mark.nx as usize) {
            return Ok(values);
        }
        let what = say!("the values of mark {} have another shape than its row says", mark.id);
        Err(Error::new(Kind::Store, what).at(&self.bill.folder).advise(Message::phrase(AGAIN)))
    }

    /// A segment of it.
    pub(super) fn file(&self, role: Role) -> Result<SealedFile> {
        SealedFile::open(&self.bill.folder.join(file_of(role)))
    }

    /// Whether its segment of `role` holds these datasets of a group, and no
    /// others.
    pub(super) fn holds_just(
        &self,
        role: Role,
        group: &str,
        names: &BTreeSet<String>,
    ) -> Result<bool> {
        let held = self.file(role)?.names(group)?;
        Ok(held.len() == names.len() && held.iter().all(|name| names.contains(name)))
    }

    /// Moves its segment of `role` to `to`; its length and digest.
    pub(super) fn hand_over(&self, role: Role, to: &Path) -> Result<Sealed> {
        let from = self.bill.folder.join(file_of(role));
        let said = self.bill.files.get(&file_of(role)).copied();
        let said =
            said.ok_or_else(|| Error::new(Kind::Internal, say!("the bill has no such file")))?;
        // Another file system, or a folder that cannot be written to.
        if fs::rename(&from, to).is_err() {
            let io =
                |e: std::io::Error| Error::io(say!("taking over a delivered segment"), &from, &e);
            fs::copy(&from, to).map_err(io)?;
            compared(to, &said)?;
        }
        Ok(said)
    }
}

/// Compares a delivered file with what the bill says of it.
fn compared(path: &Path, said: &Sealed) -> Result<()> {
    let measured = measure(path).map_err(|e| Error { kind: Kind::Store, ..e })?;
    let (bytes, sha256) = measured;
    if (Sealed { bytes, sha256 }) == *said {
        return Ok(());
    }
    let what = say!(
        "the delivered file has {bytes} bytes with SHA-256 {sha256}, but was sent with {} and {}",
        said.bytes,
        said.sha256
    );
    Err(Error::new(Kind::Store, what).at(path).advise(Message::phrase(AGAIN)))
}
