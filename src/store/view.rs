//! `view.h5`: the whole store as one file, for people with h5py or HDFView.
//!
//! It holds a group per table with an external link per commit, and is made
//! anew by every writer. This program never reads it.

use super::manifest::Manifest;
use super::rows::Linking;
use crate::error::{Error, Kind, Result};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The view's place in a store.
pub fn path(root: &Path) -> PathBuf {
    root.join("view.h5")
}

/// Makes the view of the store at `root` anew.
pub fn refresh(root: &Path) -> Result<()> {
    let draft = root.join("tmp").join("view.h5");
    write(root, &draft)?;
    let to = path(root);
    std::fs::rename(&draft, &to).map_err(|e| Error::io("replacing the view", &to, &e))
}

/// Whether the view is the one [`refresh`] would make; writes a copy aside to
/// compare with. A writer may clear that copy away: then the answer is no.
pub fn is_fresh(root: &Path) -> bool {
    let copy = root.join("tmp").join(format!("view-{}.h5", std::process::id()));
    let read = |path: &Path| std::fs::read(path).ok();
    let fresh = write(root, &copy).ok().and_then(|()| read(&copy));
    let _removed = std::fs::remove_file(&copy);
    fresh.is_some() && fresh == read(&path(root))
}

/// Writes the view of the store at `root` to `to`.
fn write(root: &Path, to: &Path) -> Result<()> {
    let fail = |e: hdf5::Error| Error::new(Kind::Store, format!("writing the view: {e}")).at(to);
    let manifest = Manifest::read(root)?;
    let file = hdf5::File::with_options()
        .with_fapl(|p| p.libver_v110())
        .with_fcpl(|p| p.obj_track_times(false))
        .create(to)
        .map_err(fail)?;
    let mut groups = BTreeMap::new();
    for segment in &manifest.segments {
        for object in segment.rows.keys().filter(|o| *o != Linking::MARKER) {
            let group = match groups.entry(object.clone()) {
                std::collections::btree_map::Entry::Occupied(e) => e.into_mut(),
                std::collections::btree_map::Entry::Vacant(e) => {
                    let group =
                        file.create_group_builder().obj_track_times(false).create(&**object);
                    e.insert(group.map_err(fail)?)
                }
            };
            let target = format!("segments/{}", segment.file_name());
            let name = format!("{:08}", segment.seq);
            group.link_external(&target, &format!("/{object}"), &name).map_err(fail)?;
        }
    }
    drop(groups);
    file.close().map_err(fail)
}
