//! What reports must say, in every format.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

extern crate brasslink_report as report;

mod content;
mod formats;
mod made;
mod picture;
mod print;
mod stream;
