//! A part of a manifest, prepared by a worker and taken in by the one writer.
//!
//! A [`UnitMaker`] stands in the worker; [`Importing::take_unit`] in the
//! writer's process. Between them travel an account of the rows and the bill of
//! a [delivery](store::deliver). What a store permits, which of several scans
//! of a casing shows it, and what is known already is judged by the writer, in
//! the order of the manifest, as in an import of one process.

use super::Importing;
use super::row::{Done, Found, New, digest, made, options};
use crate::mark_id;
use crate::memory::Memory;
use imaging::acquire::manifest::{Manifest, ManifestRow};
use imaging::prepare::Recipe;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use store::{Batch, Bill, Delivery, MarkRow, ScanRow, Snapshot, Store, TemplateRow, deliver};
use types::error::{Error, Kind, Result};
use types::evidence::{Digest, MarkId};
use types::message::{Message, say};

/// What became of the rows of a unit, and where the rest of it lies.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UnitAccount {
    rows: Vec<RowAccount>,
    /// None where there is nothing new.
    bill: Option<Bill>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum RowAccount {
    /// File and mark were in the store when the worker looked.
    Stored(Digest),
    New {
        scan: Digest,
        surface: Digest,
        mark: MarkId,
        unusable: Option<PortableError>,
    },
    Failed(PortableError),
}

/// An error as it travels.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct PortableError {
    kind: Kind,
    what: Message,
    path: Option<PathBuf>,
    advice: Option<Message>,
}

impl From<Error> for PortableError {
    fn from(Error { kind, what, path, advice, .. }: Error) -> Self {
        Self { kind, what, path, advice }
    }
}

impl From<PortableError> for Error {
    fn from(PortableError { kind, what, path, advice }: PortableError) -> Self {
        Self { path, advice, ..Self::new(kind, what) }
    }
}

/// What a worker needs to make units of one manifest.
pub struct UnitMaker {
    manifest: Manifest,
    recipe: Recipe,
    /// Half of the digest of the id of every mark that the store holds, sorted.
    known: Vec<u128>,
    memory: Memory,
}

impl UnitMaker {
    /// A maker beside `beside` others on this machine, who share its memory.
    ///
    /// # Errors
    /// [`Kind::Store`] if the store cannot be read.
    pub fn new(
        manifest: Manifest,
        recipe: Recipe,
        snapshot: &Snapshot,
        beside: u64,
    ) -> Result<Self> {
        let mut known: Vec<u128> = snapshot.marks()?.iter().map(|mark| half(&mark.id)).collect();
        known.sort_unstable();
        Ok(Self { manifest, recipe, known, memory: Memory::shared(beside) })
    }

    /// Takes rows through the stages, as far as the store did not hold them,
    /// and delivers what they gave into the new folder `folder`.
    ///
    /// # Errors
    /// [`Kind::BadInput`] for rows that there are not, [`Kind::Io`] where
    /// nothing can be delivered.
    pub fn make(&self, rows: Range<usize>, folder: &Path) -> Result<UnitAccount> {
        let rows = self.manifest.rows.get(rows).ok_or_else(|| {
            Error::new(Kind::BadInput, say!("the manifest has fewer rows than it had"))
                .advise(say!("leave the manifest as it is while it is imported"))
        })?;
        let done: Vec<Result<Done>> = rows.par_iter().map(|row| self.process(row)).collect();
        let (mut batch, mut held) = (Batch::default(), BTreeSet::new());
        let mut accounts = Vec::with_capacity(rows.len());
        for (row, done) in rows.iter().zip(done) {
            accounts.push(match done {
                Err(error) => RowAccount::Failed(error.into()),
                Ok(Done::Stored(sha256)) => RowAccount::Stored(sha256),
                Ok(Done::New(new)) => account(row, *new, &mut batch, &mut held),
            });
        }
        let bill = (!batch.is_empty()).then(|| deliver(folder, &batch)).transpose()?;
        Ok(UnitAccount { rows: accounts, bill })
    }

    fn process(&self, row: &ManifestRow) -> Result<Done> {
        let options = options(row, &self.manifest);
        let sha256 = digest(&row.file, options.max_file_bytes)?;
        let id = mark_id(&sha256, row.mark_kind, &self.recipe.hash())?;
        if self.known.binary_search(&half(&id)).is_ok() {
            return Ok(Done::Stored(sha256));
        }
        let new = made(row, &options, id, &self.recipe, &self.memory, |_| Ok(()))?;
        Ok(Done::New(Box::new(new)))
    }
}

fn half(id: &MarkId) -> u128 {
    let mut half = [0; 16];
    half.iter_mut().zip(Digest::of(id.as_str().as_bytes()).0).for_each(|(half, byte)| *half = byte);
    u128::from_le_bytes(half)
}

/// Puts a new row into the batch of a delivery, each file and mark once.
fn account(
    row: &ManifestRow,
    new: New,
    batch: &mut Batch,
    held: &mut BTreeSet<String>,
) -> RowAccount {
    let New { scan, surface, id, mark, template, .. } = new;
    let account = RowAccount::New {
        scan: scan.sha256,
        surface,
        mark: id.clone(),
        unusable: template.as_ref().err().map(|error| error.clone().into()),
    };
    let (kind, modality, recipe) = mark.sort();
    if held.insert(id.to_string()) {
        if let Ok(bytes) = template {
            let about = TemplateRow { mark: id.clone(), kind, modality, recipe };
            batch.add_template(about, bytes);
        }
        if let Found::Here(mark) = mark {
            batch.add_mark(id, row.casing.id.clone(), scan.sha256, mark);
        }
    }
    if held.insert(scan.sha256.to_string()) {
        batch.add_scan(scan, &row.file);
    }
    account
}

/// What a delivery holds, by identity.
#[derive(Default)]
struct Delivered {
    scans: BTreeMap<Digest, ScanRow>,
    marks: BTreeMap<MarkId, MarkRow>,
    templates: BTreeMap<MarkId, Vec<u8>>,
}

impl Delivered {
    fn read(delivery: &Delivery) -> Result<Self> {
        let tables = delivery.tables();
        Ok(Self {
            scans: tables.scans()?.into_iter().map(|scan| (scan.sha256, scan)).collect(),
            marks: tables.marks()?.into_iter().map(|mark| (mark.id.clone(), mark)).collect(),
            templates: tables.templates()?.into_iter().map(|(t, bytes)| (t.mark, bytes)).collect(),
        })
    }
}

impl Importing {
    /// Takes in what a worker made of the rows of `manifest` from `start` on;
    /// how many rows that were. Units come in the order of the manifest.
    ///
    /// # Errors
    /// [`Kind::Store`] if a delivered file is not what the bill says: nothing
    /// of it is taken, and the unit can be made again. Else as for [`import`](super::import).
    pub fn take_unit(
        &mut self,
        store: &Store,
        manifest: &Manifest,
        start: usize,
        account: UnitAccount,
    ) -> Result<usize> {
        let UnitAccount { rows: accounts, bill } = account;
        let end = start.saturating_add(accounts.len());
        let rows = manifest.rows.get(start..end).ok_or_else(|| {
            Error::new(Kind::BadInput, say!("an account has more rows than the manifest"))
        })?;
        let delivery = bill.as_ref().map(Delivery::open).transpose()?.map(Arc::new);
        let mut held = delivery.as_deref().map(Delivered::read).transpose()?.unwrap_or_default();
        let agree = self.agree(rows);
        let done = rows.iter().zip(agree).zip(accounts).map(|((row, agrees), account)| {
            agrees.and_then(|()| match account {
                RowAccount::Failed(told) => Err(told.into()),
                RowAccount::Stored(sha256) => Ok(Done::Stored(sha256)),
                RowAccount::New { scan, surface, mark, unusable } => {
                    if self.known.holds(row, manifest, &scan, &mark)? {
                        return Ok(Done::Stored(scan));
                    }
                    self.known.permits_surface(&surface)?;
                    let (from, unusable) = (delivery.as_ref(), unusable.map(Error::from));
                    held.row(row, from, (scan, surface, mark), unusable)
                }
            })
        });
        let done = done.collect();
        self.take(store, rows, done)?;
        Ok(rows.len())
    }

    /// Lists the rows of `manifest` from `start` on as failures that no worker
    /// could do, for `reason`.
    pub fn give_up(&mut self, manifest: &Manifest, rows: Range<usize>, reason: &Message) {
        for row in manifest.rows.get(rows).unwrap_or_default() {
            let error = Error::new(Kind::Internal, reason.clone())
                .advise(say!("try the file by itself: `brasslink scan` says what it is"));
            self.failed(row, &error);
        }
    }
}

impl Delivered {
    /// A row of a delivery. A second row of the same file finds the scan's facts
    /// still there, under its own casing.
    fn row(
        &mut self,
        row: &ManifestRow,
        from: Option<&Arc<Delivery>>,
        (scan, surface, id): (Digest, Digest, MarkId),
        unusable: Option<Error>,
    ) -> Result<Done> {
        let missing = || {
            Error::new(Kind::Store, say!("the delivery does not hold mark {id}"))
                .advise(say!("do this part of the work again"))
        };
        let from = from.ok_or_else(missing)?;
        let mut facts = self.scans.get(&scan).cloned().ok_or_else(missing)?;
        let mut mark = self.marks.get(&id).cloned().ok_or_else(missing)?;
        facts.casing = row.casing.id.clone();
        mark.casing = row.casing.id.clone();
        let template = match unusable {
            Some(error) => Err(error),
            None => Ok(self.templates.get(&id).cloned().ok_or_else(missing)?),
        };
        let mark = Found::Delivered(mark, from.clone());
        let (scan, doubtful) = (facts, false);
        Ok(Done::New(Box::new(New { scan, surface, id, mark, template, doubtful })))
    }
}
