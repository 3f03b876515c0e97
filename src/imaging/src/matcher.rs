//! The matcher's constants: how a pose is searched and what counts as congruent.
//!
//! No recipe changes them, but two results are comparable only if they were made
//! with the same ones, so they are part of what a recipe's digest covers
//! ([`Recipe::json`](crate::prepare::Recipe::json)). Lengths in micrometres, turns
//! in degrees.

use serde::Serialize;

/// Everything below.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Matcher {
    /// How the pose is searched.
    pub registration: Registration,
    /// How cells are cut.
    pub division: Division,
    /// What counts as a congruent cell.
    pub congruence: Congruence,
    /// What the class of a firing pin or ejector explains.
    pub class: ClassConstants,
    /// How striated marks are compared.
    pub striae: StriaeConstants,
}

/// Constants of the search for the pose.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Registration {
    /// Centres of a whole mark are tried within this distance of the fitted one:
    /// centres of true mates differ by up to 340.
    pub centres_within_um: f64,
    /// Distance between them.
    pub centre_step_um: f64,
    /// Places of a whole mark looked at on the fine map, and those refined there.
    pub places: [usize; 2],
    /// Degrees of outline that make a centre trustworthy.
    pub outline_deg: f64,
    /// Share of the larger outline's radius that the smaller one has at least.
    pub alike_radii: f64,
    /// Distance between the centres tried of a fragment.
    pub fragment_centre_step_um: f64,
    /// Share of a fragment that must lie on the rings about a centre.
    pub fragment_on_rings: f64,
    /// Places of a fragment looked at on the fine map, and those refined there.
    pub fragment_places: [usize; 2],
    /// Share of the smaller mark that must be common.
    pub least_common: f64,
    /// Share of the energy of a fragment's features that must be common.
    pub fragment_least_energy: f64,
    /// Turns of a search everywhere.
    pub turns: usize,
    /// Pairs of turns over half a turn that sketches tell.
    pub likely_turns: usize,
    /// Share of the energy in common where they told them.
    pub likely_least_energy: f64,
    /// Places kept of a search everywhere on the coarse maps, of these those
    /// turned there, and those refined on the fine map.
    pub everywhere_places: [usize; 3],
    /// The same where sketches told the turn.
    pub likely_places: [usize; 3],
    /// Places of a search everywhere on the fine map.
    pub everywhere_fine_places: usize,
    /// Turns tried about a place on the coarse map, and on the fine one about a
    /// place found about centres, and found everywhere.
    pub refining_turns_deg: [f64; 3],
}

/// Constants of the division into cells.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Division {
    /// Cells of an area that is large enough.
    pub cells: usize,
    /// Narrowest and widest cell.
    pub side_um: [f64; 2],
    /// Share of their area that two cells may have in common.
    pub shared: f64,
}

/// Constants of the congruence of cells.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Congruence {
    /// Cells are searched this far from where the pose of the whole puts them.
    pub window_um: f64,
    /// The consensus must lie this near to that pose.
    pub consensus_um: f64,
    /// A congruent cell lies this near to the consensus.
    pub near_um: f64,
    /// And is turned from it by at most this.
    pub alike_deg: f64,
    /// And correlates at least this much.
    pub correlates: f64,
}

/// Constants of what a class explains.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct ClassConstants {
    /// The score that the best of all places reaches by chance, in the mirror as
    /// well as without it.
    pub chance: f64,
}

/// Constants of striated marks.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct StriaeConstants {
    /// Least overlap of two profiles.
    pub overlap_um: f64,
    /// Length of a segment.
    pub segment_um: f64,
    /// Segments are searched this far from where the pose of the whole puts them.
    pub segment_window_um: f64,
    /// A congruent segment lies this near to it.
    pub segment_near_um: f64,
    /// And correlates at least this much.
    pub segment_correlates: f64,
}

/// The constants in force.
pub const MATCHER: Matcher = Matcher {
    registration: Registration {
        centres_within_um: 400.0,
        centre_step_um: 40.0,
        places: [8, 3],
        outline_deg: 200.0,
        alike_radii: 0.6,
        fragment_centre_step_um: 50.0,
        fragment_on_rings: 0.95,
        fragment_places: [100, 16],
        least_common: 0.2,
        fragment_least_energy: 0.06,
        turns: 256,
        likely_turns: 8,
        likely_least_energy: 0.5,
        everywhere_places: [120, 40, 16],
        likely_places: [48, 20, 8],
        everywhere_fine_places: 40,
        refining_turns_deg: [1.4, 0.5, 0.7],
    },
    division: Division { cells: 25, side_um: [250.0, 800.0], shared: 1.0 / 3.0 },
    congruence: Congruence {
        window_um: 300.0,
        consensus_um: 100.0,
        near_um: 50.0,
        alike_deg: 6.0,
        correlates: 0.25,
    },
    class: ClassConstants { chance: 4.5 },
    striae: StriaeConstants {
        overlap_um: 350.0,
        segment_um: 200.0,
        segment_window_um: 150.0,
        segment_near_um: 12.5,
        segment_correlates: 0.5,
    },
};
