//! Sharing evidence with other agencies: signed bundles, and the policy that
//! says who may receive what.
//!
//! ```text
//! store + policy ─plan→ what may go ─export→ bundle ─import→ another store
//! ```
//!
//! Identifiers are content of an agency: outside of its store they carry its
//! code ([`agency`]), so nothing that comes in can collide with what is there,
//! and a sender can speak only of what is its own. docs/BUNDLE_FORMAT.md has
//! the format, docs/SHARING.md the way to work with it.

mod agency;
mod border;
mod check;
mod envelope;
mod export;
mod fields;
mod history;
mod import;
mod limits;
mod plan;
mod policy;
mod standing;
mod suggest;

pub use agency::AgencyCode;
pub use border::{Border, nearest};
pub use check::admitted;
pub use envelope::{Envelope, HEAD, Statement, seal};
pub use export::{Exported, Foreseen, Order, export, foresee};
pub use fields::{Field, SHARED_KINDS, SharedKind};
pub use history::{Exchange, RECEIVED, SENT, exchanges};
pub use import::{Imported, Receiver, import, verified};
pub use plan::{Refused, Selection};
pub use policy::{Agreement, Partner, Sharing};
pub use suggest::{NEAR_KM, OperatorKnows, Suggestion, Trigger, suggest};
