//! Pictures of marks, and the cells that lie over them.

use super::span::{Line, Span, line};
use crate::cells::{Side, drawn};
use crate::plates::{Ground, Plate, Plates};
use std::rc::Rc;
use types::comparison::Comparison;
use types::evidence::MarkKind;

/// A picture in the questioned mark's frame.
#[derive(Debug)]
pub struct Picture {
    pub ground: Ground,
    pub view: View,
    /// The cells that are drawn over it.
    pub cells: Option<Cells>,
    /// What it shows, in words.
    pub alt: String,
    /// The line under it.
    pub label: Line,
}

/// What of a mark, or of two, a picture shows.
#[derive(Debug)]
pub enum View {
    /// Shaded relief, or the image itself.
    Plain(Rc<Plate>),
    /// Heights in colour.
    Colour(Rc<Plate>),
    /// The first in red over the second in cyan: grey where they agree.
    Overlay(Rc<Plate>, Rc<Plate>),
    /// Questioned minus this: blue where the questioned mark is lower, orange
    /// where it is higher.
    Difference(Rc<Plate>),
}

/// The cells of a comparison as they lie in one of its marks, those that are
/// not congruent first.
#[derive(Debug)]
pub struct Cells {
    /// Side of a cell, µm.
    pub side_um: f64,
    pub marks: Vec<CellMark>,
}

/// One cell of a picture, from its centre in the picture's frame.
#[derive(Debug)]
pub struct CellMark {
    /// Counted from 1.
    pub number: usize,
    pub x_um: f64,
    pub y_um: f64,
    pub turn_deg: f64,
    pub congruent: bool,
}

/// The ends of the colour scale of heights, ∓ and ± this many µm.
pub struct ColourKey {
    pub clip_um: f64,
    pub alt: &'static str,
}

/// Two marks that the comparison microscope can show.
pub struct Microscoped {
    pub kind: MarkKind,
    pub names: [String; 2],
    pub plates: [Rc<Plate>; 2],
    pub ground: Ground,
    /// The value at the ends of the colour scale, µm (1 for images).
    pub clip: f32,
    /// Stretch of the heights in the relief.
    pub exaggeration: f64,
    pub comparison: Comparison,
}

impl Cells {
    /// The cells of `c` as they lie in one of its marks.
    pub fn of(c: &Comparison, side: Side) -> Self {
        let each = |congruent| {
            let cells =
                c.cell_table.iter().enumerate().filter(move |(_, k)| k.congruent == congruent);
            cells.map(move |(i, cell)| {
                let (x_um, y_um, turn_deg) = drawn(c, cell, side);
                CellMark { number: i + 1, x_um, y_um, turn_deg, congruent }
            })
        };
        Self { side_um: c.cell_um, marks: each(false).chain(each(true)).collect() }
    }
}

impl Picture {
    /// One mark without cells, called by its role and its casing's name.
    pub fn of_role(p: &Plates, plate: &Rc<Plate>, role: &str, name: &str) -> Self {
        let label = line([role.into(), Span::Break, Span::Strong(name.into())]);
        let view = View::Plain(plate.clone());
        Self { ground: p.ground, view, cells: None, alt: format!("{role}: {name}"), label }
    }
}
