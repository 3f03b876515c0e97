//! Scans that were cropped, levelled and band-passed before: taken as they are.

use super::filter::low_pass;
use super::ground::Ground;
use super::level::{Estimator, Level};
use super::quality::{Remark, Verdict};
use super::recipe::Form;
use super::recipe::Recipe;
use super::region::Region;
use super::resample::{Axis, Kernel, resample};
use super::topography::shift;
use super::{Prepared, frame};
use crate::surface::HeightMap;
use ndarray::Array2;

/// A prepared mark's heights spread less than this, in µm rms: a breech face's
/// waviness below 500 µm is some micrometres.
const RMS_MAX_UM: f64 = 12.0;
/// Its mean is zero within this share of the rms.
const MEAN_MAX: f64 = 0.25;
/// It is level within this, in degrees.
const TILT_MAX_DEG: f64 = 0.1;
/// Waves twice as long as the cut-off hold no more than this share of the rms.
const LONG_MAX: f64 = 0.75;
/// Around it data are missing: at most this share of the grid is filled.
const FILLED_MAX: f64 = 0.98;

/// Whether a scan has been prepared already: missing around the mark, zero
/// mean, no tilt and no long waves.
pub(super) fn is_processed(map: &HeightMap, recipe: &Recipe) -> bool {
    let (mut n, mut sum, mut squares) = (0_usize, 0.0, 0.0);
    for z in map.z.iter().filter(|z| z.is_finite()) {
        let z = z * 1e6;
        n += 1;
        sum += z;
        squares += z * z;
    }
    let (mean, rms) = (sum / n.max(1) as f64, (squares / n.max(1) as f64).sqrt());
    let filled = n as f64 / map.z.len().max(1) as f64;
    // Cheap tests first: a raw scan fails the first of them.
    if n == 0
        || rms.is_nan()
        || rms > RMS_MAX_UM
        || mean.abs() > MEAN_MAX * rms
        || filled > FILLED_MAX
    {
        return false;
    }
    let ground = Ground::of(map);
    let all = Region::new(ground.height.mapv(f64::is_finite), ground.step);
    let Some(level) = Level::fit(&ground.points(&all), Form::Plane, Estimator::LeastSquares) else {
        return false;
    };
    let (sx, sy) = level.slope();
    if (sx.hypot(sy) * 1e-3).atan().to_degrees() > TILT_MAX_DEG {
        return false;
    }
    // The finer step serves both axes here: this is a test, not a measurement.
    let pitch = crate::units::Metres::from_um(ground.step.0.min(ground.step.1));
    let long = crate::units::Metres::from_um(2.0 * recipe.band.long_um);
    let coarse = ground.height.mapv(|z| z as f32);
    rms_of(&low_pass(&coarse, pitch, long)) <= LONG_MAX * rms_of(&coarse)
}

/// Takes the scan unchanged but for the recipe's pitch; bit by bit where the
/// pitch is the recipe's already.
pub(super) fn take(map: &HeightMap, recipe: &Recipe) -> Prepared {
    let heights = map.z.mapv(|z| (z * 1e6) as f32);
    let (ny, nx) = heights.dim();
    let step = (recipe.pitch() / map.pitch_x, recipe.pitch() / map.pitch_y);
    let same = |step: f64| (step - 1.0).abs() < 1e-6;
    let grid = if same(step.0) && same(step.1) {
        heights
    } else {
        resample(&heights, &Axis::centred(ny, step.1), &Axis::centred(nx, step.0), Kernel::Triangle)
    };
    let (values, centre) = frame(&grid);
    let present = values.iter().filter(|v| v.is_finite()).count();
    Prepared {
        outline_mm2: present as f64 * (recipe.pitch_um * 1e-3).powi(2),
        values,
        scan_from_mark: shift(centre, recipe),
        remarks: vec![Remark(
            Verdict::Good,
            "the scan was cropped, levelled and filtered before and is taken as it is".into(),
        )],
    }
}

fn rms_of(values: &Array2<f32>) -> f64 {
    let present = values.iter().filter(|v| v.is_finite());
    let (n, sum) = present.fold((0_usize, 0.0), |(n, s), &v| (n + 1, s + f64::from(v).powi(2)));
    (sum / n.max(1) as f64).sqrt()
}
