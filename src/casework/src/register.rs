//! What casework knows, joined: casings with the exhibits that hold them, the
//! scenes they come from and the cases these belong to.

use serde::de::DeserializeOwned;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use store::{CASING, Record, Snapshot};
use types::error::{Error, Kind, Result};
use types::evidence::{
    Agency, Case, CaseId, CasingId, CasingRecord, Claim, Event, Exhibit, ExhibitId, Firearm,
    FirearmEvent, FirearmId, KINDS, Moment, Movement, Notification, SAME_SCAN, Scene, SceneId,
    own_words, owner,
};
use types::message::say;

/// Every record of casework in a store, by identifier.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Register {
    /// Agencies.
    pub agencies: BTreeMap<String, Agency>,
    /// Cases.
    pub cases: BTreeMap<CaseId, Case>,
    /// Events at which casings were found.
    pub events: BTreeMap<SceneId, Event>,
    /// Firearms.
    pub firearms: BTreeMap<FirearmId, Firearm>,
    /// What happened to firearms.
    pub firearm_events: Vec<FirearmEvent>,
    /// Exhibits.
    pub exhibits: BTreeMap<ExhibitId, Exhibit>,
    /// Hand-overs of exhibits.
    pub movements: Vec<Movement>,
    /// Who was told of leads.
    pub notifications: Vec<Notification>,
    /// The casings, each with all that is known of its scene.
    pub casings: BTreeMap<CasingId, CasingRecord>,
    /// What other agencies say of things that are not their own. It joins
    /// nothing.
    pub claims: Vec<Claim>,
    exhibit_of: BTreeMap<CasingId, ExhibitId>,
}

/// Something that two records say differently.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Disagreement {
    /// The field.
    pub field: &'static str,
    /// What the one says.
    pub one: String,
    /// What the other says.
    pub other: String,
}

impl Register {
    /// Reads the records of a store.
    ///
    /// # Errors
    /// [`Kind::Store`], naming the record, if one cannot be understood.
    pub fn read(snapshot: &Snapshot) -> Result<Self> {
        let kinds: Vec<&str> = KINDS.iter().map(|k| k.name).chain([SAME_SCAN]).collect();
        Self::of(&snapshot.records_of(&kinds)?)
    }

    /// The register that some records, each in its newest version, make.
    ///
    /// # Errors
    /// As [`Register::read`].
    pub fn of(records: &[Record]) -> Result<Self> {
        let mut new = Self::default();
        for record in records {
            new.take(record)?;
        }
        // One's own exhibits last: what came into them is no longer in another agency's.
        let theirs = |e: &&Exhibit| owner(e.id.as_str()).is_some();
        let (theirs, own): (Vec<_>, Vec<_>) = new.exhibits.values().partition(theirs);
        for exhibit in theirs.into_iter().chain(own) {
            let held = exhibit.casings.iter().map(|c| (c.clone(), exhibit.id.clone()));
            new.exhibit_of.extend(held);
        }
        let completed: Vec<CasingRecord> =
            new.casings.values().map(|casing| new.complete(casing)).collect();
        new.casings = completed.into_iter().map(|c| (c.id.clone(), c)).collect();
        Ok(new)
    }

    fn take(&mut self, record: &Record) -> Result<()> {
        let (record, mut claims) = without_claims(record)?;
        self.claims.append(&mut claims);
        let Some(record) = record.as_deref() else { return Ok(()) };
        match record.kind.as_str() {
            "agency" => {
                let agency: Agency = understood(record)?;
                self.agencies.insert(agency.id.to_string(), agency);
            }
            "case" => {
                let case: Case = understood(record)?;
                self.cases.insert(case.id.clone(), case);
            }
            "event" => {
                let event: Event = understood(record)?;
                self.events.insert(event.id.clone(), event);
            }
            "firearm" => {
                let firearm: Firearm = understood(record)?;
                self.firearms.insert(firearm.id.clone(), firearm);
            }
            "firearm_event" => self.firearm_events.push(understood(record)?),
            "exhibit" => {
                let exhibit: Exhibit = understood(record)?;
                self.exhibits.insert(exhibit.id.clone(), exhibit);
            }
            SAME_SCAN => self.claims.push(understood(record)?),
            "movement" => self.movements.push(understood(record)?),
            "notification" => self.notifications.push(understood(record)?),
            CASING => {
                let casing: CasingRecord = understood(record)?;
                self.casings.insert(casing.id.clone(), casing);
            }
            _ => {}
        }
        Ok(())
    }

    /// A casing with what its exhibit and the record of its scene add.
    fn complete(&self, casing: &CasingRecord) -> CasingRecord {
        let mut casing = casing.clone();
        let exhibit = self.exhibit(&casing.id);
        if casing.scene.is_none() {
            let named = exhibit.and_then(|e| e.scene.as_ref());
            casing.scene = named.map(|id| bare(id.clone()));
        }
        if let Some(scene) = &mut casing.scene {
            if let Some(event) = self.events.get(&scene.id) {
                fill(scene, event.scene());
            }
            let case = exhibit.and_then(|e| e.case.clone());
            scene.case = scene.case.take().or(case);
            let agency = |case: &CaseId| Some(self.cases.get(case)?.agency.as_ref()?.to_string());
            scene.agency = scene.agency.take().or_else(|| scene.case.as_ref().and_then(agency));
        }
        casing
    }

    /// The exhibit that holds a casing.
    pub fn exhibit(&self, casing: &CasingId) -> Option<&Exhibit> {
        self.exhibits.get(self.exhibit_of.get(casing)?)
    }

    /// The case of a casing, by its scene or its exhibit.
    pub fn case_of(&self, casing: &CasingId) -> Option<&CaseId> {
        let by_scene = self.casings.get(casing).and_then(|c| c.scene.as_ref()?.case.as_ref());
        by_scene.or_else(|| self.exhibit(casing)?.case.as_ref())
    }

    /// The case of every casing that has one.
    pub fn cases_of_casings(&self) -> BTreeMap<CasingId, CaseId> {
        let of = |id: &CasingId| Some((id.clone(), self.case_of(id)?.clone()));
        self.casings.keys().filter_map(of).collect()
    }

    /// When an exhibit was received: as its record says, else its first
    /// movement.
    pub fn received(&self, exhibit: &Exhibit) -> Option<Moment> {
        let moved = || {
            let own = self.movements.iter().filter(|m| m.exhibit == exhibit.id);
            own.map(|m| m.at).min()
        };
        exhibit.received.or_else(moved)
    }

    /// An agency's name, or its identifier where there is no record of it.
    pub fn agency_name<'r>(&'r self, id: &'r str) -> &'r str {
        self.agencies.get(id).map_or(id, |agency| &agency.name)
    }

    /// Pairs of cases that were known to be connected before any comparison.
    pub fn known_connections(&self) -> BTreeSet<(CaseId, CaseId)> {
        let pairs = |case: &Case| {
            let (id, others) = (case.id.clone(), case.connected.clone());
            others.into_iter().map(move |other| (id.clone(), other))
        };
        self.cases.values().flat_map(pairs).collect()
    }

    /// Where what a manifest says of a scene contradicts the record of the
    /// event; what only one of them knows, or knows more exactly, does not.
    pub fn disagreements(&self, scene: &Scene, event: &Event) -> Vec<Disagreement> {
        let mut found = Self::contradictions(scene, &event.scene());
        found.retain(|d| {
            let known = event.agency.as_ref().and_then(|a| self.agencies.get(a.as_str()));
            d.field != "agency" || known.is_none_or(|a| a.name != d.one)
        });
        found
    }

    /// Where two accounts of one scene contradict each other.
    pub fn contradictions(one: &Scene, other: &Scene) -> Vec<Disagreement> {
        let mut found = Vec::new();
        let mut unless = |agree: bool, field, one: String, other: String| {
            if !agree {
                found.push(Disagreement { field, one, other });
            }
        };
        if let (Some(one), Some(other)) = (one.date, other.date) {
            unless(one.overlaps(other), "date", one.to_string(), other.to_string());
        }
        if let (Some(one), Some(other)) = (&one.state, &other.state) {
            unless(one == other, "state", one.clone(), other.clone());
        }
        if let (Some(one), Some(other)) = (&one.agency, &other.agency) {
            unless(one == other, "agency", one.clone(), other.clone());
        }
        if let (Some(one), Some(other)) = (&one.case, &other.case) {
            unless(one == other, "case_number", one.to_string(), other.to_string());
        }
        found
    }
}

/// A record without what another agency says in it of things that are not its
/// own, and that; none where nothing is left.
///
/// # Errors
/// [`Kind::Store`] if it is not JSON.
pub fn without_claims(record: &Record) -> Result<(Option<Cow<'_, Record>>, Vec<Claim>)> {
    if owner(&record.id).is_none() {
        return Ok((Some(Cow::Borrowed(record)), Vec::new()));
    }
    let (body, claims) = own_words(&record.kind, &record.id, &record.body).map_err(|e| {
        Error::new(Kind::Store, say!("the record of {} {}: {e}", record.kind, record.id))
            .because(&e)
    })?;
    Ok((body.map(|body| Cow::Owned(Record { body, ..record.clone() })), claims))
}

/// A scene of which only the name is known.
const fn bare(id: SceneId) -> Scene {
    Scene { id, date: None, state: None, agency: None, case: None }
}

/// Adds what the record of the event knows, or knows more exactly.
fn fill(scene: &mut Scene, event: Scene) {
    let width = |d: types::evidence::PartialDate| d.days_until(d).1;
    let dates = scene.date.into_iter().chain(event.date);
    scene.date = dates.min_by_key(|d| width(*d));
    scene.state = scene.state.take().or(event.state);
    scene.agency = event.agency.or_else(|| scene.agency.take());
    scene.case = scene.case.take().or(event.case);
}

/// The body of a record, understood.
///
/// # Errors
/// [`Kind::Store`], naming the record, if it is not what its kind should be.
pub fn understood<T: DeserializeOwned>(record: &Record) -> Result<T> {
    serde_json::from_str(&record.body).map_err(|e| {
        Error::new(Kind::Store, say!("the record of {} {}: {e}", record.kind, record.id))
            .because(&e)
    })
}
