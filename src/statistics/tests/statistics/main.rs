//! What weighing and linking must give.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

extern crate brasslink_statistics as statistics;

mod link_rules;
mod measured;
mod weigh;
mod weigh_python;
