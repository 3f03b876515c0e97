//! Items in custody and their way through it.

use super::words::word_enum;
use super::{CaseId, CasingId, ExhibitId, FirearmId, Moment, MovementId, NotificationId, SceneId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

word_enum!(
    /// What an exhibit is.
    ExhibitKind {
        /// Fired cartridge cases.
        Casings = "casings" | "casing" | "cartridge_cases",
        /// A firearm.
        Firearm = "firearm",
        /// Anything else.
        Other = "other",
    }
);

/// An item in custody: a bag of casings, a firearm.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Exhibit {
    /// Its identifier.
    pub id: ExhibitId,
    /// What it is.
    pub kind: ExhibitKind,
    /// The casings in it.
    #[serde(default)]
    pub casings: Vec<CasingId>,
    /// The firearm that it is.
    pub firearm: Option<FirearmId>,
    /// The scene it comes from.
    pub scene: Option<SceneId>,
    /// The case it belongs to; where none is named, its scene's.
    pub case: Option<CaseId>,
    /// When the laboratory received it.
    pub received: Option<Moment>,
}

/// One link of a chain of custody.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Movement {
    /// Its identifier.
    pub id: MovementId,
    /// What moved.
    pub exhibit: ExhibitId,
    /// When it moved.
    pub at: Moment,
    /// Who or where it came from.
    pub from: Option<String>,
    /// Who or where it went to.
    pub to: String,
    /// What for.
    pub purpose: Option<String>,
}

/// Somebody was told of the leads that an exhibit gave.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Notification {
    /// Its identifier.
    pub id: NotificationId,
    /// The exhibit.
    pub exhibit: ExhibitId,
    /// When the notice was given.
    pub at: Moment,
    /// Who was told.
    pub to: String,
}

/// A place where a chain of custody does not hold together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CustodyGap {
    /// The movement before.
    pub after: MovementId,
    /// Where that had taken the exhibit.
    pub held_by: String,
    /// The movement that follows.
    pub next: MovementId,
    /// Where that took it from.
    pub taken_from: String,
}

/// The movements of one exhibit in their order, and where one does not begin
/// where the one before had ended.
pub fn chain_of_custody(mut movements: Vec<Movement>) -> (Vec<Movement>, Vec<CustodyGap>) {
    movements.sort_by(|x, y| x.at.cmp(&y.at).then_with(|| x.id.cmp(&y.id)));
    let gap = |(before, next): (&Movement, &Movement)| {
        let from = next.from.as_ref()?;
        let torn = before.to.to_lowercase() != from.to_lowercase();
        torn.then(|| CustodyGap {
            after: before.id.clone(),
            held_by: before.to.clone(),
            next: next.id.clone(),
            taken_from: from.clone(),
        })
    };
    let gaps = movements.iter().zip(movements.iter().skip(1)).filter_map(gap).collect();
    (movements, gaps)
}
