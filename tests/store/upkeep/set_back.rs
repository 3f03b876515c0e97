//! A store that was set back, in part or as a whole.

use super::{damage, grown};
use crate::fixture::{self, Lab, note};
use std::path::Path;
use store::{
    Remedy, compare_heads, fingerprint, keep_head, key_pair, plan, public_of, repair, verify,
};
use types::error::Kind;

fn saved(lab: &Lab, files: &[&str]) -> Vec<(std::path::PathBuf, Vec<u8>)> {
    let read = |file: &&str| (lab.root().join(file), std::fs::read(lab.root().join(file)).unwrap());
    files.iter().map(read).collect()
}

fn restore(saved: &[(std::path::PathBuf, Vec<u8>)]) {
    saved.iter().for_each(|(path, bytes)| std::fs::write(path, bytes).unwrap());
}

/// `verify`, a writer and `repair` must say the same of a store.
fn all_refuse(lab: &Lab) {
    let findings = verify(lab.root());
    let found: Vec<_> = damage(&findings).iter().map(|f| f.id).collect();
    assert_eq!(found, ["set-back"], "{findings:?}");
    let refused = lab.store().writer(&lab.actor).err().expect("writing would hide commits");
    assert_eq!((refused.kind, refused.what.contains("set back")), (Kind::Store, true));
}

#[test]
fn a_manifest_and_a_ledger_from_before_are_noticed_by_all_three() {
    // By several commits, and by a single one, which an interrupted commit
    // would resemble but for the view, which was made of it.
    for later in [2, 1] {
        let lab = grown(1);
        let old = saved(&lab, &["manifest.json", "ledger.jsonl"]);
        for i in 1..=later {
            let store = lab.store();
            store.writer(&lab.actor).unwrap().commit(lab.batch(i..i + 1), &note(2)).unwrap();
        }
        restore(&old);
        all_refuse(&lab);
        let planned = plan(lab.root()).unwrap();
        assert!(matches!(planned[..], [Remedy::RestoreBackup { .. }]), "{planned:?}");
        let done = repair(lab.root(), &lab.actor, &note(3)).unwrap();
        assert!(matches!(done[..], [Remedy::RestoreBackup { .. }]), "{done:?}");
        all_refuse(&lab);
    }
}

#[test]
fn a_manifest_from_before_is_made_anew_from_the_ledger() {
    let lab = grown(1);
    let old = saved(&lab, &["manifest.json"]);
    for i in 1..3 {
        let store = lab.store();
        store.writer(&lab.actor).unwrap().commit(lab.batch(i..i + 1), &note(2)).unwrap();
    }
    let before = lab.store().snapshot().unwrap().content().unwrap();
    restore(&old);
    all_refuse(&lab);
    assert_eq!(plan(lab.root()).unwrap(), [Remedy::RebuildManifest]);
    repair(lab.root(), &lab.actor, &note(3)).unwrap();
    assert_eq!(verify(lab.root()), []);
    assert_eq!(lab.store().snapshot().unwrap().content().unwrap(), before);
}

fn ledger_of(root: &Path) -> std::sync::Arc<store::Ledger> {
    store::Store::open(root).unwrap().snapshot().unwrap().ledger().unwrap()
}

#[test]
fn kept_heads_tell_of_a_store_that_was_set_back_as_a_whole() {
    let lab = grown(1);
    let heads = lab.folder().join("heads");
    let (key, public) = key_pair(&[7; 32]).unwrap();
    assert_eq!(public_of(&key).unwrap(), public);
    let keep = |root: &Path| keep_head(&heads, &ledger_of(root), &key, "A. Examiner", "now");
    let first = keep(lab.root()).unwrap();
    assert_eq!(keep(lab.root()).unwrap(), first, "the same head is kept once");
    let backup = lab.folder().join("backup");
    fixture::copy(lab.root(), &backup);
    lab.store().writer(&lab.actor).unwrap().commit(lab.batch(1..2), &note(2)).unwrap();
    keep(lab.root()).unwrap();
    let compare = |root: &Path| compare_heads(&heads, &public, &ledger_of(root)).unwrap();
    assert_eq!(compare(lab.root()), (2, Vec::new()));

    // The whole store from before: sound in itself.
    assert_eq!(damage(&verify(&backup)).len(), 0);
    let (kept, findings) = compare(&backup);
    assert_eq!((kept, findings.len(), findings[0].id), (2, 1, "head"));
    assert_eq!(keep(&backup).unwrap_err().kind, Kind::Store, "the next run says so by itself");

    // A head that somebody else signed is none.
    let (foreign, theirs) = key_pair(&[8; 32]).unwrap();
    assert_ne!(fingerprint(&theirs).unwrap(), fingerprint(&public).unwrap());
    let forged = store::sign(&ledger_of(lab.root()), &foreign, "A. Examiner", "now");
    let text = serde_json::to_string(&forged.unwrap()).unwrap();
    std::fs::write(heads.join("head-forged.json"), text).unwrap();
    assert_eq!(compare(lab.root()).1[0].id, "kept-head");
}
