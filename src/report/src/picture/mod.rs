//! Marks and scans as pictures.
//!
//! A [`Frame`] is a grid of square picture pixels about a mark's grid centre.
//! Two marks sampled on the same frame, one of them through the comparison's
//! pose, lie exactly over each other.

mod colour;
mod compared;
mod frame;
mod grey;
mod heights;
mod relief;
mod scale_bar;
mod scan;

pub use colour::{CIVIDIS, DIVERGING, channel_table};
pub use compared::{laid_over, unrolled};
pub use frame::{Frame, sample};
pub use grey::{clip_level, field, png};
pub use heights::Heights;
pub use relief::{Lamp, exaggeration, relief};
pub use scale_bar::round_length;
pub use scan::render_scan;
