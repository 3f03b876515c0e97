//! Laboratories of two casings and of a few, on real scans: what is linked does
//! not depend on how many there are nor on the order in which they came.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use crate::draws::{Casing, Scans};
use crate::run::{groups, run};
use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use serde_json::Value;
use statistics::link::{Casework, Linker, Reference, ScoreTable, Settings, Standing};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Casings of one gun, of two or of three: the sizes that were wrong before,
/// and those about them.
const SIZES: [&[usize]; 9] =
    [&[2], &[2, 1], &[2, 2], &[3], &[5], &[9], &[1, 1], &[2, 1, 1], &[5, 3, 1]];

/// The first casings of some guns.
fn casings(scans: &Scans, of: &[(&String, usize)]) -> Vec<Casing> {
    let first = |(gun, many): &(&String, usize)| {
        let own = scans.guns[*gun].iter().take(*many);
        own.map(|casing| (casing.clone(), (*gun).clone())).collect::<Vec<Casing>>()
    };
    of.iter().flat_map(first).collect()
}

fn members(linker: &Linker) -> BTreeSet<BTreeSet<String>> {
    linker.groups().into_iter().map(|g| g.members.into_iter().collect()).collect()
}

fn by_gun(casings: &[Casing]) -> BTreeSet<BTreeSet<String>> {
    let mut guns = BTreeMap::<&str, BTreeSet<String>>::new();
    for (casing, gun) in casings {
        guns.entry(gun).or_default().insert(casing.clone());
    }
    guns.into_values().collect()
}

/// What is told of every pair: its standing and posterior probability, to the
/// last bit.
fn told(linker: &Linker, casings: &[Casing]) -> BTreeMap<[String; 2], (bool, Option<u64>)> {
    let mut all = BTreeMap::new();
    for (x, _) in casings {
        for (y, _) in casings.iter().filter(|(y, _)| x < y) {
            let pair = linker.explain(x, y).unwrap();
            assert_eq!(pair.standing == Standing::Linked, pair.together, "{x} {y}");
            all.insert([x.clone(), y.clone()], (pair.together, pair.posterior.map(f64::to_bits)));
        }
    }
    all
}

#[test]
fn two_casings_are_judged_as_well_as_many_and_no_stranger_flips_a_link() {
    let Some(scans) = Scans::read() else { return };
    let shipped = Reference::shipped().unwrap();
    let plain = |score: f64, _| score;
    let guns: Vec<&String> = scans.guns.keys().collect();
    let (mut stores, mut strangers) = (0, 0);
    for sizes in SIZES {
        // Every gun comes first once; those after it follow.
        for first in 0..guns.len() {
            let chosen: Vec<(&String, usize)> = sizes
                .iter()
                .enumerate()
                .map(|(k, many)| (guns[(first + k) % guns.len()], *many))
                .collect();
            if chosen.iter().any(|(gun, many)| scans.guns[*gun].len() < *many) {
                continue;
            }
            let drawn = casings(&scans, &chosen);
            let (linker, ..) = scans.link(&drawn, &shipped, &plain);
            assert_eq!(members(&linker), by_gun(&drawn), "{sizes:?} from {}", guns[first]);
            for (pair, (together, posterior)) in told(&linker, &drawn) {
                let p = f64::from_bits(posterior.expect("a scale is known"));
                assert_eq!(p >= 0.99, together, "{pair:?}: {p}");
            }
            stores += 1;
            for other in guns.iter().filter(|gun| !chosen.iter().any(|(g, _)| g == *gun)) {
                let more: Vec<Casing> =
                    drawn.iter().cloned().chain(casings(&scans, &[(other, 1)])).collect();
                let (after, ..) = scans.link(&more, &shipped, &plain);
                assert_eq!(members(&after), by_gun(&more), "{sizes:?} and one of {other}");
                strangers += 1;
            }
        }
    }
    println!("{stores} stores, {strangers} times one stranger more: every group is one gun");
    assert!(stores > 100 && strangers > 1000);
}

#[test]
fn the_order_of_real_casings_changes_neither_groups_nor_posteriors() {
    let Some(scans) = Scans::read() else { return };
    let shipped = Reference::shipped().unwrap();
    let plain = |score: f64, _| score;
    for seed in 0..20 {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let (mut drawn, other) = scans.draw(seed, 2..=6);
        drawn.push(other);
        let (linker, ..) = scans.link(&drawn, &shipped, &plain);
        let (groups, pairs) = (members(&linker), told(&linker, &drawn));
        for _ in 0..5 {
            drawn.shuffle(&mut random);
            let (again, ..) = scans.link(&drawn, &shipped, &plain);
            assert_eq!(members(&again), groups, "draw {seed}");
            assert_eq!(told(&again, &drawn), pairs, "draw {seed}");
        }
    }
}

#[test]
fn real_casings_added_one_by_one_are_linked_as_all_at_once() {
    let Some(scans) = Scans::read() else { return };
    let all: Vec<&String> = scans.guns.values().flatten().collect();
    let score = |a: &String, b: &String| scans.score(a, b);
    let rows: Vec<(String, String, f64)> = all
        .iter()
        .enumerate()
        .flat_map(|(k, a)| all[..k].iter().map(move |b| ((*a).clone(), (*b).clone())))
        .map(|(a, b)| (a.clone(), b.clone(), score(&a, &b)))
        .collect();
    let table = ScoreTable::new(all.iter().map(|c| (*c).clone()), rows).unwrap();
    let batch = Linker::new(table, Casework::default(), Settings::default()).unwrap();
    assert_eq!(members(&batch).len(), scans.guns.len());
    for seed in 0..5 {
        let mut order = all.clone();
        order.shuffle(&mut ChaCha8Rng::seed_from_u64(seed));
        let calibration = batch.calibration().clone();
        let mut linker =
            Linker::with_calibration(ScoreTable::default(), Casework::default(), calibration);
        for (k, new) in order.iter().enumerate() {
            let scores: Vec<(&String, f64)> =
                order[..k].iter().map(|old| (*old, score(new, old))).collect();
            linker.add(new, &scores).unwrap();
        }
        assert_eq!(linker.groups(), batch.groups(), "order {seed}");
        for (k, a) in all.iter().enumerate().step_by(7) {
            for b in &all[..k] {
                let [one, whole] = [&linker, &batch].map(|l| l.explain(a, b).unwrap());
                // A mean over the same pairs, summed in another order.
                let off = (one.mean_log10_lr - whole.mean_log10_lr).abs();
                assert!(off < 1e-9 && one.compared == whole.compared, "{a} {b}: {off}");
            }
        }
    }
}

/// A manifest of scans of the reference data.
fn manifest(dir: &Path, data: &Path, casings: &[&str]) -> std::path::PathBuf {
    let set = |casing: &str| if casing.starts_with("TW") { "weller" } else { "fadul" };
    let row = |c: &&str| format!("{}/{}/{c}.x3p,{c}\n", data.display(), set(c));
    let rows: String = casings.iter().map(row).collect();
    let path = dir.join("manifest.csv");
    std::fs::write(&path, format!("file,casing_id\n{rows}")).unwrap();
    path
}

/// The links of a run's index with their scores, and the confidence of its groups.
fn links(dir: &Path) -> (BTreeSet<String>, BTreeSet<String>) {
    let index: Value =
        serde_json::from_slice(&std::fs::read(dir.join("reports/index.json")).unwrap()).unwrap();
    let link = |l: &Value| {
        let mut ends = [&l["a"], &l["b"]].map(ToString::to_string);
        ends.sort();
        format!("{} {} {}", ends[0], ends[1], l["score"])
    };
    let group = |g: &Value| format!("{} {}", g["casings"], g["confidence"]);
    let all = |of: &str, f: &dyn Fn(&Value) -> String| {
        index[of].as_array().unwrap().iter().map(f).collect()
    };
    (all("links", &link), all("groups", &group))
}

/// Groups of two and more, as sets.
fn sets(of: &[&[&str]]) -> BTreeSet<BTreeSet<String>> {
    of.iter().map(|g| g.iter().map(|&c| c.to_owned()).collect()).collect()
}

#[test]
fn run_links_a_laboratorys_first_casings_and_goes_on_linking_them() {
    let Some(truth) = testkit::shared("truth.csv") else { return };
    let data = truth.parent().unwrap();
    let one: Vec<String> = (1..=5).map(|n| format!("TW01-{n:02}")).collect();
    let one: Vec<&str> = one.iter().map(String::as_str).collect();
    let two = ["TW02-01", "TW02-02"];
    // One store that grows: 2, 2+1, 2+2, 3+2, 5+2 casings.
    let dir = tempfile::tempdir().unwrap();
    let mut there: Vec<&str> = Vec::new();
    let steps: [(&[&str], &[&[&str]]); 5] = [
        (&one[..2], &[&one[..2]]),
        (&two[..1], &[&one[..2]]),
        (&two[1..], &[&one[..2], &two]),
        (&one[2..3], &[&one[..3], &two]),
        (&one[3..], &[&one, &two]),
    ];
    for (new, expected) in steps {
        there.extend(new);
        let (summary, code) = run(&manifest(dir.path(), data, &there), dir.path());
        assert_eq!(code, 0, "{summary:#}");
        let found: BTreeSet<_> = groups(dir.path()).into_iter().filter(|g| g.len() > 1).collect();
        assert_eq!(found, sets(expected), "{there:?}");
        let scale = summary["scales"].to_string();
        assert!(scale.contains("reference"), "it says on what scale: {scale}");
    }
    // All at once, in other orders, and three alone: the same.
    let whole = links(dir.path());
    for seed in 0..2 {
        there.shuffle(&mut ChaCha8Rng::seed_from_u64(seed));
        let fresh = tempfile::tempdir().unwrap();
        run(&manifest(fresh.path(), data, &there), fresh.path());
        let found: BTreeSet<_> = groups(fresh.path()).into_iter().filter(|g| g.len() > 1).collect();
        assert_eq!(found, sets(&[&one, &two]), "{there:?}");
        assert_eq!(links(fresh.path()), whole, "{there:?}");
    }
    for alone in [&one[..3], &one[..5]] {
        let fresh = tempfile::tempdir().unwrap();
        run(&manifest(fresh.path(), data, alone), fresh.path());
        assert_eq!(groups(fresh.path()), sets(&[alone]));
    }
}
