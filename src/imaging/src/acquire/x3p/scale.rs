//! Metres or micrometres? X3P says metres; some exporters write micrometres.

use super::archive::damaged;
use super::header::X3pHeader;
use crate::acquire::heights::length;
use crate::acquire::setting::Unit;
use types::error::Result;
use types::message::{Message, say};

const MICRO: f64 = 1e-6;

/// No scan of a casing is wider than this; a 12-gauge head is 22 mm.
const WIDEST_M: f64 = 0.1;

/// No scan of a mark is narrower than this.
const NARROWEST_M: f64 = 1e-4;

/// Factor from the written increments to metres; `stated` is the laboratory's.
pub(super) fn lateral(
    header: &X3pHeader,
    stated: Option<Unit>,
    warnings: &mut Vec<Message>,
) -> Result<f64> {
    if let Some(unit) = stated {
        return Ok(unit.metres());
    }
    let widest = |scale: f64| {
        let x = header.nx as f64 * header.increment_x;
        let y = header.ny as f64 * header.increment_y;
        x.max(y) * scale
    };
    if widest(1.0) <= WIDEST_M {
        return Ok(1.0);
    }
    if !(NARROWEST_M..=WIDEST_M).contains(&widest(MICRO)) {
        let millimetres = (NARROWEST_M..=WIDEST_M).contains(&widest(1e-3));
        let advice = if millimetres {
            say!(
                "taken as millimetres it would be a casing: export it in metres, or state \
                 lateral_unit = \"mm\" in a profile of the instrument (docs/FORMATS.md)"
            )
        } else {
            say!("correct the increments in the exporting software; no unit is guessed")
        };
        return Err(damaged(say!(
            "the increments {} and {} make the scan {} wide in metres and {} in micrometres; \
             neither can be",
            header.increment_x,
            header.increment_y,
            length(widest(1.0)),
            length(widest(MICRO))
        ))
        .advise(advice));
    }
    warnings.push(say!(
        "increments {} × {} would make the scan {} wide: they are taken as micrometres",
        header.increment_x,
        header.increment_y,
        length(widest(1.0))
    ));
    Ok(MICRO)
}
