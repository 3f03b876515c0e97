//! Simulated populations whose likelihood ratios are known.
#![allow(dead_code, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use rand::RngExt as _;
use rand_chacha::ChaCha8Rng;
use statistics::weigh::{BetaBinomial, Cells, Measured, Origin, Pair, PairSet};
use types::evidence::MarkKind;

/// Cells tried in every simulated comparison.
pub const CELLS: u32 = 24;

/// A draw of Beta(a, b) for whole a and b: the a-th smallest of a + b − 1
/// uniform numbers.
fn beta(rng: &mut ChaCha8Rng, a: usize, b: usize) -> f64 {
    let mut uniform: Vec<f64> = (0..a + b - 1).map(|_| rng.random()).collect();
    uniform.sort_by(f64::total_cmp);
    uniform[a - 1]
}

/// A mark's comparison with so many congruent cells.
pub fn cells(congruent: u32) -> Measured {
    Measured {
        mark: MarkKind::BreechFace,
        score: None,
        cells: Some(Cells { congruent, tried: CELLS }),
        overlap_mm2: None,
        area_mm2: None,
    }
}

/// The truth of [`simulated`].
pub const SAME: (usize, usize) = (5, 3);
pub const DIFFERENT: (usize, usize) = (2, 14);

/// log10 of the true likelihood ratio of so many congruent cells.
pub fn true_log10_lr(congruent: u32) -> f64 {
    let of = |(a, b): (usize, usize)| {
        let d = BetaBinomial { alpha: a as f64, beta: b as f64 };
        d.log_pmf(CELLS)[congruent as usize]
    };
    (of(SAME) - of(DIFFERENT)) / std::f64::consts::LN_10
}

/// A draw of the standard normal distribution (Box & Muller 1958).
fn normal(rng: &mut ChaCha8Rng) -> f64 {
    let (u, v) = (1.0 - rng.random::<f64>(), rng.random::<f64>());
    (-2.0 * u.ln()).sqrt() * (std::f64::consts::TAU * v).cos()
}

/// A mark's comparison with this score.
pub fn score(score: f64) -> Measured {
    Measured { score: Some(score), cells: None, ..cells(0) }
}

/// Pairs of these firearms as in [`simulated`], but with scores: normal about 2
/// for one source and about 0 for two, of standard deviation 1, half of whose
/// variance is the firearm's or the two firearms'. The natural-log likelihood
/// ratio of a score x is 2x − 2.
pub fn scored(firearms: usize, rng: &mut ChaCha8Rng) -> PairSet {
    let mut set = simulated(firearms, rng);
    let half = 0.5_f64.sqrt();
    let (mut before, mut shared) = (None, 0.0);
    for pair in &mut set.pairs {
        if before.replace(pair.firearms) != Some(pair.firearms) {
            shared = normal(rng);
        }
        let centre = if pair.same_source() { 2.0 } else { 0.0 };
        pair.marks = vec![score(centre + half * (shared + normal(rng)))];
    }
    set
}

/// Firearms that mark well or badly: all three same-source pairs of a firearm
/// share its probability that a cell is congruent, and so do the two pairs of
/// different firearms. Either probability is a beta distribution's, so counts of
/// pairs are beta-binomial.
pub fn simulated(firearms: usize, rng: &mut ChaCha8Rng) -> PairSet {
    let mut pairs = Vec::new();
    let add =
        |pairs: &mut Vec<Pair>, x: usize, y: usize, p: f64, n: usize, rng: &mut ChaCha8Rng| {
            let congruent = (0..CELLS).filter(|_| rng.random::<f64>() < p).count() as u32;
            pairs.push(Pair {
                a: format!("{x}-{n}"),
                b: format!("{y}-{}", n + 1),
                firearms: (x, y),
                class: None,
                marks: vec![cells(congruent)],
            });
        };
    for x in 0..firearms {
        let p = beta(rng, SAME.0, SAME.1);
        (0..3).for_each(|n| add(&mut pairs, x, x, p, n, rng));
        for y in x + 1..firearms {
            let p = beta(rng, DIFFERENT.0, DIFFERENT.1);
            (0..2).for_each(|n| add(&mut pairs, x, y, p, n, rng));
        }
    }
    let firearms = (0..firearms).map(|f| format!("gun {f:03}")).collect();
    PairSet { firearms, pairs, origin: Origin::default(), notes: Vec::new() }
}
