//! Seeded pair scores of populations whose firearms are known.
//!
//! Linking must hold for any laboratory's scores, so populations differ here in
//! all that is known to differ: how many casings a firearm left, how far
//! same-source pairs stand out, how well each casing is marked, the tail of
//! different-source scores, the scale and its ties, and which pairs were
//! compared at all. [`ScoreSimulation::drawn`] draws all of it from a seed.

use super::random::{Purpose, Stream, mix};
use std::collections::BTreeMap;

/// Distribution of different-source scores about their mean, with unit scale.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spread {
    /// Normal.
    Normal,
    /// Gumbel: the best of many places tried.
    Gumbel,
    /// Student's t with five degrees of freedom: heavy on both sides.
    Heavy,
    /// Lognormal with a log standard deviation of 0.4: skewed.
    Skewed,
}

/// What a score is written as; all but [`Scale::Count`] keep the order of pairs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scale {
    /// Different-source standard deviations.
    Plain,
    /// A correlation coefficient, 0–1.
    Correlation,
    /// A whole number of congruent cells, with many ties.
    Count,
    /// A likelihood ratio over many orders of magnitude.
    Ratio,
}

/// Which pairs have a score.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Listing {
    /// Every pair.
    All,
    /// This share of the pairs, at random.
    Some(f64),
    /// Every casing's this many best candidates.
    Best(usize),
    /// Every pair twice, A–B and B–A, with independent errors of this size.
    Twice(f64),
}

/// A population to draw scores for. Scores are made in different-source
/// standard deviations and then written in [`ScoreSimulation::scale`].
#[derive(Clone, Debug, PartialEq)]
pub struct ScoreSimulation {
    /// Casings left by each firearm.
    pub sizes: Vec<usize>,
    /// Mean score of well-marked same-source pairs.
    pub separation: f64,
    /// Standard deviation of a casing's quality about 1; a same-source pair's
    /// mean is multiplied by both casings' qualities.
    pub quality: f64,
    /// Share of casings so badly marked that their quality is a quarter.
    pub poor: f64,
    /// Standard deviation of what a casing adds to all its scores.
    pub casing: f64,
    /// Log standard deviation of a casing's own spread of scores.
    pub casing_spread: f64,
    /// Brands of ammunition, and what remains of a same-source pair's mean
    /// where they differ.
    pub brands: (usize, f64),
    /// What firearms of one make (three at a time) add to each other's scores.
    pub resemblance: f64,
    /// Shape of different-source scores.
    pub spread: Spread,
    /// What is written.
    pub scale: Scale,
    /// Which pairs are written.
    pub listing: Listing,
}

/// Scores with the truth beside them.
#[derive(Clone, Debug, PartialEq)]
pub struct ScoreSet {
    /// The firearm of each casing; casing `c` is called [`ScoreSet::name`].
    pub firearm: Vec<usize>,
    /// Two casings and their score.
    pub rows: Vec<(usize, usize, f64)>,
}

impl ScoreSet {
    /// The identifier of casing `c`.
    pub fn name(c: usize) -> String {
        format!("C{c:05}")
    }
}

struct CasingTraits {
    quality: f64,
    shift: f64,
    spread: f64,
    brand: usize,
}

impl ScoreSimulation {
    /// A population of the given group sizes: complete, normal, well marked.
    pub fn plain(sizes: Vec<usize>, separation: f64) -> Self {
        Self {
            sizes,
            separation,
            quality: 0.2,
            poor: 0.0,
            casing: 0.5,
            casing_spread: 0.0,
            brands: (1, 1.0),
            resemblance: 0.0,
            spread: Spread::Normal,
            scale: Scale::Plain,
            listing: Listing::All,
        }
    }

    /// Anything that a laboratory may hold, with `casings` casings or a few
    /// more.
    pub fn drawn(seed: u64, casings: usize) -> Self {
        let mut draw = Stream::new(seed, Purpose::Scores);
        let single = pick(&mut draw, &[0.0, 0.0, 0.3, 0.6, 0.9, 1.0]);
        let (low, high) =
            pick(&mut draw, &[(2, 2), (2, 2), (2, 4), (3, 3), (5, 5), (2, 9), (9, 12), (4, 20)]);
        let mut sizes = vec![1; (single * casings as f64) as usize];
        let mut left = casings - sizes.len();
        while left > 0 {
            let size = (draw.between(low as f64, high as f64 + 1.0) as usize).min(left);
            sizes.push(size);
            left -= size;
        }
        Self {
            sizes,
            separation: 3.5 * (25.0f64 / 3.5).powf(draw.unit()),
            quality: draw.between(0.0, 0.35),
            poor: pick(&mut draw, &[0.0, 0.0, 0.05, 0.12]),
            casing: draw.between(0.0, 1.0),
            casing_spread: pick(&mut draw, &[0.0, 0.1, 0.25]),
            brands: pick(&mut draw, &[(1, 1.0), (1, 1.0), (2, 0.8), (3, 0.6)]),
            resemblance: pick(&mut draw, &[0.0, 0.0, 0.5, 1.0]),
            spread: pick(
                &mut draw,
                &[Spread::Normal, Spread::Gumbel, Spread::Heavy, Spread::Skewed],
            ),
            scale: pick(
                &mut draw,
                &[Scale::Plain, Scale::Correlation, Scale::Correlation, Scale::Count, Scale::Ratio],
            ),
            listing: pick(
                &mut draw,
                &[
                    Listing::All,
                    Listing::All,
                    Listing::Some(0.8),
                    Listing::Best(20),
                    Listing::Twice(0.5),
                ],
            ),
        }
    }

    /// Draws the scores.
    pub fn scores(&self, seed: u64) -> ScoreSet {
        let mut draw = Stream::new(mix(seed, 1), Purpose::Scores);
        let firearm: Vec<usize> =
            self.sizes.iter().enumerate().flat_map(|(gun, &n)| vec![gun; n]).collect();
        let traits: Vec<CasingTraits> = firearm.iter().map(|_| self.casing(&mut draw)).collect();
        let mut rows = Vec::new();
        for (a, x) in traits.iter().enumerate() {
            for (b, y) in traits.iter().enumerate().skip(a + 1) {
                let mut score = x.shift + y.shift;
                score += (x.spread * y.spread).sqrt() * self.noise(&mut draw);
                let (gun, other) = (firearm[a], firearm[b]);
                if gun == other {
                    let brands = if x.brand == y.brand { 1.0 } else { self.brands.1 };
                    score += self.separation * x.quality * y.quality * brands;
                } else if gun / 3 == other / 3 {
                    score += self.resemblance;
                }
                match self.listing {
                    Listing::Some(share) if draw.unit() >= share => {}
                    Listing::Twice(error) => {
                        rows.push((a, b, score + error * draw.normal()));
                        rows.push((b, a, score + error * draw.normal()));
                    }
                    _ => rows.push((a, b, score)),
                }
            }
        }
        if let Listing::Best(candidates) = self.listing {
            rows = best(&rows, firearm.len(), candidates);
        }
        rows.iter_mut().for_each(|row| row.2 = self.scale.write(row.2));
        ScoreSet { firearm, rows }
    }

    fn casing(&self, draw: &mut Stream) -> CasingTraits {
        let quality = (1.0 + self.quality * draw.normal()).clamp(0.2, 1.8);
        CasingTraits {
            quality: if draw.unit() < self.poor { 0.25 } else { quality },
            shift: self.casing * draw.normal(),
            spread: (self.casing_spread * draw.normal()).exp(),
            brand: (draw.unit() * self.brands.0 as f64) as usize,
        }
    }

    /// Mean about 0, standard deviation about 1.
    fn noise(&self, draw: &mut Stream) -> f64 {
        match self.spread {
            Spread::Normal => exact_normal(draw),
            Spread::Gumbel => (-(-(1.0 - draw.unit()).ln()).ln() - 0.577) / 1.283,
            Spread::Heavy => {
                let chi: f64 = (0..5).map(|_| exact_normal(draw).powi(2)).sum();
                exact_normal(draw) / (chi / 5.0).sqrt() / 1.291
            }
            Spread::Skewed => ((0.4 * exact_normal(draw)).exp() - 1.083) / 0.451,
        }
    }
}

impl Scale {
    fn write(self, z: f64) -> f64 {
        match self {
            Self::Plain => z,
            Self::Correlation => (0.25 + 0.055 * z).tanh().clamp(0.0, 0.99),
            Self::Count => (2.0 + 1.2 * z).round().max(0.0),
            Self::Ratio => (3.0 * z.min(60.0) - 6.0).exp(),
        }
    }
}

/// Box and Muller's normal variate: unlike a sum of few uniform numbers, its
/// tail is right, and linking lives on tails.
fn exact_normal(draw: &mut Stream) -> f64 {
    let (radius, turn) = ((-2.0 * (1.0 - draw.unit()).ln()).sqrt(), draw.unit());
    radius * (std::f64::consts::TAU * turn).cos()
}

fn pick<T: Copy>(draw: &mut Stream, from: &[T]) -> T {
    from[(draw.unit() * from.len() as f64) as usize]
}

/// The rows that are among either casing's best.
fn best(
    rows: &[(usize, usize, f64)],
    casings: usize,
    candidates: usize,
) -> Vec<(usize, usize, f64)> {
    let mut lists = vec![Vec::new(); casings];
    for &(a, b, score) in rows {
        lists[a].push((a, b, score));
        lists[b].push((a, b, score));
    }
    let mut kept = BTreeMap::new();
    for mut list in lists {
        list.sort_by(|x, y| y.2.total_cmp(&x.2));
        kept.extend(list.into_iter().take(candidates).map(|(a, b, score)| ((a, b), score)));
    }
    kept.into_iter().map(|((a, b), score)| (a, b, score)).collect()
}
