//! Case and lead reports.

use super::context::Context;
use super::theirs::words;
use casework::{self, Dossier};
use report::{CaseReport, Event, EventKind, Indicator, SceneEntry, Subject};
use std::collections::{BTreeMap, BTreeSet};
use types::error::Result;
use types::evidence::{
    CasingId, FirearmEventKind, FirearmId, Happened, Place as Known, ReportedFirearm, Scene,
    SceneId, Sign,
};

impl Context<'_> {
    /// What ties a case or a group: its casings, all that share a proposed
    /// group with one of them, and the firearms of these.
    pub fn case_report(
        &self,
        subject: Subject,
        with_report: &BTreeSet<&CasingId>,
    ) -> Result<CaseReport> {
        let dossier = self.files.dossier(match &subject {
            Subject::Case(id) => casework::Subject::Case(id.clone()),
            Subject::Group(id) => casework::Subject::Group(id.clone()),
        });
        let all: BTreeSet<&CasingId> = dossier.casings.iter().map(|c| &c.casing.id).collect();
        let within = |casing: &str| all.iter().any(|c| c.as_str() == casing);
        Ok(CaseReport {
            header: self.header(&format!("case\n{subject}"), &|id| all.contains(id)),
            subject,
            casings: self.entries(&all, with_report, &BTreeSet::new()),
            groups: dossier.groups.iter().map(|g| self.group(g)).collect(),
            links: self.links(&|a, b| all.contains(a) && all.contains(b)),
            scenes: self.scenes(&dossier),
            decisions: self.decisions(&|a, b| within(a) && within(b)),
            events: self.events(&dossier),
            theirs: words(&dossier.theirs, &dossier.claims),
            indicators: self.indicators(&dossier),
            firearms: dossier.firearms.into_iter().map(ReportedFirearm::from).collect(),
        })
    }

    /// The scenes of a dossier, by date, those without one last.
    fn scenes(&self, dossier: &Dossier) -> Vec<SceneEntry> {
        let mut found: BTreeMap<&SceneId, (&Scene, Vec<CasingId>)> = BTreeMap::new();
        for casing in dossier.casings.iter().map(|file| &file.casing) {
            let Some(scene) = &casing.scene else { continue };
            found.entry(&scene.id).or_insert((scene, Vec::new())).1.push(casing.id.clone());
        }
        let entry = |(scene, casings): (&Scene, Vec<CasingId>), place: &Known| SceneEntry {
            id: scene.id.clone(),
            kind: self.files.register.events.get(&scene.id).and_then(|e| e.kind),
            date: scene.date,
            state: place.state.clone(),
            municipality: place.municipality.clone(),
            agency: scene.agency.clone(),
            case: scene.case.clone(),
            place: self.places.drawn(place),
            casings,
        };
        let in_order = dossier.timeline.iter();
        in_order.filter_map(|h| Some(entry(found.remove(h.what.scene()?)?, &h.place))).collect()
    }

    /// The signs that any of these firearms shows. What stands for a purchaser
    /// stays in the store, and times are told where the traces are.
    fn indicators(&self, dossier: &Dossier) -> Vec<Indicator> {
        let here = |f: &FirearmId| dossier.firearms.iter().any(|gun| gun.id == *f);
        let shown = self.indicators.iter().filter(|i| i.firearms.iter().any(here));
        let told = |i: &casework::trace::Indicator| Indicator {
            sign: i.sign,
            common: matches!(i.sign, Sign::SoldTogether | Sign::OneDealer)
                .then(|| i.what.to_string()),
            firearms: i.firearms.clone(),
        };
        shown.map(told).collect()
    }

    /// What happened when: what casework recorded, and first sales by the traces
    /// that no record of a purchase tells already.
    fn events(&self, dossier: &Dossier) -> Vec<Event> {
        let event = |kind, place: &Known| Event {
            date: None,
            kind,
            scene: None,
            firearm: None,
            state: place.state.clone(),
            municipality: place.municipality.clone(),
            place: self.places.drawn(place),
        };
        let recorded = dossier.timeline.iter().map(|h| {
            let kind = match &h.what {
                Happened::Scene(_) => EventKind::Scene,
                Happened::Firearm(FirearmEventKind::Recovered, _) => EventKind::Recovery,
                Happened::Firearm(FirearmEventKind::TestFired, _) => EventKind::TestFire,
                Happened::Firearm(FirearmEventKind::Purchased, _) => EventKind::Purchase,
            };
            let (scene, firearm) = (h.what.scene().cloned(), h.what.firearm().cloned());
            Event { date: h.date, scene, firearm, ..event(kind, &h.place) }
        });
        let mut events: Vec<Event> = recorded.collect();
        for gun in &dossier.firearms {
            let Some(sale) = gun.sale() else { continue };
            let told = events.iter().any(|e| {
                e.kind == EventKind::Purchase
                    && e.firearm.as_ref() == Some(&gun.id)
                    && e.date.zip(sale.sold).is_some_and(|(a, b)| a.overlaps(b))
            });
            if !told {
                let firearm = Some(gun.id.clone());
                let sold = event(EventKind::Purchase, &sale.sold_at);
                events.push(Event { date: sale.sold, firearm, ..sold });
            }
        }
        events.sort_by_key(|e| {
            let days = e.date.map(|d| (d.first(), d.last()));
            (days.is_none(), days, e.kind, e.scene.clone(), e.firearm.clone())
        });
        events
    }
}
