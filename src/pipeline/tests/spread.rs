//! Work done in parts elsewhere gives the store that one process makes.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use brasslink_pipeline::{
    Counted, Importing, Quiet, Run, Shard, ShardPlan, SpreadSearch, UnitMaker, Verify, correlate,
    import, verify_part,
};
use casework::SearchRules;
use imaging::acquire::manifest::read_manifest;
use imaging::extract::Sketch;
use imaging::extract::sketch::BYTES;
use imaging::prepare::Recipe;
use imaging::search::Screen;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;
use store::Store;
use types::evidence::{MarkKind, Modality};

fn run() -> Run {
    let now = || "2026-11-30T10:00:00Z".to_owned();
    let recipe = Recipe::default().hash();
    Run { who: "A. Examiner".into(), started: now(), command: "test".into(), recipe, now }
}

/// A store that one process made.
fn alone(root: &Path, keep: usize) -> Store {
    let manifest = read_manifest(&testkit::project().join("samples/manifest.csv")).unwrap();
    let store = Store::open_or_create(root).unwrap();
    import(&store, &manifest, &Recipe::default(), None, &run(), &Quiet).unwrap();
    let verify = Verify::Shortlist(keep);
    correlate(&store, &run().recipe, verify, &SearchRules::default(), &run(), &Quiet).unwrap();
    store
}

/// The scans, prepared in units by makers that know nothing of each other.
fn imported_in_units(root: &Path, spool: &Path, unit: usize) -> Store {
    let manifest = read_manifest(&testkit::project().join("samples/manifest.csv")).unwrap();
    let store = Store::open_or_create(root).unwrap();
    let recipe = Recipe::default();
    let starts: Vec<usize> = (0..manifest.rows.len()).step_by(unit).collect();
    // Made in reverse, as if the first were the slowest.
    let mut accounts: Vec<_> = starts
        .iter()
        .rev()
        .map(|&start| {
            let snapshot = store.snapshot().unwrap();
            let maker = UnitMaker::new(manifest.clone(), recipe, &snapshot, 2).unwrap();
            let end = (start + unit).min(manifest.rows.len());
            (start, maker.make(start..end, &spool.join(start.to_string())).unwrap())
        })
        .collect();
    accounts.reverse();
    let mut importing = Importing::begin(&store, &manifest, &recipe, None, &run()).unwrap();
    for (start, account) in accounts {
        // It travels as JSON.
        let account = serde_json::to_string(&account).unwrap();
        let account = serde_json::from_str(&account).unwrap();
        importing.take_unit(&store, &manifest, start, account).unwrap();
    }
    let outcome = importing.finish(&store).unwrap();
    assert_eq!(outcome.get(Counted::Imported), 24);
    store
}

/// The sketches of a shard as they lie in the files.
fn mapped(shard: &Shard, store: &Store) -> Screen {
    let mut screen = Screen::default();
    for (path, offset, count) in shard.extents(&store.snapshot().unwrap()).unwrap() {
        let mut file = std::fs::File::open(path).unwrap();
        file.seek(SeekFrom::Start(offset)).unwrap();
        let mut bytes = vec![0; count * BYTES];
        file.read_exact(&mut bytes).unwrap();
        let sketches = bytes.chunks(BYTES).map(|bytes| Sketch::of_bytes(bytes).unwrap());
        sketches.for_each(|sketch| screen.push(&sketch));
    }
    screen
}

fn searched_in_parts(store: &Store, spool: &Path, keep: usize, shards: usize) {
    for kind in MarkKind::ALL {
        for modality in Modality::ALL {
            let sort = (*kind, *modality);
            let mut search = SpreadSearch::begin(store, sort, Some(keep), None, &run()).unwrap();
            let plans: Vec<ShardPlan> = search.shards(shards).unwrap();
            assert!(plans.len() <= shards);
            for start in (0..search.screened()).step_by(3) {
                let probes = start..(start + 3).min(search.screened());
                let (question, bytes) = search.question(store, probes.clone()).unwrap();
                let sketches: Vec<Sketch> =
                    bytes.chunks(BYTES).map(|b| Sketch::of_bytes(b).unwrap()).collect();
                let answer = |plan: &ShardPlan| {
                    let shard = Shard::read(&store.snapshot().unwrap(), plan.clone()).unwrap();
                    shard.answer(&mapped(&shard, store), &sketches, &question).unwrap()
                };
                // The order in which shards answer does not count.
                let answers = plans.iter().rev().map(answer).collect();
                search.answered(probes, answers).unwrap();
            }
            let parts = search.plan(store).unwrap();
            for number in 0..parts {
                let part = search.part(number).unwrap();
                let folder = spool.join(format!("{kind}-{modality}-{number}-{keep}"));
                let bill = verify_part(&store.snapshot().unwrap(), &part, &folder).unwrap();
                search.take(store, number, &bill).unwrap();
            }
            search.finish(store).unwrap();
        }
    }
}

#[test]
fn units_and_shards_give_what_one_process_gives() {
    let folder = tempfile::tempdir().unwrap();
    let (root, spool) = (folder.path(), folder.path().join("spool"));
    let keep = 4;
    let one = alone(&root.join("one"), keep);
    for (unit, shards) in [(1, 1), (5, 3), (24, 40)] {
        let store = imported_in_units(
            &root.join(format!("units-{unit}")),
            &spool.join(unit.to_string()),
            unit,
        );
        searched_in_parts(&store, &spool.join(format!("search-{unit}")), keep, shards);
        let [ours, theirs] = [&store, &one].map(|s| s.snapshot().unwrap());
        assert_eq!(ours.content().unwrap(), theirs.content().unwrap(), "units of {unit}");
        let said = |s: &store::Snapshot| {
            let records = s.records("screening").unwrap();
            records.into_iter().map(|r| (r.id, r.body)).collect::<Vec<_>>()
        };
        assert!(!said(&ours).is_empty());
        assert_eq!(said(&ours), said(&theirs));
        assert!(store::verify(store.root()).is_empty());
        // Once more: nothing is left to do.
        let before = store.snapshot().unwrap().content().unwrap();
        searched_in_parts(&store, &spool.join(format!("again-{unit}")), keep, shards);
        assert_eq!(store.snapshot().unwrap().content().unwrap(), before);
    }
}

#[test]
fn a_unit_of_what_is_stored_makes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let store = alone(&folder.path().join("one"), 4);
    let manifest = read_manifest(&testkit::project().join("samples/manifest.csv")).unwrap();
    let recipe = Recipe::default();
    let maker = UnitMaker::new(manifest.clone(), recipe, &store.snapshot().unwrap(), 1).unwrap();
    let account = maker.make(0..24, &folder.path().join("none")).unwrap();
    assert!(!folder.path().join("none").exists());
    let before = store.snapshot().unwrap().seq();
    let mut importing = Importing::begin(&store, &manifest, &recipe, None, &run()).unwrap();
    assert_eq!(importing.take_unit(&store, &manifest, 0, account).unwrap(), 24);
    let outcome = importing.finish(&store).unwrap();
    assert_eq!((outcome.get(Counted::Known), outcome.get(Counted::Imported)), (24, 0));
    assert_eq!(store.snapshot().unwrap().seq(), before);
}
