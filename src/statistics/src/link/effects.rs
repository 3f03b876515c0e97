//! What casings add to their different-source scores, fitted without truth.
//!
//! A poorly or boldly marked casing scores low or high against everything, and
//! firearms of one make or type resemble each other. Both move different-source
//! scores by more than chance does, and neither is evidence of one firearm.
//! Different-source scores are taken as
//!
//! `y(a, b) = mean + sd · (e(a) + e(b) + Σₖ sₖ wₖ(a) wₖ(b) + noise)`
//!
//! with an effect `e` of each casing (two-way layout with a random effect,
//! shrunk by its variance: Searle, Casella & McCulloch 1992) and a few factors
//! `w` (additive and multiplicative effects of symmetric relations: Hoff 2005),
//! which are told from noise by the edge of the spectrum of random matrices
//! (Wigner 1955) and shrunk as Gavish & Donoho (2017) do.

use super::distribution::Normal;
use serde::{Deserialize, Serialize};
use types::numeric::nearest_rank;

/// Most factors fitted.
pub(super) const FACTORS: usize = 3;
/// Residuals farther out than this count as this much (Huber 1964), so that
/// same-source pairs among the rest move nothing.
const HUBER: f64 = 2.0;
/// A factor's eigenvalue stands out of noise by this factor.
const BEYOND_NOISE: f64 = 1.3;
/// Pairs for each casing below which no effects are fitted.
const PAIRS_A_CASING: usize = 3;
const ROUNDS: usize = 6;
const FACTOR_ROUNDS: usize = 5;
const POWER_STEPS: usize = 30;
/// Least scale as a share of the scores' range.
const LEAST_SCALE: f64 = 0.005;
/// Where this share of the scores ties with the median, they are counts, and
/// their scale is at least the step to the next count.
const TIED: f64 = 0.1;

/// What one casing adds to its different-source scores, in their standard
/// deviations.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Traits {
    pub effect: f64,
    pub loads: [f64; FACTORS],
}

/// The layout of a population's different-source scores.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Layout {
    /// Location and scale of the noise.
    pub null: Normal,
    /// How strongly a casing's effect is pulled to 0, in scores.
    pub shrinkage: f64,
    /// Signs of the factors in use; 0 for the others.
    pub signs: [f64; FACTORS],
    /// Variance of each factor's loads over the casings.
    pub spread: [f64; FACTORS],
}

impl Layout {
    /// A common location and scale alone.
    pub fn plain(null: Normal) -> Self {
        Self { null, shrinkage: f64::INFINITY, signs: [0.0; FACTORS], spread: [0.0; FACTORS] }
    }

    /// What the factors say two casings have in common.
    pub fn resemblance(&self, a: &Traits, b: &Traits) -> f64 {
        (0..FACTORS).map(|k| self.signs[k] * a.loads[k] * b.loads[k]).sum()
    }

    /// A transformed score in standard deviations of different-source pairs.
    pub fn statistic(&self, y: f64, a: &Traits, b: &Traits) -> f64 {
        self.null.z(y) - a.effect - b.effect - self.resemblance(a, b)
    }

    /// The traits of a casing outside the fitted population, from its
    /// standardised scores against others and their traits.
    pub fn traits(&self, scores: &[(f64, Traits)]) -> Traits {
        let mut new = Traits::default();
        if scores.is_empty() || self.shrinkage.is_infinite() {
            return new;
        }
        let pull = scores.len() as f64 + self.shrinkage;
        for _ in 0..ROUNDS {
            let rest = |z: f64, o: &Traits| z - new.effect - o.effect - self.resemblance(&new, o);
            let clipped = |z: f64, o: &Traits| rest(z, o).clamp(-HUBER, HUBER);
            let sum: f64 = scores.iter().map(|(z, other)| clipped(*z, other)).sum();
            let mut next = new;
            next.effect = (new.effect * scores.len() as f64 + sum) / pull;
            for k in (0..FACTORS).filter(|&k| self.signs[k] != 0.0) {
                let weight: f64 = scores.iter().map(|(_, o)| o.loads[k].powi(2)).sum();
                let along: f64 =
                    scores.iter().map(|(z, o)| self.signs[k] * o.loads[k] * clipped(*z, o)).sum();
                let ridge = 1.0 / self.spread[k].max(1e-9);
                next.loads[k] = (new.loads[k] * weight + along) / (weight + ridge);
            }
            new = next;
        }
        new
    }
}

/// Pairs of places with their transformed scores.
pub(super) struct Scored<'a> {
    /// Number of casings.
    pub casings: usize,
    /// Places of each pair, the lower first.
    pub pairs: &'a [(u32, u32)],
    /// Transformed scores.
    pub y: Vec<f64>,
    least_scale: f64,
}

impl<'a> Scored<'a> {
    pub fn new(casings: usize, pairs: &'a [(u32, u32)], y: Vec<f64>) -> Self {
        let mut sorted = y.clone();
        sorted.sort_unstable_by(f64::total_cmp);
        let range = sorted.last().zip(sorted.first()).map_or(0.0, |(high, low)| high - low);
        let mut least_scale = (LEAST_SCALE * range).max(f64::MIN_POSITIVE);
        if let Some(&median) = sorted.get(sorted.len() / 2) {
            let from = sorted.partition_point(|&y| y < median);
            let to = sorted.partition_point(|&y| y <= median);
            let next = sorted.get(to).filter(|_| (to - from) as f64 > TIED * y.len() as f64);
            least_scale = next.map_or(least_scale, |next| least_scale.max(next - median));
        }
        Self { casings, pairs, y, least_scale }
    }

    /// Common location and scale only, read off the lower half: for populations
    /// in which many pairs are of one firearm.
    pub fn lower_half(&self) -> (Layout, Vec<Traits>) {
        let mut y = self.y.clone();
        let (centre, low) = (nearest_rank(&mut y, 0.3), nearest_rank(&mut y, 0.3 * 0.158_655));
        let null = Normal { mean: centre, sd: (centre - low).max(self.least_scale) };
        (Layout::plain(null), vec![Traits::default(); self.casings])
    }

    /// The layout of the pairs that are `between` groups; `None` where factors
    /// are wanted and none stands out.
    pub fn layout(&self, between: &[bool], factors: bool) -> Option<(Layout, Vec<Traits>)> {
        let nothing = vec![0.0; self.y.len()];
        let (mut layout, mut traits) = self.additive(between, &nothing);
        if factors {
            let found = self.factors(between, &layout, &traits)?;
            let shared: Vec<f64> = self
                .pairs
                .iter()
                .map(|&(a, b)| found.value(a as usize, b as usize) * layout.null.sd)
                .collect();
            let before = layout.null.sd;
            (layout, traits) = self.additive(between, &shared);
            found.put(before / layout.null.sd, &mut layout, &mut traits);
        }
        Some((layout, traits))
    }

    /// Fits location, scale and the casings' effects to `y - shared`.
    fn additive(&self, between: &[bool], shared: &[f64]) -> (Layout, Vec<Traits>) {
        let kept: Vec<(usize, usize, f64)> = self
            .pairs
            .iter()
            .zip(&self.y)
            .zip(between.iter().zip(shared))
            .filter(|(_, (between, _))| **between)
            .map(|((&(a, b), y), (_, shared))| (a as usize, b as usize, y - shared))
            .collect();
        let mut pairs = vec![0.0f64; self.casings];
        for &(a, b, _) in &kept {
            pairs[a] += 1.0;
            pairs[b] += 1.0;
        }
        let typical = nearest_rank(&mut pairs.clone(), 0.5).max(1.0);
        let mut effects = vec![0.0f64; self.casings];
        let mut mean = nearest_rank(&mut kept.iter().map(|x| x.2).collect::<Vec<_>>(), 0.5);
        let mut shrinkage = f64::INFINITY;
        let rest = |effects: &[f64], mean: f64| -> Vec<f64> {
            kept.iter().map(|&(a, b, y)| y - mean - effects[a] - effects[b]).collect()
        };
        let scale = |rest: &mut [f64]| {
            let centre = nearest_rank(rest, 0.5);
            (centre, (nearest_rank(rest, 0.841_345) - centre).max(self.least_scale))
        };
        let rounds = if kept.len() < PAIRS_A_CASING * self.casings { 0 } else { ROUNDS };
        for round in 0..rounds {
            let rest = rest(&effects, mean);
            let (centre, sd) = scale(&mut rest.clone());
            let mut sum = vec![0.0; self.casings];
            let mut noise = Moments::default();
            for (&(a, b, _), r) in kept.iter().zip(&rest) {
                let r = (r - centre).clamp(-HUBER * sd, HUBER * sd);
                sum[a] += r;
                sum[b] += r;
                noise.add(r);
            }
            let mut raw = Moments::default();
            for ((effect, sum), n) in effects.iter().zip(&sum).zip(&pairs) {
                raw.add(if *n > 0.0 { effect + sum / n } else { 0.0 });
            }
            // What the effects vary by beyond the noise of their own estimates.
            let chance = if round < 2 { 0.0 } else { noise.variance() / typical };
            let variance = (raw.variance() - chance).max(1e-12 * noise.variance());
            shrinkage = noise.variance() / variance.max(f64::MIN_POSITIVE);
            for ((effect, sum), n) in effects.iter_mut().zip(&sum).zip(&pairs) {
                *effect = if *n > 0.0 { (*effect * n + sum) / (n + shrinkage) } else { 0.0 };
            }
            let shift = effects.iter().sum::<f64>() / self.casings.max(1) as f64;
            effects.iter_mut().for_each(|e| *e -= shift);
            mean += centre;
        }
        let (centre, sd) = scale(&mut rest(&effects, mean));
        let mut layout = Layout::plain(Normal { mean: mean + centre, sd });
        layout.shrinkage = shrinkage;
        let traits = effects.iter().map(|e| Traits { effect: e / sd, ..Traits::default() });
        (layout, traits.collect())
    }

    /// The factors of the residuals of an additive layout, by power iteration
    /// with deflation; pairs not `between` groups, or not compared, are filled
    /// with what the factors say.
    fn factors(&self, between: &[bool], layout: &Layout, traits: &[Traits]) -> Option<Factors> {
        let kept: Vec<(usize, usize, f64)> = self
            .pairs
            .iter()
            .zip(&self.y)
            .zip(between)
            .filter(|(_, between)| **between)
            .map(|((&(a, b), &y), _)| {
                let (a, b) = (a as usize, b as usize);
                (a, b, layout.statistic(y, &traits[a], &traits[b]).clamp(-HUBER, HUBER))
            })
            .collect();
        let mut noise = Moments::default();
        kept.iter().for_each(|x| noise.add(x.2));
        // Twice the root of the mean sum of squares of a row.
        let row = 2.0 * kept.len() as f64 / self.casings.max(1) as f64;
        let edge = 2.0 * (row * noise.variance()).sqrt();
        let mut found = Factors::default();
        for _ in 0..FACTOR_ROUNDS {
            found = self.refine(&kept, edge, &found);
            if found.0.is_empty() {
                return None;
            }
        }
        Some(found)
    }

    /// One round: eigenvectors of the matrix whose gaps `before` fills.
    fn refine(&self, kept: &[(usize, usize, f64)], edge: f64, before: &Factors) -> Factors {
        let beyond: Vec<f64> = kept.iter().map(|&(a, b, x)| x - before.value(a, b)).collect();
        let mut eigen: Vec<(f64, Vec<f64>)> = Vec::new();
        for k in 0..FACTORS {
            let start = |i: usize| ((i + 1) as f64 * (k + 1) as f64 * 0.618_034).fract() - 0.5;
            let mut v = match before.0.get(k) {
                Some((_, w)) => w.clone(),
                None => (0..self.casings).map(start).collect(),
            };
            let mut value = 0.0;
            for _ in 0..POWER_STEPS {
                let length = v.iter().map(|x| x * x).sum::<f64>().sqrt().max(f64::MIN_POSITIVE);
                v.iter_mut().for_each(|x| *x /= length);
                let mut next = before.times(&v);
                for (&(a, b, _), x) in kept.iter().zip(&beyond) {
                    next[a] += x * v[b];
                    next[b] += x * v[a];
                }
                for (value, w) in &eigen {
                    let along: f64 = w.iter().zip(&v).map(|(x, y)| x * y).sum();
                    next.iter_mut().zip(w).for_each(|(n, x)| *n -= value * along * x);
                }
                value = next.iter().zip(&v).map(|(x, y)| x * y).sum();
                v = next;
            }
            let length = v.iter().map(|x| x * x).sum::<f64>().sqrt().max(f64::MIN_POSITIVE);
            v.iter_mut().for_each(|x| *x /= length);
            if value.abs() <= BEYOND_NOISE * edge {
                break;
            }
            eigen.push((value, v));
        }
        let shrunk = eigen.into_iter().map(|(value, mut v)| {
            let size = value.abs() - edge * edge / (4.0 * value.abs());
            v.iter_mut().for_each(|x| *x *= size.sqrt());
            (value.signum(), v)
        });
        Factors(shrunk.collect())
    }
}

/// Signs and loads of factors.
#[derive(Default)]
struct Factors(Vec<(f64, Vec<f64>)>);

impl Factors {
    fn value(&self, a: usize, b: usize) -> f64 {
        self.0.iter().map(|(sign, w)| sign * w[a] * w[b]).sum()
    }

    fn times(&self, v: &[f64]) -> Vec<f64> {
        let mut out = vec![0.0; v.len()];
        for (sign, w) in &self.0 {
            let along: f64 = sign * w.iter().zip(v).map(|(x, y)| x * y).sum::<f64>();
            out.iter_mut().zip(w).for_each(|(o, x)| *o += along * x);
        }
        out
    }

    /// Hands the factors over, in units of a scale `ratio` times finer.
    fn put(&self, ratio: f64, layout: &mut Layout, traits: &mut [Traits]) {
        for (k, (sign, w)) in self.0.iter().enumerate() {
            layout.signs[k] = *sign;
            for (traits, x) in traits.iter_mut().zip(w) {
                traits.loads[k] = x * ratio.sqrt();
            }
            layout.spread[k] =
                traits.iter().map(|t| t.loads[k].powi(2)).sum::<f64>() / traits.len().max(1) as f64;
        }
    }
}

/// Running mean and variance.
#[derive(Default)]
struct Moments {
    n: f64,
    sum: f64,
    squares: f64,
}

impl Moments {
    fn add(&mut self, x: f64) {
        self.n += 1.0;
        self.sum += x;
        self.squares += x * x;
    }

    fn variance(&self) -> f64 {
        let n = self.n.max(1.0);
        (self.squares / n - (self.sum / n).powi(2)).max(0.0)
    }
}
