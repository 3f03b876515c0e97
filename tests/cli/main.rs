//! The command line as a whole, as its users meet it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod casework;
mod commands;
mod desk;
mod draws;
mod failures;
#[path = "../store/fixture.rs"]
mod fixture;
mod house;
mod inside;
mod language;
mod link_accuracy;
mod logging;
#[path = "../../src/statistics/tests/statistics/measured.rs"]
mod measured;
mod real;
mod recipes;
mod report_files;
mod report_store;
mod robust;
mod run;
mod scans;
mod screening;
mod second_scans;
mod security_page;
mod small_stores;
mod station;
mod store;
mod trace;
mod weigh_real;
mod weigh_report;
