//! Fitting the score model to a population whose truth is unknown.

use super::casework::Rules;
use super::cluster::Found;
use super::engine::Engine;
use super::linker::Settings;
use super::mixture::{Mixture, Sample};
use super::model::{Calibration, Normal, Power, Prior};
use super::table::ScoreTable;

/// Most rounds of linking and refitting, and the change of the decisive odds
/// (natural logarithms) at which they end; three usually do.
const ROUNDS: usize = 8;
const SETTLED: f64 = 0.01;
/// Same-source scores assumed while the population shows none.
const UNSEEN_SAME: Normal = Normal { mean: 8.0, sd: 3.0 };
/// Exponents of the power transforms tried on positive scores, beside none.
const POWERS: [f64; 3] = [0.5, 0.0, 2.0];

/// Fits the model to the table: the scores' mixture once, then the prior on
/// group sizes and the bar in turns with linking, until they settle.
pub(super) fn fit(table: ScoreTable, rules: Rules, settings: Settings) -> Engine {
    let (power, scores) = choose_power(&Sample::thin(table.each_pair().map(|p| p.2).collect()));
    let n = table.len() as f64;
    let (present, absent) = presence(&table, 0.0, 0.0);
    let first = Calibration {
        power,
        null: scores.null,
        pair_null: Normal::STANDARD,
        tail: scores.tail,
        same: UNSEEN_SAME,
        visible: false,
        present,
        absent,
        prior: Prior::guess(0.0, n),
        least: log_odds(1.0 - settings.false_discovery_rate),
        knots: Vec::new(),
    };
    let mut engine = Engine::new(table, rules, first);
    let pairs = engine.table.each_pair().map(|(a, b, score)| engine.statistic(a, b, score));
    let pairs = Sample::thin(pairs.collect()).fit();
    let now = &mut engine.calibration;
    (now.pair_null, now.tail) = (pairs.null, pairs.tail);
    if let Some(same) = pairs.same {
        now.visible = true;
        now.same = Normal { mean: pairs.null.z(same.mean), sd: same.sd / pairs.null.sd };
        let mates = pairs.share * 2.0 * engine.table.pairs() as f64 / n.max(1.0);
        now.prior = Prior::guess(1.0 - (-mates).exp(), n);
    }
    engine.calibration.tabulate();
    let mut before = [f64::INFINITY; 3];
    for _ in 0..ROUNDS {
        // The components at the lowest bar serve any higher one.
        engine.calibration.least = log_odds(settings.least_posterior);
        let components = engine.components();
        engine.calibration.least = bar(&engine, &components, settings);
        let groups = engine.groups(&components, |_| ());
        refit(&mut engine, &groups);
        let now = &engine.calibration;
        let after = [now.least, now.prior(1, 1), now.prior(2, 1)];
        let moved: f64 = before.iter().zip(after).map(|(x, y)| (x - y).abs()).sum();
        if moved < SETTLED {
            break;
        }
        before = after;
    }
    engine
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

/// Refits what depends on the partition to the groups found.
fn refit(engine: &mut Engine, groups: &[Found]) {
    let (mut pairs, mut compared) = (0.0, 0.0);
    for group in groups.iter().filter(|g| g.len() > 1) {
        let size = group.len() as f64;
        pairs += 0.5 * size * (size - 1.0);
        for (k, a) in group.members().enumerate() {
            let scored = |b: &u32| engine.table.score(a, *b).is_some();
            compared += group.members().skip(k + 1).filter(scored).count() as f64;
        }
    }
    let (present, absent) = presence(&engine.table, compared, pairs);
    let now = &mut engine.calibration;
    (now.present, now.absent) = (present, absent);
    now.prior = Prior::of(groups.iter().map(Found::len));
    now.tabulate();
}

/// Log likelihood ratios of a pair's being, and not being, on a candidate list.
fn presence(table: &ScoreTable, compared_within: f64, within: f64) -> (f64, f64) {
    let n = table.len() as f64;
    let any = (table.pairs() as f64 + 1.0) / (0.5 * n * (n - 1.0) + 2.0).max(1.0);
    let any = any.min(1.0);
    let same = (compared_within + 9.0) / (within + 10.0);
    ((same / any).ln().max(0.0), ((1.0 - same).max(1e-9) / (1.0 - any).max(1e-9)).ln().min(0.0))
}
