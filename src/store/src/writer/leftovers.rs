//! What a writer that died left behind, and what it cannot have left behind.

use super::{Writer, files_in};
use crate::disk::DiskStep;
use crate::ledger::{self, Action, Ledger};
use crate::manifest::{RESTORE, StoreManifest};
use crate::view;
use std::collections::BTreeSet;
use std::fs;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use types::error::{Error, Kind, Result};
use types::message::{Message, say};

/// The folders whose every file the manifest names.
const VOUCHED_FOR: [&str; 2] = ["segments", "sealed"];

/// The segment files that `manifest` does not name, by their path within the
/// store, sorted.
pub fn strangers(root: &Path, manifest: &StoreManifest) -> Result<Vec<PathBuf>> {
    let named: BTreeSet<PathBuf> = manifest.files().map(|(path, _)| path).collect();
    let mut found = Vec::new();
    for folder in VOUCHED_FOR {
        for path in files_in(&root.join(folder))? {
            let within = Path::new(folder).join(path.file_name().unwrap_or_default());
            if !named.contains(&within) {
                found.push(within);
            }
        }
    }
    Ok(found)
}

/// What is in a store that its manifest does not vouch for.
pub struct Left {
    /// What follows the last line of the ledger that counts.
    pub tail: Vec<u8>,
    /// Segments that a change retired and nobody has removed yet.
    pub retired: Vec<PathBuf>,
    /// Files of no commit.
    pub unknown: Vec<PathBuf>,
}

/// How often a store that somebody is writing to is looked at anew.
const LOOKS: u32 = 100;

impl Left {
    /// Looks for it, with the manifest and the ledger of the same moment,
    /// whatever a writer does meanwhile.
    ///
    /// # Errors
    /// As [`StoreManifest::read`] and [`Ledger::read`]; [`Kind::Locked`] if a writer
    /// commits all the time.
    pub fn now(root: &Path) -> Result<(StoreManifest, Ledger, Self)> {
        for _ in 0..LOOKS {
            let manifest = StoreManifest::read(root)?;
            let ledger = Ledger::read(root, &manifest)?;
            let left = Self::find(root, &manifest, &ledger)?;
            if StoreManifest::read(root)?.seq == manifest.seq {
                return Ok((manifest, ledger, left));
            }
        }
        Err(Error::new(Kind::Locked, say!("somebody writes to the store all the time")).at(root))
    }

    /// Looks for it.
    pub fn find(root: &Path, manifest: &StoreManifest, ledger: &Ledger) -> Result<Self> {
        let path = ledger::path(root);
        let io = |e: std::io::Error| Error::io(say!("reading the ledger"), &path, &e);
        let mut file = fs::File::open(&path).map_err(io)?;
        file.seek(SeekFrom::Start(manifest.ledger_bytes)).map_err(io)?;
        let mut tail = Vec::new();
        file.read_to_end(&mut tail).map_err(io)?;
        let strangers = strangers(root, manifest)?;
        if strangers.is_empty() {
            return Ok(Self { tail, retired: Vec::new(), unknown: strangers });
        }
        let all_retired: BTreeSet<&String> =
            ledger.entries.iter().flat_map(|e| &e.retired).collect();
        let gone =
            |path: &PathBuf| path.starts_with("segments") && all_retired.contains(&name(path));
        let (retired, unknown) = strangers.into_iter().partition(gone);
        Ok(Self { tail, retired, unknown })
    }

    /// Refuses a store whose manifest is older than the rest of it: one change
    /// that was interrupted leaves at most one line of the ledger and segments
    /// of one number, of which no view was ever made.
    ///
    /// # Errors
    /// [`Kind::Store`], saying what is newer.
    pub fn of_one_change(&self, root: &Path, manifest: &StoreManifest) -> Result<()> {
        let next = manifest.seq + 1;
        let number =
            |path: &&PathBuf| -> Option<u64> { name(path).split('-').next()?.parse().ok() };
        let later = self.unknown.iter().find(|path| number(path).is_some_and(|n| n > next));
        let of_next = self.unknown.iter().filter(|path| number(path) == Some(next));
        let seen = of_next.clone().find(|path| view::shows(root, &name(path)));
        let lines = self.tail.iter().filter(|b| **b == b'\n').count();
        let newer = match (later.or(seen), lines) {
            (Some(file), _) => file.display().to_string(),
            (None, 0 | 1) => return Ok(()),
            (None, lines) => format!("{lines} lines of ledger.jsonl"),
        };
        let what = say!(
            "the manifest ends with entry {}, and the store holds what later entries wrote \
             ({newer}): it was set back",
            manifest.seq
        );
        Err(Error::new(Kind::Store, what).at(root).advise(Message::phrase(RESTORE)))
    }
}

/// A file's name.
fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

impl Writer<'_> {
    /// Puts away what no manifest names: segments of an interrupted change and
    /// a ledger line that no manifest vouches for go to `quarantine/`,
    /// segments that the ledger retired are removed, drafts too.
    ///
    /// # Errors
    /// [`Kind::Store`] if there is more than one change can leave behind:
    /// then the manifest is older than the store.
    pub(super) fn put_in_order(&mut self, ledger: &Ledger) -> Result<()> {
        let root = self.store.root.clone();
        let manifest = self.manifest()?.clone();
        let left = Left::find(&root, &manifest, ledger)?;
        left.of_one_change(&root, &manifest)?;
        self.clear_drafts(&root)?;
        for path in &left.unknown {
            self.quarantine(path)?;
        }
        let by_order = ledger.entries.iter().filter(|e| e.action == Action::Expunge);
        let by_order: BTreeSet<&String> = by_order.flat_map(|e| &e.retired).collect();
        let retired = left.retired.iter().map(|path| name(path));
        let (by_order, others): (Vec<_>, Vec<_>) = retired.partition(|n| by_order.contains(n));
        self.purge(&others, false)?;
        self.purge(&by_order, true)?;
        if !left.tail.is_empty() {
            let to = unused_name(&root, "ledger-tail.jsonl")?;
            self.disk().replace(&root, &to, &left.tail)?;
            self.disk().append_at(&ledger::path(&root), manifest.ledger_bytes, b"")?;
        }
        Ok(())
    }

    /// Removes what interrupted writers left in `tmp/`. What somebody else put
    /// there and cannot be removed is in nobody's way: drafts have names of
    /// their own. `verify` tells of it.
    fn clear_drafts(&self, root: &Path) -> Result<()> {
        for file in files_in(&root.join("tmp"))? {
            let _left = self.disk().step(DiskStep::Remove, &file, || fs::remove_file(&file));
        }
        Ok(())
    }

    /// Moves a file of the store to `quarantine/`; where it is now.
    pub(crate) fn quarantine(&self, within: &Path) -> Result<PathBuf> {
        let to = unused_name(
            &self.store.root,
            &within.file_name().unwrap_or_default().to_string_lossy(),
        )?;
        let from = self.store.root.join(within);
        self.disk().step(DiskStep::Rename, &to, || fs::rename(&from, &to))?;
        self.disk().sync_folder(&to)?;
        Ok(to)
    }
}

/// A free name in `quarantine/`.
pub fn unused_name(root: &Path, name: &str) -> Result<PathBuf> {
    let folder = root.join("quarantine");
    let taken = |path: &PathBuf| fs::symlink_metadata(path).is_ok();
    let free = (0_u32..).map(|n| folder.join(format!("{n:04}-{name}"))).find(|path| !taken(path));
    free.ok_or_else(|| Error::new(Kind::Store, say!("the quarantine folder is full")).at(folder))
}
