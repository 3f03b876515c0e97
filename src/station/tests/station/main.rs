//! The station as a browser meets it: every request goes through the router.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod attacks;
mod blind;
mod browser;
mod daily;
mod entry;
mod lab;
mod letters;
mod notes;
mod program;
mod roles;
mod server;
mod sharing;
mod traces;
