//! Where a cell is drawn.

use types::comparison::{Cell, Comparison};

/// One of the two marks, as the pictures show it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The questioned mark.
    A,
    /// The candidate, laid over A.
    B,
}

/// Centre in micrometres and turn in degrees of a cell in A's frame. A cell is
/// upright in the mark it was cut from, and B as a whole is drawn turned back
/// by the pose.
pub fn drawn(c: &Comparison, cell: &Cell, side: Side) -> (f64, f64, f64) {
    let in_a = if c.cells_of_b { -cell.rotation_deg } else { 0.0 };
    match side {
        Side::A => (cell.x_um, cell.y_um, in_a),
        Side::B => {
            let (x, y) = c.b_from_a.inverse().apply(cell.found_x_um * 1e-6, cell.found_y_um * 1e-6);
            (x * 1e6, y * 1e6, in_a + cell.rotation_deg - c.b_from_a.rotation.deg())
        }
    }
}

/// Rounded to a tenth.
pub fn tenth(v: f64) -> f64 {
    (v * 10.0).round() / 10.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use types::surface::Pose;
    use types::units::{Angle, Metres};

    /// One cell, 20° off the pose's 30°.
    fn comparison(cells_of_b: bool) -> Comparison {
        Comparison {
            score: 9.0,
            ccf: 0.5,
            cells: 1,
            congruent_cells: 0,
            overlap_mm2: 4.0,
            b_from_a: Pose {
                rotation: Angle::from_deg(30.0),
                dx: Metres::from_um(100.0),
                dy: Metres::from_um(0.0),
            },
            cell_table: vec![Cell {
                x_um: 0.0,
                y_um: 200.0,
                found_x_um: 0.0,
                found_y_um: 0.0,
                rotation_deg: 50.0,
                ccf: 0.5,
                congruent: false,
            }],
            cell_um: 450.0,
            cells_of_b,
            runner_up: None,
        }
    }

    fn turns(cells_of_b: bool) -> [f64; 2] {
        let c = comparison(cells_of_b);
        [Side::A, Side::B].map(|side| tenth(drawn(&c, &c.cell_table[0], side).2))
    }

    #[test]
    fn a_cell_is_upright_in_the_mark_it_was_cut_from() {
        // A's picture is upright; B's is turned back by the pose's 30°.
        assert_eq!(turns(false), [0.0, 20.0]);
        assert_eq!(turns(true), [-50.0, -30.0]);
    }

    #[test]
    fn a_cell_of_b_is_drawn_where_the_pose_brings_it() {
        for cells_of_b in [false, true] {
            let c = comparison(cells_of_b);
            let (x, y, _) = drawn(&c, &c.cell_table[0], Side::B);
            assert!((x + 86.6).abs() < 0.01 && (y - 50.0).abs() < 0.01, "{x} {y}");
        }
    }
}
