//! The outline of a mark on an image.
//!
//! Under a microscope lamp the flat parts of a case head are bright and the
//! rounded edge of the primer, the wall of the firing-pin aperture's rim and
//! the empty background are dark. The breech-face impression is the widest
//! bright piece that lies within the image and is no larger than a primer.
//! Where the aperture's rim is not a dark line all around, the firing pin's
//! surroundings stay part of that piece.

use super::super::Verdict;
use super::super::quality::Remark;
use super::super::recipe::Impression;
use super::super::region::{Piece, Region};
use super::super::resample::{Axis, Kernel, resample};
use super::primer;
use image::GrayImage;
use imageproc::contrast::otsu_level;
use ndarray::Array2;
use types::error::{Error, Kind, Result};
use types::evidence::MarkKind;
use types::message::{Message, say};
use types::surface::IntensityMap;

/// Sampling of the search in micrometres.
const STEP_UM: f64 = 12.5;
/// Finer brightness changes than this wavelength are texture.
const TEXTURE_UM: f64 = 40.0;
/// Bridges of bright pixels narrower than twice this do not connect.
const BRIDGE_UM: f64 = 30.0;
/// Dark spots up to this area belong to the mark around them.
const SPOT_UM2: f64 = 6_000.0;
/// Grey value added before logarithms: the camera's noise.
const DARK: f32 = 0.01;
/// Least ratio of bright to dark that counts as an outline.
const CONTRAST: f32 = 1.8;
/// Share of a piece's boundary that the image's edge may cut.
const AT_EDGE: f64 = 0.2;
/// A breech-face impression, or what is left of one, extends at least so far.
const NARROWEST_UM: f64 = 1200.0;

/// Finds the mark, `STEP_UM` sampling about the image's centre.
pub(super) fn find(
    map: &IntensityMap,
    kind: MarkKind,
    limits: &Impression,
) -> Result<(Region, Vec<Remark>)> {
    match kind {
        MarkKind::BreechFace => breech_face(map, limits),
        MarkKind::FiringPin => {
            let (face, remarks) = breech_face(map, limits)?;
            let hole = |p: &Piece| p.at_edge == 0 && p.extent <= limits.width_max_um / 2.0;
            let holes = Region::new(face.mask.mapv(|on| !on), face.step).kept(hole);
            let largest = holes.pieces().1.iter().map(|p| p.count).max().unwrap_or(0);
            if largest == 0 {
                return Err(no_mark(say!("no closed aperture inside the breech face")));
            }
            // The face was narrowed by a margin, the hole widened by it.
            let hole = holes.kept(|p| p.count == largest);
            Ok((hole.eroded(2.0 * limits.margin_um), remarks))
        }
        MarkKind::Ejector | MarkKind::ApertureShear => {
            Err(no_mark(say!("{kind} marks are not searched for on images")))
        }
    }
}

fn no_mark(what: Message) -> Error {
    Error::new(Kind::NoMark, what)
        .advise(say!("check the pixel size and the mark kind, or give the file a mask"))
}

/// The logarithm of the brightness without texture, `STEP_UM` a pixel.
fn tone(map: &IntensityMap) -> Array2<f32> {
    let (px, py) = (map.pitch_x.um(), map.pitch_y.um());
    let (ny, nx) = map.v.dim();
    let axis = |n: usize, pitch: f64| Axis::centred(n, STEP_UM / pitch);
    let kernel = Kernel::Gaussian(TEXTURE_UM / py, TEXTURE_UM / px);
    resample(&map.v, &axis(ny, py), &axis(nx, px), kernel).mapv(|v| (v + DARK).ln())
}

fn breech_face(map: &IntensityMap, limits: &Impression) -> Result<(Region, Vec<Remark>)> {
    let (px, py) = (map.pitch_x.um(), map.pitch_y.um());
    let (ny, nx) = map.v.dim();
    let tone = tone(map);
    let step = (STEP_UM, STEP_UM);
    let width = limits.width_max_um;

    let threshold = otsu(&tone);
    let lit = threshold.map(|t| Region::new(tone.mapv(|v| v > t), step).without_holes(SPOT_UM2));
    let inside = |p: &Piece| {
        p.extent >= NARROWEST_UM
            && p.extent <= width
            && p.at_edge as f64 <= AT_EDGE * p.boundary as f64
    };
    if let Some(lit) = lit {
        let core = lit.eroded(BRIDGE_UM);
        let count = core.pieces().1.iter().filter(|p| inside(p)).map(|p| p.count).max();
        if let Some(count) = count {
            let mut core = core.kept(|p| p.count == count && inside(p));
            let grown = core.dilated(BRIDGE_UM);
            core.mask = grown.mask & &lit.mask;
            let remarks = primer::remark(&core, &lit.opened(2.0 * BRIDGE_UM)).into_iter().collect();
            return Ok((core.without_holes(SPOT_UM2).eroded(limits.margin_um), remarks));
        }
    }
    let (height, breadth) = (ny as f64 * py, nx as f64 * px);
    if height.max(breadth) > width {
        return Err(no_mark(say!(
            "no bright area between {:.1} and {:.1} mm wide stands out from a dark edge",
            NARROWEST_UM * 1e-3,
            width * 1e-3
        )));
    }
    let whole = Region::new(Array2::from_elem(tone.dim(), true), step);
    let remark = Remark(Verdict::Doubtful, say!("no outline was found: the whole image is taken"));
    Ok((whole, vec![remark]))
}

/// The threshold that separates dark from bright best (Otsu 1979), unless the
/// two classes differ by less than [`CONTRAST`].
fn otsu(tone: &Array2<f32>) -> Option<f32> {
    let (low, high) = tone.iter().fold((f32::MAX, f32::MIN), |(l, h), &v| (l.min(v), h.max(v)));
    let step = (high - low) / 256.0;
    if step.is_nan() || step <= 0.0 {
        return None;
    }
    // As 256 grey levels, a row: only how often each occurs counts.
    let levels: Vec<u8> = tone
        .iter()
        .filter(|v| v.is_finite())
        .map(|&v| ((v - low) / step).min(255.0) as u8)
        .collect();
    let grey = GrayImage::from_vec(levels.len() as u32, 1, levels)?;
    let threshold = low + (f32::from(otsu_level(&grey)) + 1.0) * step;
    let mean = |bright: bool| {
        let class = tone.iter().filter(|v| v.is_finite() && (**v > threshold) == bright);
        let (n, sum) = class.fold((0.0, 0.0), |(n, s), &v| (n + 1.0, s + f64::from(v)));
        sum / n
    };
    (mean(true) - mean(false) > f64::from(CONTRAST.ln())).then_some(threshold)
}
