//! What an evidence store goes through in its life: growth, correction, court
//! orders, damage and repair, a new format version. Nothing is lost or changed
//! unsaid.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod index;
mod order;
mod power;
mod set_back;

use crate::fixture::{self, Lab, casing_id, mark_id, note};
use imaging::acquire::surface_digest;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use store::{
    Action, Batch, CASING, Disk, DiskStep, Faults, Finding, Ledger, Remedy, Severity, Store,
    TemplateRow, Withholding, migrate, plan, repair, sign, verify,
};
use types::error::Kind;
use types::evidence::{Digest, MarkKind, Modality};

/// A store of `commits` small commits, each of one casing compared with the
/// one before.
fn grown(commits: usize) -> Lab {
    let lab = Lab::small();
    let store = lab.store();
    let mut writer = store.writer(&lab.actor).unwrap();
    for i in 0..commits {
        let mut batch = lab.batch(i..i + 1);
        if i > 0 {
            let pair = lab.comparison(i - 1, i);
            batch.add_comparison(mark_id(i - 1), mark_id(i), lab.recipe(), pair);
        }
        writer.commit(batch, &note(1)).unwrap();
    }
    drop(writer);
    lab
}

fn ledger(lab: &Lab) -> Arc<Ledger> {
    lab.store().snapshot().unwrap().ledger().unwrap()
}

fn segments(lab: &Lab) -> usize {
    std::fs::read_dir(lab.root().join("segments")).unwrap().count()
}

/// Whether any file of the store holds these bytes.
fn on_disk(lab: &Lab, bytes: &[u8]) -> bool {
    fixture::files(lab.root()).iter().any(|file| {
        let content = std::fs::read(lab.root().join(file)).unwrap();
        content.windows(bytes.len()).any(|w| w == bytes)
    })
}

/// A kilobyte that is found nowhere else.
fn noise(seed: &str) -> Vec<u8> {
    (0..32).flat_map(|i| Digest::of(format!("{seed}{i}").as_bytes()).0).collect()
}

/// Casing `i` acquired again, with a mark and a template of its own.
fn second_scan_of(lab: &Lab, i: usize, original: &[u8], template: &[u8]) -> Batch {
    let (kind, modality) = (MarkKind::BreechFace, Modality::Topography);
    let mut scan = lab.scan(7);
    (scan.casing, scan.sha256) = (casing_id(i), Digest::of(original));
    scan.bytes = original.len() as u64;
    std::fs::write(lab.file(7), original).unwrap();
    let mut batch = Batch::default();
    batch.add_mark(mark_id(7), casing_id(i), scan.sha256, lab.mark(7));
    batch.add_scan(scan, lab.file(7));
    let row = TemplateRow { mark: mark_id(7), kind, modality, recipe: lab.recipe() };
    batch.add_template(row, template.to_vec());
    batch
}

fn damage(findings: &[Finding]) -> Vec<&Finding> {
    findings.iter().filter(|f| f.severity == Severity::Damage).collect()
}

#[test]
fn many_commits_become_few_files_and_say_the_same() {
    let lab = grown(40);
    let entries = &ledger(&lab).entries;
    assert_eq!(entries.iter().filter(|e| e.action == Action::Commit).count(), 40);
    let merges = entries.iter().filter(|e| e.action == Action::Compact).count();
    assert!(merges >= 2, "{merges} merges");
    assert!(segments(&lab) < 6 * 16, "{} files", segments(&lab));
    assert_eq!(verify(lab.root()), []);

    let before = lab.store().snapshot().unwrap().content().unwrap();
    assert_eq!((before.parts["marks"].count, before.parts["comparisons"].count), (40, 39));
    lab.store().writer(&lab.actor).unwrap().compact(&note(2)).unwrap().expect("more to merge");
    assert_eq!(segments(&lab), 7, "one file of each role");
    let snapshot = lab.store().snapshot().unwrap();
    assert_eq!(snapshot.content().unwrap(), before);
    assert_eq!(verify(lab.root()), []);

    for i in [0, 17, 39] {
        assert_eq!(snapshot.casing(&casing_id(i)).unwrap(), Some(lab.casing(i)));
        let mut original = Vec::new();
        snapshot.original(&lab.scan(i).sha256, &mut original).unwrap();
        assert_eq!(Digest::of(&original), lab.scan(i).sha256);
        assert_eq!(snapshot.mark(&mark_id(i)).unwrap().pitch, lab.mark(i).pitch);
    }
    let (row, cells) = snapshot.comparison(&mark_id(30), &mark_id(29)).unwrap().unwrap();
    assert_eq!(row.with_cells(cells), lab.comparison(29, 30));
    let templates = snapshot.templates(MarkKind::BreechFace, Modality::Topography, &lab.recipe());
    let expected: Vec<_> = (0..40).map(|i| (mark_id(i), lab.template(i))).collect();
    assert_eq!(templates.unwrap(), expected);
    assert_eq!(snapshot.linking().unwrap(), Some(lab.linking()));
    assert!(lab.store().writer(&lab.actor).unwrap().compact(&note(3)).unwrap().is_none());
}

#[test]
fn a_reader_keeps_its_segments_while_they_are_merged() {
    let lab = grown(5);
    let reader = lab.store().snapshot().unwrap();
    lab.store().writer(&lab.actor).unwrap().compact(&note(2)).unwrap().unwrap();
    assert!(verify(lab.root()).iter().all(|f| f.id == "retired"), "kept for the reader");
    assert_eq!(reader.marks().unwrap().len(), 5);
    assert_eq!(reader.mark(&mark_id(3)).unwrap().pitch, lab.mark(3).pitch);
    drop(reader);
    drop(lab.store().writer(&lab.actor).unwrap());
    assert_eq!(verify(lab.root()), []);
    assert_eq!(segments(&lab), 7);
}

/// Fails the n-th step and all that follow.
struct DiesAt(AtomicI64);

impl Faults for DiesAt {
    fn before(&self, _: DiskStep, _: &Path) -> std::io::Result<()> {
        if self.0.fetch_sub(1, Ordering::SeqCst) > 0 {
            return Ok(());
        }
        Err(std::io::Error::from(std::io::ErrorKind::StorageFull))
    }
}

/// Whatever step of `change` fails, the store is sound and says one of the two
/// things it said before or should say after.
fn survives(change: impl Fn(&Store, &Lab) -> types::error::Result<()>, least_steps: i64) {
    let after = {
        let lab = grown(4);
        change(&lab.store(), &lab).unwrap();
        lab.store().snapshot().unwrap().content().unwrap()
    };
    for step in 0.. {
        let lab = grown(4);
        let before = lab.store().snapshot().unwrap().content().unwrap();
        let disk = Disk::failing(Arc::new(DiesAt(AtomicI64::new(step))));
        let done = change(&Store::open_on(lab.root(), disk).unwrap(), &lab).is_ok();
        let now = lab.store().snapshot().unwrap().content().unwrap();
        assert!(now == before || now == after, "step {step}");
        assert!(!done || now == after, "step {step} failed unsaid");
        assert_eq!(damage(&verify(lab.root())), [] as [&Finding; 0], "step {step}");
        drop(lab.store().writer(&lab.actor).unwrap());
        assert_eq!(verify(lab.root()), [], "step {step}");
        if done {
            assert!(step >= least_steps, "only {step} steps can fail");
            return;
        }
    }
}

#[test]
fn merging_may_fail_at_any_step() {
    survives(
        |store, lab| {
            let mut writer = store.writer(&lab.actor)?;
            writer.compact(&note(2)).map(drop)
        },
        15,
    );
}

#[test]
fn expunging_may_fail_at_any_step() {
    survives(
        |store, lab| {
            let mut writer = store.writer(&lab.actor)?;
            writer
                .withhold(&casing_id(1), Withholding::Expunged, "order", &surface_digest, &note(2))
                .map(drop)
        },
        15,
    );
}

#[test]
fn an_amendment_is_not_undone_by_the_manifest() {
    let lab = grown(2);
    let store = lab.store();
    let mut corrected = lab.casing(0);
    corrected.calibre = Some("9x19".to_owned());
    let mut batch = Batch::default();
    let body = serde_json::to_string(&corrected).unwrap();
    batch.add_record(CASING, "casing-000", body, "B. Reviewer", "misread");
    let mut writer = store.writer(&lab.actor).unwrap();
    writer.amend(batch, &note(2), "misread").unwrap();
    // The same manifest row comes again, with the old calibre.
    let again = writer.commit(lab.batch(0..1), &note(3)).unwrap();
    assert!(!again.added.contains_key("records"), "{:?}", again.added);
    drop(writer);
    let snapshot = store.snapshot().unwrap();
    assert_eq!(snapshot.casing(&casing_id(0)).unwrap(), Some(corrected));
    assert_eq!(snapshot.versions(CASING, "casing-000").unwrap().len(), 2);
    let ledger = snapshot.ledger().unwrap();
    let entry = ledger.entries.iter().find(|e| e.action == Action::Amend).unwrap();
    assert_eq!(entry.reason.as_deref(), Some("misread"));
    assert_eq!(entry.subjects, ["casing/casing-000"]);
    assert!(snapshot.history_of(&casing_id(0)).unwrap().contains(&entry.seq));
    assert!(!snapshot.history_of(&casing_id(1)).unwrap().contains(&entry.seq));
}

#[test]
fn a_casing_acquired_again_has_two_scans() {
    let lab = grown(1);
    let store = lab.store();
    for seq in [2, 2] {
        let mut batch = second_scan_of(&lab, 0, &noise("file"), &noise("template"));
        batch.add_casing(&lab.casing(0), "A. Examiner", "manifest");
        let receipt = store.writer(&lab.actor).unwrap().commit(batch, &note(2)).unwrap();
        assert_eq!(receipt.seq, seq, "the same content is recognised");
    }
    let snapshot = store.snapshot().unwrap();
    assert_eq!(snapshot.casings().unwrap().len(), 1);
    let scans = snapshot.scans().unwrap();
    assert!(scans.len() == 2 && scans.iter().all(|s| s.casing == casing_id(0)));
}

#[test]
fn an_expunged_casing_is_gone_and_its_tombstone_stays() {
    for merged in [false, true] {
        let lab = grown(4);
        let store = lab.store();
        let mut writer = store.writer(&lab.actor).unwrap();
        let (original, template) = (noise("file"), noise("template"));
        writer.commit(second_scan_of(&lab, 1, &original, &template), &note(2)).unwrap();
        if merged {
            writer.compact(&note(2)).unwrap().unwrap();
        }
        let (file, template) = (&original[500..900], &template[100..400]);
        assert!(on_disk(&lab, file) && on_disk(&lab, template));
        let taken = writer
            .withhold(
                &casing_id(1),
                Withholding::Expunged,
                "Juzgado 3, 214/2026",
                &surface_digest,
                &note(3),
            )
            .unwrap();
        assert_eq!(taken.remains, []);
        assert!(!on_disk(&lab, file) && !on_disk(&lab, template), "merged: {merged}");
        assert_eq!(verify(lab.root()), [], "merged: {merged}");

        let snapshot = store.snapshot().unwrap();
        assert_eq!(snapshot.casing(&casing_id(1)).unwrap(), None);
        let ids: Vec<_> = snapshot.marks().unwrap().into_iter().map(|m| m.id).collect();
        assert_eq!(ids, [mark_id(0), mark_id(2), mark_id(3)]);
        assert_eq!(snapshot.mark(&mark_id(1)).unwrap_err().kind, Kind::NotFound);
        assert!(snapshot.comparisons_of(&mark_id(1)).unwrap().is_empty());
        let (row, cells) = snapshot.comparison(&mark_id(2), &mark_id(3)).unwrap().unwrap();
        assert_eq!(row.with_cells(cells), lab.comparison(2, 3), "others are as they were");
        let bits = |m: imaging::prepare::PreparedMark| m.values.mapv(f32::to_bits);
        assert_eq!(bits(snapshot.mark(&mark_id(2)).unwrap()), bits(lab.mark(2)));
        assert!(snapshot.linking().unwrap().unwrap().links.is_empty());

        let tombstone = &snapshot.withheld()[0];
        assert_eq!((tombstone.by, tombstone.entry), (Withholding::Expunged, taken.receipt.seq));
        assert_eq!(tombstone.order, "Juzgado 3, 214/2026");
        assert_eq!(tombstone.commits, [1, 2, 3, 5]);
        let refused = writer.commit(lab.batch(1..2), &note(4)).unwrap_err();
        assert_eq!(refused.kind, Kind::BadInput);
        assert!(refused.what.contains("Juzgado 3, 214/2026"), "{refused}");
    }
}

#[test]
fn a_sealed_casing_is_withheld_and_can_be_given_back() {
    let lab = grown(4);
    let store = lab.store();
    let before = store.snapshot().unwrap().content().unwrap();
    let mut writer = store.writer(&lab.actor).unwrap();
    writer
        .withhold(&casing_id(2), Withholding::Sealed, "order 1", &surface_digest, &note(2))
        .unwrap();
    assert_eq!(verify(lab.root()), []);
    let without = store.snapshot().unwrap();
    assert_eq!(without.casings().unwrap().len(), 3);
    assert_eq!(without.mark(&mark_id(2)).unwrap_err().kind, Kind::NotFound);
    let sealed: Vec<PathBuf> =
        fixture::files(lab.root()).into_iter().filter(|f| f.starts_with("sealed")).collect();
    assert!(!sealed.is_empty());
    let path = lab.root().join(&sealed[0]);
    let good = std::fs::read(&path).unwrap();
    std::fs::write(&path, &good[..good.len() - 1]).unwrap();
    assert_eq!(damage(&verify(lab.root()))[0].file.as_ref(), Some(&sealed[0]));
    std::fs::write(&path, good).unwrap();
    drop(without);

    writer.unseal(&casing_id(2), "order 2", &note(3)).unwrap();
    drop(writer);
    assert_eq!(verify(lab.root()), []);
    let after = store.snapshot().unwrap();
    assert!(after.withheld().is_empty());
    let content = after.content().unwrap();
    for part in ["records", "scans", "marks", "templates", "comparisons"] {
        assert_eq!(content.parts[part], before.parts[part], "{part}");
    }
}

#[test]
fn a_signed_head_tells_a_rewritten_ledger() {
    // Made with: openssl genpkey -algorithm ed25519; openssl pkey -pubout
    let private = include_str!("../key.pem");
    let (public, other) = (include_str!("../public.pem"), include_str!("../other.pem"));
    let lab = grown(2);
    let deposit = sign(&ledger(&lab), private, "A. Examiner", "2026-11-21T12:00:00Z").unwrap();
    lab.store().writer(&lab.actor).unwrap().commit(lab.batch(2..3), &note(3)).unwrap();
    let statement = deposit.statement(Some(public)).unwrap();
    assert_eq!(statement.seq, 2);
    statement.holds_for(&ledger(&lab)).unwrap();
    assert!(deposit.statement(Some(other)).is_err());
    let forged = deposit.signed.replace("A. Examiner", "B. Examiner");
    let forged = store::Deposit { signed: forged, ..deposit };
    assert!(forged.statement(None).is_err());
    // Another history of the same length.
    let rewritten = Lab::small();
    let store = rewritten.store();
    let mut writer = store.writer(&rewritten.actor).unwrap();
    (0..3).for_each(|i| drop(writer.commit(rewritten.batch(i..i + 1), &note(50)).unwrap()));
    assert_eq!(statement.holds_for(&ledger(&rewritten)).unwrap_err().kind, Kind::Store);
}

/// Harms a store of four commits, repairs it, and says what was done.
fn repaired(harm: impl Fn(&Path)) -> (Lab, Vec<Remedy>) {
    let lab = grown(4);
    harm(lab.root());
    let planned = plan(lab.root()).unwrap();
    assert!(!planned.is_empty());
    let done = repair(lab.root(), &lab.actor, &note(9)).unwrap();
    assert!(done.starts_with(&planned), "{planned:?} {done:?}");
    (lab, done)
}

fn flip(path: &Path, at: usize) {
    let mut bytes = std::fs::read(path).unwrap();
    bytes[at] ^= 16;
    std::fs::write(path, bytes).unwrap();
}

#[test]
fn what_can_be_proved_right_is_put_right() {
    let tables = |seq: u32| format!("segments/{seq:08}-tables.h5");
    type Harm<'a> = (&'a str, &'a dyn Fn(&Path));
    let harms: [Harm; 6] = [
        ("a flipped bit in the manifest", &|root| flip(&root.join("manifest.json"), 300)),
        ("a flipped bit in the ledger", &|root| flip(&root.join("ledger.jsonl"), 300)),
        ("a lost manifest", &|root| std::fs::remove_file(root.join("manifest.json")).unwrap()),
        ("a segment that was moved away", &|root| {
            std::fs::rename(root.join(tables(2)), root.join("quarantine/moved")).unwrap();
        }),
        ("segments that changed places", &|root| {
            std::fs::rename(root.join(tables(1)), root.join("tmp/aside")).unwrap();
            std::fs::rename(root.join(tables(2)), root.join(tables(1))).unwrap();
            std::fs::rename(root.join("tmp/aside"), root.join(tables(2))).unwrap();
        }),
        ("a view that was lost", &|root| std::fs::remove_file(root.join("view.h5")).unwrap()),
    ];
    let sound = grown(4).store().snapshot().unwrap().content().unwrap();
    for (what, harm) in harms {
        let (lab, done) = repaired(harm);
        assert_eq!(verify(lab.root()), [], "{what}: {done:?}");
        assert_eq!(lab.store().snapshot().unwrap().content().unwrap(), sound, "{what}");
    }
}

#[test]
fn a_destroyed_segment_is_given_up_kept_and_restored_by_importing_again() {
    let sound = grown(4).store().snapshot().unwrap().content().unwrap();
    for role in ["tables", "originals", "marks", "templates", "cells"] {
        let file = format!("segments/00000002-{role}.h5");
        let (lab, done) = repaired(|root| flip(&root.join(&file), 1500));
        assert_eq!(done[0], Remedy::GiveUp { file: file.clone().into() });
        let kept = lab.root().join(format!("quarantine/0000-00000002-{role}.h5"));
        assert!(kept.exists(), "nothing is deleted");
        let entry = ledger(&lab).entries.last().unwrap().clone();
        assert_eq!(entry.action, Action::Repair);
        assert!(entry.retired.contains(&format!("00000002-{role}.h5")));
        assert!(!damage(&verify(lab.root())).is_empty(), "{role}: the loss is told");
        let mut again = lab.batch(1..2);
        let pair = lab.comparison(0, 1);
        let snapshot = lab.store().snapshot().unwrap();
        let both = (&mark_id(0), &mark_id(1));
        if snapshot.compared(&lab.recipe(), &[both]).unwrap() == [false] {
            again.add_comparison(mark_id(0), mark_id(1), lab.recipe(), pair);
        }
        lab.store().writer(&lab.actor).unwrap().commit(again, &note(10)).unwrap();
        assert_eq!(verify(lab.root()), [], "{role}");
        assert_eq!(lab.store().snapshot().unwrap().content().unwrap(), sound, "{role}");
    }
}

#[test]
fn a_store_of_version_1_is_read_and_migrated() {
    let frozen = testkit::project().join("tests/store/version1");
    let lab = Lab::small();
    let root = lab.folder().join("old");
    fixture::copy(&frozen, &root);
    let read = || Store::open(&root).unwrap().snapshot().unwrap();
    let told = |snapshot: store::Snapshot| {
        assert_eq!(snapshot.casings().unwrap().len(), 4);
        assert_eq!(
            snapshot.versions(CASING, "casing-001").unwrap()[1].reason,
            "calibre was misread"
        );
        let bits = |m: imaging::prepare::PreparedMark| m.values.mapv(f32::to_bits);
        assert_eq!(bits(snapshot.mark(&mark_id(3)).unwrap()), bits(lab.mark(3)));
        let (row, cells) = snapshot.comparison(&mark_id(2), &mark_id(3)).unwrap().unwrap();
        assert_eq!(row.with_cells(cells), lab.comparison(2, 3));
        let mut original = Vec::new();
        snapshot.original(&lab.scan(2).sha256, &mut original).unwrap();
        assert_eq!(Digest::of(&original), lab.scan(2).sha256);
        let (kind, modality) = (MarkKind::BreechFace, Modality::Topography);
        let templates = snapshot.templates(kind, modality, &lab.recipe()).unwrap();
        let expected: Vec<_> = (0..4).map(|i| (mark_id(i), lab.template(i))).collect();
        assert_eq!(templates, expected);
        assert!(snapshot.linking().unwrap().unwrap().links.is_empty());
        snapshot.content().unwrap()
    };
    let before = told(read());
    assert_eq!(damage(&verify(&root)), [] as [&Finding; 0]);
    let old = read().ledger().unwrap().lines.clone();
    let refused = Store::open(&root).unwrap().writer(&lab.actor).err().unwrap();
    assert!(refused.advice.unwrap().contains("brasslink store migrate"));

    assert_eq!(migrate(&root, &lab.actor, &note(5)).unwrap().unwrap().seq, 5);
    assert_eq!(migrate(&root, &lab.actor, &note(6)).unwrap(), None);
    assert_eq!(verify(&root), []);
    assert_eq!(told(read()), before);
    let store = Store::open(&root).unwrap();
    let mut writer = store.writer(&lab.actor).unwrap();
    writer.commit(lab.batch(4..5), &note(7)).unwrap();
    writer.compact(&note(8)).unwrap().unwrap();
    drop(writer);
    assert_eq!(verify(&root), []);
    assert_eq!(read().ledger().unwrap().lines[..4], old[..], "one chain, old lines untouched");
    let merged = read();
    assert_eq!(merged.marks().unwrap().len(), 5);
    let bits = |m: imaging::prepare::PreparedMark| m.values.mapv(f32::to_bits);
    for i in 0..5 {
        assert_eq!(bits(merged.mark(&mark_id(i)).unwrap()), bits(lab.mark(i)), "mark {i}");
    }
}

#[test]
fn a_mark_that_its_original_does_not_give_is_found_by_a_deep_look() {
    use imaging::acquire::{ReadOptions, read_scan};
    use imaging::extract::Template;
    use imaging::prepare::{Recipe, prepare};
    use pipeline::{Quiet, rederive};
    use store::ScanRow;
    use types::evidence::Light;

    let file = testkit::project().join("samples/CHH-1187-1.x3p");
    let (kind, modality, recipe) = (MarkKind::BreechFace, Modality::Topography, Recipe::default());
    let scan = read_scan(&file, &ReadOptions::default()).unwrap();
    let honest = prepare(&scan, kind, &recipe).unwrap();
    let template = Template::new(&honest).unwrap().encode();
    for changed in ["nothing", "values", "template"] {
        let (mut mark, mut template) = (honest.clone(), template.clone());
        match changed {
            "values" => *mark.values.iter_mut().find(|v| !v.is_nan()).unwrap() += 0.01,
            "template" => *template.last_mut().unwrap() ^= 1,
            _ => {}
        }
        let lab = Lab::small();
        let mut batch = Batch::default();
        batch.add_recipe(recipe.json());
        batch.add_casing(&lab.casing(0), "A. Examiner", "");
        batch.add_scan(ScanRow::of(&scan, casing_id(0), Light::Unknown, "scan.x3p"), &file);
        batch.add_mark(mark_id(0), casing_id(0), scan.sha256, mark);
        let row = TemplateRow { mark: mark_id(0), kind, modality, recipe: recipe.hash() };
        batch.add_template(row, template);
        lab.store().writer(&lab.actor).unwrap().commit(batch, &note(1)).unwrap();
        assert_eq!(verify(lab.root()), [], "every digest is right");
        let found = rederive(&lab.store().snapshot().unwrap(), &Quiet).unwrap();
        match changed {
            "nothing" => assert_eq!(found, []),
            _ => assert!(found[0].id == "deep" && found[0].what.contains("mark/000"), "{found:?}"),
        }
    }
}
