//! Reference populations: what a likelihood ratio refers to.

use super::bounds::{Bounds, BoundsRule};
use super::metrics::{cllr, cllr_min, misleading_different_source, misleading_same_source};
use super::model::{Model, Settings};
use super::pairs::{Measured, Pair, PairSet};
use super::resample::FirearmBootstrap;
use super::scope::{Circumstances, Flag, Scope};
use super::tail::{Expected, Tail};
use super::tuning::{Tuned, tuned};
use super::verbal::Support;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::path::Path;
use types::error::{Error, Kind, Result};
use types::evidence::{Digest, MarkKind};
use types::files::read_small_text;
use types::message::{Message, say};
use types::numeric::quantile;

/// What a laboratory says of a population it builds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Description {
    /// Its name.
    pub name: String,
    /// What it is meant for.
    pub purpose: Option<String>,
    /// Day it was made, ISO 8601.
    pub created: String,
    /// Name and version of the program.
    pub software: String,
}

/// How a population is fitted.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// What is used, and how.
    pub settings: Settings,
    /// The rule of the bounds.
    pub bounds: BoundsRule,
    /// Bootstrap replicates over firearms.
    pub replicates: u64,
    /// Their seed.
    pub seed: u64,
}

impl Default for Plan {
    fn default() -> Self {
        let (settings, bounds) = Default::default();
        Self { settings, bounds, replicates: 200, seed: 1 }
    }
}

/// How well the population's own pairs are weighed by models that did not see
/// their firearms, within the bounds.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Performance {
    /// Whether the figures are of held-out firearms; with fewer than four
    /// firearms they are of the very pairs the model was fitted to.
    pub held_out: bool,
    /// Log-likelihood-ratio cost, bits.
    pub cllr: f64,
    /// The same after the best recalibration.
    pub cllr_min: f64,
    /// Share of same-source pairs with LR < 1.
    pub misleading_same_source: f64,
    /// Share of different-source pairs with LR > 1.
    pub misleading_different_source: f64,
}

/// A reference population: who it is, the model fitted to it and its bounds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Population {
    /// Name.
    pub name: String,
    /// What it is meant for.
    pub purpose: Option<String>,
    /// Day it was made, ISO 8601.
    pub created: String,
    /// Name and version of the program that made it.
    pub software: String,
    /// Firearms.
    pub firearms: u64,
    /// Casings.
    pub casings: u64,
    /// Same-source pairs.
    pub same_source_pairs: u64,
    /// Different-source pairs.
    pub different_source_pairs: u64,
    /// What comparisons it covers.
    pub scope: Scope,
    /// How it was fitted.
    pub plan: Plan,
    /// The bounds of its likelihood ratios.
    pub bounds: Bounds,
    /// Error rates within itself.
    pub performance: Performance,
    model: Model,
    replicates: Vec<Model>,
    /// One for every mark that has scores.
    tails: Vec<(MarkKind, Tail)>,
}

/// The weight of one comparison.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Weight {
    /// log10 of the likelihood ratio of "one firearm fired both casings" to "two
    /// firearms fired them", within the bounds.
    pub log10_lr: f64,
    /// Lower end of its 95 % interval, within the bounds.
    pub log10_lower: f64,
    /// Upper end of its 95 % interval, within the bounds.
    pub log10_upper: f64,
    /// Whether the model's value lay outside the bounds.
    pub at_bound: bool,
    /// The words for it.
    pub support: Support,
    /// What to be careful about.
    pub flags: Vec<Flag>,
}

impl Population {
    /// Fits a population to labelled pairs.
    ///
    /// # Errors
    /// [`Kind::BadInput`] if either class is missing or nothing can be weighed.
    pub fn calibrate(set: &PairSet, about: Description, plan: Plan) -> Result<Self> {
        set.need_both_classes()?;
        let Tuned { settings, unseen } = tuned(set, plan.settings, plan.bounds)?;
        let plan = Plan { settings, ..plan };
        let pairs: Vec<&Pair> = set.pairs.iter().collect();
        let model = Model::fit(&pairs, &vec![1.0; pairs.len()], plan.settings)?;
        let bootstrap = FirearmBootstrap::new(plan.seed, set.firearms.len());
        let replicates = (0..plan.replicates)
            .map(|r| Model::fit(&pairs, &bootstrap.pair_weights(r, &pairs), plan.settings))
            .collect::<Result<_>>()?;
        let all_held_out = unseen.iter().all(Option::is_some);
        let (mut same, mut different) = (Vec::new(), Vec::new());
        for (pair, unseen) in set.pairs.iter().zip(unseen) {
            let fitted = || model.log_lr(&pair.marks);
            let log_lr = if all_held_out { unseen } else { fitted() };
            let class = if pair.same_source() { &mut same } else { &mut different };
            class.extend(log_lr.map(|l| l / std::f64::consts::LN_10));
        }
        let bounds = Bounds::of(plan.bounds, &same, &different);
        let bounded = |values: &[f64]| -> Vec<f64> {
            values.iter().map(|l| bounds.apply(*l) * std::f64::consts::LN_10).collect()
        };
        let (bounded_same, bounded_different) = (bounded(&same), bounded(&different));
        let performance = Performance {
            held_out: all_held_out,
            cllr: cllr(&bounded_same, &bounded_different),
            cllr_min: cllr_min(&bounded_same, &bounded_different),
            misleading_same_source: misleading_same_source(&bounded_same),
            misleading_different_source: misleading_different_source(&bounded_different),
        };
        let (same_source_pairs, different_source_pairs) = set.counts();
        Ok(Self {
            name: about.name,
            purpose: about.purpose,
            created: about.created,
            software: about.software,
            firearms: set.firearms.len() as u64,
            casings: set.casings().len() as u64,
            same_source_pairs: same_source_pairs as u64,
            different_source_pairs: different_source_pairs as u64,
            scope: Scope::of(set),
            plan,
            bounds,
            performance,
            tails: set
                .marks()
                .into_iter()
                .filter_map(|m| Some((m, Tail::fit(&pairs, m, &bootstrap, plan.replicates)?)))
                .collect(),
            model,
            replicates,
        })
    }

    /// The weight of a comparison made under `circumstances`.
    ///
    /// # Errors
    /// [`Kind::Incomparable`] where the population does not cover the
    /// comparison: another recipe, mark kind or modality, or a much smaller part
    /// of the marks.
    pub fn weigh(&self, marks: &[Measured], circumstances: &Circumstances) -> Result<Weight> {
        let mut flags = self.scope.check(marks, circumstances).map_err(|e| {
            e.advise(say!("calibrate a population that covers it; {:?} does not", self.name))
        })?;
        let nothing = || {
            Error::new(
                Kind::Incomparable,
                say!("the comparison has no number the population weighs"),
            )
        };
        let log10 = |m: &Model| m.log_lr(marks).map(|l| l / std::f64::consts::LN_10);
        let value = log10(&self.model).ok_or_else(nothing)?;
        let mut around: Vec<f64> = self.replicates.iter().filter_map(log10).collect();
        around.sort_by(f64::total_cmp);
        let end = |q: f64| if around.is_empty() { value } else { quantile(&around, q) };
        let log10_lr = self.bounds.apply(value);
        let at_bound = log10_lr != value;
        if at_bound {
            flags.push(Flag::AtBound);
        }
        Ok(Weight {
            log10_lr,
            log10_lower: self.bounds.apply(end(0.025).min(value)),
            log10_upper: self.bounds.apply(end(0.975).max(value)),
            at_bound,
            support: Support::of(log10_lr),
            flags,
        })
    }

    /// The natural-log likelihood ratio of a comparison made under
    /// `circumstances`, without bounds and interval: for linking, which sets its
    /// own. Reports state [`weigh`](Self::weigh).
    ///
    /// # Errors
    /// [`Kind::Incomparable`] where the population does not cover it.
    pub fn log_ratio(&self, marks: &[Measured], circumstances: &Circumstances) -> Result<f64> {
        self.scope.check(marks, circumstances)?;
        self.model.log_lr(marks).ok_or_else(|| {
            Error::new(
                Kind::Incomparable,
                say!("the comparison has no number the population weighs"),
            )
        })
    }

    /// The natural-log likelihood ratio without bounds; for validation only.
    pub(super) fn unbounded_log_lr(&self, marks: &[Measured]) -> Option<f64> {
        self.model.log_lr(marks)
    }

    /// How many different-source casings are expected to score at least `score`
    /// with this mark in a gallery of so many; `None` where the population has
    /// too few scores of it.
    pub fn expected_strangers(&self, mark: MarkKind, score: f64, gallery: u64) -> Option<Expected> {
        let tail = self.tails.iter().find(|t| t.0 == mark);
        tail.map(|t| t.1.expected(score, gallery))
    }

    /// The population as JSON, with its digest beside it.
    ///
    /// # Errors
    /// [`Kind::Internal`] if it holds a number that JSON has not.
    pub fn to_json(&self) -> Result<String> {
        let body = self.body()?;
        let digest = Digest::of(body.as_bytes());
        Ok(format!("{{\"format\":{FORMAT:?},\"sha256\":\"{digest}\",\"population\":{body}}}\n"))
    }

    fn body(&self) -> Result<String> {
        serde_json::to_string(self)
            .map_err(|e| Error::new(Kind::Internal, say!("no JSON could be made: {e}")).because(&e))
    }

    /// The digest by which reports name it: of its JSON.
    ///
    /// # Errors
    /// See [`to_json`](Self::to_json).
    pub fn digest(&self) -> Result<Digest> {
        Ok(Digest::of(self.body()?.as_bytes()))
    }

    /// A population from its JSON.
    ///
    /// # Errors
    /// [`Kind::Damaged`] if it is none or its digest differs.
    pub fn from_json(text: &str) -> Result<Self> {
        let damaged = |what: Message| {
            Error::new(Kind::Damaged, what).advise(say!("make it again with `brasslink calibrate`"))
        };
        let file: File = serde_json::from_str(text)
            .map_err(|e| damaged(say!("not a reference population: {e}")))?;
        if file.format != FORMAT {
            return Err(damaged(say!("a population of format {:?}, not {FORMAT:?}", file.format)));
        }
        if file.population.digest()? != file.sha256 {
            return Err(damaged(say!("the population was changed after it was made")));
        }
        Ok(file.population)
    }

    /// Reads a population file.
    ///
    /// # Errors
    /// See [`from_json`](Self::from_json), and [`Kind::Io`].
    pub fn read(path: &Path) -> Result<Self> {
        let text = read_small_text(path)?;
        Self::from_json(&text).map_err(|e| e.at(path))
    }
}

const FORMAT: &str = "brasslink-population-2";

/// A population as it lies in a file or a store.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    format: String,
    sha256: Digest,
    population: Population,
}
