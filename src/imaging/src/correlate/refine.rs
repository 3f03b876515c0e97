//! Places of a search, refined until they are poses.

use super::register::Probe;
use super::rotations::{Candidate, SLIVER};
use super::watch::{Step, Watch};
use crate::extract::{FINE_PITCH, FeatureMap, Sheet, Template, Turnable, UNIT};
use crate::matcher::MATCHER;
use std::f64::consts::TAU;

/// Turns tried about a candidate on the coarse map, radians.
const COARSE_TURN: f64 = MATCHER.registration.refining_turns_deg[0] * std::f64::consts::PI / 180.0;
/// Shifts tried about a candidate on the coarse map, pixels.
const COARSE_WINDOW: isize = 2;
/// Shifts tried on the fine map, pixels.
pub const FINE_WINDOW: isize = 2;
/// Two places nearer than this turn (radians) and this shift (fine pixels) are
/// one pose.
const ONE_POSE: (f64, f64) = (5.0 * TAU / 360.0, 150.0 / FINE_PITCH.um());

/// A registered pose, in fine pixels about the grid centres.
#[derive(Clone, Copy, Debug)]
pub struct PoseCandidate {
    /// Correlation sum over the root of the overlap: uncalibrated evidence.
    pub z: f64,
    /// Turn from probe to target, radians.
    pub rotation: f64,
    /// Shift after the turn.
    pub shift: (f64, f64),
}

impl PoseCandidate {
    /// Where a point of the probe lies on the target.
    pub fn apply(&self, (x, y): (f64, f64)) -> (f64, f64) {
        let (s, c) = self.rotation.sin_cos();
        (c * x - s * y + self.shift.0, s * x + c * y + self.shift.1)
    }

    /// Whether both are one pose.
    fn is(&self, other: &Self) -> bool {
        let turn = (self.rotation - other.rotation).rem_euclid(TAU);
        let (x, y) = (self.shift.0 - other.shift.0, self.shift.1 - other.shift.1);
        turn.min(TAU - turn) < ONE_POSE.0 && x.hypot(y) < ONE_POSE.1
    }

    /// A place in coarse pixels as one in fine pixels.
    fn on_fine(self) -> Self {
        Self { shift: (self.shift.0 * 2.0, self.shift.1 * 2.0), ..self }
    }
}

/// A pose and how well the marks agree there.
pub struct Registered {
    /// Where the probe lies on the target.
    pub place: PoseCandidate,
    /// Correlation coefficient of the fine features over the common area.
    pub ccf: f64,
    /// Points of that area.
    pub points: usize,
    /// The correlation in standard deviations of chance.
    pub score: f64,
    /// The best other pose with its score as evidence.
    pub runner_up: Option<PoseCandidate>,
}

/// A target, and the sheet on which a probe is laid to be slid over it.
pub struct SlideBuffers<'a> {
    map: &'a FeatureMap,
    target: Sheet,
    laid: Sheet,
}

impl<'a> SlideBuffers<'a> {
    pub fn new(map: &'a FeatureMap, window: isize) -> Self {
        let margin = window as usize;
        Self { map, target: Sheet::of(map, margin), laid: Sheet::new(map, margin) }
    }
}

/// The candidates as they agree on the fine maps as they are turned, best first,
/// in coarse pixels.
pub fn best_on_fine(
    probe: &Probe,
    fine: &mut SlideBuffers,
    candidates: &[Candidate],
    watch: &mut dyn Watch,
) -> Vec<PoseCandidate> {
    let slid = candidates.iter().filter_map(|c| {
        let start = start(c).on_fine();
        let found = best_of_turns(&probe.fine, fine, start, &[0.0], FINE_WINDOW)?;
        let shift = (found.shift.0 / 2.0, found.shift.1 / 2.0);
        Some(PoseCandidate { shift, ..found })
    });
    let mut places: Vec<PoseCandidate> = slid.collect();
    places.sort_by(|a, b| b.z.total_cmp(&a.z));
    watch.looked_at(Step::OnFine, &mut places.iter().map(|place| place.on_fine()));
    places
}

/// Refines candidates on the coarse maps, of each round so many.
pub fn on_coarse(
    probe: &Probe,
    target: &Template,
    candidates: &[Candidate],
    keep: [usize; 3],
) -> Vec<PoseCandidate> {
    let from = &Turnable::of(&probe.template.coarse);
    let mut coarse = SlideBuffers::new(&target.coarse, COARSE_WINDOW);
    let mut refine = |places: Vec<PoseCandidate>, keep: usize, turns: &[f64]| {
        let refined = places.into_iter().take(keep);
        let mut refined: Vec<PoseCandidate> = refined
            .filter_map(|p| best_of_turns(from, &mut coarse, p, turns, COARSE_WINDOW))
            .collect();
        refined.sort_by(|a, b| b.z.total_cmp(&a.z));
        refined
    };
    let places = candidates.iter().map(start).collect();
    let places = refine(places, keep[0], &[0.0]);
    let mut places = refine(places, keep[1], &[-COARSE_TURN, 0.0, COARSE_TURN]);
    places.truncate(keep[2]);
    places
}

/// The best place after a refinement on the fine maps of the first so many of
/// `places`, which are in coarse pixels, best first; and the best other one. Where
/// none of those is another pose, the next best that is one is refined too.
pub fn on_fine(
    probe: &Probe,
    target: &Template,
    fine: &mut SlideBuffers,
    (places, keep): (&[PoseCandidate], usize),
    (turn, window): (f64, isize),
    watch: &mut dyn Watch,
) -> Option<Registered> {
    let mut refine = |place: &PoseCandidate| {
        let turns = [-turn, 0.0, turn];
        let place = best_of_turns(&probe.fine, fine, place.on_fine(), &turns, window)?;
        probe.fine.lay(place.rotation, place.shift, &target.fine, 0, &mut fine.laid);
        let (ccf, points) = fine.laid.pearson(&fine.target);
        let spread = probe.template.texture.spread(&target.texture, place.rotation);
        let score = ccf * (points as f64 / spread).sqrt();
        Some(Registered { place, ccf, points, score, runner_up: None })
    };
    let (first, rest) = places.split_at(keep.min(places.len()));
    let mut refined: Vec<Registered> = first.iter().filter_map(&mut refine).collect();
    let best = refined.iter().max_by(|a, b| a.score.total_cmp(&b.score))?;
    let (best, highest) = (best.place, best.score);
    if refined.iter().all(|r| r.place.is(&best)) {
        let other = rest.iter().find(|place| !place.on_fine().is(&best));
        let other = other.and_then(&mut refine);
        refined.extend(other.filter(|r| !r.place.is(&best) && r.score < highest));
    }
    let scored = |r: &Registered| PoseCandidate { z: r.score, ..r.place };
    watch.looked_at(Step::Refined, &mut refined.iter().map(scored));
    let others = refined.iter().filter(|r| !r.place.is(&best)).map(scored);
    let runner_up = others.max_by(|a, b| a.z.total_cmp(&b.z));
    let best = refined.into_iter().max_by(|a, b| a.score.total_cmp(&b.score))?;
    Some(Registered { runner_up, ..best })
}

/// A candidate with its evidence, in fine pixels.
pub fn looked_at(c: &Candidate) -> PoseCandidate {
    PoseCandidate { z: f64::from(c.z), ..start(c) }.on_fine()
}

/// A candidate as a place, in coarse pixels, whose evidence is to be measured.
pub fn start(c: &Candidate) -> PoseCandidate {
    PoseCandidate { z: f64::MIN, rotation: c.rotation, shift: c.shift }
}

/// The best of some turns about a place and all shifts in a window, with a
/// parabola through the neighbours for the fraction of a step.
fn best_of_turns(
    from: &Turnable,
    to: &mut SlideBuffers,
    start: PoseCandidate,
    turns: &[f64],
    window: isize,
) -> Option<PoseCandidate> {
    let floor = f64::from(SLIVER) * from.points.min(to.map.points) as f64;
    let tries: Vec<Option<PoseCandidate>> = turns
        .iter()
        .map(|turn| {
            let rotation = start.rotation + turn;
            from.lay(rotation, start.shift, to.map, window as usize, &mut to.laid);
            slide(&to.laid, &to.target, window, floor).map(|(z, dx, dy)| PoseCandidate {
                z,
                rotation,
                shift: (start.shift.0 + dx, start.shift.1 + dy),
            })
        })
        .collect();
    let best = tries.iter().flatten().copied().max_by(|a, b| a.z.total_cmp(&b.z))?;
    let turn = match tries[..] {
        [Some(l), Some(m), Some(r)] if best.rotation == m.rotation => {
            vertex(l.z, m.z, r.z) * (r.rotation - m.rotation)
        }
        _ => 0.0,
    };
    Some(PoseCandidate { rotation: best.rotation + turn, ..best })
}

/// Where a parabola through three equidistant values has its top.
fn vertex(l: f64, m: f64, r: f64) -> f64 {
    let bend = l - 2.0 * m + r;
    if bend < 0.0 { (0.5 * (l - r) / bend).clamp(-0.5, 0.5) } else { 0.0 }
}

/// Best shift of `f` on `g` within ±`window`: evidence and shift with
/// fraction; `None` where too little is common.
fn slide(f: &Sheet, g: &Sheet, window: isize, floor: f64) -> Option<(f64, f64, f64)> {
    // The overlap hardly changes over the window.
    let common = f.common(g);
    if common == 0 || (common as f64) < floor {
        return None;
    }
    let scale = 1.0 / (f64::from(UNIT).powi(2) * (common as f64).sqrt());
    let z = |dx: isize, dy: isize| f.product(g, dx, dy) as f64 * scale;
    let (mut best, mut at) = (f64::MIN, (0, 0));
    let side = (2 * window + 1) as usize;
    let mut table = Vec::with_capacity(side * side);
    for dy in -window..=window {
        for dx in -window..=window {
            let v = z(dx, dy);
            table.push(v);
            if v > best {
                (best, at) = (v, (dx, dy));
            }
        }
    }
    let look = |dx: isize, dy: isize| {
        let inside = dx.abs() <= window && dy.abs() <= window;
        inside.then(|| table[((dy + window) as usize) * side + (dx + window) as usize])
    };
    let fraction = |l: Option<f64>, r: Option<f64>| match (l, r) {
        (Some(l), Some(r)) => vertex(l, best, r),
        _ => 0.0,
    };
    let (dx, dy) = at;
    let fx = fraction(look(dx - 1, dy), look(dx + 1, dy));
    let fy = fraction(look(dx, dy - 1), look(dx, dy + 1));
    Some((best, dx as f64 + fx, dy as f64 + fy))
}
