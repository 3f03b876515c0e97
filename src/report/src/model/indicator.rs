//! Signs of trafficking that traces show.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use types::evidence::{FirearmId, Sign};

/// A sign of trafficking, to be read with the caution that stands with it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Indicator {
    /// What kind.
    pub sign: Sign,
    /// The dealer, or dealer and day, that the firearms have in common.
    pub common: Option<String>,
    /// The firearms that show it, of this report or of other cases.
    pub firearms: Vec<FirearmId>,
}
