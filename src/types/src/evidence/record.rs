//! What casework knows of a casing.

use super::{CaseId, CasingId, FirearmId, FiringPinShape, Origin, PartialDate, SceneId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Where and when casings were found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Scene {
    /// The scene's identifier.
    pub id: SceneId,
    /// When it happened, as far as it is known.
    pub date: Option<PartialDate>,
    /// ISO 3166-2 code of the state (`MX-CHH`, `US-TX`), where known.
    pub state: Option<String>,
    /// The agency that handles it.
    pub agency: Option<String>,
    /// That agency's case number.
    pub case: Option<CaseId>,
}

/// One fired cartridge case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CasingRecord {
    /// The laboratory's name for it.
    pub id: CasingId,
    /// Evidence or test fire.
    pub origin: Origin,
    /// The scene it was found at (none for a test fire).
    pub scene: Option<Scene>,
    /// The firearm that fired it, where known (test fires).
    pub firearm: Option<FirearmId>,
    /// Calibre as written by the laboratory.
    pub calibre: Option<String>,
    /// Class characteristic of the firing pin.
    #[serde(default = "unknown")]
    pub firing_pin_shape: FiringPinShape,
    /// Free text.
    #[serde(default)]
    pub notes: String,
}

const fn unknown() -> FiringPinShape {
    FiringPinShape::Unknown
}
