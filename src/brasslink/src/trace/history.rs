//! A firearm's history in words, for `show`.

use types::evidence::{FirearmHistory, FirearmScene, Step};

/// The lines that tell a firearm's trace, and what its scenes are to it; none
/// where it was never traced nor shipped.
pub fn told(history: &FirearmHistory) -> Vec<String> {
    let mut lines = Vec::new();
    for trace in &history.traces {
        let reason = trace.reason.map_or(String::new(), |r| format!(" ({r})"));
        let outcome = trace.outcome.map_or("no result yet".into(), |o| format!("to {o}{reason}"));
        let time = trace.time_to_crime.map_or(String::new(), |t| format!(", {t} to crime"));
        lines.push(format!("  trace {}: {outcome}{time}", trace.request));
        lines.extend(trace.disposition.iter().map(|step| format!("    {}", hand(step))));
    }
    lines
        .extend(history.shipments.iter().map(|shipment| format!("  found in shipment {shipment}")));
    if lines.is_empty() {
        return lines;
    }
    for FirearmScene { scene, date, place, before_sale, across_border, .. } in &history.scenes {
        let date = date.map_or("?".into(), |d| d.to_string());
        let state = place.state.as_deref().unwrap_or("?");
        let sale = match before_sale {
            Some(true) => "before its sale: check the group, the trace and the dates",
            Some(false) => "after its sale",
            None => "before or after its sale",
        };
        let side = match across_border {
            Some(true) => ", across the border from its dealer",
            Some(false) => ", in its dealer's country",
            None => "",
        };
        lines.push(format!("  scene {scene}  {date}  {state}  {sale}{side}"));
    }
    lines
}

fn hand(Step { role, name, date }: &Step) -> String {
    let name = name.as_deref().unwrap_or("not known");
    let date = date.map_or(String::new(), |d| format!(", {d}"));
    format!("{role} {name}{date}")
}
