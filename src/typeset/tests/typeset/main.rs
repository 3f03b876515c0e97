//! Reports as PDF: what stands on their pages, and their seal.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod here;
#[path = "../../../report/tests/report/made/mod.rs"]
mod made;
mod pages;
