//! 2D images: [`IntensityMap`] → [`Prepared`].
//!
//! The mark is outlined, its brightness evened out against its surroundings,
//! and what the lamp's direction did to it undone, so that the features mean
//! the same on two images of a casing that was turned between them.

mod light;
mod outline;
mod primer;

use super::Verdict;
use super::class::{self, ClassShape};
use super::quality::Remark;
use super::recipe::{MaskPolicy, Recipe};
use super::region::Region;
use super::resample::{Axis, Kernel, resample};
use super::{Prepared, frame, low_pass, topography::shift};
use ndarray::{Array2, Zip};
use types::error::{Error, Kind, Result};
use types::evidence::{Light, MarkKind};
use types::message::say;
use types::surface::{IntensityMap, Mask};
use types::units::Metres;

/// Waves longer than this are the illumination's, not the mark's.
const ILLUMINATION: Metres = Metres::from_um(400.0);
/// Over this wavelength the contrast is evened out.
const CONTRAST: Metres = Metres::from_um(500.0);
/// Share of the whole mark's variance added to the local one, so that a place
/// without structure is not blown up into noise.
const CONTRAST_FLOOR: f32 = 0.15;
/// Features are clipped at this many standard deviations.
const CLIP: f32 = 3.0;
/// A glint narrower than this depends on the lamp more than on the surface;
/// ring light only, where brightness has no sign to average out.
const GLINT: Metres = Metres::from_um(67.0);
/// The same in an impression, whose marks are finer than a breech face's.
const FLECK: Metres = Metres::from_um(40.0);
/// Grey value below which brightness is the camera's noise.
const DARK: f32 = 0.02;
/// Brightness from which a pixel counts as saturated.
const FULL: f32 = 0.996;

/// Finds the mark on an image and turns its brightness into features without
/// unit and with zero mean over some 0.5 mm, `NaN` outside the mark.
///
/// Errors: [`Kind::NoMark`].
pub(super) fn prepare_image(
    map: &IntensityMap,
    file_mask: Option<&Mask>,
    kind: MarkKind,
    recipe: &Recipe,
) -> Result<Prepared> {
    let (region, mut remarks) = outline_of(map, file_mask, kind, recipe)?;
    let (px, py) = (map.pitch_x.um(), map.pitch_y.um());
    let (ny, nx) = map.v.dim();
    let short = recipe.band(kind).short_um.max(2.0 * px).max(2.0 * py);
    let axis = |n: usize, pitch: f64| Axis::centred(n, recipe.pitch_um / pitch);
    let (rows, columns) = (axis(ny, py), axis(nx, px));
    let mut values = resample(&map.v, &rows, &columns, Kernel::Gaussian(short / py, short / px));
    cut(&mut values, recipe.pitch_um, &region);
    let (brightness, centre) = frame(&values);

    remarks.extend(saturation(map, &region, recipe.quality.clipped_max));
    let (values, light) = if kind.is_shaped() {
        let shape = ClassShape::of(&brightness);
        remarks.extend(shape.iter().filter_map(|shape| shape.remark(recipe.pitch())));
        impression(&brightness, shape.as_ref(), recipe)
    } else {
        features(&brightness, recipe)
    };
    remarks.extend(sharpness(&brightness, recipe));
    if light == Light::Side {
        let text = say!("lit from one side: the lamp's direction is taken out of the features");
        remarks.push(Remark(Verdict::Good, text));
    }
    Ok(Prepared {
        values,
        scan_from_mark: shift(centre, recipe),
        outline_mm2: region.area_mm2(),
        remarks,
    })
}

/// The mark's outline: the file's mask or found.
fn outline_of(
    map: &IntensityMap,
    file_mask: Option<&Mask>,
    kind: MarkKind,
    recipe: &Recipe,
) -> Result<(Region, Vec<Remark>)> {
    let usable = file_mask.filter(|m| m.dim() == map.v.dim() && m.iter().any(|&on| on));
    match (recipe.use_file_mask, usable) {
        (MaskPolicy::Auto | MaskPolicy::Always, Some(mask)) => {
            let remark = Remark(Verdict::Good, say!("the outline is the mask of the file"));
            let region = Region::new(mask.clone(), (map.pitch_x.um(), map.pitch_y.um()));
            Ok((region, vec![remark]))
        }
        (MaskPolicy::Always, None) => {
            Err(Error::new(Kind::NoMark, say!("the file has no mask of the mark"))
                .advise(say!("let the mark be searched (use_file_mask = \"auto\")")))
        }
        (MaskPolicy::Auto, None) | (MaskPolicy::Never, _) => {
            outline::find(map, kind, &recipe.impression)
        }
    }
}

/// Takes out what lies outside the region; both grids have the same centre.
fn cut(values: &mut Array2<f32>, pitch_um: f64, region: &Region) {
    let centre = |n: usize| (n as f64 - 1.0) / 2.0;
    let (ny, nx) = values.dim();
    let (my, mx) = region.mask.dim();
    let at = |i: usize, n: usize, step: f64, m: usize| {
        ((i as f64 - centre(n)) * pitch_um / step + centre(m)).round().max(0.0) as usize
    };
    for ((y, x), v) in values.indexed_iter_mut() {
        let inside = (at(y, ny, region.step.1, my), at(x, nx, region.step.0, mx));
        if region.mask.get(inside) != Some(&true) {
            *v = f32::NAN;
        }
    }
}

/// Features of a mark's brightness, and how it seems to have been lit.
///
/// Ring light: brightness relative to its surroundings. Side light: heights
/// regained from brightness.
fn features(brightness: &Array2<f32>, recipe: &Recipe) -> (Array2<f32>, Light) {
    let pitch = recipe.pitch();
    match lamp_of(brightness, recipe) {
        Some(lamp) => (lamp.undone(&evened(brightness, pitch), pitch), Light::Side),
        None => {
            let surroundings = low_pass(brightness, pitch, CONTRAST);
            let mut relative = low_pass(brightness, pitch, GLINT) - &surroundings;
            relative /= &surroundings.mapv(|v| v + DARK);
            (relative, Light::Ring)
        }
    }
}

/// Features of an impression's brightness, and how it seems to have been lit.
///
/// As [`features`], without what impressions of its class have in common. Under
/// ring light that multiplies the brightness of the mark, so it is taken off the
/// logarithm.
fn impression(
    brightness: &Array2<f32>,
    shape: Option<&ClassShape>,
    recipe: &Recipe,
) -> (Array2<f32>, Light) {
    let pitch = recipe.pitch();
    let without = |values: &Array2<f32>| match shape {
        Some(shape) => class::without_class(values, shape, pitch),
        None => values.clone(),
    };
    let tone = without(&low_pass(brightness, pitch, FLECK).mapv(|v| (v + DARK).ln()));
    match lamp_of(&tone, recipe) {
        Some(lamp) => (without(&lamp.undone(&evened(brightness, pitch), pitch)), Light::Side),
        None => (&tone - &low_pass(&tone, pitch, CONTRAST), Light::Ring),
    }
}

/// The lamp from whose side the values were lit, if it was one.
fn lamp_of(values: &Array2<f32>, recipe: &Recipe) -> Option<light::Lamp> {
    let half = |n: usize| Axis::centred(n, 2.0);
    let (ny, nx) = values.dim();
    let reduced = resample(values, &half(ny), &half(nx), Kernel::Triangle);
    let pitch = recipe.pitch() * 2.0;
    light::Lamp::of(&evened(&reduced, pitch), pitch)
}

/// Without long waves, in units of the local standard deviation.
fn evened(values: &Array2<f32>, pitch: Metres) -> Array2<f32> {
    let mut out = values - &low_pass(values, pitch, ILLUMINATION);
    let energy = out.mapv(|v| v * v);
    let (mut n, mut sum) = (0_usize, 0.0_f64);
    for v in energy.iter().filter(|v| v.is_finite()) {
        n += 1;
        sum += f64::from(*v);
    }
    let floor = CONTRAST_FLOOR * (sum / n.max(1) as f64) as f32 + f32::MIN_POSITIVE;
    Zip::from(&mut out).and(&low_pass(&energy, pitch, CONTRAST)).for_each(|v, &local| {
        *v = (*v / (local + floor).sqrt()).clamp(-CLIP, CLIP);
    });
    out
}

/// Pixels at the sensor's end stop, where they are many.
fn saturation(map: &IntensityMap, region: &Region, limit: f64) -> Option<Remark> {
    let (ny, nx) = map.v.dim();
    let (my, mx) = region.mask.dim();
    let (mut inside, mut full) = (0_usize, 0_usize);
    for ((y, x), &v) in map.v.indexed_iter() {
        if region.mask.get((y * my / ny.max(1), x * mx / nx.max(1))) == Some(&true) {
            inside += 1;
            full += usize::from(v >= FULL);
        }
    }
    let share = full as f64 / inside.max(1) as f64;
    let verdict = if share > 4.0 * limit { Verdict::Unusable } else { Verdict::Doubtful };
    let text = say!(
        "saturated: {:.0} % of the mark is at full brightness (limit {:.0} %)",
        100.0 * share,
        100.0 * limit
    );
    (share > limit).then_some(Remark(verdict, text))
}

/// How much of the contrast is fine; little of it means out of focus.
fn sharpness(brightness: &Array2<f32>, recipe: &Recipe) -> Option<Remark> {
    let energy = |cutoff: f64| {
        let waves = brightness - &low_pass(brightness, recipe.pitch(), Metres::from_um(cutoff));
        waves.iter().filter(|v| v.is_finite()).map(|v| f64::from(v * v)).sum::<f64>()
    };
    let fine = 4.0 * recipe.band.short_um;
    let share = energy(fine) / energy(ILLUMINATION.um()).max(f64::MIN_POSITIVE);
    let text = say!(
        "blurred: {:.1} % of the contrast is finer than {fine:.0} µm (at least {:.1} % wanted)",
        100.0 * share,
        100.0 * recipe.quality.detail_min
    );
    (share < recipe.quality.detail_min).then_some(Remark(Verdict::Doubtful, text))
}
