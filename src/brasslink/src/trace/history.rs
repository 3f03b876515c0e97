//! A firearm's history in words, for `show`.

use types::evidence::{CustodyStep, FirearmHistory, FirearmScene};
use types::message::{Message, say};

/// The lines that tell a firearm's trace, and what its scenes are to it; none
/// where it was never traced nor shipped.
pub fn told(history: &FirearmHistory) -> Vec<Message> {
    let mut lines = Vec::new();
    for trace in &history.traces {
        let outcome = match (trace.outcome, trace.reason) {
            (Some(outcome), Some(reason)) => say!("to {outcome} ({reason})"),
            (Some(outcome), None) => say!("to {outcome}"),
            (None, _) => say!("no result yet"),
        };
        lines.push(match trace.time_to_crime {
            Some(time) => say!("  trace {}: {outcome}, {time} to crime", trace.request),
            None => say!("  trace {}: {outcome}", trace.request),
        });
        lines.extend(trace.disposition.iter().map(|step| say!("    {}", hand(step))));
    }
    lines.extend(history.shipments.iter().map(|shipment| say!("  found in shipment {shipment}")));
    if lines.is_empty() {
        return lines;
    }
    for FirearmScene { scene, date, place, before_sale, across_border, .. } in &history.scenes {
        let date = date.map_or("?".into(), |d| d.to_string());
        let state = place.state.as_deref().unwrap_or("?");
        let sale = match before_sale {
            Some(true) => say!("before its sale: check the group, the trace and the dates"),
            Some(false) => say!("after its sale"),
            None => say!("before or after its sale"),
        };
        let place = say!("  scene {scene}  {date}  {state}  {sale}");
        lines.push(match across_border {
            Some(true) => say!("{place}, across the border from its dealer"),
            Some(false) => say!("{place}, in its dealer's country"),
            None => place,
        });
    }
    lines
}

fn hand(CustodyStep { role, name, date }: &CustodyStep) -> Message {
    let name = match name {
        Some(name) => Message::foreign(name.as_str()),
        None => say!("not known"),
    };
    match date {
        Some(date) => say!("{role} {name}, {date}"),
        None => say!("{role} {name}"),
    }
}
