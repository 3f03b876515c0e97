//! What lies on the technician's desk: findings as HTML, JSON and CSV.
//!
//! ```text
//! model (facts, serialisable) ─┬─ html ── picture (PNG), text (en, es)
//!                              ├─ json
//!                              └─ csv
//! ```
//!
//! Every exporter reads the same [`model`]; a new format is one more file
//! beside `json` and one more [`Format`]. All output is a pure function of the
//! model and the language: no clock, no machine name, no random number.
//!
//! The wording follows the field's practice: the program ranks *candidates*; a
//! candidate accepted by a trained person is a *lead*; a lead is an
//! investigative aid, not an identification.

mod csv;
mod html;
mod json;
mod laboratory;
pub mod model;
mod names;
pub mod picture;
mod text;
mod write;

pub use csv::to_csv;
pub use html::to_html;
pub use json::to_json;
pub use laboratory::LaboratoryConfig;
pub use model::{
    BatchSummary, Candidate, CasingEntry, CasingReport, Counts, Failure, Filter, Findings, Gallery,
    GroupEntry, Header, LinkEntry, MarkFacts, PairReport, Report, ScanFacts, Side, Weight,
};
pub use names::file_stem;
pub use text::Language;
pub use write::{Format, write_all};
