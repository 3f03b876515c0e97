//! Fitting the score model to a population whose truth is unknown.

use super::casework::Rules;
use super::engine::Engine;
use super::model::{Calibration, Normal, Power, quantile};
use super::table::ScoreTable;

/// Rounds of linking and refitting; a fixed point usually comes after three.
const ROUNDS: usize = 8;
/// Least distance of the same-source mean from the different-source mean, in
/// different-source standard deviations; a nearer component is skewness.
const LEAST_SEPARATION: f64 = 4.0;
/// Same-source scores assumed while the population shows none.
const UNSEEN_SAME: Normal = Normal { mean: 8.0, sd: 3.0 };
/// Pseudo-observations that hold the same-source model near its last value.
const SAME_WEIGHT: f64 = 4.0;
/// Degrees of freedom of the null's tail are never taken above this, however
/// many casings there are: no transform makes real scores exactly normal.
const MOST_DOF: f64 = 50.0;
/// Sizes of the thinned sample that the mixture is fitted to.
const BODY: usize = 8_000;
const TOP: usize = 4_000;

/// Fits the model to the table: links, refits to what was linked, and so on
/// until the groups no longer change.
pub(super) fn fit(table: ScoreTable, rules: Rules, least: f64) -> Engine {
    let mut scores: Vec<f64> = table.each_pair().map(|(_, _, score)| score).collect();
    scores.sort_unstable_by(f64::total_cmp);
    let start = Mixture::choose(&thin(&scores));
    drop(scores);
    let n = table.len() as f64;
    let null = start.null;
    let (present, absent) = presence(&table, 0.0, 0.0);
    let first = Calibration {
        power: start.power,
        null,
        pair_null: Normal { mean: 0.0, sd: 1.0 },
        dof: (n - 1.0).clamp(1.0, MOST_DOF),
        same: start
            .same
            .map_or(UNSEEN_SAME, |s| Normal { mean: null.z(s.mean), sd: s.sd / null.sd }),
        present,
        absent,
        prior: prior(0.0, n),
        knots: Vec::new(),
    };
    let mut engine = Engine::new(table, rules, first, least);
    let (pair_null, _) = statistics(&engine, |_, _| false);
    engine.calibration.pair_null = pair_null;
    engine.calibration.tabulate();
    let mut before = Vec::new();
    for _ in 0..ROUNDS {
        let groups = engine.groups();
        let mut group_of = vec![0u32; engine.table.len()];
        for (g, members) in (0u32..).zip(&groups) {
            members.iter().for_each(|&m| group_of[m as usize] = g);
        }
        if group_of == before {
            break;
        }
        refit(&mut engine, &groups, &group_of);
        before = group_of;
    }
    engine
}

/// Refits everything but the transform to the groups found.
fn refit(engine: &mut Engine, groups: &[Vec<u32>], group_of: &[u32]) {
    let (pair_null, within) =
        statistics(engine, |a, b| group_of[a as usize] == group_of[b as usize]);
    let sizes = || groups.iter().map(|g| g.len() as f64).filter(|&size| size > 1.0);
    let (present, absent) =
        presence(&engine.table, within.len() as f64, sizes().map(|s| 0.5 * s * (s - 1.0)).sum());
    let now = &mut engine.calibration;
    let rescaled: Vec<f64> =
        within.iter().map(|&z| pair_null.z(now.pair_null.mean + z * now.pair_null.sd)).collect();
    now.same = refit_same(now.same, &rescaled);
    now.pair_null = pair_null;
    (now.present, now.absent) = (present, absent);
    now.prior = prior(sizes().sum(), engine.table.len() as f64);
    now.tabulate();
}

/// Location and upper scale of the pairs that are not together, and the
/// statistics of those that are. The scale is the largest of those that the
/// one-, two- and three-sigma quantiles imply, so that a heavy tail counts.
fn statistics(engine: &Engine, together: impl Fn(u32, u32) -> bool) -> (Normal, Vec<f64>) {
    let now = &engine.calibration;
    let (mut apart, mut within) = (Vec::new(), Vec::new());
    for (a, b, score) in engine.table.each_pair() {
        let z = engine.statistic(a, b, score);
        if together(a, b) {
            within.push(z);
        } else if !now.stands_out(score) {
            apart.push(now.pair_null.mean + z * now.pair_null.sd);
        }
    }
    if apart.len() < 2 {
        return (now.pair_null, within);
    }
    let median = quantile(&mut apart, 0.5);
    let mut sd = 0.0f64;
    for (sigmas, level) in [(1.0, 0.841_345), (2.0, 0.977_25), (3.0, 0.998_65)] {
        if (1.0 - level) * apart.len() as f64 >= 3.0 || sigmas == 1.0 {
            sd = sd.max((quantile(&mut apart, level) - median) / sigmas);
        }
    }
    (Normal { mean: median, sd: if sd > 0.0 { sd } else { now.pair_null.sd } }, within)
}

/// The same-source model after seeing the pairs that were linked.
fn refit_same(prior: Normal, within: &[f64]) -> Normal {
    let n = within.len() as f64;
    if within.is_empty() {
        return prior;
    }
    let mean = (within.iter().sum::<f64>() + SAME_WEIGHT * prior.mean) / (n + SAME_WEIGHT);
    let spread =
        within.iter().map(|z| (z - mean).powi(2)).sum::<f64>() + SAME_WEIGHT * prior.sd * prior.sd;
    let mean = mean.max(LEAST_SEPARATION);
    Normal { mean, sd: (spread / (n + SAME_WEIGHT)).sqrt().max(1.0) }
}

/// Log prior odds that two groups are one: the odds that a casing has a mate,
/// shared among the casings still without one. As mates are found, fewer are
/// left to choose from (Zanella et al. 2016 on partitions of small clusters).
fn prior(linked: f64, n: f64) -> f64 {
    let mated = (linked + 1.0) / (n + 2.0);
    ((mated / (1.0 - mated)).ln() - (n * (1.0 - mated)).ln()).min(0.0)
}

/// Log likelihood ratios of a pair's being, and not being, on a candidate list.
fn presence(table: &ScoreTable, compared_within: f64, within: f64) -> (f64, f64) {
    let n = table.len() as f64;
    let any = (table.pairs() as f64 + 1.0) / (0.5 * n * (n - 1.0) + 2.0).max(1.0);
    let any = any.min(1.0);
    let same = (compared_within + 9.0) / (within + 10.0);
    ((same / any).ln().max(0.0), ((1.0 - same).max(1e-9) / (1.0 - any).max(1e-9)).ln().min(0.0))
}

/// Sorted scores thinned to weighted order statistics; the top stays whole.
fn thin(sorted: &[f64]) -> Vec<(f64, f64)> {
    let body = sorted.len().saturating_sub(TOP);
    let chunk = body.div_ceil(BODY).max(1);
    let mean = |c: &[f64]| (c[c.len() / 2], c.len() as f64);
    sorted[..body].chunks(chunk).map(mean).chain(sorted[body..].iter().map(|&s| (s, 1.0))).collect()
}

/// Two normal components on a power-transformed scale.
#[derive(Clone, Copy, Debug)]
struct Mixture {
    power: Power,
    null: Normal,
    same: Option<Normal>,
}

impl Mixture {
    /// The transform and the mixture of greatest likelihood; no same-source
    /// component where it does not earn its parameters (BIC, Schwarz 1978).
    fn choose(sample: &[(f64, f64)]) -> Self {
        let weight: f64 = sample.iter().map(|s| s.1).sum();
        let positive = sample.first().is_some_and(|s| s.0 > 0.0);
        let powers: &[f64] = if positive { &[1.0, 0.5, 0.0, 2.0] } else { &[1.0] };
        let mut best = (
            f64::NEG_INFINITY,
            Self { power: Power(1.0), null: Normal { mean: 0.0, sd: 1.0 }, same: None },
        );
        for &power in powers {
            let power = Power(power);
            let slope: f64 = sample.iter().map(|&(s, w)| w * power.log_slope(s)).sum();
            let y: Vec<(f64, f64)> = sample.iter().map(|&(s, w)| (power.apply(s), w)).collect();
            let one = moments(&y, |_| 1.0).1;
            let alone = y.iter().map(|&(v, w)| w * one.log_density(v)).sum::<f64>() + slope;
            let mut consider = |likelihood: f64, null, same| {
                if likelihood > best.0 {
                    best = (likelihood, Self { power, null, same });
                }
            };
            consider(alone, one, None);
            for split in [0.3, 0.6, 0.85, 0.97, 0.995] {
                if let Some((likelihood, null, same)) = expectation_maximisation(&y, split, weight)
                {
                    consider(likelihood + slope - 1.5 * weight.ln(), null, Some(same));
                }
            }
        }
        best.1
    }
}

/// Weight and moments of a sample under `share`.
fn moments(y: &[(f64, f64)], share: impl Fn(usize) -> f64) -> (f64, Normal) {
    let (mut w0, mut w1, mut w2) = (0.0, 0.0, 0.0);
    let centre = y.get(y.len() / 2).map_or(0.0, |v| v.0);
    for (k, &(v, w)) in y.iter().enumerate() {
        let w = w * share(k);
        let v = v - centre;
        w0 += w;
        w1 += w * v;
        w2 += w * v * v;
    }
    let w = w0.max(1e-12);
    let mean = w1 / w;
    let least = 1e-9 * (centre.abs() + 1e-9);
    (w0, Normal { mean: centre + mean, sd: (w2 / w - mean * mean).max(0.0).sqrt().max(least) })
}

/// Fits the mixture starting from a split at quantile `split`; `None` where the
/// upper component cannot be told from skewness.
fn expectation_maximisation(
    y: &[(f64, f64)],
    split: f64,
    weight: f64,
) -> Option<(f64, Normal, Normal)> {
    let mut cut = 0.0;
    let cut = y.iter().position(|v| {
        cut += v.1;
        cut > split * weight
    })?;
    let mut share: Vec<f64> = (0..y.len()).map(|k| f64::from(u8::from(k >= cut))).collect();
    let mut likelihood = f64::NEG_INFINITY;
    loop {
        let (w0, null) = moments(y, |k| 1.0 - share[k]);
        let (w1, mut same) = moments(y, |k| share[k]);
        if w0 < 2.0 || w1 < 0.5 {
            return None;
        }
        same.mean = same.mean.max(null.mean + LEAST_SEPARATION * null.sd);
        same.sd = same.sd.max(null.sd);
        let (l0, l1) = ((w0 / weight).ln(), (w1 / weight).ln());
        let mut now = 0.0;
        for (k, &(v, w)) in y.iter().enumerate() {
            let (p0, p1) = (l0 + null.log_density(v), l1 + same.log_density(v));
            let top = p0.max(p1);
            let sum = top + ((p0 - top).exp() + (p1 - top).exp()).ln();
            now += w * sum;
            // Below the null's mean a pair cannot be evidence of same source.
            share[k] = if v < null.mean { 0.0 } else { (p1 - sum).exp() };
        }
        if now - likelihood < 1e-4 * (1.0 + now.abs() * 1e-6) {
            let bimodal = same.mean - null.mean > 2.5 * (same.sd + null.sd);
            return (w1 < 0.5 * weight || bimodal).then_some((now, null, same));
        }
        likelihood = now;
    }
}
