//! How much a score owes to the choice of how the marks were prepared.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use types::message::Message;

types::coded!(mod variant: Message as variant and coded_variant);
types::coded!(mod why_not: Option<Message> as why_not and coded_why_not);

/// A pair's score under one other choice of preparation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct VariantScore {
    /// What was chosen otherwise.
    #[serde(flatten, with = "variant")]
    #[schemars(with = "variant::Both")]
    pub variant: Message,
    /// The score, in standard deviations of chance; none where a mark could not
    /// be prepared so, or the choice is not open: a scan that was processed
    /// before is taken as it is.
    pub score: Option<f64>,
    /// Why there is none.
    #[serde(flatten, with = "why_not")]
    #[schemars(with = "why_not::Both")]
    pub why_not: Option<Message>,
}

/// What a pair scores under a stated family of other choices, each alone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Robustness {
    /// The lowest score, that of the recipe as it is among them.
    pub lowest: f64,
    /// The highest.
    pub highest: f64,
    /// Each choice, in the family's order.
    pub variants: Vec<VariantScore>,
}

impl Robustness {
    /// How many of the choices gave a score.
    pub fn scored(&self) -> usize {
        self.variants.iter().filter(|v| v.score.is_some()).count()
    }
}
