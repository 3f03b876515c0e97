//! Sharing between agencies, as laboratories do it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod exchange;
mod forged;
mod hostile;
mod lab;
mod property;
mod records;
mod rules;
