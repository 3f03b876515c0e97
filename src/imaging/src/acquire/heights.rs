//! Whether heights can be those of a casing: the unit, single impossible points.

use super::setting::Unit;
use types::error::{Error, Kind, Result};
use types::message::{Message, say};
use types::numeric::median;
use types::surface::HeightMap;
use types::units::Metres;

/// Points further apart than this are no microscope's: nothing about a casing
/// can be judged from them.
const COARSEST_PITCH_M: f64 = 1e-3;

/// No topography of a casing's head rises more than this.
const HIGHEST_M: f64 = 0.01;

/// Any scan of a casing, which is never flat and level to this, rises more.
const LOWEST_M: f64 = 5e-8;

/// Half of all neighbouring points do not lie steeper than this (79°); no
/// instrument measures such a surface.
const STEEPEST: f64 = 5.0;

/// What a unit must give to be offered: heights of marks and heads, and slopes
/// of roughness.
const USUAL_RANGE_M: std::ops::RangeInclusive<f64> = 5e-7..=3e-3;
const USUAL_SLOPE: std::ops::RangeInclusive<f64> = 1e-4..=STEEPEST;

/// A point this far from the median height is no part of a casing, and neither
/// is one by this many times the median deviation.
const FAR_M: f64 = 3e-3;
const FAR_DEVIATIONS: f64 = 150.0;

/// Less than this across holds no mark.
const NARROWEST_M: f64 = 1e-4;

/// Heights looked at to judge their range.
const SAMPLE: usize = 100_000;

/// Range and steepness of the heights as written.
struct Shape {
    /// What holds 98 % of the heights, so that spikes do not decide.
    range: f64,
    /// Median rise over run between neighbours along x.
    slope: f64,
}

/// Brings heights in `unit` (`None`: in metres, unless they can only be
/// micrometres) to metres, refuses what no unit makes plausible, and takes
/// impossible points out. What was done is told.
pub(super) fn settle(
    map: &mut HeightMap,
    unit: Option<Unit>,
    warnings: &mut Vec<Message>,
) -> Result<()> {
    let (ny, nx) = map.z.dim();
    let (px, py) = (map.pitch_x, map.pitch_y);
    if let Some(unit) = unit {
        map.z.mapv_inplace(|z| z * unit.metres());
    }
    if px.0.max(py.0) > COARSEST_PITCH_M {
        warnings.push(say!(
            "points lie {px} × {py} apart, which is no microscope's: this is no scan of a casing, \
             and it is read as written"
        ));
        return Ok(());
    }
    let across = (px.0 * nx as f64).max(py.0 * ny as f64);
    if across < NARROWEST_M {
        warnings.push(say!(
            "the scan is only {} across, less than any mark: check the pixel size ({px})",
            Metres(across)
        ));
    }
    let shape = Shape::of(map);
    let plausible = |factor: f64| {
        let range = shape.range * factor;
        (LOWEST_M..=HIGHEST_M).contains(&range) && shape.slope * factor <= STEEPEST
    };
    // A flat surface is not judged here: it is featureless, whatever the unit.
    if shape.range > 0.0 && !plausible(1.0) {
        let others = [(Unit::Mm, 1e-3), (Unit::Um, 1e-6), (Unit::Nm, 1e-9)];
        let usual = |factor: f64| {
            USUAL_RANGE_M.contains(&(shape.range * factor))
                && USUAL_SLOPE.contains(&(shape.slope * factor))
        };
        let as_um = shape.range > HIGHEST_M
            && (1e-6..=HIGHEST_M).contains(&(shape.range * 1e-6))
            && shape.slope * 1e-6 <= STEEPEST
            && !usual(1e-3);
        if unit.is_none() && as_um {
            warnings.push(say!(
                "heights would range over {}: they are taken as micrometres",
                length(shape.range)
            ));
            map.z.mapv_inplace(|z| z * 1e-6);
        } else {
            let smaller = others.into_iter().find(|(_, f)| usual(*f));
            return Err(implausible(&shape, smaller.map(|(unit, _)| unit), usual));
        }
    }
    without_impossible(map, warnings);
    Ok(())
}

/// Refuses heights, with the unit that would make them plausible.
fn implausible(shape: &Shape, smaller: Option<Unit>, usual: impl Fn(f64) -> bool) -> Error {
    let range = length(shape.range);
    let (would, advice) = match smaller {
        Some(unit) => {
            let (name, word) = match unit {
                Unit::Mm => (say!("millimetres"), "mm"),
                Unit::Nm => (say!("nanometres"), "nm"),
                Unit::M | Unit::Um => (say!("micrometres"), "um"),
            };
            (
                say!("taken as {name}, over {}", length(shape.range * unit.metres())),
                say!(
                    "export the scan again with heights in metres, or state height_unit = \
                     \"{word}\" in a profile of the instrument (docs/FORMATS.md)"
                ),
            )
        }
        None => {
            match [(1e3, say!("thousand")), (1e6, say!("million")), (1e9, say!("thousand million"))]
                .into_iter()
                .find(|(factor, _)| usual(*factor))
            {
                Some((factor, times)) => (
                    say!("a {times} times as high, over {}", length(shape.range * factor)),
                    say!(
                        "the increment of the heights seems to be a {times} times too small, or to be \
                     applied twice: export the scan again"
                    ),
                ),
                None => (
                    say!("no unit makes that a casing"),
                    say!(
                        "correct the unit of the heights in the exporting software; none is guessed"
                    ),
                ),
            }
        }
    };
    Error::new(Kind::Damaged, say!("heights range over {range}, which no casing's can; {would}"))
        .advise(advice)
}

/// Makes missing what lies impossibly far from all other heights: a number
/// that stands for "no data", or a fault of the sensor.
fn without_impossible(map: &mut HeightMap, warnings: &mut Vec<Message>) {
    let mut heights = sample(map);
    let Some(middle) = median(&mut heights) else { return };
    heights.iter_mut().for_each(|z| *z = (*z - middle).abs());
    let deviation = median(&mut heights).unwrap_or(0.0);
    let most = (FAR_DEVIATIONS * deviation).max(FAR_M);
    let (mut count, mut furthest) = (0_u64, 0.0_f64);
    for z in map.z.iter_mut().filter(|z| (**z - middle).abs() > most) {
        furthest = furthest.max((*z - middle).abs());
        *z = f64::NAN;
        count += 1;
    }
    if count > 0 {
        let points = if count == 1 { say!("1 point lies") } else { say!("{count} points lie") };
        warnings.push(say!(
            "{points} up to {} off the median height, which is impossible: taken as missing",
            length(furthest)
        ));
    }
}

impl Shape {
    fn of(map: &HeightMap) -> Self {
        let mut heights = sample(map);
        heights.sort_by(f64::total_cmp);
        let at = |share: f64| {
            let last = heights.len().saturating_sub(1) as f64;
            heights.get((last * share).round() as usize).copied().unwrap_or(0.0)
        };
        let range = at(0.99) - at(0.01);
        let flat = map.z.as_slice().unwrap_or_default();
        let nx = map.z.ncols();
        let step = flat.len().div_ceil(SAMPLE).max(1);
        let mut slopes: Vec<f64> = (1..flat.len())
            .step_by(step)
            .filter(|i| i % nx != 0)
            .filter_map(|i| Some((flat.get(i)? - flat.get(i - 1)?).abs() / map.pitch_x.0))
            .filter(|s| s.is_finite())
            .collect();
        Self { range, slope: median(&mut slopes).unwrap_or(0.0) }
    }
}

fn sample(map: &HeightMap) -> Vec<f64> {
    let step = map.z.len().div_ceil(SAMPLE).max(1);
    map.z.iter().step_by(step).copied().filter(|z| z.is_finite()).collect()
}

/// A length in the unit that suits it.
pub(super) fn length(metres: f64) -> String {
    match metres {
        l if l >= 1.0 => format!("{l:.3} m"),
        l if l >= 1e-3 => format!("{:.3} mm", l * 1e3),
        l if l >= 1e-6 => format!("{:.3} µm", l * 1e6),
        l => format!("{:.6} nm", l * 1e9),
    }
}
