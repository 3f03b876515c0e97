//! The case or lead report: what ties casings, firearms and scenes.

use super::block::{Block, Fact};
use super::decisions::decisions;
use super::firearms::{firearms, indicators};
use super::span::{Line, Span, count, line, listed, number, or, when};
use super::table::Column;
use super::tables::{casings, groups, links};
use super::theirs::theirs;
use crate::figure::{drawing, event_line, map_caption, marks, named, scene_map};
use crate::model::{CaseReport, LinkEntry, PlaceOnMap};
use crate::text::Strings;
use std::collections::BTreeSet;

/// What a case or lead report says.
pub fn case(r: &CaseReport, t: &Strings) -> Vec<Block> {
    let mut blocks = vec![brief(r, t)];
    blocks.extend(decisions(&r.decisions, t));
    blocks.push(scenes(r, t));
    blocks.extend(events(r, t));
    blocks.push(firearms(r, t));
    blocks.extend(indicators(&r.indicators, t));
    blocks.push(groups(&r.groups, false, t));
    blocks.push(linked(r, t));
    blocks.extend(theirs(&r.theirs, t));
    blocks.push(casings(&r.casings, t));
    blocks
}

fn brief(r: &CaseReport, t: &Strings) -> Block {
    let firearms = if r.firearms.is_empty() {
        Span::Absent(t.none.into()).into()
    } else {
        listed(r.firearms.iter().map(|f| f.id.as_str().into()))
    };
    let facts = vec![
        Fact::new(t.subject, Span::Strong(r.subject.to_string())),
        Fact::new(t.casings, count(r.casings.len() as u64)),
        Fact::new(t.scenes, count(r.scenes.len() as u64)),
        Fact::new(t.groups, count(r.groups.len() as u64)),
        Fact::new(t.links, count(r.links.len() as u64)),
        Fact::new(t.firearms_title, firearms),
        Fact::new(t.weight, or(populations(&r.links).as_deref(), t.not_calibrated)),
    ];
    Block::Section {
        id: "brief".into(),
        of: None,
        class: "brief",
        title: t.subject.into(),
        blocks: vec![Block::facts(facts)],
    }
}

/// The populations that links were weighed by; none where none was.
fn populations(links: &[LinkEntry]) -> Option<String> {
    let names: BTreeSet<&str> =
        links.iter().filter_map(|l| Some(l.weight.as_ref()?.population.as_str())).collect();
    (!names.is_empty()).then(|| names.into_iter().collect::<Vec<_>>().join(", "))
}

fn linked(r: &CaseReport, t: &Strings) -> Block {
    let blocks = if r.links.is_empty() {
        vec![Block::plain(format!("{} {}", t.no_links, t.judged_in_summary))]
    } else {
        let records: Vec<_> = r.casings.iter().map(|e| e.casing.clone()).collect();
        let svg = drawing(&records, &r.links, &|c| r.is_own(c), t);
        let caption = t.group_intro.to_owned();
        vec![
            Block::plain(t.links_note),
            Block::Drawing { svg, alt: t.group_graph_alt, caption },
            links(&r.links, t),
        ]
    };
    Block::section("links", t.links, blocks)
}

fn scenes(r: &CaseReport, t: &Strings) -> Block {
    let columns = vec![
        Column::numbers(t.number, 0.0),
        Column::words(t.scene, 1.5).first(),
        Column::words(t.date_title, 1.5),
        Column::words(t.place_title, 2.6),
        Column::words(t.case, 1.8),
        Column::words(t.casings, 2.0),
    ];
    let below = |text: &str| line([Span::Break, Span::Small(text.into())]);
    let rows = r.scenes.iter().enumerate().map(|(i, s)| -> Vec<Line> {
        let scene = Line::from(Span::Name(s.id.as_str().into()));
        let case = or(s.case.as_ref().map(|c| c.as_str()), "–");
        let case = Line::from(Span::Name(case.into()));
        vec![
            (i + 1).to_string().into(),
            match s.kind {
                Some(kind) => scene.and(below((t.traced.scene_kind)(kind))),
                None => scene,
            },
            when(s.date, t).into(),
            place(s.municipality.as_deref(), s.state.as_deref(), s.place, t),
            match &s.agency {
                Some(agency) => case.and(below(agency)),
                None => case,
            },
            if s.casings.is_empty() {
                Line::default()
            } else {
                listed(s.casings.iter().cloned().map(Span::Casing))
            },
        ]
    });
    let table = Block::counted(t.scenes, columns, rows.collect());
    let map = scene_map(r, t);
    let map = map.map(|svg| Block::Drawing { svg, alt: t.map_alt, caption: map_caption(r, t) });
    Block::section("scenes", t.scenes, map.into_iter().chain([table]).collect())
}

/// Municipality and state, and the coordinates where they are recorded; those
/// that only stand in for them are no finding and stay behind the words.
fn place(
    municipality: Option<&str>,
    state: Option<&str>,
    at: Option<PlaceOnMap>,
    t: &Strings,
) -> Line {
    let named = Line::from(or(t.place(municipality, state).as_deref(), "–"));
    match at {
        None => named,
        Some(p) if p.is_recorded() => {
            let [north, east] = [p.latitude, p.longitude].map(|v| number(v, 4));
            let at = line([north, "°, ".into(), east, "°".into()]);
            named.and(line([Span::Break, Span::Small(Span::Name(at).into())]))
        }
        Some(p) => named.and(Span::Behind(vec![p.latitude, p.longitude])),
    }
}

fn events(r: &CaseReport, t: &Strings) -> Option<Block> {
    if r.events.is_empty() {
        return None;
    }
    let columns = vec![
        Column::numbers(t.number, 0.0),
        Column::words(t.date_title, 1.5),
        Column::names(format!("{} / {}", t.scene, t.firearm), 1.5).first(),
        Column::words(t.events_title, 1.3),
        Column::words(t.place_title, 2.2),
    ];
    let rows = r.events.iter().zip(marks(r)).map(|(e, mark)| -> Vec<Line> {
        vec![
            mark.into(),
            when(e.date, t).into(),
            named(e).into(),
            Span::from((t.traced.event)(e.kind)).into(),
            place(e.municipality.as_deref(), e.state.as_deref(), e.place, t),
        ]
    });
    let table = Block::counted(t.events_title, columns, rows.collect());
    let drawn = event_line(&r.events, t).map(|svg| Block::Drawing {
        svg,
        alt: t.timeline_alt,
        caption: t.timeline_intro.to_owned(),
    });
    let blocks = drawn.into_iter().chain([table]).collect();
    Some(Block::section("timeline", t.timeline_title, blocks))
}
