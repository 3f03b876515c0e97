//! Signs of trafficking in a laboratory's traces.

use super::Traces;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use types::evidence::{FirearmId, Serial, Sign, TimeToCrime};
use types::message::{Message, say};

types::coded!(mod what: Message as what and coded_what);

/// One sign and the firearms that show it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Indicator {
    /// What kind.
    pub sign: Sign,
    /// What they have in common: a time, who stands for a purchaser, a dealer.
    #[serde(flatten, with = "what")]
    pub what: Message,
    /// The firearms, in order.
    pub firearms: Vec<FirearmId>,
}

/// The signs that traces show, by kind; a firearm that was traced twice counts
/// once.
pub fn indicators(traces: &Traces) -> Vec<Indicator> {
    let mut signs: BTreeMap<(Sign, Message), BTreeSet<FirearmId>> = BTreeMap::new();
    for request in &traces.requests {
        let mut show = |sign, what: Message| {
            signs.entry((sign, what)).or_default().insert(request.firearm.clone());
        };
        if request.description.serial == Some(Serial::Obliterated) {
            show(Sign::ObliteratedSerial, say!("the serial number was removed"));
        }
        let Some(result) = traces.results.get(&request.id) else { continue };
        let time = TimeToCrime::between(result.sale.date, request.recovered);
        if let Some(time) = time.filter(|time| time.short() == Some(true)) {
            show(Sign::ShortTimeToCrime, say!("{} ({time})", request.firearm));
        }
        if let Some(purchaser) = &result.sale.purchaser {
            show(Sign::OnePurchaser, Message::foreign(purchaser.to_string()));
        }
        let dealer = result.dealer.licence.as_ref().or(result.dealer.name.as_ref());
        if let Some(dealer) = dealer {
            show(Sign::OneDealer, Message::foreign(dealer.clone()));
            if let Some(day) = result.sale.date.and_then(|date| date.day()) {
                show(Sign::SoldTogether, say!("{dealer}, {day}"));
            }
        }
    }
    let several = |sign, guns: &BTreeSet<_>| {
        matches!(sign, Sign::ShortTimeToCrime | Sign::ObliteratedSerial) || guns.len() > 1
    };
    signs
        .into_iter()
        .filter(|((sign, _), guns)| several(*sign, guns))
        .map(|((sign, what), guns)| Indicator { sign, what, firearms: guns.into_iter().collect() })
        .collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use serde_json::json;
    use types::evidence::{TraceRequest, TraceResult};

    #[test]
    fn only_what_several_firearms_share_is_a_sign_and_one_gun_traced_twice_is_one() {
        let gun = |n: u32, firearm: &str, sold: &str, dealer: &str, purchaser: u8| {
            let id = format!("T-{n}");
            let request: TraceRequest = serde_json::from_value(json!({
                "id": id, "firearm": firearm, "recovered": "2024-08-01",
                "serial": if n == 4 { "obliterated" } else { "A1234" },
            }))
            .unwrap();
            let purchaser = format!("P-{purchaser:016x}");
            let result: TraceResult = serde_json::from_value(json!({
                "id": id, "outcome": "purchaser", "dealer": { "name": dealer },
                "sale": { "date": sold, "purchaser": purchaser },
            }))
            .unwrap();
            (request, result)
        };
        let all = [
            gun(1, "F-1", "2023-08-02", "Shop", 1),
            gun(2, "F-2", "2023-08-02", "Shop", 1),
            gun(3, "F-3", "2015", "Other", 2),
            gun(4, "F-4", "2015", "Shop", 3),
            gun(5, "F-3", "2015", "Other", 2),
        ];
        let traces = Traces {
            requests: all.iter().map(|(request, _)| request.clone()).collect(),
            results: all.iter().map(|(_, r)| (r.id.clone(), r.clone())).collect(),
            shipments: Vec::new(),
        };
        let found = indicators(&traces);
        let told: Vec<_> = found.iter().map(|i| (i.sign, i.firearms.len())).collect();
        assert_eq!(
            told,
            [
                (Sign::ShortTimeToCrime, 1),
                (Sign::ShortTimeToCrime, 1),
                (Sign::OnePurchaser, 2),
                (Sign::SoldTogether, 2),
                (Sign::OneDealer, 3),
                (Sign::ObliteratedSerial, 1),
            ]
        );
        assert_eq!(found[2].what, "P-0000000000000001");
    }
}
