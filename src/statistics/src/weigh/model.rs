//! Likelihood ratios from what the comparison of two casings gave.

use super::beta_binomial::{BetaBinomial, CellsModel};
use super::logistic::{Example, Logistic, USUAL_PRECISION};
use super::pairs::{Channel, Measure, Measured, Pair, Value, values};
use super::score::{ScoreMethod, ScoreModel, Scored};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use types::error::{Error, Kind, Result};
use types::message::say;

/// What is used, and how.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    /// How a continuous score becomes a likelihood ratio.
    pub score_method: ScoreMethod,
    /// Use only this number of each comparison; else all that there are, fused.
    pub only: Option<Measure>,
    /// Precision of the prior on the weights by which numbers are fused.
    pub fusion_precision: f64,
}

impl Default for Settings {
    fn default() -> Self {
        let (score_method, only) = Default::default();
        Self { score_method, only, fusion_precision: USUAL_PRECISION }
    }
}

/// The model of one channel.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum ChannelModel {
    Cells(CellsModel),
    Score(ScoreModel),
}

impl ChannelModel {
    fn log_lr(&self, value: Value) -> Option<f64> {
        match (self, value) {
            (Self::Cells(m), Value::Cells(c)) => {
                m.log_lr(c.tried).get(c.congruent as usize).copied()
            }
            (Self::Score(m), Value::Score(s)) => Some(m.log_lr(s)),
            _ => None,
        }
    }

    fn feature(&self, value: Value) -> Option<f64> {
        match (self, value) {
            (Self::Score(m), Value::Score(s)) => Some(m.feature(s)),
            _ => self.log_lr(value),
        }
    }
}

/// Several channels weighed together. Their log likelihood ratios are not added
/// up, since good marks give many congruent cells *and* a high score: how much
/// each adds to the others is learnt (logistic fusion: Pigeon et al. 2000;
/// Morrison 2013).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Fusion {
    channels: Vec<Channel>,
    line: Logistic,
}

/// A fitted model: one part a channel, and one fusion for every set of channels
/// that pairs of the population have together.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Model {
    channels: Vec<(Channel, ChannelModel)>,
    fusions: Vec<Fusion>,
}

impl Model {
    /// Fits to labelled pairs; `weights` has one weight a pair.
    ///
    /// # Errors
    /// [`Kind::BadInput`] if no channel has pairs of both classes.
    pub fn fit(pairs: &[&Pair], weights: &[f64], settings: Settings) -> Result<Self> {
        let mut rows: Vec<ScoredRow> = pairs
            .iter()
            .zip(weights)
            .map(|(p, &weight)| ScoredRow {
                values: used(values(&p.marks), settings),
                same_source: p.same_source(),
                casings: [&p.a, &p.b],
                weight,
            })
            .collect();
        equal_mass(&mut rows);
        let mut sets: BTreeMap<Vec<Channel>, [bool; 2]> = BTreeMap::new();
        for row in &rows {
            let set: Vec<Channel> = row.values.keys().copied().collect();
            for part in subsets(&set) {
                sets.entry(part).or_default()[usize::from(row.same_source)] = true;
            }
        }
        sets.retain(|_, classes| *classes == [true, true]);
        let mut model = Self { channels: Vec::new(), fusions: Vec::new() };
        for set in sets.keys() {
            if let [only] = set[..] {
                model.channels.push((only, fit_channel(&rows, only, settings)));
            }
        }
        for set in sets.into_keys().filter(|s| s.len() > 1) {
            let line = model.fit_fusion(&rows, &set, settings.fusion_precision);
            model.fusions.push(Fusion { channels: set, line });
        }
        if model.channels.is_empty() {
            let what = say!("no score or count of cells has pairs of both classes");
            return Err(Error::new(Kind::BadInput, what).advise(say!(
                "the pairs need a column score, or columns cells and congruent_cells"
            )));
        }
        Ok(model)
    }

    fn fit_fusion(&self, rows: &[ScoredRow<'_>], set: &[Channel], precision: f64) -> Logistic {
        let mut casings = BTreeSet::new();
        let examples: Vec<Example> = rows
            .iter()
            .filter_map(|row| {
                let features = self.features(&row.values, set)?;
                casings.extend(row.casings);
                Some(Example { features, same_source: row.same_source, weight: row.weight })
            })
            .collect();
        Logistic::fit(&examples, casings.len() as f64, precision)
    }

    fn part(&self, channel: Channel) -> Option<&ChannelModel> {
        self.channels.iter().find(|c| c.0 == channel).map(|c| &c.1)
    }

    fn features(&self, values: &BTreeMap<Channel, Value>, set: &[Channel]) -> Option<Vec<f64>> {
        set.iter().map(|c| self.part(*c)?.feature(*values.get(c)?)).collect()
    }

    /// The natural-log likelihood ratio, unbounded, from all channels that the
    /// comparison and the population have in common; `None` without any.
    pub fn log_lr(&self, marks: &[Measured]) -> Option<f64> {
        let mut values = values(marks);
        values.retain(|c, _| self.part(*c).is_some());
        if values.len() < 2 {
            let (channel, value) = values.pop_first()?;
            return self.part(channel)?.log_lr(value);
        }
        // The largest set of channels that the population had together.
        let fusion = self
            .fusions
            .iter()
            .filter(|f| f.channels.iter().all(|c| values.contains_key(c)))
            .max_by_key(|f| f.channels.len());
        match fusion {
            Some(f) => Some(f.line.log_lr(&self.features(&values, &f.channels)?)),
            // Channels never seen together: the one that says least.
            None => values
                .iter()
                .filter_map(|(c, v)| self.part(*c)?.log_lr(*v))
                .min_by(|x, y| x.abs().total_cmp(&y.abs())),
        }
    }
}

/// A pair as the fit sees it.
struct ScoredRow<'a> {
    values: BTreeMap<Channel, Value>,
    same_source: bool,
    casings: [&'a str; 2],
    weight: f64,
}

fn used(mut values: BTreeMap<Channel, Value>, settings: Settings) -> BTreeMap<Channel, Value> {
    values.retain(|c, _| settings.only.is_none_or(|only| c.measure == only));
    values
}

/// Makes the weights of either class sum up to its number of pairs, so that a
/// bootstrap does not change how strong priors are beside the data.
fn equal_mass(rows: &mut [ScoredRow<'_>]) {
    for class in [true, false] {
        let of_class = || rows.iter().filter(|r| r.same_source == class);
        let (n, mass) = (of_class().count() as f64, of_class().map(|r| r.weight).sum::<f64>());
        if mass > 0.0 {
            rows.iter_mut().filter(|r| r.same_source == class).for_each(|r| r.weight *= n / mass);
        }
    }
}

fn fit_channel(rows: &[ScoredRow<'_>], channel: Channel, settings: Settings) -> ChannelModel {
    let having = || rows.iter().filter_map(|r| Some((r, *r.values.get(&channel)?)));
    match channel.measure {
        Measure::Cells => {
            let of = |class: bool| {
                BetaBinomial::fit(having().filter(|(r, _)| r.same_source == class).filter_map(
                    |(r, value)| match value {
                        Value::Cells(cells) => Some((cells, r.weight)),
                        Value::Score(_) => None,
                    },
                ))
            };
            ChannelModel::Cells(CellsModel { same_source: of(true), different_source: of(false) })
        }
        Measure::Score => {
            let mut casings = BTreeSet::new();
            let scores: Vec<Scored> = having()
                .filter_map(|(r, value)| {
                    let Value::Score(score) = value else { return None };
                    casings.extend(r.casings);
                    Some(Scored { score, same_source: r.same_source, weight: r.weight })
                })
                .collect();
            let model = ScoreModel::fit(settings.score_method, &scores, casings.len() as f64);
            ChannelModel::Score(model)
        }
    }
}

/// Every non-empty subset of a short list, each in its order. Four marks with
/// two measures each would make 255; no more than eight channels are used.
fn subsets(set: &[Channel]) -> Vec<Vec<Channel>> {
    let n = set.len().min(8);
    (1u32..1 << n)
        .map(|bits| (0..n).filter(|k| bits & (1 << k) != 0).map(|k| set[k]).collect())
        .collect()
}
