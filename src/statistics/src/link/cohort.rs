//! Evidence from shared cohorts: casings of one firearm agree about everybody
//! else.
//!
//! In a table in which every casing was compared with every other, two casings
//! of one firearm have alike rows, not only a high score: whom the one
//! resembles, the other does too. This helps where same-source scores are
//! spread widely. It is added with a small weight, because firearms of one
//! make and model have alike rows as well.

use super::cut;
use super::linker::Linker;
use super::table::ScoreTable;
use std::collections::BTreeMap;
use types::numeric::nearest_rank;

/// Fewest casings: below, rows are too short to be told from chance. Most: the
/// work grows with the cube.
const FEWEST: usize = 60;
const MOST: usize = 1000;
/// Least share of all pairs that must be scored.
const COMPLETE: f64 = 0.9;
/// Weight of a row's agreement beside the score, both in standard deviations
/// of strangers. A larger one merges types of firearm.
const WEIGHT: f64 = 0.15;
/// Limits of a score and of an agreement in rows, standard deviations.
const SCORE: (f64, f64) = (-3.0, 8.0);
const AGREEMENT: f64 = 4.0;
/// By how many nats a partition must explain the scores better than the one
/// found without.
const BETTER: f64 = 15.0;
/// How far from strangers to mates pairs must lie that are linked beyond it.
const FROM_STRANGERS: f64 = 0.25;

/// Scores of a complete table by place, row after row; the diagonal is unused.
struct Square {
    n: usize,
    values: Vec<f64>,
}

impl Square {
    fn row(&self, a: usize) -> &[f64] {
        &self.values[a * self.n..(a + 1) * self.n]
    }

    fn pairs(&self) -> impl Iterator<Item = (usize, usize, f64)> + '_ {
        (0..self.n).flat_map(move |a| (a + 1..self.n).map(move |b| (a, b, self.row(a)[b])))
    }
}

/// Each score by the median and the lower spread of both casings' scores, in
/// standard deviations of strangers; `None` where the table is too small, too
/// large or too sparse.
fn normalised(table: &ScoreTable) -> Option<Square> {
    let n = table.len();
    let all = 0.5 * (n * n.saturating_sub(1)) as f64;
    if !(FEWEST..=MOST).contains(&n) || (table.pairs() as f64) < COMPLETE * all {
        return None;
    }
    let mut centre = Vec::with_capacity(n);
    let mut spread = Vec::with_capacity(n);
    for c in 0..n as u32 {
        let mut scores: Vec<f64> = table.candidates(c).iter().map(|x| x.1).collect();
        let median = nearest_rank(&mut scores, 0.5);
        spread.push(median - nearest_rank(&mut scores, 0.158_655));
        centre.push(median);
    }
    let typical = nearest_rank(&mut spread.clone(), 0.5);
    if typical <= 0.0 {
        return None;
    }
    // A casing's own spread is uncertain: half of it, half the typical one.
    let spread: Vec<f64> = spread.iter().map(|s| (s.max(0.1 * typical) * typical).sqrt()).collect();
    // What was not compared counts as an average stranger.
    let mut values = vec![0.0; n * n];
    for (a, b, score) in table.each_pair() {
        let (a, b) = (a as usize, b as usize);
        let z = 0.5 * ((score - centre[a]) / spread[a] + (score - centre[b]) / spread[b]);
        values[a * n + b] = z;
        values[b * n + a] = z;
    }
    Some(Square { n, values })
}

/// How far the rows of two casings agree about all others, in standard
/// deviations of strangers (Fisher's z of their correlation).
fn agreement(z: &Square) -> Square {
    let n = z.n;
    let clipped: Vec<f64> = z.values.iter().map(|x| x.clamp(SCORE.0, SCORE.1)).collect();
    let row = |a: usize| &clipped[a * n..(a + 1) * n];
    let sums: Vec<(f64, f64)> = (0..n)
        .map(|a| {
            let own = row(a)[a];
            let (s, q) = row(a).iter().fold((0.0, 0.0), |(s, q), x| (s + x, q + x * x));
            (s - own, q - own * own)
        })
        .collect();
    let m = n as f64 - 2.0;
    let mut of_pairs = Vec::with_capacity(n * n / 2);
    for a in 0..n {
        for b in a + 1..n {
            let (x, y) = (row(a), row(b));
            let product: f64 =
                x.iter().zip(y).map(|(x, y)| x * y).sum::<f64>() - x[a] * y[a] - x[b] * y[b];
            let (sx, qx) = (sums[a].0 - x[b], sums[a].1 - x[b] * x[b]);
            let (sy, qy) = (sums[b].0 - y[a], sums[b].1 - y[a] * y[a]);
            let across = product - sx * sy / m;
            let spread = ((qx - sx * sx / m) * (qy - sy * sy / m)).max(1e-12).sqrt();
            let r = (across / spread).clamp(-0.999_9, 0.999_9);
            of_pairs.push(r.atanh() * (n as f64 - 5.0).sqrt());
        }
    }
    let centre = nearest_rank(&mut of_pairs.clone(), 0.5);
    let spread = (centre - nearest_rank(&mut of_pairs.clone(), 0.158_655)).max(1e-9);
    let mut values = vec![0.0; n * n];
    let mut next = of_pairs.into_iter();
    for a in 0..n {
        for b in a + 1..n {
            let p = ((next.next().unwrap_or(0.0) - centre) / spread).clamp(-AGREEMENT, AGREEMENT);
            values[a * n + b] = p;
            values[b * n + a] = p;
        }
    }
    Square { n, values }
}

/// Tables to link by besides the scores themselves, with the normalised scores
/// by which the outcomes are judged.
pub(super) struct Cohorts {
    z: Square,
    pub tables: Vec<ScoreTable>,
}

impl Cohorts {
    pub fn of(table: &ScoreTable) -> Option<Self> {
        let z = normalised(table)?;
        let p = agreement(&z);
        let with = |weight: f64| {
            table.map_pairs(|a, b| {
                let at = a as usize * z.n + b as usize;
                z.values[at] + weight * p.values[at]
            })
        };
        Some(Self { tables: vec![with(0.0), with(WEIGHT)], z })
    }

    /// By how many nats `other` explains the scores better than `base`, where
    /// that is clearly so; nothing where `base` shows no mates to go by.
    pub fn gain(&self, base: &Linker, other: &Linker) -> Option<f64> {
        let gain = self.merit(other) - self.merit(base);
        let (mut strangers, mut mates, mut new) = ((0.0, 0.0), (0.0, 0.0), (0.0, 0.0));
        for (a, b, z) in self.z.pairs() {
            let before = base.lead[a] == base.lead[b];
            let now = other.lead[a] == other.lead[b];
            let sum = match (before, now) {
                (true, _) => &mut mates,
                (false, true) => &mut new,
                (false, false) => &mut strangers,
            };
            *sum = (sum.0 + z, sum.1 + 1.0);
        }
        let mean = |(sum, n): (f64, f64)| if n > 0.0 { sum / n } else { 0.0 };
        if mates.1 == 0.0 {
            return None;
        }
        let (strangers, mates) = (mean(strangers), mean(mates));
        let far =
            new.1 == 0.0 || mean(new) >= strangers + FROM_STRANGERS * (mates - strangers).max(0.0);
        (gain > BETTER && far).then_some(gain)
    }

    fn merit(&self, linker: &Linker) -> f64 {
        let (pairs, mut x): (Vec<(u32, u32)>, Vec<f64>) =
            self.z.pairs().map(|(a, b, z)| ((a as u32, b as u32), z)).unzip();
        let centre = nearest_rank(&mut x.clone(), 0.5);
        let spread = (centre - nearest_rank(&mut x.clone(), 0.158_655)).max(1e-9);
        x.iter_mut().for_each(|x| *x = (*x - centre) / spread);
        let mut members = BTreeMap::<u32, Vec<u32>>::new();
        for (c, lead) in linker.lead.iter().enumerate() {
            members.entry(*lead).or_default().push(c as u32);
        }
        cut::merit(self.z.n, &pairs, &x, members.values())
    }
}
