//! Several commands at work on one store at the same time.

use crate::fixture::{Lab, note};
use casework::{Conclusion, Decision, SearchRules};
use imaging::acquire::manifest::read_manifest;
use imaging::acquire::surface_digest;
use imaging::acquire::x3p::{X3pMeta, ZType, write_x3p};
use imaging::acquire::{ReadOptions, read_scan};
use imaging::prepare::Recipe;
use pipeline::Counted;
use pipeline::{Progress, Quiet, Run, SOFTWARE, Verify, correlate, decide, import, link};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use store::{Actor, Batch, Severity, Store, Withholding, verify};
use types::error::Kind;
use types::evidence::{CasingId, MarkId};
use types::message::Message;
use types::surface::{HeightMap, Surface};

const SAMPLES: [&str; 5] =
    ["CHH-1187-1", "CHH-1187-2", "TF-CHH-0117-1", "COA-0553-1", "COA-0553-2"];

fn samples(folder: &Path, casings: &[&str]) -> PathBuf {
    let mut text = "file,casing_id\n".to_owned();
    for casing in casings {
        let file = testkit::project().join(format!("samples/{casing}.x3p"));
        text += &format!("{},{casing}\n", file.display());
    }
    let path = folder.join(format!("{}-{}.csv", casings.len(), casings[0]));
    std::fs::write(&path, text).unwrap();
    path
}

fn run_of(who: &str) -> Run {
    let now = || "2026-11-29T10:00:00Z".to_owned();
    let (command, started) = (SOFTWARE.to_owned(), now());
    Run { who: who.to_owned(), started, command, recipe: Recipe::default().hash(), now }
}

/// Does something else once, when a stage whose name begins like this begins,
/// on a store that was opened anew, as another process would.
struct Meanwhile<'a> {
    stage: &'a str,
    root: &'a Path,
    what: &'a (dyn Fn(&Store) + Sync),
    done: AtomicBool,
}

impl Progress for Meanwhile<'_> {
    fn begin(&self, stage: &Message, _: u64) {
        if stage.to_string().starts_with(self.stage) && !self.done.swap(true, Ordering::SeqCst) {
            (self.what)(&Store::open(self.root).unwrap().patient(Duration::ZERO));
        }
    }
    fn advance(&self, _: u64) {}
    fn end(&self) {}
    fn note(&self, _: &Message) {}
}

/// The main job on some casings, with something else done at the beginning of
/// a stage. Imported scans, compared pairs, failures.
fn job(root: &Path, casings: &[&str], progress: &dyn Progress) -> (u64, u64, Vec<String>) {
    let store = Store::open_or_create(root).unwrap();
    let manifest = read_manifest(&samples(root.parent().unwrap(), casings)).unwrap();
    let run = run_of("one");
    let mut done = import(&store, &manifest, &Recipe::default(), None, &run, progress).unwrap();
    let rules = SearchRules::default();
    done.absorb(correlate(&store, &run.recipe, Verify::All, &rules, &run, progress).unwrap());
    done.absorb(link(&store, &run.recipe, None, &run).unwrap().0);
    let failures = done.failures.iter().map(|f| f.reason.to_string()).collect();
    (done.get(Counted::Imported), done.get(Counted::PairsCompared), failures)
}

/// The pairs of marks that a store holds comparisons of, each once; every
/// mark is a scan's.
fn pairs(root: &Path) -> BTreeSet<(MarkId, MarkId)> {
    let snapshot = Store::open(root).unwrap().snapshot().unwrap();
    let mut pairs = BTreeSet::new();
    for row in snapshot.comparisons() {
        let row = row.unwrap();
        let pair = (row.a.clone().min(row.b.clone()), row.a.max(row.b));
        assert!(pairs.insert(pair.clone()), "{pair:?} is stored twice");
    }
    assert_eq!(snapshot.scans().unwrap().len(), snapshot.marks().unwrap().len());
    assert_eq!(verify(root), []);
    pairs
}

#[test]
fn of_two_jobs_at_once_nothing_is_done_twice_and_nothing_is_lost() {
    for stage in ["import", "correlate"] {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("store");
        let other = |_: &Store| {
            let (imported, ..) = job(&root, &SAMPLES[1..], &Quiet);
            // The first job has the first four when it comes to comparing.
            assert_eq!(imported, if stage == "import" { 4 } else { 1 }, "{stage}");
        };
        let meanwhile =
            Meanwhile { stage, root: &root, what: &other, done: AtomicBool::new(false) };
        let (imported, _, failures) = job(&root, &SAMPLES[..4], &meanwhile);
        assert_eq!(imported, if stage == "import" { 1 } else { 4 }, "{stage}");
        assert_eq!(failures, [] as [&str; 0]);
        assert_eq!(pairs(&root).len(), 10, "{stage}");
        // The last linking knows of all of them.
        let linking = Store::open(&root).unwrap().snapshot().unwrap().linking().unwrap().unwrap();
        let ranked: BTreeSet<CasingId> = linking.shortlists.into_iter().map(|s| s.probe).collect();
        assert_eq!(ranked.len(), 5, "{stage}");
    }
}

#[test]
fn what_is_expunged_while_a_job_is_at_it_stays_out() {
    for stage in ["import", "correlate"] {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("store");
        job(&root, &SAMPLES[..1], &Quiet);
        let first = CasingId::new(SAMPLES[0]).unwrap();
        let expunge = |store: &Store| {
            let mut writer = store.writer(&Actor::here("court")).unwrap();
            writer
                .withhold(&first, Withholding::Expunged, "order 7", &surface_digest, &note(1))
                .unwrap();
        };
        let meanwhile =
            Meanwhile { stage, root: &root, what: &expunge, done: AtomicBool::new(false) };
        let (imported, _, failures) = job(&root, &SAMPLES[..3], &meanwhile);
        assert_eq!(imported, 2, "{stage}");
        if stage == "import" {
            assert!(failures.len() == 1 && failures[0].contains("order 7"), "{failures:?}");
        }
        assert_eq!(pairs(&root).len(), 1, "{stage}: the pair of the two that are left");
    }
}

#[test]
fn a_scan_that_was_expunged_does_not_come_back_packed_anew() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("store");
    job(&root, &SAMPLES[..1], &Quiet);
    let store = Store::open(&root).unwrap();
    let first = CasingId::new(SAMPLES[0]).unwrap();
    let mut writer = store.writer(&Actor::here("court")).unwrap();
    let taken = writer
        .withhold(&first, Withholding::Expunged, "order 7", &surface_digest, &note(1))
        .unwrap();
    drop(writer);
    assert_eq!(taken.remains, []);

    let file = testkit::project().join(format!("samples/{}.x3p", SAMPLES[0]));
    let scan = read_scan(&file, &ReadOptions::default()).unwrap();
    let Surface::Height(map) = scan.surface else { panic!("a topography") };
    let mut turned = HeightMap { z: map.z.t().to_owned(), ..map.clone() };
    turned.z.invert_axis(ndarray::Axis(0));
    let mut rows = "file,casing_id\n".to_owned();
    for (name, map) in [("again", &map), ("turned", &turned)] {
        let meta = X3pMeta { z_type: ZType::F64, ..X3pMeta::default() };
        let bytes = write_x3p(map, &meta).unwrap();
        std::fs::write(folder.path().join(name), bytes).unwrap();
        rows += &format!("{name},{name}\n");
    }
    let manifest = folder.path().join("again.csv");
    std::fs::write(&manifest, rows).unwrap();
    let manifest = read_manifest(&manifest).unwrap();
    let done = import(&store, &manifest, &Recipe::default(), None, &run_of("x"), &Quiet).unwrap();
    assert_eq!((done.get(Counted::Imported), done.failures.len()), (0, 2), "{:?}", done.failures);
    assert!(done.failures.iter().all(|f| f.reason.contains("order 7")), "{:?}", done.failures);
}

#[test]
fn decisions_are_made_while_a_job_is_at_work() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("store");
    job(&root, &SAMPLES[..2], &Quiet);
    let decided = |store: &Store| {
        let [a, b] = [0, 1].map(|i| CasingId::new(SAMPLES[i]).unwrap());
        let run = run_of("examiner");
        let at = run.started.clone();
        let decision = Decision::new(a, b, Conclusion::Eliminated, &run.who, None, at).unwrap();
        decide(store, &[decision], &[], "seen", &run).unwrap();
    };
    for (stage, casings) in [("import", 3), ("correlate", 4)] {
        let meanwhile =
            Meanwhile { stage, root: &root, what: &decided, done: AtomicBool::new(false) };
        job(&root, &SAMPLES[..casings], &meanwhile);
        assert!(meanwhile.done.load(Ordering::SeqCst));
    }
    let linking = Store::open(&root).unwrap().snapshot().unwrap().linking().unwrap().unwrap();
    assert!(
        !linking.links.iter().any(|l| l.a.as_str() == SAMPLES[0] && l.b.as_str() == SAMPLES[1]),
        "the last linking heeds the decision"
    );
}

#[test]
fn a_writer_waits_for_another_but_not_for_ever() {
    let lab = Lab::new();
    let store = lab.store();
    let writer = store.writer(&lab.actor).unwrap();
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| {
            let store = lab.store();
            store.writer(&lab.actor).unwrap().commit(lab.batch(0..1), &note(1)).unwrap().seq
        });
        std::thread::sleep(Duration::from_millis(150));
        assert!(!waiting.is_finished());
        let hasty = lab.store().patient(Duration::from_millis(50));
        assert_eq!(hasty.writer(&lab.actor).err().unwrap().kind, Kind::Locked);
        drop(writer);
        assert_eq!(waiting.join().unwrap(), 1);
    });
}

#[test]
fn of_several_first_runs_on_a_new_folder_none_is_lost() {
    for _ in 0..5 {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("new/store");
        let first = |n: u32| {
            let store = Store::open_or_create(&root).unwrap();
            let mut batch = Batch::default();
            batch.add_record("note", n.to_string(), "{}", "tests", "");
            store.writer(&Actor::here("tests")).unwrap().commit(batch, &note(n)).unwrap();
        };
        std::thread::scope(|scope| {
            for n in 0..8 {
                scope.spawn(move || first(n));
            }
        });
        let snapshot = Store::open(&root).unwrap().snapshot().unwrap();
        assert_eq!(snapshot.ledger().unwrap().entries.len(), 8);
        assert_eq!(snapshot.records("note").unwrap().len(), 8);
        assert_eq!(verify(&root), []);
        assert_eq!(Store::create(&root).err().map(|e| e.kind), Some(Kind::BadInput));
    }
}

#[test]
fn a_store_is_verified_while_somebody_writes_to_it() {
    let lab = Lab::small();
    std::thread::scope(|scope| {
        let writing = scope.spawn(|| {
            for i in 0..40 {
                let store = lab.store();
                let mut writer = store.writer(&lab.actor).unwrap();
                writer.commit(lab.batch(i..i + 1), &note(1)).unwrap();
            }
        });
        let mut looks = 0;
        while !writing.is_finished() {
            let findings = verify(lab.root());
            let harm = findings.iter().find(|f| f.severity == Severity::Damage);
            assert!(harm.is_none(), "{harm:?}");
            looks += 1;
        }
        assert!(looks > 2);
        writing.join().unwrap();
    });
}
