//! How well linking finds the firearms of many populations, without truth and
//! with its default settings, beside linkages cut with the truth in hand.
//!
//! ```text
//! cargo bench --bench linking              prints Markdown, some minutes
//! cargo bench --bench linking -- 40 500    populations of each size, first seed
//! cargo bench --bench linking -- million   a million casings, half a minute
//! ```
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod linkage;
mod million;

use linkage::{Linkage, Quality, best_f1};
use rayon::prelude::*;
use statistics::link::{Casework, Linker, ScoreTable, Settings};
use synthetic::scores::{ScoreSet, ScoreSimulation};

/// Casings of the populations.
const SIZES: [usize; 6] = [6, 12, 25, 50, 120, 300];

struct Result {
    population: ScoreSimulation,
    casings: usize,
    ours: Quality,
    best: [f64; 3],
}

fn link(set: &ScoreSet) -> Quality {
    let casings = (0..set.firearm.len()).map(ScoreSet::name);
    let rows = set.rows.iter().map(|&(a, b, s)| (ScoreSet::name(a), ScoreSet::name(b), s));
    let table = ScoreTable::new(casings, rows).unwrap();
    let linker = Linker::of_scores(table, Casework::default(), Settings::default()).unwrap();
    let number = |id: &String| id[1..].parse().unwrap();
    let groups: Vec<Vec<usize>> =
        linker.groups().iter().map(|g| g.members.iter().map(number).collect()).collect();
    Quality::of(&set.firearm, &groups)
}

fn main() {
    if std::env::args().any(|a| a == "million") {
        return million::million();
    }
    let args: Vec<u64> = std::env::args().filter_map(|a| a.parse().ok()).collect();
    let each = args.first().copied().unwrap_or(100);
    let from = args.get(1).copied().unwrap_or(0);
    let tasks: Vec<(u64, usize)> = SIZES
        .iter()
        .flat_map(|&n| (from..from + each).map(move |k| (k * 1000 + n as u64, n)))
        .collect();
    let results: Vec<Result> = tasks
        .into_par_iter()
        .map(|(seed, casings)| {
            let population = ScoreSimulation::drawn(seed, casings);
            let set = population.scores(seed);
            let ours = link(&set);
            let best = [Linkage::Average, Linkage::Complete, Linkage::Minimax]
                .map(|linkage| best_f1(&set, linkage));
            Result { population, casings, ours, best }
        })
        .collect();
    println!(
        "| casings | populations | F1 mean | median | worst tenth | average | complete | minimax | precision mean | below 0.97 | wrong links where all differ |\n|---|---|---|---|---|---|---|---|---|---|---|"
    );
    for n in SIZES {
        row(&n.to_string(), results.iter().filter(|r| r.casings == n).collect());
    }
    row("all", results.iter().collect());
    for (name, low, high) in
        [("3.5–6", 0.0, 6.0), ("6–10", 6.0, 10.0), ("10–16", 10.0, 16.0), ("16–25", 16.0, 26.0)]
    {
        let within = |r: &&Result| (low..high).contains(&r.population.separation);
        row(&format!("separation {name}"), results.iter().filter(within).collect());
    }
}

fn row(name: &str, results: Vec<&Result>) {
    let mean = |f: &dyn Fn(&Result) -> f64| {
        results.iter().map(|r| f(r)).sum::<f64>() / results.len() as f64
    };
    let mut f1: Vec<f64> = results.iter().map(|r| r.ours.f1()).collect();
    f1.sort_by(f64::total_cmp);
    let tenth = f1.len() / 10;
    let worst = f1[..tenth.max(1)].iter().sum::<f64>() / tenth.max(1) as f64;
    let low = results.iter().filter(|r| r.ours.precision() < 0.97).count();
    let different: Vec<_> = results.iter().filter(|r| r.ours.same == 0.0).collect();
    let linked = different.iter().filter(|r| r.ours.linked > 0.0).count();
    println!(
        "| {name} | {} | {:.3} | {:.3} | {worst:.3} | {:.3} | {:.3} | {:.3} | {:.4} | {low} | {linked} of {} |",
        results.len(),
        mean(&|r| r.ours.f1()),
        f1[f1.len() / 2],
        mean(&|r| r.best[0]),
        mean(&|r| r.best[1]),
        mean(&|r| r.best[2]),
        mean(&|r| r.ours.precision()),
        different.len(),
    );
}
