//! brasslink links fired cartridge cases to firearms and crime scenes.
#![allow(missing_docs)]
pub mod acquire;
pub mod correlate;
pub mod error;
pub mod evidence;
pub mod prepare;
pub mod report;
pub mod surface;
pub mod units;
