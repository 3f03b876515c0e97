//! Which lateral sampling counts: the file's or the laboratory's.

use crate::error::{Error, Kind, Result};
use crate::units::Metres;

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

/// Refuses a stated pixel size that no microscope has, most often a slip of
/// the unit.
pub(super) fn check_stated(size: Metres) -> Result<()> {
    if is_plausible(size) {
        return Ok(());
    }
    Err(Error::new(
        Kind::BadInput,
        format!("a pixel size of {} µm is not a microscope's", size.um()),
    )
    .advise(format!("give micrometres per pixel, {} to {}", FINEST.um(), COARSEST.um())))
}

/// The laboratory's statement prevails over the file's `(x, y)`; a
/// disagreement is told.
pub(super) fn settle(
    stated: Option<Metres>,
    file: (Metres, Metres),
    warnings: &mut Vec<String>,
) -> (Metres, Metres) {
    let Some(stated) = stated else { return file };
    let off = |own: Metres| (own / stated - 1.0).abs() > AGREEMENT;
    if !off(file.0) && !off(file.1) {
        return file;
    }
    warnings.push(format!(
        "the file says {} × {} a pixel, the manifest {stated}: the manifest's is used",
        file.0, file.1
    ));
    (stated, stated)
}
