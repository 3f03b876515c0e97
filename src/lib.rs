//! brasslink links fired cartridge cases to firearms and crime scenes.
#![allow(missing_docs)]
pub mod acquire;
pub mod correlate;
pub mod damage;
pub mod error;
pub mod evidence;
pub mod extract;
pub mod prepare;
pub mod surface;
pub mod synthetic;
pub mod units;
