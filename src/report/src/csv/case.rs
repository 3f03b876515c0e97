//! A case report as rows: links, events, traces, scenes of firearms and signs,
//! told apart by the column `row`.

use super::{shown, text};
use crate::model::{CaseReport, Concluded, Event, Indicator, LinkEntry, TheirWord};
use statistics::link::Conflict;
use types::evidence::{
    ReportedFirearm, ReportedScene, ReportedTrace, SameAcquisition, TimeToCrime,
};

pub const COLUMNS: [&str; 24] = [
    "report_id",
    "row",
    "mark_kind",
    "a",
    "b",
    "score",
    "cells",
    "congruent_cells",
    "group",
    "log10_lr",
    "log10_lr_lower",
    "log10_lr_upper",
    "lr_population",
    "what",
    "date",
    "scene",
    "firearm",
    "trace",
    "municipality",
    "state",
    "latitude",
    "longitude",
    "days",
    "common",
];

/// Some cells of a row, by column.
type Cells = Vec<(&'static str, String)>;

/// Every row of a case report.
pub fn rows(r: &CaseReport) -> Vec<Vec<String>> {
    let of_firearms = r.firearms.iter().flat_map(|gun| {
        let traces = gun.traces.iter().map(|found| trace(gun, found));
        traces.chain(gun.scenes.iter().map(|seen| scene(gun, seen))).collect::<Vec<_>>()
    });
    let cells = r.links.iter().map(link).chain(r.events.iter().map(event));
    let cells = cells.chain(of_firearms).chain(r.indicators.iter().map(indicator));
    let cells = cells.chain(r.decisions.concluded.iter().map(concluded));
    let cells = cells.chain(r.decisions.conflicts.iter().map(conflict));
    let cells = cells.chain(r.theirs.iter().map(theirs));
    let cells = cells.chain(r.header.same_acquisition.iter().map(same_acquisition));
    cells.map(|cells| row(&r.header.report_id, &cells)).collect()
}

fn row(report_id: &str, cells: &Cells) -> Vec<String> {
    let cell = |column: &&str| match *column {
        "report_id" => text(report_id),
        name => cells.iter().find(|(n, _)| *n == name).map(|c| c.1.clone()).unwrap_or_default(),
    };
    COLUMNS.iter().map(cell).collect()
}

/// One person's conclusion; `common` is who, `group` what became of it.
fn concluded(c: &Concluded) -> Cells {
    vec![
        ("row", "conclusion".into()),
        ("what", c.conclusion.word().into()),
        ("a", text(c.a.as_str())),
        ("b", text(c.b.as_str())),
        ("date", text(&c.at)),
        ("group", c.status.word().into()),
        ("common", text(&c.by)),
    ]
}

/// A decision or record that the scores contradict.
fn conflict(c: &Conflict) -> Cells {
    vec![
        ("row", "conflict".into()),
        ("what", text(&c.to_string())),
        ("a", text(&c.a)),
        ("b", text(&c.b)),
        ("score", shown(c.score)),
    ]
}

/// Two casings that are kept apart from links.
fn same_acquisition(s: &SameAcquisition) -> Cells {
    vec![
        ("row", "same_acquisition".into()),
        ("what", s.why.word().into()),
        ("a", text(s.a.as_str())),
        ("b", text(s.b.as_str())),
    ]
}

fn link(l: &LinkEntry) -> Cells {
    let w = l.weight.as_ref();
    vec![
        ("row", "link".into()),
        ("mark_kind", l.kind.word().into()),
        ("a", text(l.a.as_str())),
        ("b", text(l.b.as_str())),
        ("score", l.score.to_string()),
        ("cells", l.cells.to_string()),
        ("congruent_cells", l.congruent_cells.to_string()),
        ("group", l.group.as_deref().map_or_else(String::new, text)),
        ("log10_lr", shown(w.map(|w| w.log10_lr))),
        ("log10_lr_lower", shown(w.map(|w| w.log10_lower))),
        ("log10_lr_upper", shown(w.map(|w| w.log10_upper))),
        ("lr_population", w.map_or_else(String::new, |w| text(&w.population))),
    ]
}

fn event(e: &Event) -> Cells {
    // Coordinates are given only where they are recorded.
    let at = e.place.filter(|p| p.is_recorded());
    vec![
        ("row", "event".into()),
        ("what", e.kind.word().into()),
        ("date", shown(e.date)),
        ("scene", e.scene.as_ref().map_or_else(String::new, |s| text(s.as_str()))),
        ("firearm", e.firearm.as_ref().map_or_else(String::new, |f| text(f.as_str()))),
        ("municipality", e.municipality.as_deref().map_or_else(String::new, text)),
        ("state", e.state.as_deref().map_or_else(String::new, text)),
        ("latitude", shown(at.map(|p| p.latitude))),
        ("longitude", shown(at.map(|p| p.longitude))),
    ]
}

fn trace(gun: &ReportedFirearm, found: &ReportedTrace) -> Cells {
    let what = found.reason.map(|r| r.word()).or(found.outcome.map(|o| o.word()));
    let days = found.time_to_crime.map(|time| match time {
        TimeToCrime::Days { least, most } if least == most => least.to_string(),
        TimeToCrime::Days { least, most } => format!("{least}/{most}"),
        TimeToCrime::Impossible => "impossible".into(),
    });
    vec![
        ("row", "trace".into()),
        ("what", shown(what)),
        ("date", shown(found.sold)),
        ("firearm", text(gun.id.as_str())),
        ("trace", text(found.request.as_str())),
        ("municipality", found.sold_at.municipality.as_deref().map_or_else(String::new, text)),
        ("state", found.sold_at.state.as_deref().map_or_else(String::new, text)),
        ("days", shown(days)),
    ]
}

fn scene(gun: &ReportedFirearm, seen: &ReportedScene) -> Cells {
    let sale = match seen.before_sale {
        Some(true) => "before_sale",
        Some(false) => "after_sale",
        None => "sale_unknown",
    };
    let side = match seen.across_border {
        Some(true) => "across_border",
        Some(false) => "same_country",
        None => "side_unknown",
    };
    vec![
        ("row", "scene_of_firearm".into()),
        ("group", text(&gun.groups.join(" "))),
        ("what", format!("{sale} {side}")),
        ("date", shown(seen.date)),
        ("scene", text(seen.scene.as_str())),
        ("firearm", text(gun.id.as_str())),
        ("municipality", seen.municipality.as_deref().map_or_else(String::new, text)),
        ("state", seen.state.as_deref().map_or_else(String::new, text)),
    ]
}

/// What another agency says: about `a` and `b`; the agency and its record are
/// what it has in common with others of its.
fn theirs(w: &TheirWord) -> Cells {
    let about = |n: usize| w.about.get(n).map_or_else(String::new, |id| text(id));
    vec![
        ("row", "other_agency".into()),
        ("what", w.says.word().into()),
        ("a", about(0)),
        ("b", about(1)),
        ("date", w.at.as_deref().map_or_else(String::new, text)),
        ("common", text(&format!("{} {}", w.from, w.record))),
    ]
}

fn indicator(i: &Indicator) -> Cells {
    let firearms: Vec<&str> = i.firearms.iter().map(|f| f.as_str()).collect();
    vec![
        ("row", "indicator".into()),
        ("what", i.sign.word().into()),
        ("firearm", text(&firearms.join(" "))),
        ("common", i.common.as_deref().map_or_else(String::new, text)),
    ]
}
