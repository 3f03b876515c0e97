//! Decisions, hits, search rules and blind packets.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

extern crate brasslink_casework as casework;

use casework::{
    Answer, Conclusion, Decision, Facts, Packet, Partition, Reason, Review, SearchRules, Sieve,
    calibre_family, reconcile, ruled_out,
};
use ndarray::Array2;
use proptest::prelude::*;
use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use statistics::link::{Casework, Linker, ScoreTable, Settings};
use std::collections::{BTreeMap, BTreeSet};
use types::evidence::{
    CaseId, CasingId, CasingRecord, Digest, FiringPinShape, MarkId, Origin, Scene, SceneId,
};

fn id(n: usize) -> CasingId {
    CasingId::new(format!("C{n:02}")).unwrap()
}

fn casing(n: usize, case: Option<usize>) -> CasingRecord {
    let scene = case.map(|k| Scene {
        id: SceneId::new(format!("S{k}")).unwrap(),
        date: None,
        state: None,
        agency: None,
        case: Some(CaseId::new(format!("K{k}")).unwrap()),
    });
    CasingRecord {
        id: id(n),
        origin: Origin::Evidence,
        scene,
        firearm: None,
        calibre: None,
        firing_pin_shape: FiringPinShape::Unknown,
        notes: String::new(),
    }
}

fn cases(casings: &[CasingRecord]) -> BTreeMap<CasingId, CaseId> {
    let of = |c: &CasingRecord| Some((c.id.clone(), c.scene.as_ref()?.case.clone()?));
    casings.iter().filter_map(of).collect()
}

fn decision(a: usize, b: usize, conclusion: Conclusion, day: u32, agency: &str) -> Decision {
    let at = format!("2026-03-{day:02}T10:00:00Z");
    Decision::new(id(a), id(b), conclusion, "examiner", Some(agency.into()), at).unwrap()
}

#[test]
fn a_hit_between_two_cases_is_counted_once_and_credits_both_agencies() {
    let casings: Vec<CasingRecord> = (0..6).map(|n| casing(n, Some(n / 3))).collect();
    let mut decisions = vec![decision(0, 3, Conclusion::Lead, 1, "first")];
    for (a, b) in [(0, 3), (1, 4), (5, 2), (0, 1)] {
        decisions.push(decision(a, b, Conclusion::Hit, 2 + a as u32, "second"));
    }
    let review = Review::of(decisions);
    let hits = review.hits(&cases(&casings), &BTreeSet::new());
    let [hit] = &hits[..] else { panic!("{hits:?}") };
    assert_eq!(hit.exhibits.len(), 3, "the pair within one case is no hit");
    assert_eq!(hit.initiating.as_deref(), Some("first"));
    assert_eq!(hit.confirming.as_deref(), Some("second"));
    let known = [(hit.cases.1.clone(), hit.cases.0.clone())].into();
    assert!(review.hits(&cases(&casings), &known).is_empty(), "the connection was known before");
}

#[test]
fn the_last_decision_of_the_ledger_is_in_force_whatever_a_clock_said() {
    let hit = decision(0, 1, Conclusion::Hit, 3, "x");
    for day in [2, 3, 4] {
        let eliminated = decision(1, 0, Conclusion::Eliminated, day, "y");
        let review = Review::of([hit.clone(), eliminated.clone()]);
        assert_eq!(review.state(&id(1), &id(0)).map(|d| &d.decision), Some(&eliminated));
        let review = Review::of([eliminated, hit.clone()]);
        assert_eq!(review.state(&id(1), &id(0)).map(|d| &d.decision), Some(&hit));
        assert_eq!(review.history(&id(0), &id(1)).len(), 2);
        let hits = review.hits(&cases(&[casing(0, Some(0)), casing(1, Some(1))]), &BTreeSet::new());
        assert_eq!(hits[0].initiating.as_deref(), Some("y"), "the first of the ledger, day {day}");
    }
    let review = Review::of([hit, decision(1, 0, Conclusion::Eliminated, 3, "x")]);
    let mut casework = Casework::default();
    review.constrain(&mut casework);
    assert!(casework.confirmed.is_empty());
    assert_eq!(casework.rejected.len(), 1);
}

#[test]
fn each_persons_last_word_stands_until_it_is_withdrawn_and_the_last_is_in_force() {
    use Conclusion::{Eliminated, Hit, Inconclusive, Withdrawn};
    let word = |who: &str, conclusion, of: Option<&str>| {
        let at = "2026-03-02T10:00:00Z";
        let decision = Decision::new(id(0), id(1), conclusion, who, None, at).unwrap();
        Decision { withdraws: of.map(str::to_owned), ..decision }
    };
    let state = |words: &[Decision]| {
        let review = Review::of(words.to_vec());
        let dissent = review.dissent(&id(0), &id(1)).iter().map(|d| d.by.clone()).collect();
        let mut casework = Casework::default();
        review.constrain(&mut casework);
        let bound = casework.confirmed.len() as i32 - casework.rejected.len() as i32;
        let verified = review.verified_by(&id(0), &id(1)).len();
        (review.state(&id(0), &id(1)).map(|d| d.by.clone()), dissent, bound, verified)
    };
    let (by, none) = (|who: &str| Some(who.to_owned()), Vec::<String>::new);
    let mut words = vec![word("A. Ortiz", Hit, None)];
    assert_eq!(state(&words), (by("A. Ortiz"), none(), 1, 0));
    words.push(word("B", Eliminated, None));
    assert_eq!(state(&words), (by("B"), vec!["A. Ortiz".into()], -1, 0), "contested");
    words.push(word("B", Withdrawn, None));
    assert_eq!(state(&words), (by("A. Ortiz"), none(), 1, 0), "the other's stands again");
    words.push(word("C", Hit, None));
    assert_eq!(state(&words), (by("C"), none(), 1, 1), "verified by another");
    words.push(word("a ortiz", Inconclusive, None));
    assert_eq!(state(&words), (by("a ortiz"), none(), 0, 0), "the same person's newer word");
    words.push(word("C", Withdrawn, Some("A. Ortiz")));
    assert_eq!(state(&words), (by("C"), none(), 1, 0));
    words.push(word("C", Withdrawn, None));
    assert_eq!(state(&words), (None, none(), 0, 0));
    assert_eq!(Review::of(words).history(&id(1), &id(0)).len(), 7, "all stay on record");
}

fn conclusions() -> impl Strategy<Value = Conclusion> {
    prop_oneof![
        Just(Conclusion::Lead),
        Just(Conclusion::Inconclusive),
        Just(Conclusion::Hit),
        Just(Conclusion::Eliminated)
    ]
}

fn gallery() -> impl Strategy<Value = Vec<CasingRecord>> {
    let calibres = prop_oneof![Just(None), Just(Some("9x19 mm")), Just(Some(".45 ACP"))];
    let states =
        prop_oneof![Just(None), Just(Some("MX-CHH")), Just(Some("MX-CHP")), Just(Some("US-TX"))];
    let one = (calibres, states, 0i8..3, 0usize..3).prop_map(|(calibre, state, day, pin)| {
        let mut casing = casing(0, Some(1));
        casing.calibre = calibre.map(str::to_owned);
        casing.firing_pin_shape = FiringPinShape::ALL[pin];
        if let Some(scene) = &mut casing.scene {
            scene.state = state.map(str::to_owned);
            scene.date = (day > 0).then(|| jiff::civil::date(2026, 3, day).into());
        }
        casing
    });
    prop::collection::vec(one, 1..40).prop_map(|mut all| {
        all.iter_mut().enumerate().for_each(|(n, c)| c.id = id(n));
        all
    })
}

fn rules() -> impl Strategy<Value = SearchRules> {
    let border = ["MX-CHH", "US-TX"].map(str::to_owned).into();
    let partition = prop_oneof![
        Just(None),
        Just(Some(Partition::State)),
        Just(Some(Partition::Region([("border".to_owned(), border)].into()))),
        Just(Some(Partition::Nation)),
        Just(Some(Partition::CrossBorder)),
    ];
    let region = prop_oneof![Just(None), Just(Some("MX")), Just(Some("MX-CHH"))];
    (any::<[bool; 3]>(), region, partition).prop_map(
        |([calibre, firing_pin, dated], region, partition)| SearchRules {
            calibre,
            firing_pin,
            dates: dated.then(|| jiff::civil::date(2026, 3, 2).into()),
            regions: region.into_iter().map(str::to_owned).collect(),
            partition,
        },
    )
}

fn mark_of(casing: &CasingId) -> MarkId {
    MarkId::new(format!("mark of {casing}")).unwrap()
}

proptest! {
    #[test]
    fn compared_and_excluded_are_the_gallery(
        gallery in gallery(),
        rules in rules(),
        probes in prop::collection::btree_set(0usize..40, 1..6),
        screening: bool,
    ) {
        let sieve = Sieve::new(&rules, &gallery);
        let probing = |c: &CasingId| probes.iter().any(|&n| id(n) == *c);
        // One mark a casing, named after it; the last has none.
        let casing_of: BTreeMap<MarkId, CasingId> =
            gallery.iter().map(|c| (mark_of(&c.id), c.id.clone())).collect();
        let new = casing_of.iter().filter(|(_, c)| probing(c));
        let new = new.map(|(m, c)| (m.clone(), c.clone())).collect();
        let searches = sieve.searches(&new, Digest([7; 32]));
        let bearing: BTreeSet<CasingId> =
            gallery.iter().take(gallery.len() - 1).map(|c| c.id.clone()).collect();
        for probe in gallery.iter().map(|c| &c.id).filter(|c| probing(c)) {
            let class = |c: &CasingId| sieve.class_of(c).unwrap();
            let side = |c: &CasingId| (class(c), probing(c));
            let pair = |c: &CasingId| {
                let excluded = sieve.excludes(side(probe), side(c));
                c != probe && !excluded && bearing.contains(c)
            };
            let facts = Facts {
                compared: bearing.iter().filter(|c| pair(c)).cloned().collect(),
                ruled_out: ruled_out(&searches, &mark_of(probe), probe, &casing_of),
                usable: bearing.clone(),
                bearing: bearing.clone(),
                fit: true,
                screened: screening,
                ..Facts::default()
            };
            let others: Vec<&CasingId> =
                gallery.iter().map(|c| &c.id).filter(|c| *c != probe).collect();
            let searched = facts.account(others.iter().copied());
            let mut all: Vec<&CasingId> = searched.compared.iter().collect();
            all.extend(searched.excluded.iter().map(|e| &e.casing));
            all.sort();
            prop_assert_eq!(all, others, "each once, in one of the lists");
            for line in &searched.excluded {
                // Nothing is left that only the screen or time would explain.
                let ruled = sieve.excludes(side(probe), side(&line.casing));
                let marked = bearing.contains(&line.casing);
                prop_assert!(ruled || !marked, "{:?}", line);
                prop_assert!(!ruled || line.reasons == sieve.reasons(class(probe), class(&line.casing))
                    || line.reasons == sieve.reasons(class(&line.casing), class(probe)));
            }
        }
        // What nothing is known of passes everything.
        let unknown = casing(99, None);
        let class = rules.class(&unknown);
        prop_assert!(gallery.iter().all(|c| rules.reasons(&rules.class(c), &class).is_empty()));
    }

    #[test]
    fn any_order_of_the_pairs_gives_the_same_groups_and_hits(
        decided in prop::collection::vec((0usize..8, 0usize..8, conclusions(), 1u32..28), 0..12),
        seed in 0u64..1000,
    ) {
        let mut decisions: Vec<Decision> = decided
            .into_iter()
            .filter(|d| d.0 != d.1)
            .map(|(a, b, conclusion, day)| decision(a, b, conclusion, day, "x"))
            .collect();
        let link = |decisions: &[Decision]| {
            let rows = (0..8).flat_map(|a| (a + 1..8).map(move |b| (a, b)));
            let rows = rows.map(|(a, b)| {
                let score = if a / 4 == b / 4 { 20.0 } else { 0.0 } + (a * 7 + b * 3) as f64 % 1.7;
                (id(a).to_string(), id(b).to_string(), score)
            });
            let review = Review::of(decisions.to_vec());
            let mut casework = Casework::default();
            review.constrain(&mut casework);
            let table = ScoreTable::new([], rows).unwrap();
            let linker = Linker::new(table, casework, Settings::default()).unwrap();
            let casings: Vec<CasingRecord> = (0..8).map(|n| casing(n, Some(n / 2))).collect();
            // Which hit of several was first, the order of the ledger says.
            let hits = review.hits(&cases(&casings), &BTreeSet::new()).into_iter();
            (linker.groups(), hits.map(|h| (h.cases, h.exhibits)).collect::<Vec<_>>())
        };
        let before = link(&decisions);
        // The pairs in another order, the decisions about each in the same.
        let mut pairs: Vec<_> = decisions.iter().map(|d| (d.a.clone(), d.b.clone())).collect();
        pairs.sort();
        pairs.dedup();
        pairs.shuffle(&mut ChaCha8Rng::seed_from_u64(seed));
        let rank = |d: &Decision| pairs.iter().position(|(a, b)| (a, b) == (&d.a, &d.b));
        decisions.sort_by_key(rank);
        prop_assert_eq!(before, link(&decisions));
    }
}

#[test]
fn every_exclusion_says_why() {
    let mut probe = casing(0, Some(0));
    let mut other = casing(1, Some(1));
    (probe.calibre, other.calibre) = (Some("9 mm Luger".into()), Some(".45 ACP".into()));
    let rules = SearchRules { calibre: true, ..SearchRules::default() };
    let reasons = |other: &CasingRecord| rules.reasons(&rules.class(&probe), &rules.class(other));
    assert_eq!(reasons(&other), [Reason::Calibre]);
    for passes in [None, Some("9x19".to_owned()), Some("a wildcat".to_owned())] {
        other.calibre = passes;
        assert!(reasons(&other).is_empty());
    }
    // A region is a country or a state, not how one begins.
    let rules = SearchRules { regions: ["MX-C".to_owned()].into(), ..SearchRules::default() };
    let mut other = casing(1, Some(1));
    other.scene.as_mut().unwrap().state = Some("MX-CHH".into());
    assert_eq!(rules.reasons(&rules.class(&probe), &rules.class(&other)), [Reason::Region]);
    assert_eq!(calibre_family("9×19 mm"), calibre_family("9mm Parabellum"));
    assert_ne!(calibre_family("9 mm"), calibre_family("9mm Kurz"));
}

#[test]
fn what_rules_do_not_exclude_is_accounted_for_by_what_became_of_its_mark() {
    let all: BTreeSet<CasingId> = (1..6).map(id).collect();
    let facts = Facts {
        compared: [id(1)].into(),
        bearing: (1..5).map(id).collect(),
        usable: [id(1), id(3), id(4)].into(),
        others_screened: [id(3)].into(),
        fit: true,
        ..Facts::default()
    };
    let told = |facts: &Facts| -> Vec<Reason> {
        facts.account(&all).excluded.into_iter().flat_map(|e| e.reasons).collect()
    };
    let reasons = [Reason::Unusable, Reason::Screened, Reason::Pending, Reason::NoMark];
    assert_eq!(told(&facts), reasons);
    // A probe that cannot be compared itself is not screened either.
    let unfit = Facts { fit: false, ..facts };
    assert_eq!(told(&unfit)[..3], [Reason::Unusable; 3]);
}

#[test]
fn a_scene_of_which_only_the_month_is_known_is_excluded_only_where_the_whole_month_is() {
    let mut other = casing(1, Some(1));
    let scene = other.scene.as_mut().unwrap();
    scene.date = Some("2026-03".parse().unwrap());
    let probe = casing(0, Some(0));
    for (window, excluded) in
        [("2026-03-31/2026-05", false), ("2026-04", true), ("2026", false), ("2025", true)]
    {
        let rules = SearchRules { dates: Some(window.parse().unwrap()), ..SearchRules::default() };
        let reasons = rules.reasons(&rules.class(&probe), &rules.class(&other));
        assert_eq!(reasons == [Reason::Date], excluded, "{window}: {reasons:?}");
    }
}

/// A mark that a casing's number decides.
fn mark(n: usize) -> Array2<f32> {
    Array2::from_shape_fn((24, 30), |(y, x)| ((x * (n + 2) + y * 5) % 17) as f32)
}

fn contains(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|w| w == text.as_bytes())
}

#[test]
fn a_blind_packet_holds_pictures_and_nothing_else() {
    let ids: Vec<CasingId> = (0..6).map(id).collect();
    let marks: Vec<Array2<f32>> = (0..6).map(mark).collect();
    let pair = |a: usize, b: usize| ((&ids[a], &marks[a]), (&ids[b], &marks[b]));
    // By falling score, and in another order as another rank or review would
    // have it: the same packet.
    let ranked = [pair(0, 1), pair(2, 3), pair(4, 5)];
    let reranked = [pair(5, 4), pair(1, 0), pair(3, 2)];
    let (packet, key) = Packet::new(&ranked, "secret").unwrap();
    assert_eq!((&packet, &key), (&Packet::new(&reranked, "secret").unwrap().0, &key));
    for item in &packet.items {
        for picture in &item.pictures {
            assert!(ids.iter().all(|id| !contains(picture, id.as_str())));
            // Only the chunks that a picture needs: no text, no time.
            let mut at = 8;
            while at < picture.len() {
                let length = u32::from_be_bytes(picture[at..at + 4].try_into().unwrap()) as usize;
                let kind = &picture[at + 4..at + 8];
                assert!([&b"IHDR"[..], b"IDAT", b"IEND"].contains(&kind), "{kind:?}");
                at += 12 + length;
            }
        }
        assert!(ids.iter().all(|id| !item.name.contains(id.as_str())));
    }
    assert_ne!(packet, Packet::new(&ranked, "another").unwrap().0, "names come from the secret");
    let turned = |secret: &str| {
        let key = Packet::new(&ranked, secret).unwrap().1;
        key.items.values().filter(|(left, right)| left > right).count()
    };
    let sides: usize = (0..20).map(|n| turned(&n.to_string())).sum();
    assert!((15..45).contains(&sides), "and so does who is left: {sides} of 60");

    let review = Review::of([
        decision(0, 1, Conclusion::Hit, 1, "x"),
        decision(2, 3, Conclusion::Eliminated, 1, "x"),
    ]);
    let answers: Vec<Answer> = key
        .items
        .keys()
        .map(|item| Answer { item: item.clone(), conclusion: Conclusion::Lead })
        .collect();
    let reconciled = reconcile(&answers, &key, &review, "second").unwrap();
    let agreed: Vec<_> = reconciled.iter().filter(|r| r.agree).collect();
    assert_eq!((reconciled.len(), agreed.len()), (3, 1));
    assert_eq!(agreed[0].first.as_ref().unwrap().a, ids[0]);
    let unknown = Answer { item: "x".into(), conclusion: Conclusion::Lead };
    assert!(reconcile(&[unknown], &key, &review, "second").is_err());
    // Who decided first is no second reviewer, however the name is written.
    let own = reconcile(&answers, &key, &review, "EXAMINER").unwrap();
    assert_eq!(own.iter().filter(|r| r.own).count(), 2);
    assert!(own.iter().all(|r| !r.agree));
}
