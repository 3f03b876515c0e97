//! Power that fails at every moment of a change: what was not made durable is
//! gone, and the store says what it said before or what it should say after.

use super::{damage, grown};
use crate::fixture::{Lab, casing_id, note};
use imaging::acquire::surface_digest;
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use store::{Content, Disk, DiskStep, Faults, Finding, Store, Withholding, verify};
use types::error::Result;

/// The folders whose entries count.
const FOLDERS: [&str; 4] = ["", "segments", "sealed", "quarantine"];
/// Files that nothing depends on.
const WORTHLESS: [&str; 3] = ["view.h5", "lock", "readers"];

/// The number of a file's content within its file system: stays when the file
/// gets another name.
type Inode = u64;
/// Names in each folder.
type Names = BTreeMap<&'static str, BTreeMap<String, Inode>>;

/// What the disk would show after power failed at one moment.
struct Moment {
    /// The step before which it failed.
    before: String,
    /// Names that were made durable.
    durable: Names,
    /// All names: a disk may write names before contents.
    present: Names,
    /// Contents that were made durable.
    contents: BTreeMap<Inode, Arc<Vec<u8>>>,
}

struct State {
    previous: Option<(DiskStep, PathBuf)>,
    durable: Names,
    contents: BTreeMap<Inode, Arc<Vec<u8>>>,
    /// Kept open, so that no number is given to another file.
    open: Vec<File>,
    moments: Vec<Moment>,
}

/// A disk that remembers what of it was made durable, as one with a volatile
/// cache does. `forgets` is what it pretends to make durable and does not.
struct Power {
    root: PathBuf,
    forgets: fn(DiskStep, &Path) -> bool,
    state: Mutex<State>,
}

fn names(root: &Path) -> Names {
    let of = |folder: &'static str| {
        let entries = std::fs::read_dir(root.join(folder)).unwrap().map(|e| e.unwrap());
        let files = entries.filter(|e| e.file_type().unwrap().is_file());
        let named = |e: std::fs::DirEntry| {
            (e.file_name().into_string().unwrap(), e.metadata().unwrap().ino())
        };
        (folder, files.map(named).collect())
    };
    FOLDERS.into_iter().map(of).collect()
}

impl Power {
    fn on(root: &Path, forgets: fn(DiskStep, &Path) -> bool) -> Arc<Self> {
        let mut state = State {
            previous: None,
            durable: names(root),
            contents: BTreeMap::new(),
            open: Vec::new(),
            moments: Vec::new(),
        };
        for (folder, names) in names(root) {
            names.keys().for_each(|name| state.keep(&root.join(folder).join(name)));
        }
        Arc::new(Self { root: root.to_owned(), forgets, state: Mutex::new(state) })
    }

    /// Takes into account that the step before is done.
    fn settle(&self, state: &mut State) {
        let Some((step, path)) = state.previous.take() else { return };
        if (self.forgets)(step, &path) {
            return;
        }
        match step {
            DiskStep::Sync => state.keep(&path),
            DiskStep::SyncFolder => {
                let within = path.strip_prefix(&self.root).unwrap_or(Path::new("elsewhere"));
                let mut now = names(&self.root);
                for folder in FOLDERS.into_iter().filter(|f| Path::new(f) == within) {
                    state.durable.insert(folder, now.remove(folder).unwrap());
                }
            }
            DiskStep::Write | DiskStep::Rename | DiskStep::Remove => {}
        }
    }

    fn moment(&self, state: &mut State, before: String) {
        let moment = Moment {
            before,
            durable: state.durable.clone(),
            present: names(&self.root),
            contents: state.contents.clone(),
        };
        state.moments.push(moment);
    }

    /// The moments of what was done, the last one after it.
    fn moments(&self) -> Vec<Moment> {
        let mut state = self.state.lock().unwrap();
        self.settle(&mut state);
        self.moment(&mut state, "the end".to_owned());
        std::mem::take(&mut state.moments)
    }
}

impl State {
    fn keep(&mut self, path: &Path) {
        let file = File::open(path).unwrap();
        let inode = file.metadata().unwrap().ino();
        self.contents.insert(inode, Arc::new(std::fs::read(path).unwrap()));
        self.open.push(file);
    }
}

impl Faults for Power {
    fn before(&self, step: DiskStep, path: &Path) -> std::io::Result<()> {
        let mut state = self.state.lock().unwrap();
        self.settle(&mut state);
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        self.moment(&mut state, format!("{step:?} of {name}"));
        state.previous = Some((step, path.to_owned()));
        Ok(())
    }
}

impl Moment {
    /// What the disk would show, by where contents lie in memory.
    fn look(&self, names: &Names) -> Vec<(PathBuf, *const u8)> {
        let worth = |name: &&String| !WORTHLESS.contains(&name.as_str());
        let of = |(folder, names): (&&'static str, &BTreeMap<String, Inode>)| {
            let place =
                |name: &String| (Path::new(folder).join(name), self.content(names[name]).as_ptr());
            names.keys().filter(worth).map(place).collect::<Vec<_>>()
        };
        names.iter().flat_map(of).collect()
    }

    fn content(&self, inode: Inode) -> &[u8] {
        self.contents.get(&inode).map_or(&[], |content| content.as_slice())
    }

    /// The store as the disk would show it.
    fn lay_out(&self, names: &Names, root: &Path) {
        for folder in ["segments", "sealed", "quarantine", "tmp"] {
            std::fs::create_dir_all(root.join(folder)).unwrap();
        }
        for (folder, names) in names {
            for (name, inode) in names.iter().filter(|(n, _)| !WORTHLESS.contains(&n.as_str())) {
                std::fs::write(root.join(folder).join(name), self.content(*inode)).unwrap();
            }
        }
    }
}

fn content(root: &Path) -> Content {
    Store::open(root).unwrap().snapshot().unwrap().content().unwrap()
}

/// What is wrong at any moment of `change`; how many moments there were.
fn troubles(
    made: impl Fn() -> Lab,
    change: impl Fn(&Store, &Lab) -> Result<()>,
    forgets: fn(DiskStep, &Path) -> bool,
) -> (Vec<String>, usize) {
    let lab = made();
    let before = content(lab.root());
    let power = Power::on(lab.root(), forgets);
    change(&Store::open_on(lab.root(), Disk::failing(power.clone())).unwrap(), &lab).unwrap();
    let after = content(lab.root());
    let moments = power.moments();
    let mut troubles = Vec::new();
    let mut seen = BTreeSet::new();
    for (n, moment) in moments.iter().enumerate() {
        let last = n + 1 == moments.len();
        for (which, names) in [("durable", &moment.durable), ("all", &moment.present)] {
            if !seen.insert((last, moment.look(names))) {
                continue;
            }
            let folder = tempfile::tempdir().unwrap();
            let root = folder.path();
            moment.lay_out(names, root);
            let mut trouble =
                |what: String| troubles.push(format!("{}, {which} names: {what}", moment.before));
            let harm = verify(root);
            if !damage(&harm).is_empty() {
                trouble(format!("{harm:?}"));
                continue;
            }
            let now = content(root);
            if now != after && (last || now != before) {
                trouble("the store says something else".to_owned());
            }
            // The next writer puts it in order, and nothing is left to say.
            match Store::open(root).unwrap().writer(&lab.actor) {
                Ok(writer) => drop(writer),
                Err(e) => trouble(e.to_string()),
            }
            let left: Vec<Finding> = verify(root);
            if !left.is_empty() || content(root) != now {
                trouble(format!("not put in order: {left:?}"));
            }
        }
    }
    (troubles, moments.len())
}

/// Nothing is wrong at any of at least so many moments.
fn survives(change: impl Fn(&Store, &Lab) -> Result<()>, least: usize) {
    let (troubles, moments) = troubles(|| grown(4), change, |_, _| false);
    assert!(troubles.is_empty(), "{}", troubles.join("\n"));
    assert!(moments >= least, "only {moments} moments");
}

fn commits(store: &Store, lab: &Lab) -> Result<()> {
    store.writer(&lab.actor)?.commit(lab.batch(4..5), &note(2)).map(drop)
}

#[test]
fn power_may_fail_at_any_moment_of_a_commit() {
    survives(commits, 20);
}

#[test]
fn power_may_fail_while_segments_are_merged() {
    survives(|store, lab| store.writer(&lab.actor)?.compact(&note(2)).map(drop), 30);
}

#[test]
fn power_may_fail_while_an_order_is_carried_out() {
    for by in [Withholding::Sealed, Withholding::Expunged] {
        survives(
            |store, lab| {
                let mut writer = store.writer(&lab.actor)?;
                writer.withhold(&casing_id(1), by, "order", &surface_digest, &note(2)).map(drop)
            },
            20,
        );
    }
    let sealed = || {
        let lab = grown(4);
        let store = lab.store();
        let mut writer = store.writer(&lab.actor).unwrap();
        writer
            .withhold(&casing_id(1), Withholding::Sealed, "order", &surface_digest, &note(2))
            .unwrap();
        drop(writer);
        lab
    };
    let unseal = |store: &Store, lab: &Lab| {
        store.writer(&lab.actor)?.unseal(&casing_id(1), "order 2", &note(3)).map(drop)
    };
    let (troubles, moments) = troubles(sealed, unseal, |_, _| false);
    assert!(troubles.is_empty() && moments > 10, "{moments}: {}", troubles.join("\n"));
}

#[test]
fn a_disk_that_only_pretends_is_noticed_here() {
    let pretends: [fn(DiskStep, &Path) -> bool; 3] = [
        |step, path| step == DiskStep::Sync && path.ends_with("ledger.jsonl"),
        |step, path| step == DiskStep::Sync && path.to_string_lossy().ends_with("manifest.json"),
        |step, path| step == DiskStep::SyncFolder && path.ends_with("segments"),
    ];
    for forgets in pretends {
        let (troubles, _) = troubles(|| grown(4), commits, forgets);
        assert!(!troubles.is_empty(), "a disk that forgets goes unnoticed");
    }
}
