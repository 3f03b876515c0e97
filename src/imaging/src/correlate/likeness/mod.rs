//! How alike the finest detail of two scans is: what tells one acquisition
//! under two names from two acquisitions.
//!
//! Two measurements of one surface share the surface but not the noise, whose
//! share is greatest in the finest waves. A copy shares both, however it was
//! turned, cropped, levelled, resampled or rescaled: over the waves that both
//! files hold, it stays coherent. The scans are registered by Gauss–Newton steps
//! over an affine map (a copy at another pitch is never off by less than its
//! rounding), and their coherence is averaged over a ring of frequencies
//! (decision 86).

mod coherence;
mod grid;
mod register;

use coherence::coherence;
use grid::Grid;
use register::{Affine, register};
use types::evidence::{Likeness, Modality};
use types::surface::{Mask, Pose, Surface};

/// Waves whose coherence is taken, in pixels of the coarser scan: the finest
/// that turning and resampling leave, in photographs also JPEG.
const fn band_px(modality: Modality) -> (f64, f64) {
    match modality {
        Modality::Topography => (3.5, 5.0),
        Modality::Image => (5.0, 7.0),
    }
}

/// Coherence from which two scans are held to be one acquisition. For two
/// measurements to reach it, the noise power of each must be under 4 % (heights)
/// or 5 % (photographs) of the surface's in that band.
pub const fn one_acquisition(modality: Modality) -> f64 {
    match modality {
        Modality::Topography => 0.96,
        Modality::Image => 0.95,
    }
}

/// Bands by which the scans are registered, coarse to fine, in pixels of the
/// coarser scan, with the steps taken in each.
const REGISTER_BY: [(f64, f64, usize); 3] = [(10.0, 40.0, 8), (5.0, 20.0, 6), (3.0, 12.0, 8)];

/// The coherence of two scans over the places of A in `mark`, at about the pose
/// `b_from_a` of the scans' grids. None where they are not of one modality, do
/// not agree at that pose or have too little in common.
pub fn likeness(a: &Surface, b: &Surface, mark: &Mask, b_from_a: &Pose) -> Option<Likeness> {
    let modality = match (a, b) {
        (Surface::Height(_), Surface::Height(_)) => Modality::Topography,
        (Surface::Intensity(_), Surface::Intensity(_)) => Modality::Image,
        _ => return None,
    };
    let (a, b) = (Grid::of(a, Some(mark)), Grid::of(b, None));
    let map = Affine::of(b_from_a);
    let pixel = a.px.0.max(a.px.1).max(b.px.0).max(b.px.1);
    let map = REGISTER_BY.iter().try_fold(map, |map, &(short, long, steps)| {
        let band = (short * pixel, long * pixel);
        register(&a.band(band), &b.band(band), map, steps, pixel)
    })?;
    let band = band_px(modality);
    let band_um = (band.0 * pixel, band.1 * pixel);
    let (correlation, area_mm2) = coherence(&a, &b, &map, band_um, pixel)?;
    Some(Likeness { correlation, band_um, area_mm2 })
}
