//! The pose of one mark on another, coarse to fine.

use super::everywhere::{self, Turned};
use super::rotations::{self, Candidate, Rotations, SLIVER, View};
use crate::evidence::Modality;
use crate::extract::{FeatureMap, Template, UNIT, overlap, product, turned};
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
const ANCHORED_BREADTH: Breadth = Breadth { candidates: 12, semifinalists: 4, finalists: 2 };
/// After a search everywhere: a fragment's true place is often not among the
/// first on the coarse map, and that search costs more than looking at many.
const FREE_BREADTH: Breadth = Breadth { candidates: 120, semifinalists: 40, finalists: 16 };
/// Turns tried about a candidate on the coarse map, radians.
const COARSE_TURN: f64 = 1.4 * std::f64::consts::PI / 180.0;
/// Shifts tried about a candidate on the coarse map, pixels.
const COARSE_WINDOW: isize = 2;
/// Turns tried on the fine map, radians.
const FINE_TURN: f64 = 0.5 * std::f64::consts::PI / 180.0;
/// Shifts tried on the fine map, pixels.
const FINE_WINDOW: isize = 2;
/// Degrees of outline that make an anchor trustworthy.
const ANCHORED: f64 = 200.0;

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

    fn candidates(
        &self,
        rotations: &mut Rotations,
        target: &Template,
    ) -> (Vec<Candidate>, &'static Breadth) {
        // The outline of an image follows the light as much as the primer.
        let anchored = self.template.modality == Modality::Topography
            && self.template.anchor.arc_deg.min(target.anchor.arc_deg) >= ANCHORED;
        if anchored {
            let views = self.views.get_or_init(|| rotations::views(self.template));
            let breadth = &ANCHORED_BREADTH;
            return (rotations.search(views, target, breadth.candidates), breadth);
        }
        let side = everywhere::side_for(self.template, target);
        let kept = self.turned.get_or_init(|| Turned::new(self.template, side));
        let other;
        let turned = if kept.side() == side {
            kept
        } else {
            other = Turned::new(self.template, side);
            &other
        };
        (everywhere::search(turned, target, FREE_BREADTH.candidates), &FREE_BREADTH)
    }
}

/// Finds the pose of the probe on `target`; `None` where nothing overlaps.
pub fn register(probe: &Probe, target: &Template, rotations: &mut Rotations) -> Option<Place> {
    let (from, to) = (&probe.template.coarse, &target.coarse);
    let (candidates, breadth) = probe.candidates(rotations, target);
    let mut coarse: Vec<Place> = candidates
        .into_iter()
        .filter_map(|c| {
            let start = Place { z: f64::MIN, rotation: c.rotation, shift: c.shift };
            best_of_turns(from, to, start, &[0.0], COARSE_WINDOW)
        })
        .collect();
    coarse.sort_by(|a, b| b.z.total_cmp(&a.z));
    let turns = |step: f64| [-step, 0.0, step];
    let mut coarse: Vec<Place> = coarse
        .into_iter()
        .take(breadth.semifinalists)
        .filter_map(|c| best_of_turns(from, to, c, &turns(COARSE_TURN), COARSE_WINDOW))
        .collect();
    coarse.sort_by(|a, b| b.z.total_cmp(&a.z));
    let (from, to) = (&probe.template.fine, &target.fine);
    let fine = coarse.into_iter().take(breadth.finalists).filter_map(|c| {
        let start = Place { shift: (c.shift.0 * 2.0, c.shift.1 * 2.0), ..c };
        best_of_turns(from, to, start, &turns(FINE_TURN), FINE_WINDOW)
    });
    fine.max_by(|a, b| a.z.total_cmp(&b.z))
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
