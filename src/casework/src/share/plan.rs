//! What goes into a bundle: chosen, allowed, redacted, renamed.

use super::agency::AgencyCode;
use super::fields::{SHARED_KINDS, SharedKind, shared_kind};
use super::policy::Agreement;
use crate::Register;
use crate::trace::SHIPMENT;
use serde::Serialize;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use store::{CASING, Linking, Record};
use types::error::{Error, Kind, Result};
use types::evidence::{CasingId, SceneId, owner};
use types::message::{Message, say};

/// What is meant: whatever any of these names, with its casings. Records that
/// belong to what is chosen go along with it.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    /// Casings.
    pub casings: BTreeSet<String>,
    /// Cases.
    pub cases: BTreeSet<String>,
    /// Groups of the linking in force.
    pub groups: BTreeSet<String>,
    /// Firearms.
    pub firearms: BTreeSet<String>,
    /// Scenes.
    pub scenes: BTreeSet<String>,
    /// Shipments.
    pub shipments: BTreeSet<String>,
    /// States.
    pub states: BTreeSet<String>,
    /// Everything of this laboratory.
    pub everything: bool,
}

/// The kinds that are chosen by themselves: evidence, and what has a place by
/// which an agreement can tell whether it goes.
const CHOSEN: [&str; 4] = [CASING, "event", "firearm_event", SHIPMENT];

types::coded!(mod why: Message as why and coded_why);

/// Something chosen that does not go.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Refused {
    /// Kind and identifier.
    pub what: String,
    /// Why not.
    #[serde(flatten, with = "why")]
    pub why: Message,
}

/// What goes and what does not.
#[derive(Debug, Default)]
pub struct Plan {
    /// The records by kind and identifier, redacted, under the names of this
    /// store.
    pub going: BTreeMap<(&'static str, String), Value>,
    /// By kind, the fields that were there and were left out; `*` where the
    /// kind as a whole is.
    pub left_out: BTreeMap<String, BTreeSet<String>>,
    /// What was chosen and does not go.
    pub refused: Vec<Refused>,
}

/// The newest version of every record of the kinds that can be shared.
pub type Records = BTreeMap<&'static str, BTreeMap<String, Value>>;

/// Records by kind and identifier.
///
/// # Errors
/// [`Kind::Store`] if one is not JSON.
pub fn by_kind(kind: &'static str, records: Vec<Record>, all: &mut Records) -> Result<()> {
    for record in records {
        let body = serde_json::from_str(&record.body).map_err(|e| {
            Error::new(Kind::Store, say!("the record of {kind} {}: {e}", record.id)).because(&e)
        })?;
        all.entry(kind).or_default().insert(record.id, body);
    }
    Ok(())
}

/// A laboratory's evidence, as plans are made from it.
pub struct Evidence<'a> {
    /// Its records, as they are.
    pub records: &'a Records,
    /// The same joined: a casing's scene may be known only by its exhibit, the
    /// state of a scene only by the record of the event.
    pub register: &'a Register,
    /// The linking in force.
    pub linking: &'a Linking,
}

impl Evidence<'_> {
    /// What a record says at a path; of a casing's scene, all that is known.
    fn texts(&self, kind: &str, id: &str, body: &Value, path: &str) -> Vec<String> {
        let joined = || self.register.casings.get(&CasingId::new(id).ok()?);
        let scene = joined().filter(|_| kind == CASING).and_then(|casing| casing.scene.as_ref());
        match (path, scene) {
            ("scene.id", Some(scene)) => vec![scene.id.to_string()],
            ("scene.case", Some(scene)) => scene.case.iter().map(ToString::to_string).collect(),
            ("scene.state", Some(scene)) => scene.state.iter().cloned().collect(),
            _ => SharedKind::texts(body, path),
        }
    }

    /// The state by which an agreement tells whether a record goes: where it
    /// has a place its own, else that of its scene. `None`: the kind has none.
    fn state(&self, sort: &SharedKind, id: &str, body: &Value) -> Option<Option<String>> {
        if let Some(path) = sort.state {
            return Some(self.texts(sort.kind, id, body, path).into_iter().next());
        }
        let scene = SceneId::new(SharedKind::text(body, "scene")?).ok()?;
        Some(self.register.events.get(&scene)?.place.state.clone())
    }

    /// What a selection means, by kind and identifier.
    ///
    /// # Errors
    /// [`Kind::NotFound`] naming whatever is named and is not there.
    fn chosen(&self, selection: &Selection) -> Result<BTreeSet<(&'static str, String)>> {
        let mut chosen = BTreeSet::new();
        let all = CHOSEN.iter().flat_map(|kind| {
            self.records.get(kind).into_iter().flatten().map(|(id, body)| (*kind, id, body))
        });
        let own = all.clone().filter(|(_, id, _)| selection.everything && owner(id).is_none());
        chosen.extend(own.map(|(kind, id, _)| (kind, id.clone())));
        // Where each kind says it; blank where it has nothing of the sort.
        let named: [(&str, &BTreeSet<String>, [&str; 4]); 6] = [
            ("casing", &selection.casings, ["id", "", "", ""]),
            ("case", &selection.cases, ["scene.case", "case", "case", "case"]),
            ("firearm", &selection.firearms, ["firearm", "", "firearm", "firearms"]),
            ("scene", &selection.scenes, ["scene.id", "id", "", ""]),
            ("shipment", &selection.shipments, ["", "", "", "id"]),
            (
                "state",
                &selection.states,
                ["scene.state", "place.state", "place.state", "place.state"],
            ),
        ];
        for (sort, names, paths) in named {
            let mut missing: BTreeSet<&String> = names.iter().collect();
            for (kind, id, body) in all.clone() {
                let path =
                    CHOSEN.iter().zip(paths).find_map(|(k, path)| (*k == kind).then_some(path));
                let says = path.filter(|p| !p.is_empty()).map(|p| self.texts(kind, id, body, p));
                for name in says.into_iter().flatten().filter_map(|value| names.get(&value)) {
                    missing.remove(name);
                    chosen.insert((kind, id.clone()));
                }
            }
            not_found(sort, missing)?;
        }
        let mut missing: BTreeSet<&String> = selection.groups.iter().collect();
        for row in self.linking.groups.iter().filter(|row| selection.groups.contains(&row.group)) {
            missing.remove(&row.group);
            chosen.insert((CASING, row.casing.to_string()));
        }
        not_found("group", missing)?;
        Ok(chosen)
    }
}

fn not_found(sort: &str, missing: BTreeSet<&String>) -> Result<()> {
    match missing.first() {
        None => Ok(()),
        Some(name) if sort == "casing" || sort == "shipment" => {
            Err(Error::new(Kind::NotFound, say!("the store has no {sort} {name}")))
        }
        Some(name) => {
            let what = say!("nothing in the store belongs to {sort} {name}");
            Err(Error::new(Kind::NotFound, what))
        }
    }
}

/// Plans a bundle for `to` under `agreement`.
///
/// # Errors
/// [`Kind::NotFound`] if something named is not in the store,
/// [`Kind::BadInput`] if nothing of it may go.
pub fn plan(
    evidence: &Evidence<'_>,
    selection: &Selection,
    own: &AgencyCode,
    to: &AgencyCode,
    agreement: &Agreement,
) -> Result<Plan> {
    let mut planning = Planning { evidence, own, to, agreement, plan: Plan::default() };
    for (kind, id) in evidence.chosen(selection)? {
        // Of a kind that does not go at all, that is said once.
        if kind == CASING || agreement.allows(kind) {
            planning.choose(kind, &id);
        }
    }
    if planning.plan.going.is_empty() {
        let refused = planning.plan.refused.first();
        let why =
            refused.map_or_else(|| say!("nothing was chosen"), |r| say!("{}: {}", r.what, r.why));
        let what = say!("nothing can be shared with {to}; {why}");
        return Err(Error::new(Kind::BadInput, what).advise(say!(
            "choose something else, or have the agreement in the sharing policy extended"
        )));
    }
    while planning.follow() || planning.join() {}
    planning.say_what_stays();
    Ok(planning.plan)
}

struct Planning<'a> {
    evidence: &'a Evidence<'a>,
    own: &'a AgencyCode,
    to: &'a AgencyCode,
    agreement: &'a Agreement,
    plan: Plan,
}

impl Planning<'_> {
    /// Takes a record in, or says why not. Whether something changed.
    fn choose(&mut self, kind: &'static str, id: &str) -> bool {
        let key = (kind, id.to_owned());
        let what = format!("{kind}/{id}");
        let body = self.evidence.records.get(kind).and_then(|all| all.get(id));
        let (Some(sort), Some(body)) = (shared_kind(kind), body) else { return false };
        let seen = |r: &Refused| r.what == what;
        if self.plan.going.contains_key(&key) || self.plan.refused.iter().any(seen) {
            return false;
        }
        let mut left_out = BTreeSet::new();
        let agreement = self.agreement;
        let shared = sort.redacted(
            body,
            self.own.as_str(),
            &|path| agreement.allows_field(kind, path),
            &mut |path| _ = left_out.insert(path.to_owned()),
        );
        match self.obstacle(sort, id, body, &shared) {
            None => {
                if !left_out.is_empty() {
                    self.plan.left_out.entry(kind.into()).or_default().append(&mut left_out);
                }
                self.plan.going.insert(key, shared);
            }
            Some(why) => self.plan.refused.push(Refused { what, why }),
        }
        true
    }

    /// Why a record may not go.
    fn obstacle(
        &self,
        sort: &SharedKind,
        id: &str,
        body: &Value,
        shared: &Value,
    ) -> Option<Message> {
        if let Some(code) = owner(id) {
            return Some(say!("belongs to {code}, which alone may share it"));
        }
        if !self.agreement.allows(sort.kind) {
            return Some(say!("the agreement with {} has no {}", self.to, sort.kind));
        }
        let state = self.evidence.state(sort, id, body);
        if let Some(state) = state.filter(|s| !self.agreement.allows_region(s.as_deref())) {
            let state = state.map_or_else(|| say!("an unknown state"), Message::foreign);
            return Some(say!("the agreement with {} does not cover {state}", self.to));
        }
        if let Some(held) = sort.usurped(shared, &|id| owner(id).is_none()) {
            return Some(say!("says who holds {held}, which is not {}'s to say", self.own));
        }
        let references = sort.references(shared);
        let third = references.iter().filter_map(|(_, id)| owner(id));
        if let Some(code) = third.into_iter().find(|code| *code != self.to.as_str()) {
            return Some(say!("speaks of something that belongs to {code}"));
        }
        let long = references.iter().find_map(|(_, id)| self.own.qualify(id).err());
        self.own.qualify(id).err().or(long).map(|e| e.what)
    }

    /// Takes in what the records that go refer to.
    fn follow(&mut self) -> bool {
        let mut wanted = Vec::new();
        for ((kind, _), body) in &self.plan.going {
            let references =
                shared_kind(kind).map(|sort| sort.references(body)).unwrap_or_default();
            // A casing goes only if it was chosen.
            wanted.extend(references.into_iter().filter(|(kind, _)| *kind != CASING));
        }
        let allowed = |kind: &str| self.agreement.allows(kind);
        wanted.retain(|(kind, id)| allowed(kind) && owner(id).is_none());
        wanted.into_iter().fold(false, |changed, (kind, id)| self.choose(kind, &id) || changed)
    }

    /// Takes in the records that belong to what goes.
    fn join(&mut self) -> bool {
        let mut wanted = Vec::new();
        for sort in
            SHARED_KINDS.iter().filter(|s| !s.joins.is_empty() && self.agreement.allows(s.kind))
        {
            for (id, body) in self.evidence.records.get(sort.kind).into_iter().flatten() {
                if owner(id).is_none() && self.belongs(sort, body) {
                    wanted.push((sort.kind, id.clone()));
                }
            }
        }
        wanted.into_iter().fold(false, |changed, (kind, id)| self.choose(kind, &id) || changed)
    }

    /// Whether a record is about something that goes, and about no casing
    /// that the receiver neither has nor gets.
    fn belongs(&self, sort: &SharedKind, body: &Value) -> bool {
        let goes =
            |kind: &'static str, id: &str| self.plan.going.contains_key(&(kind, id.to_owned()));
        let mut about = sort.joins.iter().filter_map(|path| sort.field(path)).flat_map(|field| {
            let ids = SharedKind::texts(body, field.path);
            ids.into_iter().filter_map(|id| Some((field.refers_to?, id)))
        });
        let known = |(kind, id): &(&'static str, String)| {
            *kind != CASING || goes(kind, id) || owner(id) == Some(self.to.as_str())
        };
        about.any(|(kind, id)| goes(kind, &id)) && sort.references(body).iter().all(known)
    }

    /// Notes the kinds that were there and do not go at all.
    fn say_what_stays(&mut self) {
        for kind in SHARED_KINDS.iter().map(|s| s.kind).filter(|k| !self.agreement.allows(k)) {
            if self.evidence.records.get(kind).is_some_and(|all| !all.is_empty()) {
                self.plan.left_out.insert(kind.into(), ["*".to_owned()].into());
            }
        }
    }
}
