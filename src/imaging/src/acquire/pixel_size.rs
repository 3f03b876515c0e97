//! Which lateral sampling counts: the file's or the laboratory's.

use types::error::{Error, Kind, Result};
use types::message::{Message, say};
use types::units::Metres;

/// Coarser than this is a screen's or printer's resolution, not a
/// microscope's: 96 dpi is 265 µm, while a breech face of 4 mm needs hundreds
/// of pixels.
pub(super) const COARSEST: Metres = Metres::from_um(50.0);

/// Finer than this no light microscope samples.
pub(super) const FINEST: Metres = Metres::from_um(0.01);

/// Relative difference between two statements that is still agreement.
const AGREEMENT: f64 = 0.02;

/// Whether a pixel size can be that of a microscope.
pub(super) fn is_plausible(size: Metres) -> bool {
    size >= FINEST && size <= COARSEST
}

/// Whether two statements of one pixel size agree.
pub(super) fn agree(a: Metres, b: Metres) -> bool {
    (a / b - 1.0).abs() <= AGREEMENT
}

/// Refuses a stated pixel size that no microscope has, most often a slip of
/// the unit.
pub(super) fn check_stated(size: Metres) -> Result<()> {
    if is_plausible(size) {
        return Ok(());
    }
    Err(Error::new(Kind::BadInput, say!("a pixel size of {size} is not a microscope's"))
        .advise(say!("give micrometres per pixel, {FINEST} to {COARSEST}")))
}

/// The laboratory's statement prevails over the file's `(x, y)`; a
/// disagreement is told.
pub(super) fn settle(
    stated: Option<Metres>,
    file: (Metres, Metres),
    warnings: &mut Vec<Message>,
) -> (Metres, Metres) {
    let Some(stated) = stated else { return file };
    if agree(file.0, stated) && agree(file.1, stated) {
        return file;
    }
    warnings.push(say!(
        "the file says {} × {} a pixel, the manifest {stated}: the manifest's is used",
        file.0,
        file.1
    ));
    (stated, stated)
}
