//! From scores to what they are worth: [`weigh`] gives likelihood ratios of a
//! documented population with their limits, [`link`] groups of casings.
//!
//! Nothing here knows an image.

pub mod link;
pub mod weigh;
