//! From scores to what they are worth: [`weigh`] gives likelihood ratios of a
//! documented population with their limits, [`link`] groups of casings.
//!
//! Nothing here knows an image.

pub use types;

pub mod link;
pub mod weigh;

/// The example of the README, which is run as a test.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
pub struct Readme;
