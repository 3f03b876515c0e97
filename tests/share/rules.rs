//! What holds for any evidence, any agreement and any order of exchange.

use super::lab::{Lab, all, casing, test_fire};
use casework::share::Selection;
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use store::Snapshot;
use types::evidence::{CasingRecord, MarkId, Origin};

const STATES: [Option<&str>; 4] = [Some("MX-CHH"), Some("MX-SON"), Some("US-TX"), None];

fn evidence() -> impl Strategy<Value = Vec<(usize, u64, bool)>> {
    prop::collection::vec((0..STATES.len(), 0_u64..3, any::<bool>()), 1..4)
}

fn add(lab: &Lab, evidence: &[(usize, u64, bool)]) -> Vec<CasingRecord> {
    let record = |(n, &(state, _, fired)): (usize, &(usize, u64, bool))| {
        let id = format!("C-{n}");
        if fired { test_fire(&id, "GUN/1") } else { casing(&id, STATES[state]) }
    };
    let records: Vec<_> = evidence.iter().enumerate().map(record).collect();
    for (record, (_, gun, _)) in records.iter().zip(evidence) {
        lab.add(record, *gun);
    }
    records
}

/// Marks with the bits of their values, and templates.
type Marks = BTreeMap<String, (Vec<u32>, Vec<Vec<u8>>)>;

fn marks(snapshot: &Snapshot, of: &str, name: impl Fn(&str) -> String) -> Marks {
    let rows = snapshot.marks().unwrap();
    rows.iter()
        .filter(|m| m.casing.as_str() == of)
        .map(|m| {
            let values = snapshot.mark(&m.id).unwrap().values;
            let bits = values.iter().map(|v| v.to_bits()).collect();
            let all = snapshot.templates(m.kind, m.modality, &m.recipe).unwrap();
            let own = |(id, bytes): (MarkId, Vec<u8>)| (id == m.id).then_some(bytes);
            (name(m.id.as_str()), (bits, all.into_iter().filter_map(own).collect()))
        })
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    #[test]
    fn a_round_trip_loses_nothing_that_the_policy_allows(
        evidence in evidence(),
        regions in prop::collection::btree_set(
            prop::sample::select(vec!["MX-CHH", "MX", "US-TX", "unknown", "*"]), 1..4),
        fields in prop::collection::btree_set(
            prop::sample::select(vec!["scene.date", "scene.case", "calibre", "firearm"]), 0..4),
        with_marks: bool,
    ) {
        let (mut a, mut b) = (Lab::new("FGE-CHH"), Lab::new("ATF-PHX"));
        let kinds = if with_marks { "'casing', 'mark'" } else { "'casing'" };
        let agreement =
            format!("kinds = [{kinds}]\nregions = {regions:?}\nfields.casing = {fields:?}\n")
                .replace('{', "[").replace('}', "]");
        a.trust(&b, Some(&agreement));
        b.trust(&a, None);
        let records = add(&a, &evidence);
        let allowed = |c: &&CasingRecord| {
            let state = c.scene.as_ref().and_then(|s| s.state.as_deref()).unwrap_or("unknown");
            [state, state.split('-').next().unwrap(), "*"].iter().any(|r| regions.contains(r))
        };
        let expected: Vec<_> = records.iter().filter(allowed).collect();
        let made = a.export_to(&b, &all());
        if expected.is_empty() {
            prop_assert!(made.unwrap_err().what.contains("nothing can be shared"));
            return Ok(());
        }
        let (bundle, made) = made.unwrap();
        let refused = made.refused.iter().filter(|r| r.what.starts_with("casing/")).count();
        prop_assert_eq!(refused, records.len() - expected.len());
        b.take(&bundle).unwrap();
        let (from, to) = (a.store().snapshot().unwrap(), b.store().snapshot().unwrap());
        let got = to.casings().unwrap();
        prop_assert_eq!(got.len(), expected.len());
        for (got, sent) in got.iter().zip(&expected) {
            let theirs = |id: &str| format!("{id}@FGE-CHH");
            let may = |field| fields.contains(field);
            prop_assert_eq!(got.id.as_str(), theirs(sent.id.as_str()));
            prop_assert_eq!(got.origin, sent.origin);
            prop_assert_eq!(&got.calibre, &sent.calibre.clone().filter(|_| may("calibre")));
            let firearm = sent.firearm.as_ref().filter(|_| may("firearm"));
            prop_assert_eq!(
                got.firearm.as_ref().map(|f| f.to_string()),
                firearm.map(|f| theirs(f.as_str()))
            );
            let told = may("scene.date") || may("scene.case");
            prop_assert_eq!(got.scene.is_some(), told && sent.origin == Origin::Evidence);
            if let (Some(got), Some(sent)) = (&got.scene, &sent.scene) {
                prop_assert_eq!(got.date, sent.date.filter(|_| may("scene.date")));
                let case = sent.case.as_ref().filter(|_| may("scene.case"));
                prop_assert_eq!(
                    got.case.as_ref().map(|c| c.to_string()),
                    case.map(|c| theirs(c.as_str()))
                );
            }
            prop_assert_eq!(&got.notes, "");
            let there = marks(&to, got.id.as_str(), str::to_owned);
            let here = marks(&from, sent.id.as_str(), theirs);
            prop_assert_eq!(there, if with_marks { here } else { Marks::new() });
        }
        // Twice is once, in every byte.
        let files = b.files();
        prop_assert!(b.take(&bundle).unwrap().known);
        prop_assert_eq!(b.files(), files);
        // The same again under a new number brings no evidence.
        let content = b.content();
        b.take(&a.share_all(&b)).unwrap();
        prop_assert_eq!(b.content(), content);
    }
}

proptest! {
    // Each case compares and links two stores several times.
    #![proptest_config(ProptestConfig { cases: 4, ..ProptestConfig::default() })]

    #[test]
    fn two_agencies_reach_the_same_links_in_any_order_of_exchange(
        steps in Just(vec![0, 1, 2, 3, 4]).prop_shuffle(),
        // Which of the casings the first bundles hold.
        first in 1_usize..5,
    ) {
        let (mut a, mut b) = Lab::two();
        for n in 0..5_u64 {
            // Firearm 1 was used by both, firearm 2 twice on one side.
            let (mine, theirs) = ([1, 1, 2, 2, 5][n as usize], [1, 6, 7, 8, 9][n as usize]);
            a.add(&casing(&format!("C-{n}"), Some("MX-CHH")), mine);
            b.add(&casing(&format!("C-{n}"), Some("US-TX")), theirs);
        }
        let part: BTreeSet<String> = (0..first).map(|n| format!("C-{n}")).collect();
        let part = Selection { casings: part, ..Selection::default() };
        for step in steps {
            match step {
                0 => { let bundle = a.export_to(&b, &part).unwrap().0; b.take(&bundle).unwrap(); }
                1 => { let bundle = b.export_to(&a, &part).unwrap().0; a.take(&bundle).unwrap(); }
                2 => { let bundle = a.share_all(&b); b.take(&bundle).unwrap(); }
                3 => { let bundle = b.share_all(&a); a.take(&bundle).unwrap(); }
                _ => { a.work(); b.work(); }
            }
        }
        a.work();
        b.work();
        prop_assert_eq!(a.links(), b.links());
        prop_assert!(a.links().contains(&("C-0@ATF-PHX".into(), "C-0@FGE-CHH".into())));
    }
}
