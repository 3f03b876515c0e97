//! One pair: register, find congruent cells, score. Pure functions, one thread.
//!
//! A pair is always compared in the same order, and turned round afterwards
//! where needed, so that A–B and B–A give the same numbers.

mod chance;
mod class;
mod congruence;
mod division;
mod everywhere;
mod explain;
mod likeness;
mod published;
mod refine;
mod register;
mod rotations;
pub mod rules;
mod striae;
mod watch;

pub use types::comparison::{Cell, Comparison, RunnerUp};

pub use explain::{Explanation, PlaceLookedAt, Ring, SearchStep, Unrolling, explain};
pub use likeness::{likeness, one_acquisition};
pub use published::{Published, published};
pub use register::Probe;
pub use rotations::Rotations;
pub use striae::compare as compare_striae;
pub use striae::{BestCorrelation, best_correlation, best_correlation_of_marks};
pub use watch::Step;

use crate::extract::{COARSE_PITCH, FINE_PITCH, Template, turned};
use congruence::Found;
use refine::{PoseCandidate, Registered};
use register::register;
use types::error::Result;
use types::surface::Pose;
use types::units::{Angle, Metres};
use watch::Watch;

/// Whether `a` is the probe of a pair, whichever side the caller put it on: the
/// smaller mark, for it is the cheaper one to turn and a gallery is searched
/// with few fragments; of equals, the one with the lower digest.
pub fn goes_first(a: &Template, b: &Template) -> bool {
    (a.coarse.points, a.digest) <= (b.coarse.points, b.digest)
}

/// Compares two marks over all rotations and shifts.
///
/// # Errors
/// [`types::error::Kind::Incomparable`] for different mark kinds, modalities
/// or recipes.
pub fn compare(a: &Template, b: &Template) -> Result<Comparison> {
    compare_probe(&Probe::new(a), b, &mut Rotations::new())
}

/// Compares a prepared probe (A) with a template (B), reusing what the probe
/// and the thread's working memory already hold.
///
/// # Errors
/// See [`compare`].
pub fn compare_probe(probe: &Probe, b: &Template, rotations: &mut Rotations) -> Result<Comparison> {
    let a = probe.template;
    a.comparable(b)?;
    if goes_first(a, b) {
        Ok(in_order(probe, b, rotations, &mut ()))
    } else {
        Ok(in_order(&probe.like(b), a, rotations, &mut ()).reversed())
    }
}

fn in_order(
    probe: &Probe,
    b: &Template,
    rotations: &mut Rotations,
    watch: &mut dyn Watch,
) -> Comparison {
    let a = probe.template;
    if let (Some(a), Some(b)) = (&a.striae, &b.striae) {
        return striae::compare(a, b).unwrap_or_else(nothing);
    }
    let Some(found) = register(probe, b, rotations, watch) else { return nothing() };
    let Registered { place, ccf, points, score, runner_up } = found;
    let b_from_a = pose(&place);
    // The same cells, cut from either mark.
    let on_b = turned(&probe.fine, place.rotation, place.shift, &b.fine, 0);
    let (cx, cy) = b.fine.centre();
    let common: Vec<(f64, f64)> = (0..b.fine.mask.len())
        .filter(|&i| on_b.mask[i] != 0 && b.fine.mask[i] != 0)
        .map(|i| ((i % b.fine.nx) as f64 - cx, (i / b.fine.nx) as f64 - cy))
        .collect();
    let (side, centres_b) = division::divide(&common);
    let back = place_of(&b_from_a.inverse());
    let centres_a: Vec<_> = centres_b.iter().map(|&c| back.apply(c)).collect();
    let mut of_b = congruence::search(&b.fine, &probe.fine, &place, side, &centres_b);
    rotations.turnable.refill(&b.fine);
    let mut of_a = congruence::search(&a.fine, &rotations.turnable, &back, side, &centres_a);
    let of_class = if a.kind.is_shaped() {
        let cells = class::Cells { side, of_a: &mut of_a, of_b: &mut of_b };
        class::explained(cells, probe, b, rotations)
    } else {
        0.0
    };
    let congruent = |cells: &[Found]| cells.iter().filter(|c| c.congruent).count();
    let weaker_is_b = congruent(&of_b) < congruent(&of_a);
    let cells = if weaker_is_b { &of_b } else { &of_a };
    Comparison {
        score: score - of_class,
        ccf,
        cells: cells.len() as u32,
        congruent_cells: congruent(cells) as u32,
        overlap_mm2: points as f64 * (FINE_PITCH.um() / 1000.0).powi(2),
        b_from_a,
        cell_table: cells.iter().map(|c| table_row(c, &b_from_a, weaker_is_b)).collect(),
        cell_um: side as f64 * FINE_PITCH.um(),
        cells_of_b: weaker_is_b,
        runner_up: runner_up.map(|r| RunnerUp { score: r.z - of_class, b_from_a: pose(&r) }),
    }
}

/// Marks that nowhere overlap enough to be compared.
fn nothing() -> Comparison {
    Comparison {
        score: 0.0,
        ccf: 0.0,
        cells: 0,
        congruent_cells: 0,
        overlap_mm2: 0.0,
        b_from_a: Pose::default(),
        cell_table: Vec::new(),
        cell_um: 0.0,
        cells_of_b: false,
        runner_up: None,
    }
}

fn pose(place: &PoseCandidate) -> Pose {
    Pose {
        rotation: Angle::from_rad(place.rotation),
        dx: FINE_PITCH * place.shift.0,
        dy: FINE_PITCH * place.shift.1,
    }
}

/// A pose in fine pixels.
fn place_of(pose: &Pose) -> PoseCandidate {
    let shift = (pose.dx / FINE_PITCH, pose.dy / FINE_PITCH);
    PoseCandidate { z: 0.0, rotation: pose.rotation.rad(), shift }
}

/// A cell in micrometres. It was cut from one mark (the reference) and found,
/// in the reference's frame, at an offset from the predicted place.
fn table_row(cell: &Found, b_from_a: &Pose, cut_from_b: bool) -> Cell {
    let metres = |v: f64| (FINE_PITCH * v).0;
    let here = (metres(cell.centre.0), metres(cell.centre.1));
    let moved = (metres(cell.centre.0 + cell.offset.0), metres(cell.centre.1 + cell.offset.1));
    let um = |(x, y): (f64, f64)| (Metres(x).um(), Metres(y).um());
    let turn = b_from_a.rotation.deg();
    let (in_a, in_b, turn) = if cut_from_b {
        (b_from_a.inverse().apply(moved.0, moved.1), here, turn + cell.turn_deg)
    } else {
        (here, b_from_a.apply(moved.0, moved.1), turn - cell.turn_deg)
    };
    let ((x_um, y_um), (found_x_um, found_y_um)) = (um(in_a), um(in_b));
    Cell {
        x_um,
        y_um,
        found_x_um,
        found_y_um,
        rotation_deg: Angle::from_deg(turn).deg(),
        ccf: cell.ccf,
        congruent: cell.congruent,
    }
}

const _: () = assert!(COARSE_PITCH.um() == 2.0 * FINE_PITCH.um());

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::{FeatureMap, Sketch, kernel};
    use types::evidence::{Digest, MarkKind, Modality};

    /// A ring of waves; `seed` is the surface, and `gap` what is missing of it.
    fn mark(seed: u32, modality: Modality, gap: f64) -> Template {
        let map = |n: usize, scale: f64| {
            let at = |i: usize| {
                let half = (n as f64 - 1.0) / 2.0;
                (((i % n) as f64 - half) * scale + 2.0, ((i / n) as f64 - half) * scale)
            };
            let present = |i: usize| {
                let (x, y) = at(i);
                (18.0..34.0).contains(&x.hypot(y)) && y.atan2(x).abs() > gap
            };
            let value = |i: usize| {
                let (x, y) = at(i);
                let wave = |k: u32| {
                    let h = (seed * 64 + k).wrapping_mul(2_654_435_761);
                    let turn = f64::from(h % 997) / 997.0 * std::f64::consts::TAU;
                    let f = 0.8 + f64::from(h % 101) / 50.0;
                    (f * (x * turn.cos() + y * turn.sin()) + f64::from(h % 89)).sin()
                };
                if present(i) {
                    (12.0 * (0..24).map(wave).sum::<f64>()).clamp(-90.0, 90.0) as i16
                } else {
                    0
                }
            };
            let mask = (0..n * n).map(|i| i16::from(present(i))).collect();
            FeatureMap::new(n, n, (0..n * n).map(value).collect(), mask)
        };
        let (fine, coarse, smooth) = (map(152, 0.5), map(76, 1.0), map(76, 1.0));
        let sketch = Sketch::of(&fine);
        let maps = [fine, coarse, smooth];
        Template::from_maps(MarkKind::BreechFace, modality, Digest([1; 32]), maps, sketch)
    }

    #[test]
    fn every_instruction_set_gives_the_same_bits() {
        let pairs =
            [(Modality::Topography, 0.0), (Modality::Image, 0.0), (Modality::Topography, 2.7)];
        for (modality, gap) in pairs {
            let run = |plain: bool| {
                kernel::PLAIN.set(plain);
                let (a, b) = (mark(1, modality, gap), mark(2, modality, 0.0));
                let compared = compare(&a, &b);
                kernel::PLAIN.set(false);
                (a, compared)
            };
            let ((a, fast), (b, plain)) = (run(false), run(true));
            assert!(a == b, "the templates differ");
            let (Ok(fast), Ok(plain)) = (fast, plain) else { unreachable!("both are alike") };
            assert_eq!(fast, plain);
            assert_eq!(fast.score.to_bits(), plain.score.to_bits());
            assert!(fast.cells > 0);
        }
    }
}
