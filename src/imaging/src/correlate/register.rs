//! The pose of one mark on another, coarse to fine.

use super::everywhere::{self, Level, Turned};
use super::rotations::{self, Candidate, FAINT, Rotations, SLIVER, View};
use crate::extract::{FeatureMap, Sheet, Template, Turnable, UNIT};
use crate::matcher::MATCHER;
use std::sync::OnceLock;
use types::evidence::Modality;

/// Places of the search about anchors that are looked at on the fine map, and
/// of these those whose turn is refined there.
const ANCHORED: usize = MATCHER.registration.places[0];
const ANCHORED_FINALISTS: usize = MATCHER.registration.places[1];
/// Places that a search everywhere on the coarse maps gives, which costs more
/// than looking at many of them; of these, those whose turn is refined there;
/// and of these, those refined on the fine map.
const COARSE: [usize; 3] = MATCHER.registration.everywhere_places;
/// The same where the sketches told the turn.
const TOLD: [usize; 3] = MATCHER.registration.likely_places;
/// Places of a fragment on a whole mark that are looked at on the fine map, and
/// of these those whose turn is refined there.
const FRAGMENT_PLACES: usize = MATCHER.registration.fragment_places[0];
const FRAGMENT_FINALISTS: usize = MATCHER.registration.fragment_places[1];
/// Places found everywhere on the fine map and refined there.
const FRAGMENTS: usize = MATCHER.registration.everywhere_fine_places;
/// Share of the smaller one's energy that two marks have in common whose
/// sketches told the turn.
const ALIKE: f32 = MATCHER.registration.likely_least_energy as f32;
/// Turns tried about a candidate on the coarse map, radians.
const COARSE_TURN: f64 = MATCHER.registration.refining_turns_deg[0] * std::f64::consts::PI / 180.0;
/// Shifts tried about a candidate on the coarse map, pixels.
const COARSE_WINDOW: isize = 2;
/// Turns tried on the fine map, radians.
const FINE_TURN: f64 = MATCHER.registration.refining_turns_deg[1] * std::f64::consts::PI / 180.0;
/// Turns tried there about a place of the search everywhere, radians.
const STEP_TURN: f64 = MATCHER.registration.refining_turns_deg[2] * std::f64::consts::PI / 180.0;
/// Shifts tried on the fine map, pixels.
const FINE_WINDOW: isize = 2;
/// The same about a place whose shift was found on the fine map already.
const NEAR_WINDOW: isize = 1;
/// Degrees of outline that make an anchor trustworthy.
const OUTLINE: f64 = MATCHER.registration.outline_deg;
/// Share of the larger outline's radius that the smaller one has at least where
/// both are those of primers or pins.
const ALIKE_RADII: f64 = MATCHER.registration.alike_radii;

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
}

/// A template made ready to be compared with many others.
pub struct Probe<'a> {
    /// The mark.
    pub template: &'a Template,
    exhaustive: bool,
    /// Its fine features.
    pub(super) fine: Turnable,
    views: OnceLock<Vec<View>>,
    /// Its views as a fragment.
    fragment: OnceLock<Vec<View>>,
    turned: OnceLock<Turned>,
}

impl<'a> Probe<'a> {
    /// What a search needs is made on first use and kept.
    pub fn new(template: &'a Template) -> Self {
        let fine = Turnable::of(&template.fine);
        let (views, fragment, turned) = (OnceLock::new(), OnceLock::new(), OnceLock::new());
        Self { template, exhaustive: false, fine, views, fragment, turned }
    }

    /// Searches all rotations and shifts on the fine maps, whatever the marks
    /// are: a hundred times dearer, and what the quicker searches are held
    /// against.
    pub fn exhaustive(template: &'a Template) -> Self {
        Self { exhaustive: true, ..Self::new(template) }
    }

    /// The same kind of search for another mark.
    pub(super) fn like<'b>(&self, template: &'b Template) -> Probe<'b> {
        Probe { exhaustive: self.exhaustive, ..Probe::new(template) }
    }

    /// Whether the search may go about the anchors of the two marks. The
    /// outline of an image follows the light as much as the primer, and a round
    /// piece of a mark has a circle of its own.
    fn anchored(&self, target: &Template) -> bool {
        let (a, b) = (&self.template.anchor, &target.anchor);
        self.template.modality == Modality::Topography
            && a.arc_deg.min(b.arc_deg) >= OUTLINE
            && a.radius.min(b.radius) >= ALIKE_RADII * a.radius.max(b.radius)
    }

    fn everywhere(
        &self,
        target: &Template,
        level: Level,
        pairs: &[usize],
        keep: usize,
        least: f32,
    ) -> Vec<Candidate> {
        let made = || Turned::new(self.template, target, level, least);
        let kept = self.turned.get_or_init(made);
        if kept.fits(target, level, least) {
            return everywhere::search(kept, target, pairs, keep);
        }
        everywhere::search(&made(), target, pairs, keep)
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
}

/// A target, and the sheet on which a probe is laid to be slid over it.
struct SlideBuffers<'a> {
    map: &'a FeatureMap,
    target: Sheet,
    laid: Sheet,
}

impl<'a> SlideBuffers<'a> {
    fn new(map: &'a FeatureMap, window: isize) -> Self {
        let margin = window as usize;
        Self { map, target: Sheet::of(map, margin), laid: Sheet::new(map, margin) }
    }
}

/// Finds the pose of the probe on `target`; `None` where nothing overlaps.
pub fn register(probe: &Probe, target: &Template, rotations: &mut Rotations) -> Option<Registered> {
    let level = if probe.exhaustive { Level::Fine } else { Level::of(probe.template, target) };
    let fine = &mut SlideBuffers::new(&target.fine, FINE_WINDOW);
    if probe.anchored(target) && !probe.exhaustive {
        let views = probe.views.get_or_init(|| rotations::views(probe.template, &probe.fine));
        let found = rotations.search(views, (&target.unrolled, &target.anchor), SLIVER, ANCHORED);
        let found = best_on_fine(probe, fine, &found, ANCHORED_FINALISTS);
        return on_fine(probe, target, fine, &found, FINE_TURN, NEAR_WINDOW);
    }
    if probe.exhaustive {
        return everywhere_on_fine(probe, target, fine);
    }
    let told = everywhere::likely(probe.template, target).filter(|_| level == Level::Coarse);
    if told.is_none() {
        let found = of_fragment(probe, target, rotations);
        let found = best_on_fine(probe, fine, &found, FRAGMENT_FINALISTS);
        let found = on_fine(probe, target, fine, &found, STEP_TURN, NEAR_WINDOW);
        if found.is_some() {
            return found;
        }
    }
    if level == Level::Fine {
        return everywhere_on_fine(probe, target, fine);
    }
    let (keep, least) = if told.is_some() { (TOLD, ALIKE) } else { (COARSE, SLIVER) };
    let pairs = told.unwrap_or_else(everywhere::all);
    let found = probe.everywhere(target, level, &pairs, keep[0], least);
    let found = on_coarse(probe, target, &found, keep);
    let found = on_fine(probe, target, fine, &found, FINE_TURN, FINE_WINDOW)?;
    // The coarse maps leave the best place some way off.
    let shift = (found.place.shift.0 / 2.0, found.place.shift.1 / 2.0);
    let near = [PoseCandidate { shift, ..found.place }];
    let nearer = on_fine(probe, target, fine, &near, FINE_TURN, NEAR_WINDOW);
    nearer.filter(|n| n.score > found.score).or(Some(found))
}

/// The best place of all turns and shifts of the fine maps.
fn everywhere_on_fine(
    probe: &Probe,
    target: &Template,
    fine: &mut SlideBuffers,
) -> Option<Registered> {
    let found = probe.everywhere(target, Level::Fine, &everywhere::all(), FRAGMENTS, SLIVER);
    let found: Vec<_> = found.iter().map(start).collect();
    on_fine(probe, target, fine, &found, STEP_TURN, FINE_WINDOW)
}

/// The places of a fragment on a whole mark. None where that cannot be told
/// about the target's anchor: it has none that is to be trusted, or there is no
/// centre about which the fragment would lie as a part of such a mark.
fn of_fragment(probe: &Probe, target: &Template, rotations: &mut Rotations) -> Vec<Candidate> {
    if target.anchor.arc_deg < OUTLINE {
        return Vec::new();
    }
    let made = || rotations::views_of_fragment(probe.template, &probe.fine);
    let views = probe.fragment.get_or_init(made);
    let about = (target.for_fragments(), &target.anchor);
    rotations.search(views, about, FAINT, FRAGMENT_PLACES)
}

/// The candidates that agree best on the fine maps as they are turned, in
/// coarse pixels.
fn best_on_fine(
    probe: &Probe,
    fine: &mut SlideBuffers,
    candidates: &[Candidate],
    keep: usize,
) -> Vec<PoseCandidate> {
    let slid = candidates.iter().map(start).filter_map(|c| {
        let start = PoseCandidate { shift: (c.shift.0 * 2.0, c.shift.1 * 2.0), ..c };
        let found = best_of_turns(&probe.fine, fine, start, &[0.0], FINE_WINDOW)?;
        let shift = (found.shift.0 / 2.0, found.shift.1 / 2.0);
        Some(PoseCandidate { shift, ..found })
    });
    let mut places: Vec<PoseCandidate> = slid.collect();
    places.sort_by(|a, b| b.z.total_cmp(&a.z));
    places.truncate(keep);
    places
}

/// Refines candidates on the coarse maps, of each round so many.
fn on_coarse(
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

/// The best place after a refinement on the fine maps of places in coarse
/// pixels.
fn on_fine(
    probe: &Probe,
    target: &Template,
    fine: &mut SlideBuffers,
    places: &[PoseCandidate],
    turn: f64,
    window: isize,
) -> Option<Registered> {
    let refined = places.iter().filter_map(|c| {
        let start = PoseCandidate { shift: (c.shift.0 * 2.0, c.shift.1 * 2.0), ..*c };
        let place = best_of_turns(&probe.fine, fine, start, &[-turn, 0.0, turn], window)?;
        probe.fine.lay(place.rotation, place.shift, &target.fine, 0, &mut fine.laid);
        let (ccf, points) = fine.laid.pearson(&fine.target);
        let spread = probe.template.texture.spread(&target.texture, place.rotation);
        let score = ccf * (points as f64 / spread).sqrt();
        Some(Registered { place, ccf, points, score })
    });
    refined.max_by(|a, b| a.score.total_cmp(&b.score))
}

/// A candidate as a place, in coarse pixels, whose evidence is to be measured.
fn start(c: &Candidate) -> PoseCandidate {
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
