//! Putting a damaged store right: planned, shown, then applied. Nothing is
//! deleted; what is taken away goes to `quarantine/`.

use super::frame;
use super::ledger::{self, Action, Ledger};
use super::lock::{Actor, Lock, PATIENCE};
use super::manifest::{self, FORMAT_VERSION, Role, Segment, StoreManifest};
use super::migrate::INDEXED;
use super::rows::CommitNote;
use super::segment::measure;
use super::view;
use super::writer::{Change, Left, files_in, unused_name};
use super::{FOLDERS, Store};
use serde::Serialize;
use std::fs;
use std::path::{Path, PathBuf};
use types::error::{Error, Kind, Result};
use types::message::{Message, say};

/// A line longer than this is not tried bit by bit.
const LONGEST_TRIED: usize = 1 << 16;

types::coded!(mod what: Message as what and coded_what);

/// One step of a repair.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "remedy", rename_all = "snake_case")]
pub enum Remedy {
    /// One flipped bit is put right; that the line then agrees with its
    /// SHA-256 is the proof.
    CorrectBit {
        /// The file.
        file: PathBuf,
        /// The line, from 1.
        line: usize,
    },
    /// The manifest is made anew from the ledger, whose last entry vouches for
    /// the outcome.
    RebuildManifest,
    /// A file that has the right digest is put in its place.
    PutBack {
        /// Where it was found.
        from: PathBuf,
        /// Where it belongs.
        to: PathBuf,
    },
    /// A segment for which there is no sound copy no longer belongs to the
    /// store; what is left of it is kept in `quarantine/`. The ledger says so,
    /// `verify` lists what was lost, and importing the files again restores it.
    GiveUp {
        /// The segment.
        file: PathBuf,
    },
    /// The index is made anew from the templates it is of: of the commits of
    /// these segments, which are damaged or missing and of which what is left
    /// is kept in `quarantine/`, and of all that have none.
    MakeIndex {
        /// The segments.
        files: Vec<PathBuf>,
    },
    /// What belongs to no commit is put into `quarantine/`.
    SetAside {
        /// The file.
        file: PathBuf,
    },
    /// `view.h5` is made anew.
    RefreshView,
    /// Nothing here can put it right.
    RestoreBackup {
        /// The file.
        file: PathBuf,
        /// What is wrong with it.
        #[serde(flatten, with = "what")]
        what: Message,
    },
}

/// What would put the store at `root` right, in order. A damaged ledger or
/// manifest comes first: the rest is planned when it is sound.
///
/// # Errors
/// [`Kind::Io`] if the store cannot be looked at.
pub fn plan(root: &Path) -> Result<Vec<Remedy>> {
    let manifest = match StoreManifest::read(root) {
        Ok(manifest) => manifest,
        Err(e) => return Ok(vec![manifest_remedy(root, &e)]),
    };
    if let Err(e) = Ledger::read(root, &manifest) {
        return Ok(vec![ledger_remedy(root, &manifest, &e)]);
    }
    let (manifest, _, left) = Left::now(root)?;
    if let Err(e) = left.of_one_change(root, &manifest) {
        return Ok(vec![set_back_remedy(root, manifest.seq, &e)]);
    }
    let (mut remedies, mut indexes) = (Vec::new(), Vec::new());
    for (file, segment) in manifest.files() {
        let path = root.join(&file);
        if path.exists() && measure(&path)? == (segment.bytes, segment.sha256) {
            continue;
        }
        remedies.push(match find_copy(root, segment)? {
            Some(from) => Remedy::PutBack { from, to: file },
            None if file.starts_with("segments") && segment.role == Role::Index => {
                indexes.push(file);
                continue;
            }
            None if file.starts_with("segments") => Remedy::GiveUp { file },
            None => Remedy::RestoreBackup { file, what: say!("a sealed segment is damaged") },
        });
    }
    // An index is made of what is sound, so the rest comes first.
    if remedies.is_empty() && manifest.version >= INDEXED {
        let named = |file: &PathBuf| Some(file.file_name()?.to_string_lossy().into_owned());
        let without = indexes.iter().filter_map(named).collect();
        let snapshot = super::snapshot::Snapshot::read(root, super::snapshot::Cache::default())?;
        if !indexes.is_empty() || !snapshot.not_indexed(&without)?.is_empty() {
            remedies.push(Remedy::MakeIndex { files: indexes });
        }
    }
    let put_back = |path: &PathBuf| {
        remedies.iter().any(|r| matches!(r, Remedy::PutBack { from, .. } if from == path))
    };
    let mut strangers = [left.retired, left.unknown].concat();
    strangers.retain(|path| !put_back(path));
    remedies.extend(strangers.into_iter().map(|file| Remedy::SetAside { file }));
    if !left.tail.is_empty() {
        remedies.push(Remedy::SetAside { file: "ledger.jsonl".into() });
    }
    if !view::is_fresh(root) {
        remedies.push(Remedy::RefreshView);
    }
    Ok(remedies)
}

fn manifest_remedy(root: &Path, error: &Error) -> Remedy {
    if corrected(&manifest::path(root), 0).is_some() {
        return Remedy::CorrectBit { file: "manifest.json".into(), line: 1 };
    }
    if rebuilt(root).is_ok() {
        return Remedy::RebuildManifest;
    }
    Remedy::RestoreBackup { file: "manifest.json".into(), what: error.what.clone() }
}

/// A manifest older than the rest of the store, of entry `seq`, is made anew
/// from a ledger that goes on, if every segment that this leads to is there.
fn set_back_remedy(root: &Path, seq: u64, error: &Error) -> Remedy {
    let there =
        |manifest: &StoreManifest| manifest.files().all(|(file, _)| root.join(file).exists());
    if rebuilt(root).is_ok_and(|newer| newer.seq > seq && there(&newer)) {
        return Remedy::RebuildManifest;
    }
    let what = error.what.clone();
    Remedy::RestoreBackup { file: "manifest.json and ledger.jsonl".into(), what }
}

fn ledger_remedy(root: &Path, manifest: &StoreManifest, error: &Error) -> Remedy {
    let path = ledger::path(root);
    let bytes = fs::read(&path).unwrap_or_default();
    let vouched = bytes.get(..manifest.ledger_bytes as usize).unwrap_or_default();
    // A flipped bit can make a line end or take one away: try where lines end.
    for line in 0..vouched.split_inclusive(|b| *b == b'\n').count() {
        let whole = corrected(&path, line);
        if whole.is_some_and(|bytes| Ledger::parse(&bytes).is_ok()) {
            return Remedy::CorrectBit { file: "ledger.jsonl".into(), line: line + 1 };
        }
    }
    Remedy::RestoreBackup { file: "ledger.jsonl".into(), what: error.what.clone() }
}

/// The file's bytes with the one bit of a line (from 0) put right that makes
/// it agree with its digest.
fn corrected(path: &Path, line: usize) -> Option<Vec<u8>> {
    let bytes = fs::read(path).ok()?;
    let mut lines: Vec<&[u8]> = bytes.split_inclusive(|b| *b == b'\n').collect();
    let wrong = *lines.get(line)?;
    if wrong.len() > LONGEST_TRIED {
        return None;
    }
    let bare = wrong.strip_suffix(b"\n").unwrap_or(wrong);
    if std::str::from_utf8(bare).is_ok_and(|text| frame::body(text).is_ok()) {
        return None;
    }
    let mut right = frame::with_one_bit_corrected(bare)?;
    right.push(b'\n');
    *lines.get_mut(line)? = &right;
    Some(lines.concat())
}

/// The manifest that the whole ledger leads to.
fn rebuilt(root: &Path) -> Result<StoreManifest> {
    let path = ledger::path(root);
    let bytes = fs::read(&path).map_err(|e| Error::io(say!("reading the ledger"), &path, &e))?;
    let ledger = Ledger::parse(&bytes)?;
    let mut manifest = StoreManifest::empty();
    for entry in &ledger.entries {
        manifest.apply(&entry.segments, &entry.retired);
        if let Some(withheld) = &entry.withheld {
            manifest.withheld.clone_from(withheld);
        }
    }
    manifest.seq = ledger.entries.len() as u64;
    manifest.ledger_bytes = bytes.len() as u64;
    manifest.last_line_bytes = ledger.lines.last().map_or(0, |line| line.len() as u64 + 1);
    manifest.head = ledger.head();
    let vouched = ledger.entries.last().and_then(|e| e.holds);
    if manifest.seq == 0 || vouched == Some(manifest.holds()?) {
        return Ok(manifest);
    }
    Err(Error::new(Kind::Store, say!("the ledger does not vouch for what would be rebuilt"))
        .at(path))
}

/// A file anywhere in the store that has a segment's length and digest.
fn find_copy(root: &Path, segment: &Segment) -> Result<Option<PathBuf>> {
    for folder in FOLDERS {
        for path in files_in(&root.join(folder))? {
            let same = fs::metadata(&path).is_ok_and(|m| m.is_file() && m.len() == segment.bytes);
            if same && measure(&path)? == (segment.bytes, segment.sha256) {
                return Ok(path.strip_prefix(root).ok().map(Path::to_owned));
            }
        }
    }
    Ok(None)
}

/// Applies what [`plan`] says, step by step until nothing is left that can be
/// done, and returns what was done and what could not be.
///
/// # Errors
/// [`Kind::Locked`] while somebody writes; [`Kind::Io`] if the disk refuses.
pub fn repair(root: &Path, who: &Actor, note: &CommitNote) -> Result<Vec<Remedy>> {
    let mut done = Vec::new();
    // The whole plan may come in up to three parts: manifest, ledger, the rest.
    for _ in 0..4 {
        let remedies = plan(root)?;
        if remedies.is_empty() {
            break;
        }
        let hopeless = |r: &Remedy| matches!(r, Remedy::RestoreBackup { .. });
        apply(root, &remedies, who, note)?;
        let stuck = remedies.iter().all(hopeless);
        done.extend(remedies);
        if stuck {
            break;
        }
    }
    done.dedup();
    Ok(done)
}

fn apply(root: &Path, remedies: &[Remedy], who: &Actor, note: &CommitNote) -> Result<()> {
    let lock = Lock::take(root, who, PATIENCE)?;
    let disk = super::Disk::default();
    let aside = |file: &Path| -> Result<()> {
        let from = root.join(file);
        let to = unused_name(root, &file.file_name().unwrap_or_default().to_string_lossy())?;
        disk.step(super::DiskStep::Write, &to, || fs::copy(&from, &to).map(drop))?;
        disk.step(super::DiskStep::Sync, &to, || fs::File::open(&to)?.sync_all())
    };
    let replace = |file: &Path, bytes: &[u8]| -> Result<()> {
        aside(file)?;
        disk.replace(root, &root.join(file), bytes)
    };
    // Copies first, all of them: files may have changed places.
    let mut copies = Vec::new();
    for remedy in remedies {
        if let Remedy::PutBack { from, to } = remedy {
            let draft = super::disk::draft(root, "repair");
            let from = root.join(from);
            disk.step(super::DiskStep::Write, &draft, || fs::copy(&from, &draft).map(drop))?;
            copies.push((draft, to));
        }
    }
    for (draft, to) in copies {
        if root.join(to).exists() {
            aside(to)?;
        }
        disk.publish(&draft, &root.join(to))?;
    }
    for remedy in remedies {
        match remedy {
            Remedy::CorrectBit { file, line } => {
                if let Some(bytes) = corrected(&root.join(file), line - 1) {
                    replace(file, &bytes)?;
                }
            }
            Remedy::RebuildManifest => {
                let bytes = rebuilt(root)?.to_bytes()?;
                if manifest::path(root).exists() {
                    aside(Path::new("manifest.json"))?;
                }
                disk.replace(root, &manifest::path(root), &bytes)?;
            }
            Remedy::RefreshView => view::refresh(root)?,
            _ => {}
        }
    }
    drop(lock);
    let later = |r: &Remedy| {
        matches!(r, Remedy::GiveUp { .. } | Remedy::SetAside { .. } | Remedy::MakeIndex { .. })
    };
    if !remedies.iter().any(later) {
        return Ok(());
    }
    let store = Store::open(root)?;
    // Opening a writer sets aside what belongs to no commit.
    let mut writer = super::Writer::open_any(&store, who)?;
    let (mut retired, mut indexes) = (Vec::new(), None);
    for remedy in remedies {
        let files = match remedy {
            Remedy::GiveUp { file } => std::slice::from_ref(file),
            Remedy::MakeIndex { files } => {
                indexes = Some(files);
                files
            }
            _ => continue,
        };
        let names = files.iter().filter_map(|file| file.file_name());
        retired.extend(names.map(|n| n.to_string_lossy().into_owned()));
    }
    if indexes.is_some() {
        return make_index(&store, writer, retired, note);
    }
    if retired.is_empty() || writer.manifest()?.version != FORMAT_VERSION {
        return Ok(());
    }
    let given_up = retired.clone();
    let manifest = writer.manifest()?;
    for tables in manifest.of_role(Role::Tables) {
        if given_up.contains(&tables.file_name()) {
            retired.extend(manifest.covering(Role::Keys, tables.first).map(Segment::file_name));
        }
    }
    for name in &given_up {
        let file = Path::new("segments").join(name);
        if root.join(&file).exists() {
            writer.quarantine(&file)?;
        }
    }
    let reason = Some("no sound copy of these segments was found".to_owned());
    writer.publish(Change { reason, retired, ..Change::of(Action::Repair) }, note).map(drop)
}

/// Makes the index anew without the segments `retired`.
fn make_index(
    store: &Store,
    mut writer: super::Writer<'_>,
    retired: Vec<String>,
    note: &CommitNote,
) -> Result<()> {
    let written = writer.manifest()?.seq + 1;
    let snapshot = store.snapshot()?;
    let commits = snapshot.not_indexed(&retired.iter().cloned().collect())?;
    let segments = writer.index_anew(&snapshot, &commits, written)?;
    drop(snapshot);
    for name in &retired {
        let file = Path::new("segments").join(name);
        if store.root().join(&file).exists() {
            writer.quarantine(&file)?;
        }
    }
    let reason = Some("the index was made anew from the templates".to_owned());
    let change = Change { reason, segments, retired, ..Change::of(Action::Repair) };
    writer.publish(change, note).map(drop)
}
