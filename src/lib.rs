//! brasslink links fired cartridge cases to firearms and crime scenes.
//!
//! The modules stand in the order of the pipeline; each uses only those before
//! it.
//!
//! ```text
//! file ─acquire→ Scan ─prepare→ PreparedMark ─extract→ Template
//!      Template + gallery ─search, correlate→ Comparison ─link→ groups
//!      everything ─store→ HDF5          Comparison ─report→ HTML, PDF, JSON
//! ```

pub mod error;
pub mod units;

pub mod cells;
pub mod printable;

pub mod evidence;
pub mod surface;

pub mod acquire;
pub mod prepare;

pub mod extract;

pub mod correlate;

pub mod search;
pub mod store;

pub mod weigh;

pub mod link;
pub mod report;

pub mod casework;
pub mod trace;

pub mod share;

pub mod synthetic;

pub mod batch;

pub mod cli;
