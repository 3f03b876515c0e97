//! From a file to a comparison: pure functions without a store, a clock or a
//! word to the terminal.
//!
//! ```text
//! file ─acquire→ Scan ─prepare→ PreparedMark ─extract→ Template
//!      Template + gallery ─search→ candidates ─correlate→ Comparison
//! ```

pub use types;

pub mod acquire;
pub mod correlate;
pub mod extract;
pub mod matcher;
pub mod prepare;
pub mod search;

/// The example of the README, which is run as a test.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
pub struct Readme;
