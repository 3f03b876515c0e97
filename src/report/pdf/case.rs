//! The pages of case reports, and the lists they share with the batch summary.

use super::content::{Content, count, day, right};
use super::items::provenance;
use super::sheet::Style;
use crate::evidence::CasingRecord;
use crate::report::html::{drawing, event_line, named, populations, scene_map};
use crate::report::model::{CaseReport, CasingEntry, GroupEntry, Subject};
use crate::report::text::rounded;

/// A case or lead report.
pub fn case(c: &mut Content, r: &CaseReport) {
    let t = c.t;
    c.sheet.heading(1, t.subject);
    c.sheet.facts(vec![
        (t.subject, r.subject.to_string()),
        (t.casings, count(r.casings.len() as u64)),
        (t.scenes, count(r.scenes.len() as u64)),
        (t.groups, count(r.groups.len() as u64)),
        (t.links, count(r.links.len() as u64)),
        (t.weight, populations(&r.links).unwrap_or_else(|| t.not_calibrated.into())),
    ]);
    c.sheet.heading(1, t.links);
    if r.links.is_empty() {
        c.sheet.text(Style::Plain, t.no_links);
    } else {
        c.sheet.text(Style::Plain, t.links_note);
        let records: Vec<CasingRecord> = r.casings.iter().map(|e| e.casing.clone()).collect();
        let own = |k: &CasingRecord| match &r.subject {
            Subject::Case(id) => k.scene.as_ref().and_then(|s| s.case.as_ref()) == Some(id),
            Subject::Group(_) => false,
        };
        c.drawing(&drawing(&records, &r.links, &own, t), t.group_graph_alt, t.group_intro.into());
        c.links(&r.links);
    }
    c.sheet.heading(1, t.scenes);
    if let Some(drawn) = scene_map(r, t) {
        let of_state = r.scenes.iter().filter_map(|s| s.place).any(|p| p.of_state);
        let states = if of_state { t.map_states } else { "" };
        c.drawing(&drawn, t.map_alt, format!("{} {states}", t.map_intro));
    }
    let scenes = r.scenes.iter().enumerate().map(|(i, s)| {
        vec![
            (i + 1).to_string().into(),
            s.id.as_str().into(),
            day(s.date.as_deref(), t).into(),
            s.state.as_deref().unwrap_or("–").into(),
            s.place
                .map_or("–".into(), |p| {
                    format!("{}°, {}°", rounded(p.latitude, 4), rounded(p.longitude, 4))
                })
                .into(),
            s.case.as_ref().map_or("–", |k| k.as_str()).into(),
            s.casings.iter().map(|k| k.as_str()).collect::<Vec<_>>().join(", ").into(),
        ]
    });
    c.sheet.table(
        format!("{}: {}", t.scenes, r.scenes.len()),
        &[
            (&right(t.number), 0.0),
            (t.scene, 1.5),
            (t.date_title, 1.5),
            (t.state_title, 1.0),
            (t.place_title, 1.6),
            (t.case, 1.6),
            (t.casings, 2.0),
        ],
        scenes.collect(),
    );
    if !r.events.is_empty() {
        c.sheet.heading(1, t.timeline_title);
        if let Some(drawn) = event_line(&r.events, t) {
            c.drawing(&drawn, t.timeline_alt, String::new());
        }
        let events = r.events.iter().map(|e| {
            let until =
                e.until.as_ref().map_or(String::new(), |u| format!(" – {}", day(Some(u), t)));
            let when = day(Some(&e.date), t) + &until;
            vec![when.into(), (t.event)(e.kind).into(), named(e).into()]
        });
        c.sheet.table(
            format!("{}: {}", t.events_title, r.events.len()),
            &[(t.date_title, 1.0), (t.events_title, 1.0), (t.scene, 2.0)],
            events.collect(),
        );
    }
    c.groups(&r.groups);
    c.casings(&r.casings);
}

impl Content {
    /// Proposed groups.
    pub fn groups(&mut self, groups: &[GroupEntry]) {
        let t = self.t;
        self.sheet.heading(1, t.groups);
        if groups.is_empty() {
            self.sheet.text(Style::Plain, t.no_groups);
            return;
        }
        self.sheet.text(Style::Plain, t.groups_note);
        let listed =
            |items: Vec<&str>| if items.is_empty() { "–".into() } else { items.join(", ") };
        let rows = groups.iter().map(|g| {
            vec![
                g.id.as_str().into(),
                listed(g.casings.iter().map(|k| k.as_str()).collect()).into(),
                rounded(g.confidence, 3).into(),
                g.prototype.as_ref().map_or("–", |k| k.as_str()).into(),
                listed(g.firearms.iter().map(|k| k.as_str()).collect()).into(),
                listed(g.scenes.iter().map(|k| k.as_str()).collect()).into(),
            ]
        });
        self.sheet.table(
            format!("{}: {}", t.groups, groups.len()),
            &[
                (t.group, 2.0),
                (t.casings, 3.0),
                (&right(t.confidence), 1.2),
                (t.prototype, 1.6),
                (t.firearms_title, 1.6),
                (t.scenes, 1.6),
            ],
            rows.collect(),
        );
    }

    /// Casings as a list.
    pub fn casings(&mut self, entries: &[CasingEntry]) {
        let t = self.t;
        self.sheet.heading(1, t.casings);
        let rows = entries.iter().map(|e| {
            let new = if e.new { format!(" ({})", t.is_new) } else { String::new() };
            vec![
                format!("{}{new}", e.casing.id).into(),
                provenance(&e.casing, t).into(),
                e.first_candidate.as_ref().map_or("–", |k| k.as_str()).into(),
                e.first_score.map_or("–".into(), |s| rounded(s, 2)).into(),
                e.group.as_deref().unwrap_or("–").into(),
            ]
        });
        self.sheet.table(
            format!("{}: {}", t.casings, entries.len()),
            &[
                (t.casing, 2.0),
                (t.origin_title, 3.0),
                (t.first_candidate, 2.0),
                (&right(t.score), 1.0),
                (t.group, 2.0),
            ],
            rows.collect(),
        );
    }
}
