//! Standing queries: whoever watches a firearm, a group, a case or a place is
//! told of new links that touch it.

use super::CaseFiles;
use serde::{Deserialize, Serialize};
use store::LinkRow;
use types::error::{Error, Kind, Result};
use types::evidence::{CaseId, CasingId, Coordinates, Digest, FirearmId};
use types::message::{Message, ToMessage, say};

/// The kind of the records that hold standing queries.
pub const WATCH: &str = "watch";
/// The kind of the records that say which link touched one, and when.
pub const WATCH_NOTICE: &str = "watch_notice";

/// What is watched.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Watched {
    /// A firearm: links of its test fires and of groups that hold one.
    Firearm(FirearmId),
    /// A proposed group.
    Group(String),
    /// A case.
    Case(CaseId),
    /// Scenes of a state (ISO 3166-2).
    State(String),
    /// Scenes around a point.
    Near {
        /// The point.
        center: Coordinates,
        /// How far around it.
        radius_km: f64,
    },
}

impl Watched {
    /// Scenes within `radius_km` of a point.
    ///
    /// # Errors
    /// [`Kind::BadInput`] for a radius that is not positive.
    pub fn near(center: Coordinates, radius_km: f64) -> Result<Self> {
        if radius_km > 0.0 && radius_km.is_finite() {
            return Ok(Self::Near { center, radius_km });
        }
        Err(Error::new(Kind::BadInput, say!("a radius of {radius_km} km holds nothing"))
            .advise(say!("give --radius-km above 0")))
    }
}

impl ToMessage for Watched {
    fn to_message(&self) -> Message {
        match self {
            Self::Firearm(id) => say!("firearm {id}"),
            Self::Group(id) => say!("group {id}"),
            Self::Case(id) => say!("case {id}"),
            Self::State(code) => say!("scenes in {code}"),
            Self::Near { center, radius_km } => {
                let (lat, lon) = (center.latitude(), center.longitude());
                say!("scenes within {radius_km} km of {lat}, {lon}")
            }
        }
    }
}

impl std::fmt::Display for Watched {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.to_message().fmt(f)
    }
}

/// A standing query.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Watch {
    /// Its name: made of what is watched, by whom.
    pub id: String,
    /// What is watched.
    pub what: Watched,
    /// Who wants to know.
    pub by: String,
    /// Since when (RFC 3339).
    pub since: String,
    /// Whether it is in force; a removed one stays readable.
    pub active: bool,
}

impl Watch {
    /// A query in force.
    pub fn new(what: Watched, by: &str, since: &str) -> Self {
        let id = format!("W-{}", Digest::of(format!("{what}\n{by}").as_bytes()).short());
        Self { id, what, by: by.to_owned(), since: since.to_owned(), active: true }
    }
}

types::coded!(mod what: Message as what and coded_what);
types::coded!(mod why: Message as why and coded_why);

/// A new link that touches a standing query.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WatchNotice {
    /// The query.
    pub watch: String,
    /// What it watches, in words.
    #[serde(flatten, with = "what")]
    pub what: Message,
    /// Who wants to know.
    pub by: String,
    /// The first casing of the link.
    pub a: CasingId,
    /// The second casing of the link.
    pub b: CasingId,
    /// Similarity of the two.
    pub score: f64,
    /// When the link was found (RFC 3339).
    pub at: String,
    /// Why the link touches the query.
    #[serde(flatten, with = "why")]
    pub why: Message,
}

impl WatchNotice {
    /// Its record's identifier: a link is told once to each query.
    pub fn id(&self) -> String {
        let text = [&self.watch, self.a.as_str(), self.b.as_str()].join("\n");
        format!("WN-{}", Digest::of(text.as_bytes()).short())
    }
}

/// Which of `new` links touch which standing queries, and why.
pub fn notices(
    watches: &[Watch],
    new: &[&LinkRow],
    files: &CaseFiles,
    at: &str,
) -> Vec<WatchNotice> {
    let mut notices = Vec::new();
    for watch in watches.iter().filter(|w| w.active) {
        for link in new {
            if let Some(why) = touches(&watch.what, link, files) {
                notices.push(WatchNotice {
                    watch: watch.id.clone(),
                    what: watch.what.to_message(),
                    by: watch.by.clone(),
                    a: link.a.clone(),
                    b: link.b.clone(),
                    score: link.score,
                    at: at.to_owned(),
                    why,
                });
            }
        }
    }
    notices
}

fn touches(what: &Watched, link: &LinkRow, files: &CaseFiles) -> Option<Message> {
    let sides = [&link.a, &link.b];
    let group = files.group_of(&link.a);
    let register = &files.register;
    let state = |id: &CasingId| register.casings.get(id)?.scene.as_ref()?.state.as_deref();
    let scene = |id: &CasingId| Some(&register.casings.get(id)?.scene.as_ref()?.id);
    match what {
        Watched::Firearm(id) => {
            let fired = |c: &&CasingId| {
                register.casings.get(*c).and_then(|r| r.firearm.as_ref()) == Some(id)
            };
            let test_fire = sides.into_iter().find(fired).map(|c| say!("{c} is its test fire"));
            test_fire.or_else(|| {
                let group = group.filter(|g| g.firearm.as_ref() == Some(id))?;
                Some(say!("group {} holds a test fire of it", group.id))
            })
        }
        Watched::Group(id) => {
            group.filter(|g| g.id == *id).map(|_| say!("the link is within the group"))
        }
        Watched::Case(id) => {
            let of = sides.into_iter().find(|c| register.case_of(c) == Some(id))?;
            Some(say!("{of} belongs to the case"))
        }
        Watched::State(code) => {
            let there = sides.into_iter().find(|c| state(c) == Some(code.as_str()))?;
            Some(say!("{there} was found there, at scene {}", scene(there)?))
        }
        Watched::Near { center, radius_km } => sides.into_iter().find_map(|c| {
            let id = scene(c)?;
            let km = register.events.get(id)?.place.coordinates?.km_to(*center);
            (km <= *radius_km).then(|| say!("{c} was found {km:.1} km away, at scene {id}"))
        }),
    }
}
