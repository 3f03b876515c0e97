//! Scans that were cropped, levelled and band-passed before: taken as they are.

use super::Verdict;
use super::filter::low_pass;
use super::ground::Ground;
use super::level::{Estimator, Level};
use super::quality::Remark;
use super::recipe::Form;
use super::recipe::Recipe;
use super::region::Region;
use super::resample::{Axis, Kernel, resample};
use super::topography::{outliers, shift};
use super::{Prepared, frame};
use ndarray::Array2;
use types::message::say;
use types::surface::HeightMap;

/// A prepared mark's heights spread less than this, in µm rms: a breech face's
/// waviness below 500 µm is some micrometres.
const RMS_MAX_UM: f64 = 12.0;
/// Its mean is zero within this share of the rms.
const MEAN_MAX: f64 = 0.25;
/// It is level within this, in degrees.
const TILT_MAX_DEG: f64 = 0.1;
/// Waves twice as long as the cut-off hold no more than this share of the rms.
const LONG_MAX: f64 = 0.75;
/// The same of a scan that came to be tilted or lifted after it was prepared,
/// and must be told from a raw one by this alone.
const LONG_MAX_TILTED: f64 = 0.5;
/// What stands out from its neighbours by this many rms of the surface is no
/// edge of a mark.
const SPIKE_RMS: f64 = 3.0;
/// A smaller share of such points is left as it is, ...
const SPIKES_MIN: f64 = 0.002;
/// ... unless together they hold more than this share of the surface's energy
/// (sum of squares): points that can carry or hide a correlation by themselves.
/// In the published scans it is at most 0.02.
const SPIKE_ENERGY: f64 = 0.05;
/// What stands out by this many rms of the surface is no part of it, however
/// rare. In the published scans no point stands out by more than 15.
const IMPOSSIBLE_RMS: f64 = 20.0;
/// Around it data are missing: at most this share of the grid is filled.
const FILLED_MAX: f64 = 0.98;

/// What is left to do with a scan that has been prepared already: missing
/// around the mark, and without long waves once it is level. `None` for any
/// other scan.
pub(super) fn recognise(map: &HeightMap, ground: &Ground, recipe: &Recipe) -> Option<Rest> {
    let filled = map.z.iter().filter(|z| z.is_finite()).count() as f64 / map.z.len().max(1) as f64;
    if filled > FILLED_MAX {
        return None;
    }
    let all = Region::new(ground.height.mapv(f64::is_finite), ground.step);
    let level = Level::fit(&ground.points(&all), Form::Plane, Estimator::LeastSquares)?;
    let level_ground = Array2::from_shape_fn(ground.height.dim(), |at| {
        let (x, y) = ground.place(at);
        (ground.height[at] - level.at(x, y)) as f32
    });
    let rms = rms_of(&level_ground);
    let (sx, sy) = level.slope();
    let tilt = (sx.hypot(sy) * 1e-3).atan().to_degrees();
    let still_level = tilt <= TILT_MAX_DEG && level.at(0.0, 0.0).abs() <= MEAN_MAX * rms;
    // The finer step serves both axes here: this is a test, not a measurement.
    let pitch = types::units::Metres::from_um(ground.step.0.min(ground.step.1));
    let long = types::units::Metres::from_um(2.0 * recipe.band.long_um);
    let long_share = rms_of(&low_pass(&level_ground, pitch, long)) / rms;
    let most = if still_level { LONG_MAX } else { LONG_MAX_TILTED };
    // Neither comparison holds for a map without heights.
    (rms <= RMS_MAX_UM && long_share <= most).then_some(if still_level {
        Rest::Nothing
    } else {
        Rest::Level(level, tilt)
    })
}

/// What a prepared scan still needs.
pub(super) enum Rest {
    /// Nothing.
    Nothing,
    /// To be levelled again: its plane, and how far it is tilted in degrees.
    Level(Level, f64),
}

/// Takes the scan unchanged but for what it needs, spikes, and the recipe's
/// pitch; bit by bit where there is none of these and the pitch is the recipe's
/// already.
pub(super) fn take(map: &HeightMap, ground: &Ground, rest: &Rest, recipe: &Recipe) -> Prepared {
    let mut remarks = vec![Remark(
        Verdict::Good,
        say!("the scan was cropped, levelled and filtered before and is taken as it is"),
    )];
    let (ny, nx) = map.z.dim();
    let level = match *rest {
        Rest::Nothing => Level::NONE,
        Rest::Level(level, tilt) => {
            let text = say!("it was tilted by {tilt:.1}° or lifted since, and is levelled again");
            remarks.push(Remark(Verdict::Good, text));
            level
        }
    };
    let mut heights = Array2::from_shape_fn((ny, nx), |at| {
        let (x, y) = map.place_mm(at);
        (map.z[at] * 1e6 - level.at(x, y)) as f32
    });
    let points = map.z.iter().filter(|z| z.is_finite()).count().max(1) as f64;
    let rms = rms_of(&ground.height.mapv(|z| z as f32));
    let far = outliers(&heights, ground, &level, SPIKE_RMS * rms, recipe);
    let energy: f64 = far.iter().map(|(off, _)| off * off).sum();
    let many = far.len() as f64 >= SPIKES_MIN * points;
    let all = many || energy > SPIKE_ENERGY * points * rms * rms;
    let limit = if all { 0.0 } else { IMPOSSIBLE_RMS * rms };
    let out: Vec<_> = far.into_iter().filter(|(off, _)| *off > limit).map(|(_, at)| at).collect();
    if !out.is_empty() {
        let share = 100.0 * out.len() as f64 / points;
        let text = match out.len() {
            1 => say!("1 point was a spike, and is left out"),
            n if !many => say!("{n} points were spikes, and are left out"),
            _ => say!("{share:.1} % of the points were spikes, and are left out"),
        };
        remarks.push(Remark(Verdict::Good, text));
        out.into_iter().for_each(|at| heights[at] = f32::NAN);
    }
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
        remarks,
    }
}

fn rms_of(values: &Array2<f32>) -> f64 {
    let present = values.iter().filter(|v| v.is_finite());
    let (n, sum) = present.fold((0_usize, 0.0), |(n, s), &v| (n + 1, s + f64::from(v).powi(2)));
    (sum / n.max(1) as f64).sqrt()
}
