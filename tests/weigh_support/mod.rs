//! Simulated populations whose likelihood ratios are known.
#![allow(dead_code, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use brasslink::evidence::MarkKind;
use brasslink::weigh::{BetaBinomial, Cells, Measured, Origin, Pair, PairSet};
use rand::RngExt as _;
use rand_chacha::ChaCha8Rng;

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
