//! Constraints, order independence, incremental linking, files.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use proptest::prelude::*;
use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use statistics::link::{
    Apart, Casework, GroupsFile, Linker, ScoreTable, Settings, Standing, Why, read_scores,
};

type Row = (String, String, f64);

fn name(c: usize) -> String {
    format!("C{c:02}")
}

fn pair(a: usize, b: usize) -> (String, String) {
    (name(a), name(b))
}

/// Forty casings of ten firearms, four each: 0–3, 4–7, and so on.
fn rows(seed: u64) -> Vec<Row> {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut rows = Vec::new();
    for a in 0..40 {
        for b in a + 1..40 {
            let mean = if a / 4 == b / 4 { 25.0 } else { 1.0 };
            rows.push((name(a), name(b), mean + 4.0 * (random.random::<f64>() - 0.5)));
        }
    }
    rows
}

fn table(rows: &[Row]) -> ScoreTable {
    ScoreTable::new([], rows.to_vec()).unwrap()
}

fn link(rows: &[Row], casework: Casework) -> Linker {
    Linker::new(table(rows), casework, Settings::default()).unwrap()
}

fn together(linker: &Linker, a: usize, b: usize) -> bool {
    linker.group_of(&name(a)).unwrap() == linker.group_of(&name(b)).unwrap()
}

#[test]
fn groups_are_the_firearms() {
    let groups = link(&rows(1), Casework::default()).groups();
    assert_eq!(groups.len(), 10);
    for (g, group) in groups.iter().enumerate() {
        assert_eq!(group.members, (4 * g..4 * g + 4).map(name).collect::<Vec<_>>());
        assert!(group.members.contains(&group.prototype));
        assert!(group.confidence.unwrap() > 0.99);
    }
}

#[test]
fn a_rejected_link_splits_a_group_for_good() {
    let rows = rows(2);
    let (old, new): (Vec<Row>, Vec<Row>) = rows.into_iter().partition(|r| r.1 != name(39));
    let mut linker = link(&old, Casework::default());
    assert!(together(&linker, 36, 37));
    linker.review(|c| _ = c.rejected.insert(pair(37, 36)));
    assert!(!together(&linker, 36, 37));
    let scores: Vec<(String, f64)> = new.into_iter().map(|r| (r.0, r.2)).collect();
    linker.add(&name(39), &scores).unwrap();
    assert!(!together(&linker, 36, 37));
    assert!(together(&linker, 39, 36) || together(&linker, 39, 37));
    let why_not = linker.explain(&name(36), &name(37)).unwrap();
    assert!(!why_not.together && why_not.apart == Some(Apart::Rejected));
    linker.review(|c| c.rejected.clear());
    assert!(together(&linker, 36, 37));
}

#[test]
fn a_confirmed_link_merges() {
    let mut linker = link(&rows(3), Casework::default());
    linker.review(|c| _ = c.confirmed.insert(pair(0, 4)));
    assert!((0..8).all(|c| together(&linker, 0, c)), "both groups came whole");
    assert_eq!(linker.explain(&name(0), &name(4)).unwrap().why, Some(Why::Confirmed));
    let link =
        linker.proposed_links().into_iter().find(|l| (&l.a, &l.b) == (&name(0), &name(1))).unwrap();
    assert_eq!(link.why, Why::Scores);
    assert!(link.log10_lr.unwrap() > 1.0);
}

#[test]
fn contradictions_are_named() {
    let casework = Casework {
        confirmed: [pair(0, 4), pair(4, 8)].into(),
        rejected: [pair(8, 0)].into(),
        ..Casework::default()
    };
    let linker = link(&rows(4), casework);
    let [found] = linker.contradictions() else { panic!("{:?}", linker.contradictions()) };
    assert_eq!(found.apart, pair(0, 8));
    assert_eq!(found.because, Apart::Rejected);
    let mut chain = found.chain.clone();
    chain.sort();
    assert_eq!(chain, [name(0), name(4), name(8)]);
    assert!(!together(&linker, 0, 8), "the rejection is kept");
    assert_ne!(together(&linker, 0, 4), together(&linker, 4, 8), "one confirmation is set aside");
}

#[test]
fn test_fires_tie_groups_to_firearms() {
    let fires = |list: &[(usize, &str)]| Casework {
        test_fires: list.iter().map(|&(c, f)| (name(c), f.to_owned())).collect(),
        ..Casework::default()
    };
    let one = link(&rows(5), fires(&[(0, "F1"), (4, "F1")]));
    assert!(together(&one, 1, 5));
    assert_eq!(one.group_of(&name(1)).unwrap().firearm.as_deref(), Some("F1"));
    let mut two = link(&rows(5), fires(&[(0, "F1"), (1, "F2")]));
    assert!(!together(&two, 0, 1));
    two.review(|c| _ = c.confirmed.insert(pair(0, 1)));
    assert_eq!(two.contradictions()[0].because, Apart::Firearms("F1".into(), "F2".into()));
}

#[test]
fn ids_stay_when_casings_are_added() {
    let rows = rows(6);
    let old: Vec<Row> =
        rows.iter().filter(|r| r.0 != name(0) && r.1 != name(38)).cloned().collect();
    let received: std::collections::BTreeMap<String, String> =
        (1..38).map(|c| (name(c), format!("2026-01-{c:02}"))).collect();
    let casework = Casework { received, ..Casework::default() };
    let before = link(&old, casework.clone());
    let after = link(&rows, casework);
    for c in 1..38 {
        let id = |linker: &Linker| linker.group_of(&name(c)).unwrap().id;
        assert_eq!(id(&before), id(&after), "{}", name(c));
    }
}

#[test]
fn different_sources_are_not_linked() {
    let all: Vec<Row> = rows(7)
        .into_iter()
        .map(|r| (r.0, r.1, if r.2 > 10.0 { r.2 - 24.0 } else { r.2 }))
        .collect();
    for casings in [2, 3, 6, 40] {
        let few: Vec<Row> = all.iter().filter(|r| r.1 < name(casings)).cloned().collect();
        assert!(link(&few, Casework::default()).proposed_links().is_empty());
    }
    assert!(link(&[], Casework::default()).groups().is_empty());
}

#[test]
fn a_few_scores_of_unknown_meaning_are_not_judged() {
    for scores in [vec![40.0], vec![40.0, 41.0, 39.0], vec![40.0, 3.0, 4.0]] {
        let pairs = [("A", "B"), ("A", "C"), ("B", "C")];
        let rows = pairs.iter().zip(&scores).map(|(&(a, b), &s)| (a, b, s));
        let table = ScoreTable::new([], rows).unwrap();
        let linker = Linker::new(table, Casework::default(), Settings::default()).unwrap();
        assert!(linker.proposed_links().is_empty());
        let told = linker.explain("A", "B").unwrap();
        assert_eq!((told.posterior, told.log10_lr), (None, None));
        assert_eq!(told.standing, Standing::Unknown);
        let said = linker.scales()[0].to_string();
        assert!(said.starts_with("too few to judge: the scale is unknown"), "{said}");
    }
    // Nor do they contradict what is known otherwise.
    let rows = [(name(0), name(1), 1.0), (name(0), name(2), 2.0), (name(1), name(2), 3.0)];
    let mut casework = Casework::default();
    for casing in [0, 1] {
        casework.test_fires.insert(name(casing), "F-1".to_owned());
    }
    assert_eq!(link(&rows, casework).conflicts(), []);
}

#[test]
fn csv_in_json_out() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("scores.csv");
    let read = |text: &str, column| {
        std::fs::write(&path, text).unwrap();
        read_scores(&path, column)
    };
    let mut text = "a,b,note,ccf,same_source\n".to_owned();
    for (a, b, score) in rows(8) {
        text += &format!("{a},{b},x,{score},0\n");
    }
    let linker =
        Linker::new(read(&text, None).unwrap(), Casework::default(), Settings::default()).unwrap();
    let json = serde_json::to_value(GroupsFile::of(&linker)).unwrap();
    assert_eq!(json["groups"].as_array().unwrap().len(), 10);
    assert_eq!(json["groups"][0]["members"][3], "C03");
    assert!(read("a,b,p,q\nx,y,1,2\n", None).unwrap_err().what.contains("p, q"));
    assert_eq!(read("a,b,p,q\nx,y,1,2\n", Some("q")).unwrap().pairs(), 1);
    assert!(read("a,b,score\nx,y,high\n", None).unwrap_err().what.contains("row 2"));
    assert!(read("a,b,score\nx,y,inf\n", None).is_err());
    assert!(read("a,b,score\nx,x,1\n", None).is_err());
    assert!(read("a,c\nx,x\n", None).is_err());
}

/// Scores that leave room for decisions: overlapping sources, missing pairs.
fn hard_rows(seed: u64) -> Vec<Row> {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut rows = Vec::new();
    for a in 0..24 {
        for b in a + 1..24 {
            let normal = (0..12).map(|_| random.random::<f64>()).sum::<f64>() - 6.0;
            if random.random::<f64>() < 0.7 {
                rows.push((name(a), name(b), normal + if a / 3 == b / 3 { 6.0 } else { 0.0 }));
            }
        }
    }
    rows
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_order_gives_the_same_groups_and_ids(
        seed in 0u64..1000,
        confirmed in prop::collection::btree_set((0usize..24, 0usize..24), 0..4),
        rejected in prop::collection::btree_set((0usize..24, 0usize..24), 0..6),
        fires in prop::collection::btree_map(0usize..24, 0usize..3, 0..4),
    ) {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let casework = Casework {
            confirmed: confirmed.iter().map(|&(a, b)| pair(a, b)).collect(),
            rejected: rejected.iter().map(|&(a, b)| pair(a, b)).collect(),
            test_fires: fires.iter().map(|(&c, &f)| (name(c), format!("F{f}"))).collect(),
            ..Casework::default()
        };
        let mut rows = hard_rows(seed);
        let casings: Vec<String> = (0..24).map(name).collect();
        let whole = ScoreTable::new(casings.clone(), rows.clone()).unwrap();
        let batch = Linker::new(whole.clone(), casework.clone(), Settings::default()).unwrap();

        rows.shuffle(&mut random);
        let turned = rows.iter().map(|r| if random.random() { (r.1.clone(), r.0.clone(), r.2) } else { r.clone() });
        let shuffled = ScoreTable::new([], turned).unwrap();
        let shuffled = Linker::new(shuffled, casework.clone(), Settings::default()).unwrap();
        prop_assert_eq!(batch.groups(), shuffled.groups());

        // The same casings and decisions, one after the other in any order.
        let mut order: Vec<usize> = (0..24).collect();
        order.shuffle(&mut random);
        let mut linker = Linker::with_calibration(ScoreTable::default(), Casework::default(), batch.calibration().clone());
        let decide_at = random.random_range(0..24);
        for (k, &c) in order.iter().enumerate() {
            if k == decide_at {
                for one in &casework.confirmed {
                    linker.review(|c| _ = c.confirmed.insert(one.clone()));
                }
                for one in &casework.rejected {
                    linker.review(|c| _ = c.rejected.insert(one.clone()));
                }
                linker.review(|c| c.test_fires = casework.test_fires.clone());
            }
            let other = |r: &Row| match (r.0 == name(c), r.1 == name(c)) {
                (true, _) => Some((r.1.clone(), r.2)),
                (_, true) => Some((r.0.clone(), r.2)),
                _ => None,
            };
            let known = |o: &(String, f64)| order[..k].iter().any(|&e| name(e) == o.0);
            let scores: Vec<(String, f64)> = rows.iter().filter_map(other).filter(known).collect();
            linker.add(&name(c), &scores).unwrap();
        }
        prop_assert_eq!(batch.groups(), linker.groups());
        prop_assert_eq!(batch.contradictions(), linker.contradictions());
        for (a, b) in rejected {
            prop_assert!(a == b || !together(&linker, a, b));
        }
    }
}
