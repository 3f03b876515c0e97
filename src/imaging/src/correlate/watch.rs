//! What a search looks at, for whoever wants to see inside.

use super::refine::PoseCandidate;
use serde::Serialize;

/// What a search looks at, in its order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// The highest places of the correlation over rotations about centres.
    AboutCentres,
    /// The same of a fragment, about every centre that it may have.
    OfFragment,
    /// The highest places of the correlation over all turns and shifts.
    Everywhere,
    /// Places as they agree on the fine maps, as they are turned.
    OnFine,
    /// Places whose turn and shift were refined on the fine maps, with their
    /// scores.
    Refined,
}

/// Whoever wants to see what a search looks at.
pub trait Watch {
    /// Places of a step, in fine pixels, best first but for [`Step::Refined`].
    fn looked_at(&mut self, step: Step, places: &mut dyn Iterator<Item = PoseCandidate>);
}

/// Nobody, at no cost.
impl Watch for () {
    fn looked_at(&mut self, _: Step, _: &mut dyn Iterator<Item = PoseCandidate>) {}
}
