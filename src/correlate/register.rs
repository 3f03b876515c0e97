//! The pose of one mark on another, coarse to fine.

use super::everywhere::{self, Level, Turned};
use super::rotations::{self, Candidate, Rotations, SLIVER, View};
use crate::evidence::Modality;
use crate::extract::{FeatureMap, Template, UNIT, overlap, pearson, product, turned};
use std::sync::OnceLock;

/// How many places go from one stage of the refinement to the next.
struct Breadth {
    /// From the search to the coarse map.
    candidates: usize,
    /// Of these, those whose turn is refined there.
    semifinalists: usize,
    /// Of these, those refined on the fine map.
    finalists: usize,
}

/// After a search about anchors.
const ANCHORED: Breadth = Breadth { candidates: 12, semifinalists: 4, finalists: 2 };
/// After a search everywhere on the coarse maps, which costs more than looking
/// at many places.
const EVERYWHERE: Breadth = Breadth { candidates: 120, semifinalists: 40, finalists: 16 };
/// Places of a fragment, found on the fine map and refined there.
const FRAGMENTS: usize = 40;
/// Turns tried about a candidate on the coarse map, radians.
const COARSE_TURN: f64 = 1.4 * std::f64::consts::PI / 180.0;
/// Shifts tried about a candidate on the coarse map, pixels.
const COARSE_WINDOW: isize = 2;
/// Turns tried on the fine map, radians.
const FINE_TURN: f64 = 0.5 * std::f64::consts::PI / 180.0;
/// Turns tried there about a place of the search everywhere, radians.
const STEP_TURN: f64 = 0.7 * std::f64::consts::PI / 180.0;
/// Shifts tried on the fine map, pixels.
const FINE_WINDOW: isize = 2;
/// Degrees of outline that make an anchor trustworthy.
const OUTLINE: f64 = 200.0;

/// A registered pose, in fine pixels about the grid centres.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    /// Correlation sum over the root of the overlap: uncalibrated evidence.
    pub z: f64,
    /// Turn from probe to target, radians.
    pub rotation: f64,
    /// Shift after the turn.
    pub shift: (f64, f64),
}

impl Place {
    /// Where a point of the probe lies on the target.
    pub fn apply(&self, (x, y): (f64, f64)) -> (f64, f64) {
        let (s, c) = self.rotation.sin_cos();
        (c * x - s * y + self.shift.0, s * x + c * y + self.shift.1)
    }
}

/// A template made ready to be compared with many others.
pub struct Probe<'a> {
    /// The mark.
    pub template: &'a Template,
    views: OnceLock<Vec<View>>,
    turned: OnceLock<Turned>,
}

impl<'a> Probe<'a> {
    /// Prepares nothing yet: what a search needs is made on first use and kept.
    pub fn new(template: &'a Template) -> Self {
        Self { template, views: OnceLock::new(), turned: OnceLock::new() }
    }

    /// Whether the search may go about the anchors of the two marks. The
    /// outline of an image follows the light as much as the primer.
    fn anchored(&self, target: &Template) -> bool {
        self.template.modality == Modality::Topography
            && self.template.anchor.arc_deg.min(target.anchor.arc_deg) >= OUTLINE
    }

    fn everywhere(&self, target: &Template, keep: usize) -> Vec<Candidate> {
        let kept = self.turned.get_or_init(|| Turned::new(self.template, target));
        if kept.fits(self.template, target) {
            return everywhere::search(kept, target, keep);
        }
        everywhere::search(&Turned::new(self.template, target), target, keep)
    }
}

/// A pose and how well the marks agree there.
pub struct Registered {
    /// Where the probe lies on the target.
    pub place: Place,
    /// The probe's fine map, laid on the target's grid.
    pub on_target: FeatureMap,
    /// Correlation coefficient of the fine features over the common area.
    pub ccf: f64,
    /// Points of that area.
    pub points: usize,
    /// The correlation in standard deviations of chance.
    pub score: f64,
}

impl Registered {
    fn new(probe: &Template, target: &Template, place: Place) -> Self {
        let on_target = turned(&probe.fine, place.rotation, place.shift, &target.fine, 0);
        let (ccf, points) = pearson(&on_target, &target.fine);
        let independent = points as f64 / probe.texture.spread(&target.texture, place.rotation);
        Self { place, on_target, ccf, points, score: ccf * independent.sqrt() }
    }
}

/// Finds the pose of the probe on `target`; `None` where nothing overlaps.
pub fn register(probe: &Probe, target: &Template, rotations: &mut Rotations) -> Option<Registered> {
    let coarse = if probe.anchored(target) {
        let views = probe.views.get_or_init(|| rotations::views(probe.template));
        let found = rotations.search(views, target, ANCHORED.candidates);
        on_coarse(probe, target, found, &ANCHORED)
    } else if Level::of(probe.template, target) == Level::Coarse {
        let found = probe.everywhere(target, EVERYWHERE.candidates);
        on_coarse(probe, target, found, &EVERYWHERE)
    } else {
        let found = probe.everywhere(target, FRAGMENTS);
        return on_fine(probe, target, found.iter().map(start), STEP_TURN);
    };
    on_fine(probe, target, coarse.into_iter(), FINE_TURN)
}

/// Refines candidates on the coarse maps.
fn on_coarse(
    probe: &Probe,
    target: &Template,
    candidates: Vec<Candidate>,
    breadth: &Breadth,
) -> Vec<Place> {
    let (from, to) = (&probe.template.coarse, &target.coarse);
    let refine = |places: Vec<Place>, keep: usize, turns: &[f64]| {
        let refined = places.into_iter().take(keep);
        let mut refined: Vec<Place> =
            refined.filter_map(|p| best_of_turns(from, to, p, turns, COARSE_WINDOW)).collect();
        refined.sort_by(|a, b| b.z.total_cmp(&a.z));
        refined
    };
    let places = candidates.iter().map(start).collect();
    let places = refine(places, breadth.candidates, &[0.0]);
    let mut places = refine(places, breadth.semifinalists, &[-COARSE_TURN, 0.0, COARSE_TURN]);
    places.truncate(breadth.finalists);
    places
}

/// The best place after a refinement on the fine maps of places in coarse
/// pixels.
fn on_fine(
    probe: &Probe,
    target: &Template,
    places: impl Iterator<Item = Place>,
    turn: f64,
) -> Option<Registered> {
    let (from, to) = (&probe.template.fine, &target.fine);
    let fine = places.filter_map(|c| {
        let start = Place { shift: (c.shift.0 * 2.0, c.shift.1 * 2.0), ..c };
        let place = best_of_turns(from, to, start, &[-turn, 0.0, turn], FINE_WINDOW)?;
        Some(Registered::new(probe.template, target, place))
    });
    fine.max_by(|a, b| a.score.total_cmp(&b.score))
}

/// A candidate as a place, in coarse pixels, whose evidence is to be measured.
fn start(c: &Candidate) -> Place {
    Place { z: f64::MIN, rotation: c.rotation, shift: c.shift }
}

/// The best of some turns about a place and all shifts in a window, with a
/// parabola through the neighbours for the fraction of a step.
fn best_of_turns(
    from: &FeatureMap,
    to: &FeatureMap,
    start: Place,
    turns: &[f64],
    window: isize,
) -> Option<Place> {
    let floor = f64::from(SLIVER) * from.points.min(to.points) as f64;
    let tries: Vec<Option<Place>> = turns
        .iter()
        .map(|turn| {
            let rotation = start.rotation + turn;
            let map = turned(from, rotation, start.shift, to, window as usize);
            slide(&map, to, window, floor).map(|(z, dx, dy)| Place {
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
    Some(Place { rotation: best.rotation + turn, ..best })
}

/// Where a parabola through three equidistant values has its top.
fn vertex(l: f64, m: f64, r: f64) -> f64 {
    let bend = l - 2.0 * m + r;
    if bend < 0.0 { (0.5 * (l - r) / bend).clamp(-0.5, 0.5) } else { 0.0 }
}

/// Best shift of `f` on `g` within ±`window`: evidence and shift with
/// fraction; `None` where too little is common.
fn slide(f: &FeatureMap, g: &FeatureMap, window: isize, floor: f64) -> Option<(f64, f64, f64)> {
    // The overlap hardly changes over the window.
    let common = overlap(f, g, 0, 0).points;
    if common == 0 || (common as f64) < floor {
        return None;
    }
    let scale = 1.0 / (f64::from(UNIT).powi(2) * (common as f64).sqrt());
    let z = |dx: isize, dy: isize| product(f, g, dx, dy) as f64 * scale;
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
