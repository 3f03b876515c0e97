//! The pose of one mark on another, coarse to fine.

use super::everywhere::{self, Level, Turned};
use super::refine::{
    FINE_WINDOW, PoseCandidate, Registered, SlideBuffers, best_on_fine, looked_at, on_coarse,
    on_fine, start,
};
use super::rotations::{self, Candidate, FAINT, Rotations, SLIVER, View};
use super::watch::{Step, Watch};
use crate::extract::{Template, Turnable};
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
/// Turns tried on the fine map, radians.
const FINE_TURN: f64 = MATCHER.registration.refining_turns_deg[1] * std::f64::consts::PI / 180.0;
/// Turns tried there about a place of the search everywhere, radians.
const STEP_TURN: f64 = MATCHER.registration.refining_turns_deg[2] * std::f64::consts::PI / 180.0;
/// The same about a place whose shift was found on the fine map already.
const NEAR_WINDOW: isize = 1;
/// Degrees of outline that make an anchor trustworthy.
const OUTLINE: f64 = MATCHER.registration.outline_deg;
/// Share of the larger outline's radius that the smaller one has at least where
/// both are those of primers or pins.
const ALIKE_RADII: f64 = MATCHER.registration.alike_radii;

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

/// Finds the pose of the probe on `target`; `None` where nothing overlaps.
pub fn register(
    probe: &Probe,
    target: &Template,
    rotations: &mut Rotations,
    watch: &mut dyn Watch,
) -> Option<Registered> {
    let level = if probe.exhaustive { Level::Fine } else { Level::of(probe.template, target) };
    let fine = &mut SlideBuffers::new(&target.fine, FINE_WINDOW);
    if probe.anchored(target) && !probe.exhaustive {
        let views = probe.views.get_or_init(|| rotations::views(probe.template, &probe.fine));
        let found = rotations.search(views, (&target.unrolled, &target.anchor), SLIVER, ANCHORED);
        watch.looked_at(Step::AboutCentres, &mut found.iter().map(looked_at));
        let found = best_on_fine(probe, fine, &found, watch);
        let kept = (&found[..], ANCHORED_FINALISTS);
        return on_fine(probe, target, fine, kept, (FINE_TURN, NEAR_WINDOW), watch);
    }
    if probe.exhaustive {
        return everywhere_on_fine(probe, target, fine, watch);
    }
    let told = everywhere::likely(probe.template, target).filter(|_| level == Level::Coarse);
    if told.is_none() {
        let found = of_fragment(probe, target, rotations);
        watch.looked_at(Step::OfFragment, &mut found.iter().map(looked_at));
        let found = best_on_fine(probe, fine, &found, watch);
        let kept = (&found[..], FRAGMENT_FINALISTS);
        let found = on_fine(probe, target, fine, kept, (STEP_TURN, NEAR_WINDOW), watch);
        if found.is_some() {
            return found;
        }
    }
    if level == Level::Fine {
        return everywhere_on_fine(probe, target, fine, watch);
    }
    let (keep, least) = if told.is_some() { (TOLD, ALIKE) } else { (COARSE, SLIVER) };
    let pairs = told.unwrap_or_else(everywhere::all);
    let found = probe.everywhere(target, level, &pairs, keep[0], least);
    watch.looked_at(Step::Everywhere, &mut found.iter().map(looked_at));
    let found = on_coarse(probe, target, &found, keep);
    let kept = (&found[..], found.len());
    let found = on_fine(probe, target, fine, kept, (FINE_TURN, FINE_WINDOW), watch)?;
    // The coarse maps leave the best place some way off.
    let shift = (found.place.shift.0 / 2.0, found.place.shift.1 / 2.0);
    let near = [PoseCandidate { shift, ..found.place }];
    let nearer = on_fine(probe, target, fine, (&near, 1), (FINE_TURN, NEAR_WINDOW), watch);
    let nearer = nearer.filter(|n| n.score > found.score);
    Some(match nearer {
        Some(nearer) => Registered { runner_up: found.runner_up, ..nearer },
        None => found,
    })
}

/// The best place of all turns and shifts of the fine maps.
fn everywhere_on_fine(
    probe: &Probe,
    target: &Template,
    fine: &mut SlideBuffers,
    watch: &mut dyn Watch,
) -> Option<Registered> {
    let found = probe.everywhere(target, Level::Fine, &everywhere::all(), FRAGMENTS, SLIVER);
    watch.looked_at(Step::Everywhere, &mut found.iter().map(looked_at));
    let found: Vec<_> = found.iter().map(start).collect();
    on_fine(probe, target, fine, (&found, found.len()), (STEP_TURN, FINE_WINDOW), watch)
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
