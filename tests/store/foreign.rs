//! HDF5 files that no store vouches for: each class of hostile file is refused
//! by name, in a child process, and whatever happens to the child this process
//! goes on. The files are made by tests/store/make_hostile.py.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::path::{Path, PathBuf};
use store::{Inspector, list_confined};

fn program() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_brasslink"))
}

fn file(name: &str) -> PathBuf {
    testkit::project().join("tests/store").join(name)
}

#[test]
fn each_class_of_hostile_file_is_refused_by_name() {
    let expected = [
        ("soft_link", "text is a link out of its place"),
        ("external_link", "text is a link out of its place"),
        ("link_cycle", "originals does not belong"),
        ("deep_groups", "deeper does not belong"),
        ("external_storage", "text keeps its data outside"),
        ("virtual_storage", "text keeps its data outside"),
        ("unknown_filter", "text uses a filter that segments do not use"),
        ("missing_field", "commits has another type"),
        ("other_type", "text has another type"),
        ("absurd_shape", "text claims more data than"),
        ("large_claim", "text claims more data than"),
        ("stranger", "shopping_list does not belong"),
        ("variable_strings", "text has another type"),
        ("not_hdf5", "opening a segment"),
        ("truncated", "opening a segment"),
    ];
    let files = std::fs::read_dir(file("hostile")).unwrap().count();
    assert_eq!(files, expected.len(), "every seed has its refusal");
    let mut inspector = Inspector::new(program());
    for (name, reason) in expected {
        let path = file(&format!("hostile/{name}.h5"));
        let refused = inspector.list(&path).expect_err(name);
        assert!(refused.what.contains(reason), "{name}: {}", refused.what);
        assert_eq!(refused.path, Some(path));
    }
    assert_eq!(inspector.deaths, 0, "all refused by the schema, none by dying");
}

#[test]
fn a_sound_segment_is_listed() {
    let listing = list_confined(program(), &file("version1/segments/00000001-tables.h5")).unwrap();
    assert_eq!(listing.version, 1);
    let marks = listing.datasets.iter().find(|d| d.name == "marks").unwrap();
    assert_eq!(marks.elements, 2);
    let values = list_confined(program(), &file("version1/segments/00000001-marks.h5")).unwrap();
    assert_eq!(values.datasets[1].name, "mark_values/000001");
    assert_eq!(values.datasets[1].elements, 30 * 28);
}

#[test]
fn a_child_that_dies_is_a_refusal_and_the_next_file_is_read() {
    let refused = list_confined(Path::new("/bin/false"), &file("hostile/stranger.h5"));
    assert!(refused.unwrap_err().what.contains("broke the reader"));
}
