//! What made scans and samples must be like.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

extern crate brasslink_synthetic as synthetic;

mod guns;
mod samples;
