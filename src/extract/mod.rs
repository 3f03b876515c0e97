//! [`PreparedMark`](crate::prepare::PreparedMark) → [`Template`]: everything a
//! comparison needs, computed once per mark.

mod anchor;
mod feature;
pub mod polar;

pub use anchor::Anchor;
pub use feature::{FeatureMap, UNIT, features, reduce};

use crate::units::Metres;
use ndarray::Array2;

/// What a comparison needs of a mark.
#[derive(Clone, Debug)]
pub struct Template {
    /// Features at the fine pitch.
    pub fine: FeatureMap,
    /// Features at the coarse pitch.
    pub coarse: FeatureMap,
    /// Long-wave features at the coarse pitch, for the search over rotations.
    pub smooth: FeatureMap,
    /// Long-wave features at twice the coarse pitch.
    pub broad: FeatureMap,
    /// Outer circle's centre in coarse pixels.
    pub anchor: Anchor,
    /// Unrolled about the anchor.
    pub unrolled: polar::Unrolled,
}

/// Pitch of the fine map.
pub const FINE: Metres = Metres::from_um(25.0);
/// Pitch of the coarse map.
pub const COARSE: Metres = Metres::from_um(50.0);

/// Ring spacing in coarse pixels.
pub const RING_SPACING: f64 = 2.4;

impl Template {
    /// From values at 6.25 µm.
    pub fn new(values: &Array2<f32>) -> Self {
        let um = Metres::from_um;
        let f25 = reduce(values, 4);
        let fine = features(&f25, FINE, um(45.0), um(250.0));
        let f50 = reduce(&f25, 2);
        let coarse = features(&f50, COARSE, um(90.0), um(400.0));
        let smooth = features(&f50, COARSE, um(150.0), um(500.0));
        let broad = features(&reduce(&f50, 2), COARSE * 2.0, um(180.0), um(600.0));
        let anchor = anchor::find(&smooth, 20.0..=60.0);
        let unrolled = polar::unroll(&smooth, (anchor.x, anchor.y), RING_SPACING);
        Self { fine, coarse, smooth, broad, anchor, unrolled }
    }
}
