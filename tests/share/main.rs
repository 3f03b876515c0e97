//! Sharing between agencies, as laboratories do it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod exchange;
mod hostile;
mod lab;
mod records;
mod rules;
