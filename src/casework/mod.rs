//! Casework about links: examiners' decisions and the hits between cases that
//! follow, which candidates a search left out and why, blind second review.
//!
//! The machine proposes candidates. A person makes one a *lead*, a *hit* (with
//! the specimens under a microscope), or eliminates it; [`Review`] is the sum
//! of what they said, whatever the order it arrived in.

mod blind;
mod decision;
mod rules;

pub use blind::{Answer, Item, Key, Packet, Reconciled, reconcile};
pub use decision::{Conclusion, DECISION, Decision, Hit, Review};
pub use rules::{Excluded, Reason, SearchRules, Searched, calibre_family};
