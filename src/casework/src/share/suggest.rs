//! What other agencies should probably be told of, by the triggers under which
//! INTERPOL asks its members to share ballistic data: near a border, found by
//! customs, three or more firearms, a suspect from abroad.
//!
//! These are suggestions to a person; nothing goes by itself.

use super::border::{Border, nearest};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::collections::{BTreeMap, BTreeSet};
use store::Snapshot;
use types::error::{Error, Kind, Result};
use types::evidence::{CaseId, Event, FirearmEvent, FirearmEventKind, Place, owner};
use types::message::say;

/// How near to a border is near, in kilometres.
pub const NEAR_KM: f64 = 80.0;
/// How many firearms of one case are many.
pub const MANY_FIREARMS: usize = 3;

/// Why something should be shared.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "trigger", rename_all = "snake_case")]
pub enum Trigger {
    /// It happened near a border.
    NearBorder {
        /// The border.
        border: Border,
        /// How near, in kilometres, as far as the coarse line tells.
        km: f64,
    },
    /// Customs found it.
    CustomsFind,
    /// Several firearms were recovered, or left casings.
    ManyFirearms {
        /// How many.
        firearms: usize,
    },
    /// A suspect comes from abroad.
    ForeignSuspect,
}

/// Something that should be shared.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Suggestion {
    /// `case/NUMBER`, or `event/ID` or `firearm_event/ID` where no case is
    /// known.
    pub what: String,
    /// What suggests it.
    pub why: Vec<Trigger>,
}

/// What the store does not know and the operator does.
#[derive(Clone, Debug, Default)]
pub struct OperatorKnows {
    /// Cases of which customs found something.
    pub customs: BTreeSet<String>,
    /// Cases with a suspect from abroad. The store keeps no persons.
    pub foreign_suspect: BTreeSet<String>,
}

/// Suggestions about this laboratory's own cases, by case.
///
/// # Errors
/// [`Kind::Store`] if a record cannot be read; [`Kind::NotFound`] for a case
/// in `known` of which nothing is stored.
pub fn suggest(snapshot: &Snapshot, known: &OperatorKnows) -> Result<Vec<Suggestion>> {
    let mut found = Found::default();
    for (id, event) in read::<Event>(snapshot, "event")? {
        found.place(event.case.as_ref(), &format!("event/{id}"), &event.place);
    }
    let mut recovered = BTreeMap::<CaseId, BTreeSet<String>>::new();
    for (id, event) in read::<FirearmEvent>(snapshot, "firearm_event")? {
        if event.kind == FirearmEventKind::Recovered {
            found.place(event.case.as_ref(), &format!("firearm_event/{id}"), &event.place);
            if let Some(case) = event.case {
                recovered.entry(case).or_default().insert(event.firearm.to_string());
            }
        }
    }
    let cases = casings_by_case(snapshot)?;
    let linking = snapshot.linking()?.unwrap_or_default();
    let group: BTreeMap<_, _> = linking.groups.iter().map(|g| (&g.casing, &g.group)).collect();
    for case in cases.keys().chain(recovered.keys()).collect::<BTreeSet<_>>() {
        let of_case = cases.get(case).into_iter().flatten();
        let left: BTreeSet<_> = of_case.filter_map(|casing| group.get(casing)).collect();
        let firearms = recovered.get(case).map_or(0, BTreeSet::len).max(left.len());
        if firearms >= MANY_FIREARMS {
            found.note(format!("case/{case}"), Trigger::ManyFirearms { firearms });
        }
    }
    let told = |names: &BTreeSet<String>| names.iter().cloned().collect::<Vec<_>>();
    for (names, trigger) in [
        (told(&known.customs), Trigger::CustomsFind),
        (told(&known.foreign_suspect), Trigger::ForeignSuspect),
    ] {
        for name in names {
            let case = CaseId::new(name)?;
            if !cases.contains_key(&case) && !recovered.contains_key(&case) {
                let what = say!("nothing of case {case} is in the store");
                return Err(Error::new(Kind::NotFound, what));
            }
            found.note(format!("case/{case}"), trigger.clone());
        }
    }
    Ok(found.0.into_iter().map(|(what, why)| Suggestion { what, why }).collect())
}

/// The casings of every own case.
fn casings_by_case(
    snapshot: &Snapshot,
) -> Result<BTreeMap<CaseId, BTreeSet<types::evidence::CasingId>>> {
    let mut cases = BTreeMap::<CaseId, BTreeSet<_>>::new();
    for casing in snapshot.casings()?.into_iter().filter(|c| owner(c.id.as_str()).is_none()) {
        if let Some(case) = casing.scene.and_then(|scene| scene.case) {
            cases.entry(case).or_default().insert(casing.id);
        }
    }
    Ok(cases)
}

/// This laboratory's own records of a kind, by identifier.
fn read<T: DeserializeOwned>(snapshot: &Snapshot, kind: &str) -> Result<BTreeMap<String, T>> {
    let own = snapshot.records(kind)?.into_iter().filter(|r| owner(&r.id).is_none());
    own.map(|r| match serde_json::from_str(&r.body) {
        Ok(record) => Ok((r.id, record)),
        Err(e) => Err(Error::new(Kind::Store, say!("the record of {kind} {}: {e}", r.id))),
    })
    .collect()
}

/// What was found so far, by what it concerns.
#[derive(Default)]
struct Found(BTreeMap<String, Vec<Trigger>>);

impl Found {
    fn note(&mut self, what: String, trigger: Trigger) {
        self.0.entry(what).or_default().push(trigger);
    }

    /// Notes a place near a border; of several of one case, the nearest.
    fn place(&mut self, case: Option<&CaseId>, otherwise: &str, place: &Place) {
        let Some((border, km)) = place.coordinates.map(nearest).filter(|n| n.1 <= NEAR_KM) else {
            return;
        };
        let what = case.map_or(otherwise.to_owned(), |case| format!("case/{case}"));
        let km = km.round();
        let triggers = self.0.entry(what).or_default();
        match triggers.first_mut() {
            Some(Trigger::NearBorder { border: known, km: least }) => {
                if km < *least {
                    (*known, *least) = (border, km);
                }
            }
            _ => triggers.push(Trigger::NearBorder { border, km }),
        }
    }
}
