//! Diagrams as SVG: score distribution, profiles, link graph, scene map, time line.
//!
//! Each is a whole `<svg>` that needs no style sheet, so that the same drawing
//! stands in a page and in a PDF. Blue and orange, told apart by shape or
//! hatching too, survive colour-blindness and grey printing.

mod case;
mod distribution;
mod graph;
mod links;
mod map;
mod outline;
mod profiles;
mod timeline;

pub use case::{event_line, map_caption, marks, named, scene_map};
pub use distribution::{Axis, bars, distribution, marker};
pub use graph::Shape;
pub use links::drawing;
pub use map::{Spot, map};
pub use profiles::profiles;
pub use timeline::{Moment, timeline};

/// The families of every letter in a drawing.
pub const FONT: &str = "Source Sans 3, Noto Sans, DejaVu Sans, Libertinus Serif, sans-serif";
/// Dark text and lines.
pub const INK: &str = "#17212b";
/// Softer text.
pub const SOFT: &str = "#4a5763";
/// Rules and grids.
pub const LINE: &str = "#c9d1d8";
/// Same source, evidence, what agrees.
pub const BLUE: &str = "#0b4f7d";
/// Different source, test fires, what does not agree.
pub const ORANGE: &str = "#c75b00";

/// Round steps (1, 2 or 5 × 10ⁿ) that part `range` into no more than `most`.
pub fn round_step(range: f64, most: f64) -> f64 {
    let least = (range / most).max(f64::MIN_POSITIVE);
    let decade = 10_f64.powf(least.log10().floor());
    [1.0, 2.0, 5.0].map(|k| k * decade).into_iter().find(|s| *s >= least).unwrap_or(10.0 * decade)
}

/// A coordinate for SVG: a hundredth is finer than any eye.
pub fn fine(v: f64) -> f64 {
    (v * 100.0).round() / 100.0
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// Contrast with white by WCAG 2.2.
    fn contrast(colour: &str) -> f64 {
        let part = |at: usize| {
            let v = f64::from(u8::from_str_radix(&colour[at..at + 2], 16).unwrap()) / 255.0;
            if v <= 0.04045 { v / 12.92 } else { ((v + 0.055) / 1.055).powf(2.4) }
        };
        1.05 / (0.2126 * part(1) + 0.7152 * part(3) + 0.0722 * part(5) + 0.05)
    }

    #[test]
    fn letters_and_shapes_stand_out_from_the_paper() {
        for letters in [INK, SOFT] {
            assert!(contrast(letters) >= 4.5, "{letters}: {:.2}", contrast(letters));
        }
        for shape in [BLUE, ORANGE] {
            assert!(contrast(shape) >= 3.0, "{shape}: {:.2}", contrast(shape));
        }
        assert!((contrast("#767676") - 4.54).abs() < 0.01);
    }
}
