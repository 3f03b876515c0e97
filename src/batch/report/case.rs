//! Case and lead reports.

use super::context::Context;
use crate::error::Result;
use crate::evidence::{CasingId, PartialDate, SceneId};
use crate::report::{
    CaseReport, CasingEntry, Event, EventKind, Place, SceneEntry, Subject, capital,
};
use std::collections::{BTreeMap, BTreeSet};

impl Context<'_> {
    /// What ties a case or a group: its casings, and all that share a proposed
    /// group with one of them.
    pub fn case_report(
        &self,
        subject: Subject,
        with_report: &BTreeSet<&CasingId>,
    ) -> Result<CaseReport> {
        let own: BTreeSet<&CasingId> = self
            .casings
            .values()
            .filter(|c| match &subject {
                Subject::Case(id) => c.scene.as_ref().and_then(|s| s.case.as_ref()) == Some(id),
                Subject::Group(id) => self.group_of.get(&c.id) == Some(id),
            })
            .map(|c| &c.id)
            .collect();
        let touched: BTreeSet<&String> =
            own.iter().filter_map(|id| self.group_of.get(*id)).collect();
        let grouped = |id: &CasingId| self.group_of.get(id).is_some_and(|g| touched.contains(g));
        let all: BTreeSet<&CasingId> =
            self.casings.keys().filter(|id| own.contains(id) || grouped(id)).collect();
        let casings: Vec<CasingEntry> = self.entries(&all, with_report, &BTreeSet::new());
        let groups = self.groups().into_iter().filter(|g| touched.contains(&g.id)).collect();
        let links = self.links(&|a, b| all.contains(a) && all.contains(b));
        let scenes = self.scenes(&all);
        let scene_events = scenes.iter().filter_map(|s| {
            let date: PartialDate = s.date.as_deref()?.parse().ok()?;
            Some(Event {
                date: date.first().to_string(),
                until: date.day().is_none().then(|| date.last().to_string()),
                kind: EventKind::Scene,
                scene: Some(s.id.clone()),
                firearm: None,
            })
        });
        let mut events: Vec<Event> = scene_events.collect();
        events.sort_by(|a, b| (&a.date, &a.scene).cmp(&(&b.date, &b.scene)));
        let header = self.header(&format!("case\n{subject}"));
        Ok(CaseReport { header, subject, casings, groups, links, scenes, events })
    }

    /// The scenes of some casings, by date, those without one last.
    fn scenes(&self, casings: &BTreeSet<&CasingId>) -> Vec<SceneEntry> {
        let mut scenes: BTreeMap<&SceneId, SceneEntry> = BTreeMap::new();
        for record in casings.iter().filter_map(|id| self.casings.get(*id)) {
            let Some(scene) = &record.scene else { continue };
            let entry = scenes.entry(&scene.id).or_insert_with(|| SceneEntry {
                id: scene.id.clone(),
                date: scene.date.map(|d| d.to_string()),
                state: scene.state.clone(),
                agency: scene.agency.clone(),
                case: scene.case.clone(),
                place: scene
                    .state
                    .as_deref()
                    .and_then(capital)
                    .map(|(latitude, longitude)| Place { latitude, longitude, of_state: true }),
                casings: Vec::new(),
            });
            entry.casings.push(record.id.clone());
        }
        let mut scenes: Vec<_> = scenes.into_values().collect();
        scenes.sort_by(|a, b| {
            (a.date.is_none(), &a.date, &a.id).cmp(&(b.date.is_none(), &b.date, &b.id))
        });
        scenes
    }
}
