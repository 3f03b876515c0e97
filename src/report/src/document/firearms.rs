//! Firearms, their traces and the scenes of their groups.

use super::block::{Block, Fact, Hand, Style};
use super::span::{Line, Span, line, listed, or, said, when};
use super::table::Column;
use crate::model::{CaseReport, Indicator};
use crate::text::Strings;
use types::evidence::{ReportedFirearm, ReportedStep, ReportedTrace, Role, TimeToCrime};
use types::message::ToMessage;

/// Each firearm with its record, its traces and the scenes of its groups.
pub fn firearms(r: &CaseReport, t: &Strings) -> Block {
    let intro = if r.firearms.is_empty() { t.traced.none } else { t.traced.intro };
    let mut blocks = vec![Block::plain(intro)];
    for gun in &r.firearms {
        blocks.push(Block::heading(format!("{} {}", t.traced.firearm, gun.id)));
        blocks.push(facts(gun, t));
        if gun.traces.is_empty() {
            blocks.push(Block::plain(t.traced.not_traced));
        }
        gun.traces.iter().for_each(|trace| blocks.extend(traced(trace, t)));
        blocks.extend(scenes(r, gun, t));
    }
    Block::section("firearms", t.traced.title, blocks)
}

fn facts(gun: &ReportedFirearm, t: &Strings) -> Block {
    let record = gun.record.as_ref().map(|f| &f.description);
    let serial = |s| t.traced.serial_of(s);
    let ids = |ids: &mut dyn Iterator<Item = &str>| listed(ids.map(Span::from));
    let text = |text: Option<String>| text.map(Line::from);
    let shipments = ids(&mut gun.shipments.iter().map(|s| s.as_str()));
    let all = [
        (
            t.traced.firearm_type_title,
            text(record.and_then(|f| f.sort).map(|s| (t.traced.firearm_type)(s).into())),
        ),
        (t.traced.model, text(gun.make_and_model())),
        (t.calibre, text(record.and_then(|f| f.calibre.clone()))),
        (t.traced.serial, text(record.and_then(|f| f.serial.as_ref()).map(serial))),
        (t.traced.importer, text(record.and_then(|f| f.importer.clone()))),
        (
            t.traced.importer_serial,
            text(record.and_then(|f| f.importer_serial.as_ref()).map(serial)),
        ),
        (t.traced.country, text(record.and_then(|f| f.country.as_ref()).map(ToString::to_string))),
        (t.groups, Some(ids(&mut gun.groups.iter().map(String::as_str)))),
        (t.traced.test_fires, Some(listed(gun.test_fires.iter().cloned().map(Span::Casing)))),
        (t.traced.shipments, (!gun.shipments.is_empty()).then_some(shipments)),
    ];
    Block::facts(known(all))
}

/// The facts that there are.
fn known<const N: usize>(facts: [(&'static str, Option<Line>); N]) -> Vec<Fact> {
    facts.into_iter().filter_map(|(label, value)| Some(Fact::new(label, value?))).collect()
}

fn traced(trace: &ReportedTrace, t: &Strings) -> Vec<Block> {
    let sold_at = &trace.sold_at;
    let dealer = t.place(sold_at.municipality.as_deref(), sold_at.state.as_deref());
    let at = sold_at.coordinates.map(|at| Span::Behind(vec![at.latitude(), at.longitude()]));
    let facts = known([
        (t.traced.trace, Some(Span::Strong(trace.request.to_string()).into())),
        (
            t.traced.outcome,
            Some(or(trace.outcome.map(t.traced.outcome_of), t.traced.no_result).into()),
        ),
        (t.traced.reason, trace.reason.map(|r| (t.traced.no_trace)(r).into())),
        (t.traced.sold, trace.sold.map(|d| when(Some(d), t).into())),
        (t.traced.dealer_at, dealer.map(|d| Line([d.into()].into_iter().chain(at).collect()))),
        (t.traced.time_to_crime, trace.time_to_crime.map(|time| days(time, t))),
    ]);
    let hands = trace.disposition.iter().map(|step| Hand {
        role: (t.traced.role)(step.role()),
        name: hand(step, t).to_owned(),
        date: step.date().map(|d| when(Some(d), t).into()),
    });
    let hands = (!trace.disposition.is_empty()).then(|| Block::Hands {
        title: t.traced.disposition,
        columns: [t.traced.role_title, t.traced.name_title, t.date_title],
        hands: hands.collect(),
    });
    [Block::Facts { class: "trace", facts }].into_iter().chain(hands).collect()
}

/// Who a hand was; who bought it, no report says.
fn hand<'a>(step: &'a ReportedStep, t: &Strings) -> &'a str {
    match (step.role(), step.name()) {
        (Role::Purchaser, _) => t.traced.kept_apart,
        (_, Some(name)) => name,
        (_, None) => t.traced.not_named,
    }
}

fn days(time: TimeToCrime, t: &Strings) -> Line {
    let words = Line::from(said(&time.to_message(), t));
    match time {
        TimeToCrime::Days { least, most } => {
            words.and(Span::Behind([least, most].map(f64::from).into()))
        }
        _ => words,
    }
}

fn scenes(r: &CaseReport, gun: &ReportedFirearm, t: &Strings) -> Vec<Block> {
    if gun.scenes.is_empty() {
        return vec![Block::plain(t.traced.no_scenes)];
    }
    let columns = vec![
        Column::numbers(t.number, 0.0),
        Column::names(t.scene, 1.2).first(),
        Column::words(t.date_title, 1.4),
        Column::words(t.place_title, 2.0),
        Column::words(t.traced.before_or_after, 1.4),
        Column::words(t.traced.side, 1.4),
    ];
    let rows = gun.scenes.iter().map(|s| -> Vec<Line> {
        let place = t.place(s.municipality.as_deref(), s.state.as_deref());
        vec![
            r.number(&s.scene).map_or_else(|| "–".into(), |n| n.to_string().into()),
            s.scene.as_str().into(),
            when(s.date, t).into(),
            or(place.as_deref(), "–").into(),
            Span::from((t.traced.before_sale)(s.before_sale)).into(),
            Span::from((t.traced.across_border)(s.across_border)).into(),
        ]
    });
    let table = Block::counted(t.traced.scenes, columns, rows.collect());
    let doubtful = gun.scenes.iter().any(|s| s.before_sale == Some(true));
    let doubtful = doubtful.then(|| Block::text(Style::Remark, t.traced.doubtful));
    [table].into_iter().chain(doubtful).collect()
}

/// The signs of trafficking, never without the caution.
pub fn indicators(signs: &[Indicator], t: &Strings) -> Option<Block> {
    if signs.is_empty() {
        return None;
    }
    let columns = vec![
        Column::words(t.traced.sign_title, 2.0).first(),
        Column::words(t.firearms_title, 1.0),
        Column::words(t.traced.common, 1.5),
    ];
    let rows = signs.iter().map(|i| -> Vec<Line> {
        vec![
            line([(t.traced.sign)(i.sign).into()]),
            listed(i.firearms.iter().map(|f| f.as_str().into())),
            or(i.common.as_deref(), "–").into(),
        ]
    });
    let table = Block::counted(t.traced.indicators, columns, rows.collect());
    let caution = Block::text(Style::Warning, t.traced.caution);
    Some(Block::section("indicators", t.traced.indicators, vec![caution, table]))
}
