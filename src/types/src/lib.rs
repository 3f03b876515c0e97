//! The nouns that every other crate of brasslink speaks of: errors, lengths and
//! angles, evidence and its identifiers, surfaces, scans, prepared marks and
//! comparisons.
//!
//! Nothing here measures, compares or judges; the crates that do hand these
//! types to each other.

// The macros of messages name this crate.
extern crate self as types;

pub mod cells;
pub mod comparison;
pub mod error;
pub mod evidence;
pub mod files;
pub mod manuscript;
pub mod mark;
pub mod message;
pub mod numeric;
pub mod outline;
pub mod printable;
pub mod scan;
pub mod surface;
pub mod system;
pub mod units;
