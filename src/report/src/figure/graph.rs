//! Casings on a circle with a line for every link between them.

use super::{BLUE, FONT, INK, ORANGE, SOFT, fine};
use maud::{Markup, html};
use std::f64::consts::PI;

/// How a node is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Evidence: a disc.
    Disc,
    /// A test fire: a square.
    Square,
}

/// One casing.
#[derive(Clone, Debug)]
pub struct Node {
    /// Its name.
    pub label: String,
    /// Scene or firearm, below the name.
    pub below: String,
    /// How it is drawn.
    pub shape: Shape,
    /// Drawn larger and filled: the casing or case in question.
    pub subject: bool,
}

/// One link, between nodes counted from 0.
#[derive(Clone, Copy, Debug)]
pub struct Edge {
    /// The first node.
    pub a: usize,
    /// The second node.
    pub b: usize,
    /// 0 (thinnest) to 1 (thickest).
    pub strength: f64,
}

const WIDTH: f64 = 720.0;

/// The graph; `alt` says in words what it shows.
pub fn graph(nodes: &[Node], edges: &[Edge], alt: &str) -> Markup {
    let count = nodes.len().max(1) as f64;
    let radius = (26.0 * count / PI).clamp(70.0, 190.0);
    let height = 2.0 * radius + 110.0;
    let place = |i: usize| {
        let angle = 2.0 * PI * i as f64 / count - PI / 2.0;
        (fine(WIDTH / 2.0 + 1.3 * radius * angle.cos()), fine(height / 2.0 + radius * angle.sin()))
    };
    let levels = levels(&(0..nodes.len()).map(place).collect::<Vec<_>>(), height / 2.0);
    html! {
        svg viewBox={ "0 0 " (WIDTH) " " (fine(height)) }
            role="img" aria-label=(alt) font-family=(FONT) font-size="12" {
            @for e in edges {
                @let ((x1, y1), (x2, y2)) = (place(e.a), place(e.b));
                line x1=(x1) y1=(y1) x2=(x2) y2=(y2) stroke=(BLUE)
                    stroke-width=(fine(0.8 + 4.2 * e.strength.clamp(0.0, 1.0)))
                    stroke-opacity=(fine(0.25 + 0.55 * e.strength.clamp(0.0, 1.0))) {}
            }
            @for (i, (node, level)) in nodes.iter().zip(&levels).enumerate() {
                @let (x, y) = place(i);
                @let r = if node.subject { 10.0 } else { 7.5 };
                @let fill = if node.subject { BLUE } else { "#ffffff" };
                @match node.shape {
                    Shape::Disc => circle cx=(x) cy=(y) r=(r) fill=(fill) stroke=(BLUE) stroke-width="2.5" {}
                    Shape::Square => rect x=(x - r) y=(y - r) width=(2.0 * r) height=(2.0 * r)
                        fill=(fill) stroke=(ORANGE) stroke-width="2.5" {}
                }
                (words(node, x, *level, r, (WIDTH / 2.0, height / 2.0)))
            }
        }
    }
}

/// Height of a name with what is below it.
const LINES: f64 = 28.0;

/// Whether names stand beside a node rather than above or below it.
fn aside(x: f64) -> bool {
    (x - WIDTH / 2.0).abs() > 20.0
}

/// How high each node's name stands: as high as the node, but on either side of
/// the circle moved away from the middle where it would lie on the one before.
fn levels(places: &[(f64, f64)], middle: f64) -> Vec<f64> {
    let mut levels: Vec<f64> = places.iter().map(|p| p.1).collect();
    for (right, below) in [(false, false), (false, true), (true, false), (true, true)] {
        let here = |(x, y): &(f64, f64)| {
            aside(*x) && (*x > WIDTH / 2.0) == right && (*y >= middle) == below
        };
        let mut of_side: Vec<usize> =
            places.iter().enumerate().filter(|(_, p)| here(p)).map(|(i, _)| i).collect();
        let away = |i: &usize| places.get(*i).map_or(0.0, |p| (p.1 - middle).abs());
        of_side.sort_by(|a, b| away(a).total_cmp(&away(b)));
        let mut least = f64::NEG_INFINITY;
        for i in of_side {
            let from_middle = away(&i).max(least);
            least = from_middle + LINES;
            if let Some(level) = levels.get_mut(i) {
                *level = if below { middle + from_middle } else { middle - from_middle };
            }
        }
    }
    levels
}

/// Name and what is below it, on the outer side of a node.
fn words(node: &Node, x: f64, y: f64, r: f64, (cx, cy): (f64, f64)) -> Markup {
    let (anchor, tx) = match (aside(x), x > cx) {
        (false, _) => ("middle", x),
        (true, true) => ("start", x + r + 6.0),
        (true, false) => ("end", x - r - 6.0),
    };
    let ty = if aside(x) {
        y
    } else if y < cy {
        y - r - 19.0
    } else {
        y + r + 14.0
    };
    html! {
        text x=(fine(tx)) y=(fine(ty)) text-anchor=(anchor) fill=(INK) font-weight="700"
            paint-order="stroke" stroke="#fff" stroke-width="3" { (node.label) }
        text x=(fine(tx)) y=(fine(ty + 13.0)) text-anchor=(anchor) fill=(SOFT) font-size="10.5"
            paint-order="stroke" stroke="#fff" stroke-width="3" { (node.below) }
    }
}
