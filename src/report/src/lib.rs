//! What lies on the technician's desk: findings as HTML, PDF, JSON and CSV.
//!
//! ```text
//! model (facts, serialisable) ─┬─ document (blocks, in words) ─┬─ html
//!                              │                               └─ pdf, set by the typesetter
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

mod cells;
mod csv;
mod document;
mod export;
mod figure;
mod format;
mod html;
mod json;
mod laboratory;
mod look;
pub mod model;
mod names;
mod pdf;
pub mod picture;
mod plates;
mod seal;
mod text;
mod validation;
mod write;

pub use csv::to_csv;
pub use export::{ValidationReport, export};
pub use format::Format;
pub use html::{SCRIPT, STYLE, instrument, letter_body, letter_page, mark_name, to_html};
pub use json::{json_schema, to_json};
pub use laboratory::{Laboratory, LaboratoryConfig, Logo, Paper, Particulars};
pub use look::{Look, Typesetter};
pub use model::{
    BatchSummary, Candidate, CaseReport, CasingEntry, CasingReport, Concluded, ConclusionKind,
    ConclusionStatus, Counts, Decisions, Distribution, Event, EventKind, Failure, Filter, Findings,
    Gallery, GroupEntry, GroupView, Indicator, LeadLetter, LetterExhibit, LetterMark, LetterPerson,
    LinkEntry, LinkWeight, MarkFacts, NewCandidate, NewCasing, Overdue, PairReport, PlaceOnMap,
    PopulationSource, Precision, Replaced, Report, ReportHeader, Robustness, Rule, Saying,
    ScanFacts, SceneEntry, Side, Subject, Tally, TheirWord, VariantScore, WatchedLink, Weight,
};
pub use names::{casing_stem as stem_of_casing, file_stem};
pub use seal::{Inspection, Seal, inspect};
pub use text::{Language, probability};
pub use write::{Written, file_name, write_all};
