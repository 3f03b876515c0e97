//! One pair: register, find congruent cells, score. Pure functions.

use crate::surface::Pose;
use serde::{Deserialize, Serialize};

/// One cell of A, registered on B.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Cell {
    /// Cell centre in A's map, micrometres from the grid centre.
    pub x_um: f64,
    /// Cell centre in A's map, micrometres from the grid centre.
    pub y_um: f64,
    /// Where the cell was found in B (centre), micrometres from B's grid centre.
    pub found_x_um: f64,
    /// See `found_x_um`.
    pub found_y_um: f64,
    /// Turn of the cell from A to B, degrees in (−180, 180].
    pub rotation_deg: f64,
    /// Correlation coefficient of the cell at that place, −1 to 1.
    pub ccf: f64,
    /// Whether it agrees with the consensus pose.
    pub congruent: bool,
}

/// What comparing mark A with mark B gave.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Comparison {
    /// Continuous similarity, without ties; comparable across mark sizes.
    pub score: f64,
    /// Correlation coefficient of the whole overlap at the pose, −1 to 1.
    pub ccf: f64,
    /// Cells of A that had enough data to be tried.
    pub cells: u32,
    /// Cells that agree with the consensus pose.
    pub congruent_cells: u32,
    /// Area common to both marks at the pose, mm².
    pub overlap_mm2: f64,
    /// B from A.
    pub b_from_a: Pose,
    /// Each cell, in A's frame, side `cell_um`.
    pub cell_table: Vec<Cell>,
    /// Side of a cell in micrometres.
    pub cell_um: f64,
}
pub mod exhaustive;
pub mod register;
pub mod rotations;
pub mod slide;
