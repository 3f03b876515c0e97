//! 3D scans: [`HeightMap`] → [`Prepared`].

use super::Verdict;
use super::class::{ClassShape, without_class};
use super::filter::low_pass;
use super::ground::Ground;
use super::level::{Estimator, Level};
use super::quality::Remark;
use super::recipe::{Form, MaskPolicy, Recipe};
use super::region::Region;
use super::regression::GaussianRegression;
use super::resample::{Axis, Kernel, resample};
use super::segment::{breech_face, firing_pin};
use super::{Prepared, frame, processed};
use ndarray::Array2;
use types::error::{Error, Kind, Result};
use types::evidence::MarkKind;
use types::message::say;
use types::numeric::median;
use types::surface::{HeightMap, Mask, Pose};
use types::units::Metres;

/// Deviations below this are never outliers, in µm.
const OUTLIER_FLOOR_UM: f64 = 1.0;
/// Steepest slope (rise over run) of an impression that is compared: 45°. Beyond
/// are its walls, where metal tore and instruments see little.
const WALL: f64 = 1.0;
/// What is left out beside a wall, in µm.
const BESIDE_WALL_UM: f64 = 40.0;
/// Where the filter's weights end, in cut-off wavelengths.
const REACH: f64 = 1.0;

pub(super) fn prepare_topography(
    map: &HeightMap,
    file_mask: Option<&Mask>,
    kind: MarkKind,
    recipe: &Recipe,
) -> Result<Prepared> {
    let ground = Ground::of(map);
    if let Some(rest) = processed::recognise(map, &ground, recipe) {
        return Ok(processed::take(map, &ground, &rest, recipe));
    }
    let (mut region, mut remarks) = outline(map, &ground, file_mask, kind, recipe)?;
    if kind.is_shaped() {
        region = without_walls(&ground, region);
    }
    let level = Level::fit(&ground.points(&region), recipe.form(kind), Estimator::Robust)
        .ok_or_else(|| {
            Error::new(Kind::NoMark, say!("the mark's outline holds too few heights to level them"))
                .advise(say!("check the mask, or let the mark be searched"))
        })?;
    let heights = levelled(map, &ground, &region, &level, recipe, &mut remarks);

    let band = recipe.band(kind);
    let (px, py) = (map.pitch_x.um(), map.pitch_y.um());
    let axis = |n: usize, pitch: f64| Axis::centred(n, recipe.pitch_um / pitch);
    let (ny, nx) = heights.dim();
    // Waves that neither grid can hold are not interpolated.
    let short = band.short_um.max(2.0 * px).max(2.0 * py);
    let kernel = Kernel::Gaussian(short / py, short / px);
    let (values, centre) = frame(&resample(&heights, &axis(ny, py), &axis(nx, px), kernel));
    let shape = if kind.is_shaped() { ClassShape::of(&values) } else { None };
    remarks.extend(shape.iter().filter_map(|shape| shape.remark(recipe.pitch())));
    let values = match shape {
        Some(shape) => without_class(&values, &shape, recipe.pitch()),
        None => values,
    };
    // Those of a striated mark are taken off across its striae alone.
    let values =
        if kind.is_striated() { values } else { without_long_waves(values, recipe, band.long_um) };
    Ok(Prepared {
        values,
        scan_from_mark: shift(centre, recipe),
        outline_mm2: region.area_mm2(),
        remarks,
    })
}

/// The pose of a framed grid whose centre lies `centre` recipe pixels (x, y)
/// from the scan's.
pub(super) fn shift(centre: (f64, f64), recipe: &Recipe) -> Pose {
    let metres = |pixels: f64| Metres::from_um(pixels * recipe.pitch_um);
    Pose { dx: metres(centre.0), dy: metres(centre.1), ..Pose::default() }
}

/// The mark's outline: the file's mask or found.
fn outline(
    map: &HeightMap,
    ground: &Ground,
    file_mask: Option<&Mask>,
    kind: MarkKind,
    recipe: &Recipe,
) -> Result<(Region, Vec<Remark>)> {
    let file_mask = file_mask.filter(|m| m.dim() == map.z.dim());
    let usable = file_mask.map(|m| ground.region(m)).filter(|r| !ground.points(r).is_empty());
    match (recipe.use_file_mask, usable) {
        (MaskPolicy::Auto | MaskPolicy::Always, Some(region)) => {
            let remark = Remark(Verdict::Good, say!("the outline is the mask of the file"));
            return Ok((region, vec![remark]));
        }
        (MaskPolicy::Always, None) => {
            return Err(Error::new(Kind::NoMark, say!("the file has no mask that holds heights"))
                .advise(say!("let the mark be searched (use_file_mask = \"auto\")")));
        }
        (MaskPolicy::Auto, None) | (MaskPolicy::Never, _) => {}
    }
    let found = match kind {
        MarkKind::BreechFace => breech_face(ground, &recipe.impression)?,
        MarkKind::FiringPin => firing_pin(ground, &recipe.impression)?,
        MarkKind::Ejector | MarkKind::ApertureShear => {
            return Err(Error::new(
                Kind::NoMark,
                say!("{kind} marks are not searched for on raw scans"),
            )
            .advise(say!("give the file a mask of the mark, or crop, level and filter it first")));
        }
    };
    Ok((found.region, Vec::new()))
}

/// An impression without its walls: what rises steeply from its own plane.
fn without_walls(ground: &Ground, region: Region) -> Region {
    let plane = Level::fit(&ground.points(&region), Form::Plane, Estimator::Robust);
    let Some(plane) = plane else { return region };
    let slopes = ground.slopes(&ground.above(&plane));
    let gentle = Region::new(slopes.mapv(|s| s.0.hypot(s.1) < WALL), ground.step);
    let mut kept = gentle.eroded(BESIDE_WALL_UM);
    kept.mask &= &region.mask;
    // What is gentle beyond the walls is no longer the impression.
    let kept = kept.opened(BESIDE_WALL_UM);
    let largest = kept.pieces().1.iter().map(|p| p.count).max().unwrap_or(0);
    let kept = kept.kept(|p| p.count == largest);
    // Where hardly anything is left it was not the walls that were steep.
    if 4 * kept.count() > region.count() { kept } else { region }
}

/// Heights in µm above the form inside the outline, without outliers.
fn levelled(
    map: &HeightMap,
    ground: &Ground,
    region: &Region,
    level: &Level,
    recipe: &Recipe,
    remarks: &mut Vec<Remark>,
) -> Array2<f32> {
    let (kx, ky) = ground.block;
    let mut out = Array2::from_elem(map.z.dim(), f32::NAN);
    let (mut low, mut high) = ((f64::INFINITY, 0_usize), (f64::NEG_INFINITY, 0_usize));
    let mut points = 0_usize;
    for ((y, x), o) in out.indexed_iter_mut() {
        let (block, z) = ((y / ky, x / kx), map.z[[y, x]]);
        if !region.mask[block] || !z.is_finite() {
            continue;
        }
        points += 1;
        low = if z < low.0 { (z, 1) } else { (low.0, low.1 + usize::from(z == low.0)) };
        high = if z > high.0 { (z, 1) } else { (high.0, high.1 + usize::from(z == high.0)) };
        // A block without a median is mostly missing; what is left is not trusted.
        if ground.height[block].is_finite() {
            let (px, py) = map.place_mm((y, x));
            *o = (z * 1e6 - level.at(px, py)) as f32;
        }
    }
    for (_, at) in outliers(&out, ground, level, OUTLIER_FLOOR_UM, recipe) {
        out[at] = f32::NAN;
    }
    let clipped = low.1.max(high.1) as f64 / points.max(1) as f64;
    if clipped > recipe.quality.clipped_max {
        let text = say!("clipped: {:.0} % of the heights lie at one end stop", 100.0 * clipped);
        remarks.push(Remark(Verdict::Unusable, text));
    }
    out
}

/// Points whose height above `level` is far off their block's median, and more
/// than `floor_um` off; with how far, in µm.
pub(super) fn outliers(
    above: &Array2<f32>,
    ground: &Ground,
    level: &Level,
    floor_um: f64,
    recipe: &Recipe,
) -> Vec<(f64, (usize, usize))> {
    let (kx, ky) = ground.block;
    let deviation = |((y, x), &z): ((usize, usize), &f32)| {
        let block = (y / ky, x / kx);
        let (bx, by) = ground.place(block);
        let off = (f64::from(z) - (ground.height[block] - level.at(bx, by))).abs();
        // Neither a missing point nor a missing median can be judged.
        off.is_finite().then_some((off, (y, x)))
    };
    let deviations: Vec<_> = above.indexed_iter().filter_map(deviation).collect();
    let every = deviations.len().div_ceil(50_000).max(1);
    let mut sample: Vec<f64> = deviations.iter().step_by(every).map(|d| d.0).collect();
    let sd = 1.4826 * median(&mut sample).unwrap_or(0.0);
    let limit = (recipe.outlier_sd * sd).max(floor_um);
    deviations.into_iter().filter(|d| d.0 > limit).collect()
}

fn without_long_waves(mut values: Array2<f32>, recipe: &Recipe, long_um: f64) -> Array2<f32> {
    let long = if recipe.order == 0 {
        low_pass(&values, recipe.pitch(), Metres::from_um(long_um))
    } else {
        let filter = GaussianRegression {
            cutoff: long_um / recipe.pitch_um,
            order: recipe.order,
            reach: REACH,
        };
        filter.smooth(&values.mapv(f64::from)).mapv(|v| v as f32)
    };
    values -= &long;
    values
}
