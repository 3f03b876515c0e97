//! Striated marks: how well marks of one edge are told from others, and what a
//! pair costs.
//!
//! ```text
//! cargo bench --bench striae                 screwdriver marks, bullet lands, made shears
//! cargo bench --bench striae -- --quick      40 made shears alone
//! ```
//!
//! Where the reference data are absent, only the made shears are compared, and
//! the output says so.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use cpu_time::ThreadTime;
use imaging::acquire::{ReadOptions, read_scan};
use imaging::correlate::compare_striae;
use imaging::extract::Template;
use imaging::extract::striae::{STEP, Striae};
use imaging::prepare::{Axis, Kernel, Recipe, prepare, resample};
use rayon::prelude::*;
use statistics::weigh::{auc, equal_error};
use std::collections::BTreeMap;
use std::path::Path;
use synthetic::{ShearConditions, aperture_shear};
use types::evidence::MarkKind;
use types::scan::Scan;
use types::surface::Surface;

/// A mark: what made it, how it was made, its profile.
struct Mark {
    source: String,
    made: String,
    striae: Striae,
}

fn main() {
    let quick = std::env::args().any(|a| a == "--quick");
    let usual = ShearConditions::default();
    println!(
        "| marks | mates | strangers | AUC | equal error | mates: lowest, 1 % | strangers: 99.9 %, highest | mate first | ms a pair |"
    );
    println!("|---|---|---|---|---|---|---|---|---|");
    if quick {
        report("made shears, 40 with 30 % missing", &shears(20, &usual), |_, _| true);
        return;
    }
    let whole = ShearConditions { missing: 0.0, ..usual };
    let mut probes = shears(100, &whole);
    probes.iter_mut().zip(shears(100, &usual)).step_by(2).for_each(|(to, probe)| *to = probe);
    report("made shears, 100 with 30 % missing, 100 whole", &probes, |_, _| true);
    report("made shears, 200 with 30 % missing", &shears(100, &usual), |_, _| true);
    // As long as the lands, to tell whether they are as hard.
    let whole = ShearConditions { across_um: 1800.0, ..whole };
    report("made shears, 80 whole, 1.8 mm", &shears(40, &whole), |_, _| true);
    let Some(folder) = testkit::shared("striated") else {
        println!("the reference data are absent: only made shears were compared");
        return;
    };
    report("bullet lands as aperture shears", &lands(&folder.join("lands")), |_, _| true);
    let marks = testkit::toolmarks().unwrap_or_default();
    let marks: Vec<Mark> = marks.into_iter().map(toolmark).collect();
    report("screwdriver marks, one direction and angle", &marks, |a, b| a.made == b.made);
    report("screwdriver marks, all with all", &marks, |_, _| true);
}

fn report(what: &str, marks: &[Mark], compared: impl Fn(&Mark, &Mark) -> bool) {
    let pairs: Vec<(usize, usize)> = (0..marks.len())
        .flat_map(|i| (0..i).map(move |j| (i, j)))
        .filter(|&(i, j)| compared(&marks[i], &marks[j]))
        .collect();
    let scored: Vec<(f64, f64)> = pairs
        .par_iter()
        .map(|&(i, j)| {
            let before = ThreadTime::now();
            let score = compare_striae(&marks[i].striae, &marks[j].striae).map_or(0.0, |c| c.score);
            (score, before.elapsed().as_secs_f64())
        })
        .collect();
    let same = |&(i, j): &(usize, usize)| marks[i].source == marks[j].source;
    let of = |mated: bool| {
        let mut scores: Vec<f64> = pairs
            .iter()
            .zip(&scored)
            .filter(|(pair, _)| same(pair) == mated)
            .map(|(_, s)| s.0)
            .collect();
        scores.sort_by(f64::total_cmp);
        scores
    };
    let (mates, strangers) = (of(true), of(false));
    let mut best: BTreeMap<usize, (f64, bool)> = BTreeMap::new();
    for (&(i, j), &(score, _)) in pairs.iter().zip(&scored) {
        for mark in [i, j] {
            let known = best.entry(mark).or_insert((f64::MIN, false));
            if score > known.0 {
                *known = (score, same(&(i, j)));
            }
        }
    }
    let has_mate = |mark: usize| pairs.iter().any(|p| (p.0 == mark || p.1 == mark) && same(p));
    let searched: Vec<bool> =
        best.iter().filter(|(mark, _)| has_mate(**mark)).map(|(_, b)| b.1).collect();
    let first = searched.iter().filter(|&&b| b).count() as f64 / searched.len().max(1) as f64;
    let at = |sorted: &[f64], share: f64| sorted[((sorted.len() - 1) as f64 * share) as usize];
    println!(
        "| {what} | {} | {} | {:.4} | {:.2} % | {:.1}, {:.1} | {:.1}, {:.1} | {:.1} % | {:.2} |",
        mates.len(),
        strangers.len(),
        auc(&mates, &strangers),
        100.0 * equal_error(&mates, &strangers),
        mates[0],
        at(&mates, 0.01),
        at(&strangers, 0.999),
        at(&strangers, 1.0),
        100.0 * first,
        1e3 * scored.iter().map(|s| s.1).sum::<f64>() / scored.len() as f64
    );
}

fn striae_of(scan: &Scan) -> Striae {
    let mark = prepare(scan, MarkKind::ApertureShear, &Recipe::default()).unwrap();
    Template::new(&mark).unwrap().striae.unwrap()
}

fn shears(guns: u64, conditions: &ShearConditions) -> Vec<Mark> {
    let shots: Vec<(u64, u64)> = (0..guns).flat_map(|gun| [(gun, 0), (gun, 1)]).collect();
    let mark = |&(gun, shot): &(u64, u64)| {
        let (map, mask) = aperture_shear(9100 + gun, shot, conditions);
        let mut scan = testkit::scan_of(Surface::Height(map));
        scan.file_mask = Some(mask);
        Mark { source: gun.to_string(), made: String::new(), striae: striae_of(&scan) }
    };
    shots.par_iter().map(mark).collect()
}

fn lands(folder: &Path) -> Vec<Mark> {
    let row = |row: BTreeMap<String, String>| {
        let scan = read_scan(&folder.join(&row["file"]), &ReadOptions::default()).unwrap();
        Mark { source: row["firearm_id"].clone(), made: String::new(), striae: striae_of(&scan) }
    };
    testkit::table(&folder.join("truth.csv")).into_iter().map(row).collect()
}

fn toolmark(mark: testkit::Toolmark) -> Mark {
    let axis = Axis::centred(mark.heights.ncols(), STEP.um() / mark.step_um);
    let line = resample(&mark.heights, &Axis::centred(1, 1.0), &axis, Kernel::Triangle);
    let line: Vec<f64> = line.iter().map(|&v| f64::from(v)).collect();
    Mark { source: mark.source, made: mark.made, striae: Striae::of_profile(&line, 1) }
}
