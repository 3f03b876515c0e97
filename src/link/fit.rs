//! Fitting the score model to a population whose truth is unknown.

use super::casework::Rules;
use super::cluster::Found;
use super::engine::Engine;
use super::linker::Settings;
use super::mixture::{Mixture, Sample};
use super::model::{Calibration, Normal, Power, Prior, Tail};
use super::table::ScoreTable;

/// Most rounds of linking and refitting, and the change of the decisive
/// figures at which they end; three usually do.
const ROUNDS: usize = 8;
const SETTLED: f64 = 0.01;
/// Same-source scores assumed while the population shows none; counts as one
/// pair beside those found.
const UNSEEN_SAME: Normal = Normal { mean: 8.0, sd: 3.0 };
/// Least mean of same-source pairs, in different-source standard deviations.
const LEAST_MEAN: f64 = 2.5;
/// Exponents of the power transforms tried on positive scores, beside none.
const POWERS: [f64; 3] = [0.5, 0.0, 2.0];
/// Shares of same-source pairs from which the fit is started, beside the
/// mixture's own.
const SHARES: [f64; 6] = [0.5, 0.3, 0.15, 0.07, 0.03, 0.01];
/// Share of casings with a mate that a start assumes.
const MATED: f64 = 0.5;
/// Beyond this number of pairs the mixture alone is start enough, and
/// different-source pairs are sampled.
const MANY_PAIRS: u64 = 2_000_000;
/// Least log Bayes factor of the groups found against no groups at all
/// ("strong" by Kass & Raftery 1995).
const LEAST_EVIDENCE: f64 = 3.0;
/// Distance of two modes in common standard deviations from which they are
/// distinct (Ashman, Bird & Zepf 1994), and from which they are clear of each
/// other.
const DISTINCT: f64 = 2.0;
const CLEAR: f64 = 3.0;

/// Fits the model to the table: by the scores' mixture where that is clear,
/// else from several starts, each linking and refitting in turns until both
/// settle. Of the fits whose groups explain the scores much better than none
/// would, the likeliest is taken.
pub(super) fn fit(table: ScoreTable, rules: Rules, settings: Settings) -> Engine {
    let scores = Sample::thin(table.each_pair().map(|p| p.2).collect());
    let (power, mixture) = choose_power(&scores);
    let mut starts = vec![(mixture.null, mixture.same)];
    if table.pairs() <= MANY_PAIRS {
        let scores = scores.map(|s| power.apply(s));
        let divided = SHARES.iter().filter_map(|&share| scores.divided(share));
        starts.extend(divided.map(|(null, same)| (null, Some(same))));
    }
    let alone = start(&table, power, mixture.null, None);
    let mut engine = Engine::new(table, rules, alone.clone());
    let clear = mixed(&mut engine, &mixture, settings);
    if !clear && engine.table.pairs() <= MANY_PAIRS {
        let singles: Vec<Found> = (0..engine.table.len() as u32).map(Found::single).collect();
        engine.recalibrate(alone);
        refit(&mut engine, &singles);
        let mut best = (f64::NEG_INFINITY, engine.calibration.clone());
        for (null, same) in starts {
            let begun = start(&engine.table, power, null, same);
            engine.recalibrate(begun);
            let merit = settle(&mut engine, settings);
            let real = merit.evidence > LEAST_EVIDENCE && engine.calibration.apart() > DISTINCT;
            if real && merit.likelihood > best.0 {
                best = (merit.likelihood, engine.calibration.clone());
            }
        }
        engine.recalibrate(best.1);
    }
    // The components at the lowest bar serve any higher one.
    engine.calibration.least = log_odds(settings.least_posterior);
    let components = engine.components();
    engine.calibration.least = bar(&engine, &components, settings);
    engine
}

/// Fits the mixture to the normalised pairs, then the prior in turns with
/// linking; whether the same-source pairs are a mode of their own and the
/// groups found explain the scores. Where they are, weighing each pair by its
/// probability is more exact than calling it one or the other.
fn mixed(engine: &mut Engine, scores: &Mixture, settings: Settings) -> bool {
    let n = engine.table.len() as f64;
    (engine.calibration.null, engine.calibration.tail) = (scores.null, scores.tail);
    engine.renormalise();
    let z = engine.table.each_pair().map(|(a, b, score)| engine.symmetric(a, b, score).0);
    let pairs = Sample::thin(z.collect()).fit();
    let now = &mut engine.calibration;
    (now.pair_null, now.tail) = (pairs.null, pairs.tail);
    if let Some(same) = pairs.same {
        now.visible = true;
        now.same = Normal { mean: pairs.null.z(same.mean), sd: same.sd / pairs.null.sd };
        let mates = pairs.share * 2.0 * engine.table.pairs() as f64 / n.max(1.0);
        now.prior = Prior::guess(1.0 - (-mates).exp(), n);
    }
    now.tabulate();
    let (mut before, mut evidence) = ([f64::INFINITY; 3], 0.0);
    for _ in 0..ROUNDS {
        engine.calibration.least = log_odds(settings.least_posterior);
        let components = engine.components();
        engine.calibration.least = bar(engine, &components, settings);
        let groups = engine.groups(&components, |_| ());
        count_groups(engine, &groups);
        evidence = judge(engine, &groups).evidence;
        let now = &engine.calibration;
        let after = [now.least, now.prior(1, 1), now.prior(2, 1)];
        let moved: f64 = before.iter().zip(after).map(|(x, y)| (x - y).abs()).sum();
        if moved < SETTLED {
            break;
        }
        before = after;
    }
    let now = &engine.calibration;
    now.visible && now.apart() > CLEAR && evidence > LEAST_EVIDENCE
}

/// What depends on the groups alone: the prior on their sizes, and what being
/// on a candidate list means.
fn count_groups(engine: &mut Engine, groups: &[Found]) {
    let (mut within, mut compared) = (0.0, 0.0);
    for group in groups.iter().filter(|g| g.len() > 1) {
        within += 0.5 * (group.len() * (group.len() - 1)) as f64;
        for (k, a) in group.members().enumerate() {
            let scored = |b: &u32| engine.table.score(a, *b).is_some();
            compared += group.members().skip(k + 1).filter(scored).count() as f64;
        }
    }
    let (present, absent) = presence(&engine.table, compared, within);
    let now = &mut engine.calibration;
    (now.present, now.absent) = (present, absent);
    now.prior = Prior::of(groups.iter().map(Found::len));
    now.tabulate();
}

/// A calibration from transformed scores' different- and same-source parts.
fn start(table: &ScoreTable, power: Power, null: Normal, same: Option<Normal>) -> Calibration {
    let (present, absent) = presence(table, 0.0, 0.0);
    let mated = if same.is_some() { MATED } else { 0.0 };
    let same = same.map(|s| Normal { mean: null.z(s.mean), sd: (s.sd / null.sd).max(1.0) });
    let mut new = Calibration {
        power,
        null,
        pair_null: Normal::STANDARD,
        tail: Tail::NORMAL,
        same: same.unwrap_or(UNSEEN_SAME),
        visible: false,
        present,
        absent,
        prior: Prior::guess(mated, table.len() as f64),
        least: 0.0,
        knots: Vec::new(),
    };
    new.tabulate();
    new
}

/// How well a model and its groups explain the scores.
struct Merit {
    /// Log likelihood of the scores and the groups.
    likelihood: f64,
    /// Log Bayes factor of the groups against all casings being single.
    evidence: f64,
}

/// Links and refits until both settle: classification
/// expectation–maximisation (Celeux & Govaert 1992), in which pairs are
/// classified by consistent groups, not one by one.
fn settle(engine: &mut Engine, settings: Settings) -> Merit {
    let mut before = [f64::INFINITY; 4];
    let mut merit = Merit { likelihood: f64::NEG_INFINITY, evidence: f64::NEG_INFINITY };
    for _ in 0..ROUNDS {
        engine.calibration.least = log_odds(settings.least_posterior);
        let groups = engine.groups(&engine.components(), |_| ());
        refit(engine, &groups);
        merit = judge(engine, &groups);
        let now = &engine.calibration;
        let after = [now.prior(1, 1), now.prior(2, 1), now.same.mean, now.tail.scale];
        let moved: f64 = before.iter().zip(after).map(|(x, y)| (x - y).abs()).sum();
        if moved < SETTLED {
            break;
        }
        before = after;
    }
    merit
}

/// Every how many pairs one is looked at where a sample will do.
fn step(table: &ScoreTable) -> usize {
    (table.pairs() / MANY_PAIRS + 1) as usize
}

fn judge(engine: &Engine, groups: &[Found]) -> Merit {
    let (model, step) = (&engine.calibration, step(&engine.table));
    let sampled = engine.table.each_pair().step_by(step);
    let (z, slopes): (Vec<f64>, Vec<f64>) =
        sampled.map(|(a, b, score)| engine.symmetric(a, b, score)).unzip();
    let slopes: f64 = slopes.iter().map(|s| s.ln()).sum();
    let z = Sample::thin(z);
    let here = z.sum(|v| model.tail.log_density_about(model.pair_null, v));
    let alone = z.alone().merit;
    let groups: f64 = groups.iter().flat_map(|g| &g.parts).map(|p| engine.log_odds_of(p)).sum();
    let parameters = if model.visible { (engine.table.pairs() as f64).ln() } else { 0.0 };
    let groups = groups - parameters;
    let step = step as f64;
    Merit { likelihood: step * (here + slopes) + groups, evidence: groups - step * (alone - here) }
}

/// The log posterior odds that a merge needs for the expected share of wrong
/// pairs among all proposed ones to stay within the false discovery rate
/// (Bayesian control: Newton et al. 2004; Storey 2003), and never less than
/// the single merge's own minimum.
fn bar(engine: &Engine, components: &[Vec<u32>], settings: Settings) -> f64 {
    let mut merges = Vec::new();
    engine.groups(components, |m| merges.push((m.log_odds, (m.left.len() * m.right.len()) as f64)));
    merges.sort_unstable_by(|x, y| y.0.total_cmp(&x.0).then(x.1.total_cmp(&y.1)));
    let mut bar = log_odds(1.0 - settings.false_discovery_rate);
    let (mut wrong, mut proposed) = (0.0, 0.0);
    for (odds, pairs) in merges {
        wrong += pairs / (1.0 + odds.exp());
        proposed += pairs;
        if wrong <= settings.false_discovery_rate * proposed {
            bar = bar.min(odds);
        }
    }
    bar.max(log_odds(settings.least_posterior))
}

fn log_odds(probability: f64) -> f64 {
    (probability / (1.0 - probability)).ln()
}

/// The transform under which the mixture explains the scores best.
fn choose_power(scores: &Sample) -> (Power, Mixture) {
    let mut best = (Power::NONE, scores.fit());
    let Some(least) = scores.least().filter(|&s| s > 0.0) else { return best };
    for power in POWERS.map(|exponent| Power { exponent, least }) {
        let mut found = scores.map(|s| power.apply(s)).fit();
        found.merit += scores.sum(|s| power.log_slope(s));
        if found.merit > best.1.merit {
            best = (power, found);
        }
    }
    best
}

/// Refits the model to the groups found: different-source scores are those
/// between groups, same-source scores those within.
fn refit(engine: &mut Engine, groups: &[Found]) {
    let mut group = vec![0; engine.table.len()];
    for (number, found) in (0u32..).zip(groups) {
        found.members().for_each(|c| group[c as usize] = number);
    }
    let together = |p: &(u32, u32, f64)| group[p.0 as usize] == group[p.1 as usize];
    let step = step(&engine.table);
    let between = |table: &ScoreTable| {
        let pairs: Vec<_> = table.each_pair().filter(|p| !together(p)).step_by(step).collect();
        pairs
    };
    let power = engine.calibration.power;
    let scores = between(&engine.table).iter().map(|p| power.apply(p.2)).collect();
    let scores = Sample::thin(scores);
    if scores.least().is_some() {
        engine.calibration.null = scores.alone().null;
    }
    engine.renormalise();
    let z = |&(a, b, score): &(u32, u32, f64)| engine.symmetric(a, b, score).0;
    let different = Sample::thin(between(&engine.table).iter().map(z).collect()).alone();
    let same = engine.table.each_pair().filter(together);
    let mut same: Vec<f64> = same.map(|p| different.null.z(z(&p))).collect();
    same.sort_unstable_by(f64::total_cmp);
    let now = &mut engine.calibration;
    (now.pair_null, now.tail) = (different.null, different.tail);
    now.visible = !same.is_empty();
    let count = same.len() as f64 + 1.0;
    let mean = (same.iter().sum::<f64>() + UNSEEN_SAME.mean) / count;
    let squares = same.iter().map(|z| (z - mean).powi(2)).sum::<f64>() + UNSEEN_SAME.sd.powi(2);
    now.same = Normal { mean: mean.max(LEAST_MEAN), sd: (squares / count).sqrt().max(1.0) };
    count_groups(engine, groups);
}

/// Log likelihood ratios of a pair's being, and not being, on a candidate list.
fn presence(table: &ScoreTable, compared_within: f64, within: f64) -> (f64, f64) {
    let n = table.len() as f64;
    let any = (table.pairs() as f64 + 1.0) / (0.5 * n * (n - 1.0) + 2.0).max(1.0);
    let any = any.min(1.0);
    let same = (compared_within + 9.0) / (within + 10.0);
    ((same / any).ln().max(0.0), ((1.0 - same).max(1e-9) / (1.0 - any).max(1e-9)).ln().min(0.0))
}
