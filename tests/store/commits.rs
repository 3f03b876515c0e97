//! The evidence store as a user meets it: what is committed is read back
//! exactly, nothing is half-visible, and damage is named.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use crate::fixture::{self, Lab, casing_id, mark_id, note};
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use store::{Action, Batch, Disk, DiskStep, Faults, Linking, Severity, Store, verify};
use types::error::Kind;
use types::evidence::{Digest, MarkKind, Modality};

#[test]
fn everything_is_read_back_exactly() {
    let lab = Lab::new();
    let store = lab.store();
    let receipt = store.writer(&lab.actor).unwrap().commit(lab.batch(0..3), &note(1)).unwrap();
    assert_eq!(receipt.seq, 1);
    assert_eq!(receipt.added["comparisons"], 3);

    let snapshot = Store::open(lab.root()).unwrap().snapshot().unwrap();
    assert_eq!(snapshot.head(), receipt.head);
    assert_eq!(snapshot.casings().unwrap(), (0..3).map(|i| lab.casing(i)).collect::<Vec<_>>());
    assert_eq!(snapshot.casing(&casing_id(1)).unwrap(), Some(lab.casing(1)));
    assert_eq!(snapshot.casing(&casing_id(7)).unwrap(), None);
    assert_eq!(snapshot.scans().unwrap(), (0..3).map(|i| lab.scan(i)).collect::<Vec<_>>());
    let scan = lab.scan(2);
    assert_eq!(snapshot.scan_by_digest(&scan.sha256).unwrap(), Some(scan.clone()));
    let mut original = Vec::new();
    snapshot.original(&scan.sha256, &mut original).unwrap();
    assert_eq!(original, std::fs::read(lab.file(2)).unwrap());

    let stored = snapshot.mark(&mark_id(1)).unwrap();
    let mark = lab.mark(1);
    let bits = |values: &ndarray::Array2<f32>| values.mapv(f32::to_bits);
    assert_eq!(bits(&stored.values), bits(&mark.values));
    assert_eq!(stored.scan_from_mark, mark.scan_from_mark);
    assert_eq!(stored.pitch, mark.pitch);
    assert_eq!(stored.quality, mark.quality);
    assert_eq!(snapshot.marks().unwrap().len(), 3);
    assert_eq!(snapshot.mark(&mark_id(9)).unwrap_err().kind, Kind::NotFound);

    let templates = snapshot.templates(MarkKind::BreechFace, Modality::Topography, &lab.recipe());
    let expected: Vec<_> = (0..3).map(|i| (mark_id(i), lab.template(i))).collect();
    assert_eq!(templates.unwrap(), expected);
    let others = snapshot.templates(MarkKind::FiringPin, Modality::Topography, &lab.recipe());
    assert!(others.unwrap().is_empty());

    let (row, cells) = snapshot.comparison(&mark_id(2), &mark_id(0)).unwrap().unwrap();
    assert_eq!((&row.a, &row.b), (&mark_id(0), &mark_id(2)));
    assert_eq!(row.with_cells(cells), lab.comparison(0, 2));
    assert_eq!(snapshot.comparisons_of(&mark_id(1)).unwrap().len(), 2);
    let [x, y, z] = [0, 1, 2].map(mark_id);
    let pairs = [(&z, &y), (&y, &y), (&x, &z)];
    assert_eq!(snapshot.compared(&lab.recipe(), &pairs).unwrap(), [true, false, true]);
    assert_eq!(snapshot.compared(&Digest::of(b"other"), &pairs).unwrap(), [false; 3]);

    assert_eq!(snapshot.linking().unwrap(), Some(lab.linking()));
    assert_eq!(snapshot.runs().unwrap(), [lab.run()]);
    assert_eq!(snapshot.failures().unwrap(), [lab.failure()]);
    assert_eq!(snapshot.recipe(&lab.recipe()).unwrap().as_deref(), Some(lab.recipe_text()));
    let ledger = snapshot.ledger().unwrap();
    let entry = &ledger.entries[0];
    assert_eq!((entry.who.as_str(), entry.when.as_str()), ("A. Examiner", note(1).when.as_str()));
    assert_eq!(verify(lab.root()), []);
}

#[test]
fn the_same_again_is_no_news_and_a_correction_is_a_version() {
    let lab = Lab::new();
    let store = lab.store();
    let mut writer = store.writer(&lab.actor).unwrap();
    let evidence = || {
        let mut batch = Batch::default();
        lab.add_evidence(&mut batch, 0);
        batch
    };
    let first = writer.commit(evidence(), &note(1)).unwrap();
    let again = writer.commit(evidence(), &note(2)).unwrap();
    assert_eq!((again.seq, again.head), (first.seq, first.head));
    assert_eq!(again.added, BTreeMap::new());
    drop(writer);

    let mut corrected = lab.casing(0);
    corrected.calibre = Some("9x19".to_owned());
    let mut batch = evidence();
    batch.add_casing(&corrected, "B. Reviewer", "calibre was misread");
    let mut writer = store.writer(&lab.actor).unwrap();
    let receipt = writer.commit(batch, &note(3)).unwrap();
    assert_eq!(
        receipt.added,
        BTreeMap::from([("casings".to_owned(), 1), ("records".to_owned(), 1)])
    );
    let snapshot = store.snapshot().unwrap();
    assert_eq!(snapshot.casings().unwrap(), [corrected]);
    let versions = snapshot.versions("casing", "casing-000").unwrap();
    assert_eq!(versions.iter().map(|v| v.version).collect::<Vec<_>>(), [1, 2]);
    assert_eq!(versions[1].author, "B. Reviewer");
    assert_eq!(versions[1].reason, "calibre was misread");
}

#[test]
fn the_same_content_gives_the_same_bytes() {
    let (one, two) = (Lab::new(), Lab::new());
    for lab in [&one, &two] {
        lab.store().writer(&lab.actor).unwrap().commit(lab.batch(0..3), &note(1)).unwrap();
    }
    let contents = |lab: &Lab| -> BTreeMap<PathBuf, Vec<u8>> {
        let files = fixture::files(lab.root());
        files.iter().map(|f| (f.clone(), std::fs::read(lab.root().join(f)).unwrap())).collect()
    };
    let (first, second) = (contents(&one), contents(&two));
    assert!(first.contains_key(Path::new("segments/00000001-marks.h5")));
    assert_eq!(first.keys().collect::<Vec<_>>(), second.keys().collect::<Vec<_>>());
    for (name, bytes) in &first {
        assert!(second[name] == *bytes, "{} differs", name.display());
    }
}

#[test]
fn a_second_writer_is_told_who_holds_the_lock() {
    let lab = Lab::new();
    let store = lab.store();
    let writer = store.writer(&lab.actor).unwrap();
    let other = Store::open(lab.root()).unwrap().patient(std::time::Duration::ZERO);
    let refused = other.writer(&lab.actor).err().expect("the lock is held");
    assert_eq!(refused.kind, Kind::Locked);
    let pid = std::process::id().to_string();
    for part in ["A. Examiner", &lab.actor.host, &lab.actor.since, &pid] {
        assert!(refused.what.contains(part), "{part} is missing in: {}", refused.what);
    }
    other.snapshot().unwrap();
    drop(writer);
    assert_eq!(other.writer(&lab.actor).unwrap().stale(), None);
}

#[test]
fn the_lock_of_a_dead_process_is_stale() {
    let lab = Lab::new();
    let store = lab.store();
    let dead = store::Actor { pid: 4_000_000, ..lab.actor.clone() };
    std::fs::write(lab.root().join("lock"), serde_json::to_string(&dead).unwrap()).unwrap();
    let writer = store.writer(&lab.actor).unwrap();
    assert_eq!(writer.stale(), Some(&dead));
}

#[test]
fn a_snapshot_does_not_change_while_a_writer_commits() {
    let lab = Lab::new();
    let store = lab.store();
    let mut writer = store.writer(&lab.actor).unwrap();
    writer.commit(lab.batch(0..2), &note(1)).unwrap();
    let before = store.snapshot().unwrap();
    writer.commit(lab.batch(2..4), &note(2)).unwrap();
    let mut empty = Batch::default();
    empty.set_linking(Linking::default());
    writer.commit(empty, &note(3)).unwrap();
    assert_eq!(before.casings().unwrap().len(), 2);
    assert_eq!(before.linking().unwrap(), Some(lab.linking()));
    assert_eq!((before.seq(), before.ledger().unwrap().entries.len()), (1, 1));
    let after = store.snapshot().unwrap();
    assert_eq!(after.casings().unwrap().len(), 4);
    assert_eq!(after.linking().unwrap(), Some(Linking::default()));
    assert!(verify(lab.root()).iter().all(|f| f.severity == Severity::Note));
}

#[test]
fn every_flipped_byte_is_detected_and_its_file_named() {
    let lab = Lab::new();
    lab.store().writer(&lab.actor).unwrap().commit(lab.batch(0..2), &note(1)).unwrap();
    assert_eq!(verify(lab.root()), []);
    for file in fixture::files(lab.root()) {
        let path = lab.root().join(&file);
        let good = std::fs::read(&path).unwrap();
        for at in (0..good.len()).step_by((good.len() / 40).max(1)) {
            let mut bad = good.clone();
            bad[at] ^= 1 << (at % 8);
            std::fs::write(&path, &bad).unwrap();
            let findings = verify(lab.root());
            let named = findings.iter().any(|f| f.file.as_ref() == Some(&file));
            assert!(named, "byte {at} of {}: {findings:?}", file.display());
        }
        std::fs::write(&path, &good).unwrap();
    }
    assert_eq!(verify(lab.root()), []);
}

#[test]
fn removed_swapped_and_cut_parts_are_detected() {
    let lab = Lab::new();
    let store = lab.store();
    let mut writer = store.writer(&lab.actor).unwrap();
    writer.commit(lab.batch(0..1), &note(1)).unwrap();
    writer.commit(lab.batch(1..2), &note(2)).unwrap();
    drop(writer);
    let damage = |what: &str, harm: &dyn Fn(&Path)| {
        let copy = tempfile::tempdir().unwrap();
        fixture::copy(lab.root(), copy.path());
        harm(copy.path());
        let bad = verify(copy.path()).into_iter().any(|f| f.severity == Severity::Damage);
        assert!(bad, "{what} is not noticed");
    };
    let segment = |root: &Path, seq: u32| root.join(format!("segments/0000000{seq}-tables.h5"));
    damage("a removed segment", &|root| std::fs::remove_file(segment(root, 1)).unwrap());
    damage("swapped segments", &|root| {
        let (one, two, aside) = (segment(root, 1), segment(root, 2), root.join("aside"));
        std::fs::rename(&one, &aside).unwrap();
        std::fs::rename(&two, &one).unwrap();
        std::fs::rename(&aside, &two).unwrap();
    });
    damage("swapped ledger lines", &|root| {
        let text = std::fs::read_to_string(root.join("ledger.jsonl")).unwrap();
        let lines: String = text.lines().rev().map(|line| format!("{line}\n")).collect();
        std::fs::write(root.join("ledger.jsonl"), lines).unwrap();
    });
    damage("a cut ledger", &|root| {
        let text = std::fs::read_to_string(root.join("ledger.jsonl")).unwrap();
        let first = text.lines().next().unwrap();
        std::fs::write(root.join("ledger.jsonl"), format!("{first}\n")).unwrap();
    });
}

#[test]
fn a_damaged_segment_is_not_read() {
    let lab = Lab::new();
    lab.store().writer(&lab.actor).unwrap().commit(lab.batch(0..2), &note(1)).unwrap();
    let path = lab.root().join("segments/00000001-marks.h5");
    let mut bytes = std::fs::read(&path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&path, bytes).unwrap();
    let snapshot = Store::open(lab.root()).unwrap().snapshot().unwrap();
    assert_eq!(snapshot.casings().unwrap().len(), 2);
    let refused = snapshot.mark(&mark_id(0)).unwrap_err();
    assert_eq!((refused.kind, refused.path), (Kind::Store, Some(path)));
}

#[test]
fn a_file_that_changed_since_it_was_scanned_is_refused() {
    let lab = Lab::new();
    let store = lab.store();
    let mut batch = Batch::default();
    lab.add_evidence(&mut batch, 0);
    std::fs::write(lab.file(0), "something else").unwrap();
    let refused = store.writer(&lab.actor).unwrap().commit(batch, &note(1)).unwrap_err();
    assert_eq!((refused.kind, refused.path), (Kind::BadInput, Some(lab.file(0))));
    assert_eq!(store.snapshot().unwrap().seq(), 0);
}

/// Fails the n-th step of a commit and all that follow, as a full disk or a
/// killed process does.
struct DiesAt(AtomicI64);

impl Faults for DiesAt {
    fn before(&self, _: DiskStep, _: &Path) -> std::io::Result<()> {
        if self.0.fetch_sub(1, Ordering::SeqCst) > 0 {
            return Ok(());
        }
        Err(std::io::Error::from(std::io::ErrorKind::StorageFull))
    }
}

#[test]
fn a_commit_that_fails_at_any_step_is_undone_and_can_be_repeated() {
    let mut steps = 0;
    loop {
        let lab = Lab::new();
        lab.store().writer(&lab.actor).unwrap().commit(lab.batch(0..1), &note(1)).unwrap();
        let disk = Disk::failing(Arc::new(DiesAt(AtomicI64::new(steps))));
        let dying = Store::open_on(lab.root(), disk).unwrap();
        let outcome = dying
            .writer(&lab.actor)
            .and_then(|mut writer| writer.commit(lab.batch(1..2), &note(2)));
        let seen = Store::open(lab.root()).unwrap().snapshot().unwrap().casings().unwrap().len();
        if outcome.is_ok() {
            assert_eq!(seen, 2);
            assert!(steps > 15, "only {steps} steps can fail");
            return;
        }
        assert_eq!(outcome.unwrap_err().kind, Kind::Io);
        // The very last step makes durable what can be seen already.
        assert!(seen == 1 || seen == 2, "step {steps}");
        let findings = verify(lab.root());
        assert!(
            findings.iter().all(|f| f.severity == Severity::Note),
            "step {steps}: {findings:?}"
        );

        let store = Store::open(lab.root()).unwrap();
        store.writer(&lab.actor).unwrap().commit(lab.batch(1..2), &note(2)).unwrap();
        assert_eq!(store.snapshot().unwrap().casings().unwrap().len(), 2, "step {steps}");
        assert_eq!(verify(lab.root()), [], "step {steps}");
        steps += 1;
    }
}

#[test]
fn a_manifest_older_than_the_store_is_not_written_over() {
    let lab = Lab::new();
    let store = lab.store();
    let mut writer = store.writer(&lab.actor).unwrap();
    writer.commit(lab.batch(0..1), &note(1)).unwrap();
    let old = std::fs::read(lab.root().join("manifest.json")).unwrap();
    writer.commit(lab.batch(1..2), &note(2)).unwrap();
    writer.commit(lab.batch(2..3), &note(3)).unwrap();
    drop(writer);
    std::fs::write(lab.root().join("manifest.json"), old).unwrap();
    let refused = store.writer(&lab.actor).err().expect("writing would hide two commits");
    assert_eq!(refused.kind, Kind::Store);
}

#[test]
fn a_ledger_that_was_read_before_is_still_verified_where_it_goes_on() {
    let lab = Lab::new();
    let (one, other) = (lab.store(), lab.store());
    let commit = |store: &Store, n: u32| {
        let batch = lab.batch(n as usize..n as usize + 1);
        store.writer(&lab.actor).map(|mut w| drop(w.commit(batch, &note(n)).unwrap()))
    };
    let entries = |store: &Store| store.snapshot().unwrap().ledger().unwrap().entries.len();
    // Both go on from what the other wrote.
    for n in 0..4 {
        commit(if n % 2 == 0 { &one } else { &other }, n).unwrap();
    }
    assert_eq!((entries(&one), entries(&other)), (4, 4));
    // A store put back to an earlier moment as a whole is another history.
    let kept = tempfile::tempdir().unwrap();
    fixture::copy(lab.root(), kept.path());
    commit(&other, 4).unwrap();
    assert_eq!(entries(&one), 5);
    std::fs::remove_dir_all(lab.root().join("segments")).unwrap();
    fixture::copy(kept.path(), lab.root());
    assert_eq!(entries(&one), 4);
    commit(&one, 5).unwrap();
    assert_eq!((entries(&one), entries(&other)), (5, 5));
    // A line damaged where the reading goes on is found.
    commit(&other, 6).unwrap();
    let path = lab.root().join("ledger.jsonl");
    let mut bytes = std::fs::read(&path).unwrap();
    let at = bytes.len() - 80;
    bytes[at] ^= 1;
    std::fs::write(&path, bytes).unwrap();
    assert!(commit(&one, 7).is_err_and(|e| e.kind == Kind::Store));
    assert!(verify(lab.root()).iter().any(|f| f.severity == Severity::Damage));
}

#[test]
fn a_store_is_not_made_over_something_else() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("thesis.txt"), "years of work").unwrap();
    assert_eq!(Store::create(folder.path()).err().map(|e| e.kind), Some(Kind::BadInput));
    assert_eq!(Store::open(folder.path()).err().map(|e| e.kind), Some(Kind::Io));
}

#[test]
fn an_interrupted_creation_is_begun_again() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(folder.path().join("tmp")).unwrap();
    std::fs::create_dir_all(folder.path().join("segments")).unwrap();
    std::fs::write(folder.path().join("tmp/manifest.json"), "half").unwrap();
    Store::open_or_create(folder.path()).unwrap();
    assert_eq!(Store::open_or_create(folder.path()).unwrap().snapshot().unwrap().seq(), 0);
    assert!(Store::create(folder.path()).is_err());
}

#[test]
fn h5py_reads_the_view() {
    let lab = Lab::new();
    lab.store().writer(&lab.actor).unwrap().commit(lab.batch(0..3), &note(1)).unwrap();
    let python = std::env::var("BRASSLINK_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let has_h5py = Command::new(&python).args(["-c", "import h5py"]).output();
    if !has_h5py.is_ok_and(|o| o.status.success()) {
        eprintln!("skipped: {python} has no h5py (set BRASSLINK_PYTHON)");
        return;
    }
    let script = testkit::project().join("tests/store/read_with_h5py.py");
    let read = Command::new(python).arg(script).arg(lab.root().join("view.h5")).output().unwrap();
    assert!(read.status.success(), "{}", String::from_utf8_lossy(&read.stderr));
    let seen: serde_json::Value = serde_json::from_slice(&read.stdout).unwrap();
    let mark = lab.mark(1);
    let sum: f64 = mark.values.iter().filter(|v| !v.is_nan()).map(|v| f64::from(*v)).sum();
    assert_eq!(seen["casings"], serde_json::json!(["casing-000", "casing-001", "casing-002"]));
    assert_eq!(seen["calibre"], "9 mm Luger");
    assert_eq!(seen["pitch_unit"], "m");
    assert_eq!(seen["pitch_m"], mark.pitch.0);
    assert_eq!(seen["file_name"], "scan1.x3p");
    assert_eq!(seen["shape"], serde_json::json!([300, 280]));
    assert!((seen["sum"].as_f64().unwrap() - sum).abs() < 1e-9);
    assert_eq!(seen["original_sha256"], lab.scan(1).sha256.to_string());
    assert_eq!(seen["template"], serde_json::json!(lab.template(1)));
    assert_eq!(seen["scores"][1], lab.comparison(0, 2).score);
    assert_eq!(seen["cells"], lab.comparison(0, 2).cell_table.len());
    assert_eq!(seen["links"], serde_json::json!([["casing-000", "casing-001", "proposed"]]));
    assert_eq!(seen["chain_is_sound"], true);
}

/// The child of the test below: commits until it is killed.
#[test]
fn commit_forever() {
    let Ok(folder) = std::env::var("BRASSLINK_TEST_COMMITS_IN") else { return };
    let lab = Lab::at(Path::new(&folder));
    let store = lab.store();
    let mut writer = store.writer(&lab.actor).unwrap();
    let done = store.snapshot().unwrap().casings().unwrap().len();
    for i in done.. {
        let receipt = writer.commit(lab.batch(i..i + 1), &note(1)).unwrap();
        println!("committed {}", receipt.seq);
    }
}

#[test]
fn a_killed_writer_loses_nothing_it_reported() {
    let lab = Lab::new();
    for round in 0..12_u64 {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "commits::commit_forever", "--nocapture"])
            .env("BRASSLINK_TEST_COMMITS_IN", lab.folder())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let first = lines.by_ref().find(|l| l.as_ref().unwrap().contains("committed"));
        std::thread::sleep(std::time::Duration::from_millis(round * 7));
        child.kill().unwrap();
        let reported = first.into_iter().chain(lines).filter_map(|line| {
            line.unwrap().split_once("committed ").and_then(|(_, seq)| seq.parse::<u64>().ok())
        });
        let reported = reported.last().expect("the child committed something");
        child.wait().unwrap();
        let findings = verify(lab.root());
        assert!(findings.iter().all(|f| f.severity == Severity::Note), "{findings:?}");
        let snapshot = lab.store().snapshot().unwrap();
        // At most one commit, and the merging after it, were not yet reported.
        assert!((reported..=reported + 2).contains(&snapshot.seq()));
        // One casing a commit; merging segments is an entry of its own.
        let ledger = snapshot.ledger().unwrap();
        let commits = ledger.entries.iter().filter(|e| e.action != Action::Compact).count();
        assert_eq!(snapshot.casings().unwrap().len(), commits);
        assert_eq!(snapshot.marks().unwrap().len(), commits);
    }
    drop(lab.store().writer(&lab.actor).unwrap());
    assert_eq!(verify(lab.root()), []);
}

#[test]
fn a_digest_is_needed_for_an_original() {
    let lab = Lab::new();
    let snapshot = lab.store().snapshot().unwrap();
    let absent = snapshot.original(&Digest::of(b"nothing"), &mut Vec::new()).unwrap_err();
    assert_eq!(absent.kind, Kind::NotFound);
}
