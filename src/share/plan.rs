//! What goes into a bundle: chosen, allowed, redacted, renamed.

use super::agency::{AgencyCode, owner};
use super::fields::{SORTS, Sort, sort_of};
use super::policy::Agreement;
use crate::error::{Error, Kind, Result};
use crate::store::{CASING, Linking, Record};
use serde::Serialize;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Which casings are meant; those that any of these names.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    /// Casings.
    pub casings: BTreeSet<String>,
    /// Cases.
    pub cases: BTreeSet<String>,
    /// Groups of the linking in force.
    pub groups: BTreeSet<String>,
    /// Firearms that fired them.
    pub firearms: BTreeSet<String>,
    /// Scenes.
    pub scenes: BTreeSet<String>,
    /// States of their scenes.
    pub states: BTreeSet<String>,
    /// Every casing of this laboratory.
    pub everything: bool,
}

/// What a casing is chosen by.
type Property<'a> = &'a dyn Fn(&str) -> Option<String>;

/// Something chosen that does not go.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Refused {
    /// Kind and identifier.
    pub what: String,
    /// Why not.
    pub why: String,
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
            Error::new(Kind::Store, format!("the record of {kind} {}: {e}", record.id))
        })?;
        all.entry(kind).or_default().insert(record.id, body);
    }
    Ok(())
}

impl Selection {
    /// The casings meant.
    ///
    /// # Errors
    /// [`Kind::NotFound`] naming whatever is named and is not there.
    fn of(&self, casings: &BTreeMap<String, Value>, linking: &Linking) -> Result<BTreeSet<String>> {
        let mut chosen = BTreeSet::new();
        let own = casings.keys().filter(|id| self.everything && owner(id).is_none());
        chosen.extend(own.cloned());
        let by = |path: &'static str| move |id: &str| Sort::text(casings.get(id)?, path);
        let group = |id: &str| {
            let row = linking.groups.iter().find(|g| g.casing.as_str() == id);
            row.map(|g| g.group.clone())
        };
        let named: [(&str, &BTreeSet<String>, Property); 6] = [
            ("casing", &self.casings, &|id| Some(id.to_owned())),
            ("case", &self.cases, &by("scene.case")),
            ("group", &self.groups, &group),
            ("firearm", &self.firearms, &by("firearm")),
            ("scene", &self.scenes, &by("scene.id")),
            ("state", &self.states, &by("scene.state")),
        ];
        for (sort, names, value) in named {
            if names.is_empty() {
                continue;
            }
            let mut missing: BTreeSet<&String> = names.iter().collect();
            for id in casings.keys() {
                if let Some(name) = value(id).and_then(|v| names.get(&v)) {
                    missing.remove(name);
                    chosen.insert(id.clone());
                }
            }
            if let Some(name) = missing.first() {
                let what = match sort {
                    "casing" => format!("the store has no casing {name}"),
                    _ => format!("no casing in the store belongs to {sort} {name}"),
                };
                return Err(Error::new(Kind::NotFound, what));
            }
        }
        Ok(chosen)
    }
}

/// Plans a bundle for `to` under `agreement`.
///
/// # Errors
/// [`Kind::NotFound`] if something named is not in the store,
/// [`Kind::BadInput`] if nothing of it may go.
pub fn plan(
    records: &Records,
    linking: &Linking,
    selection: &Selection,
    own: &AgencyCode,
    to: &AgencyCode,
    agreement: &Agreement,
) -> Result<Plan> {
    let mut planning = Planning { records, own, to, agreement, plan: Plan::default() };
    let empty = BTreeMap::new();
    let casings = records.get(CASING).unwrap_or(&empty);
    for id in selection.of(casings, linking)? {
        planning.choose(CASING, &id);
    }
    if planning.plan.going.is_empty() {
        let refused = planning.plan.refused.first();
        let why = refused.map_or("nothing was chosen".into(), |r| format!("{}: {}", r.what, r.why));
        let what = format!("nothing can be shared with {to}; {why}");
        return Err(Error::new(Kind::BadInput, what)
            .advise("choose other casings, or have the agreement in the sharing policy extended"));
    }
    while planning.follow() || planning.join() {}
    planning.say_what_stays();
    Ok(planning.plan)
}

struct Planning<'a> {
    records: &'a Records,
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
        let body = self.records.get(kind).and_then(|all| all.get(id));
        let (Some(sort), Some(body)) = (sort_of(kind), body) else { return false };
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
    fn obstacle(&self, sort: &Sort, id: &str, body: &Value, shared: &Value) -> Option<String> {
        if let Some(code) = owner(id) {
            return Some(format!("belongs to {code}, which alone may share it"));
        }
        if !self.agreement.allows(sort.kind) {
            return Some(format!("the agreement with {} has no {}", self.to, sort.kind));
        }
        if let Some(path) = sort.state {
            let state = Sort::text(body, path);
            if !self.agreement.allows_region(state.as_deref()) {
                let state = state.unwrap_or_else(|| "an unknown state".into());
                return Some(format!("the agreement with {} does not cover {state}", self.to));
            }
        }
        let references = sort.references(shared);
        let third = references.iter().filter_map(|(_, id)| owner(id));
        if let Some(code) = third.into_iter().find(|code| *code != self.to.as_str()) {
            return Some(format!("speaks of something that belongs to {code}"));
        }
        let long = references.iter().find_map(|(_, id)| self.own.qualify(id).err());
        self.own.qualify(id).err().or(long).map(|e| e.what)
    }

    /// Takes in what the records that go refer to.
    fn follow(&mut self) -> bool {
        let mut wanted = Vec::new();
        for ((kind, _), body) in &self.plan.going {
            let references = sort_of(kind).map(|sort| sort.references(body)).unwrap_or_default();
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
        for sort in SORTS.iter().filter(|s| !s.joins.is_empty() && self.agreement.allows(s.kind)) {
            for (id, body) in self.records.get(sort.kind).into_iter().flatten() {
                if owner(id).is_none() && self.belongs(sort, body) {
                    wanted.push((sort.kind, id.clone()));
                }
            }
        }
        wanted.into_iter().fold(false, |changed, (kind, id)| self.choose(kind, &id) || changed)
    }

    /// Whether a record is about something that goes, and about no casing
    /// that the receiver neither has nor gets.
    fn belongs(&self, sort: &Sort, body: &Value) -> bool {
        let goes =
            |kind: &'static str, id: &str| self.plan.going.contains_key(&(kind, id.to_owned()));
        let about = sort
            .joins
            .iter()
            .filter_map(|path| sort.field(path)?.refers_to.zip(Sort::text(body, path)));
        let known = |(kind, id): &(&'static str, String)| {
            *kind != CASING || goes(kind, id) || owner(id) == Some(self.to.as_str())
        };
        about.clone().any(|(kind, id)| goes(kind, &id)) && sort.references(body).iter().all(known)
    }

    /// Notes the kinds that were there and do not go at all.
    fn say_what_stays(&mut self) {
        for kind in SORTS.iter().map(|s| s.kind).filter(|k| !self.agreement.allows(k)) {
            if self.records.get(kind).is_some_and(|all| !all.is_empty()) {
                self.plan.left_out.insert(kind.into(), ["*".to_owned()].into());
            }
        }
    }
}
