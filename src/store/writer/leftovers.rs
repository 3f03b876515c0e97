//! What a writer that died left behind.

use super::{Writer, files_in};
use crate::error::{Error, Kind, Result};
use crate::store::disk::Step;
use crate::store::ledger::{self, Ledger};
use crate::store::manifest::{Manifest, RESTORE};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// The folders whose every file the manifest names.
const VOUCHED_FOR: [&str; 2] = ["segments", "sealed"];

/// The segment files that `manifest` does not name, by their path within the
/// store, sorted.
pub fn strangers(root: &Path, manifest: &Manifest) -> Result<Vec<PathBuf>> {
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
        for file in files_in(&root.join("tmp"))? {
            self.disk().step(Step::Remove, &file, || fs::remove_file(&file))?;
        }
        let path = ledger::path(&root);
        let bytes = fs::read(&path).map_err(|e| Error::io("reading the ledger", &path, &e))?;
        let vouched = usize::try_from(manifest.ledger_bytes).unwrap_or(usize::MAX);
        let tail = bytes.get(vouched..).unwrap_or_default();
        let all_retired: BTreeSet<&String> =
            ledger.entries.iter().flat_map(|e| &e.retired).collect();
        let name =
            |path: &PathBuf| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let (retired, unknown): (Vec<_>, Vec<_>) = strangers(&root, &manifest)?
            .into_iter()
            .partition(|path| path.starts_with("segments") && all_retired.contains(&name(path)));
        let next = format!("{:08}-", manifest.seq + 1);
        let later = |path: &PathBuf| {
            let written: Option<u64> = name(path).split('-').next().and_then(|n| n.parse().ok());
            written.is_some_and(|n| n > manifest.seq) && !name(path).starts_with(&next)
        };
        if tail.iter().filter(|b| **b == b'\n').count() > 1 || unknown.iter().any(later) {
            let what = "the manifest is older than the rest of the store";
            return Err(Error::new(Kind::Store, what).at(&root).advise(RESTORE));
        }
        for path in &unknown {
            self.quarantine(path)?;
        }
        self.purge(&retired.iter().map(name).collect::<Vec<_>>())?;
        if !tail.is_empty() {
            let to = unused_name(&root, "ledger-tail.jsonl")?;
            self.disk().replace(&self.tmp("ledger-tail.jsonl"), &to, tail)?;
            self.disk().append_at(&path, manifest.ledger_bytes, b"")?;
        }
        Ok(())
    }

    /// Moves a file of the store to `quarantine/`; where it is now.
    pub(in crate::store) fn quarantine(&self, within: &Path) -> Result<PathBuf> {
        let to = unused_name(
            &self.store.root,
            &within.file_name().unwrap_or_default().to_string_lossy(),
        )?;
        let from = self.store.root.join(within);
        self.disk().step(Step::Rename, &to, || fs::rename(&from, &to))?;
        self.disk().sync_folder(&to)?;
        Ok(to)
    }
}

/// A free name in `quarantine/`.
pub fn unused_name(root: &Path, name: &str) -> Result<PathBuf> {
    let folder = root.join("quarantine");
    let free = (0_u32..).map(|n| folder.join(format!("{n:04}-{name}"))).find(|p| !p.exists());
    free.ok_or_else(|| Error::new(Kind::Store, "the quarantine folder is full").at(folder))
}
