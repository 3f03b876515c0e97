//! Pair scores and examiners' decisions → groups of casings fired by one firearm.
#![allow(missing_docs)]
mod casework;
mod cluster;
mod engine;
mod file;
mod fit;
mod linker;
mod model;
mod table;
pub use casework::{Apart, Casework, Contradiction};
pub use file::{GroupsFile, read_scores};
pub use linker::{Explanation, Group, Linker, ProposedLink, Settings, Why};
pub use model::Calibration;
pub use table::ScoreTable;
