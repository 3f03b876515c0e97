//! Sampling by firearm: bootstrap weights and folds. Never by pair, since pairs
//! share firearms.

use super::model::{Model, Settings};
use super::pairs::{Pair, PairSet};
use rand::RngExt as _;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use types::error::Result;

/// Folds of a cross-validation by firearm.
const FOLDS: usize = 10;

/// A Bayesian bootstrap over firearms (Rubin 1981; for data crossed by two
/// factors Owen & Eckles 2012): every firearm has a weight from an exponential
/// distribution of mean one, and a pair of different firearms the product of
/// both. Unlike drawing with replacement it never empties a class, however few
/// firearms there are.
#[derive(Clone, Debug)]
pub struct FirearmBootstrap {
    seed: u64,
    firearms: usize,
}

impl FirearmBootstrap {
    /// Replicates for so many firearms; the seed decides them.
    pub fn new(seed: u64, firearms: usize) -> Self {
        Self { seed, firearms }
    }

    /// The weights of all firearms in one replicate.
    fn draw(&self, replicate: u64) -> Vec<f64> {
        let mut rng = ChaCha8Rng::seed_from_u64(self.seed);
        rng.set_stream(replicate);
        let exponential = |_| -(1.0 - rng.random::<f64>()).ln();
        (0..self.firearms).map(exponential).collect()
    }

    /// The weights of pairs in one replicate.
    pub fn pair_weights(&self, replicate: u64, pairs: &[&Pair]) -> Vec<f64> {
        let weights = self.draw(replicate);
        let of = |n: usize| weights.get(n).copied().unwrap_or(1.0);
        pairs
            .iter()
            .map(|p| match p.firearms {
                (a, b) if a == b => of(a),
                (a, b) => of(a) * of(b),
            })
            .collect()
    }
}

/// Firearms dealt to ten folds, or to one each where there are fewer.
#[derive(Clone, Copy, Debug)]
pub struct Folds(usize);

impl Folds {
    /// The folds of a set.
    pub fn of(set: &PairSet) -> Self {
        Self(FOLDS.min(set.firearms.len()).max(1))
    }

    /// How many there are.
    pub fn count(self) -> usize {
        self.0
    }

    /// The folds of a pair's firearms, the lower first.
    pub fn of_pair(self, pair: &Pair) -> (usize, usize) {
        let (a, b) = (pair.firearms.0 % self.0, pair.firearms.1 % self.0);
        (a.min(b), a.max(b))
    }

    /// Whether a pair has no firearm in either of two folds.
    pub fn outside(self, pair: &Pair, (low, high): (usize, usize)) -> bool {
        let (a, b) = self.of_pair(pair);
        ![a, b].iter().any(|fold| *fold == low || *fold == high)
    }
}

/// Natural-log likelihood ratios, unbounded, of every pair by a model that saw
/// no pair of either of its firearms' folds. `None` where the rest has not both
/// classes, or the pair no number the rest has.
///
/// # Errors
/// See [`Model::fit`].
pub fn held_out(set: &PairSet, settings: Settings) -> Result<Vec<Option<f64>>> {
    let folds = Folds::of(set);
    let mut out = vec![None; set.pairs.len()];
    for low in 0..folds.count() {
        for high in low..folds.count() {
            let tested: Vec<usize> =
                (0..out.len()).filter(|&n| folds.of_pair(&set.pairs[n]) == (low, high)).collect();
            let rest: Vec<&Pair> =
                set.pairs.iter().filter(|p| folds.outside(p, (low, high))).collect();
            let same = rest.iter().filter(|p| p.same_source()).count();
            if tested.is_empty() || same == 0 || same == rest.len() {
                continue;
            }
            let model = Model::fit(&rest, &vec![1.0; rest.len()], settings)?;
            for n in tested {
                out[n] = model.log_lr(&set.pairs[n].marks);
            }
        }
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pair_of_two_firearms_weighs_the_product() {
        let pair = |a: usize, b: usize| Pair {
            a: a.to_string(),
            b: b.to_string(),
            firearms: (a, b),
            class: None,
            marks: Vec::new(),
        };
        let pairs = [pair(0, 0), pair(1, 1), pair(0, 1)];
        let bootstrap = FirearmBootstrap::new(7, 2);
        let weights = bootstrap.pair_weights(3, &pairs.iter().collect::<Vec<_>>());
        assert!((weights[0] * weights[1] - weights[2]).abs() < 1e-12);
        assert_eq!(weights, bootstrap.pair_weights(3, &pairs.iter().collect::<Vec<_>>()));
        assert_ne!(weights, bootstrap.pair_weights(4, &pairs.iter().collect::<Vec<_>>()));
    }

    #[test]
    fn weights_have_mean_one() {
        let drawn = FirearmBootstrap::new(1, 20_000).draw(0);
        let mean = drawn.iter().sum::<f64>() / 20_000.0;
        assert!((mean - 1.0).abs() < 0.03, "{mean}");
    }
}
