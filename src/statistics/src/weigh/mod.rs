//! What a similarity is worth: likelihood ratios with the population, the limits
//! and the error rates they rest on.
//!
//! ```text
//! labelled pairs ─calibrate→ Population {model, bounds, scope, error rates}
//! Population + a comparison → Weight {log10 LR, interval, words, flags} or a refusal
//! Population + labelled pairs ─validate→ Validation
//! ```
//!
//! # Method
//! - Counts of congruent cells: a beta-binomial distribution for either class.
//! - Continuous scores: logistic calibration, or kernel densities.
//! - Several of them together: logistic fusion of their log likelihood ratios,
//!   which learns how much each adds to the others.
//! - Uncertainty: the whole fit repeated under random weights of the *firearms*
//!   (Bayesian bootstrap), because pairs share firearms.
//! - Bounds: no likelihood ratio is larger than a sample of this size supports
//!   (ELUB, Vergeer et al. 2016; invariance verification, Alberink et al. 2025),
//!   judged on firearms that the fit did not see.

mod beta_binomial;
mod bounds;
mod columns;
mod curves;
mod logistic;
mod metrics;
mod model;
mod pairs;
mod pav;
mod population;
mod ranks;
mod resample;
mod scope;
mod score;
mod table;
mod tail;
mod tuning;
mod validation;
mod verbal;

pub use beta_binomial::{BetaBinomial, Cells, CellsModel};
pub use bounds::{Bounds, BoundsRule};
pub use curves::{CurveStep, Curves, Ece};
pub use metrics::{
    auc, cllr, cllr_min, equal_error, misleading_different_source, misleading_same_source,
};
pub use model::Settings;
pub use pairs::{Channel, Measure, Measured, Origin, Pair, PairSet};
pub use pav::{best_log_lr, isotonic};
pub use population::{Description, Performance, Plan, Population, Weight};
pub use ranks::{RANKS, RankCurve, Ranks, ranks};
pub use scope::{Circumstances, Flag, Scope};
pub use score::ScoreMethod;
pub use table::{Reading, read_pairs};
pub use tail::Expected;
pub use validation::{How, PairLr, Validation, cross_validate, validate};
pub use verbal::{Strength, Support};
