//! How well unsupervised linking does on populations of known truth: real
//! scores, altered real scores and simulated ones. Prints a table.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use crate::draws::{Scans, Tally};
use imaging::prepare::Recipe;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use statistics::link::{Basis, Casework, Linker, Reference, ScoreTable, Settings};
use std::collections::HashMap;
use types::evidence::{MarkKind, Modality};

/// Labelled pair scores.
#[derive(Clone)]
struct Set {
    firearm: Vec<usize>,
    scores: Vec<(usize, usize, f64)>,
}

struct Quality {
    precision: f64,
    recall: f64,
    wrong: usize,
}

impl Quality {
    fn f1(&self) -> f64 {
        2.0 * self.precision * self.recall / (self.precision + self.recall).max(1e-12)
    }
}

impl Set {
    fn table(&self) -> ScoreTable {
        let name = |c: usize| format!("C{c:05}");
        let casings: Vec<String> = (0..self.firearm.len()).map(name).collect();
        ScoreTable::new(casings, self.scores.iter().map(|&(a, b, s)| (name(a), name(b), s)))
            .unwrap()
    }

    /// Pairwise precision and recall of the default setting, every pair of one
    /// firearm counting, compared or not.
    fn link(&self) -> Quality {
        let linker =
            Linker::of_scores(self.table(), Casework::default(), Settings::default()).unwrap();
        let mut linked = 0usize;
        let mut right = 0usize;
        for group in linker.groups() {
            let guns: Vec<usize> = group
                .members
                .iter()
                .map(|m| self.firearm[m[1..].parse::<usize>().unwrap()])
                .collect();
            for (k, g) in guns.iter().enumerate() {
                linked += guns.len() - k - 1;
                right += guns[k + 1..].iter().filter(|h| *h == g).count();
            }
        }
        let mut sizes = HashMap::<usize, usize>::new();
        self.firearm.iter().for_each(|g| *sizes.entry(*g).or_default() += 1);
        let same: usize = sizes.values().map(|n| n * (n - 1) / 2).sum();
        let ratio = |a: usize, b: usize| if b == 0 { 1.0 } else { a as f64 / b as f64 };
        Quality {
            precision: ratio(right, linked),
            recall: ratio(right, same),
            wrong: linked - right,
        }
    }

    fn map(&self, change: impl Fn(f64) -> f64) -> Self {
        Self {
            firearm: self.firearm.clone(),
            scores: self.scores.iter().map(|&(a, b, s)| (a, b, change(s))).collect(),
        }
    }

    /// Keeps casings by number (order within the firearm).
    fn keep(&self, wanted: impl Fn(usize, usize) -> bool) -> Self {
        let mut seen = HashMap::<usize, usize>::new();
        let mut renumbered = HashMap::new();
        let mut firearm = Vec::new();
        for (c, &g) in self.firearm.iter().enumerate() {
            let k = seen.entry(g).or_default();
            if wanted(g, *k) {
                renumbered.insert(c, firearm.len());
                firearm.push(g);
            }
            *k += 1;
        }
        let scores = self
            .scores
            .iter()
            .filter_map(|&(a, b, s)| Some((*renumbered.get(&a)?, *renumbered.get(&b)?, s)))
            .collect();
        Self { firearm, scores }
    }

    /// Keeps each casing's `k` best candidates.
    fn sparse(&self, k: usize) -> Self {
        let mut lists = vec![Vec::new(); self.firearm.len()];
        for &(a, b, s) in &self.scores {
            lists[a].push((s, a, b));
            lists[b].push((s, a, b));
        }
        let mut scores = Vec::new();
        for list in &mut lists {
            list.sort_by(|x, y| y.0.total_cmp(&x.0));
            scores.extend(list.iter().take(k).map(|&(s, a, b)| (a, b, s)));
        }
        Self { firearm: self.firearm.clone(), scores }
    }
}

fn fbi() -> Option<Set> {
    let path = testkit::shared("scores/fbi_sw_ccfmax.csv")?;
    let mut numbers = HashMap::new();
    let mut firearm: Vec<usize> = Vec::new();
    let mut scores = Vec::new();
    for row in csv::Reader::from_path(path).unwrap().records() {
        let row = row.unwrap();
        let mut number = |name: &str| {
            *numbers.entry(name.to_owned()).or_insert_with(|| {
                firearm.push(firearm.len());
                firearm.len() - 1
            })
        };
        let (a, b) = (number(&row[0]), number(&row[1]));
        if &row[3] == "1" {
            firearm[b] = firearm[a];
        }
        scores.push((a, b, row[2].parse().unwrap()));
    }
    Some(Set { firearm, scores })
}

struct Simulation {
    random: ChaCha8Rng,
}

impl Simulation {
    fn new(seed: u64) -> Self {
        Self { random: ChaCha8Rng::seed_from_u64(seed) }
    }

    fn normal(&mut self) -> f64 {
        let (u, v): (f64, f64) = (self.random.random(), self.random.random());
        (-2.0 * (1.0 - u).ln()).sqrt() * (std::f64::consts::TAU * v).cos()
    }

    /// Firearms with casings of the given sizes; scores in different-source
    /// standard deviations: casing effects `effect`, same-source mean `mean`
    /// with the quality of both marks multiplying it.
    fn normal_scores(&mut self, sizes: &[usize], mean: f64, effect: f64) -> Set {
        let firearm: Vec<usize> = sizes.iter().enumerate().flat_map(|(g, &n)| vec![g; n]).collect();
        let casing: Vec<(f64, f64)> = firearm
            .iter()
            .map(|_| (effect * self.normal(), (1.0 + 0.2 * self.normal()).clamp(0.3, 1.7)))
            .collect();
        let mut scores = Vec::new();
        for a in 0..firearm.len() {
            for b in a + 1..firearm.len() {
                let noise = self.normal() + casing[a].0 + casing[b].0;
                let same = firearm[a] == firearm[b];
                scores.push((
                    a,
                    b,
                    noise + if same { mean * casing[a].1 * casing[b].1 } else { 0.0 },
                ));
            }
        }
        Set { firearm, scores }
    }
}

fn sizes(groups: &[(usize, usize)]) -> Vec<usize> {
    groups.iter().flat_map(|&(count, size)| vec![size; count]).collect()
}

/// A correlation coefficient from a score in standard deviations.
fn correlation(z: f64) -> f64 {
    (0.25 + 0.055 * z).tanh().clamp(0.0, 0.99)
}

fn count(z: f64) -> f64 {
    (2.0 + 1.2 * z).round().max(0.0)
}

#[test]
fn accuracy_across_populations() {
    let mut sets: Vec<(String, Set)> = Vec::new();
    let mut add = |name: &str, set: Set| sets.push((name.to_owned(), set));
    if let Some(fbi) = fbi() {
        add("FBI S&W", fbi.clone());
        add("FBI, score²", fbi.map(|s| s * s));
        add("FBI, √score", fbi.map(f64::sqrt));
        add("FBI, logit", fbi.map(|s| (s / (1.0 - s)).ln()));
        add("FBI, Fisher z", fbi.map(f64::atanh));
        add("FBI, 100 × score", fbi.map(|s| 100.0 * s));
        add("FBI, exp(20 × score)", fbi.map(|s| (20.0 * s).exp()));
        add("FBI, half of the guns", fbi.keep(|g, _| g % 4 == 0));
        add("FBI, other half", fbi.keep(|g, _| g % 4 == 2));
        add("FBI, a tenth of the guns", fbi.keep(|g, _| g % 20 < 2));
        add("FBI, two thirds single", fbi.keep(|g, k| k == 0 || g % 6 < 2));
        add("FBI, 9 in 10 single", fbi.keep(|g, k| k == 0 || g % 20 < 2));
        add("FBI, all single", fbi.keep(|_, k| k == 0));
        add("FBI, all single (the other)", fbi.keep(|_, k| k == 1));
        add("FBI, 10 candidates each", fbi.sparse(10));
        let mut noise = Simulation::new(5);
        let noisy = fbi.scores.iter().map(|&(a, b, s)| (a, b, s + 0.02 * noise.normal())).collect();
        add("FBI, noise 0.02", Set { firearm: fbi.firearm.clone(), scores: noisy });
    }
    let populations: [(&str, Vec<usize>); 15] = [
        ("6 single", sizes(&[(6, 1)])),
        ("6 in 3 pairs", sizes(&[(3, 2)])),
        ("6 in 2 of 3", sizes(&[(2, 3)])),
        ("10 in 2 of 5", sizes(&[(2, 5)])),
        ("40 in 10 of 3-6", vec![3, 3, 3, 3, 4, 4, 4, 5, 5, 6]),
        ("45 in 5 of 9", sizes(&[(5, 9)])),
        ("100 in 2 of 50", sizes(&[(2, 50)])),
        ("50 + 50 single", sizes(&[(1, 50), (50, 1)])),
        ("138 pairs", sizes(&[(69, 2)])),
        ("200 single", sizes(&[(200, 1)])),
        ("200, one pair", sizes(&[(1, 2), (198, 1)])),
        ("300, few pairs", sizes(&[(10, 2), (280, 1)])),
        ("300 of 1, 2, 5, 20", sizes(&[(100, 1), (40, 2), (12, 5), (3, 20)])),
        ("300 in 30 of 10", sizes(&[(30, 10)])),
        ("40 in one group", sizes(&[(1, 40)])),
    ];
    for (seed, (name, sizes)) in (1..).zip(&populations) {
        let far = Simulation::new(seed).normal_scores(sizes, 20.0, 0.7);
        let near = Simulation::new(seed + 100).normal_scores(sizes, 9.0, 0.5);
        let poor = Simulation::new(seed + 200).normal_scores(sizes, 6.0, 0.5);
        add(&format!("{name}, far"), far.clone());
        add(&format!("{name}, far, cell counts"), far.map(count));
        add(&format!("{name}, near, correlation"), near.map(correlation));
        add(&format!("{name}, near, likelihood ratio"), near.map(|z| (3.0 * z - 6.0).exp()));
        add(&format!("{name}, poor"), poor.clone());
        if sizes.len() > 100 {
            add(&format!("{name}, near, 20 candidates"), near.sparse(20));
        }
    }
    println!(
        "| population | casings | F1 | precision | recall | wrong pairs |\n|---|---|---|---|---|---|"
    );
    for (name, set) in &sets {
        let quality = set.link();
        let (f1, Quality { precision, recall, wrong }) = (quality.f1(), quality);
        println!(
            "| {name} | {} | {f1:.3} | {precision:.3} | {recall:.3} | {wrong} |",
            set.firearm.len()
        );
        assert!(wrong <= 1 || precision >= 0.97, "{name}");
        if name.contains("single")
            && !name.contains('+')
            && !name.contains("two thirds")
            && !name.contains("9 in")
        {
            assert_eq!(wrong, 0, "{name}");
        }
        // Six casings in counts say too little to be linked at all.
        if name.contains("far")
            && !name.contains("one group")
            && name != "6 in 2 of 3, far, cell counts"
        {
            assert!(f1 >= 0.98, "{name}");
        }
        if ["FBI S&W", "FBI, score²", "FBI, logit", "FBI, 100 × score"].contains(&name.as_str()) {
            assert!(f1 >= 0.95, "{name}");
        }
    }
}

#[test]
fn a_few_different_sources_are_not_linked() {
    let mut wrong = Vec::new();
    for casings in [3, 4, 6, 8, 10, 15] {
        for seed in 0..200 {
            let set = Simulation::new(seed).normal_scores(&vec![1; casings], 0.0, 0.7);
            let found = [set.link().wrong, set.map(correlation).link().wrong];
            wrong.extend(found.into_iter().filter(|&w| w > 0).map(|_| casings));
        }
    }
    println!("wrong links in {} of 2400 populations: {wrong:?}", wrong.len());
    assert!(wrong.len() <= 24, "{wrong:?}");
}

/// The reference that ships, with strangers and mates of another collection.
fn reference(mean: f64, sd: f64, mates: f64) -> Vec<Reference> {
    let mut references = Reference::shipped().unwrap();
    for reference in &mut references {
        let strangers = &mut reference.strangers;
        strangers.median += mean - strangers.mean;
        strangers.lower *= sd / strangers.sd;
        (strangers.mean, strangers.sd) = (mean, sd);
        reference.mates.log_mean = mates.ln();
    }
    references
}

#[test]
fn the_shipped_reference_is_of_the_recipe_in_force() {
    let [reference] = &Reference::shipped().unwrap()[..] else { panic!("one reference") };
    let recipe = Recipe::default().hash();
    assert!(
        reference.covers(MarkKind::BreechFace, Modality::Topography, &recipe),
        "the recipe changed: run scripts/reference"
    );
    assert!(reference.strangers.highest < reference.mates.lowest);
}

/// Stores of one to five firearms with one to nine casings each.
#[test]
fn small_stores_are_linked_on_the_scores_own_scale() {
    let Some(scans) = Scans::read() else { return };
    let shipped = Reference::shipped().unwrap();
    let plain: &dyn Fn(f64, bool) -> f64 = &|score, _| score;
    let half: &dyn Fn(f64, bool) -> f64 = &|score, same| if same { 0.5 * score } else { score };
    let topmatch = reference(4.29, 0.60, 22.0);
    // Location, width and mates' level of one collection for both.
    let (fadul, weller) = (reference(4.68, 0.78, 27.9), reference(3.93, 0.55, 41.1));
    println!(
        "| draws | precision | recall | nothing linked | refused | flipped by one more |\n|---|---|---|---|---|---|"
    );
    for (name, draws, guns, references, alter, recall) in [
        ("1–5 firearms", 1000, 1..=5, &shipped, plain, 0.985),
        ("one firearm", 200, 1..=1, &shipped, plain, 0.985),
        ("10–14 firearms", 40, 10..=14, &shipped, plain, 0.985),
        ("TopMatch's location and width", 200, 1..=5, &topmatch, plain, 0.985),
        ("Fadul's", 200, 1..=5, &fadul, plain, 0.985),
        ("Weller's", 200, 1..=5, &weller, plain, 0.985),
        ("mates at half their scores", 200, 1..=5, &shipped, half, 0.95),
    ] {
        let tally = Tally::of(&scans, draws, guns, references, alter);
        println!(
            "| {name}: {draws} | {:.4} | {:.4} | {} | {} | {} |",
            tally.precision(),
            tally.recall(),
            tally.missed,
            tally.refused,
            tally.flipped
        );
        assert!(tally.precision() >= 0.995 && tally.recall() >= recall, "{name}: {tally:?}");
        // One collection as the reference of all is narrower than any that ships.
        if recall > 0.98 && !name.ends_with("'s") {
            assert_eq!((tally.missed, tally.flipped), (0, 0), "{name}");
        }
    }
}

#[test]
fn strangers_outside_the_reference_are_refused_and_said_to_be() {
    let Some(scans) = Scans::read() else { return };
    let shipped = Reference::shipped().unwrap();
    let mean = shipped[0].strangers.mean;
    let shifted: &dyn Fn(f64, bool) -> f64 = &|score, _| score + 3.0;
    let wide: &dyn Fn(f64, bool) -> f64 =
        &|score, same| if same { score } else { mean + 2.0 * (score - mean) };
    for (name, alter) in [("shifted by 3", shifted), ("twice as wide", wide)] {
        let tally = Tally::of(&scans, 30, 9..=12, &shipped, alter);
        println!("{name}: {tally:?}");
        assert!(tally.precision() >= 0.995, "{name}: {tally:?}");
        let singles: Vec<_> =
            scans.guns.iter().map(|(g, c)| (c.first().unwrap().clone(), g.clone())).collect();
        let (linker, ..) = scans.link(&singles, &shipped, alter);
        assert!(linker.groups().iter().all(|g| g.members.len() == 1));
        // A hundred scores and more have a structure of their own.
        assert!(matches!(linker.scales()[0].basis, Basis::Structure { .. }), "{name}");
    }
    let four: Vec<_> =
        scans.guns.iter().take(4).map(|(g, c)| (c.first().unwrap().clone(), g.clone())).collect();
    let (linker, ..) = scans.link(&four, &shipped, shifted);
    let said = linker.scales()[0].to_string();
    assert!(said.contains("too few to judge") && said.contains("outside the reference"), "{said}");
    assert!(linker.judged().open.is_empty());
    let told = linker.explain(&four[0].0, &four[1].0).unwrap();
    assert_eq!(told.posterior, None);
}
