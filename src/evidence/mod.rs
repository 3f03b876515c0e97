//! The nouns of casework: identifiers, marks, casings, scenes, provenance.

mod ids;
mod mark;
mod record;

pub use ids::{CaseId, CasingId, Digest, FirearmId, MAX_ID_BYTES, MarkId, SceneId};
pub use mark::{FiringPinShape, Light, MarkKind, Modality, Origin};
pub use record::{CasingRecord, Scene};
