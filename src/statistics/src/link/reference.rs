//! What strangers and mates score: distributions that ship with the program.
//!
//! The score counts standard deviations of chance, so what it means does not
//! depend on how many casings a laboratory has. `scripts/reference` makes the
//! file from documented sets of known firearms.

use serde::{Deserialize, Serialize};
use types::error::{Error, Kind, Result};
use types::evidence::{Digest, MarkKind, Modality};
use types::message::say;

/// Scores of pairs of known truth, under one recipe, of one kind of mark.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reference {
    /// The recipe under which the marks were compared.
    pub recipe: Digest,
    /// The kind of mark.
    pub mark: MarkKind,
    /// Heights or brightness.
    pub modality: Modality,
    /// Where the scans come from.
    pub sets: Vec<String>,
    /// Casings.
    pub casings: u64,
    /// Firearms.
    pub firearms: u64,
    /// Pairs of different firearms.
    pub strangers: Strangers,
    /// Pairs of one firearm.
    pub mates: Mates,
}

/// Scores of pairs of different firearms.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Strangers {
    /// Number of pairs.
    pub pairs: u64,
    /// Mean score.
    pub mean: f64,
    /// Standard deviation of the scores.
    pub sd: f64,
    /// Their median.
    pub median: f64,
    /// The median less the 15.9 % quantile: a standard deviation that mates
    /// among them would not widen.
    pub lower: f64,
    /// Share of scores more than [`TAIL_FROM`] standard deviations above the mean.
    pub tail_share: f64,
    /// Mean excess over that, in standard deviations.
    pub tail_excess: f64,
    /// The highest score.
    pub highest: f64,
}

/// Scores of pairs of one firearm.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mates {
    /// Number of pairs.
    pub pairs: u64,
    /// Mean of the scores' natural logarithms.
    pub log_mean: f64,
    /// Standard deviation of the logarithms.
    pub log_sd: f64,
    /// The lowest score.
    pub lowest: f64,
}

impl Mates {
    /// The score that 95 of 100 mates reach, as widely as they are assumed to
    /// spread.
    pub(super) fn low(&self) -> f64 {
        (super::absolute::mates(self).mean - 1.644_9 * super::absolute::mates(self).sd).exp()
    }
}

/// Where the upper tail of strangers' scores begins, in standard deviations
/// above their mean.
pub const TAIL_FROM: f64 = 1.3;

impl Reference {
    /// The references that ship with the program.
    ///
    /// # Errors
    /// [`Kind::Internal`] if the program was built with a damaged file.
    pub fn shipped() -> Result<Vec<Self>> {
        serde_json::from_str(include_str!("reference/shipped.json"))
            .map_err(|e| Error::new(Kind::Internal, say!("the shipped reference: {e}")).because(&e))
    }

    /// Whether it covers marks of this kind, so looked at, under this recipe.
    pub fn covers(&self, mark: MarkKind, modality: Modality, recipe: &Digest) -> bool {
        self.mark == mark && self.modality == modality && self.recipe == *recipe
    }
}
