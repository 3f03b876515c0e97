//! The evidence store: what is committed stays, whatever happens.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod abreast;
mod commits;
mod deliveries;
mod fixture;
mod foreign;
mod upkeep;
