//! Weighing pairs whose truth is known, to see how good the weights are.

use super::bounds::Bounds;
use super::curves::Curves;
use super::metrics::{
    auc, cllr, cllr_min, misleading_different_source, misleading_same_source, weighted_auc,
    weighted_cllr,
};
use super::pairs::{Pair, PairSet};
use super::population::{Plan, Population};
use super::ranks::{Ranks, ranks};
use super::resample::{FirearmBootstrap, Folds};
use super::scope::Circumstances;
use super::tuning::tuned;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::f64::consts::LN_10;
use types::error::{Error, Kind, Result};
use types::message::{Message, say};
use types::numeric::quantile;

/// Bootstrap replicates of the intervals of Cllr and AUC, and their seed.
const REPLICATES: u64 = 400;
const SEED: u64 = 2;

/// What was tested on what.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "method", rename_all = "snake_case")]
pub enum How {
    /// A population fitted beforehand, applied to these pairs.
    Population {
        /// Its name.
        name: String,
        /// The digest of its JSON.
        sha256: String,
        /// Firearms in it.
        firearms: u64,
        /// Same-source pairs in it.
        same_source_pairs: u64,
        /// Different-source pairs in it.
        different_source_pairs: u64,
    },
    /// Every pair weighed by a model that saw neither of its firearms.
    LeaveFirearmsOut {
        /// Folds the firearms were dealt to.
        folds: u64,
    },
}

/// One weighed pair.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PairLr {
    /// One casing.
    pub a: String,
    /// The other casing of the pair.
    pub b: String,
    /// The truth.
    pub same_source: bool,
    /// log10 LR within the bounds.
    pub log10_lr: f64,
    /// Its 95 % interval, where the population has one.
    pub interval: Option<(f64, f64)>,
    /// log10 LR before the bounds.
    pub log10_unbounded: f64,
}

/// A figure with the 95 % interval of a bootstrap over firearms.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Interval {
    /// Lower end.
    pub lower: f64,
    /// Upper end.
    pub upper: f64,
}

/// A firearm with misleading pairs.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct FirearmFailures {
    /// The firearm.
    pub firearm: String,
    /// Its same-source pairs.
    pub same_source: u64,
    /// Those with LR < 1.
    pub misleading_same_source: u64,
    /// Different-source pairs it is in.
    pub different_source: u64,
    /// Those with LR > 1.
    pub misleading_different_source: u64,
}

types::coded!(mod notes: Vec<Message> as notes and coded_notes);

/// Counts by the English text of a message, which is the key in JSON.
fn by_text<S: serde::Serializer>(
    counts: &BTreeMap<Message, u64>,
    to: S,
) -> std::result::Result<S::Ok, S::Error> {
    to.collect_map(counts.iter().map(|(why, n)| (why.to_string(), n)))
}

/// How good the likelihood ratios of a labelled set are.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Validation {
    /// What was tested on what.
    pub how: How,
    /// Firearms tested.
    pub firearms: u64,
    /// Same-source pairs weighed.
    pub same_source_pairs: u64,
    /// Different-source pairs weighed.
    pub different_source_pairs: u64,
    /// Pairs that were refused, by reason.
    #[serde(serialize_with = "by_text")]
    pub refused: BTreeMap<Message, u64>,
    /// Log-likelihood-ratio cost, bits.
    pub cllr: f64,
    /// Its interval.
    pub cllr_interval: Interval,
    /// What the best monotone recalibration would leave of it.
    pub cllr_min: f64,
    /// What the calibration costs: the difference.
    pub cllr_cal: f64,
    /// The cost without the bounds.
    pub cllr_unbounded: f64,
    /// Share of same-source pairs with LR < 1.
    pub misleading_same_source: f64,
    /// Share of different-source pairs with LR > 1.
    pub misleading_different_source: f64,
    /// log10 LR of the most misleading same-source pair, if any misleads.
    pub most_misleading_same_source: Option<f64>,
    /// log10 LR of the most misleading different-source pair, if any misleads.
    pub most_misleading_different_source: Option<f64>,
    /// Probability that a same-source pair ranks above a different-source one.
    pub auc: f64,
    /// Its interval.
    pub auc_interval: Interval,
    /// Bounds of the population; the widest of those of cross-validation.
    pub bounds: Bounds,
    /// Where true mates stand among candidates, by LR before the bounds.
    pub ranks: Ranks,
    /// Firearms with misleading pairs, most first.
    pub failures_by_firearm: Vec<FirearmFailures>,
    /// What limits the figures.
    #[serde(flatten, with = "notes")]
    pub notes: Vec<Message>,
    /// The curves.
    pub curves: Curves,
    /// Every pair.
    #[serde(skip)]
    pub pairs: Vec<PairLr>,
}

/// Applies a population to labelled pairs.
///
/// # Errors
/// [`Kind::BadInput`] without pairs of both classes; [`Kind::Incomparable`]
/// where the population covers none.
pub fn validate(population: &Population, set: &PairSet) -> Result<Validation> {
    set.need_both_classes()?;
    let circumstances = Circumstances {
        recipe: set.origin.recipe,
        modality: set.origin.modality,
        ..Circumstances::default()
    };
    let mut refused: BTreeMap<Message, u64> = BTreeMap::new();
    let mut last = None;
    let mut tested = Vec::new();
    for pair in &set.pairs {
        let weight = population.weigh(&pair.marks, &circumstances);
        match (weight, population.unbounded_log_lr(&pair.marks)) {
            (Ok(w), Some(log_lr)) => {
                let interval = Some((w.log10_lower, w.log10_upper));
                tested.push((pair, weighed(pair, w.log10_lr, log_lr, interval)));
            }
            (Err(error), _) => {
                *refused.entry(error.what.clone()).or_default() += 1;
                last = Some(error);
            }
            (Ok(_), None) => {}
        }
    }
    if tested.is_empty() {
        return Err(last.unwrap_or_else(|| {
            Error::new(Kind::Incomparable, say!("the population covers none of the pairs"))
        }));
    }
    let how = How::Population {
        name: population.name.clone(),
        sha256: population.digest()?.to_string(),
        firearms: population.firearms,
        same_source_pairs: population.same_source_pairs,
        different_source_pairs: population.different_source_pairs,
    };
    let mut notes = set.notes.clone();
    let shared = set.casings().into_iter().filter(|c| population.scope.has(c)).count();
    if shared > 0 {
        notes.push(say!(
            "{shared} of the casings are also in the population: the figures flatter it"
        ));
    }
    summarise(how, set, tested, refused, population.bounds, notes)
}

/// Weighs every pair of a set by a model, and within bounds, that do not know
/// its firearms.
///
/// # Errors
/// [`Kind::BadInput`] without pairs of both classes or with too few firearms.
pub fn cross_validate(set: &PairSet, plan: Plan) -> Result<Validation> {
    set.need_both_classes()?;
    let folds = Folds::of(set);
    let unseen = tuned(set, plan.settings, plan.bounds)?.unseen;
    let mut bounds: BTreeMap<(usize, usize), Bounds> = BTreeMap::new();
    let mut refused = BTreeMap::new();
    let mut tested = Vec::new();
    for (pair, log_lr) in set.pairs.iter().zip(&unseen) {
        let Some(log_lr) = *log_lr else {
            *refused.entry(say!("the other firearms leave nothing to fit")).or_default() += 1;
            continue;
        };
        let at = folds.of_pair(pair);
        let bounds = bounds.entry(at).or_insert_with(|| {
            let (mut same, mut different) = (Vec::new(), Vec::new());
            for (other, log_lr) in set.pairs.iter().zip(&unseen) {
                if folds.outside(other, at) {
                    let class = if other.same_source() { &mut same } else { &mut different };
                    class.extend(log_lr.map(|l| l / LN_10));
                }
            }
            Bounds::of(plan.bounds, &same, &different)
        });
        tested.push((pair, weighed(pair, bounds.apply(log_lr / LN_10), log_lr, None)));
    }
    let widest = bounds.into_values().reduce(|x, y| Bounds {
        rule: x.rule,
        log10_lower: x.log10_lower.min(y.log10_lower),
        log10_upper: x.log10_upper.max(y.log10_upper),
    });
    let Some(bounds) = widest else {
        let what = say!("{} firearms are too few to leave any out", set.firearms.len());
        return Err(Error::new(Kind::BadInput, what).advise(say!(
            "validate with --population, or with the pairs of four firearms or more"
        )));
    };
    let how = How::LeaveFirearmsOut { folds: folds.count() as u64 };
    summarise(how, set, tested, refused, bounds, set.notes.clone())
}

fn weighed(pair: &Pair, log10_lr: f64, log_lr: f64, interval: Option<(f64, f64)>) -> PairLr {
    PairLr {
        a: pair.a.clone(),
        b: pair.b.clone(),
        same_source: pair.same_source(),
        log10_lr,
        interval,
        log10_unbounded: log_lr / LN_10,
    }
}

fn summarise(
    how: How,
    set: &PairSet,
    tested: Vec<(&Pair, PairLr)>,
    refused: BTreeMap<Message, u64>,
    bounds: Bounds,
    notes: Vec<Message>,
) -> Result<Validation> {
    let of = |class: bool, value: fn(&PairLr) -> f64| -> Vec<f64> {
        let these = tested.iter().filter(|t| t.1.same_source == class);
        these.map(|t| value(&t.1) * LN_10).collect()
    };
    let same = of(true, |p| p.log10_lr);
    let different = of(false, |p| p.log10_lr);
    let same_raw = of(true, |p| p.log10_unbounded);
    let different_raw = of(false, |p| p.log10_unbounded);
    if same.is_empty() || different.is_empty() {
        let what = say!("the pairs that could be weighed are all of one class");
        return Err(Error::new(Kind::BadInput, what)
            .advise(say!("the JSON of a validation with more pairs lists what was refused")));
    }
    let pairs = |class: bool| -> Vec<&Pair> {
        tested.iter().filter(|t| t.1.same_source == class).map(|t| t.0).collect()
    };
    let (same_pairs, different_pairs) = (pairs(true), pairs(false));
    let bootstrap = FirearmBootstrap::new(SEED, set.firearms.len());
    let (mut costs, mut areas) = (Vec::new(), Vec::new());
    for r in 0..REPLICATES {
        let s = bootstrap.pair_weights(r, &same_pairs);
        let d = bootstrap.pair_weights(r, &different_pairs);
        costs.push(weighted_cllr(&same, Some(&s), &different, Some(&d)));
        areas.push(weighted_auc(&same_raw, Some(&s), &different_raw, Some(&d)));
    }
    let cost = cllr(&same, &different);
    let least = cllr_min(&same, &different);
    let worst = |v: f64, wrong: bool| wrong.then_some(v / LN_10);
    let lowest = same.iter().copied().fold(f64::INFINITY, f64::min);
    let highest = different.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let used =
        PairSet { pairs: tested.iter().map(|t| t.0.clone()).collect(), ..PairSet::default() };
    let unbounded: Vec<f64> = tested.iter().map(|t| t.1.log10_unbounded).collect();
    Ok(Validation {
        how,
        firearms: PairSet::firearms_of(&used.pairs).len() as u64,
        same_source_pairs: same.len() as u64,
        different_source_pairs: different.len() as u64,
        refused,
        cllr: cost,
        cllr_interval: interval(costs),
        cllr_min: least,
        cllr_cal: cost - least,
        cllr_unbounded: cllr(&same_raw, &different_raw),
        misleading_same_source: misleading_same_source(&same),
        misleading_different_source: misleading_different_source(&different),
        most_misleading_same_source: worst(lowest, lowest < 0.0),
        most_misleading_different_source: worst(highest, highest > 0.0),
        auc: auc(&same_raw, &different_raw),
        auc_interval: interval(areas),
        bounds,
        ranks: ranks(&used, &unbounded),
        failures_by_firearm: failures(set, &tested),
        notes,
        curves: Curves::of(&same, &different),
        pairs: tested.into_iter().map(|t| t.1).collect(),
    })
}

fn interval(mut values: Vec<f64>) -> Interval {
    values.sort_by(f64::total_cmp);
    Interval { lower: quantile(&values, 0.025), upper: quantile(&values, 0.975) }
}

fn failures(set: &PairSet, tested: &[(&Pair, PairLr)]) -> Vec<FirearmFailures> {
    let mut all: BTreeMap<usize, FirearmFailures> = BTreeMap::new();
    for (pair, lr) in tested {
        let (a, b) = pair.firearms;
        for firearm in if a == b { vec![a] } else { vec![a, b] } {
            let entry = all.entry(firearm).or_default();
            entry.firearm = set.firearms.get(firearm).cloned().unwrap_or_default();
            if lr.same_source {
                entry.same_source += 1;
                entry.misleading_same_source += u64::from(lr.log10_lr < 0.0);
            } else {
                entry.different_source += 1;
                entry.misleading_different_source += u64::from(lr.log10_lr > 0.0);
            }
        }
    }
    let misleading = |f: &FirearmFailures| f.misleading_same_source + f.misleading_different_source;
    let mut out: Vec<_> = all.into_values().filter(|f| misleading(f) > 0).collect();
    out.sort_by_key(|f| std::cmp::Reverse((f.misleading_same_source, misleading(f))));
    out
}
