//! `view.h5`: the whole store as one file, for people with h5py or HDFView.
//!
//! It holds a group per dataset with an external link per segment, and is made
//! anew by every writer. Links, not virtual datasets: where a segment is gone, a
//! link fails, but a virtual dataset shows zeros. This program never reads it.

use super::disk::draft;
use super::manifest::{Role, Segment, StoreManifest};
use super::rows::Linking;
use super::snapshot::FILTER;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use types::error::{Error, Kind, Result};
use types::message::say;

/// The view's place in a store.
pub fn path(root: &Path) -> PathBuf {
    root.join("view.h5")
}

/// Makes the view of the store at `root` anew.
pub fn refresh(root: &Path) -> Result<()> {
    let draft = draft(root, "view.h5");
    write(root, &draft)?;
    let to = path(root);
    std::fs::rename(&draft, &to).map_err(|e| Error::io(say!("replacing the view"), &to, &e))
}

/// Whether the view is the one [`refresh`] would make; writes a copy aside to
/// compare with. A writer may clear that copy away: then the answer is no.
pub fn is_fresh(root: &Path) -> bool {
    let copy = draft(root, "view.h5");
    let read = |path: &Path| std::fs::read(path).ok();
    let fresh = write(root, &copy).ok().and_then(|()| read(&copy));
    let _removed = std::fs::remove_file(&copy);
    fresh.is_some() && fresh == read(&path(root))
}

/// Whether the view has a link to the segment file `name`, so that it belonged
/// to the store when the view was made. Looked for in the view's bytes, where
/// the names of linked files stand as they are: no HDF5 library sees a file
/// that nobody vouches for.
pub fn shows(root: &Path, name: &str) -> bool {
    let bytes = std::fs::read(path(root)).unwrap_or_default();
    bytes.windows(name.len().max(1)).any(|part| part == name.as_bytes())
}

/// Writes the view of the store at `root` to `to`.
fn write(root: &Path, to: &Path) -> Result<()> {
    let fail = |e: hdf5::Error| Error::new(Kind::Store, say!("writing the view: {e}")).at(to);
    let manifest = StoreManifest::read(root)?;
    let file = hdf5::File::with_options()
        .with_fapl(|p| p.libver_v110())
        .with_fcpl(|p| p.obj_track_times(false))
        .create_excl(to)
        .map_err(fail)?;
    let mut groups = BTreeMap::new();
    for segment in &manifest.segments {
        for (group, object) in objects(segment) {
            let group = match groups.entry(group.clone()) {
                std::collections::btree_map::Entry::Occupied(e) => e.into_mut(),
                std::collections::btree_map::Entry::Vacant(e) => {
                    let made = file.create_group_builder().obj_track_times(false).create(&*group);
                    e.insert(made.map_err(fail)?)
                }
            };
            let target = format!("segments/{}", segment.file_name());
            let name = if segment.first == segment.last {
                format!("{:08}", segment.first)
            } else {
                format!("{:08}-{:08}", segment.first, segment.last)
            };
            group.link_external(&target, &format!("/{object}"), &name).map_err(fail)?;
        }
    }
    drop(groups);
    file.close().map_err(fail)
}

/// What of a segment people look for: the group in the view and the object.
fn objects(segment: &Segment) -> Vec<(String, String)> {
    let shown = segment.rows.keys().filter(|o| *o != Linking::MARKER && *o != FILTER);
    let mut objects: Vec<_> = shown.map(|o| (o.clone(), o.clone())).collect();
    let commits = match segment.role {
        Role::Tables => Some("commits"),
        Role::Cells => Some("cells_commits"),
        Role::Templates => Some("template_bytes_commits"),
        Role::Index => Some("index_commits"),
        Role::Keys | Role::Originals | Role::Marks => None,
    };
    objects.extend(commits.map(|group| (group.to_owned(), "commits".to_owned())));
    objects
}
