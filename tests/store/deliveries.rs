//! What workers deliver: taken as it is, in part, or not at all.

use crate::fixture::{Lab, note};
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use store::{Batch, Bill, Delivery, Store, deliver, verify};
use types::error::Kind;
use types::evidence::Digest;

/// What a worker makes of some casings.
fn delivered(lab: &Lab, casings: &[usize], name: &str) -> Bill {
    let mut batch = Batch::default();
    for &i in casings {
        lab.add_evidence(&mut batch, i);
    }
    deliver(&lab.folder().join(name), &batch).unwrap()
}

/// What the writer makes of a delivery, as far as it wants the scans.
fn taken(lab: &Lab, bill: &Bill, wanted: &[usize]) -> Batch {
    let delivery = Arc::new(Delivery::open(bill).unwrap());
    let scans: BTreeSet<Digest> = wanted.iter().map(|&i| lab.scan(i).sha256).collect();
    let mut batch = Batch::default();
    for &i in wanted {
        batch.add_casing(&lab.casing(i), "A. Examiner", "manifest");
    }
    for scan in delivery.tables().scans().unwrap() {
        if scans.contains(&scan.sha256) {
            batch.add_delivered_scan(scan, &delivery);
        }
    }
    let mut marks = BTreeSet::new();
    for mark in delivery.tables().marks().unwrap() {
        if scans.contains(&mark.scan) {
            marks.insert(mark.id.clone());
            batch.add_delivered_mark(mark, &delivery);
        }
    }
    for (template, bytes) in delivery.tables().templates().unwrap() {
        if marks.contains(&template.mark) {
            batch.add_template(template, bytes);
        }
    }
    batch
}

/// The same, committed by one process.
fn alone(lab: &Lab, wanted: &[usize]) -> Store {
    let store = Store::create(lab.folder().join("alone")).unwrap();
    let mut batch = Batch::default();
    for &i in wanted {
        batch.add_casing(&lab.casing(i), "A. Examiner", "manifest");
        lab.add_evidence(&mut batch, i);
    }
    store.writer(&lab.actor).unwrap().commit(batch, &note(1)).unwrap();
    store
}

/// Digests of the segments of a role.
fn segments(root: &Path, role: &str) -> Vec<Digest> {
    let folder = std::fs::read_dir(root.join("segments")).unwrap();
    let paths = folder.map(|entry| entry.unwrap().path());
    let mut own: Vec<_> =
        paths.filter(|path| path.to_string_lossy().ends_with(&format!("-{role}.h5"))).collect();
    own.sort();
    own.iter().map(|path| Digest::of(&std::fs::read(path).unwrap())).collect()
}

#[test]
fn a_delivered_segment_goes_into_the_store_as_one_process_would_have_written_it() {
    let lab = Lab::new();
    let bill = delivered(&lab, &[0, 1, 2], "delivery");
    let store = lab.store();
    let batch = taken(&lab, &bill, &[0, 1, 2]);
    store.writer(&lab.actor).unwrap().commit(batch, &note(1)).unwrap();
    let other = alone(&lab, &[0, 1, 2]);
    let [ours, theirs] = [&store, &other].map(|store| store.snapshot().unwrap().content().unwrap());
    assert_eq!(ours, theirs);
    for role in ["tables", "originals", "marks", "templates", "index"] {
        let [ours, theirs] = [lab.root(), other.root()].map(|root| segments(root, role));
        assert_eq!((ours.len(), &ours), (1, &theirs), "{role}");
    }
    assert!(!bill.folder.join("marks.h5").exists(), "it was moved, not copied");
    assert!(verify(lab.root()).is_empty());
}

#[test]
fn of_a_delivery_in_part_only_that_part_is_taken() {
    let lab = Lab::small();
    let bill = delivered(&lab, &[0, 1, 2], "delivery");
    let store = lab.store();
    let batch = taken(&lab, &bill, &[0, 2]);
    store.writer(&lab.actor).unwrap().commit(batch, &note(1)).unwrap();
    let other = alone(&lab, &[0, 2]);
    let [ours, theirs] = [&store, &other].map(|store| store.snapshot().unwrap().content().unwrap());
    assert_eq!(ours, theirs);
    assert_eq!(segments(lab.root(), "marks"), segments(other.root(), "marks"));
    // Delivered twice, committed once.
    let again = delivered(&lab, &[0, 1, 2], "again");
    let batch = taken(&lab, &again, &[0, 1, 2]);
    store.writer(&lab.actor).unwrap().commit(batch, &note(2)).unwrap();
    assert_eq!(store.snapshot().unwrap().scans().unwrap().len(), 3);
    assert!(verify(lab.root()).is_empty());
}

#[test]
fn what_is_not_as_the_bill_says_is_refused_and_the_store_is_as_before() {
    for name in ["tables.h5", "originals.h5", "marks.h5"] {
        let lab = Lab::small();
        let bill = delivered(&lab, &[0, 1], "delivery");
        let path = bill.folder.join(name);
        let mut bytes = std::fs::read(&path).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        std::fs::write(&path, bytes).unwrap();
        let error = Delivery::open(&bill).err().unwrap();
        assert_eq!((error.kind, error.path), (Kind::Store, Some(path)), "{name}");
        assert!(error.advice.is_some());
        // It can be done again.
        let store = lab.store();
        let again = delivered(&lab, &[0, 1], "again");
        let batch = taken(&lab, &again, &[0, 1]);
        assert_eq!(store.snapshot().unwrap().seq(), 0);
        store.writer(&lab.actor).unwrap().commit(batch, &note(1)).unwrap();
        assert_eq!(store.snapshot().unwrap().marks().unwrap().len(), 2);
    }
}
