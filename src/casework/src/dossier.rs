//! What belongs together: from a group, a case or a firearm to the casings,
//! scenes, cases and firearms that are joined with it.

use super::trace::Traces;
use super::{Decided, Hit, Register, Review, Suspicions, TheirDecision};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use store::{LinkRow, Linking};
use types::error::{Error, Kind, Result};
use types::evidence::{
    CaseId, CasingId, CasingRecord, Claim, ExhibitId, FirearmHistory, FirearmId, Happened, Place,
    Scene, SceneId, TimelineEvent, owner,
};
use types::message::say;

/// What a dossier is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(tag = "kind", content = "id", rename_all = "snake_case")]
pub enum Subject {
    /// A proposed group.
    Group(String),
    /// A case.
    Case(CaseId),
    /// A firearm.
    Firearm(FirearmId),
}

/// A proposed group.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct GroupFile {
    /// Its name.
    pub id: String,
    /// Posterior probability of its weakest merge, 0–1.
    pub confidence: f64,
    /// The casing that stands for it.
    pub prototype: Option<CasingId>,
    /// The firearm of its test fires.
    pub firearm: Option<FirearmId>,
    /// Its casings.
    pub casings: Vec<CasingId>,
}

/// A casing with what it is joined with.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CasingFile {
    /// What is known of it.
    #[serde(flatten)]
    pub casing: CasingRecord,
    /// The group it is in.
    pub group: Option<String>,
    /// The case it belongs to.
    pub case: Option<CaseId>,
    /// The exhibit that holds it.
    pub exhibit: Option<ExhibitId>,
}

/// Everything joined with one subject.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Dossier {
    /// What it is about.
    pub subject: Subject,
    /// Casings, by name.
    pub casings: Vec<CasingFile>,
    /// The groups they are in.
    pub groups: Vec<GroupFile>,
    /// The cases they belong to.
    pub cases: BTreeSet<CaseId>,
    /// Firearms that test fires join with them.
    pub firearms: Vec<FirearmHistory>,
    /// Scenes and what happened to the firearms, by date; those without come
    /// last.
    pub timeline: Vec<TimelineEvent>,
    /// Every examiner's decision about these casings, in the order of the ledger.
    pub decisions: Vec<Decided>,
    /// Hits between these cases.
    pub hits: Vec<Hit>,
    /// What other agencies concluded about these casings. It binds nothing.
    pub theirs: Vec<TheirDecision>,
    /// What other agencies say of these casings, scenes, cases and firearms,
    /// which are not their own. It joins nothing.
    pub claims: Vec<Claim>,
}

/// Everything that dossiers are made of.
pub struct CaseFiles {
    /// The records.
    pub register: Register,
    /// Proposed groups by name.
    pub groups: BTreeMap<String, GroupFile>,
    /// What examiners decided.
    pub review: Review,
    /// What other agencies concluded, which binds nothing.
    pub theirs: Vec<TheirDecision>,
    /// The hits between cases.
    pub hits: Vec<Hit>,
    /// Proposed links.
    pub links: Vec<LinkRow>,
    /// Scans that look like one acquisition under two names.
    pub suspicions: Suspicions,
    /// Traces of firearms, and shipments.
    pub traces: Traces,
    group_of: BTreeMap<CasingId, String>,
}

impl CaseFiles {
    /// Joins the records, the linking in force and the decisions; the rest is
    /// empty.
    pub fn new(register: Register, linking: &Linking, review: Review) -> Self {
        let mut groups: BTreeMap<String, GroupFile> = BTreeMap::new();
        for row in &linking.groups {
            let group = groups.entry(row.group.clone()).or_insert_with(|| GroupFile {
                id: row.group.clone(),
                confidence: row.confidence,
                prototype: None,
                firearm: None,
                casings: Vec::new(),
            });
            group.casings.push(row.casing.clone());
            if row.prototype {
                group.prototype = Some(row.casing.clone());
            }
            // A firearm of one's own first: another agency's test fire says
            // of its own firearm only.
            let own = group.firearm.as_ref().is_some_and(|f| owner(f.as_str()).is_none());
            let record = register.casings.get(&row.casing);
            let firearm = record
                .and_then(|r| r.firearm.clone())
                .filter(|f| !own && (group.firearm.is_none() || owner(f.as_str()).is_none()));
            group.firearm = firearm.or(group.firearm.take());
        }
        groups.values_mut().for_each(|g| g.casings.sort());
        let of =
            |g: &GroupFile| g.casings.iter().map(|c| (c.clone(), g.id.clone())).collect::<Vec<_>>();
        let group_of = groups.values().flat_map(of).collect();
        let hits = review.hits(&register.cases_of_casings(), &register.known_connections());
        let links = linking.links.clone();
        Self {
            register,
            groups,
            review,
            theirs: Vec::new(),
            hits,
            links,
            suspicions: Suspicions::default(),
            traces: Traces::default(),
            group_of,
        }
    }

    /// The group of a casing.
    pub fn group_of(&self, casing: &CasingId) -> Option<&GroupFile> {
        self.groups.get(self.group_of.get(casing)?)
    }

    /// The subject of that name.
    ///
    /// # Errors
    /// [`Kind::NotFound`] if there is none, [`Kind::BadInput`] if a case and a
    /// firearm share it.
    pub fn find(&self, name: &str) -> Result<Subject> {
        let mut found = Vec::new();
        if self.groups.contains_key(name) {
            found.push(Subject::Group(name.to_owned()));
        }
        if let Ok(id) = CaseId::new(name) {
            let used =
                || self.register.casings.keys().any(|c| self.register.case_of(c) == Some(&id));
            if self.register.cases.contains_key(&id) || used() {
                found.push(Subject::Case(id));
            }
        }
        if let Ok(id) = FirearmId::new(name) {
            let fired = || self.register.casings.values().any(|c| c.firearm.as_ref() == Some(&id));
            if self.register.firearms.contains_key(&id) || fired() {
                found.push(Subject::Firearm(id));
            }
        }
        match found.as_slice() {
            [one] => Ok(one.clone()),
            [] => {
                let what = say!("the store has no group, case or firearm {name}");
                Err(Error::new(Kind::NotFound, what).advise(say!(
                    "see `brasslink lead list`, `brasslink record list case` or firearm"
                )))
            }
            _ => Err(Error::new(Kind::BadInput, say!("{name} names several things"))
                .advise(say!("say which with --as group, case or firearm"))),
        }
    }

    /// The dossier of a subject: its own casings, and all that share a group
    /// with one of them.
    pub fn dossier(&self, subject: Subject) -> Dossier {
        let own = self.own_casings(&subject);
        let groups: BTreeSet<&String> = own.iter().filter_map(|c| self.group_of.get(*c)).collect();
        let groups: Vec<GroupFile> =
            groups.into_iter().filter_map(|g| self.groups.get(g)).cloned().collect();
        let shared = groups.iter().flat_map(|g| &g.casings);
        let all: BTreeSet<&CasingId> = own.into_iter().chain(shared).collect();
        let casings: Vec<CasingFile> = all.iter().filter_map(|id| self.casing_file(id)).collect();
        let cases: BTreeSet<CaseId> = casings.iter().filter_map(|c| c.case.clone()).collect();
        let mut guns: BTreeSet<FirearmId> =
            casings.iter().filter_map(|c| c.casing.firearm.clone()).collect();
        if let Subject::Firearm(id) = &subject {
            guns.insert(id.clone());
        }
        let firearms: Vec<FirearmHistory> = guns.iter().map(|id| self.history(id)).collect();
        let among = |d: &&Decided| all.contains(&d.a) && all.contains(&d.b);
        let theirs =
            |t: &&TheirDecision| all.contains(&t.decision.a) && all.contains(&t.decision.b);
        let between = |h: &&Hit| cases.contains(&h.cases.0) && cases.contains(&h.cases.1);
        Dossier {
            timeline: self.timeline(&casings, &firearms),
            decisions: self.review.all().iter().filter(among).cloned().collect(),
            hits: self.hits.iter().filter(between).cloned().collect(),
            theirs: self.theirs.iter().filter(theirs).cloned().collect(),
            claims: self.claims(&casings, &cases, &firearms, &subject),
            subject,
            casings,
            groups,
            cases,
            firearms,
        }
    }

    /// What other agencies say of any of these, which are not their own.
    fn claims(
        &self,
        casings: &[CasingFile],
        cases: &BTreeSet<CaseId>,
        firearms: &[FirearmHistory],
        subject: &Subject,
    ) -> Vec<Claim> {
        let mut about: BTreeSet<(&str, &str)> = BTreeSet::new();
        about.extend(casings.iter().map(|c| ("casing", c.casing.id.as_str())));
        let scenes = casings.iter().filter_map(|c| c.casing.scene.as_ref());
        about.extend(scenes.map(|s| ("event", s.id.as_str())));
        about.extend(cases.iter().map(|c| ("case", c.as_str())));
        about.extend(firearms.iter().map(|f| ("firearm", f.id.as_str())));
        if let Subject::Case(id) = subject {
            about.insert(("case", id.as_str()));
        }
        let told = |c: &&Claim| about.contains(&(c.about_kind.as_str(), c.about.as_str()));
        self.register.claims.iter().filter(told).cloned().collect()
    }

    fn own_casings(&self, subject: &Subject) -> BTreeSet<&CasingId> {
        let casings = self.register.casings.values();
        // A case has its scenes' casings, and the test fires of firearms that it is about.
        let guns: BTreeSet<&FirearmId> = match subject {
            Subject::Case(id) => {
                let events = self.register.firearm_events.iter();
                events.filter(|e| e.case.as_ref() == Some(id)).map(|e| &e.firearm).collect()
            }
            _ => BTreeSet::new(),
        };
        let is_own = |casing: &&CasingRecord| match subject {
            Subject::Group(id) => self.group_of.get(&casing.id) == Some(id),
            Subject::Case(id) => {
                let tested = || casing.firearm.as_ref().is_some_and(|f| guns.contains(f));
                self.register.case_of(&casing.id) == Some(id) || tested()
            }
            Subject::Firearm(id) => casing.firearm.as_ref() == Some(id),
        };
        casings.filter(is_own).map(|c| &c.id).collect()
    }

    fn casing_file(&self, id: &CasingId) -> Option<CasingFile> {
        Some(CasingFile {
            casing: self.register.casings.get(id)?.clone(),
            group: self.group_of.get(id).cloned(),
            case: self.register.case_of(id).cloned(),
            exhibit: self.register.exhibit(id).map(|e| e.id.clone()),
        })
    }

    /// Where a scene is: by its event, else by what its casings say.
    pub(crate) fn place_of(&self, scene: &Scene) -> Place {
        let known = self.register.events.get(&scene.id).map(|e| e.place.clone());
        known.unwrap_or_else(|| Place { state: scene.state.clone(), ..Place::default() })
    }

    fn timeline(&self, casings: &[CasingFile], firearms: &[FirearmHistory]) -> Vec<TimelineEvent> {
        let mut scenes: BTreeMap<&SceneId, TimelineEvent> = BTreeMap::new();
        for scene in casings.iter().filter_map(|c| c.casing.scene.as_ref()) {
            scenes.entry(&scene.id).or_insert_with(|| TimelineEvent {
                date: scene.date,
                what: Happened::Scene(scene.id.clone()),
                place: self.place_of(scene),
            });
        }
        let of_firearms = firearms.iter().flat_map(|f| &f.events).map(|e| TimelineEvent {
            date: e.date,
            what: Happened::Firearm(e.kind, e.firearm.clone()),
            place: e.place.clone(),
        });
        let mut timeline: Vec<_> = scenes.into_values().chain(of_firearms).collect();
        TimelineEvent::sort(&mut timeline);
        timeline
    }
}
