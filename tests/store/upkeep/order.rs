//! Orders of a court: nothing is said to be gone before it is.

use super::{grown, noise, on_disk, second_scan_of};
use crate::fixture::{Lab, casing_id, note};
use imaging::acquire::surface_digest;
use std::path::{Path, PathBuf};
use store::{Remains, Severity, Taken, Withholding, verify};

/// A store with a scan of casing 1 that is easily found, and that scan.
fn with_scan() -> (Lab, Vec<u8>) {
    let (lab, original) = (grown(3), noise("file"));
    let batch = second_scan_of(&lab, 1, &original, &noise("template"));
    lab.store().writer(&lab.actor).unwrap().commit(batch, &note(2)).unwrap();
    (lab, original)
}

fn expunge(lab: &Lab) -> Taken {
    let store = lab.store();
    let mut writer = store.writer(&lab.actor).unwrap();
    writer
        .withhold(&casing_id(1), Withholding::Expunged, "order 7", &surface_digest, &note(3))
        .unwrap()
}

/// The segment file that holds the scan.
fn holder(lab: &Lab, original: &[u8]) -> PathBuf {
    let files = std::fs::read_dir(lab.root().join("segments")).unwrap();
    let holds = |path: &PathBuf| {
        std::fs::read(path).unwrap().windows(300).any(|part| part == &original[500..800])
    };
    files.map(|e| e.unwrap().path()).find(holds).unwrap()
}

/// It is not said to be gone while `kept` keeps it, and gone afterwards.
fn gone_only_after(lab: &Lab, original: &[u8], why: &str, let_go: impl FnOnce()) {
    let taken = expunge(lab);
    let told = |remains: &[Remains]| remains.iter().any(|r| r.why.contains(why));
    assert!(told(&taken.remains), "{why}: {:?}", taken.remains);
    // Other writers come and go, and it stays so.
    drop(lab.store().writer(&lab.actor).unwrap());
    assert!(told(&expunge(lab).remains) || why == "reading");
    let_go();
    assert_eq!(expunge(lab).remains, []);
    assert!(!on_disk(lab, &original[500..800]));
    assert!(verify(lab.root()).iter().all(|f| f.severity == Severity::Note));
    let tombstones = lab.store().snapshot().unwrap().withheld().to_vec();
    assert_eq!(tombstones.len(), 1, "the same order again adds nothing");
}

#[test]
fn what_somebody_is_reading_is_not_said_to_be_gone() {
    let (lab, original) = with_scan();
    let reader = lab.store().snapshot().unwrap();
    gone_only_after(&lab, &original, "reading", || drop(reader));
}

#[test]
fn what_another_name_leads_to_is_not_said_to_be_gone() {
    let (lab, original) = with_scan();
    let other = lab.folder().join("backup.h5");
    std::fs::hard_link(holder(&lab, &original), &other).unwrap();
    gone_only_after(&lab, &original, "hard links", || std::fs::remove_file(&other).unwrap());

    let (lab, original) = with_scan();
    let (path, moved) = (holder(&lab, &original), lab.folder().join("moved.h5"));
    std::fs::rename(&path, &moved).unwrap();
    std::os::unix::fs::symlink(&moved, &path).unwrap();
    gone_only_after(&lab, &original, "symbolic link", || std::fs::remove_file(&moved).unwrap());
}

#[test]
fn what_lies_in_quarantine_is_looked_into() {
    let (lab, original) = with_scan();
    let quarantined = |name: &str| lab.root().join("quarantine").join(name);
    let copy = quarantined("0000-00000009-originals.h5");
    std::fs::copy(holder(&lab, &original), &copy).unwrap();
    // What tells of others only is no matter of this order.
    let other = quarantined("0001-00000009-originals.h5");
    std::fs::copy(lab.root().join("segments/00000001-originals.h5"), &other).unwrap();
    gone_only_after(&lab, &original, "names the casing", || std::fs::remove_file(&copy).unwrap());
    assert!(other.exists());
}

#[test]
fn what_somebody_else_put_into_a_store_stops_nobody_and_is_not_followed() {
    let lab = grown(1);
    let victim = lab.folder().join("thesis.txt");
    std::fs::write(&victim, "years of work").unwrap();
    let link = |name: &str| {
        let path = lab.root().join(name);
        let _there = std::fs::remove_file(&path);
        std::os::unix::fs::symlink(&victim, path).unwrap();
    };
    std::fs::create_dir(lab.root().join("tmp/folder")).unwrap();
    std::fs::write(lab.root().join("tmp/folder/file"), "").unwrap();
    ["tmp/manifest.json", "tmp/view.h5", "tmp/00000002-tables.h5"].into_iter().for_each(link);
    let foreign = verify(lab.root()).into_iter().filter(|f| f.id == "foreign");
    assert_eq!(foreign.count(), 4);
    lab.store().writer(&lab.actor).unwrap().commit(lab.batch(1..2), &note(2)).unwrap();
    let left: Vec<_> = verify(lab.root()).into_iter().map(|f| (f.id, f.file)).collect();
    assert_eq!(left, [("foreign", Some(Path::new("tmp/folder").to_owned()))]);

    link("lock");
    assert!(lab.store().writer(&lab.actor).is_err());
    assert_eq!(std::fs::read_to_string(&victim).unwrap(), "years of work");
}
