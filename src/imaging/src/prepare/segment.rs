//! Finds the mark on a raw topography.
//!
//! A breech-face impression is the widest smooth region that is level in
//! itself: the primer's edge, the aperture's rim and the flow-back are steep,
//! the case head is cut by the scan's border or surrounds the whole primer, and
//! the groove around the primer is narrow. Once its plane is known, all that lies
//! near the plane and is smooth belongs to it.

use super::ground::Ground;
use super::level::{Estimator, Level};
use super::recipe::{Form, Impression};
use super::region::{Piece, Region};
use ndarray::{Array2, Zip};
use types::error::{Error, Kind, Result};
use types::message::say;
use types::numeric::median;

/// Pieces smaller than this are no mark, in mm².
const FRAGMENT_MM2: f64 = 0.05;
/// Pieces smaller than this share of the largest are left out.
const FRAGMENT_SHARE: f64 = 0.1;
/// Drop-outs and scratches up to this size belong to the mark, in µm².
const HOLE_UM2: f64 = 100.0 * 100.0;
/// Half the width of a bridge that does not connect two regions, in µm.
const BRIDGE_UM: f64 = 25.0;
/// Half the width of the narrowest part of a mark, in µm.
const NARROW_UM: f64 = 60.0;
/// How far the wall of a firing-pin impression starts below the breech face
/// at least, in µm.
const PIN_DEPTH_UM: f64 = 30.0;

/// A mark found on the ground.
pub(super) struct Outline {
    pub(super) region: Region,
    /// The form it was found on.
    pub(super) level: Level,
}

/// The breech-face impression.
pub(super) fn breech_face(ground: &Ground, limits: &Impression) -> Result<Outline> {
    let body = widest_level_piece(ground, limits).ok_or_else(no_mark)?;
    let mut points = ground.points(&body);
    let mut level = Level::fit(&points, Form::Plane, Estimator::Robust).ok_or_else(no_mark)?;
    points.retain(|&[x, y, z]| (z - level.at(x, y)).abs() < limits.residual_um);
    level = Level::fit(&points, Form::Plane, Estimator::Robust).ok_or_else(no_mark)?;

    let above = ground.above(&level);
    let mut region = gentle(&ground.slopes(&above), (0.0, 0.0), limits, ground.step);
    Zip::from(&mut region.mask).and(&above).for_each(|on, &z| {
        *on &= f64::from(z).abs() <= limits.residual_um;
    });
    let region = region.without_holes(HOLE_UM2).eroded(limits.margin_um).opened(NARROW_UM);
    let region = main_pieces(&region);
    if region.count() == 0 {
        return Err(no_mark());
    }
    Ok(Outline { region, level })
}

/// The firing-pin impression: what lies deep inside the ring of the
/// breech-face impression.
pub(super) fn firing_pin(ground: &Ground, limits: &Impression) -> Result<Outline> {
    let face = breech_face(ground, limits)?;
    let widest = face.region.pieces().1.iter().fold(0.0_f64, |w, p| w.max(p.extent));
    let deep = ground.above(&face.level).mapv(|z| f64::from(z) < -PIN_DEPTH_UM);
    let deep = Region::new(deep, ground.step).without_holes(HOLE_UM2).eroded(limits.margin_um);
    let inner = deep.kept(|p| p.at_edge == 0 && p.extent < 0.8 * widest);
    let region = main_pieces(&inner).opened(NARROW_UM);
    let level = Level::fit(&ground.points(&region), Form::SecondOrder, Estimator::Robust);
    match level {
        Some(level) if region.area_mm2() >= FRAGMENT_MM2 => Ok(Outline { region, level }),
        _ => Err(Error::new(
            Kind::NoMark,
            say!("no firing-pin impression was measured inside the primer"),
        )
        .advise(say!("scan the pin's impression to its bottom, or give the file a mask"))),
    }
}

fn no_mark() -> Error {
    Error::new(Kind::NoMark, say!("no smooth, level region of a breech-face impression was found"))
        .advise(say!("check the scan, its pixel size and the mark kind, or give the file a mask"))
}

/// The widest piece that is smooth in its own direction, a first guess.
fn widest_level_piece(ground: &Ground, limits: &Impression) -> Option<Region> {
    let flat = Level::fit(&[], Form::None, Estimator::LeastSquares)?;
    let slopes = ground.slopes(&ground.above(&flat));
    let tilt = common_tilt(&slopes, limits)?;
    let smooth = gentle(&slopes, tilt, limits, ground.step).without_holes(HOLE_UM2);
    let core = smooth.eroded(BRIDGE_UM);
    let (labels, pieces) = core.pieces();
    let mut width = vec![0.0; pieces.len() + 1];
    Zip::from(&labels).and(&core.depth()).for_each(|&l, &d| {
        if d.is_finite() {
            width[l as usize] += d;
        }
    });
    let least = FRAGMENT_MM2 * 1e6 / core.pixel();
    // Area times mean depth: a wide region beats a long, narrow ring. What the
    // scan's border cuts is more likely the case head.
    let weight = |p: &Piece| {
        let cut = p.at_edge as f64 / p.boundary.max(1) as f64;
        width[p.label as usize] * (1.01 - cut).powi(2)
    };
    let mut candidates: Vec<_> = pieces
        .iter()
        .filter(|p| p.count as f64 >= least && p.extent <= limits.width_max_um)
        .collect();
    candidates.sort_by(|p, q| weight(q).total_cmp(&weight(p)));
    let regions = candidates.iter().map(|p| Region::new(labels.mapv(|l| l == p.label), core.step));
    regions.into_iter().find(|r| r.widest_hole() <= limits.hole_max_um)
}

/// The slope that most gentle places share: how the specimen was tilted.
fn common_tilt(slopes: &Array2<(f64, f64)>, limits: &Impression) -> Option<(f64, f64)> {
    let steep = limits.slope_deg.to_radians().tan();
    let mut near: Vec<_> =
        slopes.iter().copied().filter(|s| s.0.is_finite() && s.1.is_finite()).collect();
    let mut tilt = (0.0, 0.0);
    for _ in 0..6 {
        tilt = (
            median(&mut near.iter().map(|s| s.0).collect::<Vec<_>>())?,
            median(&mut near.iter().map(|s| s.1).collect::<Vec<_>>())?,
        );
        near.retain(|s| (s.0 - tilt.0).hypot(s.1 - tilt.1) < steep);
    }
    Some(tilt)
}

/// Where the slope differs from `tilt` by less than the limit.
fn gentle(
    slopes: &Array2<(f64, f64)>,
    tilt: (f64, f64),
    limits: &Impression,
    step: (f64, f64),
) -> Region {
    let steep = limits.slope_deg.to_radians().tan();
    let mask = slopes.mapv(|s| (s.0 - tilt.0).hypot(s.1 - tilt.1) < steep);
    Region::new(mask, step)
}

fn main_pieces(region: &Region) -> Region {
    let largest = region.pieces().1.iter().map(|p| p.count).max().unwrap_or(0) as f64;
    let least = (FRAGMENT_MM2 * 1e6 / region.pixel()).max(FRAGMENT_SHARE * largest);
    region.kept(|p| p.count as f64 >= least)
}
