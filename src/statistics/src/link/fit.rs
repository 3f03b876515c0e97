//! Fitting the score model to a population whose truth is unknown.

use super::casework::Rules;
use super::cluster::Found;
use super::cut::{Cut, best_cut};
use super::distribution::{Normal, Power, Tail};
use super::effects::{Layout, Scored, Traits};
use super::engine::Engine;
use super::model::{Calibration, Model, Prior, Sizes};
use super::settings::Settings;
use super::table::ScoreTable;
use types::numeric::nearest_rank;

/// Most rounds of linking and refitting the prior, and the change of its log
/// odds at which they end; three usually do.
const ROUNDS: usize = 8;
const SETTLED: f64 = 0.01;
/// Rounds of a layout and the best partition under it.
const CUTS: usize = 4;
/// Same-source scores assumed while the population shows none.
const UNSEEN_SAME: Normal = Normal { mean: 8.0, sd: 3.0 };
/// Exponents of the power transforms tried on positive scores, beside none.
const POWERS: [f64; 3] = [0.5, 0.0, 2.0];
/// What casings have in common may reach this many standard deviations in 99
/// of 100 pairs; more is not resemblance.
const MOST_RESEMBLANCE: f64 = 3.0;
/// Share of pairs between groups that may score above the median of those within.
const MOST_ABOVE: f64 = 0.05;
/// Most casings and pairs that the model is fitted to, and the longest
/// candidate list that comes along with a casing.
const MOST_CASINGS: usize = 1500;
const MOST_PAIRS: usize = 200_000;
const LONGEST_LIST: usize = 64;

/// Fits the model to the table: scores and a partition of (a part of) the
/// population, then the prior on group sizes in turns with linking, then the
/// bar that a merge has to clear.
pub(super) fn fit(table: ScoreTable, rules: Rules, settings: Settings) -> Engine {
    let part = Part::of(&table);
    let found = part.explain();
    let n = table.len() as f64;
    let (present, absent) = presence(&table, 0.0, 0.0);
    let known = part.casings.iter().zip(&found.traits);
    let mut model = Model {
        power: found.power,
        layout: found.layout,
        known: known.map(|(&c, traits)| (table.id(c).to_owned(), *traits)).collect(),
        tail: found.cut.tail,
        same: found.cut.same.unwrap_or(UNSEEN_SAME),
        visible: found.cut.same.is_some(),
        knots: Vec::new(),
    };
    model.tabulate();
    let weight = n / part.casings.len().max(1) as f64;
    let calibration = Calibration {
        model: Some(model),
        present,
        absent,
        prior: Prior::Learnt(Sizes::of(found.cut.sizes().into_iter(), weight)),
        least: log_odds(settings.least_posterior),
    };
    let mut engine = Engine::new(table, rules, calibration);
    let mut before = [f64::INFINITY; 2];
    for _ in 0..ROUNDS {
        let groups = engine.groups(&engine.components(), |_| ());
        refit(&mut engine, &groups);
        let now = &engine.calibration;
        let after = [now.prior(1, 1), now.prior(2, 1)];
        let moved: f64 = before.iter().zip(after).map(|(x, y)| (x - y).abs()).sum();
        if moved < SETTLED {
            break;
        }
        before = after;
    }
    engine.calibration.least = bar(&engine, settings);
    engine
}

/// The casings and pairs that the model is fitted to.
struct Part {
    casings: Vec<u32>,
    pairs: Vec<(u32, u32)>,
    scores: Vec<f64>,
}

/// How a part's scores are explained.
struct Explained {
    power: Power,
    layout: Layout,
    traits: Vec<Traits>,
    cut: Cut,
}

impl Part {
    /// Everything, or evenly spaced casings, each with its candidates if these
    /// are few: a shortlist says nothing without those on it.
    fn of(table: &ScoreTable) -> Self {
        let n = table.len();
        let mut chosen = vec![n <= MOST_CASINGS && table.pairs() <= MOST_PAIRS as u64; n];
        if !chosen.first().copied().unwrap_or(true) {
            let degree = (2 * table.pairs() / n.max(1) as u64).max(1) as usize;
            let alone = degree > LONGEST_LIST;
            let most = if alone { ((2 * MOST_PAIRS) as f64).sqrt() as usize } else { MOST_CASINGS };
            let seeds = if alone { most } else { most / (degree + 1) }.clamp(1, n);
            let mut left = most;
            for seed in (0..seeds).map(|k| k * n / seeds) {
                let list = if alone { &[] } else { table.candidates(seed as u32) };
                for c in std::iter::once(seed).chain(list.iter().map(|x| x.0 as usize)) {
                    if left > 0 && !std::mem::replace(&mut chosen[c], true) {
                        left -= 1;
                    }
                }
            }
        }
        let mut place = vec![u32::MAX; n];
        let casings: Vec<u32> = (0..n as u32).filter(|&c| chosen[c as usize]).collect();
        (0..).zip(&casings).for_each(|(at, &c)| place[c as usize] = at);
        let (mut pairs, mut scores) = (Vec::new(), Vec::new());
        for (at, &c) in (0u32..).zip(&casings) {
            for &(other, score) in table.candidates(c) {
                let there = place[other as usize];
                if there != u32::MAX && there > at {
                    pairs.push((at, there));
                    scores.push(score);
                }
            }
        }
        Self { casings, pairs, scores }
    }

    /// The transform, layout and partition of the greatest merit.
    fn explain(&self) -> Explained {
        let mut best: Option<Explained> = None;
        let complete = 4 * self.pairs.len() >= self.casings.len() * self.casings.len();
        for power in self.powers() {
            let y: Vec<f64> = self.scores.iter().map(|&s| power.apply(s)).collect();
            if y.iter().any(|y| !y.is_finite()) {
                continue;
            }
            let slope: f64 = self.scores.iter().map(|&s| power.log_slope(s)).sum();
            let scored = Scored::new(self.casings.len(), &self.pairs, y);
            for (lower_half, factors) in
                [(false, false), (false, true), (true, false), (true, true)]
            {
                if factors && !complete {
                    continue;
                }
                for (layout, traits, mut cut) in self.alternate(&scored, lower_half, factors) {
                    cut.merit += slope;
                    if best.as_ref().is_none_or(|b| cut.merit > b.cut.merit) {
                        best = Some(Explained { power, layout, traits, cut });
                    }
                }
            }
        }
        best.unwrap_or_else(|| self.nothing())
    }

    /// From one start, layouts and partitions in turns; each round's.
    fn alternate(
        &self,
        scored: &Scored<'_>,
        lower_half: bool,
        factors: bool,
    ) -> Vec<(Layout, Vec<Traits>, Cut)> {
        let n = self.casings.len() as f64;
        let mut rounds = Vec::new();
        let mut between = vec![true; self.pairs.len()];
        for round in 0..CUTS {
            let (layout, traits) = if round == 0 && lower_half {
                scored.lower_half()
            } else if let Some(found) = scored.layout(&between, factors) {
                found
            } else {
                break;
            };
            let each = |&(a, b): &(u32, u32)| (&traits[a as usize], &traits[b as usize]);
            if factors {
                let common =
                    self.pairs.iter().map(each).map(|(a, b)| layout.resemblance(a, b).abs());
                if nearest_rank(&mut common.collect::<Vec<_>>(), 0.99) > MOST_RESEMBLANCE {
                    break;
                }
            }
            let x: Vec<f64> = self
                .pairs
                .iter()
                .map(each)
                .zip(&scored.y)
                .map(|((a, b), &y)| layout.statistic(y, a, b))
                .collect();
            let mut cut = best_cut(self.casings.len(), &self.pairs, &x);
            // Scores in their own units; a load for each casing and factor.
            cut.merit -= x.len() as f64 * layout.null.sd.ln();
            let loads = n * layout.signs.iter().filter(|s| **s != 0.0).count() as f64;
            cut.merit -= 0.5 * loads * n.max(1.0).ln();
            let apart = |&(a, b): &(u32, u32)| cut.group[a as usize] != cut.group[b as usize];
            let now: Vec<bool> = self.pairs.iter().map(apart).collect();
            if self.upside_down(&now, &scored.y) {
                break;
            }
            let settled = now == between && !(round == 0 && lower_half);
            rounds.push((layout, traits, cut));
            if settled || now.iter().filter(|b| **b).count() < 4 {
                break;
            }
            between = now;
        }
        rounds
    }

    /// Whether many pairs between groups score as high as those within: then
    /// the layout has explained away what should have been a group.
    fn upside_down(&self, between: &[bool], y: &[f64]) -> bool {
        let side = |wanted: bool| {
            let kept = y.iter().zip(between).filter(move |(_, b)| **b == wanted);
            kept.map(|(y, _)| *y).collect::<Vec<f64>>()
        };
        let (mut within, mut between) = (side(false), side(true));
        !within.is_empty()
            && nearest_rank(&mut between, 1.0 - MOST_ABOVE) > nearest_rank(&mut within, 0.5)
    }

    fn powers(&self) -> Vec<Power> {
        let mut powers = vec![Power::NONE];
        let least = self.scores.iter().copied().fold(f64::INFINITY, f64::min);
        let positive = self.scores.iter().copied().filter(|&s| s > 0.0);
        let next = positive.fold(f64::INFINITY, f64::min);
        if least > 0.0 && least.is_finite() {
            powers.extend(POWERS.map(|exponent| Power { exponent, least, offset: 0.0 }));
        } else if least == 0.0 && next.is_finite() {
            powers.push(Power { exponent: 0.5, least, offset: 0.5 * next });
        }
        powers
    }

    /// Where there is no score to explain.
    fn nothing(&self) -> Explained {
        let group: Vec<u32> = (0..self.casings.len() as u32).collect();
        Explained {
            power: Power::NONE,
            layout: Layout::plain(Normal::STANDARD),
            traits: vec![Traits::default(); self.casings.len()],
            cut: Cut { group, same: None, tail: Tail::NORMAL, merit: f64::NEG_INFINITY },
        }
    }
}

/// The log posterior odds that a merge needs for the expected share of wrong
/// pairs among all proposed ones to stay within the false discovery rate
/// (Bayesian control: Newton et al. 2004; Storey 2003), and never less than
/// the single merge's own minimum.
fn bar(engine: &Engine, settings: Settings) -> f64 {
    let mut merges = Vec::new();
    engine.groups(&engine.components(), |m| {
        merges.push((m.log_odds, (m.left.len() * m.right.len()) as f64))
    });
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

pub(super) fn log_odds(probability: f64) -> f64 {
    (probability / (1.0 - probability)).ln()
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
    now.prior = Prior::Learnt(Sizes::of(groups.iter().map(Found::len), 1.0));
}

/// Log likelihood ratios of a pair's being, and not being, on a candidate list.
pub(super) fn presence(table: &ScoreTable, compared_within: f64, within: f64) -> (f64, f64) {
    let n = table.len() as f64;
    let any = (table.pairs() as f64 + 1.0) / (0.5 * n * (n - 1.0) + 2.0).max(1.0);
    let any = any.min(1.0);
    let same = (compared_within + 9.0) / (within + 10.0);
    ((same / any).ln().max(0.0), ((1.0 - same).max(1e-9) / (1.0 - any).max(1e-9)).ln().min(0.0))
}
