//! How good the likelihood ratios of a population are, in words and curves.
//!
//! The figures are those of [`statistics::weigh`]; here they get words, in either
//! language. [`document`](crate::document) makes blocks of them.

mod curves;
mod page;
mod plot;
mod words;

pub use page::{Grid, Page};
