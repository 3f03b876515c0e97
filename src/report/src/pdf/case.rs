//! The pages of case reports, and the lists they share with the batch summary.

use super::content::{Content, count, day, right};
use super::decisions::decisions;
use super::items::provenance;
use super::sheet::{Cell, Style};
use super::theirs::theirs;
use super::way::{firearms, indicators};
use crate::figure::{event_line, map_caption, marks, named, scene_map};
use crate::html::{drawing, populations};
use crate::model::{CaseReport, CasingEntry, GroupEntry, Place};
use crate::text::{Strings, probability, rounded};
use types::evidence::{CasingRecord, PartialDate};

/// A case or lead report.
pub fn case(c: &mut Content, r: &CaseReport) {
    let t = c.t;
    c.sheet.heading(1, t.subject);
    let known: Vec<&str> = r.firearms.iter().map(|f| f.id.as_str()).collect();
    c.sheet.facts(vec![
        (t.subject, r.subject.to_string()),
        (t.casings, count(r.casings.len() as u64)),
        (t.scenes, count(r.scenes.len() as u64)),
        (t.groups, count(r.groups.len() as u64)),
        (t.links, count(r.links.len() as u64)),
        (t.firearms_title, if known.is_empty() { t.none.into() } else { known.join(", ") }),
        (t.weight, populations(&r.links).unwrap_or_else(|| t.not_calibrated.into())),
    ]);
    decisions(c, &r.decisions);
    scenes(c, r);
    events(c, r);
    firearms(c, r);
    indicators(c, &r.indicators);
    c.groups(&r.groups);
    links(c, r);
    theirs(c, &r.theirs);
    c.casings(&r.casings);
}

fn links(c: &mut Content, r: &CaseReport) {
    let t = c.t;
    c.sheet.heading(1, t.links);
    if r.links.is_empty() {
        c.sheet.text(Style::Plain, format!("{} {}", t.no_links, t.judged_in_summary));
    } else {
        c.sheet.text(Style::Plain, t.links_note);
        let records: Vec<CasingRecord> = r.casings.iter().map(|e| e.casing.clone()).collect();
        let drawn = drawing(&records, &r.links, &|k| r.is_own(k), t);
        c.drawing(&drawn, t.group_graph_alt, t.group_intro.into());
        c.links(&r.links);
    }
}

fn scenes(c: &mut Content, r: &CaseReport) {
    let t = c.t;
    c.sheet.heading(1, t.scenes);
    if let Some(drawn) = scene_map(r, t) {
        c.drawing(&drawn, t.map_alt, map_caption(r, t));
    }
    let scenes = r.scenes.iter().enumerate().map(|(i, s)| {
        vec![
            (i + 1).to_string().into(),
            s.id.as_str().into(),
            when(s.date, t).into(),
            s.kind.map_or("–", t.way.scene_kind).into(),
            place(s.municipality.as_deref(), s.state.as_deref(), s.place, t).into(),
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
            (t.events_title, 1.3),
            (t.place_title, 2.6),
            (t.case, 1.6),
            (t.casings, 2.0),
        ],
        scenes.collect(),
    );
}

/// A date as far as it is known.
pub fn when(date: Option<PartialDate>, t: &Strings) -> String {
    day(date.map(|d| d.to_string()).as_deref(), t)
}

/// Municipality and state, and the coordinates where they are recorded.
fn place(
    municipality: Option<&str>,
    state: Option<&str>,
    at: Option<Place>,
    t: &Strings,
) -> String {
    let named = t.place(municipality, state).unwrap_or_else(|| "–".into());
    match at {
        Some(p) if p.is_recorded() => {
            format!("{named}\n{}°, {}°", rounded(p.latitude, 4), rounded(p.longitude, 4))
        }
        _ => named,
    }
}

fn events(c: &mut Content, r: &CaseReport) {
    let t = c.t;
    if r.events.is_empty() {
        return;
    }
    c.sheet.heading(1, t.timeline_title);
    if let Some(drawn) = event_line(&r.events, t) {
        c.drawing(&drawn, t.timeline_alt, t.timeline_intro.into());
    }
    let rows = r.events.iter().zip(marks(r)).map(|(e, mark)| -> Vec<Cell> {
        vec![
            mark.into(),
            when(e.date, t).into(),
            named(e).into(),
            (t.way.event)(e.kind).into(),
            place(e.municipality.as_deref(), e.state.as_deref(), e.place, t).into(),
        ]
    });
    let who = format!("{} / {}", t.scene, t.firearm);
    c.sheet.table(
        format!("{}: {}", t.events_title, r.events.len()),
        &[
            (&right(t.number), 0.0),
            (t.date_title, 1.5),
            (&who, 1.5),
            (t.events_title, 1.3),
            (t.place_title, 2.2),
        ],
        rows.collect(),
    );
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
                probability(g.confidence).into(),
                g.prototype.as_ref().map_or("–", |k| k.as_str()).into(),
                listed(g.firearms.iter().map(|k| k.as_str()).collect()).into(),
                listed(g.scenes.iter().map(|k| k.as_str()).collect()).into(),
            ]
        });
        self.sheet.table(
            format!("{}: {}", t.groups, groups.len()),
            &[
                (t.group, 0.0),
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
                (t.group, 0.0),
            ],
            rows.collect(),
        );
    }
}
