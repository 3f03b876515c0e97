//! Firearms, their traces and their way through the scenes, on paper.

use super::case::when;
use super::content::{Content, right};
use super::sheet::Style;
use crate::html::hand;
use crate::model::{CaseReport, FirearmWay, Indicator, TraceEntry};

/// Each firearm with its record, its traces and the scenes of its groups.
pub fn firearms(c: &mut Content, r: &CaseReport) {
    let t = c.t;
    c.sheet.heading(1, t.way.title);
    c.sheet.text(Style::Plain, if r.firearms.is_empty() { t.way.none } else { t.way.intro });
    for gun in &r.firearms {
        c.sheet.heading(2, format!("{} {}", t.way.firearm, gun.id));
        facts(c, gun);
        if gun.traces.is_empty() {
            c.sheet.text(Style::Plain, t.way.not_traced);
        }
        gun.traces.iter().for_each(|trace| traced(c, trace));
        scenes(c, r, gun);
    }
}

fn facts(c: &mut Content, gun: &FirearmWay) {
    let t = c.t;
    let record = gun.record.as_ref().map(|f| &f.description);
    let serial = |s| t.way.serial_of(s);
    let dash = |text: String| if text.is_empty() { "–".into() } else { text };
    let test_fires: Vec<&str> = gun.test_fires.iter().map(|k| k.as_str()).collect();
    let shipments: Vec<&str> = gun.shipments.iter().map(|s| s.as_str()).collect();
    c.sheet.facts(known([
        (t.way.sort, record.and_then(|f| f.sort).map(|s| (t.way.firearm_type)(s).to_owned())),
        (t.way.model, gun.make_and_model()),
        (t.calibre, record.and_then(|f| f.calibre.clone())),
        (t.way.serial, record.and_then(|f| f.serial.as_ref()).map(serial)),
        (t.way.importer, record.and_then(|f| f.importer.clone())),
        (t.way.importer_serial, record.and_then(|f| f.importer_serial.as_ref()).map(serial)),
        (t.way.country, record.and_then(|f| f.country.as_ref()).map(ToString::to_string)),
        (t.groups, Some(dash(gun.groups.join(", ")))),
        (t.way.test_fires, Some(dash(test_fires.join(", ")))),
        (t.way.shipments, (!shipments.is_empty()).then(|| shipments.join(", "))),
    ]));
}

/// The facts that there are.
fn known<const N: usize>(
    facts: [(&'static str, Option<String>); N],
) -> Vec<(&'static str, String)> {
    facts.into_iter().filter_map(|(label, value)| Some((label, value?))).collect()
}

fn traced(c: &mut Content, trace: &TraceEntry) {
    let t = c.t;
    let sold_at = &trace.sold_at;
    let outcome = trace.outcome.map_or(t.way.no_result, t.way.outcome_of);
    let time = trace.time_to_crime.map(|d| t.said(&d.to_string()).text.into_owned());
    c.sheet.facts(known([
        (t.way.trace, Some(trace.request.to_string())),
        (t.way.outcome, Some(outcome.to_owned())),
        (t.way.reason, trace.reason.map(|r| (t.way.no_trace)(r).to_owned())),
        (t.way.sold, trace.sold.map(|d| when(Some(d), t))),
        (t.way.dealer_at, t.place(sold_at.municipality.as_deref(), sold_at.state.as_deref())),
        (t.way.time_to_crime, time),
    ]));
    if trace.disposition.is_empty() {
        return;
    }
    let rows = trace.disposition.iter().map(|step| {
        let day = step.date.map_or("–".into(), |d| when(Some(d), t));
        vec![(t.way.role)(step.role).into(), hand(step, t).into(), day.into()]
    });
    c.sheet.table(
        t.way.disposition.into(),
        &[(t.way.role_title, 1.0), (t.way.name_title, 2.0), (t.date_title, 1.0)],
        rows.collect(),
    );
}

fn scenes(c: &mut Content, r: &CaseReport, gun: &FirearmWay) {
    let t = c.t;
    if gun.scenes.is_empty() {
        c.sheet.text(Style::Plain, t.way.no_scenes);
        return;
    }
    let rows = gun.scenes.iter().map(|s| {
        let place = t.place(s.municipality.as_deref(), s.state.as_deref());
        vec![
            r.number(&s.scene).map_or("–".into(), |n| n.to_string()).into(),
            s.scene.as_str().into(),
            when(s.date, t).into(),
            place.unwrap_or_else(|| "–".into()).into(),
            (t.way.before_sale)(s.before_sale).into(),
            (t.way.across_border)(s.across_border).into(),
        ]
    });
    c.sheet.table(
        format!("{}: {}", t.way.scenes, gun.scenes.len()),
        &[
            (&right(t.number), 0.0),
            (t.scene, 1.2),
            (t.date_title, 1.4),
            (t.place_title, 2.0),
            (t.way.before_or_after, 1.4),
            (t.way.side, 1.4),
        ],
        rows.collect(),
    );
    if gun.scenes.iter().any(|s| s.before_sale == Some(true)) {
        c.sheet.text(Style::Warning, t.way.doubtful);
    }
}

/// The signs of trafficking, never without the caution.
pub fn indicators(c: &mut Content, signs: &[Indicator]) {
    let t = c.t;
    if signs.is_empty() {
        return;
    }
    c.sheet.heading(1, t.way.indicators);
    c.sheet.text(Style::Warning, t.way.caution);
    let rows = signs.iter().map(|i| {
        let firearms: Vec<&str> = i.firearms.iter().map(|f| f.as_str()).collect();
        let common = i.common.as_deref().unwrap_or("–");
        vec![(t.way.sign)(i.sign).into(), firearms.join(", ").into(), common.into()]
    });
    c.sheet.table(
        format!("{}: {}", t.way.indicators, signs.len()),
        &[(t.way.sign_title, 2.0), (t.firearms_title, 1.0), (t.way.common, 1.5)],
        rows.collect(),
    );
}
