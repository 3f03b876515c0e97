//! What comparing two marks gave.

use crate::surface::Pose;
use crate::units::Angle;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One cell, registered. Positions are micrometres from the grid centres.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Cell {
    /// Where the cell's centre lies in A.
    pub x_um: f64,
    /// See `x_um`.
    pub y_um: f64,
    /// Where the cell's centre lies in B.
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

/// The best of the other places that were looked at: more than 5° or 0.15 mm from
/// the pose.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RunnerUp {
    /// Its score, as that of the comparison.
    pub score: f64,
    /// B from A.
    pub b_from_a: Pose,
}

/// What comparing mark A with mark B gave.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Comparison {
    /// Similarity in standard deviations of chance agreement: the correlation
    /// of the features at the best pose, times the root of the number of
    /// independent points under it (Bartlett 1946). Continuous, and comparable
    /// across mark sizes and textures.
    pub score: f64,
    /// Correlation coefficient of the fine features over the whole overlap at
    /// the pose, −1 to 1.
    pub ccf: f64,
    /// Cells that had a counterpart and were tried, in the direction with
    /// fewer congruent cells.
    pub cells: u32,
    /// Cells of that direction that agree with the consensus pose.
    pub congruent_cells: u32,
    /// Area common to both marks at the pose, mm².
    pub overlap_mm2: f64,
    /// B from A.
    pub b_from_a: Pose,
    /// The cells of that direction, side `cell_um`.
    pub cell_table: Vec<Cell>,
    /// Side of a cell in micrometres.
    pub cell_um: f64,
    /// Whether the cells were cut from B and searched in A; otherwise they were
    /// cut from A. They stand upright in the mark they were cut from.
    pub cells_of_b: bool,
    /// The runner-up, where impressed marks were just compared and there was
    /// another place; stores do not keep it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub runner_up: Option<RunnerUp>,
}

impl Comparison {
    /// Share of the cells tried that are congruent, 0–1.
    pub fn congruent_fraction(&self) -> f64 {
        f64::from(self.congruent_cells) / f64::from(self.cells.max(1))
    }

    /// How distinct the pose is: its score over that of the runner-up. Chance
    /// gives values just above 1; `None` where no other place has a score above 0.
    pub fn distinctness(&self) -> Option<f64> {
        self.runner_up.filter(|other| other.score > 0.0).map(|other| self.score / other.score)
    }

    /// The shift in the frame halfway between the two marks, (x, y) in
    /// micrometres: changing sides changes only its sign.
    pub fn symmetric_shift_um(&self) -> (f64, f64) {
        let (s, c) = (-self.b_from_a.rotation.rad() / 2.0).sin_cos();
        let (x, y) = (self.b_from_a.dx.um(), self.b_from_a.dy.um());
        (c * x - s * y, s * x + c * y)
    }

    /// The same comparison seen from B.
    #[must_use]
    pub fn reversed(mut self) -> Self {
        self.b_from_a = self.b_from_a.inverse();
        self.cells_of_b = !self.cells_of_b;
        self.runner_up = self.runner_up.map(|r| RunnerUp { b_from_a: r.b_from_a.inverse(), ..r });
        for cell in &mut self.cell_table {
            (cell.x_um, cell.found_x_um) = (cell.found_x_um, cell.x_um);
            (cell.y_um, cell.found_y_um) = (cell.found_y_um, cell.y_um);
            cell.rotation_deg = Angle::from_deg(-cell.rotation_deg).deg();
        }
        self
    }
}
