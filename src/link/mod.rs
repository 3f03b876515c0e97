//! Pair scores and examiners' decisions → groups of casings fired by one firearm.
#![allow(missing_docs)]
mod casework;
mod cluster;
mod engine;
mod fit;
mod mixture;
mod model;
mod table;
mod linker;
mod file;
pub use casework::{Apart, Casework, Contradiction};
pub use linker::{Group, Linker, ProposedLink, Settings, Why, Explanation};
pub use file::{GroupsFile, read_scores};
pub use model::Calibration;
pub use table::ScoreTable;
