//! What a likelihood ratio promises: it is unbiased, its interval covers the
//! truth, it stays within its bounds, and where the population does not reach
//! there is none.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use crate::measured::{CELLS, cells, score, scored, simulated, true_log10_lr};
use rand::RngExt as _;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use statistics::weigh::{
    Cells, Circumstances, Description, Flag, Measured, PairSet, Plan, Population, cross_validate,
    validate,
};
use types::error::Kind;
use types::evidence::{Digest, MarkKind, Modality};

fn about(name: &str) -> Description {
    Description { name: name.into(), created: "2026-11-21".into(), ..Description::default() }
}

fn population(set: &PairSet) -> Population {
    Population::calibrate(set, about("simulated"), Plan::default()).unwrap()
}

fn rng(seed: u64) -> ChaCha8Rng {
    ChaCha8Rng::seed_from_u64(seed)
}

#[test]
fn intervals_cover_the_true_ratio_and_estimates_are_unbiased() {
    const POPULATIONS: u64 = 60;
    let counts = [6, 7, 8, 9];
    let mut rng = rng(11);
    let (mut covered, mut error, mut reach) = (0, [0.0; 4], 0.0);
    for _ in 0..POPULATIONS {
        let population = population(&simulated(40, &mut rng));
        for (k, error) in counts.into_iter().zip(&mut error) {
            let weight = population.weigh(&[cells(k)], &Circumstances::default()).unwrap();
            let truth = true_log10_lr(k);
            assert!(truth.abs() < 1.0, "{k} cells lie too near the bounds: {truth}");
            covered += u64::from((weight.log10_lower..=weight.log10_upper).contains(&truth));
            *error += (weight.log10_lr - truth) / POPULATIONS as f64;
            reach += (weight.log10_upper - weight.log10_lower) / 2.0 / (4 * POPULATIONS) as f64;
        }
    }
    // Stated 95 %; the standard error of 60 populations is 3 %.
    let coverage = covered as f64 / (4 * POPULATIONS) as f64;
    assert!((0.89..=0.995).contains(&coverage), "{coverage}");
    for (k, bias) in counts.iter().zip(error) {
        assert!(
            bias.abs() < reach / 3.0,
            "{k} cells of {CELLS}: off by {bias}, interval ± {reach}"
        );
    }
}

#[test]
fn intervals_of_scores_cover_the_true_ratio_too() {
    const POPULATIONS: u64 = 40;
    let mut rng = rng(12);
    let (mut covered, mut bias) = (0, [0.0; 3]);
    let scores = [0.5, 1.0, 1.5];
    for _ in 0..POPULATIONS {
        let population = population(&scored(40, &mut rng));
        for (x, bias) in scores.into_iter().zip(&mut bias) {
            let weight = population.weigh(&[score(x)], &Circumstances::default()).unwrap();
            let truth = (2.0 * x - 2.0) / std::f64::consts::LN_10;
            covered += u64::from((weight.log10_lower..=weight.log10_upper).contains(&truth));
            *bias += (weight.log10_lr - truth) / POPULATIONS as f64;
        }
    }
    // Stated 95 %; the standard error of 40 populations is 3.4 %.
    let coverage = covered as f64 / (3 * POPULATIONS) as f64;
    assert!((0.87..=0.995).contains(&coverage), "{coverage}");
    assert!(bias.iter().all(|b| b.abs() < 0.08), "{bias:?}");
}

#[test]
fn the_number_of_strangers_that_score_as_high_is_covered_too() {
    // Different-source scores of an exponential distribution, both pairs of two
    // firearms often alike. e⁻ˣ of a gallery is expected to reach x.
    const POPULATIONS: u64 = 60;
    const GALLERY: u64 = 1_000_000;
    let mut rng = rng(13);
    let (reaches, mut covered) = ([1.0, 4.0, 9.0], [0; 3]);
    for _ in 0..POPULATIONS {
        let mut set = simulated(20, &mut rng);
        let (mut before, mut shared) = (None, 0.0);
        for pair in &mut set.pairs {
            let exponential = -(1.0 - rng.random::<f64>()).ln();
            if before.replace(pair.firearms) != Some(pair.firearms) || rng.random() {
                shared = exponential;
            }
            let same = if pair.same_source() { 30.0 } else { 0.0 };
            pair.marks = vec![score(same + shared)];
        }
        let population = population(&set);
        for (x, covered) in reaches.into_iter().zip(&mut covered) {
            let found = population.expected_strangers(MarkKind::BreechFace, x, GALLERY).unwrap();
            let truth = GALLERY as f64 * (-x).exp();
            *covered += u64::from((found.lower..=found.upper).contains(&truth));
            assert!(found.lower <= found.mean && found.mean <= found.upper, "{found:?}");
        }
        assert!(population.expected_strangers(MarkKind::FiringPin, 1.0, GALLERY).is_none());
    }
    // Stated 95 %; the standard error of 60 populations is 3 %. The last is far
    // beyond the sample's 380 pairs.
    let shares = covered.map(|n| n as f64 / POPULATIONS as f64);
    assert!(shares.iter().all(|share| (0.85..=1.0).contains(share)), "{shares:?}");
}

#[test]
fn calibrated_ratios_cost_no_more_than_the_true_ones() {
    let mut rng = rng(3);
    let set = simulated(40, &mut rng);
    let found = validate(&population(&set), &simulated(40, &mut rng)).unwrap();
    assert!(found.cllr_cal < 0.05, "{found:?}");
    assert!(found.cllr_interval.lower < found.cllr && found.cllr < found.cllr_interval.upper);
    let own = cross_validate(&set, Plan::default()).unwrap();
    assert!(own.cllr_cal < 0.05, "{own:?}");
    assert_eq!(own.pairs.len(), set.pairs.len());
}

#[test]
fn no_ratio_leaves_the_bounds() {
    let mut rng = rng(4);
    let population = population(&simulated(12, &mut rng));
    let bounds = population.bounds;
    for k in 0..=CELLS {
        let w = population.weigh(&[cells(k)], &Circumstances::default()).unwrap();
        for value in [w.log10_lr, w.log10_lower, w.log10_upper] {
            assert!((bounds.log10_lower..=bounds.log10_upper).contains(&value), "{k}: {w:?}");
        }
        assert_eq!(w.at_bound, w.flags.contains(&Flag::AtBound));
    }
    let all = population.weigh(&[cells(CELLS)], &Circumstances::default()).unwrap();
    assert!(all.at_bound && all.log10_lr == bounds.log10_upper, "{all:?}");
}

/// Each pair's count as both score and cells, of a second mark too if asked.
fn repeated(set: &PairSet, marks: &[MarkKind]) -> PairSet {
    let mut out = set.clone();
    for pair in &mut out.pairs {
        let own = pair.marks[0];
        pair.marks = marks.iter().map(|&mark| Measured { mark, ..own }).collect();
    }
    out
}

#[test]
fn a_second_mark_that_says_the_same_adds_nothing() {
    let set = simulated(40, &mut rng(5));
    let kinds = [MarkKind::BreechFace, MarkKind::FiringPin];
    let both = population(&repeated(&set, &kinds));
    let weigh = |marks: &[Measured]| both.weigh(marks, &Circumstances::default()).unwrap().log10_lr;
    for k in [1, 9, 11] {
        let one = cells(k);
        let two = Measured { mark: MarkKind::FiringPin, ..one };
        let (single, fused) = (weigh(&[one]), weigh(&[one, two]));
        assert!((fused - single).abs() < 0.25, "{k} cells: {single} alone, {fused} with its copy");
    }
}

#[test]
fn what_the_population_does_not_cover_gets_no_number() {
    let mut set = simulated(8, &mut rng(6));
    set.origin.recipe = Some(Digest::of(b"recipe"));
    set.origin.modality = Some(Modality::Topography);
    set.origin.instruments.insert("Confocal A".into());
    set.origin.calibres.insert("9x19 mm".into());
    let population = population(&set);
    let fitting = Circumstances {
        recipe: set.origin.recipe,
        modality: set.origin.modality,
        instruments: vec!["Confocal A".into()],
        calibres: vec!["9x19 mm".into()],
        casings: vec!["unknown".into()],
        doubtful_mark: false,
    };
    assert_eq!(population.weigh(&[cells(7)], &fitting).unwrap().flags, []);

    let refused = |marks: &[Measured], how: &Circumstances, word: &str| {
        let error = population.weigh(marks, how).unwrap_err();
        assert_eq!(error.kind, Kind::Incomparable);
        assert!(error.what.contains(word), "{error}");
    };
    let other_recipe = Circumstances { recipe: Some(Digest::of(b"other")), ..fitting.clone() };
    refused(&[cells(7)], &other_recipe, "recipe");
    let image = Circumstances { modality: Some(Modality::Image), ..fitting.clone() };
    refused(&[cells(7)], &image, "image");
    refused(&[Measured { mark: MarkKind::FiringPin, ..cells(7) }], &fitting, "firing_pin");
    let fragment = Cells { congruent: 3, tried: 3 };
    refused(&[Measured { cells: Some(fragment), ..cells(0) }], &fitting, "3 cells were tried");
    refused(&[Measured { cells: None, ..cells(0) }], &fitting, "no number");

    let flagged = |how: Circumstances, flag: Flag| {
        assert_eq!(population.weigh(&[cells(7)], &how).unwrap().flags, [flag]);
    };
    let instruments = vec!["Confocal A".into(), "GelSight".into()];
    flagged(Circumstances { instruments, ..fitting.clone() }, Flag::InstrumentOutside);
    flagged(Circumstances { calibres: vec![], ..fitting.clone() }, Flag::ClassOutside);
    flagged(Circumstances { doubtful_mark: true, ..fitting.clone() }, Flag::DoubtfulMark);
    flagged(Circumstances { casings: vec!["3-1".into()], ..fitting.clone() }, Flag::InPopulation);
    // Little overlap of whole marks is how nothing fits; a fragment is refused.
    let known = set.pairs.iter().map(|p| p.marks[0]);
    let sized = |m: Measured, overlap: f64, area: f64| Measured {
        overlap_mm2: Some(overlap),
        area_mm2: Some(area),
        ..m
    };
    let sizes: Vec<Measured> = known.map(|m| sized(m, 2.0, 3.0)).collect();
    set.pairs.iter_mut().zip(sizes).for_each(|(pair, m)| pair.marks = vec![m]);
    let with_areas = self::population(&set);
    let little = with_areas.weigh(&[sized(cells(7), 0.5, 3.0)], &fitting).unwrap();
    assert_eq!(little.flags, [Flag::SmallOverlap]);
    let error = with_areas.weigh(&[sized(cells(7), 0.5, 1.4)], &fitting).unwrap_err();
    assert!(error.what.contains("a mark of 1.40 mm²"), "{error}");

    let fewer = Measured { cells: Some(Cells { congruent: 6, tried: CELLS - 4 }), ..cells(0) };
    let weight = population.weigh(&[fewer], &fitting).unwrap();
    assert_eq!(weight.flags, [Flag::FewCells]);
}

#[test]
fn a_population_survives_its_file_and_shows_tampering() {
    let population = population(&simulated(6, &mut rng(7)));
    let json = population.to_json().unwrap();
    let again = Population::from_json(&json).unwrap();
    assert_eq!(again, population);
    assert_eq!(again.to_json().unwrap(), json);
    let changed = json.replacen("\"firearms\":6", "\"firearms\":60", 1);
    assert_ne!(changed, json);
    let error = Population::from_json(&changed).unwrap_err();
    assert_eq!(error.kind, Kind::Damaged);
    assert!(error.what.contains("changed after it was made"));
    assert_eq!(Population::from_json("{}").unwrap_err().kind, Kind::Damaged);
}

#[test]
fn few_firearms_are_said_to_be_few() {
    let three = simulated(3, &mut rng(8));
    assert!(!population(&three).performance.held_out);
    assert!(population(&simulated(6, &mut rng(8))).performance.held_out);
    let one = PairSet { pairs: three.pairs[..3].to_vec(), ..three };
    let error = Population::calibrate(&one, about("one"), Plan::default()).unwrap_err();
    assert_eq!(error.kind, Kind::BadInput);
}
