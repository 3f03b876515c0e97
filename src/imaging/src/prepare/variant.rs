//! Other plausible ways to prepare a mark, to see how much a score owes to the
//! choice of one.

use super::region::Region;
use super::{Form, PreparedMark, Recipe, prepare};
use crate::acquire::Scan;
use ndarray::{Array2, Zip};
use types::error::Result;
use types::evidence::MarkKind;
use types::message::{Message, say};
use types::surface::{HeightMap, IntensityMap, Surface};

/// By how much the ends of the band are moved, as a share of each.
const BAND_SHARE: f64 = 0.2;
/// By how much the outline is moved.
const OUTLINE_UM: f64 = 50.0;

/// One choice of preparation that differs from a recipe.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Variant {
    /// The recipe as it is.
    AsItIs,
    /// The short cut-off of the band times this.
    Short(f64),
    /// The long cut-off of the band times this.
    Long(f64),
    /// A plane where the recipe takes a surface of second order off, and the
    /// other way round.
    OtherForm,
    /// The long waves taken off by a regression of this degree (ISO 16610-71).
    Order(u8),
    /// The outline moved outwards by this many micrometres (inwards where
    /// negative).
    Outline(f64),
    /// The scan laid on a grid shifted by half a sample both ways, by linear
    /// interpolation.
    HalfSample,
}

impl Variant {
    /// The family that is stated wherever a range of scores is: the band's ends
    /// ±20 %, the other form and the other degree of levelling, the outline
    /// ±50 µm, the scan sampled anew.
    pub const fn family(recipe: &Recipe) -> [Self; 9] {
        let order = if recipe.order == 0 { 2 } else { 0 };
        [
            Self::Short(1.0 - BAND_SHARE),
            Self::Short(1.0 + BAND_SHARE),
            Self::Long(1.0 - BAND_SHARE),
            Self::Long(1.0 + BAND_SHARE),
            Self::OtherForm,
            Self::Order(order),
            Self::Outline(OUTLINE_UM),
            Self::Outline(-OUTLINE_UM),
            Self::HalfSample,
        ]
    }

    /// What it is, in words.
    pub fn words(self) -> Message {
        match self {
            Self::AsItIs => say!("as the recipe says"),
            Self::Short(by) => say!("short cut-off × {by:.1}"),
            Self::Long(by) => say!("long cut-off × {by:.1}"),
            Self::OtherForm => say!("the other form taken off"),
            Self::Order(degree) => say!("levelled by a regression of degree {degree}"),
            Self::Outline(um) if um < 0.0 => say!("outline {:.0} µm narrower", -um),
            Self::Outline(um) => say!("outline {um:.0} µm wider"),
            Self::HalfSample => say!("sampled half a point aside"),
        }
    }

    /// A mark of a scan, prepared so.
    ///
    /// # Errors
    /// As [`prepare`].
    pub fn prepare(self, scan: &Scan, kind: MarkKind, recipe: &Recipe) -> Result<PreparedMark> {
        let changed = self.recipe(kind, recipe);
        match self {
            Self::HalfSample => prepare(&half_a_sample_aside(scan), kind, &changed),
            Self::Outline(um) if um < 0.0 => {
                prepare(scan, kind, &changed).map(|mark| narrower(mark, -um))
            }
            Self::Outline(um) if scan.file_mask.is_some() => {
                prepare(&with_wider_mask(scan, um), kind, &changed)
            }
            _ => prepare(scan, kind, &changed),
        }
    }

    fn recipe(self, kind: MarkKind, recipe: &Recipe) -> Recipe {
        let mut r = *recipe;
        let (band, form) = match kind {
            MarkKind::FiringPin => (&mut r.firing_pin_band, &mut r.firing_pin_form),
            MarkKind::ApertureShear => (&mut r.striated_band, &mut r.form),
            MarkKind::BreechFace | MarkKind::Ejector => (&mut r.band, &mut r.form),
        };
        match self {
            Self::Short(by) => band.short_um *= by,
            Self::Long(by) => band.long_um *= by,
            Self::OtherForm => {
                *form = match *form {
                    Form::SecondOrder => Form::Plane,
                    Form::None | Form::Plane => Form::SecondOrder,
                }
            }
            Self::Order(degree) => r.order = degree,
            // Narrower is done to the prepared mark, which has any outline.
            Self::Outline(um) if um > 0.0 => {
                r.impression.margin_um = (r.impression.margin_um - um).max(0.0);
            }
            Self::Outline(_) | Self::AsItIs | Self::HalfSample => {}
        }
        r
    }
}

/// A mark without what lies within `um` micrometres of its outline. Points that
/// are missing inside count as inside.
fn narrower(mut mark: PreparedMark, um: f64) -> PreparedMark {
    let step = (mark.pitch.um(), mark.pitch.um());
    let inside = Region::new(mark.values.mapv(f32::is_finite), step);
    // Gaps are no outline.
    let kept = inside.without_holes(f64::INFINITY).eroded(um);
    // The aperture is one: what lies along a hole wider than the margin goes too.
    let open = Region::new(inside.mask.mapv(|on| !on), step).opened(um);
    let beside = open.dilated(um);
    Zip::from(&mut mark.values).and(&kept.mask).and(&beside.mask).for_each(|v, keep, beside| {
        if !keep || *beside {
            *v = f32::NAN;
        }
    });
    mark
}

/// A scan whose own mask reaches `um` micrometres farther.
fn with_wider_mask(scan: &Scan, um: f64) -> Scan {
    let (px, py) = scan.surface.pitch();
    let wider = |mask| Region::new(mask, (px.um(), py.um())).dilated(um).mask;
    Scan { file_mask: scan.file_mask.clone().map(wider), ..scan.clone() }
}

/// A scan on a grid shifted by half a sample along both axes, one sample smaller
/// both ways: means of four neighbours, missing where one is.
fn half_a_sample_aside(scan: &Scan) -> Scan {
    let surface = match &scan.surface {
        Surface::Height(map) => Surface::Height(HeightMap { z: between(&map.z), ..*map }),
        Surface::Intensity(map) => Surface::Intensity(IntensityMap {
            v: between(&map.v.mapv(f64::from)).mapv(|v| v as f32),
            ..*map
        }),
    };
    let file_mask = scan.file_mask.as_ref().map(|mask| {
        let (ny, nx) = mask.dim();
        Array2::from_shape_fn((ny.saturating_sub(1), nx.saturating_sub(1)), |(y, x)| {
            mask[[y, x]] && mask[[y + 1, x]] && mask[[y, x + 1]] && mask[[y + 1, x + 1]]
        })
    });
    Scan { surface, file_mask, ..scan.clone() }
}

fn between(map: &Array2<f64>) -> Array2<f64> {
    let (ny, nx) = map.dim();
    Array2::from_shape_fn((ny.saturating_sub(1), nx.saturating_sub(1)), |(y, x)| {
        (map[[y, x]] + map[[y + 1, x]] + map[[y, x + 1]] + map[[y + 1, x + 1]]) / 4.0
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use types::mark::{Quality, Verdict};
    use types::surface::Pose;

    fn mark(values: Array2<f32>) -> PreparedMark {
        let quality = Quality {
            verdict: Verdict::Good,
            reasons: Vec::new(),
            area_mm2: 1.0,
            coverage: 1.0,
            rms: 1.0,
        };
        PreparedMark {
            kind: MarkKind::BreechFace,
            modality: types::evidence::Modality::Topography,
            pitch: types::units::Metres::from_um(6.25),
            values,
            scan_from_mark: Pose::default(),
            recipe: types::evidence::Digest([0; 32]),
            quality,
        }
    }

    #[test]
    fn a_narrower_mark_keeps_its_gaps_small_and_loses_its_border() {
        let mut values = Array2::from_elem((64, 64), 1.0_f32);
        values.row_mut(0).fill(f32::NAN);
        values[[32, 32]] = f32::NAN;
        let out = narrower(mark(values), 50.0).values;
        // 50 µm are eight points of 6.25 µm.
        assert!(out[[8, 30]].is_nan() && out[[9, 30]].is_finite());
        assert!(out[[32, 33]].is_finite(), "one missing point is no outline");
    }

    #[test]
    fn half_a_sample_aside_is_the_mean_of_four() {
        let map = Array2::from_shape_fn((3, 4), |(y, x)| (10 * y + x) as f64);
        let out = between(&map);
        assert_eq!(out.dim(), (2, 3));
        assert!((out[[0, 0]] - 5.5).abs() < 1e-12);
    }

    #[test]
    fn every_variant_of_the_family_is_another_recipe_or_another_scan() {
        let recipe = Recipe::default();
        let names: std::collections::BTreeSet<String> =
            Variant::family(&recipe).iter().map(|v| v.words().to_string()).collect();
        assert_eq!(names.len(), 9);
        let changed = Variant::Short(1.2).recipe(MarkKind::FiringPin, &recipe);
        assert!((changed.firing_pin_band.short_um - 19.2).abs() < 1e-9);
        assert_eq!(changed.band, recipe.band);
    }
}
